"""k-step replica symmetry breaking, derived from the same functional as the replica-symmetric theory.

One derivation serves every number of levels, order, covariance ξ(q) and the log-determinant of p = 2. Local fields carry a
Gaussian z_l of width s_l for each level; the widths stay symbols until the end, so that differentiation, Stein's lemma and
T → 0 act on short expressions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import sympy as sp

import dammech.derive.oracles as oracles
from dammech.derive.averages import averages, normal
from dammech.derive.broken_steps import broken_steps
from dammech.derive.covariance import alpha, explicit, soft_memory
from dammech.derive.finite_size import hamiltonian_steps
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.functional import Replicated, T, m, m_hat, site_strength
from dammech.derive.hierarchy import (
    block_eigenvalues,
    hierarchical_matrix,
    levels,
    log_trace,
    replicon_noise_curvature,
    replicon_spin_curvature,
)
from dammech.derive.levels import Levels
from dammech.derive.replica_symmetric import functional_of, largest_mode, stores_more
from dammech.derive.replicas import at_zero_replicas, n
from dammech.derive.steps import Deferred, Derivation, Step
from dammech.derive.zero_temperature import cold_spins, leading_term, slope_in_temperature

C = sp.Symbol("C", positive=True)
_strength = sp.Symbol("a", positive=True)  # signal field over T


@dataclass(frozen=True)
class BrokenTheory:
    """The pieces of the k-step theory of a model, each derived when it is asked for.

    Attributes
    ----------
    model : the Hamiltonian's dataclass
    steps : int
        k, the number of levels at which replica symmetry is broken.
    first : callable
        The steps that lead from the Hamiltonian to the noise.
    generic : bool
        With a single kind of site; `whole` is the mean over all.
    """

    model: Any
    steps: int
    first: Callable[[Any], list[Step]] = hamiltonian_steps
    generic: bool = False

    @property
    def by_rule(self) -> bool:
        """Whether means are written level by level (`Levels`) instead of by differentiation: from two levels on."""
        return self.steps > 1

    @cached_property
    def levels(self) -> Levels:
        """The nested measures of the local field."""
        return Levels(self.field, self.z, self.sizes)

    @cached_property
    def parts(self) -> Replicated:
        """Signal and noise functional of the model."""
        parts = functional_of(self.model)
        return parts.generic if self.generic else parts

    @property
    def kinds(self) -> list[sp.Symbol]:
        """The strength at the kind of site that stands for all, where there are several."""
        return [site_strength] if self.generic and any(mean == site_strength for _, mean in self.parts.strengths) else []

    def whole(self, theory: FreeEnergy) -> FreeEnergy:
        """The mean over all kinds of sites."""
        return theory.averaged(site_strength, functional_of(self.model).strengths) if self.kinds else theory

    @cached_property
    def stores_more(self) -> bool:
        """Whether the overlap with the pattern itself is a quantity of its own."""
        return self.hebbian and stores_more(self.model)

    @cached_property
    def hebbian(self) -> bool:
        """Whether there is a pattern to be retrieved."""
        return "load" in self.model.axes

    @cached_property
    def q(self) -> tuple[sp.Symbol, ...]:
        """Overlaps q_0 … q_k."""
        return levels(self.steps + 1, "q", positive=True)

    @cached_property
    def q_hat(self) -> tuple[sp.Symbol, ...]:
        """Their conjugates."""
        return tuple(sp.Symbol(rf"\hat{{q}}_{j}", positive=True) for j in range(self.steps + 1))

    @cached_property
    def sizes(self) -> tuple[sp.Symbol, ...]:
        """Block sizes θ_1 < … < θ_k (θ where there is one)."""
        return levels(self.steps, "theta", 1, positive=True)

    @cached_property
    def slopes(self) -> tuple[sp.Symbol, ...]:
        """y_l = θ_l/T."""
        return levels(self.steps, "y", 1, positive=True)

    @cached_property
    def spreads(self) -> tuple[sp.Symbol, ...]:
        """Widths s_l of the Gaussian fields over T: s_l² = q̂_l − q̂_{l−1}."""
        return tuple(sp.Symbol(f"s_{j}", positive=True) for j in range(self.steps + 1))

    @cached_property
    def z(self) -> tuple[sp.Symbol, ...]:
        """Gaussian variables of the levels."""
        return tuple(sp.Symbol(f"zeta_{j}", real=True) for j in range(self.steps + 1))

    @cached_property
    def field(self) -> sp.Expr:
        """Local field over T."""
        noise = sp.Add(*[s * z for s, z in zip(self.spreads, self.z)])
        return (_strength if self.hebbian else 0) + noise

    @cached_property
    def widths(self) -> tuple[sp.Expr, ...]:
        """Block sizes at n = 0, with the outermost and the single replica: 0, θ_1, …, θ_k, 1."""
        return (sp.Integer(0), *self.sizes, sp.Integer(1))

    @cached_property
    def noise(self) -> sp.Expr:
        """W_n of the hierarchical matrix."""
        return self.parts.noise(hierarchical_matrix(self.q, self.sizes))

    @cached_property
    def w(self) -> sp.Expr:
        """The noise functional per replica at n → 0."""
        return sp.expand(at_zero_replicas(self.noise))

    @cached_property
    def trace(self) -> sp.Expr:
        """log Tr over n spins."""
        return self.over_strengths(log_trace(self.field, self.z, self.sizes, sp.Add(*[s**2 for s in self.spreads])))

    @cached_property
    def spins(self) -> sp.Expr:
        """The same per replica at n → 0, less −q̂_k/2."""
        return self.over_sites(self._one_site)

    @cached_property
    def _one_site(self) -> sp.Expr:
        if self.by_rule:
            return self.levels.outwards(0, self.levels.block(1))
        return normal(at_zero_replicas(log_trace(self.field, self.z, self.sizes, sp.S.Zero)))

    @property
    def spread(self) -> sp.Expr:
        """Variance of the condensed pattern's strength at a site; as n → 0 it adds to that of z_0, and s_0 holds both."""
        (variance,) = {variance for _, _, variance in self.parts.site}
        return variance

    def over_sites(self, e: sp.Expr) -> sp.Expr:
        """Mean over the sites of an average over z_0."""
        return sp.Add(*[share * e.xreplace({_strength: mean * _strength}) for share, mean, _ in self.parts.site])

    def over_strengths(self, e: sp.Expr) -> sp.Expr:
        """The same at integer n, where s_0 is that of the noise alone."""
        return self.parts.over_sites(lambda a: e.xreplace({_strength: a}), _strength) if self.hebbian else e

    def along_stored(self, spins: sp.Expr) -> sp.Expr:
        """Mean spin times what is stored at its site: the derivative of the mean over the sites in m̂."""
        mean, width = normal(sp.diff(spins, _strength)), self.spreads[0]
        return mean + self.spread * _strength * normal(sp.diff(spins, width)) / width if self.spread else mean

    @cached_property
    def overlap_with_pattern(self) -> sp.Expr:
        """Mean spin."""
        if self.by_rule:
            return self.over_sites(self.levels.outwards(0, self.levels.magnetisation(0)))
        return self.over_sites(normal(sp.diff(self._one_site, _strength)))

    @cached_property
    def rest(self) -> sp.Expr:
        """−βf less the averages over the spins, with the conjugates."""
        pairs = sp.Add(*[(self.widths[j + 1] - self.widths[j]) * a * b for j, (a, b) in enumerate(zip(self.q, self.q_hat))])
        signal = self.parts.signal / T - m * m_hat if self.hebbian else sp.Integer(0)
        return signal + self.w + pairs / 2 - self.q_hat[-1] / 2

    @cached_property
    def with_conjugates(self) -> dict[sp.Symbol, sp.Expr]:
        """Widths and strength of the field in terms of the conjugate order parameters."""
        increments = [b - a for a, b in pairwise((-self.spread * m_hat**2 if self.spread else sp.S.Zero, *self.q_hat))]
        return {_strength: m_hat, **{s: sp.sqrt(v) for s, v in zip(self.spreads, increments)}}

    @cached_property
    def conjugates(self) -> dict[sp.Symbol, sp.Expr]:
        """Stationary m̂ and q̂ as functions of the order parameters."""
        found: dict[sp.Symbol, sp.Expr] = {m_hat: self.parts.signal_field / T} if self.hebbian else {}
        for j, (a, b) in enumerate(zip(self.q, self.q_hat)):
            found[b] = sp.factor(2 * sp.diff(self.w, a) / (self.widths[j] - self.widths[j + 1]))
        return found

    @cached_property
    def with_order_parameters(self) -> dict[sp.Symbol, sp.Expr]:
        """Widths and strength of the field in terms of the order parameters."""
        q_hat = [self.conjugates[x] for x in self.q_hat]
        outermost = q_hat[0] + self.spread * self.conjugates[m_hat] ** 2 if self.spread else q_hat[0]
        increments = [sp.factor(outermost), *[sp.factor(b - a) for a, b in pairwise(q_hat)]]
        return {
            **({_strength: self.conjugates[m_hat]} if self.hebbian else {}),
            **{s: sp.sqrt(v) for s, v in zip(self.spreads, increments)},
        }

    def inserted(self, e: sp.Expr) -> sp.Expr:
        """An expression with conjugates inserted; widths and strength stay."""
        return e.xreplace(self.conjugates)

    @cached_property
    def overlaps(self) -> tuple[sp.Expr, ...]:
        """The means that q_0 … q_k equal at the saddle point, from ∂/∂q̂_l of the functional."""
        if self.by_rule:
            return tuple(self.over_sites(self.levels.overlap(j)) for j in range(self.steps + 1))
        along = [*[normal(sp.diff(self.spins, s)) / (2 * s) for s in self.spreads], sp.Rational(1, 2)]
        return tuple(
            _collected(sp.expand(2 * (inner - outer) / (self.widths[j + 1] - self.widths[j])))
            for j, (outer, inner) in enumerate(pairwise(along))
        )

    @cached_property
    def equations(self) -> tuple[sp.Expr, ...]:
        """Saddle equations for m, q_0 … q_k and θ_1 … θ_k, in widths and strength, and conjugates in those for θ."""
        if self.by_rule:
            one = self.levels.outwards(0, self.levels.magnetisation(0))
            mean = sp.Add(*[share * (s * one).xreplace({_strength: s * _strength}) for share, s, _ in self.parts.site])
            if self.spread:
                mean += self.spread * _strength * self.levels.outwards(0, self.levels.susceptibility(0))

            def moving(level: int) -> sp.Expr:
                return self.over_sites(self.levels.slope_in_size(level))
        else:
            mean = self.along_stored(self.spins)

            def moving(level: int) -> sp.Expr:
                return normal(sp.diff(self.spins, self.sizes[level - 1]))

        order = (m - mean,) if self.hebbian else ()
        overlaps = tuple(a - mean for a, mean in zip(self.q, self.overlaps))
        sizes = tuple(sp.diff(self.rest, x) + moving(j) for j, x in enumerate(self.sizes, start=1))
        return (*order, *overlaps, *sizes)

    @cached_property
    def unknowns(self) -> tuple[sp.Symbol, ...]:
        """Order parameters."""
        return (*([m] if self.hebbian else []), *self.q, *self.sizes)

    @cached_property
    def free_energy(self) -> sp.Expr:
        """f in the order parameters, widths and strength."""
        return -T * (self.rest + self.spins)

    @cached_property
    def energy(self) -> sp.Expr:
        """e = ∂(βf)/∂β at fixed conjugates, which are stationary."""
        beta = sp.Symbol("beta", positive=True)
        explicit_part = (self.parts.signal / T if self.hebbian else 0) + self.w
        return sp.expand(-sp.diff(explicit_part.xreplace({T: 1 / beta}), beta).xreplace({beta: 1 / T}))

    @cached_property
    def noise_curvatures(self) -> tuple[sp.Expr, ...]:
        """Second derivatives of the noise functional in the replicon directions of the levels."""
        return tuple(
            replicon_noise_curvature(self.parts.noise, self.q, self.sizes, level) for level in range(self.steps + 1)
        )

    @cached_property
    def replicons(self) -> tuple[sp.Expr, ...]:
        """λ_l of each level, normalised to 1 without interaction, in widths and strength."""
        found = []
        for level, noise in enumerate(self.noise_curvatures):
            if self.by_rule:
                spins = self.levels.outwards(level, self.levels.susceptibility(level) ** 2)
            else:
                spins = normal(replicon_spin_curvature(self.field, self.z, self.sizes, level).subs(n, 0).doit())
            found.append(1 - noise * self.over_sites(spins))
        return tuple(found)

    def replicon_at_integer_replicas(self, level: int) -> sp.Expr:
        """λ_l before n → 0."""
        noise = replicon_noise_curvature(self.parts.noise, self.q, self.sizes, level)
        return 1 - noise * self.over_strengths(replicon_spin_curvature(self.field, self.z, self.sizes, level))

    @cached_property
    def domain(self) -> list[sp.Expr]:
        """What must be positive: increments of q, θ, and at p = 2 the eigenvalues of T − Q."""
        eigenvalues = block_eigenvalues(self.q, self.sizes) if soft_memory(self.model) else []
        soft = [T - largest_mode(self.model) * d for d in eigenvalues]
        overlaps = [b - a for a, b in pairwise(self.q)]
        return [*soft, *overlaps, *self.sizes]


def _collected(e: sp.Expr) -> sp.Expr:
    """An expression linear in averages with its coefficients in lowest terms."""
    nodes = {a: sp.Dummy() for a in averages(e)}
    flat = sp.expand(e.xreplace(nodes))
    rest = flat.xreplace({d: sp.Integer(0) for d in nodes.values()})
    return sp.cancel(rest) + sp.Add(*[sp.cancel(flat.coeff(d)) * a for a, d in nodes.items()])


def replica_symmetry_breaking(
    model: Any, steps: int = 1, first: Callable[[Any], list[Step]] = hamiltonian_steps
) -> Derivation:
    """Derive the k-step theory of ``model``, k = ``steps``.

    Parameters
    ----------
    model : HebbianDAM or PSpin
    steps : int
        k ≥ 1.
    first : callable
        The steps that lead from the Hamiltonian to the noise.

    Raises
    ------
    InputError
        For a model without a replica theory.
    """
    t = BrokenTheory(model, steps, first)
    one = replace(t, generic=True)
    observables = {f"replicon_{x.name}": one.inserted(v) for x, v in zip(one.q, one.replicons)}
    if soft_memory(model):
        observables["r"] = one.conjugates[one.q_hat[-1]] * T**2 / alpha
    equations = [e.xreplace(one.conjugates) for e in one.equations]
    if one.stores_more:
        observables["m_xi"] = one.overlap_with_pattern
    observables["complexity"] = -one.sizes[-1] ** 2 * equations[-1]
    f = one.free_energy.xreplace(one.conjugates)
    theory = one.whole(FreeEnergy(
        explicit(f, model), one.unknowns, [alpha, T, *one.kinds] if one.hebbian else [T],
        equations=[explicit(x, model) for x in equations], domain=one.domain,
        observables={k: explicit(v, model) for k, v in observables.items()},
        entropy=explicit((one.energy - f) / T, model),
        definitions={k: explicit(v, model) for k, v in one.with_order_parameters.items()},
    ))
    return Derivation(
        oracles.derivation_name(model, 1, f"{steps}rsb"), model, f"{steps}rsb",
        Deferred(partial(broken_steps, t, ZeroTemperature(t))), theory, _ground(ZeroTemperature(one)), None,
        sources=("parisi1980", "steffan1994") if soft_memory(t.model) else ("gardner1985", "gardner1987"),
        functional=t.parts,
    )


def _ground(cold: ZeroTemperature) -> FreeEnergy:
    """The theory at T = 0, in C = β(1 − q_k) and y_l = βθ_l."""
    t = cold.theory
    explicitly = [explicit(e, t.model) for e in (cold.free_energy, cold.entropy, *cold.equations)]
    observables = {f"replicon_{x.name}": explicit(e, t.model) for x, e in zip(t.q[:-1], cold.replicons)}
    if soft_memory(t.model):
        observables["r"] = explicit(cold.limit(t.conjugates[t.q_hat[-1]] * T**2) / alpha, t.model)
    if t.stores_more:
        observables["m_xi"] = explicit(cold.limit(t.overlap_with_pattern), t.model)
    observables["complexity"] = -t.slopes[-1] ** 2 * explicitly[-1]
    return t.whole(FreeEnergy(
        explicitly[0], cold.unknowns, [alpha, *t.kinds] if t.hebbian else [], equations=explicitly[2:],
        domain=cold.domain, observables=observables, entropy=explicitly[1],
        definitions={k: explicit(v, t.model) for k, v in cold.fields.items()},
    ))


@dataclass(frozen=True)
class ZeroTemperature:
    """T → 0 of a k-step theory at fixed C = β(1 − q_k) and y_l = βθ_l."""

    theory: BrokenTheory

    @cached_property
    def unknowns(self) -> tuple[sp.Symbol, ...]:
        """m, q_0 … q_{k−1}, C and y_1 … y_k."""
        t = self.theory
        return (*([m] if t.hebbian else []), *t.q[:-1], C, *t.slopes)

    @cached_property
    def scaled(self) -> dict[sp.Symbol, sp.Expr]:
        """Order parameters in terms of those that stay finite; width and strength symbols become those of the field."""
        t = self.theory
        sizes = {x: T * y for x, y in zip(t.sizes, t.slopes)}
        return {**sizes, t.q[-1]: 1 - C * T, **{s: s / T for s in (_strength, *t.spreads)}}

    @cached_property
    def variances(self) -> tuple[sp.Expr, ...]:
        """Squared widths of the field at each level, to be expanded in T."""
        t = self.theory
        return tuple((T**2 * t.with_order_parameters[s] ** 2).xreplace(self.scaled) for s in t.spreads)

    @cached_property
    def fields(self) -> dict[sp.Symbol, sp.Expr]:
        """Limits of strength and widths."""
        t = self.theory
        strength = {_strength: t.parts.signal_field} if t.hebbian else {}
        return {**strength, **{s: sp.sqrt(sp.factor(leading_term(v, T))) for s, v in zip(t.spreads, self.variances)}}

    def limit(self, e: sp.Expr, *, leading: bool = False) -> sp.Expr:
        """Limit of an expression in widths, strength and order parameters."""
        cold = cold_spins(e.xreplace(self.theory.conjugates).xreplace(self.scaled), T)
        nodes = {a: sp.Dummy(positive=True) for a in averages(cold)}
        found = leading_term(cold.xreplace(nodes), T, leading=leading)
        return found.xreplace({d: a for a, d in nodes.items()})

    @cached_property
    def equations(self) -> tuple[sp.Expr, ...]:
        """Equations for the unknowns, in their order."""
        t = self.theory
        first = len(t.unknowns) - len(t.q) - len(t.sizes)
        last = first + t.steps
        found = []
        for k, e in enumerate(t.equations):
            if k == last:
                found.append(-self.limit(e, leading=True))  # C grows as q_k falls
            else:
                found.append(self.limit(e * T**2 if k > last else e))
        return tuple(found)

    @cached_property
    def free_energy(self) -> sp.Expr:
        """f, which is the energy."""
        return self.limit(self.theory.free_energy)

    @cached_property
    def entropy(self) -> sp.Expr:
        """−∂f/∂T at T = 0: f is stationary, and the averages depend on T through their widths only, up to T²."""
        t = self.theory
        rest = slope_in_temperature((T * t.rest).xreplace(t.conjugates).xreplace(self.scaled), T)
        spins = cold_spins((T * t.spins).xreplace(self.scaled), T)
        moving = sp.Add(*[
            normal(sp.diff(spins, s)) / (2 * s) * slope_in_temperature(v, T) for s, v in zip(t.spreads, self.variances)
        ])
        return rest + moving

    @cached_property
    def replicons(self) -> tuple[sp.Expr, ...]:
        """Of all levels but the innermost, whose replicon tends to −∞."""
        return tuple(self.limit(x) for x in self.theory.replicons[:-1])

    @cached_property
    def domain(self) -> list[sp.Expr]:
        """What must be positive."""
        t = self.theory
        eigenvalues = block_eigenvalues(t.q, t.sizes) if soft_memory(t.model) else []
        soft = [leading_term((1 - largest_mode(t.model) * d / T).xreplace(self.scaled), T) for d in eigenvalues]
        ends = [*t.q[:-1], sp.Integer(1)]
        return [*soft, *[b - a for a, b in pairwise(ends)], *t.slopes]

