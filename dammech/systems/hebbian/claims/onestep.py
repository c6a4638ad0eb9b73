"""Claims about one step from a stored pattern: the exact law at each N, no extrapolation."""

from __future__ import annotations

import math

from dammech.exact import bit_error
from dammech.simulate import one_step_bit_error
from dammech.systems.hebbian.claims.theory import model_of
from dammech.systems.hebbian.claims.wrong import other_interaction
from dammech.systems.hebbian.model import HebbianDAM
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_level, at_this_size, pooled

#: load and size of each point, and pattern sets per seed
_POINTS: dict[tuple[int, str], tuple[tuple[float, int, int], ...]] = {
    (2, "distinct"): ((0.5, 30, 4000), (0.5, 60, 2400)),
    (2, "power"): ((0.5, 30, 4000), (0.5, 60, 2400)),
    (3, "distinct"): ((0.15, 40, 3000), (0.15, 80, 1600)),
    (3, "power"): ((0.1, 40, 12000), (0.1, 80, 1600)),
    (4, "distinct"): ((0.05, 30, 1500), (0.05, 40, 800)),
    (4, "power"): ((0.03, 30, 6000), (0.03, 50, 500)),
}


def bit_error_claims() -> list[Claim]:
    """One claim for each order and interaction."""
    gaussian = Rival("term", "the Gaussian law of N → ∞, at this finite N", _gaussian)
    other = Rival("interaction", "the exact law of the other interaction", lambda p: _law(other_interaction(p), p))
    return [
        Claim(
            name=f"hebbian.p{order}{'' if interaction == 'distinct' else '.' + interaction}.one-step-bit-error",
            source="exact law of a sum of independent terms; [baldi1987] [krotov2016]",
            statement="One parallel step at T = 0 from a stored pattern flips a bit as often as the exact law says.",
            parameters=tuple(
                {"order": order, "interaction": interaction, "load": load, "temperature": 0.0, "size": size}
                for load, size, _ in points
            ),
            prediction=lambda p: Prediction(_law(model_of(p), p)),
            experiment=_measured,
            rivals=(gaussian, *(() if order == 2 else (other,))),
            without={"line": "a law of one step has no line", "ansatz": "it is exact", "null": "it is of the dynamics alone"}
            | ({"interaction": "at order 2 the diagonal moves no spin"} if order == 2 else {}),
            dose=Dose("a load a fifth higher", lambda p: {**p, "load": 1.2 * p["load"]}),
        )
        for (order, interaction), points in _POINTS.items()
    ]


def _law(model: HebbianDAM, parameters: Parameters) -> float:
    size = parameters["size"]
    return bit_error(model, size, model.patterns_for(parameters["load"], size)).probability


def _gaussian(parameters: Parameters) -> float:
    return math.erfc(1 / math.sqrt(2 * parameters["load"] * float(model_of(parameters).noise_strength))) / 2


def _measured(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    model, load, size = model_of(parameters), parameters["load"], parameters["size"]
    plan = {n: trials for _, n, trials in _POINTS[parameters["order"], parameters["interaction"]]}
    trials = at_level(level, plan[size])
    points = [one_step_bit_error(model, load=load, size=size, trials=trials, seed=s).points[0] for s in seeds]
    return at_this_size(pooled(
        size, seeds, [p.bit_error for p in points], [p.bit_error_error for p in points], patterns=points[0].patterns,
        load=points[0].load, trials=trials * len(seeds),
    ))  # fmt: skip
