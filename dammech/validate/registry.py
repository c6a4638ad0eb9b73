"""Every claim by its name."""

from __future__ import annotations

from dammech.validate.annealed import annealed_claims
from dammech.validate.claim import Claim
from dammech.validate.deadneurons import dead_neuron_claims
from dammech.validate.glass import glass_claims
from dammech.validate.nishimori import nishimori_claims
from dammech.validate.onestep import bit_error_claims
from dammech.validate.palimpsest import palimpsest_claims
from dammech.validate.retrieval import retrieval_claims
from dammech.validate.spinodal import spinodal_claims


def claims() -> dict[str, Claim]:
    """All claims, in the order in which they run."""
    made = (
        retrieval_claims, bit_error_claims, nishimori_claims, glass_claims, annealed_claims, spinodal_claims,
        dead_neuron_claims,
        palimpsest_claims,
    )  # fmt: skip
    return {c.name: c for make in made for c in make()}
