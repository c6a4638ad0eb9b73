"""Find the saddle points of each physical branch at many parameter values at once, from many starts.

Every function takes parameters as an array (parameters × B) and answers for all B points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dammech.equations import Compiled, Equations, Theory, compiled
from dammech.solve.newton import TOLERANCE, newton, scale_of_terms

_CHUNK = 6000
_TRIVIAL = 1e-7
COARSE = 8  # points per panel while searching; every state is solved again with the full rule


@dataclass
class States:
    """One state a point: unknowns × B, residual, error, whether it was found, whether it is a local minimum in m, and what
    came short where a candidate was not good enough."""

    system: Compiled
    u: np.ndarray
    p: np.ndarray
    residual: np.ndarray
    error: np.ndarray
    found: np.ndarray
    stable: np.ndarray
    short: list[str | None]

    @property
    def q(self) -> np.ndarray:
        """Edwards–Anderson overlap of each state: 1 at T = 0, and 1 − CT where C is the unknown."""
        if "T" not in self.system.parameters:
            return np.ones(self.u.shape[1])
        return _overlap(self.system, self.u[-1], self.p)

    def outputs(self) -> dict[str, np.ndarray]:
        """Free energy and the other reported quantities; nan where no state was found."""
        values = self.system.outputs(self.u, self.p)
        return {k: np.where(self.found, v, np.nan) for k, v in values.items()}

    def at(self, rows: np.ndarray) -> States:
        """Those in some rows."""
        short = [self.short[k] for k in np.arange(len(self.short))[rows].tolist()]
        own = self.residual[rows], self.error[rows], self.found[rows], self.stable[rows]
        return States(self.system, self.u[:, rows], self.p[:, rows], *own, short)

    def put(self, rows: np.ndarray, better: States) -> None:
        """Put other states into these rows."""
        for name in ("u", "residual", "error", "found", "stable"):
            getattr(self, name)[..., rows] = getattr(better, name)
        for k, row in enumerate(rows.tolist()):
            self.short[row] = better.short[k]


def temperature(system: Equations, p: np.ndarray) -> np.ndarray:
    """The row of parameters that is the temperature; zeros where there is none."""
    return p[system.parameters.index("T")] if "T" in system.parameters else np.zeros(p.shape[1])


def _overlap(system: Equations, last: np.ndarray, p: np.ndarray) -> np.ndarray:
    """q of values of the last unknown, which is q itself or C."""
    return 1 - last * temperature(system, p) if system.unknowns[-1] == "C" else last


def curvature(system: Equations, u: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Slope of the first saddle equation along its order parameter, the others eliminated: positive in a minimum of f(m)."""
    jacobian = np.moveaxis(system.jacobian(u, p)[:, : len(u)], -1, 0)
    if len(u) == 1:
        return jacobian[:, 0, 0]
    with np.errstate(all="ignore"):
        minor = np.linalg.det(jacobian[:, 1:, 1:])
        return np.linalg.det(jacobian) / np.where(minor == 0, np.nan, minor)


def search(system: Compiled, p: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Roots from every start at every point, with a coarse rule: u (unknowns × starts × B), residual, convergence.

    Residuals are in units of the scale of their terms where that is large.
    """
    count, points = starts.shape[1], p.shape[1]
    size = starts.shape[0]
    u = np.empty((size, count, points))
    residual = np.empty((count, points))
    width = max(1, _CHUNK // count)
    for low in range(0, points, width):
        part = slice(low, min(points, low + width))
        block = p[:, part]
        start = starts if starts.ndim == 3 else np.repeat(starts[:, :, None], block.shape[1], axis=2)
        if starts.ndim == 3:
            start = starts[:, :, part]
        start = start.reshape(size, count * block.shape[1])
        roots = newton(system, start, np.tile(block, count), steps=25, polish=False, halvings=5, order=COARSE)
        u[:, :, part] = roots.u.reshape(size, count, block.shape[1])
        rough = np.flatnonzero((roots.residual > TOLERANCE) & (roots.residual < 1e-5))
        if rough.size:
            at = roots.u[:, rough], roots.p[:, rough]
            scale = scale_of_terms(np.moveaxis(system.jacobian(*at), -1, 0), *at).max(axis=1)
            roots.residual[rough] /= scale
        residual[:, part] = roots.residual.reshape(count, -1)
    return u, residual, residual <= TOLERANCE


def finish(system: Compiled, u: np.ndarray, p: np.ndarray, found: np.ndarray) -> States:
    """The states that candidates ``u`` lead to, where they were ``found``, with the full rule and their errors."""
    start = np.where(found, u, np.nan)
    roots = newton(system, start, p, steps=8)
    ok = found & roots.converged
    u = np.where(ok, roots.u, np.nan)
    stable = np.zeros(u.shape[1], dtype=bool)
    if ok.any() and len(u):
        stable[ok] = curvature(system, u[:, ok], p[:, ok]) > 0
    elif ok.any():
        stable[ok] = True
    scale = np.ones(roots.error.shape)  # of C at a finite temperature the error is told as that of q
    if "T" in system.parameters and system.unknowns[-1:] == ["C"]:
        scale[-1] = temperature(system, p)
    error = (scale * roots.error).max(axis=0, initial=0.0)
    short = [roots.shortfall(k) if found[k] and not ok[k] else None for k in range(len(ok))]
    return States(system, u, p, roots.residual, np.where(ok, error, np.inf), ok, stable, short)


def _unknown_starts(theory: Theory, p: np.ndarray, magnetisations: np.ndarray) -> np.ndarray:
    """Starts (unknowns × starts × B) for a state of overlap m: the other unknown as noise or temperature would make it."""
    points = p.shape[1]
    m = magnetisations[:, None]
    if theory.variant == "zero":
        pairs = [(m, np.full_like(m, c)) for c in (1e-6, 0.05, 0.2, 0.5, 1.2)]
        grid = np.concatenate([np.stack(pair) for pair in pairs], axis=1)
        return np.repeat(grid, points, axis=2)
    T = temperature(compiled(theory, "state"), p)[None, :]
    q = [1 - c * np.minimum(T, 1) for c in (0.1, 0.5, 0.9)] + [m**2]
    last = [(1 - x) / T for x in q] if theory.variant == "cold" else q
    return np.concatenate([np.stack(np.broadcast_arrays(m, x, m * T)[:2]) for x in last], axis=1)


def ordered(theory: Theory, p: np.ndarray, *, thorough: bool = True) -> States:
    """The locally stable state of largest overlap m > 0 (retrieval, or a symmetric mixture), where there is one.

    Without ``thorough`` only starts close to perfect retrieval are tried.
    """
    system = compiled(theory, "state")
    best, found = np.full((2, p.shape[1]), np.nan), np.zeros(p.shape[1], dtype=bool)

    # E[η σ] of what is stored is at most the root of E[η²]
    largest = max(float(sum(share * (mean**2 + v) for share, mean, v in theory.model.site_disorder)) ** 0.5, 1.0)

    def overlap(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        good = (u[0] > 1e-6) & (u[0] <= largest * (1 + 1e-9)) & (u[1] > -1e-12)
        if good.any():
            good[good] = curvature(system, u[:, good], p[:, good]) > 0
        return np.where(good, u[0], -np.inf)

    tries = (np.array([0.9999, 0.97, 0.88]), np.array([0.75, 0.55, 0.38, 0.2, 0.08, 0.02]))
    for magnetisations in tries if thorough else tries[:1]:
        rows = np.flatnonzero(~found)
        if rows.size:
            near = magnetisations if largest == 1 else np.append(magnetisations, largest * magnetisations)
            starts = _unknown_starts(theory, p[:, rows], near)
            best[:, rows], found[rows] = _chosen(system, p[:, rows], starts, overlap)
    return finish(system, best, p, found)


def _chosen(
    system: Compiled, p: np.ndarray, starts: np.ndarray, worth: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Of the roots from all starts at each point the one that is worth most, and where there is one: −∞ is not wanted."""
    u, _, ok = search(system, p, starts)
    value = np.full(ok.shape, -np.inf)
    value[ok] = worth(u[:, ok], np.tile(p, ok.shape[0])[:, ok.ravel()])
    found = np.isfinite(value.max(axis=0, initial=-np.inf))
    return np.where(found, u[:, value.argmax(axis=0), np.arange(len(found))], np.nan), found


def glass(theory: Theory, p: np.ndarray) -> States:
    """The m = 0 state of largest q > 0 that is not the paramagnet."""
    choice, found = _extreme(theory, p, 1)
    system = compiled(theory, "state")
    if theory.variant != "zero":  # with a random field the paramagnet itself has q > 0
        para = disordered(theory, p)
        found &= ~(para.found & (para.q > _TRIVIAL) & (np.abs(para.q - _overlap(system, choice, p)) < 1e-6))
    return finish(system, np.where(found, choice, np.nan)[None], p, found)


def _extreme(theory: Theory, p: np.ndarray, sign: int) -> tuple[np.ndarray, np.ndarray]:
    """The unknown at the m = 0 state of largest (+1) or smallest (−1) q > 0, and where there is one."""
    system = compiled(theory, "state")
    sign = -sign if theory.variant == "cold" else sign
    if theory.variant == "zero":
        starts = np.repeat(
            np.array([[1e-4, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.5, 3.0, 8.0]])[:, :, None], p.shape[1], axis=2
        )
    else:
        fixed = np.repeat(np.array([[1e-3, 0.02, 0.1, 0.25, 0.45, 0.65, 0.85, 0.95]])[:, :, None], p.shape[1], axis=2)
        T = temperature(system, p)[None, None, :]
        cold = np.minimum(T, 1.0)
        starts = np.concatenate([fixed, 1 - 0.1 * cold, 1 - 0.4 * cold, 1 - 0.8 * cold], axis=1)
        starts = (1 - starts) / T if theory.variant == "cold" else starts

    def worth(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        q = _overlap(system, u[0], p)
        return np.where((q > _TRIVIAL) & ((q <= 1 + 1e-9) | (theory.variant == "zero")), sign * u[0], -np.inf)

    u, found = _chosen(system, p, starts, worth)
    return u[0], found


def disordered(theory: Theory, p: np.ndarray) -> States:
    """The paramagnet: m = 0 and the smallest q, which is zero unless the interaction has a random-field part."""
    plain = theory.with_(variant="finite") if theory.variant == "cold" else theory
    system = compiled(plain, "state")
    zero = np.zeros((1, p.shape[1]))
    at_zero = np.abs(system.residual(zero, p)).max(axis=0)
    inside = system.inside(zero, p)
    trivial = (at_zero <= 1e-14) & inside
    if trivial.all() or not np.any(at_zero > 1e-14):
        return finish(system, np.where(trivial, zero, np.nan), p, trivial)
    choice, found = _extreme(theory, p, -1)
    origin = 1 / temperature(system, p) if theory.variant == "cold" else 0.0
    return finish(compiled(theory, "state"), np.where(trivial, origin, choice)[None], p, trivial | found)
