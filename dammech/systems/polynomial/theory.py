"""Signal and noise of one step: the variance at every N, its limit, the bit error, and how many patterns that allows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

n, others, start = (sp.Symbol(name, positive=True) for name in ("n", "M", "m"))
load, deviations, noise = (sp.Symbol(name, positive=True) for name in ("alpha", "z", "c"))
_ORDERS = (2, 3, 4)
THEOREM = "polynomial.signal-to-noise"


def derivations() -> dict[str, Callable[[], Theorem]]:
    """By name, what makes each."""
    return {THEOREM: signal_to_noise}


def signal_to_noise() -> Theorem:
    """From the field of one spin to the number of patterns."""
    power = 2 ** (n - 1) * sp.gamma(n - sp.Rational(1, 2)) / sp.sqrt(sp.pi)
    orders = symbol_points({n: [2, 3, 4, 5]})
    strengths: dict[Any, Any] = {start: ["1", "0.8"], noise: ["3", "1.5"], load: ["0.05", "0.2"]}
    allowed = start ** (2 * (n - 1)) / (noise * deviations**2)
    none = start ** (2 * (n - 1)) / (2 * noise)
    at: dict[Any, Any] = {n: [2, 3], start: ["1", "0.8"], noise: ["3"]}
    return Theorem(
        THEOREM, "Signal against noise in one step",
        "The field of a spin is its signal and a sum of K − 1 independent terms with mean 0. Bits are wrong with the probability "
        "of a Gaussian tail, and K = αN^{n−1} patterns are allowed.",
        [
            Step("Noise of a power", [rf"v_{k}" for k in _ORDERS], tuple(map(_variance, _ORDERS)),
                 "v = ⟨[(X+1)ⁿ − (X−1)ⁿ]²⟩ from the moments of X, a sum of M = N − 1 fair signs", "all 2^M patterns",
                 symbol_points({others: [4, 7, 8]}), _enumerated, source="krotov2016"),
            Step("Distinct sites", [r"v/s^2"], (sp.gamma(n) * sp.gamma(others - n + 2) / sp.gamma(others + 1),),
                 "terms of different sites are uncorrelated: the sum over n − 1 other sites has variance (M choose n−1), and is "
                 "that number where all signs agree", "all 2^M patterns", symbol_points({n: [2, 3, 4], others: [5, 8]}),
                 _distinct),
            Step("Noise strength", ["c_P", "c_D", "c_R"], (power, sp.gamma(n), power / 2),
                 "v = 4n²cN^{n−1} as N → ∞, for powers, distinct sites and rectified powers: (2n − 3)!!, (n − 1)!, and half of "
                 "the former", "exact sums over X at even N up to 960, extrapolated; of distinct sites N^{n−1}/(M choose n−1)",
                 orders, _strengths, source="krotov2016", tolerance=1e-9),
            Step("Bit error", ["P"], (sp.erfc(start ** (n - 1) / sp.sqrt(2 * noise * load)) / 2,),
                 "signal 2n(mN)^{n−1} against a Gaussian of variance 4n²cαN^{2n−2}; the start has overlap m",
                 "integral of a Gaussian density over negative fields", symbol_points({n: [2, 3], **strengths}), _tail,
                 assumption="many patterns: their sum is Gaussian", source="krotov2016"),
            Step("Load", [r"\alpha"], (allowed,), "P is the tail beyond z standard deviations",
                 "numerical root of the bit error", symbol_points({n: [2, 3], start: ["1", "0.8"], noise: ["3"],
                                                                   deviations: ["1.3", "2.6"]}), _root, source="krotov2016"),
            Step("No errors in one pattern", [r"K \ln N/N^{n-1}"], (none,),
                 "N wrong bits in the mean are none: z² = 2 ln N", "numerical root of N P = 1 at ln N = 10⁹", symbol_points(at),
                 lambda p: [_without_errors(p, mp.mpf(1))], assumption="to leading order in 1/ln N", source="mceliece1987",
                 tolerance=1e-6),
            Step("No errors in all patterns", [r"K \ln N/N^{n-1}"], (none / n,), "N K wrong bits: z² = 2n ln N",
                 "numerical root of N K P = 1 at ln N = 10⁹", symbol_points(at),
                 lambda p: [_without_errors(p, number(p[n]))], assumption="to leading order in 1/ln N", source="demircigil2017",
                 tolerance=1e-6),
        ], ("krotov2016", "demircigil2017", "mceliece1987"),
    )  # fmt: skip


def _variance(order: int) -> sp.Expr:
    """⟨[(X+1)ⁿ − (X−1)ⁿ]²⟩ as a polynomial in M, from the generating function cosh^M of the moments of X."""
    x, t = sp.symbols("x t")
    square = sp.Poly(sp.expand(((x + 1) ** order - (x - 1) ** order) ** 2), x)
    cumulants = sp.series(sp.log(sp.cosh(t)), t, 0, 2 * order).removeO()
    moments = sp.Poly(sp.series(sp.exp(others * cumulants), t, 0, 2 * order).removeO(), t)
    return sp.factor(sum(c * moments.coeff_monomial(t**k) * sp.factorial(k) for (k,), c in square.terms()))


# -- the other route --------------------------------------------------------------------------------------------------


def _enumerated(p: Any) -> list[mp.mpf]:
    count = int(p[others])
    sums = [sum(signs) for signs in itertools.product((1, -1), repeat=count)]
    return [mp.mpf(sum(((x + 1) ** k - (x - 1) ** k) ** 2 for x in sums)) / len(sums) for k in _ORDERS]


def _distinct(p: Any) -> list[mp.mpf]:
    count, order = int(p[others]), int(p[n])
    words = list(itertools.product((1, -1), repeat=count))
    fields = [sum(math.prod(chosen) for chosen in itertools.combinations(word, order - 1)) for word in words]
    signal = sum(math.prod(chosen) for chosen in itertools.combinations((1,) * count, order - 1))
    return [mp.mpf(sum(h * h for h in fields)) / len(words) / signal**2]


def _strengths(p: Any) -> list[mp.mpf]:
    order = int(p[n])
    found: list[dict[int, mp.mpf]] = [{}, {}, {}]
    for size in (60, 80, 120, 160, 240, 320, 480, 640, 960):  # even: X = 0 has a weight of its own
        count, scale = size - 1, 4 * order**2 * mp.mpf(size) ** (order - 1)
        for k in range(count + 1):
            x, chance = count - 2 * k, mp.mpf(math.comb(count, k)) / mp.mpf(2) ** count
            found[0][size] = found[0].get(size, 0) + chance * ((x + 1) ** order - (x - 1) ** order) ** 2 / scale
            half = max(x + 1, 0) ** order - max(x - 1, 0) ** order
            found[2][size] = found[2].get(size, 0) + chance * half**2 / scale
        found[1][size] = mp.mpf(size) ** (order - 1) / math.comb(count, order - 1)
    return [at_infinity(values) for values in found]


def _tail(p: Any) -> list[mp.mpf]:
    signal, width = number(p[start]) ** int(p[n] - 1), mp.sqrt(number(p[noise]) * number(p[load]))
    return [mp.quad(lambda h: mp.npdf(h, signal, width), [-mp.inf, signal - 12 * width, 0]) if signal < 12 * width
            else mp.quad(lambda h: mp.npdf(h, signal, width), [-mp.inf, -signal, 0])]  # fmt: skip


def _error(p: Any, a: Any) -> mp.mpf:
    return mp.erfc(number(p[start]) ** int(p[n] - 1) / mp.sqrt(2 * number(p[noise]) * a)) / 2


def _root(p: Any) -> list[mp.mpf]:
    wanted = mp.log(mp.erfc(number(p[deviations]) / mp.sqrt(2)) / 2)
    return [mp.exp(mp.findroot(lambda y: mp.log(_error(p, mp.exp(y))) - wanted, (mp.mpf(-3), mp.mpf(-1)), solver="anderson",
                               tol=mp.mpf(10) ** -60, verify=False))]  # fmt: skip


def _without_errors(p: Any, powers: mp.mpf) -> mp.mpf:
    """K ln N/N^{n−1} where N^powers P = 1 at ln N = 10⁹, log P by its asymptotic series."""
    large = mp.mpf(10) ** 9
    signal = number(p[start]) ** (2 * int(p[n] - 1)) / number(p[noise])

    def missing(square: Any) -> mp.mpf:  # of α = signal/z²
        return powers * large - square / 2 - mp.log(2 * mp.pi * square) / 2 + mp.log1p(-1 / square)

    return signal * large / mp.findroot(missing, 2 * powers * large, tol=mp.mpf(10) ** -20, verify=False)
