"""A network learns one task after another under a method; the accuracy matrix comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.learn.memories import likeness, participation
from dammech.learn.methods import Method
from dammech.learn.metrics import metrics
from dammech.learn.network import TrainedDAM
from dammech.learn.tasks import Task, checked_sequence
from dammech.learn.training import Training, labelled, train
from dammech.results.record import Record
from dammech.results.result import Result


@dataclass(repr=False)
class Learned(Result[dict[str, Any]]):
    """What a sequence of tasks left behind.

    Attributes
    ----------
    matrix : numpy.ndarray
        (J + 1, J): accuracy on task k after task t, row 0 before any training.
    losses : list of list of float
        Mean loss of an item, epoch by epoch, of each task (items that a method adds included).
    participation : list of float
        Median number of memory vectors that decide a test item of the task just trained.
    likeness : list of float
        Median over memory vectors of the cosine with the nearest training item of the task just trained.
    chance : list of float
        Accuracy on each task of the best guess that does not look: the share of its largest class among its test items.
    items : list of int
        Test items of each task.
    """

    quantities = {"accuracy": ("1", "fraction of test items that are recognised")}
    derived = ("metrics",)
    tasks: list[str]
    matrix: np.ndarray
    losses: list[list[float]]
    participation: list[float]
    likeness: list[float]
    chance: list[float]
    items: list[int]

    @property
    def metrics(self) -> dict[str, float | None]:
        """See `dammech.learn.metrics`."""
        return metrics(self.matrix)

    @property
    def points(self) -> list[dict[str, Any]]:
        """Accuracy on each task before any (0) and after each."""
        return [{"after": t, "task": name, "accuracy": accuracy}
                for t, row in enumerate(self.matrix.tolist()) for name, accuracy in zip(self.tasks, row)]  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """As a document, with the last loss of each task."""
        return {**Record.to_json(self), "losses": [run[-1] for run in self.losses]}


def learn_sequence(
    network: TrainedDAM,
    tasks: Sequence[Task],
    method: Method,
    training: Training,
    seed: int = 0,
    progress: Callable[..., None] | None = None,
) -> Learned:
    """Train a network, in place, on the tasks in order.

    Parameters
    ----------
    network : TrainedDAM
        With as many pixels and classes as the tasks.
    tasks : sequence of Task
    method : Method
        From `dammech.learn.methods.method`.
    training : Training
        Of every task; rate and temperature schedules start anew with each.
    seed : int
        Keys minibatches and whatever the method draws.
    progress : callable, optional
        Called with words.
    """
    tasks = checked_sequence(tasks)
    method.begin(network, seed)
    # items as the network takes them, made before anything is trained: a bad task is refused at once
    prepared = [labelled(network, task.inputs, task.labels, f"task {task.name}") for task in tasks]
    matrix = [[network.accuracy(task.test_inputs, task.test_labels) for task in tasks]]
    losses, shares, cosines = [], [], []
    for k, task in enumerate(tasks):
        if progress is not None:
            progress(f"{method.name}: {task.name}")
        losses.append(train(network, method.items(network, prepared[k]), training, (seed, k), method))
        method.finished(network, prepared[k])
        matrix.append([network.accuracy(other.test_inputs, other.test_labels) for other in tasks])
        shares.append(float(np.median(participation(network, task.test_inputs))))
        cosines.append(float(np.median(likeness(network, task.inputs))))
    chance = [float(np.bincount(task.test_labels).max() / len(task.test_labels)) for task in tasks]
    items = [len(task.test_labels) for task in tasks]
    return Learned([task.name for task in tasks], np.array(matrix), losses, shares, cosines, chance, items)
