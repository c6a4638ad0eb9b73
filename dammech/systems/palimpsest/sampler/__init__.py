"""Memories that store patterns one after another and forget: what is left of a pattern of a given age.

The Hebbian family by the weights Λ of its patterns (``forgetting_curve``), which rehearsal makes random; and the rules
whose store is not a sum with weights: bounded couplings, the delta rule, dreaming, and the exponential memory.
"""

from dammech.systems.palimpsest.sampler.clipped import ClippedSignal, clipped_signal
from dammech.systems.palimpsest.sampler.delta import DeltaPoint, delta_rule
from dammech.systems.palimpsest.sampler.dreaming import DreamingPoint, dream, dreaming_step
from dammech.systems.palimpsest.sampler.exponential import ExponentialPoint, exponential_step
from dammech.systems.palimpsest.sampler.forgetting import AgePoint, forgetting_curve
from dammech.systems.palimpsest.sampler.rehearsal import rehearsal_counts

__all__ = [
    "AgePoint",
    "ClippedSignal",
    "DeltaPoint",
    "DreamingPoint",
    "ExponentialPoint",
    "clipped_signal",
    "delta_rule",
    "dream",
    "dreaming_step",
    "exponential_step",
    "forgetting_curve",
    "rehearsal_counts",
]
