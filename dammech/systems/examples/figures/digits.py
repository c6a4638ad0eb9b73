"""What a memory learns of handwritten digits, and what it would learn of independent pixels of the same quality."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, rule
from dammech.systems.examples.images import LearnedImages, learn_from_images

ORDERS, PROTOCOLS = (2, 4), ("supervised", "unsupervised")
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"trials": 20, "sets": 5, "seed": 1},
    "full": {"trials": 30, "sets": 20, "seed": 1},
}
REDUCED = ["20 runs a class (full: 30), 5 sets of independent pixels (full: 20)"]
LOOKS: dict[str, Look] = {
    "independent": {"color": "#000000", "marker": "o"}, "digits": {"color": "#D55E00", "marker": "s"},
    "mean": {"color": "#0072B2", "marker": "^"},
}  # fmt: skip
WORDS = {"independent": "independent pixels", "digits": "digits", "mean": "digits, pixels at their means"}
SHIFTS = {"independent": -0.22, "digits": 0.0, "mean": 0.22}


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    notes: dict[str, str] = {}
    for order in ORDERS:
        for protocol in PROTOCOLS:
            progress(f"order {order}, {protocol}")
            asked: dict[str, Any] = {"order": order, "protocol": protocol, "trials": chosen["trials"], "seed": chosen["seed"]}
            real = learn_from_images("digits", **asked)
            found = {"digits": real, "mean": learn_from_images("digits", threshold="mean", theory=False, **asked)}
            rows += [row for name, one in found.items() for row in _rows(name, one)] + _independent(real, asked, chosen["sets"])
            notes |= {
                name: f"mean overlap of two prototypes {one.prototype_overlap:.2f}, r from {one['quality'].min():.2f} to "
                f"{one['quality'].max():.2f}, at pixels where prototypes differ ({one.distinct:.0%}) from "
                f"{one['distinct_quality'].min():.2f}"
                for name, one in found.items()
            }  # fmt: skip
    learned = [row["protocol"] for row in rows if row["order"] == 4 and row.get("learned")]
    return Content(
        _drawn(rows), rows, parameters={"orders": ORDERS, "temperature": 0.0, "start": "the prototype itself", **chosen},
        reduced=REDUCED,
        notes=[
            "scikit-learn's digits, 64 pixels of ±1, four of five images stored, T = 0. m: final overlap with the class's "
            "prototype, the sign of its mean image. Learned means above the thin line, with no other prototype nearer.",
            "Crosses: RS theory of independent fair pixels with r and M of the class, at the load 10/64 or 10/64³; none at "
            "p = 2, where that load is above the end of retrieval, 0.14 at most. Black: the network on such pixels, in as many "
            "classes and images: at N = 64 most runs stay near the prototype at p = 2 too, unlike those of large N.",
            "Digits are no such pixels, and the theory fails: it says that all classes are learned at p = 4. Held at half the "
            f"range of grey: {notes['digits']}. All runs end in one state, near the majority of the prototypes (in three at "
            f"p = 4 without supervision), and no class is learned. Each pixel at its mean: {notes['mean']}; at p = 4 "
            f"{learned.count('supervised')} classes are learned with supervision, {learned.count('unsupervised')} without.",
            "Bars: one standard error, over pixels as if independent and over runs; black: over sets of archetypes.",
        ],
    )  # fmt: skip


def _rows(name: str, found: LearnedImages) -> list[Row]:
    keep = ("label", "examples", "quality", "distinct_quality", "dataset_entropy", "theory_m", "learnable", "m", "m_error",
            "learned", "m_held_out", "m_held_out_error", "recognised")  # fmt: skip
    return [{"order": found.order, "protocol": found.protocol, "series": name, "load": found.load, "pixels": found.pixels,
             **{k: row[k] for k in keep}} for row in found]  # fmt: skip


def _independent(real: LearnedImages, asked: dict[str, Any], sets: int) -> list[Row]:
    """Means over sets of fair archetypes, with examples of the measured quality, as many as stored."""
    rng = np.random.default_rng(asked["seed"])
    made = []
    for _ in range(sets):
        right = np.repeat((1 + real["quality"]) / 2, real["examples"] + 1)[:, None]
        labels = np.repeat(np.arange(real.classes), real["examples"] + 1)
        signs = np.where(rng.random((len(labels), real.pixels)) < right, 1, -1)
        images = rng.choice((-1, 1), (real.classes, real.pixels))[labels] * signs
        made.append(learn_from_images(images, labels, held_out=1e-9, theory=False, **asked)["m"])
    mean, error = np.mean(made, axis=0), np.std(made, axis=0, ddof=1) / sets**0.5
    common = {"order": real.order, "protocol": real.protocol, "series": "independent", "load": real.load, "pixels": real.pixels}
    return [{**common, "label": row["label"], "m": float(m), "m_error": float(e)} for row, m, e in zip(real, mean, error)]


def _drawn(rows: list[Row]) -> Any:
    panels: list[Panel] = []
    for order in ORDERS:
        for protocol in PROTOCOLS:
            here = {"order": order, "protocol": protocol}
            layers: list[Layer] = [
                rule(y=0.9, color="0.5", linewidth=0.7),
                points("label", "theory_m", {**here, "series": "digits"}, color="#000000", marker="x", ms=7, label="theory"),
            ]
            for name, look in LOOKS.items():
                layers.append(points(lambda row: row["label"] + SHIFTS[row["series"]], "m", {**here, "series": name},
                                     error="m_error", label=WORDS[name], mfc="white", **look))  # fmt: skip
            panels.append(Panel(
                layers, title=f"({'abcd'[len(panels)]}) $p = {order}$, {protocol}", plain=range(10),
                axes={"xlabel": "digit", "ylabel": "overlap $m$ with the prototype", "ylim": (-0.25, 1.09)},
                legend={"loc": "lower left", "fontsize": 6, "ncols": 2} if order == 4 and protocol == "supervised" else "",
            ))  # fmt: skip
    return page(rows, panels, (7.0, 5.2), lines=2)
