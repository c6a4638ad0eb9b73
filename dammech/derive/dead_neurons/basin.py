"""A stable steady state that touches a flat region attracts all of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net, draws, flow, random_net, settled
from dammech.derive.dead_neurons.energy import CONVEX, ONE_TIME, energy_of
from dammech.derive.dead_neurons.kinks import family
from dammech.derive.dead_neurons.spurious import live, velocity_of
from dammech.derive.dead_neurons.stability import pinned
from dammech.derive.dead_neurons.symbols import Point, column, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

_t = sp.Symbol("t", real=True)


def basin() -> Theorem:
    """The flow on a flat region, and around it."""
    return Theorem(
        "dead-neurons.basin",
        "A stable steady state attracts its flat region",
        "Let x* be a steady state, F the flat region it belongs to, L convex and T one number on every non-separable block. "
        "From a start in F the state is x(t) = x* + e^{−t/τ}(x(0) − x*): it stays in F and relaxes to x* along a segment, "
        "at constant energy, however far away it starts. The basin of attraction of a stable x* is open and contains F, so "
        "that it contains a neighbourhood of all of F. If x* is unstable, F itself is still attracted, its neighbourhood not.",
        [_path(), _energy(), _neighbour(), _return()],
        ("fanaskov2024", "lasalle1960"),
    )


@cache
def _relaxation() -> sp.Expr:
    """The solution of τ ẋ = x* − x: on the flat region W g + b = W g* + b = x*."""
    t, tau = sp.symbols("t tau", positive=True)
    start, steady = sp.symbols("x y", real=True)
    state = sp.Function("state")
    return sp.dsolve(tau * state(t).diff(t) - steady + state(t), state(t), ics={state(0): start}).rhs


def _paths(n: int) -> list[sp.Expr]:
    t, tau = sp.symbols("t tau", positive=True)
    start, steady = sp.symbols("x y", real=True)
    names = zip(vector("x", n), vector("y", n), vector("tau", n))
    return [_relaxation().xreplace({start: x, steady: y, tau: s, t: _t}) for x, y, s in names]


def _start(
    blocks: Any, steady: list[Any], start: list[Any], tau: Any = (1.25, 1.25, 0.875), pin: bool = True, **more: Any
) -> Point:
    """A start in the flat region of a steady state, and the net it is steady for."""
    net = random_net("basin", blocks)
    net = Net(blocks, net.W, net.b, tau)
    if pin:
        net = pinned(net, steady)
    with mp.workdps(60):
        begin, end = [mp.mpf(z) for z in start], [mp.mpf(z) for z in steady]
        values = {"x": begin, "y": end, "tau": net.tau, "b": net.b, "W": net.W, "g": net.activation(end),
                  "L": net.lagrangian(end), "t": mp.mpf(5) / 8}
    return Point({**values, **more}, net=net, x=begin)


def _cases() -> tuple[list[Point], tuple[Hypothesis, ...]]:
    """Softmax shifted along (1, 1) with a dead rectified neuron moved, and one counter-example for each hypothesis."""
    mixed = [("softmax", 2), ("relu", 1)]
    steady, far = [0.75, -0.5, -0.25], [8.75, 7.5, -20.0]
    with mp.workdps(60):  # g(1/2) = g(z) for x − 2 sin x
        other = mp.findroot(lambda z: z - 2 * mp.sin(z) - (0.5 - 2 * mp.sin(mp.mpf(1) / 2)), 1.4)
    wavy = [("softmax", 2), ("wavy", 1)]
    return [_start(mixed, steady, far)], (
        Hypothesis("x* is a steady state", [_start(mixed, steady, far, pin=False)]),
        Hypothesis("the start has the activation of x*", [_start(mixed, steady, [8.75, 7.0, -20.0])]),
        Hypothesis(CONVEX, [_start(wavy, [0.75, -0.5, 0.5], [8.75, 7.5, other])]),
        Hypothesis(ONE_TIME, [_start(mixed, steady, far, tau=(1.25, 0.5, 0.875))]),
    )


def _path() -> Step:
    points, hypotheses = _cases()
    each = _start([("relu", 2), ("clip", 1)], [-0.375, -0.5, -1.75], [-7.5, -0.25, -20.0], tau=(1.25, 0.5, 0.875))
    return Step(
        "The path within the flat region",
        [rf"x_{i + 1}(t)" for i in range(3)],
        tuple(_paths(3)),
        "on F the drive is W g + b = W g* + b = x*, so that T ẋ = x* − x (x* is written y), solved; F is convex and invariant "
        "under scaling of blocks, so the path stays in it, and the solution is unique",
        "integration of the whole net by extrapolation, from far out on a product of a line (softmax) and a half-line",
        [*points, each],
        lambda p: flow(p.of["net"].velocity, p.of["x"], p[_t]),
        source="fanaskov2024",
        hypotheses=hypotheses,
    )


def _energy() -> Step:
    """L is affine on F."""
    g, y = column(vector("g", 3)), column(vector("y", 3))
    path = column(_paths(3))
    value = sp.Symbol("L", real=True) + (g.T * (path - y))[0]
    claim = sp.expand(energy_of(g, value, symmetric("W", 3), path, vector("b", 3)))
    if _t in claim.free_symbols:
        raise ArithmeticError("the energy depends on time")
    points, hypotheses = _cases()
    saturated = _start([("softmax", 2), ("clip", 1)], [0.75, -0.5, -1.75], [8.75, 7.5, -20.0])
    return Step(
        "The energy along it",
        ["E(x(t))"],
        (claim,),
        "L is affine on F with slope g*: time drops out",
        "energy of the numerical solution of the whole net",
        [*points, saturated],
        lambda p: [p.of["net"].energy(flow(p.of["net"].velocity, p.of["x"], p[_t]))],
        hypotheses=hypotheses[1:],
    )


def _neighbour() -> Step:
    """The family with one linear visible neuron, a live hidden neuron and a dead one."""
    xi, d = vector("xi", 2), column(vector("d", 3))
    J = sp.Matrix([[-1, xi[0], 0], [xi[0], -1, 0], [xi[1], 0, -1]])
    path = [sp.expand(e) for e in (J * _t).exp() * d]
    if any(sp.simplify(sp.diff(e, _t) - r) != 0 for e, r in zip(path, J * column(path))):
        raise ArithmeticError("the path does not solve the linear equations")

    def point(depth: float) -> Point:
        p = family((mp.mpf("0.5"), mp.mpf("-0.625")), bias=mp.mpf("0.5"))
        with mp.workdps(60):
            away = [mp.mpf("0.25"), mp.mpf("0.125"), mp.mpf(depth)]
            begin = [s + a for s, a in zip(p.of["steady"], away)]
            p.update(Point({"d": away, "t": mp.mpf("0.75")}))
        p.of["begin"] = begin
        return p

    def oracle(p: Any) -> list[Any]:
        end = flow(p.of["net"].velocity, p.of["begin"], p[_t])
        return [a - s for a, s in zip(end, p.of["steady"])]

    return Step(
        "Beside a half-line: live neurons do not see the dead one",
        [rf"x_{i + 1}(t) - x^*_{i + 1}" for i in range(3)],
        tuple(path),
        "while the neuron is dead the live ones are autonomous and the dead one follows them, T ḋ_N = −d_N + N·W(g − g*): "
        "the exponential of the block triangular matrix; the depth d₃ enters only its own component, so that the "
        "neighbourhood which is attracted has one width along the whole half-line",
        "integration of the whole net by extrapolation, starting 50 below threshold",
        [point(-50)],
        oracle,
        assumption="one linear visible neuron, two rectified hidden ones",
        hypotheses=(Hypothesis("the neuron is dead on the way", [point(2)]),),
    )


def _return() -> Step:
    v, h, drive = live()

    def point(xi: tuple[str, str], bias: str, begin: tuple[float, float, float], current: float = 1) -> Point:
        p = family((mp.mpf(xi[0]), mp.mpf(xi[1])), mp.mpf(bias), current)
        p.of["begin"] = begin
        return p

    third = "1.3333333333333333333333333333333333333333333"
    return Step(
        "A neighbourhood of the flat region returns",
        [r"v(\infty)", r"h_1(\infty)", r"h_2(\infty)"],
        (v, h, drive),
        "the basin of an asymptotically stable state is open and contains what flows into it, so all of F and an open "
        "set around it (LaSalle): starts beside the flat half-line end at x*, the solution of the live equations",
        "long integration from states beside the half-line, 0.1 to 60 below threshold, in double precision",
        [point(("0.5", "-0.625"), "0.8125", begin, 1.25) for begin in ((2.1, 0.8, -60.0), (1.5, 1.3, -0.6), (2.0, 1.1, -0.1))],
        lambda p: list(map(mp.mpf, settled(velocity_of(p), np.array(p.of["begin"]), 80, 0.02).tolist())),
        tolerance=1e-9,
        assumption="one linear visible neuron, two rectified hidden ones",
        source="lasalle1960",
        hypotheses=(Hypothesis("x* is asymptotically stable", [point(("0.5", "-1"), third, (0.9, 0.5, -0.01))]),),
    )
