"""What there is: families, parameters, conventions, lines and branches, as one document."""

from __future__ import annotations

import dataclasses
from typing import Any

from dammech.declared.ansatz import MOST_STEPS
from dammech.declared.states import in_words
from dammech.declared.units import CONVENTIONS, convention
from dammech.errors import InputError
from dammech.literature import sources, topics
from dammech.registry import System, capacities, models, parts


def catalogue() -> dict[str, Any]:
    """The document that ``dammech models --json`` prints."""
    from dammech.phases import LINES

    declared = {name: line for system in models().values() for m in system.instances for name, line in m.lines.items()}
    lines = dict(LINES)
    for _, own in parts("answers"):
        lines |= own.LINES
    lines |= {name: in_words(line) for name, line in declared.items() if name not in lines}
    known = {name: text for system in models().values() for name, text in _branches(system).items()}
    return {
        "models": [*map(_family, models().values()), _lagrangian_family()],
        "capacities": [_question(system) for system in capacities().values()],
        "conventions": [_convention(name) for name in CONVENTIONS],
        "lines": [
            {"name": name, "sources": sources(name) if name in topics() else [], "description": str(text)}
            for name, text in lines.items()
        ],
        "branches": [{"name": name, "description": text} for name, text in known.items()],
        "ansatze": ["rs", *(f"{k}rsb" for k in range(1, MOST_STEPS + 1))],
    }


def lagrangians() -> dict[str, Any]:
    """The document that ``dammech models --family lagrangian --json`` prints."""
    from dammech.systems.lagrangian.model.catalogue import ALLOWED as PARAMETER
    from dammech.systems.lagrangian.model.catalogue import LAGRANGIANS

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


def _branches(system: System) -> dict[str, str]:
    """Branches of any of its models, and their meaning."""
    return {name: branch.meaning for model in system.instances for name, branch in model.branches.items()}


_TYPES = {"int": "integer", "float": "number"}


def _family(system: System) -> dict[str, Any]:
    return {**_described(system, system.model), "branches": list(_branches(system)), "sources": sources(system.name)}


def _question(system: System) -> dict[str, Any]:
    return {**_described(system, system.asked), "sources": sources(system.name)}


def _described(system: System, kind: Any) -> dict[str, Any]:
    """Name, title, and the fields of its models or questions."""
    return {
        "name": system.name,
        "title": system.title,
        "parameters": [
            {
                "name": field.name,
                "type": _TYPES.get(str(getattr(field.type, "__name__", field.type)).removesuffix(" | None"), "text"),
                "default": None if field.default is dataclasses.MISSING else field.default,
                "allowed": system.parameters[field.name],
            }
            for field in dataclasses.fields(kind)
        ],
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
