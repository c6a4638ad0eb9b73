"""Hebbian rehearsal: the second moment of how often patterns have been stored, in a stream of any length."""

from __future__ import annotations

import numpy as np

from dammech.errors import InputError


def rehearsal_second_moment(count: int, rehearsals: float) -> float:
    """E Σ_μ Λ_μ² when ``count`` patterns have been stored, R old ones rehearsed with each.

    The pattern that came as the t-th is chosen with probability 1/s, R times, at each arrival with s = t … K − 1 patterns
    in store: Λ − 1 is a sum of independent events. For long streams it is K (1 + R)(1 + 2R).

    Parameters
    ----------
    count : int
        K ≥ 1.
    rehearsals : float
        R ≥ 0; what it has beyond an integer is one more event with that probability.

    Raises
    ------
    InputError
        For an argument out of range.
    """
    if count < 1 or not (np.isfinite(rehearsals) and rehearsals >= 0):
        raise InputError(f"count={count}, rehearsals={rehearsals!r}: must be at least 1 and a finite number ≥ 0")
    chance = 1 / np.arange(1, count, dtype=float)
    whole, part = int(rehearsals), rehearsals - int(rehearsals)
    spread = whole * chance * (1 - chance) + part * chance * (1 - part * chance)
    mean = np.concatenate([np.cumsum((rehearsals * chance)[::-1])[::-1], [0.0]])
    variance = np.concatenate([np.cumsum(spread[::-1])[::-1], [0.0]])
    return float(((1 + mean) ** 2 + variance).sum())
