"""Palimpsest decay: what is stored fades at a chosen rate while new things are learned [nadal1986, parisi1986]."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dammech.learn.inputs import checked_number
from dammech.learn.methods.method import Method
from dammech.learn.network import TrainedDAM


@dataclass
class Palimpsest(Method):
    """During each task after the first the weight of what a memory vector stores falls by the factor exp(−``decay``).

    Under F = sⁿ a memory vector of length λ counts with weight λⁿ, so lengths fall by exp(−decay / n), spread evenly over the
    steps of a task. The rate is given by the user.
    """

    decay: float = 0.5
    name = "palimpsest"
    words = "memory vectors fade at a given rate a task"

    def __post_init__(self) -> None:
        checked_number("decay", self.decay, 0)

    def stepped(self, network: TrainedDAM, fraction: float) -> None:
        if self.done:
            network.memory *= network.dtype.type(math.exp(-self.decay * fraction / network.interaction.vertex))
