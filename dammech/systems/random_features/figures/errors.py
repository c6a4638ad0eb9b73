"""Memories in random features: the error of the energy at a memory against the number of features, and paths with bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Look, Panel, page, points, series
from dammech.systems.random_features.claims import bounds, energy_law
from dammech.systems.random_features.sampler import descended, squared_errors

CURVES: dict[tuple[int, str], Look] = {
    (3, "pairs"): dict(color="#0072B2", linestyle="-", marker="o"),
    (17, "pairs"): dict(color="#D55E00", linestyle=(0, (5, 1.6)), marker="s"),
    (17, "phases"): dict(color="#009E73", linestyle=(0, (6, 1.4, 1, 1.4)), marker="^"),
}
PATHS: dict[str, Look] = {
    "apart": dict(color="#0072B2", marker="o", label=r"$|x_L - \hat x_L|$"),
    "sharp": dict(color="#444444", marker="s", label="bound by gradients"),
    "published": dict(color="#D55E00", marker="^", label="published bound"),
}
#: of the paths
AT: dict[str, Any] = {"beta": 4.0, "dimension": 8, "step": 0.1, "length": 10}
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"features": (100, 300, 1000), "draws": 200, "runs": 20, "seed": 11},
    "full": {"features": (100, 200, 400, 800, 1600, 3200), "draws": 2000, "runs": 200, "seed": 11},
}
REDUCED = ["200 draws at each of 3 numbers of features, 20 paths (full: 2000 at 6, 200)"]


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for count, waves in CURVES:
        law = energy_law({"memories": count, "waves": waves})
        for features in chosen["features"]:
            progress(f"{count} memories in {features} {waves}")
            squares = squared_errors(count, features, waves, chosen["draws"], chosen["seed"])
            kept = squares[np.isfinite(squares)]
            rms = float(np.sqrt(kept.mean()))
            rows.append({
                "panel": "energy", "memories": count, "waves": waves, "features": features, "rms": rms,
                "error": float(kept.std() / np.sqrt(kept.size) / (2 * rms)), "theory": float(np.sqrt(law / features)),
                "not positive": int(squares.size - kept.size),
            })  # fmt: skip
    for features in chosen["features"]:
        progress(f"paths in {features} pairs")
        found = [descended(5, features, "pairs", **AT, seed=s) for s in range(chosen["runs"])]
        limits = [bounds(f, 5, AT["beta"], AT["step"], AT["length"]) for f in found]
        each = np.array([(f.apart, *b) for f, b in zip(found, limits)])
        middle, largest = np.median(each, axis=0), float((each[:, 0] / each[:, 1]).max())
        rows.append({"panel": "paths", "features": features, "memories": 5, "waves": "pairs", "largest ratio": largest,
                     **dict(zip(PATHS, map(float, middle)))})  # fmt: skip
    return Content(
        _drawn(rows),
        rows,
        parameters={"memories of paths": 5, **AT, **chosen},
        reduced=REDUCED,
        notes=[
            "(a) Lines: theory to leading order, ((K − 1)/2Y)^½ with cos and sin of each frequency (pairs), ((2K − 1)/2Y)^½ "
            "with a random phase of each. Points: root mean square of βΔE over draws of memories N(0, 1) in 8 dimensions and of "
            "frequencies, β = 16, where kernels of two memories vanish; bars: one standard error. Draws where a sum of kernels "
            "is not positive are left out and counted in the data (not positive).",
            "(b) Medians over draws of 10 steps of gradient descent among 5 memories in a cube of diagonal 1. Both bounds hold "
            "in every draw, with the largest differences that were met on the way; largest ratio: of distance and lower bound.",
        ],
    )


def _drawn(rows: list[Row]) -> Any:
    layers, keys = [], []
    for (count, waves), look in CURVES.items():
        mine, line = {"memories": count, "waves": waves}, {k: v for k, v in look.items() if k != "marker"}
        dots: Look = {"color": look["color"], "marker": look["marker"], "ms": 4}
        layers += [series("features", "theory", mine, **line), points("features", "rms", mine, error="error", **dots)]
        keys.append(dict(label=f"$K = {count}$, {waves}", **look, ms=4))
    axes = {"xlabel": "features $Y$", "xscale": "log", "yscale": "log"}
    panels = [
        Panel(layers, {"panel": "energy"}, title="(a) energy at a memory", keys=keys, legend="lower left",
              axes=axes | {"ylabel": r"rms of $\beta\,\Delta E$"}),
        Panel([series("features", name, linestyle="-", ms=4, **look) for name, look in PATHS.items()], {"panel": "paths"},
              title="(b) gradient descent", legend="center right", axes=axes | {"ylabel": "distance after 10 steps"}),
    ]  # fmt: skip
    return page(rows, panels, (7.0, 3.2))
