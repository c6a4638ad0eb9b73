"""Gradient episodic memory: the loss of no finished task may rise to first order [lopez2017]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.learn.inputs import checked_number
from dammech.learn.methods.rehearsal import Rehearsal, slopes
from dammech.learn.network import TrainedDAM
from dammech.learn.training import Items


def projected(gradient: np.ndarray, others: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """The nearest vector to a gradient (D,) that has no negative product with any row of ``others`` (tasks, D).

    g + Gᵀv with v = argmin over v ≥ margin of ½ v'GG'v + g'G'v, solved as non-negative least squares. A margin above zero
    leans towards the old tasks.
    """
    from scipy.optimize import nnls

    # rows of unit size: what is nearly learned has gradients whose squares underflow, and only directions matter
    sizes = np.abs(others).max(axis=1).astype(np.float64)
    units = others / np.where(sizes > 0, sizes, 1)[:, None]
    exact = gradient.astype(np.float64)
    if (units @ exact >= 0).all():
        return gradient
    # only the part of everything that lies in the span of the few rows matters: Q is (D, tasks)
    Q, R = np.linalg.qr(units.T)
    v, _ = nnls(R, -(Q.T @ exact + R @ (margin * sizes)))
    return gradient + (units.T @ (v + margin * sizes)).astype(gradient.dtype)


@dataclass
class GEM(Rehearsal):
    """Keep a fraction of each finished task and project the gradient where it opposes one of theirs.

    What is projected is the gradient; momentum and the normalisation of each memory vector come after, so that the step taken
    is not exactly the projected one; and momentum carries on what earlier gradients had before they were projected.
    """

    margin: float = 0.0
    name = "gem"
    words = "gradient projected so that no kept task's loss rises"

    def __post_init__(self) -> None:
        super().__post_init__()
        checked_number("margin", self.margin, 0)

    def items(self, network: TrainedDAM, task: Items) -> Items:
        return task

    def shaped(self, network: TrainedDAM, gradient: np.ndarray) -> np.ndarray:
        if not self.kept:
            return gradient
        others = np.stack([slopes(network, kept) for kept in self.kept])
        return projected(gradient.ravel(), others, self.margin).reshape(gradient.shape)
