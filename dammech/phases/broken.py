"""Lines of broken replica symmetry: the 1RSB retrieval spinodal and thermodynamic line, and the transitions of the glass.

Each is the root of an augmented system, traced and refined like the replica-symmetric lines. Where symmetry is not broken
the replica-symmetric line is the answer, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from dammech.equations import Equations, Theory, compiled
from dammech.phases.curve import Curve, Seed
from dammech.phases.lines import natural_load, retrieval_spinodal
from dammech.phases.merging import Merging, merging
from dammech.solve import augmented
from dammech.solve.broken import Broken, along, branch_theory, distinct, find_broken, has_random_field, pairwise
from dammech.solve.newton import newton
from dammech.solve.onset import Clusters, onset
from dammech.solve.states import curvature
from dammech.solve.transformed import parted, parting, state_of

_SEED_TEMPERATURES = (0.1, 0.05, 0.02, 0.2, 0.01, 0.005, 0.3, 0.5)
_COLDEST = 9.9e-5
#: gap between the levels, relative to 1 − q_0, below which the spinodal is followed in the gap
_APART = 0.2

Ground = tuple[np.ndarray, np.ndarray, Equations, float]


@dataclass(frozen=True)
class BrokenLine:
    """One line, or one piece of it: its curve at T > 0, its point at T = 0, and where along it the piece is the answer.

    Attributes
    ----------
    curve : Curve
    ground : callable
        u, p, system and error in the load at T = 0, or None.
    to_finite : callable or None
        Moves unknowns at T = 0 to a low temperature.
    ansatz : str
        Of the point's states.
    holds : callable
        Which solved points (u, p) belong to the line, where several pieces compete.
    end : callable
        Where the levels of 1RSB merge, or None.
    """

    curve: Curve
    ground: Callable[[], Ground | None] = field(default=lambda: None)
    to_finite: Callable[[np.ndarray, float], np.ndarray] | None = None
    ansatz: str = "1rsb"
    holds: Callable[[np.ndarray, np.ndarray], np.ndarray] = field(default=lambda u, p: np.ones(u.shape[1], dtype=bool))
    end: Callable[[], Merging | None] = field(default=lambda: None)


def _scale(system: Equations, model: Any) -> np.ndarray:
    natural = {"theta": 1.0, "y": 10.0, "C": 0.3}
    unknowns = [natural.get(name.removesuffix("_2"), 1.0) for name in system.unknowns]
    return np.array([*unknowns, 0.3 * natural_load(model), 0.5])


def _warm(names: list[str]) -> Callable[[np.ndarray, float], np.ndarray]:
    """Unknowns at T = 0 as guesses at a low temperature: q = 1 − CT and θ = yT (null vectors likewise)."""

    def move(u: np.ndarray, T: float) -> np.ndarray:
        values = dict(zip(names, u))
        moved = []
        for name in names:
            base, vector = name.removeprefix("v_"), name.startswith("v_")
            value = values[name] * (augmented.units(values[base]) if vector else 1.0)
            if base.split("_")[0] == "C":
                moved.append(-T * value if vector else 1 - value * T)
            elif base.split("_")[0] == "y":
                moved.append(value * T)
            else:
                moved.append(values[name])
        x = np.array(moved)  # the finite theory has the same order: q_k in the place of C, θ in that of y
        null = [k for k, name in enumerate(names) if name.startswith("v_")]
        if null:
            x[null] /= np.linalg.norm(x[null])
        return x

    return move


# -- retrieval spinodal -----------------------------------------------------------------------------------------------


@cache
def spinodal(target: Theory) -> BrokenLine:
    """The fold of the 1RSB retrieval state."""
    model = target.model
    warm, cold = (state_of(target.with_(variant=v)) for v in ("finite", "zero"))
    apart = parting(warm)
    system = augmented.fold(apart)
    size = len(warm.unknowns)

    @cache
    def ground() -> Ground | None:
        for seed in _folds(target, "zero", np.empty(0)):
            found = augmented.fold(cold)
            roots = newton(found, seed[0][:, None], seed[1][:, None], (0,))
            if roots.converged[0] and distinct(cold, roots.u[: len(cold.unknowns)], "retrieval")[0]:
                return roots.u[:, 0], roots.p[:, 0], found, float(roots.error[-1, 0])
        return None

    moved = _warm(augmented.fold(cold).unknowns)

    def with_gap(u: np.ndarray) -> np.ndarray:
        """Unknowns of the fold of the 1RSB state, as those of the same fold with the gap of its levels as an unknown."""
        x, v = u[:size], u[size:]
        y = parted(warm, x)
        w = (parted(warm, x + 1e-6 * v) - y) / 1e-6
        return np.concatenate([y, w / np.linalg.norm(w)])

    def to_finite(u: np.ndarray, T: float) -> np.ndarray:
        return with_gap(moved(u, T))

    def seeds() -> Iterator[Seed]:
        found = ground()
        for T in (0.01, 0.005, 0.02, 0.002) if found is not None else ():
            yield to_finite(found[0], T), np.array([found[1][0], T])  # type: ignore[index]
        for T in _SEED_TEMPERATURES:
            yield from ((with_gap(u), p) for u, p in _folds(target, "finite", np.array([T])))

    row = system.unknowns.index("gap")

    def keep(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        return distinct(warm, apart.whole(u[:size], p)[0], "retrieval") & (p[1] > _COLDEST)

    def follow(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        return keep(u, p) & (u[row] > _APART)

    @cache
    def end() -> Merging | None:
        u, p = curve.traced
        near = np.flatnonzero(u[row] < 2 * _APART)
        return merging(target, apart, system, u[:, near[-1]], p[:, near[-1]]) if near.size else None

    def beyond(u: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        last = end()
        if last is None:
            return u, p
        far = u[row] > last.gaps[0]
        return (np.concatenate([u[:, far], last.u[:, :-1]], axis=1), np.concatenate([p[:, far], last.p[:, :-1]], axis=1))

    curve = Curve(
        system, (0, 1), seeds, keep, _scale(system, model), largest=0.3, bottom=1e-3, follow=follow, beyond=beyond
    )
    return BrokenLine(curve, ground, to_finite, end=end)


def _folds(target: Theory, variant: str, rest: np.ndarray) -> Iterator[Seed]:
    """Where the branch of 1RSB retrieval states turns back in load, with the direction in which it is softest."""
    below = retrieval_spinodal(target.with_(ansatz="rs"))
    if variant == "zero":
        found = below.cold()
        last = None if found is None else float(found[1][0])
    else:
        assert below.curve is not None
        rows = below.curve.at(rest, below.curve.free[1])[0]
        last = float(below.curve.points.p[0, rows].max()) if rows and below.curve.points is not None else None
    for fraction in (0.97, 0.9, 0.75) if last is not None else ():
        p = np.concatenate([[fraction * last], rest])  # type: ignore[operator]
        states = find_broken(target, "retrieval", variant, p[:, None])
        if not states.found[0]:
            continue
        u, loads = along(states.system, states.u[:, 0], p, "retrieval")
        k = int(np.argmax(loads))
        if 0 < k < loads.size - 1:
            top = p.copy()
            top[0] = loads[k]
            null = augmented.null_vector(states.system, u[:, [k]], top[:, None])[:, 0]
            yield np.concatenate([u[:, k], null]), top
            return


# -- transitions of the glass -----------------------------------------------------------------------------------------


@cache
def glass_line(target: Theory, line: str) -> BrokenLine:
    """``dynamic``, ``static`` or ``gardner``."""
    hebbian = "load" in target.model.axes
    if line == "gardner":
        state = state_of(branch_theory(target, "glass", "finite"))
        system: Equations = augmented.zero(state, "replicon_q1")
    else:
        state = Clusters.of(target.model).system
        system = augmented.fold(state) if line == "dynamic" else augmented.zero(state, "complexity")
    size = len(state.unknowns)

    def keep(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        ok = np.all(p > 1e-6, axis=0) & state.inside(u[:size], p)
        if line == "gardner":
            return ok & distinct(state, u[:size], "glass")
        outer = u[state.unknowns.index("q0")] if "q0" in state.unknowns else 0.0
        return ok & (u[state.unknowns.index("q1")] - outer > 1e-3)

    def seeds() -> Iterator[Seed]:
        load = [natural_load(target.model)] if hebbian else []  # one will do: only T/√α matters for p ≥ 3
        yield from (_soft_glass if line == "gardner" else _at_full)(target, state, line, np.array(load))

    if hebbian:
        free, scale = (1, 0), np.array([*[1.0] * len(system.unknowns), 0.5, natural_load(target.model)])
    else:
        free, scale = (0, 0), np.ones(len(system.unknowns) + 1)
    return BrokenLine(Curve(system, free, seeds, keep, scale, largest=0.3))


def _at_full(target: Theory, state: Equations, line: str, load: np.ndarray) -> Iterator[Seed]:
    """The warmest cluster state at θ = 1 that was followed, or the warmest of negative complexity."""
    clusters = Clusters.of(target.model, *load.tolist())
    T, u = clusters.followed()
    k = clusters.condensed(T, u) if line == "static" else T.size - 1
    if k is not None and k >= 0:
        p = clusters.point(T[k])
        null = augmented.null_vector(state, u[:, [k]], p) if line == "dynamic" else u[:0]
        yield np.concatenate([u[:, k], null[:, 0]]), p[:, 0]


def _soft_glass(target: Theory, state: Equations, line: str, load: np.ndarray) -> Iterator[Seed]:
    """The static glass between whose temperatures the inner replicon changes sign."""
    width = np.sqrt(load[0] * float(target.model.noise_strength)) if load.size else np.sqrt(target.model.p / 2)
    T = width * np.geomspace(0.6, 2e-4, 60)
    p = np.stack([*[np.full(T.size, a) for a in load], T])
    glass = find_broken(target, "glass", "finite", p, thorough=False)
    replicon = glass.outputs()["replicon_q1"]
    with np.errstate(invalid="ignore"):
        for k in np.flatnonzero(replicon[:-1] * replicon[1:] < 0).tolist():
            yield glass.u[:, k], p[:, k]


def is_continuous(target: Theory) -> bool:
    """Whether the m = 0 state breaks symmetry continuously, so that T_d, T_K and T_G are all the spin-glass line."""
    return bool(pairwise(target.model) or onset(target.model).continuous)


# -- thermodynamic line -----------------------------------------------------------------------------------------------


def thermodynamic_pieces(target: Theory) -> list[BrokenLine]:
    """Retrieval (RS or 1RSB) against the m = 0 state (glass, or paramagnet): the piece that holds depends on T.

    At p = 2 the crossing lies where the retrieval state is as good as replica symmetric: its AT line is at a temperature
    exponentially small in 1/α there.
    """
    pieces = [("1rsb", "1rsb"), ("rs", "1rsb"), ("rs", "rs")]
    return [_crossing(target, *piece) for piece in pieces if not pairwise(target.model) or piece[0] == "rs"]


def _crossing(target: Theory, retrieval: str, rival: str) -> BrokenLine:
    model = target.model
    pure = not pairwise(model) and not has_random_field(model)
    symmetric = target.with_(ansatz="rs")

    def theories(variant: str) -> tuple[Theory, Theory]:
        first = (target if retrieval == "1rsb" else symmetric).with_(variant=variant)
        if rival == "1rsb":
            return first, branch_theory(target, "glass", variant)
        return first, symmetric.with_(variant=variant, fixed=(("m", 0), ("q", 0)) if pure else (("m", 0),))

    first, second = (state_of(t) for t in theories("finite"))
    system = augmented.crossing(first, second)
    size = len(first.unknowns)

    def keep(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        ok = (u[0] > 3e-3) & (p[1] > _COLDEST) & (curvature(first, u[:size], p) > 0)
        if retrieval == "1rsb":
            ok &= distinct(first, u[:size], "retrieval")
        return ok & distinct(second, u[size:], "glass") if rival == "1rsb" else ok

    def holds(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """RS parts must be stable; a paramagnet must not have been replaced by a glass."""
        ok = np.ones(u.shape[1], dtype=bool)
        if retrieval == "rs":
            ok &= first.outputs(u[:size], p)["replicon"] >= -1e-9
        if rival == "rs":
            ok &= second.outputs(u[size:], p)["replicon"] >= -1e-9
            ok &= ~find_broken(target, "glass", "finite", p, thorough=False).found
        return ok

    def gaps(variant: str, p: np.ndarray) -> Iterator[Seed]:
        """Where the free energies cross; a broken retrieval state is looked for only where the symmetric one crosses or ends."""
        one, two = _states(target, "rs", "retrieval", variant, p), _states(target, rival, "glass", variant, p)
        crossings = _crossings(one, two)
        for k in crossings:
            start, found = one[0][:, [k]], True
            if retrieval == "1rsb":
                start, (found,), _ = _states(target, "1rsb", "retrieval", variant, p[:, [k]])
            if found:
                yield np.concatenate([start[:, 0], two[0][:, k]]), p[:, k]
        if retrieval == "1rsb" and not crossings and one[1].any():
            last = p[:, int(np.flatnonzero(one[1])[-1])]
            broken = find_broken(target, "retrieval", variant, last[:, None], thorough=False)
            if broken.found[0]:
                u, further = along(broken.system, broken.u[:, 0], last, "retrieval")
                p = np.repeat(last[:, None], further.size, axis=1)
                p[0] = further
                states = u, np.ones(further.size, dtype=bool), broken.system.outputs(u, p)["free_energy"]
                two = _states(target, rival, "glass", variant, p)
                for k in _crossings(states, two):
                    yield np.concatenate([u[:, k], two[0][:, k]]), p[:, k]

    loads = natural_load(model) * np.linspace(0.03, 0.5, 24)

    def seeds() -> Iterator[Seed]:
        cold = ground()
        if cold is not None and to_finite is not None:
            for T in (0.01, 0.02, 0.005):
                yield to_finite(cold[0], T), np.array([cold[1][0], T])
        for T in (0.1, 0.2, 0.05, 0.3, 0.02, 0.5, 0.7):
            yield from gaps("finite", np.stack([loads, np.full(loads.shape, T)]))

    @cache
    def ground() -> Ground | None:
        if rival == "rs":
            return None
        cold = augmented.crossing(*(compiled(t, "state") for t in theories("zero")))
        for u, p in gaps("zero", loads[None]):
            roots = newton(cold, u[:, None], p[:, None], (0,))
            if roots.converged[0]:
                return roots.u[:, 0], roots.p[:, 0], cold, float(roots.error[-1, 0])
        return None

    curve = Curve(system, (0, 1), seeds, keep, _scale(system, model), largest=0.15)
    cold_names = [*compiled(theories("zero")[0], "state").unknowns]
    cold_names += [f"{name}_2" for name in compiled(theories("zero")[1], "state").unknowns] if rival == "1rsb" else []
    to_finite = _warm(cold_names) if rival == "1rsb" else None
    return BrokenLine(curve, ground, to_finite, "1rsb" if "1rsb" in (retrieval, rival) else "rs", holds)


_States = tuple[np.ndarray, np.ndarray, np.ndarray]


def _crossings(one: _States, two: _States) -> list[int]:
    """Where along a scan the free energies of two states cross."""
    gap = np.where(one[1] & two[1], one[2] - two[2], np.nan)
    with np.errstate(invalid="ignore"):
        return [int(k) for k in np.flatnonzero(gap[:-1] * gap[1:] < 0)]


def _states(
    target: Theory, ansatz: str, branch: str, variant: str, p: np.ndarray
) -> _States:
    """Unknowns, whether found, and free energies of a branch at an array of parameters."""
    if ansatz == "1rsb":
        broken: Broken = find_broken(target, branch, variant, p, thorough=False)
        return broken.u, broken.found, broken.outputs()["free_energy"]
    from dammech.phases.lines import competitor
    from dammech.solve.declared import find

    symmetric = target.with_(ansatz="rs")
    name = "retrieval" if branch == "retrieval" else competitor(symmetric)
    found = find(symmetric, name if variant == "finite" or name != "paramagnetic" else "spin-glass", variant, p)
    pure = name == "paramagnetic" and not has_random_field(target.model)
    return found.u[:0] if pure else found.u, found.found, found.outputs()["free_energy"]
