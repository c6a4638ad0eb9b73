"""Lagrangians of blocks of neurons, one line of text each from which SymPy derives everything else, and networks of them."""

from dammech.systems.lagrangian.model.blocks import analysis_of_blocks, blocks_of
from dammech.systems.lagrangian.model.catalogue import LAGRANGIANS
from dammech.systems.lagrangian.model.lagrangian import Lagrangian
from dammech.systems.lagrangian.model.network import Network

__all__ = ["LAGRANGIANS", "Lagrangian", "Network", "analysis_of_blocks", "blocks_of"]
