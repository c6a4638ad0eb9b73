"""A law that is no free energy: a statement derived in checked steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from dammech.derive.printers import Notation, text_line
from dammech.derive.steps import Step


@dataclass
class Law:
    """A statement about how a memory forgets, with the steps that prove it.

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

    def render(self) -> str:
        """The law and its steps as text."""
        lines = [self.title, "", self.statement]
        for k, step in enumerate(self.steps):
            notation = Notation(list(step.expressions))
            lines += ["", f"{k + 1}. {step.title}"]
            lines += [f"     {text_line(left, e, notation)}" for left, e in zip(step.left, step.expressions)]
            said = {"How": step.how, "Assumption": step.assumption, "Check": step.check, "Source": step.source}
            lines += [f"   {label}: {words}" for label, words in said.items() if words]
        return "\n".join(lines) + "\n"

    def to_json(self) -> dict[str, Any]:
        """The law as a plain document."""
        return {
            "name": self.name, "title": self.title, "statement": self.statement,
            "steps": [
                {
                    "title": s.title,
                    "equations": [
                        {"left": left, "latex": sp.latex(e), "expression": str(e)}
                        for left, e in zip(s.left, s.expressions)
                    ],
                    "how": s.how, "assumption": s.assumption or None, "check": s.check, "source": s.source or None,
                }
                for s in self.steps
            ],
            "sources": list(self.sources),
        }
