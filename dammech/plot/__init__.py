"""Figures: the registered ones, each with its data and provenance, and the drawing of any phase diagram.

Numbers come from the other rooms; nothing here knows an equation. Theory and simulation may meet in a drawing.
Matplotlib is imported when something is drawn, not before, and its global state is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dammech.plot.figures import FIGURES, GROUPS, figure

if TYPE_CHECKING:
    from dammech.phases import PhaseDiagram

__all__ = ["FIGURES", "GROUPS", "draw_phase_diagram", "figure"]


def draw_phase_diagram(diagram: PhaseDiagram) -> Any:
    """A phase diagram as a matplotlib Figure: lines, named regions, and where the ansatz is not valid.

    Parameters
    ----------
    diagram : dammech.phases.PhaseDiagram
        Of a model, or of a free energy of one's own with two parameters of any name.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from dammech.plot.diagram import drawn

    return drawn(diagram)
