"""The exact finite-N law of one synchronous step from a stored pattern, or from a copy of it with some spins flipped.

With overlap sum M with pattern 1, flipping a spin that agrees with it costs D + Σ_{μ≥2} s_μ v(K_μ), where
D = F(M) − F(M−2), s_μ is a fair sign, K_μ the total of N − 1 fair signs and v(K) = F(K+1) − F(K−1): the terms are
independent and identical at every N. One that does not agree costs the same with D = F(M) − F(M+2). A spin flips where
the sum is negative. The law of the sum is found on its lattice by a discrete Fourier transform, or by inverting its
characteristic function where that lattice is too long.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from dammech.declared.states import Memory
from dammech.errors import InputError, finite, integer, shown
from dammech.exact.enumeration import binomial
from dammech.memory import check_work
from dammech.registry import chain_of
from dammech.results.record import Record

_LONGEST_LATTICE = 1 << 22
_TAIL = 1e-13


@dataclass(frozen=True, repr=False)
class BitError(Record):
    """Probability that a spin does not agree with the pattern after one parallel step.

    Attributes
    ----------
    probability : float
        At T = 0 spins flip at a strictly negative flip energy; ties keep them.
    tie : float or None
        Probability of a flip energy of exactly zero; None where the method cannot separate it (it is in ``error``).
    error : float
        Bound or estimate of the absolute error of ``probability``.
    method : str
        "lattice" (the law itself, up to the folding of its tails) or "characteristic function".
    """

    probability: float
    tie: float | None
    error: float
    method: str


def bit_error(model: Memory, size: int, patterns: int, temperature: float = 0.0, start: float = 1.0) -> BitError:
    """Exact one-step bit error for P = ``patterns`` fair random patterns of N = ``size`` spins.

    Parameters
    ----------
    model : HebbianDAM
    size, patterns : int
        N ≥ p and P ≥ 1.
    temperature : float
        Canonical units. At T > 0 the step is by heat bath.
    start : float
        Overlap with the pattern before the step, from −1 to 1, up to a whole number of flipped spins.

    Raises
    ------
    InputError
        For a size below the order, no pattern, a temperature that is negative or not finite, or another overlap.
    """
    chain_of(model, "patterns")
    size, patterns = integer("size", size, max(model.p, 2)), integer("patterns", patterns)
    check_work(f"size={size}", float(size) ** 2)
    temperature = finite("temperature", temperature)
    if not isinstance(start, numbers.Real) or not -1 <= start <= 1:
        raise InputError(f"start={shown(start)}: must be an overlap from -1 to 1")
    table, flipped = exact_table(model, size), round(size * (1 - float(start)) / 2)
    here = size - flipped  # the place of M in the table; energies: F = −table
    parts = []
    if here:
        parts.append((here / size, _flips(table, table[here - 1] - table[here], patterns - 1, temperature), False))
    if flipped:
        parts.append((flipped / size, _flips(table, table[here + 1] - table[here], patterns - 1, temperature), True))
    return _of_all(parts)


def _of_all(parts: list[tuple[float, BitError, bool]]) -> BitError:
    """Of fractions of the spins; whether they did not agree with the pattern, and so do when they have flipped."""
    wrong = sum(share * (1 - law.probability if before else law.probability) for share, law, before in parts)
    ties = [law.tie for _, law, _ in parts if law.tie is not None]
    tie = sum(share * t for (share, *_), t in zip(parts, ties)) if len(ties) == len(parts) else None
    return BitError(wrong, tie, sum(share * law.error for share, law, _ in parts), parts[0][1].method)


def _flips(table: list[Fraction], signal: Fraction, terms: int, temperature: float) -> BitError:
    """Of one spin, which pattern 1 alone would cost ``signal`` to flip."""
    steps = [table[k] - table[k + 1] for k in range(len(table) - 1)]  # v at K = −(N−1) … N−1
    weight = binomial(len(steps) - 1)
    unit = common_unit([signal, *steps])
    if unit is not None:
        values = np.array([float(v / unit) for v in steps])
        scaled = float(signal / unit)
        length = _lattice_length(values, weight, terms, scaled)
        if length is not None:
            return _on_lattice(values, weight, terms, scaled, length, temperature / float(unit))
    values = np.array([float(v) for v in steps])
    return _by_inversion(values, weight, terms, float(signal), temperature, float(unit) if unit else 0.0)


def exact_table(model: Memory, size: int) -> list[Fraction]:
    """The model's energy of one pattern in exact arithmetic, at M = −N, −N+2, …, N."""
    coefficients = model.coefficients(size)
    result = []
    for total in range(-size, size + 1, 2):
        value = Fraction(0)
        if not (model.is_rectified and total < 0):
            for c in reversed(coefficients):
                value = value * total + c
        result.append(-value)
    return result


def common_unit(values: list[Fraction]) -> Fraction | None:
    """Greatest common divisor; None where the numbers have no useful one."""
    denominator = math.lcm(*[v.denominator for v in values])
    divisor = math.gcd(*[int(v * denominator) for v in values])
    unit = Fraction(divisor, denominator)
    if not divisor or max(abs(v) for v in values) / unit > 2**52:
        return None
    return unit


def _lattice_length(values: np.ndarray, weight: np.ndarray, terms: int, signal: float) -> int | None:
    """Points of a lattice from which less than 1e-13 of the law folds over; None if that is too many."""
    if terms * float(weight @ values**2) > (_LONGEST_LATTICE / 14) ** 2:
        return None
    length = 64
    while length <= _LONGEST_LATTICE:
        if length > 2 * abs(signal) + 2 and _tail_bound(values, weight, terms, length / 2 - abs(signal) - 1) < _TAIL:
            return length
        length *= 2
    return None


def _tail_bound(values: np.ndarray, weight: np.ndarray, terms: int, beyond: float) -> float:
    """Chernoff bound on P(|Σ s v| > beyond), minimised over a grid of exponents."""
    if terms == 0:
        return 0.0
    largest = float(np.abs(values).max())
    deviation = math.sqrt(terms * float(weight @ values**2))
    if largest * terms < beyond or deviation == 0:
        return 0.0
    best = math.log(2.0)
    for theta in np.geomspace(0.1 / deviation, 60 / deviation, 60):
        with np.errstate(over="ignore"):
            moment = np.logaddexp(theta * values, -theta * values) - math.log(2)
        top = moment.max()
        log_moment = top + math.log(float(weight @ np.exp(moment - top)))
        best = min(best, math.log(2) + terms * log_moment - theta * beyond)
    return math.exp(best)


def _on_lattice(
    values: np.ndarray, weight: np.ndarray, terms: int, signal: float, length: int, temperature: float
) -> BitError:
    law = np.zeros(length)
    for sign in (1, -1):
        np.add.at(law, (sign * np.rint(values).astype(np.int64)) % length, weight / 2)
    law = np.fft.irfft(np.fft.rfft(law) ** terms, length)
    sums = np.arange(length)
    sums = np.where(sums >= length // 2, sums - length, sums)
    cost = signal + sums
    tie = float(max(law[cost == 0].sum(), 0.0))
    if temperature == 0:
        probability = math.fsum(law[cost < 0])
    else:
        probability = math.fsum(law * 0.5 * (1 - np.tanh(cost / (2 * temperature))))
    rounding = 1e-16 * math.sqrt(length) * max(1, math.log2(max(terms, 2)))
    return BitError(min(max(probability, 0.0), 1.0), tie, _TAIL + rounding + 1e-15, "lattice")


def _by_inversion(
    values: np.ndarray, weight: np.ndarray, terms: int, signal: float, temperature: float, unit: float
) -> BitError:
    """P(D + S < 0) = ½ − (1/π) ∫_0^∞ φ(t) sin(tD)/t dt, S symmetric; heat bath adds a logistic variable of width T."""
    if terms == 0:
        sure = 0.5 * (1 - math.tanh(signal / (2 * temperature))) if temperature else float(signal < 0)
        return BitError(sure, float(signal == 0), 1e-15, "characteristic function")
    deviation = math.sqrt(terms * float(weight @ values**2))
    results = []
    for points in (4001, 8001):
        t = np.linspace(0, 40 / deviation, points)
        one = np.array([float(weight @ np.cos(x * values)) for x in t])
        phi = np.where((one < 0) & (terms % 2 == 1), -1.0, 1.0) * np.exp(
            terms * np.log(np.maximum(np.abs(one), 1e-300))
        )
        phi = phi * logistic_characteristic(temperature * t)
        integrand = phi * signal * np.sinc(t * signal / np.pi)
        h = t[1] - t[0]
        simpson = (integrand[0] + integrand[-1] + 4 * integrand[1:-1:2].sum() + 2 * integrand[2:-1:2].sum()) * h / 3
        results.append(0.5 - simpson / np.pi)
    cut = abs(float(phi[-1]))
    lattice = 2 * unit / (deviation * math.sqrt(2 * math.pi))  # at most the weight of one point; heat bath smears it
    if unit and temperature:
        lattice *= float(logistic_characteristic(np.array([temperature * math.pi / unit]))[0])
    error = abs(float(results[1] - results[0])) + cut + lattice + 1e-14
    return BitError(float(min(max(results[1], 0.0), 1.0)), None, error, "characteristic function")


def logistic_characteristic(scaled: np.ndarray) -> np.ndarray:
    """Characteristic function of a logistic variable, πx/sinh πx with x the width times the argument."""
    x = np.clip(np.pi * scaled, 1e-8, 700)
    return np.asarray(x / np.sinh(x))
