"""The theory arm of streams: a pattern of weight Λ in a memory of effective load A."""

from __future__ import annotations

from dammech.solve import solve
from dammech.systems.hebbian.claims.theory import retrieval_state
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.answers import forgetting
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.validate.claim import Parameters, Prediction
from dammech.validate.theory import of_state, value_or_none


def stream_of(parameters: Parameters) -> PalimpsestDAM:
    """The memory that a claim is about."""
    return PalimpsestDAM(
        parameters["order"],
        parameters["interaction"],
        parameters.get("kernel", "exponential"),
        parameters.get("exponent"),
    )


def effective_load(parameters: Parameters) -> float:
    """A after a total load."""
    return forgetting.effective_load(stream_of(parameters).shape, parameters["rate"], parameters["load"])


def overlap_of_age(parameters: Parameters) -> Prediction:
    """m of a pattern of the parameters' age in a stream of their rate and total load (an endless one where there is none)."""
    load = parameters.get("load")
    state = solve(
        stream_of(parameters), rate=parameters["rate"], load=load, age=parameters["age"],
        temperature=parameters["temperature"], throw=False,
    )  # fmt: skip
    return of_state(state, "m")


def overlap_or_none(parameters: Parameters, load: float, temperature: float) -> float:
    """m of a uniform memory; 0 where it has no retrieval state."""
    memory = HebbianDAM(parameters["order"], parameters["interaction"])
    return value_or_none(retrieval_state({**parameters, "load": load, "temperature": temperature}, memory))
