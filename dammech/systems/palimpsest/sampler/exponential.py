"""The exponential memory whose patterns fade as a power of their index: E = −Σ_μ μ^{−s} exp(λ ξ^μ·σ)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dammech.errors import InputError
from dammech.memory import check_memory
from dammech.results.record import Record
from dammech.results.result import Table
from dammech.simulate.estimators import mean_and_error
from dammech.simulate.inputs import check_effort, checked_count
from dammech.simulate.trials import over_samples


@dataclass(frozen=True, repr=False)
class ExponentialPoint(Record):
    """One parallel step at T = 0 from the pattern with one index; errors over independent pattern sets.

    Attributes
    ----------
    index : int
        1 is the newest pattern.
    m, m_error : float
        Overlap with the pattern after the step.
    overlaps : tuple of float
        m of each pattern set; the sets of all indices of a call are the same ones.
    """

    size: int
    patterns: int
    exponent: float
    sharpness: float
    index: int
    m: float
    m_error: float | None
    overlaps: tuple[float, ...]
    trials: int
    seed: int


def exponential_step(
    *, exponent: float, size: int, patterns: int, indices: Sequence[int], sharpness: float = 1.0, trials: int = 100,
    seed: int = 0, workers: int | None = None,
) -> Table[ExponentialPoint]:  # fmt: skip
    """Overlap after one step from patterns of the given indices, weights μ^{−s}.

    Parameters
    ----------
    exponent : float
        s ≥ 0.
    size, patterns : int
        N, and how many patterns the stream has.
    indices : sequence of int
        From 1, the newest, to ``patterns``.
    sharpness : float
        λ > 0.

    Raises
    ------
    InputError
        For an argument out of range, or more patterns than memory holds.

    References
    ----------
    The exponential memory: [demircigil2017].
    """
    size, patterns = checked_count("size", size, least=2), checked_count("patterns", patterns)
    trials, seed = checked_count("trials", trials), checked_count("seed", seed, least=0)
    if not (np.isfinite(exponent) and exponent >= 0):
        raise InputError(f"exponent={exponent!r}: must be a finite number ≥ 0")
    if not 0 < sharpness * size < 600:
        raise InputError(f"sharpness={sharpness!r}: must be a number > 0 whose product with the size is below 600")
    places = [checked_count("indices", k, 1, patterns) for k in indices]
    needed = 8 * patterns * (size + 3 * len(places))
    check_memory(f"patterns={patterns} at size={size}", needed)
    check_effort(size, patterns, trials, len(places))
    weights = np.arange(1, patterns + 1) ** -float(exponent)

    def run(rng: np.random.Generator) -> list[float]:
        signs = 2.0 * rng.integers(0, 2, (patterns, size), dtype=np.int8) - 1
        return [_overlap(signs, weights, sharpness, index - 1) for index in places]

    key = seed, "exponential", float(exponent), float(sharpness), size, patterns
    sets = over_samples(run, key, trials, needed, workers)
    points = []
    for k, index in enumerate(places):
        m, error = mean_and_error(sets[:, k])
        points.append(ExponentialPoint(
            size, patterns, float(exponent), float(sharpness), index, m, error, tuple(sets[:, k].tolist()), trials, seed
        ))  # fmt: skip
    return Table("exponential couplings", points)


def _overlap(patterns: np.ndarray, weights: np.ndarray, sharpness: float, place: int) -> float:
    """Flipping spin i changes Σ Λ exp(λM) by factors exp(∓2λ): the cost is Σ Λ e^{λM}(1 − e^{∓2λ}), − where it agrees."""
    state = patterns[place]
    terms = weights * np.exp(sharpness * (patterns @ state - state.size))
    along = state * (patterns.T @ terms)
    agree, differ = (terms.sum() + along) / 2, (terms.sum() - along) / 2
    cost = agree * -np.expm1(-2 * sharpness) - differ * np.expm1(2 * sharpness)
    return float(np.where(cost < 0, -1.0, 1.0).mean())
