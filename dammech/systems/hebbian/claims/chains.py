"""Chains that start on a pattern or near it: overlap and energy of each, over independent pattern sets, at one size.

They are the chains of ``simulate`` (same keys, same random numbers), kept one by one, so that what varies from one
pattern set to the next can be measured on the pattern and taken off: its energy, and the mean square of what its flips cost,
have exact means over the others at every N. Energies are given in units that make the pattern's own energy −1/p
per spin at every N, as it is at N → ∞ (with distinct indices it is smaller by a factor (1 − 1/N)(1 − 2/N)…). A second chain
in the same patterns gives the overlap of two replicas. What chains say that have left the state at their end is not used.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from dammech.exact.bit_error import exact_table
from dammech.exact.enumeration import binomial
from dammech.simulate.chain import Chain
from dammech.simulate.flips import flip_energy
from dammech.simulate.trials import Setting, Trial, over_trials, partly_flipped
from dammech.systems.hebbian.model import HebbianDAM
from dammech.validate.claim import Estimate, Parameters
from dammech.validate.pooled import mean_of, ratio_of, reduced, row_of_sets
from dammech.validate.sizes import Plan, Powers, limit

SWEEPS, EQUILIBRATION = 60, 60
#: below the overlap of the state up to the fold, and above what is left of one that is lost; of the last sweeps
LOST_BELOW, LAST = 0.6, 12
MOST_LOST = 0.1
_REPLICA = 1_000_003
_STRIDE = 2


@dataclass(frozen=True)
class Chains:
    """What the chains of one size gave, one number per pattern set; all seeds one after the other.

    Attributes
    ----------
    size, patterns : int
    load : float
        The realised one.
    overlap, energy : ndarray
        Means over the measured sweeps; the energy per spin, corrected as the module says.
    replicas : ndarray or None
        Mean overlap of two chains in the same patterns.
    known : ndarray, (sets, 2)
        What is measured on the pattern, less its exact mean.
    kept : ndarray of bool
        Whether the chain is in the state at its end.
    seed : ndarray
        The seed of each entry.
    drift : dict
        Of overlap and energy, in their units, from the first to the second half of the measured sweeps, with errors.
    """

    size: int
    patterns: int
    load: float
    overlap: np.ndarray
    energy: np.ndarray
    replicas: np.ndarray | None
    known: np.ndarray
    kept: np.ndarray
    seed: np.ndarray
    drift: dict[str, tuple[float, float]]


def overlap(parameters: Parameters, plan: Plan, seeds: tuple[int, ...], powers: Powers = (1.0,)) -> Estimate:
    """m of the state that a chain is in when it starts on a pattern."""
    return _measured(lambda c: averaged(c, c.overlap), "overlap", parameters, plan, seeds, powers=powers)


def energy(parameters: Parameters, plan: Plan, seeds: tuple[int, ...], start: float = 1.0) -> Estimate:
    """Energy per spin of that state."""
    return _measured(lambda c: averaged(c, c.energy), "energy", parameters, plan, seeds, start)


def overlap_ratio(parameters: Parameters, plan: Plan, seeds: tuple[int, ...], start: float) -> Estimate:
    """m/q: the overlap with the pattern over that of two replicas."""
    return _measured(lambda c: ratio(c, c.overlap, np.asarray(c.replicas)), "overlap", parameters, plan, seeds, start)


@lru_cache(maxsize=128)
def chains(
    order: int, interaction: str, load: float, temperature: float, size: int, trials: int, seeds: tuple[int, ...],
    start: float = 1.0,
) -> Chains:  # fmt: skip
    """``trials`` pattern sets for each seed, two replicas where they ``start`` off the pattern. Several claims look at them."""
    run = _single if start == 1 else partial(_pair, overlap=start)
    model, count, runs = of_every_seed(run, order, interaction, load, temperature, size, trials, seeds)
    overlaps, energies = (np.array([found[k] for found in runs]) for k in (0, 1))
    alone = model.pattern_energy(size)[-1]
    others = (count - 1) * model.mean_pattern_energy(size)
    known = np.array([found[2] for found in runs]) - _on_average(model, size, count)
    kept = overlaps[:, -LAST:].mean(axis=1) > LOST_BELOW
    scaled = {"overlap": overlaps, "energy": energies / (-model.p * alone)}
    halves = {name: [part.mean(axis=1) for part in np.split(made[kept], 2, axis=1)] for name, made in scaled.items()}
    return Chains(
        size,
        count,
        count / float(size) ** (model.p - 1),
        overlaps.mean(axis=1),
        (energies.mean(axis=1) - (others if model.p >= 3 else 0.0)) / (-model.p * alone),
        None if start == 1 else np.array([np.mean(found[3]) for found in runs]),
        known,
        kept,
        np.repeat(seeds, trials),
        {name: mean_of(late - early) for name, (early, late) in halves.items()},
    )


def _on_pattern(chain: Chain) -> tuple[float, float]:
    return chain.energy() / chain.spins.size, float((chain.flip_energies() ** 2).mean())


def _on_average(model: HebbianDAM, size: int, count: int) -> np.ndarray:
    """What `_on_pattern` gives on average: costs are D + Σ s v(K) of fair signs s and of the sum K of size − 1 others."""
    table = np.array([float(x) for x in exact_table(model, size)])
    own, square = table[-2] - table[-1], binomial(size - 1) @ np.diff(table) ** 2
    others = (count - 1) * model.mean_pattern_energy(size)
    return np.array([(table[-1] + others) / size, own**2 + (count - 1) * square])


def of_every_seed(
    run: Callable[[Trial], Any], order: int, interaction: str, load: float, temperature: float, size: int, trials: int,
    seeds: tuple[int, ...],
) -> tuple[HebbianDAM, int, list[Any]]:  # fmt: skip
    """The memory, how many patterns it has, and what a run gave on ``trials`` pattern sets for each seed."""
    model = HebbianDAM(order=order, interaction=interaction)
    count = model.patterns_for(load, size)
    table = flip_energy(model, size, count)
    settings = [Setting(model, size, count, float(temperature), "glauber", 1.0, seed, table) for seed in seeds]
    runs = [found for s in settings for found in over_trials(run, [Trial(s, k) for k in range(trials)], s, None)]
    return model, count, runs


def averaged(chain: Chains, values: np.ndarray) -> dict[str, Any]:
    """The mean of one number per pattern set, and its error; seed by seed as well."""
    return _row(chain, lambda sets: reduced(values[sets], chain.known[sets]))


def ratio(chain: Chains, upper: np.ndarray, lower: np.ndarray) -> dict[str, Any]:
    """The ratio of two means over the same pattern sets; its error to first order in their deviations."""
    return _row(chain, lambda sets: ratio_of(upper[sets], lower[sets], partial(reduced, known=chain.known[sets])))


def _row(chain: Chains, measured: Callable[[np.ndarray], tuple[float, float]]) -> dict[str, Any]:
    return row_of_sets(
        chain.size, chain.seed, lambda sets: measured(sets & chain.kept), patterns=chain.patterns, load=chain.load,
        sweeps=SWEEPS, equilibration=EQUILIBRATION, retrieved=float(chain.kept.mean()),
    )  # fmt: skip


def _single(trial: Trial) -> tuple[np.ndarray, np.ndarray, tuple[float, ...], None]:
    chain = trial.chain()
    known = _on_pattern(chain)
    series = chain.run(EQUILIBRATION + SWEEPS)
    return series.overlap[EQUILIBRATION:], series.energy[EQUILIBRATION:], known, None


def _pair(trial: Trial, overlap: float) -> tuple[np.ndarray, np.ndarray, tuple[float, ...], np.ndarray]:
    on, s = trial.chain(), trial.setting
    known, two = _on_pattern(on), []
    for k in range(2):
        stream = np.random.SeedSequence([_REPLICA + k, s.seed, trial.index, s.size]).generate_state(8, np.uint64)
        spins = partly_flipped(on.spins, overlap, stream[:4])
        two.append(Chain(s.model, on.patterns, spins, s.temperature, s.dynamics, stream[4:].copy(), s.patterns, s.table))
        two[k].run(EQUILIBRATION)
    made, shared = [], []
    for _ in range(SWEEPS // _STRIDE):
        made.append([chain.run(_STRIDE) for chain in two])
        shared.append(float(np.mean(two[0].spins * two[1].spins.astype(np.int64))))
    overlaps = np.concatenate([(one.overlap + other.overlap) / 2 for one, other in made])
    energies = np.concatenate([(one.energy + other.energy) / 2 for one, other in made])
    return overlaps, energies, known, np.array(shared)


def _measured(
    row: Callable[[Chains], dict[str, Any]], quantity: str, parameters: Parameters, plan: Plan, seeds: tuple[int, ...],
    start: float = 1.0, powers: Powers = (1.0,),
) -> Estimate:  # fmt: skip
    point = (parameters["order"], parameters["interaction"], parameters["load"], parameters["temperature"])
    found = [chains(*point, size, trials, seeds, start) for size, trials in zip(plan.sizes, plan.trials)]
    return settled(list(map(row, found)), found[-1].kept, found[-1].drift[quantity], powers)


def settled(
    rows: list[dict[str, Any]], kept: np.ndarray, drift: tuple[float, float], powers: Powers = (1.0,)
) -> Estimate:  # fmt: skip
    """The limit of what was measured in a state, of which chains at the largest size leave few, and with little drift."""
    lost = 1 - kept.mean()
    problems = [f"{lost:.0%} of the chains left the state at the largest size"] if lost > MOST_LOST else []
    waiting = math.sqrt(max(drift[0] ** 2 - drift[1] ** 2, 0.0))
    others = {"a power larger by a third": (*powers[:-1], 4 / 3 * powers[-1])}
    return limit(rows, powers, others, problems, {"waiting time": waiting})
