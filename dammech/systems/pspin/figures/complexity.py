"""The number of states of the p = 3 spin glass by their free energy, and how it changes with temperature."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, rule, select, track, words
from dammech.solve import complexity
from dammech.systems.pspin.model import PSpin

MODEL = PSpin(3)
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"temperatures": (0.0, 0.3, 0.5, 0.62, 0.66), "points": 60, "scan": 24},
    "full": {"temperatures": (0.0, 0.3, 0.5, 0.62, 0.66), "points": 200, "scan": 60},
}
REDUCED = ["60 points a curve, 24 temperatures (full: 200, 60)"]
COLORS = ("#000000", "#0072B2", "#009E73", "#D55E00", "#CC79A7")
#: marker, words and colour of special states
MARKERS = {
    "equilibrium": ("o", "states that dominate", "#0072B2"),
    "marginal": ("D", "marginal", "#009E73"),
    "threshold": ("^", "threshold", "#D55E00"),
}
UNSTABLE = (0, (2.5, 1.5))
FAILING: Look = {"failing": UNSTABLE, "failing_width": 0.9}
FRONT: Look = {"zorder": 5, "clip_on": False}
SIGMA, SIGMA_LABEL = "complexity", r"complexity $\Sigma$, per spin"


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    progress("the transitions of the glass")
    transitions = {line: boundary(MODEL, line, throw=True).points[0] for line in ("dynamic", "static", "gardner")}
    keep = ("temperature", "temperature_error", "complexity")
    rows: list[Row] = [
        {"panel": "special states", "series": line, "source": "theory", **{k: p.get(k) for k in keep}}
        for line, p in transitions.items()
    ]
    for T in chosen["temperatures"]:
        progress(f"the curve at T = {T:g}")
        curve = complexity(MODEL, T, points=chosen["points"])
        rows += [_row("curves", "states", T, p) for p in curve.points] + _special("curves", T, curve)
    progress("special states at all temperatures")
    for T in scanned(chosen["scan"], **{line: point["temperature"] for line, point in transitions.items()}):
        rows += _special("special states", T, complexity(MODEL, T, points=3))
    return Content(
        _drawn(rows, chosen["temperatures"]),
        rows,
        parameters={"model": MODEL.to_json(), "ansatz": "1rsb", "convention": "canonical (J = 1)", **chosen},
        reduced=REDUCED,
        notes=[
            "Ansatz: 1RSB. Σ is the logarithm, per spin, of the number of states of free energy f: the Legendre transform of the "
            "replicated free energy with the block size θ as its variable. The slope of a curve is θ/T.",
            "Dashed: these states are unstable within one step (their replicon is negative), at T = 0 all of them; their Σ needs "
            "more steps of breaking.",
            "States that dominate: Σ = 0 below T_K; θ = 1 between T_K and T_d. Threshold: where the curve turns back.",
            "No simulation here. Errors of the roots are at the level of double precision, far below the width of a line.",
        ],
    )


def scanned(count: int, dynamic: float, static: float, gardner: float) -> list[float]:
    """Temperatures from 0 to the dynamic transition, dense where few states are left, with the ends of every curve."""
    cold, near = np.linspace(0, static, count), np.linspace(static, dynamic, count // 2)
    away = 1e-4  # at the transitions themselves a quantity vanishes up to rounding
    ends = [gardner * (1 + away), static * (1 - away), static * (1 + away), dynamic * (1 - away)]
    return sorted([*cold[:-1].tolist(), *near[1:-1].tolist(), *ends])


def _row(panel: str, series: str, temperature: float, point: dict[str, Any]) -> Row:
    keep = ("theta", "y", "q1", "C", "free_energy", "complexity", "replicon", "residual", "error", "valid", "why")
    return {"panel": panel, "series": series, "source": "theory", "temperature": temperature, **{k: point.get(k) for k in keep}}


def _special(panel: str, temperature: float, curve: Any) -> list[Row]:
    found = {name: getattr(curve, name) for name in MARKERS}
    return [_row(panel, name, temperature, point) for name, point in found.items() if point is not None]


def _drawn(rows: list[Row], temperatures: Any) -> Any:
    keys: list[Look] = [
        dict(color="0.2", linestyle="-", label="1RSB, stable"),
        dict(color="0.2", linestyle=UNSTABLE, linewidth=0.9, label="1RSB, unstable (open symbols)"),
        *(dict(color="0.2", marker=marker, linestyle="", label=text) for marker, text, _ in MARKERS.values()),
    ]
    curves, special = (select(rows, {"panel": name}) for name in ("curves", "special states"))
    panels = [_curves(curves, temperatures), _special_states(special)]
    return page(rows, panels, (7.0, 3.4), keys, columns=5, width_ratios=(1.25, 1))


def _curves(rows: list[Row], temperatures: Any) -> Panel:
    layers: list[Layer] = []
    for T, color in zip(temperatures, COLORS):
        layers.append(track("free_energy", SIGMA, {"temperature": T, "series": "states"}, color=color, **FAILING))
        layers += [
            points("free_energy", SIGMA, {"temperature": T, "series": name}, full="valid", marker=marker, color=color, **FRONT)
            for name, (marker, _, _) in MARKERS.items()
        ]
        top = select(rows, {"temperature": T, "series": "threshold"})[0]
        layers.append(words(f"$T = {T:g}$", top["free_energy"], top[SIGMA], shift=(-5, 5), color=color, ha="right"))
    limits = (-0.001, 1.08 * max(r[SIGMA] for r in rows))
    labels = {"xlabel": "free energy $f$ of the states, per spin", "ylabel": SIGMA_LABEL}
    return Panel(layers, {"panel": "curves"}, r"(a) $p = 3$ spin glass, $J = 1$; 1RSB", {**labels, "ylim": limits})


def _special_states(rows: list[Row]) -> Panel:
    layers: list[Layer] = []
    for name, (marker, text, color) in MARKERS.items():
        mine = select(rows, {"series": name})
        some = {"series": name, "temperature": tuple(r["temperature"] for r in mine[:: max(1, len(mine) // 8)])}
        where = mine[len(mine) * (2 if name == "equilibrium" else 3) // 7]
        shift = (0, 5 if name != "marginal" else -10)
        layers += [
            track("temperature", SIGMA, {"series": name}, color=color, **FAILING),
            points("temperature", SIGMA, some, full="valid", marker=marker, color=color, ms=3, **FRONT),
            words(text, where["temperature"], where[SIGMA], shift=shift, color=color, ha="left"),
        ]
    high = max(r[SIGMA] for r in select(rows, {"series": "threshold"}))
    for line, name, aside in (("gardner", "$T_G$", 0), ("static", "$T_K$", -12), ("dynamic", "$T_d$", 1)):
        (T,) = (r["temperature"] for r in select(rows, {"series": line}))
        layers.append(rule(x=T, color="0.5", linewidth=0.6, linestyle=(0, (1, 2)), zorder=0))
        layers.append(words(name, T, high, shift=(aside, 0), ha="left", va="center"))
    axes = {"xlabel": "temperature $T$", "ylabel": SIGMA_LABEL, "xlim": (0, 0.735), "ylim": (-0.001, 1.07 * high)}
    return Panel(layers, {"panel": "special states"}, "(b) $\\Sigma$ of special states; 1RSB", axes)
