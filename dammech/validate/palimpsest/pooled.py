"""Numbers of several seeds made one, and rows of a report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dammech.validate.claim import Estimate


def pooled(
    size: int, seeds: Sequence[int], values: Sequence[float], errors: Sequence[float | None], **more: Any
) -> dict[str, Any]:  # fmt: skip
    """One size of a report: the mean over seeds of equal weight, and each seed."""
    known = [math.inf if error is None else error for error in errors]
    return {
        "size": size,
        "value": float(np.mean(values)),
        "error": math.hypot(*known) / len(known),
        **more,
        "by_seed": {str(s): {"value": v, "error": e} for s, v, e in zip(seeds, values, known)},
    }


def at_this_size(row: dict[str, Any]) -> Estimate:
    """The estimate of a claim that is about one finite N."""
    return Estimate(row["value"], row["error"], (row,))
