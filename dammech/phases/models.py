"""Lines of a declared model in the plane of load and temperature."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.phases.breaking import GLASS_LINES, broken_points, broken_range
from dammech.phases.lines import LINES, Definition, competitor, define, glass_is_equilibrium
from dammech.phases.points import Boundary, check_points
from dammech.solve.declared import find
from dammech.solve.recorder import in_units
from dammech.solve.solution import check_temperatures, number


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
    asked_T = None if temperatures is None else number("temperature", temperatures)
    asked_load = None if loads is None else number("load", loads)
    if asked_T is not None:
        check_temperatures(asked_T, asked_T * units.temperature, target.ansatz)
    result = Boundary(target.model, line, target.ansatz, convention, [], branch)
    if target.ansatz != "rs":
        _broken(result, target, line, asked_T, asked_load, points or 50, units)
        return result
    definition = _definition(target, line, None if branch == "disordered" else branch)
    if asked_load is not None:
        result.points = _at_loads(target, line, definition, asked_load * units.load, asked_load)
    else:
        if asked_T is None:
            asked_T = _whole_range(definition, points or 50) / units.temperature
        result.points = _at_temperatures(target, line, definition, asked_T * units.temperature, asked_T)
    for point in result.points:
        _to_units(point, units)
    return result


def _broken(
    result: Boundary, target: Theory, line: str, T: np.ndarray | None, load: np.ndarray | None, points: int, units: Any
) -> None:
    """Fill in the points of a line with broken replica symmetry."""
    symmetric = target.with_(ansatz="rs")
    branch = None if result.branch == "disordered" else result.branch

    def unbroken(
        temperatures: np.ndarray | None, loads: np.ndarray | None, line: str = line
    ) -> list[dict[str, Any]]:
        definition = _definition(symmetric, line, branch)
        if loads is not None:
            return _at_loads(symmetric, line, definition, loads, loads)
        assert temperatures is not None
        return _at_temperatures(symmetric, line, definition, temperatures, temperatures)

    if T is None and load is None:
        T = broken_range(target, line, points, lambda: _whole_range(_definition(symmetric, line, branch), points))
        T = T / units.temperature
    canonical = (None if T is None else T * units.temperature, None if load is None else load * units.load)
    result.points = broken_points(target, line, *canonical, unbroken)
    asked = dict(zip((T * units.temperature).tolist(), T.tolist())) if T is not None else {}
    loads = dict(zip((load * units.load).tolist(), load.tolist())) if load is not None else {}
    for point in result.points:
        point["_given"] = (
            {"temperature": asked[point["temperature"]]} if T is not None and point["temperature"] in asked
            else {"load": loads[point["load"]]} if point["load"] in loads else {}
        )
        _to_units(point, units)


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


def _to_units(point: dict[str, Any], units: Any) -> None:
    given = point.pop("_given")
    point.update({name: given.get(name, x) if x is not None else x for name, x in in_units(point, units).items()})


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


def _missing(load: float | None, temperature: float | None, why: tuple[str, str], given: dict[str, float]) -> dict[str, Any]:
    """The record of a point that was not found: ``why`` is a reason and a status."""
    return {
        "temperature": temperature,
        "load": load,
        "load_error" if load is None else "temperature_error": None,
        "m": None,
        "q": None,
        "residual": None,
        "converged": False,
        "valid": None,
        "why": why[0],
        "status": why[1],
        "_given": given,
    }


def _nowhere(line: str, definition: Definition, what: str, value: float) -> tuple[str, str]:
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


def _at_temperatures(
    target: Theory, line: str, definition: Definition, T: np.ndarray, asked: np.ndarray
) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    curve = definition.curve
    warm = np.flatnonzero(T > 0)
    rows: dict[int, list[int]] = {}
    if curve is not None and warm.size:
        rows = dict(zip(warm.tolist(), curve.at(T[warm], curve.free[1], _anchor(definition))))
    described = _describe(target, line, definition, 0) if curve is not None and warm.size else []
    for k, temperature in enumerate(T):
        given = {"temperature": float(asked[k])}
        if temperature == 0:
            result.append({**_at_zero(target, line, definition), "_given": given})
        elif rows.get(k):
            result += [{**described[row], "_given": given} for row in rows[k]]
        else:
            nowhere = _nowhere(line, definition, "temperature", float(temperature))
            result.append(_missing(None, float(asked[k]), nowhere, given))
    return result


def _at_loads(
    target: Theory, line: str, definition: Definition, load: np.ndarray, asked: np.ndarray
) -> list[dict[str, Any]]:
    curve = definition.curve
    if curve is None:
        nowhere = _nowhere(line, definition, "load", np.nan)
        return [_missing(float(a), None, nowhere, {"load": float(a)}) for a in asked]
    rows = curve.at(load, curve.free[0], _anchor(definition))
    described = _describe(target, line, definition, 1)
    result: list[dict[str, Any]] = []
    for k, value in enumerate(asked):
        given = {"load": float(value)}
        if rows[k]:
            found = sorted((described[r] for r in rows[k]), key=lambda point: point["temperature"])
            result += [{**point, "_given": given} for point in found]
        else:
            nowhere = _nowhere(line, definition, "load", float(load[k]))
            result.append(_missing(float(value), None, nowhere, given))
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
        return {**_missing(None, 0.0, (why, "refused" if definition.impossible else "no-state"), {}), "valid": False}
    u, p, system, error = found
    values = {name: float(x) for name, x in zip(system.unknowns, u) if not name.startswith("v_")}
    outputs = {k: float(v[0]) for k, v in system.outputs(u[:, None], p[:, None]).items()}
    residual = float(np.abs(system.residual(u[:, None], p[:, None])).max())
    return {
        "temperature": 0.0,
        "load": float(p[0]),
        "load_error": error,
        "m": values.pop("m"),
        "q": 1.0,
        **values,
        **outputs,
        "replicon": None,
        "residual": residual,
        "converged": True,
        "valid": False,
        "why": "T = 0: replica symmetry is unstable at every load > 0",
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
        values = {n: float(x) for n, x in zip(system.unknowns, roots.u[:, k]) if not n.startswith("v_")}
        for name in ("C", "C_2"):
            if name in values:
                values[name.replace("C", "q")] = float(1 - values.pop(name) * roots.p[1, k])
        point: dict[str, Any] = {
            "temperature": float(roots.p[1, k]),
            "load": float(roots.p[0, k]),
            ("load_error", "temperature_error")[solved]: float(roots.error[-1, k]),
            "m": values.pop("m", 0.0),
            "q": values.pop("q", 0.0),
            **values,
            **{name: float(v[k]) for name, v in outputs.items()},
            "residual": float(roots.residual[k]),
            "converged": bool(roots.converged[k]),
            "valid": True,
            "why": None,
        }
        if line == "nishimori" and retrieval is not None:
            state = (float(retrieval.u[0, k]), float(retrieval.q[k])) if retrieval.found[k] else None
            point["m"], point["q"] = (None, None) if state is None else state
            point["why"] = None if state is not None else "no retrieval state here: the line has passed its spinodal"
        replicon = point.get("replicon")
        if replicon is not None and replicon < -1e-8:
            point.update(valid=False, why=f"replica symmetry is unstable here (replicon {replicon:.3g} < 0)")
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
