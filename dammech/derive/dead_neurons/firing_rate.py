"""The altered dynamics in the activations, ẏ = g(W y + b) − y."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net, draws, flow, jacobian, random_net, root, times
from dammech.derive.dead_neurons.stability import pinned
from dammech.derive.dead_neurons.symbols import Point, at, column, matrix, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

_lambda = sp.Symbol("lambda", real=True)


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
    y, x, b, g = (column(vector(s, 3)) for s in "yxbg")
    W = matrix("W", 3)
    solved = sp.solve(list(x - W * y - b), list(b), dict=True)[0]  # x = W y + b
    original = (W * g + b - x).subs(solved)
    image = (W * (g - y)).applyfunc(sp.expand)  # of ẏ = g(W y + b) − y
    if (original - image).applyfunc(sp.expand) != sp.zeros(3, 1):
        raise ArithmeticError("the map does not carry one field onto the other")
    net = random_net("velocity", [("softmax", 2), ("wavy", 1)], skew=True)
    net = Net(net.blocks, net.W, net.b)
    start = draws("velocity y", 3)
    return Step(
        "Velocities are mapped onto velocities",
        [rf"\frac{{d}}{{dt}}(W y + b)_{i + 1}" for i in range(3)],
        tuple(image),
        "W ẏ = W g(x) − W y equals W g(x) + b − x, the velocity of the original system, once x = W y + b is inserted",
        "velocity of the original system for a concrete net in the state W y + b; L is not convex, W not symmetric",
        [at(net, _image(net, start), y=start)],
        lambda p: p.of["net"].velocity(p.of["x"]),
        source="fanaskov2024",
    )


def _image(net: Net, y: list[Any]) -> list[Any]:
    with mp.workdps(60):
        return [a + c for a, c in zip(times(net.W, y), net.b)]


def _carried() -> Step:
    y, b, W = column(vector("y", 3)), column(vector("b", 3)), matrix("W", 3)

    def point(steady: bool, tau: Any = None) -> Point:
        drawn = random_net("carried", [("softmax", 2), ("wavy", 1)], skew=True)
        net = Net(drawn.blocks, drawn.W, drawn.b, tau)
        start = draws("carried y", 3)
        with mp.workdps(60):
            end = root(net.rate_activation, start) if steady else flow(net.rate_activation, start, mp.mpf(5) / 8, levels=18)
        return Point({"y": end, "b": net.b, "W": net.W}, net=net, steady=steady, x=_image(net, start))

    def oracle(p: Any) -> list[Any]:
        net, start = p.of["net"], p.of["x"]
        return root(net.drive, start) if p.of["steady"] else flow(net.velocity, start, mp.mpf(5) / 8)

    return Step(
        "Trajectories and steady states are carried over",
        [rf"x_{i + 1}(t)" for i in range(3)],
        tuple(W * y + b),
        "the previous step and uniqueness of solutions; at rest y* = g(x*) and x* = W y* + b determine each other",
        "two integrations of a concrete net, of x and of y, from corresponding starts; two searches for a root",
        [point(False), point(True)],
        oracle,
        source="fanaskov2024",
        hypotheses=(Hypothesis("T = 1 in the original system", [point(False, tau=(1.25, 1.25, 0.5))]),),
    )


def _spectrum() -> Step:
    W, H = matrix("W", 2), symmetric("H", 2)
    kept = (_lambda * sp.eye(2) - W * H + sp.eye(2)).det()
    altered = (_lambda * sp.eye(2) - H * W + sp.eye(2)).det()
    if sp.expand(kept - altered) != 0:
        raise ArithmeticError("the characteristic polynomials differ")
    net = random_net("spectrum", [("ghostmax", 2)], skew=True)
    state = draws("spectrum x", 2)
    net = pinned(Net(net.blocks, net.W, net.b), state)
    here = at(net, state, **{"lambda": mp.mpf(7) / 16})
    with mp.workdps(60):
        here.of["y"] = net.activation(state)
    return Step(
        "Equal spectra",
        [r"\det(\lambda + 1 - W H)"],
        (sp.collect(sp.expand(kept), _lambda),),
        "det(λ + 1 − W H) = det(λ + 1 − H W), the Jacobians of the two systems at corresponding steady states",
        "determinant with the numerical Jacobian of the altered dynamics at y* = g(x*)",
        [here],
        lambda p: [mp.det(mp.mpf(7) / 16 * mp.eye(2) - jacobian(p.of["net"].rate_activation, p.of["y"]))],
        source="fanaskov2024",
    )
