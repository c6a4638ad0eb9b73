"""Memory vectors from features to prototypes: pictures by vertex, how many decide an item, how alike they are to items."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from dammech.learn.experiment import Results
from dammech.learn.results import transition
from dammech.plot.figures import Content, Progress, Row, write
from dammech.plot.panels import Look, Panel, select, series, values
from dammech.systems.sequential.figures import methods as sequential
from dammech.systems.sequential.figures.methods import REDUCED, SETTINGS, computed, parameters

__all__ = ["REDUCED", "SETTINGS", "content", "made"]

#: pictures shown of each vertex
SHOWN = 6


def made(level: str, progress: Progress, chosen: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    return content(computed((chosen or SETTINGS[level])["config"], progress))


def content(results: Results) -> Content:
    """The figure of results that are there."""
    rows: list[Row] = [{"panel": "transition", **row} for row in transition(results)]
    for picture in results.pictures:
        for k, memory in enumerate(picture["memory"][:SHOWN]):
            rows += [
                {"panel": "memory vector", "vertex": picture["vertex"], "memory": k + 1, "row": i + 1,
                 **{f"column {j + 1}": value for j, value in enumerate(line)}}
                for i, line in enumerate(np.reshape(memory, picture["shape"]).tolist())
            ]  # fmt: skip
    return Content(
        _drawn(results, rows),
        rows,
        parameters=parameters(results),
        reduced=REDUCED,
        notes=[
            "Pictures: pixels of memory vectors trained on the images in their own order, grey; blue is −1, red +1. The memory "
            "vectors nearest to most test images come first.",
            "Deciding memory vectors: (Σ|Δ|)²/ΣΔ² of the contributions Δ to the field of the winning class, median over test "
            "images of the first task; K for features that all count alike, 1 for a prototype.",
            "Likeness: cosine of a memory vector with the nearest training image of that task, median over memory vectors.",
            f"Bars: 95% intervals over {len(results.config.seeds)} seeds.",
        ],
    )


def write_all(results: Results, folder: Path) -> list[Path]:
    """Write both figures of these results into a folder, with their data and provenance."""
    started = time.perf_counter()
    files = write("sequential", sequential.content(results), folder, "full", time.perf_counter() - started)
    if results.pictures:
        files += write("memories", content(results), folder, "full", time.perf_counter() - started)
    return files


def _drawn(results: Results, rows: list[Row]) -> Any:
    from dammech.plot.canvas import sheet, styled

    vertices = values(select(rows, {"panel": "transition"}), "vertex")
    mean: Look = {"color": "#0072B2", "marker": "o", "mfc": "white", "linestyle": "-", "linewidth": 1}
    upper, lower = (
        series("vertex", name, {"panel": "transition"}, error=f"{name}_half_width", **mean)
        for name in ("participation", "likeness")
    )
    decades = {"yticks": [1, 3, 10, 30], "yticklabels": ["1", "3", "10", "30"]}
    participation = {"xscale": "log", "yscale": "log", "ylabel": "memories that decide", **decades}
    likeness = {"xlabel": "vertex $n$", "ylim": (0, 1), "ylabel": "likeness to an image"}
    panels = [
        Panel([upper], title="(b) from features to prototypes", axes=participation, plain=vertices),
        Panel([lower], axes=likeness, plain=vertices),
    ]
    with styled():
        page = sheet(7.0, 3.8)
        left, right = page.subfigures(1, 2, squeeze=False, width_ratios=(1.55, 1))[0]
        for line, picture in zip(left.subplots(len(results.pictures), SHOWN, squeeze=False), results.pictures):
            for axes, memory in zip(line, picture["memory"]):
                axes.imshow(np.reshape(memory, picture["shape"]), cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
            for axes in line:
                axes.set(xticks=[], yticks=[])
            line[0].set_ylabel(f"$n = {picture['vertex']:g}$", rotation=0, ha="right", va="center")
        left.suptitle("(a) memory vectors", fontsize=8)
        for axes, panel in zip(right.subplots(2, 1, sharex=True), panels):
            panel.draw(axes, rows)
        return page
