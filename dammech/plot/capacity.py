"""The replica-symmetric capacity against p, and phase diagrams for p = 3 and 4, distinct against power."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.models import HebbianDAM
from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row

LINES = ("retrieval-spinodal", "thermodynamic", "at")
ORDERS = (3, 4)
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"orders": {"distinct": range(2, 7), "power": range(2, 7), "rectified": range(3, 4)}, "points": 80},
    "full": {"orders": {"distinct": range(2, 13), "power": range(2, 13), "rectified": range(3, 7)}, "points": 200},
}
REDUCED = ["orders up to 6, rectified at 3 only (full: 12, and 3 to 6)", "80 points a line (full: 200)"]
LOOKS = {"distinct": ("#0072B2", "o"), "power": ("#D55E00", "s"), "rectified": ("#009E73", "^")}
STYLES = {"retrieval-spinodal": "-", "thermodynamic": (0, (5, 1.6)), "at": (0, (1, 1))}
NAMES = {"retrieval-spinodal": "retrieval spinodal", "thermodynamic": "thermodynamic", "at": "AT (retrieval)"}


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows = capacities(chosen, progress)
    for order in ORDERS:
        for interaction in ("distinct", "power"):
            progress(f"the lines of p = {order}, {interaction}")
            rows += lines(HebbianDAM(order=order, interaction=interaction), chosen["points"])
    parameters = {
        "ansatz": "rs", "convention": "canonical", "points": chosen["points"],
        "orders": {k: list(v) for k, v in chosen["orders"].items()},
    }  # fmt: skip
    notes = [
        "Ansatz: replica symmetric. At T = 0 it is unstable at every load > 0, so every capacity here is the RS value.",
        "Thin parts of lines: the retrieval state, or the m = 0 state it competes with, is RS-unstable there. The thermodynamic "
        "line stops where a 1RSB glass has replaced the paramagnet.",
        "scaled load: load × noise strength, the variance of the noise field at T = 0; the interactions fall together there "
        "for p ≥ 3. At p = 2 the strength leaves out the reaction.",
        "No simulation here. Errors of the roots (load_error, quadrature included) are far below the size of a symbol.",
    ]
    return Content(_drawn(rows), rows, parameters, REDUCED, notes)


def capacities(chosen: dict[str, Any], progress: Progress) -> list[Row]:
    """The end of retrieval at T = 0 for every order and interaction."""
    rows = []
    for interaction, orders in chosen["orders"].items():
        for order in orders:
            progress(f"the capacity of p = {order}, {interaction}")
            model = HebbianDAM(order=order, interaction=interaction)
            point = boundary(model, "retrieval-spinodal", temperatures=[0.0], throw=True).points[0]
            rows.append({
                "panel": "capacity", "series": interaction, "source": "theory", "order": order,
                **{k: point[k] for k in ("temperature", "load", "load_error", "m", "valid", "why")},
                "scaled load": point["load"] * float(model.noise_strength),
            })  # fmt: skip
    return rows


def lines(model: HebbianDAM, points: int) -> list[Row]:
    """Spinodal, thermodynamic and AT line of one model."""
    keep = ("temperature", "load", "load_error", "m", "q", "replicon", "valid", "why")
    return [
        {"panel": f"p = {model.p}", "series": f"{model.interaction} {line}", "source": "theory", "order": model.p,
         **{k: point.get(k) for k in keep}}
        for line in LINES
        for point in boundary(model, line, points=points).points
    ]  # fmt: skip


def _drawn(rows: list[Row]) -> Any:
    from matplotlib.lines import Line2D

    from dammech.plot.canvas import sheet, styled
    from dammech.plot.tracks import THIN

    with styled():
        page = sheet(7.0, 3.3)
        first, *others = page.subplots(1, 3)
        _draw_capacities(first, [r for r in rows if r["panel"] == "capacity"])
        for letter, order, axes in zip("bc", ORDERS, others):
            _draw_lines(axes, [r for r in rows if r["panel"] == f"p = {order}"])
            axes.set_title(f"({letter}) $p = {order}$, RS")
        others[-1].set_ylabel("")
        handles = [Line2D([], [], color="0.2", linestyle=STYLES[k], label=NAMES[k]) for k in LINES]
        handles += [
            Line2D([], [], color=LOOKS[k][0], marker=LOOKS[k][1], label=f"{k}") for k in ("distinct", "power")
        ]  # fmt: skip
        handles.append(Line2D([], [], color="0.2", linewidth=THIN, label="thin: RS unstable in a state of that line"))
        handles.append(Line2D([], [], color="0.2", marker="o", mfc="white", linestyle="", label="beyond: rival is a 1RSB glass"))
        page.legend(handles=handles, loc="outside lower center", ncols=4, columnspacing=1.2)
        return page


def _draw_capacities(axes: Any, rows: list[Row]) -> None:
    inset = axes.inset_axes((0.14, 0.09, 0.42, 0.36))
    for interaction, (color, marker) in LOOKS.items():
        mine = [r for r in rows if r["series"] == interaction]
        orders, loads = [r["order"] for r in mine], np.array([r["load"] for r in mine])
        axes.errorbar(orders, loads, yerr=[r["load_error"] for r in mine], color=color, marker=marker, label=interaction,
                      linestyle=":", linewidth=0.7, mfc="white")  # fmt: skip
        high = [(r["order"], r["scaled load"]) for r in mine if r["order"] > 2]
        size = {"distinct": 5.5, "power": 3.2, "rectified": 1.6}[interaction]
        inset.plot(*zip(*high), color=color, marker=marker, linestyle="", ms=size, mfc="white", mew=0.8)
    axes.set(yscale="log", xlabel="order $p$", ylabel=r"RS capacity $\alpha_c(T=0) = P/N^{p-1}$")
    axes.set_title("(a) $T = 0$: RS, unstable there")
    inset.set_title(r"$\alpha_c \times$ noise variance", fontsize=6.5, pad=2)
    inset.tick_params(labelsize=6, pad=1.5)
    inset.margins(0.12, 0.15)
    axes.legend(loc="upper right")


def _draw_lines(axes: Any, rows: list[Row]) -> None:
    from dammech.plot.tracks import axis_label, draw_line, mark_undecided_end

    for interaction in ("distinct", "power"):
        color, marker = LOOKS[interaction]
        for line in LINES:
            points = [r for r in rows if r["series"] == f"{interaction} {line}"]
            draw_line(axes, points, color=color, linestyle=STYLES[line])
            mark_undecided_end(axes, points, color)
            if line == "retrieval-spinodal":
                found = [p for p in points if p["load"] is not None]
                nearest = [int(np.argmin([abs(p["temperature"] - t) for p in found])) for t in (0.15, 0.3, 0.45)]
                ticks = [found[k] for k in nearest]
                axes.plot([p["load"] for p in ticks], [p["temperature"] for p in ticks], marker, color=color, zorder=4)
    axes.set(xlabel=axis_label("load"), ylabel=axis_label("temperature"), xlim=(0, None), ylim=(0, None))
