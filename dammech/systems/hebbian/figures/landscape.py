"""Free-energy landscapes f(m) through the transition, for p = 2 and 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Panel, page, points, rule, select, series
from dammech.solve import landscape, solve
from dammech.systems.hebbian.model import HebbianDAM

SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"points": 201, "cases": ((2, 0.4), (3, 0.35))},
    "full": {"points": 801, "cases": ((2, 0.4), (3, 0.35))},
}
REDUCED = ["201 values of m a curve (full: 801)"]
#: words and look of each load
STEPS: dict[str, tuple[str, str, Any]] = {
    "below": ("retrieval in equilibrium", "#009E73", (0, (6, 1.4, 1, 1.4))),
    "thermodynamic": ("equal free energies", "#D55E00", (0, (5, 1.6))),
    "between": ("retrieval metastable", "#CC79A7", (0, (3, 1))),
    "spinodal": ("spinodal", "#0072B2", "-"),
    "above": ("beyond", "#000000", (0, (1, 1))),
}
DEPTH = "f(m) - f(0)"
RIVAL = {2: "spin-glass", 3: "paramagnetic"}


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for order, temperature in chosen["cases"]:
        progress(f"landscapes of p = {order}")
        rows += landscapes(order, temperature, chosen["points"])
    return Content(
        _drawn(rows, chosen["cases"]),
        rows,
        parameters={"ansatz": "rs", "convention": "canonical", "interaction": "distinct", **chosen},
        reduced=REDUCED,
        notes=[
            "Ansatz: replica symmetric, the overlap q eliminated at its saddle point (largest root) for every m. "
            "f is per spin, less its value at m = 0.",
            "Filled symbols: states that are RS-stable (replicon > 0); open: RS-unstable, as the p = 2 spin glass at m = 0 is.",
            "No simulation here; errors of the states (solve: error) are below 1e-10 and in the data.",
        ],
    )


def landscapes(order: int, temperature: float, count: int) -> list[Row]:
    """f(m) at loads below, at and above the two transitions, and the states that are its extrema."""
    model = HebbianDAM(order=order)
    names = ("thermodynamic", "retrieval-spinodal")
    lines = [boundary(model, name, temperatures=[temperature], throw=True).points[0] for name in names]
    equal, last = (float(point["load"]) for point in lines)
    loads = {
        "below": 0.6 * equal, "thermodynamic": equal, "between": 0.5 * (equal + last), "spinodal": last, "above": 1.15 * last,
    }  # fmt: skip
    rows: list[Row] = []
    for name, load in loads.items():
        curve = landscape(model, load=load, temperature=temperature, m=np.linspace(0, 1, count))
        common = {"panel": f"p = {order}", "series": name, "source": "theory", "load": load, "temperature": temperature}
        base = curve.free_energy[0]
        rows += [
            {**common, "kind": "landscape", "m": m, "q": q, "free energy": f, "f(m) - f(0)": f - base}
            for m, q, f in zip(curve.m.tolist(), curve.q.tolist(), curve.free_energy.tolist())
        ]
        for branch in ("retrieval", RIVAL[order]):
            # at the spinodal itself retrieval is a double root: there the line gives the state
            state = solve(model, load=load, temperature=temperature, branch=branch, throw=False).to_json()
            if branch == "retrieval" and name == "spinodal":
                at = lines[1]
                f = landscape(model, load=load, temperature=temperature, m=np.array([at["m"]])).free_energy[0]
                state = {**at, "free_energy": float(f), "error": at["load_error"], "converged": True}
            if state["converged"]:
                rows.append({
                    **common, "kind": branch, "m": state["m"], "q": state["q"], "free energy": state["free_energy"],
                    "f(m) - f(0)": state["free_energy"] - base, "error": state["error"], "replicon": state.get("replicon"),
                    "valid": state["valid"], "why": state["why"],
                })  # fmt: skip
    return rows


def _drawn(rows: list[Row], cases: Any) -> Any:
    return page(rows, [_panel(rows, letter, *case) for letter, case in zip("ab", cases)], (7.0, 3.0))


def _panel(rows: list[Row], letter: str, order: int, temperature: float) -> Panel:
    mine = select(rows, {"panel": f"p = {order}"})
    loads = {r["series"]: r["load"] for r in mine}
    layers: list[Layer] = [rule(y=0, color="0.6", linewidth=0.5, linestyle="-", zorder=0)]
    for name, (text, color, linestyle) in STEPS.items():
        label = rf"$\alpha = {loads[name]:.4f}$, {text}"
        states = {"series": name, "kind": ("retrieval", RIVAL[order])}
        layers += [
            series("m", DEPTH, {"series": name, "kind": "landscape"}, color=color, linestyle=linestyle, label=label),
            points("m", DEPTH, states, full="valid", color=color, marker="o", zorder=4, clip_on=False),
        ]
    # the wells in full, and room for the legend
    wells = np.array([r[DEPTH] for r in mine if r["m"] is not None and r["m"] < 0.97], dtype=float)
    low, high = np.nanmin(wells), np.nanmax(wells)
    return Panel(
        layers,
        where={"panel": f"p = {order}"},
        title=f"({letter}) $p = {order}$, $T = {temperature:g}$; RS; symbols: states (open: RS unstable)",
        axes={
            "xlabel": "overlap $m$", "ylabel": "$f(m) - f(0)$ per spin", "xlim": (-0.02, 1),
            "ylim": (low - 0.06 * (high - low), high + 0.45 * (high - low)),
        },
        legend="upper left",
    )  # fmt: skip
