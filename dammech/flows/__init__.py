"""Lagrangian networks in motion: trajectories, altered flows, and the functions that never increase along them.

Nothing here knows an equation of the theory: what is integrated is the network itself.
"""

from dammech.flows.basins import Basins, basin, flat_points, relaxed
from dammech.flows.batch import Trajectories, trajectories
from dammech.flows.dynamics import Flow
from dammech.flows.integrate import Trajectory, trajectory
from dammech.flows.lyapunov import LyapunovFunction, lyapunov_functions

__all__ = ["Flow", "LyapunovFunction", "Trajectories", "Trajectory", "lyapunov_functions", "trajectories", "trajectory"]
