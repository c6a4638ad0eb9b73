"""Lagrangians of blocks of neurons: one line of text each, from which SymPy derives everything else."""

from dammech.models.lagrangians.blocks import analysis_of_blocks, blocks_of
from dammech.models.lagrangians.catalogue import LAGRANGIANS
from dammech.models.lagrangians.lagrangian import Lagrangian

__all__ = ["LAGRANGIANS", "Lagrangian", "analysis_of_blocks", "blocks_of"]
