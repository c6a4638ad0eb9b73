"""What simulations must show."""

from dammech.validate.deadneurons import dead_neuron_claims as claims

__all__ = ["claims"]
