"""Basins of steady states that touch flat regions, from trajectories."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.flows import basin, trajectory
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import ON_WHITE, Layer, Look, Panel, arrow, page, rule, select, series, shape, values, words
from dammech.systems.lagrangian.figures.looks import LIVE, STABLE_TOUCH, UNSTABLE_TOUCH, minimal
from dammech.systems.lagrangian.model import Lagrangian, Network

SETTINGS: dict[str, dict[str, Any]] = {"quick": {"grid": 40}, "full": {"grid": 160}}
REDUCED = ["40 × 40 starts (full: 160 × 160)"]
SLICE = (-1.6, 1.0, 0.73, 1.93)  # h2 and v
#: no start on the diagonal, which leads to the saddle
BOXES = {"inhibition": (-2.0, 2.0, -2.02, 1.98), "stable": SLICE, "unstable": SLICE}
TITLES = {
    "inhibition": "(a) two attractors",
    "stable": "(b) touches a stable point",
    "unstable": "(c) touches an unstable point",
}
UNTIL = 200.0
#: of basins: vermilion, sky blue and green of the style, pale, and hatches
PALE = {-1: "#ecb78c", 0: "#b3ddf5", 1: "#8cd3c0"}
HATCHES = {-1: "////", 0: None, 1: "...."}
THICK: Look = {"color": "#000000", "linewidth": 3, "linestyle": "-", "alpha": 0.75, "solid_capstyle": "butt"}
REST: Look = {"color": "#000000", "marker": "o", "linestyle": "", "ms": 5}
SADDLE: Look = {"color": "#000000", "marker": "s", "mfc": "white", "linestyle": "", "ms": 4}
#: where single trajectories of each panel start
STARTS: dict[str, tuple[tuple[float, ...], ...]] = {
    "inhibition": ((1.0, -1.8), (-1.6, -0.7), (1.8, 1.3), (-0.4, -1.7), (0.9, 1.9), (-1.8, 1.0)),
    "stable": ((*LIVE, -1.4), (1.75, LIVE[1], -1.2), (0.95, LIVE[1], -1.2), (1.5, LIVE[1], 0.8)),
    "unstable": ((*LIVE, -1.4), (1.75, LIVE[1], -1.2), (1.2, LIVE[1], -1.2), (1.5, LIVE[1], 0.8)),
}


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for case in STARTS:
        progress(f"basins: {case}")
        rows += basins(case, chosen["grid"]) + paths(case)
    return Content(
        _drawn(rows),
        rows,
        parameters={
            "inhibition": -2.0, "stable": dict(zip(("weight", "bias"), STABLE_TOUCH)),
            "unstable": dict(zip(("weight", "bias"), UNSTABLE_TOUCH)), "until": UNTIL, **chosen,
        },
        reduced=REDUCED,
        notes=[
            "(a) two rectified neurons that inhibit each other with weight −2, biases 1. Each of the two attractors touches a "
            "flat half-line (thick). The quadrant where both are dead is flat as well, E = 0, but holds no fixed point "
            "(spurious): its points move straight towards (1, 1) and are divided between the two.",
            "(b, c) one linear visible and two rectified hidden neurons, starts with h₁ = 2/3. The fixed point (dot) sits at the "
            "end of the flat half-line v = 4/3, h₂ ≤ 0 (thick). Where it is stable, an open neighbourhood of the whole half-line "
            "is attracted; where it is unstable on its alive side, the half-line still is, but it is the border of what is.",
            f"Every cell is the end of one trajectory, stopped by its residual; escaped: not at rest at t = {UNTIL:g}. Cells are "
            "centred on the starts; trajectories are projected.",
        ],
    )  # fmt: skip


def case_of(case: str) -> tuple[Network, np.ndarray]:
    """The network and its attractors."""
    if case == "inhibition":
        net = Network([Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": [[0, -2], [-2, 0]]}], [[1, 1]])
        return net, np.array([[1.0, -1], [-1, 1]])
    return minimal(*(STABLE_TOUCH if case == "stable" else UNSTABLE_TOUCH)), np.array([[*LIVE, 0.0]])


def basins(case: str, grid: int) -> list[Row]:
    """The attractor of every start of a grid."""
    net, attractors = case_of(case)
    across, upward = (a + (b - a) * (np.arange(grid) + 0.5) / grid for a, b in (BOXES[case][:2], BOXES[case][2:]))
    first, second = (a.ravel() for a in np.meshgrid(across, upward))
    starts = np.stack([first, second] if case == "inhibition" else [second, np.full_like(first, LIVE[1]), first], -1)
    found = basin(net, attractors, starts, until=UNTIL)
    return [
        {"panel": case, "series": "basin", "across": a, "upward": b, "attractor": k}
        for a, b, k in zip(first.round(9).tolist(), second.round(9).tolist(), found.labels.tolist())
    ]


def paths(case: str) -> list[Row]:
    """A few trajectories, projected on the plane that is drawn."""
    net, _ = case_of(case)
    rows: list[Row] = []
    for k, start in enumerate(STARTS[case]):
        run = trajectory(net, start, until=60.0)
        times = run.times[-1] * np.linspace(0, 1, 150) ** 2
        states = run.at(times)
        states = states.round(9)
        across, upward = (states[:, 0], states[:, 1]) if case == "inhibition" else (states[:, 2], states[:, 0])
        rows += [
            {"panel": case, "series": f"trajectory {k}", "time": t, "across": a, "upward": b, "error": run.error}
            for t, a, b in zip(times.tolist(), across.tolist(), upward.tolist())
        ]
    return rows


def _drawn(rows: list[Row]) -> Any:
    said = {0: "to the fixed point; in (a), to (1, −1)", 1: "to (−1, 1)", -1: "escapes"}
    keys: list[Look] = [
        *(dict(facecolor=PALE[k], edgecolor="0.35", hatch=HATCHES[k], linewidth=0.4, label=said[k]) for k in said),
        dict(THICK, alpha=1, label="flat region with a fixed point"),
        dict(REST, label="fixed point of a flat region"),
        dict(SADDLE, label="saddle"),
        dict(color="#000000", linewidth=0.9, linestyle="-", label="trajectory"),
    ]
    return page(rows, [_panel(rows, case) for case in STARTS], (7.0, 3.3), keys, columns=4)


def _panel(rows: list[Row], case: str) -> Panel:
    left, right, bottom, top = box = BOXES[case]
    layers: list[Layer] = [_cells]
    for k in range(len(STARTS[case])):
        path = select(rows, {"panel": case, "series": f"trajectory {k}"})
        start = {"color": "#000000", "marker": "o", "mfc": "white", "ms": 2.6, "mew": 0.7}
        layers += [
            series("across", "upward", {"series": f"trajectory {k}"}, color="#000000", linestyle="-", linewidth=0.8),
            shape([path[0]["across"]], [path[0]["upward"]], **start),
            *_heading(path, box),
        ]
    said: Look = {"bbox": ON_WHITE, "va": "bottom"}
    if case == "inhibition":
        labels = {"xlabel": "field $x_1$", "ylabel": "field $x_2$"}
        layers += [
            shape([1, 1], [-2, 0], **THICK),
            shape([-2, 0], [1, 1], **THICK),
            shape([1, -1], [-1, 1], **REST),
            shape([1 / 3], [1 / 3], **SADDLE),
            shape([-2, 0, 0], [0, 0, -2], color="0.2", linewidth=0.8, linestyle=(0, (3, 1.5))),
            words("both dead:\nflat, $E = 0$,\nno fixed point", -1.9, -1.9, **said),
        ]
    else:
        labels = {"xlabel": "hidden field $h_2$", "ylabel": "visible field $v$" if case == "stable" else ""}
        layers += [
            shape([left, 0], [LIVE[0]] * 2, **THICK),
            shape([0], [LIVE[0]], **REST),
            rule(x=0, color="0.2"),
            words("$h_2$ dead", left + 0.06, bottom + 0.03, **said),
            words("alive", right - 0.06, bottom + 0.03, ha="right", **said),
        ]
    return Panel(layers, {"panel": case}, TITLES[case], {**labels, "xlim": (left, right), "ylim": (bottom, top)})


def _cells(axes: Any, rows: list[Row]) -> None:
    """The cells of every basin as strips, one for each run of a row; a hatch over all of them."""
    cells = select(rows, {"series": "basin"})
    side = round(len(cells) ** 0.5)
    across, upward, labels = (np.reshape(values(cells, name), (side, side)) for name in ("across", "upward", "attractor"))
    across, upward = across[0], upward[:, 0]
    half_across, half_upward = ((a[1] - a[0]) / 2 for a in (across, upward))
    x, y = (np.pad(a, 1, mode="reflect", reflect_type="odd") for a in (across, upward))
    for k in np.unique(labels).tolist():
        look: Look = {"facecolor": PALE[k], "edgecolor": PALE[k], "linewidth": 0.25, "zorder": 0}
        for row, height in zip(labels == k, upward):
            edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
            for start, end in zip(edges[::2], edges[1::2] - 1):
                span = [across[start] - half_across, across[end] + half_across]
                axes.fill_between(span, height - half_upward, height + half_upward, **look)
        if HATCHES[k]:
            mine = np.pad((labels == k).astype(float), 1, mode="edge")
            axes.contourf(x, y, mine, levels=[0.5, 1.5], colors="none", hatches=[HATCHES[k]], zorder=0.5)


def _heading(path: list[Row], box: tuple[float, ...]) -> list[Layer]:
    """An arrow head at half the length of a path within the box."""
    left, right, bottom, top = box
    track = np.stack([values(path, "across"), values(path, "upward")], axis=1)
    inside = np.all((track > [left, bottom]) & (track < [right, top]), axis=1)
    last = int(np.argmin(inside)) if not inside.all() else len(track)
    steps = np.linalg.norm(np.diff(track[:last] / [right - left, top - bottom], axis=0), axis=1)
    length = np.concatenate([[0], np.cumsum(steps)])
    k = int(np.searchsorted(length, 0.45 * length[-1]))
    return [arrow(track[k - 1], track[k], color="#000000", linewidth=0.8, mutation_scale=7)] if 0 < k < last else []
