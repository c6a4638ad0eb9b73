"""Basins of steady states that touch flat regions, from trajectories."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.flows import basin, trajectory
from dammech.models import Lagrangian, Network
from dammech.plot.dead import LIVE, STABLE_TOUCH, UNSTABLE_TOUCH, minimal
from dammech.plot.figures import Content, Progress, Row

SETTINGS: dict[str, dict[str, Any]] = {"quick": {"grid": 40}, "full": {"grid": 160}}
REDUCED = ["40 × 40 starts (full: 160 × 160)"]
PLANE = (-2.0, 2.0, -2.02, 1.98)  # no start on the diagonal, which leads to the saddle
SLICE = (-1.6, 1.0, 0.73, 1.93)  # h2 and v
UNTIL = 200.0
COLORS = {-1: "#D55E00", 0: "#56B4E9", 1: "#009E73"}
HATCHES = {-1: "////", 0: None, 1: "...."}
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
    notes = [
        "(a) two rectified neurons that inhibit each other with weight −2, biases 1. Each of the two attractors touches a flat "
        "half-line (thick). The quadrant where both are dead is flat as well, E = 0, but holds no fixed point (spurious): its "
        "points move straight towards (1, 1) and are divided between the two.",
        "(b, c) one linear visible and two rectified hidden neurons, starts with h₁ = 2/3. The fixed point (dot) sits at the end "
        "of the flat half-line v = 4/3, h₂ ≤ 0 (thick). Where it is stable, an open neighbourhood of the whole half-line is "
        "attracted; where it is unstable on its alive side, the half-line still is, but it is the border of what is.",
        f"Every cell is the end of one trajectory, stopped by its residual; escaped: not at rest at t = {UNTIL:g}. Cells are "
        "centred on the starts; trajectories are projected.",
    ]
    parameters = {
        "inhibition": -2.0, "stable": dict(zip(("weight", "bias"), STABLE_TOUCH)),
        "unstable": dict(zip(("weight", "bias"), UNSTABLE_TOUCH)), "until": UNTIL, **chosen,
    }  # fmt: skip
    return Content(_drawn(rows), rows, parameters, REDUCED, notes)


def case_of(case: str) -> tuple[Network, np.ndarray]:
    """The network and its attractors."""
    if case == "inhibition":
        net = Network([Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": [[0, -2], [-2, 0]]}], [[1, 1]])
        return net, np.array([[1.0, -1], [-1, 1]])
    return minimal(*(STABLE_TOUCH if case == "stable" else UNSTABLE_TOUCH)), np.array([[*LIVE, 0.0]])


def basins(case: str, grid: int) -> list[Row]:
    """The attractor of every start of a grid."""
    net, attractors = case_of(case)
    box = PLANE if case == "inhibition" else SLICE
    across, upward = (a + (b - a) * (np.arange(grid) + 0.5) / grid for a, b in (box[:2], box[2:]))
    first, second = (a.ravel() for a in np.meshgrid(across, upward))
    starts = np.stack([first, second] if case == "inhibition" else [second, np.full_like(first, LIVE[1]), first], -1)
    found = basin(net, attractors, starts, until=UNTIL)
    return [
        {"panel": case, "series": "basin", "across": a, "upward": b, "attractor": k, "verdict": v}
        for a, b, k, v in zip(first.tolist(), second.tolist(), found.labels.tolist(), found.verdicts.tolist())
    ]


def paths(case: str) -> list[Row]:
    """A few trajectories, projected on the plane that is drawn."""
    net, _ = case_of(case)
    rows: list[Row] = []
    for k, start in enumerate(STARTS[case]):
        run = trajectory(net, start, until=60.0)
        times = run.times[-1] * np.linspace(0, 1, 400) ** 2
        states = run.at(times)
        across, upward = (states[:, 0], states[:, 1]) if case == "inhibition" else (states[:, 2], states[:, 0])
        rows += [
            {"panel": case, "series": f"trajectory {k}", "time": t, "across": a, "upward": b, "error": run.error}
            for t, a, b in zip(times.tolist(), across.tolist(), upward.tolist())
        ]
    return rows


def _drawn(rows: list[Row]) -> Any:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    from dammech.plot.canvas import sheet, styled

    titles = {
        "inhibition": "(a) two attractors", "stable": "(b) touches a stable point", "unstable": "(c) touches an unstable point",
    }  # fmt: skip
    with styled():
        page = sheet(7.0, 3.3)
        for axes, case in zip(page.subplots(1, 3), STARTS):
            _draw_case(axes, [r for r in rows if r["panel"] == case], case)
            axes.set_title(titles[case])
        words = {0: "to the fixed point; in (a), to (1, −1)", 1: "to (−1, 1)", -1: "escapes"}
        handles: list[Any] = [
            Patch(facecolor=_pale(COLORS[k]), edgecolor="0.35", hatch=HATCHES[k], linewidth=0.4, label=words[k])
            for k in (0, 1, -1)
        ]
        handles.append(Line2D([], [], color="#000000", linewidth=3, linestyle="-", label="flat region with a fixed point"))
        handles.append(Line2D([], [], color="#000000", marker="o", linestyle="", ms=5, label="fixed point of a flat region"))
        handles.append(Line2D([], [], color="#000000", marker="s", mfc="white", linestyle="", ms=4, label="saddle"))
        handles.append(Line2D([], [], color="#000000", linewidth=0.9, linestyle="-", label="trajectory"))
        page.legend(handles=handles, loc="outside lower center", ncols=4, columnspacing=1.2)
        return page


def _draw_case(axes: Any, rows: list[Row], case: str) -> None:
    cells = [r for r in rows if r["series"] == "basin"]
    side = round(len(cells) ** 0.5)
    across, upward, labels = (np.array([r[k] for r in cells]).reshape(side, side) for k in ("across", "upward", "attractor"))
    box = PLANE if case == "inhibition" else SLICE
    for k in np.unique(labels).tolist():
        _draw_cells(axes, across[0], upward[:, 0], labels == k, box, _pale(COLORS[k]), HATCHES[k])
    for name in dict.fromkeys(r["series"] for r in rows if r["series"] != "basin"):
        path = [r for r in rows if r["series"] == name]
        axes.plot([r["across"] for r in path], [r["upward"] for r in path], color="#000000", linestyle="-", linewidth=0.8)
        axes.plot(path[0]["across"], path[0]["upward"], "o", color="#000000", mfc="white", ms=2.6, mew=0.7)
        _arrow(axes, path, box)
    text = {"fontsize": 7, "bbox": {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1}}
    thick = {"color": "#000000", "linewidth": 3, "linestyle": "-", "alpha": 0.75, "solid_capstyle": "butt"}
    if case == "inhibition":
        axes.plot([1, 1], [-2, 0], **thick)
        axes.plot([-2, 0], [1, 1], **thick)
        axes.plot([1, -1], [-1, 1], "o", color="#000000", ms=5)
        axes.plot(1 / 3, 1 / 3, "s", color="#000000", mfc="white", ms=4)
        axes.plot([-2, 0, 0], [0, 0, -2], color="0.2", linewidth=0.8, linestyle=(0, (3, 1.5)))
        axes.text(-1.9, -1.9, "both dead:\nflat, $E = 0$,\nno fixed point", va="bottom", **text)
        axes.set(xlabel="field $x_1$", ylabel="field $x_2$")
    else:
        axes.plot([box[0], 0], [LIVE[0]] * 2, **thick)
        axes.plot(0, LIVE[0], "o", color="#000000", ms=5)
        axes.axvline(0, color="0.2", linewidth=0.7, linestyle=(0, (1, 1.5)))
        axes.text(box[0] + 0.06, box[2] + 0.03, "$h_2$ dead", va="bottom", **text)
        axes.text(box[1] - 0.06, box[2] + 0.03, "alive", va="bottom", ha="right", **text)
        axes.set(xlabel="hidden field $h_2$", ylabel="visible field $v$" if case == "stable" else "")
    axes.set(xlim=box[:2], ylim=box[2:])


def _draw_cells(axes: Any, across: np.ndarray, upward: np.ndarray, mine: np.ndarray, box: Any, color: Any, hatch: Any) -> None:
    """The cells of one basin as strips, one for each run of a row; a hatch over all of them."""
    half_across, half_upward = ((a[1] - a[0]) / 2 for a in (across, upward))
    for row, height in zip(mine, upward):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
        for start, end in zip(edges[::2], edges[1::2]):
            left, right = across[start] - half_across, across[end - 1] + half_across
            axes.fill_between([left, right], height - half_upward, height + half_upward, facecolor=color, edgecolor=color,
                              linewidth=0.25, zorder=0)  # fmt: skip
    if hatch:
        x, y = (np.pad(a, 1, mode="reflect", reflect_type="odd") for a in (across, upward))
        axes.contourf(x, y, np.pad(mine.astype(float), 1, mode="edge"), levels=[0.5, 1.5], colors="none", hatches=[hatch],
                      zorder=0.5)  # fmt: skip


def _arrow(axes: Any, path: list[Row], box: Any) -> None:
    """An arrow head at half the length of a path within the box."""
    points = np.array([[r["across"], r["upward"]] for r in path])
    inside = (points[:, 0] > box[0]) & (points[:, 0] < box[1]) & (points[:, 1] > box[2]) & (points[:, 1] < box[3])
    last = int(np.argmin(inside)) if not inside.all() else len(points)
    scaled = points[:last] / [box[1] - box[0], box[3] - box[2]]
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(scaled, axis=0), axis=1))])
    k = int(np.searchsorted(length, 0.45 * length[-1]))
    if 0 < k < last:
        axes.annotate("", points[k], points[k - 1], arrowprops={
            "arrowstyle": "-|>", "color": "#000000", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7,
        })  # fmt: skip


def _pale(color: str) -> Any:
    from matplotlib.colors import to_rgb

    return tuple(0.45 * c + 0.55 for c in to_rgb(color))
