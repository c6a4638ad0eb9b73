"""The physics of lines: where a state ends, becomes unstable, or stops being the equilibrium one.

Each line is the root of an augmented system, followed by continuation; none is read off a grid.
"""

from dammech.phases.boundary import LINES, boundary, lines_of
from dammech.phases.diagram import PhaseDiagram, phase_diagram
from dammech.phases.points import Boundary
from dammech.phases.streams import STREAM_LINES
from dammech.phases.tasks import TaskMatrix, staircase, task_matrix

__all__ = [
    "LINES",
    "STREAM_LINES",
    "Boundary",
    "PhaseDiagram",
    "TaskMatrix",
    "boundary",
    "lines_of",
    "phase_diagram",
    "staircase",
    "task_matrix",
]
