"""What simulations must show."""

from dammech.systems.pspin.claims.glass import glass_claims as claims

__all__ = ["claims"]
