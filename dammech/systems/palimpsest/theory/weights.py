"""Weights that no kernel gives: of patterns rehearsed at random, without decay, and powers of the index (exponential memory)."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import Point, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

again = sp.Symbol("R", positive=True)
times = sp.Symbol("k", integer=True, nonnegative=True)
least = sp.Symbol("k_*", integer=True, nonnegative=True)
load = sp.Symbol("alpha", positive=True)
strength = sp.Symbol("lambda", positive=True)
decay = sp.Symbol("s", positive=True)
y = sp.Symbol("y", positive=True)


def rehearsal() -> Theorem:
    """Each step stores one new pattern and, on average, R old ones again, drawn uniformly."""
    mean = sp.Symbol("nu", positive=True)
    # born at a fraction y of the stream, a pattern is drawn R log(1/y) times on average; for uniform y this is exponential
    chance = sp.integrate(sp.expand(mean**times * sp.exp(-mean * (1 + 1 / again))), (mean, 0, sp.oo), conds="none")
    chance = sp.simplify(chance / sp.factorial(times) / again).rewrite(sp.factorial)
    chance = again**times / (1 + again) ** (times + 1) if sp.simplify(
        (chance / (again**times / (1 + again) ** (times + 1))).rewrite(sp.gamma)) == 1 else chance
    ratio = sp.Symbol("r", positive=True)  # R/(1+R)
    x = sp.Symbol("x", positive=True)
    generating = (1 - ratio) / (1 - ratio * x)  # Σ_k P_k x^k
    first = sp.diff(x * generating, x).subs(x, 1)
    second = sp.diff(x * sp.diff(x * generating, x), x).subs(x, 1)
    at = {again: ["1", "0.4", "2.5"]}
    return Theorem(
        "palimpsest.rehearsal", "Hebbian rehearsal",
        "Rehearsing R old patterns at every step, without decay, gives weights 1 + k with k geometric. The effective load grows "
        "by (1+R)(1+2R); those patterns are retrieved whose weight reaches √(A/α_c): a staircase in the load.",
        [
            Step("Law of the weights", ["P_k"], (chance,),
                 "a Poisson number of draws whose mean R log(1/y) is exponential for a uniform time of birth y",
                 "numerical mean over times of birth", symbol_points({**at, times: [0, 1, 4]}),
                 lambda p: [_chance(p)], assumption="a long stream"),
            Step("Mean weight and effective load", [r"\langle\Lambda\rangle", r"A/\alpha"],
                 tuple(sp.factor(sp.simplify(e.subs(ratio, again / (1 + again)))) for e in (first, second)),
                 "derivatives of the generating function of 1 + k", "sums over k", symbol_points(at),
                 lambda p: [_moment(p, 1), _moment(p, 2)]),
            Step("Fraction retrieved", ["P(k \\geq k_*)"], ((again / (1 + again)) ** least,),
                 "geometric tail; k_* is the least integer with (1+k_*)² α_c ≥ A", "sum over k",
                 symbol_points({**at, least: [1, 3]}),
                 lambda p: [1 - mp.fsum(_chance({**p, times: sp.Integer(k)}) for k in range(int(p[least])))]),
        ],
        ("robins1998",),
    )


def exponential_memory() -> Theorem:
    """H = −Σ_μ μ^{−s} exp(λ ξ^μ·σ), s > 1/2: ages e^{τN} with τ below τ*(s) are stable, spin by spin."""
    overlap = sp.tanh(y)  # of the overlaps that dominate: I'(μ) = λ/s
    # I(tanh y) = y tanh y − log cosh y: 1 ± tanh y = e^{±y}/cosh y
    entropy = y * overlap - sp.log(sp.cosh(y))
    noise = sp.expand(strength * overlap - decay * entropy).xreplace({strength: decay * y})
    noise = sp.simplify(sp.expand(noise))
    oldest = sp.expand((decay * y - noise) / decay)
    at = symbol_points({strength: ["1", "0.7"], decay: ["2", "0.75"]})
    ratio = {y: strength / decay}
    return Theorem(
        "palimpsest.exponential-memory", "Exponential memory with power-law weights",
        "With weights μ^{−s}, s > 1/2, an exponential memory retrieves patterns of age e^{τN} for τ < y − log cosh y, y = λ/s, "
        "from a stream without end. For s → 1/2 the exponent tends to 2λ − log cosh 2λ, that of the uniform memory.",
        [
            Step("Dominant shell", ["a_s"], (entropy.xreplace(ratio),),
                 "among e^{aN} patterns of age e^{aN} overlaps μ occur with entropy I(μ) ≤ a; for s > 1/2 the noise squared "
                 "e^{N(a − I − 2sa + 2λμ)} is largest at a = I(μ), I'(μ) = λ/s",
                 "numerical maximum over overlaps and ages", at, lambda p: [_shell(p)[0]],
                 assumption="typical single spin at a fixed pattern"),
            Step("Noise exponent", [r"\nu"], (noise.xreplace(ratio),), "half the exponent of the noise squared there",
                 "numerical maximum over overlaps and ages", at, lambda p: [_shell(p)[1]]),
            Step("Oldest pattern", [r"\tau_*"], (oldest.xreplace(ratio),), "λ − sτ equals the noise exponent",
                 "numerical root", at, lambda p: [(number(p[strength]) - _shell(p)[1]) / number(p[decay])],
                 source="demircigil2017"),
        ],
        ("demircigil2017",),
    )


# -- the other route --------------------------------------------------------------------------------------------------


def _chance(p: Point) -> mp.mpf:
    rate, count = number(p[again]), int(p[times])

    def drawn(y: mp.mpf) -> mp.mpf:
        mean = -rate * mp.log(y)
        return mean**count * mp.exp(-mean) / mp.factorial(count)

    return mp.quad(drawn, [0, mp.mpf("1e-6"), mp.mpf("0.01"), mp.mpf("0.2"), 1])


def _moment(p: Point, power: int) -> mp.mpf:
    r = number(p[again]) / (1 + number(p[again]))
    return mp.nsum(lambda k: (1 + k) ** power * r**k * (1 - r), [0, mp.inf])


def _entropy(m: mp.mpf) -> mp.mpf:
    """log 2 less the entropy of spins of mean m."""
    return mp.log(2) + (1 + m) / 2 * mp.log((1 + m) / 2) + (1 - m) / 2 * mp.log((1 - m) / 2)


def _shell(p: Any) -> list[mp.mpf]:
    """(age exponent, noise exponent): maximum over overlaps at the age where they first occur, checked against older ones."""
    lam, s = number(p[strength]), number(p[decay])

    def exponent(m: mp.mpf, a: mp.mpf) -> mp.mpf:
        return (a - _entropy(m)) / 2 - s * a + lam * m

    best = mp.tanh(mp.findroot(
        lambda x: mp.diff(lambda v: exponent(mp.tanh(v), _entropy(mp.tanh(v))), x), (lam / s * 0.9, lam / s * 1.05),
        solver="secant", tol=mp.mpf(10) ** (-2 * mp.mp.dps + 16),
    ))
    age = _entropy(best)
    value = exponent(best, age)
    assert exponent(best, age + mp.mpf("0.01")) < value
    return [age, value]
