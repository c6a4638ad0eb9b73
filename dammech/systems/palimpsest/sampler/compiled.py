"""Compiled steps of learning rules. Importing this module imports numba."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np

from dammech.simulate.kernels import compiled


@compiled()
def delta_steps(weights, own, sets, signs, scale):
    """Store the rows of ``signs`` (steps, N) one by one: w_i ← w_i + scale (ξ_i − w_i·φ) φ, φ the products over ``sets``.

    ``own`` (N, F) lists the features of each neuron that hold its own spin; their weights stay zero.
    """
    steps, size = signs.shape
    count, factors = sets.shape
    products = np.empty(count)
    for step in range(steps):
        for f in range(count):
            product = 1.0
            for k in range(factors):
                product *= signs[step, sets[f, k]]
            products[f] = product
        for i in range(size):
            total = 0.0
            for f in range(count):
                total += weights[i, f] * products[f]
            change = scale * (signs[step, i] - total)
            for f in range(count):
                weights[i, f] += change * products[f]
            for k in range(own.shape[1]):
                weights[i, own[i, k]] = 0.0
