"""What is left of a pattern against its age: theory and simulation, at T > 0 and for greedy dynamics; blackout."""

from __future__ import annotations

import math
from typing import Any

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import OPAQUE, Layer, Look, Panel, page, rule, select, series, values, words
from dammech.solve import solve
from dammech.systems.palimpsest.answers.forgetting import effective_load
from dammech.systems.palimpsest.figures.looks import LOOKS, simulations, spread
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.palimpsest.sampler import forgetting_curve

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
TITLES = {
    "a": "$p = 3$, power, $T = 0.2$",
    "b": "$p = 2$, distinct, $T = 0.2$",
    "c": rf"$p = 3$, power, $T = 0$, $\varepsilon = {GREEDY['rate']:g}$: the greedy trap",
    "d": "the newest pattern; $p = 3$, power, $T = 0.2$",
}
OLD = r"age $x = \mu/N^2$"
LABELS = {"a": OLD, "b": r"age $x = \mu/N$", "c": OLD, "d": r"total load $\alpha = P/N^2$"}
SIZES = {"c": "greedy", "d": "loads"}


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
    return Content(
        _drawn(rows, chosen),
        rows,
        parameters={"ansatz": "rs", "convention": "canonical", "dynamics": "glauber; greedy at T = 0", "panels": PANELS,
                      "greedy case": GREEDY, "loads case": LOADS, **chosen},
        reduced=REDUCED,
        notes=[
            "Ansatz: replica symmetric; a line ends where the retrieval solution does, and is thin where the ansatz is unstable.",
            "Simulation: from the pattern, mean over all pattern sets (those that lost it included), one standard error over "
            "them; near the end of a window a mean is over kept and lost patterns, see the column retrieved.",
            "(c) T = 0: the exact N → ∞ law of one parallel step; descent to rest keeps patterns far beyond the RS and the 1RSB "
            "window, because a spin of nearly vanishing field keeps its starting value; neither ansatz counts these states.",
            "(d) Below the critical rate the newest pattern is lost beyond a total load (blackout); above it is kept at every "
            "load.",
        ],
    )  # fmt: skip


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
    noise = math.sqrt(2 * float(model.noise_strength) * effective_load(model.shape, rate))
    rows: list[Row] = [
        {"panel": "c", "series": ONE_STEP, "source": "theory", "rate": rate, "temperature": 0.0, "age": x,
         "m": math.erf(float(model.shape.weight(rate * x)) / noise), "valid": True}
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
    panels = [_panel(rows, panel, list(chosen[SIZES.get(panel, panel)])) for panel in TITLES]
    keys: list[Look] = [
        dict(color="k", linestyle="-", label="RS theory, to the end of retrieval"),
        dict(color="k", linestyle="-", linewidth=0.6, label="thin: RS unstable"),
        dict(color="k", marker="o", mfc="white", linestyle="", label="simulation, smallest $N$"),
        dict(color="k", marker="o", linestyle="", label="simulation, largest $N$"),
    ]
    return page(rows, panels, (7.0, 5.6), keys, columns=4, lines=2)


def _panel(rows: list[Row], panel: str, sizes: list[int]) -> Panel:
    mine = select(rows, {"panel": panel})
    x, low = "load" if panel == "d" else "age", panel in "cd"
    layers: list[Layer] = []
    keys: list[Look] = []
    for name, (color, marker, style) in zip(dict.fromkeys(values(select(mine, {"source": "simulation"}), "series")), LOOKS):
        line = [r for r in select(mine, {"series": name, "source": "theory"}) if r["m"] is not None]
        lost = "" if line or name == AT_REST else ": no state"
        label = rf"$\varepsilon = {name[5:]}$" if name.startswith("rate") else name
        ends = "|" if x == "age" and name != ONE_STEP else ""
        keys.append(dict(color=color, marker=marker, linestyle=style if line else "", label=label + lost))
        layers += [
            _theory(line, x, ends, {"series": name, "source": "theory"}, color=color, linestyle=style),
            *simulations(x, "m", {"series": name}, sizes, color=color, marker=marker),
        ]
    for end in select(mine, {"series": "rs"})[-1:]:
        layers.append(_theory(select(mine, {"series": "rs"}), x, "|", {"series": "rs"}, color="#000000", linestyle="-"))
        layers.append(words("RS", 0.93 * end["age"], end["m"] - 0.02, fontsize=6.5, ha="right"))
    for r in select(mine, {"series": "1rsb"}):
        layers.append(rule(x=r["age"], linestyle=(0, (2, 2)), linewidth=0.9))
        layers.append(words(" 1RSB window", r["age"], 0.04, fontsize=6.5, color="0.3"))
    layers.append(words("$N = $ " + ", ".join(map(str, sizes)), 0.02, 0.52 if low else 0.02, inside=True, fontsize=6.5))
    legend = {"loc": "lower left" if low else "upper right", **OPAQUE}
    axes = {"xlabel": LABELS[panel], "ylabel": "overlap $m$" if panel in "ac" else "", "ylim": (-0.03, 1.04)}
    return Panel(layers, {"panel": panel}, f"({panel}) {TITLES[panel]}", axes, keys=keys, legend=legend)


def _theory(line: list[Row], x: str, end: str, where: dict[str, Any], **look: Any) -> Layer:
    """Thin throughout where the ansatz fails anywhere."""
    thin = not all(r.get("valid", True) for r in line)
    return series(x, "m", where, end=end, linewidth=0.6 if thin else 1.4, **look)
