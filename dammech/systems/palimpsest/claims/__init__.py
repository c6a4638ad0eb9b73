"""Claims about memories that store patterns one after another and forget the old ones."""

from __future__ import annotations

from dammech.systems.palimpsest.claims.greedy import greedy_claims
from dammech.systems.palimpsest.claims.onestep import one_step_claims
from dammech.systems.palimpsest.claims.overlap import overlap_claims
from dammech.systems.palimpsest.claims.rehearsal import rehearsal_claims
from dammech.systems.palimpsest.claims.rules import rule_claims
from dammech.systems.palimpsest.claims.window import window_claims
from dammech.validate.claim import Claim, Unclaimed

_SAME = "by the scaling theorem they are those of the memory without forgetting at A/Λ² and T/Λ, and claimed there"


def claims() -> list[Claim | Unclaimed]:
    """One-step laws, overlaps against age, windows, rehearsal, other rules of forgetting, and the greedy trap."""
    return [
        *one_step_claims(), *overlap_claims(), *rehearsal_claims(), *rule_claims(), *window_claims(), *greedy_claims(),
        Unclaimed(("PalimpsestDAM(order=3*",), _SAME),
        Unclaimed(
            ("PalimpsestDAM(order=2*",),
            "what bounds a window is where retrieval ends; the glass of a stream, and which state has the lowest free energy, "
            "leave no trace in what is remembered",
        ),
        Unclaimed(
            ("palimpsest.capture",),
            "the fraction of runs that strong patterns capture is not known well enough: up to N = 640 starts, escapes within "
            "the waiting time and a noise that is not self-averaging all matter",
        ),
        Unclaimed(("palimpsest.anchoring",), "an identity at every N: anchored couplings are an exponential palimpsest"),
        Unclaimed(
            ("palimpsest.windows.power-law", "palimpsest.windows.hard-buffer"),
            "other kernels of the same theorem, which is tested with two",
        ),
    ]  # fmt: skip
