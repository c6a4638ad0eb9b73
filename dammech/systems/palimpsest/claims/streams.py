"""The simulation arm of streams: overlaps with a pattern of given age, at several sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dammech.systems.palimpsest.claims.theory import stream_of
from dammech.systems.palimpsest.sampler import AgePoint, forgetting_curve
from dammech.validate.claim import Estimate, Parameters
from dammech.validate.crossings import crossing, crossing_row
from dammech.validate.pooled import pooled_row
from dammech.validate.sizes import Plan, limit

SWEEPS, EQUILIBRATION = 80, 60
KEPT_ABOVE = 0.6
MOSTLY = 0.9
#: three sizes do not fix three coefficients: other corrections take the place of 1/N
OTHER_POWERS = {"N^(−1/2)": (1 / 2,), "N^(−2)": (2.0,)}


def recalled(
    parameters: Parameters, size: int, trials: int, seed: int, ages: Sequence[float], **settings: Any
) -> tuple[AgePoint, ...]:
    """Runs from patterns of ages x (in units of N^{p−1} patterns) in a stream of the parameters' total load."""
    model = stream_of(parameters)
    count = model.patterns_for(parameters["load"], size)
    weights = model.weights(parameters["rate"], size, count)
    places = [min(model.patterns_for(age, size), count - 1) for age in ages]
    return forgetting_curve(
        model.memory, weights, ages=places, size=size, temperature=parameters["temperature"], trials=trials, seed=seed,
        retrieved_above=KEPT_ABOVE, **settings,
    ).points  # fmt: skip


def overlap_with_age(parameters: Parameters, plan: Plan, seeds: tuple[int, ...]) -> Estimate:
    """m with the pattern of the parameters' age at N → ∞, of the chains that keep it."""
    rows, problems = [], []
    for size, trials in zip(plan.sizes, plan.trials):
        points = [
            recalled(parameters, size, trials, s, [parameters["age"]], sweeps=SWEEPS, equilibration=EQUILIBRATION)[0]
            for s in seeds
        ]
        tau = float(np.mean([p.tau or 1.0 for p in points]))
        kept = float(np.mean([p.retrieved for p in points]))
        rows.append(pooled_row(
            size, {s: np.array(p.overlaps)[np.array(p.overlaps) > KEPT_ABOVE] for s, p in zip(seeds, points)},
            patterns=points[0].patterns, weight=points[0].weight, effective_load=points[0].effective_load, retrieved=kept,
            tau=tau, trials=trials * len(seeds), sweeps=SWEEPS, equilibration=EQUILIBRATION,
        ))  # fmt: skip
        if kept < MOSTLY:
            problems.append(f"N = {size}: {1 - kept:.1%} of the chains left the retrieval state")
        if kept == 1 and (20 * tau > SWEEPS or 10 * tau > EQUILIBRATION):
            problems.append(f"N = {size}: {SWEEPS} sweeps after {EQUILIBRATION} are too few for τ ≈ {tau:.3g}")
    return limit(rows, others=OTHER_POWERS, problems=problems)


def age_of_loss(
    parameters: Parameters, size: int, trials: int, seeds: tuple[int, ...], ages: Sequence[float], **settings: Any
) -> dict[str, Any]:
    """The age at which half of the pattern sets keep the pattern, at one size: a row of a report."""
    points = {s: recalled(parameters, size, trials, s, ages, **settings) for s in seeds}
    first, total = points[seeds[0]], np.full(len(ages), trials)
    realised = np.array([p.age for p in first]) / float(size) ** (parameters["order"] - 1)
    kept = {s: np.array([round(p.retrieved * trials) for p in points[s]]) for s in seeds}
    each = {s: crossing(realised, mine, total) for s, mine in kept.items()}
    return crossing_row(
        size, realised, np.sum(list(kept.values()), axis=0), total * len(seeds), "ages", patterns=first[0].patterns,
        kept_above=KEPT_ABOVE, trials=len(seeds) * int(total.sum()),
        by_seed={str(s): {"value": f.load, "error": f.error} for s, f in each.items()},
    )  # fmt: skip
