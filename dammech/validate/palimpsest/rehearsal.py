"""Hebbian rehearsal: weights are 1 + geometric, and what is retrieved falls in steps as the load grows."""

from __future__ import annotations

import math

import numpy as np

from dammech.exact import rehearsal_second_moment
from dammech.models import HebbianDAM
from dammech.phases import staircase
from dammech.simulate.estimators import fraction_and_error, mean_and_error
from dammech.simulate.streams import forgetting_curve, rehearsal_counts
from dammech.simulate.trials import key_of
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.palimpsest.streams import KEPT_ABOVE
from dammech.validate.palimpsest.theory import overlap_or_none, stream_of
from dammech.validate.pooled import at_this_size, pooled

_STEPS = (0.022, 0.08)
_SETS = {"quick": 8, "full": 60}
_COUNTS = {"quick": 200, "full": 2000}
_PROBES = 16
_WEIGHTS = 4  # classes Λ = 1, 2, 3 and beyond


def rehearsal_claims() -> list[Claim]:
    """The second moment of the weights, and the staircase."""
    common = {"order": 3, "interaction": "power", "kernel": "rehearsal", "rate": 0.0, "temperature": 0.2, "size": 224}
    return [
        Claim(
            name="palimpsest.p3.rehearsal.effective-load",
            source="[robins1998]",
            statement="R rehearsals with every new pattern make A = α(1 + R)(1 + 2R), less what is exact for a finite stream.",
            parameters=tuple({**common, "load": 0.09, "exponent": r} for r in (1.0, 2.0)),
            prediction=_exact_moment,
            experiment=_second_moment,
            control=Control("weights that are all equal to their mean, A = α(1 + R)²", _equal_weights),
        ),
        Claim(
            name="palimpsest.p3.rehearsal.staircase",
            source="[robins1998] [gardner1987]",
            statement="The retrieved fraction is that of the patterns stored often enough, (R/(1 + R))^k with an integer k.",
            parameters=tuple({**common, "load": a, "exponent": 1.0} for a in _STEPS),
            prediction=_staircase,
            experiment=_retrieved,
            control=Control("without rehearsal: all or nothing", _all_or_nothing),
        ),
    ]  # fmt: skip


def _exact_moment(parameters: Parameters) -> Prediction:
    count = round(parameters["load"] * parameters["size"] ** 2)
    return Prediction(rehearsal_second_moment(count, parameters["exponent"]) / parameters["size"] ** 2)


def _staircase(parameters: Parameters) -> Prediction:
    found = staircase(stream_of(parameters), load=parameters["load"], temperature=parameters["temperature"])
    return Prediction(found["fraction"])


def _equal_weights(parameters: Parameters) -> float:
    return float(parameters["load"] * (1 + parameters["exponent"]) ** 2)


def _all_or_nothing(parameters: Parameters) -> float:
    return float(overlap_or_none(parameters, parameters["load"], parameters["temperature"]) > 0)


def _second_moment(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    size, count = parameters["size"], round(parameters["load"] * parameters["size"] ** 2)
    values, errors = [], []
    for seed in seeds:
        rng = np.random.default_rng(np.random.SeedSequence(key_of(seed, "rehearsal", count, parameters["exponent"])))
        sets = [float((rehearsal_counts(count, parameters["exponent"], rng) ** 2).sum()) for _ in range(_COUNTS[level])]
        value, error = mean_and_error(np.array(sets) / size**2)
        values.append(value)
        errors.append(error)
    return at_this_size(pooled(size, seeds, values, errors, patterns=count, trials=_COUNTS[level] * len(seeds)))


def _retrieved(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """Retrieved fraction of every weight, by runs from patterns spread over the stream, times how often the weight occurs."""
    size, again = parameters["size"], parameters["exponent"]
    count = round(parameters["load"] * size**2)
    places = [int((k + 0.5) * count / _PROBES) for k in range(_PROBES)]
    values, errors, classes = [], [], []
    for seed in seeds:
        points = forgetting_curve(
            HebbianDAM(3, parameters["interaction"]), lambda rng: rehearsal_counts(count, again, rng), ages=places, size=size,
            temperature=parameters["temperature"], trials=_SETS[level], seed=seed, sweeps=20, equilibration=60,
            retrieved_above=KEPT_ABOVE,
        ).points  # fmt: skip
        weights = np.minimum(np.array([p.weights for p in points]).ravel(), _WEIGHTS)
        kept = np.array([p.overlaps for p in points]).ravel() > KEPT_ABOVE
        rng = np.random.default_rng(np.random.SeedSequence(key_of(seed, "rehearsal", count, again)))
        draws = [np.minimum(rehearsal_counts(count, again, rng), _WEIGHTS) for _ in range(_COUNTS[level])]
        classes_of = range(1, _WEIGHTS + 1)
        share = [mean_and_error(np.array([(d == w).mean() for d in draws])) for w in classes_of]
        each = [
            fraction_and_error(int(kept[weights == w].sum()), max(int((weights == w).sum()), 1)) for w in classes_of
        ]
        values.append(sum(s[0] * p[0] for s, p in zip(share, each)))
        of_runs = [s[0] * p[1] for s, p in zip(share, each)]
        of_shares = [(math.inf if s[1] is None else s[1]) * p[0] for s, p in zip(share, each)]
        errors.append(math.hypot(*of_runs, *of_shares))
        classes.append([p[0] for p in each])
    by_weight = {str(w): float(f) for w, f in zip(range(1, _WEIGHTS + 1), np.mean(classes, axis=0))}
    return at_this_size(pooled(
        size, seeds, values, errors, patterns=count, trials=_SETS[level] * len(seeds), retrieved_by_weight=by_weight,
    ))  # fmt: skip
