"""Tasks of random patterns stored one after another at order 2: how much of each is still retrieved.

A task is a run of consecutive patterns of a long stream, so that its accuracy follows from the ages of its patterns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.phases import task_matrix
from dammech.systems.palimpsest.claims.streams import KEPT_ABOVE, recalled
from dammech.systems.palimpsest.claims.theory import ORDER_2, stream_of
from dammech.systems.palimpsest.claims.window import FOLD, NO_LINE, OTHER, STREAM, end_of_window, wrong_windows
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction
from dammech.validate.pooled import pooled_row
from dammech.validate.sizes import limit

#: near the best rate; the tasks reach back beyond the window and well within the stream, which lacks e^{−2εα} of its noise
TASKS: dict[str, Any] = {**STREAM, "tasks": 5, "task_load": 0.012}
_EQUILIBRATION, _SWEEPS = 200, 20


@dataclass(frozen=True)
class TaskPlan:
    """Sizes, and at each the pattern sets per seed; one pattern of ``every`` consecutive ones, their middle, is recalled."""

    sizes: tuple[int, ...]
    trials: tuple[int, ...]
    every: tuple[int, ...]


_PLANS = {
    "quick": TaskPlan((500, 1000, 2500), (24, 12, 3), (3, 3, 5)),
    "full": TaskPlan((500, 1000, 2500, 4500), (96, 64, 20, 8), (1, 3, 5, 9)),
}


def task_claims() -> list[Claim]:
    """The average accuracy on a sequence of tasks."""
    return [
        Claim(
            "palimpsest.p2.task-accuracy", "[mezard1986] [nadal1986]",
            "The average accuracy on a sequence of tasks, after the last, is that of the retrieval window.",
            (TASKS,), _average, _simulated_average,
            wrong_windows(lambda p, age: min(age / (p["tasks"] * p["task_load"]), 1.0)),
            {**ORDER_2, "line": NO_LINE, "ansatz": "replica symmetry is stable up to the end of the window"},
            Dose("a rate that is 20 % lower", lambda p: {**p, "rate": 0.8 * p["rate"]}),
            ("PalimpsestDAM(order=2*)/retrieval-spinodal",),
        )
    ]  # fmt: skip


def accuracies(parameters: Parameters, size: int, trials: int, seed: int, every: int = 1) -> np.ndarray:
    """Accuracy on each task after the last was stored, oldest task first, for each pattern set: trials × tasks.

    A pattern counts as retrieved if a run that starts on it keeps an overlap above 0.6, between what is left of a lost
    pattern and the overlap of a kept one.
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


def _average(parameters: Parameters) -> Prediction:
    end = end_of_window(parameters)
    at = {name: parameters[name] for name in ("tasks", "task_load", "rate", "temperature")}
    return Prediction(task_matrix(stream_of(parameters), **at).accuracy, end.valid, end.why)


def _simulated_average(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """Of all tasks, over independent pattern sets, N → ∞."""
    plan, rows = _PLANS[level], []
    for size, trials, every in zip(plan.sizes, plan.trials, plan.every):
        found = {s: accuracies(parameters, size, trials, s, every) for s in seeds}
        each = np.concatenate(list(found.values())).mean(axis=0).tolist()
        by_seed = {s: sets.mean(axis=1) for s, sets in found.items()}
        rows.append(pooled_row(size, by_seed, every=every, kept_above=KEPT_ABOVE, accuracies=each))
    return limit(rows, FOLD, others=OTHER)
