"""States of the glass of order 3 that are planted: couplings with the Boltzmann weight of a state that was chosen first.

Every J has the mean β⟨J²⟩ along the state. Above the static transition this is the ensemble of couplings with one of their own
equilibrium states, without any search for it; below, the state is still one of one step of breaking with θ = 1.
"""

from __future__ import annotations

import itertools
import math
from functools import partial

import numpy as np

from dammech.simulate.trials import in_threads, key_of


def persistence(size: int, temperature: float, sweeps: tuple[int, ...], samples: int, seed: int) -> np.ndarray:
    """Overlap with the planted state over the second half of these many sweeps of it, (samples, times)."""
    return np.array(in_threads(partial(_one, size, temperature, sweeps, seed), range(samples), 20 * size**3, None))


def _one(size: int, temperature: float, sweeps: tuple[int, ...], seed: int, sample: int) -> list[float]:
    from dammech.simulate.couplings.kernels import run_couplings
    from dammech.simulate.kernels import METROPOLIS

    words = np.random.SeedSequence(key_of("planted", seed, size, temperature, sample))
    couplings, unit = planted(np.random.default_rng(words), size, temperature)
    spins = np.ones(size, np.float32)
    field = couplings.sum(axis=2, dtype=float).sum(axis=1) / 2
    stream = words.generate_state(8, np.uint64)[4:]
    overlaps, energies = np.empty(max(sweeps), np.int64), np.empty(max(sweeps))
    run_couplings(couplings, spins, field, spins.copy(), stream, temperature / unit, METROPOLIS, 0.0, overlaps, energies)
    return [float(overlaps[t // 2 : t].mean()) / size for t in sweeps]


def planted(rng: np.random.Generator, size: int, temperature: float) -> tuple[np.ndarray, float]:
    """Couplings (N, N, N) as integers, whose planted state is all up, and their unit, as `glass_couplings` has it."""
    variance = 3.0 / size**2
    drawn = rng.standard_normal((size, size, size), dtype=np.float32)
    drawn *= np.float32(math.sqrt(variance))
    drawn += np.float32(variance / temperature)
    above = np.tri(size, k=-1, dtype=bool).T  # of i < j < k alone
    drawn *= above[:, :, None]
    drawn *= above[None]
    dense = sum(map(partial(np.transpose, drawn), itertools.permutations(range(3))), np.float32(0))
    unit = 2.0 ** (math.ceil(math.log2(float(np.abs(dense).sum(axis=(1, 2)).max()))) - 23)
    return np.rint(dense / np.float32(unit)).astype(np.float32), unit
