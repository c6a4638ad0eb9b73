"""Steady states at a kink of a rectified neuron: strict copositivity decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net, draws, jacobian, random_net, settled, symmetrised
from dammech.derive.dead_neurons.energy import SYMMETRIC
from dammech.derive.dead_neurons.spurious import net_of, velocity_of
from dammech.derive.dead_neurons.symbols import Point, column, symmetric, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

_KINK = "the other neurons are at their kink, x_i = 0"
_S = symmetric("S", 2)


def kinks() -> Theorem:
    """Where g has no derivative at the steady state."""
    return Theorem(
        "dead-neurons.kinks",
        "Steady states at a kink",
        "Let A be the live rectified neurons of a steady state (x_i > 0) and Z those with x_i = 0. It is asymptotically "
        "stable iff z·(1 − W)z > 0 for all z ≠ 0 on A ∪ Z with z_Z ≥ 0 (strict copositivity on a cone). No convention for "
        "the derivative at zero replaces this: with H(0) = 0 and with H(0) = 1 the verdict can be wrong. With a single "
        "neuron at its kink the live side decides.",
        [_expansion(), _elimination(), _cone_minimum(), _verdict(), _live_side(), _single()],
        ("rockafellar1970", "motzkin1965", "fanaskov2024"),
    )


def _expansion() -> Step:
    """Neuron 1 alive with activation g_1, neurons 2 and 3 at zero; y = g + z."""
    W, b, z, live = symmetric("W", 3), vector("b", 3), column(vector("z", 3)), sp.Symbol("g_1", real=True)
    here = sp.Matrix([live, 0, 0])

    def energy(y: sp.Matrix) -> sp.Expr:
        return ((y.T * y - y.T * W * y) / 2 - column(b).T * y)[0]

    steady = dict(zip(b, here - W * here))
    claim = sp.expand((energy(here + z) - energy(here)).xreplace(steady))

    def point(others: Sequence[Any] = (0, 0), change: Sequence[Any] = (-0.25, 0.5, 0.375), skew: bool = False) -> Point:
        net = random_net("kink", [("relu", 3)], skew=skew)
        with mp.workdps(60):
            state = [mp.mpf(5) / 4, *map(mp.mpf, others)]
            moved = [mp.mpf(5) / 4 + change[0], *map(mp.mpf, change[1:])]
            drive = net.drive(state)
            net.b = [c - r for c, r in zip(net.b, drive)]
        return Point({"W": net.W, "z": list(map(mp.mpf, change))}, net=net, state=state, moved=moved)

    return Step(
        "The energy around a kink is exactly quadratic",
        [r"E_2(g^* + z) - E_2(g^*)"],
        (claim,),
        "E₂ of rectified neurons with b eliminated by the steady state: linear terms drop out for live neurons and for "
        "those at the kink; z_i ≥ 0 for the latter",
        "difference of the energies of a concrete net in the two states",
        [point()],
        lambda p: [p.of["net"].energy(p.of["moved"]) - p.of["net"].energy(p.of["state"])],
        hypotheses=(
            Hypothesis(_KINK, [point(others=(-0.5, 0))]),
            Hypothesis("activations cannot become negative, z_i ≥ 0", [point(change=(-0.25, -0.5, 0.375))]),
            Hypothesis(SYMMETRIC, [point(skew=True)]),
        ),
    )


def _elimination() -> Step:
    S, z = symmetric("S", 3), vector("z", 3)
    form = sp.expand((column(z).T * S * column(z))[0])
    claim = sp.expand(form.subs(z[0], sp.solve(sp.diff(form, z[0]), z[0])[0]))

    def oracle(p: Any) -> list[Any]:
        """The parabola through three values of the form, and its lowest value."""
        matrix = mp.matrix(p.of["S"])

        def value(first: Any) -> Any:
            vector_ = mp.matrix([first, *p.of["z"][1:]])
            return (vector_.T * matrix * vector_)[0]

        low, here, high = value(mp.mpf(-1)), value(mp.mpf(0)), value(mp.mpf(1))
        return [here - (high - low) ** 2 / (8 * (high + low - 2 * here))]

    with mp.workdps(60):
        S_ = symmetrised(draws("eliminated", 3, 3))
        S_[0][0] = abs(S_[0][0]) + 1
        z_ = draws("eliminated z", 3)
    return Step(
        "Live neurons are eliminated",
        [r"\min_{z_1} z^\top S z"],
        (claim,),
        "S = 1 − W with S₁₁ > 0 for the live neuron: minimised over z₁ without a constraint (a Schur complement)",
        "lowest point of the parabola through three values of the form",
        [Point({"S": S_, "z": z_}, S=S_, z=z_)],
        oracle,
        assumption="1 − W is positive definite on the live neurons",
    )


def _cone_minimum() -> Step:
    t = sp.Symbol("t", real=True)
    direction = sp.Matrix([t, 1 - t])
    form = (direction.T * _S * direction)[0]
    place = sp.solve(sp.diff(form, t), t)[0]

    def oracle(p: Any) -> list[Any]:
        """Golden-section search on the segment."""
        a, b, c = p.of["S"]

        def value(s: Any) -> Any:
            return a * s**2 + 2 * b * s * (1 - s) + c * (1 - s) ** 2

        low, high, ratio = mp.mpf(0), mp.mpf(1), (mp.sqrt(5) - 1) / 2
        for _ in range(140):
            one, other = high - ratio * (high - low), low + ratio * (high - low)
            low, high = (low, other) if value(one) < value(other) else (one, high)
        return [min(value((low + high) / 2), a, c)]

    def point(a: float, b: float, c: float) -> Point:
        numbers = [mp.mpf(a), mp.mpf(b), mp.mpf(c)]
        return Point({"S_11": numbers[0], "S_12": numbers[1], "S_22": numbers[2]}, S=numbers)

    return Step(
        "Lowest value of the form inside the cone of two neurons",
        [r"\min_{z \ge 0,\ z_1 + z_2 = 1} z^\top S z"],
        (sp.factor(form.subs(t, place)),),
        "stationary on the segment z = (t, 1 − t): (S₁₁S₂₂ − S₁₂²)/(S₁₁ + S₂₂ − 2S₁₂). With the ends, S₁₁ and S₂₂, it "
        "follows that the form is positive on the cone iff S₁₁ > 0, S₂₂ > 0 and S₁₂ > −(S₁₁S₂₂)^½",
        "golden-section search on the segment",
        [point(1.25, 0.375, 0.75), point(0.5, -1.5, 0.875)],
        oracle,
        source="motzkin1965",
        hypotheses=(Hypothesis("the lowest point is inside the cone, S₁₂ < S₁₁ and S₁₂ < S₂₂", [point(1.5, 1.0, 0.75)]),),
    )


def _verdict() -> Step:
    """+1 for a stable and −1 for an unstable pair of neurons at their kinks, b = 0."""
    inner = _S[0, 1] + sp.sqrt(sp.Abs(_S[0, 0] * _S[1, 1]))
    claim = sp.Mul(*[1 + sp.sign(e) for e in (_S[0, 0], _S[1, 1], inner)]) / 4 - 1

    def oracle(p: Any) -> list[Any]:
        """Starts on all sides of the steady state: do all of them come closer?"""
        W = p.of["W"]
        angles = np.arange(24) * np.pi / 12 + 0.01
        ends = settled(lambda x: W @ np.maximum(x, 0) - x, np.array([np.cos(angles), np.sin(angles)]), 60, 0.05)
        return [mp.mpf(1 if np.max(np.hypot(*ends)) < 1 else -1)]

    def point(a: Any, b: Any, c: Any, back: Any = None) -> Point:
        S = np.array([[float(a), float(b)], [float(b if back is None else back), float(c)]])
        return Point({"S_11": a, "S_12": b, "S_22": c}, W=np.eye(2) - S)

    points = [point(*map(mp.mpf, S)) for S in ((1, 2, 1), (1, -2, 1), (-0.25, 1, 1.5), (1.5, 1, -0.25))]
    for a, b, c in draws("copositive", 60, 3):
        one, other = a + mp.mpf(5) / 4, c + mp.mpf(5) / 4
        points.append(point(one, -mp.sqrt(abs(one * other)) + b / 2, other))
    return Step(
        "Stability of two neurons at their kinks",
        [r"\text{stable}\ (+1)\ \text{or not}\ (-1)"],
        (claim,),
        "E₂ is a Lyapunov function and the form its exact expansion: +1 iff S = 1 − W is strictly copositive. For "
        "W₁₂ = W₂₁ = ∓2 without self-coupling S₁₂ = ±2: stable and unstable, while H(0) = 0 calls both stable and H(0) = 1 "
        "both unstable",
        "integration from starts on all sides of the steady state, for those two nets and random ones near the threshold",
        points,
        oracle,
        source="fanaskov2024",
        hypotheses=(Hypothesis(SYMMETRIC, [point(1, -5, 1, back=0)]),),
    )


def family(xi: tuple[Any, Any], bias: Any = None, current: Any = 1) -> Point:
    """The net with one linear and two rectified neurons; the second one is at its kink unless a bias is given."""
    with mp.workdps(60):
        v = mp.mpf(current) / (1 - mp.mpf(xi[0]) ** 2)
        bias = -xi[1] * v if bias is None else bias
        steady = [v, xi[0] * v, xi[1] * v + bias]
        return Point({"xi": list(xi), "I": mp.mpf(current), "b_2": bias}, net=net_of(xi, current, bias), steady=steady)


def _coupling() -> sp.Matrix:
    xi = vector("xi", 2)
    return sp.Matrix([[0, *xi], [xi[0], 0, 0], [xi[1], 0, 0]])


def _live_side() -> Step:
    J = _coupling() - sp.eye(3)
    xi = vector("xi", 2)
    found = sorted(J.eigenvals(), key=lambda e: e.subs({xi[0]: 1, xi[1]: 2}))

    def oracle(p: Any) -> list[Any]:
        state = [*p.of["steady"][:2], mp.mpf(1) / 8]
        values = sorted(mp.re(v) for v in mp.eig(jacobian(p.of["net"].velocity, state), right=False))
        return [values[0], values[-1]]

    return Step(
        "One neuron at its kink: eigenvalues on its live side",
        [r"\lambda^-", r"\lambda^+"],
        (found[0], found[-1]),
        "eigenvalues of W − 1 for one linear visible and two live rectified neurons; on the dead side they are −1 ± ξ₁, −1",
        "eigenvalues of the numerical Jacobian beside the kink",
        [family((mp.mpf("0.5"), mp.mpf("-0.5"))), family((mp.mpf("0.5"), mp.mpf(-1)))],
        oracle,
        assumption="one linear visible neuron, two rectified hidden ones",
    )


def _single() -> Step:
    xi = vector("xi", 2)
    claim = sp.sign(sp.expand((sp.eye(3) - _coupling()).det()))

    def oracle(p: Any) -> list[Any]:
        """Starts on both sides of the kink."""
        steady = np.array([float(s) for s in p.of["steady"]])
        velocity = velocity_of(p)
        away = [np.array(d) * 1e-3 for d in ((1, 0, 1), (1, 1, -1), (-1, 0, 1), (0, 0, -1))]
        return [mp.mpf(1 if all(np.max(abs(settled(velocity, steady + d, 80, 0.1) - steady)) < 1e-3 for d in away) else -1)]

    points = []
    for a, b in draws("single", 30, 2):
        first = abs(a) / 3 + mp.mpf(1) / 8
        points.append(family((first, mp.sign(b) * mp.sqrt(1 - first**2 + b / 4))))
    return Step(
        "One neuron at its kink: its live side decides",
        [r"\text{stable}\ (+1)\ \text{or not}\ (-1)"],
        (claim,),
        "with one neuron at its kink and S positive on the live ones, S is copositive on the cone iff its Schur "
        "complement, and with it det S, is positive",
        "integration from starts on both sides",
        [family((mp.mpf("0.5"), mp.mpf("-0.5"))), family((mp.mpf("0.5"), mp.mpf(-1))), *points],
        oracle,
        assumption="one linear visible neuron, two rectified hidden ones, the second one at its kink; ξ₁² < 1",
        source="fanaskov2024",
        hypotheses=(Hypothesis("the drive of the second neuron is zero", [
            family((mp.mpf("0.5"), mp.mpf(-1)), bias=mp.mpf(1))]),),
    )
