"""Altered dynamics that keep the steady states but not their stability: gradient flow of E_R, flow of the residual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.dead_neurons.asymmetric import scaled_energy, scaled_net
from dammech.derive.dead_neurons.concrete import Net, draws, flow, jacobian, random_net, root, second, slope, times
from dammech.derive.dead_neurons.lyapunov import state
from dammech.derive.dead_neurons.stability import pinned
from dammech.derive.dead_neurons.symbols import Point, Undefined, along, at, column, matrix, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

_SCALED = "R W is symmetric"
_FACTORS = (1.5, 1.5, -0.75)


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
    energy = (column(y).T * K * column(y))[0] / 2 - r[0] * pair.L - r[1] * single.L
    g = column([*pair.g, *single.g])
    field = K * (g - column(y))
    slopes = [along(energy, {y[i]: sp.Integer(1), **dict(zip(u, weights[:, i]))}) for i in range(3)]
    if any(sp.expand(s + f) != 0 for s, f in zip(slopes, field)):
        raise ArithmeticError("the field is not minus the gradient")
    v = vector("v", 3)
    claim = sp.Add(*[-f * f for f in v])  # the slopes are minus the field, which is v

    def point(**how: Any) -> Point:
        net, R, K_ = scaled_net("gradient flow", how.pop("factors", _FACTORS), **how)
        p = state(net, draws("gradient flow p", 3))
        p.of.update(R=R, K=K_)
        with mp.workdps(60):
            p.update(Point({"v": times(K_, net.rate_activation(p.of["y"]))}))
        return p

    def oracle(p: Any) -> list[Any]:
        net, y_ = p.of["net"], p.of["y"]
        energy_ = scaled_energy(p)
        return [slope(lambda z: energy_(net, z), y_, times(p.of["K"], net.rate_activation(y_)))]

    return Step(
        "Gradient flow of E_R",
        [r"\dot E_R = -|\dot y|^2"],
        (claim,),
        "∇E_R = K y − WᵀR g = −K(g − y) with undefined L₁(u₁, u₂), L₂(u₃): the field is minus the gradient; v = ẏ",
        "numerical rate of a concrete net, R and K of both signs, L not convex",
        [point()],
        oracle,
        hypotheses=(Hypothesis(_SCALED, [point(scaled=False)]),),
    )


def _curvature() -> Step:
    K, H, r = symmetric("K", 2), symmetric("H", 2), vector("r", 2)
    off = {H[0, 1]: sp.Integer(0)}
    linear = (K * (H * sp.diag(*r).inv() * K - sp.eye(2))).xreplace(off)  # of the flow at a steady state, W = R⁻¹K
    curvature = (-linear).applyfunc(sp.expand)
    if curvature[0, 1] != curvature[1, 0]:
        raise ArithmeticError("second derivatives are not symmetric")

    def oracle(p: Any) -> list[Any]:
        found = second(lambda z: scaled_energy(p)(p.of["net"], z), p.of["y"])
        return [found[0, 0], found[0, 1], found[1, 1]]

    def point(**how: Any) -> Point:
        net, R, K_ = scaled_net("curvature flow", (1.5, -0.75), blocks=[("wavy", 1), ("tanh", 1)], **how)
        y = draws("curvature flow y", 2)
        with mp.workdps(60):
            u = [a + c for a, c in zip(times(net.W, y), net.b)]
            values = {"K": K_, "H": net.hessian(u), "r": R}
        return Point(values, net=net, y=y, R=R, K=K_)

    return Step(
        "Its stability is another one",
        [rf"\partial^2 E_R/\partial y_{i}\partial y_{j}" for i, j in ((1, 1), (1, 2), (2, 2))],
        (curvature[0, 0], curvature[0, 1], curvature[1, 1]),
        "minus the Jacobian K(H W − 1) of the flow, K − K H R⁻¹K for separable L: with indefinite K and small H a steady "
        "state that is stable in the original system (J ≈ −1) is a saddle here",
        "numerical second derivatives of E_R of a concrete net",
        [point()],
        oracle,
        hypotheses=(Hypothesis(_SCALED, [point(scaled=False)]),),
    )


def _necessary() -> Step:
    """M(1 − H W) symmetric for all diagonal H, two neurons."""
    M, W, h = matrix("M", 2), matrix("W", 2), vector("h", 2)
    curl = M * (sp.eye(2) - sp.diag(*h) * W)
    conditions = sp.Poly(sp.expand(curl[0, 1] - curl[1, 0]), *h).coeffs()
    found = sp.solve(conditions, [M[0, 1], M[1, 0], M[1, 1]], dict=True)[0]
    scaled = sp.simplify(found[M[0, 1]] / M[0, 0]), sp.simplify(found[M[1, 1]] / M[0, 0])
    R = sp.diag(M[0, 0] / W[0, 0], M[0, 0] * W[0, 1] / (W[0, 0] * W[1, 0]))
    if (W.T * R - M.subs(found)).applyfunc(sp.simplify) != sp.zeros(2):
        raise ArithmeticError("M is not WᵀR")

    def oracle(p: Any) -> list[Any]:
        """M from the null space of the curls at three places of the field of tanh neurons."""
        net = p.of["net"]
        rows = []
        for place in p.of["places"]:
            J = -jacobian(net.rate_activation, place)
            rows.append([J[0, 1], J[1, 1], -J[0, 0], -J[1, 0]])  # (M J)_12 − (M J)_21
        solved = mp.lu_solve(mp.matrix([row[1:] for row in rows]), mp.matrix([-row[0] for row in rows]))
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


def _residual(net: Net, x: Sequence[Any]) -> list[Any]:
    return [-d for d in net.drive(x)]


def _descent_velocity(net: Net, x: Sequence[Any]) -> list[Any]:
    """−(1 − W H)ᵀ r with the numerical Jacobian of the residual."""
    J = jacobian(lambda z: _residual(net, z), x)
    return list(-J.T * mp.matrix(_residual(net, x)))


def _descent() -> Step:
    x, b, W, r = vector("x", 2), column(vector("b", 2)), matrix("W", 2), column(vector("r", 2))
    L = Undefined(x)
    residual = column(x) - b - W * L.g
    J = residual.jacobian(x)
    velocity = -J.T * residual
    rate = along((residual.T * residual)[0] / 2, dict(zip(x, velocity)))
    biases = dict(zip(b, column(x) - W * L.g - r))
    value = L.named(sp.expand(rate.xreplace(biases)))
    claim = -sp.Add(*[L.named(sp.expand(e.xreplace(biases))) ** 2 for e in velocity])
    if sp.expand(value - claim) != 0:
        raise ArithmeticError("the rate is not minus the square of the velocity")
    net = random_net("descent", [("ghostmax", 2)], skew=True)
    where = draws("descent x", 2)
    p = at(net, where)
    with mp.workdps(60):
        p.update(Point({"r": _residual(net, p.of["x"])}))
    return Step(
        "Descent of the residual",
        [r"\frac{d}{dt}\tfrac12 |r|^2"],
        (claim,),
        "chain rule with an undefined L: ẋ = −(1 − W H)ᵀr is minus the gradient of |r|²/2; where H is zero it is −r",
        "numerical rate along the descent of a concrete net with asymmetric weights",
        [p],
        lambda q: [slope(lambda z: sum(s**2 for s in _residual(q.of["net"], z)) / 2, q.of["x"],
                         _descent_velocity(q.of["net"], q.of["x"]))],
    )


def _newton() -> Step:
    t = sp.Symbol("t", positive=True)
    start = sp.Symbol("r", real=True)
    residual = sp.Function("rho")
    decay = sp.dsolve(residual(t).diff(t) + residual(t), residual(t), ics={residual(0): start}).rhs
    claim = [decay.xreplace({start: s, t: sp.Symbol("t", real=True)}) for s in vector("r", 2)]
    net = random_net("newton", [("tanh", 1), ("relu", 1)], skew=True, strength=0.5)
    begin = [mp.mpf(3) / 4, mp.mpf(-2)]

    def velocity(z: Sequence[Any]) -> list[Any]:
        return list(-mp.lu_solve(jacobian(lambda s: _residual(net, s), z), mp.matrix(_residual(net, z))))

    with mp.workdps(60):
        values = {"r": _residual(net, begin), "t": mp.mpf(3) / 8}
    return Step(
        "Newton flow",
        [r"r_1(t)", r"r_2(t)"],
        tuple(claim),
        "ṙ = (1 − W H)ẋ = −r for ẋ = −(1 − W H)⁻¹r, solved: also from a state with a dead neuron",
        "integration by extrapolation of a concrete net with asymmetric weights and a dead neuron",
        [Point(values)],
        lambda p: _residual(net, flow(velocity, begin, mp.mpf(3) / 8, step=0.375)),
        assumption="1 − W H is invertible on the way",
    )


def _attracting() -> Step:
    W, H = matrix("W", 2), symmetric("H", 2)
    J = sp.eye(2) - W * H
    linear = (-J.T * J).applyfunc(sp.expand)

    def oracle(p: Any) -> list[Any]:
        net = p.of["net"]
        found = jacobian(lambda z: _descent_velocity(net, z), p.of["x"])
        return [found[0, 0], found[0, 1], found[1, 1]]

    net = random_net("attracting", [("ghostmax", 2)], skew=True)
    where = draws("attracting x", 2)
    return Step(
        "Every steady state attracts",
        [rf"\partial_{j} \dot x_{i}" for i, j in ((1, 1), (1, 2), (2, 2))],
        (linear[0, 0], linear[0, 1], linear[1, 1]),
        "at r = 0 the Jacobian of the descent is −(1 − W H)ᵀ(1 − W H), negative definite: saddles and maxima of the "
        "original system attract, too",
        "numerical Jacobian of the descent of a concrete net at its steady state",
        [at(pinned(net, where), where)],
        oracle,
        hypotheses=(Hypothesis("x is a steady state, W g + b = x", [at(net, where)]),),
    )


def _further() -> Step:
    w = sp.Symbol("w", real=True)
    square = sp.solve(1 - w * (1 - sp.Symbol("s")), sp.Symbol("s"))[0]  # 1 − w g'(x) = 0 with s = tanh² x
    place = sp.atanh(sp.sqrt(square)).rewrite(sp.log)
    claim = (place, place - w * sp.sqrt(square))

    def oracle(p: Any) -> list[Any]:
        net = Net([("tanh", 1)], [[p[w]]], [0])
        where = root(lambda z: [slope(lambda s: _residual(net, s)[0], z, [1])], [mp.mpf("1.1")])
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
