"""Where a probability that falls with the load, or with age, is one half."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.validate.claim import Estimate
from dammech.validate.sizes import Powers, known, limit, reaching

#: on each side of a crossing something is measured so near to it
NEAR = 0.1


@dataclass(frozen=True)
class Crossing:
    """Probability Φ((load − α)/width) of keeping the memory, fitted to counts."""

    load: float
    width: float
    error: float


def crossing_row(
    size: int, where: np.ndarray, kept: np.ndarray, total: np.ndarray, name: str = "loads", **more: Any
) -> dict[str, Any]:  # fmt: skip
    """One size of a report: the crossing, and how often a memory was kept at each of the loads."""
    found = crossing(where, kept, total)
    row = {"size": size, "value": found.load, "error": found.error, "width": found.width}
    return {**row, name: where.tolist(), "retrieved": (kept / total).tolist(), **more}


def crossing(loads: np.ndarray, kept: np.ndarray, trials: np.ndarray) -> Crossing:
    """Maximum likelihood of the load where half is kept, and of the width; error from the information matrix."""
    from scipy.optimize import minimize
    from scipy.special import log_ndtr

    narrowest = float(np.diff(loads).min()) / 8  # counts that fall from all to none at once do not bound the width

    def scaled(load: float, width: float) -> np.ndarray:
        return np.clip((load - loads) / width, -30.0, 30.0)

    def cost(x: np.ndarray) -> float:
        u = scaled(x[0], max(math.exp(x[1]), narrowest))
        return float(-(kept * log_ndtr(u) + (trials - kept) * log_ndtr(-u)).sum())

    fractions = kept / trials
    start = float(np.interp(0.5, fractions[::-1], loads[::-1])) if np.ptp(fractions) else float(loads.mean())
    width = max(float(np.ptp(loads)) / 4, 1e-6)
    best = minimize(cost, np.array([start, math.log(width)]), method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-9, "maxiter": 4000})  # fmt: skip
    load, width = float(best.x[0]), max(math.exp(float(best.x[1])), narrowest)
    u = scaled(load, width)
    # in logarithms, since far from the crossing the factors under- and overflow
    log_density = -(u**2) / 2 - math.log(math.sqrt(2 * math.pi))
    weight = trials * np.exp(2 * log_density - log_ndtr(u) - log_ndtr(-u)) / width**2
    information = np.array([[weight.sum(), -(weight * u).sum()], [-(weight * u).sum(), (weight * u**2).sum()]])
    if not np.isfinite(information).all() or np.linalg.cond(information) > 1e12:
        return Crossing(load, width, math.inf)
    return Crossing(load, width, float(math.sqrt(np.linalg.inv(information)[0, 0])))


def halved(holds: Callable[[float], bool], low: float, high: float, halvings: int) -> tuple[float, float]:
    """The interval in which what holds at its lower end, and does not at the upper one, ends: halved so often."""
    for _ in range(halvings):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low, high


def lost_at(rows: Sequence[dict[str, Any]], powers: Powers, name: str = "loads", reach: tuple[float, float] | None = None,
            **settings: Any) -> Estimate:  # fmt: skip
    """The limit N → ∞ of the crossings of `crossing_row`; ``settings`` as for `limit`.

    Where no ``reach`` is given, what can be found lies on the grids of all sizes. Within a tenth of the crossing at the largest
    size something must have been measured on each side of it.
    """
    if not known(rows):
        return Estimate(math.nan, math.inf, tuple(rows), False, "at some size the loads do not bracket the crossing")
    grids = [np.asarray(row[name]) for row in rows]
    low, high = reach or (max(float(g.min()) for g in grids), min(float(g.max()) for g in grids))
    off = grids[-1] / rows[-1]["value"] - 1
    near = ((off > -NEAR) & (off <= 0)).any() and ((off < NEAR) & (off >= 0)).any()
    problems = [] if near else [f"nothing was measured within {NEAR:.0%} of the crossing on each side"]
    return reaching(limit(rows, powers, problems=problems, **settings), low, high)
