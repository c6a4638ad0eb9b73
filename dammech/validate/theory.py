"""The theory arm: the retrieval state at the parameters of a claim."""

from __future__ import annotations

from collections.abc import Mapping

from dammech.models import HebbianDAM
from dammech.solve import Solution, solve
from dammech.validate.claim import Parameters, Prediction


def model_of(parameters: Parameters) -> HebbianDAM:
    """The memory that a claim is about."""
    return HebbianDAM(order=parameters["order"], interaction=parameters["interaction"])


def retrieval_state(parameters: Parameters, model: HebbianDAM | None = None) -> Solution:
    """The retrieval state of replica-symmetric theory, of this memory or of another at the same parameters."""
    memory = model_of(parameters) if model is None else model
    return solve(memory, load=parameters["load"], temperature=parameters["temperature"], throw=False)


def predicted(parameters: Parameters, quantity: str) -> Prediction:
    """``m`` or ``energy`` of that state with its verdict."""
    state = retrieval_state(parameters)
    if not state.converged:
        return Prediction(None, True, state.why)
    return Prediction(value(state, quantity), bool(state.valid), state.why)


def value(state: Solution, quantity: str) -> float:
    """A quantity that the state has."""
    found = state[quantity]
    assert found is not None, state.why
    return float(found)


def of_law(name: str, step: str, at: Mapping[str, float]) -> tuple[float, ...]:
    """What a step of a law of forgetting claims, at given values of its symbols."""
    from dammech.derive.registry import registered

    expressions = registered()[name]().result(step)
    return tuple(float(e.evalf(subs={s: at[s.name] for s in e.free_symbols})) for e in expressions)
