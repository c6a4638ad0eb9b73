"""Lines of a free energy of one's own: nothing is known of its symmetries, and its parameters have any name and sign."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.phases.pieces import traced
from dammech.phases.points import Boundary, Point, as_asked, missing, record
from dammech.phases.saddles import Line, distinct
from dammech.solve.given import numbers
from dammech.solve.recorder import Asked, in_units

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
    target: Theory, line: str, points: int | None, parameters: dict[str, Any], convention: str = "canonical"
) -> Boundary:
    """Points of a line of a FreeEnergy: one parameter left out and solved for, at most one a sequence, the others numbers."""
    theory = target.given
    line = check_line(target, line)
    if points is not None:
        raise InputError(f"points={shown(points)}: give values of all parameters but the one to be solved for instead")
    asked = {theory.parameter(name).name: numbers(name, value) for name, value in parameters.items() if value is not None}
    names = [s.name for s in theory.parameters]
    if not names:
        raise InputError("line: this free energy has no parameter, and so no lines")
    unknown = [name for name in names if name not in asked]
    if len(unknown) != 1:
        raise InputError(f"parameters {unknown} are left out: leave exactly one of {names} out, to be solved for")
    varied = [name for name in asked if asked[name].size > 1]
    if len(varied) > 1:
        raise InputError(f"parameters {varied}: only one may be a sequence")
    units = Asked(target, None, convention).units
    one = in_units(dict.fromkeys(names, 1.0), units)
    count = max((values.size for values in asked.values()), default=1)
    columns = {name: np.broadcast_to(values / one[name], count) for name, values in asked.items()}
    T = theory.temperature.name if theory.cold is not None else ""
    frozen = columns.get(T, np.ones(count)) == 0
    found: dict[int, list[dict[str, Any]]] = {}
    for zero in (True, False):
        rows = np.flatnonzero(frozen == zero)
        if rows.size:
            here = target.with_(given=theory.zero_temperature) if zero else target
            place = {name: values[rows] for name, values in columns.items() if not (zero and name == T)}
            records = _records(here, line, place, unknown[0], varied[0] if varied else "")
            found.update(zip(rows.tolist(), [[{T: 0.0, **point} for point in some] for some in records] if zero else records))
    every = as_asked([point for k in range(count) for point in found[k]], units, asked)
    grid = {name: count for name in varied} or {"point": 1}
    return Boundary(target.subject, line, target.ansatz, convention, every, grid=grid)


def _records(
    target: Theory, line: str, columns: dict[str, np.ndarray], unknown: str, varied: str
) -> list[list[dict[str, Any]]]:
    """Points at each column of the other parameters, or one that says that none was found."""
    names = [s.name for s in target.given.parameters]
    solved, others = names.index(unknown), [name for name in names if name in columns]
    given = names.index(varied if varied in columns else others[0]) if others else None
    count = max((values.size for values in columns.values()), default=1)
    base = np.array([columns.get(name, np.zeros(count)) for name in names])
    rows, reach = _found(Line(target, line), base, solved, given)
    nowhere = f"the search found no point of the {line} line here" + (f"; it found some {reach}" if reach else "")
    return [
        [told(point, names, solved) for point in sorted(rows[k], key=lambda x: float(x.p[solved]))]
        or [missing({name: None if name == unknown else float(x) for name, x in zip(names, base[:, k])}, nowhere)]
        for k in range(count)
    ]


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
    for piece in pieces:
        rows = [[*before, *further] for before, further in zip(rows, piece.at(base[given], given))]
    rows = [distinct(points) for points in rows]
    ends = [x for piece in pieces for x in piece.p[given]]
    name = line.state.parameters[given]
    return rows, f"for {name} between {min(ends):.4g} and {max(ends):.4g}" if ends else ""


def told(point: Point, names: list[str], solved: int) -> dict[str, Any]:
    """A point as it is reported."""
    replicon = point.outputs.get("replicon", 0.0)
    why = f"the ansatz is unstable here (replicon {replicon:.3g} < 0)" if replicon < -1e-8 else None
    return record(point, dict(zip(names, map(float, point.p))), names[solved], point.values | point.outputs, why)
