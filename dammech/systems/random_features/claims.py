"""Claims about memories in random features: the error of a kernel, and of the energy at a memory."""

from __future__ import annotations

import math

import numpy as np

from dammech.equations.law import Law
from dammech.systems.random_features.model import ENERGY, PATHS
from dammech.systems.random_features.sampler import Paths, squared_errors, squared_kernels
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival, Unclaimed
from dammech.validate.pooled import at_level, estimate, pooled_row
from dammech.validate.sizes import limit

_OTHER = {"pairs": "phases", "phases": "pairs"}
#: memories, waves
_ENERGIES = ((5, "pairs"), (3, "phases"), (9, "pairs"))
#: features a memory, so many that no sum of kernels is negative in any draw; draws a seed
_PLAN = ((60, 1800), (120, 1800), (240, 1200))
_KERNEL, _FEATURES, _DRAWS = 0.6, 64, 4000
_WITHOUT = {
    "line": "an error at given features, not where anything ends",
    "ansatz": "a mean over frequencies: there are no replicas",
    "null": "there is no dynamics",
}


def claims() -> list[Claim | Unclaimed]:
    """Kernels at finite Y, energies as Y → ∞."""
    swapped = Dose("the other kind of waves", lambda p: {**p, "waves": _OTHER[p["waves"]]})
    return [
        Claim(
            "random-features.kernel", "[rahimi2007]",
            "The variance of a kernel in Y random features, exactly: pairs have none at distance 0, random phases have.",
            tuple({"kernel": _KERNEL, "features": _FEATURES, "waves": waves} for waves in _OTHER),
            lambda p: Prediction(kernel_law(p)),
            lambda p, level, seeds: estimate(p["features"], seeds, lambda seed: squared_kernels(
                p["kernel"], p["features"], p["waves"], at_level(level, _DRAWS), seed)),
            (
                Rival("interaction", "the other kind of waves", lambda p: kernel_law({**p, "waves": _OTHER[p["waves"]]})),
                Rival("term", "two points so far that the kernel vanishes", lambda p: kernel_law({**p, "kernel": 0.0})),
                Rival("term", "cos 2ω·(x − y) without a mean", lambda p: kernel_law(p) - p["kernel"] ** 4 / (2 * p["features"])),
            ),
            without=_WITHOUT, dose=swapped, covers=(ENERGY,),
        ),
        Claim(
            "random-features.energy", "[hoover2024]",
            "Y⟨(βΔE)²⟩ at a memory tends to (K − 1)/2 with pairs of waves, to K − ½ with random phases: K grows linearly with Y.",
            tuple({"memories": count, "waves": waves} for count, waves in _ENERGIES),
            lambda p: Prediction(energy_law(p)),
            measured,
            (
                Rival("interaction", "the other kind of waves", lambda p: energy_law({**p, "waves": _OTHER[p["waves"]]})),
                Rival("term", "the memory's own kernel errs like a far one",
                      lambda p: p["memories"] * (0.5 if p["waves"] == "pairs" else 1.0)),
                Rival("term", "errors of different memories add up, as in the published bound",
                      lambda p: energy_law({**p, "memories": 2}) * (p["memories"] - 1) ** 2),
            ),
            without=_WITHOUT, dose=swapped, covers=(ENERGY,),
        ),
        Unclaimed((PATHS,), "bounds: that no draw violates them is asserted by tests, and says nothing of their size"),
    ]  # fmt: skip


def kernel_law(p: Parameters) -> float:
    """Variance of k̂."""
    return float(Law(ENERGY, f"Variance, {p['waves']}")(k=p["kernel"], Y=p["features"])[0])


def energy_law(p: Parameters) -> float:
    """Y⟨(βΔE)²⟩ as Y → ∞."""
    return float(Law(ENERGY, f"All memories, {p['waves']}")(K=p["memories"], Y=1)[0])


def bounds(found: Paths, count: int, beta: float, step: float, length: int) -> tuple[float, float]:
    """What bounds how far paths come apart: with the gradients that were met, and as published with the kernels."""
    at = {"L": length, "a": step}
    (eta,) = Law(PATHS, "Gradients")(K=count, delta=found.kernels, beta=beta, E=found.depth)
    (sharp,) = Law(PATHS, "Paths come apart")(**at, Lambda=1 + beta / 4, eta=found.gradients)
    (published,) = Law(PATHS, "Published form")(**at, Lambda=1 + 2 * count * beta * math.exp(beta / 2), eta=eta)
    return float(sharp), float(published)


def measured(p: Parameters, level: str, seeds: tuple[int, ...], plan: tuple[tuple[int, int], ...] = _PLAN) -> Estimate:
    """Y⟨(βΔE)²⟩ at several Y, as 1/Y → 0."""
    rows, lost = [], 0
    for share, draws in plan:
        features = share * p["memories"]
        many = at_level(level, draws)
        made = {s: features * squared_errors(p["memories"], features, p["waves"], many, s) for s in seeds}
        lost += sum(int(np.isnan(x).sum()) for x in made.values())
        rows.append(pooled_row(features, {s: x[np.isfinite(x)] for s, x in made.items()}))
    problems = [f"{lost} draws have a sum of kernels that is not positive"] if lost else []
    return limit(rows, problems=problems)
