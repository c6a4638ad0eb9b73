"""One parallel step at T = 0 from a pattern of a given age, by the exact law at each N."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from dammech.exact import stream_bit_error
from dammech.systems.palimpsest.claims.theory import stream_of
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.palimpsest.sampler import AgePoint, forgetting_curve
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.pooled import at_level, at_this_size, pooled

#: ages as εx: the weights fall from 1 to e^{−1.35}
_AGES = tuple(round(0.15 * k, 2) for k in range(10))
_LENGTH = 3.0  # of the stream, in the same units
#: order: interaction, ε, and at each N the pattern sets per seed
_CASES: dict[int, tuple[str, float, dict[int, int]]] = {
    2: ("distinct", 3.0, {60: 200, 120: 120, 240: 80}),
    3: ("power", 10.0, {30: 280, 45: 180, 60: 130}),
    4: ("power", 60.0, {16: 400, 20: 320, 26: 200}),
}


def one_step_claims() -> list[Claim]:
    """One claim for each order: three sizes and ten ages."""
    return [
        Claim(
            name=f"palimpsest.p{order}.one-step",
            source="exact law of a sum of independent terms; [mezard1986]",
            statement="One parallel step at T = 0 from a pattern of given age keeps the overlap of the exact law of its weight.",
            parameters=tuple(
                {"order": order, "interaction": interaction, "rate": rate, "load": _LENGTH / rate, "temperature": 0.0,
                 "size": n, "age": a / rate}
                for n in sizes for a in _AGES
            ),
            prediction=_exact,
            experiment=_measured,
            control=Control("noise of variance Σ Λ in place of Σ Λ²", _weights_not_squared),
        )
        for order, (interaction, rate, sizes) in _CASES.items()
    ]  # fmt: skip


def _stream(parameters: Parameters) -> tuple[PalimpsestDAM, np.ndarray, int]:
    """The memory, its weights, and the place of the one that is looked at."""
    model, size = stream_of(parameters), parameters["size"]
    weights = model.weights(parameters["rate"], size, model.patterns_for(parameters["load"], size))
    return model, weights, model.patterns_for(parameters["age"], size)


def _exact(parameters: Parameters) -> Prediction:
    model, weights, place = _stream(parameters)
    return Prediction(1 - 2 * stream_bit_error(model, parameters["size"], weights, place).probability)


def _weights_not_squared(parameters: Parameters) -> float:
    model, weights, place = _stream(parameters)
    load = float(weights.sum()) / parameters["size"] ** (parameters["order"] - 1)
    return math.erf(float(weights[place]) / math.sqrt(2 * float(model.noise_strength) * load))


def _measured(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    size, order = parameters["size"], parameters["order"]
    trials = at_level(level, _CASES[order][2][size])
    place = [a / parameters["rate"] for a in _AGES].index(parameters["age"])
    points = [_points(order, size, trials, s)[place] for s in seeds]
    return at_this_size(pooled(
        size, seeds, [p.m for p in points], [p.m_error for p in points], patterns=points[0].patterns, weight=points[0].weight,
        effective_load=points[0].effective_load, trials=trials * len(seeds),
    ))  # fmt: skip


@lru_cache(maxsize=32)
def _points(order: int, size: int, trials: int, seed: int) -> tuple[AgePoint, ...]:
    interaction, rate, _ = _CASES[order]
    model = stream_of({"order": order, "interaction": interaction})
    weights = model.weights(rate, size, model.patterns_for(_LENGTH / rate, size))
    places = [model.patterns_for(a / rate, size) for a in _AGES]
    return forgetting_curve(
        model.memory, weights, ages=places, size=size, trials=trials, seed=seed, dynamics="one-step"
    ).points  # fmt: skip
