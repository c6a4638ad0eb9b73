"""What simulations must show."""

from dammech.validate.palimpsest import palimpsest_claims as claims

__all__ = ["claims"]
