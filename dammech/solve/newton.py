"""Newton's method with the generated Jacobian, on many points at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.equations import Equations
from dammech.equations.quadrature import CHECK_ORDER, ORDER

#: largest undamped residual of a solution
TOLERANCE = 1e-10


@dataclass
class Roots:
    """Result of Newton's method at B points.

    Attributes
    ----------
    u : array, unknowns × B
    p : array, parameters × B
        Parameters, the free ones solved for.
    residual : array of B
        Largest undamped residual.
    error : array, (unknowns + free parameters) × B
        Estimated error of each: the Newton step that the residual and the quadrature error still ask for.
    converged : array of B
    """

    u: np.ndarray
    p: np.ndarray
    residual: np.ndarray
    error: np.ndarray
    converged: np.ndarray


def newton(
    system: Equations,
    u: np.ndarray,
    p: np.ndarray,
    free: tuple[int, ...] = (),
    *,
    steps: int = 40,
    polish: bool = True,
    halvings: int = 12,
    order: int = ORDER,
) -> Roots:
    """Solve ``system`` = 0 from starts ``u``, together with the parameters whose indices are in ``free``.

    Steps are halved until the residual falls and the point stays in the theory's domain; free parameters stay ≥ 0. A
    point counts as converged on its undamped residual alone. ``order`` is the quadrature's; a search may use a lower one
    if what it finds is solved again.
    """
    u, p = np.array(u, dtype=float), np.array(p, dtype=float)
    size = len(u)
    columns = [*range(size), *(size + k for k in free)]
    value, norm = _evaluate(system, u, p, order)
    active = np.isfinite(norm)
    before = np.full(norm.shape, np.inf)
    for iteration in range(steps):
        rows = np.flatnonzero(active & (norm > 1e-15))
        if iteration % 5 == 4:  # a root at a fold still quarters the residual each step; no root stalls
            active &= (norm < before / 4) | (norm < 1e-9)
            before = norm.copy()
        if rows.size == 0:
            break
        step = _step(system, u[:, rows], p[:, rows], value[:, rows], columns, order)
        fraction = np.ones(rows.size)
        pending = np.arange(rows.size)
        for _ in range(halvings):
            chosen = rows[pending]
            trial_u = u[:, chosen] - fraction[pending] * step[:size, pending]
            trial_p = p[:, chosen].copy()
            for k, index in enumerate(free):
                trial_p[index] -= fraction[pending] * step[size + k, pending]
            trial_value, trial = _evaluate(system, trial_u, trial_p, order)
            trial[np.any(trial_p[list(free)] < 0, axis=0)] = np.inf
            better = trial < norm[chosen] * (1 - 1e-4 * fraction[pending])
            accepted = chosen[better]
            u[:, accepted], p[:, accepted] = trial_u[:, better], trial_p[:, better]
            value[:, accepted], norm[accepted] = trial_value[:, better], trial[better]
            pending = pending[~better]
            stuck = norm[rows[pending]] < 1e-11  # at the rounding of the residual, shorter steps do not help
            active[rows[pending[stuck]]] = False
            pending = pending[~stuck]
            if pending.size == 0:
                break
            fraction[pending] /= 2
        active[rows[pending]] = False
    if not polish:
        return Roots(u, p, norm, np.zeros((len(columns), u.shape[1])), norm <= TOLERANCE)
    error = np.full((len(columns), u.shape[1]), np.inf)
    good = np.flatnonzero(norm <= TOLERANCE)
    if good.size:
        check = np.abs(system.residual(u[:, good], p[:, good], CHECK_ORDER) - value[:, good]) + np.abs(value[:, good])
        jacobian = np.moveaxis(system.jacobian(u[:, good], p[:, good])[:, columns], -1, 0)
        error[:, good] = np.abs(_solve(jacobian, check.T)).T
    return Roots(u, p, norm, error, norm <= TOLERANCE)


def _evaluate(system: Equations, u: np.ndarray, p: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Residuals, and their largest at each point: infinite outside the domain."""
    value = system.residual(u, p, order)
    size = np.abs(value).max(axis=0, initial=0.0)
    return value, np.where(np.isfinite(size) & system.inside(u, p), size, np.inf)


def _step(
    system: Equations, u: np.ndarray, p: np.ndarray, value: np.ndarray, columns: list[int], order: int
) -> np.ndarray:
    jacobian = np.moveaxis(system.jacobian(u, p, order)[:, columns], -1, 0)
    return _solve(jacobian, value.T).T


def _solve(matrices: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve a stack of small systems, columns scaled; singular ones by least squares."""
    matrices = np.nan_to_num(matrices, nan=0.0, posinf=1e300, neginf=-1e300)
    scale = np.abs(matrices).max(axis=1)
    scale[scale == 0] = 1.0
    scaled = matrices / scale[:, None, :]
    try:
        found = np.linalg.solve(scaled, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        found = np.stack([np.linalg.lstsq(a, b, rcond=None)[0] for a, b in zip(scaled, right)])
    return found / scale
