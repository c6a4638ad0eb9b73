"""What a single flip costs, for every interaction: ΔE_i = A + σ_i Σ_μ ξ_i^μ B(M_μ) with B a polynomial.

With F(M) = −(energy of one pattern), A = Σ_μ F(M_μ) − ½[F(M_μ+2) + F(M_μ−2)] is the same for all spins and
B(M) = ½[F(M+2) − F(M−2)], so that a proposal is one dot product of signs with B. Both are kept as integers:
multiples of the greatest common divisor of all their values, which makes every sum exact; where an interaction has
no such unit (an irrational √N in a polynomial) or its integers are beyond 2⁵³, F is rounded to a fixed-point
unit, and the error is bounded. Nothing here is written per interaction: the numbers come from the model's own energy
of one pattern.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from dammech.declared.states import Memory
from dammech.errors import InputError

LARGEST_ORDER = 10
EXACT_INTEGERS = 2.0**53
EXACT_INTEGERS_SINGLE = 2.0**24
LARGEST_ENERGY_ERROR = 1e-6
_TERMS = LARGEST_ORDER  # B has degree p − 1 ≤ 9


@dataclass(frozen=True)
class FlipEnergy:
    """Flip energies of one model at one size, in integer multiples of ``unit``.

    Attributes
    ----------
    size : int
        N.
    unit : float
        Energy (canonical units) of the integer one.
    exact : bool
        Whether the integers are the model's energies and not rounded ones.
    energy_error : float
        Bound on the error of a flip energy by rounding of F, in energy units; 0 when exact.
    shift, field : ndarray, (N+1,)
        A(M) and B(M) in units of ``unit``, at M = −N, −N+2, …, N.
    energy : ndarray, (N+1,)
        Energy of one pattern, canonical units (not divided by ``unit``).
    coefficients : ndarray, (10,)
        B as a polynomial in M, lowest power first, in units of ``unit``; used when exact.
    floor : int
        B vanishes for M < floor (rectified interactions); below every M otherwise.
    near : ndarray, (3,)
        B at M = −1, 0, 1, where a rectified interaction departs from its polynomial.
    single : bool
        Whether the polynomial is exact in single precision at every M.
    """

    size: int
    unit: float
    exact: bool
    energy_error: float
    shift: np.ndarray
    field: np.ndarray
    energy: np.ndarray
    coefficients: np.ndarray
    floor: int
    near: np.ndarray
    single: bool


def flip_energy(model: Memory, size: int, patterns: int) -> FlipEnergy:
    """Tables and polynomial of the flip energies of ``model`` at N = ``size`` with P = ``patterns``.

    Raises
    ------
    InputError
        For an order above 10, or where double precision cannot hold the sum over patterns to 1e-6 of an energy unit.
    """
    if model.p > LARGEST_ORDER:
        raise InputError(f"order={model.p}: simulations go up to order {LARGEST_ORDER}")
    totals = range(-size, size + 1, 2)
    gain = [Fraction(c) for c in model.coefficients(size)]

    def value(total: int) -> Fraction:
        if model.is_rectified and total < 0:
            return Fraction(0)
        return _evaluate(gain, total)

    shift = [value(t) - (value(t + 2) + value(t - 2)) / 2 for t in totals]
    field = [(value(t + 2) - value(t - 2)) / 2 for t in totals]
    near = [(value(t + 2) - value(t - 2)) / 2 for t in (-1, 0, 1)]
    coefficients = _central_difference(gain)

    unit = _common_divisor([*shift, *field])
    finer = _common_divisor([*shift, *field, *coefficients])
    if unit and _largest(coefficients, finer, size) < EXACT_INTEGERS_SINGLE:
        unit = finer
    exact = unit > 0 and _fits(field, shift, unit, patterns)
    error = 0.0
    if not exact:
        unit = _scale(field, shift, patterns)

        def rounded(total: int) -> Fraction:  # F itself, so that a flip and its reverse cost the same to the last digit
            return 2 * unit * round(value(total) / (2 * unit))

        shift = [rounded(t) - (rounded(t + 2) + rounded(t - 2)) / 2 for t in totals]
        field = [(rounded(t + 2) - rounded(t - 2)) / 2 for t in totals]
        error = 2 * float(unit) * patterns
        if error > LARGEST_ENERGY_ERROR:
            raise InputError(
                f"order={model.p} at size={size} with {patterns} patterns: rounding could shift a flip energy by "
                f"{error:.1e}, beyond the allowed {LARGEST_ENERGY_ERROR:.0e}; use a smaller size or load"
            )
    polynomial = np.zeros(_TERMS)
    polynomial[: len(coefficients)] = [float(c / unit) for c in coefficients]
    magnitude = _largest(coefficients, unit, size)
    integral = all((c / unit).denominator == 1 for c in coefficients)
    return FlipEnergy(
        size=size,
        unit=float(unit),
        exact=exact,
        energy_error=error,
        shift=np.array([float(round(a / unit)) for a in shift]),
        field=np.array([float(round(b / unit)) for b in field]),
        energy=np.array([-float(value(t)) for t in totals]),
        coefficients=polynomial,
        floor=-1 if model.is_rectified else -32768,
        near=np.array([float(round(b / unit)) for b in near]),
        single=bool(exact and integral and magnitude < EXACT_INTEGERS_SINGLE),
    )


def _evaluate(coefficients: list[Fraction], total: int) -> Fraction:
    result = Fraction(0)
    for c in reversed(coefficients):
        result = result * total + c
    return result


def _central_difference(gain: list[Fraction]) -> list[Fraction]:
    """Coefficients of ½[F(M+2) − F(M−2)], from those of F."""
    result = [Fraction(0)] * max(len(gain) - 1, 1)
    for n, c in enumerate(gain):
        for k in range(1, n + 1, 2):
            result[n - k] += c * math.comb(n, k) * 2**k
    return result


def _common_divisor(values: list[Fraction]) -> Fraction:
    denominator = math.lcm(*[v.denominator for v in values])
    return Fraction(math.gcd(*[int(v * denominator) for v in values]), denominator)


def _largest(coefficients: list[Fraction], unit: Fraction, size: int) -> float:
    return float(sum(abs(c) * (size + 2) ** k for k, c in enumerate(coefficients)) / unit)


def _typical_sum(values: list[Fraction], patterns: int) -> float:
    """Σ_μ |value(M_μ)| of random patterns and a retrieved one, with a margin of eight."""
    size = len(values) - 1
    log_weight = [
        math.lgamma(size + 1) - math.lgamma(k + 1) - math.lgamma(size - k + 1) - size * math.log(2)
        for k in range(size + 1)
    ]
    mean = math.fsum(math.exp(w) * abs(float(v)) for w, v in zip(log_weight, values))
    return 8 * (patterns * mean + 2 * max(abs(float(v)) for v in values))


def _fits(field: list[Fraction], shift: list[Fraction], unit: Fraction, patterns: int) -> bool:
    largest = _typical_sum(field, patterns) + _typical_sum(shift, patterns)
    return largest / float(unit) < EXACT_INTEGERS


def _scale(field: list[Fraction], shift: list[Fraction], patterns: int) -> Fraction:
    """A power of two that keeps the sums over patterns within 2⁵³ units."""
    largest = _typical_sum(field, patterns) + _typical_sum(shift, patterns)
    return Fraction(2) ** math.ceil(math.log2(max(largest, 1e-300) / EXACT_INTEGERS))
