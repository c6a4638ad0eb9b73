"""Networks whose activation is linear in pieces: the pieces, read off the cells of the Lagrangians."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from dammech.systems.lagrangian.model import Lagrangian, Network


@dataclass(frozen=True)
class Unit:
    """Neurons whose piece is chosen together: one neuron of a sum over neurons, or a block that a minimum over t couples.

    On piece k the activation is ``slope[k] x + offset[k]``, and the piece is ``rows[k] x + bounds[k] >= 0``.

    Attributes
    ----------
    neurons : ndarray
        Their places in the state, d of them.
    slope, offset : ndarray
        (K, d, d) and (K, d).
    rows, bounds : ndarray
        (K, m, d) and (K, m).
    alive : ndarray
        (K, m): whether a condition is on fields that the activation sees. The others say how deep a dead neuron is.
    dead : ndarray
        (K, d): neurons that the activation does not see.
    """

    neurons: np.ndarray
    slope: np.ndarray
    offset: np.ndarray
    rows: np.ndarray
    bounds: np.ndarray
    alive: np.ndarray
    dead: np.ndarray

    @property
    def pieces(self) -> int:
        """K."""
        return len(self.slope)

    @cached_property
    def full(self) -> np.ndarray:
        """Conditions that are not void, (K, m)."""
        return np.any(self.rows != 0, axis=-1)


def units_of(net: Network) -> list[Unit] | None:
    """The units of a network, or None where the activation of a layer is not linear in pieces.

    A block such as sparsemax has as many pieces as its neurons have non-empty subsets.
    """
    units: list[Unit] = []
    for layer, part in zip(net.layers, net.slices):
        pieces = _linear_pieces(layer)
        if pieces is None:
            return None
        neurons = np.arange(part.start, part.stop)
        if layer.separable:
            units += [_neuron(i, pieces) for i in neurons]
        elif _is_projection(layer, pieces) and layer.size <= 16:
            units.append(_projection(neurons))
        else:
            return None
    return units


def count(units: Sequence[Unit]) -> int:
    """Number of faces: combinations of pieces."""
    return math.prod(unit.pieces for unit in units)


def _linear_pieces(layer: Lagrangian) -> list[tuple[float, float, float, float]] | None:
    """(low, high, slope, offset) of each cell of a neuron; None where one is not linear."""
    form: Any = layer.symbolic
    found = []
    for cell in getattr(form, "cells", []):
        slope = cell.slope.xreplace(form.values).doit()
        if not slope.is_number:
            return None
        field = next(iter(cell.activation.free_symbols - set(form.values)), None)
        activation = cell.activation.xreplace(form.values)
        offset = activation.xreplace({field: 0}) if field is not None else activation
        found.append((float(cell.low), float(cell.high), float(slope), float(offset)))
    return found or None


def _neuron(index: int, pieces: list[tuple[float, float, float, float]]) -> Unit:
    low, high, slope, offset = (np.array(column) for column in zip(*pieces))
    ends = np.stack([low, high], -1)
    finite = np.isfinite(ends)
    rows = np.where(finite, [1.0, -1.0], 0.0)[..., None]
    bounds = np.where(finite, np.where(finite, ends, 0.0) * [-1.0, 1.0], 1.0)
    dead = slope == 0
    return Unit(
        np.array([index]),
        slope[:, None, None],
        offset[:, None],
        rows,
        bounds,
        np.repeat(~dead[:, None], 2, axis=1),
        dead[:, None],
    )


def _is_projection(layer: Lagrangian, pieces: list[tuple[float, float, float, float]]) -> bool:
    """Whether a block is the projection on the simplex: rectified x − t, t from the condition that g sums to 1."""
    if not getattr(layer.symbolic, "minimised", False):
        return False
    if [p[2:] for p in pieces] != [(0.0, 0.0), (1.0, 0.0)] or pieces[0][1] != 0.0:
        return False
    x = np.random.default_rng(np.random.SeedSequence(layer.size)).normal(size=(8, layer.size))
    return bool(np.abs(layer.activation(x).sum(-1) - 1).max() < 1e-12)


def _projection(neurons: np.ndarray) -> Unit:
    """g_i = x_i − t on the support, t = (Σ x − 1)/|S|; x_i <= t off it."""
    size = len(neurons)
    supports = np.array(list(itertools.product([False, True], repeat=size))[1:])
    weight = supports / supports.sum(-1, keepdims=True)
    threshold_removed = np.eye(size) - weight[:, None, :]  # x_i − mean over the support, of every i
    signs = np.where(supports, 1.0, -1.0)
    return Unit(
        neurons,
        threshold_removed * supports[:, :, None],
        weight,
        threshold_removed * signs[:, :, None],
        signs / supports.sum(-1, keepdims=True),
        supports,
        ~supports,
    )
