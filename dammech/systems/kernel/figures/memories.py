"""Kernel memories: separable labels and margins against the load, simulated and as the theory says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Look, Panel, page, points, rule, series
from dammech.systems.gardner.separable import separable
from dammech.systems.kernel.capacity import margin_of
from dammech.systems.kernel.model import KernelMemory
from dammech.systems.kernel.sampler import margins
from dammech.systems.kernel.sectors import sectors

#: kernel: name, neurons in both panels, and look
KERNELS: dict[str, tuple[str, int, int, Look]] = {
    "z": ("$z$", 26, 201, dict(color="#0072B2", linestyle="-", marker="o")),
    "z**2": ("$z^2$", 12, 33, dict(color="#D55E00", linestyle=(0, (5, 1.6)), marker="s")),
    "((1+z)/2)**2": (r"$((1+z)/2)^2$", 13, 33, dict(color="#009E73", linestyle=(0, (6, 1.4, 1, 1.4)), marker="^")),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"points": 60, "separability": (1.4, 1.8, 2.0, 2.2, 2.6), "labels": 60, "margins": (0.25, 0.5, 1.0), "sets": 10,
              "seeds": (11, 12, 13)},
    "full": {"points": 240, "separability": (1.4, 1.6, 1.8, 1.9, 2.0, 2.1, 2.2, 2.4, 2.6), "labels": 400,
             "margins": (0.1, 0.25, 0.5, 0.75, 1.0, 1.4), "sets": 30, "seeds": (11, 12, 13)},
}  # fmt: skip
REDUCED = ["five loads with 60 sets of labels a seed (full: nine, 400), margins at three loads with 10 (full: six, 30)"]


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for kernel, (_, small, large, _) in KERNELS.items():
        progress(f"separable labels of {kernel}")
        rows += _separability(KernelMemory(kernel, small), chosen)
        progress(f"margins of {kernel}")
        rows += _margins(KernelMemory(kernel, large), chosen)
    return Content(
        _drawn(rows),
        rows,
        parameters={"kernels": {k: [small, large] for k, (_, small, large, _) in KERNELS.items()}, **chosen},
        reduced=REDUCED,
        notes=[
            "One neuron, random patterns of signs of which no two have equal features up to a sign, random labels; D is "
            "the dimension of the features. Margins are hard, without an intercept; bars: one standard error over sets.",
            "(a) Cover's law at the D of each kernel; exact for points in general position, which few signs are not quite. "
            "Upright line: P = 2D.",
            "(b) Margins times the square root of D, in units of the root of K(x, x); lines: the theory at this N, of which "
            "the linear kernel's, all of whose features have one weight, is Gardner's. The theory is of N → ∞: at these N "
            "data are within a few percent of it.",
            "deviation: (simulation − theory)/standard error.",
        ],
    )  # fmt: skip


def _separability(asked: KernelMemory, chosen: dict[str, Any]) -> list[Row]:
    dimension = sectors(asked).dimension
    common = {"panel": "separability", "kernel": asked.kernel, "size": asked.size, "dimension": dimension}
    loads = np.linspace(1.2, 2.8, chosen["points"])
    rows: list[Row] = [
        {**common, "source": "theory", "load": count / dimension, "value": separable(count, dimension)}
        for count in sorted({round(x * dimension) for x in loads})
    ]  # fmt: skip
    for load in chosen["separability"]:
        count = round(load * dimension)
        found = np.concatenate([margins(asked, count, chosen["labels"], s) > 0 for s in chosen["seeds"]])
        share, expected = float(found.mean()), separable(count, dimension)
        error = math.sqrt(expected * (1 - expected) / found.size)
        rows.append({**common, "source": "simulation", "load": count / dimension, "value": share, "error": error,
                     "theory": expected, "trials": found.size, "deviation": (share - expected) / error})  # fmt: skip
    return rows


def _margins(asked: KernelMemory, chosen: dict[str, Any]) -> list[Row]:
    known = sectors(asked)
    root = math.sqrt(known.dimension)
    common = {"panel": "margins", "kernel": asked.kernel, "size": asked.size, "dimension": known.dimension}
    rows: list[Row] = []
    for x in np.linspace(0.06, 1.99, chosen["points"]):
        count = round(x * known.dimension)
        kappa, _, _ = margin_of(known, count)
        load = count / known.dimension
        rows.append({**common, "source": "theory", "load": load, "value": root * (kappa or 0.0)})
    for load in chosen["margins"]:
        count = round(load * known.dimension)
        found = np.concatenate([margins(asked, count, chosen["sets"], s) for s in chosen["seeds"]]) * root
        value, error = float(found.mean()), float(found.std(ddof=1)) / math.sqrt(found.size)
        expected = root * (margin_of(known, count)[0] or 0.0)
        rows.append({**common, "source": "simulation", "load": count / known.dimension, "value": value, "error": error,
                     "theory": expected, "trials": found.size, "deviation": (value - expected) / error})  # fmt: skip
    return rows


def _drawn(rows: list[Row]) -> Any:
    layers, keys = [], []
    for kernel, (name, small, large, look) in KERNELS.items():
        line, dots = (
            {k: v for k, v in look.items() if k != "marker"},
            {"color": look["color"], "marker": look["marker"], "ms": 4},
        )
        layers += [
            series("load", "value", {"kernel": kernel, "source": "theory"}, **line),
            points("load", "value", {"kernel": kernel, "source": "simulation"}, error="error", **dots),
        ]
        keys.append(dict(label=f"{name}: $N = {small}$ (a), ${large}$ (b)", **look, ms=4))
    panels = [
        Panel([*layers, rule(x=2.0)], {"panel": "separability"}, title="(a) separable labels",
              axes={"xlabel": "load $P/D$", "ylabel": "share", "xlim": (1.2, 2.8), "ylim": (-0.03, 1.03)}),
        Panel(layers, {"panel": "margins"}, title="(b) margin",
              axes={"xlabel": "load $P/D$", "ylabel": r"$\sqrt{D}\,\kappa$", "xlim": (0, 2), "ylim": (0, 3.2),
                    "xticks": (0, 0.5, 1, 1.5, 2)}),
    ]  # fmt: skip
    return page(rows, panels, (7.0, 3.3), keys, columns=3)
