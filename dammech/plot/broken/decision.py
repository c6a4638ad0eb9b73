"""What annealing retains for p = 3 at loads between the RS and the 1RSB spinodal, where the two theories disagree."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.models import HebbianDAM
from dammech.phases import boundary
from dammech.plot.broken import FOLLOWED, LOAD_LABEL, LOOKS, UNITS
from dammech.plot.figures import Content, Progress, Row
from dammech.simulate import anneal
from dammech.solve import solve

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
    parameters = {
        "model": MODEL.to_json(), "ansatz": ["rs", *FOLLOWED], "convention": UNITS, "start": "the pattern itself",
        "dynamics": "glauber (heat bath), then descent at T = 0", **chosen,
    }  # fmt: skip
    notes = [
        "Ansätze: replica symmetric (RS) and one step of breaking (1RSB), m at T = 0 up to the spinodal of each (|). Both are "
        "unstable at T = 0 (dashed); 1RSB is closer to what further steps give.",
        "Annealed: from the pattern, cooled by heat bath, then brought to rest. Mean over all pattern sets, one standard "
        f"error over them; fractions of m > {KEPT_ABOVE:g} with binomial errors.",
        "Greedy: descent at T = 0 from the same pattern, drawn apart: it stops in the first state that no flip lowers and says "
        "nothing of where the retrieval state ends.",
        "A single waiting time does not tell a state from a slow decay. At 0.8 the fraction grows with N, and at finite N some "
        "pattern sets escape when cooling is slower, while m of the retained ones stays at the value of 1RSB; at 1.1 few are "
        "retained at any N, and m goes on falling.",
        "Retained (open circles): the mean of those with m above the threshold, which biases it upwards.",
    ]
    return Content(_drawn(rows), rows, parameters, REDUCED, notes)


def theory(points: int) -> list[Row]:
    """m(load) at T = 0 up to the spinodal, for every ansatz."""
    rows: list[Row] = []
    keep = ("load", "load_error", "temperature", "m", "q0", "y", "error", "valid", "why")
    for ansatz in ("rs", *FOLLOWED):
        end = boundary(MODEL, "retrieval-spinodal", temperatures=[0.0], ansatz=ansatz, convention=UNITS, throw=True).points[0]
        loads = end["load"] * np.sin(np.linspace(0.3, np.pi / 2, points)[:-1])
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
        for series, prefix in WAYS:
            values = {k: getattr(p, prefix + k) for k in ("m", "m_error", "energy", "energy_error", "retained", "retained_error")}
            kept = [m for m in getattr(p, f"{prefix}overlaps") if m > p.retained_above]
            rows.append({
                "panel": "overlap", "series": series, "source": "simulation", "size": p.size, "load": p.load, "asked load": asked,
                "temperature": 0.0, **values, "m of retained": float(np.mean(kept)) if kept else None,
                "m of retained_error": float(np.std(kept, ddof=1) / np.sqrt(len(kept))) if len(kept) > 1 else None,
                "retained above": p.retained_above, "trials": p.trials, "sweeps": p.sweeps,
            })  # fmt: skip
    return rows


def _drawn(rows: list[Row]) -> Any:
    from matplotlib.lines import Line2D

    from dammech.plot.canvas import sheet, styled
    from dammech.plot.tracks import ANSATZ_NAMES

    simulated = [r for r in rows if r["source"] == "simulation"]
    usual = sorted({r["sweeps"] for r in simulated if r["size"] == min(x["size"] for x in simulated)})[0]
    with styled():
        page = sheet(7.0, 5.4)
        (first, second), (third, fourth) = page.subplots(2, 2, height_ratios=(1.15, 1))
        for axes, (series, _), letter in ((first, WAYS[0], "a"), (second, WAYS[1], "b")):
            _draw_overlaps(axes, [r for r in rows if r.get("sweeps", usual) == usual], series)
            axes.set_title(f"({letter}) {series}, then at rest; $p = 3$, $T = 0$")
        first.set_ylabel("overlap $m$, all pattern sets")
        _draw_fractions(third, [r for r in simulated if r["sweeps"] == usual])
        _draw_slower(fourth, rows)
        handles = [
            Line2D([], [], color=LOOKS[a][0], linestyle=LINES.get(a, LOOKS[a][1]),
                   label=f"{ANSATZ_NAMES[a]}, $T = 0$, up to its spinodal (|); unstable")
            for a in ("rs", *FOLLOWED)
        ]  # fmt: skip
        sizes = sorted({r["size"] for r in simulated})
        handles += [
            Line2D([], [], color=color, marker=marker, linestyle="", label=f"simulation, $N = {n}$")
            for n, (color, marker) in zip(sizes, SIZE_LOOKS)
        ]  # fmt: skip
        page.legend(handles=handles, loc="outside lower center", ncols=3, columnspacing=1.2)
        return page


def _draw_overlaps(axes: Any, rows: list[Row], series: str) -> None:
    for ansatz in ("rs", *FOLLOWED):
        line = [r for r in rows if r["series"] == ansatz]
        color, linestyle, _ = LOOKS[ansatz]
        axes.plot([r["load"] for r in line], [r["m"] for r in line], color=color, linewidth=1.1, zorder=2,
                  linestyle=LINES.get(ansatz, linestyle))  # fmt: skip
        axes.plot(line[-1]["load"], line[-1]["m"], "|", color=color, ms=8, mew=1.2)
    for size, (color, marker) in zip(sorted({r["size"] for r in rows if r["source"] == "simulation"}), SIZE_LOOKS):
        mine = [r for r in rows if r["series"] == series and r.get("size") == size]
        axes.errorbar([r["load"] for r in mine], [r["m"] for r in mine], yerr=[r["m_error"] or 0 for r in mine], color=color,
                      marker=marker, mfc=color, linestyle="", elinewidth=0.8, zorder=3)  # fmt: skip
    axes.set(xlabel=LOAD_LABEL, ylim=(0.45, 1.02), xlim=(0.45, 1.15))
    if series == "greedy":
        axes.text(0.05, 0.06, "stops in the first state that no flip lowers:\nsays nothing of where retrieval ends", fontsize=7,
                  style="italic", transform=axes.transAxes)  # fmt: skip


def _draw_fractions(axes: Any, rows: list[Row]) -> None:
    for load, (color, linestyle) in zip(WATCHED, WATCHED_LOOKS):
        for (series, _), marker, face in zip(WAYS, ("o", "s"), (color, "white")):
            mine = sorted((r for r in rows if r["series"] == series and r["asked load"] == load), key=lambda r: r["size"])
            axes.errorbar([r["size"] for r in mine], [r["retained"] for r in mine], yerr=[r["retained_error"] for r in mine],
                          color=color, marker=marker, mfc=face, linestyle=linestyle, linewidth=0.8,
                          label=f"load {load:g}, {series}")  # fmt: skip
    sizes = sorted({r["size"] for r in rows})
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [str(n) for n in sizes])
    axes.minorticks_off()
    axes.set(xlabel="size $N$", ylabel=f"fraction with $m > {KEPT_ABOVE:g}$", ylim=(-0.03, 1.13))
    axes.set_title(f"(c) retained fraction; {rows[0]['sweeps']} sweeps at each temperature")
    axes.legend(loc="best", frameon=True, facecolor="white", edgecolor="none", framealpha=0.85)


def _draw_slower(axes: Any, rows: list[Row]) -> None:
    """m against the length of cooling: a state keeps it, a slow decay does not."""
    slow = max(r["sweeps"] for r in rows if r["source"] == "simulation")
    size = next(r["size"] for r in rows if r.get("sweeps") == slow)
    for load, (color, linestyle) in zip(WATCHED, WATCHED_LOOKS):
        found = (r for r in rows if r["series"] == "annealed" and r["size"] == size and r["asked load"] == load)
        mine = sorted(found, key=lambda r: r["sweeps"])
        axes.errorbar([r["sweeps"] for r in mine], [r["m"] for r in mine], yerr=[r["m_error"] or 0 for r in mine], color=color,
                      marker="o", linestyle=linestyle, linewidth=0.8, label=f"load {load:g}, annealed")  # fmt: skip
        if load == WATCHED[0]:
            mine = [r for r in mine if r["m of retained_error"]]
            axes.errorbar([r["sweeps"] for r in mine], [r["m of retained"] for r in mine], color=color, linestyle="", marker="o",
                          yerr=[r["m of retained_error"] for r in mine], mfc="white",
                          label=f"the same, those of $m > {KEPT_ABOVE:g}$")  # fmt: skip
    for ansatz in FOLLOWED:
        line = [r for r in rows if r["series"] == ansatz]
        if line[0]["load"] < WATCHED[0] < line[-1]["load"]:
            m = float(np.interp(WATCHED[0], [r["load"] for r in line], [r["m"] for r in line]))
            axes.axhline(m, color=LOOKS[ansatz][0], linestyle=LOOKS[ansatz][1], linewidth=1.0, zorder=1,
                         label=f"{ansatz.upper()} at load {WATCHED[0]:g}; RS: no such state")  # fmt: skip
    axes.set_xscale("log")
    asked = sorted({r["sweeps"] for r in rows if r.get("size") == size})
    axes.set_xticks(asked, [str(n) for n in asked])
    axes.minorticks_off()
    axes.set(xlabel="sweeps at each temperature", ylabel="overlap $m$", ylim=(0.33, 1.02))
    axes.set_title(f"(d) slower cooling, $N = {size}$")
    axes.legend(loc="lower left")
