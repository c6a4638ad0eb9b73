"""What the renderings of all derivations share: groups of equations, and the labelled sentences of a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from dammech.derive.printers import Notation, latex_lines, text_line
from dammech.derive.steps import Step

PREAMBLE = (
    r"\documentclass{article}", r"\usepackage[margin=2.2cm]{geometry}", r"\usepackage{amsmath,amssymb}",
    r"\allowdisplaybreaks",
)


def said(step: Step, check: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The labelled sentences of a step."""
    outcome = "" if check is None else " — passed" if check["passed"] else " — FAILED"
    hypotheses = [("Hypothesis", h.statement) for h in step.hypotheses]
    sentences = [("How", step.how), ("Assumption", step.assumption), *hypotheses, ("Check", step.check + outcome),
                 ("Source", step.source)]
    return [(label, words) for label, words in sentences if words]


def text_equations(equations: list[tuple[str, sp.Expr]]) -> list[str]:
    """Lines of plain text, with the names that the equations share."""
    notation = Notation([e for _, e in equations])
    lines = [f"     {text_line(left, e, notation)}" for left, e in equations]
    return lines + [f"     with {text_line(name, field, notation)}" for name, field in notation.definitions()]


def display(equations: list[tuple[str, sp.Expr]], begin: str, end: str) -> list[str]:
    """Lines of LaTeX between two marks, with the names that the equations share."""
    notation = Notation([e for _, e in equations])
    pairs = [*equations, *notation.definitions()]
    lines = [line for left, e in pairs for line in latex_lines(left, e, notation)]
    if len(lines) == 1:
        return [begin, lines[0].replace("&", ""), end]
    return [begin, r"\begin{aligned}", *[f"{line} \\\\" for line in lines[:-1]], lines[-1], r"\end{aligned}", end]
