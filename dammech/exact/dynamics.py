"""The law of a dynamics on all 2^N states of a small system, moved forward exactly and without a transition matrix."""

from __future__ import annotations

import numpy as np

from dammech.errors import InputError
from dammech.exact.enumeration import single_flip_energies

_LARGEST_PARALLEL = 12


def evolve(
    levels: np.ndarray, distribution: np.ndarray, temperature: float, dynamics: str, order: np.ndarray
) -> np.ndarray:
    """The distribution after one visit to each site in ``order`` (for "parallel": after one synchronous step).

    Parameters
    ----------
    levels : ndarray, (2^N,) or (N, 2^N)
        Energy of every state, in the order of ``all_states`` (any energy function will do); or the cost of flipping each
        spin in every state, where that is no difference of energies.
    distribution : ndarray, (2^N,)
        Probability of every state before.
    temperature : float
        ≥ 0.
    dynamics : str
        "glauber", "metropolis", "zero-temperature" or "parallel". At T = 0 a flip that costs nothing happens half of the
        time, always, never and never.
    order : ndarray of int
        Sites in order of visit; not used by "parallel".

    Returns
    -------
    ndarray, (2^N,)
    """
    levels = np.asarray(levels, dtype=float)
    cost = single_flip_energies(levels) if levels.ndim == 1 else levels.__getitem__
    law = np.array(distribution, dtype=float)
    numbers = np.arange(law.size)
    if dynamics == "parallel":
        return _parallel(law, cost, temperature)
    for site in np.asarray(order):
        leaving = law * _flip_probability(cost(int(site)), temperature, dynamics)
        law = law - leaving + leaving[numbers ^ (1 << int(site))]
    return law


def _parallel(law: np.ndarray, cost, temperature: float) -> np.ndarray:  # type: ignore[no-untyped-def]
    """One synchronous step: given the old state spins flip independently, so its row of the law is a product."""
    states, size = law.size, law.size.bit_length() - 1
    if size > _LARGEST_PARALLEL:
        raise InputError(f"size={size}: the law of a synchronous step is computed up to {_LARGEST_PARALLEL} spins")
    result = np.zeros(states)
    probabilities = np.array([_flip_probability(cost(i), temperature, "parallel") for i in range(size)])
    numbers = np.arange(states)
    for state in range(states):
        if law[state] == 0:
            continue
        row = np.ones(1)
        for i in range(size):
            row = np.concatenate([row * (1 - probabilities[i, state]), row * probabilities[i, state]])
        result += law[state] * row[numbers ^ state]
    return result


def _flip_probability(cost: np.ndarray, temperature: float, dynamics: str) -> np.ndarray:
    if dynamics not in ("glauber", "metropolis", "zero-temperature", "parallel"):
        raise InputError(f"dynamics={dynamics!r}: must be glauber, metropolis, zero-temperature or parallel")
    if temperature == 0 or dynamics == "zero-temperature":
        tie = 1e-10 * max(1.0, float(np.abs(cost).max()))
        tied = {"glauber": 0.5, "metropolis": 1.0}.get(dynamics, 0.0)
        return np.where(cost < -tie, 1.0, np.where(cost <= tie, tied, 0.0))
    if dynamics == "metropolis":
        return np.exp(-np.maximum(cost, 0) / temperature)
    return 0.5 * (1 - np.tanh(cost / (2 * temperature)))
