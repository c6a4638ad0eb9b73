"""Elastic weight consolidation: components are held by the diagonal of each task's Fisher matrix [kirkpatrick2017]."""

from __future__ import annotations

from dataclasses import dataclass

from dammech.learn.methods.anchors import Anchored
from dammech.learn.network import TrainedDAM
from dammech.learn.training import Items


@dataclass
class EWC(Anchored):
    """Ω of a task is the mean over its items of (d loss/dθ)², and each task keeps its own anchor.

    For pixels at ±1 all pixels of a memory vector have the same Ω: what EWC can tell apart are memory vectors, and class
    neurons within one.
    """

    name = "ewc"
    words = "components held by the diagonal of the Fisher matrix"

    def remember(self, network: TrainedDAM, task: Items) -> None:
        importance = network.importance(task.states, task.targets)
        self.weight += importance
        self.anchor += importance * network.memory
