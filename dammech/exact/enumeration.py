"""Gibbs averages by summing over all 2^N states of small systems, for N up to 20."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dammech.declared.states import Memory, Model
from dammech.errors import InputError, array, finite, integer, shown
from dammech.memory import check_memory
from dammech.results.record import Record

LARGEST_SIZE = 20
_CHUNK = 1 << 14


@dataclass(frozen=True, repr=False)
class GibbsAverages(Record):
    """Exact averages at one temperature, per spin where they are extensive (k_B = 1, canonical units).

    Attributes
    ----------
    free_energy : float
        −T ln Z / N; at T = 0 the ground-state energy per spin.
    energy, entropy : float
        ⟨H⟩/N and (energy − free energy)/T; at T = 0 the entropy is ln(degeneracy)/N.
    specific_heat : float
        (⟨H²⟩ − ⟨H⟩²)/(N T²); 0 at T = 0.
    overlap, squared_overlap : ndarray, (P,)
        ⟨m_μ⟩ and ⟨m_μ²⟩; empty without patterns.
    """

    free_energy: float
    energy: float
    entropy: float
    specific_heat: float
    overlap: np.ndarray
    squared_overlap: np.ndarray


def all_states(size: int) -> np.ndarray:
    """Every state of N spins, (2^N, N) of ±1 in int8; bit i of the row's number is set where spin i is −1."""
    _checked_size(size)
    numbers = np.arange(1 << size, dtype=np.int64)
    return (1 - 2 * ((numbers[:, None] >> np.arange(size)) & 1)).astype(np.int8)


def energies(model: Memory, patterns: np.ndarray) -> np.ndarray:
    """Energy of every state (2^N,), in the order of ``all_states``, for patterns (P, N) of ±1.

    Canonical units and not per spin. For p ≥ 3 the mean energy of P − 1 uncondensed patterns is subtracted, as printed
    energies are everywhere in this package.
    """
    patterns = _checked_patterns(patterns)
    count, size = patterns.shape
    table = model.pattern_energy(size)
    constant = (count - 1) * model.mean_pattern_energy(size) if model.p >= 3 else 0.0
    states = all_states(size).astype(np.int32)
    result = np.empty(len(states))
    step = max(1, min(_CHUNK, (1 << 24) // max(count, 1)))
    for start in range(0, len(states), step):
        overlaps = states[start : start + step] @ patterns.T.astype(np.int32)
        result[start : start + step] = table[(overlaps + size) >> 1].sum(axis=1) - constant
    return result


def gibbs(model: Memory, patterns: np.ndarray, temperature: float) -> GibbsAverages:
    """Exact Gibbs averages of a memory with given patterns.

    Parameters
    ----------
    model : HebbianDAM
    patterns : ndarray, (P, N), of ±1
        N ≤ 20.
    temperature : float
        ≥ 0; at 0 the average is over the ground states.

    Raises
    ------
    InputError
        For N above 20, entries other than ±1, or a temperature that is negative or not finite.
    """
    levels = energies(model, patterns)
    patterns = np.asarray(patterns)
    overlaps = all_states(patterns.shape[1]).astype(np.float64) @ patterns.T / patterns.shape[1]
    return _averages(levels, patterns.shape[1], temperature, overlaps)


def coupling_gibbs(couplings: np.ndarray, temperature: float, patterns: np.ndarray | None = None) -> GibbsAverages:
    """Exact Gibbs averages of H = −½ Σ_{i≠j} J_ij σ_i σ_j; overlaps are with ``patterns`` (P, N), if there are any."""
    levels = coupling_energies(couplings)
    size = levels.size.bit_length() - 1
    patterns = np.empty((0, size)) if patterns is None else _checked_patterns(patterns)
    return _averages(levels, size, temperature, all_states(size).astype(np.float64) @ patterns.T / size)


def coupling_energies(couplings: np.ndarray) -> np.ndarray:
    """Energy −½ Σ_{i≠j} J_ij σ_i σ_j of every state (2^N,), in the order of ``all_states``; a diagonal is left out."""
    couplings = array("couplings", couplings, 2)
    if couplings.shape[0] != couplings.shape[1]:
        raise InputError(f"couplings of shape {couplings.shape}: must be a square matrix of finite numbers")
    symmetric = (couplings + couplings.T) / 2
    return _energies_of_sets(2, len(couplings), symmetric[np.triu_indices(len(couplings), 1)])


def pspin_couplings(model: Model, size: int, seed: int = 0) -> np.ndarray:
    """Gaussian couplings of variance p!/(2 N^{p−1}), one per index set in the order of ``itertools.combinations``."""
    size = integer("size", size)
    check_memory(f"size={size}", 8.0 * math.comb(size, model.p))
    generator = np.random.default_rng(np.random.SeedSequence([seed, model.p, size]))
    variance = math.factorial(model.p) / (2 * float(size) ** (model.p - 1))
    return generator.normal(0.0, math.sqrt(variance), size=math.comb(size, model.p))


def pspin_energies(model: Model, size: int, couplings: np.ndarray) -> np.ndarray:
    """Energy of every state (2^N,) of a p-spin glass with given couplings (C(N, p),)."""
    return _energies_of_sets(model.p, size, couplings)


def _energies_of_sets(order: int, size: int, couplings: np.ndarray) -> np.ndarray:
    _checked_size(size)
    couplings = np.asarray(couplings, dtype=float)
    if couplings.shape != (math.comb(size, order),):
        raise InputError(f"couplings has shape {couplings.shape}: must be ({math.comb(size, order)},), one per index set")
    levels = np.zeros(1 << size)
    for coupling, sites in zip(couplings, combinations(range(size), order)):
        levels[sum(1 << i for i in sites)] = -coupling
    return walsh_hadamard(levels)  # the energies are the transform of the couplings


def pspin_gibbs(model: Model, size: int, couplings: np.ndarray, temperature: float) -> GibbsAverages:
    """Exact Gibbs averages of a p-spin glass with given couplings; overlaps are empty."""
    return _averages(pspin_energies(model, size, couplings), size, temperature, np.empty((1 << size, 0)))


def overlap_law(levels: np.ndarray, temperature: float) -> np.ndarray:
    """Exact law of the overlap q of two independent copies at one temperature, in one sample of the disorder.

    The law of the difference of two states is the convolution of the Gibbs law with itself over bitwise exclusive or;
    its transform is the square of the Gibbs law's transform.

    Parameters
    ----------
    levels : ndarray, (2^N,)
        Energy of every state, in the order of ``all_states``.
    temperature : float
        > 0, in the units of the energies.

    Returns
    -------
    ndarray, (N+1,)
        Probability of q = −1, −1 + 2/N, …, 1.

    Raises
    ------
    InputError
        For a temperature that is not a finite number > 0, or a number of energies that is no power of two.
    """
    levels = np.asarray(levels, dtype=float)
    size = levels.size.bit_length() - 1
    if levels.ndim != 1 or levels.size != 1 << size or size < 1:
        raise InputError(f"levels has shape {levels.shape}: must be (2^N,), the energy of every state")
    weight = gibbs_distribution(levels, temperature)
    differences = walsh_hadamard(walsh_hadamard(weight) ** 2) / levels.size
    different = bits_set(np.arange(levels.size))
    law = np.bincount(size - different, weights=np.maximum(differences, 0.0), minlength=size + 1)
    return law / law.sum()


def paramagnet(model: Memory, size: int, patterns: int) -> tuple[float, float]:
    """Mean and variance of the energy per spin of a fair random state, over states and fair random patterns.

    Exact at every N: patterns are independent of each other given the state. The mean has the constant of P − 1
    patterns dropped for p ≥ 3, as all printed energies.
    """
    table = model.pattern_energy(size)
    weight = binomial(size)
    mean = math.fsum(weight * table)
    variance = math.fsum(weight * (table - mean) ** 2)
    kept = 1 if model.p >= 3 else patterns
    return kept * mean / size, patterns * variance / size**2


def walsh_hadamard(values: np.ndarray) -> np.ndarray:
    """Σ_k (−1)^{popcount(j & k)} values[k] for every j, of 2^N values; the argument is left alone."""
    result = np.array(values, dtype=float)
    half = 1
    while half < result.size:
        pairs = result.reshape(-1, 2, half)
        total = pairs[:, 0] + pairs[:, 1]
        np.subtract(pairs[:, 0], pairs[:, 1], out=pairs[:, 1])
        pairs[:, 0] = total
        half *= 2
    return result


def bits_set(numbers: np.ndarray) -> np.ndarray:
    """Number of ones of each non-negative integer in base two."""
    rest, count = np.array(numbers, dtype=np.int64), np.zeros(np.shape(numbers), np.int64)
    while rest.any():
        count += rest & 1
        rest >>= 1
    return count


def gibbs_distribution(levels: np.ndarray, temperature: float) -> np.ndarray:
    """Probability of every state, exp(−E/T)/Z, T > 0."""
    temperature = finite("temperature", temperature, positive=True)
    weight = np.exp(-(levels - np.min(levels)) / temperature)
    return weight / weight.sum()


def binomial(size: int) -> np.ndarray:
    """Probability of each total −N, −N+2, …, N of N fair signs."""
    logs = [math.lgamma(size + 1) - math.lgamma(k + 1) - math.lgamma(size - k + 1) for k in range(size + 1)]
    weight = np.exp(np.array(logs) - size * math.log(2))
    return weight / weight.sum()


def single_flip_energies(levels: np.ndarray) -> Callable[[int], np.ndarray]:
    """Given all energies (2^N,), a function of the site i that returns the cost of flipping it in every state."""
    numbers = np.arange(levels.size)
    return lambda site: levels[numbers ^ (1 << site)] - levels


def _averages(levels: np.ndarray, size: int, temperature: float, overlaps: np.ndarray) -> GibbsAverages:
    temperature = finite("temperature", temperature)
    ground = float(levels.min())
    if temperature == 0:
        lowest = levels - ground <= 1e-10 * max(1.0, abs(ground))
        weight, log_sum = lowest.astype(float), math.log(lowest.sum())
    else:
        weight = np.exp(-(levels - ground) / temperature)
        log_sum = math.log(weight.sum())
    weight = weight / weight.sum()
    energy = float(weight @ levels)
    free_energy = ground - temperature * log_sum
    entropy = (energy - free_energy) / temperature if temperature else log_sum
    heat = float(weight @ (levels - energy) ** 2) / temperature**2 if temperature else 0.0
    return GibbsAverages(
        free_energy / size, energy / size, entropy / size, heat / size, weight @ overlaps, weight @ overlaps**2
    )


def _checked_size(size: int) -> None:
    if not isinstance(size, int | np.integer) or not 1 <= size <= LARGEST_SIZE:
        raise InputError(f"size={shown(size)}: enumeration is for 1 to {LARGEST_SIZE} spins")


def _checked_patterns(patterns: np.ndarray) -> np.ndarray:
    try:
        patterns = np.asarray(patterns)
    except Exception:  # ragged lists
        raise InputError(f"patterns={shown(patterns)}: must be an array (P, N) with entries ±1") from None
    if patterns.ndim != 2 or not patterns.size or not np.isin(patterns, (-1, 1)).all():
        raise InputError(f"patterns has shape {patterns.shape}: must be (P, N) with entries ±1")
    _checked_size(patterns.shape[1])
    return patterns.astype(np.int8)
