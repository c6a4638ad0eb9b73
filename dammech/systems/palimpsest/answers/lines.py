"""Lines of a memory that forgets: at which rate it remembers anything, how far back, and what is the best rate.

For p ≥ 3 the scaling theorem gives the largest effective load at which a pattern of weight Λ is retrieved, Λ² α_c(T/Λ), from
the retrieval spinodal of the memory that does not forget, with any ansatz. At p = 2 it is the fold of the weighted theory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from scipy.optimize import brentq

from dammech.declared.kernels import Kernel
from dammech.declared.rescaled import Rescaled
from dammech.equations import Theory
from dammech.errors import InputError, shown
from dammech.phases.points import missing
from dammech.systems.palimpsest.answers.forgetting import age, best_age, blackout, effective_load, slope
from dammech.systems.palimpsest.answers.states import ENDLESS
from dammech.systems.palimpsest.answers.weighted import Capacities, Capacity, capacities

LINES: dict[str, str] = {
    "blackout": "palimpsest: at slower rates of forgetting an endless stream destroys every pattern, the newest included",
    "optimal-rate": "palimpsest: the rate at which the retrieval window is widest",
    "window": "palimpsest: the age up to which patterns are retrieved at a given rate",
    "blackout-load": "palimpsest: the total load at which, below the blackout rate, the newest pattern is lost",
    "first-pattern": "palimpsest: the total load up to which the first pattern of a stream is retrieved",
}
_NEED_RATE = ("window", "blackout-load", "first-pattern")
_TOLERANCE = 1e-13


def line(target: Theory, name: str, given: Mapping[str, Any]) -> Callable[..., dict[str, Any]]:
    """What finds a point of a line at canonical values of the axes that are ``given``."""
    model = target.model
    if not model.shape.ages:
        raise InputError(
            f"line={name!r}: rehearsal has no window of ages, a pattern's weight is a matter of luck; "
            "dammech.phases.staircase gives the fraction retrieved"
        )
    if "temperature" not in given:
        raise InputError("temperature is missing, such as 0 or 0.2")
    if name in _NEED_RATE and "rate" not in given:
        raise InputError(f"rate is missing: the {name} line is asked for at a rate of forgetting, such as 10")
    if name not in _NEED_RATE and "rate" in given:
        raise InputError(f"rate={shown(given['rate'])}: the {name} line is a rate; leave it out")
    if "load" in given and name != "window":
        raise InputError(f"load={shown(given['load'])}: only the window takes the total load of a stream; leave it out")
    if model.soft and ("load" in given or name in ("blackout-load", "first-pattern")):
        raise InputError(ENDLESS)

    def point(temperature: float, **place: float) -> dict[str, Any]:
        found = point_of(name, model.shape, capacities(target, temperature, target.ansatz), **place)
        if isinstance(found, str):
            sought = {"temperature": temperature, "rate": place.get("rate")}
            return missing(sought, found, names=("rate_error", "window", "window_error", "m", "q"))
        return {"temperature": temperature, **found}

    return point


def point_of(
    line: str, kernel: Kernel, capacity: Capacities, rate: float = math.nan, load: float = math.inf
) -> dict[str, Any] | str:
    """The point of a line of streams in which patterns are retrieved up to that ``capacity``; or why there is none."""
    newest = capacity(1.0)
    if isinstance(newest, str):
        return f"no palimpsest at this temperature: {newest}"
    return _LINES[line](kernel, capacity, newest, rate, load)


# -- the lines --------------------------------------------------------------------------------------------------------


def _blackout(kernel: Kernel, capacity: Capacities, newest: Capacity, rate: float, load: float) -> dict[str, Any] | str:
    critical = blackout(kernel, newest.load)
    return _record(critical, critical * newest.error, 0.0, 0.0, 1.0, newest)


def _window(kernel: Kernel, capacity: Capacities, newest: Capacity, rate: float, load: float) -> dict[str, Any] | str:
    effective = effective_load(kernel, rate, load)
    if effective > newest.load * (1 + newest.error):
        critical = blackout(kernel, newest.load)
        return (
            f"blackout: the effective load {effective:.6g} is above the capacity {newest.load:.6g} of the newest pattern "
            f"(an endless stream needs a rate of at least {critical:.6g}; canonical units)"
        )
    if kernel.flat:
        return _record(rate, 0.0, min(1 / rate, load), 0.0, 1.0, newest)
    weight = _weight_at(capacity, effective, newest)
    if isinstance(weight, str):
        return weight
    edge = capacity(weight)
    assert isinstance(edge, Capacity)
    u = age(kernel, weight)
    if u > rate * load:  # everything stored is retrieved
        return {**_record(rate, 0.0, load, 0.0, float(kernel.weight(rate * load)), newest),
                "why": "every pattern of the stream is retrieved"}
    relative = (abs(math.log(edge.load / effective)) + edge.error) / edge.exponent(weight)  # of the weight
    error = relative * weight / max(abs(slope(kernel, u)), 1e-300) / rate
    return _record(rate, 0.0, u / rate, error + 1e-15 * u / rate, weight, edge)


def _weight_at(capacity: Capacities, effective: float, newest: Capacity) -> float | str:
    """The weight at which the capacity is ``effective``, by Newton's method in the logarithms."""
    weight = min(1.0, math.sqrt(effective / newest.load))
    for _ in range(60):
        edge = capacity(weight)
        if isinstance(edge, str):  # too far: the temperature in units of the weight has no retrieval left
            weight = math.sqrt(weight)
            continue
        gap = math.log(effective / edge.load)
        if abs(gap) < _TOLERANCE:
            return weight
        moved = min(1.0, weight * math.exp(max(-0.5, min(0.5, gap / edge.exponent(weight)))))
        if moved == weight:
            return weight
        weight = moved
    return weight if abs(gap) < 1e-9 else f"the weight at the edge of the window was not resolved ({gap:.2g} left)"


def _optimal(kernel: Kernel, capacity: Capacities, newest: Capacity, rate: float, load: float) -> dict[str, Any] | str:
    """w = u A(g(u))/G is stationary in u where 1 + κ u g'/g = 0."""
    if kernel.flat:
        critical = blackout(kernel, newest.load)
        return _record(critical, critical * newest.error, 1 / critical, newest.error / critical, 1.0, newest)

    def rise(log_age: float) -> float:
        u = math.exp(log_age)
        weight = float(kernel.weight(u))
        edge = capacity(weight) if weight > 1e-12 else "too old"
        return -1.0 if isinstance(edge, str) else 1 + edge.exponent(weight) * u * slope(kernel, u) / weight

    low = high = math.log(best_age(kernel))
    while rise(low) <= 0 and low > -40:
        low -= 0.2
    while rise(high) > 0 and high < 40:
        high += 0.2
    if rise(low) <= 0 or rise(high) > 0:
        return "the window has no widest point at any rate"
    log_age = float(brentq(rise, low, high, xtol=1e-14, rtol=1e-14))
    u = math.exp(log_age)
    weight = float(kernel.weight(u))
    edge = capacity(weight)
    if isinstance(edge, str):
        return "the window is widest where its oldest pattern is lost at every load: " + edge
    best, kappa = blackout(kernel, edge.load), edge.exponent(weight)
    bend = abs(rise(log_age + 1e-4) - rise(log_age - 1e-4)) / 2e-4
    uncertain = (abs(rise(log_age)) + edge.slope_error) / max(bend, 1e-12) + 1e-14  # of log u
    slide = kappa * abs(u * slope(kernel, u) / weight)
    width = u / best
    return _record(best, best * (edge.error + slide * uncertain), width, width * (edge.error + uncertain**2), weight, edge)


def _blackout_load(kernel: Kernel, capacity: Capacities, newest: Capacity, rate: float, load: float) -> dict[str, Any] | str:
    if effective_load(kernel, rate) <= newest.load:
        critical = blackout(kernel, newest.load)
        return f"the newest pattern is never lost at this rate (blackout below {critical:.6g} only, canonical units)"

    def gap(stored: float) -> float:
        return effective_load(kernel, rate, stored) - newest.load

    last = _root(gap, newest.load)
    gain = float(kernel.weight(rate * last)) ** 2  # dA/dα
    point = _record(rate, 0.0, 0.0, 0.0, 1.0, newest)
    return {**point, "load": last, "load_error": (newest.error * newest.load + abs(gap(last))) / gain}


def _first_pattern(kernel: Kernel, capacity: Capacities, newest: Capacity, rate: float, load: float) -> dict[str, Any] | str:

    def gap(stored: float) -> float:
        weight = float(kernel.weight(rate * stored))
        edge = capacity(weight) if weight > 1e-12 else "lost"
        return effective_load(kernel, rate, stored) - (0.0 if isinstance(edge, str) else edge.load)

    if kernel.flat:
        last, weight, edge = min(newest.load, 1 / rate), 1.0, newest
    else:
        last = _root(gap, 1e-3 * newest.load)
        weight = float(kernel.weight(rate * last))
        found = capacity(weight)
        if isinstance(found, str):
            return found
        edge = found
    gain = weight**2 - edge.slope * slope(kernel, rate * last) * rate
    error = (edge.error * edge.load + (0.0 if kernel.flat else abs(gap(last)))) / gain
    return {**_record(rate, 0.0, last, error, weight, edge), "load": last, "load_error": error}


def _root(gap: Callable[[float], float], start: float) -> float:
    high = start
    while gap(high) < 0:
        high *= 1.5
    return float(brentq(gap, high / 1.5 if gap(high / 1.5) < 0 else 0.0, high, xtol=1e-16, rtol=1e-14))


_LINES: dict[str, Callable[[Kernel, Capacities, Capacity, float, float], dict[str, Any] | str]] = {
    "blackout": _blackout, "optimal-rate": _optimal, "window": _window, "blackout-load": _blackout_load,
    "first-pattern": _first_pattern,
}


def _record(
    rate: float, rate_error: float, window: float, window_error: float, weight: float, edge: Capacity
) -> dict[str, Any]:
    kept = {k: v for k, v in edge.point.items() if k not in ("temperature", "load", "load_error", "converged")}
    if "y" in kept or "load" in edge.point:  # of the memory without weights, at T/Λ
        kept = {k: Rescaled(weight).scaled(k, v) for k, v in kept.items()}
    return {
        "rate": rate, "rate_error": rate_error, "window": window, "window_error": window_error, "weight": weight,
        "effective_load": edge.load, **kept, "converged": True,
    }
