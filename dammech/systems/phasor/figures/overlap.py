"""Memories of phases: overlap against load at T = 0 with simulated points, and the phase diagram."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.phases import boundary
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import ON_WHITE, OPAQUE, Look, Panel, page, points, rule, select, series, words
from dammech.solve import solve
from dammech.systems.phasor.claims import LOST_BELOW, overlap, predicted
from dammech.systems.phasor.model import PhasorDAM
from dammech.validate.sizes import Plan

#: loads that are simulated, each that of a whole number of patterns at every size; of real couplings half of these
LOADS = (0.01, 0.02, 0.028, 0.034)
SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {"points": 60, "loads": LOADS[:3], "plan": Plan((1000, 2000, 4000), (24, 16, 8)), "seeds": (11, 12, 13)},
    "full": {"points": 200, "loads": LOADS, "plan": Plan((2000, 4000, 8000), (32, 24, 16)), "seeds": (11, 12, 13)},
}
REDUCED = [
    "three loads a coupling, up to N = 4000 with fewer pattern sets (full: four, 8000); 60 points a line (full: 200)"
]
LIMIT = "N to infinity"
LOOKS: dict[str, Look] = {
    "complex": dict(color="#0072B2", linestyle="-", marker="o"),
    "real": dict(color="#D55E00", linestyle=(0, (5, 1.6)), marker="s"),
}
#: what the phase diagram shows: load, temperature
WINDOW = ((0.0, 0.05), (0.0, 0.66))
LINES: dict[str, Look] = {
    "retrieval-spinodal": dict(color="#0072B2", linestyle="-", label="retrieval spinodal, $T_M$"),
    "thermodynamic": dict(
        color="#D55E00", linestyle=(0, (5, 1.6)), label="thermodynamic, $T_c$ (RS spin glass unstable)"
    ),
    "spin-glass": dict(
        color="#009E73", linestyle=(0, (6, 1.4, 1, 1.4)), label=r"spin glass, $T_g = (1 + \sqrt{\alpha})/2$"
    ),
}
REGIONS = (
    ("paramagnet", 0.014, 0.6),
    ("spin glass", 0.035, 0.4),
    ("retrieval", 0.0085, 0.1),
    ("retrieval,\nmetastable", 0.0235, 0.05),
)
COMPLEX: Any = PhasorDAM()


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    rows: list[Row] = []
    for coupling in LOOKS:
        progress(f"theory of {coupling} couplings")
        rows += theory(coupling, chosen["points"])
        for load in chosen["loads"]:
            load /= 2 if coupling == "real" else 1
            progress(f"simulating {coupling} couplings at load {load:g}")
            rows += simulated(coupling, load, chosen["plan"], chosen["seeds"])
    for line in LINES:
        progress(f"the {line} line")
        rows += along(line, chosen["points"])
    return Content(
        _drawn(rows),
        rows,
        parameters={"ansatz": "rs", "convention": "canonical", "order": 2, "start": "the pattern itself", **chosen},
        reduced=REDUCED,
        notes=[
            "Ansatz: replica symmetric. As T goes to 0 the replicon of retrieval falls like the value in the data times "
            "log(1/T), and is negative below T = 1e-48 only at load 0.034; that of the spin glass is negative everywhere, "
            "and no other ansatz is drawn: the thermodynamic line compares with it.",
            "(a) Simulation at T = 0 from the pattern, every phase turned to its field until nothing moves; N to infinity by a "
            "straight line in 1/N; bars: one standard error over pattern sets. Light: the finite sizes.",
            f"Chains that end below m = {LOST_BELOW} have lost the memory and are left out; the data count them (lost). "
            "deviation: (simulation at N to infinity - theory)/standard error.",
            "Vertical lines: the fold, where retrieval ends. A real coupling stores each pattern and its mirror image: its line "
            "is that of the complex one at half the load.",
            "(b) Complex couplings; real ones have the same lines at half the load.",
            "Not reproduced: lasers have amplitudes, which this limit of phases fixes; that passive (real) couplings retrieve "
            "two images only is a statement about lasers that is not made here.",
        ],
    )


def theory(coupling: str, count: int) -> list[Row]:
    """m(α) at T = 0 up to the fold, its last point."""
    model: Any = PhasorDAM(2, coupling)
    end = boundary(model, "retrieval-spinodal", temperatures=0, throw=True).points[0]
    loads = end["load"] * np.sin(np.linspace(0, np.pi / 2, count + 1)[1:-1])
    states = [*solve(model, load=loads, temperature=0).to_json()["points"], end]
    keep = ("load", "temperature", "m", "C", "replicon", "valid", "why")
    return [
        {"panel": "overlap", "series": "theory", "source": "theory", "coupling": coupling, **{k: s[k] for k in keep}}
        for s in states
    ]


def simulated(coupling: str, load: float, plan: Plan, seeds: tuple[int, ...]) -> list[Row]:
    """The overlap at each size and at N → ∞, with the theory at the same load."""
    p = {"order": 2, "coupling": coupling, "load": load, "temperature": 0.0}
    found, expected = overlap(p, plan, seeds), predicted(p).value
    common = {"panel": "overlap", "source": "simulation", "coupling": coupling, "load": load, "temperature": 0.0}
    rows: list[Row] = [
        {**common, "series": "sizes", "size": r["size"], "m": r["value"], "m_error": r["error"], "trials": r["trials"],
         "lost": r["lost"]}
        for r in found.rows
    ]  # fmt: skip
    assert expected is not None
    deviation = (found.value - expected) / found.error
    limit = {"m": found.value, "m_error": found.error, "m theory": expected, "deviation": deviation, "why": found.why}
    return [*rows, {**common, "series": LIMIT, "valid": found.trusted, **limit}]


def along(line: str, count: int) -> list[Row]:
    """A line of the phase diagram of complex couplings, within the window; retrieval down to T = 0."""
    reach = (1 + np.sqrt(WINDOW[0][1])) / 2
    temperatures = np.linspace(0.501, reach, count) if line == "spin-glass" else np.linspace(0, 0.495, count)
    found = boundary(COMPLEX, line, temperatures=temperatures)
    keep = ("load", "load_error", "temperature", "m", "q", "replicon", "converged", "valid", "why")
    return [
        {
            "panel": "phase diagram",
            "series": line,
            "source": "theory",
            "coupling": "complex",
            **{k: s.get(k) for k in keep},
        }
        for s in found.to_json()["points"]
    ]


def _drawn(rows: list[Row]) -> Any:
    layers, keys = [], []
    for coupling, look in LOOKS.items():
        mine, line = {"coupling": coupling}, {k: v for k, v in look.items() if k != "marker"}
        dots = {"color": look["color"], "marker": look["marker"]}
        end = select(rows, {"panel": "overlap", "series": "theory", **mine})[-1]
        layers += [
            series("load", "m", {"series": "theory", **mine}, end="|", **line),
            rule(x="load", where=lambda r, end=end: r is end, color=look["color"]),
            points("load", "m", {"series": "sizes", **mine}, **dots, ms=2.5, alpha=0.35, zorder=1),
            points("load", "m", {"series": LIMIT, **mine}, error="m_error", full="valid", **dots, ms=4, zorder=4),
        ]
        keys += [
            dict(label=f"{coupling} couplings, fold (|) at {end['load']:.5f}", **line),
            dict(label="simulation, $N \\to \\infty$", linestyle="", ms=4, **dots),
        ]
    diagram = [series("load", "temperature", {"series": name}, **look) for name, look in LINES.items()]
    diagram += [words(text, x, y, ha="center", bbox=ON_WHITE) for text, x, y in REGIONS]
    panels = [
        Panel(layers, {"panel": "overlap"}, title="(a) $T = 0$", keys=keys, legend={"loc": "lower left", **OPAQUE},
              axes={"xlabel": r"load $\alpha = P/N$", "ylabel": "overlap $m$", "xlim": (0, 0.04), "ylim": (0.87, 1.002)}),
        Panel(diagram, {"panel": "phase diagram"}, title="(b) complex couplings, replica symmetric",
              axes={"xlabel": r"load $\alpha = P/N$", "ylabel": "temperature $T$", "xlim": WINDOW[0], "ylim": WINDOW[1]}),
    ]  # fmt: skip
    return page(rows, panels, (7.0, 3.5), LINES.values(), columns=3)
