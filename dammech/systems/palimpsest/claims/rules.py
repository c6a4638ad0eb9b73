"""Other rules of forgetting against their exact laws: clipped couplings, the delta rule, dreaming, the exponential memory."""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import Any

import numpy as np

from dammech.equations.law import Law
from dammech.exact import clipped_moments, delta_moments, exponential_overlap
from dammech.results.result import Table
from dammech.simulate import jackknife
from dammech.systems.palimpsest.sampler import (
    ClippedSignal,
    DeltaPoint,
    ExponentialPoint,
    clipped_signal,
    delta_rule,
    dreaming_step,
    exponential_step,
)
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_level, at_this_size, pooled, row
from dammech.validate.sizes import apart, limit
from dammech.validate.theory import of_law

_BOUND, _CLIPPED_AGES = 4, (4, 12, 24)
#: order: N, pattern streams per seed
_CLIPPED = {2: (160, 80), 3: (28, 400)}
_GAMMAS, _RATE, _PROBES = (0.2, 1.0), 1.0, 16
#: order: N with streams per seed
_DELTA = {2: ((31, 120), (51, 80), (81, 50)), 3: ((16, 160), (21, 80), (28, 40))}
_DREAMS = ((0.6, 1.0), (0.6, 0.3))
_DREAM_SIZES = ((120, 60), (200, 30), (320, 14))
_INDICES = {12: (60, 260), 15: (300, 1400)}
_STREAM = {12: 8000, 15: 30_000}  # patterns
_SETS = {12: 600, 15: 200}  # pattern sets per seed
_WINDOWS = ((12, 16_000, 500), (14, 50_000, 200), (16, 150_000, 80))  # N, patterns, sets per seed
_SLOPE = {"exponent": 0.75, "sharpness": 1.0}


#: laws of what one step leaves, exact or N → ∞: no states, no lines, no ansatz, and no order of interactions to be mistaken
_NONE = {
    **dict.fromkeys(("line", "ansatz", "null"), "one step has no states, and is itself what dynamics alone gives"),
    "interaction": "the law is that of the rule, whatever the order",
}
_EXPONENTIAL = {"exponent": 1.0, "sharpness": 1.0}


def rule_claims() -> list[Claim]:
    """Signals, bit errors, overlaps after one step and the exponent of a window."""
    return [
        *(
            Claim(
                f"palimpsest.p{order}.clipped-signal", "[parisi1986]",
                "Couplings clipped at ±A hold of an old pattern what a walk between two walls holds of a step.",
                tuple({"order": order, "size": size, "bound": _BOUND, "age": t, "trials": trials} for t in _CLIPPED_AGES),
                lambda p: Prediction(clipped_moments(p["bound"], p["age"]).signal), _clipped_signal,
                (
                    Rival("term", "a continuous walk with walls at ±A, not half a step further", _continuous_walk),
                    Rival("term", "the leading mode alone", lambda p: _continuous_walk(p, 1, 1 / 2)),
                ),
                _NONE, Dose("bounds one step wider", lambda p: {**p, "bound": p["bound"] + 1}), ("palimpsest.clipping",),
            )
            for order, (size, trials) in _CLIPPED.items()
        ),
        *(
            Claim(
                f"palimpsest.p{order}.delta-rule", "[widrow1960]",
                "The delta rule forgets as an Ornstein–Uhlenbeck process: one-step error of a pattern of age γD, N → ∞.",
                tuple({"order": order, "rate": _RATE, "gamma": g} for g in _GAMMAS),
                lambda p: _law("delta-rule", "One-step error", {"eta": p["rate"], "gamma": p["gamma"]}), _delta_measured,
                (
                    Rival("term", "the Hebb rule of the same rate, whose noise does not fall with newness",
                          lambda p: _tail(p, p["rate"] / 2)),
                    Rival("term", "noise that is stationary", lambda p: _tail(p, p["rate"] / (2 - p["rate"]))),
                ),
                _NONE, Dose("a rate half as fast again", lambda p: {**p, "rate": 1.5 * p["rate"]}), ("palimpsest.delta-rule",),
            )
            for order in _DELTA
        ),
        Claim(
            "palimpsest.p2.dreaming", "[fachechi2019] [marchenko1967]",
            "One-step error of stored patterns after dreaming, N → ∞: the law from the Marchenko–Pastur spectrum.",
            tuple({"order": 2, "load": load, "time": time} for load, time in _DREAMS),
            lambda p: Prediction(_dreaming(p)), _dreamt,
            (  # before dreaming the signal is 1 and the variance α
                Rival("term", "the Hebbian couplings as they were before", lambda p: math.erfc(1 / math.sqrt(2 * p["load"])) / 2),
                Rival("term", "half the time", lambda p: _dreaming({**p, "time": p["time"] / 2})),
            ),
            _NONE, Dose("a load that is 5 % higher", lambda p: {**p, "load": 1.05 * p["load"]}), ("palimpsest.dreaming",),
        ),
        Claim(
            "palimpsest.exponential.one-step", "[demircigil2017]",
            "One step of the exponential memory with weights 1/μ, by the exact law of N spins.",
            tuple({**_EXPONENTIAL, "size": n, "patterns": _STREAM[n], "index": k} for n, ks in _INDICES.items() for k in ks),
            lambda p: Prediction(exponential_overlap(p["size"], p["patterns"], p["index"], p["exponent"], p["sharpness"])),
            _exponential_measured,
            (Rival("term", "Gaussian noise of the same mean square", _gaussian_noise),),
            _NONE, Dose("weights that fall 10 % more slowly", lambda p: {**p, "exponent": 0.9 * p["exponent"]}),
            ("palimpsest.exponential-memory",),
        ),
        Claim(
            "palimpsest.exponential.window-exponent", "[demircigil2017]",
            "The index up to which patterns are recalled grows as e^{τN}, τ = y − ln cosh y, y = λ/s.",
            (_SLOPE,),
            lambda p: _law("exponential-memory", "Oldest pattern", {"lambda": p["sharpness"], "s": p["exponent"]}), _slope,
            (Rival("term", "noise that is the root of its mean square: (λ − ½ ln cosh 2λ)/s", _slope_of_mean_square),),
            _NONE, Dose("weights that fall half as fast again", lambda p: {**p, "exponent": 1.5 * p["exponent"]}),
            ("palimpsest.exponential-memory",),
        ),
    ]  # fmt: skip


def _law(rule: str, step: str, at: dict[str, float]) -> Prediction:
    return Prediction(of_law(f"palimpsest.{rule}", step, at)[0])


# -- clipped couplings ---------------------------------------------------------------------------------------------


def _continuous_walk(parameters: Parameters, modes: int = 50, further: float = 0.0) -> float:
    amplitude, decay = Law("palimpsest.clipping", "Modes of the survival")(k=2 * np.arange(modes) + 1)
    return math.fsum(amplitude * np.exp(-decay * parameters["age"] / (parameters["bound"] + further) ** 2))


def _clipped_signal(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    order, size, trials = parameters["order"], parameters["size"], at_level(level, parameters["trials"])
    points = [_clipped_points(order, size, parameters["bound"], trials, s)[_CLIPPED_AGES.index(parameters["age"])] for s in seeds]
    return at_this_size(pooled(
        size, seeds, [p.signal for p in points], [p.signal_error for p in points], trials=trials * len(seeds),
        m=float(np.mean([p.m for p in points])),
    ))  # fmt: skip


@lru_cache(maxsize=32)
def _clipped_points(order: int, size: int, bound: int, trials: int, seed: int) -> Table[ClippedSignal]:
    return clipped_signal(order, bound=bound, ages=_CLIPPED_AGES, size=size, trials=trials, seed=seed)


# -- delta rule ----------------------------------------------------------------------------------------------------


def _tail(p: Parameters, variance: float) -> float:
    """The error at the signal of the delta rule, which is that of J ← (1 − η/D)J + (η/D)ξφ too, and at another noise."""
    (signal,) = of_law("palimpsest.delta-rule", "Signal", {"eta": p["rate"], "gamma": p["gamma"]})
    return math.erfc(signal / math.sqrt(2 * variance)) / 2


def _delta_measured(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    order, rate = parameters["order"], parameters["rate"]
    rows = []
    for size, few in _DELTA[order]:
        trials = at_level(level, few)
        points = [_delta_points(order, size, rate, trials, s)[_GAMMAS.index(parameters["gamma"])] for s in seeds]
        exact = delta_moments(points[0].features, rate, points[0].age)
        rows.append(pooled(
            size, seeds, [p.bit_error for p in points], [p.bit_error_error for p in points], trials=trials * len(seeds),
            age=points[0].age, features=points[0].features, signal=float(np.mean([p.signal for p in points])),
            exact_signal=exact.signal, variance=float(np.mean([p.variance for p in points])), exact_variance=exact.variance,
        ))  # fmt: skip
    return limit(rows, against="features")


@lru_cache(maxsize=64)
def _delta_points(order: int, size: int, rate: float, trials: int, seed: int) -> Table[DeltaPoint]:
    ages = [round(g * math.comb(size - 1, order - 1)) for g in _GAMMAS]
    return delta_rule(order, rate=rate, ages=ages, size=size, trials=trials, seed=seed, probes=_PROBES)


# -- dreaming ------------------------------------------------------------------------------------------------------


def _dreaming(p: Parameters) -> float:
    return of_law("palimpsest.dreaming", "One-step error", {"alpha": p["load"], "t": p["time"]})[0]


def _dreamt(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    rows = []
    for size, few in _DREAM_SIZES:
        trials = at_level(level, few)
        points = [
            dreaming_step(parameters["load"], time=parameters["time"], size=size, trials=trials, seed=s) for s in seeds
        ]
        rows.append(pooled(
            size, seeds, [(1 - p.m) / 2 for p in points], [None if p.m_error is None else p.m_error / 2 for p in points],
            patterns=points[0].patterns, trials=trials * len(seeds),
        ))  # fmt: skip
    return limit(rows)


# -- exponential memory --------------------------------------------------------------------------------------------


def _gaussian_noise(parameters: Parameters) -> float:
    n, s, sharpness = parameters["size"], parameters["exponent"], parameters["sharpness"]
    squares = float((np.arange(1, parameters["patterns"] + 1) ** (-2 * s)).sum()) * math.cosh(2 * sharpness) ** (n - 1)
    return math.erf(math.exp(sharpness * (n - 1)) * parameters["index"] ** -s / math.sqrt(2 * squares))


def _exponential_measured(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    size, patterns, indices = parameters["size"], parameters["patterns"], _INDICES[parameters["size"]]
    trials, place = at_level(level, _SETS[size]), indices.index(parameters["index"])
    points = [_exponential_points(parameters["exponent"], size, patterns, trials, indices, s)[place] for s in seeds]
    return at_this_size(pooled(
        size, seeds, [p.m for p in points], [p.m_error for p in points], patterns=patterns,
        trials=trials * len(seeds),
    ))  # fmt: skip


@lru_cache(maxsize=64)
def _exponential_points(
    exponent: float, size: int, patterns: int, trials: int, indices: tuple[int, ...], seed: int
) -> Table[ExponentialPoint]:
    return exponential_step(exponent=exponent, size=size, patterns=patterns, indices=indices, trials=trials, seed=seed)


def _slope_of_mean_square(parameters: Parameters) -> float:
    sharpness = parameters["sharpness"]
    return (sharpness - math.log(math.cosh(2 * sharpness)) / 2) / parameters["exponent"]


def _slope(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """Slope of ln(index at which m = 1/2) against N, by least squares over sizes; error by leaving pattern sets out."""
    rows = []
    for size, patterns, few in _WINDOWS:
        trials = at_level(level, few)
        centre = math.exp(0.6 * (size - 1)) / 2
        indices = tuple(sorted({max(1, min(patterns, round(centre * f))) for f in (0.25, 0.5, 1.0, 2.0, 4.0)}))
        sets = {
            s: np.array([p.overlaps for p in _exponential_points(parameters["exponent"], size, patterns, trials, indices, s)]).T
            for s in seeds
        }
        each = {s: jackknife(mine, partial(_crossing, indices)) for s, mine in sets.items()}
        every = jackknife(np.concatenate(list(sets.values())), partial(_crossing, indices))
        rows.append(row(size, *every, each, patterns=patterns, trials=trials * len(seeds)))
    return _line(rows)


def _crossing(indices: tuple[int, ...], overlaps: np.ndarray) -> float:
    """ln of the index at which the mean overlap is 1/2: a straight line through tan(πm/2), nearly a power of the index."""
    mean = np.clip(overlaps.mean(axis=0), 1e-3, 1 - 1e-3)
    slope, start = np.polyfit(np.log(indices), np.log(np.tan(np.pi * mean / 2)), 1)
    return float(-start / slope)


def _line(rows: list[dict[str, Any]]) -> Estimate:
    """τ of ln μ = c + τN, and how far it moves without the largest size."""
    slopes = [_slope_through(part) for part in (rows, rows[:-1])]
    return Estimate(*slopes[0], tuple(rows), systematic={"largest size left out": apart(*(Estimate(*s) for s in slopes))})


def _slope_through(rows: list[dict[str, Any]]) -> tuple[float, float]:
    n, y, e = (np.array([row[k] for row in rows], dtype=float) for k in ("size", "value", "error"))
    (slope, _), covariance = np.polyfit(n, y, 1, w=1 / e, cov="unscaled")
    return float(slope), float(math.sqrt(covariance[0, 0]))
