"""Other rules of forgetting against their exact laws: clipped couplings, the delta rule, dreaming, the exponential memory."""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import Any

import numpy as np

from dammech.exact import clipped_moments, delta_moments, exponential_overlap
from dammech.results.result import Table
from dammech.simulate import jackknife
from dammech.simulate.streams import (
    ClippedSignal,
    DeltaPoint,
    ExponentialPoint,
    clipped_signal,
    delta_rule,
    dreaming_step,
    exponential_step,
)
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.pooled import at_level, at_this_size, pooled
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
    return [
        *(_clipped(order) for order in _CLIPPED), *(_delta(order) for order in _DELTA), _dreaming(), _exponential(),
        _exponential_window(),
    ]  # fmt: skip


# -- clipped couplings ---------------------------------------------------------------------------------------------


def _clipped(order: int) -> Claim:
    size, trials = _CLIPPED[order]
    return Claim(
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


def _continuous_walk(parameters: Parameters) -> float:
    rate = math.pi**2 * parameters["age"] / (8 * parameters["bound"] ** 2)
    return math.fsum(8 / (math.pi * k) ** 2 * math.exp(-(k**2) * rate) for k in range(1, 101, 2))


def _clipped_signal(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    order, size, age = parameters["order"], parameters["size"], parameters["age"]
    trials = at_level(level, parameters["trials"])
    points = [_clipped_points(order, size, trials, s)[_CLIPPED_AGES.index(age)] for s in seeds]
    return at_this_size(pooled(
        size, seeds, [p.signal for p in points], [p.signal_error for p in points], trials=trials * len(seeds),
        m=float(np.mean([p.m for p in points])),
    ))  # fmt: skip


@lru_cache(maxsize=32)
def _clipped_points(order: int, size: int, trials: int, seed: int) -> Table[ClippedSignal]:
    return clipped_signal(order, bound=_BOUND, ages=_CLIPPED_AGES, size=size, trials=trials, seed=seed)


# -- delta rule ----------------------------------------------------------------------------------------------------


def _delta(order: int) -> Claim:
    return Claim(
        name=f"palimpsest.p{order}.delta-rule",
        source="[widrow1960]",
        statement="The delta rule forgets as an Ornstein–Uhlenbeck process: one-step error of a pattern of age γD, N → ∞.",
        parameters=tuple({"order": order, "rate": _RATE, "gamma": g} for g in _GAMMAS),
        prediction=_delta_error,
        experiment=_delta_measured,
        control=Control(
            "the Hebb rule of the same rate, whose noise does not fall with the newness of the pattern", _hebb_error
        ),
    )


def _delta_error(parameters: Parameters) -> Prediction:
    at = {"eta": parameters["rate"], "gamma": parameters["gamma"]}
    return Prediction(of_law("palimpsest.delta-rule", "One-step error", at)[0])


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


def _dreaming() -> Claim:
    return Claim(
        name="palimpsest.p2.dreaming",
        source="[fachechi2019] [marchenko1967]",
        statement="One-step error of stored patterns after dreaming, N → ∞: the law from the Marchenko–Pastur spectrum.",
        parameters=tuple({"order": 2, "load": load, "time": time} for load, time in _DREAMS),
        prediction=_dreamt_error,
        experiment=_dreamt,
        control=Control("the Hebbian couplings as they were before", _hebbian_error),
    )


def _dreamt_error(parameters: Parameters) -> Prediction:
    at = {"alpha": parameters["load"], "t": parameters["time"]}
    return Prediction(of_law("palimpsest.dreaming", "One-step error", at)[0])


def _hebbian_error(parameters: Parameters) -> float:
    """No dreams: signal 1, variance α."""
    return math.erfc(1 / math.sqrt(2 * parameters["load"])) / 2


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


def _exponential() -> Claim:
    common = {"exponent": 1.0, "sharpness": 1.0}
    return Claim(
        name="palimpsest.exponential.one-step",
        source="[demircigil2017]",
        statement="One step of the exponential memory with weights 1/μ, by the exact law of N spins.",
        parameters=tuple(
            {**common, "size": n, "patterns": _STREAM[n], "index": k} for n, ks in _INDICES.items() for k in ks
        ),
        prediction=lambda p: Prediction(
            exponential_overlap(p["size"], p["patterns"], p["index"], p["exponent"], p["sharpness"])
        ),
        experiment=_exponential_measured,
        control=Control("Gaussian noise of the same mean square", _gaussian_noise),
    )


def _gaussian_noise(parameters: Parameters) -> float:
    n, s, sharpness = parameters["size"], parameters["exponent"], parameters["sharpness"]
    squares = float((np.arange(1, parameters["patterns"] + 1) ** (-2 * s)).sum()) * math.cosh(2 * sharpness) ** (n - 1)
    return math.erf(math.exp(sharpness * (n - 1)) * parameters["index"] ** -s / math.sqrt(2 * squares))


def _exponential_measured(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    size = parameters["size"]
    trials = at_level(level, _SETS[size])
    points = [
        _exponential_points(parameters["exponent"], size, parameters["patterns"], trials, _INDICES[size], s)[
            _INDICES[size].index(parameters["index"])
        ]
        for s in seeds
    ]
    return at_this_size(pooled(
        size, seeds, [p.m for p in points], [p.m_error for p in points], patterns=parameters["patterns"],
        trials=trials * len(seeds),
    ))  # fmt: skip


@lru_cache(maxsize=64)
def _exponential_points(
    exponent: float, size: int, patterns: int, trials: int, indices: tuple[int, ...], seed: int
) -> Table[ExponentialPoint]:
    return exponential_step(exponent=exponent, size=size, patterns=patterns, indices=indices, trials=trials, seed=seed)


def _exponential_window() -> Claim:
    return Claim(
        name="palimpsest.exponential.window-exponent",
        source="[demircigil2017]",
        statement="The index up to which patterns are recalled grows as e^{τN}, τ = y − ln cosh y, y = λ/s.",
        parameters=(_SLOPE,),
        prediction=_oldest,
        experiment=_slope,
        control=Control("noise that is the root of its mean square: (λ − ½ ln cosh 2λ)/s", _slope_of_mean_square),
    )


def _oldest(parameters: Parameters) -> Prediction:
    at = {"lambda": parameters["sharpness"], "s": parameters["exponent"]}
    return Prediction(of_law("palimpsest.exponential-memory", "Oldest pattern", at)[0])


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
        sets, by_seed = [], []
        for s in seeds:
            points = _exponential_points(parameters["exponent"], size, patterns, trials, indices, s)
            mine = np.array([p.overlaps for p in points]).T
            sets.append(mine)
            by_seed.append(jackknife(mine, partial(_crossing, indices)))
        value, error = jackknife(np.concatenate(sets), partial(_crossing, indices))
        rows.append({"size": size, "value": value, "error": error, "patterns": patterns, "trials": trials * len(seeds),
                     "by_seed": {str(s): {"value": v, "error": e} for s, (v, e) in zip(seeds, by_seed)}})  # fmt: skip
    return _line(rows)


def _crossing(indices: tuple[int, ...], overlaps: np.ndarray) -> float:
    """ln of the index at which the mean overlap is 1/2: a straight line through tan(πm/2), nearly a power of the index."""
    mean = np.clip(overlaps.mean(axis=0), 1e-3, 1 - 1e-3)
    slope, start = np.polyfit(np.log(indices), np.log(np.tan(np.pi * mean / 2)), 1)
    return float(-start / slope)


def _line(rows: list[dict[str, Any]]) -> Estimate:
    n, y, e = (np.array([row[k] for row in rows], dtype=float) for k in ("size", "value", "error"))
    weight = e**-2
    centre = (weight * n).sum() / weight.sum()
    norm = (weight * (n - centre) ** 2).sum()
    slope = float((weight * (n - centre) * y).sum() / norm)
    chi2 = float((weight * (y - (weight * y).sum() / weight.sum() - slope * (n - centre)) ** 2).sum())
    start = float((weight * y).sum() / weight.sum() - slope * centre)
    fit = {"form": "ln μ = c + τN", "coefficients": [start, slope], "chi2": chi2, "degrees": len(rows) - 2}
    return Estimate(slope, float(norm**-0.5), tuple(rows), fit=fit)
