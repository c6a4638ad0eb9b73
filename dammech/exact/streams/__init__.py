"""Exact laws of memories that forget by other rules than a weight for each pattern.

Clipped couplings by a transfer matrix; the delta rule at any rate; dreaming by the spectrum of the patterns; the
exponential memory whose patterns fade as a power.
"""

from dammech.exact.streams.clipped import ClippedLaw, clipped_law
from dammech.exact.streams.delta import DeltaLaw, delta_law
from dammech.exact.streams.dreaming import DreamingLaw, dreaming_law
from dammech.exact.streams.exponential import exponential_overlap, stable_overlap, window_exponent

__all__ = [
    "ClippedLaw",
    "DeltaLaw",
    "DreamingLaw",
    "clipped_law",
    "delta_law",
    "dreaming_law",
    "exponential_overlap",
    "stable_overlap",
    "window_exponent",
]
