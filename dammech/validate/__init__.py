"""Where the two arms meet: claims with a prediction, an experiment, rules fixed beforehand and a negative control."""

from dammech._rooms import callable_room
from dammech.validate.claim import LEVELS, Claim, Control, Estimate, Policy, Prediction
from dammech.validate.judge import Judgement, compare
from dammech.validate.registry import claims
from dammech.validate.report import Report, Verdict
from dammech.validate.run import validate

__all__ = [
    "LEVELS", "Claim", "Control", "Estimate", "Judgement", "Policy", "Prediction", "Report", "Verdict", "claims",
    "compare", "validate",
]  # fmt: skip

callable_room(__name__, "validate")
