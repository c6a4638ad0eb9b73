"""A stable steady state that touches a flat region attracts all of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from dammech.derive.letters import Letter
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, array, flow, random_net
from dammech.systems.lagrangian.theory.energy.fibres import same_as_half
from dammech.systems.lagrangian.theory.energy.spurious import ends, live
from dammech.systems.lagrangian.theory.hypotheses import CONVEX, ONE_TIME
from dammech.systems.lagrangian.theory.stability.kinks import FAMILY, steady_family
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    column,
    columns,
    energy_of,
    must_vanish,
    number,
    product,
    proven,
    relaxation,
    symbol,
    symmetric,
    vector,
)

_t = symbol("t")
_start_of, _rest = Letter("x(0)", vector("x", 3)), Letter("x^*", vector("y", 3))


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
def _paths() -> list[sp.Expr]:
    """The solution of τ ẋ = x* − x, three times: on the flat region W g + b = W g* + b = x*."""
    return [relaxation(x, y, tau) for x, y, tau in zip(vector("x", 3), vector("y", 3), vector("tau", 3))]


def _start(blocks: Any, steady: Any, start: Any, tau: Any = (1.25, 1.25, 0.875), pin: bool = True) -> Point:
    """A start in the flat region of a steady state, and the net it is steady for."""
    drawn = random_net("basin", blocks)
    net, begin, end = Net(blocks, drawn.W, drawn.b, tau), array(start), array(steady)
    net = net.pinned(end) if pin else net
    values = {"x": begin, "y": end, "tau": net.tau, "b": net.b, "W": net.W, "g": net.activation(end),
              "L": net.lagrangian(end), "t": 0.625}
    return Point(values, net=net, x=begin)


def _cases() -> tuple[list[Point], tuple[Hypothesis, ...]]:
    """Softmax shifted along (1, 1) with a dead rectified neuron moved, and one counter-example for each hypothesis."""
    mixed, wavy = [("softmax", 2), ("relu", 1)], [("softmax", 2), ("wavy", 1)]
    steady, far = [0.75, -0.5, -0.25], [8.75, 7.5, -20.0]
    return [_start(mixed, steady, far)], (
        Hypothesis("x* is a steady state", [_start(mixed, steady, far, pin=False)]),
        Hypothesis("the start has the activation of x*", [_start(mixed, steady, [8.75, 7.0, -20.0])]),
        Hypothesis(CONVEX, [_start(wavy, [0.75, -0.5, 0.5], [8.75, 7.5, same_as_half()])]),
        Hypothesis(ONE_TIME, [_start(mixed, steady, far, tau=(1.25, 0.5, 0.875))]),
    )


def _path() -> Step:
    points, hypotheses = _cases()
    each = _start([("relu", 2), ("clip", 1)], [-0.375, -0.5, -1.75], [-7.5, -0.25, -20.0], tau=(1.25, 0.5, 0.875))
    decay = Letter(r"\exp(-t T^{-1})", sp.diag(*[sp.exp(-_t / tau) for tau in vector("tau", 3)]))
    return Step(
        "The path within the flat region",
        ["x(t)"],
        proven(_rest + decay * (_start_of - _rest), _paths()),
        "on F the drive is W g + b = W g* + b = x*, so that T ẋ = x* − x, solved; F is convex and invariant under scaling of "
        "blocks, so the path stays in it, and the solution is unique",
        "integration of the whole net by extrapolation, from far out on a product of a line (softmax) and a half-line",
        [*points, each],
        lambda p: flow(p.of.net.velocity, p.of.x, p[_t]),
        source="fanaskov2024",
        hypotheses=hypotheses,
    )


def _energy() -> Step:
    """L is affine on F."""
    g, path = column(vector("g", 3)), column(_paths())
    affine = symbol("L") + product(g, path - column(vector("y", 3)))
    energy = energy_of(g, affine, symmetric("W", 3), path, vector("b", 3))
    W, (b, y) = Letter("W", symmetric("W", 3)), columns("bg", 3)  # y = g(x*)
    points, hypotheses = _cases()
    saturated = _start([("softmax", 2), ("clip", 1)], [0.75, -0.5, -1.75], [8.75, 7.5, -20.0])
    return Step(
        "The energy along it",
        ["E(x(t))"],
        proven((_rest - b).T * y - number("L") - y.T * W * y / 2, energy),
        "L is affine on F with slope g*: time drops out",
        "energy of the numerical solution of the whole net",
        [*points, saturated],
        lambda p: [p.of.net.energy(flow(p.of.net.velocity, p.of.x, p[_t]))],
        hypotheses=hypotheses[1:],
    )


def _neighbour() -> Step:
    """The family with one linear visible neuron, a live hidden neuron and a dead one."""
    xi, d = vector("xi", 2), column(vector("d", 3))
    J = sp.Matrix([[-1, xi[0], 0], [xi[0], -1, 0], [xi[1], 0, -1]])
    path = [sp.expand(e) for e in (J * _t).exp() * d]
    must_vanish("the path does not solve the linear equations", sp.diff(column(path), _t) - J * column(path))

    def point(depth: float) -> Point:
        away = array([0.25, 0.125, depth])
        p = steady_family((0.5, -0.625), bias=0.5, away=away)
        p.update(Point({"d": away, "t": 0.75}))
        return p

    return Step(
        "Beside a half-line: live neurons do not see the dead one",
        [rf"x_{i + 1}(t) - x^*_{i + 1}" for i in range(3)],
        tuple(path),
        "while the neuron is dead the live ones are autonomous and the dead one follows them, T ḋ_N = −d_N + N·W(g − g*): "
        "the exponential of the block triangular matrix; the depth d₃ enters only its own component, so that the "
        "neighbourhood which is attracted has one width along the whole half-line",
        "integration of the whole net by extrapolation, starting 50 below threshold",
        [point(-50)],
        lambda p: flow(p.of.net.velocity, p.of.steady + p.of.away, p[_t]) - p.of.steady,
        assumption=FAMILY,
        hypotheses=(Hypothesis("the neuron is dead on the way", [point(2)]),),
    )


def _return() -> Step:
    starts = ((2.1, 0.8, -60.0), (1.5, 1.3, -0.6), (2.0, 1.1, -0.1))
    third = "1.3333333333333333333333333333333333333333333"
    return Step(
        "A neighbourhood of the flat region returns",
        [r"v(\infty)", r"h_1(\infty)", r"h_2(\infty)"],
        live(),
        "the basin of an asymptotically stable state is open and contains what flows into it, so all of F and an open "
        "set around it (LaSalle): starts beside the flat half-line end at x*, the solution of the live equations",
        "long integration from states beside the half-line, 0.1 to 60 below threshold, in double precision",
        [steady_family((0.5, -0.625), 0.8125, 1.25, begin=begin) for begin in starts],
        lambda p: array(ends(p, p.of.begin, 80, 0.02)),
        tolerance=1e-9,
        assumption=FAMILY,
        source="lasalle1960",
        hypotheses=(
            Hypothesis("x* is asymptotically stable", [steady_family((0.5, -1), third, begin=(0.9, 0.5, -0.01))]),
        ),
    )
