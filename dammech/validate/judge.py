"""From a prediction, an estimate and rivals to a verdict: point by point, then of the claim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dammech.results.record import Record
from dammech.validate.claim import Claim, Estimate, Parameters, Policy, Prediction

#: worst last; what a claim of several points is worth is its worst point
VERDICTS = ("pass", "weak", "ansatz-invalid", "inconclusive", "fail")


@dataclass(frozen=True, repr=False)
class Excluded(Record):
    """A rival at one point.

    Attributes
    ----------
    kind, statement : str
    theory : float or None
        Its number; None where it is that of the theory.
    z : float or None
        (simulation − rival) / error.
    power : float
        d: how far it is from the theory in statistical and systematic error together.
    evidence : float or None
        ln of the likelihood ratio of theory and rival, (z_rival² − z²)/2.
    rejected : bool
        |z| beyond what agrees.
    within_reach : bool
        Whether the estimator could have returned it.
    """

    kind: str
    statement: str
    theory: float | None
    z: float | None
    power: float
    evidence: float | None
    rejected: bool
    within_reach: bool


@dataclass(frozen=True, repr=False)
class Judgement(Record):
    """One point of a claim, compared.

    Attributes
    ----------
    z : float or None
        (simulation − theory) / statistical error; None without a theory or an error.
    rivals : tuple of Excluded
    verdict : str
        pass, ansatz-invalid, inconclusive or fail: what the theory alone is worth here.
    why : str or None
        What the verdict rests on where it is not a pass.
    """

    parameters: dict[str, Any]
    theory: float | None
    estimate: Estimate
    z: float | None
    rivals: tuple[Excluded, ...]
    verdict: str
    why: str | None

    def to_json(self) -> dict[str, Any]:
        """The point as plain values."""
        return {
            "parameters": self.parameters,
            "theory": self.theory,
            "simulation": self.estimate.value,
            "error": self.estimate.error,
            "systematic": dict(self.estimate.systematic),
            "z": self.z,
            "sizes": self.estimate.sizes,
            "verdict": self.verdict,
            "why": self.why,
            "rivals": [rival.to_json() for rival in self.rivals],
            "data": list(self.estimate.rows),
            "fit": self.estimate.fit,
        }


def judge(claim: Claim, parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Judgement:
    """Run both arms of a claim at one of its points and compare them."""
    estimate = claim.experiment(parameters, level, seeds)
    wrong = [(r.kind, r.statement, float(r.predict(parameters))) for r in claim.rivals]
    return compare(dict(parameters), claim.prediction(parameters), estimate, wrong, claim.policy)


def compare(
    parameters: dict[str, Any], prediction: Prediction, estimate: Estimate, rivals: Sequence[tuple[str, str, float]],
    policy: Policy,
) -> Judgement:  # fmt: skip
    """The verdict on given numbers; ``rivals`` as (kind, statement, value).

    In this order: no stable ansatz and no hierarchy that has converged (never a pass), data that cannot decide, no
    theoretical value, sizes that move away from the theory, disagreement.
    """
    theory = prediction.value
    z = _distance(estimate, theory)
    verdict, why = "pass", None
    if not policy.accepts(prediction, estimate):
        verdict, why = "ansatz-invalid", _discrepancy(prediction, estimate, z)
    elif not estimate.trusted:
        verdict, why = "inconclusive", estimate.why or "the data cannot be trusted"
    elif not (0 < estimate.error < math.inf and math.isfinite(estimate.value)):
        verdict, why = "inconclusive", f"the standard error {estimate.error:.3g} cannot decide"
    elif theory is None or z is None:
        verdict, why = "fail", prediction.why or "the theory has no such state"
    elif abs(z) > policy.largest_z:
        verdict, why = "fail", f"theory and simulation differ by {abs(z):.1f} standard errors"
    elif away := moves_away(estimate, theory):
        verdict, why = "fail", away
    if verdict == "pass" and not prediction.valid:
        why = f"{prediction.why}; the step of the hierarchy beside it is {prediction.truncation:.2g} away"
    excluded = tuple(_excluded(*rival, prediction, estimate, z, policy) for rival in rivals)
    return Judgement(parameters, theory, estimate, z, excluded, verdict, why)


def moves_away(estimate: Estimate, theory: float) -> str | None:
    """Whether the last two sizes of a limit N → ∞ move away from the theory, whatever their extrapolation says."""
    rows = sorted(estimate.rows, key=lambda row: row["size"]) if estimate.fit else []
    if len(rows) < 2:
        return None
    before, last = (abs(row["value"] - theory) for row in rows[-2:])
    noise = math.hypot(*(row["error"] for row in rows[-2:]))
    if last - before <= 2 * noise:
        return None
    between = f"from N = {rows[-2]['size']} to {rows[-1]['size']}"
    return f"{between} the data move away from the theory, by {(last - before) / noise:.1f} standard errors"


def nearest(points: Sequence[Judgement]) -> tuple[int, Excluded] | None:
    """The rival that is hardest to tell from the theory, and the point that tells it best, by its place."""
    best: dict[str, tuple[int, Excluded]] = {}
    for place, point in enumerate(points):
        for rival in point.rivals:
            known = best.get(rival.statement)
            if known is None or rival.power > known[1].power:
                best[rival.statement] = (place, rival)
    return min(best.values(), key=lambda found: found[1].power, default=None)


def worst(judgements: Sequence[Judgement]) -> Judgement:
    """The point that decides: of the worst verdict, and among those of the largest |z|."""
    return max(judgements, key=lambda j: (VERDICTS.index(j.verdict), abs(j.z) if j.z is not None else math.inf))


def weighed(rival: Excluded | None, planned: float | None, level: str, policy: Policy) -> tuple[str, str | None]:
    """What points that agree are worth against the nearest rival: pass, weak, or inconclusive; and why."""
    if rival is None:
        return "inconclusive", "no wrong theory is named"
    power = rival.power if planned is None else min(planned, rival.power)
    name = f"the nearest rival ({rival.statement})"
    if not rival.within_reach:
        return "inconclusive", f"{name} is out of what the experiment can return"
    if power < policy.least_power:
        return "inconclusive", f"{name} is {power:.1f} errors away: nothing is claimed below {policy.least_power:g}"
    if (planned if planned is not None else rival.power) < policy.power:
        return "weak", f"compatible, weak: {name} is {power:.1f} errors away, {policy.power:g} count"
    if (rival.evidence or 0.0) < policy.likelihood[level]:
        return "weak", f"compatible, weak: ln of the likelihood ratio to {name} is {rival.evidence or 0.0:.1f}"
    return "pass", None


def _excluded(
    kind: str, statement: str, value: float, prediction: Prediction, estimate: Estimate, z: float | None, policy: Policy
) -> Excluded:  # fmt: skip
    other = _distance(estimate, value if math.isfinite(value) else None)
    if other is None or prediction.value is None:
        return Excluded(kind, statement, None, None, 0.0, None, False, True)
    low, high = estimate.reach or (-math.inf, math.inf)
    evidence = None if z is None else (other**2 - z**2) / 2
    return Excluded(
        kind, statement, value, other, estimate.resolves(value - prediction.value), evidence, abs(other) > policy.largest_z,
        low <= value <= high,
    )  # fmt: skip


def _distance(estimate: Estimate, value: float | None) -> float | None:
    if value is None or not 0 < estimate.error < math.inf:
        return None
    return (estimate.value - value) / estimate.error


def _discrepancy(prediction: Prediction, estimate: Estimate, z: float | None) -> str:
    reason = prediction.why or "the ansatz is unstable here"
    if prediction.value is None:
        return reason
    difference = estimate.value - prediction.value
    data = "" if estimate.trusted else f"; the data: {estimate.why}"
    sigmas = "" if z is None else f" ({z:.1f} standard errors)"
    return f"{reason}; simulation − theory = {difference:.3g} ± {estimate.error:.2g}{sigmas}{data}"
