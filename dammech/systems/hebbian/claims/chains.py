"""Chains that start on a pattern: overlap and energy of each, over independent pattern sets, at one size.

They are the chains of ``simulate`` (same keys, same random numbers), kept one by one, so that what varies from one
pattern set to the next can be measured on the start and taken off: the energy of the pattern itself has an exact mean
over the others, and its deviation from it is nearly that of the retrieved state. Energies are given in units that make
the pattern's own energy −1/p per spin at every N, as it is at N → ∞ (with distinct indices it is smaller by a factor
(1 − 1/N)(1 − 2/N)…). A second chain in the same patterns gives the overlap of two replicas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dammech.errors import ShortChain
from dammech.simulate.chain import Chain
from dammech.simulate.estimators import autocorrelation_time, mean_and_error
from dammech.simulate.flips import flip_energy
from dammech.simulate.trials import Setting, Trial, over_trials
from dammech.systems.hebbian.model import HebbianDAM
from dammech.validate.claim import Estimate, Parameters
from dammech.validate.pooled import mean_of, ratio_of, row_of_sets
from dammech.validate.sizes import Plan, extrapolated

SWEEPS, EQUILIBRATION = 120, 40
LOST_BELOW = 0.5
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
    seed : ndarray
        The seed of each entry.
    tau : float
        Integrated autocorrelation time in sweeps.
    why : str or None
        Why the chains should not be trusted.
    """

    size: int
    patterns: int
    load: float
    overlap: np.ndarray
    energy: np.ndarray
    replicas: np.ndarray | None
    seed: np.ndarray
    tau: float
    why: str | None


def overlap(parameters: Parameters, plan: Plan, seeds: tuple[int, ...]) -> Estimate:
    """m of the state that a chain is in when it starts on a pattern."""
    return _measured(lambda c: averaged(c, c.overlap), parameters, plan, seeds)


def energy(parameters: Parameters, plan: Plan, seeds: tuple[int, ...], replicas: bool = False) -> Estimate:
    """Energy per spin of that state."""
    return _measured(lambda c: averaged(c, c.energy), parameters, plan, seeds, replicas)


def overlap_ratio(parameters: Parameters, plan: Plan, seeds: tuple[int, ...]) -> Estimate:
    """m/q: the overlap with the pattern over that of two replicas."""
    return _measured(lambda c: ratio(c, c.overlap, np.asarray(c.replicas)), parameters, plan, seeds, True)


@lru_cache(maxsize=128)
def chains(
    order: int, interaction: str, load: float, temperature: float, size: int, trials: int, seeds: tuple[int, ...],
    replicas: bool = False,
) -> Chains:  # fmt: skip
    """``trials`` pattern sets for each seed. Kept, since several claims look at the same chains."""
    model, count, runs = of_every_seed(
        _pair if replicas else _single, order, interaction, load, temperature, size, trials, seeds
    )  # fmt: skip
    overlaps, energies = (np.array([run[k] for run in runs]) for k in (0, 1))
    alone = model.pattern_energy(size)[-1]
    others = (count - 1) * model.mean_pattern_energy(size)
    deviation = np.array([run[2] for run in runs]) - alone - others
    constant = others if model.p >= 3 else 0.0
    tau, why = _quality(overlaps, energies)
    return Chains(
        size,
        count,
        count / float(size) ** (model.p - 1),
        overlaps.mean(axis=1),
        (energies.mean(axis=1) - constant - deviation) / (-model.p * alone),
        np.array([np.mean(run[3]) for run in runs if run[3] is not None]) if replicas else None,
        np.repeat(seeds, trials),
        tau,
        why,
    )


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
    return _row(chain, lambda sets: mean_of(values[sets]))


def ratio(chain: Chains, upper: np.ndarray, lower: np.ndarray) -> dict[str, Any]:
    """The ratio of two means over the same pattern sets; its error to first order in their deviations."""
    return _row(chain, lambda sets: ratio_of(upper[sets], lower[sets]))


def _row(chain: Chains, measured: Callable[[np.ndarray], tuple[float, float]]) -> dict[str, Any]:
    return row_of_sets(
        chain.size, chain.seed, measured, patterns=chain.patterns, load=chain.load, sweeps=SWEEPS,
        equilibration=EQUILIBRATION, tau=chain.tau, retrieved=float((chain.overlap > LOST_BELOW).mean()),
    )  # fmt: skip


def _single(trial: Trial) -> tuple[np.ndarray, np.ndarray, float, None]:
    chain = trial.chain()
    start = chain.energy()
    series = chain.run(EQUILIBRATION + SWEEPS)
    return series.overlap[EQUILIBRATION:], series.energy[EQUILIBRATION:], start, None


def _pair(trial: Trial) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    first = trial.chain()
    s = trial.setting
    stream = np.random.SeedSequence([_REPLICA, s.seed, trial.index, s.size]).generate_state(4, np.uint64)
    second = Chain(s.model, first.patterns, first.spins, s.temperature, s.dynamics, stream, s.patterns, s.table)
    start = first.energy()
    first.run(EQUILIBRATION)
    second.run(EQUILIBRATION)
    both = [
        (first.run(_STRIDE), second.run(_STRIDE), float(np.mean(first.spins * second.spins.astype(np.int64))))
        for _ in range(SWEEPS // _STRIDE)
    ]
    overlap = np.concatenate([(one.overlap + two.overlap) / 2 for one, two, _ in both])
    energy = np.concatenate([(one.energy + two.energy) / 2 for one, two, _ in both])
    return overlap, energy, start, np.array([q for _, _, q in both])


def _quality(overlaps: np.ndarray, energies: np.ndarray) -> tuple[float, str | None]:
    """Autocorrelation time, and what is wrong with these chains, if anything."""
    tau = max(autocorrelation_time(series, check=False) for series in (overlaps, energies))
    why = []
    for series in (overlaps, energies):
        try:
            autocorrelation_time(series)
        except ShortChain as short:
            why.append(str(short))
    if EQUILIBRATION < 10 * tau:
        why.append(f"{EQUILIBRATION} sweeps of equilibration are fewer than 10 autocorrelation times (τ ≈ {tau:.3g})")
    lost = int((overlaps.mean(axis=1) < LOST_BELOW).sum())
    if lost:
        why.append(f"{lost} of {len(overlaps)} chains left the retrieval state")
    half = overlaps.shape[1] // 2
    drift, error = mean_and_error(overlaps[:, half:].mean(axis=1) - overlaps[:, :half].mean(axis=1))
    if error and abs(drift) > 4 * error:
        why.append(f"the overlap drifts by {drift:.2g} ± {error:.1g} from the first to the second half")
    return tau, "; ".join(dict.fromkeys(why)) or None


def _measured(
    row: Callable[[Chains], dict[str, Any]], parameters: Parameters, plan: Plan, seeds: tuple[int, ...],
    replicas: bool = False,
) -> Estimate:  # fmt: skip
    point = (parameters["order"], parameters["interaction"], parameters["load"], parameters["temperature"])
    found = [chains(*point, size, trials, seeds, replicas) for size, trials in zip(plan.sizes, plan.trials)]
    return extrapolated(list(map(row, found)), plan.degree, [f"N = {c.size}: {c.why}" for c in found if c.why])
