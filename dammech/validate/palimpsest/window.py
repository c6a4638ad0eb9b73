"""The window of order 2."""

from __future__ import annotations

from dammech.validate.claim import Claim


def window_claims() -> list[Claim]:
    """To come."""
    return []
