"""The state at a steady state from energy and Hessian."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net, draws, random_net, root, second, shifted, slope, times, unit
from dammech.derive.dead_neurons.energy import SYMMETRIC, energy_of
from dammech.derive.dead_neurons.stability import pinned
from dammech.derive.dead_neurons.symbols import Point, Undefined, at, column, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

_IN_FLAT = "the recovered state has the activation of the flat region it was recovered from (the sign test)"
_STEADY = "x is a steady state, W g + b = x"


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
    projected = u * (u.T * unknown)[0] / (u.T * u)[0]
    if (projected.subs(dict(zip(unknown, critical))) - critical).applyfunc(sp.cancel) != sp.zeros(3, 1):
        raise ArithmeticError("a critical residual is not along the null vector")
    x, W, g = column(vector("x", 3)), symmetric("W", 3), column(vector("g", 3))
    residual = dict(zip(unknown, W * g + column(vector("b", 3)) - x))
    claim = x + projected.xreplace(residual)

    def on_flat(net: Net, steady: list[Any], far: list[Any], null: list[Any]) -> Point:
        """A state of the flat region of ``steady``, which is made a candidate by the biases."""
        moved = pinned(net, steady)
        p = at(moved, far, u=null)
        p.of["candidate"] = [mp.mpf(z) for z in steady]
        return p

    sphere, soft, rectified = (random_net("state", [(kind, 3)]) for kind in ("spherical", "softmax", "relu"))
    steady = draws("state x", 3)
    ray = [z * 3 for z in steady]
    line = [z + mp.mpf(9) / 2 for z in steady]
    weak = Net([("relu", 3)], [[w / 8 for w in row] for row in rectified.W], [0, 0, 0])
    with mp.workdps(60):
        target = [mp.mpf(3) / 2, mp.mpf(3) / 4, mp.mpf(1)]  # (W g + b)_3 > 0 though neuron 3 was dead
        plateau = [*target[:2], mp.mpf(-2)]
        biases = [t - a for t, a in zip(target, times(weak.W, weak.activation(plateau)))]
    spurious = at(Net([("relu", 3)], weak.W, biases), plateau, u=unit(3, 2))
    spurious.of["candidate"] = target
    not_critical = at(pinned(soft, steady), shifted(steady, 1, [1, 2, -1]), u=[1, 1, 1])
    not_critical.of["candidate"] = steady
    return Step(
        "The steady state of a flat region",
        [rf"x^*_{i + 1}" for i in range(3)],
        tuple(claim),
        "∇E = −H r = 0 solved for a Hessian of rank two with H u = 0: r is along u, and x* = x + r = x + P_N(W g + b − x)",
        "root of W g(x) + b − x by Newton's method: a state far out on the ray of a spherical norm, on a line of softmax",
        [on_flat(sphere, steady, ray, [2 * z for z in steady]), on_flat(soft, steady, line, [1, 1, 1])],
        lambda p: _nearest_root(p),
        source="fanaskov2024",
        hypotheses=(Hypothesis("x is critical, ∇E = 0", [not_critical]), Hypothesis(_IN_FLAT, [spurious])),
    )


def _nearest_root(p: Any) -> list[Any]:
    start = [z + mp.mpf(k + 1) / 64 for k, z in enumerate(p.of["candidate"])]
    return root(p.of["net"].drive, start)


def _multiplier() -> Step:
    """Rectified neurons: steady states are the stationary points of E_2 on y ≥ 0; neuron 3 is at the boundary."""
    y, b, W = vector("y", 3), vector("b", 3), symmetric("W", 3)
    energy = sum(s**2 for s in y) / 2 - (column(b).T * column(y))[0] - (column(y).T * W * column(y))[0] / 2
    claim = sp.expand(-sp.diff(energy, y[2]).subs(y[2], 0))

    def point(skew: bool) -> Point:
        net = random_net("multiplier", [("relu", 3)], skew=skew, strength=0.25)
        state = [0.75, 1.25, -0.5]
        net = pinned(net, state)
        with mp.workdps(60):
            return Point({"y": [0.75, 1.25, 0], "W": net.W, "b": net.b}, net=net, candidate=[mp.mpf(s) for s in state])

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
    response = sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"X_{i + 1}{j + 1}", real=True))  # ∂x_i/∂b_j, whatever it is
    steady = dict(zip(b, column(x) - W * L.g))
    claim = []
    for j in range(2):
        total = sum(sp.diff(energy, x[i]) * response[i, j] for i in range(2)) + sp.diff(energy, b[j])
        claim.append(L.named(sp.expand(total.xreplace(steady))))
    return Step(
        "Slope of the energy of a steady state in the biases",
        [r"\partial E^*/\partial b_1", r"\partial E^*/\partial b_2"],
        tuple(claim),
        "total derivative of E(x(b), b) with an undefined L; at a steady state ∂E/∂x = 0 and the response of x drops out",
        "numerical derivative of E at the root of W g(x) + b − x, which follows the biases",
        [_steady_point("envelope")],
        lambda p: [slope(lambda c: _energy_of_root(p, c), p.of["net"].b, unit(2, i)) for i in range(2)],
        hypotheses=(Hypothesis(SYMMETRIC, [_steady_point("envelope", skew=True)]),
                    Hypothesis(_STEADY, [_elsewhere("envelope")])),
    )


def _curvature() -> Step:
    W, H = symmetric("W", 2), symmetric("H", 2)
    response = (sp.eye(2) - W * H).inv()  # of x = W g(x) + b: (1 − W H) ∂x/∂b = 1
    claim = (-H * response).applyfunc(sp.cancel)
    if sp.cancel(claim[0, 1] - claim[1, 0]) != 0:
        raise ArithmeticError("second derivatives are not symmetric")

    def oracle(p: Any) -> list[Any]:
        found = second(lambda c: _energy_of_root(p, c), p.of["net"].b)
        return [found[0, 0], found[0, 1], found[1, 1]]

    return Step(
        "Curvature of the energy of a steady state in the biases",
        [rf"\partial^2 E^*/\partial b_{i}\partial b_{j}" for i, j in ((1, 1), (1, 2), (2, 2))],
        (claim[0, 0], claim[0, 1], claim[1, 1]),
        "differentiation of ∂E*/∂b = −g(x(b)) with (1 − W H)∂x/∂b = 1: −H(1 − W H)⁻¹",
        "numerical second derivatives of E at the root that follows the biases",
        [_steady_point("curvature")],
        oracle,
        assumption="1 − W H is invertible",
        hypotheses=(Hypothesis(SYMMETRIC, [_steady_point("curvature", skew=True)]),),
    )


def _read_off() -> Step:
    x, b, W, e = column(vector("x", 2)), column(vector("b", 2)), symmetric("W", 2), vector("e", 2)
    g = vector("g", 2)
    from_energy = sp.solve([a + s for a, s in zip(e, g)], list(g), dict=True)[0]
    solved = sp.solve(list(x - W * column(g).subs(from_energy) - b), list(x), dict=True)[0]

    def point(**how: Any) -> Point:
        p = _steady_point("read off", **how)
        with mp.workdps(60):
            p.update(Point({"e": [slope(lambda c: _energy_of_root(p, c), p.of["net"].b, unit(2, i)) for i in range(2)]}))
        return p

    return Step(
        "The state read off the energy",
        [r"x^*_1", r"x^*_2"],
        tuple(solved[s] for s in x),
        "g = −∂E*/∂b inserted in x = W g + b; e_i is ∂E*/∂b_i",
        "root of W g(x) + b − x by Newton's method; e by numerical differentiation of its energy",
        [point()],
        lambda p: root(p.of["net"].drive, p.of["x"]),
        source="fanaskov2024",
        hypotheses=(Hypothesis(SYMMETRIC, [point(skew=True)]),),
    )


def _steady_point(key: str, skew: bool = False) -> Point:
    state = draws(f"{key} x", 2)
    return at(pinned(random_net(key, [("ghostmax", 2)], skew=skew), state), state)


def _elsewhere(key: str) -> Point:
    """A state that follows the biases, x = b + constant, without being steady."""
    p = at(random_net(key, [("ghostmax", 2)]), draws(f"{key} x", 2))
    p.of["follows"] = [z - c for z, c in zip(p.of["x"], p.of["net"].b)]
    return p


def _energy_of_root(p: Any, biases: Any) -> Any:
    net = Net(p.of["net"].blocks, p.of["net"].W, [0, 0], p.of["net"].tau)
    net.b = list(biases)
    if "follows" in p.of:
        return net.energy([c + d for c, d in zip(biases, p.of["follows"])])
    return net.energy(root(net.drive, p.of["x"]))
