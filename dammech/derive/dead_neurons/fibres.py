"""The energy sees the state only through the activation: its flat regions are the fibres of g."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net, draws, jacobian, random_net, shifted, slope
from dammech.derive.dead_neurons.energy import CONVEX, energy_of
from dammech.derive.dead_neurons.symbols import Point, Undefined, at, column, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

_MIXED = [("softmax", 2), ("relu", 1)]
_SATURATED = [("softmax", 2), ("clip", 1)]


def pull_back() -> Theorem:
    """E = E_2∘g, and the flat regions of E."""
    return Theorem(
        "dead-neurons.pull-back",
        "Flat regions are fibres of the activation",
        "For convex L the energy is E(x) = E₂(g(x)) with E₂(y) = L*(y) − b·y − ½ y·Wy and L* the convex conjugate of L. "
        "On the set of states with equal activation, which is convex and is the subdifferential ∂L*(g), L is affine and "
        "E is constant: this set is the flat region. It is a half-space for dead ReLU neurons and a line for softmax.",
        [_conjugate(), _energy(), _slope(), _constant()],
        ("rockafellar1970", "fanaskov2024"),
    )


def _conjugate() -> Step:
    """L* at y = g(x): the maximum of y·z − L(z) is at z = x."""
    x, z = vector("x", 3), vector("z", 3)
    L = Undefined(x)
    y = column(vector("y", 3))
    gain = (y.T * column(x))[0] - L.L
    stationary = [sp.diff(gain, s) for s in x]
    if any(e.xreplace(dict(zip(y, L.g))) != 0 for e in stationary):
        raise ArithmeticError("the state is not stationary for its own activation")
    return Step(
        "Conjugate of L at an activation",
        ["L^*(g(x))"],
        (L.named(gain.xreplace(dict(zip(y, L.g)))),),
        "y·z − L(z) is stationary at z = x when y = ∇L(x), and concave for convex L: x is a maximum (Fenchel–Young)",
        "numerical maximisation of y·z − L(z) from elsewhere, for mixed nets with a dead ReLU neuron and a saturated one",
        [at(random_net("conjugate", _MIXED), [0.5, -1.25, -0.75]),
         at(random_net("conjugate", _SATURATED), [-0.25, 1.5, -1.875])],
        lambda p: [p.of["net"].conjugate(p.of["net"].activation(p.of["x"]))],
        source="rockafellar1970",
        hypotheses=(Hypothesis(CONVEX, [at(random_net("conjugate", [("softmax", 2), ("wavy", 1)]), [0.5, -1.25, 0.25])]),),
    )


def _energy() -> Step:
    """L is eliminated by its conjugate."""
    x, b, W = vector("x", 3), vector("b", 3), symmetric("W", 3)
    L = Undefined(x)
    conjugate = sp.Symbol("C", real=True)
    energy = L.named(sp.expand(energy_of(L.g, L.L, W, x, b)))
    by_conjugate = sp.solve(conjugate - L.named((column(x).T * L.g)[0] - L.L), L.named(L.L))[0]
    claim = sp.expand(energy.xreplace({L.named(L.L): by_conjugate}))
    if claim.free_symbols & set(x):
        raise ArithmeticError("the energy still holds the state")

    def point(kind: str, state: list[float]) -> Any:
        net = random_net("pull-back", [("ghostmax", 2), (kind, 1)])
        with mp.workdps(60):
            value = net.conjugate(net.activation([mp.mpf(s) for s in state]))
        return at(net, state, C=value)

    return Step(
        "The energy as a function of the activation",
        ["E"],
        (claim,),
        "L = x·g − C with C = L*(g) of the previous step: the state x drops out, what is left is E₂(g)",
        "the energy itself, from L in the state x; C by numerical maximisation",
        [point("relu", [0.5, -1.25, 0.75])],
        lambda p: [p.of["net"].energy(p.of["x"])],
        hypotheses=(Hypothesis(CONVEX, [point("wavy", [0.5, -1.25, 0.25])]),),
    )


def _slope() -> Step:
    """∇E_2 at g(x): −r, which the Hessian hides in the null directions."""
    y, b, W = vector("y", 3), vector("b", 3), symmetric("W", 3)
    conjugate = Undefined(y, "C", "x", "K")
    energy = conjugate.L - (column(b).T * column(y))[0] - (column(y).T * W * column(y))[0] / 2
    claim = [conjugate.named(sp.diff(energy, s)) for s in y]
    net, skew = (random_net("slope", [("tanh", 2), ("ghostmax", 1)], skew=skew) for skew in (False, True))

    def oracle(p: Any) -> list[Any]:
        """E_2 has the slope dE/dx on what g maps onto: ∇E = H ∇E₂, solved for ∇E₂ where H is invertible."""
        net, state = p.of["net"], p.of["x"]
        grad = [slope(net.energy, state, direction) for direction in mp.eye(3).tolist()]
        return list(mp.lu_solve(jacobian(net.activation, state), mp.matrix(grad)))

    def point(net: Net) -> Any:
        state = draws("slope x", 3)
        with mp.workdps(60):
            return Point({"x": state, "b": net.b, "W": net.W, "y": net.activation(state)}, net=net, x=state)

    return Step(
        "Slope of the energy in the activations",
        [rf"\partial E_2/\partial y_{i + 1}" for i in range(3)],
        tuple(claim),
        "∇L*(g(x)) = x: the slope is the residual −r = x − b − W g; in the states it is multiplied by H, ∇E = −H r",
        "numerical gradient of E in the states, divided by the numerical Hessian of L where it is invertible",
        [point(net)],
        oracle,
        source="rockafellar1970",
        hypotheses=(Hypothesis("the weights are symmetric, W = Wᵀ", [point(skew)]),),
    )


def _constant() -> Step:
    """Two states x and x + d of equal activation; L is affine between them."""
    x, d, b, W = vector("x", 3), vector("d", 3), vector("b", 3), symmetric("W", 3)
    s, value = sp.symbols("s L", real=True)
    g = column(vector("g", 3))
    line = column(x) + s * column(d)
    affine = value + s * (g.T * column(d))[0]  # both tangents, at x and at x + d, bound L from below, and meet
    claim = sp.expand(energy_of(g, affine, W, line, b))
    if claim.free_symbols & {s, *d}:
        raise ArithmeticError("the energy depends on the place in the flat region")

    def point(net: Net, start: list[Any], end: list[Any], part: float) -> Any:
        with mp.workdps(60):
            difference = [mp.mpf(a) - mp.mpf(c) for a, c in zip(end, start)]
            place = shifted([mp.mpf(c) for c in start], mp.mpf(part), difference)
        p = at(net, start, d=difference, s=mp.mpf(part))
        p.of["place"] = place
        return p

    mixed, saturated = random_net("flat", _MIXED), random_net("flat", _SATURATED)
    with mp.workdps(60):
        other = mp.findroot(lambda z: z - 2 * mp.sin(z) - (0.5 - 2 * mp.sin(mp.mpf(1) / 2)), 1.4)
        wavy = random_net("flat", [("softmax", 2), ("wavy", 1)])
        two_ends = point(wavy, [0.5, -1.25, 0.5], [2.5, 0.75, other], 0.5)
    quartic = random_net("flat", [("softmax", 2), ("quartic", 1)])
    return Step(
        "The energy is constant between states of equal activation",
        ["E(x + s d)"],
        (claim,),
        "for convex L the tangents at x and at x + d bound L from below; they have equal slopes g, so that L is affine in "
        "between and g constant there; s and d drop out of E",
        "the energy of concrete nets along the way: softmax shifted along (1, 1), a dead or saturated neuron moved",
        [point(mixed, [0.5, -1.25, -0.75], [7.5, 5.75, -20.0], 0.3125),
         point(saturated, [0.5, -1.25, -1.75], [-7.5, -9.25, -40.0], 1.0)],
        lambda p: [p.of["net"].energy(p.of["place"])],
        assumption="g(x) = g(x + d)",
        hypotheses=(
            Hypothesis(CONVEX, [two_ends]),
            Hypothesis("the ends have equal activations; a Hessian that vanishes in one point, L = x⁴/4 at 0, does not do",
                       [point(quartic, [0.5, -1.25, 0.0], [2.5, 0.75, 1.0], 0.5)]),
        ),
    )
