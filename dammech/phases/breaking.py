"""``boundary`` with broken replica symmetry: which piece of a line answers at which temperature, and what its points say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np

from dammech.declared.ansatz import steps_of
from dammech.equations import Equations, Theory, compiled
from dammech.errors import InputError
from dammech.phases.broken import glass_line, is_continuous, spinodal, thermodynamic_pieces
from dammech.phases.lines import Definition
from dammech.phases.points import Part, Point, missing, record
from dammech.solve.newton import Roots
from dammech.solve.recorder import STABLE

#: lines of the glass at m = 0, which exist only with broken symmetry
GLASS_LINES = ("dynamic", "static", "gardner")

Symmetric = Callable[..., list[dict[str, Any]]]


def broken_points(
    target: Theory, line: str, temperatures: np.ndarray | None, loads: np.ndarray | None, symmetric: Symmetric
) -> list[dict[str, Any]]:
    """Points of a line, canonical units, one or more for each temperature or load that was asked for.

    Parameters
    ----------
    target : Theory
        With ansatz ``1rsb``.
    line : str
    temperatures, loads : array or None
        One of them; neither for a model without a load.
    symmetric : callable
        The replica-symmetric points of the same line, at ``temperatures`` or ``loads``.
    """
    if steps_of(target.ansatz) > 1:
        if line in (*GLASS_LINES, "thermodynamic"):
            raise InputError(f"ansatz={target.ansatz!r}: the {line} line is computed with 1rsb; use ansatz='1rsb'")
        if line == "retrieval-spinodal":
            if temperatures is None:
                raise InputError(f"loads: with ansatz={target.ansatz!r} the spinodal is found at given temperatures only")
            return _spinodal_of_many_steps(target, temperatures, symmetric)
    if line in GLASS_LINES:
        return _glass(target, line, temperatures, loads, symmetric)
    if line == "retrieval-spinodal":
        return _spinodal(target, temperatures, loads, symmetric)
    if line == "thermodynamic":
        return _thermodynamic(target, temperatures, loads)
    points = symmetric(temperatures=temperatures, loads=loads)
    for point in points:
        point["ansatz"] = "rs"
    return points


def broken_range(target: Theory, line: str, points: int, symmetric: Callable[[], np.ndarray]) -> np.ndarray:
    """Temperatures over the whole of a line; ``symmetric`` gives those over the whole of its replica-symmetric version."""
    if line in GLASS_LINES:
        return np.linspace(0.0, glass_line(target, line).traced[1].max(initial=0.5), points + 1)[1:]
    if line == "thermodynamic":
        highest = max(piece.traced[1].max(initial=0.0) for piece in _pieces(target))
        return np.linspace(0.0, highest * (1 - 1e-4) or 1.0, points)
    if line == "retrieval-spinodal":
        return np.linspace(0.0, max(spinodal(target).traced[1].max(initial=0.0), symmetric()[-1]), points)
    return symmetric()


# -- records ----------------------------------------------------------------------------------------------------------


def _record(point: Point, solved: str, ansatz: str) -> dict[str, Any]:
    values, named = point.values, dict(zip(point.system.parameters, map(float, point.p)))
    T = named.get("T", 0.0)
    for name in ("C", "C_2") if T > 0 else ():
        if name in values:
            values[name.replace("C", "q")] = 1 - values.pop(name) * T
    if "gap" in values:
        values["q1"] = values["q0"] + values.pop("gap") * (1 - values["q0"])
    replicon = min((value for name, value in point.outputs.items() if name.startswith("replicon")), default=0.0)
    if "theta" not in point.system.parameters and "q1" in values and "theta" not in values:
        values["theta"] = 1.0  # clusters at the onset
    if ansatz == "1rsb" and "q1" in values:
        values = {"q0": 0.0, **values}
    state = {"m": values.pop("m", 0.0), **values, **point.outputs, "replicon": replicon}
    why = None if replicon >= STABLE else f"{ansatz} is unstable here (smallest replicon {replicon:.3g} < 0)"
    told = record(point, {"temperature": T, "load": named.get("alpha")}, solved, state, why) | {"ansatz": ansatz}
    told[f"{solved}_error"] = max(told[f"{solved}_error"], float(np.finfo(float).eps * abs(point.p[0])))
    return told


def _at_zero(point: Point, ansatz: str, innermost: str = "q1", sizes: Iterable[str] = ("theta",)) -> dict[str, Any]:
    """A point at T = 0, where the innermost overlap is 1 and no block has a size."""
    why = "T = 0: the replicon of the innermost level tends to −∞, a finite number of levels is unstable"
    limits = {innermost: 1.0, **dict.fromkeys(sizes, 0.0)}
    return {**_record(point, "load", ansatz), **limits, "replicon": None, "valid": False, "why": why}


def _ground_record(piece: Definition) -> dict[str, Any] | None:
    ground = piece.ground()
    return None if ground is None else _at_zero(ground, piece.ansatz)


def _one_of(system: Equations, roots: Roots, outputs: dict[str, float]) -> Point:
    """The point that was found by itself."""
    return Point(system, roots.u[:, 0], roots.p[:, 0], float(roots.residual[0]), roots.error[:, 0], outputs)


def _missing(load: float | None, temperature: float | None, why: str) -> dict[str, Any]:
    return missing(
        {"temperature": temperature, "load": load}, why, names=("load_error" if load is None else "temperature_error", "m")
    )


def _of_curve(piece: Definition, values: np.ndarray, which: int, solved: str) -> list[list[dict[str, Any]]]:
    """Records of one piece at each value of a parameter, those that belong to the line only."""
    return [[_record(point, solved, piece.ansatz) for point in points] for points in piece.at(values, which)]


# -- lines ------------------------------------------------------------------------------------------------------------


def _spinodal(
    target: Theory, temperatures: np.ndarray | None, loads: np.ndarray | None, symmetric: Symmetric
) -> list[dict[str, Any]]:
    piece = spinodal(target)
    points: list[dict[str, Any]] = []
    if loads is not None:
        for load, here in zip(loads, _of_curve(piece, loads, 0, "temperature")):
            also = [p for p in symmetric(temperatures=None, loads=np.array([load])) if p["converged"] and p["valid"]]
            for p in also:
                p["ansatz"] = "rs"
            here = here or _where_levels_merge(piece, float(load), 0)
            both = sorted([*here, *also], key=lambda p: p["temperature"])
            points += both or [_missing(float(load), None, "no point of the retrieval-spinodal line was found at this load")]
        return points
    assert temperatures is not None
    warm = temperatures[temperatures > 0]
    broken = dict(zip(warm.tolist(), _of_curve(piece, warm, 1, "load"))) if warm.size else {}
    plain = {p["temperature"]: p for p in symmetric(temperatures=warm, loads=None)} if warm.size else {}
    for T in temperatures.tolist():
        if T == 0:
            points.append(_ground_record(piece) or _missing(None, 0.0, "no 1RSB retrieval state was found at T = 0"))
            continue
        rs = plain.get(T)
        if rs is not None and rs["converged"] and rs["valid"]:
            points.append({**rs, "ansatz": "rs", "why": "replica symmetry is stable on this part of the line"})
            continue
        here = broken[T] or _where_levels_merge(piece, T, 1)
        if here:
            points.append(max(here, key=lambda p: p["load"]))
        elif rs is None or not rs["converged"]:
            nothing = _missing(None, T, "no point of the retrieval-spinodal line was found at this temperature")
            points.append(nothing if rs is None else {**nothing, "why": rs["why"], "status": rs["status"]})
        else:
            points.append(_missing(None, T, "the levels of 1RSB merge close to here, and its fold was not resolved"))
    return points


def _spinodal_of_many_steps(target: Theory, temperatures: np.ndarray, symmetric: Symmetric) -> list[dict[str, Any]]:
    """The spinodal with symmetry broken in many steps, each temperature from the 1RSB one."""
    from dammech.phases.levels import level_spinodal

    points = []
    one = target.with_(ansatz="1rsb")
    for T, first in zip(temperatures.tolist(), _spinodal(one, temperatures, None, symmetric)):
        if first["ansatz"] == "rs" if first["converged"] else True:
            points.append(first)
            continue
        found = level_spinodal(target.model, steps_of(target.ansatz), temperature=T)
        if found is None:
            points.append(_missing(None, T, f"no {target.ansatz} spinodal was found from that with fewer steps"))
            continue
        point = _one_of(found.system, found.roots, found.outputs())
        sizes = [f"theta{k}" for k in range(1, found.system.steps + 1)]
        zero = T == 0
        points.append(_at_zero(point, target.ansatz, f"q{len(sizes)}", sizes) if zero else _record(point, "load", target.ansatz))
    return points


def _where_levels_merge(piece: Definition, value: float, which: int) -> list[dict[str, Any]]:
    """The spinodal at a load or temperature beyond the smallest gap that was solved for, interpolated to where it ends."""
    end = piece.end()
    roots = end.at(value, which) if end is not None else None
    if end is None or roots is None or not roots.converged[0]:
        return []
    solved = ("temperature", "load")[which]
    outputs = {name: float(v[0]) for name, v in end.system.outputs(roots.u, roots.p).items()}
    point = _record(_one_of(end.system, roots, outputs), solved, "1rsb")
    how = "the levels nearly merge: interpolated between folds and the replica-symmetric end"
    point["why"] = how if point["why"] is None else f"{point['why']}; {how}"
    return [point]


@cache
def _pieces(target: Theory) -> list[Definition]:
    return thermodynamic_pieces(target)


def _thermodynamic(
    target: Theory, temperatures: np.ndarray | None, loads: np.ndarray | None
) -> list[dict[str, Any]]:
    why = "no crossing of the retrieval state and its rival was found here"
    if loads is not None:
        pieces = [_of_curve(piece, loads, 0, "temperature") for piece in _pieces(target)]
        result = []
        for load, *parts in zip(loads.tolist(), *pieces):
            points = _apart([point for part in parts for point in part])
            result += points or [_missing(load, None, why)]
        return result
    assert temperatures is not None
    found: list[list[dict[str, Any]]] = [[] for _ in temperatures]
    for piece in _pieces(target):
        if piece.ansatz != "rs":
            for k in [k for k, T in enumerate(temperatures) if T == 0]:
                point = None if found[k] else _ground_record(piece)
                found[k] = found[k] if point is None else [point]
        rows = [k for k, points in enumerate(found) if not points and temperatures[k] > 0]
        if rows:
            for k, points in zip(rows, _of_curve(piece, temperatures[rows], 1, "load")):
                found[k] = points
    return [p for T, points in zip(temperatures.tolist(), found) for p in points or [_missing(None, T, why)]]


def _apart(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Points by temperature; those of two pieces at the temperature where one takes over from the other are one."""
    result: list[dict[str, Any]] = []
    for point in sorted(points, key=lambda p: p["temperature"]):
        if not result or point["temperature"] - result[-1]["temperature"] > 1e-7:
            result.append(point)
    return result


def _glass(
    target: Theory, line: str, temperatures: np.ndarray | None, loads: np.ndarray | None, symmetric: Symmetric
) -> list[dict[str, Any]]:
    hebbian = "load" in target.model.axes
    if is_continuous(target):
        why = (
            "the glass sets in continuously: the dynamic and the static transition are the spin-glass line, below which "
            "1RSB is unstable at once"
        )
        if hebbian:
            points = symmetric(temperatures=temperatures, loads=loads, line="spin-glass")
        else:  # Sherrington–Kirkpatrick: 1 = β² ξ''(0)
            points = [_continuous_point(target)]
        for point in points:
            point.update(ansatz="rs", **({"why": why} if point["converged"] else {}))
        return points
    piece = glass_line(target, line)
    if not hebbian:
        return _single_points(piece, line)
    given = temperatures if temperatures is not None else loads
    assert given is not None
    which, solved = (1, "load") if temperatures is not None else (0, "temperature")
    result: list[dict[str, Any]] = []
    positive = given > 0
    rows = iter(_of_curve(piece, given[positive], which, solved))
    for value in given.tolist():
        if value == 0:
            origin = {"temperature": 0.0, "load": 0.0, f"{solved}_error": 0.0, "m": 0.0, "residual": 0.0}
            result.append({**origin, "converged": True, "valid": True, "why": None, "ansatz": "1rsb"})
            continue
        load, T = (None, value) if which == 1 else (value, None)
        result += next(rows) or [_missing(load, T, f"no point of the {line} line was found here")]
    return result


def _single_points(piece: Definition, line: str) -> list[dict[str, Any]]:
    found = None if piece.curve is None else piece.curve.first
    if found is None:
        return [_missing(None, None, f"no {line} transition was found for this model")]
    point = _record(found, "temperature", "1rsb")
    if line == "gardner" and abs(point["replicon"]) < 1e-8:
        point.update(valid=True, why=None)
    return [point]


def _continuous_point(target: Theory) -> dict[str, Any]:
    system = compiled(target.with_(ansatz="rs"), "instability")
    found = Part(system, lambda u, p, free: np.ones(p.shape[1], dtype=bool)).first([(np.empty(0), np.array([0.9]))])
    if found is None:
        raise InputError(f"line: no instability of the paramagnet was found for {target.model!r}")
    return _record(found, "temperature", "rs")
