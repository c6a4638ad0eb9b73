"""Points of a line, as every kind of line reports them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dammech.declared.units import QUANTITIES
from dammech.errors import integer
from dammech.results.result import Result
from dammech.solve.solution import MOST_POINTS


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
