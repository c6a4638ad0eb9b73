"""A fast hidden layer, eliminated: Lyapunov functions in the visible neurons that no dead hidden neuron can flatten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net, dot, draws, slope, times
from dammech.derive.dead_neurons.energy import CONVEX, energy_of
from dammech.derive.dead_neurons.symbols import Point, Undefined, along, column, matrix, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

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
    """Numbers: feedforward B, feedback A, biases, a hidden Lagrangian (as a net without weights)."""

    def __init__(self, A: Any, B: Any, hidden: Sequence[tuple[str, int]], key: str) -> None:
        self.A, self.B = A, B
        n = sum(size for _, size in hidden)
        self.hidden = Net(hidden, [[0] * n] * n, [0] * n)
        self.c, self.I = draws(f"{key} c", n), draws(f"{key} I", 2)

    def fields(self, v: Sequence[Any]) -> list[Any]:
        return [a + c for a, c in zip(times(self.B, v), self.c)]

    def velocity(self, v: Sequence[Any]) -> list[Any]:
        drive = times(self.A, self.hidden.activation(self.fields(v)))
        return [a - z + i for a, z, i in zip(drive, v, self.I)]


def _loop_of(key: str, S: Any = None, hidden: Any = (("wavy", 2),), free: bool = False) -> tuple[_Loop, Any]:
    with mp.workdps(60):
        B = draws(f"{key} B", 2, 2)
        if S is None:
            C = mp.matrix(draws(f"{key} S", 2, 2))
            S = (C.T * C + mp.eye(2) / 4).tolist()
        A = (mp.matrix(S) * mp.matrix(B).T).tolist() if not free else draws(f"{key} A", 2, 2)
        return _Loop(A, B, hidden, key), S


# -- linear visible neurons -------------------------------------------------------------------------------------------


def _visible_rate() -> sp.Expr:
    v, rate, u, current = (vector(s, 2) for s in ("v", "w", "u", "I"))
    weights, metric = matrix("B", 2), symmetric("S", 2)
    L = Undefined(u)
    shift = column(v) - column(current)
    energy = (shift.T * metric.inv() * shift)[0] / 2 - L.L
    moving = {**dict(zip(v, rate)), **dict(zip(u, weights * column(rate)))}
    # w = S Bᵀ f + I − v gives Bᵀ f = S⁻¹(w + v − I)
    f = weights.T.inv() * metric.inv() * (column(rate) + shift)
    return sp.factor(along(energy, moving).xreplace(dict(zip(L.g, f))))


def _energy_numbers(loop: _Loop, S: Any) -> Callable[[Sequence[Any]], Any]:
    inverse = mp.matrix(S) ** -1

    def energy(v: Sequence[Any]) -> Any:
        shift = mp.matrix([z - i for z, i in zip(v, loop.I)])
        return (shift.T * inverse * shift)[0] / 2 - loop.hidden.lagrangian(loop.fields(v))

    return energy


def _point(key: str, **how: Any) -> Point:
    loop, S = _loop_of(key, **how)
    v = draws(f"{key} v", 2)
    with mp.workdps(60):
        values = {"w": loop.velocity(v), "S": S}
    return Point(values, loop=loop, S=S, v=v)


def _numerical_rate(p: Any) -> Any:
    loop, v = p.of["loop"], p.of["v"]
    return slope(_energy_numbers(loop, p.of["S"]), v, loop.velocity(v))


def _rate() -> Step:
    with mp.workdps(60):
        lopsided = draws("eliminated S", 2, 2)
    return Step(
        "Rate of the energy of the visible neurons",
        [r"\dot E = -\dot v^\top S^{-1} \dot v"],
        (_visible_rate(),),
        "chain rule with an undefined L_h at u = B v + c; v̇ = S Bᵀf − v + I eliminates f, and B drops out; w = v̇",
        "numerical rate of a concrete net whose hidden Lagrangian is not convex",
        [_point("eliminated"), _point("eliminated dead", hidden=(("relu", 2),))],
        lambda p: [_numerical_rate(p)],
        source="fanaskov2024",
        hypotheses=(Hypothesis(_PAIR, [_point("eliminated", free=True), _point("eliminated", S=lopsided)]),),
    )


def _sign() -> Step:
    rate = vector("w", 2)
    factor = sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"c_{i + 1}{j + 1}", real=True, nonzero=True) if j >= i else 0)
    definite = (factor.T * factor).inv()
    claim = _visible_rate().xreplace(dict(zip(symmetric("S", 2), definite)))
    squares = -sp.Add(*[e**2 for e in factor * column(rate)])
    if sp.simplify(claim - squares) != 0:
        raise ArithmeticError("not a sum of squares")
    with mp.workdps(60):
        indefinite = [[mp.mpf(1) / 2, mp.mpf(3) / 2], [mp.mpf(3) / 2, mp.mpf(-1)]]
    return Step(
        "It does not increase",
        [r"\max(\dot E, 0)"],
        (sp.Max(squares, 0),),
        "S⁻¹ = CᵀC: the rate −|C v̇|² is negative wherever v moves, whatever the hidden neurons are",
        "numerical rates in random states; hidden Lagrangians that are not convex",
        [_point(f"eliminated sign {k}") for k in range(4)],
        lambda p: [max(_numerical_rate(p), mp.mpf(0))],
        source="fanaskov2024",
        hypotheses=(Hypothesis("S is positive definite", [_point("eliminated sign 1", S=indefinite)]),),
    )


# -- the loop ---------------------------------------------------------------------------------------------------------


def _loop() -> Step:
    v, current, c, f, u = (column(vector(s, 2)) for s in ("v", "I", "c", "f", "u"))
    A, B = matrix("A", 2), matrix("B", 2)
    visible = dict(zip(v, B.inv() * (u - c)))
    claim = [sp.expand(sp.cancel(e)) for e in (B * (A * f - v + current)).subs(visible)]
    loop, _ = _loop_of("loop", free=True)
    state = draws("loop v", 2)
    with mp.workdps(60):
        fields = loop.fields(state)
        values = {"A": loop.A, "B": loop.B, "I": loop.I, "c": loop.c, "u": fields, "f": loop.hidden.activation(fields)}
    return Step(
        "The hidden fields obey a system with the loop product",
        [r"\dot u_1", r"\dot u_2"],
        tuple(claim),
        "u̇ = B v̇ with v = B⁻¹(u − c): u̇ = (B A)f(u) + (B I + c) − u, the original system with the weights B A",
        "numerical derivative of u along the velocity of a concrete net with unrelated A and B",
        [Point(values, loop=loop, v=state)],
        lambda p: [slope(lambda z, i=i: p.of["loop"].fields(z)[i], p.of["v"], p.of["loop"].velocity(p.of["v"]))
                   for i in range(2)],
        assumption="B invertible for the elimination of v; u̇ = B v̇ holds for any B",
    )


def _loop_energy() -> Step:
    u, w, K = vector("u", 2), vector("w", 2), symmetric("K", 2)
    L = Undefined(u)
    bias = vector("b", 2)
    energy = energy_of(L.g, L.L, K, u, bias)
    dynamics = dict(zip(bias, column(u) + column(w) - K * L.g))
    claim = L.named(sp.expand(along(energy, dict(zip(u, w))).xreplace(dynamics)))

    def point(**how: Any) -> Point:
        loop, _ = _loop_of("loop energy", hidden=(("ghostmax", 2),), **how)
        v = draws("loop energy v", 2)
        with mp.workdps(60):
            K_ = (mp.matrix(loop.B) * mp.matrix(loop.A)).tolist()
            bias_ = [a + c for a, c in zip(times(loop.B, loop.I), loop.c)]
            fields = loop.fields(v)
            values = {"K": K_, "w": times(loop.B, loop.velocity(v)), "H": loop.hidden.hessian(fields)}
        return Point(values, net=Net(loop.hidden.blocks, K_, bias_), u=fields, loop=loop, v=v)

    def oracle(p: Any) -> list[Any]:
        loop, net = p.of["loop"], p.of["net"]
        return [slope(lambda z: net.energy(loop.fields(z)), p.of["v"], loop.velocity(p.of["v"]))]

    return Step(
        "Only the loop product has to be symmetric",
        [r"\dot E_u = -\dot u^\top H_h \dot u"],
        (claim,),
        "the energy of the original system with the weights K = B A and the biases B I + c; w = u̇",
        "numerical rate along the velocity of the visible neurons of a concrete net with A = S Bᵀ ≠ Bᵀ",
        [point()],
        oracle,
        hypotheses=(Hypothesis("the loop product B A is symmetric", [point(free=True)]),),
    )


# -- visible neurons with a Lagrangian --------------------------------------------------------------------------------


def _visible() -> Step:
    y, w, u, current, B = vector("y", 2), vector("w", 2), vector("u", 2), vector("I", 2), matrix("B", 2)
    conjugate, L = Undefined(y, "C", "p", "K"), Undefined(u, "L", "f", "H")
    energy = conjugate.L - (column(current).T * column(y))[0] - L.L
    rate = along(energy, {**dict(zip(y, w)), **dict(zip(u, B * column(w)))})
    field = dict(zip(current, column(vector("q", 2)) - B.T * L.g))  # q = Bᵀf + I
    claim = sp.expand(L.named(conjugate.named(sp.expand(rate.xreplace(field)))))

    def point(transposed: bool = True) -> Point:
        key = "visible"
        with mp.workdps(60):
            loop, _ = _loop_of(key, S=[[1, 0], [0, 1]], free=not transposed)
            visible = Net([("tanh", 2)], [[0] * 2] * 2, [0] * 2)
            p_ = draws(f"{key} p", 2)
            y_ = visible.activation(p_)

            def velocity(z: Sequence[Any]) -> list[Any]:
                q = [a + i for a, i in zip(times(loop.A, loop.hidden.activation(loop.fields(z))), loop.I)]
                return [a - s for a, s in zip(visible.activation(q), z)]

            q_ = [a + i for a, i in zip(times(loop.A, loop.hidden.activation(loop.fields(y_))), loop.I)]
            values = {"p": p_, "q": q_, "w": velocity(y_)}
        return Point(values, loop=loop, visible=visible, y=y_, velocity=velocity)

    def oracle(p: Any) -> list[Any]:
        loop, visible = p.of["loop"], p.of["visible"]

        def energy_(z: Sequence[Any]) -> Any:
            return visible.conjugate(z) - dot(loop.I, z) - loop.hidden.lagrangian(loop.fields(z))

        return [slope(energy_, p.of["y"], p.of["velocity"](p.of["y"]))]

    return Step(
        "Visible neurons with a Lagrangian",
        [r"\dot E"],
        (claim,),
        "chain rule with undefined L_v* (∇L_v* = p) and L_h; q = Bᵀf + I and w = ẏ = g_v(q) − g_v(p): −(p − q)·(g_v(p) − "
        "g_v(q)), which is not positive for convex L_v",
        "numerical rate of a concrete net, tanh visible neurons, a hidden Lagrangian that is not convex",
        [point()],
        oracle,
        source="fanaskov2024",
        assumption=CONVEX.replace("L is", "L_v is").replace("H is", "H_v is"),
        hypotheses=(Hypothesis("the feedback is the transpose of the feedforward weights", [point(False)]),),
    )
