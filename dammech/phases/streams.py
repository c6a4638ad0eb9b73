"""Lines of a memory that forgets: at which rate it remembers anything, how far back, and what is the best rate.

For p ≥ 3 the scaling theorem gives the largest effective load at which a pattern of weight Λ is retrieved, Λ² α_c(T/Λ), from
the retrieval spinodal of the memory that does not forget, with any ansatz. At p = 2 it is the fold of the weighted theory.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dammech.equations import Theory, compiled
from dammech.errors import InputError
from dammech.models import Kernel
from dammech.phases.lines import _fold_seeds, natural_load
from dammech.phases.points import Boundary
from dammech.solve.newton import newton
from dammech.solve.solution import check_temperatures, number

STREAM_LINES: dict[str, str] = {
    "blackout": "palimpsest: at slower rates of forgetting an endless stream destroys every pattern, the newest included",
    "optimal-rate": "palimpsest: the rate at which the retrieval window is widest",
    "window": "palimpsest: the age up to which patterns are retrieved at a given rate",
    "blackout-load": "palimpsest: the total load at which, below the blackout rate, the newest pattern is lost",
    "first-pattern": "palimpsest: the total load up to which the first pattern of a stream is retrieved",
}
_NEED_RATE = ("window", "blackout-load", "first-pattern")
_TOLERANCE = 1e-13


@dataclass(frozen=True)
class Capacity:
    """The largest effective load A at which a pattern of weight Λ is retrieved.

    Attributes
    ----------
    load, slope : float
        A and dA/dΛ.
    error, slope_error : float
        Relative errors.
    point : dict
        The state there: order parameters, residual, validity.
    """

    load: float
    slope: float
    error: float
    slope_error: float
    point: dict[str, Any]

    def exponent(self, weight: float) -> float:
        """κ = d log A/d log Λ."""
        return weight * self.slope / self.load


Capacities = Callable[[float], "Capacity | str"]


def boundary_of_stream(
    target: Theory, line: str, *, temperatures: Any, rates: Any, loads: Any, ansatz: str, convention: str
) -> Boundary:
    """Points of a line of a stream, at every temperature (and rate, where the line takes one)."""
    model = target.model
    if line not in STREAM_LINES:
        raise InputError(f"line={line!r}: a palimpsest has {', '.join(STREAM_LINES)}")
    if not model.shape.ages:
        raise InputError(
            f"line={line!r}: rehearsal has no window of ages, a pattern's weight is a matter of luck; "
            "dammech.phases.staircase gives the fraction retrieved"
        )
    if temperatures is None:
        raise InputError("temperature is missing, such as 0 or 0.2")
    if line in _NEED_RATE and rates is None:
        raise InputError(f"rate is missing: the {line} line is asked for at a rate of forgetting, such as 10")
    if line not in _NEED_RATE and rates is not None:
        raise InputError(f"rate={rates!r}: the {line} line is a rate; leave it out")
    if loads is not None and line != "window":
        raise InputError(f"load={loads!r}: only the window takes the total load of a stream; leave it out")
    if model.p == 2 and (loads is not None or line in ("blackout-load", "first-pattern")):
        raise InputError(
            "order 2 is known for endless streams only: its noise depends on all weights, not on the effective load "
            "alone; leave load out, or use order 3 or above"
        )
    units = model.convention(convention)
    T = number("temperature", temperatures)
    check_temperatures(T, T * units.temperature)
    asked_rates = [None] if rates is None else number("rate", rates, positive=True).tolist()
    asked_loads = [math.inf] if loads is None else number("load", loads, positive=True).tolist()
    result = Boundary(model, line, ansatz, convention, [])
    for temperature in T.tolist():
        capacity = capacities(target, temperature * units.temperature, ansatz)
        for rate in asked_rates:
            for load in asked_loads:
                canonical = None if rate is None else rate / units.load
                found = _LINES[line](model.shape, capacity, canonical, load * units.load)
                if isinstance(found, str):
                    found = _missing(found)
                    found["rate"] = canonical
                point = {"temperature": temperature, **found}
                if load < math.inf:
                    point["load"] = load * units.load
                result.points.append(_in_units(point, units, rate))
    return result


def capacities(target: Theory, T: float, ansatz: str = "rs") -> Capacities:
    """Capacity against weight at one temperature, canonical units; a sentence where the pattern is lost at every load."""
    if target.model.p == 2:
        if ansatz != "rs":
            raise InputError(
                f"ansatz={ansatz!r}: at order 2 the weights do not scale out of the noise, and only rs is derived for them"
            )
        return _fold_by_weight(target, T)
    return _by_scaling(target.model.memory, T, ansatz)


# -- capacity of a pattern by its weight ------------------------------------------------------------------------------


@cache
def _by_scaling(memory: Any, T: float, ansatz: str) -> Capacities:
    """A = Λ² α_c(T/Λ)."""

    @cache
    def capacity(weight: float) -> Capacity | str:
        spinodal = _spinodal(memory, T / weight, ansatz)
        if isinstance(spinodal, str):
            return spinodal
        alpha, slope, error, slope_error, point = spinodal
        load, derivative = weight**2 * alpha, 2 * weight * alpha - T * slope
        return Capacity(load, derivative, error, slope_error * abs(T * slope) / abs(derivative) + error, point)

    return capacity


def _spinodal(memory: Any, T: float, ansatz: str) -> tuple[float, float, float, float, dict[str, Any]] | str:
    """α_c and dα_c/dT of the memory that does not forget, their relative errors, and the state there."""
    from dammech.phases.boundary import boundary

    if ansatz != "rs" and T > 0:
        symmetric = _spinodal(memory, T, "rs")
        if isinstance(symmetric, str) or symmetric[-1]["valid"]:  # where symmetry is not broken it is the answer
            return symmetric if isinstance(symmetric, str) else (*symmetric[:-1], {**symmetric[-1], "ansatz": "rs"})
    step = 2e-3 * T
    around = [T] if T == 0 or ansatz == "rs" else [T, T - 2 * step, T - step, T + step, T + 2 * step]
    points = boundary(memory, "retrieval-spinodal", temperatures=around, ansatz=ansatz).points
    points = [max((p for p in points if p["temperature"] == t and p["load"]), key=lambda p: p["load"], default={})
              for t in around]
    point = points[0]
    if not point or not point["converged"]:
        return f"T = {T:.6g} in units of the pattern's weight is above every temperature of retrieval"
    alpha, error = point["load"], max(point["load_error"] / point["load"], float(np.finfo(float).eps))
    if T == 0:
        return alpha, 0.0, error, 0.0, point
    if ansatz == "rs":
        state = compiled(Theory.of(memory), "state")
        u, p = np.array([[point["m"]], [point["q"]]]), np.array([[alpha], [T]])
        return alpha, _slope(state.jacobian(u, p)[:, :, 0], 2, 0, 1), error, 1e-9, point
    if not all(points):
        return f"the {ansatz} line was not resolved around T = {T:.6g}"
    below2, below, above, above2 = (p["load"] for p in points[1:])
    slope = (8 * (above - below) - (above2 - below2)) / (12 * step)
    coarse = (above2 - below2) / (4 * step)
    relative = (abs(slope - coarse) / 4 + 2 * error * alpha / step) / (abs(slope) + 1e-300)
    return alpha, slope, error, relative, point


def _slope(jacobian: np.ndarray, unknowns: int, solved: int, given: int) -> float:
    """d(parameter ``solved``)/d(parameter ``given``) along a fold: the left null vector of the state sees only these."""
    left = np.linalg.svd(jacobian[:, :unknowns].T)[2][-1]
    return float(-(left @ jacobian[:, unknowns + given]) / (left @ jacobian[:, unknowns + solved]))


@cache
def _fold_by_weight(target: Theory, T: float) -> Capacities:
    """The fold of the weighted theory at p = 2, solved for the effective load."""
    variant = "zero" if T == 0 else "finite"
    theory = target.with_(ansatz="rs", variant=variant)
    fold, state = compiled(theory, "fold"), compiled(theory, "state")
    scan = natural_load(target.model) * np.geomspace(3e-4, 6.0, 32)
    known: list[tuple[float, np.ndarray, np.ndarray]] = []

    def parameters(load: Any, weight: float) -> np.ndarray:
        load = np.atleast_1d(load)
        rows = [load] if T == 0 else [load, np.full(load.shape, T)]
        return np.stack([*rows, np.full(load.shape, weight)])

    @cache
    def capacity(weight: float) -> Capacity | str:
        guesses = [(u, parameters(p[0] * (weight / w) ** 2, weight)[:, 0]) for w, u, p in
                   sorted(known, key=lambda k: abs(k[0] - weight))[:1] if abs(w - weight) < 0.2 * weight]
        roots = None
        for u, p in guesses:
            roots = newton(fold, u[:, None], p[:, None], (0,))
        if roots is None or not _is_edge(roots):
            for u, p in _fold_seeds(target, variant, parameters(scan * weight**2, weight)):
                roots = newton(fold, u[:, None], p[:, None], (0,))
        if roots is None or not _is_edge(roots):
            return f"a pattern of weight {weight:.6g} is lost at every load at this temperature"
        known.append((weight, roots.u[:, 0], roots.p[:, 0]))
        jacobian = state.jacobian(roots.u[:2], roots.p)[:, :, 0]
        slope = _slope(jacobian, 2, 0, len(roots.p) - 1)
        load = float(roots.p[0, 0])
        relative = max(float(roots.error[-1, 0]) / load, float(np.finfo(float).eps))
        return Capacity(load, slope, relative, 1e-9, _state_of_fold(fold, roots, T))

    return capacity


def _is_edge(roots: Any) -> bool:
    return bool(roots.converged[0]) and 1e-3 < roots.u[0, 0] <= 1 + 1e-9 and roots.p[0, 0] > 0


def _state_of_fold(fold: Any, roots: Any, T: float) -> dict[str, Any]:
    values = {n: float(x) for n, x in zip(fold.unknowns, roots.u[:, 0]) if not n.startswith("v_")}
    outputs = {k: float(v[0]) for k, v in fold.outputs(roots.u, roots.p).items()}
    point: dict[str, Any] = {"m": values.pop("m"), "q": values.pop("q", 1.0), **values, **outputs}
    point["residual"] = float(roots.residual[0])
    replicon = outputs.get("replicon")
    if T == 0:
        point.update(valid=False, why="T = 0: replica symmetry is unstable at every load > 0")
    else:
        stable = replicon is None or replicon >= -1e-8
        why = None if stable else f"replica symmetry is unstable here (replicon {replicon:.3g} < 0)"
        point.update(valid=stable, why=why)
    return point


# -- the lines --------------------------------------------------------------------------------------------------------


def _blackout(kernel: Kernel, capacity: Capacities, rate: float | None, load: float) -> dict[str, Any] | str:
    newest = capacity(1.0)
    if isinstance(newest, str):
        return f"no palimpsest at this temperature: {newest}"
    critical = kernel.second_moment / newest.load
    return _record(critical, critical * newest.error, 0.0, 0.0, 1.0, newest)


def _window(kernel: Kernel, capacity: Capacities, rate: float | None, load: float) -> dict[str, Any] | str:
    assert rate is not None
    effective = kernel.partial_moment(rate * load) / rate
    newest = capacity(1.0)
    if isinstance(newest, str):
        return f"no palimpsest at this temperature: {newest}"
    if effective > newest.load * (1 + newest.error):
        critical = kernel.second_moment / newest.load
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
    u = kernel.age(weight)
    if u > rate * load:  # everything stored is retrieved
        return {**_record(rate, 0.0, load, 0.0, float(kernel.weight(rate * load)), newest),
                "why": "every pattern of the stream is retrieved"}
    relative = (abs(math.log(edge.load / effective)) + edge.error) / edge.exponent(weight)  # of the weight
    error = relative * weight / max(abs(kernel.slope(u)), 1e-300) / rate
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


def _optimal(kernel: Kernel, capacity: Capacities, rate: float | None, load: float) -> dict[str, Any] | str:
    """w = u A(g(u))/G is stationary in u where 1 + κ u g'/g = 0."""
    from scipy.optimize import brentq

    newest = capacity(1.0)
    if isinstance(newest, str):
        return f"no palimpsest at this temperature: {newest}"
    if kernel.flat:
        critical = kernel.second_moment / newest.load
        return _record(critical, critical * newest.error, 1 / critical, newest.error / critical, 1.0, newest)

    def rise(log_age: float) -> float:
        u = math.exp(log_age)
        weight = float(kernel.weight(u))
        edge = capacity(weight) if weight > 1e-12 else "too old"
        return -1.0 if isinstance(edge, str) else 1 + edge.exponent(weight) * u * kernel.slope(u) / weight

    low = high = 0.0
    while rise(low) <= 0 and low > -40:
        low -= 0.5
    while rise(high) > 0 and high < 40:
        high += 0.5
    if rise(low) <= 0 or rise(high) > 0:
        return "the window has no widest point at any rate"
    log_age = float(brentq(rise, low, high, xtol=1e-14, rtol=1e-14))
    u = math.exp(log_age)
    weight = float(kernel.weight(u))
    edge = capacity(weight)
    if isinstance(edge, str):
        return "the window is widest where its oldest pattern is lost at every load: " + edge
    best, kappa = kernel.second_moment / edge.load, edge.exponent(weight)
    bend = abs(rise(log_age + 1e-4) - rise(log_age - 1e-4)) / 2e-4
    uncertain = (abs(rise(log_age)) + edge.slope_error) / max(bend, 1e-12) + 1e-14  # of log u
    slide = kappa * abs(u * kernel.slope(u) / weight)
    width = u / best
    return _record(best, best * (edge.error + slide * uncertain), width, width * (edge.error + uncertain**2), weight, edge)


def _blackout_load(kernel: Kernel, capacity: Capacities, rate: float | None, load: float) -> dict[str, Any] | str:
    assert rate is not None
    newest = capacity(1.0)
    if isinstance(newest, str):
        return f"no palimpsest at this temperature: {newest}"
    if kernel.second_moment / rate <= newest.load:
        critical = kernel.second_moment / newest.load
        return f"the newest pattern is never lost at this rate (blackout below {critical:.6g} only, canonical units)"

    def gap(stored: float) -> float:
        return kernel.partial_moment(rate * stored) / rate - newest.load

    last = _root(gap, newest.load)
    slope = float(kernel.weight(rate * last)) ** 2  # dA/dα
    point = _record(rate, 0.0, 0.0, 0.0, 1.0, newest)
    return {**point, "load": last, "load_error": (newest.error * newest.load + abs(gap(last))) / slope}


def _first_pattern(kernel: Kernel, capacity: Capacities, rate: float | None, load: float) -> dict[str, Any] | str:
    assert rate is not None
    newest = capacity(1.0)
    if isinstance(newest, str):
        return f"no palimpsest at this temperature: {newest}"

    def gap(stored: float) -> float:
        weight = float(kernel.weight(rate * stored))
        edge = capacity(weight) if weight > 1e-12 else "lost"
        return kernel.partial_moment(rate * stored) / rate - (0.0 if isinstance(edge, str) else edge.load)

    if kernel.flat:
        last, weight, edge = min(newest.load, 1 / rate), 1.0, newest
    else:
        last = _root(gap, 1e-3 * newest.load)
        weight = float(kernel.weight(rate * last))
        found = capacity(weight)
        if isinstance(found, str):
            return found
        edge = found
    slope = weight**2 - edge.slope * kernel.slope(rate * last) * rate
    error = (edge.error * edge.load + (0.0 if kernel.flat else abs(gap(last)))) / slope
    return {**_record(rate, 0.0, last, error, weight, edge), "load": last, "load_error": error}


def _root(gap: Callable[[float], float], start: float) -> float:
    from scipy.optimize import brentq

    high = start
    while gap(high) < 0:
        high *= 1.5
    return float(brentq(gap, high / 1.5 if gap(high / 1.5) < 0 else 0.0, high, xtol=1e-16, rtol=1e-14))


_LINES: dict[str, Callable[[Kernel, Capacities, float | None, float], dict[str, Any] | str]] = {
    "blackout": _blackout, "optimal-rate": _optimal, "window": _window, "blackout-load": _blackout_load,
    "first-pattern": _first_pattern,
}


def _record(
    rate: float, rate_error: float, window: float, window_error: float, weight: float, edge: Capacity
) -> dict[str, Any]:
    kept = {k: v for k, v in edge.point.items() if k not in ("temperature", "load", "load_error", "converged", "_given")}
    energies = {k: None if kept[k] is None else kept[k] for k in kept}
    return {
        "rate": rate, "rate_error": rate_error, "window": window, "window_error": window_error, "weight": weight,
        "effective_load": edge.load, **_scaled(energies, weight, "y" in kept or "load" in edge.point), "converged": True,
    }


def _scaled(kept: dict[str, Any], weight: float, scaling: bool) -> dict[str, Any]:
    """Energies and responses of the memory without weights, at T/Λ, in units of the pattern's weight."""
    if not scaling:
        return kept
    energies = {k: kept[k] * weight for k in ("free_energy", "energy") if kept.get(k) is not None}
    responses = {k: v / weight for k, v in kept.items() if v is not None and (k == "C" or k == "y" or k.startswith("y_"))}
    return {**kept, **energies, **responses}


def _missing(why: str) -> dict[str, Any]:
    return {
        "rate": None, "rate_error": None, "window": None, "window_error": None, "m": None, "q": None, "residual": None,
        "converged": False, "valid": None, "why": why,
    }


def _in_units(point: dict[str, Any], units: Any, rate: float | None) -> dict[str, Any]:
    factors = {"rate": units.load, "rate_error": units.load, "C": units.temperature, "y": units.temperature}
    factors |= dict.fromkeys(("window", "window_error", "effective_load", "load", "load_error"), 1 / units.load)
    factors |= dict.fromkeys(("free_energy", "energy"), 1 / units.energy)
    for name, factor in factors.items():
        if point.get(name) is not None:
            point[name] *= factor
    if rate is not None:
        point["rate"] = rate
    return point
