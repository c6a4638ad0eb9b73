"""Claims on the Nishimori line T = (p−1)! α of the pure p-body memory, where m = q and e = −1/p are exact."""

from __future__ import annotations

import math

from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.sizes import Plan, energy, overlap_ratio
from dammech.validate.wrong import energy_of_the_signal, overlap_ratio_without_noise

_LOADS = {3: (0.06,), 4: (0.015,)}
_PLANS: dict[str, dict[int, Plan]] = {
    "quick": {3: Plan((192, 256, 320), (80, 60, 40)), 4: Plan((104, 120, 144), (80, 60, 40))},
    "full": {3: Plan((192, 256, 320, 400), (300, 200, 120, 60)), 4: Plan((112, 128, 160), (250, 180, 100))},
}


def nishimori_claims() -> list[Claim]:
    """The energy for p = 3 and 4; for p = 3 also the ratio of the overlap with the pattern to that of two replicas."""
    return [*map(_energy_claim, _LOADS), _overlap_claim(3)]


def _energy_claim(order: int) -> Claim:
    return Claim(
        name=f"hebbian.p{order}.nishimori",
        source="[nishimori1981] [theriault2024]",
        statement="On the Nishimori line the energy per spin is −1/p exactly.",
        parameters=_points(order),
        prediction=lambda p: Prediction(-1.0 / p["order"]),
        experiment=lambda p, level, seeds: energy(p, _PLANS[level][p["order"]], seeds, replicas=p["order"] == 3),
        control=Control("−m^p/p, the energy of the retrieved pattern without that of the noise", energy_of_the_signal),
    )


def _overlap_claim(order: int) -> Claim:
    return Claim(
        name=f"hebbian.p{order}.nishimori-overlap",
        source="[nishimori1981] [theriault2024]",
        statement="On the Nishimori line two replicas overlap as much as each does with the pattern: m/q = 1 exactly.",
        parameters=_points(order),
        prediction=lambda p: Prediction(1.0),
        experiment=_ratio,
        control=Control("q = m², replicas that have only the pattern in common", overlap_ratio_without_noise),
    )


def _points(order: int) -> tuple[Parameters, ...]:
    return tuple(
        {"order": order, "interaction": "distinct", "load": load, "temperature": math.factorial(order - 1) * load}
        for load in _LOADS[order]
    )


def _ratio(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    return overlap_ratio(parameters, _PLANS[level][parameters["order"]], seeds)
