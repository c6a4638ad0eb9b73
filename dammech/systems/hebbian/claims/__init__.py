"""What simulations of Hebbian memories must show."""

from __future__ import annotations

from dammech.systems.hebbian.claims.annealed import annealed_claims
from dammech.systems.hebbian.claims.onestep import bit_error_claims
from dammech.systems.hebbian.claims.retrieval import nishimori_claims, retrieval_claims
from dammech.systems.hebbian.claims.spinodal import spinodal_claims
from dammech.validate.claim import Claim


def claims() -> list[Claim]:
    """In the order in which they run."""
    return [*retrieval_claims(), *bit_error_claims(), *nishimori_claims(), *annealed_claims(), *spinodal_claims()]
