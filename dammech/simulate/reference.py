"""The plain NumPy twin of the compiled kernels, and their oracle: given the same order of sites and the same uniform
numbers it goes through the same states. Energies are read from the model's own table, pattern by pattern."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dammech.declared.states import Memory


def reference_sweeps(
    model: Memory,
    patterns: np.ndarray,
    spins: np.ndarray,
    temperature: float,
    dynamics: str,
    orders: np.ndarray,
    uniforms: np.ndarray,
    tie: float = 1e-9,
    weights: np.ndarray | float = 1.0,
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
    weights : ndarray, (P,), optional
        Λ_μ of each pattern's energy.

    Returns
    -------
    spins : ndarray, (N,)
    flips : int
    """
    table = model.pattern_energy(patterns.shape[1])
    size = patterns.shape[1]
    patterns = patterns.astype(np.int64)

    def cost(state: np.ndarray, i: int) -> float:
        totals = patterns @ state
        moved = totals - 2 * state[i] * patterns[:, i]
        return float(np.sum(weights * (table[(moved + size) // 2] - table[(totals + size) // 2])))

    return reference_flips(cost, spins, temperature, dynamics, orders, uniforms, tie)


def reference_flips(
    cost: Callable[[np.ndarray, int], float],
    spins: np.ndarray,
    temperature: float,
    dynamics: str,
    orders: np.ndarray,
    uniforms: np.ndarray,
    tie: float = 1e-9,
) -> tuple[np.ndarray, int]:
    """As ``reference_sweeps``, with any ``cost`` of flipping spin i in a state: 2 σ_i Σ_j J_ij σ_j for couplings."""
    spins = np.array(spins, dtype=np.int64)
    flips = 0
    for order, draws in zip(orders, uniforms):
        for i, uniform in zip(order, draws):
            delta = cost(spins, i)
            if dynamics == "zero-temperature" or temperature == 0:
                tied = dynamics == "metropolis" or (dynamics == "glauber" and uniform < 0.5)
                accepted = delta < -tie or (tied and delta <= tie)
            elif dynamics == "metropolis":
                accepted = delta <= tie or uniform < np.exp(-delta / temperature)
            else:
                accepted = uniform < 0.5 * (1 - np.tanh(delta / (2 * temperature)))
            if accepted:
                spins[i] = -spins[i]
                flips += 1
    return spins, flips


def reference_tempering(
    energy: Callable[[np.ndarray], float],
    spins: np.ndarray,
    temperatures: Sequence[float],
    orders: np.ndarray,
    uniforms: np.ndarray,
    swaps: np.ndarray,
    tie: float = 1e-9,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Parallel tempering, one energy at a time: Metropolis visits, then swaps of every other pair of neighbours.

    Parameters
    ----------
    energy : callable
        Energy of a state (N,) of ±1, in the units of the temperatures.
    spins : ndarray, (sets, T, N)
        The start: replica t of each set stands at temperature t.
    temperatures : sequence, (T,)
    orders, uniforms : ndarray, (sweeps, sets, T, N)
        Sites in order of visit and a uniform number for each, of each replica.
    swaps : ndarray, (sweeps, sets, T−1)
        A uniform number for each pair of neighbours; of pairs that are not proposed it is not used.
    tie : float
        Energy differences below this count as zero.

    Returns
    -------
    states : ndarray, (sweeps, sets, T, N)
        Spins at each temperature after each sweep and its swaps.
    energies : ndarray, (sweeps, sets, T)
    at : ndarray, (sweeps, sets, T)
        The replica at each temperature.
    accepted : ndarray of bool, (sweeps, sets, T−1)
    """
    spins = np.array(spins, dtype=np.int64)
    sets, count, _ = spins.shape
    at, beta = np.tile(np.arange(count), (sets, 1)), 1 / np.asarray(temperatures, dtype=float)
    levels = np.array([[energy(replica) for replica in one] for one in spins])
    states, energies, places = [], [], []
    accepted = np.zeros(swaps.shape, bool)
    for step in range(len(orders)):
        for s in range(sets):
            for t, r in enumerate(at[s]):
                for i, uniform in zip(orders[step, s, r], uniforms[step, s, r]):
                    spins[s, r, i] *= -1
                    moved = energy(spins[s, r])
                    delta = moved - levels[s, r]
                    if delta <= tie or uniform < np.exp(-delta * beta[t]):
                        levels[s, r] = moved
                    else:
                        spins[s, r, i] *= -1
            for t in range(step % 2, count - 1, 2):
                a, b = at[s, t], at[s, t + 1]
                gain = (beta[t] - beta[t + 1]) * (levels[s, a] - levels[s, b])
                if gain >= -tie or swaps[step, s, t] < np.exp(gain):
                    at[s, t], at[s, t + 1] = b, a
                    accepted[step, s, t] = True
        states.append(np.take_along_axis(spins, at[:, :, None], axis=1))
        energies.append(np.take_along_axis(levels, at, axis=1))
        places.append(at.copy())
    return np.array(states), np.array(energies), np.array(places), accepted
