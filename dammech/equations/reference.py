"""What the mpmath twin of generated code calls: averages to the working precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

from dammech.declared.kernels import Kernel
from dammech.derive.ages import integral_over_ages


def log2cosh(x: Any) -> Any:
    """log(2 cosh x) without overflow."""
    return abs(x) + mpmath.log1p(mpmath.exp(-2 * abs(x)))


def arc_integral(x: Any, k: int) -> Any:
    """arccos(1 − x), integrated k times from 0."""
    scale = mpmath.sqrt(2) * mpmath.gamma(1.5) / mpmath.gamma(k + 1.5)
    return scale * x ** (k + mpmath.mpf(0.5)) * mpmath.hyp2f1(0.5, 0.5, k + 1.5, x / 2)


def gaussian_average(integrand: Callable[[Any], Any], lines: list[tuple[Any, ...]]) -> Any:
    """Mean over a standard Gaussian by tanh–sinh quadrature, split where an argument a + b z vanishes and around it."""
    return mpmath.quad(lambda z: mpmath.npdf(z) * integrand(z), _marks(lines, 0))


def age_average(function: Callable[[Any], Any], kernel: str, exponent: float | None) -> Any:
    """Mean over the weights of a stream's patterns, per unit of effective load; the variable is the weight or u itself."""
    return integral_over_ages(Kernel(kernel, exponent), function)


def plane_average(function: Callable[[Any], Any], k: int, m: Any, v: Any, slopes: list[Any]) -> Any:
    """Mean of a function of the modulus of an isotropic Gaussian field, under cos kφ: tanh–sinh, split where they turn."""
    reach = mpmath.sqrt(2 * mpmath.log(10) * (mpmath.mp.dps + 3) * v)
    marks = {mpmath.mpf(0), abs(m), abs(m) + reach / 3, abs(m) + reach, max(abs(m) - reach / 3, mpmath.mpf(0))}
    marks |= {min(place / b, abs(m) + reach) for b in slopes for place in (2, 8, 30)}

    def law(r: Any) -> Any:
        return r / v * mpmath.exp(-(r**2 + m**2) / (2 * v)) * mpmath.besseli(k, m * r / v)

    return mpmath.quad(lambda r: law(r) * function(r), sorted(marks))


def log_mean_exp(exponent: Callable[[Any], Any], lines: list[tuple[Any, ...]]) -> Any:
    """log E e^{ε(z)}; mpmath's exponents do not overflow."""
    return mpmath.log(mpmath.quad(lambda z: mpmath.npdf(z) * mpmath.exp(exponent(z)), _marks(lines, 6)))


def tilted_average(integrand: Callable[[Any], Any], exponent: Callable[[Any], Any], lines: list[tuple[Any, ...]]) -> Any:
    """E[g e^ε]/E[e^ε]."""
    marks = _marks(lines, 6)

    def weight(z: Any) -> Any:
        return mpmath.npdf(z) * mpmath.exp(exponent(z))

    return mpmath.quad(lambda z: weight(z) * integrand(z), marks) / mpmath.quad(weight, marks)


def _marks(lines: list[tuple[Any, ...]], further: int) -> list[Any]:
    """Where to split: at what `quadrature.nodes` is given, or at what `quadrature.refined` is given, which may also grow."""
    if any(len(line) > 2 for line in lines):
        further += 9
    reach = mpmath.sqrt(2 * mpmath.log(10) * (mpmath.mp.dps + 3)) + 2 + further
    marks = {-reach, -reach / 3, mpmath.mpf(0), reach / 3, reach}
    for a, b, *rest in lines:
        curvature, square, scale = rest or (0, b**2, 1)
        whole = -(b + (-1 if b < 0 else 1) * mpmath.sqrt(mpmath.mpc(square, 4 * scale * curvature))) / 2
        if whole == 0:
            continue
        for root in ((a - 1j * scale) / whole, *([whole / curvature] if curvature else [])):
            width = max(abs(root.imag), mpmath.mpf(10) ** -10)
            grades = [4**k for k in range(40) if width * 4**k < 2 * reach] if rest else (1, 2, 5, 12, 30)
            marks |= {m for k in (0, *grades) for m in (root.real + k * width, root.real - k * width) if abs(m) < reach}
    return sorted(marks)
