"""Steady states at a kink of a rectified neuron: strict copositivity decides."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.letters import Letter
from dammech.derive.oracles import place_of_minimum
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.theory.concrete import array, draws, jacobian, random_net, symmetrised
from dammech.systems.lagrangian.theory.energy.spurious import ends, family
from dammech.systems.lagrangian.theory.hypotheses import SYMMETRIC
from dammech.systems.lagrangian.theory.stability.smooth import farthest
from dammech.systems.lagrangian.theory.symbols import (
    Point,
    column,
    columns,
    energy_of_activations,
    form,
    product,
    proven,
    symbol,
    symmetric,
    upper,
    vector,
)

_KINK = "the other neurons are at their kink, x_i = 0"
FAMILY = "one linear visible neuron, two rectified hidden ones"
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
    W, b, z = symmetric("W", 3), vector("b", 3), column(vector("z", 3))
    here = column([symbol("g_1"), 0, 0])
    there, before = (energy_of_activations(product(y, y) / 2, W, y, b) for y in (here + z, here))
    difference = (there - before).xreplace(dict(zip(b, here - W * here)))
    W_, (z_,) = Letter("W", W), columns("z", 3)

    def point(others: Any = (0, 0), change: Any = (-0.25, 0.5, 0.375), skew: bool = False) -> Point:
        state, kink = array([1.25, *others]), array([1.25, 0, 0])
        net = random_net("kink", [("relu", 3)], skew=skew).pinned(state)
        return Point({"W": net.W, "z": change}, net=net, state=state, moved=kink + array(change))

    return Step(
        "The energy around a kink is exactly quadratic",
        [r"E_2(g^* + z) - E_2(g^*)"],
        proven(z_.T * (sp.Identity(3) - W_) * z_ / 2, difference),
        "E₂ of rectified neurons with b eliminated by the steady state: linear terms drop out for live neurons and for "
        "those at the kink; z_i ≥ 0 for the latter",
        "difference of the energies of a concrete net in the two states",
        [point()],
        lambda p: [p.of.net.energy(p.of.moved) - p.of.net.energy(p.of.state)],
        hypotheses=(
            Hypothesis(_KINK, [point(others=(-0.5, 0))]),
            Hypothesis("activations cannot become negative, z_i ≥ 0", [point(change=(-0.25, -0.5, 0.375))]),
            Hypothesis(SYMMETRIC, [point(skew=True)]),
        ),
    )


def _elimination() -> Step:
    S, z = symmetric("S", 3), vector("z", 3)
    value = sp.expand(form(z, S))
    lowest = value.subs(z[0], sp.solve(sp.diff(value, z[0]), z[0])[0])
    S_AA, S_AZ, S_ZA, S_ZZ = (Letter(f"S_{{{name}}}", part) for name, part in (
        ("AA", S[:1, :1]), ("AZ", S[:1, 1:]), ("ZA", S[1:, :1]), ("ZZ", S[1:, 1:])))
    z_Z = Letter("z_Z", z[1:])

    def oracle(p: Any) -> list[Any]:
        """The parabola through three values of the form, and its lowest value."""
        places = (array([first, *p.of.z[1:]]) for first in (-1, 0, 1))
        low, here, high = (place @ p.of.S @ place for place in places)
        return [here - (high - low) ** 2 / (8 * (high + low - 2 * here))]

    S_, z_ = symmetrised(draws("eliminated", 3, 3)), draws("eliminated z", 3)
    S_[0, 0] = abs(S_[0, 0]) + 1
    return Step(
        "Live neurons are eliminated",
        [r"\min_{z_A} z^\top S z"],
        proven(z_Z.T * (S_ZZ - S_ZA * S_AA.I * S_AZ) * z_Z, lowest),
        "S = 1 − W with S_AA > 0 for the live neuron: minimised over z_A without a constraint (a Schur complement)",
        "lowest point of the parabola through three values of the form",
        [Point({"S": S_, "z": z_}, S=S_, z=z_)],
        oracle,
        assumption="1 − W is positive definite on the live neurons",
    )


def _cone_minimum() -> Step:
    t = symbol("t")
    value = form([t, 1 - t], _S)
    place = sp.solve(sp.diff(value, t), t)[0]

    def oracle(p: Any) -> list[Any]:
        """Golden-section search on the segment."""
        a, b, c = (p[s] for s in upper(_S))

        def at(s: Any) -> Any:
            return a * s**2 + 2 * b * s * (1 - s) + c * (1 - s) ** 2

        return [min(at(place_of_minimum(at, mp.mpf(0), mp.mpf(1))), a, c)]

    def point(a: float, b: float, c: float) -> Point:
        return Point({"S": [[a, b], [b, c]]})

    return Step(
        "Lowest value of the form inside the cone of two neurons",
        [r"\min_{z \ge 0,\ z_1 + z_2 = 1} z^\top S z"],
        (sp.factor(value.subs(t, place)),),
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

    def point(a: Any, b: Any, c: Any, back: Any = None) -> Point:
        S = array([[a, b], [b if back is None else back, c]])
        return Point({"S": S}, W=np.eye(2) - S.astype(float))

    points = [point(*S) for S in ((1, 2, 1), (1, -2, 1), (-0.25, 1, 1.5), (1.5, 1, -0.25))]
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
        lambda p: [mp.mpf(1 if farthest(p.of.W, 60, 0.1) < 1 else -1)],  # do all of them come closer?
        source="fanaskov2024",
        hypotheses=(Hypothesis(SYMMETRIC, [point(1, -5, 1, back=0)]),),
    )


def steady_family(xi: Any, bias: Any = None, current: Any = 1, **of: Any) -> Point:
    """The net with one linear and two rectified neurons; the second one is at its kink unless a bias is given."""
    xi = array(xi)
    v = current / (1 - xi[0] ** 2)
    bias = -xi[1] * v if bias is None else mp.mpf(bias)
    return family(xi, current, bias, of={"steady": array([v, xi[0] * v, xi[1] * v + bias]), **of})


def _coupling() -> sp.Matrix:
    xi = vector("xi", 2)
    return sp.Matrix([[0, *xi], [xi[0], 0, 0], [xi[1], 0, 0]])


def _live_side() -> Step:
    J = _coupling() - sp.eye(3)
    xi = vector("xi", 2)
    found = sorted(J.eigenvals(), key=lambda e: e.subs({xi[0]: 1, xi[1]: 2}))

    def oracle(p: Any) -> list[Any]:
        beside = array([*p.of.steady[:2], 0.125])
        values = [mp.re(v) for v in mp.eig(jacobian(p.of.net.velocity, beside), right=False)]
        return [min(values), max(values)]

    return Step(
        "One neuron at its kink: eigenvalues on its live side",
        [r"\lambda^-", r"\lambda^+"],
        (found[0], found[-1]),
        "eigenvalues of W − 1 for one linear visible and two live rectified neurons; on the dead side they are −1 ± ξ₁, −1",
        "eigenvalues of the numerical Jacobian beside the kink",
        [steady_family((0.5, -0.5)), steady_family((0.5, -1))],
        oracle,
        assumption=FAMILY,
    )


def _single() -> Step:
    claim = sp.sign(sp.expand((sp.eye(3) - _coupling()).det()))

    def oracle(p: Any) -> list[Any]:
        """Starts on both sides of the kink."""
        steady = p.of.steady.astype(float)[:, None]
        away = np.array([(1, 0, 1), (1, 1, -1), (-1, 0, 1), (0, 0, -1)]).T * 1e-3
        return [mp.mpf(1 if np.max(abs(ends(p, steady + away, 80, 0.1) - steady)) < 1e-3 else -1)]

    points = []
    for a, b in draws("single", 30, 2):
        first = abs(a) / 3 + mp.mpf(1) / 8
        points.append(steady_family((first, mp.sign(b) * mp.sqrt(1 - first**2 + b / 4))))
    return Step(
        "One neuron at its kink: its live side decides",
        [r"\text{stable}\ (+1)\ \text{or not}\ (-1)"],
        (claim,),
        "with one neuron at its kink and S positive on the live ones, S is copositive on the cone iff its Schur "
        "complement, and with it det S, is positive",
        "integration from starts on both sides",
        [steady_family((0.5, -0.5)), steady_family((0.5, -1)), *points],
        oracle,
        assumption=f"{FAMILY}, the second one at its kink; ξ₁² < 1",
        source="fanaskov2024",
        hypotheses=(Hypothesis("the drive of the second neuron is zero", [steady_family((0.5, -1), bias=1)]),),
    )
