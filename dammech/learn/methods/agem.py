"""Averaged gradient episodic memory: one reference gradient in place of one a task [chaudhry2019]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.learn.methods.rehearsal import Rehearsal, slopes
from dammech.learn.network import TrainedDAM
from dammech.learn.training import Items


@dataclass
class AGEM(Rehearsal):
    """Keep a fraction of each finished task; take out of the gradient what opposes that of everything kept."""

    name = "agem"
    words = "gradient projected on that of all kept items together"

    def items(self, network: TrainedDAM, task: Items) -> Items:
        self.pool = self.kept[0].joined(*self.kept[1:]) if self.kept else None
        return task

    def shaped(self, network: TrainedDAM, gradient: np.ndarray) -> np.ndarray:
        if self.pool is None:
            return gradient
        reference = slopes(network, self.pool).astype(np.float64)
        reference /= np.abs(reference).max() or 1.0  # what is nearly learned has gradients whose squares underflow
        product = float(gradient.ravel() @ reference)
        if product >= 0:
            return gradient
        opposed = (product / float(reference @ reference)) * reference.reshape(gradient.shape)
        return gradient - opposed.astype(gradient.dtype)
