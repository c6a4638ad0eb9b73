"""Flats on which the energy is critical but nothing is at rest: where the flow leaves them, and when.

On a flat region the activation is constant, so every dead field obeys τ ẋ = x* − x with x* = W g + b. If x* lies
outside of the region, the flow crosses its edge at t = τ ln((c₀ − c*)/(−c*)), c the distance to the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dammech.flows.pieces import Unit

if TYPE_CHECKING:
    from dammech.systems.lagrangian.model import Network


def spurious_flat(net: Network, units: Sequence[Unit], choice: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    """A flat on which the energy is critical and which holds no fixed point.

    Parameters
    ----------
    net : Network
    units : sequence of Unit
    choice : ndarray
        The piece of each unit.
    target : ndarray
        x* = W g + b on the flat, which lies outside of it.

    Returns
    -------
    dict
        ``representative`` a state on the flat, at distance 1 from the edges (or in the middle) in the neurons that leave
        it; ``dead`` neurons, ``energy``, and ``escape``: the neuron that crosses first, when, and where its field heads.
    """
    state = target.copy()
    dead = np.concatenate([u.neurons[u.dead[k]] for u, k in zip(units, choice)]) if units else np.zeros(0, dtype=int)
    crossings = []
    for u, k in zip(units, choice):
        slack = u.rows[k] @ target[u.neurons] + u.bounds[k]
        for row in np.flatnonzero((slack < 0) & ~u.alive[k] & u.full[k]):
            along = u.rows[k][row]
            i = int(np.abs(np.where(u.dead[k], along, 0)).argmax())
            bounded = len(u.neurons) == 1 and u.full[k].all()  # on both sides
            depth = min(1.0, slack.sum() / 2) if bounded else 1.0
            neuron = int(u.neurons[i])
            state[neuron] = target[neuron] + (depth - slack[row]) / along[i]
            time = float(net.tau[neuron] * np.log((depth - slack[row]) / -slack[row]))
            crossings.append({"neuron": neuron, "time": time, "drive": float(-slack[row])})
    escape = min(crossings, key=lambda c: c["time"])
    return {
        "representative": state + 0.0,
        "dead": np.sort(dead).tolist(),
        "energy": float(net.energy(state)),
        "escape": {**escape, "leaving": sorted(c["neuron"] for c in crossings)},
    }
