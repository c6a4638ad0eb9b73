"""A claim about bits after one step where interactions are rectified: signal against the exact noise at N."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from scipy.special import ndtr, ndtri

from dammech.simulate import one_step_bit_error
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.polynomial.capacity import capacity
from dammech.systems.polynomial.model import PolynomialMemory
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.pooled import at_level, at_this_size, pooled

#: size and load K/N², and pattern sets per seed
_POINTS, _SETS = ((30, 0.2), (60, 0.2)), {30: 4000, 60: 900}
_EVEN = 0.05


def claims() -> list[Claim]:
    """Of order 3, at sizes where hundreds of patterns make the noise."""
    return [
        Claim(
            "polynomial.p3.rectified.bit-error", "[krotov2016]",
            "With a rectified interaction half of the patterns are noise: bits are wrong as often as its exact variance says.",
            tuple({"size": size, "load": load, "interaction": "rectified"} for size, load in _POINTS),
            lambda p: Prediction(_law(p)), _measured,
            (
                Rival("interaction", "the noise of powers", partial(_law, interaction="power")),
                Rival("interaction", "the noise of distinct sites", partial(_law, interaction="distinct")),
                Rival("term", "the noise of N → ∞", lambda p: _law(p, limit=True)),
                Rival("null", "no noise at all", lambda p: 0.0),
            ),
            without={"line": "a law of one step has no line", "ansatz": "there is none"},
            dose=Dose("a load a quarter higher", lambda p: {**p, "load": 1.25 * p["load"]}),
            covers=("polynomial.signal-to-noise",),
        )
    ]  # fmt: skip


def _law(p: Parameters, limit: bool = False, **changed: Any) -> float:
    """The tail that is left at this number of patterns, from the number at which it is `_EVEN`."""
    asked: dict[str, Any] = {"order": 3, "errors": _EVEN, "interaction": p["interaction"], **changed}
    size = p["size"]
    count = HebbianDAM(3).patterns_for(p["load"], size)
    if limit:
        there = float(capacity(PolynomialMemory(**asked)).value or 0.0) * size**2
        return float(ndtr(ndtri(_EVEN) * math.sqrt(there / count)))
    there = float(capacity(PolynomialMemory(**asked, size=size)).value or 0.0)
    return float(ndtr(ndtri(_EVEN) * math.sqrt((there - 1) / (count - 1))))


def _measured(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    model, trials = HebbianDAM(3, interaction=p["interaction"]), at_level(level, _SETS[p["size"]])
    runs = [one_step_bit_error(model, load=p["load"], size=p["size"], trials=trials, seed=s).points[0] for s in seeds]
    return at_this_size(pooled(p["size"], seeds, [r.bit_error for r in runs], [r.bit_error_error for r in runs],
                               load=runs[0].load, patterns=runs[0].patterns, trials=trials * len(seeds)))  # fmt: skip
