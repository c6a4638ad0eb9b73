"""Capacities side by side, each with what is asked for: of polynomial and exponential memories, and of kernels."""

from __future__ import annotations

import math
from typing import Any

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Look, Panel, page, points
from dammech.solve.capacity import capacity
from dammech.systems.exponential.model import ExponentialMemory
from dammech.systems.gardner.model import StableMemory
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.polynomial.model import PolynomialMemory

SETTINGS: dict[str, dict[str, Any]] = {"quick": {"ansatz": ("rs",)}, "full": {"ansatz": ("rs", "1rsb")}}
REDUCED = ["retrieval ends in the replica symmetric ansatz only (full: with one step of symmetry breaking, too)"]
ORDERS: dict[int, Look] = {
    2: dict(color="#0072B2", marker="o"), 3: dict(color="#D55E00", marker="s"), 4: dict(color="#000000", marker="^"),
}  # fmt: skip
#: what is asked for in one step, in words
ONE_STEP: dict[str, dict[str, Any]] = {
    "5 % wrong bits, one step": {"errors": 0.05},
    "0.5 % wrong bits, one step": {"errors": 0.005},
    "0.5 %, rectified, one step": {"errors": 0.005, "interaction": "rectified"},
    "0.5 %, 10 % flips before it": {"errors": 0.005, "flip": 0.1},
}
FOLDS = {"metastable state, T = 0, RS": "rs", "metastable state, T = 0, 1RSB": "1rsb"}
EXPONENTS: dict[str, dict[str, Any]] = {
    "binary, sign rule, typical": {"rule": "sign"},
    "binary, sign rule, all": {"rule": "sign", "criterion": "all"},
    "binary, 10 % flips, typical": {"rule": "sign", "flip": 0.1},
    "binary, 10 % flips, all": {"rule": "sign", "flip": 0.1, "criterion": "all"},
    "spherical, β = 1, typical and all": {"patterns": "spherical"},
    "Gaussian, dot, β = ∞, typical": {"patterns": "gaussian", "beta": math.inf},
    "Gaussian, dot, β = ∞, all": {"patterns": "gaussian", "beta": math.inf, "criterion": "all"},
    "Gaussian, distance, noise 1, typical": {"patterns": "gaussian", "similarity": "euclidean", "noise": 1.0, "beta": math.inf},
    "Gaussian, Manhattan, noise 1, typical": {"patterns": "gaussian", "similarity": "manhattan", "noise": 1.0, "beta": math.inf},
}
MARGINS = (0.0, 0.5, 1.0, 2.0)


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows = [*polynomial(chosen["ansatz"], progress), *exponential(progress), *separable()]
    return Content(
        _drawn(rows), rows, parameters={"convention": "canonical", "temperature": 0, **chosen}, reduced=REDUCED,
        notes=[
            "(a) P/N^{n−1} of interactions of order n with repeated indices (power). One step: signal against noise, exact "
            "as N → ∞, from the pattern itself where nothing else is said. Metastable state: where retrieval ends at T = 0, in "
            "the replica symmetric ansatz (unstable there) and with one step of symmetry breaking.",
            "(b) log P/N, in nats. typical: one given pattern; all: every pattern at once.",
            "(c) P/D of a perceptron per neuron with D features whatever the kernel: labels are separable below 2 (margin 0); "
            "with the margin κ of isotropic features below the others.",
            "Loads of different panels are loads of different numbers of patterns and cannot be compared.",
        ],
    )  # fmt: skip


def polynomial(ansatze: tuple[str, ...], progress: Progress) -> list[Row]:
    """Loads of one step, and folds."""
    rows: list[Row] = []
    for order in ORDERS:
        progress(f"order {order}")
        common = {"panel": "polynomial", "order": order}
        for name, asked in ONE_STEP.items():
            rows.append({**common, "criterion": name, "value": capacity(PolynomialMemory(order, **asked)).value})
        for name, ansatz in FOLDS.items():
            if ansatz not in ansatze:
                continue
            model = HebbianDAM(order, interaction="power")
            end = boundary(model, "retrieval-spinodal", temperatures=0, ansatz=ansatz).points[0]
            rows.append({**common, "criterion": name, "value": end["load"], "valid": end["valid"]})
    return rows


def exponential(progress: Progress) -> list[Row]:
    """Exponents."""
    progress("exponents")
    return [
        {"panel": "exponential", "criterion": name, "value": capacity(ExponentialMemory(**asked)).value}
        for name, asked in EXPONENTS.items()
    ]


def separable() -> list[Row]:
    """Loads of a perceptron at margins."""
    return [
        {"panel": "kernel", "criterion": f"margin κ = {margin:g}", "value": capacity(StableMemory(margin=margin)).value}
        for margin in MARGINS
    ]


def _drawn(rows: list[Row]) -> Any:
    def panel(name: str, title: str, label: str, names: list[str], layers: list[Any], **more: Any) -> Panel:
        place = {criterion: len(names) - k for k, criterion in enumerate(names)}
        for r in rows:
            if r["panel"] == name:
                r["place"] = place[r["criterion"]]
        axes = {"xlabel": label, "ylim": (0.4, len(names) + 0.6), "yticks": list(place.values()), "yticklabels": names}
        return Panel(layers, {"panel": name}, title=title, axes={**axes, **more.pop("axes", {})}, **more)

    one = points("value", "place", {}, color="#0072B2", marker="o", ms=4)
    orders = [points("value", "place", {"order": n}, ms=4, **look) for n, look in ORDERS.items()]
    return page(rows, [
        panel("polynomial", "(a) polynomial, power", r"$P/N^{n-1}$", [*ONE_STEP, *FOLDS], orders, axes={"xscale": "log"}),
        panel("exponential", "(b) exponential", r"$\ln P/N$", list(EXPONENTS), [one], axes={"xlim": (0, 0.75)}),
        panel("kernel", "(c) kernels, per feature", "$P/D$", [f"margin κ = {x:g}" for x in MARGINS],
              [one], axes={"xlim": (0, 2.1)}),
    ], (7.4, 3.4), [dict(label=f"(a) $n = {n}$", linestyle="", **look) for n, look in ORDERS.items()],
        width_ratios=[1, 1, 0.7])  # fmt: skip
