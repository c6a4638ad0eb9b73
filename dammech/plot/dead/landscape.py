"""The energy of three neurons with its flat region: where it holds the fixed point, and where it only seems to."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.flows import trajectory
from dammech.plot.dead import LIVE, SPURIOUS, TRUE, minimal
from dammech.plot.figures import Content, Progress, Row

CASES: dict[str, tuple[tuple[float, float], str]] = {"true": (TRUE, "#0072B2"), "spurious": (SPURIOUS, "#D55E00")}
DASHES: dict[str, Any] = {"true": "-", "spurious": (0, (5, 1.6))}
DEPTH = 2.0
LAST = 10.0
SETTINGS: dict[str, dict[str, Any]] = {"quick": {"grid": 47, "times": 201}, "full": {"grid": 201, "times": 1001}}
REDUCED = ["47 × 47 values of the energy, 201 times (full: 201 × 201, 1001)"]
BOX = (-2.35, 1.15, 0.55, 1.95)  # h2 and v


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for case, (numbers, _) in CASES.items():
        progress(f"the {case} flat region")
        rows += landscape(case, *numbers, chosen["grid"]) + followed(case, *numbers, chosen["times"])
    notes = [
        "One linear visible neuron v (input 1), two rectified hidden neurons, weights 1/2 and −1/2, biases 0 and b₂. While "
        "h₂ < 0 the energy does not depend on it: the half-line v = 4/3, h₂ ≤ 0 is critical in both networks.",
        "(a, b) the energy in the section h₁ = v/2, where h₁ rests, and trajectories of all three neurons projected on it.",
        "(c, d) along the trajectories from h₂ = −2. In the spurious case the energy stands still until t = ln 7 exactly, a "
        "stop at dE/dt = 0 would take it for a fixed point; the residual max|W g + b − x| never is small there.",
        "Errors of the trajectories, from a second run at another tolerance, are in the data (error).",
    ]
    parameters = {
        "cases": {case: dict(zip(("weight", "bias"), values)) for case, (values, _) in CASES.items()}, "depth": DEPTH,
        "last time": LAST, **chosen,
    }  # fmt: skip
    return Content(_drawn(rows), rows, parameters, REDUCED, notes)


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
    from dammech.plot.canvas import sheet, styled

    with styled():
        page = sheet(7.0, 5.2)
        (first, second), (third, fourth) = page.subplots(2, 2, height_ratios=(1.25, 1))
        for axes, case, letter in ((first, "true", "a"), (second, "spurious", "b")):
            _draw_map(axes, [r for r in rows if r["series"] == case], case)
            words = "the flat region holds the fixed point" if case == "true" else "the flat region holds none"
            axes.set_title(f"({letter}) $b_2 = {'1/3' if case == 'true' else '1'}$: {words}")
        second.set_ylabel("")
        _draw_times(third, rows, "energy")
        _draw_times(fourth, rows, "residual")
        return page


def _draw_map(axes: Any, rows: list[Row], case: str) -> None:
    from matplotlib.patheffects import withStroke

    grid = [r for r in rows if r["panel"] == "landscape"]
    side = round(len(grid) ** 0.5)
    h2, v, energy = (np.array([r[k] for r in grid]).reshape(side, side) for k in ("h2", "v", "energy"))
    low = energy.min()
    levels = low + (0.5 - low) * np.linspace(0, 1, 15) ** 2
    axes.contourf(h2, v, energy, levels=levels, cmap="Greys_r", alpha=0.35, extend="max")
    axes.contour(h2, v, energy, levels=levels[1:], colors="0.4", linewidths=0.4, linestyles="solid")
    axes.axvline(0, color="0.25", linewidth=0.7, linestyle=(0, (1, 1.5)))
    axes.plot([BOX[0], 0], [LIVE[0]] * 2, color="#000000", linewidth=6.0, alpha=0.55, solid_capstyle="butt")
    path = [r for r in rows if r["panel"] == "trajectory"]
    color = CASES[case][1]
    halo = [withStroke(linewidth=3.4, foreground="white")]  # seen against the flat region in grey print, too
    axes.plot([r["h2"] for r in path], [r["v"] for r in path], color=color, linestyle="-", linewidth=1.4, path_effects=halo)
    axes.plot(-DEPTH, LIVE[0], "o", color=color, mfc="white", ms=4.5)
    _arrow(axes, path, -1.2 if case == "true" else -0.9, color)
    if case == "spurious":
        _arrow(axes, path, 0.25, color)
    (rest,) = [r for r in rows if r["panel"] == "fixed point"]
    axes.plot(rest["h2"], rest["v"], "o", color=color, ms=5.5)
    text = {"fontsize": 7.5, "bbox": {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.2}}
    shift = (8, -14) if case == "true" else (-16, -18)
    axes.annotate("fixed point", (rest["h2"], rest["v"]), shift, textcoords="offset points", **text)
    axes.text(-2.25, LIVE[0] + 0.09, f"flat: $E = -2/3$, $h_2 \\leq 0${'' if case == 'true' else ', no fixed point'}", **text)
    axes.text(-2.25, 0.62, "$h_2$ dead", **text)
    axes.text(0.55, 1.82, "$h_2$ alive", **text)
    if case == "spurious":
        axes.annotate("$t = \\ln 7$", (0, LIVE[0]), (10, 10), textcoords="offset points", **text)
    axes.set(xlim=BOX[:2], ylim=BOX[2:], xlabel="hidden field $h_2$", ylabel="visible field $v$")


def _arrow(axes: Any, path: list[Row], where: float, color: str) -> None:
    """An arrow head on a trajectory where h2 passes a value."""
    k = int(np.argmax([r["h2"] > where for r in path]))
    if k + 1 < len(path):
        one, other = path[k], path[k + 1]
        axes.annotate("", (other["h2"], other["v"]), (one["h2"], one["v"]),
                      arrowprops={"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0})  # fmt: skip


def _draw_times(axes: Any, rows: list[Row], what: str) -> None:
    names = {"true": "trajectory of (a)", "spurious": "trajectory of (b)"}
    for case, (_, color) in CASES.items():
        path = [r for r in rows if r["panel"] == "trajectory" and r["series"] == case]
        axes.plot([r["time"] for r in path], [r[what] for r in path], color=color, linestyle=DASHES[case], label=names[case])
    (escape,) = [r for r in rows if r["panel"] == "escape"]
    axes.axvline(escape["time"], color="0.4", linewidth=0.7, linestyle=(0, (1, 1.5)))
    axes.set(xlabel="time $t/\\tau$", xlim=(0, LAST))
    if what == "energy":
        axes.set(ylabel="energy $E$", ylim=(-0.765, -0.645))
        axes.set_yticks([-0.75, -0.7, -2 / 3], ["$-3/4$", "$-0.7$", "$-2/3$"])
        axes.text(escape["time"] + 0.2, -0.656, "$t = \\ln 7$; until then $dE/dt = 0$ in (b) too", fontsize=7.5)
        axes.set_title("(c) the energy along both trajectories")
        axes.legend(loc="center right")
    else:
        axes.set(yscale="log", ylabel=r"residual $\max_i |(Wg + b - x)_i|$", ylim=(2e-5, 6))
        axes.set_title("(d) what vanishes at fixed points only")
