"""Everything seen so far, at every task: the upper bound, and the most expensive."""

from __future__ import annotations

from dataclasses import dataclass

from dammech.learn.methods.method import Method
from dammech.learn.network import TrainedDAM
from dammech.learn.training import Items


@dataclass
class Joint(Method):
    """Train on the union of all tasks so far."""

    name = "joint"
    words = "all items of all tasks so far"

    def begin(self, network: TrainedDAM, seed: int) -> None:
        super().begin(network, seed)
        self.kept: list[Items] = []

    def items(self, network: TrainedDAM, task: Items) -> Items:
        return task.joined(*self.kept)

    def finished(self, network: TrainedDAM, task: Items) -> None:
        super().finished(network, task)
        self.kept.append(task)
