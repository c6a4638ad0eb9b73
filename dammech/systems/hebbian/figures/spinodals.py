"""The end of retrieval against temperature, with replica symmetry and with broken symmetry, for p = 2, 3 and 4."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, select, track
from dammech.plot.tracks import ANSATZ_NAMES, DASHED, axis_label
from dammech.systems.hebbian.figures.looks import ANSATZE, AT_LOOK, LOAD_LABEL, LOOKS, TEMPERATURE_LABEL, UNITS
from dammech.systems.hebbian.model import HebbianDAM

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
    return Content(
        _drawn(rows, chosen["orders"]),
        rows,
        parameters={
            "ansatz": ["rs", *ANSATZE], "convention": {"p = 2": "ags (= canonical)", "p > 2": UNITS},
            "interaction": "distinct", **chosen,
        },
        reduced=REDUCED,
        notes=[
            "Ansätze: replica symmetric (RS), one and two steps of breaking (1RSB, 2RSB), each named in the legend. RS is "
            "unstable below the AT line (dashed there); the smallest replicon of 1RSB and 2RSB is negative on their spinodals "
            "(open symbols).",
            "Broken symmetry is followed from T = 0 to where the AT line meets the spinodal; above, the two are the same.",
            "A temperature at which the levels merge and the fold was not resolved stays in the data, without a load.",
            "No simulation here. Errors of the roots (load_error, quadrature included) are far below the width of a line.",
        ],
    )  # fmt: skip


def spinodals(model: HebbianDAM, count: int, broken_points: dict[str, int], progress: Progress) -> list[Row]:
    """The spinodal of every ansatz and the AT line of one model; p = 2 also at low temperatures."""
    units = "canonical" if model.p == 2 else UNITS
    common = {"panel": f"p = {model.p}", "source": "theory", "order": model.p}
    progress(f"replica-symmetric lines of p = {model.p}")
    at = boundary(model, "at", points=count, convention=units)
    meeting = float(np.nanmax(at["temperature"]))
    lines = {
        "rs retrieval-spinodal": boundary(model, "retrieval-spinodal", points=count, convention=units),
        "rs at": at,
    }
    if model.p == 2:
        cold = np.linspace(0, COLD, count)
        lines["rs retrieval-spinodal, cold"] = boundary(model, "retrieval-spinodal", temperatures=cold)
    for ansatz, colder in broken_points.items():
        progress(f"the spinodal of p = {model.p} with {ansatz}")
        T = meeting * np.sin(np.linspace(0, np.pi / 2, colder + 1)[:-1])  # dense towards the meeting
        name = f"{ansatz} retrieval-spinodal"
        lines[name] = boundary(model, "retrieval-spinodal", ansatz=ansatz, temperatures=T, convention=units)
    return [
        {**common, "series": name, "line ansatz": line.ansatz, **{k: point.get(k) for k in KEPT},
         "ansatz": point.get("ansatz", line.ansatz)}
        for name, line in lines.items()
        for point in line.points
    ]  # fmt: skip


def _drawn(rows: list[Row], orders: Any) -> Any:
    used = [a for a in ANSATZE if any(r["line ansatz"] == a for r in rows)]
    symmetric = LOOKS["rs"][0]
    keys: list[Look] = [
        dict(color=symmetric, linestyle="-", label="spinodal, RS, stable"),
        dict(color=symmetric, linestyle=DASHED, linewidth=0.9, label="RS, unstable (below AT)"),
        *(_look(a, linewidth=1.2, ms=4, label=f"{ANSATZ_NAMES[a]}, also unstable; symbol: $T = 0$") for a in used),
        dict(color=AT_LOOK[0], linestyle=AT_LOOK[1], label="AT line (RS retrieval)"),
    ]
    return page(rows, [_panel(rows, letter, order) for letter, order in zip("abc", orders)], (7.0, 3.3), keys)


def _look(ansatz: str, **more: Any) -> Look:
    color, linestyle, marker = LOOKS[ansatz]
    return {"color": color, "linestyle": linestyle, "marker": marker, "mfc": "white", **more}


def _panel(rows: list[Row], letter: str, order: int) -> Panel:
    mine = select(rows, {"panel": f"p = {order}"})
    loads = [r["load"] for r in mine if r["load"] is not None]
    insets: dict[tuple[float, ...], Panel] = {}
    if order == 2:
        axes: Look = {"xlabel": axis_label("load"), "ylabel": axis_label("temperature"), "xlim": (0, 1.06 * max(loads)),
                      "ylim": (0, 1.03)}  # fmt: skip
        bent = {"xlim": (0.13778, 0.13838), "ylim": (0, COLD), "xticks": [0.1379, 0.1381, 0.1383],
                "yticks": [0, 0.01, 0.02, 0.03]}  # fmt: skip
        insets[0.45, 0.52, 0.5, 0.38] = Panel(_lines(", cold"), title="low $T$: re-entrance", axes=bent)
    else:
        top = max(r["temperature"] for r in select(mine, {"series": "rs at"}))
        axes = {"xlabel": LOAD_LABEL, "ylabel": TEMPERATURE_LABEL if order == 3 else "", "ylim": (0, 1.5 * top),
                "xlim": (0.5 * max(loads), 1.03 * max(loads))}  # fmt: skip
        cold = [r["load"] for r in select(mine, {"line ansatz": ANSATZE[0], "temperature": 0}) if r["load"] is not None]
        if cold:
            width = max(loads) - cold[0]
            near = {"xlim": (cold[0] - 0.6 * width, max(loads) + 0.5 * width), "ylim": (0, 1.15 * top)}
            insets[0.14, 0.53, 0.44, 0.32] = Panel([*_lines(), _few_ticks], title="detail", axes=near)
    return Panel(
        _lines(), where={"panel": f"p = {order}"}, title=f"({letter}) $p = {order}$, distinct indices", axes=axes, insets=insets
    )


def _few_ticks(axes: Any, _: list[Row]) -> None:
    axes.locator_params(axis="x", nbins=3)
    axes.locator_params(axis="y", nbins=4)


def _lines(part: str = "") -> list[Layer]:
    """Spinodal and AT line of replica symmetry, and the spinodal of every broken ansatz with a symbol at T = 0."""
    symmetric, at = {"series": f"rs retrieval-spinodal{part}"}, {"series": "rs at"}
    layers = [
        track("load", "temperature", symmetric, color=LOOKS["rs"][0], failing=DASHED, failing_width=0.9),
        track("load", "temperature", at, color=AT_LOOK[0], linestyle=AT_LOOK[1]),
    ]
    for ansatz in ANSATZE:
        color, linestyle, _ = LOOKS[ansatz]
        where = {"series": f"{ansatz} retrieval-spinodal", "converged": True}
        layers += [
            track("load", "temperature", where, color=color, linestyle=linestyle, failing_width=1.2, zorder=3.5),
            points("load", 0, where | {"temperature": 0}, **_look(ansatz, linestyle="", ms=4, clip_on=False, zorder=5)),
        ]
    return layers
