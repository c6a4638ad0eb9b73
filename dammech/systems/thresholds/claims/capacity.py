"""Claims about the load at which retrieval ends: neurons that are dead below a threshold raise it.

The load where half of the pattern sets lose their memory is found at each size without being told where to look, and
extrapolated. Nothing fluctuates but the patterns: the crossing is narrow as N^(−1/2), and moves as 1/N.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dammech.flows.ensembles import retrieved
from dammech.systems.thresholds.claims.theory import EXACT, capacity, one_step, signs, without_death
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Rival
from dammech.validate.crossings import crossing_row, halved, lost_at

_POINTS = ((0.0, 2.0), (0.5, 2.0))
#: sizes, and at each the pattern sets per load and seed
_PLANS = {
    "quick": ((500, 40), (1000, 30), (2000, 15)),
    "full": ((500, 200), (1000, 150), (2000, 100), (4000, 40)),
}
_LOADS = 5
_HALF_WINDOW = 6.0  # over √N, of the load: a little more than the width of the crossing
_KEPT_ABOVE = 0.6  # above what is left of a memory that was lost, and below the overlap of one that is kept
_PILOT_SETS, _PILOT_SEED = 16, 1_000_003
#: loads that a pilot which doubles and halves can find
_REACH = (0.01, 10.0)
_TOLERANCE = 5e-4  # a drift slower than this is at a fixed point: it shifts a crossing by far less than its width


def capacity_claims() -> list[Claim]:
    """The end of retrieval at the steepness β = 2 of the visible neurons."""
    return [
        Claim(
            name="deadneurons.capacity",
            source="[shiino1992] [amit1987]",
            statement="A threshold that kills hidden neurons raises the capacity to where the derived retrieval state ends.",
            parameters=tuple({"theta": t, "beta": b} for t, b in _POINTS),
            prediction=lambda p: capacity(**p),
            experiment=lambda p, level, seeds: loss(p, _PLANS[level], seeds),
            rivals=(
                Rival("term", "death ignored: linear hidden neurons with the same bias",
                      lambda p: capacity(**p, theory=without_death()).value or 0.0),
                Rival("interaction", "signs, β = ∞", lambda p: capacity(p["theta"], signs()).value or 0.0),
                Rival("null", "one step from the pattern halves the overlap there", _one_step_loses),
            ),
            without=EXACT | {"line": "it is where the state ends; there is no thermodynamics, and no other line"},
            dose=Dose("a threshold 0.1 higher", lambda p: {**p, "theta": p["theta"] + 0.1}),
            covers=("deadneurons.threshold.rs",),
        )
    ]


def loss(parameters: Parameters, plan: tuple[tuple[int, int], ...], seeds: tuple[int, ...]) -> Estimate:
    """The load at N → ∞ beyond which a memory is lost."""
    theta, beta = float(parameters["theta"]), float(parameters["beta"])
    centre = _pilot(plan[0][0], theta, beta, seeds[0] + _PILOT_SEED)
    rows: list[dict[str, Any]] = []
    for size, sets in plan:
        half = _HALF_WINDOW / math.sqrt(size)
        counts = [round(centre * (1 + x * half) * size) for x in np.linspace(-1, 1, _LOADS)]
        kept = np.array([sum(_kept(size, k, theta, beta, sets, s) for s in seeds) for k in counts])
        loads, total = np.array(counts) / size, np.full(_LOADS, sets * len(seeds))
        rows.append(crossing_row(size, loads, kept, total, sets=int(total.sum())))
        centre = rows[-1]["value"]
    return lost_at(rows, (1.0,), reach=_REACH, others={"N^(−4/3)": (4 / 3,), "1/N and 1/N²": (1.0, 2.0)})


def _one_step_loses(p: Parameters) -> float:
    def kept(load: float) -> bool:
        return one_step({**p, "alpha": load}) > _KEPT_ABOVE

    return halved(kept, 0.01, 100.0, 20)[0]


def _pilot(size: int, theta: float, beta: float, seed: int) -> float:
    """Roughly where half is lost: doubled from a small load, then halved in between."""

    def kept(load: float) -> bool:
        return 2 * _kept(size, round(load * size), theta, beta, _PILOT_SETS, seed) >= _PILOT_SETS

    high = 0.02
    while kept(high):
        high *= 2
    return sum(halved(kept, high / 2, high, 4)) / 2


def _kept(size: int, patterns: int, theta: float, beta: float, sets: int, seed: int) -> int:
    runs = retrieved(size, patterns, theta, beta, sets=sets, seed=seed, lost_below=_KEPT_ABOVE, tolerance=_TOLERANCE)
    return int((runs.overlap > _KEPT_ABOVE).sum())

