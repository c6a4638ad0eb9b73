"""The capacity at T = 0 against p: replica symmetric, with broken symmetry, and the largest RS load of all temperatures."""

from __future__ import annotations

from typing import Any

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, series
from dammech.plot.tracks import ANSATZ_NAMES
from dammech.systems.hebbian.figures.looks import ANSATZE, LOOKS, UNITS
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

SETTINGS: dict[str, dict[str, Any]] = {"quick": {"orders": range(3, 9)}, "full": {"orders": range(3, 13)}}
REDUCED = ["orders 3 to 8 (full: 12)"]
BOUND = "2 T_d^2"
MISSED = "1 - load / 2 T_d^2"


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows = [row for order in chosen["orders"] for row in capacities(order, progress)]
    return Content(
        _drawn(rows),
        rows,
        parameters={
            "ansatz": ["rs", *ANSATZE], "convention": UNITS, "interaction": "distinct", "temperature": 0,
            "orders": list(chosen["orders"]),
        },
        reduced=REDUCED,
        notes=[
            "Ansätze: replica symmetric (RS), one and two steps of breaking (1RSB, 2RSB). At T = 0 all are unstable (open "
            "symbols): the replicon of the innermost level tends to −∞ for any finite number of steps.",
            "2 T_d²: on the Nishimori line retrieval is replica symmetric and exact, and the RS spinodal has its largest load "
            "there, where T = α = 2 T_d² and T_d is the dynamic temperature of the p-spin glass (J = 1).",
            "Typical pattern, fixed point with a finite fraction of wrong bits; not exact retrieval.",
            "No simulation here. Errors of the roots (load_error, quadrature included) are far below the size of a symbol.",
        ],
    )  # fmt: skip


def capacities(order: int, progress: Progress) -> list[Row]:
    """The end of retrieval at T = 0 with every ansatz, and 2 T_d², in the units of the figure."""
    model = HebbianDAM(order=order)
    progress(f"capacities of p = {order}")
    dynamic = boundary(PSpin(order), "dynamic", throw=True).points[0]
    T_d = dynamic["temperature"]
    common = {"source": "theory", "order": order}
    bound = {
        **common, "series": BOUND, "load": 2 * T_d**2, "load_error": 4 * T_d * dynamic["temperature_error"], "m": dynamic["q1"],
        "temperature": 2 * T_d**2, "valid": True,
    }  # fmt: skip
    rows = [bound]
    for ansatz in ("rs", *ANSATZE):
        found = boundary(model, "retrieval-spinodal", temperatures=[0.0], ansatz=ansatz, convention=UNITS, throw=True)
        point = found.points[0]
        kept = ("load", "load_error", "m", "q0", "q1", "y", "y1", "y2", "C", "temperature", "residual", "valid", "why")
        rows.append({**common, "series": ansatz, **{k: point.get(k) for k in kept}})
    for row in rows:
        row[MISSED] = 1 - row["load"] / bound["load"]
    return rows


def _drawn(rows: list[Row]) -> Any:
    looks = {BOUND: ("#000000", (0, (1, 1)), "D"), **LOOKS}
    names = {a: f"{ANSATZ_NAMES.get(a)}, $T = 0$ (unstable)" for a in ("rs", *ANSATZE)}
    ends: list[Layer] = []
    distances: list[Layer] = []
    for name, label in {BOUND: r"$2T_d^2$: RS, largest over $T$ (stable)", **names}.items():
        color, linestyle, marker = looks[name]
        look: Look = dict(color=color, linestyle=linestyle, marker=marker, linewidth=0.8)
        mine = {"series": name}
        ends.append(series("order", "load", mine, error="load_error", full="valid", label=label, **look))
        if name != BOUND:
            distances.append(series("order", MISSED, mine, error=lambda r: r["load_error"] / r["load"], full="valid", **look))
    common = {"xlabel": "order $p$", "xticks": sorted({r["order"] for r in rows})}
    capacity = {"ylabel": "capacity $p!\\,P/N^{p-1}$\n(Theriault–Tantari units)"}
    relative = {"yscale": "log", "ylabel": "$1 -$ capacity$\\,/\\,2T_d^2$"}
    panels = [
        Panel(ends, title="(a) end of retrieval", axes=common | capacity, legend="best"),
        Panel(distances, title="(b) relative distance below $2T_d^2$, $T = 0$", axes=common | relative),
    ]
    return page(rows, panels, (6.4, 2.9))
