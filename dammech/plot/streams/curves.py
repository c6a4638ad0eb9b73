"""What is left of a pattern against its age: theory and simulation, at T > 0 and for greedy dynamics; blackout."""

from __future__ import annotations

import math
from typing import Any

from dammech.models import PalimpsestDAM
from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.streams import FACES, LOOKS, errorbars, spread
from dammech.simulate.streams import forgetting_curve
from dammech.solve import solve

#: model, T, rates, oldest age, sizes with pattern sets
PANELS: dict[str, dict[str, Any]] = {
    "a": {"order": 3, "interaction": "power", "temperature": 0.2, "rates": (4.0, 8.0, 16.168), "oldest": 0.045},
    "b": {"order": 2, "interaction": "distinct", "temperature": 0.2, "rates": (2.5, 8.438, 20.0), "oldest": 0.06},
}
GREEDY: dict[str, Any] = {"order": 3, "interaction": "power", "rate": 16.168, "oldest": 0.075}
LOADS: dict[str, Any] = {
    "order": 3,
    "interaction": "power",
    "temperature": 0.2,
    "rates": (0.0, 4.0, 8.0),
    "loads": (0.05, 0.4),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"a": {96: 24, 192: 10}, "b": {500: 16, 1500: 6}, "greedy": {96: 20, 192: 8}, "loads": {96: 24, 160: 12},
              "ages": 8, "points": 60, "seed": 1},
    "full": {"a": {96: 200, 192: 100, 320: 40}, "b": {500: 160, 1500: 60, 4000: 24}, "greedy": {96: 160, 192: 80, 320: 30},
             "loads": {96: 200, 160: 100, 256: 40}, "ages": 14, "points": 160, "seed": 1},
}  # fmt: skip
REDUCED = ["8 ages, 24 to 6 pattern sets (full: 14 ages, 200 to 24 sets, one larger size)"]
LENGTH = 3.5  # of a simulated stream in units of 1/ε: what is missing has e^{−7} of the noise
ONE_STEP, AT_REST = "one parallel step", "greedy, at rest"


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for panel, case in PANELS.items():
        for rate in case["rates"]:
            progress(f"forgetting at order {case['order']}, rate {rate:g}")
            rows += theory(panel, case, rate, chosen["points"])
            for size, trials in chosen[panel].items():
                rows += simulated(panel, case, rate, size, trials, chosen)
    progress("greedy dynamics at T = 0")
    rows += greedy(chosen)
    for rate in LOADS["rates"]:
        progress(f"the newest pattern against the total load, rate {rate:g}")
        rows += newest(rate, chosen)
    notes = [
        "Ansatz: replica symmetric; a line ends where the retrieval solution does, and is thin where the ansatz is unstable.",
        "Simulation: from the pattern, mean over all pattern sets (those that lost it included), one standard error over them; "
        "near the end of a window a mean is over kept and lost patterns, see the column retrieved.",
        "(c) T = 0: the exact N → ∞ law of one parallel step; descent to rest keeps patterns far beyond the RS and the 1RSB "
        "window, because a spin of nearly vanishing field keeps its starting value; neither ansatz counts these states.",
        "(d) Below the critical rate the newest pattern is lost beyond a total load (blackout); above it is kept at every load.",
    ]
    parameters = {"ansatz": "rs", "convention": "canonical", "dynamics": "glauber; greedy at T = 0", "panels": PANELS,
                  "greedy case": GREEDY, "loads case": LOADS, **chosen}  # fmt: skip
    return Content(_drawn(rows, chosen), rows, parameters, REDUCED, notes)


def theory(panel: str, case: dict[str, Any], rate: float, points: int) -> list[Row]:
    """m against age up to the end of the window."""
    model = PalimpsestDAM(case["order"], case["interaction"])
    line = boundary(model, "window", temperatures=[case["temperature"]], rates=[rate]).points[0]
    end = line["window"] if line["converged"] else 0.0
    common = {
        "panel": panel,
        "series": f"rate {rate:g}",
        "source": "theory",
        "rate": rate,
        "temperature": case["temperature"],
    }
    if not end:
        return [{**common, "age": None, "m": None, "why": line["why"]}]
    ages = [end * math.sin(x) for x in spread(0, math.pi / 2, points)][:-1]
    found = solve(model, rate=rate, age=ages, temperature=case["temperature"], throw=False).to_json()["points"]
    rows = [
        {**common, "age": p["age"], "m": p["m"], "valid": p["valid"], "why": p["why"]} for p in found if p["converged"]
    ]
    return [*rows, {**common, "age": end, "m": line["m"], "valid": line["valid"], "why": line["why"]}]


def simulated(
    panel: str, case: dict[str, Any], rate: float, size: int, trials: int, chosen: dict[str, Any],
    dynamics: str = "glauber",
) -> list[Row]:  # fmt: skip
    """Overlaps at evenly spaced ages in a long stream."""
    model = PalimpsestDAM(case["order"], case["interaction"])
    count = model.patterns_for(LENGTH / rate, size)
    ages = [model.patterns_for(x, size) for x in spread(0, case["oldest"], chosen["ages"])]
    curve = forgetting_curve(
        model.memory, model.weights(rate, size, count), ages=[min(a, count - 1) for a in ages], size=size,
        temperature=case["temperature"], trials=trials, seed=chosen["seed"], dynamics=dynamics,
    )  # fmt: skip
    return [_row(panel, f"rate {rate:g}", p, rate, p.age / size ** (model.p - 1)) for p in curve.points]


def greedy(chosen: dict[str, Any]) -> list[Row]:
    """T = 0: one step and rest, with the law of the one and what the ansätze say of the other."""
    model = PalimpsestDAM(GREEDY["order"], GREEDY["interaction"])
    rate, case = float(GREEDY["rate"]), {**GREEDY, "temperature": 0.0}
    noise = math.sqrt(2 * float(model.noise_strength) * model.effective_load(rate))
    rows: list[Row] = [
        {"panel": "c", "series": ONE_STEP, "source": "theory", "rate": rate, "temperature": 0.0, "age": x,
         "m": math.erf(math.exp(-rate * x) / noise), "valid": True}
        for x in spread(0, case["oldest"], chosen["points"])
    ]  # fmt: skip
    rows += [{**r, "series": "rs"} for r in theory("c", case, rate, chosen["points"])]
    broken = boundary(model, "window", temperatures=[0.0], rates=[rate], ansatz="1rsb").points[0]
    rows.append({"panel": "c", "series": "1rsb", "source": "theory", "rate": rate, "temperature": 0.0, "age": broken["window"],
                 "m": broken.get("m"), "valid": broken["valid"], "why": broken["why"]})  # fmt: skip
    for size, trials in chosen["greedy"].items():
        for name, dynamics in ((ONE_STEP, "one-step"), (AT_REST, "glauber")):
            rows += [{**r, "series": name} for r in simulated("c", case, rate, size, trials, chosen, dynamics)]
    return rows


def newest(rate: float, chosen: dict[str, Any]) -> list[Row]:
    """The newest pattern after a total load."""
    model = PalimpsestDAM(LOADS["order"], LOADS["interaction"])
    temperature = float(LOADS["temperature"])
    first, last = LOADS["loads"]
    common = {"panel": "d", "series": f"rate {rate:g}", "rate": rate, "temperature": temperature}
    loads = spread(0.2 * first, last, 3 * chosen["points"])
    found = solve(model, rate=rate, load=loads, temperature=temperature, throw=False).to_json()["points"]
    rows: list[Row] = [
        {**common, "source": "theory", "load": p["load"], "m": p["m"], "valid": p["valid"]}
        for p in found
        if p["converged"]
    ]
    for size, trials in chosen["loads"].items():
        for load in spread(first, last, chosen["ages"]):
            count = model.patterns_for(load, size)
            (point,) = forgetting_curve(
                model.memory, model.weights(rate, size, count), ages=[0], size=size, temperature=temperature, trials=trials,
                seed=chosen["seed"],
            ).points  # fmt: skip
            rows.append({**_row("d", common["series"], point, rate, 0.0), "load": count / size**2})
    return rows


def _row(panel: str, series: Any, point: Any, rate: float, age: float) -> Row:
    keep = ("size", "patterns", "weight", "effective_load", "temperature", "m", "m_error", "retrieved", "retrieved_error", "tau",
            "trials", "dynamics")  # fmt: skip
    return {"panel": panel, "series": series, "source": "simulation", "rate": rate, "age": age,
            **{k: getattr(point, k) for k in keep}}  # fmt: skip


def _drawn(rows: list[Row], chosen: dict[str, Any]) -> Any:
    from matplotlib.lines import Line2D

    from dammech.plot.canvas import sheet, styled

    with styled():
        page = sheet(7.0, 5.6)
        grid = page.subplots(2, 2).ravel()
        for axes, panel in zip(grid, "abcd"):
            _draw(
                axes,
                [r for r in rows if r["panel"] == panel],
                list(chosen[{"c": "greedy", "d": "loads"}.get(panel, panel)]),
            )
        for axes, (panel, case) in zip(grid, PANELS.items()):
            n = case["order"]
            axes.set(xlabel=rf"age $x = \mu/N^{{{n - 1}}}$" if n > 2 else r"age $x = \mu/N$")
            axes.set_title(f"({panel}) $p = {n}$, {case['interaction']}, $T = {case['temperature']:g}$")
        grid[2].set(xlabel=r"age $x = \mu/N^2$")
        grid[2].set_title(rf"(c) $p = 3$, power, $T = 0$, $\varepsilon = {GREEDY['rate']:g}$: the greedy trap")
        grid[3].set(xlabel=r"total load $\alpha = P/N^2$")
        grid[3].set_title("(d) the newest pattern; $p = 3$, power, $T = 0.2$")
        for axes in grid[::2]:
            axes.set_ylabel("overlap $m$")
        handles = [Line2D([], [], color="k", label="RS theory, to the end of retrieval"),
                   Line2D([], [], color="k", linewidth=0.6, label="thin: RS unstable"),
                   Line2D([], [], color="k", marker="o", mfc="white", linestyle="", label="simulation, smallest $N$"),
                   Line2D([], [], color="k", marker="o", linestyle="", label="simulation, largest $N$")]  # fmt: skip
        page.legend(handles=handles, loc="outside lower center", ncols=4, columnspacing=1.2)
        return page


def _draw(axes: Any, rows: list[Row], sizes: list[int]) -> None:
    x = "load" if rows[0]["panel"] == "d" else "age"
    names = list(dict.fromkeys(r["series"] for r in rows if r["source"] == "simulation"))
    faces = dict(zip(sizes, ("white", None) if len(sizes) == 2 else FACES))
    for name, (color, marker, style) in zip(names, LOOKS):
        label = name if not name.startswith("rate") else rf"$\varepsilon = {name[5:]}$"
        line = [r for r in rows if r["series"] == name and r["source"] == "theory" and r["m"] is not None]
        if not line:
            label += ": no state" if name != AT_REST else ""
        _line(axes, line, x, color, style)
        for size, face in faces.items():
            errorbars(
                axes, [r for r in rows if r["series"] == name and r.get("size") == size], x, "m", color, marker, face
            )
        axes.plot([], [], color=color, marker=marker, linestyle=style if line else "", label=label)
    _line(axes, [r for r in rows if r["series"] == "rs"], x, "#000000", "-")
    for r in rows:
        if r["series"] == "1rsb":
            axes.axvline(r["age"], color="0.4", linestyle=(0, (2, 2)), linewidth=0.9)
            axes.text(r["age"], 0.04, " 1RSB window", fontsize=6.5, color="0.3")
        if r["series"] == "rs" and r is [q for q in rows if q["series"] == "rs"][-1]:
            axes.text(0.93 * r["age"], r["m"] - 0.02, "RS", fontsize=6.5, ha="right")
    axes.text(0.02, 0.02 if x == "age" and rows[0]["panel"] != "c" else 0.52,
              "$N = $ " + ", ".join(map(str, sizes)), transform=axes.transAxes, fontsize=6.5)  # fmt: skip
    axes.set_ylim(-0.03, 1.04)
    axes.legend(loc="upper right" if x == "age" and rows[0]["panel"] != "c" else "lower left", frameon=True, facecolor="white",
                edgecolor="none", framealpha=0.85)  # fmt: skip


def _line(axes: Any, rows: list[Row], x: str, color: str, style: Any) -> None:
    if not rows:
        return
    thin = not all(r.get("valid", True) for r in rows)
    axes.plot(
        [r[x] for r in rows], [r["m"] for r in rows], color=color, linestyle=style, linewidth=0.6 if thin else 1.4
    )
    if rows[-1]["source"] == "theory" and x == "age" and rows[0]["series"] != ONE_STEP:
        axes.plot(rows[-1][x], rows[-1]["m"], "|", color=color, ms=8)
