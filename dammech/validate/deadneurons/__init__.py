"""Claims about dead neurons in random memories: exact laws, the retrieval state, capacity, stability, flat regions."""

from dammech.validate.deadneurons.capacity import capacity_claims
from dammech.validate.deadneurons.flats import flat_claims
from dammech.validate.deadneurons.hidden import hidden_claims
from dammech.validate.deadneurons.retrieval import retrieval_claims


def dead_neuron_claims() -> list:
    """All of them."""
    return [*hidden_claims(), *retrieval_claims(), *capacity_claims(), *flat_claims()]


__all__ = ["dead_neuron_claims"]
