"""States of broken replica symmetry: found from a scan over block sizes, never by falling from a replica-symmetric root.

At a fixed innermost block size θ the other equations are solved from far above, by iteration and Newton's method; the state
is where the equation of θ changes sign. Roots that only repeat a simpler ansatz are known by name and left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from dammech.declared.states import Model
from dammech.equations import Equations, Theory
from dammech.solve.continuation import trace
from dammech.solve.newton import TOLERANCE, Roots, newton
from dammech.solve.transformed import Transformed, holding, parted, parting, state_of

_COARSE = 8
_ROUNDS = 40
_BETWEEN = 14
_SETTLED = 1e-4
#: overlaps closer than this, relative to 1 − q_0, are one overlap: the state is replica symmetric
DISTINCT = 1e-5
#: 1 − q_0 below this is not resolved by double precision from the replica-symmetric state at T = 0
RESOLVED = 1e-9
#: largest relative error of a block size, and of the distance between levels
WORST_SIZE, WORST_GAP = 1e-3, 1e-3
_BEYOND_FOLD = 0.01
_COLD = 0.01  # a temperature at which the state at T = 0 is a good start


@dataclass
class Broken:
    """One state a point: unknowns × B, with residual, error, whether it was found, and what a candidate came short of.

    Attributes
    ----------
    system : Equations
    u, p : arrays, unknowns or parameters × B
    residual, found : arrays of B
    error : array, unknowns × B
    """

    system: Equations
    u: np.ndarray
    p: np.ndarray
    residual: np.ndarray
    error: np.ndarray
    found: np.ndarray
    short: list[str | None]

    def outputs(self) -> dict[str, np.ndarray]:
        """Free energy and the other quantities; nan where no state was found."""
        with np.errstate(all="ignore"):
            values = self.system.outputs(self.u, self.p)
        return {k: np.where(self.found, v, np.nan) for k, v in values.items()}


@cache
def has_random_field(model: Model) -> bool:
    """Whether the noise acts on the m = 0 state even at q = 0: ξ'(0) > 0."""
    return model.noise_powers is None or 1 in model.noise_powers


def pairwise(model: Model) -> bool:
    """Whether ξ ∝ q²: the m = 0 state breaks symmetry continuously and nowhere else."""
    return model.noise_powers == (2,)


def starts_pairwise(model: Model) -> bool:
    """Whether ξ has a q² term, so that the m = 0 state can break symmetry continuously with q_0 > 0."""
    return model.noise_powers is None or 2 in model.noise_powers


def branch_theory(target: Theory, branch: str, variant: str) -> Theory:
    """The theory in which a branch is a plain saddle point: m = 0 outside retrieval, and q_0 = 0 in a pure glass."""
    fixed: list[tuple[str, float]] = []
    if branch != "retrieval":
        if "m" in target.model.order_parameters:
            fixed.append(("m", 0))
        if not (has_random_field(target.model) or starts_pairwise(target.model)):
            fixed.append(("q0", 0))
    return target.with_(variant=variant, fixed=tuple(fixed))


def size_name(variant: str) -> str:
    """The unknown that is scanned: θ, or y = βθ at T = 0."""
    return "y" if variant == "zero" else "theta"


def sizes_to_scan(variant: str, temperature: float, load_scale: float, lowest: float = 0.05) -> np.ndarray:
    """Block sizes from nearly none to all, dense where y = βθ times the width of the noise is of order one."""
    slopes = np.geomspace(lowest, 400, 6 + round(4 * np.log10(400 / lowest))) / load_scale
    if variant == "zero":
        return slopes
    inside = slopes * temperature
    inside = inside[inside < 0.9]
    top = np.array([0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0])  # at θ = 1 the state has condensed or not
    return np.unique(np.concatenate([inside, top[top > inside.max(initial=0.0)]]))


def find_broken(target: Theory, branch: str, variant: str, p: np.ndarray, *, thorough: bool = True) -> Broken:
    """The broken-symmetry state of a branch at each point, where one exists that is distinct from a simpler ansatz.

    Parameters
    ----------
    target : Theory
        With ansatz ``1rsb``.
    branch : str
        ``retrieval``, or ``spin-glass`` or ``glass`` for m = 0.
    variant : str
        ``finite`` or ``zero``.
    p : array, parameters × B
        Neighbours along a line are solved from each other.
    thorough : bool
        Also look where a scan has nothing to start from: beyond the replica-symmetric spinodal and close to the onset.
    """
    system = state_of(branch_theory(target, branch, variant))
    size, points = len(system.unknowns), p.shape[1]
    result = Broken(
        system, np.full((size, points), np.nan), p, np.full(points, np.inf), np.full((size, points), np.inf),
        np.zeros(points, dtype=bool), [None] * points,
    )
    for k in range(points):
        start = None
        if k and result.found[k - 1]:  # next to a point already found
            roots = newton(system, result.u[:, [k - 1]], p[:, [k]])
            if shortfall(system, roots, branch) is None and _close(result.u[:, k - 1], roots.u[:, 0]):
                start = roots
        if start is None:
            guess = scan(target, system, branch, variant, p[:, k])
            if guess is None and variant == "finite" and p[-1, k] <= _COLD:
                guess = _from_zero_temperature(target, system, branch, p[:, k])
            if guess is None and thorough and branch == "retrieval":
                guess = _from_elsewhere(target, system, branch, variant, p[:, k], 0)
            elif guess is None and thorough and variant == "finite":
                guess = _from_elsewhere(target, system, branch, variant, p[:, k], p.shape[0] - 1)
            if guess is not None:
                start = newton(system, guess[:, None], p[:, [k]])
        if start is not None:
            result.short[k] = shortfall(system, start, branch)
            if result.short[k] is None:
                result.u[:, k], result.residual[k], result.found[k] = start.u[:, 0], start.residual[0], True
                result.error[:, k] = start.error[:, 0]
    return result


def shortfall(system: Equations, roots: Roots, branch: str) -> str | None:
    """What a root lacks to be a distinct state that is resolved; None where nothing.

    The equation of the block size is nearly degenerate, and each distance from a simpler ansatz must exceed its own error.
    """
    if not roots.converged[0]:
        return f"a candidate was found, but {roots.shortfall(0)}"
    if not distinct(system, roots.u, branch)[0]:
        return "the search led to a replica-symmetric state only"
    values, error = (dict(zip(system.unknowns, x[:, 0])) for x in (roots.u, roots.error))
    size = "theta" if "theta" in values else "y"
    gap = values.get("q1", 1.0) - values.get("q0", 0.0)
    if (
        error[size] > WORST_SIZE * values[size]
        or error.get("q0", 0.0) + error.get("q1", 0.0) > WORST_GAP * gap
        or (size == "theta" and error[size] > 1 - values[size])
    ):
        return "a candidate was found, but its distance from the replica-symmetric state is not resolved"
    return None


def distinct(system: Equations, u: np.ndarray, branch: str) -> np.ndarray:
    """Whether states are none of the degenerate ones: q_1 = q_0, θ = 1, q_0 → 1, or m = 0 on the retrieval branch."""
    values = dict(zip(system.unknowns, u))
    size = values.get("theta", values.get("y"))
    assert size is not None
    return (size > 1e-9) & (size < (1 if "theta" in values else np.inf)) & _apart(values, branch)


def _apart(values: dict[str, np.ndarray], branch: str) -> np.ndarray:
    """Whether the overlaps of states are distinct, whatever their block size."""
    size = next(iter(values.values())).shape
    outer, inner = values.get("q0", np.zeros(size)), values.get("q1", np.ones(size))
    ok = (inner - outer > DISTINCT * (1 - outer)) & (1 - outer > RESOLVED) & (outer > -1e-12)
    if branch == "retrieval":
        ok &= values["m"] > 1e-3
    return ok


def scan(target: Theory, system: Equations, branch: str, variant: str, p: np.ndarray) -> np.ndarray | None:
    """An approximate state at one point, from solutions at fixed block sizes between which the equation of θ changes sign.

    Where they end between two sizes before it does, more sizes are tried in between.
    """
    sizes, held, roots, watched, good = at_fixed_sizes(target, system, branch, variant, p)
    ends = [k for k in np.flatnonzero(good[:-1] != good[1:]) if (watched[k] < 0 if good[k] else watched[k + 1] > 0)]
    for k in (None, *ends):
        if k is not None:
            between = np.geomspace(sizes[k], sizes[k + 1], _BETWEEN)
            more, held, roots, watched, good = at_fixed_sizes(target, system, branch, variant, p, between)
        else:
            more = sizes
        changes = np.flatnonzero(good[:-1] & good[1:] & (watched[:-1] < 0) & (watched[1:] >= 0))
        if changes.size:
            j = int(changes[0])
            t = watched[j] / (watched[j] - watched[j + 1])
            u = (1 - t) * roots[:, j] + t * roots[:, j + 1]
            x, _ = held.whole(u[:, None], np.append(p, (1 - t) * more[j] + t * more[j + 1])[:, None])
            return x[:, 0]
    return None


def at_fixed_sizes(
    target: Theory, system: Equations, branch: str, variant: str, p: np.ndarray, sizes: np.ndarray | None = None
) -> tuple[np.ndarray, Transformed, np.ndarray, np.ndarray, np.ndarray]:
    """Solutions at fixed block sizes: the sizes, the held system, its roots, the equation of θ, and which are distinct."""
    name = size_name(variant)
    held = holding(system, (name,))
    temperature = 0.0 if variant == "zero" else float(p[-1])
    if sizes is None:
        lowest = 0.05 if branch == "retrieval" or not starts_pairwise(target.model) else 0.002  # θ → 0 at a continuous onset
        sizes = sizes_to_scan(variant, temperature, _noise_width(target.model, p), lowest)
    grid = np.concatenate([np.repeat(p[:, None], sizes.size, axis=1), sizes[None]])
    slopes = sizes if variant == "zero" else sizes / temperature
    u = _iterated(held, _from_above(held, slopes * _noise_width(target.model, p), temperature), grid)
    roots = newton(held, u, grid, polish=False, order=_COARSE)
    u = newton(held, roots.u, grid, steps=6, polish=False).u
    watched, good = _judged(held, u, grid, branch, target.model)
    before = good.copy()
    _sweep(held, u, grid, good, branch, target.model)
    new = np.flatnonzero(good & ~before)
    if new.size:
        watched[new], good[new] = _judged(held, u[:, new], grid[:, new], branch, target.model)
    return sizes, held, u, watched, good


def _iterated(held: Transformed, u: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """States some way down the iteration x → map(x) of the equations x − map(x); those that have settled are left alone."""
    u, active = u.copy(), np.arange(u.shape[1])
    for _ in range(_ROUNDS):
        x, p = u[:, active], grid[:, active]
        step = np.nan_to_num(held.residual(x, p, _COARSE), nan=0.0)
        new, pending = x.copy(), np.ones(active.size, dtype=bool)
        for fraction in (1.0, 0.5, 0.1):
            trial = x - fraction * step
            ok = pending & held.inside(trial, p) & np.all(np.abs(trial) < 50, axis=0)
            new[:, ok] = trial[:, ok]
            pending &= ~ok
        u[:, active] = new
        active = active[np.abs(new - x).max(axis=0) > _SETTLED]
        if active.size == 0:
            break
    return u


def _from_zero_temperature(target: Theory, system: Equations, branch: str, p: np.ndarray) -> np.ndarray | None:
    """The state at T = 0 with q_1 = 1 − CT and θ = yT."""
    cold = find_broken(target, branch, "zero", p[:-1, None], thorough=False)
    if not cold.found[0]:
        return None
    values = dict(zip(cold.system.unknowns, cold.u[:, 0]))
    values |= {"q1": 1 - values.pop("C") * p[-1], "theta": values.pop("y") * p[-1]}
    return np.array([values[name] for name in system.unknowns])


def _from_elsewhere(
    target: Theory, system: Equations, branch: str, variant: str, p: np.ndarray, which: int
) -> np.ndarray | None:
    """An approximate state from one at a lower load (or temperature), followed along its branch.

    Beyond the replica-symmetric spinodal, and close to where symmetry starts to break, a scan has nothing to start from.
    """
    for fraction in (0.97, 0.9, 0.75):
        below = p.copy()
        below[which] *= fraction
        guess = scan(target, system, branch, variant, below)
        roots = None if guess is None else newton(system, guess[:, None], below[:, None])
        if roots is None or shortfall(system, roots, branch) is not None:
            continue
        u, values = along(system, roots.u[:, 0], below, branch, which, p[which])
        after = np.flatnonzero(values[: int(np.argmax(values)) + 1] >= p[which])
        if after.size == 0:
            return None
        j = int(after[0])
        t = (p[which] - values[j - 1]) / (values[j] - values[j - 1])
        return (1 - t) * u[:, j - 1] + t * u[:, j]
    return None


def along(
    system: Equations, u: np.ndarray, p: np.ndarray, branch: str, which: int = 0, until: float = np.inf, points: int = 120
) -> tuple[np.ndarray, np.ndarray]:
    """States (unknowns × points) along a branch and their values of a parameter, upwards, through a fold or to ``until``."""
    apart = parting(system) if {"q0", "q1"} <= set(system.unknowns) else None  # followed to where the levels merge
    start = u if apart is None else parted(system, u)
    scale = np.append(np.maximum(np.abs(start), 0.02), p[which])
    towards = np.zeros(scale.size)
    towards[-1] = 1.0
    highest = p[which]

    def keep(x: np.ndarray, y: np.ndarray) -> bool:
        nonlocal highest
        if highest > until or y[which] < highest - _BEYOND_FOLD * p[which]:
            return False
        highest = max(highest, y[which])
        return bool(distinct(system, x[:, None] if apart is None else apart.whole(x[:, None], y[:, None])[0], branch)[0])

    found_u, found_p = trace(
        apart or system, start, p, (which,), scale=scale, towards=towards, keep=keep, step=0.02, largest=0.1, points=points
    )
    return found_u if apart is None else apart.whole(found_u, found_p)[0], found_p[which]


def _judged(held: Transformed, u: np.ndarray, grid: np.ndarray, branch: str, model: Model) -> tuple[np.ndarray, np.ndarray]:
    """The equation of θ at solutions of the others, and which of them are distinct."""
    whole, own = held.whole(u, grid)
    row = held.state.unknowns.index(held.parameters[-1])
    with np.errstate(all="ignore"):
        good = (np.abs(held.residual(u, grid)).max(axis=0) <= TOLERANCE) & held.inside(u, grid)
        good &= _apart(dict(zip(held.state.unknowns, np.where(np.isfinite(whole), whole, 0.0))), branch)
        if branch != "retrieval" and "q0" in held.unknowns:  # the broken state of a pairwise glass has q_0 > 0
            good &= u[held.unknowns.index("q0")] > 1e-7
        return np.where(good, held.state.residual(whole, own)[row], np.nan), good


def _sweep(held: Transformed, u: np.ndarray, grid: np.ndarray, good: np.ndarray, branch: str, model: Model) -> None:
    """Fill rows next to good ones by continuation in the block size, in both directions."""
    for order in (range(1, good.size), range(good.size - 2, -1, -1)):
        for k in order:
            before = k - 1 if order.step > 0 else k + 1
            if good[k] or not good[before]:
                continue
            point, start = grid[:, before].copy(), u[:, before]
            for part in (0.34, 0.67, 1.0):
                point[-1] = grid[-1, before] ** (1 - part) * grid[-1, k] ** part
                roots = newton(held, start[:, None], point[:, None], steps=12, polish=False)
                if not _judged(held, roots.u, point[:, None], branch, model)[1][0]:
                    break
                start = roots.u[:, 0]
            else:
                u[:, k], good[k] = start, True


def _from_above(held: Transformed, slopes: np.ndarray, temperature: float) -> np.ndarray:
    thermal = 1 - 0.1 * min(temperature, 1.0)
    values = {
        "m": np.full(slopes.shape, 0.99),
        "q0": 1 - np.minimum(0.3, 0.3 / (1 + slopes)) if "m" in held.unknowns else np.full(slopes.shape, 0.4),
        "q1": np.full(slopes.shape, thermal),
        "C": np.full(slopes.shape, 0.03),
    }
    if "q0" in held.unknowns and "q1" in held.unknowns:
        values["q0"] = np.minimum(values["q0"], 0.9 * thermal)
    return np.stack([values[name] for name in held.unknowns])


def _noise_width(model: Model, p: np.ndarray) -> float:
    """Width of the noise field at q = 1, which sets the scale of 1/y."""
    return float(np.sqrt((p[0] if "load" in model.axes else 1.0) * float(model.noise_strength)))


def _close(before: np.ndarray, after: np.ndarray) -> bool:
    return bool(np.all(np.abs(after - before) < 0.25 * (np.abs(before) + 0.05)))
