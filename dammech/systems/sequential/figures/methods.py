"""Sequential learning: average accuracy by method and vertex, and how the first task is forgotten."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

from dammech.learn.config import read_config
from dammech.learn.experiment import Results, run_experiment
from dammech.learn.metrics import METRICS, interval
from dammech.learn.results import matrices, settings, summary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Look, Panel, page, select, series, shape, values
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
    used = [name for name in LOOKS if name in results.config.methods]
    vertices = results.config.vertices
    places = sorted({round(k * (len(vertices) - 1) / (CURVES - 1)) for k in range(CURVES)})
    panels = [
        *(_by_vertex(vertices, [n for n in names if n in used], "accuracy", f"({letter}) {title}")
          for letter, (title, names) in zip("ab", PANELS)),
        _by_vertex(vertices, used, "learning", "(c) accuracy on a task just learned"),
        *(_forgetting(rows, used, vertices[place], f"({letter}) the first task at $n = {vertices[place]:g}$")
          for letter, place in zip("def", places)),
    ]  # fmt: skip
    return page(rows, panels, (7.0, 4.9), [_look(name, label=name) for name in used], columns=6, lines=2)


def _look(name: str, **more: Any) -> Look:
    color, marker, linestyle = LOOKS[name]
    return {"color": color, "marker": marker, "linestyle": linestyle, "linewidth": 1, "mfc": "white", **more}


def _by_vertex(vertices: list[float], names: list[str], metric: str, title: str) -> Panel:
    where = {"panel": "method and vertex", "metric": metric}
    ylabel = "average accuracy" if metric == "accuracy" else "learning accuracy"
    return Panel(
        [series("vertex", "mean", {"method": name}, error="half_width", **_look(name, elinewidth=0.5)) for name in names],
        where,
        title,
        axes={"xscale": "log", "xlabel": "vertex $n$", "ylabel": ylabel, "ylim": (0, 1)},
        plain=sorted(vertices),
    )


def _forgetting(rows: list[Row], names: list[str], vertex: float, title: str) -> Panel:
    entries = select(rows, {"panel": "accuracy matrix", "vertex": vertex})
    times = sorted({r["trained"] for r in entries})
    layers = []
    for name in names:
        of_method = select(entries, {"method": name})
        found = [interval(values(select(of_method, {"trained": t}), "accuracy")) for t in times]
        layers.append(shape(times, [f["mean"] for f in found], yerr=[f["half_width"] or 0 for f in found],
                            **_look(name, elinewidth=0.4)))  # fmt: skip
    axes = {"xlabel": "tasks trained", "ylabel": "accuracy on the first task", "ylim": (0, 1), "xticks": times}
    return Panel(layers, title=title, axes=axes)
