"""The hidden layer of two-layer memories in given states: dead neurons, the softmax Hessian, the spectrum of what is alive."""

from __future__ import annotations

import numpy as np

from dammech.flows.ensembles.memories import random_signs
from dammech.systems.lagrangian.model import Lagrangian

_CHUNK = 4_000_000


def dead_at_pattern(size: int, patterns: int, threshold: float, *, sets: int, seed: int) -> np.ndarray:
    """Number of dead ReLU neurons among the K − 1 others with the visible layer on pattern 1, one for each pattern set."""
    hidden = Lagrangian("relu", patterns)
    rng = _rng(1, size, patterns, seed, threshold)
    found = []
    for count in _chunks(sets, size * patterns):
        signs = random_signs(rng, count * patterns, size).reshape(count, patterns, size)
        agreement = np.matmul(signs, signs[:, 0, :, None])[..., 0].astype(float)
        # at the threshold a neuron is not active: activation, not field, says who is dead
        fields = (agreement - threshold * np.sqrt(size)).round(9)
        found.append((hidden.activation(fields) == 0)[:, 1:].sum(axis=1))
    return np.concatenate(found)


def wrong_ratios(size: int, patterns: int, beta: float, *, sets: int, seed: int) -> np.ndarray:
    """(1 − p₁)/p₁ of softmax neurons with fields ξ·ξ¹, the visible layer on pattern 1, one for each pattern set."""
    hidden = Lagrangian("softmax", patterns, beta=beta)
    rng = _rng(2, size, patterns, seed, beta)
    found = []
    for count in _chunks(sets, size * patterns):
        signs = random_signs(rng, count * patterns, size).reshape(count, patterns, size)
        p = hidden.activation(np.matmul(signs, signs[:, 0, :, None])[..., 0])
        found.append(p[:, 1:].sum(axis=1) / p[:, 0])
    return np.concatenate(found)


def frozen_traces(size: int, patterns: int, beta: float, *, sets: int, seed: int) -> np.ndarray:
    """tr H of softmax neurons that hold memories with Gaussian entries, at a query of signs that none of them knows."""
    hidden = Lagrangian("softmax", patterns, beta=beta)
    rng = _rng(3, size, patterns, seed, beta)
    found = []
    for count in _chunks(sets, size * patterns):
        memories = rng.standard_normal((count * patterns, size), dtype=np.float32)
        query = random_signs(rng, 1, size)[0]
        p = hidden.activation((memories @ query).reshape(count, patterns))
        found.append(beta * (1 - (p * p).sum(axis=1)))
    return np.concatenate(found)


def alive_edges(size: int, pairs: int, mean_bias: float, *, sets: int, seed: int) -> np.ndarray:
    """Largest σ² of H_h^{1/2} ξ H_v^{1/2} over β at the silent state of a memory of pairs, one for each pattern set.

    Hidden ReLU neurons come in pairs +ξ^μ, −ξ^μ with a common bias c_μ ~ N(c̄, 1); visible neurons are tanh(βv). With
    v = 0 the two drives cancel and h = c: a fixed point whose dead pairs are those with c_μ < 0.
    """
    hidden = Lagrangian("relu", pairs)
    rng = _rng(4, size, pairs, seed, mean_bias)
    found = np.empty(sets)
    for k in range(sets):
        bias = mean_bias + rng.standard_normal(pairs)
        alive = ~hidden.dead(bias)
        signs = random_signs(rng, int(alive.sum()), size)
        found[k] = 2 * _largest(signs if len(signs) <= size else signs.T) / size
    return found


def _largest(rows: np.ndarray) -> float:
    """Largest eigenvalue of the Gram matrix of the rows (none: 0), in double precision from exact integers."""
    from scipy.linalg import eigh

    if rows.size == 0:
        return 0.0
    gram = (rows @ rows.T).astype(float)
    last = len(gram) - 1
    return float(eigh(gram, eigvals_only=True, subset_by_index=(last, last))[0])


def _rng(*key: float) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([round(1e6 * (k + 100)) for k in key]))


def _chunks(sets: int, numbers: int) -> list[int]:
    largest = max(1, _CHUNK // numbers)
    return [min(largest, sets - low) for low in range(0, sets, largest)]
