"""Sequential learning: average accuracy by method and vertex, and how the first task is forgotten."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from dammech.learn.config import read_config
from dammech.learn.experiment import Results, run_experiment
from dammech.learn.metrics import METRICS, interval
from dammech.learn.results import matrices, settings, summary
from dammech.plot.figures import Content, Progress, Row
from dammech.sweep import Store, run

SETTINGS: dict[str, dict[str, Any]] = {"quick": {"config": "quick"}, "full": {"config": "full"}}
REDUCED = ["digits of 8 × 8 pixels, five vertices, settings not searched, three seeds (full: 16 × 16, seven, searched, four)"]
# colour, marker and linestyle of a method; the bounds are black and grey
LOOKS = {
    "vanilla": ("0.55", "x", (0, (1, 1))),
    "joint": ("black", "s", "--"),
    "rehearsal": ("#0072B2", "o", "-"),
    "pseudorehearsal": ("#56B4E9", "D", "-"),
    "gem": ("#D55E00", "^", "-"),
    "agem": ("#E69F00", "v", "-"),
    "l2": ("#009E73", "o", "-."),
    "ewc": ("#CC79A7", "D", "-."),
    "mas": ("#0072B2", "^", "-."),
    "si": ("#D55E00", "v", "-."),
    "palimpsest": ("#E69F00", "P", ":"),
    "dreaming": ("#56B4E9", "*", ":"),
}
PANELS = (
    ("rehearsal and projection", ("vanilla", "joint", "rehearsal", "pseudorehearsal", "gem", "agem")),
    ("regularisation and decay", ("vanilla", "joint", "l2", "ewc", "mas", "si", "palimpsest", "dreaming")),
)
#: forgetting curves are drawn of so many vertices
CURVES = 3


def made(level: str, progress: Progress, chosen: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    return content(computed((chosen or SETTINGS[level])["config"], progress))


def content(results: Results) -> Content:
    """The figure of results that are there."""
    rows = [{"panel": "method and vertex", **row} for row in summary(results)]
    rows += [{"panel": "accuracy matrix", **row} for row in matrices(results) if row["tested"] == 1]
    return Content(_drawn(results, rows), rows, parameters(results), REDUCED, notes(results))


@functools.lru_cache(maxsize=1)
def computed(config: str, progress: Progress) -> Results:
    """The results of an experiment, computed for the drawing alone; `dammech sequential run` keeps them."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "results.sqlite") as store:
        return run_experiment(
            read_config(config),
            lambda words, function, cells: run(store, function, cells, 2, lambda *now: progress(f"{words}:", *now)),
        )


def parameters(results: Results) -> dict[str, Any]:
    """All that fixes the numbers."""
    config = results.config
    return {
        "title": config.title, "seeds": config.seeds, "vertices": config.vertices, "data": config.data, "tasks": config.tasks,
        "network": config.network, "training": config.training, "search": config.search, "methods": config.methods,
        "chosen": settings(results),
    }  # fmt: skip


def notes(results: Results) -> list[str]:
    """What the numbers mean."""
    many = len(results.config.seeds)
    idle = [f"{row['method']} at n = {row['vertex']:g}" for row in settings(results) if not row["learned"]]
    return [
        *([f"Did not learn (accuracy of guessing on a task just trained): {', '.join(idle)}."] if idle else []),
        f"Bars: 95% Student intervals of the mean over {many} seeds (tasks, first memory and minibatches drawn anew with each).",
        f"Settings: {results.config.budget} tried for every method and vertex, chosen by average accuracy on tasks of other "
        "seeds, without test images.",
        "One shared head: after five permuted tasks, one task remembered and the others at chance means about 0.27.",
        "In the protocol of published studies of sequential learning in dense associative memories; not a reproduction of any.",
        *(f"{name}: {words}." for name, words in METRICS.items()),
    ]


def _drawn(results: Results, rows: list[Row]) -> Any:
    from matplotlib.lines import Line2D

    from dammech.plot.canvas import sheet, styled

    used = [name for name in LOOKS if name in results.config.methods]
    with styled():
        page = sheet(7.0, 4.9)
        top, bottom = page.subplots(2, CURVES)
        for letter, axes, (title, names) in zip("ab", top, PANELS):
            _by_vertex(axes, rows, [name for name in names if name in used], "accuracy")
            axes.set(ylabel="average accuracy", title=f"({letter}) {title}")
        _by_vertex(top[2], rows, used, "learning")
        top[2].set(ylabel="learning accuracy", title="(c) accuracy on a task just learned")
        vertices = results.config.vertices
        places = sorted({round(k * (len(vertices) - 1) / (CURVES - 1)) for k in range(CURVES)})
        for letter, axes, place in zip("def", bottom, places):
            _forgetting(axes, rows, used, vertices[place], results.config.seeds)
            axes.set_title(f"({letter}) the first task at $n = {vertices[place]:g}$")
        for axes in bottom[len(places) :]:
            axes.set_visible(False)
        handles = [
            Line2D([], [], color=LOOKS[n][0], marker=LOOKS[n][1], linestyle=LOOKS[n][2], lw=1, mfc="white", label=n) for n in used
        ]
        page.legend(handles=handles, loc="outside lower center", ncols=6, columnspacing=1.2)
        return page


def _by_vertex(axes: Any, rows: list[Row], names: list[str], metric: str) -> None:
    for name in names:
        mine = [r for r in rows if r["panel"] == "method and vertex" and r["method"] == name and r["metric"] == metric]
        color, marker, line = LOOKS[name]
        axes.errorbar([r["vertex"] for r in mine], [r["mean"] for r in mine], yerr=[r["half_width"] or 0 for r in mine],
                      color=color, marker=marker, linestyle=line, linewidth=1, elinewidth=0.5, mfc="white")  # fmt: skip
    ticks = sorted({r["vertex"] for r in rows if r["panel"] == "method and vertex"})
    axes.set(xscale="log", xlabel="vertex $n$", ylim=(0, 1))
    axes.set_xticks(ticks, [f"{n:g}" for n in ticks])
    axes.minorticks_off()


def _forgetting(axes: Any, rows: list[Row], names: list[str], vertex: float, seeds: list[int]) -> None:
    entries = [r for r in rows if r["panel"] == "accuracy matrix" and r["vertex"] == vertex]
    for name in names:
        color, marker, line = LOOKS[name]
        mine = [r for r in entries if r["method"] == name]
        times = sorted({r["trained"] for r in mine})
        found = [interval([r["accuracy"] for r in mine if r["trained"] == t]) for t in times]
        axes.errorbar(times, [f["mean"] for f in found], yerr=[f["half_width"] or 0 for f in found], color=color,
                      marker=marker, linestyle=line, linewidth=1, elinewidth=0.4, mfc="white")  # fmt: skip
    axes.set(xlabel="tasks trained", ylabel="accuracy on the first task", ylim=(0, 1))
    axes.set_xticks(np.unique([r["trained"] for r in entries]))
