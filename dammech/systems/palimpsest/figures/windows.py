"""The retrieval window against the rate of forgetting: blackout, the best rate, and every kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Layer, Look, Panel, page, points, select, series, values
from dammech.systems.palimpsest.figures.looks import LOOKS, simulations
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.palimpsest.sampler import forgetting_curve
from dammech.validate.crossings import crossing

#: panel: order, interaction, temperatures of theory, temperature of the simulation, its rates
CASES: dict[str, dict[str, Any]] = {
    "a": {"order": 2, "interaction": "distinct", "temperatures": (0.0, 0.2, 0.4), "simulated": 0.2,
          "rates": (5.0, 8.0, 14.0, 25.0)},
    "b": {"order": 3, "interaction": "power", "temperatures": (0.0, 0.2, 0.3), "simulated": 0.2,
          "rates": (9.0, 16.0, 28.0, 50.0)},
}  # fmt: skip
KERNELS: tuple[tuple[str, float | None], ...] = (
    ("hard-buffer", None), ("compressed-exponential", 2.0), ("exponential", None), ("clipped", None), ("power-law", 2.0),
    ("power-law", 1.0),
)  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"a": {400: 24, 1200: 10}, "b": {96: 24, 192: 8}, "ages": 9, "points": 60, "seed": 1},
    "full": {
        "a": {400: 160, 1200: 80, 3000: 30},
        "b": {96: 160, 192: 60, 288: 24},
        "ages": 11,
        "points": 160,
        "seed": 1,
    },
}
REDUCED = ["9 ages, 24 to 8 pattern sets at each rate (full: 11 ages, 160 to 24 sets, one larger size)"]
LENGTH = 3.5
KEPT_ABOVE = 0.6
SIZE_MARKS = (("#999999", "v"), ("#56B4E9", "s"), ("#000000", "o"))


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for panel, case in CASES.items():
        model = PalimpsestDAM(case["order"], case["interaction"])
        for temperature in case["temperatures"]:
            progress(f"windows of order {case['order']} at temperature {temperature:g}")
            rows += theory(panel, model, temperature, chosen["points"])
        for size, trials in chosen[panel].items():
            for rate in case["rates"]:
                progress(f"simulating order {case['order']}, N = {size}, rate {rate:g}")
                rows.append(lost(panel, model, case["simulated"], rate, size, trials, chosen))
    for kernel, exponent in KERNELS:
        progress(f"kernel {kernel}")
        rows += of_kernel(kernel, exponent, chosen["points"])
    return Content(
        _drawn(rows, chosen),
        rows,
        parameters={
            "ansatz": "rs",
            "convention": "canonical",
            "dynamics": "glauber",
            "cases": CASES,
            "kernels": KERNELS,
            **chosen,
        },
        reduced=REDUCED,
        notes=[
            "Ansatz: replica symmetric, thin where it is unstable (T = 0). Diamonds: the critical rate, below which an endless "
            "stream destroys every pattern; stars: the best rate.",
            "Simulation: the age at which half of the pattern sets keep an overlap above 0.6 after 80 sweeps from the pattern, "
            "from a fit of a normal integral to the counts (its error is at most half the distance of two ages); small systems "
            "escape before the end of the window.",
            "(c) T = 0, p ≥ 3, in units of the capacity and of the critical rate of the kernel: one curve for all p; "
            "the clipped kernel has no rectified form.",
        ],
    )


def theory(panel: str, model: PalimpsestDAM, temperature: float, points: int) -> list[Row]:
    """The window against the rate, from the critical rate on."""
    common = {"panel": panel, "series": f"T = {temperature:g}", "source": "theory", "temperature": temperature}
    edge, best = (boundary(model, line, temperatures=[temperature]).points[0] for line in ("blackout", "optimal-rate"))
    rates = edge["rate"] * np.geomspace(1.0005, 9, points)
    found = boundary(model, "window", temperatures=[temperature], rates=rates).points
    rows = [
        {**common, "rate": p["rate"], "window": p["window"], "valid": p["valid"], "why": p["why"]}
        for p in found
        if p["converged"]
    ]
    rows.append({**common, "series": "blackout", "rate": edge["rate"], "window": 0.0, "valid": edge["valid"]})
    rows.append(
        {**common, "series": "optimal-rate", "rate": best["rate"], "window": best["window"], "valid": best["valid"]}
    )
    return rows


def lost(
    panel: str, model: PalimpsestDAM, temperature: float, rate: float, size: int, trials: int, chosen: dict[str, Any]
) -> Row:
    """The age at which half of the pattern sets keep their pattern."""
    window = boundary(model, "window", temperatures=[temperature], rates=[rate]).points[0]["window"]
    count = model.patterns_for(LENGTH / rate, size)
    places = np.unique([model.patterns_for(x, size) for x in np.linspace(0.15 * window, 1.3 * window, chosen["ages"])])
    points = forgetting_curve(
        model.memory, model.weights(rate, size, count), ages=places.tolist(), size=size, temperature=temperature, trials=trials,
        seed=chosen["seed"], retrieved_above=KEPT_ABOVE,
    ).points  # fmt: skip
    ages = np.array([p.age for p in points]) / float(size) ** (model.p - 1)
    fit = crossing(ages, np.array([round(p.retrieved * trials) for p in points]), np.full(ages.size, trials))
    resolved = min(fit.error, float(np.diff(ages).min()) / 2)  # counts that fall from all to none at once
    return {"panel": panel, "series": f"N = {size}", "source": "simulation", "temperature": temperature, "rate": rate,
            "size": size, "patterns": count, "window": fit.load, "window_error": resolved, "trials": trials,
            "ages": ages.tolist(), "retrieved": [p.retrieved for p in points]}  # fmt: skip


def of_kernel(kernel: str, exponent: float | None, points: int) -> list[Row]:
    """Windows at T = 0 in units of the capacity, rates in units of the critical one."""
    model = PalimpsestDAM(3, "power" if kernel != "clipped" else "distinct", kernel, exponent)
    capacity = boundary(model.memory, "retrieval-spinodal", temperatures=[0.0]).points[0]["load"]
    edge = boundary(model, "blackout", temperatures=[0.0]).points[0]["rate"]
    found = boundary(model, "window", temperatures=[0.0], rates=edge * np.geomspace(1.0005, 9, points)).points
    return [
        {"panel": "c", "series": _label(kernel, exponent), "source": "theory", "temperature": 0.0, "rate": p["rate"] / edge,
         "window": p["window"] / capacity, "valid": p["valid"]}
        for p in found if p["converged"]
    ]  # fmt: skip


def _label(kernel: str, exponent: float | None) -> str:
    names = {"power-law": r"power law, $s = {:g}$", "compressed-exponential": r"$\exp(-u^{:g})$", "exponential": r"$\exp(-u)$",
             "hard-buffer": "hard buffer", "clipped": "clipped couplings"}  # fmt: skip
    return names[kernel].format(exponent)


def _drawn(rows: list[Row], chosen: dict[str, Any]) -> Any:
    keys: list[Look] = [
        dict(color="k", marker="d", linestyle="", label=r"blackout, $\varepsilon_c$"),
        dict(color="k", marker="*", ms=6, linestyle="", label=r"best rate, $\varepsilon_{\rm opt}$"),
        dict(color="k", linestyle="-", linewidth=0.6, label="thin: RS unstable"),
    ]
    kernels = dict.fromkeys(values(select(rows, {"panel": "c"}), "series"))
    of_kernels = Panel(
        [series("rate", "window", {"series": name}, color=color, linestyle=style, label=name, linewidth=1.1)
         for name, (color, _, style) in zip(kernels, LOOKS)],
        where={"panel": "c"},
        title=r"(c) kernels, $p \geq 3$, $T = 0$",
        axes={"xscale": "log", "xlabel": r"rate $\varepsilon/\varepsilon_c$", "ylabel": r"window $w/\alpha_c$",
              "ylim": (0, 1.03)},
        plain=(1, 2, 4, 8),
        legend="upper right",
    )  # fmt: skip
    panels = [*(_rates(rows, panel, case, list(chosen[panel])) for panel, case in CASES.items()), of_kernels]
    return page(rows, panels, (7.2, 3.3), keys)


def _rates(rows: list[Row], panel: str, case: dict[str, Any], sizes: list[int]) -> Panel:
    theory = select(rows, {"panel": panel, "source": "theory"})
    layers: list[Layer] = []
    for T, (color, _, style) in zip(dict.fromkeys(values(theory, "temperature")), LOOKS):
        line = {"temperature": T, "series": f"T = {T:g}"}
        width = 1.3 if all(values(select(theory, line), "valid")) else 0.7
        look: Look = {"color": color, "ms": 4.5, "zorder": 5, "clip_on": False}
        layers += [
            series("rate", "window", line, color=color, linestyle=style, linewidth=width, label=f"RS, $T = {T:g}$"),
            points("rate", "window", {"temperature": T, "series": "blackout"}, marker="d", **look),
            points("rate", "window", {"temperature": T, "series": "optimal-rate"}, marker="*", **look | {"ms": 7}),
        ]
    keys: list[Look] = []
    for size, (color, marker) in zip(sizes, SIZE_MARKS if len(sizes) == 3 else SIZE_MARKS[::2]):
        layers += simulations("rate", "window", {}, [size], color=color, marker=marker)
        label = f"$N = {size}$, $T = {case['simulated']:g}$"
        keys.append(dict(color=color, marker=marker, linestyle="", label=label))
    power = "" if case["order"] == 2 else f"^{case['order'] - 1}"
    return Panel(
        [*layers, _room],
        where={"panel": panel},
        title=f"({panel}) $p = {case['order']}$, {case['interaction']}",
        axes={"xscale": "log", "xlabel": r"rate $\varepsilon$", "ylabel": rf"window $w$ ($N{power}$ patterns)"},
        plain=(2, 4, 8, 16, 32) if case["order"] == 2 else (5, 10, 20, 40),
        keys=keys,
        legend="upper right",
    )


def _room(axes: Any, _: list[Row]) -> None:
    """For the legend."""
    axes.set_ylim(bottom=0)
    axes.set_ylim(top=1.55 * axes.get_ylim()[1])
