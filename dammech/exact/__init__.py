"""Exact answers for small or simple systems: a witness that neither theory nor simulation had a hand in.

Enumeration of all states, ground states and the law of the overlap of two copies, the exact law of a dynamics on all
states, and the exact finite-N law of one step from a pattern.
"""

from dammech.exact.bit_error import BitError, bit_error
from dammech.exact.dynamics import evolve
from dammech.exact.enumeration import (
    GibbsAverages,
    all_states,
    energies,
    gibbs,
    gibbs_distribution,
    overlap_law,
    paramagnet,
    pspin_couplings,
    pspin_energies,
    pspin_gibbs,
)
from dammech.exact.exponential import exponential_overlap, stable_overlap
from dammech.exact.ground import GroundState, ground_state, pspin_ground_state
from dammech.exact.rehearsal import rehearsal_second_moment
from dammech.exact.stream import Moments, clipped_bit_error, clipped_moments, delta_moments, stream_bit_error

__all__ = [
    "BitError",
    "GibbsAverages",
    "GroundState",
    "Moments",
    "all_states",
    "bit_error",
    "clipped_bit_error",
    "clipped_moments",
    "delta_moments",
    "energies",
    "evolve",
    "exponential_overlap",
    "gibbs",
    "gibbs_distribution",
    "ground_state",
    "overlap_law",
    "paramagnet",
    "pspin_couplings",
    "pspin_energies",
    "pspin_gibbs",
    "pspin_ground_state",
    "rehearsal_second_moment",
    "stable_overlap",
    "stream_bit_error",
]
