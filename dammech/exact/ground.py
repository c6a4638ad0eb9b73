"""Exact ground states of samples of up to 24 spins, by visiting all states.

The energy is written as a polynomial in which no spin occurs twice, H = Σ_S c_S Π_{i∈S} σ_i. Given the last spins it is
one in the first 16, and all their energies are one Walsh–Hadamard transform of its coefficients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dammech.declared.states import Memory, Model
from dammech.errors import InputError
from dammech.exact.enumeration import binomial, bits_set, walsh_hadamard
from dammech.registry import chain_of
from dammech.results.record import Record

LARGEST_GROUND_STATE = 24
LARGEST_GROUND_ORDER = 4
_BLOCK = 16
_TIE = 1e-9


@dataclass(frozen=True, repr=False)
class GroundState(Record):
    """The lowest energy of a sample, and who has it.

    Attributes
    ----------
    energy : float
        Per spin, in canonical units; for memories of p ≥ 3 less the mean of P − 1 uncondensed patterns.
    degeneracy : int
        States with this energy, to 1e-9 of it.
    spins : ndarray of int8, (N,)
        The first of them in the order of ``all_states``.
    """

    energy: float
    degeneracy: int
    spins: np.ndarray


def ground_state(model: Memory, patterns: np.ndarray) -> GroundState:
    """Exact ground state of a memory with given patterns.

    Parameters
    ----------
    model : HebbianDAM
        Of order 2, 3 or 4 and not rectified.
    patterns : ndarray, (P, N), of ±1
        N ≤ 24.

    Raises
    ------
    InputError
        For another model, N below the order or above 24, or entries other than ±1.
    """
    chain_of(model, "patterns")
    if model.is_rectified or model.p > LARGEST_GROUND_ORDER:
        raise InputError(f"model={model!r}: must be of order 2 to {LARGEST_GROUND_ORDER} and not rectified")
    patterns = np.asarray(patterns)
    if patterns.ndim != 2 or not patterns.size or not np.isin(patterns, (-1, 1)).all():
        raise InputError(f"patterns has shape {patterns.shape}: must be (P, N) with entries ±1")
    count, size = patterns.shape
    _checked(model.p, size)
    masks, values = [], []
    for k, strength in enumerate(_strengths(model, size)):
        if strength == 0:
            continue
        if k == 0:
            kept = 1 if model.p >= 3 else count
            masks, values = [np.zeros(1, np.int64)], [np.array([kept * strength])]
            continue
        sets = np.array(list(combinations(range(size), k)))
        masks.append((1 << sets).sum(axis=1))
        values.append(strength * sum(np.prod(pattern[sets], axis=1, dtype=np.int64) for pattern in patterns))
    return _lowest(np.concatenate(masks), np.concatenate(values), size)


def pspin_ground_state(model: Model, size: int, couplings: np.ndarray) -> GroundState:
    """Exact ground state of a p-spin glass with given couplings (C(N, p),), N ≤ 24, of order 2, 3 or 4.

    Raises
    ------
    InputError
        For another order, N below it or above 24, or a wrong number of couplings.
    """
    chain_of(model, "couplings")
    if model.p > LARGEST_GROUND_ORDER:
        raise InputError(f"model={model!r}: must be of order 2 to {LARGEST_GROUND_ORDER}")
    _checked(model.p, size)
    couplings = np.asarray(couplings, dtype=float)
    if couplings.shape != (math.comb(size, model.p),):
        raise InputError(
            f"couplings has shape {couplings.shape}: must be ({math.comb(size, model.p)},), one per index set"
        )
    sets = np.array(list(combinations(range(size), model.p)))
    return _lowest((1 << sets).sum(axis=1), -couplings, size)


def _strengths(model: Memory, size: int) -> list[float]:
    """c_k of one pattern's energy Σ_k c_k e_k(M), e_k the sum over sets of k distinct spins; zeros up to rounding."""
    table, weight = model.pattern_energy(size), binomial(size)
    totals = np.arange(-size, size + 1, 2)
    before, now, result = np.zeros(size + 1), np.ones(size + 1), []
    for k in range(model.p + 1):  # the e_k are orthogonal under fair signs, with norm C(N, k)
        strength = math.fsum(weight * table * now) / math.comb(size, k)
        result.append(strength if abs(strength) * math.comb(size, k) > 1e-12 * np.abs(table).max() else 0.0)
        before, now = now, (totals * now - (size - k + 1) * before) / (k + 1)
    return result


def _lowest(masks: np.ndarray, values: np.ndarray, size: int) -> GroundState:
    first = min(size, _BLOCK)
    lower, place = np.unique(masks & ((1 << first) - 1), return_inverse=True)
    upper = masks >> first
    best, degeneracy, state = np.inf, 0, 0
    tie = _TIE * max(1.0, float(np.abs(values).max()))
    for rest in range(1 << (size - first)):
        signs = 1.0 - 2.0 * (bits_set(upper & rest) % 2)
        levels = np.zeros(1 << first)
        levels[lower] = np.bincount(place, weights=signs * values, minlength=lower.size)
        levels = walsh_hadamard(levels)
        lowest = float(levels.min())
        if lowest < best - tie:
            best, degeneracy = lowest, 0
            state = (rest << first) | int(np.argmax(levels <= lowest + tie))
        if lowest <= best + tie:
            degeneracy += int((levels <= best + tie).sum())
    spins = (1 - 2 * ((state >> np.arange(size)) & 1)).astype(np.int8)
    energy = math.fsum(np.where(bits_set(masks & state) % 2, -values, values))
    return GroundState(energy / size, degeneracy, spins)


def _checked(order: int, size: int) -> None:
    if isinstance(size, bool) or not hasattr(size, "__index__") or not order <= size <= LARGEST_GROUND_STATE:
        raise InputError(f"size={size!r}: must be an integer from {order} to {LARGEST_GROUND_STATE}")
