"""Claims about the retrieval state: overlap and energy against replica symmetry, and what is exact on the Nishimori line."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from dammech.systems.hebbian.claims.chains import energy, overlap, overlap_ratio
from dammech.systems.hebbian.claims.theory import predicted
from dammech.systems.hebbian.claims.wrong import (
    energy_of_other_interaction,
    energy_of_the_signal,
    energy_without_reaction,
    overlap_of_other_interaction,
    overlap_ratio_without_noise,
    overlap_without_reaction,
)
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Prediction
from dammech.validate.sizes import Plan

#: load and temperature of the points: far enough from the spinodal that no chain of these sizes leaves the state (a chain
#: that does makes the claim inconclusive)
_POINTS: dict[tuple[int, str], tuple[tuple[float, float], ...]] = {
    (2, "distinct"): ((0.03, 0.4), (0.02, 0.5)),
    (2, "power"): ((0.03, 0.4), (0.02, 0.5)),
    (3, "distinct"): ((0.05, 0.25), (0.05, 0.2)),
    (3, "power"): ((0.025, 0.25), (0.035, 0.2)),
    (4, "distinct"): ((0.01, 0.28),),
    (4, "power"): ((0.004, 0.28),),
}
_PLANS: dict[str, dict[tuple[int, str], Plan]] = {
    "quick": {
        (2, "distinct"): Plan((400, 700, 1200), (150, 120, 80)),
        (2, "power"): Plan((400, 700, 1200), (150, 120, 80)),
        (3, "distinct"): Plan((144, 192, 256), (120, 90, 60)),
        (3, "power"): Plan((144, 192, 256), (160, 120, 80)),
        (4, "distinct"): Plan((112, 136, 176), (90, 60, 40)),
        (4, "power"): Plan((136, 168, 200), (100, 80, 55)),
    },
    "full": {
        (2, "distinct"): Plan((500, 800, 1300, 2000), (500, 400, 300, 150)),
        (2, "power"): Plan((500, 800, 1300, 2000), (500, 400, 300, 150)),
        (3, "distinct"): Plan((160, 208, 288, 384), (400, 300, 200, 80)),
        (3, "power"): Plan((160, 208, 288, 384), (400, 300, 200, 80)),
        (4, "distinct"): Plan((120, 144, 176), (200, 160, 120)),
        (4, "power"): Plan((144, 176, 208), (200, 160, 120)),
    },
}

#: beyond the AT line: the ansatz is unstable there
_UNSTABLE = {"order": 3, "interaction": "distinct", "load": 0.11, "temperature": 0.05}
_UNSTABLE_PLANS = {
    "quick": Plan((128, 192, 256), (60, 40, 30)),
    "full": Plan((128, 192, 256, 384), (300, 200, 150, 80)),
}

#: loads on the Nishimori line
_NISHIMORI_LOADS = {3: 0.06, 4: 0.015}
_NISHIMORI_PLANS: dict[str, dict[int, Plan]] = {
    "quick": {3: Plan((192, 256, 320), (80, 60, 40)), 4: Plan((104, 120, 144), (80, 60, 40))},
    "full": {3: Plan((192, 256, 320, 400), (300, 200, 120, 60)), 4: Plan((112, 128, 160), (250, 180, 100))},
}

_SOURCES = {
    2: "[amit1985prl] [amit1987]",
    3: "[gardner1987] [abbott1987]",
    4: "[gardner1987] [abbott1987]",
}
_other = Control("the theory of the other interaction at the same load", overlap_of_other_interaction)
_signal = Control("−m^p/p, the energy of the retrieved pattern without that of the noise", energy_of_the_signal)


def retrieval_claims() -> list[Claim]:
    """Overlap and energy for each order and interaction, and one point where the ansatz is known to be unstable."""
    return [
        *(
            Claim(
                name=f"hebbian.p{order}{'' if interaction == 'distinct' else '.' + interaction}.retrieval-{quantity}",
                source=_SOURCES[order] + (" [krotov2016]" if interaction == "power" else ""),
                statement=f"The {words} of the retrieval state at N → ∞ is that of the replica-symmetric theory.",
                parameters=tuple(
                    {"order": order, "interaction": interaction, "load": load, "temperature": t} for load, t in points
                ),
                prediction=partial(predicted, quantity=name),
                experiment=partial(_measured, measure),
                control=control(order, interaction),
            )
            for (order, interaction), points in _POINTS.items()
            for quantity, words, name, measure, control in (
                ("overlap", "overlap", "m", overlap, _of_overlap),
                ("energy", "energy per spin", "energy", energy, _of_energy),
            )
        ),
        Claim(
            name="hebbian.p3.low-temperature-overlap",
            source="[gardner1987] [dealmeida1978] [albanese2023at]",
            statement="Below the AT line replica symmetry is unstable: the discrepancy is reported, nothing is claimed.",
            parameters=(_UNSTABLE,),
            prediction=lambda p: predicted(p, "m"),
            experiment=lambda p, level, seeds: overlap(p, _UNSTABLE_PLANS[level], seeds),
            control=_other,
        ),
    ]


def nishimori_claims() -> list[Claim]:
    """On the line T = (p−1)! α of distinct indices: e = −1/p for p = 3 and 4; for p = 3 also m = q, by two replicas."""
    points = {
        p: {"order": p, "interaction": "distinct", "load": load, "temperature": math.factorial(p - 1) * load}
        for p, load in _NISHIMORI_LOADS.items()
    }
    return [
        *(
            Claim(
                name=f"hebbian.p{order}.nishimori",
                source="[nishimori1981] [theriault2024]",
                statement="On the Nishimori line the energy per spin is −1/p exactly.",
                parameters=(point,),
                prediction=lambda p: Prediction(-1.0 / p["order"]),
                experiment=lambda p, level, seeds: energy(
                    p, _NISHIMORI_PLANS[level][p["order"]], seeds, replicas=p["order"] == 3
                ),
                control=_signal,
            )
            for order, point in points.items()
        ),
        Claim(
            name="hebbian.p3.nishimori-overlap",
            source="[nishimori1981] [theriault2024]",
            statement="On the Nishimori line two replicas overlap as much as each does with the pattern: m/q = 1 exactly.",
            parameters=(points[3],),
            prediction=lambda p: Prediction(1.0),
            experiment=lambda p, level, seeds: overlap_ratio(p, _NISHIMORI_PLANS[level][p["order"]], seeds),
            control=Control("q = m², replicas that have only the pattern in common", overlap_ratio_without_noise),
        ),
    ]


def _measured(
    measure: Callable[..., Estimate], parameters: Parameters, level: str, seeds: tuple[int, ...]
) -> Estimate:  # fmt: skip
    return measure(parameters, _PLANS[level][parameters["order"], parameters["interaction"]], seeds)


def _of_overlap(order: int, interaction: str) -> Control:
    return Control("the theory without the reaction term, r = q", overlap_without_reaction) if order == 2 else _other


def _of_energy(order: int, interaction: str) -> Control:
    if order > 2:
        return _signal
    if interaction == "distinct":
        return Control("the theory without the reaction term, r = q", energy_without_reaction)
    return Control("the theory with the diagonal dropped", energy_of_other_interaction)
