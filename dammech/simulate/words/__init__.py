"""Random binary patterns as bits of words: drawn one by one, compared with a query, counted by distance and forgotten.

Memory does not grow with their number, and 10⁸ of them take a second.
"""

from __future__ import annotations

import numpy as np


def mask_of(size: int) -> np.ndarray:
    """Words with as many bits set as there are spins."""
    mask = np.full(-(-size // 64), np.uint64(0xFFFFFFFFFFFFFFFF))
    if size % 64:
        mask[-1] = np.uint64((1 << size % 64) - 1)
    return mask


def random_words(rng: np.random.Generator, count: int, size: int) -> np.ndarray:
    """Random patterns, (count, words)."""
    return rng.integers(0, 2**64, (count, -(-size // 64)), dtype=np.uint64) & mask_of(size)


def random_flips(rng: np.random.Generator, flips: int, size: int) -> np.ndarray:
    """Words with so many bits set, at random places."""
    bits = np.zeros(-(-size // 64), dtype=np.uint64)
    for place in rng.permutation(size)[:flips].tolist():
        bits[place // 64] ^= np.uint64(1 << place % 64)
    return bits


def distance_counts(rng: np.random.Generator, query: np.ndarray, count: int, size: int) -> np.ndarray:
    """Numbers of ``count`` random patterns at every Hamming distance 0 … ``size`` from a query in words."""
    from dammech.simulate.words.kernels import distances

    found: np.ndarray = distances(query, mask_of(size), count, size, rng.integers(0, 2**64, 4, dtype=np.uint64))
    return found


def sign_counts(rng: np.random.Generator, query: np.ndarray, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The same, and how many patterns at each distance differ from the query at each place, (size + 1, size)."""
    from dammech.simulate.words.kernels import distances_and_signs

    state = rng.integers(0, 2**64, 4, dtype=np.uint64)
    counts, against = distances_and_signs(query, mask_of(size), count, size, state)
    return counts, against


def mutual_counts(stored: np.ndarray, queries: np.ndarray, size: int) -> np.ndarray:
    """For every query the numbers of stored patterns at every distance, (queries, size + 1)."""
    from dammech.simulate.words.kernels import nearest_to_all

    found: np.ndarray = nearest_to_all(stored, queries, size)
    return found
