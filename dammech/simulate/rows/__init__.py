"""Spins among rows that are not signs: means of examples, or weighted patterns, of integers."""

from dammech.simulate.rows.chain import RowChain

__all__ = ["RowChain"]
