"""Laws of forgetting that are not free energies: windows, anchoring, clipping, rehearsal, the delta rule, dreaming.

Each is a `Theorem`: derived from how the couplings change with every pattern, in steps that are checked by another route.
"""

from dammech.derive.forgetting.anchoring import anchoring
from dammech.derive.forgetting.clipping import clipping
from dammech.derive.forgetting.delta import delta_rule
from dammech.derive.forgetting.dreaming import dreaming
from dammech.derive.forgetting.exponential import exponential_memory
from dammech.derive.forgetting.rehearsal import rehearsal
from dammech.derive.forgetting.scaling import scaling
from dammech.derive.forgetting.windows import windows

__all__ = [
    "anchoring",
    "clipping",
    "delta_rule",
    "dreaming",
    "exponential_memory",
    "rehearsal",
    "scaling",
    "windows",
]
