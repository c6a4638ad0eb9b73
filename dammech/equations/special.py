"""Functions that generated code calls where a formula from the library would cancel or overflow."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial
from scipy.special import hyp2f1


def thermal(k: int, t: Any, z: Any, b: Any) -> Any:
    """The k-th derivative, k ≥ 2, of log 2cosh x under an average over z of x = a + b z; t is tanh x.

    Where x is steep the derivatives beyond the second act on the Gaussian instead, by parts.
    """
    square = t * t

    def derivative() -> Any:
        first, *rest = _powers(k)
        total = first
        for c in rest:
            total = total * square + c
        return (1 - square) * total * t if k % 2 else (1 - square) * total

    return _by_parts(k - 2, lambda: 1 - square, derivative, z, b)


def spin_entropy(k: int, x: Any, z: Any, b: Any) -> Any:
    """The k-th derivative, k = 0…2, of log 2cosh x − x tanh x under such an average."""

    def whole() -> Any:
        size = 2 * np.abs(x)
        small = np.exp(-size)
        return np.log1p(small) + size * small / (1 + small)

    def derivative() -> Any:
        t = np.tanh(x)
        return (1 - t * t) * (-x if k == 1 else 2 * x * t - 1)

    return _by_parts(k, whole, derivative, z, b)


def _by_parts(k: int, whole: Any, derivative: Any, z: Any, b: Any) -> Any:
    steep = np.abs(b) > 1
    if k == 0:
        return whole()
    if not steep.any():
        return derivative()
    below, hermite = 1.0, z
    for j in range(1, k):
        below, hermite = hermite, z * hermite - j * below
    weighted = hermite * whole() * np.where(steep, b, 1.0) ** -k
    return weighted if steep.all() else np.where(steep, weighted, derivative())


@cache
def _powers(k: int) -> tuple[float, ...]:
    """The k-th derivative of log 2cosh x over sech² x, and over tanh x if k is odd: in powers of tanh² x, highest first."""
    rest = Polynomial([1.0])
    for _ in range(k - 2):  # (sech² Q)' = sech² [(1 − t²) Q' − 2t Q]
        rest = rest.deriv() * Polynomial([1.0, 0.0, -1.0]) - Polynomial([0.0, 2.0]) * rest
    return tuple(map(float, rest.coef[k % 2 :: 2][::-1]))


def arc_integral(x: Any, k: int) -> Any:
    """arccos(1 − x), integrated k times from 0; 0 where rounding has left an x below 0."""
    x = np.maximum(x, 0.0)
    scale = math.sqrt(2) * math.gamma(1.5) / math.gamma(k + 1.5)
    return scale * x ** (k + 0.5) * hyp2f1(0.5, 0.5, k + 1.5, x / 2)
