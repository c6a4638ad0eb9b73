"""What is asked of a memory in random features."""

from __future__ import annotations

from dataclasses import dataclass

from dammech.errors import InputError, finite, integer, one_of

WAVES = ("pairs", "phases")
#: theorems
ENERGY, PATHS = "random-features.energy", "random-features.paths"


@dataclass(frozen=True)
class RandomFeatures:
    """K memories as one vector of features, E = −β⁻¹ log φ(x)·Σ_μ φ(ξ^μ), with ⟨φ(x)·φ(y)⟩ = exp(−β|x − y|²/2).

    Parameters
    ----------
    features : int
        Y, the number of random frequencies.
    beta : float
        β.
    errors : float
        ε, the root mean square of the error of βE at a memory that is allowed.
    waves : str
        "pairs", cos and sin of each frequency, or "phases", one cosine of each with a random phase.

    Raises
    ------
    InputError
        For anything else.
    """

    features: int
    beta: float
    errors: float
    waves: str = "pairs"

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", integer("features", self.features))
        for name in ("beta", "errors"):
            object.__setattr__(self, name, finite(name, getattr(self, name), positive=True))
        if self.errors > 1:
            raise InputError(f"errors={self.errors:g}: must be at most 1, for larger errors leave no energy")
        one_of("waves", self.waves, WAVES)
