"""Couplings that keep every pattern stable: Gardner's volume, where it vanishes, and what is left of the patterns' stabilities.

One neuron with N couplings J, |J|² = N; the stability of a pattern is Δ = ξ_i Σ_j J_j ξ_j/√N, and all of P = αN are to be at
least κ. The volume of such couplings is counted with replicas; q is the overlap of two of them, and q → 1 where only one is left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.averages import GaussianAverage
from dammech.derive.functions import mills
from dammech.derive.oracles import central_difference, number, symbol_points
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

MARGIN, DICHOTOMIES, PROJECTION = "gardner.margin", "gardner.dichotomies", "gardner.projection"

kappa = sp.Symbol("kappa", real=True)
q, n, alpha, m, s, a = sp.symbols("q n alpha m s a", positive=True)
count = sp.Symbol("P", positive=True)
_z = sp.Symbol("z", real=True)
_x = (kappa - sp.sqrt(q) * _z) / sp.sqrt(1 - q)

Point = Mapping[sp.Symbol, Any]


def below(x: sp.Expr) -> sp.Expr:
    """Φ(x), the normal distribution function."""
    return sp.erfc(-x / sp.sqrt(2)) / 2


def density(x: sp.Expr) -> sp.Expr:
    """φ(x)."""
    return sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


def shortfall(x: sp.Expr) -> sp.Expr:
    """⟨max(x − z, 0)²⟩ over a standard Gaussian z."""
    return (1 + x**2) * below(x) + x * density(x)


def derivations() -> dict[str, Callable[[], Theorem]]:
    """By name, what makes each."""
    return {MARGIN: margin, DICHOTOMIES: dichotomies, PROJECTION: projection}


@cache
def margin() -> Theorem:
    """The load up to which a margin κ is possible, and the patterns there."""
    slope = sp.sqrt(2 / sp.pi) * mills(_x / sp.sqrt(2))  # φ/H, minus the derivative of log H
    at, inside = symbol_points({kappa: ["0.37", "1.1"]}), symbol_points({kappa: ["-0.3", "0.8"], q: ["0.37", "0.61"]})
    square = GaussianAverage(slope**2, _z)
    bend = GaussianAverage(slope**2 * (slope - _x) ** 2, _z)
    steps = [
        Step("One pattern, n couplings", [r"\langle \prod_a \theta(\Delta_a - \kappa) \rangle"],
             (GaussianAverage(below(-_x) ** n, _z),),
             "the stabilities of n couplings with overlaps q are Gaussian at large N, and independent at a common part √q z",
             "one coupling, and two by Plackett's integral over their correlation",
             symbol_points({kappa: ["-0.3", "0.8"], q: ["0.37", "0.61"], n: [1, 2]}), _together, source="gardner1988space"),
        Step("Couplings of overlap q", [r"\lim_{n \to 0} \frac{\log \det Q}{2n}"],
             (sp.log(1 - q) / 2 + q / (2 * (1 - q)),),
             "volume of n vectors on the sphere: ½ log det Q, eigenvalues 1 − q and once 1 + (n − 1)q",
             "smallest value over the multipliers of |J|² = N and of the overlap q", symbol_points({q: ["0.37", "0.61"]}),
             _sphere, source="gardner1988space"),
        Step("Load at an overlap", [r"\alpha(q)"], (q / ((1 - q) * square),),
             "the volume is stationary in q: α⟨(φ/H)²⟩ = q/(1 − q), by parts in z",
             "minus the ratio of the numerical derivatives of its two terms in q", inside, _load, source="gardner1988space",
             tolerance=1e-13),
        Step("Capacity", [r"\alpha_c"], (1 / shortfall(kappa),), "q → 1: one coupling is left, and φ/H → max(κ − z, 0)/√(1 − q)",
             "the load at overlaps near 1, extrapolated in √(1 − q) and its logarithms", at,
             lambda p: [1 / _to_one(_inverse_load, p)], source="gardner1988space", tolerance=1e-9,
             assumption="replica symmetry, which is stable for κ > 0"),
        Step("Replicon", [r"\alpha (1-q)^2 \langle (\log H)''^2 \rangle"], (q * bend / ((1 - q) * square),),
             "second variation against a split of the couplings into clusters; stable below 1",
             "numerical second derivative of log H, integrated over z", inside, _replicon, source="gardner1988space",
             tolerance=1e-13),
        Step("Replicon at capacity", [r"\alpha_c \Phi(\kappa)"], (below(kappa) / shortfall(kappa),),
             "q → 1: log H bends only for the patterns z < κ that press; below 1 exactly where κ(κΦ + φ) > 0, for κ > 0",
             "the replicon at overlaps near 1, extrapolated in √(1 − q) and its logarithms",
             symbol_points({kappa: ["0.37", "-0.5"]}), lambda p: [_to_one(lambda k, x: _replicon({kappa: k, q: x})[0], p)],
             tolerance=1e-9),
        Step("Stabilities", [r"\langle e^{-s\Delta} \rangle"],
             (below(kappa) * sp.exp(-s * kappa) + sp.exp(s**2 / 2) * below(-kappa - s),),
             "Δ = max(κ, z): patterns that would fall short without their own part are lifted to κ",
             "stabilities at overlaps near 1, each a Gaussian beyond κ, extrapolated",
             symbol_points({kappa: ["0.37", "1.1"], s: ["0.6"]}),
             lambda p: [_to_one(lambda k, x: _exponential(k, x, number(p[s])), p)], source="gardner1988optimal", tolerance=1e-9),
        Step("Support vectors", [r"f"], (below(kappa),), "the share of patterns whose stability is κ exactly: s → ∞ above",
             "numerical integral of the density of z below κ", at,
             lambda p: [mp.quad(mp.npdf, [-20, -5, -1, number(p[kappa])])], source="gardner1988optimal"),
        Step("One step", ["m'"],
             (GaussianAverage(sp.erf(m * (kappa + _z + sp.Abs(_z - kappa)) / 2 / sp.sqrt(2 * (1 - m**2))), _z),),
             "the field of a neuron is mΔ + √(1 − m²) z, where its inputs have the overlap m with a pattern",
             "the same probability with the order of integration exchanged: Δ beyond what the noise asks for",
             symbol_points({kappa: ["0.37", "1.1"], m: ["0.3", "0.8"]}), _one_step,
             assumption="the inputs are wrong independently of the couplings", source="gardner1988optimal", tolerance=1e-12),
    ]  # fmt: skip
    return Theorem(
        MARGIN, "The best couplings",
        "P = αN random patterns can all have a stability of at least κ ≥ 0 if and only if α is below "
        "1/[(1 + κ²)Φ(κ) + κφ(κ)], and replica symmetry is stable there.",
        steps, ("gardner1988space", "gardner1988optimal"),
    )  # fmt: skip


@cache
def projection() -> Theorem:
    """Couplings that project on the patterns, the interpolation of a linear kernel: one stability, and one step."""
    zeroed = sp.erf(m * sp.sqrt((1 - a) / (2 * a * (1 - m**2))))
    width = sp.sqrt(2 * a * (1 - a) * (1 - m**2))
    kept = (1 + m) / 2 * sp.erf((m + a * (1 - m)) / width) + (1 - m) / 2 * sp.erf((m - a * (1 + m)) / width)
    maps = symbol_points({a: ["0.2", "0.6"], m: ["0.3", "0.85"]})
    steps = [
        Step("Stability", [r"\kappa"], (sp.sqrt((1 - a) / a),),
             "all stabilities equal: 1/κ² = a⟨1/λ⟩ over the eigenvalues of the patterns' overlaps",
             "numerical integral of 1/λ over the law of Marchenko and Pastur", symbol_points({a: ["0.2", "0.55"]}),
             _projector, source="kanter1987"),
        Step("Diagonal zeroed", ["m'"], (zeroed,),
             "every stability is √((1 − a)/a), a = P/N: the field is that and √(1 − m²) of noise",
             "projectors of finite rank written out, whose diagonal and squares give mean and variance of a Gaussian field",
             maps, lambda p: [_projected(p, False)], source="kanter1987"),
        Step("Diagonal kept", ["m'"], (kept,),
             "P_ii = a holds a neuron where it is; the noise of the others has the variance a(1 − a)(1 − m²)",
             "projectors of finite rank written out, for neurons that start right and wrong", maps,
             lambda p: [_projected(p, True)], source="personnaz1985"),
    ]  # fmt: skip
    return Theorem(
        PROJECTION, "The projection on patterns",
        "Couplings P = Ξᵀ(ΞΞᵀ)⁻¹Ξ, P/N = a < 1, keep every pattern with the stability √((1 − a)/a); without their diagonal one "
        "step from an overlap m follows from it, with the diagonal neurons are held where they are.",
        steps, ("personnaz1985", "kanter1987"),
    )  # fmt: skip


@cache
def dichotomies() -> Theorem:
    """How many of the 2^P labellings of P points in D dimensions a plane through the origin makes."""
    places = symbol_points({count: [4, 5, 7]})
    return Theorem(
        DICHOTOMIES, "Separable labellings",
        "Of the 2^P labellings of P points in general position in D dimensions 2 Σ_{k<D} (P−1 choose k) are separable by a plane "
        "through the origin; random labels with the probability Pr(fair coins show at most D − 1 heads in P − 1 throws).",
        [Step(
            "Number of separable labellings", [f"C(P,{d})" for d in (2, 3, 4)],
            tuple(2 * sp.Add(*(sp.expand(sp.ff(count - 1, k)) / sp.factorial(k) for k in range(d))) for d in (2, 3, 4)),
            "one more point cuts C(P, D − 1) of the cells of couplings in two: C(P + 1, D) = C(P, D) + C(P, D − 1)",
            "labellings counted for P points: cells of couplings, each beside a ray on which D − 1 points have no field",
            places, lambda p: [mp.mpf(cells(int(p[count]), d)) for d in (2, 3, 4)], source="cover1965",
            hypotheses=(Hypothesis("the points are in general position", [{count: sp.Integer(5)}],
                                   lambda p: [mp.mpf(cells(5, d, flat=True)) for d in (2, 3, 4)]),),
        )], ("cover1965",),
    )  # fmt: skip


# -- the other route --------------------------------------------------------------------------------------------------


def _named(p: Point) -> dict[str, mp.mpf]:
    return {k.name: number(v) for k, v in p.items()}


def _together(p: Point) -> list[mp.mpf]:
    at = _named(p)
    alone = mp.ncdf(-at["kappa"])
    if at["n"] == 1:
        return [alone]
    rest = mp.quad(lambda r: mp.exp(-(at["kappa"] ** 2) / (1 + r)) / (2 * mp.pi * mp.sqrt(1 - r**2)), [0, at["q"]])
    return [alone**2 + rest]


def _sphere(p: Point) -> list[mp.mpf]:
    x = number(p[q])

    def volume(one: Any, all_: Any) -> Any:
        """n → 0 of [tr(MQ) − log det M]/(2n) − ½ with multipliers M = one·δ + all."""
        return (one + all_ * (1 - x) - mp.log(one) - all_ / one - 1) / 2

    def slopes(one: Any, all_: Any) -> tuple[Any, Any]:
        return mp.diff(lambda y: volume(y, all_), one), mp.diff(lambda y: volume(one, y), all_)

    with mp.workdps(60):
        return [volume(*mp.findroot(slopes, (mp.mpf("0.9") / (1 - x), mp.mpf("-0.9") * x / (1 - x) ** 2)))]


def _log_h(x: mp.mpf) -> mp.mpf:
    return mp.log(mp.erfc(x / mp.sqrt(2)) / 2)


def _over_z(f: Callable[[mp.mpf], mp.mpf], marks: Sequence[Any] = ()) -> mp.mpf:
    edges = sorted(
        {mp.mpf(-13), mp.mpf(13), *(mp.mpf(x) for x in marks if abs(x) < 13), mp.mpf(-4), mp.mpf(0), mp.mpf(4)}
    )
    return mp.quad(lambda z: mp.npdf(z) * f(z), edges)


def _load(p: Point) -> list[mp.mpf]:
    k, x = number(p[kappa]), number(p[q])

    def patterns(r: mp.mpf) -> mp.mpf:
        return _over_z(lambda z: _log_h((k - mp.sqrt(r) * z) / mp.sqrt(1 - r)))

    with mp.workdps(32):
        sphere = central_difference(lambda r: mp.log(1 - r) / 2 + r / (2 * (1 - r)), x)
        return [-sphere / central_difference(patterns, x)]


def _inverse_load(k: mp.mpf, x: mp.mpf) -> mp.mpf:
    """1/α(q)."""
    width = mp.sqrt(1 - x)

    def square(z: mp.mpf) -> mp.mpf:
        return _slope((k - mp.sqrt(x) * z) / width) ** 2

    return (1 - x) / x * _over_z(square, _edge(k, x))


def _slope(x: mp.mpf) -> mp.mpf:
    return mp.npdf(x) / mp.ncdf(-x)


def _edge(k: mp.mpf, x: mp.mpf) -> list[mp.mpf]:
    """Where patterns begin to press, which is steep near q = 1."""
    return [(k + j * mp.sqrt(1 - x)) / mp.sqrt(x) for j in (-80, -30, -12, -5, -2, 0, 2, 5, 12)]


def _replicon(p: Point) -> list[mp.mpf]:
    k, x = number(p[kappa]), number(p[q])
    width = mp.sqrt(1 - x)

    def bend(z: mp.mpf) -> mp.mpf:
        y = (k - mp.sqrt(x) * z) / width
        return mp.diff(_log_h, y, 2) ** 2 if x < mp.mpf("0.9") else (_slope(y) * (_slope(y) - y)) ** 2

    with mp.workdps(mp.mp.dps if x > mp.mpf("0.9") else 40):
        return [_over_z(bend, _edge(k, x) if x > mp.mpf("0.9") else ()) / _inverse_load(k, x)]


def _exponential(k: mp.mpf, x: mp.mpf, rate: mp.mpf) -> mp.mpf:
    """⟨e^{−sΔ}⟩ of couplings of overlap q: Δ is √q z plus a Gaussian of width √(1 − q) beyond κ."""
    width = mp.sqrt(1 - x)

    def one(z: mp.mpf) -> mp.mpf:
        y = (k - mp.sqrt(x) * z) / width
        return mp.exp(-rate * mp.sqrt(x) * z + (rate * width) ** 2 / 2) * mp.ncdf(-y - rate * width) / mp.ncdf(-y)

    return _over_z(one, _edge(k, x))


def _to_one(f: Callable[[mp.mpf, mp.mpf], mp.mpf], p: Point) -> mp.mpf:
    """The limit q → 1 of f(κ, q), a series in ε = √(1 − q) and, from its square on, of its logarithms."""
    k, powers = number(p[kappa]), 5
    with mp.workdps(25):
        terms = [(j, 0) for j in range(powers)] + [(j, 1) for j in range(2, powers)]
        widths = [mp.mpf("0.004") * mp.mpf("1.22") ** j for j in range(len(terms))]
        table = mp.matrix([[e**j * mp.log(e) ** log for j, log in terms] for e in widths])
        return mp.lu_solve(table, mp.matrix([f(k, 1 - e**2) for e in widths]))[0]


def _projector(p: Point) -> list[mp.mpf]:
    load = number(p[a])
    # λ = 1 + a + 2√a cos t, whose law has the density (2/π) a sin² t/(aλ) in t
    mean = mp.quad(
        lambda t: 2 / mp.pi * mp.sin(t) ** 2 / (1 + load + 2 * mp.sqrt(load) * mp.cos(t)) ** 2, [0, mp.pi / 2, mp.pi]
    )
    return [1 / mp.sqrt(load * mean)]


def _projected(p: Point, diagonal: bool) -> mp.mpf:
    """A projector on P of N directions, discrete Fourier ones: row 0, whose diagonal and squares are those of any other."""
    v = _named(p)
    size = 20
    rank = int(size * v["a"])
    row = [mp.fsum(mp.cos(2 * mp.pi * j * k / size) for k in range(rank)) / size for j in range(size)]
    imag = [mp.fsum(mp.sin(2 * mp.pi * j * k / size) for k in range(rank)) / size for j in range(size)]
    own = row[0]
    rest = mp.fsum(re**2 + im**2 for re, im in zip(row[1:], imag[1:]))
    total = mp.mpf(0)
    for start in (1, -1) if diagonal else (0,):
        # the pattern is kept by the projector: Σ_j P_0j ξ_j = ξ_0, its own part P_00 among them
        mean, width = v["m"] * (1 - own) + own * start, mp.sqrt(rest * (1 - v["m"] ** 2))
        right = mp.quad(mp.npdf, [-mean / width, -mean / width + 3, -mean / width + 8, -mean / width + 40])
        total += (2 * right - 1) * ((1 + start * v["m"]) / 2 if diagonal else 1)
    return total


def _one_step(p: Point) -> list[mp.mpf]:
    at = _named(p)

    def beyond(z: mp.mpf) -> mp.mpf:
        asked = -mp.sqrt(1 - at["m"] ** 2) * z / at["m"]
        return mp.mpf(1) if asked <= at["kappa"] else mp.ncdf(-asked)

    kink = -at["m"] * at["kappa"] / mp.sqrt(1 - at["m"] ** 2)
    return [2 * _over_z(beyond, [kink]) - 1]


@cache
def cells(points: int, dimension: int, flat: bool = False) -> int:
    """Labellings of points on the moment curve that a plane through the origin makes; ``flat``: all of them in one plane."""
    if flat or dimension == 1:
        return cells(points, dimension - 1) if flat else 2
    vectors = [[(j + 2) ** k for k in range(dimension)] for j in range(points)]
    found = set()
    for zero in combinations(range(points), dimension - 1):
        normal = sp.Matrix([vectors[j] for j in zero]).nullspace()[0]
        fields = [sum(a * b for a, b in zip(normal, v)) for v in vectors]
        for side, chosen in product((1, -1), product((1, -1), repeat=dimension - 1)):
            own = dict(zip(zero, chosen))
            found.add(tuple(own.get(j) or side * int(math.copysign(1, f)) for j, f in enumerate(fields)))
    return len(found)
