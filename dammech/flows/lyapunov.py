"""A function of the state of a flow, with what must hold for it never to increase, and whether it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError
from dammech.flows.dynamics import Flow
from dammech.results.record import Record

Map = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, repr=False)
class LyapunovFunction(Record):
    """A function of the state of a flow.

    Attributes
    ----------
    name : str
    formula : str
        The function.
    decrease : str
        Its rate along the flow.
    hypotheses : dict
        What must hold, in words, and whether it does.
    flow : Flow or None
        The flow that it belongs to; None where that does not exist for this network.
    terms : callable or None
        Terms of states (..., size): their sum over the last axis is the function, their magnitudes say to what its
        rounding is relative.
    rate : callable or None
        Its derivative along the flow: (...).
    condition : float
        Condition number of the matrix whose inverse enters the formula, 1 where none does.
    """

    name: str
    formula: str
    decrease: str
    hypotheses: dict[str, bool]
    flow: Flow | None = None
    terms: Map | None = None
    rate: Map | None = None
    condition: float = 1.0

    @property
    def applicable(self) -> bool:
        """Whether all hypotheses hold, so that the function never increases."""
        return self.terms is not None and all(self.hypotheses.values())

    @property
    def why(self) -> str | None:
        """Which hypotheses fail."""
        failing = [words for words, holds in self.hypotheses.items() if not holds]
        return f"does not hold: {'; '.join(failing)}" if failing else None

    def value(self, states: Any) -> np.ndarray:
        """The function at states (..., size): (...).

        Raises
        ------
        InputError
            Where there is no such function for the network.
        """
        if self.terms is None:
            raise InputError(f"{self.name}: there is no such function for this network; {self.why}")
        return np.asarray(self.terms(np.asarray(states, dtype=float)).sum(-1))

    def to_json(self) -> dict[str, Any]:
        """What it is, as a plain document."""
        return {
            "name": self.name, "formula": self.formula, "rate": self.decrease, "hypotheses": dict(self.hypotheses),
            "flow": None if self.flow is None else self.flow.words, "applicable": self.applicable,
            "condition": self.condition, "why": self.why,
        }  # fmt: skip
