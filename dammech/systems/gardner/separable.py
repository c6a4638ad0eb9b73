"""The probability that random labels can be separated, at finite P and D."""

from __future__ import annotations


def separable(patterns: int, dimension: int) -> float:
    """Pr that a plane through the origin makes P random labels of points in general position in D dimensions (cover1965).

    >>> separable(10, 5)
    0.5
    """
    from scipy.special import bdtr

    return 1.0 if patterns <= dimension else float(bdtr(float(dimension - 1), patterns - 1, 0.5))
