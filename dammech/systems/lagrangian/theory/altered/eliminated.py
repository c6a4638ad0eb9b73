"""A fast hidden layer, eliminated: Lyapunov functions in the visible neurons that no dead hidden neuron can flatten."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.letters import Letter, entries
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import Net, array, draws, slope
from dammech.systems.lagrangian.theory.hypotheses import CONVEX, TRANSPOSE
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    Undefined,
    along,
    column,
    columns,
    energy_of,
    form,
    matrix,
    minus_square,
    product,
    proven,
    symmetric,
    triangular,
    vector,
)

_PAIR = "A = S Bᵀ with symmetric S"


def eliminated() -> Theorem:
    """v̇ = A f(B v + c) − v + I with A = S Bᵀ."""
    return Theorem(
        "dead-neurons.eliminated",
        "Hidden layer eliminated",
        "With a fast hidden layer and linear visible neurons, v̇ = A f(B v + c) − v + I. For A = S Bᵀ, "
        "E = ½(v − I)·S⁻¹(v − I) − L_h(B v + c) has the rate −v̇·S⁻¹v̇: for positive definite S a Lyapunov function without any "
        "flat region, for every L_h, convex or not, with all hidden neurons dead. S ≠ 1 makes feedforward and feedback "
        "differ; what counts is the loop product B A, with which u = B v + c obeys a system of its own. Visible neurons with "
        "convex L_v: E = L_v*(y) − I·y − L_h(B y + c) along ẏ = g_v(Bᵀf(B y + c) + I) − y.",
        [_rate(), _sign(), _loop(), _loop_energy(), _visible()],
        ("fanaskov2024", "krotov2020"),
    )


class _Loop:
    """Numbers: feedforward B, feedback A = S Bᵀ, biases, a hidden Lagrangian (as a net without weights).

    Parameters
    ----------
    S : nested lists, optional
        A random positive definite matrix unless given.
    free : bool
        A feedback A that has nothing to do with B.
    """

    def __init__(self, key: str, S: Any = None, hidden: Any = (("wavy", 2),), free: bool = False) -> None:
        self.B, C = draws(f"{key} B", 2, 2), draws(f"{key} S", 2, 2)
        self.S = C.T @ C + array(np.eye(2)) / 4 if S is None else array(S)
        self.A = draws(f"{key} A", 2, 2) if free else self.S @ self.B.T
        self.hidden = Net(hidden, [[0] * 2] * 2, [0] * 2)
        self.c, self.I = draws(f"{key} c", 2), draws(f"{key} I", 2)

    def fields(self, v: Any) -> Any:
        """B v + c."""
        return self.B @ v + self.c

    def drive(self, v: Any) -> Any:
        """A f(B v + c) + I."""
        return self.A @ self.hidden.activation(self.fields(v)) + self.I

    def velocity(self, v: Any) -> Any:
        """The same minus v."""
        return self.drive(v) - v


# -- linear visible neurons -------------------------------------------------------------------------------------------


def _visible_rate() -> sp.Expr:
    v, rate, u, current = (vector(s, 2) for s in ("v", "w", "u", "I"))
    weights, metric = matrix("B", 2), symmetric("S", 2)
    L = Undefined(u)
    shift = column(v) - column(current)
    energy = form(shift, metric.inv()) / 2 - L.L
    moving = {**dict(zip(v, rate)), **dict(zip(u, weights * column(rate)))}
    # w = S Bᵀ f + I − v gives Bᵀ f = S⁻¹(w + v − I)
    f = weights.T.inv() * metric.inv() * (column(rate) + shift)
    return along(energy, moving).xreplace(dict(zip(L.g, f)))


def _point(key: str, **how: Any) -> Point:
    loop, v = _Loop(key, **how), draws(f"{key} v", 2)
    return Point({"w": loop.velocity(v), "S": loop.S}, loop=loop, inverse=array(mp.matrix(loop.S) ** -1), v=v)


def _numerical_rate(p: Any) -> Any:
    loop = p.of.loop

    def energy(v: Any) -> Any:
        return (v - loop.I) @ p.of.inverse @ (v - loop.I) / 2 - loop.hidden.lagrangian(loop.fields(v))

    return slope(energy, p.of.v, loop.velocity(p.of.v))


def _rate() -> Step:
    lopsided = draws("eliminated S", 2, 2)
    S, moving = Letter("S", symmetric("S", 2)), Letter(r"\dot v", vector("w", 2))
    return Step(
        "Rate of the energy of the visible neurons",
        [r"\dot E"],
        proven(-moving.T * S.I * moving, _visible_rate()),
        "chain rule with an undefined L_h at u = B v + c; v̇ = S Bᵀf − v + I eliminates f, and B drops out",
        "numerical rate of a concrete net whose hidden Lagrangian is not convex",
        [_point("eliminated"), _point("eliminated dead", hidden=(("relu", 2),))],
        lambda p: [_numerical_rate(p)],
        source="fanaskov2024",
        hypotheses=(Hypothesis(_PAIR, [_point("eliminated", free=True), _point("eliminated", S=lopsided)]),),
    )


def _sign() -> Step:
    rate = vector("w", 2)
    factor = triangular("c", 2, nonzero=True)
    definite = dict(zip(symmetric("S", 2), (factor.T * factor).inv()))
    squares = minus_square(_visible_rate(), definite, factor * column(rate))
    return Step(
        "It does not increase",
        [r"\max(\dot E, 0)"],
        (sp.Max(squares, 0),),
        "S⁻¹ = CᵀC: the rate −|C v̇|² is negative wherever v moves, whatever the hidden neurons are",
        "numerical rates in random states; hidden Lagrangians that are not convex",
        [_point(f"eliminated sign {k}") for k in range(4)],
        lambda p: [max(_numerical_rate(p), mp.mpf(0))],
        source="fanaskov2024",
        hypotheses=(Hypothesis("S is positive definite", [_point("eliminated sign 1", S=[[0.5, 1.5], [1.5, -1]])]),),
    )


# -- the loop ---------------------------------------------------------------------------------------------------------


def _loop() -> Step:
    (A, B), (v, current, c, f, u) = (Letter(name, matrix(name, 2)) for name in "AB"), columns("vIcfu", 2)
    visible = dict(zip(entries(v), entries(B.I * (u - c))))
    loop, state = _Loop("loop", free=True), draws("loop v", 2)
    fields = loop.fields(state)
    values = {"A": loop.A, "B": loop.B, "I": loop.I, "c": loop.c, "u": fields, "f": loop.hidden.activation(fields)}
    return Step(
        "The hidden fields obey a system with the loop product",
        [r"\dot u"],
        proven(B * A * f + B * current + c - u, entries(B * (A * f - v + current)).xreplace(visible)),
        "u̇ = B v̇ with v = B⁻¹(u − c): u̇ = (B A)f(u) + (B I + c) − u, the original system with the weights B A",
        "numerical derivative of u along the velocity of a concrete net with unrelated A and B",
        [Point(values)],
        lambda p: slope(loop.fields, state, loop.velocity(state)),
        assumption="B invertible for the elimination of v; u̇ = B v̇ holds for any B",
    )


def _loop_energy() -> Step:
    u, w, K = vector("u", 2), vector("w", 2), symmetric("K", 2)
    L = Undefined(u)
    bias = vector("b", 2)
    energy = energy_of(L.g, L.L, K, u, bias)
    dynamics = dict(zip(bias, column(u) + column(w) - K * L.g))
    rate = L.named(along(energy, dict(zip(u, w))).xreplace(dynamics))
    H, moving = Letter("H_h", symmetric("H", 2)), Letter(r"\dot u", w)

    def point(**how: Any) -> Point:
        loop, v = _Loop("loop energy", hidden=(("ghostmax", 2),), **how), draws("loop energy v", 2)
        net = Net(loop.hidden.blocks, loop.B @ loop.A, loop.fields(loop.I))
        values = {"K": net.W, "w": loop.B @ loop.velocity(v), "H": loop.hidden.hessian(loop.fields(v))}
        return Point(values, net=net, loop=loop, v=v)

    def oracle(p: Any) -> list[Any]:
        loop, v = p.of.loop, p.of.v
        return [slope(lambda z: p.of.net.energy(loop.fields(z)), v, loop.velocity(v))]

    return Step(
        "Only the loop product has to be symmetric",
        [r"\dot E_u"],
        proven(-moving.T * H * moving, rate),
        "the energy of the original system with the weights K = B A and the biases B I + c",
        "numerical rate along the velocity of the visible neurons of a concrete net with A = S Bᵀ ≠ Bᵀ",
        [point()],
        oracle,
        hypotheses=(Hypothesis("the loop product B A is symmetric", [point(free=True)]),),
    )


# -- visible neurons with a Lagrangian --------------------------------------------------------------------------------


def _visible() -> Step:
    y, w, u, current, B = vector("y", 2), vector("w", 2), vector("u", 2), vector("I", 2), matrix("B", 2)
    conjugate, L = Undefined(y, "C", "p", "K"), Undefined(u, "L", "f", "H")
    energy = conjugate.L - product(current, y) - L.L
    rate = along(energy, {**dict(zip(y, w)), **dict(zip(u, B * column(w)))})
    field = dict(zip(current, column(vector("q", 2)) - B.T * L.g))  # q = Bᵀf + I
    (p, q), moving = columns("pq", 2), Letter(r"\dot y", w)

    def point(free: bool) -> Point:
        loop, p_ = _Loop("visible", S=np.eye(2), free=free), draws("visible p", 2)
        visible = Net([("tanh", 2)], [[0] * 2] * 2, [0] * 2)
        y_ = visible.activation(p_)
        values = {"p": p_, "q": loop.drive(y_), "w": visible.activation(loop.drive(y_)) - y_}
        return Point(values, loop=loop, visible=visible, y=y_)

    def oracle(p: Any) -> list[Any]:
        loop, visible = p.of.loop, p.of.visible

        def energy_(z: Any) -> Any:
            return visible.conjugate(z) - loop.I @ z - loop.hidden.lagrangian(loop.fields(z))

        return [slope(energy_, p.of.y, visible.activation(loop.drive(p.of.y)) - p.of.y)]

    return Step(
        "Visible neurons with a Lagrangian",
        [r"\dot E"],
        proven((p - q).T * moving, L.named(conjugate.named(rate.xreplace(field)))),
        "chain rule with undefined L_v* (∇L_v* = p) and L_h; q = Bᵀf + I and ẏ = g_v(q) − g_v(p): −(p − q)·(g_v(p) − "
        "g_v(q)), which is not positive for convex L_v",
        "numerical rate of a concrete net, tanh visible neurons, a hidden Lagrangian that is not convex",
        [point(free=False)],
        oracle,
        source="fanaskov2024",
        assumption=CONVEX.replace("L is", "L_v is").replace("H is", "H_v is"),
        hypotheses=(Hypothesis(TRANSPOSE, [point(free=True)]),),
    )
