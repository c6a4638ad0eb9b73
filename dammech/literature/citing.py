"""Which papers stand behind a model, an interaction, a line, a convention, a method, a derivation or a claim."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from dammech.errors import InputError, listed, shown
from dammech.literature.bibliography import entries, keys_in
from dammech.registry import systems

#: ansätze and methods
TOPICS: dict[str, tuple[str, ...]] = {
    "rs": ("sherrington1975", "amit1987", "mezard1987"),
    "1rsb": ("parisi1980", "gardner1985", "steffan1994"),
    "2rsb": ("parisi1980", "steffan1994"),
    "glauber": ("glauber1963",),
    "metropolis": ("metropolis1953",),
    "tempering": ("hukushima1996", "katzgraber2001"),
    "autocorrelation": ("wolff2004",),
    "continuation": ("keller1977",),
    "fold": ("moore1980",),
    "stein": ("stein1981", "price1958"),
}


@cache
def topics() -> dict[str, tuple[str, ...]]:
    """Every name that has sources: ansätze and methods, and the names of each system."""
    found = dict(TOPICS)
    for system in systems().values():
        found |= system.sources
    return found


def cite(name: str = "dammech") -> str:
    """BibTeX of what stands behind ``name``, ready to paste.

    Parameters
    ----------
    name : str
        A bib key, a model, interaction, line, convention or method, a derivation or a claim. Without a name: the
        package itself.

    Raises
    ------
    InputError
        For a name that is none of these.
    """
    return "\n\n".join(entries()[key] for key in sources(name))


def sources(name: str) -> list[str]:
    """Bib keys behind ``name``; what used the package also cites the package."""
    if not isinstance(name, str):
        raise InputError(f"cite {shown(name)}: must be a name or a bib key")
    if name in entries():
        return [name]
    if name in topics():
        return [*topics()[name], "dammech"]
    if "." in name:
        for keys in (_claim_sources(name), _derivation_sources(name)):
            if keys is not None:
                return list(dict.fromkeys([*keys, "dammech"]))
    raise InputError(
        f"cite {shown(name)} is unknown; known are models, lines, conventions, methods, every derivation and claim, and bib keys "
        f"such as amit1987; near it are {listed([*topics(), *entries()], str(name))}"
    )


def _claim_sources(name: str) -> list[str] | None:
    claims = import_module("dammech.validate").claims()
    return _keys([claims[name].source]) if name in claims else None


def _derivation_sources(name: str) -> list[str] | None:
    derivations = import_module("dammech.derive").registered()
    if name not in derivations:
        return None
    derivation = derivations[name]
    if callable(derivation):
        derivation = derivation()
    return _keys([*derivation.sources, *(step.source for step in derivation.steps)])


def _keys(texts: Iterable[Any]) -> list[str]:
    return [key for text in texts if text for key in keys_in(str(text))]
