"""Claims about the retrieval state: its overlap and its energy against the replica-symmetric theory."""

from __future__ import annotations

from dammech.validate.claim import Claim, Control, Estimate, Parameters
from dammech.validate.sizes import Plan, energy, overlap
from dammech.validate.theory import predicted
from dammech.validate.wrong import (
    energy_of_other_interaction,
    energy_of_the_signal,
    energy_without_reaction,
    overlap_of_other_interaction,
    overlap_without_reaction,
)

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

_SOURCES = {
    2: "[amit1985prl] [amit1987]",
    3: "[gardner1987] [abbott1987]",
    4: "[gardner1987] [abbott1987]",
}


def retrieval_claims() -> list[Claim]:
    """Overlap and energy for each order and interaction, and one point where the ansatz is known to be unstable."""
    claims = []
    for order, interaction in _POINTS:
        claims += [_overlap_claim(order, interaction), _energy_claim(order, interaction)]
    return [*claims, _low_temperature()]


def _overlap_claim(order: int, interaction: str) -> Claim:
    other = Control("the theory of the other interaction at the same load", overlap_of_other_interaction)
    bare = Control("the theory without the reaction term, r = q", overlap_without_reaction)
    return Claim(
        name=_name(order, interaction, "retrieval-overlap"),
        source=_source(order, interaction),
        statement="The overlap of the retrieval state at N → ∞ is that of the replica-symmetric theory.",
        parameters=_parameters(order, interaction),
        prediction=lambda p: predicted(p, "m"),
        experiment=lambda p, level, seeds: overlap(p, _PLANS[level][p["order"], p["interaction"]], seeds),
        control=bare if order == 2 else other,
    )


def _energy_claim(order: int, interaction: str) -> Claim:
    if order > 2:
        control = Control("−m^p/p, the energy of the retrieved pattern without that of the noise", energy_of_the_signal)
    elif interaction == "distinct":
        control = Control("the theory without the reaction term, r = q", energy_without_reaction)
    else:
        control = Control("the theory with the diagonal dropped", energy_of_other_interaction)
    return Claim(
        name=_name(order, interaction, "retrieval-energy"),
        source=_source(order, interaction),
        statement="The energy per spin of the retrieval state at N → ∞ is that of the replica-symmetric theory.",
        parameters=_parameters(order, interaction),
        prediction=lambda p: predicted(p, "energy"),
        experiment=lambda p, level, seeds: energy(p, _PLANS[level][p["order"], p["interaction"]], seeds),
        control=control,
    )


def _low_temperature() -> Claim:
    return Claim(
        name="hebbian.p3.low-temperature-overlap",
        source="[gardner1987] [dealmeida1978] [albanese2023at]",
        statement="Below the AT line replica symmetry is unstable: the discrepancy is reported, nothing is claimed.",
        parameters=(_UNSTABLE,),
        prediction=lambda p: predicted(p, "m"),
        experiment=_unstable,
        control=Control("the theory of the other interaction at the same load", overlap_of_other_interaction),
    )


def _unstable(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    return overlap(parameters, _UNSTABLE_PLANS[level], seeds)


def _parameters(order: int, interaction: str) -> tuple[Parameters, ...]:
    return tuple(
        {"order": order, "interaction": interaction, "load": load, "temperature": temperature}
        for load, temperature in _POINTS[order, interaction]
    )


def _name(order: int, interaction: str, quantity: str) -> str:
    return f"hebbian.p{order}{'' if interaction == 'distinct' else '.' + interaction}.{quantity}"


def _source(order: int, interaction: str) -> str:
    return _SOURCES[order] + (" [krotov2016]" if interaction == "power" else "")
