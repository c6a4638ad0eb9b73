"""Diffused data: the time of collapse against the load with simulated points, and the exact law of the nearest datum."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Look, Panel, page, points, rule, series
from dammech.systems.diffusion.capacity import capacity
from dammech.systems.diffusion.claims import collapse
from dammech.systems.diffusion.model import Diffusion, count_of
from dammech.systems.diffusion.nearest import nearest_probability, noise_at
from dammech.systems.diffusion.sampler import log_odds

#: data and variance
CURVES: dict[tuple[str, float], Look] = {
    ("gaussian", 1.0): dict(color="#0072B2", linestyle="-", marker="o"),
    ("gaussian", 2.0): dict(color="#D55E00", linestyle=(0, (5, 1.6)), marker="s"),
    ("binary", 1.0): dict(color="#009E73", linestyle=(0, (6, 1.4, 1, 1.4)), marker="^"),
}
DIMENSIONS: dict[int, Look] = {
    16: dict(color="#0072B2", linestyle=(0, (6, 1.4, 1, 1.4)), marker="o"),
    40: dict(color="#D55E00", linestyle=(0, (5, 1.6)), marker="s"),
    400: dict(color="#444444", linestyle="-"),
}
#: of the second panel
LOAD, SIMULATED = 0.25, (16, 40)
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"points": 60, "loads": (0.25,), "plan": ((3, 300), (4, 300), (6, 300), (8, 200)), "runs": 300, "seeds": (11,)},
    "full": {"points": 200, "loads": (0.15, 0.25, 0.4), "plan": ((3, 3000), (4, 3000), (6, 2000), (8, 1500), (11, 400)),
             "runs": 2000, "seeds": (11, 12)},
}  # fmt: skip
REDUCED = [
    "one load, 200 to 300 runs a time, up to e^8 data, 60 points a line (full: three loads, up to 3000 runs, e^11, 200)"
]


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for data, variance in CURVES:
        common = {"panel": "time", "data": data, "variance": variance}
        end = 0.69 if data == "binary" else 0.8
        for load in np.linspace(0.05, end, chosen["points"]):
            time = capacity(Diffusion(float(load), data, variance)).value
            rows.append({**common, "source": "theory", "load": float(load), "time": time})
        for load in chosen["loads"]:
            progress(f"the collapse of {data} data of variance {variance:g} at load {load:g}")
            p = {"data": data, "variance": variance, "load": load}
            found = collapse(p, "quick", chosen["seeds"], chosen["plan"])
            expected = capacity(Diffusion(load, data, variance)).value
            assert expected is not None
            rows.append({**common, "source": "simulation", "load": load, "time": found.value, "error": found.error,
                         "deviation": (found.value - expected) / found.error, "sizes": " ".join(map(str, found.sizes)),
                         "why": found.why})  # fmt: skip
    for dimension in DIMENSIONS:
        count = count_of(LOAD, dimension)
        for time in np.linspace(0.25, 0.75, chosen["points"]):
            rows.append({"panel": "nearest", "source": "theory", "size": dimension, "load": LOAD, "time": float(time),
                         "nearest": nearest_probability(dimension, count, noise_at(float(time)))})  # fmt: skip
    for dimension in SIMULATED:
        progress(f"the nearest datum at d = {dimension}")
        for time in (0.3, 0.4, 0.5, 0.6, 0.7):
            odds = log_odds("gaussian", 1.0, LOAD, time, dimension, chosen["runs"], chosen["seeds"][0])
            mean = float((odds[:, 1] > 0).mean())
            rows.append({"panel": "nearest", "source": "simulation", "size": dimension, "load": LOAD, "time": time,
                         "nearest": mean, "error": float(np.sqrt(mean * (1 - mean) / chosen["runs"]))})  # fmt: skip
    return Content(
        _drawn(rows),
        rows,
        parameters={"data of the second panel": "gaussian, variance 1", **chosen},
        reduced=REDUCED,
        notes=[
            "e^{αd} independent data in d dimensions and the process dx = −x dt + √2 dW that starts at one of them. t_C: where "
            "the information of x per dimension is α; of signs the lines end at α = log 2, where data repeat.",
            "(a) Points: the time at which half of the runs have more than half of the weight on their datum, extrapolated by "
            "1/d + d^{−3/2} from the dimensions in the data; bars: one standard error. deviation: in standard errors.",
            "(b) Lines: the exact law of noncentral χ² distances. Points: runs with e^{αd} data; bars: one standard error. "
            "Vertical: t_C.",
        ],
    )


def _drawn(rows: list[Row]) -> Any:
    layers, keys = [], []
    for (data, variance), look in CURVES.items():
        mine, line = {"data": data, "variance": variance}, {k: v for k, v in look.items() if k != "marker"}
        dots: Look = {"color": look["color"], "marker": look["marker"], "ms": 4}
        layers += [
            series("load", "time", {"source": "theory", **mine}, **line),
            points("load", "time", {"source": "simulation", **mine}, error="error", **dots),
        ]
        name = "signs" if data == "binary" else f"Gaussian, variance {variance:g}"
        keys.append(dict(label=name, ms=4, **look))
    second = [rule(x=capacity(Diffusion(LOAD)).value, color="#888888")]
    for dimension, look in DIMENSIONS.items():
        line = {k: v for k, v in look.items() if k != "marker"}
        second.append(
            series("time", "nearest", {"source": "theory", "size": dimension}, label=f"$d = {dimension}$", **line)
        )
        if dimension in SIMULATED:
            dots = {"color": look["color"], "marker": look["marker"], "ms": 4}
            second.append(points("time", "nearest", {"source": "simulation", "size": dimension}, error="error", **dots))
    panels = [
        Panel(layers, {"panel": "time"}, title="(a) collapse", keys=keys, legend="upper right",
              axes={"xlabel": r"load $\alpha = d^{-1} \log P$", "ylabel": "time $t_C$", "xlim": (0, 0.8), "ylim": (0, 1.6)}),
        Panel(second, {"panel": "nearest"}, title=rf"(b) Gaussian data, $\alpha = {LOAD:g}$", legend="lower left",
              axes={"xlabel": "time $t$", "ylabel": "own datum is nearest", "xlim": (0.25, 0.75), "ylim": (0, 1)}),
    ]  # fmt: skip
    return page(rows, panels, (7.0, 3.2))
