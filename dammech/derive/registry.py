"""The derivations by name: what ``dammech check all`` runs, and the one function that makes any other."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from dammech.derive.oracles import derivation_name
from dammech.derive.replica_symmetric import replica_symmetric
from dammech.derive.steps import Derivation
from dammech.derive.symmetry_breaking import replica_symmetry_breaking
from dammech.errors import InputError
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


def derive(model: Any, ansatz: str = "rs", mixture: int = 1) -> Derivation:
    """Derive the theory of a model from its Hamiltonian, step by step; each step carries a check.

    Parameters
    ----------
    model : HebbianDAM or PSpin
    ansatz : str
        Form of the replica overlaps: ``rs``, ``1rsb``, ``2rsb`` or ``3rsb``.
    mixture : int
        Number of patterns condensed with equal overlap (order 2 only; odd).

    Returns
    -------
    Derivation
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
    if not isinstance(model, HebbianDAM | PalimpsestDAM | PSpin):
        raise InputError(f"model={model!r}: must be a HebbianDAM, a PalimpsestDAM or a PSpin")
    if steps_of(ansatz) > MOST_WRITTEN:
        raise InputError(
            f"ansatz={ansatz!r}: derivations are written down to {MOST_WRITTEN}rsb; solve takes more steps by the same rules"
        )
    if isinstance(mixture, bool) or not isinstance(mixture, int):
        raise InputError(f"mixture={mixture!r}: must be an odd integer")
    return _derived(model, ansatz, mixture)


def registered() -> dict[str, Callable[[], Any]]:
    """The derivations and laws that ``check all`` runs: for each name, a function that makes it."""
    theories: dict[str, Callable[[], Any]] = {
        derivation_name(model, mixture, ansatz): partial(derive, model, ansatz, mixture)
        for model, mixture, ansatz in _REGISTERED
    }
    return {**theories, **{name: partial(_law, name) for name in _LAWS}}


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
