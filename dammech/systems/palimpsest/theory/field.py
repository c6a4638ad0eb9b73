"""What a Gaussian field does to a spin in one step."""

from __future__ import annotations

import mpmath as mp
import sympy as sp


def one_step_error(signal: sp.Expr, variance: sp.Expr) -> sp.Expr:
    """Probability that a Gaussian field of this mean and variance is negative, from its distribution function."""
    z, mean = sp.Symbol("z", real=True), sp.Symbol("m", real=True)
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    tail = sp.integrate(density, (z, -sp.oo, -mean)).rewrite(sp.erf)
    return tail.xreplace({mean: signal / sp.sqrt(variance)})


def below_zero(signal: mp.mpf, variance: mp.mpf) -> mp.mpf:
    """The same by numerical integration."""
    width = mp.sqrt(variance)

    def density(h: mp.mpf) -> mp.mpf:
        return mp.exp(-((h - signal) ** 2) / (2 * variance)) / (width * mp.sqrt(2 * mp.pi))

    return mp.quad(density, [signal - 30 * width, *(signal - k * width for k in (20, 12, 6) if signal - k * width < 0), 0])
