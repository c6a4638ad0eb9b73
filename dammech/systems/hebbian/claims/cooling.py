"""Memories that start on a pattern and are cooled, one number per pattern set, for several waiting times in the same sets.

Since the waiting times share their pattern sets, what a longer one changes is known far better than the overlap itself.
And what the patterns' energy is above its mean, which is known exactly at every N, is taken off the overlap. Greedy
descent from the pattern, which keeps nearly everything at any load, is written down apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from dammech.simulate.chain import Chain
from dammech.simulate.estimators import fraction_and_error
from dammech.simulate.trials import Setting, Trial, key_of
from dammech.systems.hebbian.claims.chains import of_every_seed
from dammech.systems.pspin.claims.tempered import reduced
from dammech.validate.pooled import ratio_of
from dammech.validate.pooled import row as one_size

RETAINED_ABOVE = 0.6  # below the overlap of a state that exists, above that of one that was left
_LONGEST_DESCENT = 10_000


@dataclass(frozen=True)
class Cooling:
    """Pattern sets per seed at each size; sweeps at each temperature, shortest first; temperatures, hottest first."""

    sizes: tuple[int, ...]
    trials: tuple[int, ...]
    waiting: tuple[int, ...]
    schedule: tuple[float, ...]


@dataclass(frozen=True)
class Cooled:
    """One size, all seeds one after the other.

    Attributes
    ----------
    size, patterns : int
    load : float
        The realised one.
    overlap : ndarray, (sets, waiting times, temperatures)
        Mean over the later half of the sweeps.
    greedy : ndarray, (sets,)
        Overlap at rest after descent from the pattern.
    excess : ndarray, (sets,)
        Energy of the pattern less its exact mean, per spin.
    seed : ndarray, (sets,)
    """

    size: int
    patterns: int
    load: float
    overlap: np.ndarray
    greedy: np.ndarray
    excess: np.ndarray
    seed: np.ndarray

    def mean(self, wait: int, temperature: int) -> tuple[float, float]:
        """Overlap for a waiting time and temperature (their places), with its error over pattern sets."""
        return reduced(self.overlap[:, wait, temperature], self.excess)

    def ratio(self, over: tuple[int, int], under: tuple[int, int]) -> tuple[float, float]:
        """Mean overlap at (waiting time, temperature) over that at another in the same pattern sets."""
        known = partial(reduced, known=self.excess)
        return ratio_of(self.overlap[:, over[0], over[1]], self.overlap[:, under[0], under[1]], known)

    def of_seed(self, seed: int) -> Cooled:
        """The part of one seed."""
        mine = self.seed == seed
        arrays = {name: getattr(self, name)[mine] for name in ("overlap", "greedy", "excess", "seed")}
        return replace(self, **arrays)

    def kept(self, wait: int) -> tuple[float, float]:
        """Fraction of the sets whose overlap stays to the end of the cooling, and its error, which is never 0."""
        kept = int((self.overlap[:, wait, -1] > RETAINED_ABOVE).sum())
        return fraction_and_error(kept, len(self.overlap))


@lru_cache(maxsize=64)
def cooled(
    order: int, interaction: str, load: float, size: int, trials: int, waiting: tuple[int, ...],
    schedule: tuple[float, ...], seeds: tuple[int, ...],
) -> Cooled:  # fmt: skip
    """``trials`` pattern sets for each seed, each cooled once for every waiting time."""
    cool = partial(_cool, waiting=waiting, schedule=schedule)
    model, count, made = of_every_seed(cool, order, interaction, load, schedule[0], size, trials, seeds)
    expected = model.pattern_energy(size)[-1] + (count - 1) * model.mean_pattern_energy(size)
    return Cooled(
        size,
        count,
        count / float(size) ** (model.p - 1),
        np.array([m for m, _, _ in made]),
        np.array([m for _, m, _ in made]),
        (np.array([e for _, _, e in made]) - expected) / size,
        np.repeat(seeds, trials),
    )


def all_sizes(parameters: Any, plan: Cooling, seeds: tuple[int, ...], load: float | None = None) -> list[Cooled]:
    """Every size of a plan at the load of a claim, or at another."""
    point = (parameters["order"], parameters["interaction"], parameters["load"] if load is None else load)
    return [
        cooled(*point, size, trials, plan.waiting, plan.schedule, seeds)
        for size, trials in zip(plan.sizes, plan.trials)
    ]


def row(found: Cooled, plan: Cooling, measured: Callable[[Cooled], tuple[float, float]]) -> dict[str, Any]:
    """One size of a report, with what every waiting time gave and what every seed gave."""
    greedy, greedy_error = reduced(found.greedy, found.excess)
    times = {
        str(sweeps): dict(zip(("m", "error"), found.mean(k, -1))) | {"retained": found.kept(k)[0]}
        for k, sweeps in enumerate(plan.waiting)
    }
    return one_size(
        found.size, *measured(found), {s: measured(found.of_seed(s)) for s in np.unique(found.seed)},
        patterns=found.patterns, load=found.load, trials=found.seed.size, sweeps=plan.waiting[-1], by_waiting_time=times,
        greedy_m=greedy, greedy_m_error=greedy_error,
    )  # fmt: skip


def _cool(trial: Trial, waiting: tuple[int, ...], schedule: tuple[float, ...]) -> tuple[np.ndarray, float, float]:
    first, s = trial.chain(), trial.setting
    start, energy = first.spins.copy(), first.energy()

    def chain(spins: np.ndarray, temperature: float, dynamics: str, stream: np.ndarray) -> Chain:
        return Chain(s.model, first.patterns, spins, temperature, dynamics, stream, s.patterns, s.table)

    overlaps = np.empty((len(waiting), len(schedule)))
    for k, sweeps in enumerate(waiting):
        spins, stream = start, _stream(s, trial.index, sweeps, schedule)
        for j, temperature in enumerate(schedule):
            moving = chain(spins, temperature, "glauber", stream)
            overlaps[k, j] = moving.run(sweeps).overlap[sweeps // 2 :].mean()
            spins = moving.spins
    descent = chain(start, 0.0, "zero-temperature", _stream(s, trial.index, 0, ())).run(_LONGEST_DESCENT)
    return overlaps, float(descent.overlap[-1]), energy


def _stream(s: Setting, index: int, sweeps: int, schedule: tuple[float, ...]) -> np.ndarray:
    key = key_of("cooling", s.seed, s.model.p, s.model.interaction, s.size, s.patterns, index, sweeps, schedule)
    return np.random.SeedSequence(key).generate_state(4, np.uint64)
