"""Compiled sweeps of spins among stored rows of integers, which need not be signs. Importing this module imports numba.

A row x of N integers has the energy −(p−1)! e_p(x_1σ_1, …, x_Nσ_N), e_p the elementary symmetric polynomial: by Newton's
identities a polynomial in S_k = Σ_i (x_iσ_i)^k. All sums are of integers, and exact below 2⁵³.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np

from dammech.simulate.kernels import FAST, ZERO_TEMPERATURE, accepts, compiled, draw_sweep


@compiled(fastmath=FAST)
def field(rows, i, spin, s1, s2, s3, p):
    """(p−1)! Σ_rows x_i e_{p−1} of the other sites: what acts on spin i."""
    total = 0.0
    for k in range(s1.size):
        x = np.float64(rows[i, k])
        t = s1[k] - x * spin
        if p == 2:
            total += x * t
        elif p == 3:
            total += x * (t * t - (s2[k] - x * x))
        else:
            total += x * (t * (t * t - 3.0 * (s2[k] - x * x)) + 2.0 * (s3[k] - x * x * x * spin))
    return total


@compiled(fastmath=FAST)
def flip(rows, i, spin, s1, s3, p):
    """Sums after spin i has left the value ``spin``."""
    for k in range(s1.size):
        x = np.float64(rows[i, k])
        s1[k] -= 2.0 * spin * x
        if p == 4:
            s3[k] -= 2.0 * spin * x * x * x


@compiled()
def run_rows(rows, spins, s1, s2, s3, p, target, stream, temperature, rule, tie, overlaps, paid):
    """Sweep ``len(paid)`` times; after each, write the overlap with ``target`` and what all flips so far have cost.

    Returns (sweeps done, flips); at zero temperature it stops after a sweep in which no spin could flip.
    """
    size = spins.size
    order, uniforms = np.empty(size, np.int64), np.empty(size)
    flips, total = 0, 0.0
    for sweep in range(paid.size):
        draw_sweep(stream, order, uniforms)
        before = flips
        for k in range(size):
            i = order[k]
            spin = np.float64(spins[i])
            delta = 2.0 * spin * field(rows, i, spin, s1, s2, s3, p)
            if accepts(delta, uniforms[k], temperature, rule, tie):
                total += delta
                flips += 1
                flip(rows, i, spin, s1, s3, p)
                spins[i] = -spins[i]
        overlap = 0.0
        for i in range(size):
            overlap += target[i] * spins[i]
        overlaps[sweep], paid[sweep] = overlap, total
        if rule >= ZERO_TEMPERATURE and flips == before:
            lowest = np.inf
            for i in range(size):
                spin = np.float64(spins[i])
                lowest = min(lowest, 2.0 * spin * field(rows, i, spin, s1, s2, s3, p))
            if rule == ZERO_TEMPERATURE or lowest > tie:
                return sweep + 1, flips
    return paid.size, flips
