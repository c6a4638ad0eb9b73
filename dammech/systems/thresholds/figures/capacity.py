"""Dead hidden neurons and the capacity against their threshold: theory, with simulated points."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, series, shape
from dammech.solve import solve
from dammech.systems.thresholds.claims import capacity as losses
from dammech.systems.thresholds.claims import retrieval, theory

BETAS = (1.5, 2.0)
SIGNS = "sign neurons"  # β → ∞, no self-coupling
START = {"m": 0.97, "q": 0.94, "chi": 0.05}
PART = 0.4  # of the capacity: the load at which the dead fraction is drawn
FEW = 0.3  # below this load pattern sets are added, since each holds few neurons to count
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"points": 41, "thresholds": (-0.5, 0.0, 0.5, 1.0), "sizes": ((800, 40), (1600, 20)), "losses": (0.0, 0.5),
              "loss plan": ((500, 30), (1000, 20), (2000, 10)), "seeds": (1, 2, 3)},
    "full": {"points": 81, "thresholds": (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0), "sizes": ((800, 200), (1600, 100)),
             "losses": (-0.25, 0.0, 0.25, 0.5, 0.75), "loss plan": losses._PLANS["full"], "seeds": (1, 2, 3)},
}  # fmt: skip
REDUCED = ["4 and 2 simulated thresholds (full: 7 and 5)", "sizes up to 2000 for the loss (full: 4000), fewer pattern sets"]
LOOKS = {1.5: ("#0072B2", "o", (0, (6, 1.4, 1, 1.4))), 2.0: ("#D55E00", "s", "-"), SIGNS: ("#444444", "", (0, (5, 1.6)))}


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    grid = np.linspace(-0.6, 1.1, chosen["points"])
    rows: list[Row] = []
    for beta in BETAS:
        progress(f"the theory at β = {beta}")
        rows += _theory(beta, grid)
    ground = theory.signs()
    rows += [
        {"panel": "capacity", "series": SIGNS, "source": "theory", "theta": p["theta"], "value": p["alpha"]}
        for p in boundary(ground, "spinodal", theta=grid).points
    ]
    for beta in BETAS:
        for theta in chosen["thresholds"]:
            progress(f"dead neurons at β = {beta}, θ = {theta}")
            rows.append(_dead(beta, theta, chosen))
    for theta in chosen["losses"]:
        progress(f"the loss of memories at β = 2, θ = {theta}")
        found = losses.loss({"theta": theta, "beta": 2.0}, chosen["loss plan"], chosen["seeds"])
        rows.append({
            "panel": "capacity", "series": 2.0, "source": "simulation", "theta": theta, "value": found.value,
            "error": found.error, "sizes": " ".join(map(str, found.sizes)),
        })  # fmt: skip
    return Content(
        _drawn(rows, grid),
        rows,
        parameters={"betas": BETAS, "part of the capacity": PART, **chosen},
        reduced=REDUCED,
        notes=[
            "Replica-symmetric theory without noise; two-layer memory, hidden ReLU neurons with threshold θ, visible tanh(βv); "
            "sign neurons: β → ∞ with the self-coupling removed, where the load is rescaled by A(θ) and nothing else changes.",
            f"(a) at {PART} of the capacity; the thin line is Φ(θ), dead neurons at the stored pattern itself. Points: fixed "
            f"points "
            "from the pattern, extrapolated in 1/N; bars: one standard error over pattern sets.",
            "(b) points: load where half of the pattern sets lose their memory, extrapolated in 1/N; bars hold the power's "
            "choice.",
        ],
    )


def _theory(beta: float, grid: np.ndarray) -> list[Row]:
    rows: list[Row] = []
    for point in boundary(theory.derived(), "spinodal", theta=grid, beta=beta).points:
        at = {"theta": point["theta"], "beta": beta}
        rows.append({"panel": "capacity", "series": beta, "source": "theory", "value": point["alpha"], **at})
        if point["alpha"] is None:
            continue
        state: Any = solve(theory.derived(), alpha=PART * point["alpha"], **at, start=START, throw=False)
        if state.converged:
            found = state.to_json()
            rows.append({"panel": "dead", "series": beta, "source": "theory", "value": found["dead"], "m": found["m"],
                         "q": found["q"], "alpha": PART * point["alpha"], **at})  # fmt: skip
    return rows


def _dead(beta: float, theta: float, chosen: dict[str, Any]) -> Row:
    edge = theory.capacity(theta, beta).value
    assert edge is not None
    alpha = PART * edge
    plan = tuple((size, round(sets * max(1.0, FEW / alpha))) for size, sets in chosen["sizes"])
    found = retrieval.measured({"alpha": alpha, "theta": theta, "beta": beta}, plan, chosen["seeds"], "dead")
    return {"panel": "dead", "series": beta, "source": "simulation", "theta": theta, "beta": beta, "alpha": alpha,
            "value": found.value, "error": found.error, "sizes": " ".join(map(str, found.sizes)), "why": found.why}  # fmt: skip


def _drawn(rows: list[Row], grid: np.ndarray) -> Any:
    from scipy.special import ndtr

    pattern: Look = dict(color="#444444", linewidth=0.7, linestyle=":", label=r"$\Phi(\theta)$: at the pattern")
    common = {"xlabel": r"threshold $\theta$", "xlim": (grid[0], grid[-1])}
    dead = {"ylabel": "dead hidden neurons", "ylim": (0.15, 0.95)}
    panels = [
        Panel(
            [*_layers("dead"), shape(grid, ndtr(grid), **pattern)],
            title="(a) fraction dead at retrieval", axes=common | dead, legend="upper left",
        ),
        Panel(
            _layers("capacity"), title="(b) load at which retrieval ends",
            axes=common | {"ylabel": r"capacity $\alpha_c$", "yscale": "log"}, legend="upper left",
        ),
    ]  # fmt: skip
    return page(rows, panels, (7.0, 3.1))


def _layers(panel: str) -> list[Layer]:
    layers: list[Layer] = []
    for name, (color, marker, dashes) in LOOKS.items():
        theory, simulation = ({"panel": panel, "series": name, "source": source} for source in ("theory", "simulation"))
        label = SIGNS if name == SIGNS else rf"$\beta = {name:g}$"
        symbols: Look = {"marker": marker, "color": color, "mfc": "white", "ms": 4, "capsize": 2, "zorder": 4}
        layers.append(series("theta", "value", theory, color=color, linestyle=dashes, label=label))
        layers.append(points("theta", "value", simulation, error="error", **symbols))
    return layers
