"""What a method of sequential learning is: hooks before, during and after the training on each task. The base does nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from dammech.learn.network import TrainedDAM
from dammech.learn.training import Items


@dataclass
class Method:
    """A method: its dataclass fields are its parameters; what it remembers of past tasks is set up by ``begin``.

    The trainer calls, for every task in turn, ``items`` (what to train on), for every minibatch ``shaped`` (change the
    gradient of the mean loss) and ``stepped`` (touch the network after the step), and ``finished``.
    """

    name: ClassVar[str] = ""
    words: ClassVar[str] = ""

    def begin(self, network: TrainedDAM, seed: int) -> None:
        """Forget everything; ``seed`` keys whatever the method draws."""
        self.seed = seed
        self.done = 0

    def items(self, network: TrainedDAM, task: Items) -> Items:
        """What is trained on in place of the task's own items."""
        return task

    def shaped(self, network: TrainedDAM, gradient: np.ndarray) -> np.ndarray:
        """The gradient (K, N) to descend along, given that of the mean loss of a minibatch."""
        return gradient

    def stepped(self, network: TrainedDAM, fraction: float) -> None:
        """Called after a step, which is this fraction of the task's training."""

    def finished(self, network: TrainedDAM, task: Items) -> None:
        """Called when the training on a task is over, with the task's own items."""
        self.done += 1

    def parameters(self) -> dict[str, Any]:
        """The parameters by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
