"""Tasks of random patterns stored one after another at order 2: how much of each is still retrieved.

A task is a run of consecutive patterns of a long stream, so that its accuracy follows from the ages of its patterns. It is drawn,
not claimed: an average over ages holds no more than the window, and from N ≤ 2500 its limit is known to a tenth only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.systems.palimpsest.claims.streams import KEPT_ABOVE, recalled
from dammech.systems.palimpsest.claims.theory import stream_of
from dammech.systems.palimpsest.claims.window import STREAM
from dammech.validate.claim import Parameters

#: near the best rate; tasks reach back beyond the window and well within the stream
TASKS: dict[str, Any] = {**STREAM, "rate": 8.438, "load": 0.42, "tasks": 5, "task_load": 0.012}
_EQUILIBRATION, _SWEEPS = 200, 20


def accuracies(parameters: Parameters, size: int, trials: int, seed: int, every: int = 1) -> np.ndarray:
    """Accuracy on each task after the last was stored, oldest task first, for each pattern set: trials × tasks.

    One pattern of ``every`` consecutive ones, their middle, is recalled. It counts as retrieved if a run that starts on it
    keeps an overlap above 0.6, between what is left of a lost pattern and the overlap of a kept one.
    """
    each = stream_of(parameters).patterns_for(parameters["task_load"], size)
    count = parameters["tasks"] * each
    places = np.arange((every - 1) // 2, count, every)
    points = recalled(
        parameters, size, trials, seed, (places / float(size) ** (parameters["order"] - 1)).tolist(),
        equilibration=_EQUILIBRATION, sweeps=_SWEEPS,
    )  # fmt: skip
    kept = np.array([np.array(p.overlaps) > KEPT_ABOVE for p in points])
    task = np.array([p.age // each for p in points])
    return np.array([kept[task == lag].mean(axis=0) for lag in reversed(range(parameters["tasks"]))]).T
