"""The replica functional of any system in four slots, and what replica symmetry makes of it.

log ⟨Zⁿ⟩/N is the extremum of S(m) − m m̂ + W(Q) − ½ Tr Q Q̂ + log Tr e^{½ σQ̂σ + m̂σ}: signal, noise, site disorder and single
spin differ from system to system, and nothing else does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.averages import GaussianAverage, log2cosh, normal
from dammech.derive.evaluate import evaluate
from dammech.derive.oracles import Point, conjugates, derivative_at, gradient, number, saddle, thermodynamics, value
from dammech.derive.plane import PlaneAverage, log_i0, phase_mean
from dammech.derive.replicas import OverlapMatrix, at_zero_replicas, n, replica_symmetric_matrix, replicon_curvature
from dammech.derive.steps import Step

m = sp.Symbol("m", positive=True)
q = sp.Symbol("q", positive=True)
d = sp.Symbol("d", positive=True)
T = sp.Symbol("T", positive=True)
m_hat, q_hat = sp.Symbol(r"\hat{m}", positive=True), sp.Symbol(r"\hat{q}", positive=True)
d_hat = sp.Symbol(r"\hat{d}", real=True)
_h = sp.Symbol("h", real=True)
_z = sp.Symbol("z", real=True)


class Spin(Protocol):
    """One spin σ of any kind: the slot of a single site.

    Attributes
    ----------
    free : bool
        Whether σ² varies, so that its mean is an order parameter.
    digits : int
        To which its sums over states are known.
    """

    free: bool
    digits: int

    def log_weight(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """log Tr e^{hσ + gσ²/2} in a field of modulus h."""

    def mean(self, function: Callable[[sp.Expr], sp.Expr], a: sp.Expr, v: sp.Expr) -> sp.Expr:
        """Mean of a function of the field's modulus over Gaussian fields of mean a and variance v."""

    def curvature(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """Σ (∂∂ log Tr)² over the components of the field."""

    def log_trace(self, a: Any, couplings: Any) -> Any:
        """log Tr e^{a Σσ_a + ½ σ·couplings·σ} over explicit replicas, by a sum over their states."""

    def continued(self, replicas: Any, a: Any, v: Any, g: Any) -> Any:
        """log of the mean of (Tr e^{hσ + gσ²/2})ⁿ at a real number of replicas."""


class Ising:
    """σ = ±1."""

    free, digits = False, 30

    def log_weight(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """log 2cosh h + g/2."""
        return log2cosh(h) + g / 2

    def mean(self, function: Callable[[sp.Expr], sp.Expr], a: sp.Expr, v: sp.Expr) -> sp.Expr:
        """Over a standard Gaussian."""
        return GaussianAverage(function(a + sp.sqrt(v) * _z), _z)

    def curvature(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """From the weight."""
        x = sp.Symbol("x", real=True)
        slope = sp.diff(self.log_weight(x, g), x, 2)
        return slope.xreplace({x: h}) ** 2

    def log_trace(self, a: Any, couplings: Any) -> Any:
        """2ⁿ states."""
        states = itertools.product((-1, 1), repeat=couplings.rows)
        return mp.log(mp.fsum(mp.exp(a * sum(s) + _square(couplings, s) / 2) for s in states))

    def continued(self, replicas: Any, a: Any, v: Any, g: Any) -> Any:
        """A trapezoid in the Gaussian field, narrow beside the distance of the nearest zero of the weight."""
        width = mp.sqrt(v)
        step = min(mp.pi**2 / width / (mp.log(10) * 38), mp.mpf("0.25"))
        nodes = [step * k for k in range(-int(14 / step), int(14 / step) + 1)]
        weights = {z: self._logs(a + width * z, g) for z in nodes}
        return mp.log(mp.fsum(step * mp.npdf(z) * mp.exp(replicas * l) for z, l in weights.items()))

    def _logs(self, h: Any, g: Any) -> Any:
        return mp.log(2 * mp.cosh(h)) + g / 2


class Phase:
    """σ = e^{iθ} with the uniform measure dθ/2π; products of spins are Re σ̄σ'."""

    free, digits = False, 12

    def log_weight(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """log I₀(h) + g/2."""
        return log_i0(h) + g / 2

    def mean(self, function: Callable[[sp.Expr], sp.Expr], a: sp.Expr, v: sp.Expr) -> sp.Expr:
        """Over the plane."""
        r = sp.Symbol("r", positive=True)
        return PlaneAverage(function(r), r, 0, a, v)

    def curvature(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """Along the field and across it."""
        x = sp.Symbol("x", positive=True)
        return (sp.diff(phase_mean(x), x) ** 2 + (phase_mean(x) / x) ** 2).xreplace({x: h})

    def log_trace(self, a: Any, couplings: Any) -> Any:
        """A trapezoid in every angle, in double precision; exact but for e^{−nodes}."""
        size = couplings.rows
        angles = 2 * np.pi * np.arange(_ANGLES[size]) / _ANGLES[size]
        spins = np.exp(1j * np.stack(np.meshgrid(*[angles] * size, indexing="ij"), axis=-1))
        matrix = np.array([[float(couplings[i, j]) for j in range(size)] for i in range(size)])
        energy = float(a) * spins.real.sum(axis=-1) + np.einsum("...i,ij,...j", spins.conj(), matrix, spins).real / 2
        return mp.mpf(float(np.log(np.exp(energy).mean())))

    def continued(self, replicas: Any, a: Any, v: Any, g: Any) -> Any:
        """A trapezoid in both components of the field, in double precision."""
        from scipy.special import i0e

        z = np.arange(-9, 9, 0.08)
        modulus = np.hypot(float(a) + float(v) ** 0.5 * z[:, None], float(v) ** 0.5 * z)
        logs = modulus + np.log(i0e(modulus)) + float(g) / 2
        density = np.exp(-(z[:, None] ** 2 + z**2) / 2)
        return mp.mpf(float(np.log((density * np.exp(float(replicas) * logs)).sum() / density.sum())))


#: angles of each of so many phases
_ANGLES = {1: 64, 2: 48, 3: 36, 4: 24, 5: 16}


def _square(couplings: Any, s: Sequence[Any]) -> Any:
    rows = range(len(s))
    return mp.fsum(couplings[i, j] * s[i] * s[j] for i in rows for j in rows)


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
    patterns : int
        How many are condensed, all at overlap m; 0 for a glass.
    explicit : callable
        Writes out what expressions leave unspecified.
    points : callable
        The grid of given values, with those of the parameters of the noise.
    sources : str
        Bib keys of the noise.
    """

    signal: sp.Expr
    noise: Callable[[OverlapMatrix], sp.Expr]
    noise_number: Callable[[Any, Point], Any]
    spin: Spin
    points: Callable[[Mapping[sp.Symbol, Sequence[Any]]], list[Point]]
    site: Sequence[tuple[sp.Expr, sp.Expr, sp.Expr]] = ((sp.S.One, sp.S.One, sp.S.Zero),)
    patterns: int = 1
    explicit: Callable[[sp.Expr], sp.Expr] = staticmethod(lambda e: e)
    sources: str = ""

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
        strength = strength if self.patterns else sp.S.Zero
        return normal(sp.Add(*[
            share * self.spin.mean(function, strength * mean, v + strength**2 * variance) for share, mean, variance in self.site
        ]))

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
        strength = m_hat
        spins = self.mean(lambda h: self.spin.log_weight(h, self._square), strength, q_hat)
        norm = -d * d_hat / 2 if self.spin.free else 0
        return normal(self.signal / T - self.patterns * m * m_hat + self.limit + q_hat * q / 2 + norm + spins)

    @property
    def _square(self) -> sp.Expr:
        """What multiplies σ²/2 once the square of the sum over replicas is decoupled."""
        return (d_hat if self.spin.free else sp.S.Zero) - q_hat

    @cached_property
    def free_energy(self) -> sp.Expr:
        """f of the order parameters."""
        at = self.conjugates
        strength, v = at.get(m_hat, sp.S.Zero) * T, sp.factor(at[q_hat] * T**2)
        g = self._square.xreplace(at)
        spins = self.mean(lambda h: self.spin.log_weight(h / T, g), strength, v)
        norm = d * at[d_hat] * T / 2 if self.spin.free else 0
        return sp.expand(-self.signal + self.patterns * m * strength - T * self.limit) - v * q / (2 * T) + norm - T * spins

    def replicon(self, replicas: sp.Expr = n) -> sp.Expr:
        """λ at so many replicas."""
        at = self.conjugates
        strength, v = at.get(m_hat, sp.S.Zero) * T, sp.factor(at[q_hat] * T**2)
        g = self._square.xreplace(at)

        def spins(a: sp.Expr) -> sp.Expr:
            def over(factor: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
                weighted = lambda h: factor(h / T) * sp.exp(replicas * self.spin.log_weight(h / T, g))  # noqa: E731
                return self.spin.mean(weighted, a, v)

            return over(lambda h: self.spin.curvature(h, g)) / over(lambda h: sp.S.One)

        curvature = normal(replicon_curvature(self.noise, q, self.norm))
        if replicas == 0:
            return normal(1 - curvature * self.mean(lambda h: self.spin.curvature(h / T, g), strength, v))
        return 1 - curvature * self.over_sites(spins, strength)
