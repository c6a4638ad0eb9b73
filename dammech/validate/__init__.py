"""Where the two arms meet: claims with a prediction, an experiment, rules fixed beforehand and wrong theories to reject."""

from dammech._rooms import callable_room
from dammech.validate.claim import KINDS, LEVELS, Claim, Dose, Estimate, Policy, Prediction, Rival, Unclaimed
from dammech.validate.coverage import coverage
from dammech.validate.judge import Judgement, compare
from dammech.validate.plan import final_seeds, pilot, plans
from dammech.validate.registry import claims, unclaimed
from dammech.validate.report import Report, Verdict
from dammech.validate.run import Planned, planned, validate

__all__ = [
    "KINDS", "LEVELS", "Claim", "Dose", "Estimate", "Judgement", "Planned", "Policy", "Prediction", "Report", "Rival",
    "Unclaimed", "Verdict", "claims", "compare", "coverage", "final_seeds", "pilot", "planned", "plans", "unclaimed", "validate",
]  # fmt: skip

callable_room(__name__, "validate")
