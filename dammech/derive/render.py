"""A derivation written down: text, Markdown, a LaTeX article, a page of HTML, or JSON.

Local fields and weights are named once a step, β and C are introduced, long sums are broken; nothing is derived here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy as sp

from dammech.derive.free_energy import FreeEnergy
from dammech.derive.mathml import html_prose
from dammech.derive.opening import opening
from dammech.derive.printers import Notation, text_line
from dammech.derive.prose import latex_prose
from dammech.derive.shortest import on_the_saddle
from dammech.derive.steps import Derivation, Proof, Step
from dammech.derive.theorem import Theorem, Theory
from dammech.derive.typeset import (
    PREAMBLE,
    References,
    display,
    html_formula,
    html_page,
    html_step,
    said,
    text_equations,
)
from dammech.errors import InputError

FORMS = ("text", "md", "latex", "html", "json")


def render(derivation: Proof, form: str = "text", checks: Sequence[Mapping[str, Any]] | None = None) -> str:
    """Write a derivation down.

    Parameters
    ----------
    derivation : Derivation, Theorem or Theory
    form : str
        ``text``, ``md`` (Markdown), ``latex`` (a complete article), ``html`` (a complete page) or ``json``.
    checks : sequence of dict, optional
        What `run_checks` returned: each step then says whether its check passed.

    Raises
    ------
    InputError
        For an unknown form.
    """
    if form == "json":
        return json.dumps(derivation.to_json(), indent=1, ensure_ascii=False)
    if form not in FORMS:
        raise InputError(f"form={form!r} is unknown; known are {', '.join(FORMS)}, source")
    if isinstance(derivation, Theorem | Theory):
        from dammech.derive.render_theorems import theorems

        return theorems(derivation, form, checks) + "\n"
    if not isinstance(derivation, Derivation):
        raise InputError(f"derivation={derivation!r}: must be a Derivation, a Theorem or a Theory")
    write = {"text": _text, "md": _markdown, "latex": _latex, "html": _html}[form]
    return write(derivation, checks) + "\n"


# -- what is said -----------------------------------------------------------------------------------------------------


Proof.written = staticmethod(render)


def _title(d: Derivation) -> str:
    mixture = f", mixture of {d.mixture} patterns" if d.mixture > 1 else ""
    return f"{d.model.title}{mixture}: {_theory(d)}"


def _steps_broken(d: Derivation) -> int:
    """How often the ansatz breaks replica symmetry."""
    return int(d.ansatz.removesuffix("rsb")) if d.ansatz.endswith("rsb") else 0


def _theory(d: Derivation) -> str:
    k = _steps_broken(d)
    return f"{('', 'one', 'two', 'three')[k]}-step broken replica symmetry" if k else "replica-symmetric theory"


def _notation(d: Derivation) -> str:
    k = _steps_broken(d)
    return " ".join(filter(None, (_broken_notation(d, k) if k else d.model.replicas, d.model.notation)))


def _broken_notation(d: Derivation, k: int) -> str:
    sizes = "blocks have the size θ, which ends" if k == 1 else f"sizes of the blocks are θ_1 … θ_{k}, which end"
    values = "q_0 and q_1" if k == 1 else f"q_0 … q_{k}"
    strength = "a + " if "m" in d.model.order_parameters else ""
    fields = " + ".join(f"s_{j} z_{j}" for j in range(k + 1))
    named = " The first term, a = m̂, is the signal." if strength else ""
    last = "θ" if k == 1 else f"θ_{k}"
    outer = "" if k == 1 else (
        " The weight of an outer level is the mean over the inner ones: ε_l = (θ_l/θ_(l+1)) log ⟨e^ε_(l+1)⟩."
    )
    return (
        f"Units: k_B = 1, β = 1/T. Overlaps of replicas are Q_ab = N⁻¹ Σ_i σ_i^a σ_i^b. They take the values {values}: "
        f"replicas that share l blocks and no more overlap by q_l, and the {sizes} up between 0 and 1; where T → 0, "
        f"y_l = βθ_l stays finite (y for one level). C = β(1 − q_{k}) is the response of a spin inside "
        f"one state. The local field over T is h = {strength}{fields}: independent standard Gaussians z_l of widths s_l."
        f"{named} ⟨g⟩ is the mean over the z_l that is named below the bracket, and ⟨g|ε⟩ = ⟨g e^ε⟩/⟨e^ε⟩ the mean under "
        f"a weight, for the innermost level (2cosh h)^θ: ε = {last} log 2cosh h.{outer}"
    )


def _hamiltonian(d: Derivation) -> str:
    written = d.model._repr_latex_().strip("$").replace(r"\displaystyle", "").replace("N^{1}", "N").strip()
    return re.sub(r"(\\sum_\{\\mu=1\})\^\{(?:[^{}]|\{[^{}]*\})*\}", r"\1^{P}", written)


def _results(d: Derivation) -> Iterator[tuple[str, list[tuple[str, sp.Expr]]]]:
    theory, cold = d.free_energy, d.zero_temperature
    yield "Free energy", [("f", theory.expression), *_abbreviations(theory)]
    yield "Saddle-point equations", [("0", e) for e in theory.saddle_equations]
    if theory.replicon is not None:
        yield "Stability (replicon), positive where the ansatz is stable", [(r"\lambda", theory.replicon)]
    replicons = [e for name, e in theory.observables.items() if name.startswith("replicon_")]
    if replicons:
        named = [(rf"\lambda_{k}", e) for k, e in enumerate(replicons)]
        yield "Stability (replicons), all positive where the ansatz is stable", named
    if cold is not None:
        equations: list[tuple[str, sp.Expr]] = [("0", e) for e in cold.saddle_equations]
        if _steps_broken(d):
            yield "At T = 0", [*equations, ("f", cold.expression), *_abbreviations(cold)]
        else:
            found = {"f_0": cold.expression, **({} if cold.entropy is None else {"s_0": cold.entropy})}
            thermal = zip(found, on_the_saddle(cold, list(found.values())))
            yield "At T = 0, f and s at the saddle point", [*equations, *thermal]


def _abbreviations(theory: FreeEnergy) -> list[tuple[str, sp.Expr]]:
    return [(s.name, e) for s, e in theory.definitions.items()]


def _numbered(d: Derivation, checks: Any) -> Iterator[tuple[int, Step, Any]]:
    for k, step in enumerate(d.steps):
        yield k + 1, step, checks[k] if checks is not None else None


# -- how it is set ----------------------------------------------------------------------------------------------------


def _text(d: Derivation, checks: Any) -> str:
    hamiltonian = text_line("H", d.model.hamiltonian().rhs, Notation([]))
    references = References(_sources(d), "text")
    lines = [_title(d), "", hamiltonian, "", _notation(d), "", d.model.counting]
    for words, _ in opening(d):
        lines += ["", words]
    for k, step, check in _numbered(d, checks):
        lines += ["", f"{k}. {step.title}"]
        lines += text_equations(step.equations)
        lines += [f"   {label}: {words}" for label, words in said(step, check, references)]
    lines += ["", "Results"]
    for title, equations in _results(d):
        lines += ["", f"  {title}", *text_equations(equations)]
    return "\n".join([*lines, *references.listed()])


def _markdown(d: Derivation, checks: Any) -> str:
    references = References(_sources(d), "md")
    lines = [f"# {_title(d)}", "", f"$${_hamiltonian(d)}$$", "", _notation(d), "", "## Counting powers of N", ""]
    lines += [d.model.counting, *(["", "## The replicated partition function"] if opening(d) else [])]
    for words, equation in opening(d):
        lines += ["", words, "", *(["$$", *equation, "$$"] if equation else [])]
    lines += ["", "## Steps"]
    for k, step, check in _numbered(d, checks):
        lines += ["", f"### {k}. {step.title}", "", *display(step.equations, "$$", "$$"), ""]
        lines += [f"- *{label}:* {words}" for label, words in said(step, check, references)]
    lines += ["", "## Results"]
    for title, equations in _results(d):
        lines += ["", f"**{title}**", "", *display(equations, "$$", "$$")]
    return "\n".join([*lines, *references.listed()])


def _latex(d: Derivation, checks: Any) -> str:
    references = References(_sources(d), "latex")
    lines = [
        *PREAMBLE, rf"\title{{{latex_prose(_title(d))}}}", r"\author{}", r"\date{}", r"\begin{document}",
        r"\maketitle", r"\[", _hamiltonian(d), r"\]", latex_prose(_notation(d)), r"\section*{Counting powers of $N$}",
        latex_prose(d.model.counting), *([r"\section*{The replicated partition function}"] if opening(d) else []),
    ]
    for words, equation in opening(d):
        lines += [latex_prose(words), *([r"\[", *equation, r"\]"] if equation else [])]
    lines += [r"\section*{Steps}"]
    for k, step, check in _numbered(d, checks):
        lines += [rf"\subsection*{{{k}. {latex_prose(step.title)}}}"]
        lines += display(step.equations, r"\[", r"\]")
        lines += [rf"\noindent\emph{{{label}:}} {words}\par" for label, words in said(step, check, references)]
    lines += [r"\section*{Results}"]
    for title, equations in _results(d):
        lines += [rf"\paragraph{{{latex_prose(title)}.}}", *display(equations, r"\[", r"\]")]
    return "\n".join([*lines, *references.listed(), r"\end{document}"])


def _html(d: Derivation, checks: Any) -> str:
    references, begun = References(_sources(d), "html"), opening(d)
    body = [html_formula([_hamiltonian(d)]), f"<p>{html_prose(_notation(d))}</p>", "<h2>Counting powers of N</h2>"]
    body += [f"<p>{html_prose(d.model.counting)}</p>", *(["<h2>The replicated partition function</h2>"] if begun else [])]
    for words, equation in begun:
        body += [f"<p>{html_prose(words)}</p>", *([html_formula(equation)] if equation else [])]
    body += ["<h2>Steps</h2>"]
    for k, step, check in _numbered(d, checks):
        body += html_step(str(k), step, check, references)
    body += ["<h2>Results</h2>"]
    for title, equations in _results(d):
        body += [f"<p><strong>{html_prose(title)}</strong></p>", html_formula(display(equations, "", ""))]
    return html_page(_title(d), [*body, *references.listed()])


def _sources(d: Derivation) -> list[str]:
    return list(dict.fromkeys([*d.sources, *[s.source for s in d.steps if s.source]]))
