"""Planes in the features of a kernel: which margin P random patterns leave, and what a step of such a memory does.

A neuron with n inputs labels patterns by sgn Σ_μ a_μ y_μ K(ξ^μ, x), the plane of largest margin in features whose inner product
is K, K(x, x) = 1. Features are products of inputs; d of them have the weight c each, sector by sector (iatropoulos2022).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from itertools import combinations, product
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.averages import GaussianAverage
from dammech.derive.oracles import extrapolated_to_zero, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem
from dammech.systems.gardner.theory import shortfall

MARGIN, STEP, IDENTITIES, CONTINUOUS = "kernel.margin", "kernel.one-step", "kernel.identities", "kernel.continuous"
SOURCE = "iatropoulos2022"

c, d, t, kappa, P = sp.symbols("c d t kappa P", positive=True)
c1, c2, d1, d2 = sp.symbols("c_1 c_2 d_1 d_2", positive=True)
#: of all sectors: |w|², what the labels pull, and the variance of the field, of the direction that is not yet normalised
square, pull, spread = sp.symbols("S_w S_V S_q", positive=True)
n, flips, overlap, h = sp.symbols("n k kappa_k h", positive=True)
x, b, radius = sp.symbols("x b r", positive=True)
field = sp.Symbol("Delta", positive=True)
_z = sp.Symbol("z", real=True)

Point = Mapping[sp.Symbol, Any]


def derivations() -> dict[str, Callable[[], Theorem]]:
    """By name, what makes each."""
    return {MARGIN: margin, STEP: one_step, IDENTITIES: identities, CONTINUOUS: continuous}


@cache
def margin() -> Theorem:
    """The margin at P patterns of a kernel with any spectrum."""
    sectors = tuple(d * e / (1 + t * c) ** k for e, k in ((c, 2), (c, 1), (c**2, 2)))
    both = [sum(e.xreplace({c: i, d: j}) for i, j in ((c1, d1), (c2, d2))) for e in sectors]
    two = symbol_points({c1: ["0.02"], d1: ["3"], c2: ["0.007"], d2: ["40"]})
    sums = symbol_points({square: ["1.7"], pull: ["1.3", "2.1"], spread: ["0.05"], P: ["37"], kappa: ["0.1"]})
    steps = [
        Step("Weights of the sectors", ["c_0", "c_2", "c_0'", "c_1'", "c_2'", "c_1''", "c_3''"],
             (1 / n, 2 / n**2, (1 + 1 / n) / 4, 1 / (2 * n), 1 / (2 * n**2), (3 * n - 2) / n**3, 6 / n**3),
             "z², ((1 + z)/2)² and z³ multiplied out, with squares of inputs equal to 1",
             "Walsh transform of the kernel over all states of n inputs", symbol_points({n: [5, 7]}), _walsh, source=SOURCE),
        Step("One sector", ["|w|^2", r"h\cdot\sqrt{c}\,w", "c|w|^2"], sectors,
             "largest pull of Gaussian labels h on w at a given variance of the field: w = √c h/(1 + tc), d components of h",
             "numerical maximum of √c h w − (1 + tc)w²/2", symbol_points({c: ["0.02", "0.3"], d: ["7"], t: ["2.5"]}), _one_sector,
             source=SOURCE),
        Step("Two sectors", ["V"], (both[1] / sp.sqrt(both[0]),), "summed over sectors, and |w| = 1",
             "pull of the only direction in two sectors that has this variance of the field",
             [{**p, t: sp.Integer(9)} for p in two], _two_sectors),
        Step("Condition", [r"V - \sqrt{P\,\langle(\kappa-\sqrt{q}g)_+^2\rangle}"],
             (pull / sp.sqrt(square) - sp.sqrt(P * spread / square * shortfall(kappa * sp.sqrt(square / spread))),),
             "the features of random patterns are Gaussian at large D, and by Gordon's comparison a plane of margin κ exists "
             "where some direction lets the labels pull more than the length of what P patterns fall short",
             "numerical integral of the squared shortfall", sums, _condition,
             assumption="many products in each sector that matters", source="gardner1988space"),
        Step("Equivalent load", [r"\alpha"], (P * spread / pull**2,),
             "the condition at a given t is Gardner's of the load Pq/V², in units of √q",
             "root in κ of the condition, at which Gardner's capacity is computed by a numerical integral", sums, _equivalent),
        Step("Dimension", ["D"], (d1 + d2,), "κ = 0: V²/q → D as t → ∞, so that P = 2D whatever the spectrum is",
             "V²/q of two sectors at large t, extrapolated", two, _dimension, source="cover1965"),
    ]  # fmt: skip
    return Theorem(
        MARGIN, "The margin of a kernel memory",
        "P random patterns leave the margin κ at which the maximum over t of V(t) − √(P⟨max(κ − √q(t)g, 0)²⟩) vanishes, a number "
        "of the weights of the sectors; it is 0 at P = 2D for every spectrum.",
        steps, (SOURCE, "gardner1988space", "cover1965"),
    )  # fmt: skip


@cache
def one_step() -> Theorem:
    """One step from a pattern with flipped bits, of kernels of one sector."""
    kraw = {1: 1 - 2 * flips / n, 2: ((n - 2 * flips) ** 2 - n) / (n * (n - 1)),
            3: ((n - 2 * flips) ** 3 - (3 * n - 2) * (n - 2 * flips)) / (n * (n - 1) * (n - 2))}  # fmt: skip
    stable = (kappa + _z + sp.Abs(_z - kappa)) / 2
    return Theorem(
        STEP, "A step from flipped inputs",
        "Where k of n inputs are flipped, the features of products of p inputs have the overlap κ_p(k), and a neuron of the "
        "memory of largest margin is wrong with the probability that a Gaussian field of this overlap is.",
        [
            Step("Overlap of features", [rf"\kappa_{p}(k)" for p in kraw], tuple(kraw.values()),
                 "symmetric functions of inputs by powers of their sum (Krawtchouk polynomials, over n choose p)",
                 "mean of the products of p of n inputs, written out", symbol_points({n: [7, 9], flips: [1, 2, 4]}), _products),
            Step("Wrong bit", [r"\varepsilon"],
                 (GaussianAverage(sp.erfc(overlap * stable / sp.sqrt(2 * (1 - overlap**2))), _z) / 2,),
                 "the field is κ_p(k)Δ plus a Gaussian that does not know the pattern; Δ = max(κ, z), features of variance 1",
                 "the same probability with the order of integration exchanged",
                 symbol_points({kappa: ["0.37", "1.1"], overlap: ["0.3", "0.8"]}), _wrong, tolerance=1e-12,
                 assumption="flips are independent of the weights; many products of inputs", source="gardner1988optimal"),
        ], (SOURCE, "gardner1988optimal"),
    )  # fmt: skip


@cache
def identities() -> Theorem:
    """Memories that are kernel memories."""
    beta = sp.Symbol("beta", positive=True)
    orders = (2, 3, 4)
    return Theorem(
        IDENTITIES, "Memories that are kernel memories",
        "Equal multipliers with the kernel ((h+1)^n − (h−1)^n)/2 of inputs with the field h are one step of dense memories "
        "of order n; the exponential kernel, normalised, is attention.",
        [
            Step("Dense memories", [f"K_{k}" for k in orders],
                 tuple(sp.expand(((h + 1) ** k - (h - 1) ** k) / 2) for k in orders),
                 "E(σ_i = −1) − E(σ_i = 1) of E = −Σ (ξ·σ)^n, half of it, is Σ_μ ξ_i K(h) with h = Σ_{j≠i} ξ_j σ_j",
                 "energies of one pattern and h + 1 neurons written out", symbol_points({h: [3, 4]}), _dense,
                 source="krotov2016"),
            Step("Attention", [r"w_1"], (1 / (1 + sp.exp(-beta * x)),),
                 "K⁺ ≈ 1, and weights e^{βξ·x} over their sum; x is the difference of two overlaps",
                 "numerical derivative of log Σ e^{βξ·x}/β", symbol_points({beta: ["1.7"], x: ["0.4", "1.3"]}), _attention,
                 source="ramsauer2021"),
        ], (SOURCE, "krotov2016", "ramsauer2021"),
    )  # fmt: skip


@cache
def continuous() -> Theorem:
    """Patterns of real numbers and the kernel e^{−(|x−y|/r)^b}: basins and how many have room."""
    at = symbol_points({x: ["0.2", "0.6"], b: ["2.3", "5"]})
    return Theorem(
        CONTINUOUS, "Basins of real patterns",
        "An isolated pattern ξ attracts states closer than d*, the first root of |ξ|(1 − e^{−(d/r)^b}) = d, if b > 1; and e^{αN} "
        "Gaussian patterns have disjoint balls of radius r√N if α < (2r² − 1 − ln 2r²)/4, r < 1/√2.",
        [
            Step("Edge", ["r"], (x / (-sp.log(1 - x)) ** (1 / b),), "x = d*/|ξ|, solved for the radius in units of |ξ|",
                 "numerical root of 1 − e^{−(x/r)^b} = x in r", at, _edge, source=SOURCE),
            Step("Widest basin", ["b"], (-x / ((1 - x) * sp.log(1 - x)),), "where r(x) is largest: beyond it nothing leaves",
                 "numerical root in b of the derivative of r", symbol_points({x: ["0.2", "0.6"]}), _widest),
            Step("Disjoint balls", [r"\alpha_c"], ((2 * radius**2 - 1 - sp.log(2 * radius**2)) / 4,),
                 "P² pairs at the probability e^{−NI} that |ξ − ξ'|² < 4r²N",
                 "half of the largest −log⟨e^{−s(u² − 4r²)}⟩ over s, with a numerical mean over u of variance 2",
                 symbol_points({radius: ["0.2", "0.5"]}), lambda p: [_pairs(p) / 2], source=SOURCE),
        ], (SOURCE,),
    )  # fmt: skip


# -- the other route --------------------------------------------------------------------------------------------------


def _named(p: Point) -> dict[str, Any]:
    return {k.name: number(v) for k, v in p.items()}


def _walsh(p: Point) -> list[mp.mpf]:
    size = int(p[n])
    kernels: list[tuple[Callable[[sp.Expr], sp.Expr], tuple[int, ...]]] = [
        (lambda z: z**2, (0, 2)), (lambda z: ((1 + z) / 2) ** 2, (0, 1, 2)), (lambda z: z**3, (1, 3))
    ]  # fmt: skip
    states = list(product((1, -1), repeat=size))
    return [
        number(sum((f(sp.Rational(sum(u), size)) * math.prod(u[:k]) for u in states), sp.Integer(0)) / 2**size)
        for f, orders in kernels for k in orders
    ]  # fmt: skip


def _one_sector(p: Point) -> list[mp.mpf]:
    at = _named(p)
    root = mp.sqrt(at["c"])

    def height(w: mp.mpf) -> mp.mpf:
        return root * w - (1 + at["t"] * at["c"]) * w**2 / 2

    w = mp.findroot(
        lambda y: height(y + 1) - height(y - 1), (mp.mpf("0.1"), mp.mpf("0.2"))
    )  # a parabola: where it is even
    return [at["d"] * w**2, at["d"] * root * w, at["d"] * at["c"] * w**2]


def _sums(p: Point, at: mp.mpf) -> list[mp.mpf]:
    """|w|², pull and variance of two sectors, from the weights themselves."""
    v = _named(p)
    found = [mp.mpf(0)] * 3
    for weight, many in ((v["c_1"], v["d_1"]), (v["c_2"], v["d_2"])):
        w = mp.sqrt(weight) / (1 + at * weight)
        found = [s + many * e for s, e in zip(found, (w**2, mp.sqrt(weight) * w, weight * w**2))]
    return found


def _two_sectors(p: Point) -> list[mp.mpf]:
    v, (norm, _, variance) = _named(p), _sums(p, number(p[t]))
    # shares of |w|² = 1 in the sectors that give the variance
    first = (variance / norm - v["c_2"]) / (v["c_1"] - v["c_2"])
    return [mp.sqrt(v["c_1"] * v["d_1"] * first) + mp.sqrt(v["c_2"] * v["d_2"] * (1 - first))]


def _dimension(p: Point) -> list[mp.mpf]:
    far = [mp.mpf(10) ** 4 * k for k in range(1, 13)]
    with mp.workdps(60):
        values = [_sums(p, one) for one in far]
        return [
            extrapolated_to_zero([1 / one for one in far], [pulled**2 / variance for _, pulled, variance in values])
        ]


def _squared(k: mp.mpf, width: mp.mpf) -> mp.mpf:
    """⟨max(κ − √q g, 0)²⟩, numerically."""
    edge = k / width
    return mp.quad(lambda g: mp.npdf(g) * (k - width * g) ** 2, [edge - 16, edge - 4, edge])


def _excess(at: Mapping[str, Any], k: mp.mpf) -> mp.mpf:
    width = mp.sqrt(at["S_q"] / at["S_w"])
    return at["S_V"] / mp.sqrt(at["S_w"]) - mp.sqrt(at["P"] * _squared(k, width))


def _condition(p: Point) -> list[mp.mpf]:
    at = _named(p)
    return [_excess(at, at["kappa"])]


def _equivalent(p: Point) -> list[mp.mpf]:
    at = _named(p)
    k = mp.findroot(lambda y: _excess(at, y), (mp.mpf("0.1"), mp.mpf("0.12")))
    return [1 / _squared(k / mp.sqrt(at["S_q"] / at["S_w"]), mp.mpf(1))]


def _products(p: Point) -> list[mp.mpf]:
    size, wrong = int(p[n]), int(p[flips])
    signs = [-1] * wrong + [1] * (size - wrong)
    means = []
    for degree in (1, 2, 3):
        terms = [math.prod(s) for s in combinations(signs, degree)]
        means.append(mp.mpf(sum(terms)) / len(terms))
    return means


def _wrong(p: Point) -> list[mp.mpf]:
    at = _named(p)
    k, w = at["kappa"], at["kappa_k"]

    kink = w * k / mp.sqrt(1 - w**2)  # beyond it noise can take what the pattern is stable by, Δ
    rest = mp.sqrt(1 - w**2) / w
    return [mp.quad(lambda g: mp.npdf(g) * mp.ncdf(rest * g), [kink, kink + 2, kink + 5, kink + 15])]


def _dense(p: Point) -> list[mp.mpf]:
    known = int(p[h])
    others = [1] * known

    def energy(order: int, own: int) -> int:
        return -((sum(others) + own) ** order)

    return [mp.mpf(energy(order, -1) - energy(order, 1)) / 2 for order in (2, 3, 4)]


def _attention(p: Point) -> list[mp.mpf]:
    at = _named(p)

    with mp.workdps(60):
        return [mp.diff(lambda e: mp.log(mp.exp(at["beta"] * (at["x"] + e)) + 1) / at["beta"], 0)]


def _edge(p: Point) -> list[mp.mpf]:
    at = _named(p)

    def excess(r: mp.mpf) -> mp.mpf:
        return 1 - mp.exp(-((at["x"] / r) ** at["b"])) - at["x"]

    return [mp.findroot(excess, (mp.mpf("0.1"), mp.mpf(3)), solver="anderson")]


def _widest(p: Point) -> list[mp.mpf]:
    place = number(p[x])

    def slope(power: mp.mpf) -> mp.mpf:
        return mp.diff(lambda y: mp.log(y) - mp.log(-mp.log(1 - y)) / power, place)

    with mp.workdps(60):
        return [mp.findroot(slope, (mp.mpf("1.2"), mp.mpf("1.6")))]


def _gaussian(variance: Any, rate: mp.mpf) -> mp.mpf:
    """⟨e^{−s u²}⟩ of a Gaussian u, by trapezes, which converge faster than any power."""
    step, width = mp.mpf(1) / 8, mp.sqrt(variance / (1 + 2 * rate * variance))
    grid = [step * k * width for k in range(-130, 131)]
    return (
        step
        * width
        * mp.fsum(mp.exp(-(u**2) / (2 * variance) - rate * u**2) for u in grid)
        / mp.sqrt(2 * mp.pi * variance)
    )


def _pairs(p: Point) -> mp.mpf:
    r = number(p[radius])

    def height(s: mp.mpf) -> mp.mpf:
        return -mp.log(mp.exp(4 * s * r**2) * _gaussian(mp.mpf(2), s))

    start = 1 / (8 * r**2) - mp.mpf(1) / 4
    with mp.workdps(50):
        best = mp.findroot(lambda s: mp.diff(height, s), (start * mp.mpf("0.9"), start * mp.mpf("1.1")))
        return height(best)
