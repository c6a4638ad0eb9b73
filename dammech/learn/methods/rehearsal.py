"""Naive rehearsal: a fraction of every finished task is kept and mixed in [robins1995]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.learn.inputs import checked_number
from dammech.learn.methods.method import Method
from dammech.learn.network import TrainedDAM
from dammech.learn.seeds import generator
from dammech.learn.training import Items


def sample(task: Items, fraction: float, seed: int, index: int) -> Items:
    """A random fraction of a task's items, one at least."""
    count = max(1, round(fraction * len(task)))
    return task.taken(generator("buffer", seed, index).permutation(len(task))[:count])


@dataclass
class Rehearsal(Method):
    """Keep a fraction of each finished task and train on it together with the current one, in the same minibatches."""

    fraction: float = 0.1
    name = "rehearsal"
    words = "a fraction of the items of each finished task, in the same minibatches"

    def __post_init__(self) -> None:
        checked_number("fraction", self.fraction, 0, 1, strict=True)

    def begin(self, network: TrainedDAM, seed: int) -> None:
        super().begin(network, seed)
        self.kept: list[Items] = []

    def items(self, network: TrainedDAM, task: Items) -> Items:
        return task.joined(*self.kept)

    def finished(self, network: TrainedDAM, task: Items) -> None:
        self.kept.append(sample(task, self.fraction, self.seed, self.done))
        super().finished(network, task)


def slopes(network: TrainedDAM, items: Items) -> np.ndarray:
    """Gradient of the mean loss of items, as one row."""
    _, gradient = network.loss_and_gradient(items.states, items.targets)
    return gradient.ravel() / network.dtype.type(len(items))
