"""Interaction functions F of trained memories: names, limits, and their plain NumPy form, the oracle of the kernels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError
from dammech.learn.inputs import checked_name, checked_number

#: names, with the code the kernels know them by
KINDS = {"power": 0, "rectified": 1, "leaky": 2, "exponential": 3, "softmax": 4}
LEAK = 0.01
LARGEST_VERTEX = 1000


@dataclass(frozen=True)
class Interaction:
    """An interaction function F(s) of the scaled overlap s = M_k·x / (N T), applied to each memory vector.

    Parameters
    ----------
    kind : str
        ``power`` sⁿ; ``rectified`` max(s, 0)ⁿ [krotov2016]; ``leaky`` sⁿ for s > 0 and ``leak``·s below; ``exponential``
        exp(n s); ``softmax``, not a sum of functions but log Σ_k exp(n s_k), the exponential's own energy.
    vertex : int or float
        n: an integer of at least 2 for the powers, a positive number for the two exponentials.
    leak : float
        Slope of ``leaky`` below zero.

    Notes
    -----
    ``leaky`` is not homogeneous: a change of T or N changes the weight of its leak against its power.
    """

    kind: str = "leaky"
    vertex: float = 3
    leak: float = LEAK

    def __post_init__(self) -> None:
        checked_name("interaction", self.kind, KINDS)
        checked_number("vertex", self.vertex, high=LARGEST_VERTEX)
        checked_number("leak", self.leak, 0, 1)
        if self.is_power:
            if not float(self.vertex).is_integer() or self.vertex < 2:
                raise InputError(f"vertex={self.vertex}: must be an integer of at least 2 for interaction={self.kind!r}")
            object.__setattr__(self, "vertex", int(self.vertex))
        elif not (math.isfinite(self.vertex) and self.vertex > 0):
            raise InputError(f"vertex={self.vertex}: must be a positive number for interaction={self.kind!r}")

    @property
    def is_power(self) -> bool:
        """Whether n is a power."""
        return KINDS[self.kind] <= KINDS["leaky"]

    def value(self, s: Any) -> Any:
        """F(s), element by element (``softmax``: log Σ exp over the last axis)."""
        s = np.asarray(s)
        if self.kind == "softmax":
            top = (self.vertex * s).max(axis=-1, keepdims=True)
            return top[..., 0] + np.log(np.exp(self.vertex * s - top).sum(axis=-1))
        if self.kind == "exponential":
            return np.exp(self.vertex * s)
        base = s if self.kind == "power" else np.maximum(s, 0)
        leak = self.leak * np.minimum(s, 0) if self.kind == "leaky" else 0
        return base**self.vertex + leak

    def total(self, s: Any) -> Any:
        """Σ_k F(s_k) over the last axis (``softmax``: log Σ exp): minus the energy."""
        return self.value(s) if self.kind == "softmax" else self.value(s).sum(axis=-1)

    def check_range(self, largest: float, memories: int, single: bool) -> None:
        """Refuse scaled overlaps that this precision cannot hold.

        Parameters
        ----------
        largest : float
            The largest scaled overlap there can be, 1/T.
        memories : int
            How many terms are added.
        single : bool
            Whether numbers are float32.
        """
        if self.kind == "softmax":
            return
        logarithm = self.vertex * (math.log10(largest) if self.is_power else largest / math.log(10))
        if logarithm + math.log10(memories * self.vertex) > (36 if single else 300):
            precision = "single" if single else "double"
            raise InputError(
                f"temperature={1 / largest:g}: too low for vertex {self.vertex:g} in {precision} precision; sums of "
                f"{self.kind} terms would overflow"
            )
