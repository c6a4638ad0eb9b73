"""The replica-symmetric theory, derived from the finite-N Hamiltonian for every order and interaction.

One derivation serves the Hebbian family (p = 2 with its log-determinant, p ≥ 3 with its covariance ξ), symmetric
mixtures of several patterns, and the p-spin glass: they differ in the signal, in the noise functional W(Q), and in
nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

import dammech.derive.oracles as oracles
from dammech.declared.kernels import Kernel
from dammech.derive.ages import AgeAverage, ring_sum
from dammech.derive.averages import GaussianAverage, SignAverage, log2cosh, normal
from dammech.derive.cold import Map, spin, spin_entropy
from dammech.derive.covariance import Covariance, alpha, effective_load, explicit, forgets, load_of, positive, weight
from dammech.derive.finite_size import hamiltonian_steps
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.replicas import (
    OverlapMatrix,
    at_zero_replicas,
    n,
    replica_symmetric_matrix,
    replicated_trace,
    replicon_curvature,
    replicon_spin_curvature,
)
from dammech.derive.steps import Derivation, Step
from dammech.derive.zero_temperature import zero_temperature
from dammech.errors import InputError

m = sp.Symbol("m", positive=True)
q = sp.Symbol("q", positive=True)
C = sp.Symbol("C", positive=True)
T = sp.Symbol("T", positive=True)
m_hat = sp.Symbol(r"\hat{m}", positive=True)
q_hat = sp.Symbol(r"\hat{q}", positive=True)
_z = sp.Symbol("z", real=True)
_lambda = sp.Symbol("lambda", positive=True)


@dataclass(frozen=True)
class Functional:
    """What distinguishes one model from another in the replica functional."""

    signal: sp.Expr  # −(energy per spin of the condensed patterns) at overlap m
    patterns: int  # how many patterns are condensed, all at overlap m
    soft: bool  # whether the noise is the log-determinant of p = 2
    diagonal: bool  # p = 2: whether equal site indices were kept
    kernel: Kernel | None = None  # of patterns whose weights fall with their age
    load: sp.Expr = alpha

    def noise(self, overlaps: OverlapMatrix) -> sp.Expr:
        """W(Q): the log of the disorder average of the uncondensed patterns, per spin."""
        if self.soft and self.kernel is not None:
            return self.load * self._stream(overlaps, self.kernel)
        if self.soft:
            log_determinant = overlaps.trace_of(lambda x: sp.log(positive(T - x) / T))
            return -self.load / 2 * log_determinant - (0 if self.diagonal else self.load * n / (2 * T))
        return overlaps.sum_of(lambda x: Covariance(0, x)) / (2 * T**2)

    def _stream(self, overlaps: OverlapMatrix, kernel: Kernel) -> sp.Expr:
        """W of patterns with weights at p = 2, per unit of effective load (mezard1986; clipped: sompolinsky1986)."""
        chains = overlaps.trace_of(lambda x: ring_sum(_lambda * x / T))
        total = -AgeAverage.over(chains, _lambda, kernel) / 2
        if self.diagonal:
            total += AgeAverage.over(_lambda, _lambda, kernel) * n / (2 * T)
        if not kernel.linear:  # the variance that is in products of several patterns: a glass of independent couplings
            left = 1 - AgeAverage.over(_lambda**2, _lambda, kernel)
            total += left * overlaps.sum_of(lambda x: x**2) / (4 * T**2)
        return total

    @property
    def signs(self) -> tuple[sp.Symbol, ...]:
        """Relative signs of the further condensed patterns at a site."""
        return sp.symbols(f"epsilon_1:{self.patterns}", real=True) if self.patterns > 1 else ()

    def field(self, strength: sp.Expr, spread: sp.Expr) -> sp.Expr:
        """Local field: ``strength`` for each condensed pattern, with its sign, and noise of width ``spread``."""
        return (strength * (1 + sp.Add(*self.signs)) if self.patterns else 0) + spread * _z

    @property
    def signal_field(self) -> sp.Expr:
        """Field that one condensed pattern exerts."""
        return sp.diff(self.signal, m) / self.patterns if self.patterns else sp.Integer(0)

    def over_signs(self, integrand: sp.Expr) -> sp.Expr:
        """Mean over the sites, which differ in their relative signs."""
        for sign in self.signs:
            integrand = SignAverage(integrand, sign)
            integrand = integrand.doit() if isinstance(integrand, SignAverage) else integrand
        return normal(integrand)


def functional_of(model: Any, mixture: int = 1) -> Functional:
    """The pieces of the replica functional for a model."""
    if "load" not in model.axes:
        return Functional(sp.Integer(0), 0, False, True)
    if model.soft:
        if model.is_rectified:
            raise InputError(
                "interaction='rectified' at order 2 has no replica theory here: its soft noise is neither Gaussian nor "
                "a log-determinant; use order 3 or above, or interaction='power'"
            )
        if not forgets(model):
            return Functional(mixture * m**2 / 2, mixture, True, model.interaction == "power")
        _check_stream(model)
        kernel = None if model.shape.flat else model.shape
        return Functional(weight * m**2 / 2, 1, True, model.interaction == "power", kernel, effective_load)
    strength = weight if forgets(model) else 1
    return Functional(strength * m**model.p / model.p, 1, False, True)


def _check_stream(model: Any) -> None:
    """Refuse the streams of order 2 whose noise has no stationary value."""
    if not model.shape.ages:
        raise InputError(
            "kernel='rehearsal' at order 2 has no replica theory: the weights have no largest value, so that patterns "
            "rehearsed often condense by themselves; use order 3 or above"
        )
    if model.interaction == "power" and model.kernel == "power-law" and model.shape.power <= 1:
        raise InputError(
            f"interaction='power' at order 2 with exponent={model.shape.power:g}: the energy of the diagonal couplings "
            "diverges for exponents up to 1; use interaction='distinct'"
        )


def replica_symmetric(model: Any, mixture: int = 1) -> Derivation:
    """Derive the replica-symmetric theory of ``model``.

    Parameters
    ----------
    model : HebbianDAM or PSpin
    mixture : int
        Number of patterns condensed with equal overlap (p = 2 only; odd).

    Raises
    ------
    InputError
        For a model or mixture without this theory.
    """
    pairwise = model.soft
    if mixture != 1 and (not pairwise or mixture % 2 == 0 or mixture < 1):
        raise InputError(f"mixture={mixture}: symmetric mixtures are defined for odd numbers of patterns at order 2")
    parts = functional_of(model, mixture)
    hebbian = "load" in model.axes
    steps: list[Step] = []

    # 1. The Hamiltonian and the average over the uncondensed patterns.
    steps += hamiltonian_steps(model)

    # 2. The replica functional on the replica-symmetric subspace.
    overlaps = replica_symmetric_matrix(q)
    noise = parts.noise(overlaps)
    steps.append(Step(
        "Noise functional", [r"W_n(q)"], (explicit(noise, model),),
        "entries with their counts" if not parts.soft else "eigenvalues with their multiplicities",
        "explicit overlap matrices of 2, 3, 4 and 5 replicas",
        oracles.symbol_points({n: [2, 3, 4, 5], q: ["0.37"], T: ["2.9"]}, model),
        lambda p: [oracles.noise_of_matrix(model, parts, replica_symmetric_matrix(p[q]).explicit(int(p[n])), p)],
        assumption="Q_ab = q for a ≠ b (replica symmetry)", source="amit1987" if parts.soft else "gardner1987",
    ))
    log_trace = parts.over_signs(sp.log(replicated_trace(parts.field(m_hat, sp.sqrt(q_hat)), _z, q_hat)))
    steps.append(Step(
        "Trace over the replicated spins", [r"\log\operatorname{Tr}_n"], (log_trace,),
        "Gaussian decoupling of the square; the replicas become independent",
        "explicit sum over all states of 1, 2, 3 and 4 spins",
        oracles.symbol_points({n: [1, 2, 3, 4], m_hat: ["0.8"], q_hat: ["0.61"]}),
        lambda p: [oracles.log_trace_by_enumeration(parts, p)],
    ))

    # 3. The replica limit.
    w = sp.expand(at_zero_replicas(noise))
    functional = normal(
        parts.signal / T - parts.patterns * m * m_hat + w + q_hat * q / 2 + at_zero_replicas(log_trace)
    )
    at = {m: ["0.83"], m_hat: ["1.7"], q: ["0.71"], q_hat: ["1.3"], T: ["1.9", "2.3"]}
    steps.append(Step(
        "Replica limit",
        [r"-\beta f(m, \hat m, q, \hat q)" if hebbian else r"-\beta f(q, \hat q)"], (explicit(functional, model),),
        "∂/∂n at n = 0 of log of the replicated partition function per spin",
        "numerical derivative at n = 0 of the functional continued to real n",
        oracles.symbol_points(at, model),
        lambda p: [oracles.replica_limit(model, parts, explicit(noise, model), p)],
        assumption="the limits N → ∞ and n → 0 commute",
    ))

    # 4. The conjugate order parameters are eliminated.
    variance = sp.factor(normal(-2 * sp.diff(w, q) * T**2))  # T² q̂
    root = sp.sqrt(variance)
    conjugate = ((parts.signal_field / T,) if hebbian else ()) + (variance / T**2,)
    steps.append(Step(
        "Conjugate order parameters", ([r"\hat m"] if hebbian else []) + [r"\hat q"],
        tuple(explicit(e, model) for e in conjugate),
        "stationarity in m and q",
        "numerical derivatives of the signal and of W",
        oracles.symbol_points({m: ["0.83"], q: ["0.71"], T: ["1.9", "0.9"]}, model),
        lambda p: oracles.conjugates(model, parts, explicit(w, model), p),
    ))
    h = parts.field(parts.signal_field, root)
    f = (
        sp.expand(-parts.signal + parts.patterns * m * parts.signal_field - T * w)
        + variance * (1 - q) / (2 * T)
        - T * parts.over_signs(GaussianAverage(log2cosh(h / T), _z))
    )
    steps.append(Step(
        "Free energy", ["f"], (explicit(f, model),),
        "conjugate order parameters inserted",
        "−T times the functional of the replica limit at numerically stationary conjugates",
        oracles.symbol_points({m: ["0.83", "0.41"], q: ["0.71"], T: ["1.9"]}, model),
        lambda p: [oracles.free_energy(model, parts, explicit(w, model), explicit(functional, model), p)],
    ))

    # 5. Stability: the replicon from the n-replica functional.
    noise_curvature = normal(replicon_curvature(parts.noise, q))
    replicon_n = 1 - noise_curvature * parts.over_signs(replicon_spin_curvature(h / T, _z))
    steps.append(Step(
        "Replicon at n replicas", [r"\lambda_n"], (explicit(replicon_n, model),),
        "second derivative of the n-replica functional in (q_ab, q̂_ab) along a direction whose rows sum to zero",
        "Hessian of the explicit functional with 4 and 5 replicas: spins enumerated, matrices differentiated",
        oracles.symbol_points({n: [4, 5], m: ["0.83"], q: ["0.71"], T: ["1.9"]}, model),
        lambda p: [oracles.replicon(model, parts, explicit(variance, model), p)],
        source="dealmeida1978",
    ))
    replicon = normal(replicon_n.subs(n, 0).doit())
    steps.append(Step(
        "Replicon", [r"\lambda"], (explicit(replicon, model),),
        "n → 0; stable where positive, zero on the AT line",
        "the n-replica expression at n = 10⁻³⁶",
        oracles.symbol_points({m: ["0.83", "0.3"], q: ["0.71"], T: ["1.9", "0.8"]}, model),
        lambda p: [oracles.value(explicit(replicon_n, model), {**p, n: sp.Rational(1, 10**36)})],
        source="dealmeida1978",
    ))

    # 6. What follows by differentiation.
    unknowns = [m, q] if hebbian else [q]
    domain = [T - 1 + q] if parts.soft else []  # eigenvalues of 1 − βQ, times T
    load = load_of(model)
    strength = [weight] if forgets(model) else []
    r = variance / load if parts.soft else None
    given = [load, T, *strength] if hebbian else [T]
    observables = {"r": r} if r is not None else {}
    general = FreeEnergy(f, unknowns, given, replicon=replicon, domain=domain, observables=observables)
    theory = FreeEnergy(
        explicit(general.expression, model), unknowns, given,
        equations=[explicit(e, model) for e in general.saddle_equations],
        replicon=explicit(replicon, model), domain=domain,
        observables={k: explicit(v, model) for k, v in observables.items()},
        conditions=_nishimori(parts, model) if hebbian else {},
    )
    names = [x.name for x in unknowns]
    steps.append(Step(
        "Gradient of the free energy", [rf"\partial f/\partial {x}" for x in names],
        tuple(explicit(e, model) for e in general.gradient),
        "differentiation under the average and Stein's lemma",
        "numerical derivatives of the free energy",
        oracles.symbol_points({m: ["0.83"], q: ["0.71", "0.36"], T: ["1.9"]}, model),
        lambda p: oracles.gradient(theory.expression, unknowns, p), source="stein1981",
    ))
    steps.append(Step(
        "Saddle equations", [rf"0 = F_{x}" for x in names],
        tuple(explicit(e, model) for e in general.saddle_equations),
        "common factors of the gradient, which are free of averages, divided out",
        "numerical derivatives of the free energy over the value of the factor",
        oracles.symbol_points({m: ["0.83"], q: ["0.71", "0.36"], T: ["1.9"]}, model),
        lambda p: oracles.saddle(theory.expression, unknowns, [explicit(e, model) for e in general.dropped_factors], p),
    ))
    assert general.entropy is not None and general.energy is not None
    steps.append(Step(
        "Entropy and energy", ["s", "e"], (explicit(general.entropy, model), explicit(general.energy, model)),
        "s = −∂f/∂T, e = f + T s",
        "numerical derivatives of f in T and of βf in β",
        oracles.symbol_points({m: ["0.83"], q: ["0.71"], T: ["1.9", "1.2"]}, model),
        lambda p: oracles.thermodynamics(theory.expression, T, p),
    ))

    # 7. The same in C = β(1−q), and at zero temperature with its own equations.
    cold = _in_response(model, parts, general, w, variance, h)
    signed = [e if x is m else -e for x, e in zip(unknowns, general.saddle_equations)]  # C grows as q falls
    frozen = tuple(zero_temperature(e, q, C, T, leading=True) for e in signed)
    cold_f = zero_temperature(general.expression, q, C, T)
    # at fixed C instead of fixed q: the same at the saddle point, and finite around it
    cold_s = zero_temperature(normal(general.entropy + C * general.gradient[-1]), q, C, T)
    ground = FreeEnergy(
        explicit(cold_f, model), [m, C] if hebbian else [C], [load, *strength] if hebbian else [],
        equations=[explicit(e, model) for e in frozen], domain=[1 - C] if parts.soft else [],
        observables={"r": explicit(sp.simplify(zero_temperature(r, q, C, T)), model)} if r is not None else {},
        entropy=explicit(cold_s, model),
    )
    steps.append(Step(
        "Zero temperature", [rf"0 = F_{x}^{{T=0}}" for x in (["m", "C"] if hebbian else ["C"])] + ["f_0", "s_0"],
        tuple(explicit(e, model) for e in (*frozen, cold_f, cold_s)),
        "T → 0 at fixed C = β(1−q): tanh → sign, β sech² → 2δ, T log 2cosh → |·|, then closed forms",
        "finite-temperature expressions at q = 1 − CT, extrapolated to T = 0",
        oracles.symbol_points({m: ["0.83", "0.5"], C: ["0.23"]}, model),
        lambda p: oracles.low_temperature(
            [explicit(e, model) for e in signed], explicit(general.expression, model), q, C, T, p),
        tolerance=1e-7,
    ))
    return Derivation(
        oracles.derivation_name(model, mixture), model, "rs", steps, theory, ground,
        None if parts.soft or forgets(model) else planted_state(model), cold, mixture,
        sources=_sources(model, parts),
    )


def _in_response(
    model: Any, parts: Functional, general: FreeEnergy, w: sp.Expr, variance: sp.Expr, h: sp.Expr
) -> FreeEnergy:
    """The theory in C = β(1−q). Its entropy is −∂f/∂T at a fixed variance of the field, in which f is stationary."""
    near = Map(q, C, T)
    field = sp.expand_mul(near.field(h / T))
    lag = variance * (1 - q) / (2 * T)
    signal = sp.expand(parts.patterns * m * parts.signal_field - parts.signal)
    f = signal + near.bulk(lag - T * w) - T * parts.over_signs(GaussianAverage(spin(field, 0), _z))
    entropy = near.bulk(lag / T + sp.diff(T * w, T)) + parts.over_signs(GaussianAverage(spin_entropy(field, 0), _z))
    *others, last = general.saddle_equations
    equations = [*map(near.field, others), sp.expand(-near.equation(last) / T)]
    return FreeEnergy(
        near.explicit(f, model), [*general.order_parameters[:-1], C], general.parameters,
        equations=[near.explicit(e, model) for e in equations],
        replicon=near.explicit(near.field(general.replicon), model),
        domain=[1 - C] if parts.soft else [],
        observables={k: near.explicit(near.field(v), model) for k, v in general.observables.items()},
        entropy=near.explicit(entropy, model),
        definitions=near.definition,
    )


def _sources(model: Any, parts: Functional) -> tuple[str, ...]:
    if forgets(model):
        return ("mezard1986",)
    if "load" not in model.axes:
        return ("sherrington1975", "gardner1985")
    return ("amit1987",) if parts.soft else ("gardner1987",)


def _nishimori(parts: Functional, model: Any) -> dict[str, sp.Expr]:
    """The load at which signal and noise fields have equal mean and variance at m = q, where that holds for every q."""
    if parts.soft or forgets(model):
        return {}
    mean = (parts.signal_field / T).xreplace({m: q})
    variance = explicit(Covariance(1, q), model) / T**2
    load = sp.simplify(alpha * mean / variance)
    return {} if load.has(q) else {"nishimori": alpha - load}


def planted_state(model: Any) -> FreeEnergy:
    """The pure states of the glass at θ = 1, as a memory that obeys the Nishimori condition by construction.

    A typical configuration of the glass acts on a second copy like a stored pattern with signal βξ(m), for which m = q
    (nishimori1981). Where this state is below the paramagnet in free energy, the equilibrium state is a 1RSB glass.
    """
    parts = Functional(Covariance(0, m) / T, 1, False, True)
    w = at_zero_replicas(parts.noise(replica_symmetric_matrix(q)))
    variance = -2 * sp.diff(w, q) * T**2
    h = parts.field(parts.signal_field, sp.sqrt(variance))
    f = -parts.signal + m * parts.signal_field - T * w + variance * (1 - q) / (2 * T)
    f -= T * GaussianAverage(log2cosh(h / T), _z)
    equation = m - GaussianAverage(sp.tanh(h / T), _z)
    given = [alpha, T] if "load" in model.axes else [T]
    f, equation = (explicit(e.xreplace({m: q}), model) for e in (f, equation))
    return FreeEnergy(f, [q], given, equations=[equation])
