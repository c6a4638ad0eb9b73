"""Thresholds of exponential memories, each against exact laws at finite N; the binary memory at a temperature; a known bound."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.averages import log2cosh
from dammech.derive.evaluate import evaluate
from dammech.derive.loads import SIMILARITIES, ExponentialLoad, norm, queries, share, sharpness
from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem

s, eta = sharpness, share
rho, sigma, g, f = (sp.Symbol(name, positive=True) for name in ("rho", "sigma", "g", "f"))
load, temperature = sp.Symbol("alpha", positive=True), sp.Symbol("T", positive=True)
#: where exact laws are extrapolated from
_SIZES = (60, 80, 120, 160, 240, 320, 480, 640, 960)


def derivations() -> dict[str, Callable[[], Theorem]]:
    """By name, what makes each."""
    return {
        "exponential.thresholds": thresholds,
        "exponential.similarities": similarities,
        "exponential.temperature": at_temperature,
        "exponential.bound": bound,
    }


def thresholds() -> Theorem:
    """Noise, plateaus and thresholds of one pattern and of all, with the dot product."""
    by_name = {name: _load(name, "overlap") for name in ("gaussian", "spherical", "binary")}
    noise = {
        "gaussian": s**2 / 2,
        "spherical": (sp.sqrt(1 + 4 * s**2) - 1) / 2 - sp.log((1 + sp.sqrt(1 + 4 * s**2)) / 2) / 2,
        "binary": log2cosh(s) - sp.log(2),
    }
    kept = {norm: (sp.sqrt(1 + 4 * s**2) - 1) / 4}  # where −G is stationary in the multiplier
    for name, load in by_name.items():
        point = {rho: sp.Rational(1, 3), s: sp.Rational(6, 5)}
        assert abs(evaluate((load.rate.xreplace(kept) + noise[name] - s * rho), point, 30)) < 1e-25
    tilted = {"gaussian": s, "spherical": (sp.sqrt(1 + 4 * s**2) - 1) / (2 * s), "binary": sp.tanh(s)}
    plateau = {
        "gaussian": rho**2 / 2,
        "spherical": -sp.log(1 - rho**2) / 2,
        "binary": ((1 + rho) * sp.log(1 + rho) + (1 - rho) * sp.log(1 - rho)) / 2,
    }
    onset = {"gaussian": rho, "spherical": rho / (1 - rho**2), "binary": sp.atanh(rho)}
    at, over = symbol_points({s: ["0.4", "1.7"]}), symbol_points({rho: ["0.3", "0.8"]})
    norm_rate = _load("gaussian", "overlap").pair_rate.xreplace({rho: sp.Integer(1)})
    return Theorem(
        "exponential.thresholds", "Thresholds of exponentially many patterns",
        "Of P = e^{αN} patterns a typical one is retrieved below max_{s ≤ β} [sρ − ζ(s)]; all of them below half of the exponent "
        "of one pair, or where rare targets fail.",
        [
            Step("Noise", [r"\zeta_G(s)", r"\zeta_S(s)", r"\zeta_B(s)"], tuple(noise.values()),
                 "ζ = log⟨e^{sξ′x}⟩ of one component at |x|² = N, of Gaussian, spherical and binary patterns; the norm of "
                 "spherical ones is kept by a multiplier", "exact mean of e^{sξ′·x} at finite N (a Gaussian integral, a Bessel "
                 "function, a sum over all overlaps), extrapolated", at, _means, source="lucibello2024", tolerance=1e-9),
            Step("Overlap of the tilted patterns", ["q_G(s)", "q_S(s)", "q_B(s)"], tuple(tilted.values()), "q = ζ′(s)",
                 "mean overlap under the weight e^{sξ′·x} at finite N, extrapolated", at, _overlaps, tolerance=1e-9),
            Step("Plateau", ["I_G", "I_S", "I_B"], tuple(plateau.values()),
                 "the maximum of sρ − ζ(s): the nearest wrong pattern is as similar as the target",
                 "exact probability that one wrong pattern is as similar (error function, Beta and binomial tails), extrapolated",
                 over, _tails, source="lucibello2024", tolerance=1e-8,
                 hypotheses=(Hypothesis("the noise condenses below β", ({rho: sp.Rational(4, 5)},), _uncondensed),)),
            Step("Condensation", ["s^*_G", "s^*_S", "s^*_B"], tuple(onset.values()), "s* = I′(ρ), where q(s*) = ρ",
                 "slope of the exact density of overlaps at finite N, extrapolated", over, _slopes, source="derrida1981",
                 tolerance=1e-9),
            Step("Signs", [r"2\beta m - \log\cosh 2\beta"], (_load("binary", "flip").rate.xreplace({s: 2 * s}),),
                 "signal to noise of one spin: its field is a sum of random signs, whose variance is a mean of e^{2βξ·x}; s is β",
                 "mean square of the field by enumeration of all overlaps at finite N",
                 symbol_points({s: ["0.4", "1.1"], f: ["0.1", "0.25"]}), lambda p: [_signal_to_noise(p)],
                 source="demircigil2017"),
            Step("Pairs", [r"\psi_\eta(s)"], (norm_rate,),
                 "targets of any norm and wrong patterns at once, Gaussian patterns that are queries of themselves: "
                 "−log⟨e^{−ηsξ²}⟨e^{sξξ′}⟩^η⟩", "two nested sums over a fine grid",
                 symbol_points({s: ["0.4", "0.9"], eta: ["0.5", "1"]}), lambda p: [_pairs(p)], tolerance=1e-18),
            Step("All Gaussian patterns", [r"\alpha_{all}"], (norm_rate.xreplace({eta: sp.Integer(1), s: sp.Integer(1)}) / 2,),
                 "η = 1 and s = 1: half of the exponent of a pair", "exact probability that a given pattern is more similar to "
                 "another than that is to itself, a Beta tail, extrapolated", [{}], lambda p: [_norms()], tolerance=1e-9),
        ], ("lucibello2024", "demircigil2017", "derrida1981"),
    )  # fmt: skip


def similarities() -> Theorem:
    """Plateaus of similarities of Gaussian patterns under noise and masks."""
    euclid, dot = (sp.simplify(_load("gaussian", "noise", name).rate) for name in ("euclidean", "dot"))
    shannon = sp.log(1 + 1 / sigma**2) / 2
    return Theorem(
        "exponential.similarities", "Which similarity retrieves most",
        "With Gaussian noise Euclidean distance and cosine reach the mutual information of query and target, the dot product "
        "does not; under a mask the cosine beats the dot product, too.",
        [
            Step("Noise", ["G_E(s)", "G_D(s)"], (euclid, dot),
                 "distance and dot product of queries with noise: s⟨s(ξ,x)⟩ − ⟨log⟨e^{s s(ξ′,x)}⟩⟩", "sums over a fine grid",
                 [{s: sp.Rational(2, 5), sigma: sp.Rational(3, 5)}, {s: sp.Rational(4, 5), sigma: sp.Rational(6, 5)}],
                 lambda p: [_rate(p, lambda a, b: -((a - b) ** 2) / 2), _rate(p, lambda a, b: a * b)],
                 source="millidge2022", tolerance=1e-14),
            Step("Capacity under noise", [r"\alpha_E", r"\alpha_D"],
                 (sp.simplify(euclid.xreplace({s: 1 / sigma**2})), sp.simplify(dot.xreplace({s: 1 / (1 + sigma**2)}))),
                 "their maxima, at s = 1/σ² and 1/(1 + σ²)",
                 "mutual information of query and target, an integral over both; exact tail of a Gaussian overlap at finite N, "
                 "extrapolated", symbol_points({sigma: ["0.6", "1.3"]}),
                 lambda p: [_information(p), _overlap_tail(p)], tolerance=1e-9),
            Step("Shannon", [r"\alpha_E"], (shannon,), "the same in one logarithm",
                 "probability that a wrong direction is as close as the noisy target's, a Beta tail, extrapolated: the cosine",
                 symbol_points({sigma: ["0.6", "1.3"]}), lambda p: [_angle(1 / mp.sqrt(1 + number(p[sigma]) ** 2))],
                 tolerance=1e-8),
            Step("Capacity under a mask", [r"\alpha_D", r"\alpha_C"], ((1 - g) / 2, -sp.log(g) / 2),
                 "dot product and cosine where a fraction g is set to 0: |x|² = (1 − g)N and the angle has ρ² = 1 − g",
                 "exact tails of a Gaussian overlap and of an angle, extrapolated", symbol_points({g: ["0.25", "0.6"]}),
                 lambda p: [_masked(p), _angle(mp.sqrt(1 - number(p[g])))], source="millidge2022", tolerance=1e-8),
        ], ("millidge2022", "lucibello2024"),
    )  # fmt: skip


def at_temperature() -> Theorem:
    """Spins at a temperature with the energy of the binary memory: where retrieval is a state, and where it is the deepest."""
    m = sp.tanh(1 / temperature)
    retrieval = -temperature * log2cosh(1 / temperature)
    paramagnet = -temperature * sp.log(2) - (load + log2cosh(s) - sp.log(2)) / s
    return Theorem(
        "exponential.temperature", "The binary exponential memory at a temperature",
        "With H = −(1/λ) log Σ_μ e^{λξ·σ} spins align with one pattern as in a unit field as long as it outweighs the others, "
        "below λ tanh(1/T) − log cosh λ; that state is the deepest below the load where both free energies are equal.",
        [
            Step("Free energies", ["f_R", "f_P"], (retrieval, paramagnet),
                 "one pattern outweighs all others, H = −ξ·σ; or no pattern does, and Σ_μ e^{λξ·σ} is its mean (s is λ)",
                 "log of the partition function: spins in a unit field, and P = e^{αN} patterns summed at T = 1/λ, where "
                 "Z = P (2 cosh λ)^N exactly",
                 symbol_points({temperature: ["0.5", "0.8"], s: ["0.9"], load: ["0.2"]}), lambda p: _free_energies(p)),
            Step("Overlap", ["m"], (m,), "m = −∂f_R/∂h in the unit field", "mean over the two states of one spin",
                 symbol_points({temperature: ["0.5", "1.4"]}), lambda p: [_spin(number(p[temperature]))]),
            Step("Spinodal", [r"\alpha_s(T)"], (s * m - log2cosh(s) + sp.log(2),),
                 "λm = ζ(λ) + α: beyond it the wrong patterns outweigh the condensed one at its own overlap",
                 "root of the ratio of both weights at N = 4000, summed over all overlaps exactly",
                 symbol_points({temperature: ["0.5", "1.4"], s: ["0.4", "1.2"]}), lambda p: [_outweighed(p)],
                 assumption="λ ≤ artanh m: the noise has not condensed", source="lucibello2024"),
            Step("Transition", [r"\alpha_t(T)"],
                 (sp.expand(s * temperature * (log2cosh(1 / temperature) - sp.log(2)) - log2cosh(s) + sp.log(2)),),
                 "f_R = f_P", "numerical root of the difference of both free energies",
                 symbol_points({temperature: ["0.5", "1.4"], s: ["0.4", "0.7"]}), lambda p: [_crossing(p)]),
        ], ("lucibello2024",),
    )  # fmt: skip


def bound() -> Theorem:
    """A proven number of patterns on the sphere, as an exponent beside the threshold."""
    exponent = sp.Symbol("a", positive=True)
    return Theorem(
        "exponential.bound", "How many patterns are proven to be retrieved",
        "On a sphere of radius K√(d−1) a theorem stores n ≥ √p c^{(d−1)/4} patterns, where c log c = b: e^{ad} of them at "
        "λ = βK² = 10 a e^{4a}, which lies below the threshold by far.",
        [
            Step("Exponent", [r"\lambda(a)"], (10 * exponent * sp.exp(4 * exponent),),
                 "c = b/W₀(e^{a′ + log b}) with b = 2λ/5 and a′ → 0 as d → ∞; c = e^{4a}",
                 "root in λ of the theorem's own formula at d = 10¹⁵ and p = 10⁻³",
                 symbol_points({exponent: ["0.1", "0.4"]}), lambda p: [_proven(number(p[exponent]))], source="ramsauer2021",
                 tolerance=1e-11),
        ], ("ramsauer2021",),
    )  # fmt: skip


def _load(patterns: Any, query: str, similarity: str = "dot") -> ExponentialLoad:
    components, parameter, fixed = queries(patterns)[query]
    return ExponentialLoad(patterns, components, SIMILARITIES[similarity], (parameter,), fixed)


# -- the other route --------------------------------------------------------------------------------------------------


def _means(p: Any) -> list[mp.mpf]:
    u = number(p[s])
    return [
        mp.log(_gaussian(lambda x: mp.exp(u * x))),
        at_infinity({n: _mean_at(1, u, n) for n in _SIZES}),
        _mean_at(2, u, 40),
    ]


def _mean_at(law: int, u: mp.mpf, size: int) -> mp.mpf:
    """(1/N) log of the mean of e^{uξ·x}."""
    if law == 0:
        return u**2 / 2
    if law == 2:
        return (
            mp.log(
                mp.fsum(mp.binomial(size, k) * mp.exp(u * (size - 2 * k)) for k in range(size + 1)) / mp.mpf(2) ** size
            )
            / size
        )
    order = mp.mpf(size) / 2 - 1
    return mp.log(mp.gamma(order + 1) * (2 / (u * size)) ** order * mp.besseli(order, u * size)) / size


def _overlaps(p: Any) -> list[mp.mpf]:
    u, size = number(p[s]), 40
    weights = [mp.binomial(size, k) * mp.exp(u * (size - 2 * k)) for k in range(size + 1)]
    binary = mp.fsum(w * (1 - mp.mpf(2 * k) / size) for k, w in enumerate(weights)) / mp.fsum(weights)
    gauss = _gaussian(lambda x: x * mp.exp(u * x)) / _gaussian(lambda x: mp.exp(u * x))
    ratios = {n: mp.besseli(mp.mpf(n) / 2, u * n) / mp.besseli(mp.mpf(n) / 2 - 1, u * n) for n in _SIZES}
    return [gauss, at_infinity(ratios), binary]


def _slopes(p: Any) -> list[mp.mpf]:
    """Of (1 − q²)^{(N−3)/2}, of pairs of neighbouring binomials, and of a Gaussian, at N → ∞."""
    r = number(p[rho])
    with mp.workdps(60):
        angle = {n: -mp.diff(lambda q, n=n: (n - 3) * mp.log(1 - q**2) / 2, r) / n for n in _SIZES}
        gauss = -mp.diff(lambda q: mp.log(mp.npdf(q * 20, 0, 20)), r) * 400 / 400
    sizes = (80, 120, 160, 240, 320, 480, 640, 960, 1280)
    signs = {n: mp.log(mp.binomial(n, (1 - r) / 2 * n + 1) / mp.binomial(n, (1 - r) / 2 * n)) / 2 for n in sizes}
    return [gauss, at_infinity(angle), at_infinity(signs)]


def _gaussian(function: Callable[[Any], Any]) -> mp.mpf:
    """The mean over a standard Gaussian variable on a grid, whose error falls faster than any power of its step."""
    grid = [mp.mpf(k) / 5 for k in range(-80, 81)]
    return mp.fsum(function(x) * mp.exp(-(x**2) / 2) for x in grid) / mp.sqrt(2 * mp.pi) / 5


def _exponent(log_tail: Callable[[int], mp.mpf], sizes: tuple[int, ...] = _SIZES) -> mp.mpf:
    """−lim (1/N) log p_N of a tail p_N ~ e^{−NI}/√N."""
    return at_infinity({n: -(log_tail(n) + mp.log(n) / 2) / n for n in sizes})


def _tails(p: Any) -> list[mp.mpf]:
    r = number(p[rho])
    return [
        _exponent(lambda n: mp.log(mp.erfc(r * mp.sqrt(mp.mpf(n) / 2)) / 2)), _angle(r),
        _exponent(lambda n: mp.log(_binomial_tail(n, int(mp.nint((1 - r) / 2 * n)))), (80, 120, 160, 240, 320, 480, 640, 960)),
    ]  # fmt: skip


def _angle(r: mp.mpf) -> mp.mpf:
    return _exponent(
        lambda n: mp.log(mp.betainc((n - mp.mpf(1)) / 2, mp.mpf(1) / 2, 0, 1 - r**2, regularized=True) / 2)
    )


def _binomial_tail(size: int, most: int) -> mp.mpf:
    return mp.mpf(sum(math.comb(size, k) for k in range(most + 1))) / mp.mpf(2) ** size


def _uncondensed(p: Any) -> list[mp.mpf]:
    """Thresholds at β = 1/10, far below condensation."""
    r, u = number(p[rho]), mp.mpf(1) / 10
    return [u * r - _mean_at(k, u, 400) for k in range(3)]


def _signal_to_noise(p: Any) -> mp.mpf:
    """(1/n) log of signal squared over the mean square of one wrong pattern's field, from the n other spins."""
    u, wrong, size = number(p[s]), number(p[f]), 40
    signal = mp.exp(u * size * (1 - 2 * wrong))
    square = mp.fsum(mp.binomial(size, k) * mp.exp(2 * u * (size - 2 * k)) for k in range(size + 1)) / mp.mpf(2) ** size
    return mp.log(signal**2 / square) / size


def _pairs(p: Any) -> mp.mpf:
    u, power = number(p[s]), number(p[eta])
    with mp.workdps(22):
        return -mp.log(_gaussian(lambda y: mp.exp(-power * u * y**2) * _gaussian(lambda x: mp.exp(u * x * y)) ** power))


def _norms() -> mp.mpf:
    half = mp.mpf(1) / 2
    return _exponent(lambda n: mp.log(mp.betainc(mp.mpf(n) / 2, half, 0, half, regularized=True) / 2)) / 2


def _rate(p: Any, similarity: Callable[[Any, Any], Any]) -> mp.mpf:
    """G(s) by sums over the query and over a wrong pattern."""
    u, wide = number(p[s]), number(p[sigma])
    spread = mp.sqrt(1 + wide**2)
    with mp.workdps(22):
        noise = _gaussian(lambda y: mp.log(_gaussian(lambda a: mp.exp(u * similarity(a, spread * y)))))
        signal = _gaussian(lambda a: _gaussian(lambda b: similarity(a, a + wide * b)))
    return u * signal - noise


def _information(p: Any) -> mp.mpf:
    """Entropy of the query less that of the noise, from their densities."""
    wide = number(p[sigma])
    spread = mp.sqrt(1 + wide**2)

    def entropy(width: mp.mpf) -> mp.mpf:
        def density(y: Any) -> mp.mpf:
            return mp.exp(-((y / width) ** 2) / 2) / (width * mp.sqrt(2 * mp.pi))

        return -mp.quad(lambda y: density(y) * mp.log(density(y)), [-13 * width, 0, 13 * width])

    return entropy(spread) - entropy(wide)


def _overlap_tail(p: Any) -> mp.mpf:
    """ξ′·x of variance (1 + σ²)N reaches ξ·x = N."""
    square = 1 + number(p[sigma]) ** 2
    return _exponent(lambda n: mp.log(mp.erfc(mp.sqrt(mp.mpf(n) / (2 * square))) / 2))


def _masked(p: Any) -> mp.mpf:
    seen = 1 - number(p[g])
    return _exponent(lambda n: mp.log(mp.erfc(mp.sqrt(mp.mpf(n) * seen / 2)) / 2))


def _free_energies(p: Any) -> list[mp.mpf]:
    t, u, a = number(p[temperature]), number(p[s]), number(p[load])
    states = mp.fsum(mp.binomial(30, k) * mp.exp((30 - 2 * k) / t) for k in range(31))
    # at T = 1/λ the annealed sum is exact: Z = e^{αN} (2 cosh λ)^N, f = −log Z/(λN); the internal energy is that at every T
    pairs = mp.log(mp.exp(u) + mp.exp(-u))
    energy = -(a + pairs) / u + mp.log(2) / u
    return [-t * mp.log(states) / 30, energy - t * mp.log(2)]


def _spin(t: mp.mpf) -> mp.mpf:
    up, down = mp.exp(1 / t), mp.exp(-1 / t)
    return (up - down) / (up + down)


def _outweighed(p: Any) -> mp.mpf:
    u, m = number(p[s]), _spin(number(p[temperature]))
    return mp.findroot(lambda a: u * m - a - _mean_at(2, u, 60), mp.mpf("0.1"))


def _crossing(p: Any) -> mp.mpf:
    def gap(a: Any) -> mp.mpf:
        retrieval, paramagnet = _free_energies({**p, load: a})
        return retrieval - paramagnet

    return mp.findroot(gap, (mp.mpf("0.1"), mp.mpf("0.3")), solver="secant", tol=mp.mpf(10) ** -50, verify=False)


def _proven(exponent: mp.mpf) -> mp.mpf:
    """λ at which the bound of ramsauer2021 has this exponent."""
    d, p = mp.mpf(10) ** 15, mp.mpf(10) ** -3

    def grown(u: Any) -> mp.mpf:
        b, a = 2 * u / 5, 2 / (d - 1) * (1 + mp.log(2 * u * p * (d - 1)))
        c = b / mp.lambertw(mp.exp(a + mp.log(b))).real
        return (mp.log(p) / 2 + (d - 1) / 4 * mp.log(c)) / d - exponent

    return mp.findroot(grown, (mp.mpf("0.5"), mp.mpf(2)), solver="secant", tol=mp.mpf(10) ** -40, verify=False)
