"""Points of a line, as every kind of line reports them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import integer
from dammech.solve.solution import MOST_POINTS, described


@dataclass
class Boundary:
    """A line of the phase diagram, in the units of ``convention``.

    Attributes
    ----------
    points : list of dict
        temperature, load, load_error (temperature_error where the load was given), order parameters, residual,
        status, converged, valid, why.
    """

    model: Any
    line: str
    ansatz: str
    convention: str
    points: list[dict[str, Any]]
    branch: str | None = None

    @property
    def converged(self) -> bool:
        """Whether every point that was asked for was found."""
        return bool(self.points) and all(p["converged"] for p in self.points)

    def __getitem__(self, name: str) -> np.ndarray:
        """One column, nan where it is not known."""
        return np.array([np.nan if p.get(name) is None else p[name] for p in self.points], dtype=float)

    def to_json(self) -> dict[str, Any]:
        """The document that ``dammech boundary --json`` prints."""
        return {
            "model": described(self.model),
            "line": self.line,
            "ansatz": self.ansatz,
            "convention": self.convention,
            "branch": self.branch,
            "points": self.points,
        }


def check_points(points: Any, least: int = 1) -> None:
    """Refuse a number of points along a line that is none, or more than anyone would wait for."""
    if points is not None:
        integer("points", points, least, MOST_POINTS)
