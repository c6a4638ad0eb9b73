"""Which papers stand behind a model, an interaction, a line, a convention, a method, a derivation or a claim."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from dammech.errors import InputError, listed, shown
from dammech.literature.bibliography import entries, keys_in
from dammech.models.lagrangians.catalogue import LAGRANGIANS

TOPICS: dict[str, tuple[str, ...]] = {
    # models and interactions
    "hebbian": ("hopfield1982", "amit1987", "gardner1987", "abbott1987", "baldi1987", "krotov2016"),
    "pspin": ("sherrington1975", "gardner1985"),
    "distinct": ("gardner1987", "abbott1987"),
    "power": ("krotov2016",),
    "rectified": ("krotov2016", "cho2009"),
    "palimpsest": ("nadal1986", "mezard1986", "parisi1986"),
    "lagrangian": ("krotov2020", "krotov2021", "fanaskov2024"),
    # lines and ansätze
    "retrieval-spinodal": ("amit1985prl", "amit1987", "gardner1987"),
    "thermodynamic": ("amit1985prl", "amit1987", "bovier2001"),
    "spin-glass": ("amit1985prl", "amit1987"),
    "at": ("dealmeida1978", "albanese2023at"),
    "zero-entropy": ("gardner1985", "bovier2001"),
    "nishimori": ("nishimori1981", "theriault2024"),
    "dynamic": ("kirkpatrick1987", "monasson1995"),
    "blackout": ("mezard1986",),
    "optimal-rate": ("mezard1986",),
    "window": ("nadal1986", "mezard1986"),
    "blackout-load": ("mezard1986",),
    "first-pattern": ("mezard1986",),
    "complexity": ("monasson1995",),
    "static": ("gardner1985",),
    "rs": ("sherrington1975", "amit1987", "mezard1987"),
    "1rsb": ("parisi1980", "gardner1985", "steffan1994"),
    "2rsb": ("parisi1980", "steffan1994"),
    "retrieval-with-thresholds": ("shiino1992", "amit1987"),
    "living-spectrum": ("marchenko1967", "johnstone2001"),
    "frozen-softmax": ("derrida1981", "ramsauer2021"),
    # conventions
    "ags": ("amit1987",),
    "theriault-tantari": ("theriault2024",),
    "gardner": ("gardner1987", "gardner1985"),  # the units, and the transition
    "salento": ("albanese2022", "agliari2023", "albanese2024"),
    # networks with Lagrangians
    "dead-neurons": ("fanaskov2024", "krotov2020", "krotov2021"),
    "copositivity": ("motzkin1965",),
    "lyapunov": ("cohen1983", "lasalle1960"),
    "conjugate": ("rockafellar1970",),
    # methods
    "glauber": ("glauber1963",),
    "metropolis": ("metropolis1953",),
    "tempering": ("hukushima1996", "katzgraber2001"),
    "autocorrelation": ("wolff2004",),
    "continuation": ("keller1977",),
    "fold": ("moore1980",),
    "stein": ("stein1981", "price1958"),
    # trained memories, and methods against forgetting
    "trained": ("krotov2016", "mcalister2024"),
    "sequential": ("mcalister2025", "krotov2016", "lopez2017", "chaudhry2018"),
    "rehearsal": ("robins1995",),
    "pseudorehearsal": ("robins1995", "robins1998"),
    "gem": ("lopez2017",),
    "agem": ("chaudhry2019",),
    "ewc": ("kirkpatrick2017",),
    "mas": ("aljundi2018",),
    "si": ("zenke2017",),
}


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
    if name in TOPICS or name in LAGRANGIANS:
        return [*TOPICS.get(name, TOPICS["lagrangian"]), "dammech"]
    if "." in name:
        for keys in (_claim_sources(name), _derivation_sources(name)):
            if keys is not None:
                return list(dict.fromkeys([*keys, "dammech"]))
    raise InputError(
        f"cite {shown(name)} is unknown; known are models, lines, conventions, methods, every derivation and claim, and bib keys "
        f"such as amit1987; near it are {listed([*TOPICS, *entries()], str(name))}"
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
