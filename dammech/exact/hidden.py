"""Exact finite-N laws of the hidden layer of a two-layer memory that was shown a pattern or a query.

K memories of N fair signs (or of independent levels of any law); the visible activations are given, so that the fields of
the memories are independent, and everything about the hidden layer follows from the law of one of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from dammech.errors import InputError
from dammech.results.record import Record

_ON_LATTICE = 1e-9  # a field this close to the threshold, in lattice spacings, is equal to it


@dataclass(frozen=True, repr=False)
class DeadLaw(Record):
    """Binomial(K − 1, P): the number of dead hidden neurons at a stored pattern, the pattern's own left out.

    Attributes
    ----------
    probability : float
        P of one neuron: its field is at or below the threshold (at it, the neuron is dead as well).
    others : int
        K − 1.
    """

    probability: float
    others: int

    @property
    def mean(self) -> float:
        """(K − 1) P."""
        return self.others * self.probability

    @property
    def variance(self) -> float:
        """(K − 1) P (1 − P)."""
        return self.others * self.probability * (1 - self.probability)

    def weights(self) -> np.ndarray:
        """Probability of 0, 1, …, K − 1 dead neurons."""
        return _binomial(self.others, self.probability)


def dead_law(size: int, patterns: int, threshold: float) -> DeadLaw:
    """The law of the number of dead ReLU neurons where the visible layer is exactly a stored pattern.

    The field of another memory is ξ·ξ¹/√N, a sum of N fair signs, whatever ξ¹ is; a neuron is dead where it is ≤ θ.

    Parameters
    ----------
    size, patterns : int
        N, K ≥ 1.
    threshold : float
        θ.

    Examples
    --------
    >>> dead_law(64, 100, 1.0).probability  # doctest: +ELLIPSIS
    0.86978...
    """
    _positive(size=size, patterns=patterns)
    if not math.isfinite(threshold):
        raise InputError(f"threshold={threshold!r}: must be a finite number")
    last = math.floor((size + threshold * math.sqrt(size)) / 2 + _ON_LATTICE)
    below = sum(math.comb(size, k) for k in range(min(last, size) + 1))
    return DeadLaw(below / 2**size, patterns - 1)


def mean_wrong_ratio(size: int, patterns: int, beta: float) -> float:
    """E[(1 − p₁)/p₁] of softmax neurons at the stored pattern 1: (K − 1)((1 + e^{−2β})/2)^N, fields ξ·ξ¹ not scaled.

    (1 − p₁)/p₁ is the sum of e^{−2βk} over the other memories, k the number of their signs that differ.
    """
    _positive(size=size, patterns=patterns)
    return (patterns - 1) * math.exp(size * math.log1p(math.expm1(-2 * beta) / 2))


def mean_participation(patterns: int, levels: np.ndarray, log_weights: np.ndarray, beta: float) -> float:
    """E[Σ p²] of softmax weights p ∝ e^{βh} over K independent levels h of a discrete law.

    1/Z² = ∫ t e^{−tZ} dt factorises over the levels: E Σ p² = K ∫ t G″(t) G(t)^{K−1} dt, G(t) = E exp(−t e^{βh}), which
    is integrated in log t by a trapezoid (the integrand is analytic there and vanishes at both ends).

    Parameters
    ----------
    patterns : int
        K.
    levels, log_weights : arrays
        Values of h and the logarithms of their probabilities.
    beta : float
    """
    _positive(patterns=patterns)
    if patterns == 1:
        return 1.0
    levels, log_weights = np.asarray(levels, dtype=float), np.asarray(log_weights, dtype=float)
    total, step = 0.0, 0.25  # functions like exp(−e^x) are analytic within π/2 of the axis
    low, high = -beta * float(levels.max()) - math.log(patterns) - 20.0, -beta * float(levels.min()) + 40.0
    grid = np.arange(low, high, step)
    for part in np.array_split(grid, max(1, grid.size * levels.size // 2_000_000)):
        x = beta * levels[None, :] + part[:, None]  # log of t e^{βh}
        y = np.exp(np.minimum(x, 700.0))
        missing = -(np.exp(log_weights)[None, :] * np.expm1(-y)).sum(axis=1)  # 1 − G
        top = log_weights[None, :] + 2 * np.minimum(x, 350.0) - y
        largest = top.max(axis=1)
        log_second = largest + np.log(np.exp(top - largest[:, None]).sum(axis=1))  # t² G″
        with np.errstate(divide="ignore"):
            log_all = math.log(patterns) + log_second + (patterns - 1) * np.log1p(-np.minimum(missing, 1.0))
        total += float(np.exp(log_all).sum()) * step
    return total


def gaussian_levels(size: int, patterns: int, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and log weights of h ~ N(0, N): the fields of memories with Gaussian entries.

    They are fine enough for weights e^{βh}, and reach beyond the largest of K levels.
    """
    _positive(size=size, patterns=patterns)
    width = math.sqrt(size)
    step = min(width, 1 / beta) / 4
    count = math.ceil((math.sqrt(2 * math.log(patterns)) + 10) * width / step)
    h = step * np.arange(-count, count + 1)
    return h, -(h**2) / (2 * size) + math.log(step / (width * math.sqrt(2 * math.pi)))


def sign_levels(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Values and log probabilities of the sum of N fair signs: the fields of memories of ±1 at a query of ±1."""
    k = np.arange(size + 1)
    return size - 2.0 * k, gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1) - size * math.log(2)


def mean_hessian_trace(patterns: int, levels: tuple[np.ndarray, np.ndarray], beta: float) -> float:
    """E[tr H] = β(1 − E Σ p²) of the softmax Hessian over K independent levels (`gaussian_levels`, `sign_levels`)."""
    return beta * (1 - mean_participation(patterns, *levels, beta))


def freezing_point(load: float) -> float:
    """β_c = √(2α) of e^{αN} Gaussian levels of variance N: beyond it finitely many memories share the weight (derrida1981)."""
    if not load > 0:
        raise InputError(f"load={load!r}: must be positive")
    return math.sqrt(2 * load)


def _binomial(count: int, p: float) -> np.ndarray:
    k = np.arange(count + 1)
    with np.errstate(divide="ignore"):
        weights = k * np.log(p) + (count - k) * np.log1p(-p) if 0 < p < 1 else np.where(k == (count if p else 0), 0.0, -np.inf)
    return np.exp(gammaln(count + 1) - gammaln(k + 1) - gammaln(count - k + 1) + weights)


def _positive(**values: int) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InputError(f"{name}={value!r}: must be an integer of at least 1")
