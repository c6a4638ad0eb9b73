"""The altered dynamics in the activations, ẏ = g(W y + b) − y."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.letters import Letter, entries
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, draws, flow, jacobian, random_net, root
from dammech.systems.lagrangian.theory.symbols import Point, at, columns, matrix, proven, symbol, symmetric

_lambda = symbol("lambda")


def firing_rate() -> Theorem:
    """Same steady states, same trajectories under x = W y + b, same spectrum."""
    return Theorem(
        "dead-neurons.firing-rate",
        "The altered dynamics in the activations",
        "ẏ = g(W y + b) − y has the steady states y* = g(x*) with x* = W y* + b, one for each of T ẋ = W g(x) + b − x, for any "
        "weights and any L. The map x = W y + b carries its trajectories onto those of the original system with T = 1, and "
        "the spectra at corresponding steady states are equal: stability is preserved, with asymmetric weights too.",
        [_velocity(), _carried(), _spectrum()],
        ("fanaskov2024", "krotov2021"),
    )


def _velocity() -> Step:
    W, (y, x, b, g) = Letter("W", matrix("W", 3)), columns("yxbg", 3)
    original = entries(W * g + b - x).xreplace(dict(zip(entries(x), entries(W * y + b))))
    net, start = _net("velocity"), draws("velocity y", 3)
    return Step(
        "Velocities are mapped onto velocities",
        [r"\frac{d}{dt}(W y + b)"],
        proven(W * (g - y), original),
        "W ẏ = W g(x) − W y equals W g(x) + b − x, the velocity of the original system, once x = W y + b is inserted",
        "velocity of the original system for a concrete net in the state W y + b; L is not convex, W not symmetric",
        [at(net, net.fields(start), y=start)],
        lambda p: p.of.net.velocity(p.of.x),
        source="fanaskov2024",
    )


def _net(key: str, tau: Any = None, blocks: Any = (("softmax", 2), ("wavy", 1))) -> Net:
    drawn = random_net(key, blocks, skew=True)
    return Net(blocks, drawn.W, drawn.b, tau)


def _carried() -> Step:
    W, (y, b) = Letter("W", matrix("W", 3)), columns("yb", 3)

    def point(steady: bool, tau: Any = None) -> Point:
        net, start = _net("carried", tau), draws("carried y", 3)
        end = root(net.rate_activation, start) if steady else flow(net.rate_activation, start, 0.625, levels=18)
        return Point({"y": end, "b": net.b, "W": net.W}, net=net, steady=steady, x=net.fields(start))

    def oracle(p: Any) -> Any:
        return root(p.of.net.drive, p.of.x) if p.of.steady else flow(p.of.net.velocity, p.of.x, 0.625)

    return Step(
        "Trajectories and steady states are carried over",
        ["x(t)"],
        (W * Letter("y(t)", y.value) + b,),
        "the previous step and uniqueness of solutions; at rest y* = g(x*) and x* = W y* + b determine each other",
        "two integrations of a concrete net, of x and of y, from corresponding starts; two searches for a root",
        [point(False), point(True)],
        oracle,
        source="fanaskov2024",
        hypotheses=(Hypothesis("T = 1 in the original system", [point(False, tau=(1.25, 1.25, 0.5))]),),
    )


def _spectrum() -> Step:
    W, H = Letter("W", matrix("W", 2)), Letter("H", symmetric("H", 2))
    kept, altered = (sp.Determinant((_lambda + 1) * sp.Identity(2) - A) for A in (W * H, H * W))
    state, value = draws("spectrum x", 2), mp.mpf(7) / 16
    net = _net("spectrum", blocks=(("ghostmax", 2),)).pinned(state)
    y = net.activation(state)
    return Step(
        "Equal spectra",
        [r"\det(\lambda + 1 - W H)"],
        proven(altered, entries(kept)),
        "det(λ + 1 − W H) = det(λ + 1 − H W), the Jacobians of the two systems at corresponding steady states",
        "determinant with the numerical Jacobian of the altered dynamics at y* = g(x*)",
        [at(net, state, **{"lambda": value})],
        lambda p: [mp.det(value * mp.eye(2) - jacobian(net.rate_activation, y))],
        source="fanaskov2024",
    )
