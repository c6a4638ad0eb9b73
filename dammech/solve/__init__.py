"""Saddle points with a verdict: batched Newton, all branches, free-energy landscapes, continuation.

Nothing here knows a model's equations: they come compiled from `dammech.equations`.
"""

from dammech._rooms import callable_room
from dammech.solve.branches import branches, solve
from dammech.solve.capacity import Capacity, Threshold, capacity
from dammech.solve.complexity import Complexity, complexity
from dammech.solve.continuation import trace
from dammech.solve.extremum import Concave, Greatest
from dammech.solve.landscape import Landscape, landscape
from dammech.solve.newton import TOLERANCE, Roots, newton
from dammech.solve.solution import Solution, SolutionArray

__all__ = [
    "TOLERANCE",
    "Capacity",
    "Complexity",
    "Concave",
    "Greatest",
    "Landscape",
    "Roots",
    "Solution",
    "SolutionArray",
    "Threshold",
    "branches",
    "capacity",
    "complexity",
    "landscape",
    "newton",
    "solve",
    "trace",
]

callable_room(__name__, "solve")
