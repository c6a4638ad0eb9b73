"""The theory of memories that learn from examples: that of Hebbian memories, with data in the place of patterns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dammech.derive import replicated
from dammech.derive.steps import Derivation, Step
from dammech.errors import InputError, shown
from dammech.systems.examples.model import ExampleDAM


def derive(model: ExampleDAM, ansatz: str = "rs", mixture: int = 1) -> Derivation:
    """The theory of the state of one archetype, in which it overlaps alike with all its examples.

    Raises
    ------
    InputError
        For mixtures.
    """
    if mixture != 1:
        raise InputError(f"mixture={shown(mixture)}: memories of examples have the state of one archetype only")
    return replicated.derive(model, ansatz, 1, _from_the_hamiltonian)


def _from_the_hamiltonian(model: ExampleDAM) -> list[Step]:
    return []


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    return {}
