"""Random networks of mixed blocks with a fixed point that is known: x and W are drawn, b = x − W g(x)."""

from __future__ import annotations

from functools import cache

import numpy as np

from dammech.systems.lagrangian.model import Lagrangian, Network

KINDS = ("relu", "softmax", "layernorm", "spherical", "identity")
TOPOLOGIES = ("lateral", "two-layer", "convolutional")

#: the block is derived once for each size
block = cache(Lagrangian)


def planted(seed: int, one_time_constant: bool | None = None) -> tuple[Network, np.ndarray]:
    """A net and its fixed point; topologies take turns, every third net has one time constant for all neurons."""
    rng = np.random.default_rng(np.random.SeedSequence([4, seed]))
    topology = TOPOLOGIES[seed % 3]
    layers, weights = {"lateral": lateral, "two-layer": two_layer, "convolutional": convolutional}[topology](rng)
    if one_time_constant or (one_time_constant is None and seed % 9 < 3):
        tau = [1.0] * len(layers)
    else:
        tau = [rng.uniform(0.3, 3, l.size) if l.separable else rng.uniform(0.3, 3) for l in layers]
    net = Network(layers, weights, None, tau)
    x = 2 * rng.normal(size=net.size)
    b = x - net.feedback(net.activation(x))
    return Network(layers, weights, [b[part] for part in net.slices], tau), x


def lateral(rng: np.random.Generator):
    """Two to five blocks, all of which see all."""
    layers = [block(k, int(rng.integers(3, 5))) for k in rng.permutation(KINDS)[: rng.integers(2, 6)]]
    strength = rng.choice([0.3, 0.8, 2.0])
    weights = []
    for i, to in enumerate(layers):
        for j, source in enumerate(layers[: i + 1]):
            a = strength * rng.normal(size=(to.size, source.size))
            weights.append({"from": j, "to": i, "matrix": (a + a.T) / 2 if i == j else a})
    return layers, weights


def two_layer(rng: np.random.Generator):
    """Visible and hidden, of unequal sizes, so that −1/τ is also an eigenvalue of alive directions."""
    layers = [block(k, int(rng.integers(3, 7))) for k in rng.choice(KINDS, 2)]
    matrix = rng.choice([0.3, 0.8, 2.0]) * rng.normal(size=(layers[1].size, layers[0].size))
    return layers, [{"from": 0, "to": 1, "matrix": matrix}]


def convolutional(rng: np.random.Generator):
    """Three layers, 6 → 2 × 3 → 3 × 3, by periodic convolutions."""
    layers = [block(k, size) for k, size in zip(rng.choice(KINDS, 3), (6, 6, 9))]
    strength = rng.choice([0.3, 0.8, 2.0])
    return layers, [
        {"from": 0, "to": 1, "kernel": strength * rng.normal(size=(2, 1, 3)), "stride": 2},
        {"from": 1, "to": 2, "kernel": strength * rng.normal(size=(3, 2, 2)), "stride": 1},
    ]
