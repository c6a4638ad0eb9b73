"""Theorems about networks with dead neurons."""

from dammech.derive.dead_neurons import theorems as derivations

__all__ = ["derivations"]
