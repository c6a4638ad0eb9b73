"""Eigenvalues of Jacobians of random networks with dead directions against the reduced prediction."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np

from dammech.flows import reduced
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Look, Panel, page, points, rule, select, shape, values, words
from dammech.systems.lagrangian.model import Lagrangian, Network

BLOCKS = (("relu", 6), ("softmax", 4), ("layernorm", 5), ("spherical", 4), ("identity", 3))
SETTINGS: dict[str, dict[str, Any]] = {"quick": {"nets": 200, "seed": 1}, "full": {"nets": 2000, "seed": 1}}
REDUCED = ["200 networks (full: 2000)"]
SHOWN = 60  # networks whose eigenvalues are drawn and kept
KINDS: dict[str, Look] = {"alive": {"color": "#0072B2", "marker": "x"}, "dead": {"color": "#D55E00", "marker": "+"}}


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for k in range(chosen["nets"]):
        if k % 100 == 0:
            progress(f"network {k}")
        rows += spectra(k, chosen["seed"])
    unstable = sum(r["unstable"] > 0 for r in rows if r["panel"] == "network")
    return Content(
        _drawn(rows),
        rows,
        parameters={"blocks": dict(BLOCKS), **chosen},
        reduced=REDUCED,
        notes=[
            "Lateral networks of the blocks relu(6), softmax(4), layernorm(5), spherical(4), identity(3), ε = 0, Gaussian "
            "weights, one time constant for each block. A state is drawn, and the bias that makes it a fixed point.",
            "Full: eigenvalues of T⁻¹(W H − 1) by a general solver. Prediction: those of the symmetric form of the Jacobian "
            "reduced to the range of the Hessian, and −1/τ for each dead direction.",
            "Deviation: largest difference of the two sorted spectra in units of the norm of the Jacobian; it grows with the "
            "condition number κ of the eigenvectors, infinite where the Jacobian is defective (the unit roundoff is ε).",
            f"Of the {chosen['nets']} fixed points {unstable} are unstable.",
        ],
    )


def network(k: int, seed: int) -> tuple[Network, np.ndarray]:
    """The k-th network and its fixed point."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, k]))
    layers = [_layer(name, size) for name, size in BLOCKS]
    ends = np.cumsum([0, *(layer.size for layer in layers)])
    parts = [slice(a, b) for a, b in itertools.pairwise(ends)]
    W = rng.normal(size=(ends[-1], ends[-1])) * rng.uniform(0.2, 0.8) / np.sqrt(ends[-1])
    W = W + W.T
    weights = [
        {"from": s, "to": t, "matrix": W[parts[t], parts[s]]} for s in range(len(parts)) for t in range(len(parts))
    ]
    x, tau = 2 * rng.normal(size=ends[-1]), rng.uniform(0.5, 2, size=len(parts)).tolist()
    bias = -Network(layers, weights, None, tau).drive(x)
    return Network(layers, weights, [bias[part] for part in parts], tau), x


def spectra(k: int, seed: int) -> list[Row]:
    """How far the two spectra of a network are apart; of the first ones, all eigenvalues in order."""
    net, x = network(k, seed)
    J = (net.matrix @ net.hessian(x) - np.eye(net.size)) / net.tau[:, None]
    values, vectors = np.linalg.eig(J)
    part = reduced(net, x)
    tau = np.array([net.tau[np.abs(p).argmax()] for p in part.alive.T])
    curvature, frame = np.linalg.eigh(part.hessian)
    root = (frame * np.sqrt(np.maximum(curvature, 0))) @ frame.T  # commutes with the time constants
    alive = np.linalg.eigvalsh((root @ part.weights @ root - np.eye(len(root))) / np.sqrt(tau[:, None] * tau))
    predicted = np.concatenate([alive, part.rates])
    kind = np.array(["alive"] * len(alive) + ["dead"] * len(part.rates))
    order, full = np.argsort(predicted), np.sort(values.real)
    norm = float(np.linalg.norm(J, 2))
    rows: list[Row] = [{
        "panel": "network", "net": k, "norm": norm, "condition": float(np.linalg.cond(vectors)),
        "deviation": float(np.abs(full - predicted[order]).max() / norm), "unstable": int((predicted > 0).sum()),
        "largest imaginary part": float(np.abs(values.imag).max()),
    }]  # fmt: skip
    if k < SHOWN:
        rows += [
            {"panel": "spectrum", "net": k, "rank": i, "kind": c, "predicted": p, "full": f}
            for i, (p, f, c) in enumerate(zip(predicted[order].tolist(), full.tolist(), kind[order].tolist()))
        ]
    return rows


_layer = functools.cache(Lagrangian)


def _drawn(rows: list[Row]) -> Any:
    lines = select(rows, {"panel": "spectrum"})
    tops = {r["net"]: r["full"] for r in lines}  # the last of each is the largest
    chosen = next((k for k, top in tops.items() if 0.1 < top < 1), 0)
    one = select(lines, {"net": chosen})
    return page(rows, [_one(one, chosen), _all(lines), _deviations(select(rows, {"panel": "network"}))], (7.0, 2.9))


def _one(rows: list[Row], net: int) -> Panel:
    dead = len(select(rows, {"kind": "dead"}))
    return Panel(
        [
            points("rank", "full", color="#000000", marker="o", mfc="none", ms=5.5, mew=0.8, label="full Jacobian"),
            *(points("rank", "predicted", {"kind": kind}, ms=4, mew=1.1, label=label, **look)
              for (kind, look), label in zip(KINDS.items(), ("reduced Jacobian", r"dead: $-1/\tau$"))),
            rule(y=0, color="0.5", linewidth=0.6),
        ],
        where={"panel": "spectrum", "net": net},
        title=f"(a) one network, {dead} of {len(rows)} directions dead",
        axes={"xlabel": "rank", "ylabel": r"eigenvalue $\lambda$"},
        legend="upper left",
    )  # fmt: skip


def _all(rows: list[Row]) -> Panel:
    span = low, high = np.quantile(values(rows, "full"), [0.003, 0.997]) + np.array([-0.3, 0.3])
    beyond = sum(not low < r["full"] < high for r in rows)
    return Panel(
        [
            shape(span, span, color="0.6", linewidth=0.7, linestyle="-", zorder=1),
            *(points("predicted", "full", {"kind": kind}, ms=size, mew=0.7, **look)
              for (kind, look), size in zip(KINDS.items(), (2.6, 4.2))),
            words(f"{beyond} of {len(rows)} eigenvalues\nlie beyond", 0.95, 0.05, inside=True, ha="right"),
        ],
        where={"panel": "spectrum"},
        title=f"(b) {len({r['net'] for r in rows})} networks",
        axes={"xlim": span, "ylim": span, "xlabel": "predicted $\\lambda$", "ylabel": "$\\lambda$ of the full Jacobian"},
    )  # fmt: skip


def _deviations(rows: list[Row]) -> Panel:
    conditions = values(rows, "condition")
    span = np.array([min(conditions), max(conditions)])
    rounding: Look = dict(color="0.5", linewidth=0.9, linestyle=(0, (5, 1.6)), label=r"$\varepsilon\,\kappa$")
    return Panel(
        [
            points("condition", lambda r: max(r["deviation"], 1e-17), color="#000000", marker=".", ms=3),
            shape(span, 2.2e-16 * span, **rounding),
        ],
        where={"panel": "network"},
        title=f"(c) {len(rows)} networks",
        axes={"xscale": "log", "yscale": "log", "xlabel": r"condition $\kappa$ of the eigenvectors",
              "ylabel": r"deviation / $\|J\|$"},
        legend="upper left",
    )  # fmt: skip
