"""What a competent user would write in NumPy for p-body Hopfield dynamics: the baselines of ``bench_kernel``.

Energies here are those of the p = 2 and p = 3 ``distinct`` memories in units where a flip costs an integer, written
by hand on purpose: they are an independent route, and the benchmark checks that all implementations end in the same
state. ``order`` (sweeps, N) and ``uniforms`` (sweeps, N) are shared by all. ``temperature`` is in the same integer
units; 0 means accept strictly lower energies, otherwise the rule is Metropolis's.
"""

import numpy as np


def energy_of_patterns(M, size, order):
    """Twice (p = 2) or six times (p = 3) the sum over distinct indices of p signs with total M, per pattern."""
    M = np.asarray(M)
    return M * M - size if order == 2 else M**3 - (3 * size - 2) * M


def field_of(M, size, order):
    """B(M) with the flip energy A + σ_i Σ ξ_i B in the same units (12 times M² + 2 − N over 2 at p = 3)."""
    return 4 * M if order == 2 else 6 * M * M + 12 - 6 * size


def shift_of(M, size, order):
    """A(M) = F(M) − ½[F(M+2) + F(M−2)] in the same units."""
    return -4.0 * np.ones_like(M, dtype=float) if order == 2 else -12.0 * M


def handwritten(X, start, order, orders, uniforms, temperature):
    """Incremental overlaps, one spin at a time; X (P, N) int64, column slices, F-differences over all patterns."""
    sigma = start.astype(np.int64)
    size = X.shape[1]
    M = X @ sigma
    flips = 0
    for sites, draws in zip(orders, uniforms):
        for i, u in zip(sites, draws):
            moved = M - 2 * sigma[i] * X[:, i]
            delta = energy_of_patterns(M, size, order).sum() - energy_of_patterns(moved, size, order).sum()
            if (delta < 0) if temperature == 0 else (u < np.exp(-max(delta, 0) / temperature)):
                M = moved
                sigma[i] = -sigma[i]
                flips += 1
    return sigma, flips


def batched(X, starts, order, orders, uniforms, temperature):
    """The dot-product form with a cached field, for many replicas of one pattern set at once, in float32.

    X is (N, P) float32, starts (R, N); all replicas share the order of sites. uniforms (sweeps, N, R).
    """
    replicas, size = starts.shape
    sigma = starts.astype(np.float32)
    M = sigma @ X
    field = field_of(M, size, order)
    shift = shift_of(M, size, order).sum(axis=1)
    flips = np.zeros(replicas, dtype=np.int64)
    for sites, draws in zip(orders, uniforms):
        for i, u in zip(sites, draws):
            delta = shift + sigma[:, i] * (field @ X[i])
            if temperature == 0:
                accepted = delta < 0
            else:
                accepted = u < np.exp(-np.maximum(delta, 0) / temperature)
            rows = np.flatnonzero(accepted)
            if rows.size:
                s = sigma[rows, i]
                moved = M[rows] - (2 * s)[:, None] * X[i]
                M[rows] = moved
                new_field = field_of(moved, size, order)
                field[rows] = new_field
                shift[rows] = -delta[rows] + s * (new_field @ X[i])
                sigma[rows, i] = -s
                flips[rows] += 1
    return sigma.astype(np.int64), flips
