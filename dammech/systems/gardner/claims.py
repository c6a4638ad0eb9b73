"""What couplings of largest margin must show: Cover's law at finite N, and margin and retrieval at N → ∞."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from dammech.equations.law import Law
from dammech.systems.gardner.capacity import margin_at, one_step
from dammech.systems.gardner.sampler import margins, overlaps, projected, separated
from dammech.systems.gardner.separable import separable
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival, Unclaimed
from dammech.validate.pooled import at_level, estimate, pooled_row
from dammech.validate.sizes import Plan, limit

_PLANS = {
    "margin": {"quick": Plan((50, 100, 200), (2000, 1500, 1000)), "full": Plan((50, 100, 200, 400), (9600, 7200, 4800, 1200))},
    "one-step": {"quick": Plan((50, 100, 200), (800, 600, 400)), "full": Plan((50, 100, 200, 400), (4800, 3600, 2400, 600))},
    "projection": {"quick": Plan((100, 200, 400), (60, 40, 24)), "full": Plan((100, 200, 400, 800), (400, 240, 120, 48))},
}  # fmt: skip
_TRIALS = 1500
_STABLE = {
    "ansatz": "replica symmetry is stable at positive margins",
    "line": "what is there at a load is claimed, not where it ends",
}
_NO_STATE = "it is a property of couplings, and no dynamics is near it"


def claims() -> list[Claim | Unclaimed]:
    """Separability, the margin and one step."""
    return [
        Claim(
            "gardner.separability", "[cover1965]",
            "Random labels of P patterns of N signs are separable with the probability of Cover's law, at finite N.",
            tuple({"size": 25, "patterns": p} for p in (50, 40, 60)),
            lambda p: Prediction(separable(p["patterns"], p["size"])),
            lambda p, level, seeds: estimate(
                p["size"], seeds, lambda s: separated(p["size"], p["patterns"], at_level(level, _TRIALS), s).astype(float)
            ),
            (
                Rival("term", "neurons with an intercept: one dimension more", lambda p: separable(p["patterns"], p["size"] + 1)),
                Rival("line", "the step at P = 2N of N → ∞", lambda p: (1 + math.copysign(1, 2 * p["size"] - p["patterns"])) / 2
                      if p["patterns"] != 2 * p["size"] else 0.5),
            ),
            without={
                "ansatz": "the law counts, with no replicas", "null": _NO_STATE,
                "interaction": "there is none: any couplings count",
            },
            dose=Dose("six patterns more", lambda p: {**p, "patterns": p["patterns"] + 6}),
            covers=("gardner.dichotomies",),
        ),
        Claim(
            "gardner.margin", "[gardner1988space]",
            "The largest margin of P = αN random patterns is that of Gardner's volume, at N → ∞.",
            ({"load": 0.75}, {"load": 0.5}), lambda p: Prediction(margin_at(p["load"])), partial(_limit, "margin", margins),
            (
                Rival("interaction", "couplings that project on the patterns", lambda p: math.sqrt(1 / p["load"] - 1)),
                Rival("term", "without κφ(κ)", lambda p: _without_density(p["load"])),
            ),
            without={**_STABLE, "null": _NO_STATE}, dose=Dose("a twentieth less load", lambda p: {**p, "load": p["load"] * 0.95}),
            covers=("gardner.margin",),
        ),
        Claim(
            "gardner.one-step", "[gardner1988optimal]",
            "One step of a network of largest margin leads to the overlap that the law of stabilities says, at N → ∞.",
            ({"load": 0.75, "overlap": 0.5},), lambda p: Prediction(one_step(margin_at(p["load"]), p["overlap"])),
            partial(_limit, "one-step", overlaps),
            (
                Rival("interaction", "couplings that project on the patterns",
                      lambda p: _of_one_stability(math.sqrt(1 / p["load"] - 1), p["overlap"])),
                Rival("term", "every pattern at the margin", lambda p: _of_one_stability(margin_at(p["load"]), p["overlap"])),
                Rival("null", "the overlap stays", lambda p: p["overlap"]),
            ),
            without=_STABLE, dose=Dose("a tenth less load", lambda p: {**p, "load": p["load"] * 0.9}),
            covers=("gardner.margin",),
        ),
        Claim(
            "gardner.projection", "[personnaz1985] [kanter1987]",
            "One step of the projection on P = aN patterns, diagonal zeroed or kept, leads to the overlap of its map at N → ∞.",
            tuple({"load": 0.4, "overlap": 0.5, "diagonal": d} for d in (False, True)),
            lambda p: Prediction(_map(p)), partial(_limit, "projection", projected),
            (
                Rival("term", "the other diagonal", lambda p: _map({**p, "diagonal": not p["diagonal"]})),
                Rival("interaction", "Hebb's rule", lambda p: math.erf(p["overlap"] / math.sqrt(2 * p["load"]))),
                Rival("null", "the overlap stays", lambda p: p["overlap"]),
            ),
            without={"ansatz": "one step has no replicas", "line": "the capacity is a = 1 by rank"},
            dose=Dose("a tenth less load", lambda p: {**p, "load": p["load"] * 0.9}),
            covers=("gardner.projection",),
        ),
    ]  # fmt: skip


def _limit(
    name: str, measure: Callable[..., np.ndarray], p: Parameters, level: str, seeds: tuple[int, ...]
) -> Estimate:
    """N → ∞ at a load, from sizes with trials per seed; what has an overlap starts there."""
    start = [p[name] for name in ("overlap", "diagonal") if name in p]
    plan, rows = _PLANS[name][level], []
    for size, trials in zip(plan.sizes, plan.trials):
        patterns = round(p["load"] * size)
        found = {s: measure(size, patterns, *start, trials, s) for s in seeds}
        rows.append(pooled_row(size, found, patterns=patterns))
    return limit(rows, others={"N^(−2/3)": (2 / 3,)})


def _of_one_stability(stability: float, overlap: float) -> float:
    return math.erf(overlap * stability / math.sqrt(2 * (1 - overlap**2)))


def _without_density(load: float) -> float:
    return float(brentq(lambda k: (1 + k * k) * norm.cdf(k) - 1 / load, 0.0, 10.0))


def _map(p: Parameters) -> float:
    law = Law("gardner.projection", f"Diagonal {'kept' if p['diagonal'] else 'zeroed'}")
    return float(law(a=p["load"], m=p["overlap"])[0])
