"""Spins under the couplings of a memory after sleep, for the engine's chains on a matrix."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dammech.simulate.couplings import CouplingExperiment
from dammech.simulate.inputs import LARGEST_SIZE, checked_count, checked_patterns
from dammech.systems.dreaming.model import DreamingDAM

_LEAST_RIDGE = 1e-15  # of matrices whose eigenvalues are of order 1


def experiment(
    model: DreamingDAM, at: Mapping[str, float], *, size: int, dynamics: str, overlap: float, seed: int
) -> CouplingExperiment:
    """P patterns, what is stored of them, and a chain that starts near the first pattern; overlaps are with that pattern."""
    size = checked_count("size", size, 2, LARGEST_SIZE)
    count = checked_patterns(model, at["load"], size, _bytes_of)

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        patterns = rng.choice(np.array((-1, 1), np.int8), (count, n))
        return couplings(stored(model, patterns, rng), model.sleep), patterns

    return CouplingExperiment(
        f"{model!r} {count}", draw, size, at["temperature"], dynamics, overlap, seed,
        realised={"load": count / size}, bytes_taken=_bytes_of(size, count),
    )  # fmt: skip


def stored(model: DreamingDAM, patterns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """x of the patterns ξ (P, N): these themselves, with Gaussian noise, or the scaled means of examples."""
    ratio, M, r = model.noise_ratio, model.examples, model.quality
    if M is not None and r is not None:  # the sum of M signs of mean r
        return patterns * (2 * rng.binomial(M, (1 + r) / 2, patterns.shape) / M - 1) / (r * math.sqrt(1 + ratio))
    noise = math.sqrt(ratio) * rng.standard_normal(patterns.shape) if ratio else 0.0
    return (patterns + noise) / math.sqrt(1 + ratio)


def couplings(stored: np.ndarray, sleep: float) -> np.ndarray:
    """J = N⁻¹ xᵀ (1 + t)(I + tC)⁻¹ x with its diagonal, of x (P, N), by whichever of C and xᵀx/N is smaller.

    A sleep above 10¹⁵ is that long: the projector, to the digits of a double.
    """
    from scipy.linalg import LinAlgError, cholesky, solve_triangular

    x = np.asarray(stored, dtype=float)
    count, size = x.shape
    ridge = max(1 / (1 + sleep), _LEAST_RIDGE)
    gram = (x @ x.T if count < size else x.T @ x) / size
    inner = (1 - ridge) * gram + ridge * np.eye(len(gram))
    if count >= size:
        found = np.linalg.solve(inner, gram)
    else:
        try:
            half = solve_triangular(cholesky(inner, lower=True), x, lower=True)
            found = half.T @ half / size
        except LinAlgError:  # a pattern that is stored twice, and a long sleep
            found = x.T @ np.linalg.solve(inner, x) / size
    return np.asarray((found + found.T) / 2)


def _bytes_of(size: int, patterns: int) -> int:
    return 48 * size**2 + 40 * size * patterns + 24 * min(size, patterns) ** 2
