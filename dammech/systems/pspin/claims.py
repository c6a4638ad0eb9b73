"""What simulations must show."""

from dammech.validate.glass import glass_claims as claims

__all__ = ["claims"]
