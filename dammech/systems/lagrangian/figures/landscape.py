"""The energy of three neurons with its flat region: where it holds the fixed point, and where it only seems to."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.flows import trajectory
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import (
    ON_WHITE,
    Layer,
    Look,
    Panel,
    arrow,
    page,
    points,
    rule,
    select,
    series,
    shape,
    values,
    words,
)
from dammech.systems.lagrangian.figures.looks import LIVE, SPURIOUS, TRUE, minimal

#: weight and bias, and look
CASES: dict[str, tuple[tuple[float, float], str, Any]] = {
    "true": (TRUE, "#0072B2", "-"),
    "spurious": (SPURIOUS, "#D55E00", (0, (5, 1.6))),
}
DEPTH = 2.0
LAST = 10.0
SETTINGS: dict[str, dict[str, Any]] = {"quick": {"grid": 47, "times": 201}, "full": {"grid": 201, "times": 1001}}
REDUCED = ["47 × 47 values of the energy, 201 times (full: 201 × 201, 1001)"]
BOX = (-2.35, 1.15, 0.55, 1.95)  # h2 and v


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for case, (numbers, *_) in CASES.items():
        progress(f"the {case} flat region")
        rows += landscape(case, *numbers, chosen["grid"]) + followed(case, *numbers, chosen["times"])
    return Content(
        _drawn(rows),
        rows,
        parameters={
            "cases": {case: dict(zip(("weight", "bias"), numbers)) for case, (numbers, *_) in CASES.items()}, "depth": DEPTH,
            "last time": LAST, **chosen,
        },
        reduced=REDUCED,
        notes=[
            "One linear visible neuron v (input 1), two rectified hidden neurons, weights 1/2 and −1/2, biases 0 and b₂. While "
            "h₂ < 0 the energy does not depend on it: the half-line v = 4/3, h₂ ≤ 0 is critical in both networks.",
            "(a, b) the energy in the section h₁ = v/2, where h₁ rests, and trajectories of all three neurons projected on it.",
            "(c, d) along the trajectories from h₂ = −2. In the spurious case the energy stands still until t = ln 7 exactly, a "
            "stop at dE/dt = 0 would take it for a fixed point; the residual max|W g + b − x| never is small there.",
            "Errors of the trajectories, from a second run at another tolerance, are in the data (error).",
        ],
    )  # fmt: skip


def landscape(case: str, weight: float, bias: float, grid: int) -> list[Row]:
    """E(h2, v) at h1 = v/2."""
    depths, fields = np.linspace(*BOX[:2], grid), np.linspace(*BOX[2:], grid)
    h2, v = (a.ravel() for a in np.meshgrid(depths, fields))
    energies = minimal(weight, bias).energy(np.stack([v, v / 2, h2], -1))
    return [
        {"panel": "landscape", "series": case, "v": a, "h1": a / 2, "h2": b, "energy": e}
        for a, b, e in zip(v.round(9).tolist(), h2.round(9).tolist(), energies.round(9).tolist())
    ]


def followed(case: str, weight: float, bias: float, times: int) -> list[Row]:
    """The trajectory from deep in the flat region, with energy and residual."""
    net = minimal(weight, bias)
    run = trajectory(net, [*LIVE, -DEPTH], residual=1e-12)
    wanted = np.unique([*np.linspace(0, LAST, times), *(c.time for c in run.crossings)])
    states = run.at(wanted)
    residuals, energies = np.abs(net.drive(states)).max(-1), net.energy(states)
    rows: list[Row] = [
        {"panel": "trajectory", "series": case, "time": t, "v": x[0], "h1": x[1], "h2": x[2], "energy": e, "residual": r,
         "error": run.error}
        for t, x, e, r in zip(wanted.tolist(), states.tolist(), energies.tolist(), residuals.tolist())
    ]  # fmt: skip
    kind = "fixed point"
    for label, x in [(kind, run.end), *(("escape", c.state) for c in run.crossings)]:
        time = None if label == kind else run.crossings[0].time
        rows.append({"panel": label, "series": case, "time": time, "v": x[0], "h1": x[1], "h2": x[2],
                     "energy": float(net.energy(x)), "error": run.error})  # fmt: skip
    return rows


def _drawn(rows: list[Row]) -> Any:
    (escape,) = select(rows, {"panel": "escape"})
    panels = [_map(rows, case, letter) for case, letter in zip(CASES, "ab")]
    panels[0].axes["ylabel"] = "visible field $v$"
    edge, until = "$t = \\ln 7$; until then $dE/dt = 0$ in (b) too", (escape["time"] + 0.2, -0.656)
    energy = {"ylabel": "energy $E$", "ylim": (-0.765, -0.645), "yticks": [-0.75, -0.7, -2 / 3],
              "yticklabels": ["$-3/4$", "$-0.7$", "$-2/3$"]}  # fmt: skip
    residual = {"yscale": "log", "ylabel": r"residual $\max_i |(Wg + b - x)_i|$", "ylim": (2e-5, 6)}
    titles = {"energy": "(c) the energy along both trajectories", "residual": "(d) what vanishes at fixed points only"}
    for what, axes in (("energy", energy), ("residual", residual)):
        curves = [
            series("time", what, {"panel": "trajectory", "series": case}, color=color, linestyle=dashes,
                   label=f"trajectory of ({letter})")
            for letter, (case, (_, color, dashes)) in zip("ab", CASES.items())
        ]  # fmt: skip
        said = [words(edge, *until, fontsize=7.5)] if what == "energy" else []
        layers = [*curves, rule(x=escape["time"]), *said]
        common = {"xlabel": "time $t/\\tau$", "xlim": (0, LAST)}
        panels.append(Panel(layers, title=titles[what], axes=common | axes, legend="center right" if said else ""))
    return page(rows, panels, (7.0, 5.2), lines=2, height_ratios=(1.25, 1))


def _map(rows: list[Row], case: str, letter: str) -> Panel:
    _, color, _ = CASES[case]
    spurious = case == "spurious"
    path = select(rows, {"series": case, "panel": "trajectory"})
    (rest,) = select(rows, {"series": case, "panel": "fixed point"})
    said: Look = {"fontsize": 7.5, "bbox": ON_WHITE}
    flat = f"flat: $E = -2/3$, $h_2 \\leq 0${', no fixed point' if spurious else ''}"
    layers = [
        _energies,
        rule(x=0, color="0.25"),
        shape([BOX[0], 0], [LIVE[0]] * 2, color="#000000", linewidth=6.0, linestyle="-", alpha=0.55, solid_capstyle="butt"),
        series("h2", "v", {"panel": "trajectory"}, color=color, linestyle="-", linewidth=1.4, halo=3.4),
        shape([-DEPTH], [LIVE[0]], marker="o", color=color, mfc="white", ms=4.5),
        *(_heading(path, h2, color) for h2 in ((-0.9, 0.25) if spurious else (-1.2,))),
        points("h2", "v", {"panel": "fixed point"}, marker="o", color=color, ms=5.5),
        words("fixed point", rest["h2"], rest["v"], shift=(-16, -18) if spurious else (8, -14), **said),
        words(flat, -2.25, LIVE[0] + 0.09, **said),
        words("$h_2$ dead", -2.25, 0.62, **said),
        words("$h_2$ alive", 0.55, 1.82, **said),
        *([words("$t = \\ln 7$", 0, LIVE[0], shift=(10, 10), **said)] if spurious else []),
    ]
    title = f"({letter}) $b_2 = {'1' if spurious else '1/3'}$: the flat region holds {'none' if spurious else 'the fixed point'}"
    return Panel(layers, {"series": case}, title, {"xlim": BOX[:2], "ylim": BOX[2:], "xlabel": "hidden field $h_2$"})


def _energies(axes: Any, rows: list[Row]) -> None:
    grid = select(rows, {"panel": "landscape"})
    side = round(len(grid) ** 0.5)
    h2, v, energy = (np.reshape(values(grid, name), (side, side)) for name in ("h2", "v", "energy"))
    levels = energy.min() + (0.5 - energy.min()) * np.linspace(0, 1, 15) ** 2
    axes.contourf(h2, v, energy, levels=levels, cmap="Greys_r", alpha=0.35, extend="max")
    axes.contour(h2, v, energy, levels=levels[1:], colors="0.4", linewidths=0.4, linestyles="solid")


def _heading(path: list[Row], h2: float, color: str) -> Layer:
    """An arrow head on a trajectory where h2 passes a value."""
    k = int(np.argmax([r["h2"] > h2 for r in path[:-1]]))
    tail, head = ((r["h2"], r["v"]) for r in path[k : k + 2])
    return arrow(tail, head, color=color)
