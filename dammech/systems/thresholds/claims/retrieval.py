"""Claims about the retrieval fixed point at extensive load: its overlap and the hidden neurons that are dead there."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

from dammech.flows.ensembles import Retrieved, retrieved
from dammech.systems.thresholds.claims.theory import predicted, without_reaction
from dammech.validate.claim import Claim, Control, Estimate, Parameters
from dammech.validate.pooled import pooled_row
from dammech.validate.sizes import extrapolated

#: loads that no pattern set of these sizes has lost its memory at; the dead fraction differs enough from Φ(θ) at β = 1.5
_POINTS = ((0.25, 0.5, 2.0), (0.1, 0.5, 1.5), (0.4, 1.0, 1.5))
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
            control=Control(
                "the theory without reaction, as of a diluted network",
                lambda p: predicted(p, "m", without_reaction()).value or 0.0,
            ),
        ),
        Claim(
            name="deadneurons.dead-fraction",
            source="[shiino1992]",
            statement="At the retrieval fixed point a fraction Φ(θ/√q) of the hidden neurons is dead, N → ∞.",
            parameters=tuple({"alpha": a, "theta": t, "beta": b} for a, t, b in _POINTS if b < 2),
            prediction=lambda p: predicted(p, "dead"),
            experiment=lambda p, level, seeds: measured(p, _SIZES[level], seeds, "dead"),
            control=Control("Φ(θ), as if the state were the stored pattern", lambda p: NormalDist().cdf(p["theta"])),
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
    return extrapolated(rows, 1, problems)


@cache
def _run(size: int, patterns: int, theta: float, beta: float, sets: int, seed: int) -> Retrieved:
    return retrieved(size, patterns, theta, beta, sets=sets, seed=seed)
