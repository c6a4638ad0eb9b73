"""One spin of any kind, with what the replica functional asks of it, and sums over explicit states by which that is checked."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.averages import GaussianAverage, log2cosh
from dammech.derive.oracles import Point
from dammech.derive.plane import PlaneAverage, log_i0, phase_mean

_z = sp.Symbol("z", real=True)


class Spin(Protocol):
    """One spin σ of any kind: the slot of a single site.

    Attributes
    ----------
    free : bool
        Whether σ² varies, so that its mean is an order parameter.
    digits : int
        To which its sums over states are known.
    letter : str
    plane : bool
        Whether it is a complex number, whose overlaps are those of its conjugate.
    """

    free: bool
    digits: int
    letter: str
    plane: bool

    def log_weight(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """log Tr e^{hσ + gσ²/2} in a field of modulus h."""

    def mean(self, function: Callable[[sp.Expr], sp.Expr], a: sp.Expr, v: sp.Expr) -> sp.Expr:
        """Mean of a function of the field's modulus over Gaussian fields of mean a and variance v."""

    def slope(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """⟨σ⟩ along the field."""

    def curvature(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """Σ (∂∂ log Tr)² over the components of the field."""

    def log_trace(self, a: Any, couplings: Any, p: Point) -> Any:
        """log Tr e^{a Σσ_a + ½ σ·couplings·σ} over explicit replicas, by a sum over their states."""

    def continued(self, replicas: Any, a: Any, v: Any, g: Any, p: Point) -> Any:
        """log of the mean of (Tr e^{hσ + gσ²/2})ⁿ at a real number of replicas."""


class Ising:
    """σ = ±1."""

    free, digits, letter, plane = False, 30, "σ", False

    def log_weight(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """log 2cosh h + g/2."""
        return log2cosh(h) + g / 2

    def mean(self, function: Callable[[sp.Expr], sp.Expr], a: sp.Expr, v: sp.Expr) -> sp.Expr:
        """Over a standard Gaussian."""
        return GaussianAverage(function(a + sp.sqrt(v) * _z), _z)

    def slope(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """From the weight."""
        return self._derivative(h, g, 1)

    def curvature(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """From the weight."""
        return self._derivative(h, g, 2) ** 2

    def _derivative(self, h: sp.Expr, g: sp.Expr, order: int) -> sp.Expr:
        x = sp.Symbol("x", real=True)
        return sp.diff(self.log_weight(x, g), x, order).xreplace({x: h})

    def log_trace(self, a: Any, couplings: Any, p: Point) -> Any:
        """2ⁿ states."""
        states = itertools.product((-1, 1), repeat=couplings.rows)
        return mp.log(mp.fsum(mp.exp(a * sum(s) + _square(couplings, s) / 2) for s in states))

    def continued(self, replicas: Any, a: Any, v: Any, g: Any, p: Point) -> Any:
        """A trapezoid in the Gaussian field, narrow beside the distance of the nearest zero of the weight."""
        width = mp.sqrt(v)
        step = min(mp.pi**2 / width / (mp.log(10) * 76), mp.mpf("0.25"))
        nodes = [step * k for k in range(-int(14 / step), int(14 / step) + 1)]
        weights = {z: self._logs(a + width * z, g, p) for z in nodes}
        return mp.log(mp.fsum(step * mp.npdf(z) * mp.exp(replicas * l) for z, l in weights.items()))

    def _logs(self, h: Any, g: Any, p: Point) -> Any:
        return mp.log(2 * mp.cosh(h)) + g / 2


class Phase:
    """σ = e^{iθ} with the uniform measure dθ/2π; products of spins are Re σ̄σ'."""

    free, digits, letter, plane = False, 12, "σ", True

    def log_weight(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """log I₀(h) + g/2."""
        return log_i0(h) + g / 2

    def mean(self, function: Callable[[sp.Expr], sp.Expr], a: sp.Expr, v: sp.Expr) -> sp.Expr:
        """Over the plane."""
        r = sp.Symbol("r", positive=True)
        return PlaneAverage(function(r), r, 0, a, v)

    def slope(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """I₁(h)/I₀(h)."""
        return phase_mean(h)

    def curvature(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """Along the field and across it."""
        x = sp.Symbol("x", positive=True)
        return (sp.diff(phase_mean(x), x) ** 2 + (phase_mean(x) / x) ** 2).xreplace({x: h})

    def log_trace(self, a: Any, couplings: Any, p: Point) -> Any:
        """A trapezoid in every angle, in double precision; exact but for e^{−nodes}."""
        size = couplings.rows
        angles = 2 * np.pi * np.arange(_ANGLES[size]) / _ANGLES[size]
        spins = np.exp(1j * np.stack(np.meshgrid(*[angles] * size, indexing="ij"), axis=-1))
        matrix = np.array([[float(couplings[i, j]) for j in range(size)] for i in range(size)])
        energy = float(a) * spins.real.sum(axis=-1) + np.einsum("...i,ij,...j", spins.conj(), matrix, spins).real / 2
        return mp.mpf(float(np.log(np.exp(energy).mean())))

    def continued(self, replicas: Any, a: Any, v: Any, g: Any, p: Point) -> Any:
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
