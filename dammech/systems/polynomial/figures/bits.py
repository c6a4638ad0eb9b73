"""Wrong bits after one step against the load: exact signal and noise at N, and simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from dammech.exact import bit_error
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Look, Panel, page, points, series
from dammech.simulate import one_step_bit_error
from dammech.solve.capacity import capacity
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.polynomial.model import PolynomialMemory

SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"trials": 60, "points": 60, "size": 60, "seed": 11},
    "full": {"trials": 400, "points": 150, "size": 60, "seed": 11},
}
REDUCED = ["60 pattern sets a point (full: 400)"]
#: order → loads that are simulated, of powers; of rectified ones twice as large
LOADS = {2: (0.15, 0.25, 0.5), 3: (0.05, 0.1, 0.2), 4: (0.012, 0.025, 0.05)}
LOOKS: dict[int, Look] = {
    2: dict(color="#0072B2", marker="o"), 3: dict(color="#D55E00", marker="s"), 4: dict(color="#000000", marker="^"),
}  # fmt: skip
KINDS: dict[str, Look] = {"power": dict(linestyle="-"), "rectified": dict(linestyle=(0, (5, 1.6)))}


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for order in LOADS:
        for kind in KINDS:
            if order > 2 or kind == "power":
                progress(f"order {order}, {kind}")
                rows += curve(order, kind, chosen)
    return Content(
        _drawn(rows), rows, parameters={"ansatz": "none: one step", "temperature": 0, **chosen}, reduced=REDUCED,
        notes=[
            "One parallel step at T = 0 from a stored pattern. Lines: signal against noise as N → ∞, "
            "P = Φ(−1/√(cα)) with c = (2n − 3)!!, half of it where interactions are rectified (broken). Symbols: simulation at "
            "N = 60; bars: one standard error over pattern sets; open: rectified. The exact law at that N is in the data.",
            "Rectified interactions of order 2 are not drawn: their noise at N → ∞ is no case of this law.",
        ],
    )  # fmt: skip


def curve(order: int, kind: str, chosen: dict[str, Any]) -> list[Row]:
    """Theory along the load, and simulated points with the exact law of their size."""
    even = 0.05
    there = capacity(PolynomialMemory(order, kind, even)).value
    common = {"order": order, "interaction": kind}
    double = 2 if kind == "rectified" else 1
    grid = np.geomspace(LOADS[order][0] * double * 0.6, LOADS[order][-1] * double * 1.6, chosen["points"])
    wrong = ndtr(ndtri(even) * np.sqrt(there / grid))
    rows: list[Row] = [{**common, "source": "theory", "load": a, "bit_error": float(e)} for a, e in zip(grid, wrong)]
    model, size = HebbianDAM(order, interaction=kind), chosen["size"]
    for load in LOADS[order]:
        (run,) = one_step_bit_error(model, load=double * load, size=size, trials=chosen["trials"], seed=chosen["seed"]).points
        law = bit_error(model, size, run.patterns).probability
        rows.append({**common, "source": "simulation", **run.to_json(), "exact": law})
    return rows


def _drawn(rows: list[Row]) -> Any:
    layers: list[Any] = []
    for order, look in LOOKS.items():
        for kind, line in KINDS.items():
            mine = {"order": order, "interaction": kind}
            fill = look["color"] if kind == "power" else "white"
            layers.append(series("load", "bit_error", {**mine, "source": "theory"}, color=look["color"], **line))
            dots: Look = {**look, "mfc": fill, "ms": 4, "error": "bit_error_error"}
            layers.append(points("load", "bit_error", {**mine, "source": "simulation"}, **dots))
    keys = [dict(label=f"$n = {n}$", **look) for n, look in LOOKS.items()]
    keys += [dict(label=kind, color="0.3", **line) for kind, line in KINDS.items()]
    axes: Look = {"xlabel": r"load $\alpha = P/N^{n-1}$", "ylabel": "fraction of wrong bits", "xscale": "log", "yscale": "log"}
    panel = Panel(layers, {}, title="one step from a pattern", keys=keys, legend={"loc": "lower right"}, axes=axes)
    return page(rows, [panel], (3.6, 3.0))
