"""Every claim by its name."""

from __future__ import annotations

from dammech.registry import parts
from dammech.validate.claim import Claim


def claims() -> dict[str, Claim]:
    """All claims, system by system, in the order in which they run."""
    return {claim.name: claim for _, part in parts("claims") for claim in part.claims()}
