"""Independent trials: one random pattern set with one chain each, reproducible whatever thread runs them.

The random numbers of a trial are keyed by (seed, model, N, P, T, trial), never by worker or by order. Patterns are
drawn anew from that key whenever the chain goes on, so that no more pattern sets are in memory than threads run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from dammech.memory import free_memory
from dammech.models import HebbianDAM
from dammech.simulate.chain import Chain, Series, drawn_patterns
from dammech.simulate.flips import FlipEnergy
from dammech.simulate.inputs import memory_of_trial

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Setting:
    """What all trials of a point have in common; temperature in canonical units."""

    model: HebbianDAM
    size: int
    patterns: int
    temperature: float
    dynamics: str
    overlap: float
    seed: int
    table: FlipEnergy


class Trial:
    """One pattern set and one chain that starts at a given overlap with its first pattern."""

    def __init__(self, setting: Setting, index: int) -> None:
        words = np.random.SeedSequence(_key(setting, index)).generate_state(12, np.uint64)
        self.setting, self.index = setting, index
        self._pattern_stream, self._start_stream, self.stream = words[:4], words[4:8], words[8:].copy()
        self.spins: np.ndarray | None = None
        self.overlap: list[np.ndarray] = []
        self.energy: list[np.ndarray] = []
        self.made: list[Series] = []

    def chain(self) -> Chain:
        """The chain where it stands, with its patterns drawn."""
        s = self.setting
        patterns = drawn_patterns(self._pattern_stream.copy(), s.size, s.patterns)
        if self.spins is None:
            self.spins = patterns[:, 0, 0].copy()
            flipped = round(s.size * (1 - s.overlap) / 2)
            generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(self._start_stream.tolist())))
            self.spins[generator.permutation(s.size)[:flipped]] *= -1
        return Chain(s.model, patterns, self.spins, s.temperature, s.dynamics, self.stream, s.patterns, s.table)

    def advance(self, sweeps: int) -> Series:
        """Go on for ``sweeps`` sweeps and remember the series."""
        chain = self.chain()
        series = chain.run(sweeps)
        self.spins, self.stream = chain.spins, chain.stream
        self.overlap.append(series.overlap)
        self.energy.append(series.energy)
        self.made.append(series)
        return series


def over_trials(
    work: Callable[[Item], Result], items: Sequence[Item], setting: Setting, workers: int | None
) -> list[Result]:
    """``[work(item) for item in items]`` by threads; as many as cores, and as memory has room for."""
    return in_threads(work, items, memory_of_trial(setting.size, setting.patterns), workers)


def in_threads(
    work: Callable[[Item], Result], items: Sequence[Item], bytes_each: int, workers: int | None
) -> list[Result]:
    """``[work(item) for item in items]`` by threads, where each needs ``bytes_each`` of memory."""
    room = free_memory() // (2 * bytes_each)
    count = max(1, min(workers or os.cpu_count() or 1, len(items), room))
    pool = ThreadPoolExecutor(count)  # one thread too: this one waits for signals, which compiled code does not
    try:
        return list(pool.map(work, items))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def key_of(*parts: object) -> int:
    """Entropy for a SeedSequence from plain values that say what is computed."""
    text = "|".join(map(repr, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=32).digest(), "little")


def _key(setting: Setting, index: int) -> int:
    s = setting
    model = f"{s.model.p}:{s.model.interaction}"
    return key_of(s.seed, model, s.size, s.patterns, float(s.temperature), index)
