"""Claims about the retrieval state: overlap and energy against replica symmetry, and what is exact on the Nishimori line."""

from __future__ import annotations

from functools import partial

import numpy as np

from dammech.systems.hebbian.claims.chains import energy, overlap, overlap_ratio
from dammech.systems.hebbian.claims.theory import predicted, retrieval_state
from dammech.systems.hebbian.claims.wrong import (
    energy_of_the_signal,
    of_a_term_less,
    of_other_interaction,
    one_step,
    other_interaction,
)
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_level
from dammech.validate.sizes import Plan
from dammech.validate.theory import value

#: a polynomial that nobody has used: the coefficient of y was drawn before anything was measured with it
_DRAWN = f"y**3+{int(np.random.default_rng(20261130).integers(-9, 10))}*y"

_SIZES, _LARGE = (256, 320, 432, 576), (1000, 1500, 2500, 4000)
#: load and temperature of the points, from 0.4 to 0.8 of the fold, and what is measured there for each seed
_POINTS: dict[tuple[int, str], dict[tuple[float, float], Plan]] = {
    (2, "distinct"): dict.fromkeys(((0.0412, 0.5), (0.065, 0.4)), Plan(_LARGE, (40, 32, 24, 16))),
    (2, "power"): {(0.0412, 0.5): Plan(_LARGE, (24, 24, 18, 12))},
    (3, "distinct"): {
        (0.0706, 0.4): Plan((256, 400, 640, 864), (140, 80, 40, 24)),
        (0.105, 0.2): Plan(_SIZES, (80, 60, 48, 32)),
    },
    (3, "power"): {
        (0.0371, 0.4): Plan(_SIZES, (150, 120, 90, 60)),
        (0.0614, 0.2): Plan(_SIZES, (200, 150, 120, 80)),
    },
    (3, _DRAWN): {(0.01, 0.4): Plan((400, 576, 800, 1024), (300, 240, 180, 140))},
    (4, "distinct"): {(0.0146, 0.32): Plan((104, 128, 160, 208), (160, 120, 70, 40))},
}

#: where the overlap has corrections of 1/N² that a fit to 1/N alone takes for a limit of its own: only this point is compared
_CURVED = (0.0706, 0.4)

#: on the Nishimori line, T = (p − 1)! α of distinct indices; chains start off the pattern, whose own energy is −1/p too
_NISHIMORI = {
    3: ({"order": 3, "interaction": "distinct", "load": 0.06, "temperature": 0.12}, Plan((192, 256, 320), (80, 60, 40))),
    4: ({"order": 4, "interaction": "distinct", "load": 0.024, "temperature": 0.144}, Plan((80, 104, 144), (80, 60, 30))),
}
_START = 0.9
_OFF_THE_LINE = {
    3: Dose("2.5 times as warm", lambda p: {**p, "temperature": 2.5 * p["temperature"]}),
    4: Dose("half the load, twice as warm", lambda p: {**p, "load": p["load"] / 2, "temperature": 2 * p["temperature"]}),
}
_LINE = ("HebbianDAM(order=3, *)/nishimori",)

#: which the same chains have as the other interaction; and too near what one step from the pattern makes at sizes that can be
_LEFT_OUT = (("m", 2, "power"), ("m", 4, "distinct"))

_INSIDE = {
    "line": "what is claimed is the state, not where it ends",
    "ansatz": "replica symmetry is stable at these points: its replicon is above 0.6",
}
_LIGHTER = Dose("a load 10 % lower", lambda p: {**p, "load": 0.9 * p["load"]})
_FAR_LIGHTER = Dose("a load a fifth lower", lambda p: {**p, "load": 0.8 * p["load"]})
_COLDER = Dose("a fifth colder", lambda p: {**p, "temperature": 0.8 * p["temperature"]})
_SAME = {"interaction": "at order 2 the diagonal adds a constant to the energy, and the overlap is that of both"}


def retrieval_claims() -> list[Claim]:
    """Overlap and energy for each order and interaction: one of them where the other tells no more, or too little."""
    return [
        Claim(
            name=f"hebbian.{_name(order, interaction)}.retrieval-{'overlap' if quantity == 'm' else quantity}",
            source=("[amit1985prl] [amit1987]" if order == 2 else "[gardner1987] [abbott1987]")
            + (" [krotov2016]" if interaction != "distinct" else ""),
            statement=f"The {words} of the retrieval state at N → ∞ is that of the replica-symmetric theory.",
            parameters=tuple(
                {"order": order, "interaction": interaction, "load": a, "temperature": t}
                for a, t in _points(order, interaction, quantity)
            ),
            prediction=partial(predicted, quantity=quantity),
            experiment=partial(_measured, quantity),
            rivals=_rivals(order, quantity),
            without={**_INSIDE, **(_SAME if order == 2 and quantity == "m" else {})},
            dose=_FAR_LIGHTER if (order, interaction) == (3, "distinct") else _COLDER if quantity == "energy" else _LIGHTER,
            covers=_covers(order, interaction),
            shares=None if quantity == "m" or ("m", order, interaction) in _LEFT_OUT
            else f"hebbian.{_name(order, interaction)}.retrieval-overlap",
        )
        for order, interaction in _POINTS
        for quantity, words in (("m", "overlap"), ("energy", "energy per spin"))
        if (quantity == "m" or interaction in ("distinct", "power")) and (quantity, order, interaction) not in _LEFT_OUT
    ]


def nishimori_claims() -> list[Claim]:
    """On the line T = (p−1)! α of distinct indices: e = −1/p for p = 3 and 4; for p = 3 also m = q, by two replicas."""
    without = {"line": "it is an identity along the line", "ansatz": "it is exact"}
    source = "[nishimori1981] [theriault2024]"
    return [
        *(
            Claim(
                name=f"hebbian.p{order}.nishimori",
                source=source,
                statement="On the Nishimori line the energy per spin is −1/p exactly.",
                parameters=(point,),
                prediction=lambda p: Prediction(-1.0 / p["order"]),
                experiment=lambda p, level, seeds: energy(p, _on_the_line(p, level), seeds, _START),
                rivals=(
                    Rival("interaction", "repeated indices", partial(of_other_interaction, quantity="energy")),
                    Rival("term", "−m^p/p, without the energy of the noise", energy_of_the_signal),
                    Rival("null", "the energy of the start", lambda p: -(_START ** p["order"]) / p["order"]),
                ),
                without=without, dose=_OFF_THE_LINE[order], covers=_LINE if order == 3 else (),
            )
            for order, (point, _) in _NISHIMORI.items()
        ),
        Claim(
            name="hebbian.p3.nishimori-overlap",
            source=source,
            statement="On the Nishimori line two replicas overlap as much as each does with the pattern: m/q = 1 exactly.",
            parameters=(_NISHIMORI[3][0],),
            prediction=lambda p: Prediction(1.0),
            experiment=lambda p, level, seeds: overlap_ratio(p, _on_the_line(p, level), seeds, _START),
            rivals=(
                Rival("interaction", "repeated indices", _ratio_of_other_interaction),
                Rival("term", "q = m²: replicas without a noise in common", lambda p: 1 / value(retrieval_state(p), "m")),
                Rival("null", "two starts", lambda p: 1 / _START),
            ),
            without=without, dose=_OFF_THE_LINE[3], covers=_LINE, shares="hebbian.p3.nishimori",
        ),
    ]  # fmt: skip


def _name(order: int, interaction: str) -> str:
    named = {"distinct": f"p{order}", "power": f"p{order}.power"}
    return named.get(interaction, "polynomial")


def _covers(order: int, interaction: str) -> tuple[str, ...]:
    derived = {(3, "power"): (), (3, _DRAWN): ("hebbian.p4.(*",)}  # the one is no example, and the other is another one
    branch = (f"HebbianDAM(order={order}, *)/retrieval",) if order < 4 else ()
    return (*branch, *derived.get((order, interaction), (f"hebbian.p{order}.{interaction}.rs",)))


def _rivals(order: int, quantity: str) -> tuple[Rival, ...]:
    words = "r = q: no reaction" if order == 2 else "noise of frozen spins, q = 1"
    less = Rival("term", words, partial(of_a_term_less, quantity=quantity))
    other = Rival("interaction", "indices repeated, or distinct: the other way", partial(of_other_interaction, quantity=quantity))
    if quantity == "m":
        return (*(() if order == 2 else (other,)), less, Rival("null", "one step from the pattern", one_step))
    signal = Rival("term", "−m^p/p, without the energy of the noise", energy_of_the_signal)
    return other, less, signal, Rival("null", "the energy of the pattern itself", lambda p: -1.0 / p["order"])


def _points(order: int, interaction: str, quantity: str) -> list[tuple[float, float]]:
    points = list(_POINTS[order, interaction])
    return [_CURVED] if quantity == "m" and _CURVED in points and interaction == "distinct" else points


def _measured(quantity: str, p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    points = _POINTS[p["order"], p["interaction"]]
    plan = points.get((p["load"], p["temperature"]), next(iter(points.values())))  # the wrong world is that of the first
    if quantity == "m":
        return overlap(p, _at_level(plan, level), seeds, (1.0, 2.0) if _CURVED in points else (1.0,))
    return energy(p, _at_level(plan, level), seeds)


def _on_the_line(p: Parameters, level: str) -> Plan:
    return _at_level(_NISHIMORI[p["order"]][1], level)


def _at_level(plan: Plan, level: str) -> Plan:
    return Plan(plan.sizes, tuple(at_level(level, few) for few in plan.trials))


def _ratio_of_other_interaction(p: Parameters) -> float:
    state = retrieval_state(p, other_interaction(p))
    return value(state, "m") / value(state, "q")
