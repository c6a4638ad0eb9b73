"""``boundary`` with broken replica symmetry: which piece of a line answers at which temperature, and what its points say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import numpy as np

from dammech.declared.ansatz import steps_of
from dammech.equations import Theory, compiled
from dammech.errors import InputError
from dammech.phases.broken import glass_line, is_continuous, spinodal, thermodynamic_pieces
from dammech.phases.lines import Definition, answered
from dammech.phases.points import Part, Point, Record, record, unsolved
from dammech.solve.recorder import STABLE

#: lines of the glass at m = 0, which exist only with broken symmetry
GLASS_LINES = ("dynamic", "static", "gardner")

Symmetric = Callable[..., list[Record]]


def broken_points(target: Theory, line: str, axis: str, values: np.ndarray, symmetric: Symmetric) -> list[Record]:
    """Points of a line, canonical units, one or more for each value that was asked for.

    Parameters
    ----------
    target : Theory
        With ansatz ``1rsb``.
    line : str
    axis : str
        ``temperature`` or ``load``.
    values : array
    symmetric : callable
        The replica-symmetric points of the same line at values of an axis.
    """
    if steps_of(target.ansatz) > 1:
        if line in (*GLASS_LINES, "thermodynamic"):
            raise InputError(f"ansatz={target.ansatz!r}: the {line} line is computed with 1rsb; use ansatz='1rsb'")
        if line == "retrieval-spinodal":
            if axis == "load":
                raise InputError(f"loads: with ansatz={target.ansatz!r} the spinodal is found at given temperatures only")
            return _spinodal_of_many_steps(target, values, symmetric)
    if line in GLASS_LINES:
        return _glass(target, line, axis, values, symmetric)
    if line == "retrieval-spinodal":
        return _spinodal(target, axis, values, symmetric)
    if line == "thermodynamic":
        why = "no crossing of the retrieval state and its rival was found here"
        zero = _ground_record if axis == "temperature" else None
        return answered(_pieces(target), axis, values, _of_curve, zero, lambda value: unsolved(axis, value, why))
    return [point | {"ansatz": "rs"} for point in symmetric(axis, values)]


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


def _record(point: Point, solved: str, ansatz: str) -> Record:
    named = dict(zip(point.system.parameters, map(float, point.p)))
    T = named.get("T", 0.0)
    values = point.overlaps(T)
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


def _at_zero(point: Point, ansatz: str, innermost: str = "q1", sizes: Iterable[str] = ("theta",)) -> Record:
    """A point at T = 0, where the innermost overlap is 1 and no block has a size."""
    why = "T = 0: the replicon of the innermost level tends to −∞, a finite number of levels is unstable"
    limits = {innermost: 1.0, **dict.fromkeys(sizes, 0.0)}
    return {**_record(point, "load", ansatz), **limits, "replicon": None, "valid": False, "why": why}


def _ground_record(piece: Definition) -> Record | None:
    ground = None if piece.ansatz == "rs" else piece.ground()
    return None if ground is None else _at_zero(ground, piece.ansatz)


def _of_curve(piece: Definition, axis: str, values: np.ndarray) -> list[list[Record]]:
    """Records of one piece at each value of an axis: of what is solved on its curve, else of what its end is interpolated to."""
    which, solved = (1, "load") if axis == "temperature" else (0, "temperature")
    return [
        [_record(point, solved, piece.ansatz) for point in points] or _where_levels_merge(piece, value, which, solved)
        for value, points in zip(values.tolist(), piece.at(values, which))
    ]


def _where_levels_merge(piece: Definition, value: float, which: int, solved: str) -> list[Record]:
    """The spinodal beyond the smallest gap that was solved for, interpolated to where it ends."""
    end = piece.end()
    found = None if end is None else end.at(value, which)
    if found is None:
        return []
    point = _record(found, solved, "1rsb")
    how = "the levels nearly merge: interpolated between folds and the replica-symmetric end"
    return [point | {"why": how if point["why"] is None else f"{point['why']}; {how}"}]


# -- lines ------------------------------------------------------------------------------------------------------------


@cache
def _pieces(target: Theory) -> list[Definition]:
    return thermodynamic_pieces(target)


def _spinodal(target: Theory, axis: str, values: np.ndarray, symmetric: Symmetric) -> list[Record]:
    piece, points = spinodal(target), []
    warm = values[(values > 0) | (axis == "load")]
    broken, plain = iter(_of_curve(piece, axis, warm)), symmetric(axis, warm) if warm.size else []
    for value in values.tolist():
        if value == 0 and axis == "temperature":
            points.append(_ground_record(piece) or unsolved(axis, 0.0, "no 1RSB retrieval state was found at T = 0"))
            continue
        here, rs = next(broken), [point for point in plain if point[axis] == value]
        stable = [point | {"ansatz": "rs"} for point in rs if point["converged"] and point["valid"]]
        why = f"no point of the retrieval-spinodal line was found at this {axis}"
        if axis == "load":
            points += sorted([*here, *stable], key=lambda p: p["temperature"]) or [unsolved(axis, value, why)]
        elif stable:
            points.append(stable[-1] | {"why": "replica symmetry is stable on this part of the line"})
        elif here:
            points.append(max(here, key=lambda p: p["load"]))
        elif rs and rs[-1]["converged"]:
            points.append(unsolved(axis, value, "the levels of 1RSB merge close to here, and its fold was not resolved"))
        else:
            points.append(unsolved(axis, value, why) | {name: rs[-1][name] for name in ("why", "status") if rs})
    return points


def _spinodal_of_many_steps(target: Theory, temperatures: np.ndarray, symmetric: Symmetric) -> list[Record]:
    """The spinodal with symmetry broken in many steps, each temperature from the 1RSB one."""
    from dammech.phases.levels import level_spinodal

    points = []
    one = target.with_(ansatz="1rsb")
    for T, first in zip(temperatures.tolist(), _spinodal(one, "temperature", temperatures, symmetric)):
        if not first["converged"] or first["ansatz"] == "rs":
            points.append(first)
            continue
        found = level_spinodal(target.model, steps_of(target.ansatz), temperature=T)
        if found is None:
            why = f"no {target.ansatz} spinodal was found from that with fewer steps"
            points.append(unsolved("temperature", T, why))
            continue
        point, sizes = Point.of(found.system, found.roots), [f"theta{k}" for k in range(1, found.system.steps + 1)]
        cold = T == 0
        points.append(_at_zero(point, target.ansatz, f"q{len(sizes)}", sizes) if cold else _record(point, "load", target.ansatz))
    return points


def _glass(target: Theory, line: str, axis: str, values: np.ndarray, symmetric: Symmetric) -> list[Record]:
    hebbian = "load" in target.model.axes
    if is_continuous(target):
        why = (
            "the glass sets in continuously: the dynamic and the static transition are the spin-glass line, below which "
            "1RSB is unstable at once"
        )  # Sherrington–Kirkpatrick: 1 = β² ξ''(0)
        points = symmetric(axis, values, line="spin-glass") if hebbian else [_continuous_point(target)]
        return [point | {"ansatz": "rs"} | ({"why": why} if point["converged"] else {}) for point in points]
    piece = glass_line(target, line)
    if not hebbian:
        return _single_points(piece, line)
    solved = "load" if axis == "temperature" else "temperature"
    origin: Record = {"temperature": 0.0, "load": 0.0, f"{solved}_error": 0.0, "m": 0.0, "residual": 0.0}
    origin |= {"converged": True, "valid": True, "why": None, "ansatz": "1rsb"}
    why = f"no point of the {line} line was found here"
    return answered([piece], axis, values, _of_curve, lambda piece: dict(origin), lambda value: unsolved(axis, value, why))


def _single_points(piece: Definition, line: str) -> list[Record]:
    found = None if piece.curve is None else piece.curve.first
    if found is None:
        return [unsolved("temperature", None, f"no {line} transition was found for this model")]
    point = _record(found, "temperature", "1rsb")
    if line == "gardner" and abs(point["replicon"]) < 1e-8:
        point.update(valid=True, why=None)
    return [point]


def _continuous_point(target: Theory) -> Record:
    system = compiled(target.with_(ansatz="rs"), "instability")
    found = Part(system, lambda u, p, free: np.ones(p.shape[1], dtype=bool)).first([(np.empty(0), np.array([0.9]))])
    if found is None:
        raise InputError(f"line: no instability of the paramagnet was found for {target.model!r}")
    return _record(found, "temperature", "rs")
