"""Lines of known laws, curves of small systems, and what is read off them, against a table.

``python tests/phases/test_table_of_phases.py`` writes it anew. The laws stand in the place of theories, so that every formula
between a theory and a printed line is asked for numbers at once.
"""

from __future__ import annotations

import importlib
import math
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tables import Questions, check, patched, refused, written
from toy_equations import Noted, Toy

from dammech.declared.kernels import Kernel
from dammech.declared.units import convention
from dammech.phases import boundary, breaking, broken, levels, merging
from dammech.phases.curve import Curve, Piece, passing
from dammech.phases.lines import Definition, apart, changes
from dammech.phases.merging import _near, _polynomial, _zero
from dammech.phases.plane import _ends_and_turns, _pattern, _region, _shares, _visible, _window
from dammech.phases.points import Boundary, Point, as_asked, check_points, missing, unsolved
from dammech.phases.regions import regions_between
from dammech.phases.saddles import _folds, _zeros
from dammech.solve import augmented
from dammech.solve.recorder import in_units
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.answers import lines as streams
from dammech.systems.palimpsest.answers import tasks, weighted
from dammech.systems.palimpsest.answers.weighted import Capacity
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.pspin.model import PSpin

models: Any = importlib.import_module("dammech.phases.models")  # a function has its name in the room
RECORD = Path(__file__).with_name("table_of_phases.json")


def law(weight: float) -> Capacity | str:
    """A(Λ) = 0.1 Λ² (1 − 0.2/Λ)², nothing below Λ = 0.2: a pattern at T/Λ with a capacity that ends."""
    if weight <= 0.2:
        return "too light"
    load, slope = 0.1 * (weight - 0.2) ** 2, 0.2 * (weight - 0.2)
    point = {"m": 0.9 + 0.05 * weight, "q": 0.8, "C": 0.3, "y": None, "free_energy": -0.5, "energy": -0.4, "residual": 1e-13, "valid": weight > 0.5, "why": None,
             "temperature": 0.2, "load": load, "converged": True}  # fmt: skip
    return Capacity(load, slope, 1e-6, 1e-5, point)


def nothing(weight: float) -> str:
    return "no state at all"


KERNELS = [("exponential", None), ("power-law", 1.0), ("compressed-exponential", 2.0), ("hard-buffer", None), ("clipped", None)]


def of_streams(name: str, exponent: float | None) -> list:
    kernel, found = Kernel(name, exponent), []
    for line in streams._LINES:
        for rate in (1.0, 6.0, 20.0, 90.0) if line in streams._NEED_RATE else (None,):
            loads = (math.inf, 0.002, 0.03, 0.5) if line == "window" and kernel.linear else (math.inf,)
            for load in loads:
                for capacity in (law, nothing):
                    if not (line in ("blackout-load", "first-pattern") and not kernel.linear):
                        found.append([line, rate, load, streams.point_of(line, kernel, capacity, rate, load)])
    return found


def of_units() -> list:
    record = streams._record(3.0, 0.1, 0.02, 0.001, 0.7, law(0.7))
    found = [record, streams._record(3.0, 0.1, 0.02, 0.001, 0.7, Capacity(0.1, 0.2, 0, 0, {"m": 0.9, "C": 0.2, "energy": -1.0})), missing({"rate": None}, "because", names=("m",))]
    for name in ("gardner", "theriault-tantari"):
        found.append(in_units(record | {"load": 0.3, "load_error": 0.01, "y": 2.0}, convention(name, 3)))
        point = {"load": 0.3, "load_error": 0.01, "temperature": 0.2, "temperature_error": None, "C": 0.5, "C_2": 0.6, "y": 1.0, "y2": 2.0, "y1_2": 3.0, "yy": 4.0, "free_energy": -1.0, "energy": -2.0,
                 "energy_2": -3.0, "free_energy_2": -4.0, "m": 0.9}  # fmt: skip
        found += as_asked([point], convention(name, 3), {"temperature": np.array([0.123])})
    asked = dict(temperatures=0.1, rates=None, loads=None, ansatz="rs", convention="canonical")
    target = SimpleNamespace(model=PalimpsestDAM(3))
    with patched(streams, capacities=lambda *a: law):
        made = boundary(PalimpsestDAM(3), "window", **asked | {"temperatures": [0.1, 0.2], "rates": [6.0, 20.0], "loads": [0.03, 0.5], "convention": "gardner"})
    said = refused(*(partial(boundary, PalimpsestDAM(2 if soft else 3, kernel=k), line, **asked | more)
                     for k, soft, line, more in (("exponential", False, "what", {}), ("rehearsal", False, "window", {}), ("exponential", False, "blackout", {"temperatures": None}), ("exponential", False, "window", {}),
                                                 ("exponential", False, "blackout", {"rates": 3}), ("exponential", False, "blackout", {"loads": 3}), ("exponential", True, "window", {"rates": 3, "loads": 1}),
                                                 ("exponential", True, "first-pattern", {"rates": 3}), ("exponential", False, "window", {"rates": 0}), ("exponential", False, "window", {"rates": 3, "loads": 0}),
                                                 ("exponential", False, "window", {"rates": 3, "temperatures": -1}))))  # fmt: skip
    made = [{name: x for name, x in point.items() if name != "status"} for point in made.points]
    return [*found, made, said, str(target.model.kernel)]


def of_weights() -> list:
    """A = Λ² α(T/Λ) of a given spinodal, its slope, and slopes along folds."""
    def spinodal(memory: Any, T: float, ansatz: str) -> Any:
        return f"above {T:.3g}" if T > 0.6 else (0.14 * (1 - T) ** 2, -0.28 * (1 - T), 1e-7, 1e-5, {"m": 0.9})

    weighted._by_scaling.cache_clear()
    found = []
    with patched(weighted, _spinodal=spinodal):
        for T in (0.0, 0.1, 0.5):
            capacity = weighted._by_scaling("memory", T, "rs")
            found += [[c, c.exponent(w)] if isinstance(c, Capacity) else c for w in (0.3, 1.0, 2.5) for c in [capacity(w)]]
    weighted._by_scaling.cache_clear()
    jacobian = np.array([[0.2, 1.0, 0.3, -0.5], [0.4, 2.0, 0.1, 0.7]])
    lines = {T: {"temperature": T, "load": 0.1 * (1 - T) ** 2 * (1 - T / 3), "load_error": 1e-9, "converged": True, "valid": False, "m": 0.9, "q": 0.8} for T in np.round(np.arange(0.0, 0.6, 1e-4), 10)}
    state = SimpleNamespace(jacobian=lambda u, p: jacobian[:, :, None] * (1 + u[0] + 2 * u[1] + p[0] + p[1]))
    theory = SimpleNamespace(of=lambda m, *a: SimpleNamespace(with_=lambda **k: None))
    with patched(weighted, compiled=lambda *a: state, Theory=theory, boundary_of_model=lambda m, line, temperatures, *a: SimpleNamespace(points=[{**lines[min(lines, key=lambda t: abs(t - T))], "temperature": T} for T in temperatures])):
        found += [list(weighted._spinodal("memory", T, "1rsb")[:4]) for T in (0.2, 0.4)] + [list(weighted._spinodal("memory", 0.0, a)[:4]) for a in ("rs", "1rsb")]
    edges = [c and bool(weighted._is_edge(np.array([[m]]), np.array([[a]]), (0,))[0]) for c, m, a in ((True, 0.5, 0.1), (False, 0.5, 0.1), (True, 1e-3, 0.1), (True, 1.1e-3, 0.1), (True, 1 + 2e-9, 0.1), (True, 0.5, 0.0))]
    fold = Toy(["m", "q"], "m q v_m", "load T", {"free_energy": "m - load", "replicon": "m - 0.6"})
    cold = Toy(["m", "C"], "m C v_m", "load T", {"replicon": "m - 0.6"})
    states = [weighted._state_of(Point(s, np.array([m, 0.3, 1.0]), np.array([0.1, T]), 1e-13, np.zeros(4), {n: float(x[0]) for n, x in s.outputs(np.array([[m], [0.3], [1.0]]), np.array([[0.1], [T]])).items()}), T) for s in (cold,) for m in (0.5, 0.6 - 0.9e-8, 0.6 - 1.1e-8, 0.9) for T in (0.0, 0.2)]
    return [*found, weighted._slope(jacobian, 2, 0, 1), weighted._slope(jacobian, 2, 1, 0), edges, states, fold.unknowns]


def of_tasks() -> list:
    model, found = PalimpsestDAM(3), []
    for law_ in (lambda s: 0.25, lambda s: min(0.12, s / 2), lambda s: 0.0, lambda s: math.inf):
        with patched(tasks, _window=lambda target, rate, stored, T, ansatz, law_=law_: law_(stored)):
            m = tasks.task_matrix(model, tasks=4, task_load=0.1, rate=3.0)
            found.append([m.matrix, m.accuracy, m.windows, m.rate, m.task_load, m.to_json()])
    with patched(tasks, capacities=lambda *a: law):
        found += [[tasks._window(model, 0, s, 0.1, "rs") for s in (0.05, 0.064, 0.0641, 0.9)], [tasks.staircase(PalimpsestDAM(3, kernel="rehearsal", exponent=r), load=a) for r in (1.0, 0.5) for a in (0.0, 0.001, 0.0107, 0.05, 0.3)]]
    with patched(tasks, capacities=lambda *a: nothing, _MOST_REHEARSED=5):
        found += [tasks._window(model, 0, 0.1, 0.1, "rs"), tasks.staircase(PalimpsestDAM(3, kernel="rehearsal"), load=0.1)]
    said = refused(*(partial(tasks.task_matrix, m, **{"tasks": 2, "task_load": 0.1, "rate": 1.0} | k) for m, k in ((HebbianDAM(3), {}), (PSpin(3), {}), (PalimpsestDAM(3, kernel="rehearsal"), {}), (model, {"tasks": 0}), (model, {"tasks": 10_001}), (model, {"task_load": 0}),
                     (model, {"task_load": math.inf}), (model, {"rate": -1.0}), (PalimpsestDAM(2), {"rate": 0}), (model, {"rate": "1"}))),
                   *(partial(tasks.staircase, m, load=a) for m, a in ((model, 0.1), (PalimpsestDAM(2, kernel="rehearsal"), 0.1), (PalimpsestDAM(3, kernel="rehearsal"), -0.1), (PalimpsestDAM(3, kernel="rehearsal"), math.inf), (HebbianDAM(3), 1))))  # fmt: skip
    return [*found, said]


def curves() -> list:
    found = []
    law_ = Noted(["x - load - T**2", "(y - x)**3 + y - x", "load**2 + 0.5*T - 0.3"], "x y", "load T")
    fall = Noted(["x - T", "load - 0.3*(1 - T**2)*(1 + 2*T)"], "x", "load T")
    for system, u, p in ((fall, [0.3], [0.4, 0.3]), (law_, [0.3, 0.3], [0.4, 0.3])):
        scale = np.array([*([1.0] * len(u)), 0.5, 0.5])
        for more in ({}, {"largest": 0.2}, {"bottom": 0.1}, {"follow": lambda u, p: p[1] < 0.6}):
            c = Curve(system, (0, 1), lambda u=u, p=p: [(np.array(u) + 9, np.array(p) * -1), (np.array(u), np.array(p))], lambda u, p: (p[1] > 0) & (p[1] < 0.9), scale, **more)
            temperatures, loads = np.array([0.05, 0.3, 0.55, 0.89, 0.95]), np.array([0.3, 0.39, 0.2])
            at = [[[np.round(x.p, 9) for x in points] for points in rows] for rows in (c.at(temperatures, 1), c.at(loads, 0))]
            found.append([c.skeleton, c._with_extrema[1].shape, at, system.noted()])
    none = Curve(fall, (0, 1), list, lambda u, p: p[1] > 0, np.ones(3))
    return [*found, none.skeleton[1].shape, none.at(np.array([0.1]), 1), none.first]


def planes() -> list:
    def piece(path: Any, free: tuple = (0, 1)) -> Piece:
        table = np.array(path, float)
        return Piece(None, table[:1] * 2, table if free == (0, 1) else table[::-1], free, np.ones(2))  # type: ignore[arg-type]

    wave = [[0, 0.5, 1, 1.5, 1.2, 0.8], [0, 1, 0.5, 0.7, 1.9, 2.4]]
    pieces = [piece(wave), piece([[0.1, 4.9], [0.2, 0.3]]), piece([[2, 2], [0, 1.0]], (1, 0))]
    windows = [_window(p, (0, 1)) for p in (pieces[:1], pieces[:2], pieces, [])]
    shown = [[v.p, v.u] for w in (np.array([[0.2, 0.0], [1.3, 2.0]]), np.array([[0.0, 0.0], [9.0, 9.0]]), np.array([[0.5, 0.5], [1.0, 1.0]])) for v in _visible(pieces[0], w)]
    shares = [_shares(np.array(lengths, float), n) for lengths, n in (([1, 2, 3], 12), ([1, 1, 1], 10), ([0, 0], 5), ([9, 0.1], 3), ([], 4), ([5], 7), ([1, 1, 8], 2))]
    crossed = [[p[1] for _, p in passing(np.array(wave)[:0], np.array(wave), 0, x)] for x in (0.0, 0.5, 1.0, 1.3, 0.9, 2.0)]
    regions = [[r.name, r.outline, r.valid, r.why, r.valid_in if hasattr(r, "valid_in") else None] for r in (_region("a", None, [(0, 1, 2), (1, 0.5, 3.0)], 0.1), _region("b", "why", [(0.5, 1, 2)], 0.1))]
    return [windows, shown, shares, crossed, regions, [sorted(_ends_and_turns(p.p)) for p in pieces], [_pattern(["m", "q"], np.array(u)) for u in ([0, 0], [0.5, 0], [-0.5, 0.2], [0, -0.1])]]


def on_curves() -> list:
    """Points of a circle load² + T² = 1 with a free energy, found where one parameter is given and spread along it."""
    system = Toy(["x - load*T"], "x", "load T", {"free_energy": "x + T"})
    asked: list = []

    def certified(u: Any, p: Any, which: int) -> dict:
        asked.append([u, p, which])
        return {k: SimpleNamespace(u=u[:, k], p=p[:, k], which=which) for k in range(u.shape[1]) if p[0, k] > 0.01}

    part: Any = SimpleNamespace(system=system, lowest=(0.0, 0.0), certified=certified)
    angle = np.linspace(0.1, 2.9, 15)
    p = np.array([np.cos(angle), np.sin(angle)])
    curve = Piece(part, p[:1] * p[1:], p, (0, 1), np.ones(2))
    points = [SimpleNamespace(system=system, p=np.array([r * math.cos(a), r * math.sin(a)]), outputs={"free_energy": math.cos(a) * math.sin(a) + math.sin(a) + off})
              for a in (0.5, 1.0, 3.1) for r in (1.0, 1.01, 1.05) for off in (0.0, 0.1)]  # fmt: skip
    holds = [curve.holds(point) for point in points] + [curve.holds(SimpleNamespace(system=None))]  # type: ignore[arg-type]
    at = [[[[q.u, q.p] for q in row] for row in curve.at(np.array(v), which)] for v, which in (([0.5], 0), ([0.5, 0.9, 2.0], 1))]
    spread = [[[q.u, q.p, q.which] for q in curve.spread(n, np.array(unit))] for n, unit in ((4, [1.0, 1.0]), (7, [1.0, 0.3]))]  # type: ignore[attr-defined]
    still = Piece(part, np.ones((1, 2)), np.ones((2, 2)), (0, 1), np.ones(2)).spread(3, np.ones(2))
    return [holds, at, spread, len(still), asked[-1]]


def of_regions() -> list:
    def line(name: str, points: list, ansatz: str = "rs", **more: Any) -> Boundary:
        rows = [{"load": a, "temperature": t, "converged": a is not None, "valid": True, "ansatz": ansatz, **more} for a, t in points]
        return Boundary(HebbianDAM(3), name, ansatz, "canonical", rows)

    spinodal = [(0.14, 0.0), (0.13, 0.3), (0.06, 0.7), (None, 0.8), (0.0, 1.0)]
    below, high = [(0.05, 0.0), (0.04, 0.4), (0.0, 1.0)], [(0.1, 0.3), (0.05, 0.6), (0.0, 0.9)]
    at, glass = [(0.138, 0.07), (0.1, 0.03), (0.05, 0.001)], [(0.5, 0.7), (1.0, 1.0)]
    sets = [[line("retrieval-spinodal", spinodal)], [line("retrieval-spinodal", spinodal), line("thermodynamic", below)], [line("retrieval-spinodal", spinodal), line("thermodynamic", high)],
            [line("retrieval-spinodal", spinodal), line("at", at), line("spin-glass", glass)], [line("zero-entropy", glass)], [line("at", at[:1]), line("retrieval-spinodal", spinodal)]]
    sets += [[line("retrieval-spinodal", spinodal), line("thermodynamic", [(0.1, low), (0.05, 0.6), (0.0, 0.9)])] for low in (0.0179, 0.0181)]
    broken = [[line("retrieval-spinodal", spinodal), line("at", at), line("retrieval-spinodal", spinodal, "1rsb", valid=v)] for v in (True, False)]
    broken += [[line(n, glass, "1rsb") for n in ("dynamic", "static", "gardner")]]
    found = [regions_between(s, ["rs"]) for s in sets] + [regions_between(s, names) for s in broken for names in (["rs", "1rsb"], ["rs", "1rsb", "2rsb"])]
    return [[[r.name, r.outline, r.valid, r.why, r.layer] for r in some] for some in found]


def of_levels() -> list:
    """Hierarchies followed from T = 0 with given turning points: what is asked for, and what each refusal makes of it."""
    found = []
    for steps, temperature, good, ordered, arrived in ((2, 0.3, (True, True), True, True), (2, 0.001, (True, True), True, True), (3, 0.3, (True, True), True, True), (2, 0.3, (True, False), True, True),
                                                       (2, 0.3, (False, True), True, True), (2, 0.3, (True, True), False, True), (2, 0.3, (True, True), True, False), (2, 0.3, (None, True), True, True)):  # fmt: skip
        names = ["m", *(f"q{k}" for k in range(steps)), "C", *(f"y{k + 1}" for k in range(steps))]
        values = {name: 0.9 - 0.07 * k for k, name in enumerate(names)}
        cold = SimpleNamespace(values=values, system=SimpleNamespace(unknowns=names), roots=SimpleNamespace(p=np.array([[0.11]])))
        asked: list = []
        fates = iter(good)

        def turned(system: Any, u: Any, p: Any, asked: list = asked, fates: Any = fates) -> Any:
            asked.append([u, p])
            fate = next(fates)
            return None if fate is None else SimpleNamespace(u=2 * u[:, None], p=3 * p[:, None], converged=[fate], error=np.ones((len(u) + 1, 1)))

        def followed(system: Any, u: Any, p: Any, before: Any, varied: int, value: float, asked: list = asked, arrived: bool = arrived) -> Any:
            asked.append([u, p, before, varied, value])
            return SimpleNamespace(u=u[:, None], p=p[:, None], error=np.arange(len(u) + 1.0)[:, None]) if arrived else None

        def rises(system: Any, u: Any, error: Any, asked: list = asked, ordered: bool = ordered) -> bool:
            asked.append([u, error])
            return ordered

        with patched(levels, level_spinodal=lambda *a, cold=cold, **k: cold, LevelSystem=lambda *a: list(a[1:]), turning_point=turned, followed_turning_point=followed, is_hierarchy=rises,
                     LevelState=lambda system, roots: ["state", system, roots.u]):  # fmt: skip
            found.append([levels._followed_spinodal("model", steps, temperature), asked])
    for good_, ordered in (((True, True), True), ((True, False), True), ((None,), True), ((True, True), False)):
        asked = []
        fates = iter(good_)
        ground = SimpleNamespace(ground=lambda: SimpleNamespace(u=np.array([0.9, 0.8, 0.3, 0.6, 0.1, 0.2, 0.3, 0.4]), p=np.array([0.12])))

        def turned_(system: Any, u: Any, p: Any, asked: list = asked, fates: Any = fates) -> Any:
            asked.append([u, p])
            fate = next(fates)
            return None if fate is None else SimpleNamespace(u=u[:, None] + 1, p=p[:, None] + 0.01, converged=[fate], error=np.ones((len(u) + 1, 1)))

        def finer(state: Any, system: Any, T: float, asked: list = asked) -> Any:
            asked.append([state.roots.u, T])
            return np.append(state.roots.u[:, 0], [0.5, 0.6])

        with patched(levels, spinodal=lambda target, ground=ground: ground, Theory=lambda *a: a, LevelSystem=lambda *a: list(a[1:]), LevelState=lambda system, roots: SimpleNamespace(system=system, roots=roots),
                     relaxed=lambda s, u, p, h: u * 1.1, approached=lambda s, u, p, h, free: u + free + 0.2, refined=finer, turning_point=turned_, is_hierarchy=lambda s, u, e, ordered=ordered: ordered):  # fmt: skip
            state = levels.level_spinodal.__wrapped__("model", 3, temperature=0.0)
            found.append([None if state is None else [state.system, state.roots.u, state.roots.p], asked])
    return found


def of_seeds() -> list:
    """Where lines of broken symmetry begin, with given states."""
    found = []
    u, loads = np.array([[0.9, 0.8, 0.7, 0.6], [0.5, 0.4, 0.3, 0.2]]), np.array([0.1, 0.13, 0.12, 0.11])
    rising = np.array([0.1, 0.11, 0.12, 0.13])
    for variant, ends, there, path in (("zero", 0.12, (True,), loads), ("zero", None, (True,), loads), ("finite", 0.12, (False, True), loads), ("finite", 0.12, (False, False, False), loads), ("finite", 0.12, (True, False, True), rising), ("finite", 0.12, (True,) * 3, loads[::-1])):
        asked: list = []
        fates = iter(there)
        met = [SimpleNamespace(p=np.array([load, 0.3])) for load in (0.1, 0.12)]
        line = SimpleNamespace(ground=lambda ends=ends: None if ends is None else SimpleNamespace(u=np.ones(2), p=np.array([ends])),
                               at=lambda rest, which, asked=asked, met=met: (asked.append([rest, which]), [met])[1])  # fmt: skip

        def states(target: Any, branch: str, variant: str, p: Any, asked: list = asked, fates: Any = fates) -> Any:
            asked.append([branch, variant, p])
            return SimpleNamespace(found=[next(fates)], u=np.array([[0.9], [0.5]]), system="system")

        with patched(broken, retrieval_spinodal=lambda target, line=line: line, find_broken=states, turning_point=lambda *a: None, along=lambda system, x, p, branch, path=path: (u, path),
                     augmented=SimpleNamespace(null_vector=lambda system, x, p: np.concatenate([x, p]))):  # fmt: skip
            made = broken._folds(SimpleNamespace(with_=lambda **k: None), variant, np.array([] if variant == "zero" else [0.3]))  # type: ignore[arg-type]
            found.append([list(made), asked])
    for load in (np.array([0.2]), np.array([])):
        replicon = np.where(np.arange(60) % 20 < 10, 1.0, -1.0)
        glass = SimpleNamespace(outputs=lambda replicon=replicon: {"replicon_q1": replicon}, u=np.arange(120.0).reshape(2, 60), found=np.ones(60, bool))
        with patched(broken, find_broken=lambda *a, glass=glass, **k: glass):
            target = SimpleNamespace(model=SimpleNamespace(noise_strength=0.5, p=3))
            found.append(list(broken._soft_glass(target, None, "static", load)))  # type: ignore[arg-type]
    of_piece = {"a": {0.1: ["a1"], 0.3: []}, "b": {0.1: ["b1"], 0.3: ["b3", "b4"], 0.2: []}}
    for pieces in (("a", "b"), ("b", "a"), ("a",)):
        def of_curve(piece: Any, axis: str, values: Any) -> list:
            return [[{"temperature": float(v), "load": 0.5, "of": name} for name in of_piece[piece.name].get(round(float(v), 6), [])] for v in values]

        made_pieces = [SimpleNamespace(name=name, ansatz="1rsb" if name == "b" else "rs") for name in pieces]
        with patched(breaking, _pieces=lambda target, made_pieces=made_pieces: made_pieces, thermodynamic_pieces=lambda target, made_pieces=made_pieces: made_pieces, _of_curve=of_curve, _ground_record=lambda piece: {"ground": piece.name} if piece.name == "b" else None):
            for axis, given in (("temperature", np.array([0.0, 0.1, 0.2, 0.3, 0.1])), ("load", np.array([0.1, 0.2, 0.3]))):
                found.append(breaking.broken_points(SimpleNamespace(ansatz="1rsb"), "thermodynamic", axis, given, None))  # type: ignore[arg-type]
    for converged, moved in ((True, 0.0), (True, 0.0049), (True, 0.0051), (False, 0.0)):
        state = SimpleNamespace(jacobian=lambda x, p: np.array([[2.0, 1.0, 0, 0], [1.0, 0.5001, 0, 0]])[:, :, None])
        asked = []

        def solved(system: Any, x: Any, p: Any, free: Any, asked: list = asked, moved: float = moved, converged: bool = converged) -> Any:
            asked.append([np.abs(x), p, free])
            return SimpleNamespace(converged=[converged], u=x, p=p + moved)

        with patched(merging, compiled=lambda *a, state=state: state, newton=solved, augmented=SimpleNamespace(zero=lambda *a: None, fold=lambda *a: None, null_vector=augmented.null_vector)):
            end = merging._symmetric_end(SimpleNamespace(with_=lambda **k: None), ["m", "q0", "theta"], np.array([0.9, 0.8, 0.3, 0.1, 0.5]))  # type: ignore[arg-type]
            found.append([end, asked])
    return found


def small_parts() -> list:
    x, y = np.array([0.1, 0.3, 0.4, 0.9]), np.array([[1.0, 0.2, -0.4, -0.1], [2.0, 1, 0, 5]])
    held = SimpleNamespace(unknowns=["m", "q0", "v_m"])
    roots = SimpleNamespace(u=np.array([[0.9], [0.5], [7.0]]), p=np.array([[0.1], [0.3], [4.0]]))
    near = [_near(held, roots, np.array(g)) for g in ([0.9, 0.5, 1, 0.1, 0.3], [0.99, 0.5, 1, 0.1, 0.3], [0.9, 0.5, 1, 0.112, 0.3], [0.9, 0.45, -1, 0.1, 0.33])]  # type: ignore[arg-type]
    one, two = np.array([True, True, False, True, True, True]), np.array([1.0, 0.2, 3, 0.1, -0.2, -0.3])
    crossings = list(changes(two[None], two[None] + 1, two, one))
    merged = apart([{"temperature": t, "k": k} for k, t in enumerate((0.3, 0.1, 0.1 + 0.9e-7, 0.1 + 2.1e-7, 0.3 + 1.1e-7))])
    strand = SimpleNamespace(u=np.array([[[0.1, 1], [0.3, 2], [0.5, 3], [0.6, np.nan]]]), p=np.array([[[0.0, 0], [0.2, 1], [0.3, 2], [0.2, 3]], [[1.0, 1]] * 4]), along=np.array([[[1.0, 1], [0.5, 1], [0.4, 1], [0.3, 1]], [[1.0, 1], [0.2, 2], [-0.1, 3], [-0.5, np.nan]]]))
    system = Toy(["x - a", "x - 0.35"], "x", "a b", {"free_energy": "x - 0.2"})
    part = SimpleNamespace(system=system, state=system)
    zeros = [_zeros(part, strand, o) for o in (None, "free_energy")]  # type: ignore[arg-type]
    curve = SimpleNamespace(skeleton=(np.zeros((1, 3)), np.array([[0.1, 0.4, 0.2], [0.05, 0.3, 0.8]])))
    empty = SimpleNamespace(skeleton=(np.zeros((1, 0)), np.zeros((2, 0))))
    kinds = [Definition(c, lambda k=k: k, z, i) for c, k, z, i in ((curve, None, None, None), (curve, 1, None, None), (curve, None, "yes", None), (empty, None, None, None), (None, None, None, "never"))]
    ranges = [models._whole_range(k, 5) for k in kinds]
    nowhere = [models._nowhere("at", k, what, v) for k in kinds for what in ("temperature", "load") for v in (0.01, 0.35, 0.9)]
    nothing = [unsolved(axis, 0.1, "because", "refused", ("m", "q")) for axis in ("temperature", "load")]
    signs = list(changes(np.arange(7.0)[None], np.ones((1, 7)), np.array([1.0, -1, 2, 3, -1, np.nan, 1]), np.array([True, True, True, True, False, True, True])))
    return [[_polynomial(x, y, a) for a in (0.2, 0.5)], _zero(x, y[0], 0.1, 0.4), near, crossings, merged, _folds(strand), zeros, ranges, nowhere, nothing, signs,  # type: ignore[arg-type]
            refused(*(partial(check_points, n, *rest) for n, *rest in ((0,), (1,), (1, 2), (2, 2), (10_000,), (10_001,), (100_001,), (10**6 + 1,), ("3",), (True,), (2.0,))))]  # fmt: skip


QUESTIONS: Questions = {
    **{f"lines of {name}": partial(of_streams, name, e) for name, e in KERNELS}, "units": of_units, "weights": of_weights, "tasks": of_tasks, "curves": curves, "planes": planes,
    "on curves": on_curves, "regions": of_regions, "levels": of_levels, "seeds": of_seeds, "small parts": small_parts,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", QUESTIONS)
def test_lines_answer_as_the_table_says(name):
    check(RECORD, name, QUESTIONS[name])


if __name__ == "__main__":
    written(RECORD, QUESTIONS)
