"""Spins 1 by heat bath."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from blume_capel import BlumeCapelDAM
from dammech.errors import InputError
from dammech.simulate.chain import Series
from dammech.simulate.trials import NamedExperiment, generator_of, partly_flipped


@dataclass(frozen=True)
class _Spins(NamedExperiment):
    model: BlumeCapelDAM
    field: float

    def bytes_each(self) -> int:
        return 100 * self.size

    def chain(self, disorder: np.ndarray, start: np.ndarray, spins: np.ndarray | None, stream: np.ndarray) -> _Chain:
        patterns = generator_of(disorder).choice((-1, 1), (2, self.size))
        return _Chain(
            self, patterns, partly_flipped(patterns[0], self.overlap, start) if spins is None else spins, stream
        )


@dataclass
class _Chain:
    setting: _Spins
    patterns: np.ndarray
    spins: np.ndarray
    stream: np.ndarray

    def run(self, sweeps: int) -> Series:
        """Visit all spins in each sweep, in an order of its own."""
        size, T, field, K = (
            self.setting.size,
            self.setting.temperature,
            self.setting.field,
            self.setting.model.biquadratic,
        )
        rng, spins, rows, flips = generator_of(self.stream), self.spins.tolist(), [], 0
        M, A = (self.patterns @ self.spins).tolist(), int((self.spins**2).sum())
        for _ in range(sweeps):
            for i, chance in zip(rng.permutation(size).tolist(), rng.random(size).tolist()):
                one, other = self.patterns[:, i].tolist()
                s = spins[i]
                h = ((M[0] - one * s) * one * one + (M[1] - other * s) * other * one) / size * one
                cost = field - K * ((A - s * s) / size + 0.5 / size) - 1 / size
                up, down = math.exp((h - cost) / T), math.exp((-h - cost) / T)
                new = 1 if chance * (1 + up + down) < up else -1 if chance * (1 + up + down) < up + down else 0
                M = [M[0] + one * (new - s), M[1] + other * (new - s)]
                A, flips, spins[i] = A + new * new - s * s, flips + (new != s), new
            rows.append((M[0] / size, -(M[0] ** 2 + M[1] ** 2) / 2 / size - K * A**2 / 2 / size + field * A))
        self.spins, self.stream = np.array(spins), rng.integers(2**63, size=4, dtype=np.uint64)
        overlap, energy = np.array(rows).T
        return Series(overlap, energy, flips)


def experiment(
    model: BlumeCapelDAM, at: dict[str, float], *, size: int, dynamics: str, overlap: float, seed: int
) -> Any:
    """A trial: two fair patterns, and a chain that starts near the first."""
    if dynamics != "glauber" or at["temperature"] <= 0:
        raise InputError(
            f"dynamics={dynamics!r}, temperature={at['temperature']}: spins 1 move by glauber at T > 0 only"
        )
    return _Spins(f"{model!r} {at}", len, size, at["temperature"], dynamics, overlap, seed, model, at["crystal_field"])
