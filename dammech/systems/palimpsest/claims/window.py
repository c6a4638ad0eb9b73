"""Order 2, whose noise reacts: the overlap against age, and the age at which a pattern is lost.

The soft noise of p = 2 knows of all weights, each with its own reaction 1/(1 − ΛC): nothing scales out, and the theory is that
of a whole stream. The age at which half of the pattern sets keep their pattern moves with size as an escape near a fold makes
it, N^{−2/3}.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dammech.declared.rescaled import Rescaled
from dammech.systems.hebbian.claims.spinodal import EXPONENT, OTHER_EXPONENT
from dammech.systems.hebbian.claims.wrong import state_without_reaction
from dammech.systems.palimpsest.answers.forgetting import effective_load
from dammech.systems.palimpsest.claims.streams import age_of_loss, overlap_with_age
from dammech.systems.palimpsest.claims.theory import overlap_of_age, stream_of
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.validate.claim import Claim, Control, Estimate, Parameters, Policy, Prediction
from dammech.validate.crossings import halved
from dammech.validate.sizes import Plan, doubt, fitted, known, limit
from dammech.validate.theory import value_or_none

#: where the reaction of the noise is seen, and no chain of these sizes leaves the state; its age is whole patterns at each
_WARM = {"order": 2, "interaction": "distinct", "rate": 14.0, "load": 0.25, "temperature": 0.4, "age": 0.01}
#: near the best rate
_STREAM = {"order": 2, "interaction": "distinct", "rate": 8.438, "load": 0.42, "temperature": 0.2}
_PLANS = {
    "quick": Plan((1000, 1500, 2200), (40, 30, 20)),
    "full": Plan((1000, 1500, 2200, 4000), (320, 240, 160, 60)),
}
_WINDOW_SIZES = {
    "quick": ((500, 32), (1000, 18), (2000, 10)),
    "full": ((500, 80), (1000, 48), (2000, 24), (4000, 12)),
}
_WINDOW_AGES = (0.024, 0.027, 0.03, 0.033, 0.036, 0.039, 0.042, 0.045, 0.048, 0.051)
_WAITING = 200


def window_claims() -> list[Claim]:
    """The overlap against age, and the end of the window."""
    source = "[mezard1986] [nadal1986]"
    return [
        Claim(
            name="palimpsest.p2.overlap-against-age",
            source=source,
            statement="The overlap with a pattern of given age at N → ∞ is that of the replica-symmetric theory of the stream.",
            parameters=(_WARM,),
            # of an endless stream: what the simulated one lacks has e^{−2εα} of its noise, 8e−4
            prediction=lambda p: overlap_of_age({**p, "load": None}),
            experiment=lambda p, level, seeds: overlap_with_age(p, _PLANS[level], seeds),
            control=Control("the theory without reaction of the noise, r = q", _without_reaction),
        ),
        Claim(
            name="palimpsest.p2.window",
            source=source,
            statement="A pattern is lost at the age at which its retrieval solution ends.",
            parameters=(_STREAM,),
            prediction=end_of_window,
            # the age at which half of the pattern sets keep the pattern, N → ∞
            experiment=lambda p, level, seeds: to_infinite_size([
                age_of_loss(p, size, trials, seeds, _WINDOW_AGES, equilibration=_WAITING, sweeps=_WAITING // 10)
                for size, trials in _WINDOW_SIZES[level]
            ]),
            control=Control("the end of retrieval without reaction of the noise", _window_without_reaction),
            policy=Policy(relative_error=0.03),
        ),
    ]


def end_of_window(parameters: Parameters) -> Prediction:
    """The age at which the retrieval solution of the parameters' stream ends."""
    from dammech.phases import boundary

    point = boundary(
        PalimpsestDAM(2), "window", temperatures=[parameters["temperature"]], rates=[parameters["rate"]]
    ).points[0]  # fmt: skip
    return Prediction(float(point["window"]), bool(point["valid"]), point["why"])


def to_infinite_size(rows: Sequence[dict[str, Any]]) -> Estimate:
    """The limit N → ∞ of what follows the end of a window, whose error holds what another exponent would change."""
    if not known(rows):
        return Estimate(rows[-1]["value"], math.inf, tuple(rows), False, "a size has no error over pattern sets")
    fit, other = (fitted(rows, x) for x in (EXPONENT, OTHER_EXPONENT))
    moved = {"error_of_exponent": abs(other.value - fit.value)}
    return limit(rows, fit, "x(N) = x + c N^(−2/3)", EXPONENT, doubt(fit, "N^(−2/3) does not describe the sizes"), moved)


def _without_reaction(parameters: Parameters) -> float:
    kernel, rate = stream_of(parameters).shape, parameters["rate"]
    scaled = Rescaled(float(kernel.weight(rate * parameters["age"])))
    return _bare(
        scaled.plain("load", effective_load(kernel, rate)), scaled.plain("temperature", parameters["temperature"])
    )


def _bare(load: float, temperature: float) -> float:
    return value_or_none(state_without_reaction(load, temperature))


def _window_without_reaction(parameters: Parameters) -> float:
    return halved(lambda age: abs(_without_reaction({**parameters, "age": age})) > 1e-3, 0.0, 0.25, 16)[0]
