"""Lines of a free energy of one's own: nothing is known of its symmetries, and its parameters have any name and sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.phases.pieces import traced
from dammech.phases.points import Boundary
from dammech.phases.saddles import Line, Point, distinct
from dammech.solve.given import numbers

GIVEN_LINES: dict[str, str] = {
    "spinodal": "a locally stable state ends (fold)",
    "transition": "two distinct stable states have equal free energy",
    "instability": "a state in which some order parameters are zero becomes unstable towards them",
    "at": "the replicon vanishes on a stable state",
}
_ALIASES = {"retrieval-spinodal": "spinodal", "thermodynamic": "transition", "spin-glass": "instability"}
_ELSEWHERE = np.array([0.05, 0.2, 0.5, 1.0, 2.0])
_MOST_SCANNED = 12


def boundary_of_given(
    target: Theory, line: str, points: int | None, parameters: dict[str, Any], *, temperatures: Any, loads: Any
) -> Boundary:
    """Points of a line of a FreeEnergy: one parameter left out and solved for, at most one a sequence, the others numbers."""
    theory = target.given
    line = check_line(target, line)
    if points is not None:
        raise InputError(f"points={shown(points)}: give values of all parameters but the one to be solved for instead")
    values: dict[str, np.ndarray] = {}
    for name, value in {**parameters, "temperature": temperatures, "load": loads}.items():
        if value is not None:
            values[theory.parameter(name).name] = numbers(name, value)
    names = [s.name for s in theory.parameters]
    if not names:
        raise InputError("line: this free energy has no parameter, and so no lines")
    T = theory.temperature
    if theory.cold is not None and not values.get(T.name, np.ones(1)).all():
        return _down_to_zero(target, line, values)
    unknown = [name for name in names if name not in values]
    if len(unknown) != 1:
        raise InputError(f"parameters {unknown} are left out: leave exactly one of {names} out, to be solved for")
    varied = [name for name in values if values[name].size > 1]
    if len(varied) > 1:
        raise InputError(f"parameters {varied}: only one may be a sequence")
    solved = names.index(unknown[0])
    others = [name for name in names if name in values]
    given = names.index((varied or others)[0]) if others else None
    asked = values[names[given]] if given is not None else np.zeros(1)
    base = np.repeat(np.array([values[n][0] if n in values else 0.0 for n in names])[:, None], asked.size, axis=1)
    if given is not None:
        base[given] = asked
    rows, reach = _found(Line(target, line), base, solved, given)
    grid = {name: asked.size for name in varied} or {"point": 1}
    result = Boundary(target.subject, line, target.ansatz, "canonical", [], grid=grid)
    for k in range(asked.size):
        known = {name: float(base[j, k]) for j, name in enumerate(names) if j != solved}
        if rows[k]:
            result.points += [record(point, names, solved) for point in sorted(rows[k], key=lambda x: float(x.p[solved]))]
        else:
            why = f"the search found no point of the {line} line here"
            missing = {**known, unknown[0]: None, "residual": None, "converged": False, "valid": None}
            result.points.append({**missing, "why": why + (f"; it found some {reach}" if reach else "")})
    return result


def _down_to_zero(target: Theory, line: str, values: dict[str, np.ndarray]) -> Boundary:
    """The line at temperatures of which some are zero, where the theory is another."""
    temperature = target.given.temperature.name
    others: dict[str, Any] = {name: value for name, value in values.items() if name != temperature}
    ground = target.with_(given=target.given.zero_temperature)
    parts = {0.0: boundary_of_given(ground, line, None, others, temperatures=None, loads=None)}
    for point in parts[0.0].points:
        point[temperature] = 0.0
    if values[temperature].size == 1:
        return replace(parts[0.0], model=target.subject)
    if warm := values[temperature][values[temperature] > 0].tolist():
        parts[1.0] = boundary_of_given(target, line, None, {**others, temperature: warm}, temperatures=None, loads=None)
    every = [point for part in parts.values() for point in part.points]
    ordered = [point for T in values[temperature].tolist() for point in every if point[temperature] == T]
    return Boundary(
        target.subject, line, target.ansatz, "canonical", ordered, grid={temperature: values[temperature].size}
    )


def lines_of(theory: Any) -> list[str]:
    """The lines that a free energy of one's own has: those that it declares, else those that every one has."""
    return list(theory.lines) or [name for name in GIVEN_LINES if name != "at" or theory.replicon is not None]


def check_line(target: Theory, line: Any) -> str:
    """The name of a line of a free energy of one's own."""
    theory = target.given
    name = _ALIASES.get(line, line) if isinstance(line, str) and line not in theory.lines else line
    one_of("line", name, [*theory.lines, *GIVEN_LINES], "for this free energy")
    if name in theory.lines:
        return str(name)
    if name == "at" and target.given.replicon is None:
        raise InputError("line='at': this free energy was given no replicon")
    return name


def _found(line: Line, base: np.ndarray, solved: int, given: int | None) -> tuple[list[list[Point]], str]:
    """Points at each column, and in words where else the line is."""
    count = base.shape[1]
    scanned = np.unique(np.linspace(0, count - 1, min(count, _MOST_SCANNED)).round().astype(int))
    seeds = line.scan(base[:, scanned], solved)
    rows: list[list[Point]] = [[] for _ in range(count)]
    for point in seeds:
        place = scanned[np.abs(base[:, scanned] - point.p[:, None])[np.arange(len(base)) != solved].sum(axis=0).argmin()
                        ] if given is not None else 0  # fmt: skip
        rows[place].append(point)
    if given is None or all(rows[k] for k in range(count)):
        return rows, ""
    if not all(rows[k] for k in scanned):
        elsewhere = np.repeat(base[:, :1], _ELSEWHERE.size, axis=1)
        elsewhere[given] = _ELSEWHERE
        seeds = seeds + line.scan(elsewhere, solved)
    box = np.array([np.full(len(base), -np.inf), np.full(len(base), np.inf)])
    margin = 0.3 + 0.2 * np.abs(base[given])
    box[:, given] = min((base[given] - margin).min(), 0.0), max((base[given] + margin).max(), 2.5)
    box[:, solved] = -200, 200
    pieces = traced(line, distinct(seeds), (solved, given), box)
    for k, value in enumerate(base[given].tolist()):
        rows[k] = distinct([*rows[k], *(point for piece in pieces for point in piece.at(value, given))])
    ends = [x for piece in pieces for x in piece.p[given]]
    name = line.state.parameters[given]
    return rows, f"for {name} between {min(ends):.4g} and {max(ends):.4g}" if ends else ""


def record(point: Point, names: list[str], solved: int) -> dict[str, Any]:
    """A point as it is reported."""
    system = point.part.system
    values = {n: float(x) for n, x in zip(system.unknowns, point.u) if not n.startswith("v_")}
    order = point.order_parameters
    held = {order[k]: 0.0 for k in point.part.zeros} | {f"{order[k]}_2": 0.0 for k in point.part.rival}
    replicon = point.outputs.get("replicon")
    unstable = replicon is not None and replicon < -1e-8
    return {
        **dict(zip(names, map(float, point.p))),
        f"{names[solved]}_error": float(point.error[-1]),
        **held,
        **values,
        **point.outputs,
        "residual": point.residual,
        "converged": True,
        "valid": not unstable,
        "why": f"the ansatz is unstable here (replicon {replicon:.3g} < 0)" if unstable else None,
    }
