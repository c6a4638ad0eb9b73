"""How solvers move on small systems, step by step, and what parts of solving say at their edges, against a table.

``python tests/solve/test_table_of_solve.py`` writes it anew. A system notes where it was asked, so that the path is compared
and not its end alone: a step that is wrong and mended by the next one shows.
"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from tables import Questions, check, patched, refused, written
from toy_equations import Noted

from dammech.declared.units import convention
from dammech.derive import FreeEnergy
from dammech.equations import Theory
from dammech.solve import augmented, breaking, levels, solution, solve, states, strands
from dammech.solve.broken import _close, _from_above, sizes_to_scan
from dammech.solve.continuation import trace
from dammech.solve.declared import _far, belongs, held
from dammech.solve.given import numbers, taken_as_it_is
from dammech.solve.landscape import landscape
from dammech.solve.newton import _isolated, _solve, _spread, newton, scale_of_terms
from dammech.solve.transformed import holding, parted, parting, weighing
from dammech.solve.turning import followed_turning_point, turning_point
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

RECORD = Path(__file__).with_name("table_of_solve.json")


def magnet() -> Noted:
    return Noted(["m - tanh((m + h)/T)"], "m", "T h", {"free_energy": "m**2/2 - T*log(2*cosh((m + h)/T))", "slope": "1 - T - m**2"}, "T")


def glassy() -> Noted:
    """Two order parameters whose saddle is that of a free energy without q's own minimum."""
    return Noted(["m - tanh((m + q/4)/T)", "q - tanh((m + q/4)/T)**2"], "m q", "load T", {"free_energy": "m**2/2 - q*m/3 + load*T", "replicon": "T - q"}, "T")


def sides() -> Noted:
    return Noted(["x**2 + y**2 - a", "x - y - b"], "x y", "a b", {"free_energy": "x*y", "replicon": "x - 2*y"}, "a")


def curve() -> Noted:
    return Noted(["x**3 - x + a"], "x", "a b", {"free_energy": "x**4/4 - x**2/2 + a*x"}, "2 - x")


def roots(system: Noted, *arguments: Any, **options: Any) -> list:
    r = newton(system, *arguments, **options)
    return [r.u, r.p, r.residual < 1e-9, np.where(r.error > 1e-12, r.error, 0), r.converged, [r.shortfall(k).split(" is ")[0] for k in range(r.u.shape[1])], system.noted()]


def of_newton() -> list:
    one, two, bent = magnet(), sides(), curve()
    u, p = np.array([[0.9, 0.5, 3.0, -0.2, 1e-3, np.nan]]), np.array([[0.5, 0.9, 0.2, 1.5, 0.999, 0.5], [0.0, 0.1, 0.0, 0.2, 0.0, 0.0]])
    found = [roots(one, u, p)]
    found += [roots(one, u, p, **o) for o in ({"steps": 1}, {"steps": 4}, {"steps": 6}, {"halvings": 1}, {"halvings": 2}, {"polish": False}, {"order": 8}, {"steps": 0}, {"polish": False, "steps": 3})]
    u2 = np.array([[1.0, 0.1, 2.0, 0.0, 1.0], [0.4, 0.1, -2.0, 0.0, 1.0]])
    p2 = np.array([[1.0, 2.0, 3.0, 1.0, 0.0], [0.5, 0.0, 3.0, 0.2, 0.0]])
    found += [roots(two, u2, p2), roots(two, u2, p2, steps=5, halvings=3)]
    three = Noted(["m - tanh((m + h)/T)", "m**2 - h"], "m", "T h")
    found += [roots(three, u, p, (1,)), roots(three, u, p, (0,), lowest=0.4), roots(three, u, p, (1,), lowest=0.3)]
    fold = 2 / (3 * math.sqrt(3))
    u3, p3 = np.array([[0.6, 0.5, 0.57735, 1.9, -3.0, 0.0]]), np.array([[fold, fold * (1 - 1e-9), fold * (1 + 1e-9), -5.0, 9.0, 0.0], [0.0] * 6])
    found += [roots(bent, u3, p3), roots(bent, u3, p3, steps=9), roots(bent, u3, p3, halvings=4)]
    for text, error in (("x**3", 0.0), ("(x - 1)**2", 0.0), ("0*x", 0.0), ("x - a", 3e-11), ("x - a", 3e-10), ("1000*x - a", 2e-10), ("(x - a)**5", 0.0), ("1e-7*(x - a)", 0.0), ("1e-7*(x - a)", 1e-14)):
        found.append(roots(Noted([text], "x", "a", rule_error=error), np.array([[0.0, 0.5, 1.0]]), np.array([[0.0, 0.25, 1.0]])))
    none = Noted([], "", "a")
    found.append([newton(none, np.empty((0, 2)), np.array([[1.0, 2.0]])).converged])
    flat = Noted(["x**2*y", "x*y**2"], "x y", "a")
    found.append(roots(flat, np.array([[0.0, 1e-3], [0.0, 0.0]]), np.array([[1.0, 1.0]])))
    small = Noted(["1e-3*(x - 1) + 1e-12*a", "x*y - a"], "x y", "a")
    return [*found, roots(small, np.array([[1.2], [0.4]]), np.array([[0.0]]))]


def of_matrices() -> list:
    a = np.array([[[2.0, 1], [0.5, 3]], [[1, 2], [2, 4]], [[1e-9, 0], [0, 1e9]], [[np.nan, 1], [1, 1]], [[0, 0], [1, 1]]])
    b = np.array([[1.0, 2], [1, 2], [3, 4], [1, 1], [0, 1]])
    u, p = np.array([[1.0, -3, 0]]), np.array([[2.0, 0, 0.1], [0.3, 5, 0]])
    slopes = np.array([[[1.0, 2, 3]], [[0.5, np.inf, 1]], [[0.1, 0.1, 0.1]]])
    plateau, exact = Noted(["x**2*y", "y**3"], "x y", "a"), Noted(["x**3", "y**3"], "x y", "a")
    at = np.zeros((2, 1))
    alone = [_isolated(s, at, np.ones((1, 1)), np.moveaxis(s.jacobian(at, np.ones((1, 1))), -1, 0)[:, :, :2], [0, 1]) for s in (plateau, exact)]
    return [_solve(a, b), _solve(a[:1], b[:1]), _spread(a, b), scale_of_terms(slopes, u, p), alone]


def of_wholes() -> list:
    """Systems in other coordinates, or with unknowns held."""
    broken = Noted(["q0 - a*q1**2", "q1 - tanh(q0 + theta + a)", "(q1 - q0)*theta - a/4"], "q0 q1 theta", "a b", {"free_energy": "q0*q1 + b", "gap": "q1 - q0"}, "q1 - q0")
    u, p = np.array([[0.2, 0.3], [0.6, 0.9], [0.4, 0.7]]), np.array([[0.5, 0.8], [0.1, 0.2]])
    merged, scaled = parting(broken), weighing(broken, "theta")
    w = parted(broken, u)
    found = [merged.unknowns, merged.parameters, w, merged.whole(w, p)[0], merged.residual(w, p), merged.jacobian(w, p), merged.outputs(w, p), merged.inside(w, p)]
    found += [scaled.unknowns, scaled.parameters, scaled.residual(u, p), scaled.jacobian(u, p), scaled.outputs(u, p), scaled.inside(u, p)]
    for names, every in ((("q0",), False), (("theta", "q1"), False), (("q1",), True)):
        h = holding(broken, names, all_equations=every)
        rest = u[[k for k, n in enumerate(broken.unknowns) if n not in names]]
        more = np.concatenate([p, u[[broken.unknowns.index(n) for n in names]]])
        found += [h.unknowns, h.parameters, h.residual(rest, more), h.jacobian(rest, more), h.outputs(rest, more), h.inside(rest, more), h.whole(rest, more)]
    for system in (augmented.fold(sides()), augmented.zero(sides(), "replicon"), augmented.crossing(sides(), sides())):
        x = np.linspace(0.3, 1.1, len(system.unknowns))[:, None] * [1.0, -0.7]
        y = np.array([[1.0, 1.3], [0.2, 0.4]])
        found += [system.unknowns, system.parameters, system.residual(x, y), np.round(system.jacobian(x, y), 6), system.outputs(x, y), system.inside(x, y)]
    return [*found, np.abs(augmented.null_vector(sides(), np.array([[0.5, 1], [0.4, -0.2]]), np.array([[1.0, 2], [0.3, 0.1]])))]


def of_folds() -> list:
    system, found = magnet(), []
    at = np.array([[0.8], [1.0]]), np.array([[0.5], [-0.2]])
    r = newton(augmented.fold(system), *at, (1,), lowest=-1)
    found.append([r.u, r.p, r.converged, system.noted()])
    lines = curve()
    r = newton(augmented.fold(lines), np.array([[0.5, -0.5], [1.0, 1.0]]), np.array([[0.3, -0.3], [0, 0]]), (0,), lowest=-1)
    found.append([r.u, r.p, r.converged, lines.noted()])
    crossing_ = augmented.crossing(curve(), curve())
    r = newton(crossing_, np.array([[0.8], [-1.1]]), np.array([[0.05], [0]]), (0,), lowest=-1)
    found.append([r.u, r.p, r.converged])
    r = newton(augmented.zero(system, "slope"), np.array([[0.8]]), np.array([[0.6], [0.01]]), (0,))
    return [*found, r.u, r.p, system.noted()]


def of_traces() -> list:
    circle, bend, found = Noted(["x**2 + y**2 - 1"], "x", "y b", {}, "4 - y"), curve(), []

    def followed(system: Noted, u: float, p: list, free: tuple, towards: list, keep: Any = lambda x, y: True, **options: Any) -> None:
        x, y = trace(system, np.array([u]), np.array(p), free, scale=np.array(options.pop("scale", [1.0, 1.0])), towards=np.array(towards), keep=keep, **options)
        found.append([x, y, system.noted()])

    followed(circle, 1.0, [0.0, 0.0], (0,), [0, 1.0], points=9)
    followed(circle, 1.0, [0.0, 0.0], (0,), [0, 1.0], points=60, lowest=-0.4)
    followed(circle, 1.0, [0.0, 0.0], (0,), [0, -1.0], points=40)
    followed(circle, 0.6, [0.8, 0.0], (0,), [1.0, 0], keep=lambda x, y: x[0] < 0.9, points=50)
    followed(circle, 1.0, [0.0, 0.0], (0,), [0, 1.0], points=12, step=0.3, largest=0.5)
    followed(circle, 1.0, [0.0, 0.0], (0,), [0, 1.0], points=12, step=0.01, smallest=0.004, scale=[2.0, 0.5])
    followed(bend, 1.2, [1.2 - 1.2**3, 0.0], (0,), [-1.0, 0], points=30, lowest=-2, keep=lambda x, y: y[0] > -0.6)
    followed(bend, 1.2, [1.2 - 1.2**3, 0.0], (0,), [1.0, 0], points=30, lowest=-9)
    followed(bend, 1.2, [1.2 - 1.2**3, 0.0], (0,), [-1.0, 0], points=8, lowest=-9, tolerance=1e-3)
    corner = Noted(["sqrt(x**2) - y"], "x", "y")
    followed(corner, 0.5, [0.5], (0,), [-1.0, 0], points=40, lowest=-1, smallest=1e-3)
    edge = Noted(["sqrt(y) - x"], "x", "y")
    followed(edge, 0.0, [0.0], (0,), [1.0, 1.0], points=5)
    followed(edge, 0.5, [0.25], (0,), [-1.0, -1.0], points=40, smallest=1e-3)
    return found


def of_turns() -> list:
    found = []
    for text, outputs in (("m**2 + load - 1 + b*m", {}), ("(m - 0.6)**2*(1 + m) + load - T/2", {})):
        system = Noted([text, "q - m*load"], "m q", "load T b", outputs)
        for u, p, options in (([0.5, 0.3], [0.3, 1.0, 0.0], {}), ([0.5, 0.3], [0.3, 1.0, 0.1], {"step": 0.05}), ([0.55, 0.3], [0.3, 1.0, 0.0], {"step": -0.02}), ([0.1, 0.0], [0.9, 1.0, -0.2], {"which": 0})):
            r = turning_point(system, np.array(u), np.array(p), **options)
            found.append(None if r is None else [np.round(r.u, 7), r.p, r.converged, r.error.shape, system.noted()])
        a = turning_point(system, np.array([0.5, 0.3]), np.array([0.3, 1.0, 0.0]))
        b = turning_point(system, np.array([0.5, 0.3]), np.array([0.3, 1.1, 0.01]))
        for value in (1.4, 0.8) if a is not None and b is not None else ():
            r = followed_turning_point(system, b.u[:, 0], b.p[:, 0], (a.u[:, 0], a.p[:, 0]), 1, value)
            found.append(None if r is None else [np.round(r.u, 7), r.p, r.converged, system.noted()])
    straight = Noted(["m - load", "q - m"], "m q", "load T")
    return [*found, turning_point(straight, np.array([0.5, 0.5]), np.array([0.5, 1.0]))]


def of_strands() -> list:
    bend, one = curve(), magnet()
    a = np.array([[-0.5, -0.2, 0.0, 0.3, 0.5], [0.0] * 5])
    u, ok = strands.all_states(bend, a)
    places = {k: strands.starts(Noted(["m"] * k, " ".join("mqCr"[:k]), "load"), np.ones((1, 2))) for k in (1, 2, 3, 4)}
    found = [np.where(ok, u[0], 0.0).sum(0), ok.sum(0), bend.noted(), [places[k].shape[:2] for k in (1, 2, 3, 4)], places[1][..., 0], places[4][:, :5, 0]]
    for system, x, p, which, low, high, towards in (
        (bend, [[1.2, -1.2, 0.1]], [[1.2 - 1.2**3, -1.2 + 1.2**3, 0.1 - 0.001], [0.0] * 3], 0, [-0.6, -0.3, -0.5], [0.6, 0.7, 0.5], [1.0, -1.0, 1.0]),
        (one, [[0.9575040, 0.0]], [[0.5, 1.2], [0.0, 0.0]], 0, [0.3, 0.3], [1.5, 1.5], [1.0, -1.0]),
    ):
        s = strands.strands(system, np.array(x), np.array(p), which, np.array(low), np.array(high), np.array(towards))
        found.append([np.nan_to_num(s.u), np.nan_to_num(s.p), np.sign(np.nan_to_num(s.along)), system.noted()])
    return found


def of_states() -> list:
    one, two = magnet(), glassy()
    p = np.array([[0.5, 0.9, 1.3], [0.0, 0.05, 0.0]])
    u, _, ok = states.search(one, p, np.array([[0.9, 0.3, 0.0, -0.8]]))
    found = [np.where(ok, u, 0), ok, one.noted()]
    done = states.finish(one, np.array([[0.95, 0.7, 0.2]]), p, np.array([True, True, False]))
    found += [np.nan_to_num(done.u), done.found, done.stable, done.short, np.isfinite(done.error), {k: np.nan_to_num(v) for k, v in done.outputs().items()}, one.noted()]
    x = np.array([[0.9, 0.2], [0.8, 0.1]])
    q = np.array([[0.1, 0.3], [0.5, 0.9]])
    found += [states.curvature(two, x, q), states.curvature(one, x[:1], p[:, :2]), states.temperature(two, q), states.temperature(sides(), q), states._overlap(two, x[1], q)]
    cold = Noted(["m - tanh(m/T)", "C - (1 - m**2)/T"], "m C", "load T")
    warm = states.finish(cold, np.array([[0.95], [0.2]]), np.array([[0.1], [0.5]]), np.array([True]))
    found += [warm.u, warm.q, warm.found, states._overlap(cold, np.array([0.4, 0.2]), q)]
    for variant, T in (("zero", None), ("finite", 0.3), ("cold", 0.3), ("finite", 2.0)):
        fake = SimpleNamespace(variant=variant)
        before = states.compiled
        states.compiled = lambda *a: SimpleNamespace(parameters=["load", "T"])  # type: ignore[assignment]
        try:
            found.append(states._unknown_starts(fake, np.array([[0.1, 0.2], [T or 0.0, 0.5]]), np.array([0.97, 0.5])))  # type: ignore[arg-type]
        finally:
            states.compiled = before
    return found


def of_conditions() -> list:
    m, q, r = sp.symbols("m q r", real=True)
    u = np.array([[0.0, 0.5, -0.5, 9e-5, 1.1e-4], [0.5, 0.5, 0.2, 0.0, 0.0]])
    conditions = [sp.Eq(m, 0), sp.Ne(m, 0), m > 0, m >= 0, m < 0, m <= 0, sp.And(m > 0, q > 0.3), sp.Or(sp.Eq(q, 0), m < 0), sp.Not(sp.And(m > 0, q > 0)), sp.Eq(m, q), m > q]
    return [[belongs(c, [m, q], u) for c in conditions], [str(held(c)) for c in (sp.Eq(m, 0), sp.And(sp.Eq(m, 0), sp.Eq(q, 1), r > 0), sp.Eq(m, q), m > 0)], _far(2)[:, :6], _far(1).shape,
            refused(lambda: taken_as_it_is(Theory(None), load=(1, None)), lambda: taken_as_it_is(Theory(None), load=(None, None)), lambda: numbers("a", [[1]]), lambda: numbers("a", [1, -2]), lambda: numbers("a", "x"))]  # fmt: skip


def of_numbers() -> list:
    given = (0, 1, -1, 0.0, 1e-300, True, "1", None, [], [1, 2], [1, -1], [0, 1], [[1, 2], [3, 4]], [[1], [2, 3]], np.ma.masked, 1j, math.inf, math.nan, 10**400, 10**5, np.float32(0.5), {"a": 1}, np.zeros(solution.MOST_POINTS), np.zeros(solution.MOST_POINTS + 1))
    kinds: tuple[dict, ...] = ({}, {"positive": True}, {"signed": True})
    said = [refused(*(partial(solution.number, "a", v, **k) for v in given)) for k in kinds]
    grids = refused(lambda: solution.grid_of(np.zeros(solution.MOST_POINTS)), lambda: solution.grid_of(np.zeros(2), np.zeros(solution.MOST_POINTS // 2)), lambda: solution.grid_of(np.zeros(2), np.zeros(solution.MOST_POINTS // 2 + 1)))
    cold = refused(*(partial(solution.check_temperatures, np.array([1.0]), np.array([t]), a) for t in (0.0, solution.COLDEST, 0.999 * solution.COLDEST, solution.COLDEST_BROKEN, 0.999 * solution.COLDEST_BROKEN, 1.0) for a in ("rs", "1rsb")))
    return [said, grids, cold, solution.grid_of(np.array([1.0, 2]), np.array([3.0, 4, 5])), solution.unfound("a", None), solution.unfound("a", "b"), [solution.number("a", v) for v in (3, [1, 2], [[1, 2], [3, 4]])]]


def of_levels() -> list:
    def system(steps: int, cold: bool, m: bool = True) -> Any:
        names = (["m"] if m else []) + [f"q{k}" for k in range(steps if cold else steps + 1)] + (["C"] if cold else []) + [f"{'y' if cold else 'theta'}{k + 1}" for k in range(steps)]
        return SimpleNamespace(steps=steps, cold=cold, unknowns=names)

    good = {(2, False): [0.9, 0.1, 0.4, 0.8, 0.3, 0.7], (2, True): [0.9, 0.1, 0.4, 0.02, 1.0, 3.0], (1, False): [0.9, 0.1, 0.8, 0.3], (1, True): [0.9, 0.1, 0.02, 2.0]}
    found: list = [levels._ladder(k) for k in (1, 2, 5, 12, 13, 14, 30)]
    for (steps, cold), u in good.items():
        s, x = system(steps, cold), np.array(u)
        tries = [x, x + 1e-6 * np.eye(len(x))[1], np.where(np.arange(len(x)) == len(x) - 1, 1.0, x), np.where(np.arange(len(x)) == 1, x[2], x), np.where(np.arange(len(x)) == len(x) - 1, 0.0, x)]
        tries += [np.where(np.arange(len(x)) == 1, x[2] - d * (1 - x[2]), x) for d in (0.9e-5, 1.1e-5)] + [np.where(np.arange(len(x)) == len(x) - 2, x[-1] * (1 - d), x) for d in (0.9e-6, 1.1e-6)]
        found.append([levels.is_hierarchy(s, t, e) for t in tries for e in (0.0, 0.05, 0.2, 0.31)])
        state = SimpleNamespace(system=s, values=dict(zip(s.unknowns, u)))
        found += [levels.refined(state, system(k, cold), 0.5) for k in (steps + 1, 2 * steps + 2) if steps > 1 or k == 2]
    at, to = np.array([0.1, 0.4, 0.8]), np.array([0.0, 0.1, 0.2, 0.5, 0.8, 0.95])
    return [*found, levels._resampled(at, np.array([1.0, 2.0, 1.5]), to)]


def of_scans() -> list:
    held_ = [SimpleNamespace(unknowns=n) for n in (["m", "q0", "q1"], ["q0", "q1"], ["m", "q0", "C"], ["q1"], ["q0", "C"])]
    slopes = np.array([0.1, 1.0, 30.0])
    return [[sizes_to_scan(v, t, s, *rest) for v, t, s, *rest in (("zero", 0.0, 1.0), ("zero", 0.0, 0.3, 0.5), ("finite", 0.5, 1.0), ("finite", 0.01, 0.2), ("cold", 5.0, 1.0, 0.2))],
            [_from_above(h, slopes, t) for h in held_ for t in (0.2, 3.0)],
            [_close(np.array([1.0, 0.0]), np.array(a)) for a in ([1.2, 0.0], [1.2626, 0.0], [1.2624, 0.0], [1.0, 0.0124], [1.0, 0.0126], [0.7374, 0.0], [0.7376, 0.01])]]  # fmt: skip


def of_own() -> list:
    """States of free energies whose saddles are known: m = h, with a replicon of either sign, a maximum, branches."""
    m, q, h, T = sp.symbols("m q h T", real=True)
    marginal = FreeEnergy(m**2 / 2 - h * m, [m], [h], replicon=1 - m)
    upside = FreeEnergy(h * m - m**2 / 2, [m], [h])
    double = FreeEnergy(m**4 / 4 - m**2 / 2 - h * m, [m], [h], branches={"up": m > 0, "down": m < 0, "none": sp.Eq(m, 0)})
    two = FreeEnergy(m**2 / 2 - q**2 / 2 + h * m * q - T * m, [m, q], [h, T], replicon=T - q)
    found = [solve(marginal, h=[0.5, 1.0, 1.0 + 1e-9, 1.5, -0.3]), solve(upside, h=[0.5, 0.0]), solve(double, h=[0.0, 0.1, 0.5]), solve(two, h=[0.2, 0.9], T=[0.3, 1.0])]
    found += [solve(double, h=[0.0, 0.2, 0.5], branch=b, throw=False) for b in ("up", "down", "none")] + [solve(double, h=[0.1], start={"m": s}, throw=False) for s in (-1.0, 0.0, 5.0)]
    keep = ("status", "valid", "stable", "why", "m", "q", "free_energy", "replicon", "equilibrium", "energy", "entropy", "residual", "error")
    told = [[{k: v for k, v in p.to_json().items() if k in keep} for p in some.points] for some in found]
    return [told, refused(lambda: solve(double, h=1, branch="what"), lambda: solve(marginal, h=1, branch="up"), lambda: solve(two, h=1), lambda: solve(two, h=1, T=1, start={"x": 1}), lambda: solve(marginal, h="x"), lambda: solve(marginal, h=[[1]]))]


def of_many_steps() -> list:
    found = []
    for axes, row, there in ((("load", "temperature"), [0.3, 0.2], True), (("load", "temperature"), [0.3, 0.0], True), (("temperature",), [0.3, 0.2], True), (("load", "temperature"), [0.3, 0.2], False)):
        asked: list = []
        model = SimpleNamespace(axes=axes, convention=lambda name: convention(name, 3))
        target = SimpleNamespace(model=model, ansatz="3rsb", with_=lambda **k: k)
        state = SimpleNamespace(outputs=lambda: {"free_energy": -0.7}, values={"m": 0.9}, roots=SimpleNamespace(residual=np.array([1e-13]), error=np.array([1e-9, 3e-9]), p=np.ones((2, 1))))

        def levelled(*a: Any, asked: list = asked, there: bool = there, state: Any = state, **k: Any) -> Any:
            asked.append([a[1:], k])
            return state if there else None

        with patched(levels, level_state=levelled), patched(breaking, broken_solution=lambda a, *more, asked=asked: (asked.append((a.branch, a.convention, *more)), SimpleNamespace(valid=True))[1],
             broken_solutions=lambda *a, asked=asked: (asked.append(a), ["fewer"])[1], _not_further=lambda fewer, ansatz: SimpleNamespace(judgement=[fewer, ansatz]),
             Judgement=lambda *a, asked=asked: (asked.append(a[1:]), "judgement")[1]):  # fmt: skip
            point = breaking._of_many_steps(target, "retrieval", "gardner", np.array(row), SimpleNamespace(parameters={"load": 0.3}))  # type: ignore[arg-type]
        found.append([point.judgement, [[str(x) if isinstance(x, SimpleNamespace) else x for x in a] for a in asked if not isinstance(a, dict)][:2] if there else len(asked)])
    return found


def of_landscapes() -> list:
    a = landscape(HebbianDAM(3), load=0.05, temperature=0.2, m=[0.0, 0.3, 0.9, 0.99])
    b = landscape(HebbianDAM(3), load=0.3, temperature=0.6, m=[0.0, 0.5, 1.0], convention="theriault-tantari")
    return [[x.m, x.free_energy, x.q, x.load, x.temperature] for x in (a, b)] + [refused(lambda: landscape(PSpin(3), load=1, temperature=1), lambda: landscape(HebbianDAM(3), load=1, temperature=0),
            lambda: landscape(HebbianDAM(3), load=-1, temperature=1), lambda: landscape(HebbianDAM(3), load=0, temperature=1, m=["x"]))]  # fmt: skip


QUESTIONS: Questions = {
    "newton": of_newton, "matrices": of_matrices, "wholes": of_wholes, "folds": of_folds, "traces": of_traces, "turns": of_turns, "strands": of_strands, "states": of_states,
    "conditions": of_conditions, "numbers": of_numbers, "levels": of_levels, "scans": of_scans, "landscapes": of_landscapes, "own": of_own, "many steps": of_many_steps,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", QUESTIONS)
def test_solving_answers_as_the_table_says(name):
    check(RECORD, name, QUESTIONS[name])


if __name__ == "__main__":
    written(RECORD, QUESTIONS)
