"""What simulations of memories of phases must show: the overlap of retrieval at N → ∞."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from dammech.simulate.measure import measure
from dammech.simulate.trials import Trial
from dammech.solve import Solution, solve
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.phasor.model import PhasorDAM
from dammech.systems.phasor.sampler import experiment
from dammech.systems.phasor.theory import covariance, free_energy_of
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival, Unclaimed
from dammech.validate.pooled import pooled_row
from dammech.validate.sizes import Plan, limit
from dammech.validate.theory import of_state, value, value_or_none

#: order, coupling, load and temperature; each load is that of a whole number of patterns at every size
_POINTS: dict[str, tuple[tuple[int, str, float, float], ...]] = {
    "p2.complex.ground-overlap": ((2, "complex", 0.01, 0.0), (2, "complex", 0.02, 0.0)),
    "p2.complex.overlap-near-the-fold": ((2, "complex", 0.034, 0.0),),
    "p2.real.ground-overlap": ((2, "real", 0.01, 0.0),),
    "p2.complex.overlap": ((2, "complex", 0.02, 0.1),),
    "p4.ground-overlap": ((4, "complex", 0.0078125, 0.0),),
}
_PLANS = {
    "quick": {
        "p2.complex.ground-overlap": Plan((1000, 2000, 4000), (64, 48, 32)),
        "p2.complex.overlap-near-the-fold": Plan((3000, 5000, 9000), (24, 16, 8)),
        "p2.real.ground-overlap": Plan((1000, 2000, 4000), (64, 48, 32)),
        "p2.complex.overlap": Plan((600, 1200, 2400), (48, 24, 16)),
        "p4.ground-overlap": Plan((48, 64, 96), (160, 120, 60)),
    },
    "full": {
        "p2.complex.ground-overlap": Plan((1000, 2000, 4000, 8000), (256, 192, 128, 64)),
        "p2.complex.overlap-near-the-fold": Plan((3000, 5000, 9000, 14000), (96, 64, 48, 24)),
        "p2.real.ground-overlap": Plan((1000, 2000, 4000, 8000), (256, 192, 128, 64)),
        "p2.complex.overlap": Plan((600, 1200, 2400, 4800), (192, 128, 64, 32)),
        "p4.ground-overlap": Plan((48, 64, 96, 128), (640, 480, 240, 96)),
    },
}  # fmt: skip
#: below it a chain has left the state, whose overlap is above 0.9 up to the fold and below 0.5 when lost
LOST_BELOW = 0.65
#: colder than any temperature at which a simulation of phases would differ from one at T = 0
_COLD = 1e-12
#: at which the retrieval state is stable
_WARM = 1e-3


_RIVALS = (
    Rival("interaction", "Ising spins", lambda p: _ising(p)),
    Rival("interaction", "the other coupling", lambda p: _other(p)),
    Rival("term", "noise without its reaction", lambda p: _other_noise(p)),
)
_DENSE_RIVALS = (
    Rival("interaction", "Ising spins", lambda p: _ising(p)),
    Rival("interaction", "order 2", lambda p: _other(p)),
    Rival("term", "noise of distinct sites", lambda p: _other_noise(p)),
)


_DOSE = Dose("the other coupling", lambda p: {**p, "coupling": "real" if p["coupling"] == "complex" else "complex"})


def claims() -> list[Claim | Unclaimed]:
    """For order 2 at T = 0 far from the fold and near it, with real couplings, and at T > 0; and for order 4."""
    return [
        *(
            Claim(
                f"phasor.{name}", "[cook1989] [noest1988]" if points[0][0] == 2 else "",
                "The overlap of the retrieval state of phases at N → ∞ is that of the replica-symmetric theory.",
                tuple(dict(zip(("order", "coupling", "load", "temperature"), point)) for point in points),
                predicted, partial(_planned, name), _RIVALS if points[0][0] == 2 else _DENSE_RIVALS,
                without={
                    "line": "the overlap inside the state is claimed, not where it ends",
                    "ansatz": "replica symmetry is stable at these points, down to T = 1e-12",
                },
                dose=_DOSE if points[0][0] == 2 else Dose("a load 5 % higher", lambda p: {**p, "load": 1.05 * p["load"]}),
                covers=("PhasorDAM(*)/retrieval", "phasor.*"),
            )
            for name, points in _POINTS.items()
        ),
    ]  # fmt: skip


def predicted(p: Parameters) -> Prediction:
    """m of the retrieval state. At T = 0 it is the limit of states that are stable but for the very coldest.

    The replicon falls like −c log(1/T), where c, the replicon of T = 0, is e^{−m²/s²} at order 2: from where the state is
    stable this gives the temperature at which it ceases to be, and from there to T = 0 overlaps move by the order of T.
    """
    model, temperature = model_of(p), p["temperature"]
    found = _state(model, p, temperature)
    if temperature > 0 or not found.converged:
        return of_state(found, "m")
    warm = _state(model, p, _WARM)
    assert warm.converged and warm.valid, warm.why
    unstable_below = math.log(_WARM) + value(warm, "replicon") / value(found, "replicon")
    return Prediction(value(found, "m"), unstable_below < math.log(_COLD), found.why)


def _ising(p: Parameters) -> float:
    model = model_of(p)
    return _overlap_by(HebbianDAM(model.order, "distinct" if model.soft else "power"), p)


def _other(p: Parameters) -> float:
    model = model_of(p)
    return _overlap_by(PhasorDAM(2, "real" if model.soft and model.coupling == "complex" else "complex"), p)


def _other_noise(p: Parameters) -> float:
    model = model_of(p)
    return _overlap_by(free_energy_of(model, covariance if model.soft else _of_distinct_sites), p)


def _overlap_by(theory: Any, p: Parameters) -> float:
    return value_or_none(_state(theory, p, p["temperature"]))


def overlap(p: Parameters, plan: Plan, seeds: tuple[int, ...]) -> Estimate:
    """m of the chains that started on a pattern and did not leave it, by c₀ + c₁/N; and the same without the smallest size."""
    model, rows, problems = model_of(p), [], []
    at = {axis: p[axis] for axis in ("load", "temperature")}
    for size, trials in zip(plan.sizes, plan.trials):
        by_seed, lost = {}, 0
        for seed in seeds:
            setting = experiment(model, at, size=size, dynamics="glauber", overlap=1.0, seed=seed)
            made = measure(setting, [Trial(setting, k) for k in range(trials)], None, None, None)
            kept = made.overlap[made.overlap > LOST_BELOW]
            lost += trials - kept.size
            by_seed[seed] = kept if kept.size else np.zeros(1)
            if not made.converged and p["temperature"] > 0:
                problems.append(f"N = {size}: {made.why}")
        rows.append(pooled_row(size, by_seed, trials=trials * len(seeds), lost=lost))
    if rows[-1]["lost"] > 0.1 * rows[-1]["trials"]:
        problems.append(f"{rows[-1]['lost']} of {rows[-1]['trials']} chains left the state at the largest size")
    return limit(rows, problems=problems)


def model_of(p: Parameters) -> PhasorDAM:
    """The memory that a claim is about."""
    return PhasorDAM(p["order"], p["coupling"])


def _planned(name: str, p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    return overlap(p, _PLANS[level][name], seeds)


def _state(theory: Any, p: Parameters, temperature: float) -> Solution:
    return solve(theory, load=p["load"], temperature=temperature, branch="retrieval", throw=False)


def _of_distinct_sites(order: int, x: sp.Expr) -> sp.Expr:
    """The covariance of energies without repeated sites: of even orders the highest Laguerre polynomial alone."""
    y = sp.Symbol("y", positive=True)
    return sp.expand(covariance(order, y)).coeff(y, order) * x**order
