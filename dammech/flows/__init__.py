"""Lagrangian networks as dynamical systems: fixed points, their stability where neurons are dead, spurious flats.

Nothing here knows an equation of the theory: a network is its weights, its biases and its Lagrangians.
"""

from dammech.flows.classify import Verdicts, classify
from dammech.flows.fixed_points import FixedPoint, FixedPoints, fixed_points
from dammech.flows.reduced import Reduced, reduced, spectrum

__all__ = [
    "FixedPoint",
    "FixedPoints",
    "Reduced",
    "Verdicts",
    "classify",
    "fixed_points",
    "reduced",
    "spectrum",
]
