"""Exponential memories: success against load, thresholds against β, similarities, and the binary memory at a temperature."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dammech.equations.law import Law
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Look, Panel, page, points, rule, select, series, words
from dammech.solve.capacity import capacity
from dammech.systems.exponential.model import ExponentialMemory
from dammech.systems.exponential.sampler import success
from dammech.systems.exponential.sizes import confusion, pair_kept

SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"trials": 200, "points": 60, "seed": 11},
    "full": {"trials": 2000, "points": 200, "seed": 11},
}
REDUCED = ["200 trials a point (full: 2000)"]
FLIP = 0.2
SIZES: dict[int, Look] = {
    20: dict(color="#0072B2", linestyle=(0, (1.2, 1.2)), marker="o"),
    40: dict(color="#D55E00", linestyle=(0, (5, 1.6)), marker="s"),
    60: dict(color="#000000", linestyle="-", marker="^"),
}
LAWS: dict[str, Look] = {
    "spherical": dict(color="#0072B2", linestyle="-"),
    "binary": dict(color="#D55E00", linestyle=(0, (5, 1.6))),
    "gaussian": dict(color="#009E73", linestyle=(0, (1.2, 1.2))),
}
SIMILAR: dict[str, Look] = {
    "euclidean": dict(color="#0072B2", linestyle="-"),
    "cosine": dict(color="#000000", linestyle=(0, (6, 1.4, 1, 1.4))),
    "manhattan": dict(color="#D55E00", linestyle=(0, (5, 1.6))),
    "dot": dict(color="#009E73", linestyle=(0, (1.2, 1.2))),
}
#: patterns that are drawn at most
_MOST = {"typical": 2e6, "all": 2000}


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for criterion in ("typical", "all"):
        for size in SIZES:
            progress(f"{criterion} patterns at N = {size}")
            rows += curve(criterion, size, chosen)
    progress("thresholds")
    rows += [*against_beta(chosen["points"]), *similarities(chosen["points"]), *temperatures(chosen["points"])]
    return Content(
        _drawn(rows), rows, parameters={"flip": FLIP, "ansatz": "none: laws of large deviations", **chosen}, reduced=REDUCED,
        notes=[
            f"(a) Binary patterns, a query with {FLIP:.0%} of its signs wrong, the most similar pattern is taken (β = ∞). Lines: "
            "exact laws at N, of all patterns up to correlations between more than two. Symbols: patterns that are really drawn; "
            "bars: one standard error. Upright: I(0.6) for a typical pattern and half of it for all.",
            "(b) The typical threshold at overlap ρ = 1 and 0.7 with |x|² = N; a dot marks where the noise condenses, "
            "from which a larger β does not help. At ρ = 1 spherical patterns have no such point.",
            "(c) Gaussian patterns at β = ∞, noise of standard deviation σ or a masked fraction g.",
            "(d) H = −(1/λ) log Σ exp(λ ξ·σ) at λ = 0.5: below the solid line retrieval is a state, below the broken one the "
            "deepest. The first is the law where the noise has not condensed.",
        ],
    )  # fmt: skip


def curve(criterion: str, size: int, chosen: dict[str, Any]) -> list[Row]:
    """Fractions of success at loads around the threshold, by law and by experiment."""
    flips = round(FLIP * size)
    asked = ExponentialMemory(flip=FLIP, size=size, beta=math.inf, criterion=criterion)
    found = confusion(asked)
    assert found is not None
    pair = pair_kept(size, flips)

    def law(count: float) -> float:
        one = math.exp((count - 1) * math.log1p(-found[0]))
        return one if criterion == "typical" else math.exp(count * (count - 1) / 2 * math.log(pair))

    common = {"panel": "success", "criterion": criterion, "size": size}
    top = 0.4 if criterion == "typical" else 0.25
    rows: list[Row] = [{**common, "source": "theory", "load": a, "success": law(math.exp(a * size))}
                       for a in np.linspace(math.log(2) / size, top, chosen["points"])]  # fmt: skip
    middle = capacity(asked).value
    for load in np.linspace(0.75 * middle, 1.35 * middle, 7):
        count = round(math.exp(load * size))
        if 2 <= count <= _MOST[criterion]:
            run = success(asked, count, trials=chosen["trials"], seed=chosen["seed"])
            rows.append({**common, "source": "simulation", "load": run.load, "success": run.success,
                         "success_error": run.success_error, "patterns": count, "theory": law(count)})  # fmt: skip
    return rows


def against_beta(count: int) -> list[Row]:
    """Thresholds of a typical pattern, and where they condense."""
    rows: list[Row] = []
    for law in LAWS:
        for overlap in (1.0, 0.7):
            for beta in np.geomspace(0.1, 5, count):
                found = capacity(ExponentialMemory(patterns=law, beta=float(beta), overlap=overlap)).points[0]
                rows.append({"panel": "beta", "patterns law": law, "overlap": overlap, "beta": beta, "load": found.value,
                             "condensed": found.others["condensed"], "condensation": found.others["condensation"]})  # fmt: skip
    return rows


def similarities(count: int) -> list[Row]:
    """Thresholds under noise and masks."""
    grids = {"noise": np.linspace(0.25, 3, count), "mask": np.linspace(0.05, 0.97, count)}
    return [
        {"panel": "similarity", "similarity": name, "query": query, query: x,
         "load": capacity(ExponentialMemory("gaussian", name, math.inf, **{query: float(x)})).value}  # type: ignore[arg-type]
        for name in SIMILAR for query, grid in grids.items() for x in grid
    ]  # fmt: skip


def temperatures(count: int) -> list[Row]:
    """Both lines of the binary memory at λ = 1/2."""
    grid = np.linspace(0.02, 1.6, count)
    return [
        {"panel": "temperature", "line": line, "temperature": t, "load": float(load)}
        for line in ("Spinodal", "Transition")
        for t, load in zip(grid, Law("exponential.temperature", line)(T=grid, s=0.5)[0])
        if load >= 0
    ]


def _drawn(rows: list[Row]) -> Any:
    marks: list[Any] = []
    for size, look in SIZES.items():
        line = {k: v for k, v in look.items() if k != "marker"}
        for criterion, fill in (("typical", look["color"]), ("all", "white")):
            mine = {"criterion": criterion, "size": size}
            marks.append(series("load", "success", {"source": "theory", **mine}, linewidth=1.0, **line))
            marks.append(points("load", "success", {"source": "simulation", **mine}, error="success_error", ms=3.5, mfc=fill,
                                color=look["color"], marker=look["marker"]))  # fmt: skip
    limit = capacity(ExponentialMemory(flip=FLIP, beta=math.inf)).value
    marks += [rule(x=limit), rule(x=limit / 2), words("all", 0.04, 0.5, color="0.3"), words("typical", 0.26, 0.5, color="0.3")]
    beta: list[Any] = []
    for law, look in LAWS.items():
        for overlap, width in ((1.0, 1.5), (0.7, 0.8)):
            mine = {"patterns law": law, "overlap": overlap}
            beta.append(series("beta", "load", mine, linewidth=width, **look))
            first = next((r for r in select(rows, mine) if r["condensed"]), None)
            beta.append(points("beta", "load", lambda r, first=first: r is first, color=look["color"], marker="o", ms=4))
    noise = [series("noise", "load", {"similarity": name, "query": "noise"}, **look) for name, look in SIMILAR.items()]
    mask = [series("mask", "load", {"similarity": name, "query": "mask"}, **look) for name, look in SIMILAR.items()]
    lines = [series("temperature", "load", {"line": name}, color=color, linestyle=style) for name, color, style in (
        ("Spinodal", "#0072B2", "-"), ("Transition", "#D55E00", (0, (5, 1.6))))]  # fmt: skip
    places = [words("retrieval", 0.15, 0.1), words("metastable", 0.62, 0.2), words("paramagnet", 1.0, 0.3)]
    load: Look = {"ylabel": r"load $\alpha = \ln P/N$"}
    panels = [
        Panel(marks, {"panel": "success"}, title="(a) binary, flips 0.2", axes={
            "xlabel": load["ylabel"], "ylabel": "fraction of success", "xlim": (0, 0.36), "ylim": (0, 1.02)},
            keys=[dict(label=f"$N = {n}$", **look) for n, look in SIZES.items()], legend={"loc": "upper right"}),
        Panel(beta, {"panel": "beta"}, title=r"(b) typical, $\rho = 1$; thin: 0.7", axes={
            "xlabel": r"inverse temperature $\beta$", **load, "xscale": "log", "ylim": (0, 1.4)},
            keys=[dict(label=law, **look) for law, look in LAWS.items()], legend={"loc": "upper left"}),
        Panel(noise, {"panel": "similarity"}, title="(c) typical, noise", axes={
            "xlabel": r"noise $\sigma$", **load, "yscale": "log"},
            keys=[dict(label=name, **look) for name, look in SIMILAR.items()], legend={"loc": "lower left"}),
        Panel(mask, {"panel": "similarity"}, title="(c) typical, mask", axes={
            "xlabel": "masked fraction $g$", **load, "yscale": "log", "ylim": (4e-3, 3)}),
        Panel([*lines, *places], {"panel": "temperature"}, title=r"(d) binary at $T$, $\lambda = 0.5$", axes={
            "xlabel": "temperature $T$", **load, "xlim": (0, 1.6), "ylim": (0, 0.42)},
            keys=[dict(label="spinodal", color="#0072B2", linestyle="-"),
                  dict(label="transition", color="#D55E00", linestyle=(0, (5, 1.6)))], legend={"loc": "upper right"}),
    ]  # fmt: skip
    return page(rows, panels, (7.2, 5.0), (), columns=3, lines=2)
