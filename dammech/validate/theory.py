"""The theory arm: the state at the parameters of a claim; where symmetry is broken, two steps and how far apart they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dammech.equations.law import Law
from dammech.solve import Solution, solve
from dammech.validate.claim import Prediction


@lru_cache(maxsize=128)
def state(model: Any, ansatz: str, load: float | None, temperature: float) -> Solution:
    """The retrieval state of a memory, or the glass state of a p-spin glass, in one ansatz."""
    return solve(model, load=load, temperature=temperature, ansatz=ansatz, throw=False)


def stable(model: Any, quantity: str, temperature: float) -> Prediction:
    """A quantity of a glass with one step of symmetry breaking, where that step is stable."""
    return of_state(state(model, "1rsb", None, temperature), quantity)


def climbed(model: Any, quantity: str, load: float | None, temperature: float, steps: tuple[str, str]) -> Prediction:
    """A quantity on the second of two steps that follow each other, and how far it is from the first."""
    before, last = (state(model, ansatz, load, temperature) for ansatz in steps)
    there = of_state(last, quantity)
    if there.value is None or not before.converged:
        return there
    return replace(there, truncation=abs(there.value - value(before, quantity)))


def of_state(found: Solution, quantity: str) -> Prediction:
    """A quantity of a state with its verdict; no number where there is no such state."""
    if not found.converged:
        return Prediction(None, True, found.why)
    return Prediction(value(found, quantity), bool(found.valid), found.why)


def value_or_none(found: Solution, quantity: str = "m") -> float:
    """A quantity of a state; 0 where there is no such state."""
    return value(found, quantity) if found.converged else 0.0


def value(state: Solution, quantity: str) -> float:
    """A quantity that the state has."""
    found = state[quantity]
    assert found is not None, state.why
    return float(found)


def of_law(name: str, step: str, at: Mapping[str, float]) -> tuple[float, ...]:
    """What a step of a theorem claims, at given values of its symbols; in so many digits that differences keep theirs."""
    import mpmath

    with mpmath.workdps(60):
        return tuple(map(float, Law(name, step).exact(**at)))
