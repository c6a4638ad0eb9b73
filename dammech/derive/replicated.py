"""The theory of any declared model of Ising spins with Gaussian or log-determinant noise, by the replica method."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

from dammech.declared.ansatz import steps_of
from dammech.derive.finite_size import hamiltonian_steps
from dammech.derive.oracles import derivation_name
from dammech.derive.replica_symmetric import replica_symmetric
from dammech.derive.steps import Derivation, Step
from dammech.derive.symmetry_breaking import replica_symmetry_breaking
from dammech.errors import InputError, shown

#: steps up to which a derivation is written down; its expressions grow like a high power of their number
MOST_WRITTEN = 3


def derive(
    model: Any, ansatz: str = "rs", mixture: int = 1, first: Callable[[Any], list[Step]] = hamiltonian_steps
) -> Derivation:
    """Derive the theory of a model from its Hamiltonian; ``mixture`` patterns condense with equal overlap.

    ``first`` makes the steps that lead from the Hamiltonian to the noise.

    Raises
    ------
    InputError
        For an ansatz that is not written down, or a mixture where it is not derived.
    """
    if steps_of(ansatz) > MOST_WRITTEN:
        raise InputError(
            f"ansatz={shown(ansatz)}: derivations are written down to {MOST_WRITTEN}rsb; solve takes more steps by the same rules"
        )
    if isinstance(mixture, bool) or not isinstance(mixture, int):
        raise InputError(f"mixture={shown(mixture)}: must be an odd integer")
    if ansatz != "rs" and mixture != 1:
        raise InputError(f"mixture={mixture}: mixtures are derived with ansatz='rs' only")
    return _derived(model, ansatz, mixture, first)


def named(chosen: Iterable[tuple[Any, int, str]]) -> dict[str, Callable[[], Derivation]]:
    """Derivations by name: what makes each, of models, mixtures and ansätze."""
    return {derivation_name(model, mixture, ansatz): partial(derive, model, ansatz, mixture) for model, mixture, ansatz in chosen}


@cache
def _derived(model: Any, ansatz: str, mixture: int, first: Callable[[Any], list[Step]]) -> Derivation:
    if ansatz == "rs":
        return replica_symmetric(model, mixture, first)
    return replica_symmetry_breaking(model, steps_of(ansatz), first)
