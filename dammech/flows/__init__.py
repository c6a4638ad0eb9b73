"""Lagrangian networks as dynamical systems: fixed points, their stability where neurons are dead, spurious flats;
trajectories, altered flows with the same steady states, and the functions that never increase along them.

Nothing here knows an equation of the theory: a network is its weights, its biases and its Lagrangians.
"""

from dammech.flows.basins import Basins, basin, flat_points, relaxed
from dammech.flows.batch import Trajectories, trajectories
from dammech.flows.classify import Verdicts, classify
from dammech.flows.dynamics import Flow
from dammech.flows.family import lyapunov_functions
from dammech.flows.fixed_points import FixedPoint, FixedPoints, fixed_points
from dammech.flows.integrate import Trajectory, trajectory
from dammech.flows.lyapunov import LyapunovFunction
from dammech.flows.reduced import Reduced, reduced, spectrum

__all__ = [
    "Basins",
    "FixedPoint",
    "FixedPoints",
    "Flow",
    "LyapunovFunction",
    "Reduced",
    "Trajectories",
    "Trajectory",
    "Verdicts",
    "basin",
    "classify",
    "fixed_points",
    "flat_points",
    "lyapunov_functions",
    "reduced",
    "relaxed",
    "spectrum",
    "trajectories",
    "trajectory",
]
