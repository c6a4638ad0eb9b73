"""Compiled counts of distances between words of bits. Importing this module imports numba."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np

from dammech.simulate.kernels import compiled, random_word

_ONES, _PAIRS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_NIBBLES, _BYTES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)


@compiled()
def bits_set(word):
    """How many of 64 bits are set."""
    word = word - ((word >> np.uint64(1)) & _ONES)
    word = (word & _PAIRS) + ((word >> np.uint64(2)) & _PAIRS)
    word = (word + (word >> np.uint64(4))) & _NIBBLES
    return np.int64((word * _BYTES) >> np.uint64(56))


@compiled()
def distances(query, mask, count, size, state):
    """Numbers of ``count`` random words at every distance from a query."""
    counts = np.zeros(size + 1, dtype=np.int64)
    for _ in range(count):
        away = 0
        for w in range(query.size):
            away += bits_set((random_word(state) ^ query[w]) & mask[w])
        counts[away] += 1
    return counts


@compiled()
def distances_and_signs(query, mask, count, size, state):
    """The same, and how many words at each distance differ from the query at each place."""
    counts = np.zeros(size + 1, dtype=np.int64)
    against = np.zeros((size + 1, size), dtype=np.int64)
    differ = np.empty(query.size, dtype=np.uint64)
    for _ in range(count):
        away = 0
        for w in range(query.size):
            differ[w] = (random_word(state) ^ query[w]) & mask[w]
            away += bits_set(differ[w])
        counts[away] += 1
        for w in range(query.size):
            left = differ[w]
            while left:
                lowest = left & (~left + np.uint64(1))
                against[away, 64 * w + bits_set(lowest - np.uint64(1))] += 1
                left ^= lowest
    return counts, against


@compiled()
def nearest_to_all(stored, queries, size):
    """For every query the numbers of stored words at every distance."""
    table = np.zeros((len(queries), size + 1), dtype=np.int64)
    for k in range(len(queries)):
        for j in range(len(stored)):
            away = 0
            for w in range(stored.shape[1]):
                away += bits_set(stored[j, w] ^ queries[k, w])
            table[k, away] += 1
    return table
