"""Claims about dead neurons in random networks: exact laws of hidden layers, stability, flat regions."""

from __future__ import annotations

from dammech.systems.lagrangian.claims.flats import flat_claims
from dammech.systems.lagrangian.claims.hidden import hidden_claims
from dammech.validate.claim import Claim, Unclaimed


def claims() -> list[Claim | Unclaimed]:
    """Laws of hidden layers, then numbers of flat regions."""
    return [
        *hidden_claims(), *flat_claims(),
        Unclaimed(
            ("dead-neurons.*",),
            "an identity or inequality of every network of its kind: there is no mean that a simulation could miss, and it is "
            "checked on explicit networks where it is derived",
        ),
    ]  # fmt: skip
