"""``boundary``: points of a line with their errors and verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dammech.equations import Given, Theory
from dammech.errors import InputError, NotConverged, shown
from dammech.phases import given as _own
from dammech.phases.breaking import GLASS_LINES
from dammech.phases.lines import LINES
from dammech.phases.models import boundary_of_model
from dammech.phases.points import Boundary
from dammech.registry import answers_of, system_of
from dammech.results.result import axes_of
from dammech.solve.branches import check_ansatz
from dammech.solve.given import taken_as_it_is
from dammech.solve.recorder import in_units
from dammech.solve.solution import check_temperatures, grid_of, number


def boundary(
    theory: Given,
    line: str,
    *,
    temperatures: Any = None,
    loads: Any = None,
    rates: Any = None,
    points: int | None = None,
    ansatz: str | None = None,
    convention: str = "canonical",
    branch: str | None = None,
    throw: bool = False,
    **parameters: Any,
) -> Boundary:
    """Points of a line of the phase diagram.

    Parameters
    ----------
    theory : model, Derivation or FreeEnergy
    line : str
        One of `LINES`. For a FreeEnergy of one's own: ``spinodal``, ``transition``, ``instability``, or ``at`` where it
        was given a replicon.
    temperatures, loads : float or sequence, optional
        Where to find it: at these temperatures (0 included), or at these loads, where every temperature of a re-entrant
        line is returned. Give one of them, or ``points``.
    rates : float or sequence, optional
        Rates of forgetting, for the lines of a memory that forgets which are asked for at a rate.
    points : int
        So many temperatures over the whole line (50).
    ansatz : str, optional
        ``rs``; ``1rsb`` for the lines that exist only with it. Where symmetry is not broken a point says ``"ansatz": "rs"``.
    convention : str
    branch : str, optional
        ``retrieval`` or ``disordered``, for ``zero-entropy``.
    throw : bool
        Raise where a point was not found.
    **parameters
        For a FreeEnergy of one's own: all but one, which is solved for; at most one of them a sequence, the others numbers.

    Raises
    ------
    InputError
    NotConverged
        With ``throw``, when a point does not exist.
    """
    glass = isinstance(line, str) and line in GLASS_LINES
    if ansatz is None:
        ansatz = "1rsb" if glass else "rs"
    if check_ansatz(ansatz) == "rs" and glass:
        raise InputError(f"ansatz='rs': the {line} line exists with broken replica symmetry only; use '1rsb'")
    target = Theory.of(theory, ansatz)
    if target.given is not None:
        taken_as_it_is(target, ansatz=(ansatz, "rs"), branch=(branch, None), convention=(convention, "canonical"))
        own = {"rates": rates, "temperature": temperatures, "load": loads, **parameters}
        result = _own.boundary_of_given(target, line, points, own, convention)
    elif answers_of(target.model) is not None:
        for name, value in {"points": points, "branch": branch, **parameters}.items():
            if value is not None:
                system = system_of(target.model).name
                raise InputError(f"{name}={shown(value)}: a {system} takes temperatures, rates and loads only")
        result = _boundary_of_system(target, line, {"temperature": temperatures, "rate": rates, "load": loads}, convention)
    else:
        if rates is not None:
            raise InputError(f"rates={shown(rates)}: this model does not forget, and so has no rate")
        if parameters:
            raise InputError(f"{', '.join(parameters)}: a model takes temperatures, loads or points only")
        result = boundary_of_model(target, line, temperatures, loads, points, convention, branch)
    if result.grid is None:
        axis = "temperature" if loads is None else "load"
        places = [point.get(axis) for point in result.points]
        result.grid = {axis: len(places)} if len(set(places)) == len(places) and None not in places else None
    for point in result.points:
        point.setdefault("status", "converged" if point["converged"] else "not-converged")
    if throw and not result.converged:
        bad = next((p for p in result.points if not p["converged"]), {"why": "no point of the line was found"})
        raise NotConverged(f"{line}: {bad['why']}", result)
    return result


def lines_of(theory: Given) -> list[str]:
    """Names of the lines that a theory has, for `boundary`."""
    target = Theory.of(theory)
    if target.given is not None:
        return _own.lines_of(target.given)
    own = answers_of(target.model)
    return list(LINES if own is None else own.LINES)


def _boundary_of_system(target: Theory, line: str, given: Mapping[str, Any], convention: str) -> Boundary:
    """Points of a line that a system finds by itself, over the grid of the axes that are given."""
    model, system, own = target.model, system_of(target.model), answers_of(target.model)
    assert own is not None
    if line not in own.LINES:
        raise InputError(f"line={line!r}: a {system.name} has {', '.join(own.LINES)}")
    given = {name: value for name, value in given.items() if value is not None}
    point, units = own.line(target, line, given), model.convention(convention)
    values = {name: number(name, value, positive=name != "temperature") for name, value in given.items()}
    unit = in_units(dict.fromkeys(values, 1.0), units)
    check_temperatures(values["temperature"], values["temperature"] / unit["temperature"], target.ansatz)
    points = []
    for row in grid_of(*values.values()).tolist():
        asked = dict(zip(values, row))
        found = point(**{name: value / unit[name] for name, value in asked.items()})
        points.append(in_units(found, units) | asked)
    return Boundary(model, line, target.ansatz, convention, points, grid=axes_of(**given) or {"temperature": 1})
