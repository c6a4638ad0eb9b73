"""The Amit–Gutfreund–Sompolinsky phase diagram with simulated limits of retrieval, and m(T) at three loads."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.models import HebbianDAM
from dammech.phases import Boundary, PhaseDiagram, boundary, phase_diagram
from dammech.plot.figures import Content, Progress, Row
from dammech.simulate import simulate
from dammech.solve import solve
from dammech.validate.spinodal import KEPT_ABOVE, SpinodalPlan, spinodal

MODEL = HebbianDAM(order=2)
LOADS = (0.02, 0.05, 0.10)
FRACTIONS = (0.2, 0.4, 0.6, 0.75, 0.85)  # of T_M(α), where m(T) is simulated
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {
        "temperatures": (0.3, 0.4, 0.5, 0.6),
        "plan": SpinodalPlan(sizes=(500, 1000, 2000), trials=(32, 24, 16), waiting=(50, 100, 200), loads=6),
        "seeds": (1,),
        "size": 2000,
        "trials": 16,
        "points": 100,
    },
    "full": {
        "temperatures": (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6),
        "plan": SpinodalPlan(),
        "seeds": (1, 2, 3),
        "size": 4000,
        "trials": 48,
        "points": 200,
    },
}
REDUCED = [
    "T_M is simulated at 4 temperatures, N = 500, 1000 and 2000 and up to 200 sweeps (full: 7, up to 8000, up to 800)",
    "m(T) is simulated at N = 2000 in 16 pattern sets (full: 4000, 48)",
]
COLDEST, WARMEST = 0.0, 0.06
SERIES = (("#0072B2", "-", "o"), ("#D55E00", (0, (5, 1.6)), "s"), ("#009E73", (0, (6, 1.4, 1, 1.4)), "^"))


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    progress("the lines")
    diagram = lines(chosen["points"])
    low = [boundary(MODEL, "retrieval-spinodal", temperatures=np.linspace(COLDEST, WARMEST, 61)), diagram.line("at")]
    rows = [_line_row("phase diagram", b.line, p) for b in diagram.lines for p in b.points]
    rows += [_line_row("low temperature", b.line, p) for b in low[:1] for p in b.points]
    rows += limits_of_retrieval(chosen, progress)
    rows += overlaps(chosen, progress)
    parameters = {
        "model": MODEL.to_json(), "ansatz": "rs", "convention": "ags (= canonical)", "loads": LOADS,
        **{k: v for k, v in chosen.items() if k != "plan"}, "plan": vars(chosen["plan"]), "memory kept above m": KEPT_ABOVE,
        "dynamics": "glauber", "start": "the pattern itself",
    }  # fmt: skip
    notes = [
        "Ansatz: replica symmetric. It is unstable in the spin-glass phase below T_g (so T_c compares with an unstable state) "
        "and for retrieval below the AT line.",
        "Simulated T_M: the load where half of the pattern sets keep their memory, N → ∞ by N^(−2/3); the error bar holds "
        "statistics, the exponent (against 1/2) and the waiting time.",
        "Simulated m: mean over all pattern sets, one standard error over them.",
        "Errors of the lines are in the data; all are far below the width of a line.",
    ]
    return Content(_drawn(diagram, low, rows), rows, parameters, REDUCED, notes)


def lines(points: int) -> PhaseDiagram:
    """The four lines; T_g only as far as the figure shows it."""
    diagram = phase_diagram(MODEL, points=points)
    glass = boundary(MODEL, "spin-glass", loads=np.linspace(0, 1, points)[1:] ** 2 * 0.16)
    for region in diagram.regions:
        if region.name == "spin glass":
            edge = np.stack([glass["load"], glass["temperature"]], axis=1)
            region.outline = np.concatenate([[[0, 1]], edge, [[edge[-1, 0], 0], [0, 0]]])
    diagram.lines = [glass if b.line == "spin-glass" else b for b in diagram.lines]
    return diagram


def unstable(low: list[Boundary]) -> np.ndarray:
    """Outline of where retrieval is RS-unstable: between the spinodal and the AT line."""
    spinodal_line, at = (np.stack([b["load"], b["temperature"]], axis=1) for b in low)
    at = at[np.isfinite(at[:, 0])]
    return np.concatenate([spinodal_line[spinodal_line[:, 1] <= at[:, 1].max()], at[::-1]])


def limits_of_retrieval(chosen: dict[str, Any], progress: Progress) -> list[Row]:
    """Simulated T_M: a row for N → ∞ and one for each size."""
    rows: list[Row] = []
    for temperature in chosen["temperatures"]:
        progress(f"simulating the limit of retrieval at T = {temperature:g}")
        found = spinodal({"order": 2, "interaction": "distinct", "temperature": temperature}, chosen["seeds"], chosen["plan"])
        common = {"panel": "phase diagram", "source": "simulation", "temperature": temperature}
        rows.append({**common, "series": "T_M, N to infinity", "load": found.value, "load_error": found.error,
                     "valid": found.trusted, "why": found.why})  # fmt: skip
        rows += [
            {**common, "series": "T_M", "load": row["value"], "load_error": row["error"], "size": row["size"],
             "trials": row["trials"], "sweeps": row["sweeps"]}
            for row in found.rows
        ]  # fmt: skip
    return rows


def overlaps(chosen: dict[str, Any], progress: Progress) -> list[Row]:
    """m(T) at each load: theory up to T_M, and simulation."""
    rows: list[Row] = []
    for load in LOADS:
        progress(f"m(T) at load {load:g}")
        end = boundary(MODEL, "retrieval-spinodal", loads=[load]).points[-1]
        temperatures = end["temperature"] * np.sin(np.linspace(0, np.pi / 2, 60)[:-1])
        states = solve(MODEL, load=load, temperature=temperatures).to_json()["points"]
        series = f"load {load:g}"
        rows += [
            {"panel": "overlap", "series": series, "source": "theory",
             **{k: p.get(k) for k in ("load", "temperature", "m", "q", "valid", "why")},
             "m_error": p.get("error"), "replicon": p.get("replicon")}
            for p in [*states, {**end, "error": 0.0}]
        ]  # fmt: skip
        run = simulate(MODEL, load=load, temperature=[round(f * end["temperature"], 3) for f in FRACTIONS],
                       size=chosen["size"], trials=chosen["trials"], seed=chosen["seeds"][0])  # fmt: skip
        rows += [
            {"panel": "overlap", "series": series, "source": "simulation", "load": p.load, "temperature": p.temperature,
             "m": p.m, "m_error": p.m_error, "size": p.size, "trials": p.trials, "sweeps": p.sweeps, "tau": p.tau,
             "retrieved": p.retrieved, "valid": p.converged, "why": p.why}
            for p in run.points
        ]  # fmt: skip
    return rows


def _line_row(panel: str, line: str, point: dict[str, Any]) -> Row:
    columns = ("load", "load_error", "temperature", "temperature_error", "m", "q", "replicon", "valid", "why")
    return {"panel": panel, "series": line, "source": "theory", **{k: point.get(k) for k in columns}}


def _drawn(diagram: PhaseDiagram, low: list[Boundary], rows: list[Row]) -> Any:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Polygon, Rectangle

    from dammech.plot.canvas import sheet, styled
    from dammech.plot.diagram import HATCHES, draw_diagram
    from dammech.plot.tracks import LOOKS, draw_line

    with styled():
        page = sheet(7.0, 4.0)
        left, right = page.subplots(1, 2, width_ratios=(1.35, 1))
        box = (0.545, 0.455, 0.965, 0.8)
        handles = draw_diagram(left, diagram, keep_free=(0.42, 0.3, 1.0, 0.86), title="(a) phase diagram, $p = 2$; RS theory")
        limits = [r for r in rows if r["source"] == "simulation" and r["panel"] == "phase diagram"]
        infinite = [r for r in limits if "size" not in r and np.isfinite(r["load"])]
        left.errorbar([r["load"] for r in infinite], [r["temperature"] for r in infinite],
                      xerr=[r["load_error"] for r in infinite], fmt="o", color="0.1", mfc="white", zorder=6)  # fmt: skip
        handles.insert(1, Line2D([], [], marker="o", color="0.1", mfc="white", linestyle="",
                                 label=r"simulated $T_M$, $N \to \infty$"))  # fmt: skip
        left.add_patch(Rectangle((0.445, 0.395), 0.545, 0.425, transform=left.transAxes, color="white", zorder=6.5))
        inset = left.inset_axes((box[0], box[1], box[2] - box[0], box[3] - box[1]), facecolor="white", zorder=7)
        for line in low:
            color, linestyle, _ = LOOKS[line.line]
            draw_line(inset, line.points, color=color, linestyle=linestyle)
        inset.add_patch(Polygon(unstable(low), facecolor="none", hatch=2 * HATCHES[1], edgecolor="0.55", linewidth=0))
        inset.set(xlim=(0.1360, 0.1384), ylim=(COLDEST, WARMEST), xticks=[0.136, 0.137, 0.138], yticks=[0, 0.02, 0.04, 0.06])
        inset.tick_params(labelsize=6, pad=2)
        inset.text(0.04, 0.86, "low $T$: $T_M$ bends back", fontsize=7, style="italic", transform=inset.transAxes)
        _draw_overlaps(right, [r for r in rows if r["panel"] == "overlap"])
        page.legend(handles=handles, loc="outside lower center", ncols=3, columnspacing=1.2)
        return page


def _draw_overlaps(axes: Any, rows: list[Row]) -> None:
    from dammech.plot.tracks import draw_line

    for load, (color, linestyle, marker) in zip(LOADS, SERIES):
        mine = [r for r in rows if r["series"] == f"load {load:g}"]
        theory = [r for r in mine if r["source"] == "theory"]
        draw_line(axes, theory, "temperature", "m", color=color, linestyle=linestyle)
        axes.plot(theory[-1]["temperature"], theory[-1]["m"], "|", color=color, ms=7)
        points = [r for r in mine if r["source"] == "simulation"]
        for kept, face in ((True, color), (False, "white")):
            some = [r for r in points if (r["retrieved"] == 1 and r["valid"]) == kept]
            axes.errorbar([r["temperature"] for r in some], [r["m"] for r in some], yerr=[r["m_error"] for r in some],
                          fmt=marker, color=color, mfc=face, zorder=4)  # fmt: skip
        axes.plot([], [], marker=marker, color=color, linestyle=linestyle, label=rf"$\alpha = {load:.2f}$")
    size = next(r["size"] for r in rows if r["source"] == "simulation")
    axes.set(xlabel="temperature $T$", ylabel="overlap $m$", xlim=(0, None))
    axes.set_title(f"(b) overlap; lines: RS, up to $T_M$ (|); points: $N = {size}$")
    axes.legend(loc="lower left", title=None)
    if any(r["retrieved"] < 1 or not r["valid"] for r in rows if r["source"] == "simulation"):
        words = "open: some pattern sets\nlost the memory (finite $N$)"
        axes.text(0.97, 0.04, words, transform=axes.transAxes, fontsize=7, ha="right")
