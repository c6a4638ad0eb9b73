"""Rehearsal of old patterns chosen at random, without decay: weights with a geometric law, and a staircase."""

from __future__ import annotations

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import Point, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem

again = sp.Symbol("R", positive=True)
times = sp.Symbol("k", integer=True, nonnegative=True)
least = sp.Symbol("k_*", integer=True, nonnegative=True)
load = sp.Symbol("alpha", positive=True)


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


def _chance(p: Point) -> mp.mpf:
    rate, count = number(p[again]), int(p[times])

    def drawn(y: mp.mpf) -> mp.mpf:
        mean = -rate * mp.log(y)
        return mean**count * mp.exp(-mean) / mp.factorial(count)

    return mp.quad(drawn, [0, mp.mpf("1e-6"), mp.mpf("0.01"), mp.mpf("0.2"), 1])


def _moment(p: Point, power: int) -> mp.mpf:
    r = number(p[again]) / (1 + number(p[again]))
    return mp.nsum(lambda k: (1 + k) ** power * r**k * (1 - r), [0, mp.inf])
