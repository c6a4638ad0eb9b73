"""Diffused data as an exponential load, the speciation of two classes, and clusters of memories as mixtures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.averages import GaussianAverage, log2cosh, normal
from dammech.derive.loads import SIMILARITIES, ExponentialLoad, queries, sharpness, z
from dammech.derive.oracles import extrapolated_to_zero, number, place_of_minimum, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem, Theory
from dammech.systems.diffusion.model import BINARY, BRIDGING, GAUSSIAN, SPECIATION

t, alpha, v, r = sp.symbols("t alpha v r", positive=True)
sigma = sp.Symbol("sigma", positive=True)
top, apart = sp.symbols("Lambda M", positive=True)
c, beta, limit, square = sp.symbols("c beta lambda D", positive=True)
first, second, kappa = sp.symbols("a b kappa", real=True)


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    return {GAUSSIAN: gaussian, BINARY: binary, SPECIATION: speciation, BRIDGING: bridging}


def theory() -> Theory:
    """All of it, as one document."""
    words = "The score of diffused data is the field of a dense memory: when it holds one datum, when a class; and mixtures."
    return Theory("diffusion", "Diffusion as associative memory", words, [make() for make in derivations().values()])


@cache
def load_of(data: str) -> ExponentialLoad:
    """The frame of exponential loads for y = x e^t = a + σz in units of the data's deviation."""
    components, parameter, fixed = queries(data)["noise"]  # type: ignore[arg-type]
    return ExponentialLoad(data, components, SIMILARITIES["euclidean"], (parameter,), fixed)  # type: ignore[arg-type]


@cache
def gaussian() -> Theorem:
    """Gaussian data."""
    rate = load_of("gaussian").rate
    at_best = sp.simplify(rate.xreplace({sharpness: 1 / sigma**2}))
    assert sp.simplify(sp.diff(rate, sharpness).xreplace({sharpness: 1 / sigma**2})) == 0, (
        "the matched sharpness is the best one"
    )
    information = sp.log(1 + 1 / sigma**2) / 2
    assert sp.simplify(sp.expand_log(at_best - information, force=True)) == 0
    noise = sp.exp(2 * t) - 1
    (growth,) = sp.solve(
        sp.Eq(1 + v / (sp.Symbol("X", positive=True) - 1), sp.exp(2 * alpha)), sp.Symbol("X", positive=True)
    )
    time = sp.log(1 + v / (sp.exp(2 * alpha) - 1)) / 2
    assert sp.simplify(growth - sp.exp(2 * time)) == 0
    return Theorem(
        GAUSSIAN, "Collapse of Gaussian data",
        "Of e^{αd} data one has all the weight at a point of the process until t_C, where α is the information per component.",
        [
            Step("Noise", [r"\sigma^2"], (noise,), "x e^t = a + σz: noise that came in at time u has grown by e^u",
                 "numerical integral over the times at which noise came in", symbol_points({t: ["0.3", "0.8"]}),
                 lambda p: [mp.quad(lambda u: 2 * mp.exp(2 * u), [0, number(p[t])])], source="biroli2024"),
            Step("Rate", ["G(s)"], (rate,), "the frame of exponential loads; stationary at s = 1/σ², the sharpness of the score",
                 "sums over the other datum inside, over datum and noise outside, on a lattice",
                 symbol_points({sigma: ["0.7", "1.3"], sharpness: ["0.6"]}), partial(_rate, "gaussian"), source="ambrogioni2024"),
            Step("Information", ["G(1/\\sigma^2)"], (information,), "the rate at s = 1/σ²",
                 "entropy of a + σz less that of the noise, by a numerical integral", symbol_points({sigma: ["0.7", "1.3"]}),
                 partial(_information, "gaussian"), source="biroli2024"),
            Step("Collapse", ["t_C"], (time,), "the information is α; σ² = (e^{2t} − 1)/s² in units of the data's deviation",
                 "root in t of the difference of entropies less α",
                 symbol_points({alpha: ["0.2"], v: ["0.7"]}) + symbol_points({alpha: ["0.5"], v: ["2"]}),
                 _collapse, assumption="d → ∞: of the data beyond the typical ones none is there", source="biroli2024"),
        ],
        ("ambrogioni2024", "biroli2024"),
    )  # fmt: skip


@cache
def binary() -> Theorem:
    """Signs."""
    rate = load_of("binary").rate
    information = normal(r - GaussianAverage(log2cosh(r + sp.sqrt(r) * z), z) + sp.log(2))
    return Theorem(
        BINARY, "Collapse of signs",
        "As for Gaussian data, with the information of a sign that Gaussian noise hides; none at α ≥ log 2, where data repeat.",
        [
            Step("Rate", ["G(s)"], (rate,), "the frame of exponential loads with fair signs",
                 "sums over the other sign inside, over the noise outside, on a lattice",
                 symbol_points({sigma: ["0.7", "1.3"], sharpness: ["0.6"]}), partial(_rate, "binary"), source="ambrogioni2024"),
            Step("Information", ["I"], (information,), "the rate at s = 1/σ² = r",
                 "entropy of a + σz less that of the noise, by a numerical integral", symbol_points({r: ["0.8", "2.1"]}),
                 partial(_information, "binary"), source="biroli2024"),
        ],
        ("ambrogioni2024", "biroli2024"),
    )  # fmt: skip


@cache
def speciation() -> Theorem:
    """Two classes."""
    classes = symbol_points({apart: ["5", "12"]})
    return Theorem(
        SPECIATION, "Speciation of two classes",
        "Classes ±m with unit covariance: from the latest on, the score's drift is unstable at the middle, the density has two "
        "maxima, and the largest eigenvalue of the covariance is at the noise. The three differ by O(1), where t_S ~ ½ log d.",
        [
            Step("Speciation", ["t_S"], (sp.log(top) / 2,), "Λe^{−2t} = 1",
                 "root in t; Λ, of the covariance by a numerical integral", symbol_points({top: ["5", "12"]}), _eigenvalue,
                 source="biroli2024"),
            Step("Two maxima", ["t"], (sp.log(apart) / 2,), "M = |m|²: curvature of log p_t at the middle, −1 + Me^{−2t}",
                 "root in t of the curvature, by differences of the density", classes, partial(_curvature, 0, 1)),
            Step("Drift", ["t"], (sp.log(2 * apart) / 2,), "x + 2∂ log p_t has the slope −1 + 2Me^{−2t} at the middle",
                 "root in t of the slope, by differences of the density", classes, partial(_curvature, 1, 2),
                 source="biroli2024"),
        ],
        ("biroli2024",),
    )  # fmt: skip


@cache
def bridging() -> Theorem:
    """Memories as mixtures."""
    seen = load_of("gaussian").rate.xreplace({sharpness: beta})
    at_data = sp.limit(seen, sigma, 0)
    pulls = [sp.exp(kappa * sp.cos(x)) for x in (first, second)]
    along, across = (sum(w * f(x) for w, x in zip(pulls, (first, second))) for f in (sp.cos, sp.sin))
    return Theorem(
        BRIDGING, "Memories as mixtures",
        "How many memories a Chinese restaurant opens, how many data a kernel density tells apart, when a new cluster is opened "
        "as their width vanishes, and that a step of normalised attention climbs the likelihood.",
        [
            Step("Chinese restaurant", [r"\langle K_5 \rangle"], (sum(c / (c + i) for i in range(5)),),
                 "datum i opens a memory with the probability c/(c + i − 1)",
                 "law of the number of memories, by Stirling numbers",
                 symbol_points({c: ["0.7", "2.5"]}), _restaurant, source="schaeffer2024"),
            Step("Kernel density", [r"\alpha(\beta)"], (at_data,),
                 "the frame of exponential loads at a datum, σ = 0, with the width β^{−1/2}: no plateau, for s* = 1/σ²",
                 "sums over the other datum inside, over the datum outside, on a lattice", symbol_points({beta: ["1", "2"]}),
                 lambda p: _rate("gaussian", {sigma: 0, sharpness: p[beta]}), source="schaeffer2024"),
            Step("Narrow clusters", [r"\lim 2h^2\log(p_{old}/p_{new})"], (limit - square,),
                 "c = e^{−λ/2h²}: a datum at the squared distance D of the nearest centre opens a memory where D > λ",
                 "posterior odds at h² = 0.01 and below, extrapolated", symbol_points({limit: ["2.3"], square: ["1.7", "3.1"]}),
                 _odds, assumption="h → 0", source="kulis2012"),
            Step("Normalised attention", [r"\kappa^{-1}(F' - F) \ge"], (sp.sqrt(along**2 + across**2) - along,),
                 "F = Σ e^{κμ·x} is convex, and a step goes to the unit vector on which its gradient κg has the largest "
                 "component; means at angles a and b from x on a circle", "largest component over angles, by search",
                 symbol_points({first: ["0.4"], second: ["-1.1", "2.3"], kappa: ["1.7"]}), _climb, source="schaeffer2024"),
        ],
        ("schaeffer2024", "kulis2012"),
    )  # fmt: skip


# -- the other route --------------------------------------------------------------------------------------------------


_H = mp.mpf("0.2")


def _lattice(function: Any) -> mp.mpf:
    """Mean over a standard Gaussian."""
    return _H * mp.fsum(mp.npdf(j * _H) * function(j * _H) for j in range(-65, 66))


def _over_data(data: str, function: Any) -> mp.mpf:
    return _lattice(function) if data == "gaussian" else (function(mp.mpf(1)) + function(mp.mpf(-1))) / 2


def _rate(data: str, p: Any) -> list[mp.mpf]:
    width, s = number(p[sigma]), number(p[sharpness])

    def of_others(x: mp.mpf) -> mp.mpf:
        return mp.log(_over_data(data, lambda a: mp.exp(-s * (x - a) ** 2 / 2)))

    if data == "gaussian":  # a + σz is one Gaussian
        spread = mp.sqrt(1 + width**2)
        return [-s * width**2 / 2 - _lattice(lambda g: of_others(spread * g))]
    return [-s * width**2 / 2 - _over_data(data, lambda a: _fine(lambda g: of_others(a + width * g)))]


def _fine(function: Any) -> mp.mpf:
    """The mean of a function with poles, on a finer lattice."""
    h = mp.mpf("0.04")
    return h * mp.fsum(mp.npdf(j * h) * function(j * h) for j in range(-325, 326))


def _information(data: str, p: Any) -> list[mp.mpf]:
    square_of_noise = 1 / number(p[r]) if r in p else number(p[sigma]) ** 2
    return [_bits(data, square_of_noise)]


def _bits(data: str, noise: mp.mpf) -> mp.mpf:
    """h(a + σz) − h(σz)."""
    width = mp.sqrt(noise)

    def density(y: mp.mpf) -> mp.mpf:
        if data == "gaussian":
            return mp.npdf(y, 0, mp.sqrt(1 + noise))
        return (mp.npdf(y, 1, width) + mp.npdf(y, -1, width)) / 2

    h = width / 25
    reach = int((1 + 13 * mp.sqrt(1 + noise)) / h)
    values = [density(j * h) for j in range(-reach, reach + 1)]
    return -h * mp.fsum(x * mp.log(x) for x in values) - mp.log(2 * mp.pi * mp.e * noise) / 2


def _collapse(p: Any) -> list[mp.mpf]:
    load, data_variance = number(p[alpha]), number(p[v])

    def excess(time: mp.mpf) -> mp.mpf:
        return _bits("gaussian", mp.expm1(2 * time) / data_variance) - load

    return [mp.findroot(excess, (mp.mpf("0.1"), mp.mpf("1.5")), solver="anderson", tol=mp.mpf(10) ** -60)]


def _eigenvalue(p: Any) -> list[mp.mpf]:
    middle = mp.sqrt(number(p[top]) - 1)
    variance = _lattice(lambda g: ((g + middle) ** 2 + (g - middle) ** 2) / 2)
    return [mp.findroot(lambda time: variance * mp.exp(-2 * time) - 1, (mp.mpf(1), mp.mpf("1.2")))]


def _curvature(own: int, times: int, p: Any) -> list[mp.mpf]:
    """Root of own + times ∂² log p_t."""
    square_of_mean = number(p[apart])

    def slope(time: mp.mpf) -> mp.mpf:
        at = mp.sqrt(square_of_mean) * mp.exp(-time)
        with mp.workdps(2 * mp.mp.dps):
            return own + times * mp.diff(lambda x: mp.log(mp.npdf(x, at, 1) + mp.npdf(x, -at, 1)), 0, 2)

    return [mp.findroot(slope, (mp.mpf(1), mp.mpf("1.2")), tol=mp.mpf(10) ** -60)]


def _restaurant(p: Any) -> list[mp.mpf]:
    strength = number(p[c])
    weights = [mp.mpf(1)]  # of k memories, times the rising factorial: |s(n, k)| c^k
    for n in range(5):
        weights = [n * x + strength * y for x, y in zip([*weights, mp.mpf(0)], [mp.mpf(0), *weights])]
    return [mp.fsum(k * w for k, w in enumerate(weights)) / mp.fsum(weights)]


def _odds(p: Any) -> list[mp.mpf]:
    threshold, distance = number(p[limit]), number(p[square])
    widths = [mp.mpf(1) / k for k in (100, 150, 200, 300, 400, 600)]  # h²

    def odds(h2: mp.mpf) -> mp.mpf:
        old = 3 * mp.exp(-distance / (2 * h2)) / 8  # three of seven data, c beside them
        new = mp.exp(-threshold / (2 * h2)) / 8
        return 2 * h2 * mp.log(old / new)

    return [extrapolated_to_zero(widths, [odds(h2) for h2 in widths])]


def _climb(p: Any) -> list[mp.mpf]:
    angles, sharp = [number(p[x]) for x in (first, second)], number(p[kappa])

    def component(angle: mp.mpf) -> mp.mpf:
        return mp.fsum(mp.exp(sharp * mp.cos(x)) * mp.cos(x - angle) for x in angles)

    best = place_of_minimum(lambda angle: -component(angle), -mp.pi / 2, mp.pi / 2)
    return [component(best) - component(mp.mpf(0))]
