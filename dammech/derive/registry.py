"""The derivations by name: what ``dammech check all`` runs, and the one function that makes any other."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, overload

from dammech.derive.dead_neurons import NAME as DEAD_NEURONS
from dammech.derive.dead_neurons import dead_neurons, theorems
from dammech.derive.oracles import derivation_name
from dammech.derive.replica_symmetric import replica_symmetric
from dammech.derive.steps import Derivation
from dammech.derive.symmetry_breaking import replica_symmetry_breaking
from dammech.derive.theorem import Theorem, Theory
from dammech.derive.thresholds import threshold_memory
from dammech.derive.thresholds.silent import NAME as SILENT
from dammech.derive.thresholds.silent import silent_state
from dammech.derive.thresholds.theory import NAME as THRESHOLDS
from dammech.errors import InputError, shown
from dammech.models import HebbianDAM, PalimpsestDAM, PSpin
from dammech.models.ansatz import steps_of

#: steps up to which a derivation is written down; its expressions grow like a high power of their number
MOST_WRITTEN = 3

_REGISTERED: tuple[tuple[Any, int, str], ...] = (
    (HebbianDAM(order=2), 1, "rs"),
    (HebbianDAM(order=2, interaction="power"), 1, "rs"),
    (HebbianDAM(order=2), 3, "rs"),
    (HebbianDAM(order=3), 1, "rs"),
    (HebbianDAM(order=4), 1, "rs"),
    (HebbianDAM(order=4, interaction="power"), 1, "rs"),
    (HebbianDAM(order=3, interaction="rectified"), 1, "rs"),
    (HebbianDAM(interaction="y**4 + 2*y**3 - y"), 1, "rs"),
    (PSpin(order=2), 1, "rs"),
    (PSpin(order=3), 1, "rs"),
    (HebbianDAM(order=2), 1, "1rsb"),
    (HebbianDAM(order=3), 1, "1rsb"),
    (HebbianDAM(order=4, interaction="power"), 1, "1rsb"),
    (PSpin(order=3), 1, "1rsb"),
    (PalimpsestDAM(order=2), 1, "rs"),
    (PalimpsestDAM(order=3, interaction="power"), 1, "rs"),
)


@overload
def derive(model: HebbianDAM | PalimpsestDAM | PSpin, ansatz: str = "rs", mixture: int = 1) -> Derivation: ...


@overload
def derive(model: str, *, lagrangian: str | None = None) -> Theorem | Theory | Derivation: ...


def derive(model: Any, ansatz: str = "rs", mixture: int = 1, lagrangian: str | None = None) -> Any:
    """Derive the theory of a model from its Hamiltonian, step by step; each step carries a check.

    Parameters
    ----------
    model : HebbianDAM, PalimpsestDAM, PSpin, "dead-neurons", or the name of a registered derivation
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
    if isinstance(model, str) and model == DEAD_NEURONS:
        if ansatz != "rs" or mixture != 1:
            raise InputError(f"ansatz={shown(ansatz)}, mixture={shown(mixture)}: {DEAD_NEURONS} has neither")
        return dead_neurons(lagrangian)
    if isinstance(model, str) and model in registered():
        if ansatz != "rs" or mixture != 1 or lagrangian is not None:
            given = f"ansatz={shown(ansatz)}, mixture={shown(mixture)}, lagrangian={shown(lagrangian)}"
            raise InputError(f"{given}: {model} takes none")
        return registered()[model]()
    if not isinstance(model, HebbianDAM | PalimpsestDAM | PSpin):
        raise InputError(
            f"model={shown(model)}: must be a HebbianDAM, a PalimpsestDAM, a PSpin, {DEAD_NEURONS!r} or a name that check knows"
        )
    if lagrangian is not None:
        raise InputError(f"lagrangian={shown(lagrangian)}: only {DEAD_NEURONS!r} takes one")
    if steps_of(ansatz) > MOST_WRITTEN:
        raise InputError(
            f"ansatz={shown(ansatz)}: derivations are written down to {MOST_WRITTEN}rsb; solve takes more steps by the same rules"
        )
    if isinstance(mixture, bool) or not isinstance(mixture, int):
        raise InputError(f"mixture={shown(mixture)}: must be an odd integer")
    return _derived(model, ansatz, mixture)


def registered() -> dict[str, Callable[[], Any]]:
    """The derivations and laws that ``check all`` runs: for each name, a function that makes it."""
    theories: dict[str, Callable[[], Any]] = {
        derivation_name(model, mixture, ansatz): partial(derive, model, ansatz, mixture)
        for model, mixture, ansatz in _REGISTERED
    }
    laws = {name: partial(_law, name) for name in _LAWS}
    return {**theories, **laws, THRESHOLDS: threshold_memory, SILENT: silent_state, **theorems()}


#: laws of forgetting: their names, the function in `dammech.derive.forgetting` and its arguments
_LAWS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "palimpsest.scaling.p3.power": ("scaling", (PalimpsestDAM(order=3, interaction="power"),)),
    "palimpsest.windows.exponential": ("windows", ("exponential",)),
    "palimpsest.windows.power-law": ("windows", ("power-law",)),
    "palimpsest.windows.compressed-exponential": ("windows", ("compressed-exponential",)),
    "palimpsest.clipping": ("clipping", ()),
    "palimpsest.rehearsal": ("rehearsal", ()),
    "palimpsest.anchoring": ("anchoring", ()),
    "palimpsest.delta-rule": ("delta_rule", ()),
    "palimpsest.dreaming": ("dreaming", ()),
    "palimpsest.exponential-memory": ("exponential_memory", ()),
}


@cache
def _law(name: str) -> Any:
    from dammech.derive import forgetting

    function, arguments = _LAWS[name]
    return getattr(forgetting, function)(*arguments)


@cache
def _derived(model: Any, ansatz: str, mixture: int) -> Derivation:
    if ansatz == "rs":
        return replica_symmetric(model, mixture)
    if mixture != 1:
        raise InputError(f"mixture={mixture}: mixtures are derived with ansatz='rs' only")
    return replica_symmetry_breaking(model, steps_of(ansatz))
