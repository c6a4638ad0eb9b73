"""Points of a line, as every kind of line reports them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.declared.units import QUANTITIES, Convention
from dammech.errors import integer
from dammech.results.result import Result
from dammech.solve.recorder import in_units
from dammech.solve.solution import MOST_POINTS, Status


@dataclass(repr=False)
class Boundary(Result[dict[str, Any]]):
    """A line of the phase diagram, in the units of ``convention``.

    Attributes
    ----------
    points : list of dict
        temperature, load, load_error (temperature_error where the load was given), order parameters, residual,
        status, converged, valid, why.
    """

    quantities = QUANTITIES
    model: Any
    line: str
    ansatz: str
    convention: str
    points: list[dict[str, Any]]
    branch: str | None = None


def check_points(points: Any, least: int = 1) -> None:
    """Refuse a number of points along a line that is none, or more than anyone would wait for."""
    if points is not None:
        integer("points", points, least, MOST_POINTS)


def missing(
    place: Mapping[str, float | None], why: str, status: Status = "not-converged", names: Iterable[str] = ()
) -> dict[str, Any]:
    """The record of a point that was not found: where it was sought, with None for what was to be solved for, and why."""
    nothing: dict[str, Any] = {**place, **dict.fromkeys(names)}
    return {**nothing, "residual": None, "converged": False, "valid": None, "why": why, "status": status}


def symmetric_state(
    unknowns: Sequence[str], u: np.ndarray, outputs: Mapping[str, Any], T: float, k: int = 0
) -> dict[str, Any]:
    """Order parameters and quantities of a replica-symmetric state at point ``k`` of a line, and what it is worth."""
    values = {n: float(x) for n, x in zip(unknowns, u[:, k]) if not n.startswith("v_")}
    for name in ("C", "C_2") if T > 0 else ():
        if name in values:
            values[name.replace("C", "q")] = 1 - values.pop(name) * T
    told = {"m": values.pop("m", 0.0), "q": values.pop("q", 0.0 if T > 0 else 1.0), **values}
    told |= {name: float(v[k]) for name, v in outputs.items()}
    replicon, why = told.get("replicon"), None
    if T == 0:
        why = "T = 0: replica symmetry is unstable at every load > 0"
    elif replicon is not None and replicon < -1e-8:
        why = f"replica symmetry is unstable here (replicon {replicon:.3g} < 0)"
    return {**told, "valid": why is None, "why": why}


def as_asked(points: list[dict[str, Any]], units: Convention, asked: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """Canonical records in a convention's units; what was given of the parameters is told as it was."""
    told = [in_units(point, units) for point in points]
    for name, values in asked.items():
        for point in told:
            if point.get(name) is not None and values.size:
                near = float(values[np.abs(values - point[name]).argmin()])
                point[name] = near if abs(near - point[name]) <= 1e-12 * abs(near) else point[name]
    return told
