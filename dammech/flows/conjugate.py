"""The conjugate L*(y) = sup_p (p·y − L(p)) of a block, on the closed convex hull of its activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import xlogy

from dammech.errors import InputError
from dammech.systems.lagrangian.model import Lagrangian

_WITHIN = 1e-9  # how far outside of its domain a y may be by rounding
_DOUBLINGS = 60
_HALVINGS = 130


def conjugate_terms(layer: Lagrangian, y: Any) -> np.ndarray:
    """Terms whose sum is L*(y).

    Of a sum over neurons by inverting its activation, neuron by neuron; of softmax, ghostmax, sparsemax, layernorm and
    spherical in closed form (negative entropies, squares and hemispheres).

    Parameters
    ----------
    layer : Lagrangian
        Convex.
    y : array_like
        (..., D).

    Returns
    -------
    ndarray
        (..., terms); infinite where y is outside of the domain.

    Raises
    ------
    InputError
        For a block whose conjugate is not known.
    """
    y = np.asarray(y, dtype=float)
    if not conjugate_known(layer):
        raise InputError(f"lagrangian={layer.name!r}: its conjugate is not known in closed form")
    if layer.separable:
        low, high, y, outside = inverted(layer, y)
        p = np.clip(0.0, low, high)
        terms = np.concatenate([p * y, -layer.value(p)[..., None]], -1)
        return np.where(outside.any(-1, keepdims=True), np.inf, terms)
    terms, excess = _FORMULAS[layer.name](y, **layer.parameters)
    return np.where(excess[..., None] > _WITHIN, np.inf, terms)


def conjugate_known(layer: Lagrangian) -> bool:
    """Whether L* of a block can be had."""
    return layer.convex and (layer.separable or layer.name in _FORMULAS)


def subgradient(layer: Lagrangian, y: np.ndarray, near: np.ndarray) -> np.ndarray:
    """A p of ∂L*(y): where neurons are dead, the one of their many fields that is closest to those given.

    Raises
    ------
    InputError
        For a block whose conjugate is not known.
    """
    if not conjugate_known(layer):
        raise InputError(f"lagrangian={layer.name!r}: its conjugate is not known in closed form")
    if not layer.separable:
        return _SUBGRADIENTS[layer.name](y, **layer.parameters)
    low, high, _, _ = inverted(layer, y)
    return np.clip(near, low, high)


def inverted(layer: Lagrangian, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Smallest and largest fields with g(p) = y of a sum over neurons, y itself, and where it is outside of the range of g.

    By bisection: g never falls. Fields that are not bounded end somewhere; a y that rounding has put outside of the
    closed range is moved to its end.
    """
    span = np.ones_like(y)
    with np.errstate(all="ignore"):  # of exponentials that are too large
        for _ in range(_DOUBLINGS):
            short = (layer.activation(-span) > y) | (layer.activation(span) < y)
            if not short.any():
                break
            span = np.where(short, 2 * span, span)
        margin = _WITHIN * (1 + np.abs(y))
        bottom, top = layer.activation(-span), layer.activation(span)
        outside = (bottom > y + margin) | (top < y - margin)
        y = np.clip(y, bottom, top)
        low = _bisected(lambda p: layer.activation(p) < y, span)[1]
        high = _bisected(lambda p: layer.activation(p) <= y, span)[0]
    return low, np.maximum(low, high), y, outside


def _bisected(left: Callable[[np.ndarray], np.ndarray], span: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = -span, span
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = left(middle)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
        if np.all(high - low <= 2.3e-16 * np.abs(middle)):
            break
    return low, high


def _softmax(y: np.ndarray, beta: float) -> tuple[np.ndarray, np.ndarray]:
    positive = np.maximum(y, 0)
    return xlogy(positive, positive) / beta, np.maximum(np.abs(y.sum(-1) - 1), -y.min(-1))


def _ghostmax(y: np.ndarray, beta: float) -> tuple[np.ndarray, np.ndarray]:
    rest = 1 - y.sum(-1, keepdims=True)
    all_of_them = np.concatenate([y, rest], -1)
    positive = np.maximum(all_of_them, 0)
    return xlogy(positive, positive) / beta, -all_of_them.min(-1)


def _sparsemax(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return y**2 / 2, np.maximum(np.abs(y.sum(-1) - 1), -y.min(-1))


def _layernorm(y: np.ndarray, gamma: float, delta: float, eps: float) -> tuple[np.ndarray, np.ndarray]:
    size, z = y.shape[-1], y - delta
    room = size * gamma**2 - (z**2).sum(-1)
    terms = -np.sqrt(size * eps * np.maximum(room, 0))
    return terms[..., None], np.maximum(-room / (size * gamma**2), np.abs(z.sum(-1)))


def _spherical(y: np.ndarray, gamma: float, delta: float, eps: float) -> tuple[np.ndarray, np.ndarray]:
    room = gamma**2 - ((y - delta) ** 2).sum(-1)
    return -np.sqrt(eps * np.maximum(room, 0))[..., None], -room / gamma**2


_FORMULAS: dict[str, Callable[..., tuple[np.ndarray, np.ndarray]]] = {
    "softmax": _softmax, "ghostmax": _ghostmax, "sparsemax": _sparsemax, "layernorm": _layernorm, "spherical": _spherical,
}  # fmt: skip


def _log_odds(y: np.ndarray, beta: float) -> np.ndarray:
    with np.errstate(divide="ignore"):  # of neurons that are exactly silent
        return np.asarray(np.log(y / (1 - y.sum(-1, keepdims=True))) / beta)


def _log(y: np.ndarray, beta: float) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(y) / beta)


def _hemisphere(y: np.ndarray, gamma: float, delta: float, eps: float, size: int = 1) -> np.ndarray:
    z = y - delta
    room = size * gamma**2 - (z**2).sum(-1, keepdims=True)
    return np.asarray(z * np.sqrt(size * eps / np.maximum(room, 1e-300)))


_SUBGRADIENTS: dict[str, Callable[..., np.ndarray]] = {
    "softmax": _log,
    "ghostmax": _log_odds,
    "sparsemax": lambda y: y,
    "layernorm": lambda y, **parameters: _hemisphere(y, **parameters, size=y.shape[-1]),
    "spherical": _hemisphere,
}
