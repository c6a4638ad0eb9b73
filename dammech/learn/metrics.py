"""What is read off an accuracy matrix, and the interval of a mean over seeds.

R[t, k] is the accuracy on task k after training on task t; row 0 is before any training, so R has J + 1 rows and J columns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dammech.errors import InputError

METRICS = {
    "accuracy": "mean accuracy on all tasks after the last",
    "backward": "backward transfer: mean change of the accuracy on a task since it was learned",
    "forward": "forward transfer: mean accuracy on a task before it is trained, above that of an untrained network",
    "forgetting": "mean fall from the best accuracy a task ever had",
    "learning": "learning accuracy: mean accuracy on a task just after it was trained",
}


def metrics(matrix: Any) -> dict[str, float | None]:
    """Average accuracy, backward and forward transfer, forgetting and learning accuracy [lopez2017, chaudhry2018].

    Parameters
    ----------
    matrix : array
        (J + 1, J), row 0 untrained.

    Returns
    -------
    dict
        Keys of `METRICS`; what needs two tasks is None for one.
    """
    R = np.asarray(matrix, float)
    if R.ndim != 2 or R.shape[0] != R.shape[1] + 1 or not np.isfinite(R).all():
        raise InputError(f"matrix: of shape {R.shape}; must be (tasks + 1, tasks) of finite numbers, row 0 untrained")
    untrained, trained = R[0], R[1:]
    J = len(untrained)
    own = trained.diagonal()
    last = trained[-1]
    many = J > 1
    return {
        "accuracy": float(last.mean()),
        "backward": float((last - own)[:-1].mean()) if many else None,
        "forward": float((trained.diagonal(1) - untrained[1:]).mean()) if many else None,
        "forgetting": float(np.mean([trained[k:-1, k].max() - last[k] for k in range(J - 1)])) if many else None,
        "learning": float(own.mean()),
    }


def interval(values: Sequence[float], level: float = 0.95) -> dict[str, float | int | None]:
    """Mean over seeds, its standard error, and the half-width of its Student interval; one seed gives no interval."""
    numbers = np.asarray(values, float)
    count = len(numbers)
    if count == 0:
        raise InputError("values: at least one number is needed")
    mean = float(numbers.mean())
    if count == 1:
        return {"mean": mean, "error": None, "half_width": None, "count": 1}
    from scipy.stats import t

    error = float(numbers.std(ddof=1) / math.sqrt(count))
    return {"mean": mean, "error": error, "half_width": error * float(t.ppf((1 + level) / 2, count - 1)), "count": count}
