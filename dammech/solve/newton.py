"""Newton's method with the generated Jacobian, on many points at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.equations import Equations
from dammech.equations.quadrature import CHECK_ORDER, ORDER

#: largest undamped residual of a solution, in units of the scale of its equation's terms, at least 1
TOLERANCE = 1e-10

#: largest estimated error of an unknown, in units of its size, at least 1, and of a parameter that is solved for, of its size
ERROR_TOLERANCE = 1e-7

_POLISHING = 3
_MULTIPLE = 1e-2  # at a multiple root the equations say nothing nearby; they must say something as far as this away
_SOMETHING = 1e-13


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
        Whether residual and errors are below their tolerances, each in units of its own scale.
    """

    u: np.ndarray
    p: np.ndarray
    residual: np.ndarray
    error: np.ndarray
    converged: np.ndarray

    def shortfall(self, k: int) -> str:
        """Why point ``k`` did not converge, in words."""
        worst = float(self.error[:, k].max(initial=0.0))
        if not self.residual[k] <= TOLERANCE:
            return f"the smallest residual reached is {self.residual[k]:.2g}"
        if np.isfinite(worst):
            return f"the estimated error of the solution, {worst:.2g}, is above its tolerance"
        return "the equations do not determine their unknowns here (a multiple root, or a plateau)"


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
    lowest: float = 0.0,
) -> Roots:
    """Solve ``system`` = 0 from starts ``u``, together with the parameters whose indices are in ``free``.

    Steps are halved until the residual falls and the point stays in the theory's domain; free parameters stay ≥ ``lowest``.
    A point counts as converged on its undamped residual and on its estimated errors. ``order`` is the quadrature's; a search
    may use a lower one and leave out the ``polish``, which estimates errors, if what it finds is solved again.
    """
    u, p = np.array(u, dtype=float), np.array(p, dtype=float)
    size = len(u)
    columns = [*range(size), *(size + k for k in free)]
    value, norm = _evaluate(system, u, p, order)
    if not columns:  # nothing is unknown
        return Roots(u, p, norm, np.zeros((0, u.shape[1])), np.isfinite(norm))
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
            trial[np.any(trial_p[list(free)] < lowest, axis=0)] = np.inf
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
    converged = np.zeros(u.shape[1], dtype=bool)
    rows = np.flatnonzero(np.isfinite(norm))
    for round_ in range(_POLISHING + 1):
        if rows.size:
            error[:, rows], converged[rows], step = _judged(system, u[:, rows], p[:, rows], value[:, rows], columns)
        wanting = ~converged[rows] & (norm[rows] <= np.sqrt(TOLERANCE))
        if round_ == _POLISHING or not wanting.any():
            break
        # where the equations are flat, a small residual is not yet a solution
        rows, step = rows[wanting], step[:, wanting]
        trial_u, trial_p = u[:, rows] - step[:size], p[:, rows].copy()
        for k, index in enumerate(free):
            trial_p[index] -= step[size + k]
        trial_value, trial = _evaluate(system, trial_u, trial_p, order)
        trial[np.any(trial_p[list(free)] < lowest, axis=0)] = np.inf
        better = trial <= norm[rows]
        rows = rows[better]
        u[:, rows], p[:, rows] = trial_u[:, better], trial_p[:, better]
        value[:, rows], norm[rows] = trial_value[:, better], trial[better]
    return Roots(u, p, norm, error, converged)


def _judged(
    system: Equations, u: np.ndarray, p: np.ndarray, value: np.ndarray, columns: list[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimated errors of unknowns and free parameters, whether they and the residuals are small, and Newton's next step."""
    size = len(u)
    slopes = np.moveaxis(system.jacobian(u, p), -1, 0)
    whole, signed = np.abs(slopes), slopes[:, :, columns]
    unit = np.maximum(np.abs(u), 1.0).T
    terms = scale_of_terms(whole, u, p)
    wanting = np.abs(system.residual(u, p, CHECK_ORDER) - value) + np.abs(value)
    error = _spread(signed, wanting.T)
    exact = np.flatnonzero((wanting == 0).all(axis=0) & ~np.isfinite(error).all(axis=1))
    if exact.size:
        error[exact] = np.where(_isolated(system, u[:, exact], p[:, exact], signed[exact], columns), 0.0, np.inf)[:, None]
    small = (wanting.T <= TOLERANCE * terms).all(axis=1) & (error[:, :size] <= ERROR_TOLERANCE * unit).all(axis=1)
    strongest = (whole[:, :, :size] * unit[:, None]).max(axis=(1, 2), initial=0.0)
    for k, column in enumerate(columns[size:]):
        # a parameter that may vanish is measured by what changes the equations as much as the unknowns do
        with np.errstate(all="ignore"):
            natural = np.fmin(strongest / whole[:, :, column].max(axis=1), 1.0)
        small &= error[:, size + k] <= ERROR_TOLERANCE * np.maximum(np.abs(p[column - size]), natural)
    return error.T, small, _solve(signed, value.T).T


def scale_of_terms(jacobian: np.ndarray, u: np.ndarray, p: np.ndarray) -> np.ndarray:
    """How large the terms of each equation are, points × equations: at least 1."""
    slopes = np.where(np.isfinite(jacobian), np.abs(jacobian), 0.0)  # one in a parameter at its edge may have no value
    return np.maximum((slopes * np.abs(np.concatenate([u, p]).T)[:, None]).max(axis=2, initial=0.0), 1.0)


def _isolated(
    system: Equations, u: np.ndarray, p: np.ndarray, matrices: np.ndarray, columns: list[int]
) -> np.ndarray:
    """Whether the equations no longer hold a little further along any direction: a root that is exact, though multiple."""
    size, found = len(u), np.isfinite(matrices).all(axis=(1, 2))  # where there are no slopes nothing is known
    rows = np.linalg.svd(np.nan_to_num(matrices, posinf=0.0, neginf=0.0))[2]
    softest = np.moveaxis(rows, 0, -1)  # directions × unknowns × points
    mixed = [softest[-1] + sign * other for other in softest[:-1] for sign in (1.0, -1.0)]
    point = np.concatenate([u, p])
    reach = _MULTIPLE * np.maximum(np.abs(point[columns]).max(axis=0), 1.0)
    for direction in (*np.eye(len(columns))[:, :, None], *softest, *mixed):
        for sign in (1.0, -1.0):
            moved = point.copy()
            moved[columns] += sign * reach * direction
            found &= (np.abs(system.residual(moved[:size], moved[size:])) > _SOMETHING).any(axis=0)
    return found


def _spread(matrices: np.ndarray, wanting: np.ndarray) -> np.ndarray:
    """Σ |J⁻¹| |c| for a stack of square systems: by how much the unknowns may be off; infinite where J is singular."""
    with np.errstate(all="ignore"):
        # unknowns first, each in a unit of its own: a load may be 1e-80, and then all else in its rows would vanish beside it
        columns = np.abs(matrices).max(axis=1, initial=0.0)
        scaled = matrices / columns[:, None, :]
        rows = np.abs(scaled).max(axis=2, initial=0.0)
        scaled = scaled / rows[:, :, None]
        result = np.full(matrices.shape[::2], np.inf)
        good = np.flatnonzero(np.isfinite(scaled).all(axis=(1, 2)))
        good = good[np.linalg.cond(scaled[good]) < 1 / np.finfo(float).eps] if good.size else good
        result[good] = np.einsum("bij,bj->bi", np.abs(np.linalg.inv(scaled[good])), wanting[good] / rows[good])
        result[good] /= columns[good]
    return np.where(np.isnan(result), np.inf, result)


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
