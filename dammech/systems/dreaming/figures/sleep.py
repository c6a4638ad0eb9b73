"""What sleep does to the capacity, to overlaps and to the number of examples that are needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, rule, series
from dammech.simulate import simulate
from dammech.solve import solve
from dammech.systems.dreaming.model import DreamingDAM
from dammech.systems.dreaming.theory import family

RATIOS = ("0", "1/20", "1/10", "1/5")
EXAMPLES = {"examples": 10, "quality": 0.5**0.5}
#: memory: its words, T, loads that are simulated
MEMORIES: dict[str, tuple[Any, float, tuple[float, ...]]] = {
    "t = 1": (DreamingDAM(1.0), 0.1, (0.1, 0.2, 0.29)),
    "t = 10": (DreamingDAM(10.0), 0.1, (0.3, 0.5, 0.68)),
    "t = 3, ten examples": (DreamingDAM(3.0, **EXAMPLES), 0.1, (0.1, 0.15, 0.2)),  # type: ignore[arg-type]
}
WORDS = {"t = 1": "$t = 1$", "t = 10": "$t = 10$", "t = 3, ten examples": "$t = 3$, ten examples\n($R = 0.1$)"}
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"points": 41, "size": 1000, "trials": 20, "seed": 1},
    "full": {"points": 81, "size": 2000, "trials": 100, "seed": 1},
}
REDUCED = ["41 points a line (full: 81)", "20 pattern sets of N = 1000 (full: 100 of 2000)"]
CLOSER = "1/10"
LIMIT = 1.06782  # of the capacity, R = 0 and t → ∞
LOOKS: dict[str, Look] = {
    "0": {"color": "#000000", "linestyle": "-"}, "1/20": {"color": "#0072B2", "linestyle": (0, (6, 1.4))},
    "1/10": {"color": "#D55E00", "linestyle": (0, (3, 1.2))}, "1/5": {"color": "#999999", "linestyle": (0, (1, 1))},
}  # fmt: skip
MARKS: dict[str, Look] = {
    "t = 1": {"color": "#0072B2", "marker": "o"}, "t = 10": {"color": "#000000", "marker": "s"},
    "t = 3, ten examples": {"color": "#D55E00", "marker": "^"},
}  # fmt: skip


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for ratio in RATIOS:
        progress(f"the capacity at R = {ratio}")
        rows += capacities(ratio, chosen["points"])
    progress("the examples that sleep saves")
    rows += savings(chosen["points"])
    for name in MEMORIES:
        progress(f"overlaps at {name}")
        rows += overlaps(name, chosen)
    return Content(
        _drawn(rows), rows, parameters={"ansatz": "rs", "dynamics": "glauber", "start": "the pattern itself", **chosen},
        reduced=REDUCED,
        notes=[
            "Ansatz: replica symmetric. At T = 0 it is unstable at every load: capacities in (a) to (c) are RS values. At the "
            "temperature of (d) it is stable.",
            "(a) Thin line: at R = 0 the capacity tends to 1.068, not to 1. 1 is the load up to which patterns are linearly "
            "independent, and the limit t → ∞ at any T > 0, where the gap between patterns and other states is of order 1/t.",
            "(b) With noise in the examples there is a best sleep; after a longer one the memory over-fits them. Lines with "
            "noise end where ρ, of order t² there, loses its digits.",
            "(c) 1 − R(t = 0)/R(t = 10), R being where retrieval ends at that load and T = 0. With many examples R ∝ 1/M: the "
            "share of them that sleep saves. Without sleep there is no retrieval beyond the load 0.138.",
            "(d) Lines: theory up to the end of the branch (examples: exact binomial average). Symbols: simulation at one N, "
            "one standard error over pattern sets. With examples, runs from the pattern last beyond the end: there is no jump.",
            "Energies of retrieval and glass are not compared: the RS glass of a long sleep lies below a rigorous bound.",
        ],
    )  # fmt: skip


def capacities(ratio: str, count: int) -> list[Row]:
    """Where retrieval ends at T = 0 against the sleep."""
    theory, sleeps = _with(dataset_entropy=ratio), np.geomspace(0.02, 2000, count)
    if ratio == CLOSER:  # seen from close by, where it is highest
        sleeps = np.union1d(sleeps, np.geomspace(4, 80, count // 2))
    line = boundary(theory, "retrieval-spinodal", temperature=0.0, sleep=sleeps)
    keep = ("sleep", "load", "load_error", "m", "converged")
    return [{"panel": "capacity", "series": ratio, "source": "theory", **{k: p.get(k) for k in keep}} for p in line.points]


def savings(count: int) -> list[Row]:
    """R up to which retrieval lasts at T = 0, without sleep and with t = 10."""
    loads = 0.1375 * np.sin(np.linspace(0.08, np.pi / 2, count)) ** 2
    ends = [
        {p["load"]: p["dataset_entropy"]
         for p in boundary(_with(sleep=t), "retrieval-spinodal", temperature=0.0, load=loads).points if p["converged"]}
        for t in ("0", "10")
    ]  # fmt: skip
    return [
        {"panel": "saving", "series": "t = 10", "source": "theory", "load": a, "R without": ends[0][a], "R with": ends[1][a],
         "saving": 1 - ends[0][a] / ends[1][a]}
        for a in loads.tolist() if ends[0].get(a) and ends[1].get(a)
    ]  # fmt: skip


def overlaps(name: str, chosen: dict[str, Any]) -> list[Row]:
    """m(α) up to the end of the branch, and simulated."""
    model, temperature, loads = MEMORIES[name]
    (end,) = boundary(model, "retrieval-spinodal", temperatures=[temperature]).points
    grid = end["load"] * np.sin(np.linspace(0.1, np.pi / 2, chosen["points"])[:-1])
    states = solve(model, load=grid, temperature=temperature, throw=False)
    common = {"panel": "overlap", "series": name, "temperature": temperature}
    rows: list[Row] = [
        {**common, "source": "theory", "load": s["load"], "m": s["m"], "valid": s.valid} for s in states if s.converged
    ]
    rows.append({**common, "source": "theory", "load": end["load"], "m": end["m"]})
    run = simulate(model, load=loads, temperature=temperature, **{k: chosen[k] for k in ("size", "trials", "seed")})
    return rows + [
        {**common, "source": "simulation", "load": p["load"], "m": p["m"], "m_error": p["m_error"], "size": p["size"],
         "retrieved": p["retrieved"], "valid": p["converged"]}
        for p in run.to_json()["points"]
    ]  # fmt: skip


def _with(**fixed: str) -> Any:
    theory = family()
    named = {x.name: x for x in theory.parameters}
    return theory.restrict({named[name]: sp.Rational(value) for name, value in fixed.items()})


def _drawn(rows: list[Row]) -> Any:
    lines: list[Layer] = [
        series("sleep", "load", {"panel": "capacity", "series": ratio}, label=f"$R = {float(sp.Rational(ratio)):g}$", **look)
        for ratio, look in LOOKS.items()
    ]
    closer = [series("sleep", "load", lambda r: r["series"] == CLOSER and r["panel"] == "capacity" and r["sleep"] >= 4,
                     **LOOKS[CLOSER])]  # fmt: skip
    overlap: list[Layer] = []
    for name, look in MARKS.items():
        at = {"panel": "overlap", "series": name}
        overlap.append(series("load", "m", {**at, "source": "theory"}, color=look["color"]))
        look = {**look, "label": WORDS[name], "mfc": "white"}
        overlap.append(points("load", "m", {**at, "source": "simulation"}, error="m_error", **look))
    sleep: Look = {"xlabel": "sleep $t$", "xscale": "log", "ylabel": r"capacity $\alpha_c(T = 0)$"}
    panels = [
        Panel([*lines, rule(y=LIMIT, color="0.4", linewidth=0.7, label="1.068")], title=r"(a) capacity (RS, unstable at $T = 0$)",
              axes={**sleep, "ylim": (0, 1.15)}, legend="center left"),
        Panel(closer, title="(b) $R = 0.1$: too long a sleep over-fits", axes=sleep),
        Panel([series("load", "saving", {"panel": "saving"}, color="#000000")], title="(c) part of the examples that sleep saves",
              axes={"xlabel": r"load $\alpha$", "ylabel": r"$1 - R_c(0)/R_c(t = 10)$", "xlim": (0, 0.14), "ylim": (0, 1)}),
        Panel(overlap, title="(d) overlap at $T = 0.1$", axes={"xlabel": r"load $\alpha$", "ylabel": "overlap $m$"},
              legend="lower right"),
    ]  # fmt: skip
    return page(rows, panels, (7.0, 5.2), lines=2)
