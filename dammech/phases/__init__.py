"""The physics of lines: where a state ends, becomes unstable, or stops being the equilibrium one.

Each line is the root of an augmented system, followed by continuation; none is read off a grid.
"""

from typing import Any

from dammech.phases.boundary import LINES, boundary, lines_of
from dammech.phases.diagram import PhaseDiagram, phase_diagram
from dammech.phases.points import Boundary
from dammech.registry import parts

__all__ = [
    "LINES",
    "Boundary",
    "PhaseDiagram",
    "boundary",
    "lines_of",
    "phase_diagram",
]


def __getattr__(name: str) -> Any:
    for _, own in parts("answers"):
        if name in own.__all__:
            return getattr(own, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
