"""Clipped couplings (parisi1986): each is a walk between two walls, and remembers a pattern until it meets one."""

from __future__ import annotations

import mpmath as mp
import sympy as sp

from dammech.derive.ages import clipped_variance, integral_up_to
from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem
from dammech.exact import clipped_moments

mode = sp.Symbol("k", positive=True)
bound = sp.Symbol("A_c", positive=True)
u = sp.Symbol("u", positive=True)
capacity = sp.Symbol("alpha_c", positive=True)
rate = sp.Symbol("varepsilon", positive=True)
_MODES = (1, 3)
_IMAGES = range(-3, 4)


def clipping() -> Theorem:
    """Signal, noise and window of J ← clip(J + ξ, ±a N^{(p−1)/2}), for every order with distinct sites."""
    x = sp.Symbol("x", real=True)
    odd = sp.Symbol("j", integer=True, positive=True)  # k = 2j − 1
    eigenfunction = sp.cos((2 * odd - 1) * sp.pi * x / 2)
    projection = sp.simplify(sp.integrate(eigenfunction, (x, -1, 1)) ** 2 / 2)
    amplitude = (8 / (sp.pi * mode) ** 2)
    assert sp.simplify(projection - amplitude.xreplace({mode: 2 * odd - 1})) == 0
    decay = sp.simplify(-sp.diff(eigenfunction, x, 2) / eigenfunction / 2).xreplace({odd: (mode + 1) / 2})
    # −Σ f(k) over odd k > 0, f = c_k γ_k e^{−γ_k u}; over all odd k it is Σ (−1)^n f̂(n/2)/2, which is short at young ages
    wave = sp.Symbol("n", integer=True)
    term = (amplitude * sp.exp(-decay * u) * decay).xreplace({mode: x})
    transform = sp.simplify(sp.integrate(term * sp.cos(sp.pi * wave * x), (x, -sp.oo, sp.oo)) / 4)
    young = -sp.factor_terms(sp.Add(*[(-1) ** abs(n) * transform.subs(wave, n) for n in _IMAGES]))
    old = -sp.Add(*[term.xreplace({x: sp.Integer(k)}) for k in (1, 3, 5, 7, 9)])
    signal = sp.Add(*[(amplitude * sp.exp(-decay * u)).xreplace({mode: sp.Integer(k)}) for k in _MODES])
    variance, second = clipped_variance(bound), integral_up_to("clipped", sp.oo)
    leading = sp.simplify((3 * u * amplitude**2 * sp.exp(-2 * decay * u)).xreplace({mode: sp.Integer(1)}))
    (best,) = sp.solve(sp.diff(leading, u), u)
    return Theorem(
        "palimpsest.clipping", "Clipped couplings",
        "A coupling clipped at ±A_c is a walk between walls: its stationary variance is A_c(A_c+1)/3, and the share of a "
        "pattern in it is the chance that the walk has met no wall since. With A_c = a N^{(p−1)/2}, u = x/a² is the scaled "
        "age x, the effective load is a²/3 and the weight of a pattern the sum over odd modes below.",
        [
            Step("Stationary variance", [r"\operatorname{var} J"], (variance,),
                 "the walk is reversible with equal weights: uniform over 2A_c + 1 values",
                 "law of the coupling iterated from one wall until it stops changing",
                 symbol_points({bound: [2, 3, 5]}), lambda p: [_variance(int(p[bound]))], source="parisi1986"),
            Step("Modes of the survival", ["c_k", r"\gamma_k"], (amplitude, decay),
                 "diffusion with D = 1/2 between absorbing walls at ±1 from a uniform start: squared projections on cos(kπx/2)",
                 "numerical projections and a numerical second derivative",
                 symbol_points({mode: [1, 3, 5]}), lambda p: _mode(int(p[mode])), source="parisi1986"),
            Step("Signal", ["g(u)"], (signal,), "sum over the odd modes; those above 3 are below 10⁻⁸ for u ≥ 1/2",
                 "exact laws of couplings with bounds 15 to 120, extrapolated in the bound + 1/2",
                 symbol_points({u: ["0.5", "0.7"]}), lambda p: [_signal(number(p[u]))], tolerance=2e-7),
            Step("Effective load", ["A"], (second / rate,), "a²/3 with ε = 1/a², from the stationary variance over N^{p−1}",
                 "variances of iterated laws, extrapolated in the bound", symbol_points({rate: ["3.1", "0.7"]}),
                 lambda p: [at_infinity({size: _variance(size) / size**2 for size in (2, 3, 5, 8)}) / number(p[rate])]),
            *(Step(f"Slope at {name} ages", ["g'(u)"], (claim,), how, "numerical derivative of the sum over modes",
                   symbol_points({u: ages}), lambda p: [_slope(number(p[u]))])
              for name, claim, how, ages in (
                  ("young", young, "Poisson transform of the sum over odd modes; seven terms for u ≤ 1/2", ["0.2", "0.5"]),
                  ("old", old, "derivative of the sum over odd modes; five terms for u ≥ 1/2", ["0.5", "0.9"]))),
            Step("Window of the leading mode", [r"w/\alpha_c", "u"], (sp.simplify(leading.xreplace({u: best})), best),
                 "w = u g(u)² α_c/G with G = 1/3, stationary in u; the higher modes raise 0.294 to 0.2951",
                 "numerical maximum", [{}], lambda p: _widest(), assumption="order 3 and above, T = 0"),
            Step("Blackout", [r"\varepsilon_c"], (second / capacity,), "A = α_c",
                 "numerical root, with the variance of an iterated law", symbol_points({capacity: ["0.11", "0.04"]}),
                 lambda p: [mp.findroot(lambda rate: _variance(3) / (12 * rate) - number(p[capacity]), 5)]),
            Step("Largest bound", [r"a_{max}"], (sp.sqrt(3 * capacity),), "A = a²/3 reaches α_c: blackout",
                 "numerical root, with the variance of an iterated law", symbol_points({capacity: ["0.11"]}),
                 lambda p: [mp.findroot(lambda a: a * a * _variance(3) / 12 - number(p[capacity]), 0.5)]),
        ],
        ("parisi1986",),
    )


# -- the other route --------------------------------------------------------------------------------------------------


def _variance(size: int) -> mp.mpf:
    """Variance of the law that one step of the walk leaves as it is."""
    matrix = mp.matrix(2 * size + 1)
    for k in range(2 * size + 1):
        for step in (-1, 1):
            matrix[min(max(k + step, 0), 2 * size), k] += mp.mpf(1) / 2
    for _ in range(14):
        matrix = matrix * matrix
    return mp.fsum(matrix[k, 0] * (k - size) ** 2 for k in range(2 * size + 1))


def _slope(age: mp.mpf) -> mp.mpf:
    def survival(u: mp.mpf) -> mp.mpf:
        return mp.fsum(8 / (mp.pi * k) ** 2 * mp.exp(-((mp.pi * k) ** 2) * u / 8) for k in range(1, 61, 2))

    with mp.workdps(2 * mp.mp.dps):
        return mp.diff(survival, age)


def _mode(k: int) -> list[mp.mpf]:
    def function(x: mp.mpf) -> mp.mpf:
        return mp.cos(k * mp.pi * x / 2)

    projection = mp.quad(function, [-1, 0, 1]) ** 2 / mp.quad(lambda x: function(x) ** 2, [-1, 0, 1]) / 2
    at = mp.mpf("0.13")
    with mp.workdps(60):
        return [projection, -mp.diff(function, at, 2) / function(at) / 2]


def _signal(age: mp.mpf) -> mp.mpf:
    """Corrections are even powers of 1/(bound + 1/2)."""
    values = {}
    for size in (15, 30, 60, 120):
        wide = mp.mpf(size) + mp.mpf(1) / 2
        steps = float(age * wide**2)
        low = int(steps)
        near = [clipped_moments(size, max(low + j, 0)).signal for j in (-2, -1, 0, 1, 2, 3)]
        x = steps - low
        values[wide**2] = mp.fsum(
            near[a] * mp.fprod((x - (b - 2)) / mp.mpf(a - b) for b in range(6) if b != a) for a in range(6))
    return at_infinity(values)


def _widest() -> list[mp.mpf]:
    amplitude, decay = _mode(1)

    def window(age: mp.mpf) -> mp.mpf:
        return 3 * age * (amplitude * mp.exp(-decay * age)) ** 2

    best = mp.findroot(lambda x: mp.diff(window, x), (mp.mpf("0.35"), mp.mpf("0.45")), solver="secant")
    return [window(best), best]
