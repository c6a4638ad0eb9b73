"""Chains that start on a pattern: the overlap of those that stay in its state, at N → ∞."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import methodcaller

import numpy as np

from dammech.simulate.estimators import autocorrelation_time
from dammech.simulate.measure import measure
from dammech.simulate.trials import NamedExperiment, Trial, over_trials
from dammech.validate.claim import Estimate
from dammech.validate.pooled import pooled_row
from dammech.validate.sizes import Plan, Powers, limit

#: of the chains at the largest size may leave the state
MOST_LOST = 0.1
#: of autocorrelation times in a chain; each is one of many
LONG = 20


def overlap_of_kept(
    made: Callable[..., NamedExperiment], plan: Plan, seeds: tuple[int, ...], lost_below: float,
    sweeps: tuple[int, int] | None = None, others: Mapping[str, Powers] | None = None,
) -> Estimate:  # fmt: skip
    """m by c₀ + c₁/N; ``made`` is an experiment, given a size and a seed, and ``lost_below`` far from any overlap in the state.

    A chain that left has an overlap far below, which says nothing about the state. ``sweeps`` are discarded and kept; without
    them they are as many as the autocorrelation of the chains asks for. ``others`` as for `limit`.
    """
    rows, problems = [], []
    for size, trials in zip(plan.sizes, plan.trials):
        by_seed, lost = {}, 0
        for seed in seeds:
            setting = made(size=size, seed=seed)
            overlaps, why = _averages(setting, [Trial(setting, k) for k in range(trials)], lost_below, sweeps)
            kept = overlaps[overlaps > lost_below]
            lost += trials - kept.size
            by_seed[seed] = kept if kept.size else np.zeros(1)
            problems += [f"N = {size}: {why}"] if why and setting.temperature > 0 else []
        rows.append(pooled_row(size, by_seed, trials=trials * len(seeds), lost=lost))
    if rows[-1]["lost"] > MOST_LOST * rows[-1]["trials"]:
        problems.append(f"{rows[-1]['lost']} of {rows[-1]['trials']} chains left the state at the largest size")
    return limit(rows, others=others, problems=problems)


def _averages(
    setting: NamedExperiment, trials: list[Trial], lost_below: float, sweeps: tuple[int, int] | None
) -> tuple[np.ndarray, str | None]:  # fmt: skip
    """The mean overlap of each chain, and why they may be too short."""
    if sweeps is None:
        runs = measure(setting, trials, None, None, None)
        return runs.overlap, runs.why
    over_trials(methodcaller("advance", sum(sweeps)), trials, setting, None)
    series = np.array([np.concatenate([part.overlap for part in trial.made])[sweeps[0] :] for trial in trials])
    stays = series.mean(axis=1) > lost_below
    tau = autocorrelation_time(series[stays], check=False) if stays.any() else 0.0
    why = f"{sweeps[1]} sweeps are fewer than {LONG} autocorrelation times (τ ≈ {tau:.3g})" if sweeps[1] < LONG * tau else None
    return series.mean(axis=1), why
