"""Retrieval in a two-layer memory whose hidden neurons are dead below a threshold, derived from its energy.

N visible neurons with activations y_i, αN hidden ReLU neurons that each hold a pattern and are dead while their field
u_μ = ξ^μ·y/√N is below θ. There is no noise: b, the inverse temperature of the replica calculation, goes to infinity, and
with it the response χ = b(Q_aa − q) stays finite. β is the steepness of the visible activation.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

import dammech.systems.thresholds.theory.oracles as oracles
from dammech.derive.averages import GaussianAverage, log2cosh, normal, sech2
from dammech.derive.covariance import alpha
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.oracles import derivative_at, saddle
from dammech.derive.oracles import symbol_points as points
from dammech.derive.replicas import n
from dammech.derive.steps import Derivation, Step
from dammech.systems.thresholds.theory.memory import ThresholdMemory

NAME = "deadneurons.threshold.rs"
SOURCES = ("krotov2021", "shiino1992", "amit1987")

m, q, chi, C = sp.symbols("m q chi C", positive=True)
r, Gamma = sp.symbols("r Gamma", positive=True)
b, beta = sp.symbols("b beta", positive=True)
theta = sp.Symbol("theta", real=True)
u, y, v, a = sp.symbols("u y v a", real=True)
spread = sp.Symbol("delta", positive=True)
_z = sp.Symbol("z", real=True)


def half_square(x: sp.Expr) -> sp.Expr:
    """The Lagrangian of a ReLU neuron, max(x, 0)²/2."""
    return (x**2 + x * sp.Abs(x)) / 4


@cache
def threshold_memory() -> Derivation:
    """Derive the theory, in the order parameters m, q and χ; ``zero_temperature`` is that of sign neurons, β → ∞."""
    steps: list[Step] = []

    # 1. The energy of the two layers as a function of the visible activations.
    hidden = -half_square(u - theta)
    conjugate = ((1 + y) * sp.log(1 + y) + (1 - y) * sp.log(1 - y)) / (2 * beta)
    steps += [Step(
        "Hidden layer eliminated", [r"E_\mu(u)"], (hidden,),
        "the energy is quadratic in the activation f ≥ 0 of a hidden neuron; f = 0 where it is dead",
        "smallest value over the hidden state of the energy of the two layers at finite N = 4, sums written out",
        points({u: ["0.83", "-0.21"], theta: ["0.31", "-0.47"]}), oracles.smallest_over_hidden, source="krotov2021",
    ), Step(
        "Energy of a visible neuron", [r"L^*(y)"], (conjugate,),
        "Legendre transform of log cosh(βv)/β, whose slope is y = tanh(βv)",
        "largest value of v y − log cosh(βv)/β by search",
        points({y: ["0.37", "-0.62"], beta: ["1.7"]}), oracles.legendre, source="krotov2021",
    )]

    # 2. The memories that are not retrieved, averaged.
    fluctuating = (1 - sp.erf(a / sp.sqrt(2 * spread))) / 2 + sp.exp(b * a**2 / (2 * (1 - b * spread))) * (
        1 + sp.erf(a / sp.sqrt(2 * spread * (1 - b * spread)))) / (2 * sp.sqrt(1 - b * spread))
    replicated = sp.log(GaussianAverage(fluctuating.xreplace({a: sp.sqrt(q) * _z - theta}) ** n, _z))
    noise_b = GaussianAverage(sp.log(fluctuating.xreplace({a: sp.sqrt(q) * _z - theta})), _z)
    # ½ q A(θ/√q) enlarged by the response
    noise = normal(GaussianAverage(half_square(sp.sqrt(q) * _z - theta), _z)) / (1 - chi)
    steps += [Step(
        "One hidden neuron that fluctuates", [r"I(a)"], (fluctuating,),
        "mean of exp(b max(a + √δ t, 0)²/2) over a Gaussian t: dead and alive parts",
        "numerical integral over t",
        points({a: ["0.43", "-0.56"], spread: ["0.37"], b: ["0.9", "1.6"]}), oracles.fluctuating_neuron,
    ), Step(
        "Average over one memory", [r"W_n"], (replicated,),
        "the fields u_a are jointly Gaussian with covariance Q_ab = q + δ 1(a = b); given what they share they are independent",
        "exact sums over all patterns for 1 and 2 states at finite N up to 1296, extrapolated",
        points({n: [1, 2], q: ["3/4"], spread: ["1/4"], theta: [1, -1], b: ["0.31"]}),
        oracles.mean_over_patterns,
        assumption="N → ∞; Q_ab = q for a ≠ b (replica symmetry)", source="amit1987", tolerance=1e-7,
    ), Step(
        "Replica limit of a memory", [r"w"], (noise_b,), "∂/∂n at n = 0",
        "numerical derivative at n = 0 of the average over one memory",
        points({q: ["0.71"], spread: ["0.23"], theta: ["0.31"], b: ["1.3", "0.6"]}),
        lambda p: [derivative_at(replicated, n, {**p, n: 0})], assumption="the limits N → ∞ and n → 0 commute",
    ), Step(
        "Memories without noise", [r"\lim w/b"], (noise,),
        "b → ∞ at χ = bδ: the largest exponent, a²/(2(1−χ)) where a > 0 and nothing where the neuron is dead",
        "the expression at b up to 400, extrapolated",
        points({q: ["0.71"], chi: ["0.23", "0.41"], theta: ["0.31", "-0.47"]}),
        oracles.cold_memory, assumption="χ < 1", tolerance=1e-7,
    )]

    # 3. What is conjugate to the overlaps.
    quadratic = (n * (b**2 * alpha * r + b * Gamma) * (q + chi / b) + n * (n - 1) * b**2 * alpha * r * q) / 2
    steps += [Step(
        "Conjugate overlaps", [r"\tfrac12\sum_{ab}\hat Q_{ab} Q_{ab}"], (quadratic,),
        "entries with their counts; Q̂_ab = b²αr + bΓ 1(a = b)",
        "explicit matrices of 2, 3 and 4 replicas",
        points({n: [2, 3, 4], b: ["1.9"], alpha: ["0.34"], r: ["0.77"], Gamma: ["0.29"], q: ["0.71"], chi: ["0.23"]}),
        oracles.explicit_quadratic_form,
    ), Step(
        "Conjugate overlaps without noise", [r"\lim_{b}\partial_n \tfrac1{2b}\sum\hat Q Q"], (_bilinear,),
        "n → 0, then b → ∞", "numerical derivatives at n = 0 for b = 7 and 14, from which 1/b is eliminated",
        points({alpha: ["0.34"], r: ["0.77"], Gamma: ["0.29"], q: ["0.71"], chi: ["0.23"]}),
        lambda p: [2 * derivative_at(quadratic / b, n, {**p, n: 0, b: 14})
                   - derivative_at(quadratic / b, n, {**p, n: 0, b: 7})],
    )]

    # 4. The visible neurons: one in the field h = m + √(αr) z and with the self-coupling Γ.
    at = {m: ["0.83"], alpha: ["0.34"], r: ["0.77"], beta: ["1.7"], Gamma: ["0.29", "0.17"]}
    steps += [Step(
        "A visible neuron at its best", [r"\varphi(v)"], (_best,),
        "L* − h y − Γ y²/2 is stationary at y = tanh(βv) with v = h + Γ y, and a minimum for βΓ < 1",
        "smallest value over y by search at the field h = v − Γ tanh(βv)",
        points({v: ["0.57", "-1.3"], beta: ["1.7"], Gamma: ["0.29"]}), oracles.best_neuron,
        assumption="βΓ < 1: the activation is a function of the field",
    ), Step(
        "Mean over the visible neurons", [r"\langle\varphi\rangle"], (_over_sites(_best),),
        "the Gaussian variable is changed from z to (v − m)/√(αr): dz = (1 − Γg′) dv/√(αr)",
        "numerical integral over z, the equation v = m + √(αr) z + Γ tanh(βv) solved at each",
        points(at), oracles.mean_over_neurons,
        assumption="βΓ < 1",
    )]

    # 5. The free energy (an energy: there is no noise) and its stationary point.
    theory = retrieval_theory(noise)
    f, equations = _energy(noise), theory.saddle_equations
    everything = {**at, q: ["0.71"], chi: ["0.23"], theta: ["0.31", "-0.47"]}
    steps += [Step(
        "Energy", ["f"], (f,), "signal, memories, conjugate overlaps and visible neurons together; m̂ = m",
        "integrals over the Gaussian variables of numerically extremal one-body energies",
        points(everything), oracles.energy, source="amit1987",
    ), Step(
        "Noise and self-coupling", ["r", r"\Gamma"], (theory.definitions[r], theory.definitions[Gamma]),
        "stationarity in χ and q: r = q A/(1 − χ)², and Γ is α(1 − χ)⁻¹ times the fraction of hidden neurons alive",
        "numerical derivatives of the energy", points({k: everything[k] for k in (alpha, q, chi, theta)}),
        lambda p: saddle(2 * alpha * noise, [chi, q], [alpha, sp.Integer(1)], p), source="shiino1992",
    ), Step(
        "Saddle equations", [r"0 = F_m", r"0 = F_q", r"0 = F_\chi"], equations,
        "stationarity in m, Γ and r at fixed activations (they are stationary themselves); Stein's lemma, "
        "dy/dh = g′/(1 − Γg′)",
        "numerical derivatives of the energy in m, Γ and r",
        points({**everything, theta: ["0.31"]}),
        lambda p: saddle(f, [m, Gamma, r], [sp.Integer(1), sp.Rational(1, 2), alpha / 2], p), source="stein1981",
    ), Step(
        "Dead hidden neurons", [r"P_{\mathrm{dead}}"], (theory.observables["dead"],),
        "a neuron is dead where √q z < θ: the response χ enlarges the excess of a living neuron and changes no sign",
        "the z at which the best response of the field crosses θ, by bisection",
        points({q: ["0.71"], theta: ["0.31", "-0.47"], chi: ["0.23"]}), oracles.dead_fraction, tolerance=1e-18,
    )]

    # 6. Sign neurons, their self-coupling removed: y² = 1, so q = 1 and Γ drops out.
    ground, f0, cold = _sign_neurons(noise)
    steps += [Step(
        "Sign neurons", ["f_0", r"0 = F_m^{\infty}", r"0 = F_C^{\infty}"], (f0, *cold),
        "β → ∞: y = sign h, C for χ; what single flips see has no self-coupling, and Γ y²/2 is a constant",
        "the Hopfield model's derivation at T = 0 and the load αA(θ), A by quadrature",
        points({m: ["0.83", "0.6"], C: ["0.23"], alpha: ["0.34"], theta: ["0.31", "-0.47"]}),
        oracles.hopfield_at_reduced_load, source="amit1987",
    )]
    return Derivation(NAME, ThresholdMemory(), "rs", steps, theory, ground, sources=SOURCES)


def retrieval_theory(noise: sp.Expr) -> FreeEnergy:
    """The retrieval state of tanh neurons among memories whose noise is w(q, χ; θ), in the limit of no fluctuations.

    The derived one is ``noise`` of the step "Memories without noise"; another makes the theory of another hidden layer.
    """
    slope = beta * sech2(beta * v)
    means = ((m, _g, True), (q, _g**2, True), (chi, slope, False))  # 1 − Γg′ cancels in the mean of dy/dh
    return FreeEnergy(
        _energy(noise), [m, q, chi], [alpha, theta, beta],
        equations=[unknown - _over_sites(mean, stretched) for unknown, mean, stretched in means],
        domain=[1 - chi, 1 - beta * Gamma],
        observables={"r": r, "Gamma": Gamma, "dead": (1 + sp.erf(theta / sp.sqrt(2 * q))) / 2},
        definitions={r: 2 * sp.diff(noise, chi), Gamma: normal(2 * sp.diff(alpha * noise, q))},
    )


_width = sp.sqrt(alpha * r)
_g = sp.tanh(beta * v)
_best = -(log2cosh(beta * v) - sp.log(2)) / beta + Gamma * _g**2 / 2
_bilinear = (alpha * r * chi + Gamma * q) / 2


def _energy(noise: sp.Expr) -> sp.Expr:
    return m**2 / 2 - alpha * noise + _bilinear + _over_sites(_best)


def _over_sites(integrand: sp.Expr, stretched: bool = True) -> sp.Expr:
    """Mean over the visible neurons of a function of v = m + √(αr) w, with the weight that makes w Gaussian."""
    weight = sp.exp(Gamma * _g * _z / _width - Gamma**2 * _g**2 / (2 * _width**2))
    stretch = 1 - Gamma * beta * sech2(beta * v) if stretched else 1
    return normal(GaussianAverage((integrand * stretch * weight).xreplace({v: m + _width * _z}), _z))


def _sign_neurons(noise: sp.Expr) -> tuple[FreeEnergy, sp.Expr, tuple[sp.Expr, ...]]:
    rule = {q: sp.Integer(1), chi: C}
    memories = noise.xreplace(rule)
    r0 = 2 * sp.diff(memories, C)
    h = m + sp.sqrt(alpha * r0) * _z
    f0 = normal(m**2 / 2 - alpha * memories + alpha * r0 * C / 2 - GaussianAverage(sp.Abs(h), _z))
    cold = (
        normal(m - GaussianAverage(sp.sign(h), _z)),
        normal(C - 2 * GaussianAverage(sp.DiracDelta(h), _z)),
    )
    return FreeEnergy(f0, [m, C], [alpha, theta], equations=cold, domain=[1 - C], observables={"r": r0}), f0, cold
