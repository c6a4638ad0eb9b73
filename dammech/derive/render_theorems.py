"""Theorems written down, one or several as one document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dammech.derive.mathml import html_prose
from dammech.derive.prose import latex_prose
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem, Theory
from dammech.derive.typeset import PREAMBLE, References, display, html_page, html_step, said, text_equations

_Checks = Sequence[Mapping[str, Any]] | None


def theorems(what: Theorem | Theory, form: str, checks: _Checks) -> str:
    """A theorem, or the theorems of a theory, as ``text``, ``md``, ``latex`` or ``html``.

    Parameters
    ----------
    checks : sequence of dict, optional
        Records of `run_checks` for all steps in their order.
    """
    return {"text": _text, "md": _markdown, "latex": _latex, "html": _html}[form](what, checks)


def _parts(what: Theorem | Theory) -> Sequence[Theorem]:
    return what.theorems if isinstance(what, Theory) else [what]


def _steps(what: Theorem | Theory, checks: _Checks) -> Iterator[tuple[Theorem, list[tuple[str, Step, Any]]]]:
    """Each theorem with its steps, their numbers and what became of their checks."""
    done = 0
    several = isinstance(what, Theory)
    for number, theorem in enumerate(_parts(what), start=1):
        rows = []
        for k, step in enumerate(theorem.steps, start=1):
            rows.append((f"{number}.{k}" if several else f"{k}", step, checks[done] if checks is not None else None))
            done += 1
        yield theorem, rows


def _text(what: Theorem | Theory, checks: _Checks) -> str:
    references = References(_keys(what), "text")
    lines = [what.title, "", what.statement] if isinstance(what, Theory) else []
    for number, (theorem, rows) in enumerate(_steps(what, checks), start=1):
        title = f"{number}. {theorem.title}" if isinstance(what, Theory) else theorem.title
        lines += ["", *_underlined(title), "", f"{theorem.statement} [{theorem.name}]"]
        for name, step, check in rows:
            lines += ["", f"{name}. {step.title}", *text_equations(step.equations)]
            lines += [f"   {label}: {words}" for label, words in said(step, check, references)]
    return "\n".join([*lines, *references.listed()]).lstrip("\n")


def _keys(what: Theorem | Theory) -> list[str]:
    return [*what.sources, *[step.source for theorem in _parts(what) for step in theorem.steps if step.source]]


def _underlined(title: str) -> list[str]:
    return [title, "-" * len(title)]


def _markdown(what: Theorem | Theory, checks: _Checks) -> str:
    several, references = isinstance(what, Theory), References(_keys(what), "md")
    lines = [f"# {what.title}", "", what.statement]
    for number, (theorem, rows) in enumerate(_steps(what, checks), start=1):
        if several:
            lines += ["", f"## {number}. {theorem.title}", "", f"{theorem.statement} (`{theorem.name}`)"]
        for name, step, check in rows:
            lines += ["", f"### {name}. {step.title}", "", *display(step.equations, "$$", "$$"), ""]
            lines += [f"- *{label}:* {words}" for label, words in said(step, check, references)]
    return "\n".join([*lines, *references.listed()])


def _latex(what: Theorem | Theory, checks: _Checks) -> str:
    references = References(_keys(what), "latex")
    lines = [*PREAMBLE, rf"\title{{{latex_prose(what.title)}}}", r"\author{}", r"\date{}", r"\begin{document}", r"\maketitle"]
    lines += [latex_prose(what.statement)]
    for theorem, rows in _steps(what, checks):
        if isinstance(what, Theory):
            lines += [rf"\section{{{latex_prose(theorem.title)}}}", latex_prose(theorem.statement)]
        for name, step, check in rows:
            lines += [rf"\subsection*{{{name}. {latex_prose(step.title)}}}"]
            lines += display(step.equations, r"\[", r"\]")
            lines += [rf"\noindent\emph{{{label}:}} {words}\par" for label, words in said(step, check, references)]
    return "\n".join([*lines, *references.listed(), r"\end{document}"])


def _html(what: Theorem | Theory, checks: _Checks) -> str:
    several, references = isinstance(what, Theory), References(_keys(what), "html")
    body = [f"<p>{html_prose(what.statement)}</p>"]
    for number, (theorem, rows) in enumerate(_steps(what, checks), start=1):
        if several:
            body += [f"<h2>{number}. {html_prose(theorem.title)}</h2>"]
            body += [f"<p>{html_prose(theorem.statement)} (<code>{theorem.name}</code>)</p>"]
        for name, step, check in rows:
            body += html_step(name, step, check, references)
    return html_page(what.title, [*body, *references.listed()])
