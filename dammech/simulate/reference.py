"""The plain NumPy twin of the compiled kernels, and their oracle: given the same order of sites and the same uniform
numbers it goes through the same states. Energies are read from the model's own table, pattern by pattern."""

from __future__ import annotations

import numpy as np

from dammech.models import HebbianDAM


def reference_sweeps(
    model: HebbianDAM,
    patterns: np.ndarray,
    spins: np.ndarray,
    temperature: float,
    dynamics: str,
    orders: np.ndarray,
    uniforms: np.ndarray,
    tie: float = 1e-9,
) -> tuple[np.ndarray, int]:
    """Visit the sites in the given order.

    Parameters
    ----------
    model : HebbianDAM
    patterns : ndarray, (P, N), of ±1
    spins : ndarray, (N,), of ±1
    temperature : float
        Canonical units.
    dynamics : str
        "glauber", "metropolis" or "zero-temperature".
    orders, uniforms : ndarray, (sweeps, N)
        Sites in order of visit, and a uniform number in [0, 1) for each visit.
    tie : float
        Flip energies below this in size count as zero at zero temperature (they are sums of rounded numbers here).

    Returns
    -------
    spins : ndarray, (N,)
    flips : int
    """
    table = model.pattern_energy(patterns.shape[1])
    size = patterns.shape[1]
    patterns = patterns.astype(np.int64)
    spins = spins.astype(np.int64)
    totals = patterns @ spins
    flips = 0
    for order, draws in zip(orders, uniforms):
        for i, uniform in zip(order, draws):
            moved = totals - 2 * spins[i] * patterns[:, i]
            delta = float(np.sum(table[(moved + size) // 2] - table[(totals + size) // 2]))
            if dynamics == "zero-temperature" or temperature == 0:
                accepted = delta < -tie
            elif dynamics == "metropolis":
                accepted = delta <= tie or uniform < np.exp(-delta / temperature)
            else:
                accepted = uniform < 0.5 * (1 - np.tanh(delta / (2 * temperature)))
            if accepted:
                totals = moved
                spins[i] = -spins[i]
                flips += 1
    return spins, flips
