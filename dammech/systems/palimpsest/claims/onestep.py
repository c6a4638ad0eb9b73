"""One parallel step at T = 0 from a pattern of a given age, by the exact law at each N."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from dammech.exact import stream_bit_error
from dammech.systems.palimpsest.claims.theory import ORDER_2, stream_of
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.palimpsest.sampler import AgePoint, forgetting_curve
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_level, at_this_size, pooled

#: ages as εx: the weights fall from 1 to e^{−1.35}
_AGES = tuple(round(0.15 * k, 2) for k in range(10))
_LENGTH = 3.0  # of the stream, in the same units
#: order: interaction, ε, and at each N the pattern sets per seed
_CASES: dict[int, tuple[str, float, dict[int, int]]] = {
    2: ("distinct", 3.0, {60: 60, 120: 36, 240: 24}),
    3: ("power", 10.0, {30: 160, 45: 100, 60: 70}),
    4: ("power", 60.0, {16: 120, 20: 90, 26: 60}),
}
_OTHER = {"distinct": "power", "power": "distinct"}

_RIVALS = (
    Rival("interaction", "the other interaction", lambda p: _exact({**p, "interaction": _OTHER[p["interaction"]]}).value or 0.0),
    Rival("term", "noise of variance Σ Λ in place of Σ Λ²", lambda p: _weights_not_squared(p)),
)


def one_step_claims() -> list[Claim]:
    """One claim for each order: three sizes and ten ages."""
    return [
        Claim(
            f"palimpsest.p{order}.one-step", "exact law of a sum of independent terms; [mezard1986]",
            "One parallel step at T = 0 from a pattern of given age keeps the overlap of the exact law of its weight.",
            tuple(
                {"order": order, "interaction": interaction, "rate": rate, "load": _LENGTH / rate, "temperature": 0.0,
                 "size": n, "age": age}
                for n in sizes for age in _ages(order)
            ),
            _exact, _measured, _RIVALS[order == 2 :],
            without={
                **dict.fromkeys(("line", "ansatz", "null"), "one step has no states, and is itself what dynamics alone gives"),
                **(ORDER_2 if order == 2 else {}),
            },
            dose=Dose("a stream that does not forget", lambda p: {**p, "rate": 0.0}),
            covers=("palimpsest.windows.exponential",),
        )
        for order, (interaction, rate, sizes) in _CASES.items()
    ]  # fmt: skip


def _ages(order: int) -> tuple[float, ...]:
    return tuple(a / _CASES[order][1] for a in _AGES)


def _stream(p: Parameters) -> tuple[PalimpsestDAM, np.ndarray, int]:
    """The memory, its weights, and the place of the one that is looked at."""
    model, size = stream_of(p), p["size"]
    return model, model.weights(p["rate"], size, model.patterns_for(p["load"], size)), model.patterns_for(p["age"], size)


def _exact(p: Parameters) -> Prediction:
    model, weights, place = _stream(p)
    return Prediction(1 - 2 * stream_bit_error(model, p["size"], weights, place).probability)


def _weights_not_squared(p: Parameters) -> float:
    model, weights, place = _stream(p)
    load = float(weights.sum()) / p["size"] ** (p["order"] - 1)
    return math.erf(float(weights[place]) / math.sqrt(2 * float(model.noise_strength) * load))


def _measured(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    size, trials = p["size"], at_level(level, _CASES[p["order"]][2][p["size"]])
    place = _ages(p["order"]).index(p["age"])
    points = [_points(p["order"], p["interaction"], p["rate"], p["load"], size, trials, s)[place] for s in seeds]
    return at_this_size(pooled(
        size, seeds, [p.m for p in points], [p.m_error for p in points], patterns=points[0].patterns, weight=points[0].weight,
        effective_load=points[0].effective_load, trials=trials * len(seeds),
    ))  # fmt: skip


@lru_cache(maxsize=32)
def _points(
    order: int, interaction: str, rate: float, load: float, size: int, trials: int, seed: int
) -> tuple[AgePoint, ...]:  # fmt: skip
    model = stream_of({"order": order, "interaction": interaction})
    weights = model.weights(rate, size, model.patterns_for(load, size))
    places = [model.patterns_for(age, size) for age in _ages(order)]
    return forgetting_curve(
        model.memory, weights, ages=places, size=size, trials=trials, seed=seed, dynamics="one-step"
    ).points  # fmt: skip
