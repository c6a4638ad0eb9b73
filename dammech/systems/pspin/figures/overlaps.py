"""P(q) of the p = 3 glass and of Sherrington and Kirkpatrick's from parallel tempering, against the peaks of 1RSB."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, arrow, band, page, select, series
from dammech.simulate import temper
from dammech.solve import solve
from dammech.systems.pspin.model import PSpin

# order: temperature, the hottest of the ladder, (size, samples, sweeps)
CASES: dict[int, tuple[float, float, tuple[tuple[int, int, int], ...]]] = {
    3: (0.5, 1.3, ((16, 100, 4000), (32, 100, 4000), (48, 64, 4000))),
    2: (0.5, 1.5, ((32, 128, 2000), (64, 96, 2000), (128, 48, 2500))),
}
FULL: dict[int, tuple[float, float, tuple[tuple[int, int, int], ...]]] = {
    3: (0.5, 1.3, ((16, 400, 8000), (32, 400, 8000), (48, 200, 16000), (64, 100, 40000))),
    2: (0.5, 1.5, ((32, 400, 4000), (64, 400, 4000), (128, 200, 8000), (256, 100, 16000))),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"cases": CASES, "ladder": 10, "seed": 1},
    "full": {"cases": FULL, "ladder": 14, "seed": 1},
}
REDUCED = ["three sizes, up to 128 samples (full: four, 400)"]
LOOKS = (("#56B4E9", (0, (2, 1))), ("#009E73", (0, (6, 1.2, 1, 1.2))), ("#0072B2", "-"), ("#CC79A7", (0, (7, 2))))


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for order, (T, hottest, sizes) in chosen["cases"].items():
        progress(f"1RSB for p = {order}")
        rows += peaks(order, T)
        for size, samples, sweeps in sizes:
            progress(f"tempering p = {order}, N = {size}")
            rows += law(order, T, hottest, chosen["ladder"], size, samples, sweeps, chosen["seed"])
    return Content(
        _drawn(rows, chosen["cases"]),
        rows,
        parameters={"ansatz": "1rsb", "convention": "canonical (J = 1)", "ladder": "geometric", "start": "random", **chosen},
        reduced=REDUCED,
        notes=[
            "Simulation: overlap of two independent copies, averaged over samples of the couplings; bands are one standard error "
            "over samples. For p = 2 the law of |q|: H is even.",
            "Prediction: the 1RSB law at N → ∞, peaks at q_0 of weight θ and at q_1 of weight 1 − θ (length of the arrows). At "
            "p = 3, T = 0.5 it is stable. At p = 2 it is not (dashed): the true law has a continuous part.",
            "converged: whether every test of equilibration passed at that size (why says which did not).",
        ],
    )


def peaks(order: int, temperature: float) -> list[Row]:
    """The two peaks of 1RSB."""
    state = solve(PSpin(order), temperature=temperature, ansatz="1rsb").to_json()
    common = {
        "panel": f"p = {order}", "series": "1RSB", "source": "theory", "temperature": temperature, "valid": state["valid"],
        "why": state["why"], "replicon": state["replicon"], "error": state["error"],
    }  # fmt: skip
    theta = state["theta"]
    return [
        {**common, "q": state["q0"], "weight": theta, "cumulative": theta},
        {**common, "q": state["q1"], "weight": 1 - theta, "cumulative": 1.0},
    ]


def law(
    order: int, temperature: float, hottest: float, ladder: int, size: int, samples: int, sweeps: int, seed: int
) -> list[Row]:
    """P(q) at one size with errors over samples: a density, and the probability to be at or below."""
    temperatures = np.geomspace(temperature, hottest, ladder).tolist()
    run = temper(PSpin(order), temperatures=temperatures, size=size, samples=samples, sweeps=sweeps, seed=seed)
    each, q = run.laws[:, 0], 2 * np.arange(size + 1) / size - 1
    width = np.full(size + 1, 2 / size)
    if order % 2 == 0:  # the law of |q|
        first = (size + 1) // 2  # the smallest overlap that is not negative
        width = width[first:]
        each, q = (each + each[:, ::-1])[:, first:], q[first:]
        if size % 2 == 0:  # q = 0 is its own mirror image, and half of its bin lies on either side
            each[:, 0] /= 2
            width[0] /= 2
    below = np.cumsum(each, axis=1)
    scale = 1 / np.sqrt(samples)
    common = {
        "panel": f"p = {order}", "series": f"N = {size}", "source": "simulation", "size": size, "temperature": temperature,
        "samples": samples, "sweeps": sweeps, "valid": run.converged, "why": run.why,
    }  # fmt: skip
    columns = {
        "density": each.mean(0) / width, "density_error": each.std(0, ddof=1) * scale / width,
        "cumulative": below.mean(0), "cumulative_error": below.std(0, ddof=1) * scale,
    }  # fmt: skip
    return [{**common, "q": float(x), **{k: float(v[i]) for k, v in columns.items()}} for i, x in enumerate(q)]


def _drawn(rows: list[Row], cases: Any) -> Any:
    panels = [_panel(rows, order, name) for name in ("density", "cumulative") for order in cases]
    panels[0].axes["ylabel"], panels[len(cases)].axes["ylabel"] = "density $P(q)$", "probability of at most $q$"
    for letter, (order, (T, *_)), upper, lower in zip("abcd", cases.items(), panels, panels[len(cases) :]):
        name = "$p = 3$" if order == 3 else "Sherrington–Kirkpatrick ($p = 2$)"
        upper.title = f"({letter}) {name}, $T = {T:g}$, $J = 1$"
        upper.legend = {"loc": "upper left", "handlelength": 2.2}
        lower.axes["xlabel"] = "overlap $q$" if order % 2 else "overlap $|q|$"
    return page(rows, panels, (7.0, 4.4), lines=2, sharex="col")


def _panel(rows: list[Row], order: int, name: str) -> Panel:
    """The laws of every size, and the two peaks of 1RSB: as arrows, or as the steps they make."""
    mine = select(rows, {"panel": f"p = {order}"})
    step = {"density": "", "cumulative": "post"}[name]
    layers: list[Layer] = []
    for size, (color, linestyle) in zip(sorted({r["size"] for r in select(mine, {"source": "simulation"})}), LOOKS):
        of_size = select(mine, {"size": size})
        mark = "" if of_size[0]["valid"] else " (not shown to be equilibrated)"
        look: Look = {"drawstyle": "steps-post"} if step else {"label": f"$N = {size}${mark}"}
        layers += [
            series("q", name, {"size": size}, color=color, linestyle=linestyle, linewidth=1.0, **look),
            band("q", name, f"{name}_error", {"size": size}, color=color, alpha=0.25, step=step or None),
        ]
    peaks = _arrows if name == "density" else _steps
    return Panel([*layers, lambda axes, _: axes.set_ylim(0, None), peaks], {"panel": f"p = {order}"})


def _arrows(axes: Any, rows: list[Row]) -> None:
    outer, inner = select(rows, {"source": "theory"})
    linestyle: Any = "-" if outer["valid"] else (0, (4, 2))
    axes.set_ylim(0, 1.25 * axes.get_ylim()[1])
    high = 0.72 * axes.get_ylim()[1]
    for r in (outer, inner):
        top = (r["q"], high * r["weight"])
        arrow((r["q"], 0), top, color="k", linestyle=linestyle, linewidth=1.1, mutation_scale=7)(axes, rows)
    label = (
        f"1RSB, $N \\to \\infty${'' if outer['valid'] else ' (unstable)'}:\n"
        f"weight $\\theta = {outer['weight']:.3f}$ at {abs(outer['q']):.3g},\n{inner['weight']:.3f} at {inner['q']:.3g}"
    )
    axes.plot([], [], color="k", linestyle=linestyle, marker="^", ms=3.5, linewidth=1.1, label=label)


def _steps(axes: Any, rows: list[Row]) -> None:
    outer, inner = select(rows, {"source": "theory"})
    left = axes.set_xlim(axes.get_xlim())[0]
    axes.plot([left, outer["q"], inner["q"], 1.0], [0, outer["weight"], 1, 1], drawstyle="steps-post", color="k",
              linestyle="-" if outer["valid"] else (0, (4, 2)), linewidth=1.1, zorder=5)  # fmt: skip
