"""How many archetypes a memory can learn from examples, with and without supervision."""

from __future__ import annotations

from dataclasses import replace
from operator import methodcaller
from typing import Any

import numpy as np

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, rule, series
from dammech.simulate.estimators import mean_and_error
from dammech.simulate.trials import Trial, over_trials
from dammech.solve import solve
from dammech.systems.examples.model import ExampleDAM
from dammech.systems.examples.sampler import experiment

ORDER, QUALITY, TEMPERATURE, LOAD, SWEEPS = 3, 0.6, 0.3, 0.02, 300
MANY = (2, 3, 4, 6, 8, 12, 16, 24)
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"points": 5, "size": 96, "trials": 12, "seed": 1},
    "full": {"points": 13, "size": 192, "trials": 48, "seed": 1},
}
REDUCED = ["5 points a line (full: 13)", "12 samples of N = 96 (full: 48 of 192)"]
LOOKS: dict[str, Look] = {
    "supervised": {"color": "#000000", "marker": "s"}, "unsupervised": {"color": "#D55E00", "marker": "o"},
}  # fmt: skip
DASHES = {"rs": "-", "1rsb": (0, (5, 1.5)), "at": (0, (1, 1))}


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen, rows = {**SETTINGS[level], **(settings or {})}, []
    for rho in np.linspace(0.0, 0.3, chosen["points"]).round(6).tolist():
        progress(f"capacities at ρ = {rho:g}")
        for ansatz in ("rs", "1rsb"):
            rows += ends("entropy", ExampleDAM(ORDER, dataset_entropy=rho), "rho", rho, ansatz, 0.0, QUALITY)
    temperatures = np.linspace(0, 0.5, 2 * chosen["points"])
    for line, ansatz in (("retrieval-spinodal", "rs"), ("retrieval-spinodal", "1rsb"), ("at", "rs")):
        progress(f"{line}, {ansatz}")
        found = boundary(ExampleDAM(ORDER, dataset_entropy=0.1), line, temperatures=temperatures, ansatz=ansatz)
        rows += [
            {"panel": "temperature", "series": "at" if line == "at" else ansatz, "T": x["temperature"], "load": x["load"],
             "valid": x["valid"]} for x in found.points if x["converged"]
        ]  # fmt: skip
    for many in MANY:
        progress(f"{many} examples")
        rows += ends("examples", ExampleDAM(ORDER, quality=QUALITY, examples=many), "M", many, "rs", 0.0, QUALITY)
        for protocol in LOOKS:
            rows += overlap(protocol, many, chosen)
    return Content(
        _drawn(rows), rows, parameters={"order": ORDER, "dynamics": "glauber", "start": "the archetype itself", **chosen},
        reduced=REDUCED,
        notes=[
            "Loads are P/N² in canonical units; (a) and (c) at T = 0, where replica symmetry is unstable and one step of its "
            "breaking is not the last. Supervised and unsupervised memories differ in the strength of the noise alone: the "
            "same αΓ(ρ) is divided by (1+ρ)³ or by 1 + ρ(1 + r⁻² + r⁻⁴), r = 0.6.",
            "(a), (b) Big data sets (Gaussian law of the mean example). (b) ρ = 0.1, supervised; beyond the AT line RS is "
            "unstable.",
            "(c) Exact binomial law, RS. Left of the thin line an example lies deeper than its archetype without supervision "
            "(M < 1 + r⁻³ = 5.6): the state that is drawn is a metastable one there.",
            "(d) T = 0.3, α = 0.02. Lines: RS theory where the state exists. Symbols: runs that start on the archetype, at one "
            "N, their mean over sweeps 100 to 300, one standard error over samples; runs that left the state are in the mean, so "
            "that symbols fall below the lines where the state is about to end.",
        ],
    )  # fmt: skip


def ends(panel: str, model: ExampleDAM, name: str, value: float, ansatz: str, temperature: float, quality: float) -> list[Row]:
    """Where retrieval ends, for both protocols, from the supervised one: the noise of the other is stronger by a factor."""
    (end,) = boundary(model, "retrieval-spinodal", temperatures=[temperature], ansatz=ansatz).points
    if not end["converged"]:
        return []
    other = replace(model, protocol="unsupervised", quality=quality)
    loads = {"supervised": end["load"], "unsupervised": end["load"] * float(model.noise_gain / other.noise_gain)}
    return [
        {"panel": panel, "series": protocol, "ansatz": ansatz, name: value, "load": load, "m": end["m"], "valid": end["valid"]}
        for protocol, load in loads.items()
    ]


def overlap(protocol: Any, many: int, chosen: dict[str, Any]) -> list[Row]:
    """The overlap with the archetype by theory and by simulation."""
    model: Any = ExampleDAM(ORDER, protocol, quality=QUALITY, examples=many)
    state = solve(model, load=LOAD, temperature=TEMPERATURE, throw=False)
    setting = experiment(model, {"load": LOAD, "temperature": TEMPERATURE}, size=chosen["size"], dynamics="glauber",
                         overlap=1.0, seed=chosen["seed"])  # fmt: skip
    trials = [Trial(setting, k) for k in range(chosen["trials"])]
    over_trials(methodcaller("advance", SWEEPS), trials, setting, None)
    m, error = mean_and_error(np.array([trial.made[0].overlap[SWEEPS // 3 :].mean() for trial in trials]))
    common = {"panel": "overlap", "series": protocol, "M": many}
    theory = [{**common, "source": "theory", "m": state["m"], "valid": state.valid}] if state.converged else []
    return [*theory, {**common, "source": "simulation", "m": m, "m_error": error, "size": chosen["size"]}]


def _drawn(rows: list[Row]) -> Any:
    capacity: list[Layer] = [
        series("rho", "load", {"panel": "entropy", "series": protocol, "ansatz": ansatz}, color=look["color"],
               linestyle=DASHES[ansatz], label=f"{protocol}, {ansatz.upper()}")
        for protocol, look in LOOKS.items() for ansatz in ("rs", "1rsb")
    ]  # fmt: skip
    heat: list[Layer] = [
        series("T", "load", {"panel": "temperature", "series": name}, color="#000000", linestyle=dash,
               label={"rs": "end of retrieval, RS", "1rsb": "end of retrieval, 1RSB", "at": "AT line"}[name])
        for name, dash in DASHES.items()
    ]  # fmt: skip
    number: list[Layer] = [rule(x=1 + QUALITY**-ORDER, color="0.5", linewidth=0.7)]
    learnt: list[Layer] = []
    for protocol, look in LOOKS.items():
        number.append(series("M", "load", {"panel": "examples", "series": protocol}, label=protocol, mfc="white", ms=4, **look))
        at = {"panel": "overlap", "series": protocol}
        learnt.append(series("M", "m", {**at, "source": "theory"}, color=look["color"]))
        learnt.append(points("M", "m", {**at, "source": "simulation"}, error="m_error", label=protocol, mfc="white", **look))
    examples: Look = {"xlabel": "examples $M$"}
    load = r"load $\alpha$"
    panels = [
        Panel(capacity, title="(a) capacity at $T = 0$, $p = 3$, $r = 0.6$",
              axes={"xlabel": r"dataset entropy $\rho$", "ylabel": load, "ylim": (0.03, 0.2)}, legend="upper right"),
        Panel(heat, title=r"(b) supervised, $\rho = 0.1$", axes={"xlabel": "temperature $T$", "ylabel": load},
              legend="lower right"),
        Panel(number, title="(c) capacity at $T = 0$, RS", axes={**examples, "ylabel": load}, legend="upper left"),
        Panel(learnt, title=r"(d) $T = 0.3$, $\alpha = 0.02$", axes={**examples, "ylabel": "overlap $m$ with the archetype"},
              legend="lower right"),
    ]  # fmt: skip
    return page(rows, panels, (7.0, 5.2), lines=2)
