"""Claims about memories that are cooled: whether there is retrieval where only broken replica symmetry has it.

One waiting time cannot tell a state from a slow decay, and descent at T = 0 keeps nearly everything at any load. So the
start is hot enough for the state to be reached, its overlap is taken to N → ∞ for several waiting times, what the last
of them still changed is part of the error, and the same is done at a load where no ansatz has a state.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

from dammech.systems.hebbian.claims.cooling import Cooling, all_sizes, row
from dammech.systems.hebbian.claims.theory import model_of
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.sizes import doubt, fitted, limit
from dammech.validate.theory import climbed, state, value, value_or_none

#: loads and temperatures of Thériault and Tantari (times 6 and 3): beyond the end of replica-symmetric retrieval at this
#: temperature (0.7713), just before it, and beyond the end in any ansatz (0.924 to 0.929)
BEYOND, BEFORE, NOWHERE = 0.80 / 6, 0.77 / 6, 1.10 / 6
SCHEDULE = (0.45 / 3, 0.2 / 3, 0.05 / 3)
COLD = SCHEDULE[-1]
PLANS = {
    "quick": Cooling((256, 384, 512), (20, 15, 10), (25, 100), SCHEDULE),
    "full": Cooling((256, 384, 512, 640), (80, 60, 40, 20), (25, 100, 400), SCHEDULE),
}
_CONTROL_SEEDS = (1_000_001, 1_000_002, 1_000_003)
#: what cooling changes is compared with less of a change than what is lost: more pattern sets
_SHARPER = {**PLANS, "quick": Cooling((256, 384, 512), (60, 45, 30), (25, 100), SCHEDULE)}
_STEPS = ("1rsb", "2rsb")
_SOURCE = "[gardner1987] [theriault2024] [parisi1980]"


def annealed_claims() -> list[Claim]:
    """The overlap beyond the end of replica-symmetric retrieval; what cooling changes; what waiting loses."""
    return [
        Claim(
            name="hebbian.p3.retrieval-beyond-rs",
            source=_SOURCE,
            statement="Between the capacities of RS and 1RSB a cooled memory keeps the overlap that broken symmetry gives.",
            parameters=(_at(BEYOND),),
            prediction=_broken_overlap,
            experiment=lambda p, level, seeds: _settled(p, PLANS[level], seeds, lambda f, wait: f.mean(wait, -1)),
            control=Control("replica symmetry, which has no retrieval there: m = 0", _symmetric_overlap),
        ),
        Claim(
            name="hebbian.p3.overlap-on-cooling",
            source=_SOURCE,
            statement="Below the AT line the overlap hardly changes: m(T)/m(T_hot) is that of broken symmetry.",
            parameters=(_at(BEFORE),),
            prediction=_broken_change,
            experiment=lambda p, level, seeds: _settled(
                p, _SHARPER[level], seeds, lambda f, wait: f.ratio((wait, -1), (wait, 0))
            ),
            control=Control("replica symmetry, in which m falls on cooling", _symmetric_change),
        ),
        Claim(
            name="hebbian.p3.retrieval-persistence",
            source=_SOURCE,
            statement="Where broken symmetry has a state and replica symmetry none, waiting loses no memory as N grows.",
            parameters=(_at(BEYOND),),
            prediction=_persistence_of_a_state,
            experiment=_persistence,
            control=Control(
                "no state: the fraction kept, plus 2 of its standard errors, at a load beyond every ansatz",
                _persistence_of_none,
            ),
            levels=("full",),
        ),
    ]


def _at(load: float) -> dict[str, Any]:
    return {"order": 3, "interaction": "distinct", "load": load, "temperature": COLD}


def _broken_overlap(parameters: Parameters) -> Prediction:
    return climbed(model_of(parameters), "m", parameters["load"], parameters["temperature"], _STEPS)


def _symmetric_overlap(parameters: Parameters) -> float:
    return value_or_none(state(model_of(parameters), "rs", parameters["load"], parameters["temperature"]))


def _broken_change(parameters: Parameters) -> Prediction:
    cold = _broken_overlap(parameters)
    hot = state(model_of(parameters), _STEPS[0], parameters["load"], SCHEDULE[0])  # where symmetry is not broken
    if cold.value is None or not hot.converged:
        return Prediction(None, True, cold.why or hot.why)
    m = value(hot, "m")
    truncation = None if cold.truncation is None else cold.truncation / m
    return Prediction(cold.value / m, cold.valid and bool(hot.valid), cold.why, truncation)


def _symmetric_change(parameters: Parameters) -> float:
    hot = state(model_of(parameters), "rs", parameters["load"], SCHEDULE[0])
    return _symmetric_overlap(parameters) / value(hot, "m")


def _persistence_of_a_state(parameters: Parameters) -> Prediction:
    """1 where both steps of the hierarchy have a state: escapes grow exponentially rare with N."""
    found = _broken_overlap(parameters)
    return found if found.value is None else replace(found, value=1.0, truncation=None if found.truncation is None else 0.0)


def _persistence_of_none(parameters: Parameters) -> float:
    plan = Cooling((512,), (20,), PLANS["full"].waiting, SCHEDULE)
    (found,) = all_sizes(parameters, plan, _CONTROL_SEEDS, NOWHERE)
    fraction, error = found.kept(-1)
    return fraction + 2 * error


def _persistence(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """The fraction of pattern sets that are kept after the longest wait, at the largest size; it must not fall with N."""
    plan = PLANS[level]
    found = all_sizes(parameters, plan, seeds)
    rows = tuple(row(f, plan, lambda part: part.kept(-1)) for f in found)
    first, *_, last = rows
    falls = last["value"] - first["value"] < -2 * math.hypot(first["error"], last["error"])
    why = "the fraction that is kept falls with N" if falls else None
    return Estimate(last["value"], last["error"], rows, not falls, why)


def _settled(parameters: Parameters, plan: Cooling, seeds: tuple[int, ...], measured: Any) -> Estimate:
    """The limit N → ∞ after the longest wait; what the last lengthening changed is part of the error."""
    found = all_sizes(parameters, plan, seeds)
    tables = [[row(f, plan, partial(measured, wait=k)) for f in found] for k in range(len(plan.waiting))]
    fits = [fitted(rows) for rows in tables]
    return limit(
        tables[-1], fits[-1], "c_0 + c_1/N", problems=doubt(fits[-1], "the sizes do not follow 1/N"),
        moved={"error_of_waiting_time": abs(fits[-1].value - fits[-2].value)},
        limit_by_waiting_time={str(t): {"value": f.value, "error": f.error} for t, f in zip(plan.waiting, fits)},
    )  # fmt: skip
