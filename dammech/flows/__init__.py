"""Lagrangian networks in motion: fixed points, dead neurons, flat regions.

Simulation arm: it sees models and exact laws, no equation of the theory arm.
"""

from dammech.flows.flats import FlatCount, count_flats, random_flats
from dammech.flows.hidden import alive_edges, dead_at_pattern, frozen_traces, wrong_ratios
from dammech.flows.memories import Retrieved, retrieved

__all__ = [
    "FlatCount", "Retrieved", "alive_edges", "count_flats", "dead_at_pattern", "frozen_traces", "random_flats", "retrieved",
    "wrong_ratios",
]  # fmt: skip
