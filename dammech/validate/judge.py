"""From a prediction, an estimate and a control to a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dammech.results.record import Record
from dammech.validate.claim import Claim, Estimate, Parameters, Policy, Prediction

#: worst last; what a claim of several points is worth is its worst point
VERDICTS = ("pass", "ansatz-invalid", "inconclusive", "fail")


@dataclass(frozen=True, repr=False)
class Judgement(Record):
    """One point of a claim, compared.

    Attributes
    ----------
    z : float or None
        (simulation − theory) / error; None without a theory or an error.
    control_z : float or None
        The same against the wrong theory.
    rejected : bool
        Whether the data rule the wrong theory out.
    verdict : str
        pass, ansatz-invalid, inconclusive or fail.
    why : str or None
        What the verdict rests on where it is not a pass.
    """

    parameters: dict[str, Any]
    theory: float | None
    estimate: Estimate
    z: float | None
    control: float
    control_z: float | None
    rejected: bool
    verdict: str
    why: str | None

    def to_json(self) -> dict[str, Any]:
        """The point as plain values."""
        return {
            "parameters": self.parameters,
            "theory": self.theory,
            "simulation": self.estimate.value,
            "error": self.estimate.error,
            "z": self.z,
            "sizes": self.estimate.sizes,
            "verdict": self.verdict,
            "why": self.why,
            "negative_control": {"theory": self.control, "z": self.control_z, "rejected": self.rejected},
            "data": list(self.estimate.rows),
            "fit": self.estimate.fit,
        }


def judge(claim: Claim, parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Judgement:
    """Run both arms of a claim at one of its points and compare them."""
    estimate = claim.experiment(parameters, level, seeds)
    prediction = claim.prediction(parameters)
    control = float(claim.control.predict(parameters))
    return compare(dict(parameters), prediction, estimate, control, claim.policy)


def compare(
    parameters: dict[str, Any], prediction: Prediction, estimate: Estimate, control: float, policy: Policy
) -> Judgement:
    """The verdict on given numbers.

    In this order: no stable ansatz and no hierarchy that has converged (never a pass), data that cannot decide, no
    theoretical value, disagreement, a wrong theory that the data would accept as well.
    """
    theory = prediction.value
    z = _distance(estimate, theory)
    control_z = _distance(estimate, control)
    rejected = control_z is not None and abs(control_z) > policy.largest_z
    verdict, why = "pass", None
    if not policy.accepts(prediction, estimate):
        verdict, why = "ansatz-invalid", _discrepancy(prediction, estimate, z)
    elif not estimate.trusted:
        verdict, why = "inconclusive", estimate.why or "the data cannot be trusted"
    elif not policy.resolves(estimate, theory, control):
        verdict, why = "inconclusive", f"the standard error {estimate.error:.3g} is too large to decide"
    elif z is None:
        verdict, why = "fail", prediction.why or "the theory has no such state"
    elif abs(z) > policy.largest_z:
        verdict, why = "fail", f"theory and simulation differ by {abs(z):.1f} standard errors"
    elif not rejected:
        verdict, why = "fail", f"the negative control is not rejected (|z| = {abs(control_z or 0.0):.1f})"
    if verdict == "pass" and not prediction.valid:
        why = f"{prediction.why}; the step of the hierarchy beside it is {prediction.truncation:.2g} away"
    return Judgement(parameters, theory, estimate, z, control, control_z, rejected, verdict, why)


def worst(judgements: list[Judgement]) -> Judgement:
    """The point that decides: of the worst verdict, and among those of the largest |z|."""
    return max(judgements, key=lambda j: (VERDICTS.index(j.verdict), abs(j.z) if j.z is not None else float("inf")))


def _distance(estimate: Estimate, value: float | None) -> float | None:
    if value is None or not estimate.error > 0:
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
