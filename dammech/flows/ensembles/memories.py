"""Two-layer memories from a stored pattern to their fixed point: overlaps and dead hidden neurons.

N visible neurons, K hidden ones that hold a pattern each; synapses ξ/√N, biases −θ on the hidden layer. The matrix of the
network is never assembled: its product with the activations is two products with the patterns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.errors import InputError
from dammech.systems.lagrangian.model import Lagrangian

_FINE, _MOST_STEPS = 2e-5, 400


@dataclass(frozen=True)
class Retrieved:
    """Fixed points reached from a stored pattern, one for each pattern set.

    Attributes
    ----------
    overlap : array
        m = ξ¹·g/N.
    activity : array
        q = |g|²/N.
    dead : array
        Fraction of the other hidden neurons that are dead.
    residual : array
        Root mean square of W g + b − x over the visible neurons (the hidden ones follow at once, theirs is zero).
    steps : array
        Taken by each.
    """

    overlap: np.ndarray
    activity: np.ndarray
    dead: np.ndarray
    residual: np.ndarray
    steps: np.ndarray

    @property
    def converged(self) -> np.ndarray:
        """Whether each is at a fixed point."""
        return self.residual <= _FINE


def retrieved(
    size: int,
    patterns: int,
    threshold: float,
    steepness: float,
    *,
    sets: int,
    seed: int,
    hidden: str = "relu",
    steps: int = _MOST_STEPS,
    tolerance: float = _FINE,
    lost_below: float = -1.0,
) -> Retrieved:
    """Start visible neurons on pattern 1 and follow the network to its fixed point, for independent pattern sets.

    The firing-rate form ẏ = g(W y + b) − y with a fast hidden layer, in steps of unit time: each minimises the part of
    the energy that is convex in y against the tangent of the rest, so that the energy falls at every step for any size.
    It ends where the residual W g + b − x of the fields is small, not where the energy stops to fall.

    The neuron of pattern 1 has no threshold: beside its field of order √N it makes corrections of order θ/√N and no more,
    and without it those that are left are of order 1/N.

    Parameters
    ----------
    size, patterns : int
        N and K.
    threshold : float
        θ of the hidden neurons.
    steepness : float
        β of the visible activation tanh(βv).
    sets : int
        Independent pattern sets.
    seed : int
        With the other arguments it determines the patterns.
    hidden : str
        Lagrangian of the hidden neurons.
    steps : int
        At most so many.
    tolerance : float
        Residual at which a run ends.
    lost_below : float
        A run whose overlap falls below it has lost the pattern and is not followed further.
    """
    if min(size, patterns, sets, steps) < 1:
        raise InputError(f"size={size}, patterns={patterns}, sets={sets}, steps={steps}: each must be at least 1")
    visible, memories = Lagrangian("tanh", size, beta=steepness), Lagrangian(hidden, patterns)
    key = [size, patterns, round(1e6 * (threshold + 100)), round(1e6 * steepness), seed]
    rows = []
    for each in np.random.SeedSequence(key).spawn(sets):
        signs = random_signs(np.random.default_rng(each), patterns, size)
        rows.append(_settled(signs, visible, memories, threshold, steps, tolerance, lost_below))
    return Retrieved(*np.array(rows).T)


def random_signs(rng: np.random.Generator, patterns: int, size: int) -> np.ndarray:
    """K × N fair signs in single precision."""
    return (2 * rng.integers(0, 2, (patterns, size), dtype=np.int8) - 1).astype(np.float32)


def _settled(
    signs: np.ndarray,
    visible: Lagrangian,
    memories: Lagrangian,
    threshold: float,
    steps: int,
    tolerance: float,
    lost_below: float,
) -> tuple[float, float, float, float, int]:
    size = visible.size
    root = np.sqrt(size)
    bias = np.full(len(signs), -threshold)
    bias[0] = 0.0
    y = signs[0].astype(float)
    x, residual = np.zeros(size), np.inf
    for step in range(steps + 1):
        h = signs @ y.astype(np.float32) / root + bias
        drive = memories.activation(h).astype(np.float32) @ signs / root
        residual = float(np.sqrt(np.mean((drive - x) ** 2)))
        if step and (residual <= tolerance or signs[0] @ y < lost_below * size):
            break
        x = drive.astype(float)
        y = visible.activation(x)
    dead = memories.dead(h)[1:]
    fraction = float(dead.mean()) if dead.size else np.nan
    return float(signs[0] @ y / size), float(y @ y / size), fraction, residual, step
