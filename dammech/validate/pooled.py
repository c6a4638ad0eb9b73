"""What several seeds gave, made one: rows of a report, and the estimate of a claim about one finite N."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dammech.simulate.estimators import mean_and_error
from dammech.validate.claim import Estimate

MORE_AT_FULL = 8


def at_level(level: str, few: int) -> int:
    """Pattern sets per seed, of which the full level takes more."""
    return few * (MORE_AT_FULL if level == "full" else 1)


def row(
    size: int, value: float, error: float, by_seed: Mapping[int, tuple[float, float]], **more: Any
) -> dict[str, Any]:
    """One size of a report, and what each seed gave."""
    each = {str(seed): {"value": v, "error": e} for seed, (v, e) in by_seed.items()}
    return {"size": size, "value": value, "error": error, **more, "by_seed": each}


def row_of_sets(
    size: int, seed: np.ndarray, measure: Callable[[np.ndarray], tuple[float, float]], **more: Any
) -> dict[str, Any]:  # fmt: skip
    """What is measured on all sets, and on those of each seed alone, which a mask picks."""
    by_seed = {int(s): measure(seed == s) for s in np.unique(seed)}
    return row(size, *measure(np.full(seed.size, True)), by_seed, trials=seed.size, **more)


def pooled(
    size: int, seeds: Sequence[int], values: Sequence[float], errors: Sequence[float | None], **more: Any
) -> dict[str, Any]:  # fmt: skip
    """The mean over seeds of equal weight."""
    known = [math.inf if error is None else error for error in errors]
    by_seed = dict(zip(seeds, zip(values, known)))
    return row(size, float(np.mean(values)), math.hypot(*known) / len(known), by_seed, **more)


def pooled_row(size: int, by_seed: Mapping[int, np.ndarray], **more: Any) -> dict[str, Any]:
    """The mean over all sets of all seeds, one value a set."""
    values = np.concatenate(list(by_seed.values()))
    return row(size, *mean_of(values), {s: mean_of(v) for s, v in by_seed.items()}, sets=values.size, **more)


def mean_of(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard error; of one value the error is not known, and infinite."""
    mean, error = mean_and_error(values)
    return mean, math.inf if error is None else error


def reduced(values: np.ndarray, known: np.ndarray) -> tuple[float, float]:
    """Mean and standard error of ``values`` less their part linear in ``known`` (samples, k), whose means are 0."""
    known = known.reshape(len(values), -1)
    if len(values) < known.shape[1] + 3:
        return mean_of(values)
    centred = known - known.mean(axis=0)
    slopes = np.linalg.lstsq(centred, values, rcond=None)[0]
    rest = values - known @ slopes
    return float(rest.mean()), float(rest.std(ddof=1 + known.shape[1]) / math.sqrt(len(values)))


def ratio_of(
    upper: np.ndarray, lower: np.ndarray, mean: Callable[[np.ndarray], tuple[float, float]] = mean_of
) -> tuple[float, float]:  # fmt: skip
    """The ratio of two means over the same sets; its error to first order in their deviations."""
    below = mean(lower)[0]
    value = mean(upper)[0] / below
    return value, mean(upper - value * lower)[1] / abs(below)


def at_this_size(found: dict[str, Any]) -> Estimate:
    """The estimate of a claim that is about one finite N."""
    return Estimate(found["value"], found["error"], (found,))


def estimate(size: int, seeds: Sequence[int], measure: Callable[[int], np.ndarray]) -> Estimate:
    """The mean of what ``measure`` gives for each seed, one value a set: for laws that are exact at this size."""
    return at_this_size(pooled_row(size, {s: measure(s) for s in seeds}))
