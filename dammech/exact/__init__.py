"""Exact answers for small or simple systems: a witness that neither theory nor simulation had a hand in.

Enumeration of all states, ground states and the law of the overlap of two copies, the exact law of a dynamics on all
states, the exact finite-N law of one step from a pattern, those of the hidden layer of a two-layer memory, and mean numbers
of flat regions.
"""

from dammech.exact.bit_error import BitError, bit_error
from dammech.exact.dynamics import evolve
from dammech.exact.enumeration import (
    GibbsAverages,
    all_states,
    coupling_energies,
    coupling_gibbs,
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
from dammech.exact.flats import mean_flats, mean_inverse_flats, mean_steady_states, spurious_fraction
from dammech.exact.ground import GroundState, ground_state, pspin_ground_state
from dammech.exact.hidden import (
    DeadLaw,
    dead_law,
    freezing_point,
    gaussian_levels,
    mean_hessian_trace,
    mean_participation,
    mean_wrong_ratio,
    sign_levels,
)
from dammech.exact.phases import phase_energies, phase_gibbs
from dammech.exact.rehearsal import rehearsal_second_moment
from dammech.exact.stream import Moments, clipped_bit_error, clipped_moments, delta_moments, stream_bit_error

__all__ = [
    "BitError",
    "DeadLaw",
    "GibbsAverages",
    "GroundState",
    "Moments",
    "all_states",
    "bit_error",
    "clipped_bit_error",
    "clipped_moments",
    "coupling_energies",
    "coupling_gibbs",
    "dead_law",
    "delta_moments",
    "energies",
    "evolve",
    "exponential_overlap",
    "freezing_point",
    "gaussian_levels",
    "gibbs",
    "gibbs_distribution",
    "ground_state",
    "mean_flats",
    "mean_hessian_trace",
    "mean_inverse_flats",
    "mean_participation",
    "mean_steady_states",
    "mean_wrong_ratio",
    "overlap_law",
    "paramagnet",
    "phase_energies",
    "phase_gibbs",
    "pspin_couplings",
    "pspin_energies",
    "pspin_gibbs",
    "pspin_ground_state",
    "rehearsal_second_moment",
    "sign_levels",
    "spurious_fraction",
    "stable_overlap",
    "stream_bit_error",
]
