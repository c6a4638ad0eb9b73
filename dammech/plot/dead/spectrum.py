"""Eigenvalues of Jacobians of random networks with dead directions against the reduced prediction."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.flows import reduced
from dammech.models import Lagrangian, Network
from dammech.plot.figures import Content, Progress, Row

BLOCKS = (("relu", 6), ("softmax", 4), ("layernorm", 5), ("spherical", 4), ("identity", 3))
SETTINGS: dict[str, dict[str, Any]] = {"quick": {"nets": 200, "seed": 1}, "full": {"nets": 2000, "seed": 1}}
REDUCED = ["200 networks (full: 2000)"]
ALIVE, DEAD = "#0072B2", "#D55E00"


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for k in range(chosen["nets"]):
        if k % 100 == 0:
            progress(f"network {k}")
        rows += spectra(k, chosen["seed"])
    unstable = sum(any(r["full"] > 0 for r in rows if r["net"] == k) for k in range(min(200, chosen["nets"])))
    notes = [
        "Lateral networks of the blocks relu(6), softmax(4), layernorm(5), spherical(4), identity(3), ε = 0, Gaussian weights, "
        "one time constant for each block. A state is drawn, and the bias that makes it a fixed point.",
        "Full: eigenvalues of T⁻¹(W H − 1) by a general solver. Prediction: those of the symmetric form of the Jacobian reduced "
        "to the range of the Hessian, and −1/τ for each dead direction.",
        "Deviation: largest difference of the two sorted spectra in units of the norm of the Jacobian; it grows with the "
        "condition number κ of the eigenvectors, infinite where the Jacobian is defective (the unit roundoff is ε).",
        f"Of the first {min(200, chosen['nets'])} fixed points {unstable} are unstable. No random state of the process is used.",
    ]
    parameters = {"blocks": dict(BLOCKS), **chosen}
    return Content(_drawn(rows), rows, parameters, REDUCED, notes)


def network(k: int, seed: int) -> tuple[Network, np.ndarray]:
    """The k-th network and its fixed point."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, k]))
    layers = [_layer(name, size) for name, size in BLOCKS]
    ends = np.cumsum([0, *(layer.size for layer in layers)])
    parts = [slice(a, b) for a, b in zip(ends, ends[1:])]
    W = rng.normal(size=(ends[-1], ends[-1])) * rng.uniform(0.2, 0.8) / np.sqrt(ends[-1])
    W = W + W.T
    weights = [
        {"from": s, "to": t, "matrix": W[parts[t], parts[s]]} for s in range(len(parts)) for t in range(len(parts))
    ]
    x, tau = 2 * rng.normal(size=ends[-1]), rng.uniform(0.5, 2, size=len(parts)).tolist()
    bias = -Network(layers, weights, None, tau).drive(x)
    return Network(layers, weights, [bias[part] for part in parts], tau), x


def spectra(k: int, seed: int) -> list[Row]:
    """Both spectra of a network, sorted."""
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
    common = {
        "net": k, "norm": float(np.linalg.norm(J, 2)), "condition": float(np.linalg.cond(vectors)),
        "largest imaginary part": float(np.abs(values.imag).max()),
    }  # fmt: skip
    return [
        {"panel": "spectrum", **common, "rank": i, "predicted": p, "full": f, "kind": c}
        for i, (p, f, c) in enumerate(zip(predicted[order].tolist(), full.tolist(), kind[order].tolist()))
    ]


def _layer(name: str, size: int) -> Lagrangian:
    key = (name, size)
    if key not in _LAYERS:
        _LAYERS[key] = Lagrangian(name, size)
    return _LAYERS[key]


_LAYERS: dict[tuple[str, int], Lagrangian] = {}


def _drawn(rows: list[Row]) -> Any:
    from dammech.plot.canvas import sheet, styled

    with styled():
        page = sheet(7.0, 2.9)
        first, second, third = page.subplots(1, 3)
        tops = {r["net"]: r["full"] for r in rows}  # the last of each is the largest
        chosen = next((k for k, top in tops.items() if 0.1 < top < 1), 0)
        _draw_one(first, [r for r in rows if r["net"] == chosen])
        _draw_all(second, rows)
        _draw_deviations(third, rows)
        return page


def _draw_one(axes: Any, rows: list[Row]) -> None:
    axes.plot([r["rank"] for r in rows], [r["full"] for r in rows], "o", color="#000000", mfc="none", ms=5.5, mew=0.8,
              label="full Jacobian")  # fmt: skip
    for kind, color, marker, words in (("alive", ALIVE, "x", "reduced Jacobian"), ("dead", DEAD, "+", r"dead: $-1/\tau$")):
        mine = [r for r in rows if r["kind"] == kind]
        axes.plot([r["rank"] for r in mine], [r["predicted"] for r in mine], marker, color=color, ms=4, mew=1.1, label=words)
    axes.axhline(0, color="0.5", linewidth=0.6, linestyle=(0, (1, 1.5)))
    axes.set(xlabel="rank", ylabel=r"eigenvalue $\lambda$")
    dead = sum(r["kind"] == "dead" for r in rows)
    axes.set_title(f"(a) one network, {dead} of {len(rows)} directions dead")
    axes.legend(loc="upper left")


def _draw_all(axes: Any, rows: list[Row]) -> None:
    shown = [r for r in rows if r["net"] < 60]
    low, high = np.quantile([r["full"] for r in shown], [0.003, 0.997]) + [-0.3, 0.3]
    axes.plot([low, high], [low, high], color="0.6", linewidth=0.7, linestyle="-", zorder=1)
    beyond = sum(not low < r["full"] < high for r in shown)
    for kind, color, marker, size in (("alive", ALIVE, "x", 2.6), ("dead", DEAD, "+", 4.2)):
        mine = [r for r in shown if r["kind"] == kind]
        axes.plot([r["predicted"] for r in mine], [r["full"] for r in mine], marker, color=color, ms=size, mew=0.7)
    axes.text(0.95, 0.05, f"{beyond} of {len(shown)} eigenvalues\nlie beyond", transform=axes.transAxes, ha="right", fontsize=7)
    axes.set(xlim=(low, high), ylim=(low, high), xlabel="predicted $\\lambda$", ylabel="$\\lambda$ of the full Jacobian")
    axes.set_title(f"(b) {len({r['net'] for r in shown})} networks")


def _draw_deviations(axes: Any, rows: list[Row]) -> None:
    nets: dict[int, list[Row]] = {}
    for r in rows:
        nets.setdefault(r["net"], []).append(r)
    conditions = np.array([mine[0]["condition"] for mine in nets.values()])
    deviations = np.array([max(abs(r["full"] - r["predicted"]) for r in mine) / mine[0]["norm"] for mine in nets.values()])
    axes.plot(conditions, np.maximum(deviations, 1e-17), ".", color="#000000", ms=3)
    span = np.array([conditions.min(), conditions.max()])
    axes.plot(span, 2.2e-16 * span, color="0.5", linewidth=0.9, linestyle=(0, (5, 1.6)), label=r"$\varepsilon\,\kappa$")
    axes.set(xscale="log", yscale="log", xlabel=r"condition $\kappa$ of the eigenvectors", ylabel=r"deviation / $\|J\|$")
    axes.set_title(f"(c) {len(nets)} networks")
    axes.legend(loc="upper left")
