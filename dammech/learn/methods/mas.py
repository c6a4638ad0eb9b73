"""Memory-aware synapses: components are held by how much the output depends on them [aljundi2018]."""

from __future__ import annotations

from dataclasses import dataclass

from dammech.learn.methods.anchors import Anchored
from dammech.learn.network import TrainedDAM
from dammech.learn.training import Items


@dataclass
class MAS(Anchored):
    """Ω is the mean over items of |d ‖Y‖²/dθ|, summed over tasks, about the last anchor."""

    name = "mas"
    words = "components held by the sensitivity of the output"

    def remember(self, network: TrainedDAM, task: Items) -> None:
        self.weight += network.importance(task.states)
        self.anchor[:] = self.weight * network.memory
