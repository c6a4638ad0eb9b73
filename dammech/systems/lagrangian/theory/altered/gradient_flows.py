"""Altered dynamics that keep the steady states but not their stability: gradient flow of E_R, flow of the residual."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.letters import Letter, entries
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.altered.asymmetric import SEPARABLE, scaled_energy, scaled_state
from dammech.systems.lagrangian.theory.concrete import (
    Net,
    array,
    draws,
    flow,
    jacobian,
    random_net,
    root,
    second,
    slope,
)
from dammech.systems.lagrangian.theory.hypotheses import SCALED, STEADY
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    Undefined,
    along,
    at,
    column,
    columns,
    form,
    matrix,
    minus_square,
    must_vanish,
    product,
    proven,
    relaxation,
    symbol,
    symmetric,
    upper,
    vector,
)


def gradient_flows() -> Theorem:
    """Gradient flow with a constant matrix, descent and Newton flow of the residual."""
    return Theorem(
        "dead-neurons.gradient-flows",
        "Gradient flow and residual flow",
        "With K = R W symmetric and invertible, of any signature, ẏ = K(g(W y + b) − y) is the gradient flow of E_R, "
        "dE_R/dt = −|ẏ|²; a constant matrix M makes M(y − g(W y + b)) a gradient only if M = WᵀR. For any weights and any L "
        "the residual r = x − b − W g descends, ẋ = −(1 − W H)ᵀr with d(|r|²/2)/dt = −|ẋ|², and ẋ = −(1 − W H)⁻¹r makes "
        "r(t) = e^{−t}r(0). None of them has dead flat regions, and all keep the steady states; but their stability is not that "
        "of the original system, and descent of |r| has further stationary points where 1 − W H is singular.",
        [_gradient(), _curvature(), _necessary(), _descent(), _newton(), _attracting(), _further()],
        ("fanaskov2024", "cohen1983"),
    )


# -- gradient flow of E_R ---------------------------------------------------------------------------------------------


def _gradient() -> Step:
    """Neurons 1 and 2 share an undefined L and a factor; K(g − y) = v."""
    y, u, K = vector("y", 3), vector("u", 3), symmetric("K", 3)
    pair, single = Undefined(u[:2], "L_1"), Undefined(u[2:], "L_2")
    r = sp.symbols("r_1 r_2", real=True)
    weights = sp.diag(r[0], r[0], r[1]).inv() * K
    energy = form(y, K) / 2 - r[0] * pair.L - r[1] * single.L
    field = K * (column([*pair.g, *single.g]) - column(y))
    slopes = [along(energy, {y[i]: sp.Integer(1), **dict(zip(u, weights[:, i]))}) for i in range(3)]
    must_vanish("the field is not minus the gradient", column(slopes) + field)
    v = Letter(r"\dot y", vector("v", 3))  # the field

    def velocity(p: Any) -> Any:
        return p.of.K @ p.of.net.rate_activation(p.of.y)

    def point(**how: Any) -> Point:
        p = scaled_state("gradient flow", **how)
        p.update(Point({"v": velocity(p)}))
        return p

    return Step(
        "Gradient flow of E_R",
        [r"\dot E_R"],
        (-v.T * v,),
        "∇E_R = K y − WᵀR g = −K(g − y) with undefined L₁(u₁, u₂), L₂(u₃): the field is minus the gradient",
        "numerical rate of a concrete net, R and K of both signs, L not convex",
        [point()],
        lambda p: [slope(lambda y: scaled_energy(p, y), p.of.y, velocity(p))],
        hypotheses=(Hypothesis(SCALED, [point(scaled=False)]),),
    )


def _curvature() -> Step:
    K, R = Letter("K", symmetric("K", 2)), Letter("R", sp.diag(*vector("r", 2)))
    H = Letter("H", sp.diag(symbol("H_11"), symbol("H_22")))
    linear = K * (H * R.I * K - sp.Identity(2))  # of the flow at a steady state, W = R⁻¹K
    return Step(
        "Its stability is another one",
        [r"\nabla\nabla E_R(y)"],
        proven(K - K * H * R.I * K, upper(-entries(linear))),
        "minus the Jacobian K(H W − 1) of the flow, K − K H R⁻¹K for separable L: with indefinite K and small H a steady "
        "state that is stable in the original system (J ≈ −1) is a saddle here",
        "numerical second derivatives of E_R of a concrete net",
        [scaled_state("curvature flow", **SEPARABLE)],
        lambda p: upper(second(lambda y: scaled_energy(p, y), p.of.y)),
        hypotheses=(Hypothesis(SCALED, [scaled_state("curvature flow", **SEPARABLE, scaled=False)]),),
    )


def _necessary() -> Step:
    """M(1 − H W) symmetric for all diagonal H, two neurons."""
    M, W, h = matrix("M", 2), matrix("W", 2), vector("h", 2)
    curl = M * (sp.eye(2) - sp.diag(*h) * W)
    conditions = sp.Poly(sp.expand(curl[0, 1] - curl[1, 0]), *h).coeffs()
    found = sp.solve(conditions, [M[0, 1], M[1, 0], M[1, 1]], dict=True)[0]
    scaled = sp.simplify(found[M[0, 1]] / M[0, 0]), sp.simplify(found[M[1, 1]] / M[0, 0])
    R = sp.diag(M[0, 0] / W[0, 0], M[0, 0] * W[0, 1] / (W[0, 0] * W[1, 0]))
    must_vanish("M is not WᵀR", W.T * R - M.subs(found))

    def oracle(p: Any) -> list[Any]:
        """M from the null space of the curls at three places of the field of tanh neurons."""
        fields = [-jacobian(p.of.net.rate_activation, place) for place in p.of.places]
        curls = mp.matrix([[J[0, 1], J[1, 1], -J[0, 0], -J[1, 0]] for J in fields])  # (M J)_12 − (M J)_21
        solved = mp.lu_solve(curls[:, 1:], -curls[:, 0])
        return [solved[0], solved[2]]

    net = random_net("necessary", [("tanh", 2)], skew=True)
    return Step(
        "Only M = WᵀR makes a gradient",
        [r"M_{12}/M_{11}", r"M_{22}/M_{11}"],
        scaled,
        "the curl of M(y − g(W y + b)) is linear in the slopes h_i of separable neurons: each coefficient vanishes, which "
        "leaves M = WᵀR, symmetric; for more than two neurons generic asymmetric weights leave nothing",
        "M from the numerical curl at three places of a concrete field",
        [Point({"W": net.W}, net=net, places=draws("necessary places", 3, 2))],
        oracle,
        assumption="separable L whose slopes are independent of each other",
    )


# -- flow of the residual ---------------------------------------------------------------------------------------------


def _residual(net: Net, x: Any) -> Any:
    return -net.drive(x)


def _descent_velocity(net: Net, x: Any) -> Any:
    """−(1 − W H)ᵀ r with the numerical Jacobian of the residual."""
    return -_residual(net, x) @ array(jacobian(lambda z: _residual(net, z), x))


def _descent() -> Step:
    x, b, W, r = vector("x", 2), column(vector("b", 2)), matrix("W", 2), column(vector("r", 2))
    L = Undefined(x)
    residual = column(x) - b - W * L.g
    J = residual.jacobian(x)
    velocity = -J.T * residual
    biases = dict(zip(b, column(x) - W * L.g - r))

    def in_residuals(e: sp.Expr) -> sp.Expr:
        return L.named(sp.expand(e.xreplace(biases)))

    rate = along(product(residual, residual) / 2, dict(zip(x, velocity)))
    squares = minus_square(in_residuals(rate), {}, velocity.applyfunc(in_residuals))
    (r_,), J_ = columns("r", 2), sp.Identity(2) - Letter("W", W) * Letter("H", symmetric("H", 2))
    net, where = random_net("descent", [("ghostmax", 2)], skew=True), draws("descent x", 2)
    return Step(
        "Descent of the residual",
        [r"\frac{d}{dt}\tfrac12 |r|^2"],
        proven(-r_.T * J_ * J_.T * r_, squares),
        "chain rule with an undefined L: ẋ = −(1 − W H)ᵀr is minus the gradient of |r|²/2; where H is zero it is −r",
        "numerical rate along the descent of a concrete net with asymmetric weights",
        [at(net, where, r=_residual(net, where))],
        lambda p: [slope(lambda z: _residual(net, z) @ _residual(net, z) / 2, p.of.x, _descent_velocity(net, p.of.x))],
    )


def _newton() -> Step:
    net = random_net("newton", [("tanh", 1), ("relu", 1)], skew=True, strength=0.5)
    begin, begins = array([0.75, -2]), Letter("r(0)", vector("r", 2))

    def velocity(z: Any) -> Any:
        return array(-mp.lu_solve(jacobian(lambda s: _residual(net, s), z), mp.matrix(_residual(net, z))))

    return Step(
        "Newton flow",
        ["r(t)"],
        proven(sp.exp(-symbol("t")) * begins, [relaxation(start, 0, 1) for start in begins.value]),
        "ṙ = (1 − W H)ẋ = −r for ẋ = −(1 − W H)⁻¹r, solved: also from a state with a dead neuron",
        "integration by extrapolation of a concrete net with asymmetric weights and a dead neuron",
        [Point({"r": _residual(net, begin), "t": 0.375})],
        lambda p: _residual(net, flow(velocity, begin, mp.mpf(3) / 8, step=0.375)),
        assumption="1 − W H is invertible on the way",
    )


def _attracting() -> Step:
    J = sp.Identity(2) - Letter("W", matrix("W", 2)) * Letter("H", symmetric("H", 2))
    net, where = random_net("attracting", [("ghostmax", 2)], skew=True), draws("attracting x", 2)
    return Step(
        "Every steady state attracts",
        [r"\partial \dot x/\partial x"],
        (-(J.T * J),),
        "at r = 0 the Jacobian of the descent is −(1 − W H)ᵀ(1 − W H), negative definite: saddles and maxima of the "
        "original system attract, too",
        "numerical Jacobian of the descent of a concrete net at its steady state",
        [at(net.pinned(where), where)],
        lambda p: upper(jacobian(lambda z: _descent_velocity(p.of.net, z), p.of.x)),
        hypotheses=(Hypothesis(STEADY, [at(net, where)]),),
    )


def _further() -> Step:
    w = symbol("w")
    square = sp.solve(1 - w * (1 - sp.Symbol("s")), sp.Symbol("s"))[0]  # 1 − w g'(x) = 0 with s = tanh² x
    place = sp.atanh(sp.sqrt(square)).rewrite(sp.log)
    claim = (place, place - w * sp.sqrt(square))

    def oracle(p: Any) -> list[Any]:
        net = Net([("tanh", 1)], [[p[w]]], [0])
        where = root(lambda z: slope(lambda s: _residual(net, s), z, [1]), [mp.mpf("1.1")])
        return [where[0], _residual(net, where)[0]]

    return Step(
        "Further stationary points",
        ["x", "r"],
        claim,
        "one neuron, g = tanh, b = 0: 1 − w g'(x) = 0 at tanh²x = 1 − 1/w, where r ≠ 0; w = 3: x = 1.146, r = −1.303",
        "zero of the numerical slope of the residual",
        [{w: mp.mpf(3)}, {w: mp.mpf("2.5")}],
        oracle,
    )
