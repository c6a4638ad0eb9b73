"""Lines of a declared model in the plane of load and temperature."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.phases.breaking import GLASS_LINES, broken_points, broken_range
from dammech.phases.lines import LINES, Definition, competitor, define, glass_is_equilibrium
from dammech.phases.points import Boundary, as_asked, check_points, missing, symmetric_state
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

    def unbroken(
        temperatures: np.ndarray | None, loads: np.ndarray | None, line: str = line
    ) -> list[dict[str, Any]]:
        values = temperatures if loads is None else loads
        assert values is not None
        return _at(symmetric, line, _definition(symmetric, line, on), "temperature" if loads is None else "load", values)

    def whole() -> np.ndarray:
        return _whole_range(_definition(symmetric, line, on), count)

    if asked is None:
        asked = (whole() if target.ansatz == "rs" else broken_range(target, line, count, whole)) / unit
    T, load = (asked * unit if axis == name else None for name in ("temperature", "load"))
    found = unbroken(T, load) if target.ansatz == "rs" else broken_points(target, line, T, load, unbroken)
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
    found = broken_points(target, line, None, None, lambda **_: [])
    return Boundary(target.model, line, target.ansatz, convention, found)


def _whole_range(definition: Definition, points: int) -> np.ndarray:
    if definition.curve is None or definition.curve.skeleton[1].shape[1] == 0:
        return np.linspace(0.0, 1.0, points)
    traced = definition.curve.skeleton[1][1]
    low, high = traced.min(), traced.max()
    inset = 1e-4 * (high - low)  # the ends themselves are where the line stops being one
    if definition.cold() is not None:
        return np.linspace(0.0, high - inset, points)
    inside = np.linspace(low + inset, high - inset, points)
    if definition.zero_load_at_zero_temperature is not None:
        inside = np.concatenate([[0.0], inside[1:]])
    return inside


def _missing(axis: str, value: float, why: str, status: Status) -> dict[str, Any]:
    other = "load" if axis == "temperature" else "temperature"
    return missing({axis: value, other: None}, why, status, (f"{other}_error", "m", "q"))


def _nowhere(line: str, definition: Definition, what: str, value: float) -> tuple[str, Status]:
    """Why a line has no point somewhere, and whether that is known: beyond the ends of a line that was followed."""
    if definition.impossible:
        return definition.impossible, "refused"
    if definition.curve is not None and definition.curve.skeleton[1].shape[1]:
        p = definition.curve.skeleton[1]
        k = 1 if what == "temperature" else 0
        if what == "load" and definition.zero_load_at_zero_temperature:
            return (
                f"the {line} line was not followed to this load: it lies between {p[0].min():.4g} and {p[0].max():.4g} "
                f"(canonical units) down to T = {p[1].min():.2g}, and reaches load 0 only at T = 0"
            ), "not-converged"
        reach = f"{p[k].min():.4g} … {p[k].max():.4g} in canonical units"
        if p[k].min() < value < p[k].max():
            return f"no point of the {line} line was found at this {what}, though its {what}s lie within {reach}", "not-converged"
        if what == "temperature" and value < p[k].min() < 1e-3 * p[k].max():  # where a trace ends that may go on to zero
            return f"the {line} line was not followed to this temperature: its {what}s lie within {reach}", "not-converged"
        return f"the {line} line has no point at this {what} (its {what}s lie within {reach})", "no-state"
    return f"no {line} line was found for this model", "not-converged"


def _at(target: Theory, line: str, definition: Definition, axis: str, values: np.ndarray) -> list[dict[str, Any]]:
    """Points at temperatures, or at loads, in canonical units; a record that says why where there is none."""
    which, solved = (1, 0) if axis == "temperature" else (0, 1)
    curve, warm = definition.curve, np.flatnonzero((values > 0) | (axis == "load"))
    rows: dict[int, list[int]] = {}
    if curve is not None and warm.size:
        rows = dict(zip(warm.tolist(), curve.at(values[warm], curve.free[which], _anchor(definition))))
    described = _describe(target, line, definition, solved) if rows else []
    result: list[dict[str, Any]] = []
    for k, value in enumerate(values.tolist()):
        if k not in warm:
            result.append(_at_zero(target, line, definition))
        elif rows.get(k):
            result += sorted((described[row] for row in rows[k]), key=lambda point: point["temperature"])
        else:
            result.append(_missing(axis, value, *_nowhere(line, definition, axis, value)))
    return result


def _anchor(definition: Definition) -> tuple[np.ndarray, np.ndarray] | None:
    """The T = 0 point, so that guesses reach down to it: its unknowns are those of finite temperatures."""
    cold = definition.cold()
    return None if cold is None else (cold[0], np.array([cold[1][0], 0.0]))


def _at_zero(target: Theory, line: str, definition: Definition) -> dict[str, Any]:
    why = definition.zero_load_at_zero_temperature
    if (
        why
        or line == "nishimori"
        or (line == "zero-entropy" and definition.curve and not definition.curve.system.unknowns)
    ):
        origin = {"temperature": 0.0, "load": 0.0, "load_error": 0.0, "m": 1.0, "q": 1.0, "residual": 0.0}
        return {**origin, "converged": True, "valid": True, "why": why}
    found = definition.cold()
    if found is None:
        why = definition.impossible or "the line does not reach T = 0"
        if line == "thermodynamic" and competitor(target) == "paramagnetic":
            why = "competitor is a 1RSB glass"
        return {**_missing("temperature", 0.0, why, "refused" if definition.impossible else "no-state"), "valid": False}
    u, p, system, error = found
    u, p = u[:, None], p[:, None]
    return {
        "temperature": 0.0,
        "load": float(p[0, 0]),
        "load_error": error,
        **symmetric_state(system.unknowns, u, system.outputs(u, p), 0.0),
        "replicon": None,
        "residual": float(np.abs(system.residual(u, p)).max()),
        "converged": True,
    }


def _describe(target: Theory, line: str, definition: Definition, solved: int) -> list[dict[str, Any]]:
    """Every point that the curve has just solved, as a record in canonical units."""
    curve = definition.curve
    if curve is None or curve.points is None:
        return []
    roots, system = curve.points, curve.system
    outputs = system.outputs(roots.u, roots.p)
    glassy = glass_is_equilibrium(target, roots.p) if line in ("thermodynamic", "spin-glass") else None
    retrieval = find(target, "retrieval", "cold", roots.p) if line == "nishimori" else None
    records = []
    for k in range(roots.u.shape[1]):
        point: dict[str, Any] = {
            "temperature": float(roots.p[1, k]),
            "load": float(roots.p[0, k]),
            ("load_error", "temperature_error")[solved]: float(roots.error[-1, k]),
            **symmetric_state(system.unknowns, roots.u, outputs, float(roots.p[1, k]), k),
            "residual": float(roots.residual[k]),
            "converged": bool(roots.converged[k]),
        }
        if line == "nishimori" and retrieval is not None:
            state = (float(retrieval.u[0, k]), float(retrieval.q[k])) if retrieval.found[k] else None
            point["m"], point["q"] = (None, None) if state is None else state
            point["why"] = None if state is not None else "no retrieval state here: the line has passed its spinodal"
        rival = point.get("replicon_2")
        if line == "thermodynamic" and rival is not None and rival < 0:
            point.update(valid=False, why=f"the competing m = 0 RS state is AT-unstable (replicon {rival:.3g} < 0)")
        if glassy is not None and glassy[k]:
            if line == "thermodynamic":
                point.update(
                    load=None,
                    load_error=None,
                    m=None,
                    q=None,
                    valid=False,
                    converged=False,
                    why="competitor is a 1RSB glass",
                )
            else:
                point.update(valid=False, why="a 1RSB glass is already the equilibrium state here")
        records.append(point)
    return records


@cache
def _definition(target: Theory, line: str, branch: str | None) -> Definition:
    return define(target, line, branch)
