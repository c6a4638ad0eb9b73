"""One step."""

from __future__ import annotations

from dammech.validate.claim import Claim


def one_step_claims() -> list[Claim]:
    """To come."""
    return []
