"""P(q) of the p = 3 glass and of Sherrington and Kirkpatrick's from parallel tempering, against the peaks of 1RSB."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.models import PSpin
from dammech.plot.figures import Content, Progress, Row
from dammech.simulate import temper
from dammech.solve import solve

# order: temperature, the hottest of the ladder, (size, samples, sweeps)
CASES: dict[int, tuple[float, float, tuple[tuple[int, int, int], ...]]] = {
    3: (0.5, 1.3, ((16, 100, 4000), (32, 100, 4000), (48, 64, 6000))),
    2: (0.5, 1.5, ((32, 128, 2000), (64, 96, 2000), (128, 64, 3000))),
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
    parameters = {"ansatz": "1rsb", "convention": "canonical (J = 1)", "ladder": "geometric", "start": "random", **chosen}
    notes = [
        "Simulation: overlap of two independent copies, averaged over samples of the couplings; bands are one standard error "
        "over samples. For p = 2 the law of |q|: H is even.",
        "Prediction: the 1RSB law at N → ∞, peaks at q_0 of weight θ and at q_1 of weight 1 − θ. At p = 3, T = 0.5 it is stable. "
        "At p = 2 it is not (dashed): the true law has a continuous part.",
        "converged: whether every test of equilibration passed at that size (why says which did not).",
    ]
    return Content(_drawn(rows, chosen["cases"]), rows, parameters, REDUCED, notes)


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
    if order % 2 == 0:  # the law of |q|
        half = size // 2
        folded = each[:, half:] + each[:, half - size % 2 :: -1][:, : size - half + 1]
        if size % 2 == 0:
            folded[:, 0] /= 2
        each, q = folded, q[half:]
    below = np.cumsum(each, axis=1)
    scale = 1 / np.sqrt(samples)
    common = {
        "panel": f"p = {order}", "series": f"N = {size}", "source": "simulation", "size": size, "temperature": temperature,
        "samples": samples, "sweeps": sweeps, "valid": run.converged, "why": run.why,
    }  # fmt: skip
    columns = {
        "density": each.mean(0) * size / 2, "density_error": each.std(0, ddof=1) * scale * size / 2,
        "cumulative": below.mean(0), "cumulative_error": below.std(0, ddof=1) * scale,
    }  # fmt: skip
    return [{**common, "q": float(x), **{k: float(v[i]) for k, v in columns.items()}} for i, x in enumerate(q)]


def _drawn(rows: list[Row], cases: Any) -> Any:
    from dammech.plot.canvas import sheet, styled

    with styled():
        page = sheet(7.0, 4.4)
        grid = page.subplots(2, len(cases), sharex="col", squeeze=False)
        for letter, order, top, bottom in zip("abcd", cases, *grid):
            panel = [r for r in rows if r["panel"] == f"p = {order}"]
            theory = [r for r in panel if r["source"] == "theory"]
            for row, name in ((top, "density"), (bottom, "cumulative")):
                _draw_laws(row, panel, name)
            _draw_peaks(top, bottom, theory)
            name = "$p = 3$" if order == 3 else "Sherrington–Kirkpatrick ($p = 2$)"
            top.set_title(f"({letter}) {name}, $T = {cases[order][0]:g}$, $J = 1$")
            bottom.set_xlabel("overlap $q$" if order % 2 else "overlap $|q|$")
        grid[0, 0].set_ylabel("density $P(q)$")
        grid[1, 0].set_ylabel("probability of at most $q$")
        return page


def _draw_laws(axes: Any, panel: list[Row], name: str) -> None:
    sizes = sorted({r["size"] for r in panel if r["source"] == "simulation"})
    for size, (color, linestyle) in zip(sizes, LOOKS):
        mine = [r for r in panel if r.get("size") == size]
        q, value, error = (np.array([r[k] for r in mine]) for k in ("q", name, f"{name}_error"))
        mark = "" if mine[0]["valid"] else " (not shown to be equilibrated)"
        step = {"drawstyle": "steps-post"} if name == "cumulative" else {}
        axes.plot(q, value, color=color, linestyle=linestyle, linewidth=1.0, label=f"$N = {size}${mark}", **step)
        axes.fill_between(q, value - error, value + error, color=color, alpha=0.25, linewidth=0,
                          step="post" if step else None)  # fmt: skip
    axes.set_ylim(0, None)


def _draw_peaks(top: Any, bottom: Any, theory: list[Row]) -> None:
    outer, inner = theory
    linestyle: Any = "-" if outer["valid"] else (0, (4, 2))
    top.set_ylim(0, 1.25 * top.get_ylim()[1])
    high = 0.72 * top.get_ylim()[1]
    arrow = {"arrowstyle": "-|>", "color": "k", "linestyle": linestyle, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0}
    for r in theory:
        top.annotate("", (r["q"], high * r["weight"]), (r["q"], 0), arrowprops={**arrow, "mutation_scale": 7})
    at = [0, outer["weight"], outer["weight"], 1, 1]
    bottom.set_xlim(bottom.get_xlim())
    bottom.plot([bottom.get_xlim()[0], outer["q"], outer["q"], inner["q"], inner["q"], 1.0], [0, *at], color="k",
                linestyle=linestyle, linewidth=1.1, zorder=5)  # fmt: skip
    words = (
        f"1RSB, $N \\to \\infty${'' if outer['valid'] else ' (unstable)'}:\n"
        f"weight $\\theta = {outer['weight']:.3f}$ at {abs(outer['q']):.3f},\n{inner['weight']:.3f} at {inner['q']:.3f}"
    )
    top.plot([], [], color="k", linestyle=linestyle, marker="^", ms=3.5, linewidth=1.1, label=words)
    top.legend(loc="upper left", handlelength=2.2)
