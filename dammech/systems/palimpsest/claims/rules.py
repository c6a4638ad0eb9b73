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
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.pooled import at_level, at_this_size, pooled, row
from dammech.validate.sizes import doubt, extrapolated, fitted, limit
from dammech.validate.theory import of_law

_BOUND, _CLIPPED_AGES = 4, (4, 12, 24)
#: order: N, pattern streams per seed
_CLIPPED = {2: (160, 40), 3: (28, 40)}
_GAMMAS, _RATE, _PROBES = (0.2, 1.0), 1.0, 16
#: order: N with streams per seed
_DELTA = {2: ((31, 120), (51, 80), (81, 50)), 3: ((12, 240), (16, 120), (21, 50))}
_DREAMS = ((0.6, 1.0), (0.6, 0.3))
_DREAM_SIZES = ((120, 60), (200, 30), (320, 14))
_INDICES = {12: (60, 260), 15: (300, 1400)}
_STREAM = {12: 8000, 15: 30_000}  # patterns
_SETS = {12: 600, 15: 200}  # pattern sets per seed
_WINDOWS = ((12, 16_000, 250), (14, 50_000, 100), (16, 150_000, 40))  # N, patterns, sets per seed
_SLOPE = {"exponent": 0.75, "sharpness": 1.0}


def rule_claims() -> list[Claim]:
    """Signals, bit errors, overlaps after one step and the exponent of a window."""
    exponential = {"exponent": 1.0, "sharpness": 1.0}
    return [
        *(
            Claim(
                name=f"palimpsest.p{order}.clipped-signal",
                source="[parisi1986]",
                statement="Couplings clipped at ±A hold of an old pattern what a walk between two walls holds of a step.",
                parameters=tuple(
                    {"order": order, "size": size, "bound": _BOUND, "age": t, "trials": trials} for t in _CLIPPED_AGES
                ),
                prediction=lambda p: Prediction(clipped_moments(p["bound"], p["age"]).signal),
                experiment=_clipped_signal,
                control=Control("a continuous walk with walls at ±A, not half a step further", _continuous_walk),
            )
            for order, (size, trials) in _CLIPPED.items()
        ),
        *(
            Claim(
                name=f"palimpsest.p{order}.delta-rule",
                source="[widrow1960]",
                statement="The delta rule forgets as an Ornstein–Uhlenbeck process: "
                "one-step error of a pattern of age γD, N → ∞.",
                parameters=tuple({"order": order, "rate": _RATE, "gamma": g} for g in _GAMMAS),
                prediction=lambda p: _law("delta-rule", "One-step error", {"eta": p["rate"], "gamma": p["gamma"]}),
                experiment=_delta_measured,
                control=Control(
                    "the Hebb rule of the same rate, whose noise does not fall with the newness of the pattern", _hebb_error
                ),
            )
            for order in _DELTA
        ),
        Claim(
            name="palimpsest.p2.dreaming",
            source="[fachechi2019] [marchenko1967]",
            statement="One-step error of stored patterns after dreaming, N → ∞: the law from the Marchenko–Pastur spectrum.",
            parameters=tuple({"order": 2, "load": load, "time": time} for load, time in _DREAMS),
            prediction=lambda p: _law("dreaming", "One-step error", {"alpha": p["load"], "t": p["time"]}),
            experiment=_dreamt,
            # signal 1, variance α
            control=Control(
                "the Hebbian couplings as they were before", lambda p: math.erfc(1 / math.sqrt(2 * p["load"])) / 2
            ),
        ),
        Claim(
            name="palimpsest.exponential.one-step",
            source="[demircigil2017]",
            statement="One step of the exponential memory with weights 1/μ, by the exact law of N spins.",
            parameters=tuple(
                {**exponential, "size": n, "patterns": _STREAM[n], "index": k} for n, ks in _INDICES.items() for k in ks
            ),
            prediction=lambda p: Prediction(
                exponential_overlap(p["size"], p["patterns"], p["index"], p["exponent"], p["sharpness"])
            ),
            experiment=_exponential_measured,
            control=Control("Gaussian noise of the same mean square", _gaussian_noise),
        ),
        Claim(
            name="palimpsest.exponential.window-exponent",
            source="[demircigil2017]",
            statement="The index up to which patterns are recalled grows as e^{τN}, τ = y − ln cosh y, y = λ/s.",
            parameters=(_SLOPE,),
            prediction=lambda p: _law(
                "exponential-memory", "Oldest pattern", {"lambda": p["sharpness"], "s": p["exponent"]}
            ),
            experiment=_slope,
            control=Control("noise that is the root of its mean square: (λ − ½ ln cosh 2λ)/s", _slope_of_mean_square),
        ),
    ]


def _law(rule: str, step: str, at: dict[str, float]) -> Prediction:
    return Prediction(of_law(f"palimpsest.{rule}", step, at)[0])


# -- clipped couplings ---------------------------------------------------------------------------------------------


def _continuous_walk(parameters: Parameters) -> float:
    amplitude, decay = Law("palimpsest.clipping", "Modes of the survival")(k=np.arange(1, 101, 2))
    return math.fsum(amplitude * np.exp(-decay * parameters["age"] / parameters["bound"] ** 2))


def _clipped_signal(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    order, size, trials = parameters["order"], parameters["size"], at_level(level, parameters["trials"])
    points = [_clipped_points(order, size, trials, s)[_CLIPPED_AGES.index(parameters["age"])] for s in seeds]
    return at_this_size(pooled(
        size, seeds, [p.signal for p in points], [p.signal_error for p in points], trials=trials * len(seeds),
        m=float(np.mean([p.m for p in points])),
    ))  # fmt: skip


@lru_cache(maxsize=32)
def _clipped_points(order: int, size: int, trials: int, seed: int) -> Table[ClippedSignal]:
    return clipped_signal(order, bound=_BOUND, ages=_CLIPPED_AGES, size=size, trials=trials, seed=seed)


# -- delta rule ----------------------------------------------------------------------------------------------------


def _hebb_error(parameters: Parameters) -> float:
    """J ← (1 − η/D)J + (η/D)ξφ: the same signal, noise η/2."""
    (signal,) = of_law("palimpsest.delta-rule", "Signal", {"eta": parameters["rate"], "gamma": parameters["gamma"]})
    return math.erfc(signal / math.sqrt(parameters["rate"])) / 2


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
    fit = fitted([{**r, "size": r["features"]} for r in rows])
    return limit(rows, fit, "c₀ + c₁/D", problems=doubt(fit, "the sizes do not follow 1/D"), against="features")


@lru_cache(maxsize=64)
def _delta_points(order: int, size: int, rate: float, trials: int, seed: int) -> Table[DeltaPoint]:
    ages = [round(g * math.comb(size - 1, order - 1)) for g in _GAMMAS]
    return delta_rule(order, rate=rate, ages=ages, size=size, trials=trials, seed=seed, probes=_PROBES)


# -- dreaming ------------------------------------------------------------------------------------------------------


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
    return extrapolated(rows, 1)


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
    n, y, e = (np.array([row[k] for row in rows], dtype=float) for k in ("size", "value", "error"))
    weight = e**-2
    centre, mean = ((weight * x).sum() / weight.sum() for x in (n, y))
    norm = (weight * (n - centre) ** 2).sum()
    slope = float((weight * (n - centre) * y).sum() / norm)
    chi2 = float((weight * (y - mean - slope * (n - centre)) ** 2).sum())
    coefficients = [float(mean - slope * centre), slope]
    fit = {"form": "ln μ = c + τN", "coefficients": coefficients, "chi2": chi2, "degrees": len(rows) - 2}
    return Estimate(slope, float(norm**-0.5), tuple(rows), fit=fit)
