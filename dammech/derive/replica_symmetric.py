"""The replica-symmetric theory of Ising memories and glasses, derived from the finite-N Hamiltonian for every order.

One functional serves the Hebbian family (p = 2 with its log-determinant, p ≥ 3 with its covariance ξ), symmetric mixtures of
several patterns, streams of weighted patterns, and the p-spin glass: they differ in the signal and in the noise W(Q).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy as sp

import dammech.derive.oracles as oracles
from dammech.declared.kernels import Kernel
from dammech.derive.ages import AgeAverage, ring_sum
from dammech.derive.averages import GaussianAverage, log2cosh
from dammech.derive.cold import Map, spin, spin_entropy
from dammech.derive.covariance import Covariance, alpha, explicit, forgets, load_of, positive, soft_memory, weight
from dammech.derive.finite_size import hamiltonian_steps
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.functional import Replicated, T, m, q, site_strength
from dammech.derive.replicas import OverlapMatrix, at_zero_replicas, n, replica_symmetric_matrix
from dammech.derive.spins import Ising
from dammech.derive.steps import Deferred, Derivation, Step
from dammech.errors import InputError

C = sp.Symbol("C", positive=True)
_z = sp.Symbol("z", real=True)
_lambda = sp.Symbol("lambda", positive=True)


def functional_of(model: Any, mixture: int = 1) -> Replicated:
    """The replica functional of a model, with so many patterns condensed alike."""
    glass = "load" not in model.axes
    if soft_memory(model):
        if model.is_rectified:
            raise InputError(
                "interaction='rectified' at order 2 has no replica theory here: its soft noise is neither Gaussian nor "
                "a log-determinant; use order 3 or above, or interaction='power'"
            )
        if forgets(model):
            _check_stream(model)
    strength = sp.S.Zero if glass else weight if forgets(model) else sp.S.One
    patterns = 0 if glass else mixture
    sites = [] if glass else [tuple(map(sp.sympify, row)) for row in model.site_disorder]
    if mixture > 1:
        sites = [(sp.binomial(mixture - 1, k) / sp.Integer(2) ** (mixture - 1), sp.Integer(mixture - 2 * k), sp.S.Zero)
                 for k in range(mixture)]  # fmt: skip
    return Replicated(
        max(patterns, 1) * strength * m**model.p / model.p, lambda overlaps: _noise(model, overlaps),
        lambda matrix, p: oracles.noise_of_matrix(model, matrix, p), Ising(), lambda grid: oracles.symbol_points(grid, model),
        tuple(sites) or Replicated.site, patterns=patterns, explicit=lambda e: explicit(e, model),
        sources="amit1987" if soft_memory(model) else "gardner1987",
        stored="η" if not glass and stores_more(model) else Replicated.stored,
    )  # fmt: skip


def _noise(model: Any, overlaps: OverlapMatrix) -> sp.Expr:
    """W(Q): the log of the disorder average of the uncondensed patterns, per spin."""
    if not soft_memory(model):
        return overlaps.sum_of(lambda x: Covariance(0, x)) / (2 * T**2)
    if forgets(model) and not model.shape.flat:
        return load_of(model) * _stream(model, overlaps, model.shape)
    total = sp.S.Zero
    for mode, times in (map(sp.sympify, row) for row in model.noise_modes):
        log_determinant = overlaps.trace_of(partial(_log_of_mode, mode))
        total -= times * (log_determinant + (0 if model.interaction == "power" else mode * n / T)) / 2
    return load_of(model) * total


def _log_of_mode(mode: sp.Expr, x: sp.Expr) -> sp.Expr:
    return sp.log(positive(T - mode * x) / T)


def _stream(model: Any, overlaps: OverlapMatrix, kernel: Kernel) -> sp.Expr:
    """W of patterns with weights at p = 2, per unit of effective load (mezard1986; clipped: sompolinsky1986)."""
    chains = overlaps.trace_of(lambda x: ring_sum(_lambda * x / T))
    total = -AgeAverage.over(chains, _lambda, kernel) / 2
    if model.interaction == "power":
        total += AgeAverage.over(_lambda, _lambda, kernel) * n / (2 * T)
    if not kernel.linear:  # the variance that is in products of several patterns: a glass of independent couplings
        left = 1 - AgeAverage.over(_lambda**2, _lambda, kernel)
        total += left * overlaps.sum_of(lambda x: x**2) / (4 * T**2)
    return total


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


def replica_symmetric(model: Any, mixture: int = 1, first: Callable[[Any], list[Step]] = hamiltonian_steps) -> Derivation:
    """Derive the replica-symmetric theory of ``model``.

    Parameters
    ----------
    model : HebbianDAM or PSpin
    mixture : int
        Number of patterns condensed with equal overlap (p = 2 only; odd).
    first : callable
        The steps that lead from the Hamiltonian to the noise.

    Raises
    ------
    InputError
        For a model or mixture without this theory.
    """
    if mixture != 1 and (not model.soft or mixture % 2 == 0 or mixture < 1):
        raise InputError(f"mixture={mixture}: symmetric mixtures are defined for odd numbers of patterns at order 2")
    parts = functional_of(model, mixture)
    one = parts.generic if mixture == 1 else parts
    hebbian = "load" in model.axes
    unknowns = [m, q] if hebbian else [q]
    domain = [T - largest_mode(model) * (1 - q)] if soft_memory(model) else []
    more = [*([weight] if forgets(model) else []), *([site_strength] if one is not parts else [])]
    observables = {"r": one.fields[1] / load_of(model)} if soft_memory(model) else {}
    if hebbian and stores_more(model):
        observables["m_xi"] = one.overlap_with_pattern
    general = FreeEnergy(
        one.free_energy, unknowns, [load_of(model), T, *more] if hebbian else [T], equations=one.equations,
        replicon=one.replicon(sp.S.Zero), domain=domain, observables=observables,
        conditions=_nishimori(parts, model) if hebbian else {},
    )  # fmt: skip

    def whole(theory: FreeEnergy) -> FreeEnergy:
        return theory if one is parts else theory.averaged(site_strength, parts.strengths)

    frozen = general.cooled({q: 1 - C * T}).zero_temperature
    assert frozen is not None
    theory = whole(general.mapped(lambda e: explicit(e, model)))
    ground = whole(frozen.mapped(lambda e: explicit(e, model), without=("q", "replicon")))
    return Derivation(
        oracles.derivation_name(model, mixture), model, "rs",
        Deferred(partial(_steps, model, parts, first, whole(general), theory, ground)), theory, ground,
        None if soft_memory(model) or forgets(model) else planted_state(model),
        whole(_in_response(model, one, general)), mixture, sources=_sources(model), functional=parts,
    )


def _steps(
    model: Any, parts: Replicated, first: Callable[[Any], list[Step]], general: FreeEnergy, theory: FreeEnergy,
    ground: FreeEnergy,
) -> list[Step]:
    hebbian, unknowns = "load" in model.axes, theory.order_parameters
    scale = largest_mode(model) if soft_memory(model) else sp.S.One  # of temperatures at which 1 − βQ is positive
    heat = [sp.Rational(x) * scale for x in ("1.9", "0.8")]
    at = {**({m: ["0.83", "0.41"]} if hebbian else {}), q: ["0.71"], T: heat}
    assert ground.entropy is not None
    responses = ["0.23", "0.41"] if soft_memory(model) and len(model.noise_modes) > 1 else ["0.23"]
    return [
        *first(model), *parts.steps(at),
        *([parts.pattern_step(oracles.symbol_points(at, model))] if "m_xi" in theory.observables else []),
        Step(
            "Gradient of the free energy", [rf"\partial f/\partial {x}" for x in unknowns],
            tuple(explicit(e, model) for e in general.gradient),
            "differentiation under the average and Stein's lemma",
            "numerical derivatives of the free energy",
            oracles.symbol_points({m: ["0.83"], q: ["0.71", "0.36"], T: ["1.9"]}, model),
            lambda p: oracles.gradient(theory.expression, unknowns, p), source="stein1981",
        ),
        parts.thermodynamics(oracles.symbol_points({**at, T: ["1.9", "1.2"]}, model)),
        Step(
            "Zero temperature", [rf"0 = F_{x}^{{T=0}}" for x in (["m", "C"] if hebbian else ["C"])] + ["f_0", "s_0"],
            (*ground.saddle_equations, ground.expression, ground.entropy),
            "T → 0 at fixed m and C = β(1−q), in which f is stationary: tanh → sign, β sech² → 2δ, T log 2cosh → |·|, then "
            "closed forms; F_C is −F_q/T and s_0 = −∂f/∂T. λ tends to −∞: replica symmetry is unstable there",
            "finite-temperature expressions at q = 1 − CT, extrapolated to T = 0",
            oracles.symbol_points({m: ["0.83", "0.5"], C: responses}, model),
            lambda p: oracles.low_temperature(
                [e if x == m else -e for x, e in zip(unknowns, theory.saddle_equations)], theory.expression, q, C, T, p),
            tolerance=1e-7,
        ),
    ]  # fmt: skip


def largest_mode(model: Any) -> sp.Expr:
    """The largest eigenvalue of the covariance of what is stored: T − it (1 − q) is positive, an eigenvalue of 1 − βQ times T."""
    return max(sp.sympify(mode) for mode, _ in model.noise_modes)


def stores_more(model: Any) -> bool:
    """Whether what is stored differs from the patterns, so that overlaps with these are quantities of their own."""
    return any((mean, variance) != (1, 0) for _, mean, variance in model.site_disorder)


def _in_response(model: Any, parts: Replicated, general: FreeEnergy) -> FreeEnergy:
    """The theory in C = β(1−q). Its entropy is −∂f/∂T at a fixed variance of the field, in which f is stationary."""
    near = Map(q, C, T)
    strength, variance, _ = parts.fields
    lag = variance * (1 - q) / (2 * T)

    def spins(function: Any) -> sp.Expr:
        return parts.mean(lambda h: function(sp.expand_mul(near.field(h / T)), 0), strength, variance)

    signal = sp.expand(parts.patterns * m * strength - parts.signal)
    f = signal + near.bulk(lag - T * parts.limit) - T * spins(spin)
    entropy = near.bulk(lag / T + sp.diff(T * parts.limit, T)) + spins(spin_entropy)
    *others, last = general.saddle_equations
    equations = [*map(near.field, others), sp.expand(-near.equation(last) / T)]
    return FreeEnergy(
        near.explicit(f, model), [*general.order_parameters[:-1], C], general.parameters,
        equations=[near.explicit(e, model) for e in equations],
        replicon=near.explicit(near.field(general.replicon), model),
        domain=[1 - largest_mode(model) * C] if soft_memory(model) else [],
        observables={k: near.explicit(near.field(v), model) for k, v in general.observables.items()},
        entropy=near.explicit(entropy, model),
        definitions=near.definition,
    )


def _sources(model: Any) -> tuple[str, ...]:
    if forgets(model):
        return ("mezard1986",)
    if "load" not in model.axes:
        return ("sherrington1975", "gardner1985")
    return ("hopfield1982", "amit1987") if model.soft else ("gardner1987",)


def _nishimori(parts: Replicated, model: Any) -> dict[str, sp.Expr]:
    """The load at which signal and noise fields have equal mean and variance at m = q, where that holds for every q."""
    if model.soft or forgets(model) or parts.site != Replicated.site:
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
    w = at_zero_replicas(_noise(model, replica_symmetric_matrix(q)))
    variance = -2 * sp.diff(w, q) * T**2
    signal = Covariance(0, m) / T
    field = sp.diff(signal, m)
    h = field + sp.sqrt(variance) * _z
    f = -signal + m * field - T * w + variance * (1 - q) / (2 * T)
    f -= T * GaussianAverage(log2cosh(h / T), _z)
    equation = m - GaussianAverage(sp.tanh(h / T), _z)
    given = [alpha, T] if "load" in model.axes else [T]
    f, equation = (explicit(e.xreplace({m: q}), model) for e in (f, equation))
    return FreeEnergy(f, [q], given, equations=[equation])
