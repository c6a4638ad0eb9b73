"""What simulations of memories of phases must show: the overlap of retrieval at N → ∞."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from dammech.derive.oracles import value as number_of
from dammech.solve import Solution, solve
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.phasor.model import PhasorDAM
from dammech.systems.phasor.sampler import experiment
from dammech.systems.phasor.theory import covariance, free_energy_of
from dammech.validate.chains import overlap_of_kept
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival, Unclaimed
from dammech.validate.sizes import Plan
from dammech.validate.theory import of_state, value, value_or_none

#: order, coupling, load and temperature; each load is that of a whole number of patterns at every size
_POINTS: dict[str, tuple[tuple[int, str, float, float], ...]] = {
    "p2.complex.ground-overlap": ((2, "complex", 0.01, 0.0), (2, "complex", 0.02, 0.0)),
    "p2.complex.overlap-near-the-fold": ((2, "complex", 0.034, 0.0),),
    "p2.real.ground-overlap": ((2, "real", 0.01, 0.0),),
    "p2.complex.overlap": ((2, "complex", 0.02, 0.1),),
}
_PLANS = {
    "quick": {
        "p2.complex.ground-overlap": Plan((1000, 2000, 4000), (16, 12, 8)),
        "p2.complex.overlap-near-the-fold": Plan((3000, 5000, 9000), (12, 9, 5)),
        "p2.real.ground-overlap": Plan((1000, 2000, 4000), (64, 48, 24)),
        "p2.complex.overlap": Plan((600, 1200, 2400), (24, 12, 8)),
    },
    "full": {
        "p2.complex.ground-overlap": Plan((1000, 2000, 4000, 8000), (256, 192, 128, 64)),
        "p2.complex.overlap-near-the-fold": Plan((3000, 5000, 9000, 14000), (96, 64, 48, 24)),
        "p2.real.ground-overlap": Plan((1000, 2000, 4000, 8000), (256, 192, 128, 64)),
        "p2.complex.overlap": Plan((600, 1200, 2400, 4800), (192, 128, 64, 32)),
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
    Rival("null", "one step from the pattern", lambda p: _one_step(p)),
)

#: with the other coupling the state is lost near the fold, and there is nothing to compare
_HALF = Dose("half the load", lambda p: {**p, "load": p["load"] / 2})
_COUPLING = Dose("the other coupling", lambda p: {**p, "coupling": "real" if p["coupling"] == "complex" else "complex"})


def claims() -> list[Claim | Unclaimed]:
    """For order 2 at T = 0 far from the fold and near it, with real couplings, and at T > 0."""
    return [
        *(
            Claim(
                f"phasor.{name}", "[cook1989] [noest1988]",
                "The overlap of the retrieval state of phases at N → ∞ is that of the replica-symmetric theory.",
                tuple(dict(zip(("order", "coupling", "load", "temperature"), point)) for point in points),
                predicted, partial(_planned, name), _RIVALS,
                without={
                    "line": "the overlap inside the state is claimed, not where it ends",
                    "ansatz": "replica symmetry is stable at these points, down to T = 1e-12",
                },
                dose=_COUPLING if name.endswith("ground-overlap") else _HALF,
                covers=(f"PhasorDAM(order={points[0][0]}, coupling='{points[0][1]}')/retrieval",
                        f"phasor.p{points[0][0]}.{points[0][1]}.rs"),
            )
            for name, points in _POINTS.items()
        ),
        Unclaimed(
            ("PhasorDAM(*)/retrieval-spinodal",),
            "a chain that starts on a pattern leaves it below the fold at sizes of some thousands, and later with every waiting "
            "time: the overlap at 0.89 of it is claimed instead",
        ),
        Unclaimed(
            ("PhasorDAM(*)/thermodynamic",),
            "two states of first order coexist there: their free energies would have to be integrated, each over its own chains",
        ),
        Unclaimed(
            ("PhasorDAM(*)/spin-glass", "PhasorDAM(*)/at"),
            "replica symmetry is unstable in the glass, and in the retrieval state only where it is colder than 1e-12; the "
            "susceptibility of overlaps of complex fields that would show either has not been measured",
        ),
        Unclaimed(("PhasorDAM(*)/paramagnetic",), "m = q = 0, to which there is no rival"),
        Unclaimed(
            ("PhasorDAM(order=4, *)/retrieval", "phasor.p4.complex.rs"),
            "at T = 0 the state is one step from its pattern to a tenth of a percent, but near its end, where sizes of up to 72 "
            "leave an error of eight times that; warm chains at N = 64 take minutes",
        ),
        Unclaimed(("phasor.p3.complex.rs",), "of odd orders |m|^n is no polynomial, and has no chain here"),
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
    return _overlap_by(HebbianDAM(model.order, "distinct"), p)


def _other(p: Parameters) -> float:
    model = model_of(p)
    return _overlap_by(PhasorDAM(2, "real" if model.coupling == "complex" else "complex"), p)


def _other_noise(p: Parameters) -> float:
    model = model_of(p)
    return _overlap_by(free_energy_of(model, covariance), p)


def _one_step(p: Parameters) -> float:
    """What the noise of independent patterns leaves of the pattern itself: no feedback of q, and no reaction."""
    theory: Any = free_energy_of(model_of(p), covariance)
    theory = theory if p["temperature"] > 0 else theory.zero_temperature
    perfect = dict(zip(theory.order_parameters, (1, 1 if p["temperature"] > 0 else 0)))
    return 1 - float(number_of(theory.saddle_equations[0], perfect | {s: p[s.name] for s in theory.parameters}))


def _overlap_by(theory: Any, p: Parameters) -> float:
    return value_or_none(_state(theory, p, p["temperature"]))


def overlap(p: Parameters, plan: Plan, seeds: tuple[int, ...]) -> Estimate:
    """m of the chains that started on a pattern and did not leave it."""
    at = {axis: p[axis] for axis in ("load", "temperature")}
    made = partial(experiment, model_of(p), at, dynamics="glauber", overlap=1.0)
    return overlap_of_kept(made, plan, seeds, LOST_BELOW, others={"N^(−2/3)": (2 / 3,)})


def model_of(p: Parameters) -> PhasorDAM:
    """The memory that a claim is about."""
    return PhasorDAM(p["order"], p["coupling"])


def _planned(name: str, p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    return overlap(p, _PLANS[level][name], seeds)


def _state(theory: Any, p: Parameters, temperature: float) -> Solution:
    return solve(theory, load=p["load"], temperature=temperature, branch="retrieval", throw=False)
