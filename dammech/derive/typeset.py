"""What the renderings of all derivations share: groups of equations, and the labelled sentences of a step."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from dammech.derive.mathml import html_prose, mathml
from dammech.derive.printers import Notation, latex_lines, text_line
from dammech.derive.prose import latex_prose
from dammech.derive.steps import Step
from dammech.literature.bibliography import keys_in, reference


class References:
    """What a text cites, in order, and how each form of it does so.

    Parameters
    ----------
    keys : sequence of str
        Bib keys; other words among them are left out.
    form : str
        ``text``, ``md``, ``latex`` or ``html``.
    """

    def __init__(self, keys: Sequence[str], form: str) -> None:
        self.keys, self.form = keys_in(" ".join(keys)), form

    def cited(self, words: str) -> str:
        """A sentence with citations in place of its bib keys."""
        if self.form == "latex":
            return re.sub(_KEY, lambda x: rf"\cite{{{x[0]}}}" if x[0] in self.keys else x[0], words)
        if self.form == "html":
            link = '<a href="#reference-{0}">[{0}]</a>'
            return re.sub(_KEY, lambda x: link.format(self.keys.index(x[0]) + 1) if x[0] in self.keys else x[0], words)
        return re.sub(_KEY, lambda x: f"[{self.keys.index(x[0]) + 1}]" if x[0] in self.keys else x[0], words)

    def listed(self) -> list[str]:
        """The list of references."""
        if not self.keys:
            return []
        if self.form == "latex":
            entries = [rf"\bibitem{{{key}}} {_latex_reference(key)}." for key in self.keys]
            return [r"\begin{thebibliography}{99}", *entries, r"\end{thebibliography}"]
        if self.form == "html":
            known = [html.escape(reference(key).replace("--", "–")) for key in self.keys]
            entries = [f'<li id="reference-{k}">{entry}. <code>{key}</code></li>'
                       for k, (key, entry) in enumerate(zip(self.keys, known), 1)]  # fmt: skip
            return ["<h2>References</h2>", "<ol>", *entries, "</ol>"]
        entries = [f"{k}. {reference(key)}. {self._named(key)}" for k, key in enumerate(self.keys, 1)]
        return ["", "## References" if self.form == "md" else "References", "", *entries]

    def _named(self, key: str) -> str:
        return f"`{key}`" if self.form == "md" else f"[{key}]"


def _latex_reference(key: str) -> str:
    marks = {"–": "--", "&": r"\&", "ä": r'\"a', "ö": r'\"o', "ü": r'\"u', "á": r"\'a", "é": r"\'e"}
    return "".join(marks.get(c, c) for c in reference(key))


_KEY = re.compile(r"\b[a-z]+[0-9]{4}[a-z]*\b")

PREAMBLE = (
    r"\documentclass{article}", r"\usepackage[margin=2.2cm]{geometry}", r"\usepackage{amsmath,amssymb}",
    r"\allowdisplaybreaks",
)


def said(step: Step, check: Mapping[str, Any] | None, references: References) -> list[tuple[str, str]]:
    """The labelled sentences of a step."""
    outcome = "" if check is None else " — passed" if check["passed"] else " — FAILED"
    hypotheses = [("Hypothesis", h.statement) for h in step.hypotheses]
    sentences = [("How", step.how), ("Assumption", step.assumption), *hypotheses, ("Check", step.check + outcome),
                 ("Source", step.source)]

    def prose(words: str) -> str:
        written = {"latex": latex_prose, "html": html_prose}.get(references.form, str)
        return references.cited(written(words))

    return [(label, prose(words)) for label, words in sentences if words]


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
        return [begin, lines[0].replace("&", "", 1), end]
    return [begin, r"\begin{aligned}", *[f"{line} \\\\" for line in lines[:-1]], lines[-1], r"\end{aligned}", end]


def html_page(title: str, body: Sequence[str]) -> str:
    """A page by itself, whose formulas are MathML: nothing is fetched and no script runs."""
    head = f'<head><meta charset="utf-8"/><title>{html.escape(title)}</title><style>{_STYLE}</style></head>'
    heading = f"<h1>{html_prose(title)}</h1>"
    return "\n".join(['<!DOCTYPE html>', '<html lang="en">', head, "<body>", heading, *body, "</body>", "</html>"])


def html_formula(lines: Sequence[str]) -> str:
    """Lines of LaTeX as a formula of its own."""
    return f'<div class="formula">{mathml(" ".join(lines), block=True)}</div>'


def html_step(
    name: str, step: Step, check: Mapping[str, Any] | None, references: References
) -> list[str]:
    """A step with its equations and what is said of it."""
    said_of_it = [f"<li><em>{label}:</em> {words}</li>" for label, words in said(step, check, references)]
    return [
        f'<section class="step" id="step-{name}">', f"<h3>{name}. {html_prose(step.title)}</h3>",
        html_formula(display(step.equations, "", "")), "<ul>", *said_of_it, "</ul>", "</section>",
    ]  # fmt: skip


_STYLE = (
    "body{font:16px/1.5 Georgia,serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}"
    ".formula{overflow-x:auto;margin:.8em 0}mtd{padding:.25em .1em}h1,h2,h3{line-height:1.25}li em{color:#555}"
)
