"""Capture: a strong pattern, on which a run begins with an overlap of order 1/√N, draws the run to itself."""

from __future__ import annotations

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import Point, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

weight = sp.Symbol("Lambda", positive=True)
susceptibility = sp.Symbol("chi", positive=True)
seed = sp.Symbol("a", positive=True)
slope = sp.Symbol("s", positive=True)
spread = sp.Symbol("v", positive=True)


def capture() -> Theorem:
    """Order 3, linear response: m_h = a + χΛm_h² in the field Λm_h² of the strong pattern, χ = β(1 − q)."""
    m = sp.Symbol("m", positive=True)
    low, high = sorted(sp.solve(sp.Eq(m, seed + susceptibility * weight * m**2), m), key=lambda e: e.subs(
        {seed: sp.Rational(1, 9), susceptibility: 1, weight: 1}))  # fmt: skip
    (end,) = sp.solve(sp.Eq(high - low, 0), seed)
    # the work against the field from the lower to the upper root, s/(χΛ) apart
    x = sp.Symbol("x", positive=True)
    barrier = sp.integrate(weight * x * (slope / (susceptibility * weight) - x), (x, 0, slope / (susceptibility * weight)))
    series = sp.series(low, susceptibility, 0, 3).removeO()
    fourth = sp.series(sp.expand(series**4), susceptibility, 0, 3).removeO()
    excess = sum(fourth.expand().coeff(seed, k) * sp.factorial2(k - 1) * spread ** sp.Rational(k, 2) for k in (4, 6))
    at = {weight: ["5", "2.5"], susceptibility: ["0.13", "0.3"]}
    return Theorem(
        "palimpsest.capture", "Capture by a strong pattern",
        "A run on a pattern of weight 1 begins with an overlap a of order 1/√N on one of weight Λ. Fields Λm_h² raise it, and "
        "beyond a_c nothing stops them: the pattern is lost although it has a retrieval state.",
        [
            Step("Overlap", ["m_h"], (low,), "the root that is a for Λ → 0", "iteration from a",
                 symbol_points({**at, seed: ["0.05", "0.1"]}), lambda p: [_iterated(p)]),
            Step("End", ["a_c", "m_c"], (end, sp.simplify(low.subs(seed, end))), "the two roots meet",
                 "maximum of m_h − χΛm_h²", symbol_points(at), lambda p: _maximum(p)),
            Step("Barrier", ["B/(\\beta N)"], (sp.simplify(barrier),),
                 "work per spin from the lower to the upper root, which are s/(χΛ) apart, s = √(1 − a/a_c)",
                 "numerical integral of h(m_h) − Λm_h², h the field that makes m_h", symbol_points({**at, slope: ["0.3", "0.8"]}),
                 lambda p: [_work(p)]),
            Step("Excess noise", ["\\langle m_h^4\\rangle/v^2"], (sp.factor(excess / spread**2),),
                 "Λ²m_h⁴ is what the pattern adds to the variance of the fields; a is Gaussian of variance v, to the order of v³",
                 "Gaussian means of the exact root at small v, extrapolated", symbol_points({**at, spread: ["1e-7"]}),
                 lambda p: [_fourth(p)], tolerance=1e-9),
        ],
        ("robins1998",),
    )  # fmt: skip


def _iterated(p: Point) -> mp.mpf:
    a, strength = number(p[seed]), number(p[susceptibility]) * number(p[weight])
    m = a
    for _ in range(2000):
        m = a + strength * m**2
    return m


def _maximum(p: Point) -> list[mp.mpf]:
    strength = number(p[susceptibility]) * number(p[weight])
    top = mp.findroot(lambda m: mp.diff(lambda v: v - strength * v**2, m), 1.0)
    return [top - strength * top**2, top]


def _work(p: Point) -> mp.mpf:
    chi, strong, s = (number(p[name]) for name in (susceptibility, weight, slope))
    a = (1 - s**2) / (4 * chi * strong)
    ends = [(1 + sign * s) / (2 * chi * strong) for sign in (-1, 1)]
    return mp.quad(lambda m: (m - a) / chi - strong * m**2, ends)


def _fourth(p: Point) -> mp.mpf:
    strength, v = number(p[susceptibility]) * number(p[weight]), number(p[spread])

    def root(a: mp.mpf) -> mp.mpf:
        return 2 * a / (1 + mp.sqrt(1 - 4 * strength * a))

    width = mp.sqrt(v)
    return mp.quad(lambda z: (root(width * z) / width) ** 4 * mp.npdf(z), mp.linspace(-14, 14, 29))
