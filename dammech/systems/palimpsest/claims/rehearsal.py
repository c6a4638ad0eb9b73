"""Hebbian rehearsal: weights are 1 + geometric, and the noise is that of their second moment.

Where the retrieved fraction falls is not claimed: a run is lost to patterns that were stored more often long before its state
ends, ever less so as N grows, but still at N = 1000 (`dammech.systems.palimpsest.theory.capture`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from dammech.exact import rehearsal_second_moment
from dammech.simulate.estimators import mean_and_error
from dammech.simulate.trials import key_of
from dammech.solve import Solution
from dammech.systems.palimpsest.claims.streams import KEPT_ABOVE
from dammech.systems.palimpsest.claims.theory import INSIDE, stream_of
from dammech.systems.palimpsest.sampler import forgetting_curve, rehearsal_counts
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_this_size, pooled, pooled_row
from dammech.validate.sizes import limit
from dammech.validate.theory import of_law, of_state, state, value_or_none

_COUNTS = {"quick": 200, "full": 2000}
#: N and pattern sets per seed, in each of which some patterns are looked at
_SETS = {"quick": ((512, 32), (800, 20), (1200, 13)), "full": ((512, 200), (800, 120), (1200, 60), (1800, 20))}
_PROBES = 12


def rehearsal_claims() -> list[Claim]:
    """The second moment of the weights, and the overlap in its noise."""
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
        Claim(
            "palimpsest.p3.rehearsal.overlap", "[robins1998] [gardner1987]",
            "Patterns stored once that are kept have the overlap of the memory without rehearsal at A = α(1 + R)(1 + 2R).",
            ({**common, "load": 0.008, "exponent": 1.0, "temperature": 0.2},),
            lambda p: of_state(_uniform(p, p["load"] * _moments(p)[1]), "m"), _kept,
            (
                Rival("interaction", "the other interaction", lambda p: value_or_none(
                    _uniform({**p, "interaction": "distinct"}, p["load"] * _moments(p)[1]))),
                Rival("term", "weights that are all equal, A = α(1 + R)²",
                      lambda p: value_or_none(_uniform(p, p["load"] * _moments(p)[0] ** 2))),
                Rival("term", "the load without its rehearsals", lambda p: value_or_none(_uniform(p, p["load"]))),
            ),
            {**INSIDE, "null": "only runs that keep the pattern are averaged; one that has no state leaves it"},
            Dose("half the rehearsals", lambda p: {**p, "exponent": p["exponent"] / 2}), ("palimpsest.rehearsal",),
        ),
    ]  # fmt: skip


def _uniform(p: Parameters, load: float) -> Solution:
    return state(stream_of(p).memory, "rs", load, p["temperature"])


def _kept(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """m at N → ∞ of patterns stored once, a mean over those that a set of patterns keeps; strong ones make it 1/N lower."""
    rows = []
    for size, sets in _SETS[level]:
        count = stream_of(p).patterns_for(p["load"], size)
        places = [k * count // (2 * _PROBES) for k in range(_PROBES)]
        by_seed, lost = {}, 0.0
        for seed in seeds:
            points = forgetting_curve(
                stream_of(p).memory, partial(rehearsal_counts, count, p["exponent"]), ages=places, size=size, trials=sets,
                temperature=p["temperature"], seed=seed, sweeps=20, equilibration=60, retrieved_above=KEPT_ABOVE,
            ).points  # fmt: skip
            overlaps = np.array([q.overlaps for q in points])
            once = np.array([q.weights for q in points]) == 1
            kept = once & (overlaps > KEPT_ABOVE)
            lost += 1 - kept.sum() / once.sum()
            by_seed[seed] = np.array([m[k].mean() for m, k in zip(overlaps.T, kept.T) if k.any()])
        rows.append(pooled_row(size, by_seed, patterns=count, lost=lost / len(seeds)))
    return limit(rows, others={"N^(−1/2)": (0.5,), "N^(−2)": (2.0,)})


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
