"""Functions that generated code calls where a formula from the library would cancel or overflow."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial
from numpy.polynomial.hermite_e import hermeval
from scipy.special import hyp2f1


def thermal(k: int, t: Any, z: Any, b: Any) -> Any:
    """The k-th derivative, k ≥ 2, of log 2cosh x under an average over z of x = a + b z; t is tanh x.

    Where x is steep the derivatives beyond the second act on the Gaussian instead, by parts.
    """
    return _by_parts(k - 2, lambda: 1 - t * t, lambda: _powers(k)(t), z, b)


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
    weighted = hermeval(z, [0] * k + [1]) / np.where(steep, b, 1.0) ** k * whole()
    return weighted if steep.all() else np.where(steep, weighted, derivative())


@cache
def _powers(k: int) -> Polynomial:
    """The k-th derivative of log 2cosh x as a polynomial in tanh x."""
    found = Polynomial([0.0, 1.0])
    for _ in range(k - 1):
        found = found.deriv() * Polynomial([1.0, 0.0, -1.0])
    return found


def arc_integral(x: Any, k: int) -> Any:
    """arccos(1 − x), integrated k times from 0; 0 where rounding has left an x below 0."""
    x = np.maximum(x, 0.0)
    scale = math.sqrt(2) * math.gamma(1.5) / math.gamma(k + 1.5)
    return scale * x ** (k + 0.5) * hyp2f1(0.5, 0.5, k + 1.5, x / 2)
