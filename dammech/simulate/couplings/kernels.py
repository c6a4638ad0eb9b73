"""Compiled sweeps of spins whose couplings are written out. Importing this module imports numba.

Couplings are an array (N, 1, N) of pairs, whose row i holds what spin i does to the fields of all (column i of J), or
(N, N, N) of triples; they and the fields are integers in a unit, so that every sum is exact.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np

from dammech.simulate.kernels import FAST, ZERO_TEMPERATURE, accepts, compiled, draw_sweep


@compiled(fastmath=FAST)
def sweep_couplings(couplings, spins, field, order, uniforms, temperature, rule, tie, change):
    """Visits in ``order``; a flip costs 2 σ_i h_i, h = ``field``. Returns the sum of the costs paid, and the flips."""
    size, depth = couplings.shape[0], couplings.shape[1]
    paid, flips = 0.0, 0
    for k in range(size):
        i = order[k]
        delta = 2.0 * np.float64(spins[i]) * field[i]
        if not accepts(delta, uniforms[k], temperature, rule, tie):
            continue
        paid += delta
        flips += 1
        factor = -2.0 * np.float64(spins[i])
        spins[i] = -spins[i]
        if depth == 1:
            for a in range(size):
                field[a] += factor * np.float64(couplings[i, 0, a])
        else:
            change[:] = 0
            for j in range(0, size - 3, 4):  # four rows in one pass
                s0, s1, s2, s3 = spins[j], spins[j + 1], spins[j + 2], spins[j + 3]
                for a in range(size):
                    change[a] += (
                        s0 * couplings[i, j, a]
                        + s1 * couplings[i, j + 1, a]
                        + s2 * couplings[i, j + 2, a]
                        + s3 * couplings[i, j + 3, a]
                    )
            for j in range(size - size % 4, size):
                for a in range(size):
                    change[a] += spins[j] * couplings[i, j, a]
            for a in range(size):
                field[a] += factor * np.float64(change[a])
    return paid, flips


@compiled()
def run_couplings(couplings, spins, field, pattern, stream, temperature, rule, tie, overlaps, energies):
    """Sweep ``len(energies)`` times; after each, write M with ``pattern`` and −½ Σ σ_i h_i.

    Returns (sweeps done, flips); at zero temperature it stops after a sweep in which no spin could flip.
    """
    size = spins.size
    order, uniforms, change = np.empty(size, np.int64), np.empty(size), np.empty(size, couplings.dtype)
    flips = 0
    for t in range(energies.size):
        draw_sweep(stream, order, uniforms)
        _, n = sweep_couplings(couplings, spins, field, order, uniforms, temperature, rule, tie, change)
        flips += n
        overlap, energy, lowest = 0, 0.0, np.inf
        for i in range(size):
            overlap += pattern[i] * spins[i]
            energy -= 0.5 * spins[i] * field[i]
            lowest = min(lowest, 2.0 * spins[i] * field[i])
        overlaps[t] = overlap
        energies[t] = energy
        if rule >= ZERO_TEMPERATURE and n == 0 and (rule == ZERO_TEMPERATURE or lowest > tie):
            return t + 1, flips
    return energies.size, flips
