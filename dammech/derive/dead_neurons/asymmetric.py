"""Feedforward and feedback weights that differ: what takes the place of symmetric weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net, dot, draws, slope, symmetrised, times
from dammech.derive.dead_neurons.lyapunov import rate_along, state
from dammech.derive.dead_neurons.symbols import Point, Undefined, along, at, column, matrix, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

_SCALED = "R W is symmetric"
_SHARED = "neurons of a non-separable Lagrangian share one factor R"
_BLOCKS = [("ghostmax", 2), ("wavy", 1)]
_FACTORS = (1.5, 1.5, -0.75)


def asymmetric() -> Theorem:
    """E_R for the altered and for the original flow."""
    return Theorem(
        "dead-neurons.asymmetric-weights",
        "Different feedforward and feedback weights",
        "Let R be diagonal with one factor on every non-separable block and K = R W symmetric; for three neurons R exists iff "
        "w₁₂w₂₃w₃₁ = w₁₃w₃₂w₂₁. Then E_R = ½y·Ky − Σ R_k L_k(W y + b) has the rate −ẏ·Kẏ along ẏ = g(W y + b) − y, and as a "
        "function of x the rate −ẋ·R K⁻¹R ẋ along the original flow (T = 1). They decrease for positive definite K, while "
        "R and with it R H may have any sign. With R > 0 the energy itself survives as Σ r_i[(x_i − b_i)g_i − L_i] − ½g·Kg, "
        "with its flat regions.",
        [_cycle(), _scaled(), _scaled_sign(), _original(), _with_flats()],
        ("fanaskov2024", "cohen1983"),
    )


# -- when there is an R -----------------------------------------------------------------------------------------------


def _cycle() -> Step:
    W, r = matrix("W", 3), vector("r", 3)
    equations = [r[i] * W[i, j] - r[j] * W[j, i] for i, j in ((0, 1), (1, 2), (0, 2))]
    ratios = sp.solve(equations[:2], [r[1], r[2]], dict=True)[0]
    closing = sp.solve(equations[2].subs(ratios), W[0, 2])[0]
    claim = (sp.cancel(ratios[r[1]] / r[0]), sp.cancel(ratios[r[2]] / r[0]), closing)

    def point(scaled: bool = True) -> Point:
        net, factors, _ = scaled_net("cycle", (1.5, -0.5, 0.75), blocks=[("tanh", 3)], scaled=scaled)
        with mp.workdps(60):
            return Point({"W": net.W}, truth=[factors[1] / factors[0], factors[2] / factors[0], net.W[0][2]])

    return Step(
        "Which weights have such an R",
        ["r_2/r_1", "r_3/r_1", "W_{13}"],
        claim,
        "r_i W_ij = r_j W_ji solved for three neurons; the third equation closes the cycle and restricts W",
        "weights made as R⁻¹K from a known R and a symmetric K",
        [point()],
        lambda p: p.of["truth"],
        hypotheses=(Hypothesis(_SCALED, [point(False)]),),
    )


def scaled_net(
    key: str, factors: Sequence[float], definite: bool = False, scaled: bool = True, blocks: Any = None
) -> tuple[Net, list[Any], Any]:
    """A net with W = R⁻¹K, its R and R W."""
    n = len(factors)
    with mp.workdps(60):
        R = [mp.mpf(f) for f in factors]
        drawn = draws(f"{key} K", n, n)
        K = symmetrised(drawn) if scaled else drawn
        if definite:
            K = (mp.matrix(drawn).T * mp.matrix(drawn)).tolist()
        W = [[K[i][j] / R[i] for j in range(n)] for i in range(n)]
        return Net(blocks or _BLOCKS, W, draws(f"{key} b", n)), R, K


# -- the altered dynamics ---------------------------------------------------------------------------------------------


def _scaled_rate() -> sp.Expr:
    """Neurons 1 and 2 share an undefined L and a factor, neuron 3 has its own; u moves by W v with W = R⁻¹K."""
    y, u, v, K = vector("y", 3), vector("u", 3), vector("v", 3), symmetric("K", 3)
    pair, single = Undefined(u[:2], "L_1"), Undefined(u[2:], "L_2")
    r = sp.symbols("r_1 r_2", real=True)
    energy = (column(y).T * K * column(y))[0] / 2 - r[0] * pair.L - r[1] * single.L
    moving = sp.diag(r[0], r[0], r[1]).inv() * K * column(v)
    rate = along(energy, {**dict(zip(y, v)), **dict(zip(u, moving))})
    dynamics = dict(zip([*pair.g, *single.g], column(v) + column(y)))
    return sp.expand(rate.xreplace(dynamics))


def scaled_energy(p: Any) -> Any:
    """E_R of numbers: the first factor multiplies the Lagrangian of the first block."""
    R, K, blocks = p.of["R"], p.of["K"], p.of["net"].blocks

    def energy(net: Net, y: Sequence[Any]) -> Any:
        u = [a + c for a, c in zip(times(net.W, y), net.b)]
        size = blocks[0][1]
        first, last = (Net([block], [[0]], [0]) for block in blocks)
        return dot(y, times(K, y)) / 2 - R[0] * first.lagrangian(u[:size]) - R[-1] * last.lagrangian(u[size:])

    return energy


def _scaled_point(key: str, factors: Sequence[float] = _FACTORS, **how: Any) -> Point:
    net, R, K = scaled_net(key, factors, **how)
    p = state(net, draws(f"{key} p", 3), K=K)
    p.of.update(R=R, K=K)
    return p


def _scaled() -> Step:
    return Step(
        "Rate of E_R along the altered dynamics",
        [r"\dot E_R = -\dot y^\top K \dot y"],
        (_scaled_rate(),),
        "chain rule with undefined L₁(u₁, u₂) and L₂(u₃), u̇ = R⁻¹K ẏ and v = ẏ = g(u) − y: R drops out",
        "numerical rate along the altered dynamics of a concrete net; R has both signs and L is not convex",
        [_scaled_point("scaled")],
        lambda p: [rate_along(scaled_energy(p), p)],
        source="cohen1983",
        hypotheses=(
            Hypothesis(_SCALED, [_scaled_point("scaled", scaled=False)]),
            Hypothesis(_SHARED, [_scaled_point("scaled", factors=(1.5, -2, -0.75))]),
        ),
    )


def _scaled_sign() -> Step:
    factor = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"c_{i + 1}{j + 1}", real=True) if j >= i else 0)
    squares = -sp.Add(*[e**2 for e in factor * column(vector("v", 3))])
    if sp.expand(_scaled_rate().xreplace(dict(zip(symmetric("K", 3), factor.T * factor))) - squares) != 0:
        raise ArithmeticError("not a sum of squares")
    negative = _scaled_point("scaled sign 0", definite=True)
    net = negative.of["net"]
    with mp.workdps(60):
        K = [[-k for k in row] for row in negative.of["K"]]
        flipped = state(Net(net.blocks, [[-w for w in row] for row in net.W], net.b), draws("scaled sign p", 3), K=K)
    flipped.of.update(R=negative.of["R"], K=K)
    return Step(
        "E_R does not increase",
        [r"\max(\dot E_R, 0)"],
        (sp.Max(squares, 0),),
        "K = CᵀC: the rate −|C ẏ|² is not positive, whatever the signs of R and of H",
        "numerical rates in random states; W is not symmetric, R has both signs",
        [_scaled_point(f"scaled sign {k}", definite=True) for k in range(4)],
        lambda p: [max(rate_along(scaled_energy(p), p), mp.mpf(0))],
        source="cohen1983",
        hypotheses=(Hypothesis("K = R W is positive semidefinite", [flipped]),),
    )


# -- the original flow ------------------------------------------------------------------------------------------------


def _original() -> Step:
    """T = 1; two separable neurons, so that K⁻¹ stays short."""
    x, b, v, r, K = vector("x", 2), vector("b", 2), vector("v", 2), vector("r", 2), symmetric("K", 2)
    one, two = Undefined(x[:1], "L_1"), Undefined(x[1:], "L_2")
    R = sp.diag(*r)
    metric = R * K.inv() * R
    shift = column(x) - column(b)
    energy = (shift.T * metric * shift)[0] / 2 - r[0] * one.L - r[1] * two.L
    # v = R⁻¹K g + b − x gives g = K⁻¹R (v + x − b)
    dynamics = dict(zip([*one.g, *two.g], K.inv() * R * (column(v) + shift)))
    claim = sp.factor(along(energy, dict(zip(x, v))).xreplace(dynamics))

    def point(tau: Any = None, scaled: bool = True) -> Point:
        net, R_, K_ = scaled_net("original", (1.5, -0.75), scaled=scaled, blocks=[("wavy", 1), ("tanh", 1)])
        p = at(Net(net.blocks, net.W, net.b, tau), draws("original x", 2), K=K_, r=R_)
        p.of.update(R=R_, K=K_)
        return p

    def oracle(p: Any) -> list[Any]:
        net, R_, inverse = p.of["net"], p.of["R"], mp.matrix(p.of["K"]) ** -1
        parts = [Net([block], [[0]], [0]) for block in net.blocks]

        def energy_(z: Any) -> Any:
            scaled = mp.matrix([f * (a - c) for f, a, c in zip(R_, z, net.b)])
            return (scaled.T * inverse * scaled)[0] / 2 - sum(f * part.lagrangian([a]) for f, part, a in zip(R_, parts, z))

        return [slope(energy_, p.of["x"], net.velocity(p.of["x"]))]

    return Step(
        "Rate of E_R along the original flow",
        [r"\dot E_R = -\dot x^\top R K^{-1} R\, \dot x"],
        (claim,),
        "chain rule with undefined L₁(x₁), L₂(x₂); ẋ = R⁻¹K g + b − x eliminates g; v = ẋ",
        "numerical rate along the original flow of a concrete net",
        [point()],
        oracle,
        source="fanaskov2024",
        hypotheses=(Hypothesis("T = 1", [point(tau=(1.25, 0.5))]), Hypothesis(_SCALED, [point(scaled=False)])),
    )


def _with_flats() -> Step:
    """One undefined L for two neurons with a common factor, one for the third."""
    x, b, v, K = vector("x", 3), vector("b", 3), vector("v", 3), symmetric("K", 3)
    pair, single = Undefined(x[:2], "L_1"), Undefined(x[2:], "L_2")
    r = sp.symbols("r_1 r_2", real=True)
    R, g = sp.diag(r[0], r[0], r[1]), column([*pair.g, *single.g])
    energy = ((column(x) - column(b)).T * R * g - g.T * K * g / 2)[0] - r[0] * pair.L - r[1] * single.L
    dynamics = dict(zip(b, column(v) + column(x) - R.inv() * K * g))
    names = {pair.H[0, 0]: "H_11", pair.H[0, 1]: "H_12", pair.H[1, 1]: "H_22", single.H[0, 0]: "H_33"}
    rate = sp.expand(along(energy, dict(zip(x, v))).xreplace(dynamics))
    claim = rate.xreplace({e: sp.Symbol(name, real=True) for e, name in names.items()})

    def point(**how: Any) -> Point:
        net, R_, K_ = scaled_net("flats", _FACTORS, **how)
        p = at(net, draws("flats x", 3), r=[R_[0], R_[2]])
        p.of.update(R=R_, K=K_)
        return p

    def oracle(p: Any) -> list[Any]:
        net, R_, K_ = p.of["net"], p.of["R"], p.of["K"]
        first, last = (Net([block], [[0]], [0]) for block in net.blocks)

        def energy_(z: Any) -> Any:
            y = net.activation(z)
            linear = mp.fsum(f * (a - c) * s for f, a, c, s in zip(R_, z, net.b, y))
            return linear - R_[0] * first.lagrangian(z[:2]) - R_[2] * last.lagrangian(z[2:]) - dot(y, times(K_, y)) / 2

        return [slope(energy_, p.of["x"], net.velocity(p.of["x"]))]

    return Step(
        "The energy with weights R",
        [r"\dot E = -\dot x^\top R H \dot x"],
        (claim,),
        "the energy of the original system with factors r_i: the chain rule as before; null vectors of H are flat again",
        "numerical rate along the original flow of a concrete net",
        [point()],
        oracle,
        hypotheses=(Hypothesis(_SCALED, [point(scaled=False)]),),
    )
