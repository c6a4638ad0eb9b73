"""Functions of the local field at each level of a hierarchy, carried from the innermost level outwards.

Nested averages of a single field cost the product of all their nodes; as functions on one grid of fields they cost the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import scipy.sparse

from dammech.equations.quadrature import LARGEST_TILT, REACH, nodes


@cache
def _rule(order: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss–Legendre points on (−1, 1) and their barycentric weights."""
    x, w = np.polynomial.legendre.leggauss(order)
    weights = np.sqrt((1 - x**2) * w)
    weights[1::2] *= -1
    return x, weights


class Grid:
    """Fields at which functions are kept: panels whose width doubles away from zero, where functions are steep.

    Parameters
    ----------
    narrowest : float
        The smallest scale on which a kept function varies.
    reach : float
        Largest field that matters.
    order : int
        Points a panel.
    """

    def __init__(self, narrowest: float, reach: float, order: int) -> None:
        count = max(1, int(np.ceil(np.log2(max(reach / narrowest, 2.0)))))
        right = narrowest * 2.0 ** np.arange(count + 1)
        right = np.concatenate([[0.0], right[right < reach], [reach]])
        self.edges = np.concatenate([-right[:0:-1], right])
        x, self.weights = _rule(order)
        self.middle = (self.edges[1:] + self.edges[:-1]) / 2
        self.half = (self.edges[1:] - self.edges[:-1]) / 2
        self.order = order
        self.fields = (self.middle[:, None] + self.half[:, None] * x).ravel()

    def interpolation(self, at: np.ndarray) -> Any:
        """Sparse matrix that takes values at ``fields`` to values at other fields."""
        points = np.clip(at.ravel(), self.edges[0], self.edges[-1])
        panel = np.clip(np.searchsorted(self.edges, points, side="right") - 1, 0, len(self.half) - 1)
        x = (points - self.middle[panel]) / self.half[panel]
        difference = x[:, None] - _rule(self.order)[0]
        exact = np.abs(difference) < 1e-15
        with np.errstate(divide="ignore", invalid="ignore"):
            weights = self.weights / difference
            weights /= weights.sum(axis=1, keepdims=True)
        hit = exact.any(axis=1)
        weights[hit] = exact[hit]
        columns = panel[:, None] * self.order + np.arange(self.order)
        starts = np.arange(points.size + 1) * self.order
        return scipy.sparse.csr_array(
            (weights.ravel(), columns.ravel(), starts), shape=(points.size, self.fields.size)
        )


@dataclass
class Level:
    """One Gaussian of the field: where the functions inside it are needed, and with which weights.

    Attributes
    ----------
    outside : array, S
        Fields of the levels outside: the grid, or the one field of the outermost level.
    fields : array, S × K
        These plus the width times the nodes.
    weights : array, S × K
    """

    grid: Grid
    outside: np.ndarray
    fields: np.ndarray
    weights: np.ndarray

    def __post_init__(self) -> None:
        self._matrix: Any = None

    def of(self, values: np.ndarray) -> np.ndarray:
        """A function kept on the grid, at this level's fields."""
        if self._matrix is None:
            self._matrix = self.grid.interpolation(self.fields)
        return (self._matrix @ values).reshape(self.fields.shape)

    def mean(self, values: Any) -> np.ndarray:
        """Plain average."""
        return (self.weights * values).sum(axis=-1)

    def tilt(self, exponent: np.ndarray) -> tuple[np.ndarray, Tilted]:
        """log E e^ε outside, and the tilted averages that go with it."""
        top = exponent.max(axis=-1, keepdims=True)
        weights = self.weights * np.exp(exponent - top)
        total = weights.sum(axis=-1, keepdims=True)
        return (np.log(total) + top)[..., 0], Tilted(weights / total)


@dataclass
class Tilted:
    """Averages under a tilt."""

    weights: np.ndarray

    def mean(self, values: Any) -> np.ndarray:
        """E[g e^ε]/E[e^ε]."""
        return (self.weights * values).sum(axis=-1)


def hierarchy(
    start: float, widths: list[float], slopes: list[float], thermal: float, order: int
) -> list[Level]:
    """The levels of a field, innermost first.

    Parameters
    ----------
    start : float
        The field without noise.
    widths : list
        Width of the Gaussian of each level, innermost first.
    slopes : list
        Largest slope of the logarithm of each level's weight in the field (0 for the outermost).
    thermal : float
        Width over which a spin turns over: 1 in units of T, 0 at T = 0.
    order : int
        Points a panel.
    """
    squares = np.concatenate([[thermal**2], np.asarray(widths, dtype=float) ** 2]).cumsum()
    steepest = max(slopes)
    smooth = [float(1 / np.sqrt(1 / s + steepest**2)) for s in squares[1:]]
    reach = abs(start) + sum(s * (REACH + min(abs(t * s), LARGEST_TILT)) for s, t in zip(widths, slopes))
    grid = Grid(min(smooth), reach, order)
    levels = []
    for k, (width, slope) in enumerate(zip(widths, slopes)):
        outside = np.array([start]) if k == len(widths) - 1 else grid.fields
        sharp = (thermal or 1.0) if k == 0 else smooth[k - 1]
        z, weights = nodes(
            [(outside / sharp, np.full(outside.shape, width / sharp))], order, np.full(outside.shape, slope * width)
        )
        levels.append(Level(grid, outside, outside[:, None] + width * z, weights))
    return levels
