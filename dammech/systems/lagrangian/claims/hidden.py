"""Claims about the hidden layer in a given state: exact laws at each size, and the edge of the living spectrum."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from statistics import NormalDist

import numpy as np

from dammech.exact import dead_law, freezing_point, gaussian_levels, mean_hessian_trace, mean_wrong_ratio, sign_levels
from dammech.flows.ensembles import alive_edges, dead_at_pattern, frozen_traces, wrong_ratios
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_level, estimate, pooled_row
from dammech.validate.sizes import limit
from dammech.validate.theory import of_law

_Phi = NormalDist().cdf

#: N, K, θ, pattern sets a seed
_AT_PATTERN = ((25, 200, 0.5, 2000), (64, 200, 0.0, 1500), (64, 200, 1.0, 1500), (101, 200, -0.5, 1000))
#: N, K, t = θ/√N, pattern sets a seed
_SEPARATED = ((60, 1000, 0.3, 500), (30, 1000, 0.4, 700))
#: N, K, β, pattern sets a seed
_CONFUSED = ((20, 50, 0.5, 12000), (40, 200, 0.3, 2500))
#: N, α = ln K/N, β/β_c, pattern sets a seed
_FROZEN = ((16, 0.5, 1.5, 700), (16, 0.5, 2.5, 1200), (18, 0.5, 2.0, 550))
#: α = pairs/N, mean of the biases
_EDGES = ((0.5, 0.0), (0.5, 1.0), (2.0, 0.0))
_EDGE_SIZES = {
    "quick": ((100, 500), (200, 250), (400, 100), (800, 60)),
    "full": ((200, 800), (400, 500), (800, 250), (1600, 60)),
}
_EXACT = {
    "line": "nothing changes with a parameter at once",
    "ansatz": "an exact law of independent fields at every N",
    "null": "the state is given; nothing moves",
}
#: from θ to one lattice spacing of the fields of N fair signs further
_NEXT_FIELD = 2.0


def hidden_claims() -> list[Claim]:
    """Dead ReLU neurons at a pattern, softmax neurons near and far from one, and the stability of the silent state."""
    return [
        Claim(
            name="deadneurons.pattern-law",
            source="exact law of independent fields; [krotov2021]",
            statement="At a stored pattern the number of dead hidden ReLU neurons is binomial, ties dead, at every N.",
            parameters=tuple(
                {"size": n, "patterns": k, "threshold": t, "moment": moment}
                for n, k, t, _ in _AT_PATTERN
                for moment in (("mean", "variance") if t == 1.0 else ("mean",))
            ),
            prediction=lambda p: Prediction(_moment(p, dead_law(p["size"], p["patterns"], p["threshold"]).probability)),
            experiment=_dead,
            rivals=(
                Rival("term", "the law of N → ∞, Φ(θ), at this finite N", lambda p: _moment(p, _Phi(p["threshold"]))),
                Rival("interaction", "neurons at the threshold are alive", lambda p: _moment(p, _below(p, p["threshold"]))),
            ),
            without=_EXACT,
            dose=Dose("a threshold one field higher",
                      lambda p: {**p, "threshold": p["threshold"] + _NEXT_FIELD / math.sqrt(p["size"])}),
        ),
        Claim(
            name="deadneurons.threshold-rank",
            source="exact law of independent fields; [krotov2016]",
            statement="With a threshold t√N the number of memories alive beside the retrieved one, rank H − 1, is (K − 1) P.",
            parameters=tuple({"size": n, "patterns": k, "relative_threshold": t} for n, k, t, _ in _SEPARATED),
            prediction=lambda p: Prediction((p["patterns"] - 1) * (1 - dead_law(*_threshold(p)).probability)),
            experiment=lambda p, level, seeds: _sampled(_SEPARATED, p, level, seeds, partial(_alive, p)),
            rivals=(
                Rival("term", "the Gaussian tail in place of the binomial one",
                      lambda p: (p["patterns"] - 1) * (1 - _Phi(p["relative_threshold"] * math.sqrt(p["size"])))),
                Rival("interaction", "neurons at the threshold are alive",
                      lambda p: (p["patterns"] - 1) * (1 - _below(p, p["relative_threshold"] * math.sqrt(p["size"])))),
            ),
            without=_EXACT,
            dose=Dose("a threshold one field higher",
                      lambda p: {**p, "relative_threshold": p["relative_threshold"] + _NEXT_FIELD / p["size"]}),
        ),
        Claim(
            name="deadneurons.softmax-rank",
            source="exact law of independent fields; [ramsauer2021]",
            statement="At a pattern E[(1 − p₁)/p₁] is exact at every N; where it is small, tr H = β(1 − Σp²) is 2β times it.",
            parameters=tuple({"size": n, "patterns": k, "beta": b} for n, k, b, _ in _CONFUSED),
            prediction=lambda p: Prediction(mean_wrong_ratio(p["size"], p["patterns"], p["beta"])),
            experiment=lambda p, level, seeds: _sampled(_CONFUSED, p, level, seeds, partial(wrong_ratios, *p.values())),
            rivals=(
                Rival("interaction", "Gaussian levels of the same variance",
                      lambda p: (p["patterns"] - 1) * math.exp(p["size"] * (p["beta"] ** 2 / 2 - p["beta"]))),
            ),
            without=_EXACT | {"term": "the law is a single product over the spins"},
            dose=Dose("β 5 % higher", lambda p: {**p, "beta": 1.05 * p["beta"]}),
        ),
        Claim(
            name="deadneurons.softmax-frozen",
            source="exact integral; [derrida1981]",
            statement="Beyond β_c finitely many memories share the weight: E[tr H], β_c for N → ∞, follows its law at finite N.",
            parameters=tuple({"size": n, "load": a, "relative_beta": x} for n, a, x, _ in _FROZEN),
            prediction=_frozen_law,
            experiment=lambda p, level, seeds: _sampled(
                _FROZEN, p, level, seeds, partial(frozen_traces, p["size"], *_frozen_memory(p))
            ),
            rivals=(
                Rival("term", "E[tr H] = β_c, the limit N → ∞, at this finite N", lambda p: freezing_point(p["load"])),
                Rival("interaction", "levels of signs, which are bounded", _frozen_signs),
                Rival("line", "not frozen: every memory has the same weight, tr H = β", lambda p: _frozen_memory(p)[1]),
            ),
            without={name: _EXACT[name] for name in ("ansatz", "null")},
            dose=Dose("a load 30 % lower", lambda p: {**p, "load": 0.7 * p["load"]}),
        ),
        Claim(
            name="deadneurons.stability-threshold",
            source="[marchenko1967]",
            statement="The silent state is stable up to β_c, and 1/β_c = σ²_max/β is 2(1 + √(αp))² at N → ∞, p the living part.",
            parameters=tuple({"load": a, "mean_bias": c} for a, c in _EDGES),
            prediction=lambda p: Prediction(_edge(p["load"], _Phi(p["mean_bias"]))),
            experiment=_edges,
            rivals=(
                Rival("term", "the edge with death ignored, p = 1", lambda p: _edge(p["load"], 1.0)),
                Rival("interaction", "neurons that are no pairs: half as many alive",
                      lambda p: _edge(p["load"], _Phi(p["mean_bias"]) / 2)),
                Rival("line", "the mean of the spectrum in place of its edge, 2", lambda _: 2.0),
            ),
            without={"ansatz": "no average over disorder is taken", "null": "the state is given; nothing moves"},
            dose=Dose("a load 20 % higher", lambda p: {**p, "load": 1.2 * p["load"]}),
            covers=("deadneurons.silent-state",),
        ),
    ]


def _sampled(
    table: tuple[tuple[float, ...], ...], p: Parameters, level: str, seeds: tuple[int, ...],
    draw: Callable[..., np.ndarray],
) -> Estimate:  # fmt: skip
    """The mean of what is drawn, one value a set, of as many sets as the table has for the point."""
    return estimate(p["size"], seeds, lambda s: draw(sets=_planned(table, tuple(p.values()), level), seed=s))


def _moment(p: Parameters, probability: float) -> float:
    return probability if p["moment"] == "mean" else probability * (1 - probability)


def _dead(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    sets = _planned(_AT_PATTERN, (p["size"], p["patterns"], p["threshold"]), level)
    law = {s: dead_at_pattern(p["size"], p["patterns"], p["threshold"], sets=sets, seed=s) for s in seeds}
    others = p["patterns"] - 1
    if p["moment"] == "mean":
        return estimate(p["size"], seeds, lambda s: law[s] / others)
    # variance a neuron: squares of deviations from the mean of all sets, one degree of freedom taken off
    every = np.concatenate(list(law.values()))
    scale = others * (1 - 1 / every.size)
    return estimate(p["size"], seeds, lambda s: (law[s] - every.mean()) ** 2 / scale)


def _below(p: Parameters, threshold: float) -> float:
    """The probability that a field is below the threshold, which it may be equal to."""
    return dead_law(p["size"], p["patterns"], threshold - 1e-6).probability


def _threshold(p: Parameters) -> tuple[int, int, float]:
    return p["size"], p["patterns"], p["relative_threshold"] * math.sqrt(p["size"])


def _alive(p: Parameters, **plan: int) -> np.ndarray:
    return p["patterns"] - 1 - dead_at_pattern(*_threshold(p), **plan)


def _frozen_law(p: Parameters) -> Prediction:
    patterns, beta = _frozen_memory(p)
    return Prediction(mean_hessian_trace(patterns, gaussian_levels(p["size"], patterns, beta), beta))


def _frozen_signs(p: Parameters) -> float:
    patterns, beta = _frozen_memory(p)
    return mean_hessian_trace(patterns, sign_levels(p["size"]), beta)


def _frozen_memory(p: Parameters) -> tuple[int, float]:
    return round(math.exp(p["load"] * p["size"])), p["relative_beta"] * freezing_point(p["load"])


def _edge(load: float, alive: float) -> float:
    return 1 / of_law("deadneurons.silent-state", "Threshold", {"alpha": load, "p": alive})[0]


def _edges(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    plan = [(size, round(p["load"] * size), sets) for size, sets in _EDGE_SIZES[level]]
    rows = [
        pooled_row(size, {s: alive_edges(size, k, p["mean_bias"], sets=sets, seed=s) for s in seeds}, pairs=k)
        for size, k, sets in plan
    ]
    # the edge is approached as N^(−2/3) (johnstone2001); signs, unlike Gaussian numbers, add a term in 1/N
    return limit(rows, (2 / 3, 1.0), {"N^(−2/3) and N^(−4/3)": (2 / 3, 4 / 3)})


def _planned(table: tuple[tuple[float, ...], ...], key: tuple[float, ...], level: str) -> int:
    """The sets of the point of the table that is nearest."""
    nearest = min(table, key=lambda row: sum(abs(a - b) for a, b in zip(row, key)))
    return at_level(level, int(nearest[-1]))
