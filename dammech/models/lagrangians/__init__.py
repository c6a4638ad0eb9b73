"""Lagrangians of blocks of neurons: one line of text each, from which SymPy derives everything else."""

from dammech.models.lagrangians.catalogue import LAGRANGIANS
from dammech.models.lagrangians.lagrangian import Lagrangian

__all__ = ["LAGRANGIANS", "Lagrangian"]
