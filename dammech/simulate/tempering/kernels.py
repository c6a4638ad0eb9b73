"""Compiled parallel tempering. Importing this module imports numba; only a running simulation does.

Two sets of replicas stand on one ladder of temperatures, coldest first; ``at[s, t]`` is the replica of set s at
temperature t. A glass keeps its couplings as integers in single precision, (N, 1, N) for pairs and (N, N, N) for
triples, and its fields and energies in double precision, in the same unit, so that every sum is exact.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math

import numpy as np

from dammech.simulate.couplings.kernels import sweep_couplings
from dammech.simulate.kernels import METROPOLIS, compiled, draw_sweep, random_word, run

HOT, COLD = 1, 2


@compiled()
def exchange(energies, at, betas, stream, first, tried, made, last_end, trips):
    """Propose to swap neighbours (first, first+1), (first+2, first+3), …, and count passages from end to end."""
    temperatures = betas.size
    for t in range(first, temperatures - 1, 2):
        x = (betas[t] - betas[t + 1]) * (energies[at[t]] - energies[at[t + 1]])
        uniform = np.float64(random_word(stream) >> np.uint64(11)) * 1.1102230246251565e-16
        tried[t] += 1
        if x >= 0 or uniform < math.exp(x):
            at[t], at[t + 1] = at[t + 1], at[t]
            made[t] += 1
    cold, hot = at[0], at[temperatures - 1]
    if last_end[cold] == HOT:
        trips[cold] += 1
    if last_end[hot] == COLD:
        trips[hot] += 1
    last_end[cold], last_end[hot] = COLD, HOT


@compiled()
def measure(spins, at, energies, levels, overlaps, lowest, best):
    """Add the energies and the overlap of the two sets at every temperature; remember the lowest state seen."""
    sets, temperatures, size = spins.shape
    for t in range(temperatures):
        total = 0
        a, b = at[0, t], at[1, t]
        for i in range(size):
            total += 1 if spins[0, a, i] == spins[1, b, i] else -1
        overlaps[t, (total + size) >> 1] += 1
        for s in range(sets):
            r = at[s, t]
            levels[s, t] += energies[s, r]
            if energies[s, r] < lowest[0]:
                lowest[0] = energies[s, r]
                for i in range(size):
                    best[i] = np.int8(spins[s, r, i])


@compiled()
def advance_glass(
    couplings, spins, fields, energies, at, streams, swapping, betas, tried, made, last_end, trips, levels, overlaps,
    lowest, best, begun, sweeps
):  # fmt: skip
    """Sweep, swap and measure ``sweeps`` times, of which ``begun`` were made before."""
    sets, temperatures, size = spins.shape
    order, uniforms, change = np.empty(size, np.int64), np.empty(size), np.empty(size, np.float32)
    for step in range(begun, begun + sweeps):
        for s in range(sets):
            for t in range(temperatures):
                r = at[s, t]
                draw_sweep(streams[s, r], order, uniforms)
                energies[s, r] += sweep_couplings(
                    couplings, spins[s, r], fields[s, r], order, uniforms, 1.0 / betas[t], METROPOLIS, 0.0, change
                )[0]
            exchange(energies[s], at[s], betas, swapping[s], step % 2, tried[s], made[s], last_end[s], trips[s])
        measure(spins, at, energies, levels, overlaps, lowest, best)


@compiled()
def advance_memory(
    patterns, spins, totals, fields, c, near, floor, table, ledgers, starts, unit, limit, energies, at, streams,
    swapping, betas, tried, made, last_end, trips, levels, overlaps, marks, lowest, best, begun, sweeps
):  # fmt: skip
    """As ``advance_glass``, of memories; False, with the state spoilt, where sums left the exact integers."""
    sets, temperatures, size = spins.shape
    sums, gains, unweighted = np.empty(1, np.int64), np.empty(1), np.empty((0, 0))
    for step in range(begun, begun + sweeps):
        for s in range(sets):
            for t in range(temperatures):
                r = at[s, t]
                done, _ = run(
                    patterns, spins[s, r], totals[s, r], fields[s, r], c, near, floor, table, unweighted,
                    ledgers[s, r], streams[s, r], 1.0 / betas[t] / unit, METROPOLIS, 0.0, limit, sums, gains,
                )  # fmt: skip
                if done < 0:
                    return False
                energies[s, r] = starts[s, r] + gains[0] * unit
            exchange(energies[s], at[s], betas, swapping[s], step % 2, tried[s], made[s], last_end[s], trips[s])
            for t in range(temperatures):
                marks[s, t, (np.int64(totals[s, at[s, t], 0, 0]) + size) >> 1] += 1
        measure(spins, at, energies, levels, overlaps, lowest, best)
    return True
