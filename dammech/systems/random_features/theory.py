"""The error of kernels in random features, of the energy of many memories, and of the path of a gradient descent."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import at_infinity, extrapolated_to_zero, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem, Theory
from dammech.systems.random_features.model import ENERGY, PATHS

Y, K, beta = sp.symbols("Y K beta", positive=True)
k, d, e = sp.symbols("k d e", positive=True)
epsilon, v = sp.symbols("epsilon v", positive=True)
steps, slope, size, worst = sp.symbols("L Lambda a eta", positive=True)
share, depth, delta = sp.symbols("C_2 E delta", real=True)

#: variance of the sum of all kernels at a memory from which the others are far
_FAR = {"pairs": (K - 1) / (2 * Y), "phases": (2 * K - 1) / (2 * Y)}


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    return {ENERGY: energy, PATHS: paths}


def theory() -> Theory:
    """Both, as one document."""
    words = "What it costs that kernels are sums of random features: the error of the energy, and of the dynamics."
    return Theory("random-features", "Memories in random features", words, [energy(), paths()])


@cache
def energy() -> Theorem:
    """Unbiased features with known variances; what they leave of the energy, and how many memories that allows."""
    both = (sp.exp(-beta * (d - e) ** 2 / 2) + sp.exp(-beta * (d + e) ** 2 / 2)) / 2 - sp.exp(-beta * (d**2 + e**2) / 2)
    kernels = symbol_points({k: ["0.3", "0.8"], Y: ["7"]})
    far = symbol_points({K: [2, 3, 4], Y: ["7"]})
    return Theorem(
        ENERGY, "Energy of a memory in random features",
        "Y frequencies of law N(0, β) hold K memories with the error ((K − 1)/2Y)^½ of βE at a memory: K is linear in Y.",
        [
            Step("Mean", ["k"], (sp.exp(-beta * d**2 / 2),),
                 "ω·(x − y) is Gaussian of variance β|x − y|²; the term with a random phase has no mean",
                 "numerical integral over the frequency and sum over phases", symbol_points({beta: ["1.3"], d: ["0.4", "1.1"]}),
                 _mean, source="rahimi2007"),
            Step("Variance, pairs", [r"\mathrm{Var}\,\hat k"], ((1 - k**2) ** 2 / (2 * Y),),
                 "⟨cos² ω·(x − y)⟩ = (1 + k⁴)/2: nothing fluctuates at distance 0", "numerical integral over the frequency",
                 kernels, lambda p: [_variance(p, False)], source="rahimi2007"),
            Step("Variance, phases", [r"\mathrm{Var}\,\hat k"], ((1 + k**4 / 2 - k**2) / Y,),
                 "2 cos a cos b = cos(a − b) + cos(a + b), and the phase makes the second an independent one of variance ½",
                 "numerical integral over the frequency, sum over 8 phases", kernels, lambda p: [_variance(p, True)],
                 source="rahimi2007"),
            Step("Two memories", [r"Y\,\mathrm{Cov}(\hat k, \hat k')"], (both,),
                 "pairs; memories at distances d and e on a line through x: a product of two cosines",
                 "numerical integral over the frequency", symbol_points({beta: ["1.3"], d: ["0.4", "1.1"], e: ["0.7"]}), _two),
            *(Step(f"All memories, {waves}", [r"\mathrm{Var}\,\hat S"], (found,),
                   "S = Σ_μ k(x, ξ^μ) at a memory, the others so far that kernels vanish: no two terms are correlated",
                   "sum over all phases of the waves, four values of each",
                   far, partial(_far_memories, waves),
                   assumption="β|ξ − ξ′|² → ∞")
              for waves, found in _FAR.items()),
            Step("Logarithm", [r"\langle(\beta\Delta E)^2\rangle_1", r"\langle(\beta\Delta E)^2\rangle_2"],
                 (v, sp.Rational(11, 4) * v**2),
                 "βΔE = −log(1 + u), u Gaussian of variance v: the first two orders of ⟨log²(1 + u)⟩",
                 "numerical integral at v/N up to N = 900, extrapolated", symbol_points({v: ["0.9", "0.7"]}), _logarithm,
                 assumption="Y → ∞: the mean of Y features is Gaussian, and positive", tolerance=1e-7),
            *(Step(f"Capacity, {waves}", ["K"], (sp.solve(sp.Eq(found, epsilon**2), K)[0].expand(),),
                   "the error of βE to leading order is ε", "root of the sum over phases, interpolated in K",
                   symbol_points({Y: ["70", "31"], epsilon: ["0.1", "0.2"]}), partial(_capacity, waves),
                   source="hoover2024")
              for waves, found in _FAR.items()),
        ],
        ("hoover2024", "rahimi2007"),
    )  # fmt: skip


@cache
def paths() -> Theorem:
    """The bounds on how far L steps of gradient descent on both energies come apart."""
    growth = sp.expand(size * slope)
    published = steps * worst * size * (1 - (steps * growth) ** steps) / (1 - steps * growth)
    crowd = 1 + 2 * K * beta * sp.exp(beta / 2)
    return Theorem(
        PATHS, "Gradient descent in random features",
        "Where gradients differ by at most η and that of E has the Lipschitz constant Λ, paths of L steps of size a come apart "
        "by at most η((1 + aΛ)^L − 1)/Λ; the published bound is larger. The typical error is smaller by √K.",
        [
            Step("Paths come apart", [r"|x_L - \hat x_L|"], (worst * ((1 + growth) ** steps - 1) / slope,),
                 "each step multiplies what is there by at most 1 + aΛ and adds aη", "the recursion, step by step",
                 symbol_points({steps: [1, 2, 5], size: ["0.1"], slope: ["3.7"], worst: ["0.2"]}), _recursion),
            Step("Published form", [r"|x_L - \hat x_L|"], (published,),
                 "binomial coefficients C(L, j+1) ≤ L^{j+1}: a geometric sum with the ratio r = aLΛ",
                 "the sum, term by term", symbol_points({steps: [1, 2, 5], size: ["0.1"], slope: ["3.7"], worst: ["0.2"]}),
                 _published, source="hoover2024"),
            Step("Gradients", [r"\eta"], (2 * K * delta * sp.exp(beta * depth),),
                 "k̂ in the place of k changes Σ k (x − ξ) and Σ k by at most Kδ each, |x − ξ| ≤ 1, and e^{βE} = 1/Σ k",
                 "the two differences, one after the other, at K equal errors",
                 symbol_points({K: [2, 3], delta: ["0.01"], beta: ["1.3"], depth: ["-0.4", "0.3"]}), _gradients,
                 assumption="the gradient of the features is that of k̂_μ (x − ξ^μ)", source="hoover2024"),
            Step("Small steps", [r"|x_L - \hat x_L|"],
                 (share * delta * sp.exp(beta * (depth - sp.Rational(1, 2))) / (beta * (1 - share)),),
                 "a = C₂/(LΛ) with Λ = 1 + 2Kβe^{β/2}, of which the 1 is left out; r = C₂ < 1",
                 "the published form at that step, many steps and memories, extrapolated in 1/K",
                 symbol_points({share: ["0.3", "0.6"], delta: ["0.01"], beta: ["1.3"], depth: ["-0.4"]}),
                 lambda p: [_small_steps(p, crowd)], source="hoover2024"),
        ],
        ("hoover2024",),
    )  # fmt: skip


# -- the other route --------------------------------------------------------------------------------------------------


def _over_frequencies(function: Any) -> mp.mpf:
    """Mean over a standard Gaussian frequency, by the trapezoid."""
    h = mp.mpf("0.2")
    return h * mp.fsum(mp.npdf(j * h) * function(j * h) for j in range(-65, 66))


def _over_phases(function: Any) -> mp.mpf:
    return mp.fsum(function(2 * mp.pi * j / 8) for j in range(8)) / 8


def _mean(p: Any) -> list[mp.mpf]:
    apart, scale, at = number(p[d]), mp.sqrt(number(p[beta])), mp.mpf("0.3")
    return [_over_frequencies(lambda w: _over_phases(
        lambda b: 2 * mp.cos(scale * w * at + b) * mp.cos(scale * w * (at + apart) + b)))]  # fmt: skip


def _variance(p: Any, phases: bool) -> mp.mpf:
    apart, at = mp.sqrt(-2 * mp.log(number(p[k]))), mp.mpf("0.3")

    def feature(w: mp.mpf, b: mp.mpf) -> mp.mpf:
        one = mp.cos(w * at + b) * mp.cos(w * (at + apart) + b)
        return 2 * one if phases else one + mp.sin(w * at + b) * mp.sin(w * (at + apart) + b)

    square = _over_frequencies(lambda w: _over_phases(lambda b: feature(w, b) ** 2))
    mean = _over_frequencies(lambda w: _over_phases(lambda b: feature(w, b)))
    return (square - mean**2) / number(p[Y])


def _two(p: Any) -> list[mp.mpf]:
    one, other = (number(p[x]) * mp.sqrt(number(p[beta])) for x in (d, e))
    means = [_over_frequencies(lambda w, x=x: mp.cos(w * x)) for x in (one, other)]
    return [_over_frequencies(lambda w: mp.cos(w * one) * mp.cos(w * other)) - means[0] * means[1]]


def _at_a_memory(waves: str, count: int) -> mp.mpf:
    """Variance of one frequency's part of S: phases at far memories are independent, and four values enough for squares."""
    quarter = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    eighths = [(mp.cos(mp.pi * (j + mp.mpf("0.5")) / 4), mp.sin(mp.pi * (j + mp.mpf("0.5")) / 4)) for j in range(8)]
    sums = []
    for here in eighths:
        for others in itertools.product(quarter, repeat=count - 1):
            seen = [here, *others]
            sums.append(mp.fsum((here[0] * c + here[1] * s) if waves == "pairs" else 2 * here[0] * c for c, s in seen))
    mean = mp.fsum(sums) / len(sums)
    return mp.fsum((x - mean) ** 2 for x in sums) / len(sums)


def _logarithm(p: Any) -> list[mp.mpf]:
    whole = number(p[v])
    sizes = (100, 150, 200, 300, 400, 500, 600, 700, 800, 900)
    with mp.workdps(25):
        scaled = {}
        for n in sizes:
            width = mp.sqrt(whole / n)
            square = _over_frequencies(lambda z, width=width: mp.log(abs(1 + width * z)) ** 2 if abs(z) < 9 else 0)
            scaled[n] = square * n
        first = at_infinity(scaled)
        return [first, at_infinity({n: (x - whole) * n for n, x in scaled.items()})]


def _far_memories(waves: str, p: Any) -> list[mp.mpf]:
    return [_at_a_memory(waves, int(p[K])) / number(p[Y])]


def _capacity(waves: str, p: Any) -> list[mp.mpf]:
    goal = number(p[epsilon]) ** 2 * number(p[Y])
    two, three = (_at_a_memory(waves, count) for count in (2, 3))
    return [2 + (goal - two) / (three - two)]


def _recursion(p: Any) -> list[mp.mpf]:
    a, rate, eta, apart = *(number(p[x]) for x in (size, slope, worst)), mp.mpf(0)
    for _ in range(int(p[steps])):
        apart = apart * (1 + a * rate) + a * eta
    return [apart]


def _published(p: Any) -> list[mp.mpf]:
    a, rate, eta, count = *(number(p[x]) for x in (size, slope, worst)), int(p[steps])
    return [mp.fsum(count * a * eta * (a * count * rate) ** j for j in range(count))]


def _gradients(p: Any) -> list[mp.mpf]:
    count, error, total = int(p[K]), number(p[delta]), mp.exp(-number(p[beta]) * number(p[depth]))
    pull = mp.fsum(error for _ in range(count)) / total  # of Σ k (x − ξ) at |x − ξ| = 1
    return [pull + mp.fsum(error for _ in range(count)) / total]


def _small_steps(p: Any, crowd: sp.Expr) -> mp.mpf:
    ratio, error, b, low = (number(p[x]) for x in (share, delta, beta, depth))
    values = []
    counts = [mp.mpf(10) ** j for j in (4, 5, 6, 7, 8, 9)]
    for many in counts:
        rate = 1 + 2 * many * b * mp.exp(b / 2)
        values.append(2 * ratio / rate * many * error * mp.exp(b * low) / (1 - ratio))  # r^L → 0
    return extrapolated_to_zero([1 / many for many in counts], values)
