"""Nothing against forgetting: the lower bound."""

from __future__ import annotations

from dataclasses import dataclass

from dammech.learn.methods.method import Method


@dataclass
class Vanilla(Method):
    """Train on one task after another."""

    name = "vanilla"
    words = "one task after another, nothing else"
