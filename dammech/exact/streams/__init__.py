"""Exact laws of memories that forget.

One step among patterns of different weights; rehearsed weights. Other rules than a weight for each pattern: clipped couplings by a transfer matrix; the delta rule at any rate; dreaming by the spectrum of the patterns; the
exponential memory whose patterns fade as a power.
"""

from dammech.exact.streams.clipped import ClippedLaw, clipped_law
from dammech.exact.streams.delta import DeltaLaw, delta_law
from dammech.exact.streams.dreaming import DreamingLaw, dreaming_law
from dammech.exact.streams.exponential import exponential_overlap, stable_overlap, window_exponent
from dammech.exact.streams.rehearsal import rehearsal_second_moment
from dammech.exact.streams.weighted import weighted_bit_error

__all__ = [
    "ClippedLaw",
    "DeltaLaw",
    "DreamingLaw",
    "clipped_law",
    "delta_law",
    "dreaming_law",
    "exponential_overlap",
    "rehearsal_second_moment",
    "stable_overlap",
    "weighted_bit_error",
    "window_exponent",
]
