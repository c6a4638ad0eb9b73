"""Overlap with a pattern of given age at T > 0 and p = 3: the same as at A/Λ² and T/Λ without forgetting.

The noise of p ≥ 3 is a Gaussian field that knows of the weights through A = Σ Λ²/N^{p−1} alone, and dividing H and T by Λ
makes the pattern one of weight 1. Looked at are the newest pattern of a stream near its blackout, whose total load is far beyond
that at which a memory without forgetting has lost all; and, where the temperature matters, an old pattern of half the weight.
"""

from __future__ import annotations

from scipy.integrate import quad

from dammech.systems.palimpsest.claims.streams import overlap_with_age
from dammech.systems.palimpsest.claims.theory import INSIDE, one_step, overlap_of_age, rescaled, stream_of
from dammech.validate.claim import Claim, Dose, Parameters, Rival
from dammech.validate.sizes import Plan

#: A = 0.062, seven tenths of the load at which retrieval ends
_NEWEST = {"order": 3, "interaction": "power", "kernel": "compressed-exponential", "exponent": 2.0, "rate": 10.107,
           "load": 0.19788, "age": 0.0, "temperature": 0.2}  # fmt: skip
_OLDEST = {"order": 3, "interaction": "power", "rate": 100.0, "load": 0.007, "age": 0.007, "temperature": 0.17}
_PLANS = {
    "quick": {0.0: Plan((256, 384, 600), (96, 64, 32)), 0.007: Plan((256, 384, 512), (20, 15, 10))},
    "full": {0.0: Plan((256, 384, 600, 900), (800, 500, 240, 80)), 0.007: Plan((256, 384, 512), (400, 250, 160))},
}
_DISTINCT = Dose("the other interaction", lambda p: {**p, "interaction": "distinct"})
_RIVALS = (
    Rival("interaction", "the other interaction", lambda p: rescaled({**p, "interaction": "distinct"})),
    Rival("term", "equal weights of the same mean, (∫Λ)² in place of ∫Λ²", lambda p: rescaled(p, _of_the_mean(p))),
    Rival("term", "the noise scaled with the weight, the temperature not", lambda p: rescaled(p, None, p["temperature"])),
    Rival("null", "what one step leaves in a memory that does not forget", lambda p: one_step({**p, "rate": 0.0})),
)


def overlap_claims() -> list[Claim]:
    """The scaling theorem: ageing, and retrieval beyond the load at which a memory without forgetting keeps nothing."""
    return [
        Claim(
            "palimpsest.p3.overlap-against-age", "[mezard1986] [nadal1986] [gardner1987]",
            "A pattern of weight Λ in a stream at (A, T) has the overlap of the memory without forgetting at (A/Λ², T/Λ).",
            (_NEWEST, _OLDEST), overlap_of_age,
            lambda p, level, seeds: overlap_with_age(p, _PLANS[level][p["age"]], seeds), _RIVALS, INSIDE, _DISTINCT,
            ("palimpsest.p3.*", "palimpsest.scaling.*", "palimpsest.windows.compressed-exponential"),
        )
    ]  # fmt: skip


def _of_the_mean(p: Parameters) -> float:
    mean = quad(lambda x: float(stream_of(p).shape.weight(p["rate"] * x)), 0.0, p["load"])[0] / p["load"]
    return float(p["load"] * mean**2)
