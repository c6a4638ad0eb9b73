"""What annealing retains for p = 3 at loads between the RS and the 1RSB spinodal, where the two theories disagree."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import OPAQUE, Layer, Look, Panel, page, points, rule, select, series, values, words
from dammech.plot.tracks import ANSATZ_NAMES
from dammech.simulate import anneal
from dammech.solve import solve
from dammech.systems.hebbian.figures.looks import FOLLOWED, LOAD_LABEL, LOOKS, UNITS
from dammech.systems.hebbian.model import HebbianDAM

MODEL = HebbianDAM(order=3)
WATCHED = (0.8, 1.1)  # loads that are followed to larger N and longer cooling: between the spinodals, and beyond both
KEPT_ABOVE = 0.8
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {
        "loads": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1), "trials": {64: 48, 128: 48, 256: 24, 512: 10},
        "temperatures": np.linspace(0.4, 0.05, 8), "sweeps": 100, "slower": (25, 400), "slower size": 256, "seed": 1,
        "points": 24,
    },
    "full": {
        "loads": (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.1), "trials": {64: 256, 128: 192, 256: 96, 512: 48},
        "temperatures": np.linspace(0.4, 0.05, 8), "sweeps": 200, "slower": (12, 50, 800), "slower size": 512, "seed": 1,
        "points": 80,
    },
}  # fmt: skip
REDUCED = ["48, 48, 24, 10 pattern sets at N = 64, 128, 256, 512; slower cooling at N = 256 (full: 256, 192, 96, 48; 512)"]
SIZE_LOOKS = (("#999999", "v"), ("#56B4E9", "s"), ("#009E73", "^"), ("#000000", "D"))
WAYS = (("annealed", ""), ("greedy", "greedy_"))
WATCHED_LOOKS: tuple[tuple[str, Any], ...] = (("#0072B2", "-"), ("#CC79A7", (0, (5, 1.6))))
LINES: dict[str, Any] = {"rs": (0, (3, 2))}  # replica symmetry is unstable here


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    progress("theory")
    rows = theory(chosen["points"])
    for size, trials in chosen["trials"].items():
        progress(f"annealing N = {size}")
        loads = chosen["loads"] if size < max(chosen["trials"]) else WATCHED
        rows += retained(size, trials, loads, chosen["sweeps"], chosen)
    size = chosen["slower size"]
    for sweeps in chosen["slower"]:
        progress(f"annealing N = {size}, {sweeps} sweeps at each temperature")
        rows += retained(size, chosen["trials"][size], WATCHED, sweeps, chosen)
    return Content(
        _drawn(rows),
        rows,
        parameters={
            "model": MODEL.to_json(), "ansatz": ["rs", *FOLLOWED], "convention": UNITS, "start": "the pattern itself",
            "dynamics": "glauber (heat bath), then descent at T = 0", **chosen,
        },
        reduced=REDUCED,
        notes=[
            "Ansätze: replica symmetric (RS) and one step of breaking (1RSB), m at T = 0 up to the spinodal of each (|). Both "
            "are unstable at T = 0 (dashed); 1RSB is closer to what further steps give.",
            "Annealed: from the pattern, cooled by heat bath, then brought to rest. Mean over all pattern sets, one standard "
            f"error over them; fractions of m > {KEPT_ABOVE:g} with binomial errors.",
            "Greedy: descent at T = 0 from the same pattern, drawn apart: it stops in the first state that no flip lowers and "
            "says nothing of where the retrieval state ends.",
            "A single waiting time does not tell a state from a slow decay. At 0.8 the fraction grows with N, and at finite N "
            "some pattern sets escape when cooling is slower, while m of the retained ones stays at the value of 1RSB; at 1.1 "
            "few are retained at any N, and m goes on falling.",
            "Retained (open circles): the mean of those with m above the threshold, which biases it upwards.",
        ],
    )  # fmt: skip


def theory(count: int) -> list[Row]:
    """m(load) at T = 0 up to the spinodal, for every ansatz."""
    rows: list[Row] = []
    keep = ("load", "load_error", "temperature", "m", "q0", "y", "error", "valid", "why")
    for ansatz in ("rs", *FOLLOWED):
        end = boundary(MODEL, "retrieval-spinodal", temperatures=[0.0], ansatz=ansatz, convention=UNITS, throw=True).points[0]
        loads = end["load"] * np.sin(np.linspace(0.3, np.pi / 2, count)[:-1])
        found = solve(MODEL, load=loads, temperature=0, ansatz=ansatz, convention=UNITS, throw=False).to_json()["points"]
        states = [p for p in found if p["converged"]]
        common = {"panel": "overlap", "series": ansatz, "source": "theory"}
        rows += [{**common, **{k: p.get(k) for k in keep}} for p in [*states, end]]
    return rows


def retained(size: int, trials: int, loads: Any, sweeps: int, chosen: dict[str, Any]) -> list[Row]:
    """Overlap and retained fraction of one size at every load, annealed and greedy."""
    settings = {k: chosen[k] for k in ("temperatures", "seed")}
    run = anneal(
        MODEL, load=loads, size=size, trials=trials, sweeps=sweeps, retained_above=KEPT_ABOVE, convention=UNITS, **settings
    )
    rows: list[Row] = []
    for asked, p in zip(loads, run.points):
        for way, prefix in WAYS:
            values = {k: getattr(p, prefix + k) for k in ("m", "m_error", "energy", "energy_error", "retained", "retained_error")}
            kept = [m for m in getattr(p, f"{prefix}overlaps") if m > p.retained_above]
            rows.append({
                "panel": "overlap", "series": way, "source": "simulation", "size": p.size, "load": p.load, "asked load": asked,
                "temperature": 0.0, **values, "m of retained": float(np.mean(kept)) if kept else None,
                "m of retained_error": float(np.std(kept, ddof=1) / np.sqrt(len(kept))) if len(kept) > 1 else None,
                "retained above": p.retained_above, "trials": p.trials, "sweeps": p.sweeps,
            })  # fmt: skip
    return rows


def _drawn(rows: list[Row]) -> Any:
    rows = sorted(rows, key=lambda r: r.get("sweeps", 0))
    simulated = select(rows, {"source": "simulation"})
    sizes = sorted({r["size"] for r in simulated})
    usual = min(r["sweeps"] for r in select(simulated, {"size": sizes[0]}))
    of_size: list[Look] = [dict(color=color, marker=marker, linestyle="") for _, (color, marker) in zip(sizes, SIZE_LOOKS)]
    said = "{}, $T = 0$, up to its spinodal (|); unstable"
    keys = [*(dict(label=said.format(ANSATZ_NAMES[a]), **_line(a)) for a in ("rs", *FOLLOWED)),
            *(dict(label=f"simulation, $N = {n}$", **look) for n, look in zip(sizes, of_size))]  # fmt: skip
    theory = [series("load", "m", {"series": a}, end="|", linewidth=1.1, zorder=2, **_line(a)) for a in ("rs", *FOLLOWED)]
    upper = [
        Panel(
            [*theory, *(points("load", "m", {"series": way, "size": n, "sweeps": usual}, error="m_error", zorder=3, **look)
                        for n, look in zip(sizes, of_size))],
            title=f"({letter}) {way}, then at rest; $p = 3$, $T = 0$",
            axes={"xlabel": LOAD_LABEL, "ylim": (0.45, 1.02), "xlim": (0.45, 1.15)},
        )
        for letter, (way, _) in zip("ab", WAYS)
    ]  # fmt: skip
    upper[0].axes["ylabel"] = "overlap $m$, all pattern sets"
    warning = "stops in the first state that no flip lowers:\nsays nothing of where retrieval ends"
    upper[1].layers = [*upper[1].layers, words(warning, 0.05, 0.06, inside=True, style="italic")]
    panels = [*upper, _fractions(sizes, usual), _slower(rows, simulated)]
    return page(rows, panels, (7.0, 5.4), keys, lines=2, height_ratios=(1.15, 1))


def _line(ansatz: str) -> Look:
    return {"color": LOOKS[ansatz][0], "linestyle": LINES.get(ansatz, LOOKS[ansatz][1])}


def _fractions(sizes: list[int], sweeps: int) -> Panel:
    return Panel(
        [
            series("size", "retained", {"series": way, "asked load": load, "sweeps": sweeps}, error="retained_error", color=color,
                   marker=marker, mfc=face or color, linestyle=linestyle, linewidth=0.8, label=f"load {load:g}, {way}")
            for load, (color, linestyle) in zip(WATCHED, WATCHED_LOOKS)
            for (way, _), marker, face in zip(WAYS, "os", (None, "white"))
        ],
        title=f"(c) retained fraction; {sweeps} sweeps at each temperature",
        axes={"xlabel": "size $N$", "ylabel": f"fraction with $m > {KEPT_ABOVE:g}$", "ylim": (-0.03, 1.13), "xscale": "log"},
        plain=sizes,
        legend={"loc": "best", **OPAQUE},
    )  # fmt: skip


def _slower(rows: list[Row], simulated: list[Row]) -> Panel:
    """m against the length of cooling: a state keeps it, a slow decay does not."""
    size = simulated[-1]["size"]
    annealed = {"series": "annealed", "size": size}
    layers: list[Layer] = []
    for load, (color, linestyle) in zip(WATCHED, WATCHED_LOOKS):
        mine = annealed | {"asked load": load}
        look: Look = dict(color=color, marker="o", label=f"load {load:g}, annealed", linestyle=linestyle, linewidth=0.8)
        layers.append(series("sweeps", "m", mine, error="m_error", **look))
        if load == WATCHED[0]:
            label = f"the same, those of $m > {KEPT_ABOVE:g}$"
            kept = {"error": "m of retained_error", "color": color, "marker": "o", "mfc": "white", "label": label}
            layers.append(points("sweeps", lambda r: r["m of retained_error"] and r["m of retained"], mine, **kept))
    for ansatz in FOLLOWED:
        loads, overlaps = (values(select(rows, {"series": ansatz}), name) for name in ("load", "m"))
        if loads[0] < WATCHED[0] < loads[-1]:
            label = f"{ansatz.upper()} at load {WATCHED[0]:g}; RS: no such state"
            m = float(np.interp(WATCHED[0], loads, overlaps))
            layers.append(rule(y=m, linewidth=1.0, zorder=1, label=label, **_line(ansatz)))
    return Panel(
        layers,
        title=f"(d) slower cooling, $N = {size}$",
        axes={"xlabel": "sweeps at each temperature", "ylabel": "overlap $m$", "ylim": (0.33, 1.02), "xscale": "log"},
        plain=sorted({r["sweeps"] for r in select(simulated, {"size": size})}),
        legend="lower left",
    )
