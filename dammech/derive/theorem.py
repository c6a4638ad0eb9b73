"""A theorem: a statement with its hypotheses, proven in checked steps; and several of them as one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from dammech.derive.steps import Proof, Step, step_record


@dataclass
class Theorem(Proof):
    """A statement about a class of networks, or about how a memory forgets.

    Attributes
    ----------
    name : str
    title : str
    statement : str
        In words.
    steps : sequence of Step
    sources : tuple of str
        Bib keys.
    """

    name: str
    title: str
    statement: str
    steps: Sequence[Step]
    sources: tuple[str, ...] = ()

    def result(self, title: str) -> tuple[sp.Expr, ...]:
        """What the step of that title claims."""
        return next(step.expressions for step in self.steps if step.title == title)

    def to_json(self) -> dict[str, Any]:
        """The theorem as a plain document."""
        document = super().to_json()
        return {"name": self.name, "title": self.title, "statement": self.statement, **document}


@dataclass
class Theory(Proof):
    """Theorems in their order, as one document.

    Attributes
    ----------
    name, title, statement : str
    theorems : sequence of Theorem
    """

    name: str
    title: str
    statement: str
    theorems: Sequence[Theorem]

    @property
    def steps(self) -> Sequence[Step]:  # type: ignore[override]
        """The steps of all theorems."""
        return [step for theorem in self.theorems for step in theorem.steps]

    @property
    def sources(self) -> tuple[str, ...]:  # type: ignore[override]
        """The bib keys of all theorems."""
        return tuple(dict.fromkeys(key for theorem in self.theorems for key in theorem.sources))

    def to_json(self) -> dict[str, Any]:
        """One document: the steps in order, each with its theorem, and the theorems' statements."""
        return {
            "name": self.name,
            "title": self.title,
            "statement": self.statement,
            "steps": [{**step_record(s), "theorem": t.name} for t in self.theorems for s in t.steps],
            "theorems": [{"name": t.name, "title": t.title, "statement": t.statement} for t in self.theorems],
            "sources": list(self.sources),
        }
