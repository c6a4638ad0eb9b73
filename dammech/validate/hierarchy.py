"""The theory arm where replica symmetry is broken: a step of the hierarchy, and how far the next or the last is away."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dammech.phases import boundary
from dammech.solve import Solution, solve
from dammech.validate.claim import Prediction
from dammech.validate.theory import single, value


@lru_cache(maxsize=128)
def state(model: Any, ansatz: str, load: float | None, temperature: float) -> Solution:
    """The retrieval state of a memory, or the glass state of a p-spin glass, in one ansatz."""
    return single(solve(model, load=load, temperature=temperature, ansatz=ansatz, throw=False))


def broken(model: Any, quantity: str, load: float | None, temperature: float) -> Prediction:
    """A quantity with one step of symmetry breaking; what the next step may change is not known."""
    found = state(model, "1rsb", load, temperature)
    if not found.converged:
        return Prediction(None, True, found.why)
    return Prediction(value(found, quantity), bool(found.valid), found.why)


def climbed(model: Any, quantity: str, load: float | None, temperature: float, steps: tuple[str, ...]) -> Prediction:
    """A quantity on the last of some steps, and how far it is from the one before."""
    found = [state(model, ansatz, load, temperature) for ansatz in steps]
    missing = [s.why for s in found if not s.converged]
    if missing:
        return Prediction(None, True, missing[0])
    values = [value(s, quantity) for s in found]
    return Prediction(values[-1], bool(found[-1].valid), found[-1].why, abs(values[-1] - values[-2]))


def overlap(model: Any, load: float, temperature: float) -> Prediction:
    """m with one step of symmetry breaking; what is left out is estimated by the rule that m does not change below the AT line.

    By that rule (parisi1980toulouse) the limit of the hierarchy has the m that replica symmetry has where it becomes
    unstable on the way down in temperature at this load.
    """
    found = broken(model, "m", load, temperature)
    at = onset(model, load)
    if found.value is None or at is None:
        return found
    return Prediction(found.value, found.valid, found.why, abs(found.value - at[1]))


@lru_cache(maxsize=32)
def onset(model: Any, load: float) -> tuple[float, float] | None:
    """Temperature and overlap where replica symmetry becomes unstable at this load, the highest; None without one."""
    points = [p for p in boundary(model, "at", loads=[load]).points if p["converged"] and p["m"] is not None]
    if not points:
        return None
    highest = max(points, key=lambda p: p["temperature"])
    return float(highest["temperature"]), float(highest["m"])
