"""Claims about memories that store patterns one after another and forget the old ones."""

from __future__ import annotations

from dammech.systems.palimpsest.claims.greedy import greedy_claims
from dammech.systems.palimpsest.claims.onestep import one_step_claims
from dammech.systems.palimpsest.claims.overlap import overlap_claims
from dammech.systems.palimpsest.claims.rehearsal import rehearsal_claims
from dammech.systems.palimpsest.claims.rules import rule_claims
from dammech.systems.palimpsest.claims.tasks import task_claims
from dammech.systems.palimpsest.claims.window import window_claims
from dammech.validate.claim import Claim


def claims() -> list[Claim]:
    """One-step laws, overlaps against age, windows, tasks, rehearsal, other rules of forgetting, and the greedy trap."""
    return [
        *one_step_claims(), *overlap_claims(), *rehearsal_claims(), *rule_claims(), *window_claims(), *task_claims(),
        *greedy_claims(),
    ]  # fmt: skip
