"""The theory arm where replica symmetry is broken: a stable step of the hierarchy, or two steps and how far apart they are."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dammech.solve import Solution, solve
from dammech.validate.claim import Prediction
from dammech.validate.theory import value


@lru_cache(maxsize=128)
def state(model: Any, ansatz: str, load: float | None, temperature: float) -> Solution:
    """The retrieval state of a memory, or the glass state of a p-spin glass, in one ansatz."""
    return solve(model, load=load, temperature=temperature, ansatz=ansatz, throw=False)


def stable(model: Any, quantity: str, temperature: float) -> Prediction:
    """A quantity of a glass with one step of symmetry breaking, where that step is stable."""
    found = state(model, "1rsb", None, temperature)
    if not found.converged:
        return Prediction(None, True, found.why)
    return Prediction(value(found, quantity), bool(found.valid), found.why)


def climbed(model: Any, quantity: str, load: float | None, temperature: float, steps: tuple[str, str]) -> Prediction:
    """A quantity on the second of two steps that follow each other, and how far it is from the first."""
    before, last = (state(model, ansatz, load, temperature) for ansatz in steps)
    if not last.converged:
        return Prediction(None, True, last.why)
    if not before.converged:
        return Prediction(value(last, quantity), bool(last.valid), last.why)
    there = value(last, quantity)
    return Prediction(there, bool(last.valid), last.why, abs(there - value(before, quantity)))
