"""Claims about mixtures at order 2: chains that start on the sign of the sum of a few patterns and stay symmetric."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np

from dammech.simulate.chain import Chain
from dammech.simulate.trials import Trial
from dammech.solve import Solution, solve
from dammech.systems.hebbian.claims.chains import of_every_seed, settled
from dammech.systems.hebbian.model import HebbianDAM
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_level, mean_of, reduced, row_of_sets
from dammech.validate.sizes import Plan
from dammech.validate.theory import of_state, value

#: patterns of the mixture → load and temperature, at 0.6 and 0.7 of the fold; and what is measured there for each seed
_POINTS = {3: (0.0036, 0.3), 5: (0.003, 0.2)}
_PLANS = {3: Plan((4000, 8000, 16000), (50, 40, 25)), 5: Plan((8000, 16000, 32000), (60, 40, 25))}
_SETTLING, _BLOCKS, _STRIDE = 40, 20, 3
#: apart as far as half of the overlap of one pattern that took over
_UNEQUAL = 0.4


def mixture_claims() -> list[Claim]:
    """The overlap of each of three and of five patterns."""
    return [
        Claim(
            name=f"hebbian.p2.mixture-{count}",
            source="[amit1985pra] [amit1987]",
            statement=f"{count} patterns are retrieved at once, each with the overlap of the symmetric mixture at N → ∞.",
            parameters=({"order": 2, "interaction": "distinct", "mixed": count, "load": load, "temperature": temperature},),
            prediction=_predicted,
            experiment=_measured,
            rivals=(
                Rival("term", "r = q: no reaction", lambda p: _in_noise(p, steps=3000)),
                Rival("ansatz", "one pattern has taken over", _one_alone),
                Rival("null", "one step from the start", lambda p: _in_noise(p, steps=1)),
            ),
            without={
                "interaction": "at order 2 the diagonal moves no spin",
                "line": "what is claimed is the state, not where it ends",
            },
            dose=Dose("half the load", lambda p: {**p, "load": p["load"] / 2}),
            covers=(f"HebbianDAM(order=2, *)/mixture-{count}", *(("hebbian.p2.distinct.rs.mixture-3",) if count == 3 else ())),
        )
        for count, (load, temperature) in _POINTS.items()
    ]


def _state(p: Parameters, branch: str) -> Solution:
    return solve(HebbianDAM(2), load=p["load"], temperature=p["temperature"], branch=branch, throw=False)


def _predicted(p: Parameters) -> Prediction:
    return of_state(_state(p, f"mixture-{p['mixed']}"), "m")


def _one_alone(p: Parameters) -> float:
    return value(_state(p, "retrieval"), "m") / p["mixed"]


def _in_noise(p: Parameters, steps: int) -> float:
    """The overlap after so many parallel steps where the noise is that of fresh patterns in each."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    total = _totals(p["mixed"])
    m, q = _at_start(p["mixed"]), 1.0
    for _ in range(steps):
        spin = np.tanh((m * total[:, None] + math.sqrt(p["load"] * q) * nodes) / p["temperature"])
        signal = (total[:, None] * spin).mean(axis=0) / p["mixed"]
        m, q = (float(each @ weights / weights.sum()) for each in (signal, (spin**2).mean(axis=0)))
    return m


def _totals(count: int) -> np.ndarray:
    return np.abs([sum(signs) for signs in itertools.product((-1, 1), repeat=count)])


def _at_start(count: int) -> float:
    """The overlap of the sign of the sum, on average, at every N."""
    return float(_totals(count).mean()) / count


def _measured(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    plan, rows = _PLANS[p["mixed"]], []
    for size, few in zip(plan.sizes, plan.trials):
        trials, run = at_level(level, few), _mixed(p["mixed"])
        runs = of_every_seed(run, 2, p["interaction"], p["load"], p["temperature"], size, trials, seeds)[2]
        found = np.array([blocks for blocks, _ in runs])  # (sets, blocks, patterns)
        known = np.array([start for _, start in runs]) - _at_start(p["mixed"])
        kept, means = np.ptp(found[:, -1], axis=1) < _UNEQUAL, found.mean(axis=(1, 2))
        early, late = (part.mean(axis=(1, 2)) for part in np.split(found[kept], 2, axis=1))

        def mean(sets: np.ndarray, m: np.ndarray = means, x: np.ndarray = known, k: np.ndarray = kept) -> tuple[float, float]:
            return reduced(m[sets & k], x[sets & k])

        rows.append(row_of_sets(size, np.repeat(seeds, trials), mean, retrieved=float(kept.mean())))
    return settled(rows, kept, mean_of(late - early))


def _mixed(count: int) -> Callable[[Trial], tuple[np.ndarray, float]]:
    def run(trial: Trial) -> tuple[np.ndarray, float]:
        first, s = trial.chain(), trial.setting
        few = first.patterns.reshape(s.size, -1)[:, :count].astype(np.int64)
        start = np.sign(few.sum(axis=1))
        chain = Chain(s.model, first.patterns, start, s.temperature, s.dynamics, trial.stream, s.patterns, s.table)
        chain.run(_SETTLING)
        made = []
        for _ in range(_BLOCKS):
            chain.run(_STRIDE)
            made.append(chain.spins @ few / s.size)
        return np.array(made), float((start @ few).mean() / s.size)

    return run
