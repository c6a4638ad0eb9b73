"""Tasks stored one after another at order 2: accuracy on each, its average, and the backward transfer."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.plot.figures import Content, Progress, Row
from dammech.plot.streams import FACES, LOOKS, errorbars
from dammech.simulate.estimators import mean_and_error
from dammech.validate.palimpsest.tasks import TASKS, accuracies, predicted
from dammech.validate.palimpsest.window import to_infinite_size

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
    notes = [
        "Theory: a pattern is retrieved up to the end of the replica-symmetric window (stable here), so that the accuracy on a "
        "task is the part of it that is younger; the tasks follow a long stream of other patterns.",
        "Simulation: independent pattern sets after each task; one standard error over sets, none where all sets agree. A "
        "pattern counts if a run from it keeps an overlap above 0.6. Points of one abscissa in (a) are shifted apart.",
        "N → ∞: from c + d N^(−2/3); its error holds the change to N^(−1/2). Backward transfer: the mean change of accuracy "
        "since a task was stored, over all tasks but the last; the two accuracies are of different pattern sets.",
    ]
    parameters = {"ansatz": "rs", "convention": "canonical", "dynamics": "glauber", "case": TASKS, **chosen}
    return Content(_drawn(rows, chosen), rows, parameters, REDUCED, notes)


def theory(tasks: int) -> list[Row]:
    """The matrix, and after each task the average accuracy and backward transfer; these also without thermal noise."""
    rows: list[Row] = []
    for temperature in (TASKS["temperature"], 0.0):
        common = {"source": "theory", "temperature": temperature}
        matrix = predicted(TASKS, tasks=tasks, temperature=temperature).matrix
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
            estimate = to_infinite_size([{"size": r["size"], "value": r["value"], "error": r["value_error"]} for r in mine])
            found.append({"panel": panel, "series": "RS", "source": "extrapolation", "temperature": TASKS["temperature"],
                          "stored": t, **_valued(estimate.value, estimate.error)})  # fmt: skip
    return found


def _valued(value: float, error: float | None) -> Row:
    return {"value": value, "value_error": error}


def _drawn(rows: list[Row], chosen: dict[str, Any]) -> Any:
    from matplotlib.lines import Line2D

    from dammech.plot.canvas import sheet, styled

    sizes = list(chosen["sizes"])
    drawn = list(dict.fromkeys((sizes[0], sizes[-1])))
    with styled():
        page = sheet(7.2, 3.1)
        grid = page.subplots(1, 3)
        _draw_matrix(grid[0], [r for r in rows if r["panel"] == "a"], sizes[-1], chosen["tasks"])
        for axes, panel in zip(grid[1:], "bc"):
            _draw_mean(axes, [r for r in rows if r["panel"] == panel], drawn)
        grid[0].set_title(f"(a) accuracy on each task, $N = {sizes[-1]}$")
        grid[1].set_title("(b) average accuracy on all tasks")
        grid[2].set_title("(c) backward transfer")
        grid[0].set_ylabel("fraction of its patterns retrieved")
        for axes in grid:
            axes.set(xlabel="tasks stored", xticks=range(1, chosen["tasks"] + 1), xlim=(0.6, chosen["tasks"] + 0.4))
        handles = [Line2D([], [], color="k", label=rf"RS theory, $T = {TASKS['temperature']:g}$"),
                   Line2D([], [], color="0.6", linestyle=(0, (2, 2)), label="the same at $T = 0$"),
                   *(Line2D([], [], color="k", marker="o", mfc=face, linestyle="", label=f"simulation, $N = {size}$")
                     for size, face in zip(drawn, (FACES[0], "k"))),
                   Line2D([], [], color=LOOKS[1][0], marker="D", linestyle="", label=r"simulation, $N \to \infty$")]  # fmt: skip
        page.legend(handles=handles, loc="outside lower center", ncols=5, columnspacing=1.2)
        return page


def _draw_matrix(axes: Any, rows: list[Row], size: int, tasks: int) -> None:
    for k, (color, marker, style) in zip(range(tasks), LOOKS):
        mine = [r for r in rows if r["series"] == f"task {k + 1}"]
        shift = 0.09 * (k - (tasks - 1) / 2)
        line = [r for r in mine if r["source"] == "theory"]
        axes.plot([r["stored"] + shift for r in line], [r["value"] for r in line], color=color, linestyle=style, linewidth=1)
        some = [{**r, "stored": r["stored"] + shift} for r in mine if r.get("size") == size]
        errorbars(axes, some, "stored", "value", color, marker, None)
        axes.plot([], [], color=color, marker=marker, linestyle=style, label=f"{k + 1}")
    axes.set(ylim=(-0.04, 1.38), yticks=np.linspace(0, 1, 6))
    axes.legend(title="task", ncols=6, loc="upper center", handlelength=1.6, columnspacing=0.7, handletextpad=0.3)


def _draw_mean(axes: Any, rows: list[Row], sizes: list[int]) -> None:
    for name, color, style in (("RS", "k", "-"), (COLD, "0.6", (0, (2, 2)))):
        line = [r for r in rows if r["series"] == name and r["source"] == "theory"]
        axes.plot([r["stored"] for r in line], [r["value"] for r in line], color=color, linestyle=style)
    for size, face, shift in zip(sizes, (FACES[0], None), (-0.08, 0.0)):
        some = [{**r, "stored": r["stored"] + shift} for r in rows if r.get("size") == size]
        errorbars(axes, some, "stored", "value", "k", "o", face)
    end = [{**r, "stored": r["stored"] + 0.1} for r in rows if r["source"] == "extrapolation"]
    errorbars(axes, end, "stored", "value", LOOKS[1][0], "D", None)
