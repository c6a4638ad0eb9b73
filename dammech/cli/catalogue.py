"""What there is: families, parameters, conventions, lines and branches, as one document."""

from __future__ import annotations

import dataclasses
from typing import Any

from dammech.cli.options import ALLOWED, MODELS
from dammech.errors import InputError
from dammech.literature import sources
from dammech.models import CONVENTIONS, convention
from dammech.models.ansatz import MOST_STEPS


def catalogue() -> dict[str, Any]:
    """The document that ``dammech models --json`` prints."""
    from dammech.phases import LINES, STREAM_LINES

    known = {name: text for family in MODELS.values() for name, text in _branches(family).items()}
    return {
        "models": [*(_family(name, family) for name, family in MODELS.items()), _lagrangian_family()],
        "conventions": [_convention(name) for name in CONVENTIONS],
        "lines": [
            {"name": name, "sources": sources(name), "description": str(text)}
            for name, text in {**LINES, **STREAM_LINES}.items()
        ],
        "branches": [{"name": name, "description": text} for name, text in known.items()],
        "ansatze": ["rs", *(f"{k}rsb" for k in range(1, MOST_STEPS + 1))],
    }


def lagrangians() -> dict[str, Any]:
    """The document that ``dammech models --family lagrangian --json`` prints."""
    from dammech.models.lagrangians.catalogue import ALLOWED as PARAMETER
    from dammech.models.lagrangians.catalogue import LAGRANGIANS

    return {
        "family": "lagrangian",
        "title": "Blocks of neurons with activation g = dL/dx; the layers of a network",
        "lagrangians": [
            {
                "name": name,
                "title": entry.words,
                "expression": entry.expression,
                "parameters": [
                    {"name": p, "default": default, "allowed": PARAMETER[p][1]} for p, default in entry.defaults.items()
                ],
            }
            for name, entry in LAGRANGIANS.items()
        ],
        "own": "an expression in x with sums S(...) over the neurons and their number D, or in x1, x2, ...",
        "sources": sources("lagrangian"),
    }


def _lagrangian_family() -> dict[str, Any]:
    """The layers of networks among the families: `lagrangians` lists them."""
    names = lagrangians()
    allowed = f"{', '.join(entry['name'] for entry in names['lagrangians'])}, or {names['own']}"
    return {
        "name": names["family"],
        "title": names["title"],
        "parameters": [
            {"name": "lagrangian", "type": "text", "default": None, "allowed": allowed},
            {"name": "size", "type": "integer", "default": None, "allowed": "integer of at least 1"},
        ],
        "branches": [],
        "sources": names["sources"],
    }


def _branches(family: Any) -> dict[str, str]:
    """Branches and their meaning at any order."""
    return {name: branch.meaning for order in (2, 3) for name, branch in family(order).branches.items()}


def _family(name: str, family: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": family.__doc__.strip().splitlines()[0],
        "parameters": [
            {
                "name": field.name,
                "type": {"order": "integer", "exponent": "number"}.get(field.name, "text"),
                "default": None if field.default is dataclasses.MISSING else field.default,
                "allowed": ALLOWED[field.name],
            }
            for field in dataclasses.fields(family)
        ],
        "branches": list(_branches(family)),
        "sources": sources(name),
    }


def _convention(name: str) -> dict[str, Any]:
    """The factors from a paper's units to the canonical ones at the orders that show the rule."""
    factors: dict[str, Any] = {}
    source = ""
    for order in (2, 3, 4):
        try:
            units = convention(name, order)
        except InputError:
            continue
        source = units.source
        factors[str(order)] = {"load": units.load, "temperature": units.temperature, "energy": units.energy}
    return {"name": name, "source": source, "factors": factors}
