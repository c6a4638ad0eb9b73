"""The end of retrieval against temperature, with replica symmetry and with broken symmetry, for p = 2, 3 and 4."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.models import HebbianDAM
from dammech.phases import boundary
from dammech.plot.broken import ANSATZE, AT_LOOK, LOAD_LABEL, LOOKS, TEMPERATURE_LABEL, UNITS
from dammech.plot.figures import Content, Progress, Row

ORDERS = (2, 3, 4)
COLD = 0.03  # the inset of p = 2: where the spinodal bends back
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"orders": ORDERS, "points": 80, "broken points": {"1rsb": 16, "2rsb": 1}},
    "full": {"orders": ORDERS, "points": 200, "broken points": {"1rsb": 40, "2rsb": 12}},
}
REDUCED = ["16 temperatures with 1RSB, T = 0 only with 2RSB, 80 with RS (full: 40, 12, 200)"]
KEPT = ("ansatz", "temperature", "load", "load_error", "m", "q", "q0", "q1", "q2", "theta", "theta1", "theta2", "y", "y1",
        "y2", "C", "replicon", "residual", "converged", "valid", "why")  # fmt: skip


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for order in chosen["orders"]:
        rows += spinodals(HebbianDAM(order=order), chosen["points"], chosen["broken points"], progress)
    parameters = {
        "ansatz": ["rs", *ANSATZE], "convention": {"p = 2": "ags (= canonical)", "p > 2": UNITS},
        "interaction": "distinct", **chosen,
    }  # fmt: skip
    notes = [
        "Ansätze: replica symmetric (RS), one and two steps of breaking (1RSB, 2RSB), each named in the legend. RS is unstable "
        "below the AT line (dashed there); the smallest replicon of 1RSB and 2RSB is negative on their spinodals (open symbols).",
        "Broken symmetry is followed from T = 0 to where the AT line meets the spinodal; above, the two are the same.",
        "A temperature at which the levels merge and the fold was not resolved stays in the data, without a load.",
        "No simulation here. Errors of the roots (load_error, quadrature included) are far below the width of a line.",
    ]
    return Content(_drawn(rows, chosen["orders"]), rows, parameters, REDUCED, notes)


def spinodals(model: HebbianDAM, points: int, broken_points: dict[str, int], progress: Progress) -> list[Row]:
    """The spinodal of every ansatz and the AT line of one model; p = 2 also at low temperatures."""
    units = "canonical" if model.p == 2 else UNITS
    common = {"panel": f"p = {model.p}", "source": "theory", "order": model.p}
    progress(f"replica-symmetric lines of p = {model.p}")
    at = boundary(model, "at", points=points, convention=units)
    meeting = float(np.nanmax(at["temperature"]))
    lines = {
        "rs retrieval-spinodal": boundary(model, "retrieval-spinodal", points=points, convention=units),
        "rs at": at,
    }
    if model.p == 2:
        cold = np.linspace(0, COLD, points)
        lines["rs retrieval-spinodal, cold"] = boundary(model, "retrieval-spinodal", temperatures=cold)
    for ansatz, count in broken_points.items():
        progress(f"the spinodal of p = {model.p} with {ansatz}")
        T = meeting * np.sin(np.linspace(0, np.pi / 2, count + 1)[:-1])  # dense towards the meeting
        name = f"{ansatz} retrieval-spinodal"
        lines[name] = boundary(model, "retrieval-spinodal", ansatz=ansatz, temperatures=T, convention=units)
    return [
        {**common, "series": name, "line ansatz": line.ansatz, **{k: point.get(k) for k in KEPT},
         "ansatz": point.get("ansatz", line.ansatz)}
        for name, line in lines.items()
        for point in line.points
    ]  # fmt: skip


def _drawn(rows: list[Row], orders: Any) -> Any:
    from matplotlib.lines import Line2D

    from dammech.plot.canvas import sheet, styled
    from dammech.plot.tracks import ANSATZ_NAMES, DASHED

    with styled():
        page = sheet(7.0, 3.3)
        for letter, order, axes in zip("abc", orders, page.subplots(1, len(orders), squeeze=False)[0]):
            panel = [r for r in rows if r["panel"] == f"p = {order}"]
            _draw_panel(axes, panel, order)
            axes.set_title(f"({letter}) $p = {order}$, distinct indices")
        handles = [
            Line2D([], [], color=LOOKS["rs"][0], label="spinodal, RS, stable"),
            Line2D([], [], color=LOOKS["rs"][0], linestyle=DASHED, linewidth=0.9, label="RS, unstable (below AT)"),
            *(
                Line2D([], [], color=LOOKS[a][0], linestyle=LOOKS[a][1], linewidth=1.2, marker=LOOKS[a][2], mfc="white", ms=4,
                       label=f"{ANSATZ_NAMES[a]}, also unstable; symbol: $T = 0$")
                for a in ANSATZE if any(r["line ansatz"] == a for r in rows)
            ),
            Line2D([], [], color=AT_LOOK[0], linestyle=AT_LOOK[1], label="AT line (RS retrieval)"),
        ]  # fmt: skip
        page.legend(handles=handles, loc="outside lower center", ncols=3, columnspacing=1.2)
        return page


def _draw_panel(axes: Any, panel: list[Row], order: int) -> None:
    from dammech.plot.tracks import axis_label

    loads = [r["load"] for r in panel if r["load"] is not None]
    _draw_lines(axes, panel, "rs retrieval-spinodal")
    if order == 2:
        axes.set(xlabel=axis_label("load"), ylabel=axis_label("temperature"), xlim=(0, 1.06 * max(loads)), ylim=(0, 1.03))
        inset = axes.inset_axes((0.45, 0.52, 0.5, 0.38))
        _draw_lines(inset, panel, "rs retrieval-spinodal, cold")
        inset.set(xlim=(0.13778, 0.13838), ylim=(0, COLD), xticks=[0.1379, 0.1381, 0.1383], yticks=[0, 0.01, 0.02, 0.03])
        inset.tick_params(labelsize=6, pad=2)
        inset.set_title("low $T$: re-entrance", fontsize=7, pad=2)
        return
    top = max(r["temperature"] for r in panel if r["series"] == "rs at")
    axes.set(xlabel=LOAD_LABEL, ylabel=TEMPERATURE_LABEL if order == 3 else "", xlim=(0.5 * max(loads), 1.03 * max(loads)),
             ylim=(0, 1.5 * top))  # fmt: skip
    cold = [r["load"] for r in panel if r["line ansatz"] == ANSATZE[0] and r["temperature"] == 0 and r["load"] is not None]
    if cold:
        width = max(loads) - cold[0]
        inset = axes.inset_axes((0.14, 0.53, 0.44, 0.32))
        _draw_lines(inset, panel, "rs retrieval-spinodal")
        inset.set(xlim=(cold[0] - 0.6 * width, max(loads) + 0.5 * width), ylim=(0, 1.15 * top))
        inset.locator_params(axis="x", nbins=3)
        inset.locator_params(axis="y", nbins=4)
        inset.tick_params(labelsize=6, pad=2)
        inset.set_title("detail", fontsize=7, pad=2)


def _draw_lines(axes: Any, panel: list[Row], symmetric: str) -> None:
    from dammech.plot.tracks import DASHED, draw_line

    def of(series: str) -> list[Row]:
        return [r for r in panel if r["series"] == series]

    color = LOOKS["rs"][0]
    draw_line(axes, of(symmetric), color=color, failing=DASHED, failing_width=0.9)
    draw_line(axes, of("rs at"), color=AT_LOOK[0], linestyle=AT_LOOK[1])
    for ansatz in ANSATZE:
        color, linestyle, marker = LOOKS[ansatz]
        mine = [r for r in of(f"{ansatz} retrieval-spinodal") if r["load"] is not None]
        draw_line(axes, mine, color=color, linestyle=linestyle, failing_width=1.2, zorder=3.5)
        cold = [r for r in mine if r["temperature"] == 0]
        axes.plot([r["load"] for r in cold], [0] * len(cold), marker, color=color, mfc="white", ms=4, clip_on=False, zorder=5)
