"""Registered figures of dead neurons, and the networks of three neurons that they show."""

from __future__ import annotations

from dammech.systems.lagrangian.model import Lagrangian, Network

#: weight to the second hidden neuron and its bias: true flat region, spurious one, touching a stable or unstable point
TRUE, SPURIOUS, STABLE_TOUCH, UNSTABLE_TOUCH = (-0.5, 1 / 3), (-0.5, 1.0), (-0.5, 2 / 3), (-1.0, 4 / 3)
#: fields (v, h1, h2) where the neurons that are alive rest while h2 < 0
LIVE = (4 / 3, 2 / 3)


def minimal(weight: float, bias: float) -> Network:
    """One linear visible neuron v with input 1, two rectified hidden ones; h2 is dead below zero."""
    layers = [Lagrangian("identity", 1), Lagrangian("relu", 2)]
    return Network(layers, [{"from": 0, "to": 1, "matrix": [[0.5], [weight]]}], [[1], [0, bias]])
