"""Units in which papers quote loads, temperatures and energies, and their conversion to the canonical ones.

Canonical: P = α N^{p−1} patterns and a retrieved pattern of energy −N m^p / p, so that p = 2 is Amit–Gutfreund–Sompolinsky.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import factorial

from dammech.errors import InputError, shown


@dataclass(frozen=True)
class Convention:
    """One paper's units: canonical value = paper's value × factor.

    Attributes
    ----------
    name : str
    load, temperature, energy : float
        Factors from the paper's value to the canonical one. θ/T and C = β(1−q) scale as 1/temperature; entropies,
        overlaps and the replicon do not scale.
    source : str
        Bib key, or the reason for the convention.
    overlap : float
        The same factor of the overlap with what is stored, where that is not the pattern.
    names : mapping
        What quantities are called that derivations call otherwise.
    """

    name: str
    load: float
    temperature: float
    energy: float
    source: str
    overlap: float = 1.0
    names: Mapping[str, str] = field(default_factory=dict)


def _canonical(order: int) -> Convention:
    return Convention("canonical", 1.0, 1.0, 1.0, "this package: P = α N^{p−1}, retrieval energy −N m^p / p")


def _ags(order: int) -> Convention:
    if order != 2:
        raise InputError(f"convention='ags' is defined for order 2 only, not for order {order}")
    return Convention("ags", 1.0, 1.0, 1.0, "amit1987")


def _theriault_tantari(order: int) -> Convention:
    if order < 3:
        raise InputError(f"convention='theriault-tantari' is defined for orders 3 and above, not for order {order}")
    return Convention("theriault-tantari", 1 / factorial(order), 1 / order, 1 / order, "theriault2024")


def _raw(order: int) -> Convention:
    if order < 3:
        raise InputError(f"convention='raw' is defined for orders 3 and above, not for order {order}")
    return Convention("raw", 1.0, 1 / order, 1 / order, "P = α N^{p−1} with retrieval energy −N m^p")


def _gardner(order: int) -> Convention:
    return Convention("gardner", 2 / factorial(order), 2 / order, 2 / order, "gardner1987")


def _salento(order: int) -> Convention:
    return Convention("salento", 2 / factorial(order), 2 / order, 2 / order, "albanese2022")


def _agliari(order: int) -> Convention:
    return Convention("agliari", 1.0, 1.0, 1.0, "agliari2023supervised")


CONVENTIONS: dict[str, Callable[[int], Convention]] = {
    "canonical": _canonical,
    "ags": _ags,
    "theriault-tantari": _theriault_tantari,
    "gardner": _gardner,
    "raw": _raw,
    "salento": _salento,
    "agliari": _agliari,
}

#: unit and label of the quantities of memories, all in the convention's units with k_B = 1
QUANTITIES: dict[str, tuple[str, str]] = {
    "load": ("P/N^(p-1)", "load α"),
    "temperature": ("energy", "temperature T"),
    "m": ("1", "overlap m"),
    "n": ("1", "overlap n with what is stored"),
    "q": ("1", "overlap q"),
    "r": ("1", "noise overlap"),
    "C": ("1/energy", "response β(1-q)"),
    "y": ("1/energy", "block size over temperature θ/T"),
    "theta": ("1", "block size θ"),
    "free_energy": ("energy per spin", "free energy"),
    "energy": ("energy per spin", "energy"),
    "entropy": ("k_B per spin", "entropy"),
    "complexity": ("k_B per spin", "logarithm of the number of states"),
    "replicon": ("1", "replicon, 1 without interaction"),
    "residual": ("1", "largest undamped residual"),
    "error": ("1", "estimated error of the order parameters"),
    "rate": ("1/N^(p-1)", "rate of forgetting"),
    "age": ("N^(p-1) patterns", "age of the pattern"),
    "window": ("N^(p-1) patterns", "retrieval window"),
    "weight": ("1", "weight of the pattern"),
    "effective_load": ("P/N^(p-1)", "effective load"),
    "size": ("spins", "number of spins N"),
    "patterns": ("patterns", "number of patterns P"),
    "retrieved": ("1", "fraction of trials that retrieve"),
    "retained": ("1", "fraction of trials that retain the pattern"),
    "bit_error": ("1", "fraction of bits that one step flips"),
    "tau": ("sweeps", "autocorrelation time"),
    "sweeps": ("sweeps", "measured sweeps"),
    "equilibration": ("sweeps", "discarded sweeps"),
    "samples": ("sweeps", "measured sweeps of all trials"),
}


def convention(name: str, order: int) -> Convention:
    """The units called ``name`` at interaction order p = ``order``.

    Raises
    ------
    InputError
        For an unknown name, or a convention that does not exist at this order.
    """
    if not isinstance(name, str) or name not in CONVENTIONS:
        raise InputError(f"convention={shown(name)} is unknown; known are {', '.join(CONVENTIONS)}")
    return CONVENTIONS[name](order)
