"""The replica functional of any system in four slots, and what replica symmetry makes of it.

log ⟨Zⁿ⟩/N is the extremum of S(m) − m m̂ + W(Q) − ½ Tr Q Q̂ + log Tr e^{½ σQ̂σ + m̂σ}: signal, noise, site disorder and single
spin differ from system to system, and nothing else does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.averages import GaussianAverage, normal
from dammech.derive.oracles import (
    NumberMatrix,
    Point,
    central_difference,
    derivative_at,
    number,
    second_difference,
    symbol_points,
    value,
)
from dammech.derive.replicas import OverlapMatrix, at_zero_replicas, n, replica_symmetric_matrix, replicon_curvature
from dammech.derive.spins import Spin
from dammech.derive.steps import Step

m = sp.Symbol("m", positive=True)
q = sp.Symbol("q", positive=True)
d = sp.Symbol("d", positive=True)
T = sp.Symbol("T", positive=True)
m_hat, q_hat = sp.Symbol(r"\hat{m}", positive=True), sp.Symbol(r"\hat{q}", positive=True)
d_hat = sp.Symbol(r"\hat{d}", real=True)
#: strength of the condensed pattern at a site
site_strength = sp.Symbol("s", real=True)

#: sentence, and lines of LaTeX that follow it
Part = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Replicated:
    """What distinguishes one system from another.

    Attributes
    ----------
    signal : SymPy expression
        T S(m): minus the energy per spin of the condensed patterns, at overlap m.
    noise : callable
        W of an `OverlapMatrix`: the log of the disorder average over the uncondensed patterns, per spin.
    noise_number : callable
        The same of an explicit matrix of numbers at a point, by another route.
    spin : Spin
    site : sequence of (weight, mean, variance)
        Site disorder: a share of the sites on which the condensed pattern's strength is multiplied by a Gaussian number.
    coordinates : mapping
        Order parameters m, q, d in terms of those that are reported.
    patterns : int
        How many are condensed, all at overlap m; 0 for a glass.
    explicit : callable
        Writes out what expressions leave unspecified.
    points : callable
        The grid of given values, with those of the parameters of the noise.
    sources : str
        Bib keys of the noise.
    stored : str
        The letter of what is stored.
    rewritten : sequence of (sentence, lines of LaTeX)
        How the Boltzmann weight becomes a product over patterns, where it is none by itself.
    """

    signal: sp.Expr
    noise: Callable[[OverlapMatrix], sp.Expr]
    noise_number: Callable[[Any, Point], Any]
    spin: Spin
    points: Callable[[Mapping[sp.Symbol, Sequence[Any]]], list[Point]] = symbol_points
    site: Sequence[tuple[sp.Expr, sp.Expr, sp.Expr]] = ((sp.S.One, sp.S.One, sp.S.Zero),)
    coordinates: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)
    patterns: int = 1
    explicit: Callable[[sp.Expr], sp.Expr] = sp.sympify
    sources: str = ""
    stored: str = "ξ"
    rewritten: Sequence[Part] = ()

    @property
    def norm(self) -> sp.Expr:
        """Q_aa."""
        return d if self.spin.free else sp.Integer(1)

    def overlaps(self) -> OverlapMatrix:
        """Q with replica symmetry."""
        return replica_symmetric_matrix(q, self.norm)

    @property
    def signal_field(self) -> sp.Expr:
        """Field that one condensed pattern exerts."""
        return sp.diff(self.signal, m) / self.patterns if self.patterns else sp.Integer(0)

    @property
    def generic(self) -> Replicated:
        """The same with a single kind of site, of strength `site_strength`: expressions of all sites are means over it."""
        return replace(self, site=((sp.S.One, site_strength, sp.S.Zero),)) if len(self.site) > 1 else self

    @property
    def strengths(self) -> list[tuple[sp.Expr, sp.Expr]]:
        """Shares of the sites and strengths there, where these are no Gaussian numbers."""
        return [(share, mean) for share, mean, _ in self.site]

    def over_sites(self, function: Callable[[sp.Expr], sp.Expr], strength: sp.Expr) -> sp.Expr:
        """Mean over the sites of a function of the strength with which the condensed pattern acts there."""
        x = sp.Symbol("x", real=True)
        total = sp.S.Zero
        for share, mean, variance in self.site:
            here = function(strength * (mean + sp.sqrt(variance) * x) if self.patterns else sp.S.Zero)
            total += share * normal(GaussianAverage(here, x))
        return total

    def mean(self, function: Callable[[sp.Expr], sp.Expr], strength: sp.Expr, v: sp.Expr) -> sp.Expr:
        """Mean over the sites of a function of fields that have this strength and this variance; Gaussians add."""
        strength, total = strength if self.patterns else sp.S.Zero, sp.S.Zero
        for share, mean, variance in self.site:
            width = sp.Dummy("v", positive=True) if variance else v  # a sum of variances is not multiplied out
            here = normal(self.spin.mean(function, strength * mean, width))
            total += share * here.xreplace({width: v + strength**2 * variance})
        return total

    @cached_property
    def conjugates(self) -> dict[sp.Symbol, sp.Expr]:
        """Conjugate order parameters at a saddle point, from the signal and the noise."""
        found = {m_hat: self.signal_field / T} if self.patterns else {}
        found[q_hat] = sp.factor(normal(-2 * sp.diff(self.limit, q) * T**2)) / T**2
        if self.spin.free:
            found[d_hat] = sp.factor(normal(2 * sp.diff(self.limit, d)))
        return found

    @cached_property
    def limit(self) -> sp.Expr:
        """∂W/∂n at n = 0."""
        return sp.expand(at_zero_replicas(self.noise(self.overlaps())))

    @cached_property
    def functional(self) -> sp.Expr:
        """−βf of the order parameters and their conjugates."""
        spins = self.mean(lambda h: self.spin.log_weight(h, self._square), m_hat, q_hat)
        norm = -d * d_hat / 2 if self.spin.free else 0
        return normal(self.signal / T - self.patterns * m * m_hat + self.limit + q_hat * q / 2 + norm + spins)

    @property
    def _square(self) -> sp.Expr:
        """What multiplies σ²/2 once the square of the sum over replicas is decoupled."""
        return (d_hat if self.spin.free else sp.S.Zero) - q_hat

    @cached_property
    def free_energy(self) -> sp.Expr:
        """f of the order parameters, in their coordinates."""
        at, (strength, v, g) = self.coordinates, self.fields
        # where σ² is fixed, its part of the weight is a constant that belongs to the bulk
        spins = self.mean(lambda h: self._weight(h / T, g), strength, v)
        bulk = -self.signal + self.patterns * m * self.signal_field - T * self.limit
        lag = v * (1 - q) / (2 * T)
        if self.spin.free:
            lag = self._placed(T / 2 * (d * self.conjugates[d_hat] - q * self.conjugates[q_hat]))
        return sp.expand(sp.expand_log(bulk.xreplace(at))) + lag - T * spins

    @cached_property
    def equations(self) -> tuple[sp.Expr, ...]:
        """What vanishes at a saddle point: m − ⟨σ⟩, q − ⟨σ⟩² and, where σ² varies, d − q − ⟨σ²⟩ + ⟨σ⟩², over T."""
        strength, v, g = self.fields
        a, b = sp.Symbol("a", real=True), sp.Symbol("b", positive=True)
        mean = self.mean(lambda h: self.spin.log_weight(h / T, g), a, b)
        at = {a: strength, b: v}
        overlap = normal(T * sp.diff(mean, a).xreplace(at) / max(self.patterns, 1))
        found = [m.xreplace(self.coordinates) - overlap] if self.patterns else []
        squares = self.mean(lambda h: self.spin.slope(h / T, g) ** 2, strength, v)
        found.append(q.xreplace(self.coordinates) - squares)
        if self.spin.free:
            found.append(self._placed((d - q) / T) - normal(2 * T * sp.diff(mean, b).xreplace(at)))
        return tuple(found)

    @cached_property
    def energy(self) -> sp.Expr:
        """∂(βf)/∂β at a saddle point: order parameters and conjugates, which are stationary, stay fixed."""
        slope = normal(T**2 * sp.diff(self.functional, T))
        return sp.expand_mul(slope.xreplace(self.conjugates).xreplace(self.coordinates))

    def replicon(self, replicas: sp.Expr = n) -> sp.Expr:
        """λ at so many replicas and any conjugates; for n = 0 those of the saddle point."""
        strength, v, g = self.fields if replicas == 0 else (T * m_hat, T**2 * q_hat, self._square)
        curvature = self._placed(normal(replicon_curvature(self.noise, q, self.norm)))

        def spins(a: sp.Expr) -> sp.Expr:
            def weight(h: sp.Expr) -> sp.Expr:
                return sp.exp(replicas * self._weight(h / T, g))

            weighted = self.spin.mean(lambda h: self.spin.curvature(h / T, g) * weight(h), a, v)
            return weighted / self.spin.mean(weight, a, v)

        if replicas == 0:
            return normal(1 - curvature * self.mean(lambda h: self.spin.curvature(h / T, g), strength, v))
        return 1 - curvature * self.over_sites(spins, strength)

    @cached_property
    def overlap_with_pattern(self) -> sp.Expr:
        """⟨σ⟩ along the condensed pattern itself, where what is stored differs from it."""
        strength, v, g = self.fields
        return self.mean(lambda h: self.spin.slope(h / T, g), strength, v)

    def pattern_step(self, points: Sequence[Point]) -> Step:
        """The step to the overlap with the condensed pattern itself."""
        def response(p: Point) -> Any:
            stationary = self._stationary(p)
            v, norm = stationary[q_hat], stationary.get(d_hat, mp.mpf(0))
            strengths = stationary[m_hat]

            def weight(replicas: Any, extra: Any) -> Any:
                return self.over_sites_at(lambda a: self.spin.continued(replicas, a + extra, v, norm - v, p), strengths, p)

            small = mp.mpf("1e-12")
            with mp.workdps(42):
                return central_difference(lambda extra: weight(small, extra) / small, mp.mpf(0), "1e-3")

        return Step(
            "Overlap with the pattern itself", [r"m_\xi"], (self.explicit(self.overlap_with_pattern),),
            "derivative of −βf in a field along the pattern", "numerical derivative in that field, at 10⁻¹² replicas",
            points, lambda p: [response(p)], tolerance=1e-8, digits=15,
        )

    @property
    def fields(self) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        """Strength and variance of the field, and what multiplies σ²/2, at a saddle point."""
        strength = self.signal_field.xreplace(self.coordinates)
        return strength, self._placed(T**2 * self.conjugates[q_hat]), self._placed(self._square.xreplace(self.conjugates))

    def _placed(self, e: sp.Expr) -> sp.Expr:
        return sp.factor(e.xreplace(self.coordinates))

    def steps(
        self, at: Mapping[sp.Symbol, Sequence[Any]], placed: Mapping[sp.Symbol, Sequence[Any]] | None = None
    ) -> list[Step]:
        """From the noise to the replicon, each checked by another route.

        ``at`` are values of m, q (and d) and T for the checks, ``placed`` those of their coordinates and T, where it has any.
        """
        placed = at if placed is None else placed
        some = {x: values[:1] for x, values in placed.items()} | {T: placed[T]}
        few = {x: values[:1] for x, values in at.items()} | {T: at[T]}
        fields = {m_hat: ["0.77"], q_hat: ["0.61"], d_hat: ["0.37"]}
        fields = {x: v for x, v in fields.items() if x in self.conjugates}
        nested = any(variance != 0 for _, _, variance in self.site)
        spins = {"digits": 15, "tolerance": 1e-8} if nested or self.spin.digits <= 15 else {"digits": 30}
        free_energy, replicon = self.explicit(self.functional), self.explicit(self.replicon())

        def saddle(p: Point) -> list[Any]:
            slopes = {x: derivative_at(free_energy, x, p) for x in self.conjugates}
            first = [-slopes[m_hat] / self.patterns] if self.patterns else []
            last = [-2 * (slopes[d_hat] + slopes[q_hat]) / number(p[T])] if self.spin.free else []
            return [*first, 2 * slopes[q_hat], *last]

        return [
            Step("Noise functional", ["W_n(q)"], (self.explicit(self.noise(self.overlaps())),),
                 "eigenvalues of Q with their multiplicities, or its entries with their counts",
                 "explicit overlap matrices of 2 to 5 replicas", self.points({n: [2, 3, 4, 5], **few, q: ["0.37"], T: ["5.9"]}),
                 lambda p: [self.noise_number(self.overlaps().explicit(int(p[n])).subs(p), p)],
                 assumption="Q_ab = q for a ≠ b (replica symmetry)", source=self.sources),
            Step("Trace over the replicated spins", [r"\log\operatorname{Tr}_n"],
                 (self.over_sites(self._log_trace, m_hat),),
                 "Gaussian decoupling of the square; the replicas become independent",
                 "explicit sums over the states of 1, 2 and 3 spins",
                 self.points({n: [1, 2, 3], T: at[T], **fields}), lambda p: [self._trace(p)], **spins),
            Step("Replica limit", [r"-\beta f"], (free_energy,),
                 "∂Φ/∂n at n = 0; the n(n − 1)/2 pairs leave + q q̂/2",
                 "numerical derivative at n = 0 of the functional continued to real n", self.points({**few, **fields}),
                 lambda p: [self._derivative_at_zero(p)], assumption="the limits N → ∞ and n → 0 commute", **spins),
            Step("Conjugate order parameters", [str(x) for x in self.conjugates],
                 tuple(self.explicit(e) for e in self.conjugates.values()), "stationarity in the order parameters",
                 "numerical derivatives of the signal and of W", self.points(few),
                 lambda p: list(self._conjugates_at(p).values())),
            Step("Free energy", ["f"], (self.explicit(self.free_energy),), "conjugate order parameters inserted",
                 "−T times the functional of the replica limit at numerically stationary conjugates", self.points(placed),
                 lambda p: [self.value_at(p)]),
            Step("Saddle equations", [f"0 = F_{sp.latex(x)}" for x in placed if x != T],
                 tuple(self.explicit(e) for e in self.equations),
                 "stationarity in the conjugate order parameters, by Stein's lemma",
                 "numerical derivatives of the functional in them",
                 self.points(placed), lambda p: saddle(self._stationary(p)), source=f"{self.sources} stein1981".strip()),
            Step("Replicon at n replicas", [r"\lambda_n"], (replicon,),
                 "second derivatives of Φ in (Q_ab, Q̂_ab) along a direction whose rows sum to zero: 1 less their product, "
                 "minus the "
                 "determinant, at any m̂ and q̂",
                 "Hessian of the explicit functional with 4 and 5 replicas: sums over states, matrices differentiated",
                 self.points({n: [4, 5], **{x: v[:1] for x, v in placed.items()}, **fields}),
                 lambda p: [self._hessian({**self._stationary(p), **{x: number(p[x]) for x in fields}})],
                 source=f"dealmeida1978 {self.sources}".strip(),
                 **({**spins, "tolerance": 1e-6} if "tolerance" in spins else spins)),
            Step("Replicon", [r"\lambda"], (self.explicit(self.replicon(sp.S.Zero)),),
                 "n → 0 at the saddle point; replica symmetry is stable where λ is positive",
                 "the n-replica expression at n = 10⁻³⁶", self.points(some),
                 lambda p: [value(replicon, {**self._stationary(p), n: sp.Rational(1, 10**36)}, 15 if nested else 35)],
                 source="dealmeida1978", **(spins if nested else {})),
        ]

    def thermodynamics(self, points: Sequence[Point], **settings: Any) -> Step:
        """The step to energy and entropy."""
        energy = self.explicit(self.energy)
        return Step(
            "Energy and entropy", ["e", "s"], (energy, sp.expand_mul((energy - self.explicit(self.free_energy)) / T)),
            "e = ∂(βf)/∂β of the functional of the replica limit, whose order parameters and conjugates are stationary; s = "
            "(e − f)/T",
            "numerical derivative of the functional in β", points, self._thermodynamics, **settings,
        )

    def value_at(self, p: Point) -> Any:
        """f at a point, from the functional with conjugates that make it stationary; another route than `free_energy`."""
        return -number(p[T]) * value(self.explicit(self.functional), self._stationary(p))

    def _thermodynamics(self, p: Point) -> list[Any]:
        functional, at = self.explicit(self.functional), self._stationary(p)
        with mp.workdps(52):
            energy = -central_difference(lambda b: value(functional, {**at, T: 1 / b}, 38), 1 / number(p[T]))
        return [energy, (energy - self.value_at(p)) / number(p[T])]

    def _conjugates_at(self, p: Point) -> dict[sp.Symbol, Any]:
        limit = self.explicit(self.limit)
        found = {m_hat: derivative_at(self.signal, m, p) / number(p[T]) / self.patterns} if self.patterns else {}
        found[q_hat] = -2 * derivative_at(limit, q, p)
        return found | ({d_hat: 2 * derivative_at(limit, d, p)} if self.spin.free else {})

    def _stationary(self, p: Point) -> dict[sp.Symbol, Any]:
        """The point with m, q, d for their coordinates, and numerically stationary conjugates."""
        found = {**p, **{x: value(e, p) for x, e in self.coordinates.items()}}
        return {**found, **self._conjugates_at(found)}

    def _log_trace(self, a: sp.Expr) -> sp.Expr:
        trace = self.spin.mean(lambda h: sp.exp(n * self._weight(h, self._square)), a, q_hat)
        return sp.log(trace * (1 if self.spin.free else sp.exp(n * self._square / 2)))

    def _weight(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """The logarithm of the weight, less a constant where σ² = 1."""
        return self.spin.log_weight(h, g if self.spin.free else sp.S.Zero)

    def over_sites_at(self, function: Callable[[Any], Any], strength: Any, p: Point) -> Any:
        """The mean over sites of a function of numbers, by a trapezoid where strengths are Gaussian."""
        total = mp.mpf(0)
        for share, mean, variance in ([value(e, p) for e in row] for row in self.site):
            width = mp.sqrt(variance)
            nodes = [mp.mpf(k) / 2 for k in range(-18, 19)] if width else [mp.mpf(0)]
            weights = [mp.npdf(x) / 2 if width else mp.mpf(1) for x in nodes]
            total += share * mp.fsum(w * function(strength * (mean + width * x)) for w, x in zip(weights, nodes))
        return total

    def _trace(self, p: Point) -> Any:
        size, coupling = int(p[n]), number(p[q_hat])
        couplings = mp.matrix(size, size)
        for a, b in itertools.product(range(size), repeat=2):
            couplings[a, b] = coupling if a != b else number(p.get(d_hat, sp.S.Zero))
        return self.over_sites_at(lambda a: self.spin.log_trace(a, couplings, p), number(p.get(m_hat, sp.S.Zero)), p)

    def _derivative_at_zero(self, p: Point) -> Any:
        strength, v, norm = (number(p.get(x, sp.S.Zero)) for x in (m_hat, q_hat, d_hat))
        noise = self.explicit(self.noise(self.overlaps()))

        def total(replicas: Any) -> Any:
            signal = value(self.signal, p) / number(p[T]) - self.patterns * number(p.get(m, sp.S.Zero)) * strength
            conjugate = replicas * (replicas - 1) / 2 * number(p[q]) * v + replicas * norm * number(p.get(d, sp.S.Zero)) / 2
            spins = self.over_sites_at(lambda a: self.spin.continued(replicas, a, v, norm - v, p), strength, p)
            return replicas * signal - conjugate + value(noise, {**p, n: replicas}, 40) + spins

        with mp.workdps(42):
            return central_difference(total, mp.mpf(0), "1e-5" if self.spin.digits > 15 else "3e-3")

    def _hessian(self, p: Point) -> Any:
        """1 − W'' (log Tr)'' along (12)+(34)−(13)−(24), per unit norm."""
        size = int(p[n])

        def moved(matrix: Any, step: Any) -> Any:
            for (a, b), sign in {(0, 1): 1, (2, 3): 1, (0, 2): -1, (1, 3): -1}.items():
                matrix[a, b] += sign * step
                matrix[b, a] += sign * step
            return matrix

        def noise(step: Any) -> Any:
            entries = {(a, b): number(p[q]) if a != b else number(self.norm.subs(p)) for a in range(size) for b in range(size)}
            return self.noise_number(NumberMatrix(moved(entries, step), size), p)

        def spins(step: Any) -> Any:
            couplings = mp.matrix(size, size)
            for a, b in itertools.product(range(size), repeat=2):
                couplings[a, b] = p[q_hat] if a != b else p.get(d_hat, mp.mpf(0))
            couplings = moved(couplings, step)
            return self.over_sites_at(lambda a: self.spin.log_trace(a, couplings, p), p.get(m_hat, mp.mpf(0)), p)

        with mp.workdps(45):
            step = "1e-5" if self.spin.digits > 15 else "0.03"
            return 1 - second_difference(noise, "1e-5") / 4 * second_difference(spins, step) / 4
