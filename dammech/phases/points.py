"""Points of a line, as every kind of line reports them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def as_asked(points: list[dict[str, Any]], units: Convention, asked: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """Canonical records in a convention's units; what was given of the parameters is told as it was."""
    told = [in_units(point, units) for point in points]
    for name, values in asked.items():
        for point in told:
            if point.get(name) is not None and values.size:
                near = float(values[np.abs(values - point[name]).argmin()])
                point[name] = near if abs(near - point[name]) <= 1e-12 * abs(near) else point[name]
    return told
