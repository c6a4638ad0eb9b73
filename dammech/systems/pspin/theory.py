"""Which glasses are derived when everything is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dammech.derive.replicated import derive, named
from dammech.systems.pspin.model import PSpin

__all__ = ["derivations", "derive"]


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    return named(((PSpin(order=2), 1, "rs"), (PSpin(order=3), 1, "rs"), (PSpin(order=3), 1, "1rsb")))
