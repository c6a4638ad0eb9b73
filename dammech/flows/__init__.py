"""Lagrangian networks in motion: trajectories, altered flows, and the functions that never increase along them.

Nothing here knows an equation of the theory: what is integrated is the network itself.
"""

from dammech.flows.dynamics import Flow
from dammech.flows.integrate import Trajectory, trajectory

__all__ = ["Flow", "Trajectory", "trajectory"]
