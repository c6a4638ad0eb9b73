"""The delta rule of order n, one presentation a pattern: each neuron corrects its weights by its error."""

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

_BURN = 8.0  # decay times of the stored power before anything is measured
_LARGEST = 50_000_000  # entries of all weights


@dataclass(frozen=True, repr=False)
class DeltaPoint(Record):
    """What is left of a pattern of one age; errors over independent streams.

    Attributes
    ----------
    features : int
        D = C(N−1, n−1), the weights of one neuron.
    age : int
        Patterns stored after this one.
    signal, variance : float
        Mean and variance of ξ_i w_i·φ_i over neurons and streams.
    bit_error : float
        Fraction of neurons whose field has the wrong sign.
    """

    order: int
    size: int
    features: int
    rate: float
    age: int
    signal: float
    signal_error: float | None
    variance: float
    variance_error: float | None
    bit_error: float
    bit_error_error: float | None
    trials: int
    seed: int


def delta_rule(
    order: int, *, rate: float, ages: Sequence[int], size: int, trials: int = 50, seed: int = 0, probes: int = 4,
    workers: int | None = None,
) -> Table[DeltaPoint]:  # fmt: skip
    """Fields of stored patterns under w_i ← w_i + η (ξ_i − w_i·φ_i) φ_i/D, from a stream long enough to forget its start.

    φ_i holds the products of n − 1 different spins other than i (there is no self-coupling: with one, the rule makes
    every state stable and remembers none).

    Parameters
    ----------
    order : int
        n ≥ 2; a neuron's field is a polynomial of degree n − 1.
    rate : float
        η, between 0 and 2.
    ages : sequence of int
    size : int
        N.
    trials : int
        Independent streams.
    probes : int
        How often each stream is looked at, D/(2η − η²) patterns apart at least.

    Raises
    ------
    InputError
        For an argument out of range, or more weights than can be held.
    """
    order, size = checked_count("order", order, least=2), checked_count("size", size, least=3)
    trials, seed, probes = (
        checked_count("trials", trials),
        checked_count("seed", seed, 0),
        checked_count("probes", probes),
    )
    if not 0 < rate < 2:
        raise InputError(f"rate={rate!r}: must be a number between 0 and 2, where the rule is stable")
    if size < order or size * comb(size, order - 1) > _LARGEST:
        raise InputError(
            f"size={size}: must be at least the order, and with order {order} few enough for {_LARGEST:.0e} weights"
        )
    places = [checked_count("ages", a, least=0) for a in ages]
    features = comb(size - 1, order - 1)
    decay = features / (rate * (2 - rate))

    burn, gap = int(_BURN * decay), max(int(decay), max(places) + 1)
    sets = over_samples(
        lambda rng: _stream(order, rate, places, size, burn, gap, probes, rng),
        (seed, "delta", order, rate, size, max(places)), trials, 16 * size * comb(size, order - 1), workers,
    )  # fmt: skip
    points = []
    for k, age in enumerate(places):
        fields, squares, wrong = sets[:, k].T
        signal, signal_error = mean_and_error(fields)
        variance, variance_error = mean_and_error(squares - 2 * signal * fields + signal**2)
        error, error_error = mean_and_error(wrong)
        points.append(DeltaPoint(
            order, size, features, rate, age, signal, signal_error, variance, variance_error, error, error_error, trials, seed,
        ))  # fmt: skip
    return Table("the delta rule", points)


def delta_features(order: int, spins: np.ndarray) -> np.ndarray:
    """All products of n − 1 different spins, in the order of ``itertools.combinations``."""
    return spins[_sets(order, spins.size)].prod(axis=1)


def _sets(order: int, size: int) -> np.ndarray:
    return np.array(list(combinations(range(size), order - 1)), dtype=np.int64)


def _stream(
    order: int, rate: float, ages: list[int], size: int, burn: int, gap: int, probes: int, rng: np.random.Generator
) -> np.ndarray:
    """Mean field, mean square and fraction of wrong signs at each age, of one stream: (ages, 3)."""
    from dammech.systems.palimpsest.sampler.compiled import delta_steps

    sets = _sets(order, size)
    own = np.array(
        [np.flatnonzero((sets == i).any(axis=1)) for i in range(size)]
    )  # features that hold the neuron's spin
    scale = rate / comb(size - 1, order - 1)
    weights = np.zeros((size, len(sets)))
    found = np.zeros((len(ages), 3))
    for probe in range(probes):
        signs = 2.0 * rng.integers(0, 2, ((burn if probe == 0 else 0) + gap, size)) - 1
        delta_steps(weights, own, sets, signs, scale)
        for k, age in enumerate(ages):
            old = signs[-1 - age]
            field = old * (weights @ old[sets].prod(axis=1))
            found[k] += field.mean(), (field**2).mean(), (field < 0).mean()
    return found / probes
