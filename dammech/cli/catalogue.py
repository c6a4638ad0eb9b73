"""What there is: families, parameters, conventions, lines and branches, as one document."""

from __future__ import annotations

import dataclasses
from typing import Any

from dammech.cli.options import ALLOWED, MODELS
from dammech.errors import InputError
from dammech.literature import sources
from dammech.models import CONVENTIONS, convention


def catalogue() -> dict[str, Any]:
    """The document that ``dammech models --json`` prints."""
    from dammech.phases import LINES
    from dammech.solve import ANSATZE, BRANCHES

    return {
        "models": [_family(name, family, BRANCHES) for name, family in MODELS.items()],
        "conventions": [_convention(name) for name in CONVENTIONS],
        "lines": [{"name": name, "sources": sources(name), "description": str(text)} for name, text in LINES.items()],
        "branches": [{"name": name, "description": str(text)} for name, text in BRANCHES.items()],
        "ansatze": [{"name": name, "sources": sources(name), "description": text} for name, text in ANSATZE.items()],
    }


def _family(name: str, family: Any, branches: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": family.__doc__.strip().splitlines()[0],
        "parameters": [
            {
                "name": field.name,
                "type": "integer" if field.name == "order" else "text",
                "default": None if field.default is dataclasses.MISSING else field.default,
                "allowed": ALLOWED[field.name],
            }
            for field in dataclasses.fields(family)
        ],
        "branches": ["glass", "paramagnetic"] if name == "pspin" else [b for b in branches if b != "glass"],
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
