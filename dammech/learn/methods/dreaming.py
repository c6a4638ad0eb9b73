"""Dreaming between tasks: overlaps among the memory vectors are unlearned [hopfield1983, fachechi2019]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.learn.inputs import checked_number
from dammech.learn.methods.method import Method
from dammech.learn.network import TrainedDAM
from dammech.learn.training import Items


def dreamt(memory: np.ndarray, time: float) -> np.ndarray:
    """M ← √(1+t) (I + t G)^(−1/2) M with G = M Mᵀ / N, the overlaps of the memory vectors.

    For n = 2 this is the dreaming of the coupling matrix J₀ = Mᵀ M / N, J = (1+t) J₀ (I + t J₀)⁻¹, written on the memory
    vectors; of all matrices M with that J it is the one that rotates them least. Two naps s and u add up to t with
    1 + t = (1 + s)(1 + u).
    """
    values, vectors = np.linalg.eigh(memory.astype(np.float64) @ memory.T.astype(np.float64) / memory.shape[1])
    shrunk = np.sqrt((1 + time) / (1 + time * np.maximum(values, 0)))
    return ((vectors * shrunk) @ vectors.T @ memory).astype(memory.dtype)


@dataclass
class Dreaming(Method):
    """Before each task after the first the memory vectors dream for ``time``; components beyond ±1 are clipped."""

    time: float = 0.1
    name = "dreaming"
    words = "between tasks the overlaps among memory vectors are unlearned"

    def __post_init__(self) -> None:
        checked_number("time", self.time, 0)

    def items(self, network: TrainedDAM, task: Items) -> Items:
        if self.done:
            np.clip(dreamt(network.memory, self.time), -1, 1, out=network.memory)
        return task
