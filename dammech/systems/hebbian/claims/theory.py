"""The theory arm of claims about Hebbian memories: the retrieval state at their parameters."""

from __future__ import annotations

from dammech.solve import Solution, solve
from dammech.systems.hebbian.model import HebbianDAM
from dammech.validate.claim import Parameters, Prediction
from dammech.validate.theory import of_state


def model_of(parameters: Parameters) -> HebbianDAM:
    """The memory that a claim is about."""
    return HebbianDAM(order=parameters["order"], interaction=parameters["interaction"])


def retrieval_state(parameters: Parameters, model: HebbianDAM | None = None) -> Solution:
    """The retrieval state of replica-symmetric theory, of this memory or of another at the same parameters."""
    memory = model_of(parameters) if model is None else model
    return solve(memory, load=parameters["load"], temperature=parameters["temperature"], throw=False)


def predicted(parameters: Parameters, quantity: str) -> Prediction:
    """``m`` or ``energy`` of that state with its verdict."""
    return of_state(retrieval_state(parameters), quantity)
