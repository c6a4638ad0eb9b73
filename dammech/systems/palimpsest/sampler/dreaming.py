"""Dreaming: the couplings of a Hebbian memory of order 2 sharpened without looking at patterns again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.errors import InputError
from dammech.results.record import Record
from dammech.simulate.couplings.chain import with_diagonal
from dammech.simulate.estimators import mean_and_error
from dammech.simulate.inputs import checked_count
from dammech.simulate.trials import over_samples


@dataclass(frozen=True, repr=False)
class DreamingPoint(Record):
    """Fields of stored patterns after dreaming for a time; errors over independent pattern sets.

    Attributes
    ----------
    signal, variance : float
        Mean and variance of ξ_i h_i over spins and patterns, self-coupling taken out.
    m : float
        Overlap after one parallel step at T = 0.
    """

    size: int
    patterns: int
    time: float
    signal: float
    signal_error: float | None
    variance: float
    variance_error: float | None
    m: float
    m_error: float | None
    trials: int
    seed: int


def dream(couplings: np.ndarray, time: float) -> np.ndarray:
    """J(t) = (1 + t) J (1 + t J)^{−1}, from the couplings alone: two naps t, s make one of (1 + t)(1 + s) − 1.

    Parameters
    ----------
    couplings : ndarray, (N, N)
        Symmetric and positive semi-definite, with its diagonal.
    time : float
        t ≥ 0.

    References
    ----------
    [fachechi2019].
    """
    if not (np.isfinite(time) and time >= 0):
        raise InputError(f"time={time!r}: must be a finite number ≥ 0")
    couplings = with_diagonal(couplings, "kept")
    return np.asarray((1 + time) * np.linalg.solve(np.eye(len(couplings)) + time * couplings, couplings))


def dreaming_step(
    load: float, *, time: float, size: int, trials: int = 20, seed: int = 0, workers: int | None = None
) -> DreamingPoint:
    """One parallel step at T = 0 from stored patterns, after their Hebbian couplings have dreamt.

    Parameters
    ----------
    load : float
        α = K/N, with at least one pattern.
    time : float
        t ≥ 0.
    size : int
        N.

    Raises
    ------
    InputError
        For an argument out of range.
    """
    size, trials = checked_count("size", size, least=2), checked_count("trials", trials)
    seed = checked_count("seed", seed, least=0)
    count = round(load * size) if np.isfinite(load) else 0
    if count < 1:
        raise InputError(f"load={load!r} at size={size}: must be a number that means at least one pattern")
    dream(np.eye(1), time)

    def run(rng: np.random.Generator) -> tuple[float, float, float]:
        patterns = 2.0 * rng.integers(0, 2, (count, size)) - 1
        couplings = dream(patterns.T @ patterns / size, time)
        fields = patterns * (patterns @ with_diagonal(couplings))
        return float(fields.mean()), float((fields**2).mean()), float(np.where(fields < 0, -1.0, 1.0).mean())

    key = seed, "dreaming", size, count, float(time)
    fields, squares, overlaps = over_samples(run, key, trials, 32 * size * size, workers).T
    signal, signal_error = mean_and_error(fields)
    variance, variance_error = mean_and_error(squares - 2 * signal * fields + signal**2)
    m, m_error = mean_and_error(overlaps)
    return DreamingPoint(
        size, count, float(time), signal, signal_error, variance, variance_error, m, m_error, trials, seed
    )  # fmt: skip
