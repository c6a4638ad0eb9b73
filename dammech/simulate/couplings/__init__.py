"""Spins whose couplings are a matrix: rules that are no sum over patterns (dreaming, pseudo-inverse, glasses), any diagonal."""

from dammech.simulate.couplings.chain import CouplingChain, with_diagonal
from dammech.simulate.couplings.run import CouplingExperiment, simulate_couplings

__all__ = ["CouplingChain", "CouplingExperiment", "simulate_couplings", "with_diagonal"]
