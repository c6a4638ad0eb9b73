"""Means over independent sets, pooled over seeds, as estimates."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dammech.validate.claim import Estimate


def pooled_row(size: int, by_seed: dict[int, np.ndarray], **more: Any) -> dict[str, Any]:
    """Mean and standard error over all sets of all seeds, and those of each seed."""
    values = np.concatenate(list(by_seed.values())).astype(float)
    return {
        "size": size, "value": float(values.mean()), "error": _error(values), "sets": values.size, **more,
        "by_seed": {str(s): {"value": float(v.mean()), "error": _error(v)} for s, v in by_seed.items()},
    }  # fmt: skip


def estimate(size: int, seeds: tuple[int, ...], measure: Callable[[int], np.ndarray]) -> Estimate:
    """The mean of what ``measure`` gives for each seed, one value a set: for laws that are exact at this size."""
    row = pooled_row(size, {s: measure(s) for s in seeds})
    return Estimate(row["value"], row["error"], (row,))


def _error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / math.sqrt(values.size)) if values.size > 1 else math.inf
