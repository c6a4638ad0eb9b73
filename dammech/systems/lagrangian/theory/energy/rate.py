"""The rate of the energy for any Lagrangian."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.letters import Letter
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, draws, gradient, layered, random_net
from dammech.systems.lagrangian.theory.hypotheses import CONVEX, ONE_TIME, SYMMETRIC, TRANSPOSE
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    Undefined,
    along,
    at,
    column,
    energy_of,
    form,
    matrix,
    minus_square,
    proven,
    rate_of_energy,
    symbol,
    symmetric,
    triangular,
    vector,
)


def energy_rate() -> Theorem:
    """dE/dt = −ẋᵀ T H ẋ, and its sign."""
    return Theorem(
        "dead-neurons.energy-rate",
        "The energy and its rate",
        "For T ẋ = W g(x) + b − x with g = ∇L, H = ∇∇L and symmetric W, the energy E = (x − b)·g − L − ½ g·Wg obeys "
        "∇E = −H T ẋ and dE/dt = −ẋ·T H ẋ, whatever L is. It cannot increase where L is convex and T is a multiple of "
        "one on every non-separable block. It does not see motion in the null space of H: dE/dt = 0 does not mean rest.",
        [_gradient(), _lateral_rate(), _layered_rate(), _sign()],
        ("krotov2020", "krotov2021"),
    )


def _gradient() -> Step:
    x, b, W = vector("x", 3), vector("b", 3), symmetric("W", 3)
    L = Undefined(x)
    energy = energy_of(L.g, L.L, W, x, b)
    bias = dict(zip(b, column(x) - W * L.g + column(vector("r", 3))))
    slopes = [L.named(sp.diff(energy, z).xreplace(bias)) for z in x]
    H, r = Letter("H", symmetric("H", 3)), Letter("r", vector("r", 3))
    blocks = [("ghostmax", 3)]
    return Step(
        "Gradient of the energy",
        [r"\nabla E"],
        proven(-H * r, slopes),
        "differentiation of E with an undefined L(x₁, x₂, x₃); the residual r = W g + b − x eliminates b",
        "numerical differentiation of the energy of a concrete non-separable L, three neurons",
        [at(random_net("gradient", blocks), draws("gradient", 3))],
        lambda p: gradient(p.of.net.energy, p.of.x),
        source="krotov2021",
        hypotheses=(Hypothesis(SYMMETRIC, [at(random_net("gradient", blocks, skew=True), draws("gradient", 3))]),),
    )


def _lateral_rate() -> Step:
    x, b, v, tau, W = (*(vector(s, 3) for s in ("x", "b", "v", "tau")), symmetric("W", 3))
    L = Undefined(x)
    energy = energy_of(L.g, L.L, W, x, b)
    flow = dict(zip(b, column(x) - W * L.g + sp.diag(*tau) * column(v)))  # T v = W g + b − x
    rate = along(energy, dict(zip(x, v))).xreplace(flow)
    T, H, moving = Letter("T", sp.diag(*tau)), Letter("H", symmetric("H", 3)), Letter(r"\dot x", v)
    blocks = [("ghostmax", 3)]
    return Step(
        "Rate along the flow, one layer",
        [r"\dot E"],
        proven(-moving.T * T * H * moving, L.named(rate)),
        "chain rule with an undefined L and a time constant for every neuron; v = ẋ, and T v = W g + b − x eliminates b",
        "numerical differentiation of the energy along the flow of a concrete net",
        [at(random_net("rate", blocks, mixed_times=True), draws("rate", 3))],
        rate_of_energy,
        source="krotov2021",
        hypotheses=(Hypothesis(SYMMETRIC, [at(random_net("rate", blocks, skew=True), draws("rate", 3))]),),
    )


def _layered_rate() -> Step:
    x, b, v = (vector(s, 4) for s in ("x", "b", "v"))
    visible, hidden = Undefined(x[:2], "L_v"), Undefined(x[2:], "L_h")
    tau_v, tau_h = symbol("tau_v"), symbol("tau_h")
    g = column([*visible.g, *hidden.g])
    xi = matrix("xi", 2)
    W = sp.Matrix(sp.BlockMatrix([[sp.zeros(2), xi.T], [xi, sp.zeros(2)]]))
    energy = energy_of(g, visible.L + hidden.L, W, x, b)
    flow = dict(zip(b, column(x) - W * g + sp.diag(tau_v, tau_v, tau_h, tau_h) * column(v)))
    rate = along(energy, dict(zip(x, v))).xreplace(flow)
    H = symmetric("H", 4)
    H_v, H_h = Letter("H_v", H[:2, :2]), Letter("H_h", H[2:, 2:])
    names = dict(zip([*visible.H, *hidden.H], [*H_v.value, *H_h.value]))
    up, down = Letter(r"\dot h", v[2:]), Letter(r"\dot v", v[:2])

    def point(down: Any = None) -> Point:
        drawn = random_net("layered", [("ghostmax", 2), ("ghostmax", 2)])
        up = draws("layered", 2, 2)
        net = Net(drawn.blocks, layered(up, down), drawn.b, drawn.tau)
        return at(net, draws("layered x", 4), xi=up, tau_v=net.tau[0], tau_h=net.tau[2])

    return Step(
        "Rate along the flow, two layers",
        [r"\dot E"],
        proven(-tau_v * down.T * H_v * down - tau_h * up.T * H_h * up, rate.xreplace(names)),
        "the same with two undefined Lagrangians L_v(x₁, x₂) and L_h(x₃, x₄), and weights ξ up and ξᵀ down",
        "numerical differentiation of the energy along the flow of a concrete two-layer net",
        [point()],
        rate_of_energy,
        source="krotov2020",
        hypotheses=(Hypothesis(TRANSPOSE, [point(draws("layered feedback", 2, 2))]),),
    )


def _sign() -> Step:
    """Neurons 1 and 2 share a Lagrangian with H = CᵀC, neuron 3 has one of its own."""
    v = column(vector("v", 3))
    tau = sp.symbols("tau_1 tau_2", positive=True)
    factor = sp.diag(triangular("c", 2), symbol("c", 2, 2))
    T = sp.diag(tau[0], tau[0], tau[1])
    squares = minus_square(-form(v, T * factor.T * factor), {}, T.applyfunc(sp.sqrt) * factor * v)
    bent = Net([("softmax", 2), ("wavy", 1)], [[0] * 3] * 3, [0, 0, 2])
    trap = Net([("softmax", 2), ("identity", 1)], [[0] * 3] * 3, [1, 2, 0], [1, 10, 1])
    return Step(
        "The energy does not increase",
        [r"\max(\dot E, 0)"],
        (sp.Max(squares, 0),),
        "with H = CᵀC on a block and one τ there, the rate is −τ|Cv|² summed over blocks: a non-positive number",
        "numerical rate of concrete nets in random states",
        [at(random_net(f"sign {k}", [("softmax", 2), ("tanh", 1)]), draws(f"sign {k}", 3)) for k in range(4)],
        lambda p: [max(rate_of_energy(p)[0], 0)],
        source="krotov2021",
        hypotheses=(
            Hypothesis(CONVEX, [at(bent, [mp.mpf(2) / 3, mp.mpf(-1) / 2, mp.mpf(1) / 4])]),
            Hypothesis(ONE_TIME, [at(trap, [0, 0, 0])]),
        ),
    )
