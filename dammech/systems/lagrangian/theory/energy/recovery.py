"""The state at a steady state from energy and Hessian."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.letters import Letter, entries
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, array, draws, gradient, random_net, root, second
from dammech.systems.lagrangian.theory.hypotheses import STEADY, SYMMETRIC
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    Undefined,
    at,
    column,
    columns,
    energy_of,
    energy_of_activations,
    matrix,
    must_vanish,
    product,
    proven,
    symmetric,
    upper,
    vector,
)

_IN_FLAT = "the recovered state has the activation of the flat region it was recovered from (the sign test)"


def recovery() -> Theorem:
    """What energy and Hessian fix of a steady state, and the rest."""
    return Theorem(
        "dead-neurons.recovery",
        "Recovery of a steady state from energy and Hessian",
        "A state is critical for E iff its residual r = W g + b − x lies in ker H. Its components in range H are those of "
        "the only candidate for a steady state in its flat region, x* = W g + b, whose null components are P_N(W g + b). It "
        "is a steady state iff g(x*) = g(x). The state of a dead rectified neuron is minus the multiplier of its "
        "constraint y ≥ 0. As a function of the biases the energy of a steady state gives the state back: "
        "x* = b − W ∂E*/∂b, and ∂²E*/∂b∂b = −H(1 − W H)⁻¹.",
        [_state(), _multiplier(), _envelope(), _curvature(), _read_off()],
        ("fanaskov2024", "rockafellar1970"),
    )


def _state() -> Step:
    """A Hessian of rank two with the null vector u; r = W g + b − x in its null space."""
    u, factor = column(vector("u", 3)), symmetric("a", 2)
    range_ = sp.Matrix([[-u[1], -u[2]], [u[0], 0], [0, u[0]]])
    hessian = range_ * factor * range_.T
    unknown = column(vector("r", 3))
    critical = unknown.subs(sp.solve(list(hessian * unknown), [unknown[1], unknown[2]], dict=True)[0])
    projected = u * product(u, unknown) / product(u, u)
    must_vanish("a critical residual is not along the null vector",
                projected.subs(dict(zip(unknown, critical))) - critical)
    W, (x, g, b, null) = Letter("W", symmetric("W", 3)), columns("xgbu", 3)
    residual = W * g + b - x
    on_null = Letter("P_N", null * (null.T * null).I * null.T)
    recovered = entries(x) + projected.xreplace(dict(zip(unknown, entries(residual))))

    def point(kind: str, steady: Any, here: Any, null: Any) -> Point:
        """A state ``here``; the biases make ``steady`` a candidate."""
        return at(random_net("state", [(kind, 3)]).pinned(steady), here, of={"candidate": steady}, u=null)

    steady, ones = draws("state x", 3), [1, 1, 1]
    drawn = random_net("state", [("relu", 3)], strength=0.125)
    target, plateau = array([1.5, 0.75, 1]), array([1.5, 0.75, -2])  # (W g + b)_3 > 0 though neuron 3 was dead
    weak = Net(drawn.blocks, drawn.W, target - drawn.W @ drawn.activation(plateau))
    return Step(
        "The steady state of a flat region",
        ["x^*"],
        proven(x + on_null * residual, recovered),
        "∇E = −H r = 0 solved for a Hessian of rank two with H u = 0: r is along u, and x* = x + r = x + P_N(W g + b − x)",
        "root of W g(x) + b − x by Newton's method: a state far out on the ray of a spherical norm, on a line of softmax",
        [point("spherical", steady, 3 * steady, 2 * steady), point("softmax", steady, steady + mp.mpf(9) / 2, ones)],
        _nearest_root,
        source="fanaskov2024",
        hypotheses=(
            Hypothesis("x is critical, ∇E = 0", [point("softmax", steady, steady + array([1, 2, -1]), ones)]),
            Hypothesis(_IN_FLAT, [at(weak, plateau, of={"candidate": target}, u=[0, 0, 1])]),
        ),
    )


def _nearest_root(p: Any) -> Any:
    return root(p.of.net.drive, p.of.candidate + array([1, 2, 3]) / 64)


def _multiplier() -> Step:
    """Rectified neurons: steady states are the stationary points of E_2 on y ≥ 0; neuron 3 is at the boundary."""
    y, b, W = vector("y", 3), vector("b", 3), symmetric("W", 3)
    energy = energy_of_activations(product(y, y) / 2, W, y, b)
    claim = sp.expand(-sp.diff(energy, y[2]).subs(y[2], 0))

    def point(skew: bool) -> Point:
        state = array([0.75, 1.25, -0.5])
        net = random_net("multiplier", [("relu", 3)], skew=skew, strength=0.25).pinned(state)
        return Point({"y": net.activation(state), "W": net.W, "b": net.b}, net=net, candidate=state)

    return Step(
        "The state of a dead rectified neuron is minus its multiplier",
        [r"x^*_3 = -\partial E_2/\partial y_3"],
        (claim,),
        "L* = |y|²/2 on y ≥ 0: steady states are Kuhn–Tucker points of E₂ there, −∂E₂/∂y₃ at y₃ = 0 is the state that "
        "E as a function of x has forgotten; it has to be negative",
        "root of W g(x) + b − x by Newton's method",
        [point(False)],
        lambda p: [_nearest_root(p)[2]],
        source="rockafellar1970",
        hypotheses=(Hypothesis(SYMMETRIC, [point(True)]),),
    )


def _envelope() -> Step:
    x, b, W = vector("x", 2), vector("b", 2), symmetric("W", 2)
    L = Undefined(x)
    energy = energy_of(L.g, L.L, W, x, b)
    response = matrix("X", 2)  # ∂x_i/∂b_j, whatever it is
    steady = dict(zip(b, column(x) - W * L.g))
    total = sp.Matrix([energy]).jacobian(x) * response + sp.Matrix([energy]).jacobian(b)
    slopes = [L.named(sp.expand(e.xreplace(steady))) for e in total]
    return Step(
        "Slope of the energy of a steady state in the biases",
        [r"\partial E^*/\partial b"],
        proven(-columns("g", 2)[0], slopes),
        "total derivative of E(x(b), b) with an undefined L; at a steady state ∂E/∂x = 0 and the response of x drops out",
        "numerical derivative of E at the root of W g(x) + b − x, which follows the biases",
        [_steady_point("envelope")],
        lambda p: gradient(lambda c: _energy_of_root(p, c), p.of.net.b),
        hypotheses=(Hypothesis(SYMMETRIC, [_steady_point("envelope", skew=True)]),
                    Hypothesis(STEADY, [_elsewhere("envelope")])),
    )


def _curvature() -> Step:
    W, H = (Letter(name, symmetric(name, 2)) for name in "WH")
    response = (sp.Identity(2) - W * H).I  # of x = W g(x) + b: (1 − W H) ∂x/∂b = 1
    return Step(
        "Curvature of the energy of a steady state in the biases",
        [r"\partial^2 E^*/\partial b\,\partial b"],
        (-H * response,),
        "differentiation of ∂E*/∂b = −g(x(b)) with (1 − W H)∂x/∂b = 1: −H(1 − W H)⁻¹",
        "numerical second derivatives of E at the root that follows the biases",
        [_steady_point("curvature")],
        lambda p: upper(second(lambda c: _energy_of_root(p, c), p.of.net.b)),
        assumption="1 − W H is invertible",
        hypotheses=(Hypothesis(SYMMETRIC, [_steady_point("curvature", skew=True)]),),
    )


def _read_off() -> Step:
    W, (b,), slope_ = Letter("W", symmetric("W", 2)), columns("b", 2), Letter(r"\partial E^*/\partial b", vector("e", 2))

    def point(**how: Any) -> Point:
        p = _steady_point("read off", **how)
        p.update(Point({"e": gradient(lambda c: _energy_of_root(p, c), p.of.net.b)}))
        return p

    return Step(
        "The state read off the energy",
        ["x^*"],
        (b - W * slope_,),
        "g = −∂E*/∂b inserted in x = W g + b",
        "root of W g(x) + b − x by Newton's method; e by numerical differentiation of its energy",
        [point()],
        lambda p: root(p.of.net.drive, p.of.x),
        source="fanaskov2024",
        hypotheses=(Hypothesis(SYMMETRIC, [point(skew=True)]),),
    )


def _steady_point(key: str, skew: bool = False) -> Point:
    state = draws(f"{key} x", 2)
    return at(random_net(key, [("ghostmax", 2)], skew=skew).pinned(state), state, of={"follows": None})


def _elsewhere(key: str) -> Point:
    """A state that follows the biases, x = b + constant, without being steady."""
    net, x = random_net(key, [("ghostmax", 2)]), draws(f"{key} x", 2)
    return at(net, x, of={"follows": x - net.b})


def _energy_of_root(p: Any, biases: Any) -> Any:
    net = Net(p.of.net.blocks, p.of.net.W, biases)
    return net.energy(root(net.drive, p.of.x) if p.of.follows is None else biases + p.of.follows)
