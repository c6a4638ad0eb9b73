"""Every claim by its name, and what is not claimed."""

from __future__ import annotations

from dammech.registry import parts
from dammech.validate.claim import Claim, Unclaimed


def claims() -> dict[str, Claim]:
    """All claims, system by system, in the order in which they run."""
    return {each.name: each for _, part in parts("claims") for each in part.claims() if isinstance(each, Claim)}


def unclaimed() -> list[Unclaimed]:
    """What the claims of the systems leave out, with reasons."""
    return [each for _, part in parts("claims") for each in part.claims() if isinstance(each, Unclaimed)]
