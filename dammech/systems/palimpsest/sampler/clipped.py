"""Bounded couplings: every coupling is a walk between two walls, and forgets what it did before it met one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from dammech.errors import InputError
from dammech.results.record import Record
from dammech.results.result import Table
from dammech.simulate.estimators import mean_and_error
from dammech.simulate.inputs import checked_count
from dammech.simulate.trials import over_samples

_BURN = 4.0  # squared widths before anything is measured: from J = 0 the slowest mode decays by e^{−2π²}
_LARGEST = 20_000_000


@dataclass(frozen=True, repr=False)
class ClippedSignal(Record):
    """What is left of a pattern of one age in clipped couplings; errors over independent streams.

    Attributes
    ----------
    bound : int
        Couplings stay in −bound … bound, in units of one stored pattern.
    signal, signal_error : float
        Mean of J_{i…} ξ_i… over couplings.
    square, square_error : float
        Mean of J².
    m, m_error : float
        Overlap after one parallel step at T = 0 from the pattern.
    """

    order: int
    size: int
    bound: int
    age: int
    signal: float
    signal_error: float | None
    square: float
    square_error: float | None
    m: float
    m_error: float | None
    trials: int
    seed: int


def clipped_signal(
    order: int,
    *,
    bound: int,
    ages: Sequence[int],
    size: int,
    trials: int = 50,
    seed: int = 0,
    workers: int | None = None,
) -> Table[ClippedSignal]:
    """Store patterns by J ← clip(J + ξ_i ξ_j…, ±bound) in every coupling of n different spins, and look at old ones.

    Parameters
    ----------
    order : int
        n ≥ 2, the number of spins of a coupling.
    bound : int
        At least 1.
    ages : sequence of int
        Patterns stored since.
    size : int
        N.
    trials : int
        Independent streams, of 4 bound² patterns and the oldest age.

    Raises
    ------
    InputError
        For an argument out of range, or more couplings than can be held.

    References
    ----------
    [parisi1986].
    """
    order, bound = checked_count("order", order, least=2), checked_count("bound", bound, 1, 30_000)
    size = checked_count("size", size, least=order)
    trials, seed = checked_count("trials", trials), checked_count("seed", seed, least=0)
    if comb(size, order) > _LARGEST:
        raise InputError(
            f"size={size}: with order {order} there are {comb(size, order)} couplings, more than {_LARGEST}"
        )
    places = [checked_count("ages", a, least=0) for a in ages]

    key, needed = (seed, "clipped", order, bound, size), (8 * order + 4) * comb(size, order)
    sets = over_samples(lambda rng: _stream(order, bound, places, size, rng), key, trials, needed, workers)
    points = []
    for k, age in enumerate(places):
        columns = [mean_and_error(sets[:, k, c]) for c in range(3)]
        points.append(ClippedSignal(order, size, bound, age, *columns[0], *columns[1], *columns[2], trials, seed))
    return Table("clipped couplings", points)


def _stream(order: int, bound: int, ages: list[int], size: int, rng: np.random.Generator) -> np.ndarray:
    """Signal, J² and one-step overlap at each age: (ages, 3)."""
    if order == 2:
        tuples = np.array(np.triu_indices(size, 1))
    else:
        tuples = np.array(list(combinations(range(size), order)), dtype=np.int64).T
    couplings = np.zeros(tuples.shape[1], np.int32)
    kept = np.empty((max(ages) + 1, size), np.int32)
    steps = int(_BURN * (bound + 1) ** 2) + len(kept)
    for step in range(steps):
        spins = 2 * rng.integers(0, 2, size, dtype=np.int32) - 1
        couplings += _products(spins, tuples)
        np.clip(couplings, -bound, bound, out=couplings)
        kept[step % len(kept)] = spins
    found = np.empty((len(ages), 3))
    square = float((couplings.astype(float) ** 2).mean())
    for k, age in enumerate(ages):
        old = kept[(step - age) % len(kept)]
        along = (couplings * _products(old, tuples)).astype(float)
        fields = sum(np.bincount(row, along, size) for row in tuples)
        found[k] = along.mean(), square, np.where(fields < 0, -1.0, 1.0).mean()
    return found


def _products(spins: np.ndarray, tuples: np.ndarray) -> np.ndarray:
    result = spins[tuples[0]]
    for row in tuples[1:]:
        result = result * spins[row]
    return result
