"""Claims about memories of neurons with thresholds: the retrieval state and its capacity."""

from __future__ import annotations

from dammech.systems.thresholds.claims.capacity import capacity_claims
from dammech.systems.thresholds.claims.retrieval import retrieval_claims
from dammech.validate.claim import Claim, Unclaimed


def claims() -> list[Claim | Unclaimed]:
    """The retrieval state, then where it ends."""
    return [*retrieval_claims(), *capacity_claims()]
