"""The overlap against load for p = 2, 3 and 4: theory, and simulation extrapolated to N → ∞."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import OPAQUE, Look, Panel, page, points, rule, select, track
from dammech.plot.tracks import THIN
from dammech.simulate import extrapolate, simulate
from dammech.solve import solve
from dammech.systems.hebbian.model import HebbianDAM

# order: temperature; loads that are simulated (for p ≥ 3 one of them on the Nishimori line); sizes
CASES: dict[int, tuple[float, tuple[float, ...], tuple[int, ...]]] = {
    2: (0.25, (0.02, 0.04, 0.06, 0.08), (1000, 2000, 4000)),
    3: (0.15, (0.03, 0.05, 0.075, 0.09), (200, 300, 400)),
    4: (0.09, (0.012, 0.015, 0.018, 0.021), (96, 128, 160)),
}
FULL: dict[int, tuple[float, tuple[float, ...], tuple[int, ...]]] = {
    2: (0.25, (0.02, 0.04, 0.06, 0.08, 0.09), (1000, 2000, 4000, 8000)),
    3: (0.15, (0.03, 0.05, 0.075, 0.09, 0.1), (200, 300, 400, 600)),
    4: (0.09, (0.012, 0.015, 0.018, 0.021, 0.024), (96, 128, 160, 200)),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"cases": CASES, "trials": 48, "seed": 1, "points": 80},
    "full": {"cases": FULL, "trials": 192, "seed": 1, "points": 200},
}
REDUCED = ["three sizes, four loads, 48 pattern sets at each (full: four, five, 192)"]
LIMIT = "N to infinity"
COLORS = ("#999999", "#56B4E9", "#E69F00", "#CC79A7")
MARKERS = ("v", "s", "^", "D")


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for order, (temperature, loads, sizes) in chosen["cases"].items():
        model = HebbianDAM(order=order)
        progress(f"theory for p = {order}")
        rows += theory(model, temperature, chosen["points"])
        for load in loads:
            progress(f"simulating p = {order} at load {load:g}")
            rows += simulated(model, temperature, load, sizes, chosen["trials"], chosen["seed"])
    return Content(
        _drawn(rows, chosen["cases"]),
        rows,
        parameters={
            "ansatz": "rs", "convention": "canonical", "interaction": "distinct", "dynamics": "glauber",
            "start": "the pattern itself", **chosen,
        },
        reduced=REDUCED,
        notes=[
            "Ansatz: replica symmetric; the line is thin where the retrieval state is RS-unstable (its replicon is negative).",
            "Simulation: mean over all pattern sets, one standard error over them; N → ∞ by a straight line in 1/N.",
            "A size at which a pattern set lost the memory, or a chain was too short, is open and left out of the extrapolation; "
            "a load with fewer than two sizes left has none.",
            "deviation: (simulation at N → ∞ − theory)/standard error of the simulation, for the overlap m and the energy e.",
            "Vertical line: the Nishimori line at this temperature, where m = q and the energy is −1/p.",
        ],
    )  # fmt: skip


def theory(model: HebbianDAM, temperature: float, count: int) -> list[Row]:
    """m(α) up to the spinodal, and the load of the Nishimori line."""
    end = boundary(model, "retrieval-spinodal", temperatures=[temperature], throw=True).points[0]
    loads = end["load"] * np.sin(np.linspace(0, np.pi / 2, count)[:-1])
    states = solve(model, load=loads, temperature=temperature).to_json()["points"]
    rows = [_theory_row(model, "theory", s) for s in [*states, {**end, "error": 0.0}]]
    if model.p > 2:
        line = boundary(model, "nishimori", temperatures=[temperature], throw=True).points[0]
        rows.append(_theory_row(model, "nishimori", solve(model, load=line["load"], temperature=temperature).to_json()))
    return rows


def simulated(
    model: HebbianDAM, temperature: float, load: float, sizes: tuple[int, ...], trials: int, seed: int
) -> list[Row]:
    """Overlap and energy at each size and at N → ∞, with the theory at the same load."""
    run = simulate(model, load=load, temperature=temperature, size=sizes, trials=trials, seed=seed)
    common = {"panel": f"p = {model.p}", "source": "simulation", "temperature": temperature}
    rows: list[Row] = [
        {**common, "series": f"N = {p.size}", "size": p.size, "load": p.load, "m": p.m, "m_error": p.m_error,
         "energy": p.energy, "energy_error": p.energy_error, "retrieved": p.retrieved, "trials": p.trials,
         "sweeps": p.sweeps, "tau": p.tau, "valid": p.converged and p.retrieved == 1, "why": p.why}
        for p in run.points
    ]  # fmt: skip
    good = [r for r in rows if r["valid"] and r["m_error"]]
    if len(good) < 2:
        return rows
    state = solve(model, load=load, temperature=temperature).to_json()
    limit: Row = {**common, "series": LIMIT, "load": load, "trials": trials}
    for name in ("m", "energy"):
        fit = extrapolate([r["size"] for r in good], [r[name] for r in good], [r[f"{name}_error"] for r in good])
        limit |= {
            name: fit.value, f"{name}_error": fit.error, f"{name} theory": state[name],
            f"{name} deviation": (fit.value - state[name]) / fit.error, f"{name} p-value of fit": fit.p_value,
        }  # fmt: skip
    return [*rows, limit]


def _theory_row(model: HebbianDAM, series: str, state: dict[str, Any]) -> Row:
    keep = ("temperature", "load", "m", "q", "energy", "error", "replicon", "valid", "why")
    return {"panel": f"p = {model.p}", "series": series, "source": "theory", **{k: state.get(k) for k in keep}}


def _drawn(rows: list[Row], cases: Any) -> Any:
    keys: list[Look] = [
        dict(color="#0072B2", label="RS theory, up to the spinodal (|)", linestyle="-"),
        dict(color="#0072B2", label="thin: RS unstable", linestyle="-", linewidth=THIN),
        dict(color="k", marker="o", linestyle="", label=r"simulation, $N \to \infty$"),
        dict(color="0.4", marker="v", mfc="white", linestyle="", label="open: a pattern set lost the memory"),
        dict(color="0.4", linestyle=(0, (2, 2)), linewidth=0.8, label="Nishimori line: $m = q$, $e = -1/p$"),
        dict(color="k", marker="^", mfc="white", linestyle="", label="the same for the energy $e$ (below)"),
    ]
    panels = [_overlap(rows, letter, order, cases[order]) for letter, order in zip("abcdef", cases)]
    panels += [_deviations(rows, order) for order in cases]
    panels[0].axes["ylabel"], panels[len(cases)].axes["ylabel"] = "overlap $m$", "sim. $-$ theory\n(std. errors)"
    return page(rows, panels, (7.0, 4.2), keys, lines=2, height_ratios=(2.4, 1), sharex="col")


def _overlap(rows: list[Row], letter: str, order: int, case: tuple[float, tuple[float, ...], tuple[int, ...]]) -> Panel:
    mine = select(rows, {"panel": f"p = {order}"})
    end = select(mine, {"series": "theory"})[-1]
    reached = [r["m"] - 2 * (r["m_error"] or 0) for r in select(mine, {"source": "simulation"}) if r["m"] > 0.6]
    looks = [dict(color=color, marker=marker, ms=3, linestyle="") for color, marker in zip(COLORS, MARKERS)]
    sizes: Look = {"full": "valid", "error": "m_error", "elinewidth": 0.8}
    nishimori = {"series": "nishimori"}
    return Panel(
        [
            track("load", "m", {"series": "theory"}, end="|", color="#0072B2"),
            *(points("load", "m", {"size": size}, **sizes, **look) for size, look in zip(case[2], looks)),
            points("load", "m", {"series": LIMIT}, error="m_error", color="k", marker="o", zorder=5),
            rule(x="load", where=nishimori, color="0.4", linestyle=(0, (2, 2)), linewidth=0.8, zorder=0),
        ],
        where={"panel": f"p = {order}"},
        title=f"({letter}) $p = {order}$, $T = {case[0]:g}$",
        axes={"xlim": (0, 1.05 * end["load"]), "ylim": (min([end["m"], *reached]) - 0.02, 1.01)},
        keys=[dict(label=f"$N = {size}$", **look) for size, look in zip(case[2], looks)],
        legend={"loc": "lower left", **OPAQUE, "framealpha": 1},
    )


def _deviations(rows: list[Row], order: int) -> Panel:
    where = {"panel": f"p = {order}", "series": LIMIT}
    far = [abs(r[f"{name} deviation"]) + 1.5 for r in select(rows, where) for name in ("m", "energy")]
    reach = max([3.5, *far])
    look: Look = {"error": 1, "color": "k", "elinewidth": 0.6}
    return Panel(
        [
            lambda axes, _: axes.axhspan(-2, 2, color="0.92", zorder=0),
            rule(y=0, linewidth=0.6, linestyle="-"),
            points("load", "m deviation", marker="o", **look),
            points("load", "energy deviation", marker="^", mfc="white", **look),
        ],
        where=where,
        axes={"xlabel": r"load $\alpha = P/N^{p-1}$", "ylim": (-reach, reach)},
    )
