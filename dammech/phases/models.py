"""Lines of a declared model in the plane of load and temperature."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.phases.breaking import GLASS_LINES, broken_points, broken_range
from dammech.phases.lines import LINES, Definition, answered, competitor, define, glass_is_equilibrium
from dammech.phases.points import Boundary, Point, Record, as_asked, check_points, record, symmetric_state, unsolved
from dammech.solve.declared import find
from dammech.solve.solution import Status, check_temperatures, number


def boundary_of_model(
    target: Theory, line: str, temperatures: Any, loads: Any, points: int | None, convention: str, branch: str | None
) -> Boundary:
    """Points of a line at temperatures, at loads, or so many along the whole of it; the arguments are those of `boundary`."""
    one_of("line", line, LINES)
    if "load" not in target.model.axes:
        return _line_of_pspin(target, line, temperatures, loads, points, convention)
    if branch is not None and not (line == "zero-entropy" and branch in ("retrieval", "disordered")):
        raise InputError(f"branch={shown(branch)}: only zero-entropy takes a branch, 'retrieval' or 'disordered'")
    if sum(x is not None for x in (temperatures, loads, points)) > 1:
        raise InputError("temperatures, loads and points: give only one of them")
    check_points(points)
    units = target.model.convention(convention)
    axis, given = ("temperature", temperatures) if loads is None else ("load", loads)
    asked = None if given is None else number(axis, given)
    unit, count = getattr(units, axis), points or 50
    if asked is not None and axis == "temperature":
        check_temperatures(asked, asked * unit, target.ansatz)
    result = Boundary(target.model, line, target.ansatz, convention, [], branch)
    symmetric, on = target.with_(ansatz="rs"), None if branch == "disordered" else branch

    def unbroken(axis: str, values: np.ndarray, line: str = line) -> list[Record]:
        return _at(symmetric, line, _definition(symmetric, line, on), axis, values)

    def whole() -> np.ndarray:
        return _whole_range(_definition(symmetric, line, on), count)

    plain = target.ansatz == "rs"
    if asked is None:
        asked = (whole() if plain else broken_range(target, line, count, whole)) / unit
    found = unbroken(axis, asked * unit) if plain else broken_points(target, line, axis, asked * unit, unbroken)
    result.points = as_asked(found, units, {axis: asked})
    return result


def _line_of_pspin(
    target: Theory, line: str, temperatures: Any, loads: Any, points: int | None, convention: str
) -> Boundary:
    target.model.convention(convention)
    if line not in GLASS_LINES:
        raise InputError(f"line={line!r}: the p-spin glass has {', '.join(GLASS_LINES)}")
    for name, value in (("temperatures", temperatures), ("loads", loads), ("points", points)):
        if value is not None:
            raise InputError(f"{name}={shown(value)}: the p-spin glass has a single {line} temperature; leave it out")
    found = broken_points(target, line, "temperature", np.empty(0), lambda *_: [])
    return Boundary(target.model, line, target.ansatz, convention, found)


def _whole_range(definition: Definition, points: int) -> np.ndarray:
    if definition.traced.shape[1] == 0:
        return np.linspace(0.0, 1.0, points)
    low, high = definition.traced[1].min(), definition.traced[1].max()
    inset = 1e-4 * (high - low)  # the ends themselves are where the line stops being one
    if definition.ground() is not None:
        return np.linspace(0.0, high - inset, points)
    inside = np.linspace(low + inset, high - inset, points)
    return inside if definition.origin is None else np.concatenate([[0.0], inside[1:]])


def _nowhere(line: str, definition: Definition, what: str, value: float) -> tuple[str, Status]:
    """Why a line has no point somewhere, and whether that is known: beyond the ends of a line that was followed."""
    if definition.impossible:
        return definition.impossible, "refused"
    p = definition.traced
    if p.shape[1] == 0:
        return f"no {line} line was found for this model", "not-converged"
    if what == "load" and definition.origin:
        return (
            f"the {line} line was not followed to this load: it lies between {p[0].min():.4g} and {p[0].max():.4g} "
            f"(canonical units) down to T = {p[1].min():.2g}, and reaches load 0 only at T = 0"
        ), "not-converged"
    along = p[1 if what == "temperature" else 0]
    low, high = float(along.min()), float(along.max())
    reach = f"{low:.4g} … {high:.4g} in canonical units"
    if low < value < high:
        return f"no point of the {line} line was found at this {what}, though its {what}s lie within {reach}", "not-converged"
    if what == "temperature" and value < low < 1e-3 * high:  # where a trace ends that may go on to zero
        return f"the {line} line was not followed to this temperature: its {what}s lie within {reach}", "not-converged"
    return f"the {line} line has no point at this {what} (its {what}s lie within {reach})", "no-state"


def _at(target: Theory, line: str, definition: Definition, axis: str, values: np.ndarray) -> list[Record]:
    """Points at temperatures, or at loads, in canonical units; a record that says why where there is none."""
    which, solved = (1, "load") if axis == "temperature" else (0, "temperature")

    def told(piece: Definition, axis: str, values: np.ndarray) -> list[list[Record]]:
        found = piece.at(values, which)
        described = iter(_described(target, line, [point for points in found for point in points], solved))
        return [[next(described) for _ in points] for points in found]

    def nowhere(value: float) -> Record:
        return unsolved(axis, value, *_nowhere(line, definition, axis, value), ("m", "q"))

    zero = (lambda piece: _at_zero(target, line, piece)) if axis == "temperature" else None
    return answered([definition], axis, values, told, zero, nowhere)


def _at_zero(target: Theory, line: str, definition: Definition) -> Record:
    bare = definition.curve is not None and not definition.curve.system.unknowns
    if definition.origin or line == "nishimori" or (line == "zero-entropy" and bare):
        origin = {"temperature": 0.0, "load": 0.0, "load_error": 0.0, "m": 1.0, "q": 1.0, "residual": 0.0}
        return {**origin, "converged": True, "valid": True, "why": definition.origin}
    found = definition.ground()
    if found is not None:
        return _record(found, "load") | {"replicon": None}
    why = definition.impossible or "the line does not reach T = 0"
    if line == "thermodynamic" and competitor(target) == "paramagnetic":
        why = "competitor is a 1RSB glass"
    status: Status = "refused" if definition.impossible else "no-state"
    return unsolved("temperature", 0.0, why, status, ("m", "q")) | {"valid": False}


def _record(point: Point, solved: str) -> Record:
    T = float(point.p[1]) if point.p.size > 1 else 0.0
    state = symmetric_state(point, T)
    return record(point, {"temperature": T, "load": float(point.p[0])}, solved, state, state["why"])


def _described(target: Theory, line: str, points: list[Point], solved: str) -> list[Record]:
    """Points as records in canonical units, with what else is to be said on this line."""
    records = [_record(point, solved) for point in points]
    if not points or line not in ("thermodynamic", "spin-glass", "nishimori"):
        return records
    p = np.array([point.p for point in points]).T
    if line == "nishimori":
        retrieval = find(target, "retrieval", "cold", p)
        for k, told in enumerate(records):
            told["m"], told["q"] = (float(retrieval.u[0, k]), float(retrieval.q[k])) if retrieval.found[k] else (None, None)
            told["why"] = None if retrieval.found[k] else "no retrieval state here: the line has passed its spinodal"
        return records
    for told, glassy in zip(records, glass_is_equilibrium(target, p)):
        rival = told.get("replicon_2")
        if line == "thermodynamic" and rival is not None and rival < 0:
            told.update(valid=False, why=f"the competing m = 0 RS state is AT-unstable (replicon {rival:.3g} < 0)")
        if glassy and line == "thermodynamic":
            nothing = ("load", "load_error", "m", "m_xi", "q")
            told.update(dict.fromkeys(name for name in nothing if name in told), valid=False, converged=False)
            told["why"] = "competitor is a 1RSB glass"
        elif line == "thermodynamic":
            told["why"] = told["why"] or target.model.branches["retrieval"].undecided
        elif glassy:
            told.update(valid=False, why="a 1RSB glass is already the equilibrium state here")
    return records


@cache
def _definition(target: Theory, line: str, branch: str | None) -> Definition:
    return define(target, line, branch)
