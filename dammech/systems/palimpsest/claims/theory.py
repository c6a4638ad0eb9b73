"""The theory arm of streams: a pattern of weight Λ in a memory of effective load A; and wrong theories of it."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from dammech.declared.rescaled import Rescaled
from dammech.solve import solve
from dammech.systems.palimpsest.answers import forgetting
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.validate.claim import Parameters, Prediction
from dammech.validate.theory import of_state, state, value_or_none

#: why there is no rival of that kind
ORDER_2 = {"interaction": "at order 2 the other one differs by a constant of the energy"}
INSIDE = {
    "line": "the overlap inside the state is claimed, not where it ends",
    "ansatz": "replica symmetry is stable at these points",
}


def stream_of(parameters: Parameters) -> PalimpsestDAM:
    """The memory that a claim is about."""
    return PalimpsestDAM(
        parameters["order"],
        parameters["interaction"],
        parameters.get("kernel", "exponential"),
        parameters.get("exponent"),
    )


def effective_load(parameters: Parameters) -> float:
    """A after a total load (of an endless stream where there is none)."""
    load = parameters.get("load")
    return forgetting.effective_load(stream_of(parameters).shape, parameters["rate"], math.inf if load is None else load)


def weight(parameters: Parameters) -> float:
    """Λ at the parameters' age."""
    return float(stream_of(parameters).shape.weight(parameters["rate"] * parameters["age"]))


def overlap_of_age(parameters: Parameters) -> Prediction:
    """m of a pattern of the parameters' age in a stream of their rate and total load (an endless one where there is none)."""
    load = parameters.get("load")
    found = solve(
        stream_of(parameters), rate=parameters["rate"], load=load, age=parameters["age"],
        temperature=parameters["temperature"], throw=False,
    )  # fmt: skip
    return of_state(found, "m")


def overlap_or_none(parameters: Parameters, load: float, temperature: float) -> float:
    """m of a uniform memory; 0 where it has no retrieval state."""
    return value_or_none(state(stream_of(parameters).memory, "rs", load, temperature))


def rescaled(parameters: Parameters, load: float | None = None, temperature: float | None = None) -> float:
    """m of a pattern by the scaling theorem of p ≥ 3, at the stream's A or another, and the uniform memory's T or another."""
    scaled = Rescaled(weight(parameters))
    load = effective_load(parameters) if load is None else load
    temperature = scaled.plain("temperature", parameters["temperature"]) if temperature is None else temperature
    return overlap_or_none(parameters, scaled.plain("load", load), temperature)


def one_step(parameters: Parameters) -> float:
    """m after one parallel step from the pattern, N → ∞: E tanh((Λ + √(νA) z)/T), with no state at all."""
    width = math.sqrt(float(stream_of(parameters).noise_strength) * effective_load(parameters))
    if not parameters["temperature"]:
        return math.erf(weight(parameters) / width / math.sqrt(2))
    z, share = _gauss()
    return float(share @ np.tanh((weight(parameters) + width * z) / parameters["temperature"]))


@cache
def _gauss() -> tuple[np.ndarray, np.ndarray]:
    z, share = np.polynomial.hermite_e.hermegauss(120)
    return z, share / math.sqrt(2 * math.pi)

