"""The report as one HTML page without external assets: a table of verdicts, then every point's data and plot."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from dammech.validate.coverage import coverage
from dammech.validate.judge import Judgement

if TYPE_CHECKING:
    from dammech.validate.report import Report, Verdict

_STYLE = """
body{font:15px/1.5 Georgia,serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;font:13px/1.4 monospace;margin:1em 0}
th,td{padding:.25em .8em;text-align:right;border-bottom:1px solid #ddd}
th:first-child,td:first-child{text-align:left}
.pass{color:#06681f}.weak{color:#555}.fail,.inconclusive{color:#a40000;font-weight:bold}.ansatz-invalid{color:#8a5a00}
.text td{text-align:left}
section{border-top:2px solid #ccc;margin-top:2em}svg{background:#fafafa}
"""
_WIDTH, _HEIGHT, _LEFT, _BELOW = 460, 230, 80, 34


def page(report: Report) -> str:
    """The whole page."""
    rows = "".join(_summary(v) for v in report.verdicts)
    columns = ("claim", "theory", "simulation", "error", "systematic", "z", "nearest rival", "d", "ln ratio", "verdict")
    head = f"<tr>{''.join(f'<th>{name}</th>' for name in columns)}</tr>"
    sections = "".join(_section(v) for v in report.verdicts)
    counts = f"level {report.level}: passed {report.passed}, weak {report.weak}, failed {report.failed}"
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>dammech: validation</title>"
        f"<style>{_STYLE}</style></head><body><h1>Validation</h1><p>{counts}. z = (simulation − theory) / statistical "
        f"error; d is how far the nearest rival is from the theory in statistical and systematic error together, as planned. "
        f"A claim counts with |z| ≤ 4, d ≥ 8, a likelihood ratio against that rival of at least e^10 (quick) or e^20 (full), "
        f"and if it fails in its wrong world. Each line shows the point that decides.</p><table>{head}{rows}</table>"
        f"{sections}<h2>Predictions and their evidence</h2>{_coverage()}</body></html>\n"
    )


def _coverage() -> str:
    """Every prediction with its claims, or why there is none."""
    rows = "".join(
        f"<tr><td>{html.escape(row.prediction)}</td><td>{html.escape(', '.join(row.claims) or row.why or 'nothing')}</td></tr>"
        for row in coverage().points
    )
    return f"<table class='text'>{rows}</table>"


def _summary(verdict: Verdict) -> str:
    d = verdict.decisive
    name = html.escape(verdict.claim.name)
    rival = verdict.rival
    cells = [f"<a href='#{name}'>{name}</a>", *map(_number, (d.theory, d.estimate.value)), _number(d.estimate.error, 2)]
    cells += [_number(d.estimate.band, 2), _number(d.z, 3), _number(rival and rival.theory)]
    cells += [_number(verdict.power, 3), _number(rival and rival.evidence, 3)]
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr>{row}<td class='{verdict.verdict}'>{verdict.verdict}</td></tr>"


def _section(verdict: Verdict) -> str:
    claim = verdict.claim
    text = f"<section id='{html.escape(claim.name)}'><h2>{html.escape(claim.name)}</h2>"
    text += f"<p>{html.escape(claim.statement)} <i>{html.escape(claim.source)}</i><br>"
    text += "".join(f"Rival ({r.kind}): {html.escape(r.statement)}.<br>" for r in claim.rivals)
    text += "".join(f"No rival ({kind}): {html.escape(why)}.<br>" for kind, why in claim.without.items())
    if claim.dose and verdict.dose:
        text += f"Wrong world: {html.escape(claim.dose.statement)}: z = {_number(verdict.dose.z, 3)}.<br>"
    text += f"Seeds {', '.join(map(str, verdict.seeds))}; {verdict.seconds:.1f} s."
    text += f"<br><b>{html.escape(verdict.why)}</b></p>" if verdict.why else "</p>"
    return text + "".join(_point(j) for j in verdict.points) + "</section>"


def _point(j: Judgement) -> str:
    parameters = ", ".join(f"{k} = {v}" for k, v in j.parameters.items())
    text = f"<h3>{html.escape(parameters)}: <span class='{j.verdict}'>{j.verdict}</span></h3>"
    text += f"<p>theory {_number(j.theory)}, simulation {_number(j.estimate.value)} ± {_number(j.estimate.error, 2)}, "
    text += f"z = {_number(j.z, 3)}; systematic {_systematic(j)}"
    text += "".join(
        f"<br>{html.escape(r.statement)}: {_number(r.theory)}, z = {_number(r.z, 3)}, d = {_number(r.power, 3)}"
        for r in j.rivals
    )
    text += f"<br>{html.escape(j.why)}</p>" if j.why else "</p>"
    if j.estimate.fit and "power" in j.estimate.fit and len(j.estimate.rows) > 1:
        text += _plot(j)
    columns = ("size", "patterns", "load", "value", "error", "trials", "sweeps", "tau", "retrieved")
    shown = [c for c in columns if any(c in row for row in j.estimate.rows)]
    head = "".join(f"<th>{c}</th>" for c in shown)
    body = "".join("<tr>" + "".join(f"<td>{_number(r.get(c))}</td>" for c in shown) + "</tr>" for r in j.estimate.rows)
    return text + f"<table><tr>{head}</tr>{body}</table>"


def _plot(j: Judgement) -> str:
    """Values against N to the fit's power, the fit, its limit with error, theory (line) and rivals (dashed)."""
    fit = j.estimate.fit or {}
    power, coefficients = float(fit["power"]), [float(c) for c in fit["coefficients"]]
    exponents = [0.0, *fit["powers"]]
    x = [float(row[fit.get("against", "size")]) ** -power for row in j.estimate.rows]
    y = [float(row["value"]) for row in j.estimate.rows]
    e = [float(row["error"]) for row in j.estimate.rows]
    along = [max(x) * t / 50 for t in range(51)]
    curve = [(u, sum(c * u ** (k / power) for c, k in zip(coefficients, exponents))) for u in along]
    marks = [*zip(x, y, e), (0.0, j.estimate.value, j.estimate.error)]
    low = min(b - d for _, b, d in marks)
    high = max(b + d for _, b, d in marks)
    if j.theory is not None:
        low, high = min(low, j.theory), max(high, j.theory)
    margin = (high - low) * 0.15 or 1e-6
    low, high = low - margin, high + margin

    def at(u: float, v: float) -> tuple[float, float]:
        across = _LEFT + (u / max(x) * 0.92 + 0.03) * (_WIDTH - _LEFT)
        return across, (high - v) / (high - low) * (_HEIGHT - _BELOW)

    def level(v: float, style: str) -> str:
        h = at(0, v)[1]
        return f"<line x1='{_LEFT}' y1='{h:.1f}' x2='{_WIDTH}' y2='{h:.1f}' {style}/>"

    parts = [f"<svg width='{_WIDTH}' height='{_HEIGHT}' font-family='monospace' font-size='11'>"]
    if j.theory is not None:
        parts.append(level(j.theory, "stroke='#06681f'"))
    for rival in j.rivals:
        if rival.theory is not None and low < rival.theory < high:
            parts.append(level(rival.theory, "stroke='#a40000' stroke-dasharray='5 4'"))
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in (at(u, v) for u, v in curve))
    parts.append(f"<polyline points='{path}' fill='none' stroke='#888'/>")
    for u, v, d in marks:
        a, b = at(u, v)
        top, bottom = at(u, v + d)[1], at(u, v - d)[1]
        parts.append(f"<line x1='{a:.1f}' y1='{top:.1f}' x2='{a:.1f}' y2='{bottom:.1f}' stroke='#1b4f9c'/>")
        fill = "#fff" if u == 0 else "#1b4f9c"
        parts.append(f"<circle cx='{a:.1f}' cy='{b:.1f}' r='3' fill='{fill}' stroke='#1b4f9c'/>")
    for v in (low + margin, high - margin):
        parts.append(f"<text x='2' y='{at(0, v)[1] + 4:.1f}'>{v:.5g}</text>")
    for row, u in zip(j.estimate.rows, x):
        parts.append(f"<text x='{at(u, 0)[0] - 8:.1f}' y='{_HEIGHT - 18}'>{row['size']}</text>")
    parts.append(f"<text x='{_LEFT}' y='{_HEIGHT - 4}'>N, placed at N^−{power:.3g}; open: N → ∞</text></svg>")
    return "".join(parts)


def _systematic(j: Judgement) -> str:
    return "; ".join(f"{html.escape(name)} {_number(x, 2)}" for name, x in j.estimate.systematic.items()) or "none"


def _number(value: Any, digits: int = 7) -> str:
    if value is None:
        return "–"
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)
