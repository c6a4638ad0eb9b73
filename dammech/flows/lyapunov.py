"""Functions that never increase along a network's flow or an altered one with the same steady states (fanaskov2024).

The energy of the network is flat where neurons are dead, and needs symmetric weights and convex Lagrangians. The others
trade one hypothesis for another; each says which hold for the network at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError
from dammech.flows.dynamics import Flow
from dammech.models import Network

Map = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class LyapunovFunction:
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


def lyapunov_functions(net: Network) -> list[LyapunovFunction]:
    """The family, each with its hypotheses checked for this network.

    Parameters
    ----------
    net : Network

    Returns
    -------
    list of LyapunovFunction
        In a fixed order; where hypotheses fail ``why`` says which. What can be evaluated all the same is, so that its
        increase can be seen.
    """
    from dammech.flows.eliminated import hidden_eliminated, loops, rates_eliminated
    from dammech.flows.energies import dual, dual_of_fields, gradient, legendre, mixture, scaled_dual, scaled_standard, standard
    from dammech.flows.residuals import newton_residual, residual
    from dammech.flows.symmetrise import scaling

    scaled = scaling(net)
    return [
        standard(net), scaled_standard(net, scaled), legendre(net), dual(net), mixture(net), scaled_dual(net, scaled),
        dual_of_fields(net, scaled), gradient(net, scaled), residual(net), newton_residual(net), hidden_eliminated(net),
        rates_eliminated(net), *loops(net),
    ]  # fmt: skip
