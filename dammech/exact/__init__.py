"""Exact answers for small or simple systems: a witness that neither theory nor simulation had a hand in.

Enumeration of all states, the exact law of a dynamics on them, and the exact finite-N law of one step from a pattern.
"""

from dammech.exact.bit_error import BitError, bit_error
from dammech.exact.dynamics import evolve, gibbs_distribution
from dammech.exact.enumeration import (
    GibbsAverages,
    all_states,
    energies,
    gibbs,
    paramagnet,
    pspin_couplings,
    pspin_energies,
    pspin_gibbs,
)

__all__ = [
    "BitError",
    "GibbsAverages",
    "all_states",
    "bit_error",
    "energies",
    "evolve",
    "gibbs",
    "gibbs_distribution",
    "paramagnet",
    "pspin_couplings",
    "pspin_energies",
    "pspin_gibbs",
]
