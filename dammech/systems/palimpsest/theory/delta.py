"""The delta rule, one presentation for each pattern: the couplings are an Ornstein–Uhlenbeck process."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem
from dammech.exact import delta_moments
from dammech.systems.palimpsest.theory.field import below_zero, one_step_error

rate = sp.Symbol("eta", positive=True)
age = sp.Symbol("gamma", positive=True)


def delta_rule() -> Theorem:
    """w ← w + η(ξ − w·φ)φ/D with D products φ of p − 1 other spins; ages γ in units of D patterns."""
    signal, second = sp.Function("s"), sp.Function("v")
    power = sp.Symbol("Q", positive=True)
    (stationary,) = sp.solve(sp.Eq(2 * rate * power, rate**2 * (1 + power)), power)
    decayed = sp.dsolve(sp.Eq(signal(age).diff(age), -rate * signal(age)), ics={signal(0): rate}).rhs
    start = (1 - rate) ** 2 * stationary
    spread = sp.dsolve(
        sp.Eq(second(age).diff(age), -2 * rate * second(age) + rate**2 * (1 + stationary)), ics={second(0): start}
    ).rhs
    variance = sp.factor_terms(sp.simplify(spread))
    strength = sp.limit(sp.simplify(decayed.subs(age, age / rate) ** 2 / spread.subs(age, age / rate)) / rate, rate, 0)
    at = {rate: ["0.3", "1", "1.4"], age: ["0.7", "0.2"]}
    return Theorem(
        "palimpsest.delta-rule", "Delta rule",
        "One presentation of each pattern by the delta rule is a palimpsest: the field of a stored pattern decays like "
        "η e^{−ηγ} and its variance relaxes to η/(2−η). For η → 0 it is the Hebbian palimpsest of rate η.",
        [
            Step("Stationary variance", ["Q"], (stationary,), "2ηQ lost = η²(1+Q) gained for each D patterns",
                 "recursion of |w|² iterated", symbol_points({rate: ["0.3", "1", "1.4"]}), lambda p: [_stationary(p)]),
            Step("Signal", ["s"], (decayed,), "after storage the field is h + η(ξ − h); each later pattern takes ηs/D of it",
                 "exact recursions for 300 to 2400 features, extrapolated", symbol_points(at),
                 lambda p: [_extrapolated(p)[0]], tolerance=1e-8),
            Step("Variance", ["v"], (variance,), "(1−η)²Q at first, relaxing with 2η to Q",
                 "exact recursions for 300 to 2400 features, extrapolated", symbol_points(at),
                 lambda p: [_extrapolated(p)[1]], assumption="features are independent of each other (D → ∞)",
                 tolerance=1e-8),
            Step("One-step error", [r"P"], (one_step_error(decayed, variance),),
                 "the part of a Gaussian of this mean and variance below 0",
                 "numerical integral over the Gaussian, moments from exact recursions", symbol_points(at),
                 lambda p: [below_zero(*_extrapolated(p))], assumption="N → ∞: the field is Gaussian", tolerance=1e-7),
            Step("Slow learning", [r"\lim s^2/(\eta v)"], (strength,), "η → 0 at a fixed age γη: Λ²/A with A = 1/(2ε), ε = η",
                 "recursions at small rates, extrapolated", symbol_points({age: ["0.4", "1.1"]}),
                 lambda p: [_slow(p)], tolerance=1e-6),
        ],
        ("widrow1960", "uhlenbeck1930"),
    )


# -- the other route --------------------------------------------------------------------------------------------------


def _stationary(p: Any) -> mp.mpf:
    eta, power = number(p[rate]), mp.mpf(0)
    for _ in range(900):  # D = 5 features, any number gives the same
        power = power - (2 * eta - eta**2) * power / 5 + eta**2 / 5
    return power


def _extrapolated(p: Any) -> list[mp.mpf]:
    eta, gamma = float(number(p[rate])), float(number(p[age]))
    rows = {}
    for features in (300, 600, 1200, 2400):
        found = delta_moments(features, eta, round(gamma * features))
        rows[features] = (mp.mpf(found.signal), mp.mpf(found.variance))
    return [at_infinity({d: row[k] for d, row in rows.items()}) for k in (0, 1)]


def _slow(p: Any) -> mp.mpf:
    values = {}
    for inverse in (20, 40, 80, 160, 320):
        gamma = number(p[age]) * inverse
        at = {rate: sp.Rational(1, inverse), age: sp.Rational(str(mp.nstr(gamma, 15)))}
        signal, variance = _extrapolated(at)
        values[inverse] = signal**2 / variance * inverse
    return at_infinity(values)
