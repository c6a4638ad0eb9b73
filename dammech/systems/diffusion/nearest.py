"""How often the true datum is the nearest one, exactly, at every dimension and number of Gaussian data."""

from __future__ import annotations

import math

import numpy as np

_NODES = 80


def noise_at(time: float, variance: float = 1.0) -> float:
    """σ of y = x e^t = a + σz in units of the data's deviation."""
    return math.sqrt(math.expm1(2 * time) / variance)


def nearest_probability(dimension: int, count: int, noise: float) -> float:
    """P(no other of ``count`` data a ~ N(0, 1)^d is nearer to y = a¹ + σz than a¹), σ the ``noise``.

    Given |y|², the squared distance of another datum is a noncentral χ² variable of that noncentrality; and given |z|² so is
    |y|² itself, of the noncentrality σ²|z|². What is left is a mean over both.
    """
    from scipy.stats import chi2, ncx2

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    nodes, weights = (nodes + 1) / 2, weights / 2
    radius = noise**2 * chi2.ppf(nodes, dimension)[:, None]
    kept = _none_nearer(dimension, count, radius, ncx2.ppf(nodes, dimension, radius))
    return float(weights @ kept @ weights)


def at_typical_norms(dimension: int, count: int, noise: float) -> float:
    """The same, as if the noise and the point had their mean squares in every run."""
    return float(_none_nearer(dimension, count, noise**2 * dimension, dimension * (1 + noise**2)))


def _none_nearer(dimension: int, count: int, radius: np.ndarray | float, square: np.ndarray | float) -> np.ndarray:
    from scipy.stats import ncx2

    return np.asarray(np.exp((count - 1) * np.log1p(-ncx2.cdf(radius, dimension, square))))
