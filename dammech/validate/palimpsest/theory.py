"""The theory arm of streams: a pattern of weight Λ in a memory of effective load A."""

from __future__ import annotations

from typing import Any

from dammech.models import HebbianDAM, PalimpsestDAM
from dammech.solve import Solution
from dammech.validate.claim import Parameters, Prediction
from dammech.validate.theory import retrieval_state, value


def stream_of(parameters: Parameters) -> PalimpsestDAM:
    """The memory that a claim is about."""
    return PalimpsestDAM(
        parameters["order"], parameters["interaction"], parameters.get("kernel", "exponential"), parameters.get("exponent")
    )


def effective_load(parameters: Parameters) -> float:
    """A after a total load."""
    return stream_of(parameters).effective_load(parameters["rate"], parameters["load"])


def state(parameters: Parameters, load: float, temperature: float) -> Solution:
    """The retrieval state of the memory that does not forget, at another load and temperature."""
    memory = HebbianDAM(parameters["order"], parameters["interaction"])
    return retrieval_state({**parameters, "load": load, "temperature": temperature}, memory)


def overlap_of_weight(parameters: Parameters, weight: float, load: float) -> Prediction:
    """m of a pattern of weight Λ, n ≥ 3: that of the memory without forgetting at A/Λ² and T/Λ."""
    found = state(parameters, load / weight**2, parameters["temperature"] / weight)
    if not found.converged:
        return Prediction(None, True, found.why)
    return Prediction(value(found, "m"), bool(found.valid), found.why)


def overlap_or_none(parameters: Parameters, load: float, temperature: float) -> float:
    """m of a uniform memory; 0 where it has no retrieval state."""
    found: Any = state(parameters, load, temperature)
    return value(found, "m") if found.converged else 0.0
