"""Independent trials: one random pattern set with one chain each, reproducible whatever thread runs them.

The random numbers of a trial are keyed by (seed, model, N, P, T, trial), never by worker or by order. Patterns are
drawn anew from that key whenever the chain goes on, so that no more pattern sets are in memory than threads run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from dammech.declared.states import Memory
from dammech.memory import free_memory
from dammech.simulate.chain import Chain, Series, drawn_patterns
from dammech.simulate.flips import FlipEnergy
from dammech.simulate.inputs import memory_of_trial

Item = TypeVar("Item")
Result = TypeVar("Result")


class Experiment:
    """What all trials of a point have in common, each with its own disorder and chain."""

    size: int
    temperature: float
    dynamics: str
    overlap: float
    seed: int

    def key(self) -> tuple[object, ...]:
        """What is computed, for the random numbers."""
        raise NotImplementedError

    def bytes_each(self) -> int:
        """Memory of a trial."""
        raise NotImplementedError

    def chain(self, disorder: np.ndarray, start: np.ndarray, spins: np.ndarray | None, stream: np.ndarray) -> Any:
        """The chain of these spins, that moves by ``stream``; the first two are streams of the disorder and of a start."""
        raise NotImplementedError


@dataclass(frozen=True)
class NamedExperiment(Experiment):
    """One whose disorder is made by a function, and so has a ``name`` that says what it makes, parameters included.

    Attributes
    ----------
    realised : mapping
        Axes whose values at this size differ from what was asked for, as a load does where patterns are counted.
    bytes_taken : int
        Memory of a trial, where it is not what such trials usually take.
    """

    name: str
    rule: Callable[[np.random.Generator, int], Any]
    size: int
    temperature: float
    dynamics: str
    overlap: float
    seed: int
    realised: Mapping[str, float] = field(default_factory=dict, kw_only=True)
    bytes_taken: int = field(default=0, kw_only=True)

    def key(self) -> tuple[object, ...]:
        return type(self).__name__, self.name, self.seed, self.size, float(self.temperature)


@dataclass(frozen=True)
class Setting(Experiment):
    """Of a Hebbian memory; temperature in canonical units."""

    model: Memory
    size: int
    patterns: int
    temperature: float
    dynamics: str
    overlap: float
    seed: int
    table: FlipEnergy

    def key(self) -> tuple[object, ...]:
        model = f"{self.model.p}:{self.model.interaction}"
        return self.seed, model, self.size, self.patterns, float(self.temperature)

    def bytes_each(self) -> int:
        return memory_of_trial(self.size, self.patterns)

    def chain(self, disorder: np.ndarray, start: np.ndarray, spins: np.ndarray | None, stream: np.ndarray) -> Chain:
        patterns = drawn_patterns(disorder, self.size, self.patterns)
        spins = partly_flipped(patterns[:, 0, 0], self.overlap, start) if spins is None else spins
        return Chain(self.model, patterns, spins, self.temperature, self.dynamics, stream, self.patterns, self.table)


class Trial:
    """One sample of the disorder and one chain that starts at a given overlap with its first pattern."""

    def __init__(self, setting: Experiment, index: int) -> None:
        words = np.random.SeedSequence(key_of(*setting.key(), index)).generate_state(12, np.uint64)
        self.setting: Any = setting
        self.index = index
        self._pattern_stream, self._start_stream, self.stream = words[:4], words[4:8], words[8:].copy()
        self.spins: np.ndarray | None = None
        self.made: list[Series] = []

    def chain(self) -> Any:
        """The chain where it stands, with its disorder drawn."""
        return self.setting.chain(self._pattern_stream.copy(), self._start_stream, self.spins, self.stream)

    def advance(self, sweeps: int) -> Series:
        """Go on for ``sweeps`` sweeps and remember the series."""
        chain = self.chain()
        series = chain.run(sweeps)
        self.spins, self.stream = chain.spins, chain.stream
        self.made.append(series)
        return series


def over_trials(
    work: Callable[[Item], Result], items: Sequence[Item], setting: Experiment, workers: int | None
) -> list[Result]:
    """``[work(item) for item in items]`` by threads; as many as cores, and as memory has room for."""
    return in_threads(work, items, setting.bytes_each(), workers)


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


def over_samples(
    work: Callable[[np.random.Generator], Any], key: tuple[object, ...], trials: int, bytes_each: int, workers: int | None
) -> np.ndarray:
    """``work(rng)`` of every trial, stacked; the numbers of a trial are keyed by ``key`` and its index."""

    def run(index: int) -> Any:
        return work(np.random.default_rng(np.random.SeedSequence(key_of(*key, index))))

    return np.array(in_threads(run, range(trials), bytes_each, workers))


def key_of(*parts: object) -> int:
    """Entropy for a SeedSequence from plain values that say what is computed."""
    text = "|".join(map(repr, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=32).digest(), "little")


def generator_of(stream: np.ndarray) -> np.random.Generator:
    """NumPy's generator, from the words of a stream."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(stream.tolist())))


def partly_flipped(pattern: np.ndarray, overlap: float, stream: np.ndarray) -> np.ndarray:
    """A copy with this overlap: a random fraction (1 − overlap)/2 of the spins is flipped."""
    spins = pattern.copy()
    spins[generator_of(stream).permutation(spins.size)[: round(spins.size * (1 - overlap) / 2)]] *= -1
    return spins
