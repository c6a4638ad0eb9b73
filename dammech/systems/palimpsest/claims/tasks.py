"""Tasks of random patterns stored one after another at order 2: how much of each is still retrieved.

A task is a run of consecutive patterns of a long stream, so that its accuracy follows from the ages of its patterns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.simulate.estimators import mean_and_error
from dammech.systems.palimpsest.answers import TaskMatrix, task_matrix
from dammech.systems.palimpsest.claims.streams import KEPT_ABOVE, recalled
from dammech.systems.palimpsest.claims.theory import stream_of
from dammech.systems.palimpsest.claims.window import end_of_window, to_infinite_size
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.pooled import pooled

#: near the best rate; the tasks reach back beyond the window and well within the stream, which lacks e^{−2εα} of its noise
TASKS = {
    "order": 2, "interaction": "distinct", "rate": 8.438, "load": 0.42, "temperature": 0.2, "tasks": 5, "task_load": 0.012,
}  # fmt: skip
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
            name="palimpsest.p2.task-accuracy",
            source="[mezard1986] [nadal1986]",
            statement="The average accuracy on a sequence of tasks, after the last, is that of the retrieval window.",
            parameters=(TASKS,),
            prediction=_average,
            experiment=_simulated_average,
            control=Control(
                "the window of T = 0: thermal noise forgets nothing", lambda p: predicted(p, temperature=0.0).accuracy
            ),
        )
    ]


def predicted(parameters: Parameters, **changed: Any) -> TaskMatrix:
    """The accuracy matrix that follows from the window, at the parameters or at some that differ."""
    at = {**parameters, **changed}
    return task_matrix(
        stream_of(at), tasks=at["tasks"], task_load=at["task_load"], rate=at["rate"], temperature=at["temperature"]
    )


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
    return Prediction(predicted(parameters).accuracy, end.valid, end.why)


def _simulated_average(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """Of all tasks, over independent pattern sets, N → ∞."""
    plan, rows = _PLANS[level], []
    for size, trials, every in zip(plan.sizes, plan.trials, plan.every):
        found = {s: accuracies(parameters, size, trials, s, every) for s in seeds}
        means = [mean_and_error(found[s].mean(axis=1)) for s in seeds]
        sets = np.concatenate([found[s] for s in seeds])  # those of one seed are too few for an error at the largest size
        row = pooled(size, seeds, [m for m, _ in means], [e for _, e in means], trials=len(sets), every=every)
        error = mean_and_error(sets.mean(axis=1))[1] or math.inf
        rows.append({**row, "error": error, "kept_above": KEPT_ABOVE, "accuracies": sets.mean(axis=0).tolist()})
    return to_infinite_size(rows)
