"""Learning rules that make a palimpsest: anchored couplings (L2, and EWC with its diagonal Fisher weights), the delta rule with
one presentation for each pattern, and dreaming at p = 2."""

from __future__ import annotations

import itertools
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.oracles import at_infinity, number, symbol_points
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem
from dammech.exact import delta_moments

strength = sp.Symbol("lambda", positive=True)
fisher = sp.Symbol("F", positive=True)
old = sp.Symbol("J_0", real=True)
target = sp.Symbol("xi", real=True)
step = time = sp.Symbol("t", positive=True)
biases = sp.symbols("b_1:4", real=True)
capacity = sp.Symbol("alpha_c", positive=True)
rate = sp.Symbol("eta", positive=True)
age = sp.Symbol("gamma", positive=True)
load = sp.Symbol("alpha", positive=True)
nap = sp.Symbol("s", positive=True)
x = sp.Symbol("x", positive=True)


def anchoring() -> Theorem:
    """L2 and EWC as palimpsests, and where EWC is something else."""
    new = sp.Symbol("J", real=True)
    cost = (new - target) ** 2 + strength * fisher * (new - old) ** 2
    (minimum,) = sp.solve(sp.diff(cost, new), new)
    anchored = sp.factor(minimum.xreplace({fisher: sp.Integer(1)}))
    decay = sp.simplify(sp.diff(anchored, old))
    stored = sp.simplify(sp.diff(anchored, target))
    # item by item, ∂/∂J (J − ξ)²/2 = J − ξ, at the mean J = E ξ of a task
    mean = sp.Mul(*biases)
    sign = sp.Symbol("sigma", real=True)
    variance = sum((1 + value * mean) / 2 * ((mean - sign) ** 2).xreplace({sign: sp.Integer(value)}) for value in (1, -1))
    information = sp.expand(variance)
    own_decay = sp.simplify(sp.diff(sp.factor(minimum), old))
    size = symbol_points({strength: ["3.7", "0.6"], old: ["0.31"], target: ["1", "-1"]})
    biased = symbol_points({biases[0]: ["0.3"], biases[1]: ["-0.45"], biases[2]: ["0.6", "0"]})
    per_coupling = symbol_points({strength: ["3.7", "0.6"], biases[0]: ["0.3"], biases[1]: ["-0.45"], biases[2]: ["0.6"]})
    return Theorem(
        "palimpsest.anchoring", "Anchored couplings",
        "Storing each pattern by least squares with an L2 anchor at the old couplings multiplies the old ones by λ/(1+λ): an "
        "exponential palimpsest of rate N^{p−1} log(1+1/λ). For unbiased ±1 patterns every coupling has the same Fisher "
        "information, and diagonal EWC is L2. It is not where sites have different biases: couplings between predictable "
        "sites carry less information and are forgotten faster.",
        [
            Step("Anchored couplings", ["J"], (anchored,), "stationarity of (J − ξ)² + λ(J − J_0)², coupling by coupling",
                 "vertex of the parabola through three values of the cost", size, lambda p: [_vertex(p, mp.mpf(1))],
                 source="kirkpatrick2017"),
            Step("Weight of a pattern", [r"\Lambda_t"], (sp.powsimp(stored * decay**step),),
                 "each later pattern multiplies by ∂J/∂J_0; the pattern itself enters by ∂J/∂ξ",
                 "minimised again for every pattern of a stream, difference between storing ξ and −ξ",
                 symbol_points({strength: ["3.7", "0.6"], step: [1, 4]}), lambda p: [_weight(p)]),
            Step("Rate", [r"\varepsilon/N^{p-1}"], (sp.log(1 + 1 / strength),), "−log of the factor per pattern",
                 "ratio of the weights of two patterns of a stream", symbol_points({strength: ["3.7", "0.6"]}),
                 lambda p: [mp.log(_weight({**p, step: 2}) / _weight({**p, step: 3}))]),
            Step("Optimal anchor", [r"\lambda_{opt}/N^{p-1}", r"\lambda_{c}/N^{p-1}"],
                 (2 * capacity / sp.E, 2 * capacity),
                 "N^{p−1} log(1+1/λ) → N^{p−1}/λ = ε at ε_opt = e/(2α_c) and ε_c = 1/(2α_c)",
                 "numerical roots at growing N, extrapolated", symbol_points({capacity: ["0.11", "0.04"]}),
                 lambda p: [_anchor_at(mp.e / (2 * number(p[capacity]))), _anchor_at(1 / (2 * number(p[capacity])))],
                 assumption="N → ∞; order 3 and above at T = 0"),
            Step("Fisher information", ["F"], (information,),
                 "mean over patterns of the squared gradient at the couplings of a task, for a product of three sites",
                 "sum over all states of the three sites", biased, lambda p: [_information(p)],
                 assumption="sites are independent, with means b_i", source="kirkpatrick2017"),
            Step("EWC without bias", ["J"], (anchored,), "F = 1 for every coupling when the biases are zero",
                 "minimised with the Fisher information summed over states of unbiased sites", size,
                 lambda p: [_vertex(p, _information({b: sp.Integer(0) for b in biases}))]),
            Step("EWC with bias", [r"\varepsilon_F/N^{p-1}"],
                 (sp.log(sp.simplify(1 / own_decay)).xreplace({fisher: information}),),
                 "each coupling has a rate of its own, log(1 + 1/(λF)): above that of L2 wherever all b_i ≠ 0",
                 "ratio of weights, minimised pattern by pattern with that coupling's information", per_coupling,
                 lambda p: [mp.log(_weight({**p, step: 2}, _information(p)) / _weight({**p, step: 3}, _information(p)))]),
        ],
        ("kirkpatrick2017", "mezard1986"),
    )


def delta_rule() -> Theorem:
    """w ← w + η(ξ − w·φ)φ/D with D products φ of p − 1 other spins; ages γ in units of D patterns."""
    signal, second = sp.Function("s"), sp.Function("v")
    power = sp.Symbol("Q", positive=True)
    (stationary,) = sp.solve(sp.Eq(2 * rate * power, rate**2 * (1 + power)), power)
    decayed = sp.dsolve(sp.Eq(signal(age).diff(age), -rate * signal(age)), ics={signal(0): rate}).rhs
    start = (1 - rate) ** 2 * stationary
    spread = sp.dsolve(
        sp.Eq(second(age).diff(age), -2 * rate * second(age) + rate**2 * (1 + stationary)), ics={second(0): start}
    ).rhs
    variance = sp.factor_terms(sp.simplify(spread))
    strength = sp.limit(sp.simplify(decayed.subs(age, age / rate) ** 2 / spread.subs(age, age / rate)) / rate, rate, 0)
    at = {rate: ["0.3", "1", "1.4"], age: ["0.7", "0.2"]}
    return Theorem(
        "palimpsest.delta-rule", "Delta rule",
        "One presentation of each pattern by the delta rule is a palimpsest: the field of a stored pattern decays like "
        "η e^{−ηγ} and its variance relaxes to η/(2−η). For η → 0 it is the Hebbian palimpsest of rate η.",
        [
            Step("Stationary variance", ["Q"], (stationary,), "2ηQ lost = η²(1+Q) gained for each D patterns",
                 "recursion of |w|² iterated", symbol_points({rate: ["0.3", "1", "1.4"]}), lambda p: [_stationary(p)]),
            Step("Signal", ["s"], (decayed,), "after storage the field is h + η(ξ − h); each later pattern takes ηs/D of it",
                 "exact recursions for 300 to 2400 features, extrapolated", symbol_points(at),
                 lambda p: [_extrapolated(p)[0]], tolerance=1e-8),
            Step("Variance", ["v"], (variance,), "(1−η)²Q at first, relaxing with 2η to Q",
                 "exact recursions for 300 to 2400 features, extrapolated", symbol_points(at),
                 lambda p: [_extrapolated(p)[1]], assumption="features are independent of each other (D → ∞)",
                 tolerance=1e-8),
            Step("One-step error", [r"P"], (_one_step_error(decayed, variance),),
                 "the part of a Gaussian of this mean and variance below 0",
                 "numerical integral over the Gaussian, moments from exact recursions", symbol_points(at),
                 lambda p: [_below_zero(*_extrapolated(p))], assumption="N → ∞: the field is Gaussian", tolerance=1e-7),
            Step("Slow learning", [r"\lim s^2/(\eta v)"], (strength,), "η → 0 at a fixed age γη: Λ²/A with A = 1/(2ε), ε = η",
                 "recursions at small rates, extrapolated", symbol_points({age: ["0.4", "1.1"]}),
                 lambda p: [_slow(p)], tolerance=1e-6),
        ],
        ("widrow1960", "uhlenbeck1930"),
    )


def dreaming() -> Theorem:
    """Signal and noise of one step after dreaming for a time t, from the spectrum of the pattern overlaps."""
    dreamt = (1 + time) * x / (1 + time * x)
    twice = sp.factor(sp.simplify(dreamt.xreplace({x: dreamt.xreplace({time: nap})})))
    resolvent = sp.Symbol("g", positive=True)
    # g = ⟨1/(1+tx)⟩ obeys g (1 + t(1 − α + αg)) = 1
    root = next(r for r in sp.solve(sp.Eq(resolvent * (1 + time * (1 - load + load * resolvent)), 1), resolvent)
                if r.subs({load: sp.Rational(1, 2), time: sp.Rational(1, 2)}) > 0)
    slope = sp.diff(root, time)  # −⟨x/(1+tx)²⟩
    diagonal = (1 + time) * (1 - root) / time  # ⟨J⟩ per pattern: x/(1+tx) = (1 − 1/(1+tx))/t
    first = (1 + time) * (1 - (1 - root) / time) / time  # ⟨xJ⟩: x²/(1+tx) = (x − x/(1+tx))/t and ⟨x⟩ = 1
    # x³/(1+tx)² = (x − 2x/(1+tx) + x/(1+tx)²)/t²
    second = (1 + time) ** 2 * (1 - 2 * (1 - root) / time - slope) / time**2
    signal = sp.simplify(first - load * diagonal)
    variance = sp.simplify(second - first**2)
    at = symbol_points({load: ["0.3", "0.6"], time: ["1", "0.4"]})
    both = symbol_points({time: ["1.5"], nap: ["0.4"], x: ["0.3", "2.1"]})
    return Theorem(
        "palimpsest.dreaming", "Dreaming",
        "Dreaming turns Hebbian couplings into projecting ones as t → ∞. It needs the couplings alone, and naps compose: "
        "(1+u) = (1+t)(1+s). After one step from a pattern the overlap is erf(signal/√(2 variance)).",
        [
            Step("Naps compose", ["J(u)"], (twice,), "the couplings after a nap s dream for a further t",
                 "one nap of 1 + u = (1+t)(1+s), from a linear solve", both, lambda p: [_one_nap(p)],
                 source="fachechi2019"),
            Step("Resolvent", ["g"], (root,), "self-consistency of the resolvent of a sample covariance",
                 "numerical mean over the Marchenko–Pastur density", at,
                 lambda p: [_mean(p, lambda v, t: 1 / (1 + t * v))], source="marchenko1967",
                 assumption="N → ∞ at K = αN"),
            Step("Signal and variance", ["S", "V"], (signal, variance),
                 "S = ⟨xJ⟩ − α⟨J⟩ without the diagonal, V = ⟨xJ²⟩ − ⟨xJ⟩²; fractions in x reduced to g and ∂g/∂t",
                 "numerical means over the Marchenko–Pastur density", at, lambda p: _signal(p), source="fachechi2019"),
            Step("One-step error", ["P"], (_one_step_error(signal, variance),),
                 "the part of a Gaussian of this mean and variance below 0",
                 "numerical integral over the Gaussian, its moments from the Marchenko–Pastur density", at,
                 lambda p: [_below_zero(*_signal(p))], assumption="N → ∞: the field is Gaussian", tolerance=1e-12),
            Step("No dreams", [r"S(0)", "V(0)"],
                 tuple(sp.limit(e.xreplace({load: sp.Rational(3, 10)}), time, 0, "+") for e in (signal, variance)),
                 "t → 0 at α = 0.3: signal 1 and the Hebbian variance α",
                 "moments of the overlaps of patterns by counting, at finite N, extrapolated", [{}],
                 lambda p: _hebbian(mp.mpf(3) / 10)),
        ],
        ("fachechi2019", "marchenko1967"),
    )


# -- the other route --------------------------------------------------------------------------------------------------


def _minimise(strength_: mp.mpf, information: mp.mpf, old_: mp.mpf, target_: mp.mpf) -> mp.mpf:
    """Lowest point of the cost, from its values at three places."""
    cost = [(x - target_) ** 2 + strength_ * information * (x - old_) ** 2 for x in (-1, 0, 1)]
    return (cost[0] - cost[2]) / (2 * (cost[0] - 2 * cost[1] + cost[2]))


def _vertex(p: Any, information: mp.mpf) -> mp.mpf:
    return _minimise(number(p[strength]), information, number(p[old]), number(p[target]))


def _weight(p: Any, information: mp.mpf | int = 1) -> mp.mpf:
    """Half the difference that storing ξ = 1 or −1 makes, after further patterns."""
    ends = []
    for first in (1, -1):
        coupling = _minimise(number(p[strength]), mp.mpf(information), mp.mpf("0.4"), mp.mpf(first))
        for later in range(int(p[step])):
            coupling = _minimise(number(p[strength]), mp.mpf(information), coupling, mp.mpf((-1) ** later))
        ends.append(coupling)
    return (ends[0] - ends[1]) / 2


def _information(p: Any) -> mp.mpf:
    chances = [number(p[b]) for b in biases]
    states = list(itertools.product((1, -1), repeat=3))
    weights = [mp.fprod((1 + s * b) / 2 for s, b in zip(state, chances)) for state in states]
    mean = mp.fsum(w * state[0] * state[1] * state[2] for w, state in zip(weights, states))
    return mp.fsum(w * (mean - state[0] * state[1] * state[2]) ** 2 for w, state in zip(weights, states))


def _anchor_at(rate: mp.mpf) -> mp.mpf:
    values = {}
    for size in (1000 * 2**j for j in range(10)):
        values[size] = mp.findroot(lambda x, size=size: size * mp.log(1 + 1 / x) - rate, size / rate) / size
    return at_infinity(values)


def _stationary(p: Any) -> mp.mpf:
    eta, power = number(p[rate]), mp.mpf(0)
    for _ in range(900):  # D = 5 features, any number gives the same
        power = power - (2 * eta - eta**2) * power / 5 + eta**2 / 5
    return power


def _extrapolated(p: Any) -> list[mp.mpf]:
    eta, gamma = float(number(p[rate])), float(number(p[age]))
    rows = {}
    for features in (300, 600, 1200, 2400):
        found = delta_moments(features, eta, round(gamma * features))
        rows[features] = (mp.mpf(found.signal), mp.mpf(found.variance))
    return [at_infinity({d: row[k] for d, row in rows.items()}) for k in (0, 1)]


def _slow(p: Any) -> mp.mpf:
    values = {}
    for inverse in (20, 40, 80, 160, 320):
        gamma = number(p[age]) * inverse
        at = {rate: sp.Rational(1, inverse), age: sp.Rational(str(mp.nstr(gamma, 15)))}
        signal, variance = _extrapolated(at)
        values[inverse] = signal**2 / variance * inverse
    return at_infinity(values)


def _one_nap(p: Any) -> mp.mpf:
    t, s, value = (number(p[k]) for k in (time, nap, x))
    u = (1 + t) * (1 + s) - 1
    return mp.lu_solve(mp.matrix([[1 + u * value]]), mp.matrix([(1 + u) * value]))[0]


def _mean(p: Any, function: Any) -> mp.mpf:
    """Over the eigenvalues of the overlaps ξξᵀ/N of K = αN < N patterns, as an angle."""
    alpha, t = number(p[load]), number(p[time])

    def at(angle: mp.mpf) -> mp.mpf:
        value = 1 + alpha + 2 * mp.sqrt(alpha) * mp.cos(angle)
        return 2 / mp.pi * mp.sin(angle) ** 2 / value * function(value, t)

    return mp.quad(at, mp.linspace(0, mp.pi, 5))


def _signal(p: Any) -> list[mp.mpf]:
    def dreamt(v: mp.mpf, t: mp.mpf) -> mp.mpf:
        return (1 + t) * v / (1 + t * v)

    first = _mean(p, lambda v, t: v * dreamt(v, t))
    diagonal = _mean(p, dreamt)
    return [first - number(p[load]) * diagonal, _mean(p, lambda v, t: v * dreamt(v, t) ** 2) - first**2]


def _hebbian(alpha: mp.mpf) -> list[mp.mpf]:
    """Field of a pattern in Hebbian couplings without diagonal: exact at finite N, (K−1)(N−1)/N² for the variance."""
    values = {n: (alpha * n - 1) * (n - 1) / mp.mpf(n) ** 2 for n in (100, 200, 400)}
    signals = {n: mp.mpf(n - 1) / n for n in (100, 200, 400)}
    return [at_infinity(signals), at_infinity(values)]


def _one_step_error(signal: sp.Expr, variance: sp.Expr) -> sp.Expr:
    """Probability that a Gaussian field of this mean and variance is negative, from its distribution function."""
    z, mean = sp.Symbol("z", real=True), sp.Symbol("m", real=True)
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    tail = sp.integrate(density, (z, -sp.oo, -mean)).rewrite(sp.erf)
    return tail.xreplace({mean: signal / sp.sqrt(variance)})


def _below_zero(signal: mp.mpf, variance: mp.mpf) -> mp.mpf:
    """The same by numerical integration."""
    width = mp.sqrt(variance)

    def density(h: mp.mpf) -> mp.mpf:
        return mp.exp(-((h - signal) ** 2) / (2 * variance)) / (width * mp.sqrt(2 * mp.pi))

    return mp.quad(density, [signal - 30 * width, *(signal - k * width for k in (20, 12, 6) if signal - k * width < 0), 0])
