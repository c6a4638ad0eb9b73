"""The energy sees the state only through the activation: its flat regions are the fibres of g."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.letters import Letter
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import array, draws, gradient, jacobian, random_net
from dammech.systems.lagrangian.theory.hypotheses import CONVEX, SYMMETRIC
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    Undefined,
    at,
    column,
    columns,
    energy_of,
    energy_of_activations,
    must_vanish,
    number,
    product,
    proven,
    symmetric,
    vector,
)

_MIXED = [("softmax", 2), ("relu", 1)]
_SATURATED = [("softmax", 2), ("clip", 1)]
_W, (_x, _y, _b, _g) = Letter("W", symmetric("W", 3)), columns("xybg", 3)


def pull_back() -> Theorem:
    """E = E_2∘g, and the flat regions of E."""
    return Theorem(
        "dead-neurons.pull-back",
        "Flat regions are fibres of the activation",
        "For convex L the energy is E(x) = E₂(g(x)) with E₂(y) = L*(y) − b·y − ½ y·Wy and L* the convex conjugate of L. "
        "On the set of states with equal activation, which is convex and is the subdifferential ∂L*(g), L is affine and "
        "E is constant: this set is the flat region. It is a half-line for a dead ReLU neuron and a line for softmax.",
        [_conjugate(), _energy(), _slope(), _constant()],
        ("rockafellar1970", "fanaskov2024"),
    )


def _conjugate() -> Step:
    """L* at y = g(x): the maximum of y·z − L(z) is at z = x."""
    x = vector("x", 3)
    L = Undefined(x)
    y = column(vector("y", 3))
    own = dict(zip(y, L.g))
    gain = product(y, x) - L.L
    must_vanish("the state is not stationary for its own activation", [sp.diff(gain, s).xreplace(own) for s in x])
    return Step(
        "Conjugate of L at an activation",
        ["L^*(g(x))"],
        proven(_g.T * _x - number("L"), L.named(gain.xreplace(own))),
        "y·z − L(z) is stationary at z = x when y = ∇L(x), and concave for convex L: x is a maximum (Fenchel–Young)",
        "numerical maximisation of y·z − L(z) from elsewhere, for mixed nets with a dead ReLU neuron and a saturated one",
        [at(random_net("conjugate", _MIXED), [0.5, -1.25, -0.75]),
         at(random_net("conjugate", _SATURATED), [-0.25, 1.5, -1.875])],
        lambda p: [p.of.net.conjugate(p.of.net.activation(p.of.x))],
        source="rockafellar1970",
        hypotheses=(Hypothesis(CONVEX, [at(random_net("conjugate", [("softmax", 2), ("wavy", 1)]), [0.5, -1.25, 0.25])]),),
    )


def _energy() -> Step:
    """L is eliminated by its conjugate."""
    x, b, W = vector("x", 3), vector("b", 3), symmetric("W", 3)
    L = Undefined(x)
    conjugate = sp.Symbol("C", real=True)
    energy = L.named(energy_of(L.g, L.L, W, x, b))
    by_conjugate = sp.solve(conjugate - L.named(product(x, L.g) - L.L), L.named(L.L))[0]
    without_state = energy.xreplace({L.named(L.L): by_conjugate})

    def point(kind: str, state: list[float]) -> Point:
        net = random_net("pull-back", [("ghostmax", 2), (kind, 1)])
        return at(net, state, C=net.conjugate(net.activation(array(state))))

    return Step(
        "The energy as a function of the activation",
        ["E"],
        proven(number("C") - _g.T * _W * _g / 2 - _b.T * _g, without_state),
        "L = x·g − C with C = L*(g) of the previous step: the state x drops out, what is left is E₂(g)",
        "the energy itself, from L in the state x; C by numerical maximisation",
        [point("relu", [0.5, -1.25, 0.75])],
        lambda p: [p.of.net.energy(p.of.x)],
        hypotheses=(Hypothesis(CONVEX, [point("wavy", [0.5, -1.25, 0.25])]),),
    )


def _slope() -> Step:
    """∇E_2 at g(x): −r, which the Hessian hides in the null directions."""
    y, b, W = vector("y", 3), vector("b", 3), symmetric("W", 3)
    conjugate = Undefined(y, "C", "x", "K")
    energy = energy_of_activations(conjugate.L, W, y, b)
    slopes = [conjugate.named(sp.diff(energy, s)) for s in y]

    def oracle(p: Any) -> list[Any]:
        """E_2 has the slope dE/dx on what g maps onto: ∇E = H ∇E₂, solved for ∇E₂ where H is invertible."""
        net, state = p.of.net, p.of.x
        return list(mp.lu_solve(jacobian(net.activation, state), mp.matrix(gradient(net.energy, state))))

    def point(skew: bool) -> Point:
        net, state = random_net("slope", [("tanh", 2), ("ghostmax", 1)], skew=skew), draws("slope x", 3)
        return Point({"x": state, "b": net.b, "W": net.W, "y": net.activation(state)}, net=net, x=state)

    return Step(
        "Slope of the energy in the activations",
        [r"\nabla E_2(y)"],
        proven(_x - _b - _W * _y, slopes),
        "∇L*(g(x)) = x: the slope is the residual −r = x − b − W g; in the states it is multiplied by H, ∇E = −H r",
        "numerical gradient of E in the states, divided by the numerical Hessian of L where it is invertible",
        [point(skew=False)],
        oracle,
        source="rockafellar1970",
        hypotheses=(Hypothesis(SYMMETRIC, [point(skew=True)]),),
    )


def _constant() -> Step:
    """Two states x and x + d of equal activation; L is affine between them."""
    x, d, b, W = vector("x", 3), vector("d", 3), vector("b", 3), symmetric("W", 3)
    s, value = sp.symbols("s L", real=True)
    g = column(vector("g", 3))
    affine = value + s * product(g, d)  # both tangents, at x and at x + d, bound L from below, and meet
    energy = energy_of(g, affine, W, column(x) + s * column(d), b)

    def point(blocks: Any, start: list[Any], end: list[Any], part: float) -> Point:
        difference = array(end) - array(start)
        place = array(start) + mp.mpf(part) * difference
        return at(random_net("flat", blocks), start, of={"place": place}, d=difference, s=part)

    wavy, quartic = [("softmax", 2), ("wavy", 1)], [("softmax", 2), ("quartic", 1)]
    return Step(
        "The energy is constant between states of equal activation",
        ["E(x + s d)"],
        proven((_x - _b).T * _g - number("L") - _g.T * _W * _g / 2, energy),
        "for convex L the tangents at x and at x + d bound L from below; they have equal slopes g, so that L is affine in "
        "between and g constant there; s and d drop out of E",
        "the energy of concrete nets along the way: softmax shifted along (1, 1), a dead or saturated neuron moved",
        [point(_MIXED, [0.5, -1.25, -0.75], [7.5, 5.75, -20.0], 0.3125),
         point(_SATURATED, [0.5, -1.25, -1.75], [-7.5, -9.25, -40.0], 1.0)],
        lambda p: [p.of.net.energy(p.of.place)],
        hypotheses=(
            Hypothesis(CONVEX, [point(wavy, [0.5, -1.25, 0.5], [2.5, 0.75, same_as_half()], 0.5)]),
            Hypothesis("the ends have equal activations; a Hessian that vanishes in one point, L = x⁴/4 at 0, does not do",
                       [point(quartic, [0.5, -1.25, 0.0], [2.5, 0.75, 1.0], 0.5)]),
        ),
    )


def same_as_half() -> Any:
    """The other field at which x − 2 sin x is what it is at 1/2: two states of a wavy neuron with one activation."""
    return mp.findroot(lambda z: z - 2 * mp.sin(z) - (mp.mpf(1) / 2 - 2 * mp.sin(mp.mpf(1) / 2)), 1.4)
