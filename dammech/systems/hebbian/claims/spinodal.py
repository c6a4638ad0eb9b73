"""The retrieval spinodal at order 2 from how often, how large and how long a memory survives.

At each size the load where half of the pattern sets keep their memory is found without being told where to look: a
coarse scan first, then loads around its crossing. The crossing moves with size as a thermally activated escape near a
fold makes it, (ln t/N)^{2/3}, and with the waiting time t; both are studied, and what they leave open is in the error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.simulate import retrieval_probability
from dammech.systems.hebbian.claims.theory import model_of
from dammech.systems.hebbian.claims.wrong import end_without_reaction
from dammech.systems.hebbian.model import HebbianDAM
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.crossings import Crossing, crossing, crossing_row, lost_at
from dammech.validate.sizes import apart

EXPONENT, OTHER_EXPONENT = 2 / 3, 1 / 2
_OTHERS = {"N^(−1/2)": (OTHER_EXPONENT,)}
TEMPERATURES = (0.3, 0.45, 0.6)
WAITING = (100, 200, 400, 800)
KEPT_ABOVE = 0.6  # above what is left of a memory that was lost, and below the overlap of one that is kept
_PILOT_SEED = 1_000_003
_LARGEST_LOAD = 0.3


@dataclass(frozen=True)
class SpinodalPlan:
    """Sizes with the trials per load and seed at each; waiting times in sweeps; how many loads."""

    sizes: tuple[int, ...] = (1000, 2000, 4000, 8000)
    trials: tuple[int, ...] = (48, 32, 20, 12)
    waiting: tuple[int, ...] = WAITING
    loads: int = 7


def spinodal_claims() -> list[Claim]:
    """Order 2, at temperatures where remanence does not mask the loss."""
    return [
        Claim(
            name="hebbian.p2.retrieval-spinodal",
            source="[amit1985prl] [amit1987]",
            statement="A memory is lost beyond the load at which the retrieval solution of the theory ends.",
            parameters=tuple({"order": 2, "interaction": "distinct", "temperature": t} for t in TEMPERATURES),
            prediction=_end_of_retrieval,
            experiment=lambda p, level, seeds: spinodal(p, seeds, SpinodalPlan()),
            rivals=(
                Rival("term", "r = q: no reaction", lambda p: end_without_reaction(p["temperature"])),
                Rival("line", "the thermodynamic transition", lambda p: _load_of("thermodynamic", p).value or math.nan),
            ),
            without={
                "interaction": "at order 2 the diagonal moves no spin",
                "ansatz": "replica symmetry is stable at the fold at these temperatures",
                "null": "the load where half is lost would move with the waiting time without a state; how far is systematic",
            },
            dose=Dose("a fifth warmer", lambda p: {**p, "temperature": 1.2 * p["temperature"]}),
            covers=("HebbianDAM(order=2, *)/retrieval-spinodal",),
            levels=("full",),
        )
    ]


def _end_of_retrieval(parameters: Parameters) -> Prediction:
    return _load_of("retrieval-spinodal", parameters)


def _load_of(line: str, parameters: Parameters) -> Prediction:
    from dammech.phases import boundary

    point = boundary(model_of(parameters), line, temperatures=[parameters["temperature"]]).points[0]
    if not point["converged"]:
        return Prediction(None, True, point["why"])
    return Prediction(float(point["load"]), bool(point["valid"]), point["why"])


def spinodal(parameters: Parameters, seeds: tuple[int, ...], plan: SpinodalPlan) -> Estimate:
    """The load at N → ∞ beyond which a memory is lost at this temperature."""
    model = model_of(parameters)
    temperature = float(parameters["temperature"])
    guess, rows, longest = None, [], plan.waiting[-1]
    for size, trials in zip(plan.sizes, plan.trials):
        window = _window(model, temperature, size, seeds[0] + _PILOT_SEED, guess, plan)
        grid = _loads(size, *window, plan.loads)
        counts = _counts(model, temperature, size, grid, seeds, trials, plan.waiting)
        fits = {t: crossing(*counts[t]) for t in plan.waiting}
        guess = fits[longest]
        by_time = {str(t): {"load": f.load, "error": f.error} for t, f in fits.items()}
        rows.append(crossing_row(
            size, *counts[longest], trials=int(counts[longest][2].sum()), sweeps=longest, by_waiting_time=by_time,
        ))  # fmt: skip
    return _extrapolated(rows, plan)


def _window(
    model: HebbianDAM, temperature: float, size: int, seed: int, guess: Crossing | None, plan: SpinodalPlan
) -> tuple[float, float]:
    """Loads between which the probability falls, by a coarse scan: of all loads, then near the last crossing."""
    time, few = plan.waiting[0], 8
    if guess is None:
        grid = _loads(size, 0.01, _LARGEST_LOAD, 30)
    else:
        grid = _loads(size, guess.load - 2 * guess.width, guess.load + 4 * guess.width, 9)
    counts = _counts(model, temperature, size, grid, (seed,), few, (time,))[time]
    found = crossing(*counts)
    width = min(max(found.width, 2 / size), (grid[-1] - grid[0]) / 3)
    return found.load - 1.6 * width, found.load + 1.6 * width


def _loads(size: int, first: float, last: float, count: int) -> list[float]:
    """Different loads P/N, as evenly between two as whole patterns allow."""
    patterns = np.unique(np.rint(np.linspace(max(first, 2 / size), last, count) * size).astype(int))
    return [float(p / size) for p in patterns]


def _counts(
    model: HebbianDAM, temperature: float, size: int, loads: list[float], seeds: tuple[int, ...], trials: int,
    waiting: tuple[int, ...],
) -> dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:  # fmt: skip
    """By waiting time: realised loads, how often the memory was kept, and in how many trials."""
    kept = np.zeros((len(loads), len(waiting)), dtype=int)
    for seed in seeds:
        points = retrieval_probability(
            model, load=loads, temperature=temperature, size=size, sweeps=list(waiting), trials=trials, seed=seed,
            retrieved_above=KEPT_ABOVE,
        ).points  # fmt: skip
        kept += np.array([round(point.retrieved * trials) for point in points]).reshape(kept.shape)
    realised, total = np.array([p.load for p in points[:: len(waiting)]]), np.full(len(loads), trials * len(seeds))
    return {t: (realised, kept[:, k], total) for k, t in enumerate(waiting)}


def _extrapolated(rows: list[dict[str, Any]], plan: SpinodalPlan) -> Estimate:
    """After the longest wait; how far half of it leads elsewhere, beyond noise, is systematic, as is another exponent."""

    def after(time: int, **more: Any) -> Estimate:
        fits = [row["by_waiting_time"][str(time)] for row in rows]
        table = [{**row, "value": fit["load"], "error": fit["error"]} for row, fit in zip(rows, fits)]
        return lost_at(table, (EXPONENT,), others=_OTHERS, **more)

    last, before = (after(t) for t in plan.waiting[:-3:-1])
    return after(plan.waiting[-1], systematic={"waiting time": apart(last, before)})
