"""Claims about exponentially many binary patterns of which the most similar one is taken: exact laws at each N."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dammech.systems.exponential.model import ExponentialMemory
from dammech.systems.exponential.sampler import success
from dammech.systems.exponential.sizes import confusion, pair_kept
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival, Unclaimed
from dammech.validate.pooled import at_level, at_this_size, pooled

#: size, wrong signs of the query, and patterns, for each criterion
_POINTS = {"typical": ((30, 6, 900), (40, 8, 7000), (50, 10, 50_000)), "all": ((30, 6, 30), (40, 8, 90), (50, 10, 200))}
_TRIALS = {"typical": 1000, "all": 1000}
_WORDS = {
    "typical": "The nearest of e^{αN} patterns is a given one as often as none of the others is as near.",
    "all": "Each of e^{αN} patterns is nearest to its own query as often as no pair of them is confused.",
}


def claims() -> list[Claim | Unclaimed]:
    """Of one pattern and of all of them."""
    return [
        *(Claim(
            f"exponential.{criterion}", "exact law at N; [demircigil2017] [lucibello2024]", _WORDS[criterion],
            tuple({"size": n, "flip": k / n, "patterns": p, "criterion": criterion} for n, k, p in points),
            lambda p: Prediction(_law(p)), _measured,
            (
                Rival("line", "the law of the other criterion", lambda p: _law(p, other=True)),
                Rival("term", "mean number of nearer patterns, Gaussian overlaps", lambda p: _law(p, gaussian=True)),
                Rival("null", "no pattern is ever confused", lambda p: 1.0),
            ),
            without={"ansatz": "it is exact", "interaction": "the nearest pattern is the same for every similarity of signs"},
            dose=Dose("one more wrong sign", lambda p: {**p, "flip": p["flip"] + 1 / p["size"]}),
            covers=("exponential.thresholds",) if criterion == "typical" else (),
        ) for criterion, points in _POINTS.items()),
        Unclaimed(("exponential.similarities",),
                  "no exact law at N is known where noise varies from query to query; fractions of success are in the figure"),
        Unclaimed(("exponential.temperature",), "spins in the field of one pattern are independent: nothing is left to measure"),
        Unclaimed(("exponential.bound",), "a bound: no experiment can but obey it"),
    ]  # fmt: skip


def _asked(p: Parameters, criterion: str) -> ExponentialMemory:
    return ExponentialMemory(flip=p["flip"], size=p["size"], beta=math.inf, criterion=criterion)


def _law(p: Parameters, other: bool = False, gaussian: bool = False) -> float:
    found = confusion(_asked(p, p["criterion"]))
    assert found is not None
    tail, count = found[0], p["patterns"]
    if gaussian:
        tail = math.erfc((1 - 2 * p["flip"]) * math.sqrt(p["size"] / 2)) / 2
    if (p["criterion"] == "all") == other:
        return math.exp((count - 1) * math.log1p(-tail))
    pair = (1 - tail) ** 2 if gaussian else pair_kept(p["size"], round(p["flip"] * p["size"]))
    return math.exp(count * (count - 1) / 2 * math.log(pair))


def _measured(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    trials = at_level(level, _TRIALS[p["criterion"]])
    runs: list[Any] = [success(_asked(p, p["criterion"]), p["patterns"], trials=trials, seed=s) for s in seeds]
    error = [float(np.sqrt(max(r.success * (1 - r.success), 1 / trials) / trials)) for r in runs]
    known = {"patterns": p["patterns"], "trials": trials * len(seeds)}
    return at_this_size(pooled(p["size"], seeds, [r.success for r in runs], error, **known))
