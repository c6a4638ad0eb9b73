"""From what was measured at several sizes to N → ∞."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dammech.simulate import extrapolate
from dammech.validate.chains import Chains, averaged, chains, ratio
from dammech.validate.claim import Estimate, Parameters

#: A fit that is worse than this does not describe the data.
WORST_P_VALUE = 1e-4


@dataclass(frozen=True)
class Plan:
    """Sizes, and at each the pattern sets per seed; the highest power of 1/N of the extrapolation."""

    sizes: tuple[int, ...]
    trials: tuple[int, ...]
    degree: int = 1


def overlap(parameters: Parameters, plan: Plan, seeds: tuple[int, ...]) -> Estimate:
    """m of the state that a chain is in when it starts on a pattern."""
    found = _all(parameters, plan, seeds)
    return extrapolated([averaged(c, c.overlap) for c in found], plan.degree, _problems(found))


def energy(parameters: Parameters, plan: Plan, seeds: tuple[int, ...], replicas: bool = False) -> Estimate:
    """Energy per spin of that state."""
    found = _all(parameters, plan, seeds, replicas)
    return extrapolated([averaged(c, c.energy) for c in found], plan.degree, _problems(found))


def overlap_ratio(parameters: Parameters, plan: Plan, seeds: tuple[int, ...]) -> Estimate:
    """m/q: the overlap with the pattern over that of two replicas."""
    found = _all(parameters, plan, seeds, replicas=True)
    rows = [ratio(c, c.overlap, c.replicas) for c in found if c.replicas is not None]
    return extrapolated(rows, plan.degree, _problems(found))


def extrapolated(rows: Sequence[Mapping[str, Any]], degree: int, problems: Sequence[str] = ()) -> Estimate:
    """The limit N → ∞ of the rows by a polynomial in 1/N; not to be trusted if the fit is bad."""
    kept = tuple(dict(row) for row in rows)
    sizes, values, errors = ([row[name] for row in kept] for name in ("size", "value", "error"))
    if not all(0 < e < math.inf for e in errors):
        return Estimate(values[-1], math.inf, kept, False, "a size has no error over pattern sets")
    limit = extrapolate(sizes, values, errors, degree=degree)
    why = list(problems)
    if limit.p_value is not None and limit.p_value < WORST_P_VALUE:
        why.append(f"the sizes do not follow the fit (χ² = {limit.chi2:.1f}, {limit.degrees} degrees of freedom)")
    fit = {
        "form": "Σ_k c_k N^(−k)",
        "power": 1.0,
        "coefficients": limit.coefficients.tolist(),
        "chi2": limit.chi2,
        "degrees": limit.degrees,
        "p_value": limit.p_value,
    }
    return Estimate(limit.value, limit.error, kept, not why, "; ".join(why) or None, fit)


def _all(parameters: Parameters, plan: Plan, seeds: tuple[int, ...], replicas: bool = False) -> list[Chains]:
    point = (parameters["order"], parameters["interaction"], parameters["load"], parameters["temperature"])
    return [chains(*point, size, trials, seeds, replicas) for size, trials in zip(plan.sizes, plan.trials)]


def _problems(found: Sequence[Chains]) -> list[str]:
    return [f"N = {c.size}: {c.why}" for c in found if c.why]
