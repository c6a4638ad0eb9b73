"""Ensembles of random networks, many at once: memories at their fixed points, their hidden layers, flats of small nets."""

from dammech.flows.ensembles.counts import FlatCount, count_flats, random_flats
from dammech.flows.ensembles.hidden import alive_edges, dead_at_pattern, frozen_traces, wrong_ratios
from dammech.flows.ensembles.memories import Retrieved, retrieved

__all__ = [
    "FlatCount", "Retrieved", "alive_edges", "count_flats", "dead_at_pattern", "frozen_traces", "random_flats", "retrieved",
    "wrong_ratios",
]  # fmt: skip
