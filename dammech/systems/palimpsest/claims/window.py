"""Order 2, whose noise reacts: the overlap against age, and the age at which a pattern is lost.

The soft noise of p = 2 knows of all weights, each with its own reaction 1/(1 − ΛC): nothing scales out, and the theory is that
of a whole stream. The age at which half of the pattern sets keep their pattern moves with size as an escape near a fold makes
it, N^{−2/3}.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dammech.declared.rescaled import Rescaled
from dammech.systems.hebbian.claims.wrong import state_without_reaction
from dammech.systems.palimpsest.claims.streams import KEPT_ABOVE, age_of_loss, overlap_with_age
from dammech.systems.palimpsest.claims.theory import (
    INSIDE,
    ORDER_2,
    effective_load,
    one_step,
    overlap_of_age,
    rescaled,
    weight,
)  # fmt: skip
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.validate.claim import Claim, Dose, Kind, Parameters, Prediction, Rival
from dammech.validate.crossings import halved, lost_at
from dammech.validate.sizes import Plan
from dammech.validate.theory import value_or_none

#: where the reaction of the noise is seen, and no chain of these sizes leaves the state; its age is whole patterns at each
_WARM = {"order": 2, "interaction": "distinct", "rate": 14.0, "load": 0.25, "temperature": 0.4, "age": 0.01}
#: slower than the best rate, near the blackout, where it is seen that weights do not scale out of the noise
STREAM = {"order": 2, "interaction": "distinct", "rate": 5.0, "load": 0.7, "temperature": 0.2}
_PLANS = {
    "quick": Plan((1000, 1500, 2200), (80, 60, 40)),
    "full": Plan((1000, 1500, 2200, 4000), (320, 240, 160, 60)),
}
_WINDOW_SIZES = {
    "quick": ((500, 32), (1000, 18), (2000, 10)),
    "full": ((500, 80), (1000, 48), (2000, 24), (4000, 12)),
}
#: dense where the theory has the end, and on to beyond those of its rivals
_WINDOW_AGES = (0.0135, 0.015, 0.0164, 0.018, 0.0198, 0.0218, 0.024, 0.026, 0.028, 0.03, 0.0325, 0.0355, 0.041, 0.05, 0.08, 0.25)
_WAITING = 200
#: a chain that escapes near a fold does so ever later as N grows
FOLD, OTHER = (2 / 3,), {"N^(−1/2)": (1 / 2,)}
NO_LINE = "where the state of a whole stream of order 2 has the lowest free energy is not derived"
_WARMER = Dose("a temperature that is 5 % higher", lambda p: {**p, "temperature": 1.05 * p["temperature"]})
_HOT = Dose("a temperature half as high again", lambda p: {**p, "temperature": 1.5 * p["temperature"]})


def window_claims() -> list[Claim]:
    """The overlap against age, and the end of the window."""
    return [
        Claim(
            "palimpsest.p2.overlap-against-age", "[mezard1986] [nadal1986]",
            "The overlap with a pattern of given age at N → ∞ is that of the replica-symmetric theory of the stream.",
            # of an endless stream: what the simulated one lacks has e^{−2εα} of its noise, 8e−4
            (_WARM,), lambda p: overlap_of_age({**p, "load": None}),
            lambda p, level, seeds: overlap_with_age(p, _PLANS[level], seeds),
            tuple(Rival(*wrong) for wrong in WRONG), {**INSIDE, **ORDER_2}, _WARMER,
            ("palimpsest.p2.*", "PalimpsestDAM(order=2*)/retrieval"),
        ),
        Claim(
            "palimpsest.p2.window", "[mezard1986] [nadal1986]",
            "A pattern is lost at the age at which its retrieval solution ends.",
            (STREAM,), end_of_window,
            # the age at which half of the pattern sets keep the pattern, N → ∞
            lambda p, level, seeds: lost_at(
                [age_of_loss(p, size, trials, seeds, _WINDOW_AGES, equilibration=_WAITING, sweeps=_WAITING // 10)
                 for size, trials in _WINDOW_SIZES[level]],
                FOLD, "ages", others=OTHER,
            ),
            wrong_windows(), {**ORDER_2, "line": NO_LINE, "ansatz": "replica symmetry is stable up to the end"},
            _HOT, ("palimpsest.p2.*", "PalimpsestDAM(order=2*)/retrieval-spinodal"),
        ),
    ]  # fmt: skip


def end_of_window(parameters: Parameters) -> Prediction:
    """The age at which the retrieval solution of the parameters' stream ends."""
    from dammech.phases import boundary

    point = boundary(
        PalimpsestDAM(2), "window", temperatures=[parameters["temperature"]], rates=[parameters["rate"]]
    ).points[0]  # fmt: skip
    return Prediction(float(point["window"]), bool(point["valid"]), point["why"])


def wrong_windows() -> tuple[Rival, ...]:
    """The windows of wrong theories."""
    cold = Rival("term", "thermal noise that forgets nothing, the window of T = 0",
                 lambda p: end_of_window({**p, "temperature": 0.0}).value or 0.0)  # fmt: skip
    return (cold, *(Rival(kind, says, partial(window_without, overlap)) for kind, says, overlap in WRONG))


def window_without(overlap: Callable[[Parameters], float], p: Parameters) -> float:
    """The age up to which an overlap is above that by which a chain is said to keep its pattern, in an endless stream."""
    return halved(lambda age: overlap({**p, "load": None, "age": age}) > KEPT_ABOVE, 0.0, 0.25, 16)[0]


def _without_reaction(p: Parameters) -> float:
    scaled = Rescaled(weight(p))
    load, temperature = scaled.plain("load", effective_load(p)), scaled.plain("temperature", p["temperature"])
    return value_or_none(state_without_reaction(load, temperature))


#: overlaps of wrong theories
WRONG: tuple[tuple[Kind, str, Callable[[Parameters], float]], ...] = (
    ("term", "the theory without reaction of the noise, r = q", _without_reaction),
    ("term", "weights that scale out of the noise, as they do at p ≥ 3", rescaled),
    ("null", "what one step leaves of the pattern", one_step),
)
