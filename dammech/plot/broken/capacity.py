"""The capacity at T = 0 against p: replica symmetric, with broken symmetry, and the largest RS load of all temperatures."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.models import HebbianDAM, PSpin
from dammech.phases import boundary
from dammech.plot.broken import ANSATZE, LOOKS, UNITS
from dammech.plot.figures import Content, Progress, Row

SETTINGS: dict[str, dict[str, Any]] = {"quick": {"orders": range(3, 9)}, "full": {"orders": range(3, 13)}}
REDUCED = ["orders 3 to 8 (full: 12)"]
BOUND = "2 T_d^2"


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows = [row for order in chosen["orders"] for row in capacities(order, progress)]
    parameters = {
        "ansatz": ["rs", *ANSATZE], "convention": UNITS, "interaction": "distinct", "temperature": 0,
        "orders": list(chosen["orders"]),
    }  # fmt: skip
    notes = [
        "Ansätze: replica symmetric (RS), one and two steps of breaking (1RSB, 2RSB). At T = 0 all are unstable (open symbols): "
        "the replicon of the innermost level tends to −∞ for any finite number of steps.",
        "2 T_d²: on the Nishimori line retrieval is replica symmetric and exact, and the RS spinodal has its largest load "
        "there, where T = α = 2 T_d² and T_d is the dynamic temperature of the p-spin glass (J = 1).",
        "Typical pattern, fixed point with a finite fraction of wrong bits; not exact retrieval.",
        "No simulation here. Errors of the roots (load_error, quadrature included) are far below the size of a symbol.",
    ]
    return Content(_drawn(rows), rows, parameters, REDUCED, notes)


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
        row["1 - load / 2 T_d^2"] = 1 - row["load"] / bound["load"]
    return rows


def _drawn(rows: list[Row]) -> Any:
    from dammech.plot.canvas import sheet, styled
    from dammech.plot.tracks import ANSATZ_NAMES

    looks = {BOUND: ("#000000", (0, (1, 1)), "D"), **LOOKS}
    names = {BOUND: r"$2T_d^2$: RS, largest over $T$ (stable)"}
    with styled():
        page = sheet(6.4, 2.9)
        left, right = page.subplots(1, 2)
        for series in (BOUND, "rs", *ANSATZE):
            color, linestyle, marker = looks[series]
            mine = [r for r in rows if r["series"] == series]
            orders = [r["order"] for r in mine]
            label = names.get(series, f"{ANSATZ_NAMES.get(series)}, $T = 0$ (unstable)")
            look: dict[str, Any] = {"color": color, "linestyle": linestyle, "marker": marker, "linewidth": 0.8,
                                    "mfc": color if mine[0]["valid"] else "white", "label": label}  # fmt: skip
            errors = np.array([r["load_error"] for r in mine])
            left.errorbar(orders, [r["load"] for r in mine], yerr=errors, **look)
            if series != BOUND:
                missed = np.array([r["1 - load / 2 T_d^2"] for r in mine])
                right.errorbar(orders, missed, yerr=errors / [r["load"] for r in mine], **look)
        for axes in (left, right):
            axes.set_xlabel("order $p$")
            axes.set_xticks(sorted({r["order"] for r in rows}))
        left.set_ylabel("capacity $p!\\,P/N^{p-1}$\n(Theriault–Tantari units)")
        left.set_title("(a) end of retrieval")
        right.set(yscale="log", ylabel="$1 -$ capacity$\\,/\\,2T_d^2$")
        right.set_title("(b) relative distance below $2T_d^2$, $T = 0$")
        left.legend(loc="best")
        return page
