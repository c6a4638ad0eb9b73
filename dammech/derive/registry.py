"""The derivations by name: what ``dammech check all`` runs, and the one function that makes any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from dammech.declared.states import Model
from dammech.derive.steps import Derivation
from dammech.derive.theorem import Theorem, Theory
from dammech.errors import InputError, shown
from dammech.registry import is_model, models, parts, system_of


@overload
def derive(model: Model, ansatz: str = "rs", mixture: int = 1) -> Derivation: ...


@overload
def derive(model: str, *, lagrangian: str | None = None) -> Theorem | Theory | Derivation: ...


def derive(model: Any, ansatz: str = "rs", mixture: int = 1, lagrangian: str | None = None) -> Any:
    """Derive the theory of a model from its Hamiltonian, step by step; each step carries a check.

    Parameters
    ----------
    model : a registered model, "dead-neurons", or the name of a registered derivation
    ansatz : str
        Form of the replica overlaps: ``rs``, ``1rsb``, ``2rsb`` or ``3rsb``.
    mixture : int
        Number of patterns condensed with equal overlap (order 2 only; odd).
    lagrangian : str, optional
        For ``dead-neurons``: one Lagrangian of the catalogue instead of the theorems.

    Returns
    -------
    Derivation, or Theory or Theorem for dead neurons
        With ``free_energy``, ``saddle_equations``, ``zero_temperature``, ``steps`` and ``render``; made once for each
        model.

    Raises
    ------
    InputError
        For something that is no model, an unknown ansatz, or a model without this theory.

    Examples
    --------
    >>> derive(HebbianDAM(order=4)).name
    'hebbian.p4.distinct.rs'
    """
    named = {name: make for _, theory in parts("theory") for name, make in vars(theory).get("THEORIES", {}).items()}
    if isinstance(model, str) and model in named:
        if ansatz != "rs" or mixture != 1:
            raise InputError(f"ansatz={shown(ansatz)}, mixture={shown(mixture)}: {model} has neither")
        return named[model](lagrangian)
    if isinstance(model, str) and model in registered():
        if ansatz != "rs" or mixture != 1 or lagrangian is not None:
            given = f"ansatz={shown(ansatz)}, mixture={shown(mixture)}, lagrangian={shown(lagrangian)}"
            raise InputError(f"{given}: {model} takes none")
        return registered()[model]()
    if not is_model(model):
        known = [system.model.__name__ for system in models().values() if system.model] + list(map(repr, named))
        raise InputError(f"model={shown(model)}: must be one of {', '.join(known)} or a name that check knows")
    if lagrangian is not None:
        raise InputError(f"lagrangian={shown(lagrangian)}: only {' and '.join(map(repr, named))} takes one")
    theory = system_of(model).part("theory")
    if theory is None:
        raise InputError(f"model={shown(model)}: has no theory")
    return theory.derive(model, ansatz, mixture)


def registered() -> dict[str, Callable[[], Any]]:
    """The derivations and laws that ``check all`` runs: for each name, a function that makes it."""
    return {name: make for _, theory in parts("theory") for name, make in theory.derivations().items()}
