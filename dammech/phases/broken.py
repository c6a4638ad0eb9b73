"""Lines of broken replica symmetry: the 1RSB retrieval spinodal and thermodynamic line, and the transitions of the glass.

Each is the root of an augmented system, traced and refined like the replica-symmetric lines. Where symmetry is not broken
the replica-symmetric line is the answer, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

import numpy as np

from dammech.equations import Equations, Theory, compiled
from dammech.phases.curve import Curve
from dammech.phases.lines import (
    Definition,
    changes,
    natural_load,
    on_plane,
    retrieval_spinodal,
    row_of,
    thermodynamic,
)
from dammech.phases.merging import Merging, merging
from dammech.phases.points import Part, Point, Seeds
from dammech.solve import augmented
from dammech.solve.broken import along, branch_theory, distinct, find_broken, pairwise
from dammech.solve.declared import find
from dammech.solve.onset import Clusters, onset
from dammech.solve.recorder import STABLE
from dammech.solve.states import curvature
from dammech.solve.transformed import parted, parting, state_of
from dammech.solve.turning import turning_point

_SEED_TEMPERATURES = (0.1, 0.05, 0.02, 0.2, 0.01, 0.005, 0.3, 0.5)
_COLDEST = 9.9e-5
#: gap between the levels, relative to 1 − q_0, below which the spinodal is followed in the gap
_APART = 0.2


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
def spinodal(target: Theory) -> Definition:
    """The fold of the 1RSB retrieval state."""
    warm, cold = (state_of(target.with_(variant=v)) for v in ("finite", "zero"))
    apart = parting(warm)
    system = augmented.fold(apart)
    size = len(warm.unknowns)

    @cache
    def ground() -> Point | None:
        own = Part(augmented.fold(cold), lambda u, p, free: distinct(cold, u[: len(cold.unknowns)], "retrieval"))
        return own.first(_folds(target, "zero", np.empty(0)))

    moved = _warm(augmented.fold(cold).unknowns)

    def with_gap(u: np.ndarray) -> np.ndarray:
        """Unknowns of the fold of the 1RSB state, as those of the same fold with the gap of its levels as an unknown."""
        x, v = u[:size], u[size:]
        y = parted(warm, x)
        w = (parted(warm, x + 1e-6 * v) - y) / 1e-6
        return np.concatenate([y, w / np.linalg.norm(w)])

    def to_finite(u: np.ndarray, T: float) -> np.ndarray:
        return with_gap(moved(u, T))

    def seeds() -> Seeds:
        yield from _moved(ground(), to_finite, (0.01, 0.005, 0.02, 0.002))
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

    curve = on_plane(target.model, system, seeds, keep, largest=0.3, bottom=1e-3, follow=follow, beyond=beyond)
    return Definition(curve, ground, ansatz="1rsb", to_finite=to_finite, end=end)


def _moved(ground: Point | None, to_finite: Callable[[np.ndarray, float], np.ndarray], temperatures: Iterable[float]) -> Seeds:
    """A point at T = 0 as a guess at low temperatures."""
    for T in temperatures if ground is not None else ():
        yield to_finite(ground.u, T), np.array([ground.p[0], T])  # type: ignore[union-attr]


def _folds(target: Theory, variant: str, rest: np.ndarray) -> Seeds:
    """Where the branch of 1RSB retrieval states turns back in load, with the direction in which it is softest."""
    below = retrieval_spinodal(target.with_(ansatz="rs"))
    ground = below.ground() if variant == "zero" else None
    ends = below.at(rest, 1)[0] if variant != "zero" else [] if ground is None else [ground]
    last = max((float(point.p[0]) for point in ends), default=None)
    for fraction in (0.97, 0.9, 0.75) if last is not None else ():
        p = np.concatenate([[fraction * last], rest])  # type: ignore[operator]
        states = find_broken(target, "retrieval", variant, p[:, None])
        if not states.found[0]:
            continue
        u, loads = along(states.system, states.u[:, 0], p, "retrieval")
        k = int(np.argmax(loads))
        if 0 < k < loads.size - 1:
            place, top = u[:, k], np.append(loads[k], rest)
            if (turned := turning_point(states.system, place, top)) is not None:  # the step before may have been a long one
                place, top = turned.u[:, 0], turned.p[:, 0]
            null = augmented.null_vector(states.system, place[:, None], top[:, None])[:, 0]
            yield np.concatenate([place, null]), top
            return


# -- transitions of the glass -----------------------------------------------------------------------------------------


@cache
def glass_line(target: Theory, line: str) -> Definition:
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

    def seeds() -> Seeds:
        load = [natural_load(target.model)] if hebbian else []  # one will do: only T/√α matters for p ≥ 3
        yield from (_soft_glass if line == "gardner" else _at_full)(target, state, line, np.array(load))

    if hebbian:
        free, scale = (1, 0), np.array([*[1.0] * len(system.unknowns), 0.5, natural_load(target.model)])
    else:
        free, scale = (0, 0), np.ones(len(system.unknowns) + 1)
    return Definition(Curve(system, free, seeds, keep, scale, largest=0.3), ansatz="1rsb")


def _at_full(target: Theory, state: Equations, line: str, load: np.ndarray) -> Seeds:
    """The warmest cluster state at θ = 1 that was followed, or the warmest of negative complexity."""
    clusters = Clusters.of(target.model, *load.tolist())
    T, u = clusters.followed()
    k = clusters.condensed(T, u) if line == "static" else T.size - 1
    if k is not None and k >= 0:
        p = clusters.point(T[k])
        null = augmented.null_vector(state, u[:, [k]], p) if line == "dynamic" else u[:0]
        yield np.concatenate([u[:, k], null[:, 0]]), p[:, 0]


def _soft_glass(target: Theory, state: Equations, line: str, load: np.ndarray) -> Seeds:
    """The static glass between whose temperatures the inner replicon changes sign."""
    width = np.sqrt(load[0] * float(target.model.noise_strength)) if load.size else np.sqrt(target.model.p / 2)
    T = width * np.geomspace(0.6, 2e-4, 60)
    p = np.stack([*[np.full(T.size, a) for a in load], T])
    glass = find_broken(target, "glass", "finite", p, thorough=False)
    return changes(glass.u, p, glass.outputs()["replicon_q1"], glass.found)


def is_continuous(target: Theory) -> bool:
    """Whether the m = 0 state breaks symmetry continuously, so that T_d, T_K and T_G are all the spin-glass line."""
    return bool(pairwise(target.model) or onset(target.model).continuous)


# -- thermodynamic line -----------------------------------------------------------------------------------------------


def thermodynamic_pieces(target: Theory) -> list[Definition]:
    """Retrieval (RS or 1RSB) against the m = 0 state (glass, or paramagnet): the piece that holds depends on T.

    At p = 2 the crossing lies where the retrieval state is as good as replica symmetric: its AT line is at a temperature
    exponentially small in 1/α there.
    """
    broken = [_crossing(target, ansatz) for ansatz in (["rs"] if pairwise(target.model) else ["1rsb", "rs"])]
    plain = thermodynamic(target.with_(ansatz="rs"))
    assert plain.curve is not None
    system = plain.curve.system

    def holds(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Both states must be stable; a paramagnet must not have been replaced by a glass."""
        replicons = [value for name, value in system.outputs(u, p).items() if name.startswith("replicon")]
        stable = (np.array(replicons) >= STABLE).all(axis=0) & (p[1] > _COLDEST)
        return stable & ~find_broken(target, "glass", "finite", p, thorough=False).found

    return [*broken, replace(plain, holds=holds)]


def _crossing(target: Theory, ansatz: str) -> Definition:
    """The retrieval state of an ansatz and the 1RSB glass have equal free energies."""
    symmetric = target.with_(ansatz="rs")

    def theories(variant: str) -> tuple[Theory, Theory]:
        return target.with_(ansatz=ansatz, variant=variant), branch_theory(target, "glass", variant)

    first, second = (state_of(t) for t in theories("finite"))
    system = augmented.crossing(first, second)
    size = len(first.unknowns)

    def keep(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        ok = (u[0] > 3e-3) & (p[1] > _COLDEST) & (curvature(first, u[:size], p) > 0) & distinct(second, u[size:], "glass")
        return ok & distinct(first, u[:size], "retrieval") if ansatz == "1rsb" else ok

    def stable(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        return first.outputs(u[:size], p)["replicon"] >= STABLE

    def gaps(variant: str, p: np.ndarray) -> Seeds:
        """Where the free energies cross; a broken retrieval state is looked for only where the symmetric one crosses or ends."""
        one, two = find(symmetric, "retrieval", variant, p), find_broken(target, "glass", variant, p, thorough=False)
        gap = one.outputs()["free_energy"] - two.outputs()["free_energy"]
        crossings = list(changes(np.concatenate([one.u, two.u]), p, gap, one.found & two.found))
        if ansatz == "rs":
            yield from crossings
            return
        for u, at in crossings:
            broken = find_broken(target, "retrieval", variant, at[:, None], thorough=False)
            if broken.found[0]:
                yield np.concatenate([broken.u[:, 0], u[len(one.u) :]]), at
        if not crossings and one.found.any():
            last = p[:, int(np.flatnonzero(one.found)[-1])]
            broken = find_broken(target, "retrieval", variant, last[:, None], thorough=False)
            if broken.found[0]:
                u, further = along(broken.system, broken.u[:, 0], last, "retrieval")
                p = np.repeat(last[:, None], further.size, axis=1)
                p[0] = further
                two = find_broken(target, "glass", variant, p, thorough=False)
                gap = broken.system.outputs(u, p)["free_energy"] - two.outputs()["free_energy"]
                yield from changes(np.concatenate([u, two.u]), p, gap, two.found)

    loads = natural_load(target.model) * np.linspace(0.03, 0.5, 24)

    def seeds() -> Seeds:
        yield from _moved(ground(), to_finite, (0.01, 0.02, 0.005))
        for T in (0.1, 0.2, 0.05, 0.3, 0.02, 0.5, 0.7):
            yield from gaps("finite", row_of(loads, T))

    cold = augmented.crossing(*(compiled(t, "state") for t in theories("zero")))
    to_finite = _warm(cold.unknowns)

    @cache
    def ground() -> Point | None:
        return Part(cold, lambda u, p, free: np.ones(u.shape[1], dtype=bool)).first(gaps("zero", loads[None]))

    curve = on_plane(target.model, system, seeds, keep, largest=0.15)
    return Definition(curve, ground, ansatz="1rsb", to_finite=to_finite, holds=None if ansatz == "1rsb" else stable)
