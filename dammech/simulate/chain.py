"""One Markov chain of spins against one set of patterns: the state, its exact bookkeeping, and its sweeps.

The compiled kernels are imported when a chain is made, not when this module is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dammech.declared.states import Memory
from dammech.errors import InputError, finite, one_of, shown
from dammech.simulate.flips import EXACT_INTEGERS_SINGLE, FlipEnergy, flip_energy

_ROUNDING = 1e-13  # of Σ_μ |Λ_μ B(M_μ)|: flip energies below are ties
TIES = {"glauber": "coin", "metropolis": "flip", "zero-temperature": "keep", "parallel": "keep"}  # at T = 0
DYNAMICS = tuple(TIES)


@dataclass
class Series:
    """What a chain wrote down after each sweep.

    Attributes
    ----------
    overlap : ndarray, (sweeps,)
        m with the first pattern.
    energy : ndarray, (sweeps,)
        Energy of the state in canonical units, all patterns and constants included (not per spin).
    flips : int
        Accepted flips.
    period : int or None
        1 where a zero-temperature run ended in a state in which no spin flips, more where it ended in a cycle of that
        many synchronous steps (either may be shorter than asked for); None where neither was seen.
    downhill : bool
        False where a sequential run at zero temperature ended in a state whose energy no flip lowers.
    """

    overlap: np.ndarray
    energy: np.ndarray
    flips: int
    period: int | None = None
    downhill: bool = True

    def lasting(self, sweeps: int) -> np.ndarray:
        """The overlap after each of so many sweeps: of a run that ended in a state or a cycle, that goes on."""
        after = np.arange(sweeps) - self.overlap.size
        return self.overlap[np.where(after < 0, after, after % (self.period or 1) - (self.period or 1))]


def signs(name: str, values: Any, dimensions: int) -> np.ndarray:
    """Spins as a fresh array of int8, if they are all +1 or −1."""
    try:
        array = np.array(values)
    except ValueError:  # ragged lists
        array = np.array(None)
    if array.ndim != dimensions or not array.size or array.dtype.kind not in "iuf" or not (abs(array) == 1).all():
        shape = "(N,)" if dimensions == 1 else "(P, N)"
        raise InputError(f"{name}={shown(values)}: must be an array {shape} of +1 and -1")
    return array.astype(np.int8)


class SpinChain:
    """What chains of ±1 have in common: synchronous steps, and how a run at zero temperature ends."""

    spins: np.ndarray
    temperature: float
    dynamics: str
    stream: np.ndarray
    cold: bool  # whether the rule is that of T = 0
    flip_energies: Callable[[], np.ndarray]
    overlap: Callable[[], float]
    energy: Callable[[], float]
    _sequential: Callable[[int], Series]
    _prepare: Callable[[], None]  # after spins have changed

    @property
    def tie(self) -> float:
        """Costs of this size, and smaller ones, count as zero at zero temperature."""
        raise NotImplementedError

    def run(self, sweeps: int) -> Series:
        """Sweep (N visits, or one synchronous step) ``sweeps`` times; zero temperature stops at rest or in a cycle."""
        if self.dynamics == "parallel":
            return self._parallel(sweeps)
        series = self._sequential(sweeps)
        if self.cold and series.overlap.size < sweeps:  # it ended early, every spin having stayed
            series.downhill, series.period = False, 1
        elif self.cold:
            cost = self.flip_energies()
            series.downhill = bool((cost < -self.tie).any())
            tied = TIES[self.dynamics] != "keep"
            series.period = None if series.downhill or (tied and (cost <= self.tie).any()) else 1
        return series

    def _check(self) -> None:
        check_motion(self.temperature, self.dynamics, self.stream, DYNAMICS)
        self.cold = self.temperature == 0 or self.dynamics == "zero-temperature"

    def _rule(self) -> int:
        """The kernels' number of the rule by which spins flip."""
        from dammech.simulate import kernels

        rules = {"glauber": (kernels.GLAUBER, kernels.COLD_GLAUBER), "metropolis": (kernels.METROPOLIS, kernels.COLD_METROPOLIS)}
        return int(rules.get(self.dynamics, (kernels.GLAUBER, kernels.ZERO_TEMPERATURE))[self.cold])

    def _parallel(self, sweeps: int) -> Series:
        from dammech.simulate import kernels

        overlap, energy = np.empty(sweeps), np.empty(sweeps)
        order, uniforms = np.empty(self.spins.size, np.int64), np.empty(self.spins.size)
        flips, done, period = 0, 0, None
        seen = {self.spins.tobytes(): 0}
        while done < sweeps and period is None:
            cost = self.flip_energies()
            if self.cold:
                flipped = cost < -self.tie
            else:
                kernels.draw_sweep(self.stream, order, uniforms)
                flipped = uniforms < 0.5 * (1 - np.tanh(cost / (2 * self.temperature)))
            self.spins[flipped] *= -1
            self._prepare()
            overlap[done], energy[done] = self.overlap(), self.energy()
            flips += int(flipped.sum())
            done += 1
            if self.cold:  # what follows a state is always the same
                before = seen.setdefault(self.spins.tobytes(), done)
                period = done - before or None
        if self.cold and period is None and not (self.flip_energies() < -self.tie).any():
            period = 1
        return Series(overlap[:done], energy[:done], flips, period)


@dataclass
class Chain(SpinChain):
    """Spins that move among patterns at one temperature.

    Parameters
    ----------
    model : HebbianDAM
    patterns : ndarray of int8, (P, N), of ±1
        Or the packed layout of ``packed_patterns`` with ``count`` given.
    spins : ndarray, (N,), of ±1
        The start; copied.
    temperature : float
        Canonical units.
    dynamics : str
        "glauber", "metropolis", "zero-temperature" or "parallel". At T = 0 a flip that costs nothing happens half of the
        time, always, never and never.
    stream : ndarray of uint64, (4,)
        State of the random generator, not all zero; changed in place.
    table : FlipEnergy, optional
        Flip energies, if already made for this model, size and number of patterns.
    weights : ndarray, (P,), optional
        Λ_μ that multiply the energies of the patterns; all 1 where not given. With weights the arithmetic is that of
        double precision, not of integers.
    """

    model: Memory
    patterns: np.ndarray
    spins: np.ndarray
    temperature: float
    dynamics: str
    stream: np.ndarray
    count: int | None = None
    table: FlipEnergy | None = None
    double: bool = False
    weights: np.ndarray | None = None
    _state: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._check()
        self.spins = signs("spins", self.spins, 1)
        if self.count is None:
            self.patterns = signs("patterns", self.patterns, 2)
            if self.patterns.shape[1] != self.spins.size:
                raise InputError(f"patterns: have {self.patterns.shape[1]} spins each, and the state has {self.spins.size}")
            self.count = len(self.patterns)
            self.patterns = packed_patterns(self.patterns)
        if self.table is None:
            self.table = flip_energy(self.model, self.spins.size, self.count)
        self.cold = self.cold or self.temperature / self.table.unit == 0
        self._prepare()

    def _sequential(self, sweeps: int) -> Series:
        from dammech.simulate import kernels

        saved = self.spins.copy(), self.stream.copy()
        sums, gains = np.empty(sweeps, np.int64), np.empty(sweeps)
        s = self._state
        done, flips = kernels.run(
            self.patterns, self.spins, s["overlaps"], s["field"], s["c"], s["near"], self._table.floor, s["table"],
            s["weights"], s["ledger"],
            self.stream, s["temperature"], s["rule"], s["tie"], s["limit"], sums, gains,
        )  # fmt: skip
        if done < 0:  # single precision was no longer exact: the same sweeps again in double precision
            self.spins[:], self.stream[:] = saved
            self.double = True
            self._prepare()
            return self._sequential(sweeps)
        energy = s["start"] + gains[:done] * self._table.unit
        return Series(sums[:done] / self.spins.size, energy, int(flips))

    def flip_energies(self) -> np.ndarray:
        """Energy cost of flipping each spin, (N,), canonical units."""
        from dammech.simulate import kernels

        dots = np.empty(self.spins.size)
        kernels.all_dots(self.patterns, self._state["field"], dots)
        return (self._state["ledger"][0] + self.spins * dots) * self._table.unit

    def overlap(self) -> float:
        return float(self._state["overlaps"][0, 0] / self.spins.size)

    def energy(self) -> float:
        """Energy of the state in canonical units, from the table of the model, afresh."""
        return self._total(self._table.energy, self._state["overlaps"])

    @property
    def tie(self) -> float:
        return float(self._state["tie"] * self._table.unit)

    @property
    def _table(self) -> FlipEnergy:
        assert self.table is not None
        return self.table

    def _prepare(self) -> None:
        from dammech.simulate import kernels

        table, count = self._table, self.count
        assert count is not None
        overlaps = np.empty(self.patterns.shape[1:], np.int16)
        values = np.empty(overlaps.shape)
        kernels.prepare(self.patterns, self.spins, overlaps, values, table.field, count)
        weights = self._padded_weights(overlaps.shape)
        if weights.size:
            values *= weights
        padding = overlaps.size - count
        blocks = np.abs(values).sum(axis=1) + padding * abs(float(table.coefficients[0]))
        single = table.exact and not self.double and not weights.size and blocks.max() < EXACT_INTEGERS_SINGLE
        limit = EXACT_INTEGERS_SINGLE if single else np.inf  # in double precision the margin of flip_energy holds
        dtype = np.float32 if single and table.single else np.float64
        largest = float(np.abs(self.weights).max()) if weights.size and self.weights is not None else 1.0
        polynomial = table.exact and (not weights.size or (not table.coefficients[4:].any() and table.floor < -1))
        self._state = {
            "overlaps": overlaps,
            "field": values.astype(np.float32) if single else values,
            "c": table.coefficients.astype(dtype),
            "near": table.near.astype(dtype),
            "table": np.empty(0) if polynomial else table.field,
            "weights": weights,
            "ledger": np.array([self._total(table.shift, overlaps), 0.0, 0.0]),
            "temperature": 1.0 if self.cold else self.temperature / table.unit,
            "rule": self._rule(),
            "tie": largest * table.energy_error / table.unit + (_ROUNDING * blocks.sum() if weights.size else 0.0),
            "limit": limit,
        }
        self._state["start"] = self.energy()

    def _total(self, table: np.ndarray, overlaps: np.ndarray) -> float:
        """Σ_μ Λ_μ table(M_μ)."""
        from dammech.simulate import kernels

        assert self.count is not None
        if self.weights is None:
            return float(kernels.table_sum(overlaps, table, self.spins.size, self.count))
        return float(self.weights @ table[(overlaps.ravel()[: self.count].astype(np.int64) + self.spins.size) >> 1])

    def _padded_weights(self, shape: tuple[int, ...]) -> np.ndarray:
        """The weights in the kernels' layout; empty where patterns have none."""
        if self.weights is None:
            return np.empty((0, 0))
        self.weights = np.asarray(self.weights, dtype=float)
        if self.weights.shape != (self.count,) or not np.isfinite(self.weights).all():
            raise InputError(f"weights of shape {self.weights.shape}: must be {self.count} finite numbers, one a pattern")
        padded = np.zeros(math.prod(shape))
        padded[: self.count] = self.weights
        return padded.reshape(shape)


def check_motion(temperature: Any, dynamics: Any, stream: Any, allowed: Iterable[str]) -> None:
    """Refuse what no chain moves by."""
    one_of("dynamics", dynamics, allowed)
    finite("temperature", temperature)
    if not (isinstance(stream, np.ndarray) and stream.dtype == np.uint64 and stream.shape == (4,) and stream.any()):
        raise InputError(f"stream={shown(stream)}: must be four numbers of 64 bits (uint64) that are not all zero")


def tie_rule(dynamics: str, temperature: float) -> str | None:
    """What a flip that costs nothing does at T = 0: "keep", "coin" or "flip"; None above."""
    return None if temperature else TIES[dynamics]


def packed_patterns(patterns: np.ndarray) -> np.ndarray:
    """The kernels' layout (N, blocks, length) int8, zero-padded, of patterns (P, N)."""
    from dammech.simulate import kernels

    count, size = patterns.shape
    blocks, length = kernels.blocks_for(count)
    flat = np.zeros((size, blocks * length), np.int8)
    flat[:, :count] = patterns.T
    return flat.reshape(size, blocks, length)


def drawn_patterns(stream: np.ndarray, size: int, count: int) -> np.ndarray:
    """P = ``count`` fair random patterns of N = ``size`` signs in the kernels' layout; ``stream`` moves on."""
    from dammech.simulate import kernels

    patterns = np.empty((size, *kernels.blocks_for(count)), np.int8)
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(np.int8)
    signs = np.ascontiguousarray(2 * bits - 1).view(np.uint64).ravel()
    kernels.random_patterns(stream, patterns, patterns.view(np.uint64), signs, count)
    return patterns
