"""Claims about order 2 without a retrieved pattern: four replicas start at random in the same patterns, above the transition."""

from __future__ import annotations

import itertools
import math
from functools import partial

import numpy as np

from dammech.simulate.chain import Chain
from dammech.simulate.trials import Trial
from dammech.systems.hebbian.claims.chains import of_every_seed, settled
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_level, mean_of, row_of_sets
from dammech.validate.sizes import Plan

LOAD = 0.5
#: in units of the temperature of the transition
_ABOVE = (1.15, 1.3)
_PLAN = Plan((128, 192, 256, 384), (60, 40, 30, 20))
_REPLICAS, _SETTLING, _BLOCKS, _STRIDE = 4, 150, 60, 8


def glass_claims() -> list[Claim]:
    """χ above the transition, where it diverges."""
    return [
        Claim(
            name="hebbian.p2.glass-susceptibility",
            source="[amit1985prl] [amit1987]",
            statement="Above T_g = 1 + √α two replicas overlap by N⟨q²⟩ = 1/(1 − α/(T − 1)²) at N → ∞.",
            parameters=tuple({"load": LOAD, "temperature": round(r * (1 + math.sqrt(LOAD)), 4)} for r in _ABOVE),
            prediction=lambda p: Prediction(_diverging(p["load"] / (p["temperature"] - 1) ** 2)),
            experiment=_susceptibility,
            rivals=(
                Rival("line", "a transition at 1 + α", lambda p: _diverging((p["load"] / (p["temperature"] - 1)) ** 2)),
                Rival("term", "no reaction: a transition at √α", lambda p: _diverging(p["load"] / p["temperature"] ** 2)),
                Rival("null", "spins that do not act on each other", lambda p: 1.0),
            ),
            without={
                "interaction": "at order 2 the diagonal moves no spin",
                "ansatz": "q = 0 has no replicas that could be broken",
            },
            dose=Dose("a load higher by two fifths", lambda p: {**p, "load": 1.4 * p["load"]}),
            covers=("HebbianDAM(order=2, *)/paramagnetic", "HebbianDAM(order=2, *)/spin-glass"),
        )
    ]


def _diverging(x: float) -> float:
    return 1 / (1 - x) if x < 1 else math.nan


def _susceptibility(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    rows = []
    for size, few in zip(_PLAN.sizes, _PLAN.trials):
        trials = at_level(level, few)
        early, late = squares(p["load"], p["temperature"], size, trials, seeds)
        rows.append(row_of_sets(size, np.repeat(seeds, trials), partial(_mean, (early + late) / 2)))
    return settled(rows, np.ones(1), mean_of(late - early))


def _mean(values: np.ndarray, sets: np.ndarray) -> tuple[float, float]:
    return mean_of(values[sets])


def squares(load: float, temperature: float, size: int, trials: int, seeds: tuple[int, ...]) -> np.ndarray:
    """N q², averaged over pairs of replicas and over the first and the second half of the time: (2, sets)."""
    return np.array(of_every_seed(_replicas, 2, "distinct", load, temperature, size, trials, seeds)[2]).T


def _replicas(trial: Trial) -> np.ndarray:
    first, s = trial.chain(), trial.setting
    rng = np.random.default_rng(trial.stream)
    starts, streams = rng.choice([-1, 1], (_REPLICAS, s.size)), rng.integers(1, 2**63, (_REPLICAS, 4), dtype=np.uint64)
    fixed = s.patterns, s.table
    chains = [Chain(s.model, first.patterns, a, s.temperature, s.dynamics, b, *fixed) for a, b in zip(starts, streams)]
    for chain in chains:
        chain.run(_SETTLING)
    made = np.empty(_BLOCKS)
    for k in range(_BLOCKS):
        for chain in chains:
            chain.run(_STRIDE)
        spins = [chain.spins.astype(np.int64) for chain in chains]
        made[k] = np.mean([(a @ b) ** 2 / s.size for a, b in itertools.combinations(spins, 2)])
    return made.reshape(2, -1).mean(axis=1)
