"""Claims about one step from a stored pattern, or from near it: the exact law at each N, no extrapolation."""

from __future__ import annotations

import math

import numpy as np

from dammech.exact import bit_error
from dammech.simulate import one_step_bit_error
from dammech.simulate.flips import flip_energy
from dammech.simulate.trials import Setting, Trial, over_trials
from dammech.systems.hebbian.claims.theory import model_of
from dammech.systems.hebbian.claims.wrong import other_interaction
from dammech.systems.hebbian.model import HebbianDAM
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_level, at_this_size, estimate, pooled

#: load and size of each point, and pattern sets per seed
_POINTS: dict[tuple[int, str], tuple[tuple[float, int, int], ...]] = {
    (2, "distinct"): ((0.5, 30, 4000), (0.5, 60, 2400)),
    (2, "power"): ((0.5, 30, 4000), (0.5, 60, 2400)),
    (3, "distinct"): ((0.15, 40, 3000), (0.15, 80, 1600)),
    (3, "power"): ((0.1, 40, 12000), (0.1, 80, 1600)),
    (4, "distinct"): ((0.05, 30, 1500), (0.05, 40, 800)),
    (4, "power"): ((0.03, 30, 6000), (0.03, 50, 500)),
}

#: order → load; and overlaps before the step, at each N with so many pattern sets per seed
_BASINS, _STARTS, _SETS = {2: 0.2, 3: 0.06}, (0.5, 0.2, 0.8), {40: 4000, 80: 3000}
_ONE_STEP = {"line": "a law of one step has no line", "ansatz": "it is exact"}
_SAME = {"interaction": "at order 2 the diagonal moves no spin"}
_DENSER = Dose("a load a fifth higher", lambda p: {**p, "load": 1.2 * p["load"]})
_GAUSSIAN = Rival("term", "the Gaussian law of N → ∞, at this finite N", lambda p: _gaussian(p))
_OTHER = Rival("interaction", "the exact law of the other interaction", lambda p: _law(other_interaction(p), p))


def bit_error_claims() -> list[Claim]:
    """One claim for each order and interaction."""
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
            rivals=(_GAUSSIAN, *(() if order == 2 else (_OTHER,))),
            without={**_ONE_STEP, "null": "it is of the dynamics alone", **(_SAME if order == 2 else {})},
            dose=_DENSER,
        )
        for (order, interaction), points in _POINTS.items()
    ]


def basin_claims() -> list[Claim]:
    """How near a pattern one step leads from a given overlap, at orders 2 and 3."""
    return [
        Claim(
            name=f"hebbian.p{order}.one-step-basin",
            source="exact law of a sum of independent terms; [baldi1987] [krotov2016]",
            statement="One parallel step at T = 0 from an overlap with a stored pattern leads to the overlap of the exact law.",
            parameters=tuple(
                {"order": order, "interaction": "distinct", "load": load, "temperature": 0.0, "size": size, "start": start}
                for size in _SETS for start in _STARTS
            ),
            prediction=lambda p: Prediction(1 - 2 * _law(model_of(p), p)),
            experiment=_stepped,
            rivals=(
                *(_overlap(rival) for rival in (_GAUSSIAN, *(() if order == 2 else (_OTHER,)))),
                Rival("term", "no noise: all spins that the pattern pulls follow it", lambda p: 1.0),
                Rival("null", "no spin moves", lambda p: p["start"]),
            ),
            without={**_ONE_STEP, **(_SAME if order == 2 else {})},
            dose=_DENSER,
        )
        for order, load in _BASINS.items()
    ]  # fmt: skip


def _overlap(rival: Rival) -> Rival:
    return Rival(rival.kind, rival.statement, lambda p: 1 - 2 * rival.predict(p))


def _law(model: HebbianDAM, parameters: Parameters) -> float:
    size = parameters["size"]
    count = model.patterns_for(parameters["load"], size)
    return bit_error(model, size, count, start=parameters.get("start", 1.0)).probability


def _gaussian(parameters: Parameters) -> float:
    signal = parameters.get("start", 1.0) ** (parameters["order"] - 1)
    return math.erfc(signal / math.sqrt(2 * parameters["load"] * float(model_of(parameters).noise_strength))) / 2


def _stepped(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    model, size = model_of(parameters), parameters["size"]
    count, trials = model.patterns_for(parameters["load"], size), at_level(level, _SETS[size])
    table = flip_energy(model, size, count)

    def overlaps(seed: int) -> np.ndarray:
        setting = Setting(model, size, count, 0.0, "parallel", parameters["start"], seed, table)
        run = [Trial(setting, k) for k in range(trials)]
        return np.array(over_trials(lambda trial: trial.chain().run(1).overlap[0], run, setting, None))

    return estimate(size, seeds, overlaps)


def _measured(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    model, load, size = model_of(parameters), parameters["load"], parameters["size"]
    plan = {n: trials for _, n, trials in _POINTS[parameters["order"], parameters["interaction"]]}
    trials = at_level(level, plan[size])
    points = [one_step_bit_error(model, load=load, size=size, trials=trials, seed=s).points[0] for s in seeds]
    return at_this_size(pooled(
        size, seeds, [p.bit_error for p in points], [p.bit_error_error for p in points], patterns=points[0].patterns,
        load=points[0].load, trials=trials * len(seeds),
    ))  # fmt: skip
