"""The replica theory of memories with thresholds, and their silent state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dammech.derive.thresholds import threshold_memory
from dammech.derive.thresholds.silent import NAME as SILENT
from dammech.derive.thresholds.silent import silent_state
from dammech.derive.thresholds.theory import NAME as THRESHOLDS


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    return {THRESHOLDS: threshold_memory, SILENT: silent_state}
