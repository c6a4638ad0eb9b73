"""The Amit–Gutfreund–Sompolinsky phase diagram with simulated limits of retrieval, and m(T) at three loads."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.phases import PhaseDiagram, boundary, phase_diagram
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, select, track, words
from dammech.plot.tracks import LOOKS
from dammech.simulate import simulate
from dammech.solve import solve
from dammech.systems.hebbian.claims.spinodal import KEPT_ABOVE, SpinodalPlan, spinodal
from dammech.systems.hebbian.model import HebbianDAM

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
INFINITE = "T_M, N to infinity"
COLDEST, WARMEST = 0.0, 0.06
SERIES = (("#0072B2", "-", "o"), ("#D55E00", (0, (5, 1.6)), "s"), ("#009E73", (0, (6, 1.4, 1, 1.4)), "^"))


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    progress("the lines")
    diagram = lines(chosen["points"])
    cold = boundary(MODEL, "retrieval-spinodal", temperatures=np.linspace(COLDEST, WARMEST, 61))
    rows = [_line_row("phase diagram", b.line, p) for b in diagram.lines for p in b.points]
    rows += [_line_row("low temperature", cold.line, p) for p in cold.points]
    rows += limits_of_retrieval(chosen, progress)
    rows += overlaps(chosen, progress)
    return Content(
        _drawn(diagram, rows),
        rows,
        parameters={
            "model": MODEL.to_json(), "ansatz": "rs", "convention": "ags (= canonical)", "loads": LOADS,
            **{k: v for k, v in chosen.items() if k != "plan"}, "plan": vars(chosen["plan"]), "memory kept above m": KEPT_ABOVE,
            "dynamics": "glauber", "start": "the pattern itself",
        },
        reduced=REDUCED,
        notes=[
            "Ansatz: replica symmetric. It is unstable in the spin-glass phase below T_g (so T_c compares with an unstable "
            "state) and for retrieval below the AT line.",
            "Simulated T_M: the load where half of the pattern sets keep their memory, N → ∞ by N^(−2/3); the error bar holds "
            "statistics, the exponent (against 1/2) and the waiting time.",
            "Simulated m: mean over all pattern sets, one standard error over them.",
            "Errors of the lines are in the data; all are far below the width of a line.",
        ],
    )  # fmt: skip


def lines(count: int) -> PhaseDiagram:
    """The four lines; T_g only as far as the figure shows it."""
    diagram = phase_diagram(MODEL, points=count)
    glass = boundary(MODEL, "spin-glass", loads=np.linspace(0, 1, count)[1:] ** 2 * 0.16)
    for region in diagram.regions:
        if region.name == "spin glass":
            edge = np.stack([glass["load"], glass["temperature"]], axis=1)
            region.outline = np.concatenate([[[0, 1]], edge, [[edge[-1, 0], 0], [0, 0]]])
    diagram.lines = [glass if b.line == "spin-glass" else b for b in diagram.lines]
    return diagram


def limits_of_retrieval(chosen: dict[str, Any], progress: Progress) -> list[Row]:
    """Simulated T_M: a row for N → ∞ and one for each size."""
    rows: list[Row] = []
    for temperature in chosen["temperatures"]:
        progress(f"simulating the limit of retrieval at T = {temperature:g}")
        found = spinodal({"order": 2, "interaction": "distinct", "temperature": temperature}, chosen["seeds"], chosen["plan"])
        common = {"panel": "phase diagram", "source": "simulation", "temperature": temperature}
        rows.append({**common, "series": INFINITE, "load": found.value, "load_error": found.error,
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


def _drawn(diagram: PhaseDiagram, rows: list[Row]) -> Any:
    from dammech.plot.diagram import HATCHES, draw_diagram

    keys: list[Any] = []
    simulated: Look = {"marker": "o", "color": "0.1", "mfc": "white", "linestyle": ""}
    cold, at = {"panel": "low temperature"}, {"panel": "phase diagram", "series": "at"}
    bound = max(r["temperature"] for r in select(rows, at) if r["load"] is not None)
    edge = [r for r in select(rows, cold) if r["temperature"] <= bound]
    unstable = [(r["load"], r["temperature"]) for r in [*edge, *select(rows, at)[::-1]] if r["load"] is not None]
    hatched: Look = {"facecolor": "none", "hatch": 2 * HATCHES[1], "edgecolor": "0.55", "linewidth": 0, "zorder": 1}
    inset = Panel(
        [
            *(track("load", "temperature", where, color=LOOKS[line][0], linestyle=LOOKS[line][1])
              for line, where in (("retrieval-spinodal", cold), ("at", at))),
            lambda axes, _: axes.fill(*zip(*unstable), **hatched),
            words("low $T$: $T_M$ bends back", 0.04, 0.86, inside=True, style="italic"),
        ],
        axes={"xlim": (0.1360, 0.1384), "ylim": (COLDEST, WARMEST), "xticks": [0.136, 0.137, 0.138],
              "yticks": [0, 0.02, 0.04, 0.06], "facecolor": "white", "zorder": 7},
    )  # fmt: skip

    def lines_and_regions(axes: Any, _: list[Row]) -> None:
        keys.extend(draw_diagram(axes, diagram, keep_free=(0.42, 0.3, 1.0, 0.86)))
        keys.insert(1, dict(simulated, label=r"simulated $T_M$, $N \to \infty$"))
        ground = {"color": "white", "transform": axes.transAxes, "zorder": 6.5}
        axes.fill([0.445, 0.99, 0.99, 0.445], [0.395, 0.395, 0.82, 0.82], **ground)

    limits = {"panel": "phase diagram", "series": INFINITE}
    left = Panel(
        [lines_and_regions, points("load", "temperature", limits, xerror="load_error", zorder=6, **simulated)],
        title="(a) phase diagram, $p = 2$; RS theory",
        insets={(0.545, 0.455, 0.42, 0.345): inset},
    )
    return page(rows, [left, _overlaps(select(rows, {"panel": "overlap"}))], (7.0, 4.0), keys, width_ratios=(1.35, 1))


def _overlaps(rows: list[Row]) -> Panel:
    simulated = select(rows, {"source": "simulation"})
    layers: list[Layer] = []
    keys: list[Look] = []
    for load, (color, linestyle, marker) in zip(LOADS, SERIES):
        theory, simulation = ({"series": f"load {load:g}", "source": source} for source in ("theory", "simulation"))
        look: Look = {"color": color, "marker": marker, "zorder": 4}
        keys.append(dict(color=color, marker=marker, linestyle=linestyle, label=rf"$\alpha = {load:.2f}$"))
        layers += [
            track("temperature", "m", theory, end="|", color=color, linestyle=linestyle),
            points("temperature", "m", simulation, error="m_error", full=_kept, **look),
        ]
    if not all(_kept(r) for r in simulated):
        lost = "open: some pattern sets\nlost the memory (finite $N$)"
        layers.append(words(lost, 0.97, 0.04, inside=True, ha="right"))
    return Panel(
        layers,
        where={"panel": "overlap"},
        title=f"(b) overlap; lines: RS, up to $T_M$ (|); points: $N = {simulated[0]['size']}$",
        axes={"xlabel": "temperature $T$", "ylabel": "overlap $m$", "xlim": (0, None)},
        keys=keys,
        legend="lower left",
    )


def _kept(row: Row) -> bool:
    return bool(row["retrieved"] == 1 and row["valid"])
