"""Hebbian rehearsal: every new pattern is stored together with old ones that are stored again."""

from __future__ import annotations

import numpy as np

from dammech.errors import InputError
from dammech.simulate.inputs import checked_count


def rehearsal_counts(count: int, rehearsals: float, rng: np.random.Generator) -> np.ndarray:
    """How often each of ``count`` patterns has been stored when the last has arrived, newest first.

    With each new pattern ``rehearsals`` old ones, uniformly chosen, are stored once more (a fraction of one by chance).

    Parameters
    ----------
    count : int
        Patterns in the stream.
    rehearsals : float
        R ≥ 0, the mean number of old patterns rehearsed with each new one.
    rng : Generator

    Returns
    -------
    ndarray, (count,)
        The weights Λ_μ of the memory.

    Raises
    ------
    InputError
        For no pattern, or an R that is negative or not finite.
    """
    count = checked_count("count", count)
    if not (np.isfinite(rehearsals) and rehearsals >= 0):
        raise InputError(f"rehearsals={rehearsals!r}: must be a finite number ≥ 0")
    whole = int(rehearsals)
    stored = np.arange(1, count)  # patterns that are there when the next arrives
    extra = rng.random(count - 1) < rehearsals - whole
    times = np.repeat(stored, whole + extra)
    chosen = (rng.random(times.size) * times).astype(np.int64)
    return (1.0 + np.bincount(chosen, minlength=count))[::-1].copy()
