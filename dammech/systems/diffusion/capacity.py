"""The time of collapse: the frame of exponential loads with the Euclidean similarity, at the noise of time t."""

from __future__ import annotations

import math

from scipy.optimize import brentq

from dammech.equations.law import Law
from dammech.solve.capacity import Threshold
from dammech.solve.extremum import Concave
from dammech.systems.diffusion.model import BINARY, GAUSSIAN, SPECIATION, Diffusion

#: between which the time of signs is looked for: earlier no double tells them from known ones, later not from noise
_EARLIEST, _LATEST = 1e-3, 17.0
_SAID = {
    "gaussian": ("t_C = ½ log(1 + s²/(e^{2α} − 1))", GAUSSIAN),
    "binary": ("α = r − ⟨log cosh(r + √r z)⟩, r = 1/(e^{2t} − 1)", BINARY),
}


def capacity(asked: Diffusion) -> Threshold:
    """t_C, before which the point's weight is on one datum: where the information that it has of a datum is α."""
    others = {}
    if asked.eigenvalue is not None:
        others["speciation"] = float(Law(SPECIATION, "Speciation")(Lambda=asked.eigenvalue)[0])
    if asked.load == 0:
        return _told(asked, math.inf, 0.0, others, "few data are told apart at every time, however late")
    if asked.data == "gaussian":
        (time,) = Law(GAUSSIAN, "Collapse")(alpha=asked.load, v=asked.variance)
        late = None if math.isfinite(time) else "the collapse is later than any number says"
        return _told(asked, float(time), 4e-16 * (1 + float(time)), others, late)
    if asked.load >= math.log(2):
        return _told(
            asked, None, 0.0, others, "of e^{αd} ≥ 2^d data of signs many are alike: no point has one of its own"
        )
    low, high = information(_EARLIEST), information(_LATEST)
    if not high < asked.load < low:
        side = f"before {_EARLIEST:g}" if asked.load >= low else f"after {_LATEST:g}"
        return _told(asked, None, 0.0, others, f"the collapse is {side}, which rounding does not resolve")
    time = float(brentq(lambda t: information(t) - asked.load, _EARLIEST, _LATEST, xtol=1e-15, rtol=1e-14))
    step = 1e-6 * time
    slope = (information(time - step) - information(time + step)) / (2 * step)
    return _told(asked, time, abs(threshold(time) - asked.load) / slope + 4e-16, others)


def information(time: float) -> float:
    """Nats that a component of a point at this time has of a sign."""
    return float(Law(BINARY, "Information")(r=1 / math.expm1(2 * time))[0])


def threshold(time: float, data: str = "binary", variance: float = 1.0) -> float:
    """The same by the frame of exponential loads: the greatest G(s) over all sharpnesses."""
    from dammech.systems.diffusion.theory import load_of

    sigma = math.sqrt(math.expm1(2 * time) / variance)
    load = load_of(data)
    return Concave(load.rate, [next(s for s in load.rate.free_symbols if s.name == "s")]).greatest(sigma=sigma).value


def _told(
    asked: Diffusion, time: float | None, error: float, others: dict[str, float], why: str | None = None
) -> Threshold:
    return Threshold(
        "time", time, "of dx = −x dt + √2 dW", *_SAID[asked.data], "typical", error=error, why=why, others=others
    )
