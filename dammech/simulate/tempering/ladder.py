"""One sample of the disorder with its two sets of replicas on a ladder of temperatures, run from start to end.

The disorder is keyed by (seed, model, N, P, sample), so that it is the same on every ladder; the motion by the ladder
and the start as well. Time is cut into bins that double: (S/2, S], (S/4, S/2], and so on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from dammech.declared.states import Memory, Model
from dammech.simulate.chain import Chain, drawn_patterns
from dammech.simulate.flips import FlipEnergy
from dammech.simulate.trials import generator_of, key_of

BINS = 4
SETS = 2


@dataclass(frozen=True)
class Plan:
    """What all samples of a run have in common; temperatures in canonical units, coldest first."""

    model: Any
    size: int
    patterns: int | None
    temperatures: tuple[float, ...]
    sweeps: int
    seed: int
    start: str
    table: FlipEnergy | None

    def bins(self) -> list[int]:
        """Sweeps in each bin of time, the last bin the longer half of all."""
        edges = [0, *(self.sweeps >> k for k in reversed(range(BINS)))]
        return [after - before for before, after in pairwise(edges)]


@dataclass(frozen=True)
class Sample:
    """What one sample gave.

    Attributes
    ----------
    energies : ndarray, (bins, 2, T)
        Mean energy (canonical, not per spin) in each bin of time, of each set, at each temperature.
    overlaps : ndarray of int, (bins, T, N+1)
        How often the two sets had overlap q = −1, −1 + 2/N, …, 1.
    marks : ndarray of int, (bins, 2, T, N+1)
        The same for the overlap with pattern 1; empty for glasses.
    swaps : ndarray, (T−1,)
        Fraction of accepted swaps between neighbours in the last bin.
    trips : ndarray of int, (2, T)
        Round trips of each replica, from one end of the ladder to the other and back.
    lowest, spins : float, ndarray of int8, (N,)
        The lowest energy seen after a sweep, and its state.
    excess : float
        Σ J² over its mean, less one, for glasses; 0 for memories.
    """

    energies: np.ndarray
    overlaps: np.ndarray
    marks: np.ndarray
    swaps: np.ndarray
    trips: np.ndarray
    lowest: float
    spins: np.ndarray
    excess: float


def glass_couplings(model: Model, size: int, seed: int, sample: int) -> tuple[np.ndarray, float]:
    """Gaussian couplings (C(N, p),) as integers, and their unit: their variance is p!/(2 N^{p−1}).

    The unit is a power of two, small enough to be nothing against the width (1e-4 of it or less) and large enough for
    sums of N couplings to be exact in single precision.
    """
    generator = np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(key_of("couplings", seed, model.p, size, sample)))
    )
    width = math.sqrt(math.factorial(model.p) / (2 * float(size) ** (model.p - 1)))
    values = generator.normal(0.0, width, size=math.comb(size, model.p))
    bound = float(np.abs(values).max())
    if model.p == 3:
        bound = float(np.abs(_dense(values, size, 3)).sum(axis=1).max())
    unit = 2.0 ** (math.ceil(math.log2(bound)) - 23)
    return np.rint(values / unit), unit


def memory_patterns(model: Memory, size: int, count: int, seed: int, sample: int) -> np.ndarray:
    """Fair random patterns in the layout of the kernels."""
    entropy = key_of("patterns", seed, model.p, model.interaction, size, count, sample)
    return drawn_patterns(np.random.SeedSequence(entropy).generate_state(4, np.uint64), size, count)


def run_sample(plan: Plan, index: int) -> Sample:
    """Sample number ``index`` from its start to its end."""
    if plan.patterns is None:
        couplings, unit = glass_couplings(plan.model, plan.size, plan.seed, index)
        return run_glass(plan, couplings, unit, *_starts(plan, index, None))
    patterns = memory_patterns(plan.model, plan.size, plan.patterns, plan.seed, index)
    starts = _starts(plan, index, patterns[:, 0, 0])
    return run_memory(plan, patterns, *starts, double=False) or run_memory(plan, patterns, *starts, double=True)  # type: ignore[return-value]


def run_glass(plan: Plan, couplings: np.ndarray, unit: float, spins: np.ndarray, streams: np.ndarray) -> Sample:
    """Glass of couplings (C(N, p),), integers in ``unit``, from ``spins`` (2, T, N); streams as ``_starts`` gives."""
    from dammech.simulate.tempering import kernels

    p, size = plan.model.p, plan.size
    dense = _dense(couplings, size, p).astype(np.float32)
    moving = spins.astype(np.float32)
    wide = dense.astype(np.float64)
    if p == 2:
        fields = np.einsum("iaj,stj->sti", wide, spins)
    else:
        fields = np.einsum("ijk,stj,stk->sti", wide, spins, spins, optimize=True) / 2
    energies = -(fields * spins).sum(axis=2) / p

    def advance(book: _Book, begun: int, sweeps: int) -> bool:
        kernels.advance_glass(
            dense, moving, fields, energies, book.at, book.streams, book.swapping, unit / book.temperatures, book.tried,
            book.made, book.last_end, book.trips, book.levels, book.overlaps, book.lowest, book.best, begun, sweeps,
        )  # fmt: skip
        return True

    squares = float((couplings**2).sum()) * unit**2
    mean_squares = couplings.size * math.factorial(p) / (2 * float(size) ** (p - 1))
    sample = _run(plan, streams, advance, unit, squares / mean_squares - 1)
    assert sample is not None
    return sample


def run_memory(
    plan: Plan, patterns: np.ndarray, spins: np.ndarray, streams: np.ndarray, double: bool
) -> Sample | None:
    """Memory of patterns in the kernels' layout; None where single precision was not exact."""
    from dammech.simulate.tempering import kernels

    assert plan.table is not None
    table, shape = plan.table, spins.shape[:2]
    chains = [
        Chain(plan.model, patterns, start, 1.0, "metropolis", np.ones(4, np.uint64), plan.patterns, table, double)
        for start in spins.reshape(-1, plan.size)
    ]
    states = [chain._state for chain in chains]
    if not double and any(state["field"].dtype != np.float32 for state in states):
        return None
    totals, fields = (np.array([s[k] for s in states]).reshape(*shape, *patterns.shape[1:]) for k in ("overlaps", "field"))
    ledgers = np.array([s["ledger"] for s in states]).reshape(*shape, 3)
    starts = np.array([s["start"] for s in states]).reshape(shape)
    energies, moving, one = starts.copy(), spins.astype(np.int8), states[0]

    def advance(book: _Book, begun: int, sweeps: int) -> bool:
        done = kernels.advance_memory(
            patterns, moving, totals, fields, one["c"], one["near"], table.floor, one["table"], ledgers, starts,
            table.unit, one["limit"], energies, book.at, book.streams, book.swapping, 1 / book.temperatures, book.tried,
            book.made, book.last_end, book.trips, book.levels, book.overlaps, book.marks, book.lowest, book.best, begun,
            sweeps,
        )  # fmt: skip
        return bool(done)

    return _run(plan, streams, advance, 1.0, 0.0)


class _Book:
    """Who stands where, and what has been counted since the last bin began."""

    def __init__(self, plan: Plan, streams: np.ndarray) -> None:
        count, size = len(plan.temperatures), plan.size
        self.temperatures = np.array(plan.temperatures)
        self.at = np.tile(np.arange(count), (SETS, 1))
        self.streams, self.swapping = streams[:, :-1].copy(), streams[:, -1].copy()
        self.last_end, self.trips = np.zeros((2, SETS, count), np.int64)
        self.lowest, self.best = np.array([np.inf]), np.zeros(size, np.int8)
        self.tried, self.made = np.zeros((2, SETS, count - 1), np.int64)
        self.levels = np.zeros((SETS, count))
        self.overlaps = np.zeros((count, size + 1), np.int64)
        self.marks = np.zeros((SETS, count, size + 1), np.int64)

    def clear(self) -> None:
        for counts in (self.tried, self.made, self.levels, self.overlaps, self.marks):
            counts[...] = 0


def _run(
    plan: Plan, streams: np.ndarray, advance: Callable[[_Book, int, int], bool], unit: float, excess: float
) -> Sample | None:
    book, begun = _Book(plan, streams), 0
    energies, overlaps, marks = [], [], []
    for sweeps in plan.bins():
        book.clear()
        if not advance(book, begun, sweeps):
            return None
        begun += sweeps
        energies.append(book.levels * unit / max(sweeps, 1))
        overlaps.append(book.overlaps.copy())
        marks.append(book.marks.copy())
    return Sample(
        energies=np.array(energies),
        overlaps=np.array(overlaps),
        marks=np.empty(0) if plan.patterns is None else np.array(marks),
        swaps=book.made.sum(axis=0) / np.maximum(book.tried.sum(axis=0), 1),
        trips=book.trips // 2,
        lowest=float(book.lowest[0]) * unit,
        spins=book.best,
        excess=excess,
    )


def _starts(plan: Plan, index: int, pattern: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Spins (2, T, N) and states of the random generators (2, T+1, 4), the last for the swaps."""
    count = len(plan.temperatures)
    model: Any = plan.model.to_json()
    words = np.random.SeedSequence(
        key_of("motion", plan.seed, model, plan.size, plan.patterns, plan.temperatures, plan.start, index)
    ).generate_state(SETS * (count + 1) * 4 + 4, np.uint64)
    generator = generator_of(words[-4:])
    spins = generator.choice(np.array([-1, 1], np.int8), size=(SETS, count, plan.size))
    if pattern is not None and plan.start in ("pattern", "both"):
        spins[1 if plan.start == "both" else slice(None)] = pattern
    return spins, words[:-4].reshape(SETS, count + 1, 4)


def _dense(values: np.ndarray, size: int, order: int) -> np.ndarray:
    """The symmetric array of one value per index set: (N, 1, N) for pairs, (N, N, N) for triples."""
    dense = np.zeros((size,) * order)
    sites = np.array(list(combinations(range(size), order)), dtype=np.int64).T
    pairs = ((0, 1), (1, 0)) if order == 2 else ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    for order_of_sites in pairs:
        dense[tuple(sites[k] for k in order_of_sites)] = values
    return dense[:, None, :] if order == 2 else dense


def unpacked(patterns: np.ndarray, count: int) -> np.ndarray:
    """Patterns (P, N) of ±1 from the kernels' layout; the inverse of ``packed_patterns``."""
    return np.ascontiguousarray(patterns.reshape(patterns.shape[0], -1)[:, :count].T)
