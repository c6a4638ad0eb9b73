"""The physics of lines: where a state ends, becomes unstable, or stops being the equilibrium one.

Each line is the root of an augmented system, followed by continuation; none is read off a grid.
"""

from dammech.phases.boundary import LINES, boundary
from dammech.phases.diagram import PhaseDiagram, phase_diagram
from dammech.phases.points import Boundary

__all__ = ["LINES", "Boundary", "PhaseDiagram", "boundary", "phase_diagram"]
