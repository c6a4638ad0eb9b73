"""Phases that move among random complex patterns: the memory's terms, for the engine's chains of phases."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dammech.errors import InputError
from dammech.exact.phases import LARGEST_ORDER
from dammech.simulate.inputs import LARGEST_SIZE, checked_count, checked_patterns
from dammech.simulate.phasors import PhaseExperiment
from dammech.systems.phasor.model import PhasorDAM


def experiment(
    model: PhasorDAM, at: Mapping[str, float], *, size: int, dynamics: str, overlap: float, seed: int
) -> PhaseExperiment:
    """P random patterns and a chain that starts near the first; the overlap is the modulus, energies are those of the model."""
    terms, size = interaction(model), checked_count("size", size, 2, LARGEST_SIZE)

    def bytes_of(n: int, patterns: int) -> int:
        return 96 * mirrors(model) * n * patterns

    count = checked_patterns(model, at["load"], size, bytes_of)

    def draw(rng: np.random.Generator, n: int) -> np.ndarray:
        return stored(model, np.exp(2j * math.pi * rng.random((count, n))))

    return PhaseExperiment(
        f"{model!r} {count}", draw, size, at["temperature"], dynamics, overlap, seed, terms,
        constant=energy_constant(model, size, count), bytes_taken=bytes_of(size, count),
        realised={"load": count / float(size) ** (model.order - 1)},
    )  # fmt: skip


def interaction(model: PhasorDAM) -> dict[tuple[int, int], float]:
    """What `PhaseChain` and `phase_gibbs` call |m|^n/n, among the patterns of `stored`.

    Raises
    ------
    InputError
        For an odd order, where |m|^n is no polynomial, or one above 10.
    """
    if model.order % 2 or model.order > LARGEST_ORDER:
        raise InputError(f"order={model.order}: phases are simulated at even orders from 2 to {LARGEST_ORDER}")
    return {(model.order // 2, model.order // 2): 1 / model.order}


def stored(model: PhasorDAM, patterns: np.ndarray) -> np.ndarray:
    """The patterns (P, N), and after them their mirror images where the coupling is real."""
    return np.concatenate([patterns, patterns.conj()]) if mirrors(model) == 2 else patterns


def mirrors(model: PhasorDAM) -> int:
    """How many terms of the energy a pattern has: 2 with a mirror image."""
    return 2 if model.coupling == "real" else 1


def energy_constant(model: PhasorDAM, size: int, patterns: int) -> float:
    """What is added to −(N/p) Σ_μ |m_μ|^p: of order 2 the dropped diagonal, of others −1 times the mean of P − 1 random patterns.

    With M = Σ_i e^{iθ_i}, ⟨|M|^{2k}⟩ = k!² [x^k] (Σ_a x^a/a!²)^N.
    """
    half = model.order // 2
    base = [1 / math.factorial(a) ** 2 for a in range(half + 1)]
    power = [1.0]  # coefficients of base^N, by the recurrence of a power series
    for k in range(1, half + 1):
        power.append(sum((j * (size + 1) - k) * base[j] * power[k - j] for j in range(1, k + 1)) / k)
    mean = math.factorial(half) ** 2 * power[half] * float(size) ** (1 - model.order) / model.order
    return mean * (mirrors(model) * patterns if model.soft else patterns - 1)
