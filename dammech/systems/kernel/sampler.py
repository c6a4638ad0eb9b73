"""Memories of largest margin in the features of a kernel, and interpolation of real ones."""

from __future__ import annotations

import math

import numpy as np

from dammech.errors import InputError
from dammech.systems.gardner.sampler import DRAWS, generator, largest_margin, signs
from dammech.systems.kernel.model import KernelMemory
from dammech.systems.kernel.sectors import sectors, values

#: of eigenvalues of a Gram matrix, over the largest: what is below is rounding
_NOTHING = 1e-11


def patterns_of(asked: KernelMemory, count: int, rng: np.random.Generator) -> np.ndarray:
    """Random patterns (P, n) of which no two have equal features up to a sign.

    Raises
    ------
    InputError
        For more of them than there are.
    """
    if count > sectors(asked).states:
        raise InputError(f"count={count}: there are only {sectors(asked).states} such patterns")
    antipodes = sectors(asked).states < 2**asked.inputs
    seen: dict[bytes, np.ndarray] = {}
    while len(seen) < count:
        for x in signs(rng, count, asked.inputs):
            one = x * x[0] if antipodes else x
            if len(seen) < count and one.tobytes() not in seen:
                seen[one.tobytes()] = x
    return np.array(list(seen.values()))


def gram(asked: KernelMemory, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """K between rows."""
    flips = np.rint((asked.inputs - left @ right.T) / 2).astype(int)
    return np.asarray(values(asked)[flips])


def features(asked: KernelMemory, patterns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose products are K, and what makes of K(x, patterns) the same coordinates of another x."""
    scale, vectors = np.linalg.eigh(gram(asked, patterns, patterns))
    kept = scale > _NOTHING * scale[-1]
    roots = np.sqrt(scale[kept])
    return vectors[:, kept] * roots, vectors[:, kept] / roots


def margins(asked: KernelMemory, count: int, trials: int, seed: int) -> np.ndarray:
    """κ of one neuron in units of √K(x, x), trial by trial; 0 where the labels cannot be separated."""
    rng, found = generator("kernel margins", repr(asked), count, seed), []
    for _ in range(trials):
        rows, _ = features(asked, patterns_of(asked, count, rng))
        found.append(largest_margin(rows * signs(rng, count, 1))[0])
    return np.array(found)


def wrong_bits(asked: KernelMemory, count: int, flip: float, trials: int, seed: int) -> np.ndarray:
    """The share of wrong labels of patterns whose inputs are flipped with that probability; one neuron a trial."""
    rng, found = generator("kernel wrong bits", repr(asked), count, flip, seed), []
    for _ in range(trials):
        patterns, labels = patterns_of(asked, count, rng), signs(rng, count)
        rows, coordinates = features(asked, patterns)
        _, plane = largest_margin(rows * labels[:, None])
        if plane is None:
            found.append(0.5)
            continue
        share = 0.0
        for _ in range(DRAWS):
            wrong = rng.random(patterns.shape) < flip
            fields = gram(asked, np.where(wrong, -patterns, patterns), patterns) @ (coordinates @ plane)
            share += float(np.mean(fields * labels <= 0)) / DRAWS
        found.append(share)
    return np.array(found)


def recovered(
    size: int, patterns: int, radius: float, exponent: float, distance: float, *, trials: int, seed: int, steps: int = 60
) -> np.ndarray:  # fmt: skip
    """Whether interpolation with the stretched kernel leads back to patterns, |ξ|² = N, from that distance over |ξ|."""
    rng = generator("recovered", size, patterns, radius, exponent, distance, seed)
    root = math.sqrt(size)

    def on_sphere(rows: np.ndarray) -> np.ndarray:
        return rows * (root / np.linalg.norm(rows, axis=1, keepdims=True))

    stored = on_sphere(rng.standard_normal((patterns, size)))

    def kernel(state: np.ndarray) -> np.ndarray:
        squares = np.maximum((state**2).sum(1)[:, None] + size - 2 * state @ stored.T, 0.0)
        return np.asarray(np.exp(-((np.sqrt(squares) / (radius * root)) ** exponent)))

    weights = np.linalg.solve(kernel(stored), stored)
    chosen = rng.integers(0, patterns, trials)
    state = stored[chosen] + distance * on_sphere(rng.standard_normal((trials, size)))
    for _ in range(steps):
        state = kernel(state) @ weights
    return np.asarray(np.linalg.norm(state - stored[chosen], axis=1) < 1e-6 * root)
