"""Hebbian rehearsal: weights are 1 + geometric, and what is retrieved falls in steps as the load grows."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from dammech.exact import rehearsal_second_moment
from dammech.simulate.estimators import fraction_and_error, mean_and_error
from dammech.simulate.trials import key_of
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.answers import staircase
from dammech.systems.palimpsest.claims.streams import KEPT_ABOVE
from dammech.systems.palimpsest.claims.theory import overlap_or_none, stream_of
from dammech.systems.palimpsest.sampler import forgetting_curve, rehearsal_counts
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.pooled import at_this_size, mean_of, pooled
from dammech.validate.theory import of_law

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
            prediction=lambda p: Prediction(rehearsal_second_moment(_count(p), p["exponent"]) / p["size"] ** 2),
            experiment=_second_moment,
            control=Control(
                "weights that are all equal to their mean, A = α(1 + R)²", lambda p: p["load"] * _mean_weight(p) ** 2,
            ),
        ),
        Claim(
            name="palimpsest.p3.rehearsal.staircase",
            source="[robins1998] [gardner1987]",
            statement="The retrieved fraction is that of the patterns stored often enough, (R/(1 + R))^k with an integer k.",
            parameters=tuple({**common, "load": a, "exponent": 1.0} for a in _STEPS),
            prediction=lambda p: Prediction(
                staircase(stream_of(p), load=p["load"], temperature=p["temperature"])["fraction"]
            ),
            experiment=_retrieved,
            control=Control(
                "without rehearsal: all or nothing",
                lambda p: float(overlap_or_none(p, p["load"], p["temperature"]) > 0),
            ),
        ),
    ]  # fmt: skip


def _mean_weight(parameters: Parameters) -> float:
    return of_law("palimpsest.rehearsal", "Mean weight and effective load", {"R": parameters["exponent"]})[0]


def _count(parameters: Parameters) -> int:
    return round(parameters["load"] * parameters["size"] ** 2)


def _drawn(parameters: Parameters, level: str, seed: int) -> Iterator[np.ndarray]:
    """How often each pattern of a stream was stored, again and again."""
    count, again = _count(parameters), parameters["exponent"]
    rng = np.random.default_rng(np.random.SeedSequence(key_of(seed, "rehearsal", count, again)))
    return (rehearsal_counts(count, again, rng) for _ in range(_COUNTS[level]))


def _second_moment(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    size = parameters["size"]
    found = [
        mean_and_error(np.array([float((counts**2).sum()) for counts in _drawn(parameters, level, s)]) / size**2)
        for s in seeds
    ]
    values, errors = zip(*found)
    return at_this_size(
        pooled(size, seeds, values, errors, patterns=_count(parameters), trials=_COUNTS[level] * len(seeds))
    )


def _retrieved(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """Retrieved fraction of every weight, by runs from patterns spread over the stream, times how often the weight occurs."""
    size, again, count = parameters["size"], parameters["exponent"], _count(parameters)
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
        draws = [np.minimum(counts, _WEIGHTS) for counts in _drawn(parameters, level, seed)]
        of_weight = [(mean_of(np.array([(d == w).mean() for d in draws])), kept[weights == w]) for w in range(1, _WEIGHTS + 1)]
        each = [(*share, *fraction_and_error(int(k.sum()), max(k.size, 1))) for share, k in of_weight]
        values.append(sum(share * fraction for share, _, fraction, _ in each))
        errors.append(math.hypot(*(s * e for s, _, _, e in each), *(e * f for _, e, f, _ in each)))
        classes.append([fraction for _, _, fraction, _ in each])
    by_weight = {str(w): float(f) for w, f in zip(range(1, _WEIGHTS + 1), np.mean(classes, axis=0))}
    return at_this_size(pooled(
        size, seeds, values, errors, patterns=count, trials=_SETS[level] * len(seeds), retrieved_by_weight=by_weight,
    ))  # fmt: skip
