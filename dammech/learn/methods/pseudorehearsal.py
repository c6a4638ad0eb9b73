"""Pseudorehearsal: no item is kept, the network itself says what is to be remembered [robins1995, robins1998]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.learn.inputs import checked_count, checked_name
from dammech.learn.methods.method import Method
from dammech.learn.network import TrainedDAM
from dammech.learn.seeds import generator
from dammech.learn.training import Items

PROBES = ("random", "relaxed")


@dataclass
class Pseudorehearsal(Method):
    """Before each task after the first, make pseudo-items with the network as it is and train on them with the new ones.

    ``random``: pixels are fair signs, the target is the network's own output tanh h. ``relaxed``: random states of all neurons
    are first relaxed to stable states of the network, spurious ones included, and their pixels are the pseudo-item. For an
    auto-associative memory the state is its own target.
    """

    count: int = 500
    probes: str = "random"
    name = "pseudorehearsal"
    words = "pseudo-items: random probes, or relaxed states, with the network's own answer"

    def __post_init__(self) -> None:
        checked_count("count", self.count)
        checked_name("probes", self.probes, PROBES)

    def items(self, network: TrainedDAM, task: Items) -> Items:
        return task if self.done == 0 else task.joined(self.pseudo_items(network))

    def pseudo_items(self, network: TrainedDAM) -> Items:
        """What the network now answers to its probes."""
        rng = generator("probes", self.seed, self.done)
        states = np.where(rng.random((self.count, network.size)) < 0.5, 1, -1).astype(network.dtype)
        if self.probes == "relaxed":
            states, _ = network.recall(states, seed=self.seed)
        if not network.classes:
            return Items(states, states.copy())
        states[:, network.trained] = -1
        return Items(states, np.tanh(network.fields(states)))
