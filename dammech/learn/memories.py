"""What memory vectors have become: features that many items share, or prototypes that few do [krotov2016]."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.learn.network import TrainedDAM


def participation(network: TrainedDAM, inputs: Any) -> np.ndarray:
    """How many memory vectors decide the class of each item.

    The field of the winning class is a sum over memory vectors, h = Σ_k Δ_k; the number is (Σ|Δ_k|)² / Σ Δ_k², between 1 (one
    prototype decides) and K (all decide alike, as features).
    """
    states = network.states(inputs)
    scale = 1 / (network.size * network.temperature)
    base = scale * (states @ network.memory.T).astype(np.float64)
    columns = network.memory[:, network.trained][:, network.classify(inputs)].T.astype(np.float64)
    flipped = base + 2 * scale * columns
    if network.interaction.kind == "softmax":  # the change of a log of a sum, shared out by the terms of the sum
        top = network.interaction.vertex * flipped.max(axis=1, keepdims=True)
        n = network.interaction.vertex
        change = np.abs(np.exp(n * flipped - top) - np.exp(n * base - top))
    else:
        change = np.abs(network.interaction.value(flipped) - network.interaction.value(base))
    total = change.sum(axis=1)
    return total**2 / np.maximum((change**2).sum(axis=1), np.finfo(float).tiny)


def likeness(network: TrainedDAM, inputs: Any) -> np.ndarray:
    """For each memory vector, the cosine of its pixels with the nearest item: near 1 for a copy of one item."""
    items = np.asarray(inputs, float)
    pixels = network.memory[:, : network.pixels].astype(np.float64)
    norms = np.linalg.norm(pixels, axis=1)[:, None] * np.linalg.norm(items, axis=1)[None]
    return np.max(pixels @ items.T / np.maximum(norms, 1e-30), axis=1)
