"""Claims about the retrieval fixed point at extensive load: its overlap and the hidden neurons that are dead there."""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np

from dammech.flows.ensembles import Retrieved, retrieved
from dammech.systems.thresholds.claims.theory import EXACT, one_step, predicted, without_death, without_reaction
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Rival
from dammech.validate.pooled import pooled_row
from dammech.validate.sizes import limit

#: loads that no pattern set of these sizes has lost its memory at; the reaction counts most at the first, and in _DEAD
_POINTS = ((0.6, 1.0, 1.5), (0.1, 0.5, 1.5), (0.25, 0.5, 2.0))
_DEAD = ((2.0, 1.5, 1.5),)
_HIGHER = Dose("a threshold 0.1 higher", lambda p: {**p, "theta": p["theta"] + 0.1})
_SIZES = {"quick": ((800, 150), (1200, 100), (2000, 60)), "full": ((800, 800), (1200, 600), (2000, 400), (4000, 100))}


def retrieval_claims() -> list[Claim]:
    """Overlap and dead fraction."""
    return [
        Claim(
            name="deadneurons.retrieval-overlap",
            source="[shiino1992] [amit1987]",
            statement="The overlap of the retrieval fixed point at N → ∞ is that of the derived theory of dead neurons.",
            parameters=tuple({"alpha": a, "theta": t, "beta": b} for a, t, b in _POINTS),
            prediction=lambda p: predicted(p, "m"),
            experiment=lambda p, level, seeds: measured(p, _SIZES[level], seeds, "overlap"),
            rivals=(
                Rival("term", "no reaction, as in a diluted network",
                      lambda p: predicted(p, "m", without_reaction()).value or 0.0),
                Rival("term", "death ignored: linear hidden neurons with the same bias",
                      lambda p: predicted(p, "m", without_death()).value or 0.0),
                Rival("interaction", "no threshold", lambda p: predicted({**p, "theta": 0.0}, "m").value or 0.0),
                Rival("null", "one step from the pattern", one_step),
            ),
            without=EXACT | {"line": "the overlap inside the state is claimed, not where it ends"},
            dose=_HIGHER,
            covers=("deadneurons.threshold.rs",),
        ),
        Claim(
            name="deadneurons.dead-fraction",
            source="[shiino1992]",
            statement="At the retrieval fixed point a fraction Φ(θ/√q) of the hidden neurons is dead, N → ∞.",
            parameters=tuple({"alpha": a, "theta": t, "beta": b} for a, t, b in _DEAD),
            prediction=lambda p: predicted(p, "dead"),
            experiment=lambda p, level, seeds: measured(p, _SIZES[level], seeds, "dead"),
            rivals=(
                Rival("null", "Φ(θ), as if the state were the stored pattern", lambda p: NormalDist().cdf(p["theta"])),
                Rival("term", "no reaction, as in a diluted network", lambda p: _dead(p, without_reaction())),
            ),
            without=EXACT | {
                "interaction": "hidden neurons that do not die have no such fraction",
                "line": "the fraction inside the state is claimed, not where it ends",
            },
            dose=_HIGHER,
            covers=("deadneurons.threshold.rs",),
        ),
    ]


def measured(p: Parameters, plan: tuple[tuple[int, int], ...], seeds: tuple[int, ...], quantity: str) -> Estimate:
    """``overlap`` or ``dead`` at the fixed point, N → ∞, from sizes with pattern sets a seed."""
    rows, problems = [], []
    for size, sets in plan:
        patterns = round(p["alpha"] * size)
        runs = {s: _run(size, patterns, p["theta"], p["beta"], sets, s) for s in seeds}
        lost = sum(int((~r.converged).sum()) for r in runs.values())
        if lost:
            problems.append(f"N = {size}: {lost} runs did not reach a fixed point")
        values: dict[int, np.ndarray] = {s: getattr(r, quantity) for s, r in runs.items()}
        rows.append(pooled_row(size, values, patterns=patterns))
    return limit(rows, others={"N^(−2/3)": (2 / 3,)}, problems=problems)


def _dead(p: Parameters, theory: Any) -> float:
    square = predicted(p, "q", theory).value
    return NormalDist().cdf(p["theta"] / math.sqrt(square)) if square else math.nan


@cache
def _run(size: int, patterns: int, theta: float, beta: float, sets: int, seed: int) -> Retrieved:
    return retrieved(size, patterns, theta, beta, sets=sets, seed=seed)
