"""All states of a theory along one parameter: sought at many of its values, and followed through folds in between.

Every array has the strands on its last axis, so that hundreds are followed at once; what they pass on the way (folds, zeros,
equal free energies) is only located here, for systems of equations that solve it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from dammech.equations import Compiled
from dammech.solve.states import search

_COARSE = 8
_LONGEST, _SHORTEST = 0.25, 1e-4
_POINTS = 150
_CORRECTIONS = 6
_LEVELS: dict[int, tuple[float, ...]] = {
    1: (0.0, *(sign * x for x in (3e-3, 0.03, 0.1, 0.25, 0.5, 0.75, 0.95, 1.4, 2.5, 6.0, 25.0, 100.0) for sign in (1, -1))),
    2: (0.0, 0.1, 0.5, 0.95, -0.5, -0.95, 3.0),
    3: (0.0, 0.1, 0.5, 0.95, -0.6),
}
_MOST_STARTS = 256


@dataclass
class Strands:
    """Pieces of branches between neighbouring values of a parameter; nan beyond an end.

    Attributes
    ----------
    u : array, unknowns × points × strands
    p : array, parameters × points × strands
    along : array, (unknowns and the parameter) × points × strands
        Tangents; the parameter's component changes sign at a fold.
    """

    u: np.ndarray
    p: np.ndarray
    along: np.ndarray


def starts(system: Compiled, p: np.ndarray) -> np.ndarray:
    """Where to start a search for all states (unknowns × starts × points): both signs, beyond 1, the theory's own place."""
    size, own = len(system.unknowns), system.start(p)
    levels = _LEVELS.get(size, (0.05, 0.5, 0.95, -0.6))
    if len(levels) ** size <= _MOST_STARTS:
        places = np.array(list(itertools.product(levels, repeat=size))).T.reshape(size, len(levels) ** size)
    else:
        places = np.random.default_rng(1).choice(levels, (size, _MOST_STARTS))
    places = np.repeat(places[:, :, None], p.shape[1], axis=2)
    return np.concatenate([places, own[:, None]], axis=1) if own.size else places


def all_states(system: Compiled, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every state that the search finds: u (unknowns × starts × points), and which of them are distinct roots."""
    if not system.unknowns:
        return np.empty((0, 1, p.shape[1])), system.inside(np.empty((0, p.shape[1])), p)[None]
    u, _, ok = search(system, p, starts(system, p))
    for k in range(1, ok.shape[0]):
        close = np.abs(u[:, :k] - u[:, [k]]) <= 1e-5 * np.maximum(1e-2, np.abs(u[:, [k]]))
        ok[k] &= ~(close.all(axis=0) & ok[:k]).any(axis=0)
    return u, ok


def strands(
    system: Compiled, u: np.ndarray, p: np.ndarray, which: int, low: np.ndarray, high: np.ndarray, towards: np.ndarray
) -> Strands:
    """Follow states (unknowns × B) in parameter ``which`` until it leaves [low, high], the first way given by a sign.

    Parameters
    ----------
    system : Compiled
        The state.
    u, p : arrays
        States, and parameters.
    which : int
    low, high, towards : arrays of B
    """
    size, count = u.shape
    unit = np.array([np.quantile(np.abs(row), 0.9) or 1.0 for row in u]) if count else np.ones(size)
    unit = np.concatenate([np.repeat(unit[:, None], count, axis=1), [high - low]])
    x = np.concatenate([u, p[[which]]])
    step = np.full(count, 0.05)
    tangent = _corrected(system, x, p, which, np.maximum(np.abs(x), unit), 0)[1]
    tangent *= np.where(tangent[-1] * towards < 0, -1.0, 1.0)
    table, along = [x], [tangent]
    alive = np.isfinite(tangent).all(axis=0)
    for _ in range(_POINTS):
        rows = np.flatnonzero(alive)
        if rows.size == 0:
            break
        scale = np.maximum(np.abs(x[:, rows]), unit[:, rows])
        scale[-1] = unit[-1, rows]
        direction = tangent[:, rows] / scale
        direction /= np.linalg.norm(direction, axis=0)
        guess = x[:, rows] + step[rows] * scale * direction
        y, turned, converged = _corrected(system, guess, p[:, rows], which, scale, _CORRECTIONS)
        cosine = (turned / scale * direction).sum(axis=0)
        turned = turned * np.where(cosine < 0, -1.0, 1.0)
        away = np.linalg.norm((y - guess) / scale, axis=0)
        good = converged & (np.abs(cosine) > 0.8) & (away < 0.5 * step[rows])
        passed = rows[good]
        x, tangent = x.copy(), tangent.copy()
        x[:, passed], tangent[:, passed] = y[:, good], turned[:, good]
        held = np.full_like(x, np.nan)
        held[:, passed] = x[:, passed]
        table.append(held)
        along.append(np.where(np.isnan(held), np.nan, tangent))
        alive[passed] = (x[-1, passed] >= low[passed]) & (x[-1, passed] <= high[passed])
        step[passed] = np.minimum(1.5 * step[passed], _LONGEST)
        step[rows[~good]] /= 3
        alive &= step > _SHORTEST
    return _packed(np.array(table), np.array(along), p, which)


def _packed(table: np.ndarray, along: np.ndarray, p: np.ndarray, which: int) -> Strands:
    """Points × components × strands, without the gaps where a step was refused."""
    order = np.argsort(np.isnan(table[:, -1]), axis=0, kind="stable")[:, None]
    table, along = (np.moveaxis(np.take_along_axis(a, order, axis=0), 0, 1) for a in (table, along))
    whole = np.repeat(p[:, None], table.shape[1], axis=1)
    whole[which] = table[-1]
    return Strands(table[:-1], whole, along)


def _corrected(
    system: Compiled, x: np.ndarray, p: np.ndarray, which: int, scale: np.ndarray, steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The closest solution to each x (Moore–Penrose), the tangent there (of length 1 in the scale), and whether it is one."""
    size = len(x) - 1
    columns = [*range(size), size + which]
    x, p = x.copy(), p.copy()
    converged = np.zeros(x.shape[1], dtype=bool)
    for iteration in range(steps + 1):
        p[which] = x[-1]
        value = system.residual(x[:size], p, _COARSE)
        matrix = np.moveaxis(system.jacobian(x[:size], p, _COARSE)[:, columns] * scale, -1, 0)
        length = np.maximum(np.abs(matrix).max(axis=2, initial=0.0), 1e-300).T
        fine = np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(value).all(axis=0) & system.inside(x[:size], p)
        converged = fine & (np.abs(value) <= 1e-9 * np.maximum(length, 1e-3)).all(axis=0)
        left, values, right = np.linalg.svd(np.where(fine[:, None, None], matrix, 0.0))
        # exact zeros stay zero: an overlap at the edge of its domain must not cross it by rounding
        right = np.where(np.abs(right) < 1e-13, 0.0, right)
        if iteration == steps or converged.all():
            break
        part = np.einsum("bji,jb->bi", left, np.where(fine, value, 0.0))
        part /= np.maximum(values, 1e-9 * values.max(axis=1, initial=1e-300)[:, None])
        change = np.einsum("bij,bi->jb", right[:, :size], part)
        x -= np.where(np.abs(change) < 1e-300, 0.0, change) * scale * ~converged
    tangent = right[:, -1].T * scale
    return x, np.where(fine, tangent, np.nan), converged
