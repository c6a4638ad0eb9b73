"""Claims about memories that store patterns one after another and forget the old ones."""

from __future__ import annotations

from dammech.validate.claim import Claim
from dammech.validate.palimpsest.greedy import greedy_claims
from dammech.validate.palimpsest.onestep import one_step_claims
from dammech.validate.palimpsest.overlap import overlap_claims
from dammech.validate.palimpsest.rehearsal import rehearsal_claims
from dammech.validate.palimpsest.rules import rule_claims
from dammech.validate.palimpsest.tasks import task_claims
from dammech.validate.palimpsest.window import window_claims


def palimpsest_claims() -> list[Claim]:
    """One-step laws, overlaps against age, windows, tasks, rehearsal, other rules of forgetting, and the greedy trap."""
    return [
        *one_step_claims(), *overlap_claims(), *rehearsal_claims(), *rule_claims(), *window_claims(), *task_claims(),
        *greedy_claims(),
    ]  # fmt: skip
