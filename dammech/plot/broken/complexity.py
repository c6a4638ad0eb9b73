"""The number of states of the p = 3 spin glass by their free energy, and how it changes with temperature."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.models import PSpin
from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.solve import complexity

MODEL = PSpin(3)
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"temperatures": (0.0, 0.3, 0.5, 0.62, 0.66), "points": 60, "scan": 24},
    "full": {"temperatures": (0.0, 0.3, 0.5, 0.62, 0.66), "points": 200, "scan": 60},
}
REDUCED = ["60 points a curve, 24 temperatures (full: 200, 60)"]
COLORS = ("#000000", "#0072B2", "#009E73", "#D55E00", "#CC79A7")
MARKERS = {"equilibrium": ("o", "states that dominate"), "marginal": ("D", "marginal"), "threshold": ("^", "threshold")}
UNSTABLE = (0, (2.5, 1.5))


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    progress("the transitions of the glass")
    transitions = {line: boundary(MODEL, line, throw=True).points[0] for line in ("dynamic", "static", "gardner")}
    keep = ("temperature", "temperature_error", "complexity")
    rows: list[Row] = [
        {"panel": "special states", "series": line, "source": "theory", **{k: p.get(k) for k in keep}}
        for line, p in transitions.items()
    ]
    for T in chosen["temperatures"]:
        progress(f"the curve at T = {T:g}")
        curve = complexity(MODEL, T, points=chosen["points"])
        rows += [_row("curves", "states", T, p) for p in curve.points] + _special("curves", T, curve)
    progress("special states at all temperatures")
    for T in scanned(chosen["scan"], **{line: point["temperature"] for line, point in transitions.items()}):
        rows += _special("special states", T, complexity(MODEL, T, points=3))
    parameters = {"model": MODEL.to_json(), "ansatz": "1rsb", "convention": "canonical (J = 1)", **chosen}
    notes = [
        "Ansatz: 1RSB. Σ is the logarithm, per spin, of the number of states of free energy f: the Legendre transform of the "
        "replicated free energy with the block size θ as its variable. The slope of a curve is θ/T.",
        "Dashed: these states are unstable within one step (their replicon is negative), at T = 0 all of them; their Σ needs "
        "more steps of breaking.",
        "States that dominate: Σ = 0 below T_K; θ = 1 between T_K and T_d. Threshold: where the curve turns back.",
        "No simulation here. Errors of the roots are at the level of double precision, far below the width of a line.",
    ]
    return Content(_drawn(rows, chosen["temperatures"]), rows, parameters, REDUCED, notes)


def scanned(count: int, dynamic: float, static: float, gardner: float) -> list[float]:
    """Temperatures from 0 to the dynamic transition, dense where few states are left, with the ends of every curve."""
    cold, near = np.linspace(0, static, count), np.linspace(static, dynamic, count // 2)
    away = 1e-4  # at the transitions themselves a quantity vanishes up to rounding
    ends = [gardner * (1 + away), static * (1 - away), static * (1 + away), dynamic * (1 - away)]
    return sorted([*cold[:-1].tolist(), *near[1:-1].tolist(), *ends])


def _row(panel: str, series: str, temperature: float, point: dict[str, Any]) -> Row:
    keep = ("theta", "y", "q1", "C", "free_energy", "complexity", "replicon", "residual", "error", "valid", "why")
    return {"panel": panel, "series": series, "source": "theory", "temperature": temperature, **{k: point.get(k) for k in keep}}


def _special(panel: str, temperature: float, curve: Any) -> list[Row]:
    found = {name: getattr(curve, name) for name in MARKERS}
    return [_row(panel, name, temperature, point) for name, point in found.items() if point is not None]


def _drawn(rows: list[Row], temperatures: Any) -> Any:
    from matplotlib.lines import Line2D

    from dammech.plot.canvas import sheet, styled

    with styled():
        page = sheet(7.0, 3.4)
        left, right = page.subplots(1, 2, width_ratios=(1.25, 1))
        _draw_curves(left, [r for r in rows if r["panel"] == "curves"], temperatures)
        _draw_special(right, [r for r in rows if r["panel"] == "special states"])
        handles = [
            Line2D([], [], color="0.2", label="1RSB, stable"),
            Line2D([], [], color="0.2", linestyle=UNSTABLE, linewidth=0.9, label="1RSB, unstable (open symbols)"),
            *(Line2D([], [], color="0.2", marker=m, linestyle="", label=text) for m, text in MARKERS.values()),
        ]
        page.legend(handles=handles, loc="outside lower center", ncols=5, columnspacing=1.2)
        return page


def _draw_parts(axes: Any, rows: list[Row], x: str, color: str, y: str = "complexity") -> None:
    from dammech.plot.tracks import draw_line

    draw_line(axes, rows, x, y, color=color, failing=UNSTABLE, failing_width=0.9)


def _draw_curves(axes: Any, rows: list[Row], temperatures: Any) -> None:
    for T, color in zip(temperatures, COLORS):
        mine = [r for r in rows if r["temperature"] == T]
        curve = [r for r in mine if r["series"] == "states"]
        _draw_parts(axes, curve, "free_energy", color)
        for name, (marker, _) in MARKERS.items():
            for r in mine:
                if r["series"] == name:
                    axes.plot(r["free_energy"], r["complexity"], marker, color=color, mfc=color if r["valid"] else "white",
                              zorder=5, clip_on=False)  # fmt: skip
        top = next(r for r in mine if r["series"] == "threshold")
        axes.annotate(f"$T = {T:g}$", (top["free_energy"], top["complexity"]), (-5, 5), textcoords="offset points", fontsize=7,
                      color=color, ha="right")  # fmt: skip
    axes.set(xlabel="free energy $f$ of the states, per spin", ylabel=r"complexity $\Sigma$, per spin")
    axes.set_ylim(-0.001, 1.08 * max(r["complexity"] for r in rows))
    axes.set_title(r"(a) $p = 3$ spin glass, $J = 1$; 1RSB")


def _draw_special(axes: Any, rows: list[Row]) -> None:
    colors = {"equilibrium": "#0072B2", "marginal": "#009E73", "threshold": "#D55E00"}
    for name, (marker, text) in MARKERS.items():
        mine = sorted((r for r in rows if r["series"] == name), key=lambda r: r["temperature"])
        _draw_parts(axes, mine, "temperature", colors[name])
        for r in mine[:: max(1, len(mine) // 8)]:
            axes.plot(r["temperature"], r["complexity"], marker, color=colors[name], mfc=colors[name] if r["valid"] else "white",
                      ms=3, zorder=4, clip_on=False)  # fmt: skip
        where = mine[len(mine) * (2 if name == "equilibrium" else 3) // 7]
        axes.annotate(text, (where["temperature"], where["complexity"]), (0, 5 if name != "marginal" else -10),
                      textcoords="offset points", fontsize=7, color=colors[name], ha="left")  # fmt: skip
    high = max(r["complexity"] for r in rows if r["series"] == "threshold")
    for line, words, shift in (("gardner", "$T_G$", 0), ("static", "$T_K$", -12), ("dynamic", "$T_d$", 1)):
        (T,) = (r["temperature"] for r in rows if r["series"] == line)
        axes.axvline(T, color="0.5", linewidth=0.6, linestyle=(0, (1, 2)), zorder=0)
        axes.annotate(words, (T, high), (shift, 0), textcoords="offset points", fontsize=7, ha="left", va="center")
    axes.set(xlabel="temperature $T$", ylabel=r"complexity $\Sigma$, per spin", xlim=(0, 0.735), ylim=(-0.001, 1.07 * high))
    axes.set_title("(b) $\\Sigma$ of special states; 1RSB")
