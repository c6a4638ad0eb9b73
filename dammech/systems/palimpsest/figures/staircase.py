"""Hebbian rehearsal: the retrieved fraction falls in steps as the load grows, by the weight of the patterns."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.declared.rescaled import Rescaled
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, rule, series, words
from dammech.simulate.estimators import fraction_and_error, mean_and_error
from dammech.systems.palimpsest.answers import staircase
from dammech.systems.palimpsest.figures.looks import LOOKS, faces, simulations
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.palimpsest.sampler import forgetting_curve, rehearsal_counts

ORDER, INTERACTION, TEMPERATURE = 3, "power", 0.2
REHEARSALS = (1.0, 3.0)
LOADS: dict[float, tuple[float, ...]] = {
    1.0: (0.008, 0.012, 0.02, 0.035, 0.06, 0.09, 0.13),
    3.0: (0.012, 0.02, 0.035, 0.06, 0.09),
}
WATCHED = 1.0
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"sizes": {96: 16, 192: 6}, "probes": 12, "points": 240, "seed": 1},
    "full": {"sizes": {96: 120, 192: 40, 640: 3}, "probes": 24, "points": 800, "seed": 1},
}
REDUCED = ["16 and 6 pattern sets, 12 patterns of each (full: 120, 40 and 3 sets, 24 patterns, one larger size)"]
KEPT_ABOVE = 0.6
MOST = 5


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for rehearsals in (0.0, *REHEARSALS):
        progress(f"theory for R = {rehearsals:g}")
        rows += theory(rehearsals, chosen["points"])
    for rehearsals in REHEARSALS:
        for size, trials in chosen["sizes"].items():
            for load in LOADS[rehearsals]:
                progress(f"simulating R = {rehearsals:g}, N = {size}, load {load:g}")
                rows += simulated(rehearsals, load, size, trials, chosen)
    return Content(
        _drawn(rows, chosen),
        rows,
        parameters={
            "order": ORDER,
            "interaction": INTERACTION,
            "temperature": TEMPERATURE,
            "loads": LOADS,
            "ansatz": "rs",
            **chosen,
        },
        reduced=REDUCED,
        notes=[
            "Theory: the fraction of patterns stored often enough, replica symmetric; without rehearsal all or nothing.",
            "Simulation: patterns spread evenly over the stream, from each a run of 80 sweeps; kept where the overlap exceeds "
            "0.6; errors over pattern sets (fractions by weight: flat prior, all sets together).",
            "Small systems: patterns of small weight leave for those stored often, which are strong. The loss "
            "by which points lie below the theory at small loads falls as N^(1/3) outgrows ln N: slowly.",
        ],
    )


def theory(rehearsals: float, points: int) -> list[Row]:
    """The staircase against the load."""
    rows: list[Row] = []
    for load in np.geomspace(0.003, 0.2, points).tolist():
        common = {"panel": "a", "series": f"R = {rehearsals:g}", "source": "theory", "load": load}
        if rehearsals:
            model = PalimpsestDAM(ORDER, INTERACTION, "rehearsal", rehearsals)
            found = staircase(model, load=load, temperature=TEMPERATURE)
            rows.append(
                {
                    **common,
                    "fraction": found["fraction"],
                    "weight": found["weight"],
                    "effective_load": found["effective_load"],
                }
            )
        else:
            rows.append({**common, "fraction": float(load < _capacity()), "weight": 1, "effective_load": load})
    return rows


def simulated(rehearsals: float, load: float, size: int, trials: int, chosen: dict[str, Any]) -> list[Row]:
    """The retrieved fraction, and that of each weight."""
    model = PalimpsestDAM(ORDER, INTERACTION).memory
    count = model.patterns_for(load, size)
    places = [int((k + 0.5) * count / chosen["probes"]) for k in range(chosen["probes"])]
    points = forgetting_curve(
        model, lambda rng: rehearsal_counts(count, rehearsals, rng), ages=places, size=size, temperature=TEMPERATURE,
        trials=trials, seed=chosen["seed"], sweeps=20, equilibration=60, retrieved_above=KEPT_ABOVE,
    ).points  # fmt: skip
    kept = np.array([p.overlaps for p in points]) > KEPT_ABOVE
    weights = np.minimum(np.array([p.weights for p in points]), MOST)
    fraction, error = mean_and_error(kept.mean(axis=0))
    load_now = points[0].effective_load
    common = {"series": f"R = {rehearsals:g}", "source": "simulation", "size": size, "patterns": count, "load": count / size**2,
              "trials": trials, "effective_load": load_now}  # fmt: skip
    rows: list[Row] = [{**common, "panel": "a", "fraction": fraction, "fraction_error": error}]
    for weight in range(1, MOST):
        mine = kept[weights == weight]
        if mine.size:
            value, spread = fraction_and_error(int(mine.sum()), mine.size)
            rows.append({**common, "panel": "b", "weight": weight, "fraction": value, "fraction_error": spread,
                         "patterns seen": mine.size,
                         "load of weight": Rescaled(weight).plain("load", load_now)})  # fmt: skip
    return rows


def _capacity() -> float:
    from dammech.phases import boundary

    model = PalimpsestDAM(ORDER, INTERACTION).memory
    return float(boundary(model, "retrieval-spinodal", temperatures=[TEMPERATURE]).points[0]["load"])


def _drawn(rows: list[Row], chosen: dict[str, Any]) -> Any:
    stairs: list[Layer] = []
    weights: list[Layer] = []
    names: list[Look] = []
    for rehearsals, (color, marker, style) in zip((0.0, *REHEARSALS), (LOOKS[4], *LOOKS)):
        theory, simulation = ({"panel": "a", "series": f"R = {rehearsals:g}", "source": s} for s in ("theory", "simulation"))
        step: Look = {"drawstyle": "steps-mid", "color": color, "linestyle": style, "linewidth": 1.1}
        stairs.append(series("load", "fraction", theory, **step))
        stairs += simulations("load", "fraction", simulation, chosen["sizes"], color=color, marker=marker)
        label = f"$R = {rehearsals:g}$"
        names.append(dict(color=color, linestyle=style, marker=marker if rehearsals else "", label=label))
    for weight, (color, marker, _) in zip(range(1, MOST), LOOKS):
        of_weight = {"panel": "b", "series": f"R = {WATCHED:g}", "weight": weight}
        weights += simulations("load of weight", "fraction", of_weight, chosen["sizes"], color=color, marker=marker)
    kinds = {"white": "open", "0.75": "grey", None: "full"}
    sizes = ", ".join(f"{size} ({kinds[face]})" for size, face in faces(chosen["sizes"]).items())
    end: Look = {"color": "0.4", "linestyle": (0, (2, 2)), "linewidth": 0.9}
    panels = [
        Panel(
            [*stairs, words(f"$N = $ {sizes}", 0.03, 0.06, inside=True, fontsize=6.5)],
            title=f"(a) the staircase; $p = {ORDER}$, {INTERACTION}, $T = {TEMPERATURE:g}$",
            axes={"xscale": "log", "xlabel": r"load $\alpha = P/N^2$", "ylabel": "fraction retrieved", "ylim": (-0.03, 1.05)},
            keys=names,
            legend="upper right",
        ),
        Panel(
            [*weights, rule(x=_capacity(), **end), words(r" $\alpha_c(T)$", _capacity(), 0.9)],
            title=rf"(b) by weight, $R = {WATCHED:g}$",
            axes={"xscale": "log", "xlabel": r"load seen by a pattern, $A/\Lambda^2$",
                  "ylabel": r"fraction retrieved, by $\Lambda$", "ylim": (-0.05, 1.05)},
            keys=[dict(color=color, marker=marker, linestyle="", label=rf"$\Lambda = {weight}$")
                  for weight, (color, marker, _) in zip(range(1, MOST), LOOKS)],
            legend="lower left",
        ),
    ]  # fmt: skip
    return page(rows, panels, (7.0, 3.0))
