"""How many memories a number of features holds."""

from __future__ import annotations

import math

from dammech.equations.law import Law
from dammech.solve.capacity import Threshold
from dammech.systems.random_features.model import ENERGY, RandomFeatures

#: what the next order may add to the square of the error
_SMALL = 0.1
_FORMULAS = {"pairs": "K = 1 + 2Yε²", "phases": "K = ½ + Yε²"}


def capacity(asked: RandomFeatures) -> Threshold:
    """K at which the error of βE is ε: linear in Y, whatever the dimension of the memories."""
    (count,) = Law(ENERGY, f"Capacity, {asked.waves}")(Y=asked.features, epsilon=asked.errors)
    first, second = Law(ENERGY, "Logarithm")(v=1.0)
    beyond, found = float(second / first) * asked.errors**2, float(count)
    lost = math.erfc(1 / (math.sqrt(2) * asked.errors)) / 2
    why = None
    if beyond > _SMALL:
        why = f"the next order adds {beyond:.0%} to its square; no energy exists with probability {lost:.2g}"
    elif found < 1:
        why = f"one memory alone has a larger error: {asked.features} features with random phases are too few"
    return Threshold(
        "count", found, "memories", _FORMULAS[asked.waves], ENERGY, errors=asked.errors,
        error=4e-16 * found, valid=why is None, why=why,
        others={"beta_energy_error": asked.errors, "energy_error": asked.errors / asked.beta, "beyond_leading_order": beyond,
                "not_positive": lost, "memories": math.floor(found * (1 + 1e-12))},
    )  # fmt: skip
