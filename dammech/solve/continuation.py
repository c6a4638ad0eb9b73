"""Pseudo-arclength continuation (keller1977): follow a curve of solutions through its folds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dammech.equations import Equations
from dammech.equations.quadrature import ORDER


def trace(
    system: Equations,
    u: np.ndarray,
    p: np.ndarray,
    free: tuple[int, ...],
    *,
    scale: np.ndarray,
    towards: np.ndarray,
    keep: Callable[[np.ndarray, np.ndarray], bool],
    step: float = 0.05,
    smallest: float = 1e-5,
    largest: float = 0.2,
    points: int = 400,
    tolerance: float = 1e-10,
    order: int = ORDER,
    lowest: float | np.ndarray = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Follow the curve of solutions through (u, p).

    Parameters
    ----------
    system : Equations
        One equation fewer than unknowns plus free parameters.
    u, p : arrays
        A solution: unknowns, parameters.
    free : indices of the parameters that vary.
    scale : array
        Natural size of each unknown and free parameter; arclength is measured in it.
    towards : array
        The first tangent is chosen to have a positive product with it (in scaled variables).
    keep : callable
        Whether a point (u, p) still belongs to the curve that is wanted; the curve ends before the first that does not.
    step, smallest, largest : float
        First, smallest and largest arclength between points.
    points : int
        At most so many.
    tolerance, order : float, int
        Residual of the points, in units of an equation's slope where that is small, and points per panel of the quadrature:
        rough ones do where the points are only guesses.
    lowest : float or array
        No free parameter is tried below it.

    Returns
    -------
    u, p : arrays, (unknowns or parameters) × points, the start included
    """
    size = len(u)
    columns = [*range(size), *(size + k for k in free)]

    def split(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        full = np.array(p, dtype=float)
        full[list(free)] = x[size:] * scale[size:]
        return x[:size] * scale[:size], full

    def residual(x: np.ndarray) -> np.ndarray:
        a, b = split(x)
        if np.any(b[list(free)] < lowest) or not system.inside(a[:, None], b[:, None])[0]:
            return np.full(len(x) - 1, np.nan)
        return system.residual(a[:, None], b[:, None], order)[:, 0]

    def jacobian(x: np.ndarray) -> np.ndarray:
        a, b = split(x)
        return system.jacobian(a[:, None], b[:, None], order)[:, columns, 0] * scale

    x = np.concatenate([u, np.asarray(p, dtype=float)[list(free)]]) / scale
    matrix = jacobian(x)
    if not np.isfinite(matrix).all():
        points = 1
        matrix = np.zeros_like(matrix)
    tangent = _null(matrix)
    tangent *= np.sign(tangent @ towards) or 1.0
    found = [x]
    while len(found) < points:
        guess = x + step * tangent
        y, matrix, iterations = _correct(residual, jacobian, guess, tangent, tolerance)
        turned = _null(matrix) if y is not None else tangent
        turned *= np.sign(turned @ tangent) or 1.0
        if y is None or turned @ tangent < 0.75 or np.linalg.norm(y - guess) > step:
            step /= 2
            if step < smallest:
                break
            continue
        if not keep(*split(y)):
            step /= 4
            if step < smallest * 10:
                break
            continue
        x, tangent = y, turned
        found.append(x)
        if iterations <= 3:
            step = min(step * 1.6, largest)
    table = np.array(found).T
    parts = [split(y) for y in table.T]
    return np.array([a for a, _ in parts]).T.reshape(size, len(parts)), np.array([b for _, b in parts]).T


def both_ways(
    system: Equations, u: np.ndarray, p: np.ndarray, free: tuple[int, ...], *, towards: np.ndarray, **how: Any
) -> tuple[np.ndarray, np.ndarray]:
    """The whole curve of solutions through (u, p), in the direction of ``towards``; the arguments are those of `trace`."""
    back, on = (trace(system, u, p, free, towards=sign * towards, **how) for sign in (-1.0, 1.0))
    return np.concatenate([back[0][:, :0:-1], on[0]], axis=1), np.concatenate([back[1][:, :0:-1], on[1]], axis=1)


def _correct(
    residual: Callable[[np.ndarray], np.ndarray],
    jacobian: Callable[[np.ndarray], np.ndarray],
    guess: np.ndarray,
    tangent: np.ndarray,
    tolerance: float,
) -> tuple[np.ndarray | None, np.ndarray, int]:
    """The solution next to the guess, the Jacobian close to it, and the number of steps."""
    x = guess.copy()
    matrix = np.empty(0)
    last = np.inf
    for iteration in range(6):
        r = residual(x)
        size = np.abs(r).max()
        if not np.isfinite(size) or size > 2 * last:
            return None, matrix, iteration
        last = size
        if iteration and np.all(np.abs(r) <= tolerance * np.minimum(1, np.linalg.norm(matrix, axis=1))):
            return x, matrix, iteration
        matrix = jacobian(x)
        if not np.isfinite(matrix).all():
            return None, matrix, iteration
        try:
            x = x - np.linalg.solve(np.vstack([matrix, tangent]), np.append(r, tangent @ (x - guess)))
        except np.linalg.LinAlgError:
            return None, matrix, iteration
    return None, matrix, 6


def _null(matrix: np.ndarray) -> np.ndarray:
    return np.linalg.svd(matrix)[2][-1]
