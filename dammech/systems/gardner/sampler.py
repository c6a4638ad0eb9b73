"""Couplings of largest margin, found exactly: one neuron and random patterns."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import nnls

from dammech.simulate.trials import key_of

#: of the squared residual, below which rows cannot all be positive
_NONE = 1e-13
#: of noise for each set of patterns
DRAWS = 16


def largest_margin(rows: np.ndarray) -> tuple[float, np.ndarray | None]:
    """The largest least product of rows (P, D) of length about 1 with a unit vector, and that vector; 0 where none is positive.

    The shortest w with rows·w ≥ 1, by Lawson and Hanson's non-negative least squares: no intercept, and no tolerance to choose.
    """
    table = np.vstack([rows.T, np.ones(len(rows))])
    wanted = np.zeros(len(table))
    wanted[-1] = 1.0
    multipliers, _ = nnls(table, wanted, maxiter=50 * max(table.shape))
    rest = table @ multipliers - wanted
    if float(rest @ rest) < _NONE:
        return 0.0, None
    shortest = -rest[:-1] / rest[-1]
    length = float(np.linalg.norm(shortest))
    return 1 / length, shortest / length


def signs(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Fair signs, as floats."""
    return rng.integers(0, 2, shape) * 2.0 - 1


def generator(*what: object) -> np.random.Generator:
    """A stream that is named by what is drawn from it."""
    return np.random.default_rng(np.random.SeedSequence(key_of(*what)))


def separated(size: int, patterns: int, trials: int, seed: int) -> np.ndarray:
    """Whether couplings of N inputs store P random patterns, trial by trial."""
    rng = generator("separated", size, patterns, seed)
    return np.array([largest_margin(signs(rng, patterns, size) / math.sqrt(size))[0] > 0 for _ in range(trials)])


def margins(size: int, patterns: int, trials: int, seed: int) -> np.ndarray:
    """κ of the best couplings in units of their length, trial by trial."""
    rng = generator("margins", size, patterns, seed)
    return np.array(
        [largest_margin(signs(rng, patterns, size) / math.sqrt(size))[0] for _ in range(trials)]
    ) * math.sqrt(size)


def overlaps(size: int, patterns: int, overlap: float, trials: int, seed: int) -> np.ndarray:
    """m' after one step from every pattern, with inputs of that overlap on average; one neuron a trial."""
    rng, found = generator("overlaps", size, patterns, overlap, seed), np.zeros(trials)
    for trial in range(trials):
        rows = signs(rng, patterns, size) / math.sqrt(size)
        _, couplings = largest_margin(rows)
        if couplings is None:
            continue
        for _ in range(DRAWS):
            wrong = rng.random((patterns, size)) < (1 - overlap) / 2
            found[trial] += np.mean(np.sign(np.where(wrong, -rows, rows) @ couplings)) / DRAWS
    return found


def projected(size: int, patterns: int, overlap: float, diagonal: bool, trials: int, seed: int) -> np.ndarray:
    """m' after one parallel step of the projection on P patterns of N neurons, from an exact overlap with one of them."""
    rng, found = generator("projected", size, patterns, overlap, diagonal, seed), []
    for _ in range(trials):
        stored = signs(rng, patterns, size)
        couplings = stored.T @ np.linalg.solve(stored @ stored.T, stored)
        if not diagonal:
            np.fill_diagonal(couplings, 0.0)
        state = stored.copy()
        for row in state:
            row[rng.permutation(size)[: round(size * (1 - overlap) / 2)]] *= -1
        found.append(float(np.mean(np.sign(state @ couplings) * stored)))
    return np.array(found)
