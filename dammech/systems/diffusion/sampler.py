"""Diffused data: which datum a point at time t belongs to, drawn without more than its distances."""

from __future__ import annotations

import numpy as np

from dammech.errors import InputError
from dammech.simulate.trials import key_of
from dammech.systems.diffusion.model import LARGEST_COUNT, count_of

_BLOCK = 1 << 17


def log_odds(data: str, variance: float, load: float, time: float, dimension: int, runs: int, seed: int) -> np.ndarray:
    """Of each run: the logarithm of the weight of the true datum over that of all others, and over that of the next one.

    Only the distances to x are drawn. Of Gaussian data one component, that along y = x e^t, and the square of the others;
    of signs the sum Σ_i y_i a_i, eight of them at a time from a table of the 256 there are.

    Raises
    ------
    InputError
        For more data than can be drawn.
    """
    count = count_of(load, dimension)
    if count > LARGEST_COUNT:
        raise InputError(f"load={load:g}, dimension={dimension}: {count:.3g} data are too many to be drawn")
    rng = np.random.default_rng(
        np.random.SeedSequence(key_of("diffusion", data, variance, load, time, dimension, seed))
    )
    square = np.expm1(2 * time)
    draw = {"gaussian": _gaussian, "binary": _binary}[data]
    found = np.empty((runs, 2))
    for n in range(runs):
        truth = rng.standard_normal(dimension) * np.sqrt(variance) if data == "gaussian" else np.ones(dimension)
        noise = np.sqrt(square) * rng.standard_normal(dimension)
        largest, total = -np.inf, -np.inf
        for start in range(1, count, _BLOCK):
            energies = draw(rng, truth + noise, min(_BLOCK, count - start), variance) / -square
            top = float(energies.max())
            largest, total = max(largest, top), np.logaddexp(total, top + np.log(np.exp(energies - top).sum()))
        own = -float(noise @ noise) / (2 * square)
        found[n] = own - total, own - largest
    return found


def _gaussian(rng: np.random.Generator, y: np.ndarray, count: int, variance: float) -> np.ndarray:
    """|y − a|²/2 of so many data."""
    along = np.sqrt(variance) * rng.standard_normal(count) - np.linalg.norm(y)
    return (along**2 + 2 * variance * rng.standard_gamma((y.size - 1) / 2, count)) / 2


def _binary(rng: np.random.Generator, y: np.ndarray, count: int, variance: float) -> np.ndarray:
    del variance
    signs = 1 - 2 * ((np.arange(256)[:, None] >> np.arange(8)) & 1)
    overlaps = np.zeros(count)
    for start in range(0, y.size, 8):
        part = y[start : start + 8]
        overlaps += (signs[:, : part.size] @ part)[rng.integers(0, 256, count, dtype=np.uint8)]
    return (float(y @ y) + y.size) / 2 - overlaps
