"""Penalties Σ_i Ω_i (θ_i − θ*_i)² that hold the memory vectors near where a finished task left them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from dammech.learn.inputs import checked_number
from dammech.learn.methods.method import Method
from dammech.learn.network import TrainedDAM
from dammech.learn.training import Items


@dataclass
class Anchored(Method, ABC):
    """A penalty of ``strength`` Σ Ω_i (θ_i − θ*_i)² added to the mean loss of an item.

    ``weight`` is Ω, summed over the finished tasks, and θ* the memory after the last of them. A method whose tasks keep an
    anchor each sums Ω θ* in the same way.

    Where each memory vector's step is normalised, a vector moves by the full rate however small its gradient. At a high vertex
    the loss of a new task pulls on most vectors by less than any penalty (sⁿ⁻¹ with |s| < 1), so that a penalty of any strength
    keeps them from being recruited: learning accuracy falls before anything is forgotten.
    """

    strength: float = 1.0

    def __post_init__(self) -> None:
        checked_number("strength", self.strength, 0)

    def begin(self, network: TrainedDAM, seed: int) -> None:
        super().begin(network, seed)
        self.weight = np.zeros_like(network.memory)
        self.anchor = np.zeros_like(network.memory)

    def shaped(self, network: TrainedDAM, gradient: np.ndarray) -> np.ndarray:
        if self.done == 0:
            return gradient
        return gradient + network.dtype.type(2 * self.strength) * (self.weight * network.memory - self.anchor)

    def finished(self, network: TrainedDAM, task: Items) -> None:
        self.remember(network, task)
        super().finished(network, task)

    @abstractmethod
    def remember(self, network: TrainedDAM, task: Items) -> None:
        """Set ``weight`` to ΣΩ and ``anchor`` to ΣΩ θ*, after a task."""
