"""Grids of work: a crash-safe store of finished cells, and local processes that fill it.

A cell is a function's name and a dictionary of JSON values; its identity is the hash of both. What a cell computes must follow
from its parameters alone (seeds included), so that a store holds the same values whoever filled it, in whatever order.
"""

from dammech.sweep.run import SweepFailed, run
from dammech.sweep.store import Store, identity

__all__ = ["Store", "SweepFailed", "identity", "run"]
