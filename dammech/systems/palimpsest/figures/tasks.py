"""Tasks stored one after another at order 2: accuracy on each, its average, and the backward transfer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, series
from dammech.simulate.estimators import mean_and_error
from dammech.systems.palimpsest.answers import task_matrix
from dammech.systems.palimpsest.claims.tasks import TASKS, accuracies
from dammech.systems.palimpsest.claims.theory import stream_of
from dammech.systems.palimpsest.claims.window import FOLD, OTHER
from dammech.systems.palimpsest.figures.looks import FACES, LOOKS, SYMBOLS, simulations
from dammech.validate.sizes import limit

TASK_COUNT = 6
COLD = "T = 0"
#: size: pattern sets after each task, and how many consecutive patterns share one that is recalled
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"tasks": TASK_COUNT, "sizes": {500: (40, 3), 1000: (24, 3), 2500: (8, 5)}, "seed": 1},
    "full": {"tasks": TASK_COUNT, "sizes": {500: (200, 1), 1000: (120, 3), 2500: (40, 5), 4500: (16, 9)}, "seed": 1},
}
REDUCED = ["40 to 8 pattern sets after each task (full: 200 to 16 sets, one larger size)"]


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    progress("accuracy matrix of the theory")
    rows = theory(chosen["tasks"])
    for size, (trials, every) in chosen["sizes"].items():
        progress(f"simulating {chosen['tasks']} tasks, N = {size}")
        rows += simulated(size, trials, every, chosen)
    rows += limits(rows)
    return Content(
        _drawn(rows, chosen),
        rows,
        parameters={"ansatz": "rs", "convention": "canonical", "dynamics": "glauber", "case": TASKS, **chosen},
        reduced=REDUCED,
        notes=[
            "Theory: a pattern is retrieved up to the end of the replica-symmetric window (stable here), so that the accuracy on "
            "a task is the part of it that is younger; the tasks follow a long stream of other patterns.",
            "Simulation: independent pattern sets after each task; one standard error over sets, none where all sets agree. A "
            "pattern counts if a run from it keeps an overlap above 0.6. Points of one abscissa in (a) are shifted apart.",
            "N → ∞: from c + d N^(−2/3); its error holds the change to N^(−1/2). Backward transfer: the mean change of accuracy "
            "since a task was stored, over all tasks but the last; the two accuracies are of different pattern sets.",
        ],
    )


def theory(tasks: int) -> list[Row]:
    """The matrix, and after each task the average accuracy and backward transfer; these also without thermal noise."""
    rows: list[Row] = []
    for temperature in (TASKS["temperature"], 0.0):
        common = {"source": "theory", "temperature": temperature}
        matrix = task_matrix(
            stream_of(TASKS), tasks=tasks, task_load=TASKS["task_load"], rate=TASKS["rate"], temperature=temperature
        ).matrix
        if temperature:
            rows += [
                {"panel": "a", "series": f"task {k + 1}", **common, "stored": t + 1, "value": matrix[t, k]}
                for k in range(tasks) for t in range(k, tasks)
            ]  # fmt: skip
        name = "RS" if temperature else COLD
        for t in range(tasks):
            rows.append({"panel": "b", "series": name, **common, "stored": t + 1, "value": matrix[t, : t + 1].mean()})
            if t:
                change = (matrix[t, :t] - np.diag(matrix)[:t]).mean()
                rows.append({"panel": "c", "series": name, **common, "stored": t + 1, "value": change})
    return rows


def simulated(size: int, trials: int, every: int, chosen: dict[str, Any]) -> list[Row]:
    """The same from pattern sets of one size."""
    rows: list[Row] = []
    fresh: list[np.ndarray] = []
    common = {"source": "simulation", "temperature": TASKS["temperature"], "size": size, "trials": trials}
    for t in range(1, chosen["tasks"] + 1):
        found = accuracies({**TASKS, "tasks": t}, size, trials, chosen["seed"] + t, every)
        fresh.append(found[:, -1])
        for k in range(t):
            rows.append({"panel": "a", "series": f"task {k + 1}", **common, "stored": t, **_valued(*mean_and_error(found[:, k]))})
        rows.append({"panel": "b", "series": "RS", **common, "stored": t, **_valued(*mean_and_error(found.mean(axis=1)))})
        if t > 1:
            end, end_error = mean_and_error(found[:, :-1].mean(axis=1))
            start, start_error = mean_and_error(np.array(fresh[:-1]).mean(axis=0))
            error = float(np.hypot(end_error or 0, start_error or 0))
            rows.append({"panel": "c", "series": "RS", **common, "stored": t, **_valued(end - start, error)})
    return rows


def limits(rows: list[Row]) -> list[Row]:
    """N → ∞ of the average and of the transfer, where every size has an error and there are three sizes."""
    found: list[Row] = []
    for panel in "bc":
        for t in sorted({r["stored"] for r in rows}):
            mine = [r for r in rows if r["panel"] == panel and r["source"] == "simulation" and r["stored"] == t]
            if len(mine) < 3 or not all(r["value_error"] for r in mine):
                continue
            estimate = limit([{"size": r["size"], "value": r["value"], "error": r["value_error"]} for r in mine], FOLD, OTHER)
            found.append({"panel": panel, "series": "RS", "source": "extrapolation", "temperature": TASKS["temperature"],
                          "stored": t, **_valued(estimate.value, math.hypot(estimate.error, estimate.band))})  # fmt: skip
    return found


def _valued(value: float, error: float | None) -> Row:
    return {"value": value, "value_error": error}


def _drawn(rows: list[Row], chosen: dict[str, Any]) -> Any:
    tasks, sizes = chosen["tasks"], list(chosen["sizes"])
    drawn = list(dict.fromkeys((sizes[0], sizes[-1])))
    keys: list[Look] = [
        dict(color="k", linestyle="-", label=rf"RS theory, $T = {TASKS['temperature']:g}$"),
        dict(color="0.6", linestyle=(0, (2, 2)), label="the same at $T = 0$"),
        *(dict(color="k", marker="o", mfc=face, linestyle="", label=f"simulation, $N = {size}$")
          for size, face in zip(drawn, (FACES[0], "k"))),
        dict(color=LOOKS[1][0], marker="D", linestyle="", label=r"simulation, $N \to \infty$"),
    ]  # fmt: skip
    panels = [
        Panel(_matrix(tasks, sizes[-1]), {"panel": "a"}, f"(a) accuracy on each task, $N = {sizes[-1]}$"),
        Panel(_means(drawn), {"panel": "b"}, "(b) average accuracy on all tasks"),
        Panel(_means(drawn), {"panel": "c"}, "(c) backward transfer"),
    ]
    panels[0].keys = [dict(color=c, marker=m, linestyle=s, label=f"{k + 1}") for k, (c, m, s) in zip(range(tasks), LOOKS)]
    panels[0].legend = {"title": "task", "ncols": 6, "loc": "upper center", "handlelength": 1.6, "columnspacing": 0.7,
                        "handletextpad": 0.3}  # fmt: skip
    panels[0].axes = {"ylabel": "fraction of its patterns retrieved", "ylim": (-0.04, 1.38), "yticks": np.linspace(0, 1, 6)}
    for panel in panels:
        panel.axes |= {"xlabel": "tasks stored", "xticks": range(1, tasks + 1), "xlim": (0.6, tasks + 0.4)}
    return page(rows, panels, (7.2, 3.1), keys, columns=5)


def _aside(shift: float) -> Callable[[Row], float]:
    """Points of one abscissa are shifted apart."""
    return lambda r: r["stored"] + shift


def _matrix(tasks: int, size: int) -> list[Layer]:
    layers: list[Layer] = []
    for k, (color, marker, style) in zip(range(tasks), LOOKS):
        mine, x = {"series": f"task {k + 1}"}, _aside(0.09 * (k - (tasks - 1) / 2))
        layers.append(series(x, "value", mine | {"source": "theory"}, color=color, linestyle=style, linewidth=1))
        layers += simulations(x, "value", mine, [size], color=color, marker=marker)
    return layers


def _means(sizes: list[int]) -> list[Layer]:
    layers = [
        series("stored", "value", {"series": name, "source": "theory"}, color=color, linestyle=style)
        for name, color, style in (("RS", "k", "-"), (COLD, "0.6", (0, (2, 2))))
    ]
    for size, face, shift in zip(sizes, (FACES[0], "k"), (-0.08, 0.0)):
        layers += simulations(_aside(shift), "value", {}, [size], color="k", marker="o", mfc=face)
    limit: Look = {"color": LOOKS[1][0], "marker": "D", **SYMBOLS}
    return [*layers, points(_aside(0.1), "value", {"source": "extrapolation"}, error="value_error", **limit)]
