"""Feedforward and feedback weights that differ: what takes the place of symmetric weights."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.letters import Letter
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.altered.lyapunov import rate_along, state
from dammech.systems.lagrangian.theory.concrete import Net, array, draws, slope, symmetrised
from dammech.systems.lagrangian.theory.hypotheses import SCALED
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    Undefined,
    along,
    at,
    column,
    form,
    matrix,
    minus_square,
    product,
    proven,
    symmetric,
    triangular,
    vector,
)

_SHARED = "neurons of a non-separable Lagrangian share one factor R"
_BLOCKS = [("ghostmax", 2), ("wavy", 1)]
_FACTORS = (1.5, 1.5, -0.75)
SEPARABLE: dict[str, Any] = {"factors": (1.5, -0.75), "blocks": [("wavy", 1), ("tanh", 1)]}


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
        net, R, _ = scaled_net("cycle", (1.5, -0.5, 0.75), blocks=[("tanh", 3)], scaled=scaled)
        return Point({"W": net.W}, truth=[R[1] / R[0], R[2] / R[0], net.W[0, 2]])

    return Step(
        "Which weights have such an R",
        ["r_2/r_1", "r_3/r_1", "W_{13}"],
        claim,
        "r_i W_ij = r_j W_ji solved for three neurons; the third equation closes the cycle and restricts W",
        "weights made as R⁻¹K from a known R and a symmetric K",
        [point()],
        lambda p: p.of.truth,
        hypotheses=(Hypothesis(SCALED, [point(False)]),),
    )


def scaled_net(
    key: str, factors: Any = _FACTORS, definite: int = 0, scaled: bool = True, blocks: Any = _BLOCKS
) -> tuple[Net, Any, Any]:
    """A net with W = R⁻¹K, its R and its K, which is symmetric if ``scaled`` and of the sign ``definite`` if not zero."""
    n = len(factors)
    R, drawn = array(factors), draws(f"{key} K", n, n)
    K = definite * drawn.T @ drawn if definite else symmetrised(drawn) if scaled else drawn
    return Net(blocks, K / R[:, None], draws(f"{key} b", n)), R, K


# -- the altered dynamics ---------------------------------------------------------------------------------------------


def _scaled_rate() -> sp.Expr:
    """Neurons 1 and 2 share an undefined L and a factor, neuron 3 has its own; u moves by W v with W = R⁻¹K."""
    y, u, v, K = vector("y", 3), vector("u", 3), vector("v", 3), symmetric("K", 3)
    pair, single = Undefined(u[:2], "L_1"), Undefined(u[2:], "L_2")
    r = sp.symbols("r_1 r_2", real=True)
    energy = form(y, K) / 2 - r[0] * pair.L - r[1] * single.L
    moving = sp.diag(r[0], r[0], r[1]).inv() * K * column(v)
    rate = along(energy, {**dict(zip(y, v)), **dict(zip(u, moving))})
    dynamics = dict(zip([*pair.g, *single.g], column(v) + column(y)))
    return rate.xreplace(dynamics)


def scaled_energy(p: Any, y: Any) -> Any:
    """E_R of numbers: one factor for each of the two blocks."""
    return y @ p.of.K @ y / 2 - p.of.R[[0, -1]] @ p.of.net.lagrangians(p.of.net.fields(y))


def scaled_state(key: str, **how: Any) -> Point:
    """A random state of such a net."""
    net, R, K = scaled_net(key, **how)
    return state(net, draws(f"{key} p", len(R)), of={"R": R, "K": K}, K=K, r=R)


def _scaled() -> Step:
    K, moving = Letter("K", symmetric("K", 3)), Letter(r"\dot y", vector("v", 3))
    return Step(
        "Rate of E_R along the altered dynamics",
        [r"\dot E_R"],
        proven(-moving.T * K * moving, _scaled_rate()),
        "chain rule with undefined L₁(u₁, u₂) and L₂(u₃), u̇ = R⁻¹K ẏ and ẏ = g(u) − y: R drops out",
        "numerical rate along the altered dynamics of a concrete net; R has both signs and L is not convex",
        [scaled_state("scaled")],
        lambda p: [rate_along(scaled_energy, p)],
        source="cohen1983",
        hypotheses=(
            Hypothesis(SCALED, [scaled_state("scaled", scaled=False)]),
            Hypothesis(_SHARED, [scaled_state("scaled", factors=(1.5, -2, -0.75))]),
        ),
    )


def _scaled_sign() -> Step:
    factor = triangular("c", 3)
    definite = dict(zip(symmetric("K", 3), factor.T * factor))
    squares = minus_square(_scaled_rate(), definite, factor * column(vector("v", 3)))
    return Step(
        "E_R does not increase",
        [r"\max(\dot E_R, 0)"],
        (sp.Max(squares, 0),),
        "K = CᵀC: the rate −|C ẏ|² is not positive, whatever the signs of R and of H",
        "numerical rates in random states; W is not symmetric, R has both signs",
        [scaled_state(f"scaled sign {k}", definite=1) for k in range(4)],
        lambda p: [max(rate_along(scaled_energy, p), mp.mpf(0))],
        source="cohen1983",
        hypotheses=(Hypothesis("K = R W is positive semidefinite", [scaled_state("scaled sign 0", definite=-1)]),),
    )


# -- the original flow ------------------------------------------------------------------------------------------------


def _original() -> Step:
    """T = 1; two separable neurons, so that K⁻¹ stays short."""
    x, b, v, r, K = vector("x", 2), vector("b", 2), vector("v", 2), vector("r", 2), symmetric("K", 2)
    one, two = Undefined(x[:1], "L_1"), Undefined(x[1:], "L_2")
    R = sp.diag(*r)
    metric = R * K.inv() * R
    shift = column(x) - column(b)
    energy = form(shift, metric) / 2 - r[0] * one.L - r[1] * two.L
    # v = R⁻¹K g + b − x gives g = K⁻¹R (v + x − b)
    dynamics = dict(zip([*one.g, *two.g], K.inv() * R * (column(v) + shift)))
    rate = along(energy, dict(zip(x, v))).xreplace(dynamics)
    R_, K_, moving = Letter("R", R), Letter("K", K), Letter(r"\dot x", v)

    def point(tau: Any = None, scaled: bool = True) -> Point:
        net, R, K = scaled_net("original", **SEPARABLE, scaled=scaled)
        net = Net(net.blocks, net.W, net.b, tau)
        return at(net, draws("original x", 2), of={"R": R, "inverse": array(mp.matrix(K) ** -1)}, K=K, r=R)

    def oracle(p: Any) -> list[Any]:
        net, R_ = p.of.net, p.of.R

        def energy_(z: Any) -> Any:
            scaled = R_ * (z - net.b)
            return scaled @ p.of.inverse @ scaled / 2 - R_ @ net.lagrangians(z)

        return [slope(energy_, p.of.x, net.velocity(p.of.x))]

    return Step(
        "Rate of E_R along the original flow",
        [r"\dot E_R"],
        proven(-moving.T * R_ * K_.I * R_ * moving, rate),
        "chain rule with undefined L₁(x₁), L₂(x₂); ẋ = R⁻¹K g + b − x eliminates g",
        "numerical rate along the original flow of a concrete net",
        [point()],
        oracle,
        source="fanaskov2024",
        hypotheses=(Hypothesis("T = 1", [point(tau=(1.25, 0.5))]), Hypothesis(SCALED, [point(scaled=False)])),
    )


def _with_flats() -> Step:
    """One undefined L for two neurons with a common factor, one for the third."""
    x, b, v, K = vector("x", 3), vector("b", 3), vector("v", 3), symmetric("K", 3)
    pair, single = Undefined(x[:2], "L_1"), Undefined(x[2:], "L_2")
    r = sp.symbols("r_1 r_2", real=True)
    R, g = Letter("R", sp.diag(r[0], r[0], r[1])), column([*pair.g, *single.g])
    energy = product(column(x) - column(b), R.value * g) - form(g, K) / 2 - r[0] * pair.L - r[1] * single.L
    dynamics = dict(zip(b, column(v) + column(x) - R.value.inv() * K * g))
    H = symmetric("H", 3)
    names = dict(zip([*pair.H, *single.H], [*H[:2, :2], H[2, 2]]))
    rate = along(energy, dict(zip(x, v))).xreplace(dynamics).xreplace(names)
    H_, moving = Letter("H", sp.diag(H[:2, :2], H[2, 2])), Letter(r"\dot x", v)

    def point(**how: Any) -> Point:
        net, R_, K_ = scaled_net("flats", **how)
        return at(net, draws("flats x", 3), of={"R": R_, "K": K_}, r=R_[[0, 2]])

    def oracle(p: Any) -> list[Any]:
        net, R_ = p.of.net, p.of.R

        def energy_(z: Any) -> Any:
            y = net.activation(z)
            return (R_ * (z - net.b)) @ y - R_[[0, 2]] @ net.lagrangians(z) - y @ p.of.K @ y / 2

        return [slope(energy_, p.of.x, net.velocity(p.of.x))]

    return Step(
        "The energy with weights R",
        [r"\dot E"],
        proven(-moving.T * R * H_ * moving, rate),
        "the energy of the original system with factors r_i: the chain rule as before; null vectors of H are flat again",
        "numerical rate along the original flow of a concrete net",
        [point()],
        oracle,
        hypotheses=(Hypothesis(SCALED, [point(scaled=False)]),),
    )
