"""The replica theory of memories with thresholds, and their silent state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dammech.systems.thresholds.theory.retrieval import NAME as THRESHOLDS
from dammech.systems.thresholds.theory.retrieval import retrieval_theory, threshold_memory
from dammech.systems.thresholds.theory.silent import NAME as SILENT
from dammech.systems.thresholds.theory.silent import silent_state

__all__ = ["derivations", "retrieval_theory", "threshold_memory"]


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    return {THRESHOLDS: threshold_memory, SILENT: silent_state}
