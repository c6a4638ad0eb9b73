"""Which system defines each line, where to start looking for it, and what bounds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dammech.declared.states import Condition, Crossing, Fold, Zero
from dammech.equations import Equations, Theory, compiled
from dammech.phases.curve import Curve
from dammech.phases.merging import Merging
from dammech.phases.points import Part, Point, Record, Seeds
from dammech.solve import augmented
from dammech.solve.broken import has_random_field
from dammech.solve.declared import find
from dammech.solve.edge import ends_in_load
from dammech.solve.newton import TOLERANCE, newton
from dammech.solve.states import curvature

LINES: dict[str, str] = {
    "retrieval-spinodal": "retrieval states exist below this load (metastability limit; T_M of AGS)",
    "thermodynamic": "retrieval is the equilibrium state below this load (T_c of AGS)",
    "spin-glass": "the paramagnet (or the m = 0 state in a random field) becomes unstable to a glass",
    "at": "de Almeida–Thouless line of the retrieval state: the replicon vanishes",
    "zero-entropy": "the entropy of the m = 0 state vanishes (branch='retrieval': of the retrieval state)",
    "dynamic": "the m = 0 phase falls apart into exponentially many states (1RSB at θ = 1 appears)",
    "static": "the equilibrium m = 0 state becomes a 1RSB glass (complexity at θ = 1 vanishes)",
    "gardner": "the inner replicon of the static 1RSB glass vanishes: states fall apart further",
    "nishimori": "signal and noise fields have equal mean and variance; there m = q",
}

_SEED_TEMPERATURES = (0.1, 0.2, 0.05, 0.35, 0.02, 0.5, 0.7, 0.01, 0.9)
_ANCHOR = 1e-5  # the low temperature to which a point at T = 0 is moved


@dataclass(frozen=True)
class Definition:
    """A line, or one piece of it: its curve at T > 0, its point at T = 0, and where along the curve it is the answer.

    Attributes
    ----------
    curve : Curve or None
    ground : callable
        The point at T = 0, or None.
    origin : str or None
        Why the line ends at load 0, T = 0, where it does.
    impossible : str or None
        Why the line does not exist for this model.
    ansatz : str
        Of the states of its points.
    to_finite : callable or None
        Moves unknowns at T = 0 to a low temperature; None where they are those of finite temperatures.
    holds : callable or None
        Which solved points (u, p) belong to the line, where several pieces compete.
    end : callable
        Where the levels of 1RSB merge, or None.
    """

    curve: Curve | None
    ground: Callable[[], Point | None] = lambda: None
    origin: str | None = None
    impossible: str | None = None
    ansatz: str = "rs"
    to_finite: Callable[[np.ndarray, float], np.ndarray] | None = None
    holds: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    end: Callable[[], Merging | None] = lambda: None

    @property
    def traced(self) -> np.ndarray:
        """Parameters × points along the curve; none where there is no curve."""
        return np.empty((2, 0)) if self.curve is None else self.curve.skeleton[1]

    def at(self, values: np.ndarray, which: int) -> list[list[Point]]:
        """Points where the load (0) or the temperature (1) has each of some values; that at T = 0 guides the guesses."""
        if self.curve is None:
            return [[] for _ in values]
        ground, anchor = self.ground(), None
        if ground is not None:
            T, u = (0.0, ground.u) if self.to_finite is None else (_ANCHOR, self.to_finite(ground.u, _ANCHOR))
            anchor = u, np.array([ground.p[0], T])
        found = self.curve.at(values, which, anchor)
        flat = [point for points in found for point in points]
        if self.holds is None or not flat:
            return found
        belong = iter(self.holds(np.array([x.u for x in flat]).T, np.array([x.p for x in flat]).T).tolist())
        return [[point for point in points if next(belong)] for points in found]


def answered(
    pieces: Iterable[Definition],
    axis: str,
    values: np.ndarray,
    told: Callable[[Definition, str, np.ndarray], list[list[Record]]],
    zero: Callable[[Definition], Record | None] | None,
    nowhere: Callable[[float], Record],
) -> list[Record]:
    """Records of a line at temperatures, of the first piece that has a point there; or at loads, of all pieces.

    Parameters
    ----------
    pieces : Definitions
    axis : str
        ``temperature`` or ``load``.
    values : array
    told : callable
        Records of a piece at values of the axis.
    zero, nowhere : callable
        Record of a piece at zero, where that is not sought like other values, and of what is missing at a value.
    """
    found: list[list[Record]] = [[] for _ in values]
    for piece in pieces:
        for points in (points for value, points in zip(values, found) if value == 0 and zero and not points):
            points += filter(None, [zero(piece)])  # type: ignore[misc]
        rows = [k for k, points in enumerate(found) if (values[k] > 0 or not zero) and (axis == "load" or not points)]
        for k, points in zip(rows, told(piece, axis, values[rows]) if rows else ()):
            found[k] = apart([*found[k], *points]) if axis == "load" else points
    return [point for value, points in zip(values.tolist(), found) for point in points or [nowhere(value)]]


def apart(points: list[Record]) -> list[Record]:
    """Points by temperature; those of two pieces at the temperature where one takes over from the other are one."""
    result: list[Record] = []
    for point in sorted(points, key=lambda p: p["temperature"]):
        if not result or point["temperature"] - result[-1]["temperature"] > 1e-7:
            result.append(point)
    return result


def natural_load(model: Any) -> float:
    """The load at which the noise field has unit variance."""
    return 1.0 / float(model.noise_strength)


def _scan_loads(model: Any) -> np.ndarray:
    return natural_load(model) * np.geomspace(3e-4, 6.0, 32)


def on_plane(model: Any, system: Equations, seeds: Callable[[], Seeds], keep: Any, **more: Any) -> Curve:
    """A curve in the plane of load and temperature, each in a unit of its own."""
    scale = np.array([*([1.0] * len(system.unknowns)), 0.3 * natural_load(model), 0.5])
    return Curve(system, (0, 1), seeds, keep, scale, **more)


def row_of(loads: np.ndarray, T: float) -> np.ndarray:
    """Loads at a temperature, parameters × points."""
    return np.stack([loads, np.full(loads.shape, T)])


def _loads_below_spinodal(target: Theory, T: float) -> np.ndarray:
    """Loads at which retrieval exists at temperature T, dense towards both ends."""
    points = retrieval_spinodal(target).at(np.array([T]), 1)[0]
    if not points:
        return _scan_loads(target.model)
    last = max(float(point.p[0]) for point in points)
    return last * np.unique(np.concatenate([np.geomspace(1e-3, 0.9, 20), 1 - np.geomspace(0.1, 1e-4, 12)]))


@cache
def retrieval_spinodal(target: Theory) -> Definition:
    """The fold of the retrieval state."""
    cold, zero = (target.with_(variant=variant) for variant in ("cold", "zero"))
    system = augmented.fold(compiled(cold, "state"))
    own = Part(augmented.fold(compiled(zero, "state")), lambda u, p, free: u[0] > 1e-3)
    ground = own.first(fold_seeds(zero, np.empty((0, 1))))

    def seeds() -> Seeds:
        if ground is not None:
            for T in (0.02, 0.01, 0.04):
                yield ground.u, np.array([ground.p[0], T])
        for T in _SEED_TEMPERATURES:
            yield from fold_seeds(cold, np.array([[T]]))

    bottom = 0.0 if ground is None else 1e-3  # below, the T = 0 point guides the guesses
    return Definition(on_plane(target.model, system, seeds, lambda u, p: u[0] > 0.03, bottom=bottom), lambda: ground)


def fold_seeds(theory: Theory, rest: np.ndarray) -> Seeds:
    """Where the ordered branch ends at columns of the parameters but the load, with the direction in which it is softest."""
    u, loads = ends_in_load(theory, rest)
    good = np.isfinite(loads)
    u, p = u[:, good], np.concatenate([loads[None], rest])[:, good]
    return zip(np.concatenate([u, augmented.null_vector(compiled(theory, "state"), u, p)]).T, p.T)


def changes(u: np.ndarray, p: np.ndarray, values: np.ndarray, usable: np.ndarray) -> Seeds:
    """Where along a row of usable points (u, p) values change sign, by straight lines."""
    with np.errstate(invalid="ignore"):
        where = np.flatnonzero(usable[:-1] & usable[1:] & (values[:-1] * values[1:] < 0))
    for k in where.tolist():
        share = values[k] / (values[k] - values[k + 1])
        yield (1 - share) * u[:, k] + share * u[:, k + 1], (1 - share) * p[:, k] + share * p[:, k + 1]


def zero_of_output(target: Theory, quantity: str, branch: str) -> Definition:
    """A quantity (replicon, entropy) vanishes on the retrieval branch or on the m = 0 branch."""
    model = target.model
    theory = target.with_(variant="cold", fixed=() if branch == "retrieval" else (("m", 0),))
    state = compiled(theory, "state")
    system = augmented.zero(state, quantity)

    def keep(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        if branch == "retrieval":
            return (u[0] > 3e-3) & (curvature(state, u, p) > 0)
        return 1 - u[-1] * p[1] > 1e-7

    def seeds() -> Seeds:
        for T in (0.02, *_SEED_TEMPERATURES, 0.004, 0.002, 0.001):  # replicon and entropy change sign at low temperature
            p = row_of(_loads_below_spinodal(target, T) if branch == "retrieval" else _scan_loads(model), T)
            states = find(target, branch, "cold", p, thorough=False)
            values = states.outputs()[quantity]
            # a value that is exponentially small on both sides changes sign without meaning it
            yield from changes(states.u, p, values, states.found & (np.abs(values) > 1e-7))

    why = {
        "replicon": "T = 0: replica symmetry is unstable at every load > 0; the line ends at load 0",
        "entropy": "T = 0: the replica-symmetric entropy is negative at every load > 0; the line ends at load 0",
    }[quantity]
    return Definition(on_plane(model, system, seeds, keep, largest=0.12), origin=why)


def parameter_line(model: Any, system: Equations) -> Definition:
    """A line on which one equation relates load and temperature, without order parameters."""
    loads = natural_load(model) * np.geomspace(1e-6, 1e4, 400)

    def keep(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        return (p[0] > 0) & (p[1] > 0) & system.inside(u, p)

    def seeds() -> Seeds:
        for T in (*_SEED_TEMPERATURES, 1.5, 2.0, 4.0):
            p = row_of(loads, T)
            empty = np.empty((0, p.shape[1]))
            values = system.residual(empty, p)[0]
            yield from changes(empty, p, values, system.inside(empty, p) & np.isfinite(values))

    return Definition(Curve(system, (0, 1), seeds, keep, np.array([natural_load(model), 1.0])))


def competitor(target: Theory) -> str:
    """The m = 0 state that retrieval competes with: the RS glass at p = 2, the paramagnet for p ≥ 3."""
    return str(target.model.branches["retrieval"].rivals[0])


def thermodynamic(target: Theory) -> Definition:
    """Retrieval and its competitor have equal free energies."""
    model = target.model
    rival_branch = competitor(target)
    random_field = rival_branch == "paramagnetic" and has_random_field(target.model)
    fixed = (("m", 0),) if rival_branch == "spin-glass" or random_field else (("m", 0), ("q", 0))
    near = target.with_(variant="cold")
    state = compiled(near, "state")
    system = augmented.crossing(state, compiled((near if len(fixed) == 1 else target).with_(fixed=fixed), "state"))
    loads = _scan_loads(model)

    def keep(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        ok = (u[0] > 3e-3) & (curvature(state, u[:2], p) > 0)
        return ok & (1 - u[2] * p[1] > 1e-9) if len(u) == 3 else ok

    def crossings(variant: str, p: np.ndarray) -> Seeds:
        retrieval, rival = find(target, "retrieval", variant, p, thorough=False), find(target, rival_branch, variant, p)
        gap = retrieval.outputs()["free_energy"] - rival.outputs()["free_energy"]
        both = np.concatenate([retrieval.u, rival.u])[: len(system.unknowns)]
        return changes(both, p, gap, retrieval.found & rival.found)

    def seeds() -> Seeds:
        for T in _SEED_TEMPERATURES:
            yield from crossings("cold", row_of(loads, T))

    @cache
    def ground() -> Point | None:
        if rival_branch != "spin-glass":
            return None
        zero = target.with_(variant="zero")
        crossing = augmented.crossing(*(compiled(theory, "state") for theory in (zero, zero.with_(fixed=fixed))))
        return Part(crossing, lambda u, p, free: u[0] > 1e-3).first(crossings("zero", loads[None]))

    return Definition(on_plane(model, system, seeds, keep, largest=0.15), ground)


def glass_is_equilibrium(target: Theory, p: np.ndarray) -> np.ndarray:
    """Whether the m = 0 equilibrium state is a 1RSB glass: a state at θ = 1 lies below the paramagnet (p ≥ 3)."""
    if target.model.soft or has_random_field(target.model):
        return np.zeros(p.shape[1], dtype=bool)
    planted = target.with_(variant="planted")
    state = compiled(planted, "state")
    starts = np.repeat(np.array([[0.5, 0.65, 0.8, 0.9, 0.97, 0.995]])[:, :, None], p.shape[1], axis=2)
    roots = newton(state, starts.reshape(1, -1), np.tile(p, starts.shape[1]), polish=False)
    ok = (roots.residual <= TOLERANCE) & (roots.u[0] > 1e-3)
    energy = np.where(ok, state.outputs(roots.u, roots.p)["free_energy"], np.inf).reshape(starts.shape[1], -1).min(axis=0)
    rival = find(target, "paramagnetic", "finite", p)
    return energy < rival.outputs()["free_energy"] - 1e-12


def define(target: Theory, line: str, branch: str | None) -> Definition:
    """The definition of a declared line of a model, on another ``branch`` where that is given."""
    model = target.model
    declared = model.lines[line]
    if isinstance(declared, Fold):
        return retrieval_spinodal(target)
    if isinstance(declared, Crossing):
        return thermodynamic(target)
    if isinstance(declared, Condition):
        return parameter_line(model, compiled(target, "condition", declared.name))
    on = branch or declared.branch
    without_overlaps = model.branches[on].choice == "smallest q" and not has_random_field(model)
    if isinstance(declared, Zero):
        if without_overlaps:
            paramagnet = compiled(target.with_(fixed=(("m", 0), ("q", 0))), "state")
            return parameter_line(model, augmented.zero(paramagnet, declared.quantity))
        return zero_of_output(target, declared.quantity, on)
    if not without_overlaps:
        return zero_of_output(target, "replicon", on)
    definition = parameter_line(model, compiled(target.with_(fixed=model.branches[on].held), "instability"))
    if definition.traced.shape[1] > 0:
        return definition
    why = "the paramagnet of this model is never unstable: its glass transition is discontinuous (1RSB)"
    return Definition(None, impossible=why)
