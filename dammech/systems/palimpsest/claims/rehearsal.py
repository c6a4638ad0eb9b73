"""Hebbian rehearsal: weights are 1 + geometric, and the noise is that of their second moment.

Neither the overlap of what is kept is claimed nor where the retrieved fraction falls: a run is lost to patterns that were stored
more often long before its state ends, less so as N grows, but still at N = 1000 (`dammech.systems.palimpsest.theory.capture`).
Overlaps of runs that stay (.980, .975, .976 at N = 512, 800, 1200, with 36 % lost at N = 512) came out 4.2 statistical errors
below the theory, with forms of the correction three times as far apart.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dammech.exact import rehearsal_second_moment
from dammech.simulate.estimators import mean_and_error
from dammech.simulate.trials import key_of
from dammech.systems.palimpsest.sampler import rehearsal_counts
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_this_size, pooled
from dammech.validate.theory import of_law

_COUNTS = {"quick": 200, "full": 2000}


def rehearsal_claims() -> list[Claim]:
    """The second moment of the weights."""
    common = {"order": 3, "interaction": "power", "kernel": "rehearsal", "rate": 0.0}
    return [
        Claim(
            "palimpsest.p3.rehearsal.effective-load", "[robins1998]",
            "R rehearsals with every new pattern make A = α(1 + R)(1 + 2R), less what is exact for a finite stream.",
            tuple({**common, "size": 64, "load": 0.09, "exponent": r} for r in (1.0, 2.0)),
            lambda p: Prediction(rehearsal_second_moment(_count(p), p["exponent"]) / p["size"] ** 2), _second_moment,
            (
                Rival("term", "weights that are all equal, A = α(1 + R)²", lambda p: _moments(p)[0] ** 2 * p["load"]),
                Rival("term", "a stream without end, A = α(1 + R)(1 + 2R)", lambda p: p["load"] * _moments(p)[1]),
            ),
            dict.fromkeys(("interaction", "line", "ansatz", "null"), "the law is that of the weights, before any dynamics"),
            Dose("5 % fewer rehearsals", lambda p: {**p, "exponent": 0.95 * p["exponent"]}), ("palimpsest.rehearsal",),
        ),
    ]  # fmt: skip


def _moments(parameters: Parameters) -> tuple[float, ...]:
    return of_law("palimpsest.rehearsal", "Mean weight and effective load", {"R": parameters["exponent"]})


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
