"""Retrieval states followed down in temperature, against greedy descent from the pattern.

Descent at T = 0 stops in the first state that no flip lowers, which says where the dynamics gets stuck, not where
retrieval ends. A state that is cooled slowly from where it is in equilibrium, and then brought to rest, says more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np

from dammech.declared.states import Memory
from dammech.errors import InputError
from dammech.results.record import Record
from dammech.results.result import axes_of
from dammech.simulate.chain import TIES, Chain, drawn_patterns
from dammech.simulate.estimators import fraction_and_error, mean_and_error
from dammech.simulate.flips import FlipEnergy, flip_energy
from dammech.simulate.inputs import (
    check_effort,
    checked_count,
    checked_model,
    checked_numbers,
    checked_overlap,
    checked_patterns,
    checked_sizes,
    memory_of_trial,
)
from dammech.simulate.measure import RETRIEVED_ABOVE, Simulation
from dammech.simulate.trials import in_threads, key_of

_LONGEST_DESCENT = 10_000


@dataclass(frozen=True, repr=False)
class AnnealedPoint(Record):
    """One size and load: what is left of pattern 1 after cooling, and after greedy descent in the same pattern sets.

    Attributes
    ----------
    temperatures : tuple of float
        The schedule.
    cooling_m, cooling_m_error : tuple of float
        Mean overlap at each of them, over the later half of its sweeps.
    cooling_retained : tuple of float
        Fraction of trials where that overlap is above ``retained_above``.
    m, m_error, energy, energy_error : float
        Overlap and energy per spin at rest, after cooling.
    retained, retained_error : float
        Fraction of trials with m above ``retained_above`` at rest.
    greedy_m, greedy_energy, greedy_retained, … : float
        The same, of descent from the pattern itself.
    overlaps, greedy_overlaps : tuple of float
        Overlap at rest of every trial: its distribution.
    ties : str
        "keep": at rest a flip that costs nothing does not happen.
    converged : bool
        Whether every descent came to rest.
    """

    size: int
    load: float
    patterns: int
    temperatures: tuple[float, ...]
    sweeps: int
    cooling_m: tuple[float, ...]
    cooling_m_error: tuple[float | None, ...]
    cooling_retained: tuple[float, ...]
    m: float
    m_error: float | None
    energy: float
    energy_error: float | None
    retained: float
    retained_error: float
    greedy_m: float
    greedy_m_error: float | None
    greedy_energy: float
    greedy_energy_error: float | None
    greedy_retained: float
    greedy_retained_error: float
    retained_above: float
    trials: int
    seed: int
    overlaps: tuple[float, ...]
    greedy_overlaps: tuple[float, ...]
    ties: str
    converged: bool
    why: str | None


def anneal(
    model: Memory,
    *,
    load: float | Sequence[float],
    temperatures: Sequence[float],
    size: int | Sequence[int],
    sweeps: int = 50,
    trials: int = 50,
    seed: int = 0,
    retained_above: float = RETRIEVED_ABOVE,
    convention: str = "canonical",
    workers: int | None = None,
) -> Simulation[AnnealedPoint]:
    """Start on pattern 1, cool it along a schedule by heat bath, and bring it to the nearest local minimum.

    Parameters
    ----------
    model : HebbianDAM
        Up to order 10.
    load : float or sequence
        In units of ``convention``; P = round(α N^{p−1}).
    temperatures : sequence
        The schedule, from hot to cold, all > 0, in units of ``convention``; ``numpy.linspace`` and ``geomspace`` make
        one. The first should be one where retrieval is in equilibrium within ``sweeps``.
    size : int or sequence
        N. A point is made for every combination of size and load.
    sweeps : int
        At each temperature.
    trials : int
        Independent pattern sets, one cooling and one greedy descent from the pattern in each.
    seed : int
        Results depend on it and on the arguments, not on the number of threads. Pattern sets do not depend on the
        schedule.
    retained_above : float
        Overlap above which a pattern counts as retained.
    convention : str
        Units of loads, temperatures and energies, asked and answered.
    workers : int, optional
        Threads; the number of cores where not given.

    Returns
    -------
    Simulation
        A point for every size and load.

    Raises
    ------
    InputError
        For an argument out of range, or a schedule that warms up or reaches 0.

    Notes
    -----
    One waiting time does not tell a state from a slow decay: beyond the end of retrieval m falls with the logarithm of
    ``sweeps``, and more slowly at larger N. A state keeps its m as ``sweeps`` grows, up to escapes that grow rare with N.
    """
    model = checked_model(model)
    loads, schedule = checked_numbers("load", load), checked_numbers("temperatures", temperatures)
    if min(schedule) == 0 or any(after > before for before, after in pairwise(schedule)):
        raise InputError(f"temperatures={schedule}: must be > 0 and go from hot to cold")
    sizes, units = checked_sizes(size, model), model.convention(convention)
    sweeps, trials = checked_count("sweeps", sweeps), checked_count("trials", trials)
    seed, threshold = checked_count("seed", seed, least=0), checked_overlap(retained_above, "retained_above")
    workers = None if workers is None else checked_count("workers", workers)
    grid = [(n, checked_patterns(model, a * units.load, n)) for n, a in product(sizes, loads)]
    points = []
    for n, count in grid:
        check_effort(n, count, trials, sweeps * len(schedule))
        table = flip_energy(model, n, count)
        cooling = _Cooling(model, n, count, tuple(t * units.temperature for t in schedule), sweeps, seed, table)
        made = in_threads(cooling.trial, range(trials), memory_of_trial(n, count), workers)
        points.append(_point(cooling, schedule, made, threshold, units))
    return Simulation(model, units.name, tuple(points), grid=axes_of(size=size, load=load))


@dataclass(frozen=True)
class _Cooling:
    model: Memory
    size: int
    patterns: int
    temperatures: tuple[float, ...]
    sweeps: int
    seed: int
    table: FlipEnergy

    def trial(self, index: int) -> tuple[np.ndarray, tuple[float, float, bool], tuple[float, float, bool]]:
        """Overlaps while cooling, then (overlap, energy, whether it is at rest) after it and after greedy descent."""
        what = (self.seed, self.model.p, self.model.interaction, self.size, self.patterns, index)
        patterns = drawn_patterns(_stream("anneal patterns", *what), self.size, self.patterns)
        spins, stream = patterns[:, 0, 0], _stream("anneal motion", *what, self.temperatures, self.sweeps)
        greedy = self._rest(patterns, spins, _stream("anneal greedy", *what))
        overlaps = np.empty(len(self.temperatures))
        for k, temperature in enumerate(self.temperatures):
            chain = self._chain(patterns, spins, temperature, "glauber", stream)
            overlaps[k] = chain.run(self.sweeps).overlap[self.sweeps // 2 :].mean()
            spins = chain.spins
        return overlaps, self._rest(patterns, spins, stream), greedy

    def _rest(self, patterns: np.ndarray, spins: np.ndarray, stream: np.ndarray) -> tuple[float, float, bool]:
        series = self._chain(patterns, spins, 0.0, "zero-temperature", stream).run(_LONGEST_DESCENT)
        return float(series.overlap[-1]), float(series.energy[-1]), series.period == 1

    def _chain(
        self, patterns: np.ndarray, spins: np.ndarray, temperature: float, dynamics: str, stream: np.ndarray
    ) -> Chain:
        return Chain(self.model, patterns, spins, temperature, dynamics, stream, self.patterns, self.table)


def _stream(*what: object) -> np.ndarray:
    return np.random.SeedSequence(key_of(*what)).generate_state(4, np.uint64)


def _point(cooling: _Cooling, schedule: list[float], made: list[Any], threshold: float, units: Any) -> AnnealedPoint:
    model, n, count = cooling.model, cooling.size, cooling.patterns
    constant = (count - 1) * model.mean_pattern_energy(n) if model.p >= 3 else 0.0
    numbers: dict[str, Any] = {}
    for name, which in (("", 1), ("greedy_", 2)):
        m, energy, _ = np.array([trial[which] for trial in made]).T
        numbers[f"{name}m"], numbers[f"{name}m_error"] = mean_and_error(m)
        energy = (energy - constant) / n / units.energy
        numbers[f"{name}energy"], numbers[f"{name}energy_error"] = mean_and_error(energy)
        fraction = fraction_and_error(int((m > threshold).sum()), len(made))
        numbers[f"{name}retained"], numbers[f"{name}retained_error"] = fraction
        numbers[f"{name}overlaps"] = tuple(m.tolist())
    cooling_overlaps = np.array([trial[0] for trial in made])
    moving = sum(not (cooled[2] and greedy[2]) for _, cooled, greedy in made)
    cooled = [mean_and_error(column) for column in cooling_overlaps.T]
    return AnnealedPoint(
        size=n,
        load=count / float(n) ** (model.p - 1) / units.load,
        patterns=count,
        temperatures=tuple(schedule),
        sweeps=cooling.sweeps,
        cooling_m=tuple(m for m, _ in cooled),
        cooling_m_error=tuple(error for _, error in cooled),
        cooling_retained=tuple((cooling_overlaps > threshold).mean(axis=0).tolist()),
        retained_above=threshold,
        trials=len(made),
        seed=cooling.seed,
        ties=TIES["zero-temperature"],
        converged=not moving,
        why=f"{moving} of {len(made)} trials were not at rest after {_LONGEST_DESCENT} sweeps" if moving else None,
        **numbers,
    )
