"""Exact finite-N laws of one synchronous step in a memory that forgets.

Patterns with weights: flipping spin i of the state ξ^ν costs Λ_ν D + Σ_{μ≠ν} Λ_μ s_μ v(K_μ), the sum of `bit_error` with a
weight on every term. Clipped couplings at p = 2: each is a walk between two walls, independent of the others given the site.
The delta rule: the mean and the second moment of the field obey closed recursions.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from dammech.declared.states import Memory
from dammech.errors import InputError, finite
from dammech.exact.bit_error import BitError, common_unit, exact_table, logistic_characteristic
from dammech.exact.enumeration import binomial
from dammech.registry import chain_of
from dammech.results.record import Record

_MOST_ATOMS = 1 << 20
_LONGEST_LATTICE = 1 << 24  # of all distinct weights together
_LARGEST_DENOMINATOR = 1000


@dataclass(frozen=True, repr=False)
class Moments(Record):
    """Mean and variance of a stored pattern's field, and the one-step bit error of a Gaussian field with them."""

    signal: float
    variance: float

    @property
    def error(self) -> float:
        """erfc(signal/√(2 variance))/2."""
        return 0.5 * math.erfc(self.signal / math.sqrt(2 * self.variance)) if self.variance > 0 else 0.0


def stream_bit_error(
    model: Memory, size: int, weights: np.ndarray, index: int = 0, temperature: float = 0.0
) -> BitError:
    """Exact probability that one parallel step from pattern ``index`` flips a spin, patterns having ``weights``.

    Parameters
    ----------
    model : HebbianDAM or PalimpsestDAM
        Its Hamiltonian for one pattern; couplings must be a weighted sum over patterns (not clipped).
    size : int
        N, at least the order.
    weights : array
        Λ_μ, one for each stored pattern (`PalimpsestDAM.weights` gives those of a stream).
    index : int
        The pattern that the spins start from.
    temperature : float
        Canonical units; above 0 the step is by heat bath.

    Returns
    -------
    BitError
        At T = 0 ties count half, except where few patterns allow all cases to be enumerated. Weights that are whole
        multiples of one number, as equal ones are, make a lattice, on which the sums are exact.

    Raises
    ------
    InputError
    """
    chain_of(model, "patterns", "weights")
    memory = model.memory
    if not model.linear:
        raise InputError("kernel='clipped': clipped couplings are no weighted sum over patterns; use clipped_bit_error")
    weights = np.asarray(weights, dtype=float)
    if weights.ndim != 1 or weights.size == 0 or not np.all(np.isfinite(weights)):
        raise InputError("weights: must be a one-dimensional array of finite numbers, one for each pattern")
    if size < max(memory.p, 2) or not 0 <= index < weights.size:
        raise InputError(
            f"size={size}, index={index}: size must be at least the order, index one of the {weights.size} patterns"
        )
    temperature = finite("temperature", temperature)
    table = exact_table(memory, size)
    signal = float(weights[index]) * float(table[-2] - table[-1])
    steps = np.array([float(table[k] - table[k + 1]) for k in range(size)])
    others = np.delete(weights, index)
    others = others[others != 0]
    if (2 * size) ** others.size <= _MOST_ATOMS:
        return _enumerated(signal, steps, binomial(size - 1), others, temperature)
    unit, shares, values = _common_unit(table, others)
    if unit:
        return _on_lattice(signal / unit, values, binomial(size - 1), shares, temperature / unit)
    return _inverted(signal, steps, binomial(size - 1), others, temperature)


def clipped_bit_error(size: int, bound: int, age: int) -> BitError:
    """Exact one-step bit error at p = 2 (no diagonal) of clipped couplings, ``age`` patterns after a pattern was stored.

    J ← clip(J + ξξᵀ, ±bound) has reached its stationary state before. Ties count half.

    Raises
    ------
    InputError
        For a size below 2, a bound below 1 or a negative age.
    """
    if not isinstance(size, int) or size < 2:
        raise InputError(f"size={size!r}: must be an integer of at least 2")
    law = _law_of_coupling(bound, age)
    length = 1 << int(2 * bound * (size - 1) + 2).bit_length()
    padded = np.zeros(length)
    padded[np.arange(-bound, bound + 1) % length] = law
    total = np.fft.irfft(np.fft.rfft(padded) ** (size - 1), length)
    sums = np.where(np.arange(length) >= length // 2, np.arange(length) - length, np.arange(length))
    tie = float(max(total[sums == 0].sum(), 0.0))
    below = float(np.clip(total[sums < 0].sum(), 0.0, 1.0))
    return BitError(below + tie / 2, tie, 1e-15 * math.sqrt(length) * math.log2(size), "lattice")


def clipped_moments(bound: int, age: int) -> Moments:
    """Mean and variance of one clipped coupling times the product of spins of a pattern stored ``age`` patterns ago.

    For every order: each coupling of distinct sites is the same walk. The stationary variance is bound·(bound+1)/3.
    """
    law, values = _law_of_coupling(bound, age), np.arange(-bound, bound + 1)
    signal = float(law @ values)
    return Moments(signal, float(law @ values**2) - signal**2)


def delta_moments(features: int, rate: float, steps: int) -> Moments:
    """Field of a pattern ``steps`` patterns after it was stored by the delta rule, from its stationary state.

    w ← w + η(ξ − w·φ)φ/D with D = ``features`` fair signs φ. The mean is exact for every order; the variance for independent
    features, which is p = 2 (φ are the other spins).

    Raises
    ------
    InputError
        For no features, negative steps, or a rate outside 0 … 2, where the rule diverges.
    """
    for name, value, least in (("features", features, 1), ("steps", steps, 0)):
        if not isinstance(value, int) or value < least:
            raise InputError(f"{name}={value!r}: must be an integer of at least {least}")
    if not 0 < rate < 2:
        raise InputError(f"rate={rate!r}: must be between 0 and 2, where the delta rule is stable")
    power = rate / (2 - rate)  # |w|² D: stationary for every D
    signal, second = rate, (1 - rate) ** 2 * power + rate**2
    for _ in range(steps):
        kick = (rate / features) ** 2
        second = second * (1 - 2 * rate / features + 2 * kick) + kick * (power * (features - 2) + features)
        signal *= 1 - rate / features
    return Moments(signal, second - signal**2)


def _law_of_coupling(bound: int, age: int) -> np.ndarray:
    for name, value, least in (("bound", bound, 1), ("age", age, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise InputError(f"{name}={value!r}: must be an integer of at least {least}")
    law = np.full(2 * bound + 1, 1 / (2 * bound + 1))
    law = np.concatenate([[0.0], law[:-2], [law[-2] + law[-1]]])
    for _ in range(age):
        down, up = np.append(law[1:], 0.0), np.append(0.0, law[:-1])
        down[0] += law[0]
        up[-1] += law[-1]
        law = (down + up) / 2
    return law


def _enumerated(
    signal: float, steps: np.ndarray, weight: np.ndarray, others: np.ndarray, temperature: float
) -> BitError:
    cost, chance = np.array([signal]), np.ones(1)
    for scale in others:
        both = np.concatenate([scale * steps, -scale * steps])
        cost = (cost[:, None] + both).ravel()
        chance = (chance[:, None] * np.concatenate([weight, weight]) / 2).ravel()
    small = 1e-12 * (abs(signal) + float(np.abs(steps).max() * np.abs(others).sum()))
    tie = float(chance[np.abs(cost) <= small].sum())
    if temperature:
        return BitError(float(chance @ (0.5 * (1 - np.tanh(cost / (2 * temperature))))), tie, 1e-14, "enumeration")
    return BitError(float(chance[cost < -small].sum()), tie, 1e-14, "enumeration")


def _common_unit(table: list[Fraction], others: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """What all changes of the cost are whole multiples of, weights by weights and steps by steps, as those of equal weights
    are; 0 where there is no such unit, or so small a one that the lattice would be too long."""
    largest = float(np.abs(others).max())
    ratios = [Fraction(abs(float(w)) / largest).limit_denominator(_LARGEST_DENOMINATOR) for w in others]
    changes = [table[-2] - table[-1], *(a - b for a, b in itertools.pairwise(table))]
    of_weights, of_steps = common_unit(ratios), common_unit(changes)
    missed = np.abs(np.array(ratios, float) * largest - np.abs(others)).max()
    if of_weights is None or of_steps is None or missed > 1e-13 * largest:
        return 0.0, others, others
    shares, values = (np.array([float(v / u) for v in some]) for some, u in ((ratios, of_weights), (changes[1:], of_steps)))
    distinct = np.unique(shares).size
    if distinct * 2 * (shares.sum() + shares.max()) * np.abs(values).max() > _LONGEST_LATTICE:
        return 0.0, others, others
    return largest * float(of_weights * of_steps), shares, values


def _on_lattice(
    signal: float, values: np.ndarray, weight: np.ndarray, shares: np.ndarray, temperature: float
) -> BitError:
    """All sums of the others, in whole units, by their characteristic function on as many points."""
    length = 1 << int(2 * shares.sum() * np.abs(values).max()).bit_length()  # more than twice the largest sum
    total = np.ones(length // 2 + 1, dtype=complex)
    for share, count in zip(*np.unique(shares, return_counts=True)):
        law = np.zeros(length)
        for sign in (1, -1):
            np.add.at(law, (sign * np.rint(share * values).astype(np.int64)) % length, weight / 2)
        total *= np.fft.rfft(law) ** int(count)
    law = np.fft.irfft(total, length)
    sums = np.arange(length)
    cost = signal + np.where(sums >= length // 2, sums - length, sums)
    small = 1e-8  # more than the rounding of the longest lattice
    tie = float(max(law[np.abs(cost) <= small].sum(), 0.0))
    if temperature:
        probability = math.fsum(law * 0.5 * (1 - np.tanh(cost / (2 * temperature))))
    else:
        probability = math.fsum(law[cost < -small]) + tie / 2
    return BitError(min(max(probability, 0.0), 1.0), tie, 1e-15 * math.sqrt(length) * math.log2(length), "lattice")


def _inverted(
    signal: float, steps: np.ndarray, weight: np.ndarray, others: np.ndarray, temperature: float
) -> BitError:
    """P(cost < 0) = ½ − (1/π) ∫ φ(t) sin(t signal)/t dt, φ a product over patterns of one function at Λ_μ t."""
    from scipy.interpolate import CubicSpline

    deviation = math.sqrt(float(weight @ steps**2) * float((others**2).sum()))
    last = 14 / deviation
    grid = np.linspace(0, last * float(np.abs(others).max()), 6001)
    one = CubicSpline(grid, np.cos(grid[:, None] * steps) @ weight)
    distinct, count = np.unique(np.abs(others), return_counts=True)
    t = np.linspace(0, last, 1201)
    phi = np.empty(t.size)
    for k in range(t.size):
        values = one(t[k] * distinct)
        odd = int(count[values < 0].sum()) % 2
        phi[k] = (-1) ** odd * math.exp(float(count @ np.log(np.maximum(np.abs(values), 1e-300))))
        if k > 20 and np.all(np.abs(phi[k - 20 : k + 1]) < 1e-25):
            phi[k:] = 0.0
            break
    phi = phi * logistic_characteristic(temperature * t)
    integrand = phi * signal * np.sinc(t * signal / np.pi)
    results = []
    for every in (2, 1):
        y, h = integrand[::every], t[every]
        results.append(0.5 - (y[0] + y[-1] + 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum()) * h / 3 / np.pi)
    error = abs(float(results[1] - results[0])) + abs(float(phi[-1])) + 1e-12
    return BitError(float(min(max(results[1], 0.0), 1.0)), None, error, "characteristic function")
