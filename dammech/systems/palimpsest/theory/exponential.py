"""The exponential memory with weights μ^{−s}: how old a pattern it retrieves, in exponents of N."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

strength = sp.Symbol("lambda", positive=True)
decay = sp.Symbol("s", positive=True)
y = sp.Symbol("y", positive=True)


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
