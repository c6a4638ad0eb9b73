"""The phase diagram of p = 3 with broken symmetry: glass transitions, spinodals, and where each ansatz holds."""

from __future__ import annotations

from typing import Any

from dammech.phases import PhaseDiagram, phase_diagram
from dammech.plot.figures import Content, Progress, Row
from dammech.plot.panels import Panel, page
from dammech.systems.hebbian.figures.looks import FOLLOWED, LOAD_LABEL, TEMPERATURE_LABEL, UNITS
from dammech.systems.hebbian.model import HebbianDAM

MODEL = HebbianDAM(order=3)
SETTINGS: dict[str, dict[str, Any]] = {"quick": {"points": 60}, "full": {"points": 200}}
REDUCED = ["60 points a line (full: 200 where replica symmetry is not broken)"]
KEPT = ("ansatz", "temperature", "temperature_error", "load", "load_error", "m", "q", "q0", "q1", "theta", "y", "replicon",
        "residual", "converged", "valid", "why")  # fmt: skip
#: what the enlarged panel shows: load, temperature
NEAR = ((0.70, 1.0), (0.0, 1.25))


def made(level: str, progress: Progress, settings: dict[str, Any] | None = None) -> Content:
    """Compute and draw."""
    chosen = {**SETTINGS[level], **(settings or {})}
    progress("the lines of p = 3")
    diagram = phase_diagram(MODEL, ansatz=["rs", *FOLLOWED], points=chosen["points"], convention=UNITS)
    rows = lines(diagram)
    return Content(
        _drawn(diagram),
        rows,
        parameters={"model": MODEL.to_json(), "ansatz": diagram.ansatz, "convention": UNITS, **chosen},
        reduced=REDUCED,
        notes=[
            "Ansatz of every line in the legend. Thin: the ansatz is unstable in a state of that line (smallest replicon < 0); "
            "for replica symmetry dashed as well.",
            "T_d, T_K, T_G: dynamic, static and Gardner transition of the m = 0 glass; between T_d and T_K the free energy is "
            "that of the paramagnet.",
            "Thermodynamic line: retrieval (RS, 1RSB below the AT line) against the paramagnet above T_K and the 1RSB glass "
            "below.",
            "No simulation here. Errors of the roots are in the data, far below the width of a line.",
        ],
    )


def lines(diagram: PhaseDiagram) -> list[Row]:
    """Every point of every line, with the ansatz of the line and of its state."""
    return [
        {"panel": "phase diagram", "series": f"{line.ansatz} {line.line}", "source": "theory", "line ansatz": line.ansatz,
         **{k: point.get(k) for k in KEPT}, "ansatz": point.get("ansatz", line.ansatz)}
        for line in diagram.lines
        for point in [*line.points, *diagram.unresolved.get((line.line, line.ansatz), [])]
    ]  # fmt: skip


def _drawn(diagram: PhaseDiagram) -> Any:
    from dammech.plot.diagram import draw_diagram

    keys: list[Any] = []
    whole = {"xlabel": LOAD_LABEL, "ylabel": TEMPERATURE_LABEL}
    panels = [
        Panel([lambda axes, _: keys.extend(draw_diagram(axes, diagram))], title="(a) $p = 3$, distinct indices", axes=whole),
        Panel([lambda axes, _: draw_diagram(axes, diagram, window=NEAR)], title="(b) enlarged", axes=whole | {"ylabel": ""}),
    ]
    return page([], panels, (7.0, 4.6), keys, width_ratios=(1.15, 1))
