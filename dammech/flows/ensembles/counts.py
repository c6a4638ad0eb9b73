"""Every face of the activations of small ReLU networks: energy-critical flats, and which of them hold a steady state."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from dammech.errors import InputError

_MOST_NEURONS = 16


@dataclass(frozen=True)
class FlatCount:
    """Counts for each network.

    Attributes
    ----------
    flats : array of int
        Energy-critical flats: sets of live neurons whose own equations have a solution with positive fields.
    steady : array of int
        Those whose dead neurons are driven to at most zero: each holds one steady state, the others are spurious.
    """

    flats: np.ndarray
    steady: np.ndarray


def count_flats(weights: np.ndarray, biases: np.ndarray) -> FlatCount:
    """Go through all 2^n faces of networks ẋ = W x₊ + b − x, all networks at once.

    Parameters
    ----------
    weights : array, (nets, n, n)
    biases : array, (nets, n)
    """
    weights, biases = np.asarray(weights, dtype=float), np.asarray(biases, dtype=float)
    if biases.ndim != 2 or weights.shape != (*biases.shape, biases.shape[1]):
        raise InputError(f"weights {weights.shape}, biases {biases.shape}: must be (nets, n, n) and (nets, n)")
    nets, n = biases.shape
    if n > _MOST_NEURONS:
        raise InputError(f"biases has {n} neurons: 2^n faces are enumerated up to n = {_MOST_NEURONS}")
    flats, steady = np.zeros(nets, dtype=int), np.zeros(nets, dtype=int)
    for face in itertools.product((False, True), repeat=n):
        live = np.flatnonzero(face)
        dead = np.flatnonzero(~np.array(face))
        own = np.eye(len(live)) - weights[:, live[:, None], live]
        g = np.linalg.solve(own, biases[:, live, None])[..., 0]
        critical = (g > 0).all(axis=1)
        drive = np.einsum("kij,kj->ki", weights[:, dead[:, None], live], g) + biases[:, dead]
        flats += critical
        steady += critical & (drive <= 0).all(axis=1)
    return FlatCount(flats, steady)


def random_flats(neurons: int, strength: float, mean_bias: float, *, nets: int, seed: int) -> FlatCount:
    """Flats of random networks: W symmetric Gaussian, off-diagonal entries of width ``strength``/√n, on the diagonal √2 of it.

    Biases are N(``mean_bias``, 1).
    """
    key = [neurons, round(1e6 * strength), round(1e6 * (mean_bias + 100)), seed]
    rng = np.random.default_rng(np.random.SeedSequence(key))
    square = rng.standard_normal((nets, neurons, neurons))
    weights = strength * (square + square.swapaxes(1, 2)) / np.sqrt(2 * neurons)
    return count_flats(weights, mean_bias + rng.standard_normal((nets, neurons)))
