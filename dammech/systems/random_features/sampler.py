"""Random features drawn: what they make of kernels, of the energy at memories, and of gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.errors import NotConverged
from dammech.simulate.trials import key_of

#: of drawn memories, N(0, 1) in this many dimensions: at this β kernels of any two are below 1e-3, most of them below 1e-50
DIMENSION, BETA = 8, 16.0


@dataclass(frozen=True)
class Waves:
    """Features cos(ω·x + b) times ``scale``; a pair is a frequency twice, with the shifts 0 and −π/2."""

    frequencies: np.ndarray
    shifts: np.ndarray
    scale: float

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """φ of points (…, D)."""
        return self.scale * np.cos(x @ self.frequencies + self.shifts)

    def slope(self, x: np.ndarray, total: np.ndarray) -> np.ndarray:
        """Gradient of φ(x)·total in one point x."""
        return -self.frequencies @ (self.scale * np.sin(x @ self.frequencies + self.shifts) * total)


def drawn(rng: np.random.Generator, waves: str, features: int, dimension: int, beta: float) -> Waves:
    """Y random frequencies of law N(0, β)."""
    frequencies = np.sqrt(beta) * rng.standard_normal((dimension, features))
    if waves == "phases":
        return Waves(frequencies, 2 * np.pi * rng.random(features), np.sqrt(2 / features))
    return Waves(np.tile(frequencies, 2), np.repeat([0.0, -np.pi / 2], features), np.sqrt(1 / features))


def squared_errors(count: int, features: int, waves: str, draws: int, seed: int) -> np.ndarray:
    """(βΔE)² at ``count`` drawn memories, their mean in each draw; nan where a sum of kernels is not positive."""
    rng = _rng("energy", count, features, waves, seed)
    found = np.empty(draws)
    for n in range(draws):
        memories = rng.standard_normal((count, DIMENSION))
        phi = drawn(rng, waves, features, DIMENSION, BETA)(memories)
        estimates = phi @ phi.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[n] = np.mean((np.log(estimates) - np.log(_kernels(memories, memories, BETA).sum(axis=1))) ** 2)
    return np.where(np.isfinite(found), found, np.nan)


def squared_kernels(kernel: float, features: int, waves: str, draws: int, seed: int) -> np.ndarray:
    """(k̂ − k)² of two points at which the kernel is ``kernel``."""
    rng = _rng("kernel", kernel, features, waves, seed)
    apart = np.sqrt(-2 * np.log(kernel) / BETA)
    found = np.empty(draws)
    for n in range(draws):
        one, way = rng.standard_normal((2, DIMENSION))
        phi = drawn(rng, waves, features, DIMENSION, BETA)(np.stack([one, one + apart * way / np.linalg.norm(way)]))
        found[n] = (phi[0] @ phi[1] - kernel) ** 2
    return found


@dataclass(frozen=True)
class Paths:
    """Gradient descent on both energies: how far it came apart, and what was met on the way.

    Attributes
    ----------
    apart : float
        |x_L − x̂_L|.
    gradients, kernels : float
        The largest differences.
    depth : float
        The energy where it began.
    """

    apart: float
    gradients: float
    kernels: float
    depth: float


def descended(
    count: int, features: int, waves: str, *, beta: float, dimension: int, step: float, length: int, seed: int
) -> Paths:
    """Paths of ``length`` steps among memories in the cube of diagonal 1.

    Raises
    ------
    NotConverged
        Where a sum of kernels in random features is not positive: there is no energy there.
    """
    rng = _rng("paths", count, features, waves, beta, dimension, step, length, seed)
    memories, start = rng.random((count, dimension)) / np.sqrt(dimension), rng.random(dimension) / np.sqrt(dimension)
    phi = drawn(rng, waves, features, dimension, beta)
    each = phi(memories)
    total = each.sum(axis=0)
    exact, other, gradients, kernels = start, start.copy(), 0.0, 0.0
    depth = -np.log(_kernels(start[None], memories, beta).sum()) / beta
    for n in range(length):
        estimate = float(phi(other) @ total)
        if estimate <= 0:
            told = f"at step {n} the sum of {count} kernels is estimated as {estimate:.3g}"
            raise NotConverged(f"features={features}: {told}; more features are needed")
        for x in (exact, other):
            kernels = max(kernels, float(np.abs(each @ phi(x) - _kernels(x[None], memories, beta)[0]).max()))
        slope = -phi.slope(other, total) / (beta * estimate)
        gradients = max(gradients, float(np.linalg.norm(slope - _gradient(other, memories, beta))))
        exact, other = exact - step * _gradient(exact, memories, beta), other - step * slope
    return Paths(float(np.linalg.norm(exact - other)), gradients, kernels, float(depth))


def _kernels(x: np.ndarray, y: np.ndarray, beta: float) -> np.ndarray:
    return np.exp(-beta * ((x[:, None] - y[None]) ** 2).sum(axis=2) / 2)


def _gradient(x: np.ndarray, memories: np.ndarray, beta: float) -> np.ndarray:
    weights = _kernels(x[None], memories, beta)[0]
    return x - weights @ memories / weights.sum()


def _rng(*what: object) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(key_of("random-features", *what)))
