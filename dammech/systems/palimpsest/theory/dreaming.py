"""Dreaming at p = 2: couplings J(t) = (1+t) J₀ (1 + tJ₀)⁻¹, one step from a pattern by the Marchenko–Pastur law."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem
from dammech.systems.palimpsest.theory.field import below_zero, one_step_error

load = sp.Symbol("alpha", positive=True)
time = sp.Symbol("t", positive=True)
nap = sp.Symbol("s", positive=True)
x = sp.Symbol("x", positive=True)


def dreaming() -> Theorem:
    """Signal and noise of one step after dreaming for a time t, from the spectrum of the pattern overlaps."""
    dreamt = (1 + time) * x / (1 + time * x)
    twice = sp.factor(sp.simplify(dreamt.xreplace({x: dreamt.xreplace({time: nap})})))
    resolvent = sp.Symbol("g", positive=True)
    # g = ⟨1/(1+tx)⟩ obeys g (1 + t(1 − α + αg)) = 1
    root = next(r for r in sp.solve(sp.Eq(resolvent * (1 + time * (1 - load + load * resolvent)), 1), resolvent)
                if r.subs({load: sp.Rational(1, 2), time: sp.Rational(1, 2)}) > 0)
    slope = sp.diff(root, time)  # −⟨x/(1+tx)²⟩
    diagonal = (1 + time) * (1 - root) / time  # ⟨J⟩ per pattern: x/(1+tx) = (1 − 1/(1+tx))/t
    first = (1 + time) * (1 - (1 - root) / time) / time  # ⟨xJ⟩: x²/(1+tx) = (x − x/(1+tx))/t and ⟨x⟩ = 1
    # x³/(1+tx)² = (x − 2x/(1+tx) + x/(1+tx)²)/t²
    second = (1 + time) ** 2 * (1 - 2 * (1 - root) / time - slope) / time**2
    signal = sp.simplify(first - load * diagonal)
    variance = sp.simplify(second - first**2)
    at = symbol_points({load: ["0.3", "0.6"], time: ["1", "0.4"]})
    both = symbol_points({time: ["1.5"], nap: ["0.4"], x: ["0.3", "2.1"]})
    return Theorem(
        "palimpsest.dreaming", "Dreaming",
        "Dreaming turns Hebbian couplings into projecting ones as t → ∞. It needs the couplings alone, and naps compose: "
        "(1+u) = (1+t)(1+s). After one step from a pattern the overlap is erf(signal/√(2 variance)).",
        [
            Step("Naps compose", ["J(u)"], (twice,), "the couplings after a nap s dream for a further t",
                 "one nap of 1 + u = (1+t)(1+s), from a linear solve", both, lambda p: [_one_nap(p)],
                 source="fachechi2019"),
            Step("Resolvent", ["g"], (root,), "self-consistency of the resolvent of a sample covariance",
                 "numerical mean over the Marchenko–Pastur density", at,
                 lambda p: [_mean(p, lambda v, t: 1 / (1 + t * v))], source="marchenko1967",
                 assumption="N → ∞ at K = αN"),
            Step("Signal and variance", ["S", "V"], (signal, variance),
                 "S = ⟨xJ⟩ − α⟨J⟩ without the diagonal, V = ⟨xJ²⟩ − ⟨xJ⟩²; fractions in x reduced to g and ∂g/∂t",
                 "numerical means over the Marchenko–Pastur density", at, lambda p: _signal(p), source="fachechi2019"),
            Step("One-step error", ["P"], (one_step_error(signal, variance),),
                 "the part of a Gaussian of this mean and variance below 0",
                 "numerical integral over the Gaussian, its moments from the Marchenko–Pastur density", at,
                 lambda p: [below_zero(*_signal(p))], assumption="N → ∞: the field is Gaussian", tolerance=1e-12),
            Step("No dreams", [r"S(0)", "V(0)"],
                 tuple(sp.limit(e.xreplace({load: sp.Rational(3, 10)}), time, 0, "+") for e in (signal, variance)),
                 "t → 0 at α = 0.3: signal 1 and the Hebbian variance α",
                 "moments of the overlaps of patterns by counting, at finite N, extrapolated", [{}],
                 lambda p: _hebbian(mp.mpf(3) / 10)),
        ],
        ("fachechi2019", "marchenko1967"),
    )


# -- the other route --------------------------------------------------------------------------------------------------


def _one_nap(p: Any) -> mp.mpf:
    t, s, value = (number(p[k]) for k in (time, nap, x))
    u = (1 + t) * (1 + s) - 1
    return mp.lu_solve(mp.matrix([[1 + u * value]]), mp.matrix([(1 + u) * value]))[0]


def _mean(p: Any, function: Any) -> mp.mpf:
    """Over the eigenvalues of the overlaps ξξᵀ/N of K = αN < N patterns, as an angle."""
    alpha, t = number(p[load]), number(p[time])

    def at(angle: mp.mpf) -> mp.mpf:
        value = 1 + alpha + 2 * mp.sqrt(alpha) * mp.cos(angle)
        return 2 / mp.pi * mp.sin(angle) ** 2 / value * function(value, t)

    return mp.quad(at, mp.linspace(0, mp.pi, 5))


def _signal(p: Any) -> list[mp.mpf]:
    def dreamt(v: mp.mpf, t: mp.mpf) -> mp.mpf:
        return (1 + t) * v / (1 + t * v)

    first = _mean(p, lambda v, t: v * dreamt(v, t))
    diagonal = _mean(p, dreamt)
    return [first - number(p[load]) * diagonal, _mean(p, lambda v, t: v * dreamt(v, t) ** 2) - first**2]


def _hebbian(alpha: mp.mpf) -> list[mp.mpf]:
    """Field of a pattern in Hebbian couplings without diagonal: exact at finite N, (K−1)(N−1)/N² for the variance."""
    values = {n: (alpha * n - 1) * (n - 1) / mp.mpf(n) ** 2 for n in (100, 200, 400)}
    signals = {n: mp.mpf(n - 1) / n for n in (100, 200, 400)}
    return [at_infinity(signals), at_infinity(values)]
