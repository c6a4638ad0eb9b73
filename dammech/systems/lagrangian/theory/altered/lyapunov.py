"""Lyapunov functions of the altered dynamics: they have no flat regions at dead neurons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.letters import Letter
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, array, draws, random_net, second, slope
from dammech.systems.lagrangian.theory.hypotheses import CONVEX, STEADY, SYMMETRIC
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    Undefined,
    along,
    at,
    column,
    columns,
    energy_of_activations,
    form,
    minus_square,
    product,
    proven,
    symbol,
    symmetric,
    triangular,
    upper,
    vector,
)

_SEMIDEFINITE = "W is positive semidefinite"
_CONVEX_NET = [("ghostmax", 2), ("tanh", 1)]
_WAVY_NET = [("ghostmax", 2), ("wavy", 1)]


def _stated(n: int) -> tuple[sp.Expr, sp.Expr]:
    """The rates of E_2 and of E_1."""
    moving, (p, u) = Letter(r"\dot y", vector("v", n)), columns("pu", n)
    return (p - u).T * moving, -moving.T * Letter("W", symmetric("W", n)) * moving


def lyapunov() -> Theorem:
    """E_2, E_1, and their mixtures."""
    return Theorem(
        "dead-neurons.lyapunov",
        "Lyapunov functions without dead flat regions",
        "Along ẏ = g(W y + b) − y with symmetric W: E₂ = L*(y) − b·y − ½y·Wy decreases for convex L, W definite or not; "
        "E₁ = ½y·Wy − L(W y + b) for positive semidefinite W and any L, convex or not; aE₂ + (1 − a)E₁ with 0 ≤ a ≤ 1 where "
        "both do. A dead neuron is no flat region of theirs: E₂ has the slope −x* > 0 there, and E₁ the curvature of W.",
        [_legendre(), _legendre_sign(), _dual(), _dual_sign(), _mixture(), _dead_slope(), _dual_curvature()],
        ("fanaskov2024", "cohen1983", "rockafellar1970"),
    )


def state(net: Net, p: Any, of: Mapping[str, Any] | None = None, **more: Any) -> Point:
    """y = g(p), so that p is in ∂L*(y), u = W y + b, G = g(u) and H there, and the velocity v = G − y."""
    p = array(p)
    y = net.activation(p)
    u = net.fields(y)
    G = net.activation(u)
    values = {"p": p, "y": y, "u": u, "G": G, "H": net.hessian(u), "W": net.W, "b": net.b, "v": G - y}
    return Point(values | more, net=net, y=y, **(of or {}))


def rate_along(energy: Callable[[Any, Any], Any], p: Any) -> Any:
    """The numerical slope of an energy(p, y) along the velocity of the altered dynamics."""
    return slope(lambda y: energy(p, y), p.of.y, p.of.net.rate_activation(p.of.y))


def _legendre_energy(p: Any, y: Any) -> Any:
    net = p.of.net
    return net.conjugate(y) - net.b @ y - y @ net.W @ y / 2


def _dual_energy(p: Any, y: Any) -> Any:
    net = p.of.net
    return y @ net.W @ y / 2 - net.lagrangian(net.fields(y))


# -- E_2 --------------------------------------------------------------------------------------------------------------


def _legendre_rate(n: int) -> sp.Expr:
    """Ė_2 with an undefined L*, b eliminated by u = W y + b."""
    y, b, v, W = vector("y", n), vector("b", n), vector("v", n), symmetric("W", n)
    conjugate = Undefined(y, "C", "p", "K")
    energy = energy_of_activations(conjugate.L, W, y, b)
    fields = dict(zip(b, column(vector("u", n)) - W * column(y)))
    return conjugate.named(along(energy, dict(zip(y, v))).xreplace(fields))


def _legendre() -> Step:
    return Step(
        "Rate of E₂",
        [r"\dot E_2"],
        proven(_stated(3)[0], _legendre_rate(3)),
        "chain rule with an undefined L*, ∇L*(y) = p; u = W y + b. Since y = g(p) and ẏ = g(u) − g(p), this is "
        "−(p − u)·(g(p) − g(u))",
        "numerical rate along the altered dynamics of a concrete net, L* by numerical maximisation; W is indefinite",
        [state(random_net("legendre", _CONVEX_NET), draws("legendre p", 3))],
        lambda p: [rate_along(_legendre_energy, p)],
        source="rockafellar1970",
        hypotheses=(Hypothesis(SYMMETRIC, [state(random_net("legendre", _CONVEX_NET, skew=True), draws("legendre p", 3))]),),
    )


def _legendre_sign() -> Step:
    """g(p) − g(u) = H̄(p − u) with the mean H̄ = CᵀC of H on the way from u to p."""
    difference = column(vector("d", 2))
    factor = triangular("c", 2)
    mean = dict(zip(vector("v", 2), -factor.T * factor * difference)) | dict(
        zip(vector("p", 2), column(vector("u", 2)) + difference))
    squares = minus_square(_legendre_rate(2), mean, factor * difference)
    bent = Net(_WAVY_NET, [[0] * 3] * 3, [0.5, -1.25, -0.25])
    return Step(
        "E₂ does not increase",
        [r"\max(\dot E_2, 0)"],
        (sp.Max(squares, 0),),
        "the mean of H between u and p is CᵀC for convex L: the rate −|C(p − u)|² is not positive",
        "numerical rates in random states of nets with indefinite W",
        [state(random_net(f"legendre sign {k}", _CONVEX_NET), draws(f"legendre sign {k}", 3)) for k in range(4)],
        lambda p: [max(rate_along(_legendre_energy, p), mp.mpf(0))],
        source="rockafellar1970",
        hypotheses=(Hypothesis(CONVEX, [state(bent, [0.5, -1.25, 1.9375])]),),
    )


# -- E_1 --------------------------------------------------------------------------------------------------------------


def _dual_rate(n: int) -> sp.Expr:
    """Ė_1 with an undefined L(u), u moving by W v; g = v + y by the dynamics."""
    y, u, v, W = vector("y", n), vector("u", n), vector("v", n), symmetric("W", n)
    L = Undefined(u)
    rate = along(form(y, W) / 2 - L.L, {**dict(zip(y, v)), **dict(zip(u, W * column(v)))})
    return L.named(rate).xreplace(dict(zip(vector("g", n), column(v) + column(y))))


def _dual() -> Step:
    return Step(
        "Rate of E₁",
        [r"\dot E_1"],
        proven(_stated(3)[1], _dual_rate(3)),
        "chain rule with an undefined L at u = W y + b; ẏ = g(u) − y",
        "numerical rate along the altered dynamics of a concrete net whose L is not convex",
        [state(random_net("dual", _WAVY_NET), draws("dual p", 3))],
        lambda p: [rate_along(_dual_energy, p)],
        source="cohen1983",
        hypotheses=(Hypothesis(SYMMETRIC, [state(random_net("dual", _WAVY_NET, skew=True), draws("dual p", 3))]),),
    )


def _dual_sign() -> Step:
    factor = triangular("c", 3)
    definite = dict(zip(symmetric("W", 3), factor.T * factor))
    squares = minus_square(_dual_rate(3), definite, factor * column(vector("v", 3)))

    def point(k: int, sign: int = 1) -> Point:
        C, b = draws(f"dual sign C {k}", 3, 3), draws(f"dual sign {k} b", 3)
        return state(Net(_WAVY_NET, sign * C.T @ C, b), draws(f"dual sign p {k}", 3))

    return Step(
        "E₁ does not increase",
        [r"\max(\dot E_1, 0)"],
        (sp.Max(squares, 0),),
        "W = CᵀC: the rate −|C ẏ|² is not positive, whatever H is",
        "numerical rates in random states; L is not convex",
        [point(k) for k in range(4)],
        lambda p: [max(rate_along(_dual_energy, p), mp.mpf(0))],
        source="cohen1983",
        hypotheses=(Hypothesis(_SEMIDEFINITE, [point(0, -1)]),),
    )


def _mixture() -> Step:
    a, share, (legendre, dual) = symbol("a"), mp.mpf(3) / 8, _stated(2)

    def point(skew: bool) -> Point:
        return state(random_net("mixture", [("ghostmax", 2)], skew=skew), draws("mixture p", 2), a=share)

    return Step(
        "Mixtures",
        [r"\frac{d}{dt}(a E_2 + (1 - a) E_1)"],
        proven(a * legendre + (1 - a) * dual, a * _legendre_rate(2) + (1 - a) * _dual_rate(2)),
        "the rate is linear in the function; for 0 ≤ a ≤ 1 both parts are not positive under both sets of hypotheses",
        "numerical rate of the mixture along the altered dynamics of a concrete net",
        [point(skew=False)],
        lambda p: [rate_along(lambda p, y: share * _legendre_energy(p, y) + (1 - share) * _dual_energy(p, y), p)],
        hypotheses=(Hypothesis(SYMMETRIC, [point(skew=True)]),),
    )


# -- no flat regions --------------------------------------------------------------------------------------------------


def _dead_slope() -> Step:
    """Rectified neurons, the third one dead: L* = y²/2 on y ≥ 0."""
    y, b, W, x = vector("y", 3), vector("b", 3), symmetric("W", 3), vector("x", 3)
    energy = energy_of_activations(product(y, y) / 2, W, y, b)
    steady = dict(zip(b, column(x) - W * column(y)))
    claim = sp.expand(sp.diff(energy, y[2]).xreplace(steady)).subs(y[2], 0)

    def oracle(p: Any) -> list[Any]:
        """One-sided slope from the values of E_2 at y_3 = 0, h and 2h."""
        h = mp.mpf(1) / 16
        here, near, far = (_legendre_energy(p, p.of.y + array([0, 0, k * h])) for k in (0, 1, 2))
        return [(4 * (near - here) - (far - here)) / (2 * h)]

    where, net = array([0.75, 1.25, -0.5]), random_net("dead slope", [("relu", 3)])
    dead = {"y": net.activation(where)}

    return Step(
        "E₂ has a slope at a dead neuron",
        [r"\partial E_2/\partial y_3"],
        (claim,),
        "L* = |y|²/2 on y ≥ 0; at the steady state of a dead rectified neuron, y₃ = 0, the slope is −x₃ > 0: the depth "
        "below threshold, on which E does not depend, is how steeply E₂ rises",
        "values of E₂ on a line, L* by numerical maximisation",
        [at(net.pinned(where), where, of=dead)],
        oracle,
        hypotheses=(Hypothesis(STEADY, [at(net, where, of=dead)]),),
    )


def _dual_curvature() -> Step:
    y, u, W = vector("y", 2), vector("u", 2), symmetric("W", 2)
    L = Undefined(u)
    moving = [{y[i]: sp.Integer(1), **dict(zip(u, W[:, i]))} for i in range(2)]
    slopes = [along(form(y, W) / 2 - L.L, direction) for direction in moving]
    curvature = sp.Matrix(2, 2, lambda i, j: L.named(along(slopes[i], moving[j])))
    W_, H = Letter("W", W), Letter("H", symmetric("H", 2))

    def point(skew: bool) -> Point:
        return state(random_net("dual curvature", [("ghostmax", 2)], skew=skew), draws("dual curvature", 2))

    return Step(
        "E₁ is curved at a dead neuron",
        [r"\nabla\nabla E_1(y)"],
        proven(W_ - W_ * H * W_, upper(curvature)),
        "two differentiations with an undefined L: W − W H W, which is W where H = 0; E has H − H W H = 0 there",
        "numerical second derivatives of E₁ of a concrete net",
        [point(skew=False)],
        lambda p: upper(second(lambda y: _dual_energy(p, y), p.of.y)),
        hypotheses=(Hypothesis(SYMMETRIC, [point(skew=True)]),),
    )
