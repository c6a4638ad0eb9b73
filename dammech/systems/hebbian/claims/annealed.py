"""Claims about order 2 at T = 0: the lowest glass that annealing finds, against the state into which a pattern descends.

Of every pattern set the lowest of some anneals from random spins is taken, of those that do not end near a pattern. What varies
from set to set is mostly known: traces of powers of the overlaps of the patterns with each other, and the energy of the first
pattern, have exact means at every N.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from dammech.simulate.chain import Chain
from dammech.simulate.trials import Trial
from dammech.solve import Solution, solve
from dammech.systems.hebbian.claims.chains import of_every_seed
from dammech.systems.hebbian.model import HebbianDAM
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import mean_of, reduced, row_of_sets
from dammech.validate.sizes import Plan, limit
from dammech.validate.theory import value

Mean = tuple[float, float]
#: load → what is measured there for each seed: whole patterns at every N, and N so large that anneals do not end on a pattern
_PLANS = {
    0.09: Plan((800, 1200, 2000, 3200), (60, 50, 40, 30)),
    0.05: Plan((1200, 2000, 3200), (50, 40, 30)),
}
_MORE_AT_FULL = 3
#: of the hierarchy, which must have converged within the error
_STEPS = ("3rsb", "4rsb")
#: anneals of a set, the temperatures of each and the sweeps at each; an overlap with a pattern above which it is no glass
_RESTARTS, _COOLING, _SWEEPS, _RETRIEVED = 4, tuple(float(t) for t in np.linspace(0.8, 0.1, 40)), 8, 0.6
#: pattern sets per seed at the largest size that are annealed once more, four times as long
_LONGER, _TIMES = 6, 4
_EXPONENT, _OTHERS = 2 / 3, {"N^(−3/5)": (3 / 5,), "N^(−3/4)": (3 / 4,)}


def annealed_claims() -> list[Claim]:
    """Energy of the glass less that of retrieval, on both sides of where it vanishes."""
    return [
        Claim(
            name="hebbian.p2.glass-against-retrieval",
            source="[amit1987] [steffan1994]",
            statement="At T = 0 the glass is as far above or below the retrieved state as steps of broken symmetry say, of which "
            "one is not told from four.",
            parameters=tuple({"order": 2, "interaction": "distinct", "load": a, "temperature": 0.0} for a in _PLANS),
            prediction=_predicted,
            experiment=_measured,
            rivals=(
                Rival("ansatz", "the replica-symmetric glass", lambda p: _less(p, "rs")),
                Rival("line", "the transition itself: both have the same energy", lambda p: 0.0),
                Rival("term", "no reaction: independent couplings of the same variance", _independent),
            ),
            without={
                "interaction": "at order 2 the diagonal adds the same to both",
                "null": "anneals begin at random spins; what four times as many sweeps lower is systematic",
            },
            dose=Dose("a load lower by a tenth", lambda p: {**p, "load": 0.9 * p["load"]}),
            covers=("HebbianDAM(order=2, *)/thermodynamic", "hebbian.p2.distinct.1rsb"),
        )
    ]


@cache
def _state(load: float, branch: str, ansatz: str) -> Solution:
    return solve(HebbianDAM(2), load=load, temperature=0.0, branch=branch, ansatz=ansatz, throw=False)


def _less(p: Parameters, ansatz: str) -> float:
    """The energy of the glass in an ansatz, less that of retrieval, in which broken symmetry is too weak to be seen."""
    return value(_state(p["load"], "spin-glass", ansatz), "energy") - value(_state(p["load"], "retrieval", "rs"), "energy")


def _predicted(p: Parameters) -> Prediction:
    before, last = (_less(p, ansatz) for ansatz in _STEPS)
    return Prediction(last, False, _state(p["load"], "spin-glass", _STEPS[-1]).why, abs(last - before))


def _independent(p: Parameters) -> float:
    return -math.sqrt(2 * p["load"] / math.pi) - value(_state(p["load"], "retrieval", "rs"), "energy")


def _measured(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    plan, rows = _PLANS.get(p["load"], _PLANS[0.09]), []  # the wrong world is that of the first point
    for size, few in zip(plan.sizes, plan.trials):
        trials = few * (_MORE_AT_FULL if level == "full" else 1)
        found = _found(_annealed, p, size, trials, seeds)
        glass, retrieved, known = found[:, 0], found[:, 1], found[:, 2:]
        kept, seed = np.isfinite(glass), np.repeat(seeds, trials)

        def mean(sets: np.ndarray, e: np.ndarray = glass - retrieved, x: np.ndarray = known, k: np.ndarray = kept) -> Mean:
            return reduced(e[sets & k], x[sets & k])

        rows.append(row_of_sets(size, seed, mean, glass=float(kept.mean())))
    longer = _found(partial(_annealed, times=_TIMES), p, size, _LONGER, seeds)[:, 0]
    first = np.concatenate([glass[seed == s][:_LONGER] for s in seeds])
    both = np.isfinite(longer) & np.isfinite(first)
    lower, noise = mean_of(longer[both] - first[both])
    waiting = math.sqrt(max(lower**2 - noise**2, 0.0))
    return limit(rows, (_EXPONENT,), _OTHERS, systematic={f"waiting time × {_TIMES}": waiting})


def _found(
    run: Callable[[Trial], Any], p: Parameters, size: int, trials: int, seeds: tuple[int, ...]
) -> np.ndarray:  # fmt: skip
    return np.array(of_every_seed(run, 2, "distinct", p["load"], 0.0, size, trials, seeds)[2])


def _annealed(trial: Trial, times: int = 1) -> tuple[float, ...]:
    """Per spin: the lowest glass (infinite where all anneals end on a pattern), the state of the first pattern, what is known."""
    on, s = trial.chain(), trial.setting
    patterns = on.patterns.reshape(s.size, -1)[:, : s.patterns].astype(np.float32)
    rng, lowest = np.random.default_rng(trial.stream), math.inf

    def moved(spins: np.ndarray, temperature: float, sweeps: int) -> Chain:
        stream = rng.integers(1, 2**63, 4, dtype=np.uint64)
        dynamics = "glauber" if temperature else "zero-temperature"
        chain = Chain(s.model, on.patterns, spins, temperature, dynamics, stream, s.patterns, s.table)
        chain.run(sweeps)
        return chain

    for _ in range(_RESTARTS):
        spins = rng.choice([-1, 1], s.size)
        for temperature in (*_COOLING, 0.0):
            chain = moved(spins, temperature, times * _SWEEPS if temperature else 10_000)
            spins = chain.spins
        if np.abs(spins @ patterns).max() < _RETRIEVED * s.size:
            lowest = min(lowest, chain.energy() / s.size)
    return lowest, moved(on.spins, 0.0, 10_000).energy() / s.size, *known(patterns)


def known(patterns: np.ndarray) -> tuple[float, ...]:
    """Of the overlaps O of the patterns (N, P), less the exact means: tr O² … tr O⁴ per spin, and the energy of the first."""
    (size, count), pairs = patterns.shape, patterns.shape[1] * (patterns.shape[1] - 1)
    overlaps = np.asarray(patterns.T @ patterns, dtype=float) / size
    np.fill_diagonal(overlaps, 0.0)
    square = overlaps @ overlaps
    triples = pairs * (count - 2)
    fourth = triples * (count - 3) / size**3 + 2 * triples / size**2 + pairs * (3 * size - 2) / size**3
    first = float(overlaps[0] @ overlaps[0]) - (count - 1) / size
    return (
        (float(np.trace(square)) - pairs / size) / size,
        (float((square * overlaps).sum()) - triples / size**2) / size,
        (float((square * square).sum()) - fourth) / size,
        first,
    )
