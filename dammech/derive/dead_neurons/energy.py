"""The rate of the energy for any Lagrangian."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net, draws, random_net, slope, unit
from dammech.derive.dead_neurons.symbols import Undefined, along, at, column, matrix, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

SYMMETRIC = "the weights are symmetric, W = Wᵀ"
CONVEX = "L is convex, so that H is positive semidefinite"
ONE_TIME = "neurons of a non-separable Lagrangian share one time constant"


def energy_rate() -> Theorem:
    """dE/dt = −ẋᵀ T H ẋ, and its sign."""
    return Theorem(
        "dead-neurons.energy-rate",
        "The energy and its rate",
        "For T ẋ = W g(x) + b − x with g = ∇L, H = ∇∇L and symmetric W, the energy E = (x − b)·g − L − ½ g·Wg obeys "
        "∇E = −H T ẋ and dE/dt = −ẋ·T H ẋ, whatever L is. It cannot increase where L is convex and T is a multiple of "
        "one on every non-separable block. It does not see motion in the null space of H: dE/dt = 0 is not a steady state.",
        [_gradient(), _lateral_rate(), _layered_rate(), _sign()],
        ("krotov2020", "krotov2021"),
    )


def energy_of(g: sp.Matrix, L: sp.Expr, W: sp.Matrix, x: Any, b: Any) -> sp.Expr:
    """(x − b)·g − L − g·W g/2."""
    return ((column(x) - column(b)).T * g - g.T * W * g / 2)[0] - L


def _gradient() -> Step:
    x, b, W = vector("x", 3), vector("b", 3), symmetric("W", 3)
    L = Undefined(x)
    energy = energy_of(L.g, L.L, W, x, b)
    bias = dict(zip(b, column(x) - W * L.g + column(vector("r", 3))))
    claim = [L.named(sp.expand(sp.diff(energy, z).xreplace(bias))) for z in x]
    blocks = [("ghostmax", 3)]
    return Step(
        "Gradient of the energy",
        [rf"\partial_{i + 1} E" for i in range(3)],
        tuple(claim),
        "differentiation of E with an undefined L(x₁, x₂, x₃); the residual r = W g + b − x eliminates b",
        "numerical differentiation of the energy of a concrete non-separable L, three neurons",
        [at(random_net("gradient", blocks), draws("gradient", 3))],
        lambda p: [slope(p.of["net"].energy, p.of["x"], unit(3, i)) for i in range(3)],
        source="krotov2021",
        hypotheses=(Hypothesis(SYMMETRIC, [at(random_net("gradient", blocks, skew=True), draws("gradient", 3))]),),
    )


def _lateral_rate() -> Step:
    x, b, v, tau, W = (*(vector(s, 3) for s in ("x", "b", "v", "tau")), symmetric("W", 3))
    L = Undefined(x)
    energy = energy_of(L.g, L.L, W, x, b)
    flow = dict(zip(b, column(x) - W * L.g + sp.diag(*tau) * column(v)))  # T v = W g + b − x
    rate = along(energy, dict(zip(x, v))).xreplace(flow)
    blocks = [("ghostmax", 3)]
    return Step(
        "Rate along the flow, one layer",
        [r"\dot E = -\dot x^\top T H \dot x"],
        (L.named(sp.expand(rate)),),
        "chain rule with an undefined L and a time constant for every neuron; v = ẋ, and T v = W g + b − x eliminates b",
        "numerical differentiation of the energy along the flow of a concrete net",
        [at(random_net("rate", blocks, mixed_times=True), draws("rate", 3))],
        _rate,
        source="krotov2021",
        hypotheses=(Hypothesis(SYMMETRIC, [at(random_net("rate", blocks, skew=True), draws("rate", 3))]),),
    )


def _layered_rate() -> Step:
    x, b, v = (vector(s, 4) for s in ("x", "b", "v"))
    visible, hidden = Undefined(x[:2], "L_v"), Undefined(x[2:], "L_h")
    tau = [sp.Symbol(f"tau_{k}", real=True) for k in (1, 1, 2, 2)]
    g = column([*visible.g, *hidden.g])
    xi = matrix("xi", 2)
    W = sp.Matrix(sp.BlockMatrix([[sp.zeros(2), xi.T], [xi, sp.zeros(2)]]))
    energy = energy_of(g, visible.L + hidden.L, W, x, b)
    flow = dict(zip(b, column(x) - W * g + sp.diag(*tau) * column(v)))
    rate = sp.expand(along(energy, dict(zip(x, v))).xreplace(flow))
    names = {e: sp.Symbol(f"H_{i + 1}{j + 1}", real=True)
             for part, first in ((visible, 0), (hidden, 2))
             for i, row in enumerate(part.H.tolist(), first) for j, e in enumerate(row, first) if i <= j}
    blocks = [("ghostmax", 2), ("ghostmax", 2)]

    def point(key: str, **changed: Any) -> Any:
        net = random_net(key, blocks)
        up = draws(key, 2, 2)
        down = changed.get("feedback", [list(column_) for column_ in zip(*up)])
        with mp.workdps(60):
            net.W = [[0, 0, *down[0]], [0, 0, *down[1]], [*up[0], 0, 0], [*up[1], 0, 0]]
        return at(net, draws(key + " x", 4), tau=[net.tau[0], net.tau[2]])

    return Step(
        "Rate along the flow, two layers",
        [r"\dot E = -\tau_v \dot v^\top H_v \dot v - \tau_h \dot h^\top H_h \dot h"],
        (rate.xreplace(names),),
        "the same with two undefined Lagrangians L_v(x₁, x₂) and L_h(x₃, x₄), and weights ξ up and ξᵀ down",
        "numerical differentiation of the energy along the flow of a concrete two-layer net",
        [point("layered")],
        _rate,
        source="krotov2020",
        hypotheses=(Hypothesis("the feedback is the transpose of the feedforward weights",
                               [point("layered", feedback=draws("layered feedback", 2, 2))]),),
    )


def _sign() -> Step:
    """Neurons 1 and 2 share a Lagrangian with H = CᵀC, neuron 3 has one of its own."""
    v = column(vector("v", 3))
    tau = sp.symbols("tau_1 tau_2", positive=True)
    factor = sp.Matrix([[*sp.symbols("c_11 c_12", real=True), 0], [0, sp.Symbol("c_22", real=True), 0],
                        [0, 0, sp.Symbol("c_33", real=True)]])
    hessian = factor.T * factor
    rate = -(v.T * sp.diag(tau[0], tau[0], tau[1]) * hessian * v)[0]
    squares = -tau[0] * ((factor * v)[0] ** 2 + (factor * v)[1] ** 2) - tau[1] * (factor * v)[2] ** 2
    if sp.expand(rate - squares) != 0:
        raise ArithmeticError("the rate is not the sum of squares it should be")
    convex, wavy = [("softmax", 2), ("tanh", 1)], [("softmax", 2), ("wavy", 1)]
    nets = [random_net(f"sign {k}", convex) for k in range(4)]
    trap = Net([("softmax", 2), ("identity", 1)], [[0] * 3] * 3, [1, 2, 0], [1, 10, 1])
    rising = [[mp.mpf(2) / 3, mp.mpf(-1) / 2, mp.mpf(1) / 4]]
    bent = Net(wavy, [[0] * 3] * 3, [0, 0, 2])
    return Step(
        "The energy does not increase",
        [r"\max(\dot E, 0)"],
        (sp.Max(squares, 0),),
        "with H = CᵀC on a block and one τ there, the rate is −τ|Cv|² summed over blocks: a non-positive number",
        "numerical rate of concrete nets in random states",
        [at(net, draws(f"sign {k}", 3)) for k, net in enumerate(nets)],
        lambda p: [max(_rate(p)[0], 0)],
        source="krotov2021",
        hypotheses=(
            Hypothesis(CONVEX, [at(bent, x) for x in rising]),
            Hypothesis(ONE_TIME, [at(trap, [0, 0, 0])]),
        ),
    )


def _rate(p: Any) -> list[Any]:
    """dE/dt: the slope of the energy along the velocity."""
    net, x = p.of["net"], p.of["x"]
    return [slope(net.energy, x, net.velocity(x))]
