"""Claims about the flat regions of the energy of random ReLU networks: how many there are, and how many hold a state."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from dammech.exact import mean_flats, mean_inverse_flats, spurious_fraction
from dammech.flows.ensembles import FlatCount, random_flats
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_this_size, estimate, ratio_of

#: neurons, strength of the weights, mean of the biases: without weights any law of biases, with weights a fair one
_FLATS = ((6, 0.0, 0.5), (5, 0.7, 0.0), (8, 2.0, 0.0))
_SPURIOUS = ((6, 0.0, 0.0), (6, 0.0, 0.5), (5, 0.7, 0.0))
_EXACT = {
    "line": "nothing changes with a parameter at once",
    "ansatz": "an exact law at every n",
}
_DOSE = Dose("biases 0.1 higher on average", lambda p: {**p, "mean_bias": p["mean_bias"] + 0.1})
_NETS = {"quick": 4000, "full": 40000}


def flat_claims() -> list[Claim]:
    """The number of energy-critical flats, and the part of them without a steady state."""
    return [
        Claim(
            name="deadneurons.flats",
            source="exact law of independent signs; [fanaskov2024]",
            statement="The mean number of energy-critical flats is (1 + p)^n without weights, (3/2)^n with fair ones.",
            parameters=_parameters(_FLATS),
            prediction=lambda p: Prediction(mean_flats(p["neurons"], _positive(p))),
            experiment=lambda p, level, seeds: estimate(p["neurons"], seeds, lambda s: _count(p, level, s).flats),
            rivals=(
                Rival("term", "flats that add up: one for every living neuron and one more",
                      lambda p: 1 + p["neurons"] * _positive(p)),
                Rival("interaction", "fair biases, (3/2)^n", lambda p: 1.5 ** p["neurons"] if p["mean_bias"] else math.nan),
                Rival("null", "every set of living neurons has a flat, 2^n", lambda p: 2.0 ** p["neurons"]),
            ),
            without=_EXACT, dose=_DOSE, covers=("dead-neurons.spurious-flats",),
        ),
        Claim(
            name="deadneurons.spurious-flats",
            source="exact law of independent signs; [fanaskov2024]",
            statement="Spurious are 1 − (1 − p/2)^n of a net's flats without weights, 1 − (2/3)^n of all fair nets' flats.",
            parameters=_parameters(_SPURIOUS),
            prediction=_spurious_law,
            experiment=_spurious,
            rivals=(
                Rival("term", "the other average: a mean of ratios for a ratio of means, and the reverse", _other_average),
                Rival("interaction", "one neuron less", lambda p: _spurious_law({**p, "neurons": p["neurons"] - 1}).value or 0.0),
                Rival("null", "every set of living neurons has a flat, one of them a state", lambda p: 1 - 0.5 ** p["neurons"]),
            ),
            without=_EXACT, dose=_DOSE, covers=("dead-neurons.spurious-flats",),
        ),
    ]


def _parameters(table: tuple[tuple[int, float, float], ...]) -> tuple[Parameters, ...]:
    return tuple({"neurons": n, "strength": w, "mean_bias": c} for n, w, c in table)


def _positive(p: Parameters) -> float:
    return NormalDist().cdf(p["mean_bias"])


def _count(p: Parameters, level: str, seed: int) -> FlatCount:
    return random_flats(p["neurons"], p["strength"], p["mean_bias"], nets=_NETS[level], seed=seed)


def _spurious_law(p: Parameters) -> Prediction:
    if p["strength"]:
        return Prediction(spurious_fraction(p["neurons"]))
    return Prediction(1 - mean_inverse_flats(p["neurons"], _positive(p)))


def _other_average(p: Parameters) -> float:
    """Of all nets' flats together where the law is of each net's, of each net's without weights where it is of all."""
    if p["strength"]:
        return 1 - mean_inverse_flats(p["neurons"], _positive(p))
    return 1 - 1 / mean_flats(p["neurons"], _positive(p))


def _spurious(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    if not p["strength"]:
        return estimate(p["neurons"], seeds, lambda s: 1 - (c := _count(p, level, s)).steady / c.flats)
    counts = [_count(p, level, s) for s in seeds]
    steady, flats = (np.concatenate(part) for part in ([c.steady for c in counts], [c.flats for c in counts]))
    share, error = ratio_of(steady, flats)
    return at_this_size({"size": p["neurons"], "value": 1 - share, "error": error, "sets": len(flats)})
