"""Gaussian averages of functions that are steep somewhere.

Gauss–Legendre panels whose edges are fixed ones plus ones graded around each place where the integrand turns over a width
w: 1, 2, 7 and 20 widths away a hyperbolic tangent has saturated. One rule serves every temperature; its error falls
exponentially in the points per panel and is estimated by adding some.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from dammech.models.kernels import Kernel

#: points per panel of the working rule and of the one that estimates its error
ORDER, CHECK_ORDER = 16, 25

_REACH = 9.0
_LARGEST_TILT = 40.0
_GRADES = np.array([-20.0, -7.0, -2.0, 0.0, 2.0, 7.0, 20.0])


@cache
def _legendre(order: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(order)


@cache
def _plain(order: int, panels: int) -> tuple[np.ndarray, np.ndarray]:
    edges = np.linspace(-_REACH, _REACH, panels + 1)
    return _on_panels(edges, order)


@cache
def ages(kernel: str, exponent: float | None, order: int = ORDER) -> tuple[np.ndarray, np.ndarray]:
    """Weights λ of a stream's patterns and their measure du/G, for functions that vanish like λ².

    The age is u = exp(π/2 sinh t), with a step in t that falls with ``order``: what a kernel does at both ends is forgiven.
    """
    shape = Kernel(kernel, exponent)
    if shape.flat:
        return np.ones(1), np.ones(1)
    step = 1.12 / order
    t = np.arange(-int(4.2 / step), int(6.1 / step) + 1) * step
    u = np.exp(np.pi / 2 * np.sinh(t))
    with np.errstate(all="ignore"):
        weight = shape.weight(u)
    measure = step * np.pi / 2 * np.cosh(t) * u / shape.second_moment
    kept = weight**2 * measure > 1e-19
    return weight[kept], measure[kept]


def _on_panels(edges: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    x, w = _legendre(order)
    half = (edges[..., 1:] - edges[..., :-1]) / 2
    middle = (edges[..., 1:] + edges[..., :-1]) / 2
    shape = (*edges.shape[:-1], -1)
    z = (middle[..., None] + half[..., None] * x).reshape(shape)
    weights = (half[..., None] * w).reshape(shape) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return z, weights


def nodes(
    lines: list[tuple[Any, Any]], order: int = ORDER, tilt: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for a standard Gaussian, dense where one of the arguments a + b z vanishes.

    Parameters
    ----------
    lines : list of (a, b)
        Arguments of the steep functions in the integrand; scalars or arrays of one shape S.
    order : int
        Points per panel.
    tilt : array, optional
        Largest slope of the logarithm of a further weight: by so much further the nodes reach.

    Returns
    -------
    z, weights : arrays of shape S + (K,)
    """
    if not lines:
        return _plain(order, 30)
    shape = np.broadcast_shapes(*[np.shape(part) for line in lines for part in line], np.shape(tilt))
    reach: Any = _REACH
    if tilt is None:
        edges = [np.broadcast_to(np.linspace(-1.0, 1.0, 7) * _REACH, (*shape, 7))]
    else:
        reach = np.broadcast_to(_REACH + np.minimum(np.abs(tilt), _LARGEST_TILT), shape)[..., None]
        edges = [np.linspace(-1.0, 1.0, 9) * reach]
    for a, b in lines:
        slope = np.where(np.abs(b) > 1e-12, b, np.inf)
        centre = np.clip(np.nan_to_num(-a / slope), -1e6, 1e6)
        width = np.minimum(np.abs(1 / np.where(np.isfinite(slope), slope, 1e-3)), 1e3)
        marks = np.clip(centre[..., None] + width[..., None] * _GRADES, -reach, reach)
        edges.append(np.broadcast_to(marks, (*shape, _GRADES.size)))
    return _on_panels(np.sort(np.concatenate(edges, axis=-1), axis=-1), order)
