"""Claims about the flat regions of the energy of random ReLU networks: how many there are, and how many hold a state."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from dammech.exact import mean_flats, mean_inverse_flats, spurious_fraction
from dammech.flows.ensembles import FlatCount, random_flats
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.pooled import at_this_size, estimate, ratio_of

#: neurons, strength of the weights, mean of the biases: without weights any law of biases, with weights a fair one
_FLATS = ((6, 0.0, 0.5), (5, 0.7, 0.0), (8, 2.0, 0.0))
_SPURIOUS = ((6, 0.0, 0.0), (6, 0.0, 0.5), (5, 0.7, 0.0))
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
            control=Control(
                "flats that add up: one more for every living neuron, 1 + np", lambda p: 1 + p["neurons"] * _positive(p)
            ),
        ),
        Claim(
            name="deadneurons.spurious-flats",
            source="exact law of independent signs; [fanaskov2024]",
            statement="Spurious are 1 − (1 − p/2)^n of a net's flats without weights, 1 − (2/3)^n of all fair nets' flats.",
            parameters=_parameters(_SPURIOUS),
            prediction=_spurious_law,
            experiment=_spurious,
            control=Control("the other average: 1 less a mean of ratios for a ratio of means, and the reverse", _other_average),
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
