"""Synaptic intelligence: components are held by what their path contributed to the fall of the loss [zenke2017]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.learn.inputs import checked_number
from dammech.learn.methods.anchors import Anchored
from dammech.learn.network import TrainedDAM
from dammech.learn.training import Items


@dataclass
class SI(Anchored):
    """Ω gains max(w, 0) / (Δθ² + ``damping``) at the end of a task, w the sum over its steps of −g δθ."""

    damping: float = 1e-2
    name = "si"
    words = "components held by their part in the fall of the loss"

    def __post_init__(self) -> None:
        super().__post_init__()
        checked_number("damping", self.damping, 0, strict=True)

    def begin(self, network: TrainedDAM, seed: int) -> None:
        super().begin(network, seed)
        self.path = np.zeros_like(network.memory)
        self.start = network.memory.copy()
        self.before = network.memory.copy()

    def shaped(self, network: TrainedDAM, gradient: np.ndarray) -> np.ndarray:
        self.slope = gradient.copy()
        self.before[:] = network.memory
        return super().shaped(network, gradient)

    def stepped(self, network: TrainedDAM, fraction: float) -> None:
        self.path -= self.slope * (network.memory - self.before)

    def remember(self, network: TrainedDAM, task: Items) -> None:
        distance = network.memory - self.start
        self.weight += np.maximum(self.path, 0) / (distance**2 + network.dtype.type(self.damping))
        self.anchor[:] = self.weight * network.memory
        self.path[:] = 0
        self.start[:] = network.memory
