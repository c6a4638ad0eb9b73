"""The replica-symmetric capacity against p, and phase diagrams for p = 3 and 4, distinct against power."""

from __future__ import annotations

from typing import Any

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, select, series, track
from dammech.plot.tracks import THIN, axis_label
from dammech.systems.hebbian.model import HebbianDAM

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
    return Content(
        _drawn(rows),
        rows,
        parameters={
            "ansatz": "rs", "convention": "canonical", "points": chosen["points"],
            "orders": {k: list(v) for k, v in chosen["orders"].items()},
        },
        reduced=REDUCED,
        notes=[
            "Ansatz: replica symmetric. At T = 0 it is unstable at every load > 0, so every capacity here is the RS value.",
            "Thin parts of lines: the retrieval state, or the m = 0 state it competes with, is RS-unstable there. The "
            "thermodynamic line stops where a 1RSB glass has replaced the paramagnet.",
            "scaled load: load × noise strength, the variance of the noise field at T = 0; the interactions fall together there "
            "for p ≥ 3. At p = 2 the strength leaves out the reaction.",
            "No simulation here. Errors of the roots (load_error, quadrature included) are far below the size of a symbol.",
        ],
    )  # fmt: skip


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


def lines(model: HebbianDAM, count: int) -> list[Row]:
    """Spinodal, thermodynamic and AT line of one model."""
    keep = ("temperature", "load", "load_error", "m", "q", "replicon", "valid", "why")
    return [
        {"panel": f"p = {model.p}", "series": f"{model.interaction} {line}", "source": "theory", "order": model.p,
         **{k: point.get(k) for k in keep}}
        for line in LINES
        for point in boundary(model, line, points=count).points
    ]  # fmt: skip


def _drawn(rows: list[Row]) -> Any:
    keys: list[Look] = [
        *(dict(color="0.2", linestyle=STYLES[line], label=NAMES[line]) for line in LINES),
        *(dict(color=LOOKS[k][0], marker=LOOKS[k][1], linestyle="-", label=k) for k in ("distinct", "power")),
        dict(color="0.2", linestyle="-", linewidth=THIN, label="thin: RS unstable in a state of that line"),
        dict(color="0.2", marker="o", mfc="white", linestyle="", label="beyond: rival is a 1RSB glass"),
    ]
    panels = [_capacities(), *(_lines(rows, letter, order) for letter, order in zip("bc", ORDERS))]
    panels[-1].axes["ylabel"] = ""
    return page(rows, panels, (7.0, 3.3), keys, columns=4)


def _capacities() -> Panel:
    look: Look = {"linestyle": ":", "linewidth": 0.7, "mfc": "white"}
    scaled = [
        points("order", "scaled load", {"series": name}, color=color, marker=marker, ms=size, mfc="white", mew=0.8)
        for (name, (color, marker)), size in zip(LOOKS.items(), (5.5, 3.2, 1.6))
    ]
    inset = Panel(scaled, lambda r: r["order"] > 2, r"$\alpha_c \times$ noise variance", {"xmargin": 0.12, "ymargin": 0.15})
    return Panel(
        [
            series("order", "load", {"series": name}, error="load_error", color=color, marker=marker, label=name, **look)
            for name, (color, marker) in LOOKS.items()
        ],
        where={"panel": "capacity"},
        title="(a) $T = 0$: RS, unstable there",
        axes={"yscale": "log", "xlabel": "order $p$", "ylabel": r"RS capacity $\alpha_c(T=0) = P/N^{p-1}$"},
        legend="upper right",
        insets={(0.14, 0.09, 0.42, 0.36): inset},
    )


def _lines(rows: list[Row], letter: str, order: int) -> Panel:
    layers: list[Layer] = []
    for interaction in ("distinct", "power"):
        color, marker = LOOKS[interaction]
        for line in LINES:
            name = {"series": f"{interaction} {line}"}
            layers.append(track("load", "temperature", name, undecided=True, color=color, linestyle=STYLES[line]))
        spinodal = select(rows, {"panel": f"p = {order}", "series": f"{interaction} {LINES[0]}"})
        found = [r["temperature"] for r in spinodal if r["load"] is not None]
        marked = {"series": f"{interaction} {LINES[0]}", "temperature": tuple(_nearest(found, t) for t in (0.15, 0.3, 0.45))}
        layers.append(points("load", "temperature", marked, marker=marker, color=color, zorder=4))
    labels = {"xlabel": axis_label("load"), "ylabel": axis_label("temperature")}
    limits = {"xlim": (0, None), "ylim": (0, None)}
    return Panel(layers, {"panel": f"p = {order}"}, f"({letter}) $p = {order}$, RS", {**labels, **limits})


def _nearest(found: list[float], wanted: float) -> float:
    return min(found, key=lambda t: abs(t - wanted))
