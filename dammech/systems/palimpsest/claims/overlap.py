"""Overlap with a pattern of given age at T > 0 and n ≥ 3: the same as at A/Λ² and T/Λ without forgetting.

The noise of p ≥ 3 is a Gaussian field that knows of the weights through A = Σ Λ²/N^{p−1} alone, and dividing H and T by Λ
makes the pattern one of weight 1. Three consequences are claimed: the overlap against age, the same overlap for every kernel
of equal A, and a newest pattern that is kept whatever the total load, where a memory that does not forget has lost all.
"""

from __future__ import annotations

import math

from dammech.declared.rescaled import Rescaled
from dammech.systems.palimpsest.answers import forgetting
from dammech.systems.palimpsest.claims.streams import overlap_with_age
from dammech.systems.palimpsest.claims.theory import effective_load, overlap_of_age, overlap_or_none, stream_of
from dammech.validate.claim import Claim, Control, Parameters
from dammech.validate.crossings import halved
from dammech.validate.sizes import Plan

#: the oldest pattern of a young stream: it has half the weight of the newest
_AGEING: tuple[dict[str, float | int | str], ...] = (
    {"order": 3, "interaction": "power", "rate": 100.0, "load": 0.007, "age": 0.007, "temperature": 0.17},
)
_AGEING_4: tuple[dict[str, float | int | str], ...] = (
    {"order": 4, "interaction": "power", "rate": 1000.0, "load": 0.0007, "age": 0.0007, "temperature": 0.16},
)
#: one A by four kernels
_LOAD = 0.035
_KERNELS: tuple[tuple[str, float | None, float], ...] = (
    ("exponential", None, 14.0),
    ("power-law", 1.0, 22.0),
    ("compressed-exponential", 2.0, 17.5),
)
_BEYOND = {"order": 3, "interaction": "power", "rate": 12.0, "load": 0.2, "age": 0.0, "temperature": 0.2}
_PLANS = {
    "quick": {
        "ageing": Plan((256, 384, 512), (40, 30, 20)),
        "ageing-4": Plan((128, 176, 240), (60, 40, 24)),
        "kernels": Plan((176, 224, 288), (24, 14, 8)),
        "beyond": Plan((176, 224, 288), (20, 12, 6)),
    },
    "full": {
        "ageing": Plan((256, 384, 512), (400, 250, 160)),
        "ageing-4": Plan((128, 176, 240), (600, 400, 200)),
        "kernels": Plan((192, 256, 320), (300, 160, 80)),
        "beyond": Plan((192, 256, 320), (160, 80, 40)),
    },
}


def overlap_claims() -> list[Claim]:
    """Ageing for p = 3 and 4, collapse on A, retrieval beyond the blackout load."""
    ageing = Control(
        "the theory at A/Λ² and T: the noise scaled with the weight, the temperature not", _same_temperature
    )
    return [
        _claim("p3.overlap-against-age", _AGEING, "ageing", ageing,
               "A pattern of weight Λ at (A, T) has the overlap of the memory without forgetting at (A/Λ², T/Λ)."),
        _claim("p4.overlap-against-age", _AGEING_4, "ageing-4", ageing,
               "A pattern of weight Λ at (A, T) has the overlap of the memory without forgetting at (A/Λ², T/Λ)."),
        _claim("p3.collapse", tuple(_of_kernel(*k) for k in _KERNELS), "kernels",
               Control("the memory without forgetting at the total load", _at_total_load),
               "Streams of different kernels and lengths with the same A retrieve their newest pattern equally well."),
        _claim("p3.beyond-blackout", (_BEYOND,), "beyond",
               Control("the memory without forgetting at the total load, which is in blackout", _at_total_load),
               "Beyond the critical rate the newest pattern is kept at loads where a memory without forgetting keeps none."),
    ]  # fmt: skip


def _claim(name: str, parameters: tuple[Parameters, ...], plan: str, control: Control, statement: str) -> Claim:
    return Claim(
        name=f"palimpsest.{name}",
        source="[mezard1986] [nadal1986] [gardner1987]",
        statement=statement,
        parameters=parameters,
        prediction=overlap_of_age,
        experiment=lambda p, level, seeds: overlap_with_age(p, _PLANS[level][plan], seeds),
        control=control,
    )


def _weight(parameters: Parameters) -> float:
    return float(stream_of(parameters).shape.weight(parameters["rate"] * parameters["age"]))


def _same_temperature(parameters: Parameters) -> float:
    load = Rescaled(_weight(parameters)).plain("load", effective_load(parameters))
    return overlap_or_none(parameters, load, parameters["temperature"])


def _at_total_load(parameters: Parameters) -> float:
    return overlap_or_none(parameters, parameters["load"], parameters["temperature"])


def _of_kernel(kernel: str, exponent: float | None, rate: float) -> Parameters:
    """A stream of this kernel, of the length at which its effective load is the common one."""
    point = {"order": 3, "interaction": "power", "kernel": kernel, "exponent": exponent, "rate": rate, "age": 0.0,
             "temperature": 0.2}  # fmt: skip
    model = stream_of(point)
    _, length = halved(lambda load: forgetting.effective_load(model.shape, rate, load) <= _LOAD, _LOAD, 1.0, 60)
    assert math.isclose(forgetting.effective_load(model.shape, rate, length), _LOAD, rel_tol=1e-9)
    return {**point, "load": length}
