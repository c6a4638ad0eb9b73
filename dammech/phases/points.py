"""Points of a line, as every kind of line reports them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.declared.units import QUANTITIES, Convention
from dammech.equations import Equations
from dammech.errors import integer
from dammech.results.result import Result
from dammech.solve.newton import Roots, newton
from dammech.solve.recorder import in_units
from dammech.solve.solution import MOST_POINTS, Status

Seeds = Iterable[tuple[np.ndarray, np.ndarray]]
Record = dict[str, Any]


@dataclass(eq=False)
class Point:
    """A certified point of a line: a root of a system of equations, and the errors of its unknowns and of what was solved for.

    ``held`` are the names of order parameters that are zero on the line, and so no unknowns.
    """

    system: Equations
    u: np.ndarray
    p: np.ndarray
    residual: float
    error: np.ndarray
    outputs: dict[str, float]
    held: tuple[str, ...] = ()

    @classmethod
    def of(cls, system: Equations, roots: Roots, row: int = 0, held: tuple[str, ...] = ()) -> Point:
        """That in a row of what Newton's method found."""
        told = {name: float(v[0]) for name, v in system.outputs(roots.u[:, [row]], roots.p[:, [row]]).items()}
        own = roots.u[:, row], roots.p[:, row], float(roots.residual[row]), roots.error[:, row]
        return cls(system, *own, told, held)

    @property
    def values(self) -> dict[str, float]:
        """Order parameters by name."""
        own = {n: float(x) for n, x in zip(self.system.unknowns, self.u) if not n.startswith("v_")}
        return dict.fromkeys(self.held, 0.0) | own

    def overlaps(self, T: float) -> dict[str, float]:
        """The same, with q in the place of C = (1 − q)/T where T > 0, and q_1 in that of the gap of levels."""
        values = self.values
        for name in ("C", "C_2") if T > 0 else ():
            if name in values:
                values[name.replace("C", "q")] = 1 - values.pop(name) * T
        if "gap" in values:
            values["q1"] = values["q0"] + values.pop("gap") * (1 - values["q0"])
        return values

    def same(self, other: Point) -> bool:
        """Whether both say the same: mirror images of a state have its free energy."""
        close = np.abs(self.p - other.p) <= 1e-7 * np.maximum(np.abs(self.p), 1e-2)
        gap = abs(self.outputs["free_energy"] - other.outputs["free_energy"])
        return bool(close.all()) and gap <= 1e-6 * max(1e-2, abs(self.outputs["free_energy"]))


@dataclass(eq=False)
class Part:
    """A system of equations whose solutions are points of a line, where they are kept.

    Attributes
    ----------
    system : Equations
    keep : callable
        Which solutions (u × B, p × B, indices of the parameters that were solved for) belong to the line.
    lowest : sequence of float
        Below which there is nothing new, for each parameter.
    held : tuple of str
        Names of order parameters that are zero on it.
    state : Compiled, optional
        The state that is followed in search of it.
    zeros, rival : tuple of int
        Which of all order parameters vanish in it, and in the second state of a transition.
    """

    system: Equations
    keep: Callable[[np.ndarray, np.ndarray, tuple[int, ...]], np.ndarray]
    lowest: Sequence[float] | np.ndarray = (0.0, 0.0)
    held: tuple[str, ...] = ()
    state: Any = None
    zeros: tuple[int, ...] = ()
    rival: tuple[int, ...] = ()

    def certified(self, u: np.ndarray, p: np.ndarray, which: int) -> dict[int, Point]:
        """The points of the line that guesses lead to, solved for parameter ``which``, by the row of the guess."""
        if p.shape[1] == 0:
            return {}
        roots = newton(self.system, u, p, (which,), lowest=float(self.lowest[which]))
        good = np.flatnonzero(roots.converged)
        if good.size:
            good = good[self.keep(roots.u[:, good], roots.p[:, good], (which,))]
        outputs = self.system.outputs(roots.u[:, good], roots.p[:, good]) if good.size else {}
        return {
            row: Point(self.system, roots.u[:, row], roots.p[:, row], float(roots.residual[row]), roots.error[:, row],
                       {name: float(v[k]) for name, v in outputs.items()}, self.held)
            for k, row in enumerate(good.tolist())
        }  # fmt: skip

    def first(self, seeds: Seeds, which: int = 0) -> Point | None:
        """The first point that seeds lead to."""
        found = (self.certified(u[:, None], p[:, None], which) for u, p in seeds)
        return next((points[0] for points in found if points), None)


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


def unsolved(
    axis: str, value: float | None, why: str, status: Status = "not-converged", names: tuple[str, ...] = ("m",)
) -> Record:
    """The record of a point of a model's line that was not found at a temperature or load, without order parameters."""
    other = "load" if axis == "temperature" else "temperature"
    return missing({"temperature": None, "load": None, axis: value}, why, status, (f"{other}_error", *names))


def record(
    point: Point, place: Mapping[str, float | None], solved: str, state: Mapping[str, Any], why: str | None
) -> dict[str, Any]:
    """A certified point as it is reported: where it is, what was solved for, its state, and why that is not valid."""
    error = {f"{solved}_error": float(point.error[-1])}
    return {**place, **error, **state, "residual": point.residual, "converged": True, "valid": why is None, "why": why}


def symmetric_state(point: Point, T: float) -> dict[str, Any]:
    """Order parameters and quantities of a replica-symmetric state, and what it is worth."""
    values, replicon, why = point.overlaps(T), point.outputs.get("replicon"), None
    told = {"m": values.pop("m", 0.0), "q": values.pop("q", 0.0 if T > 0 else 1.0), **values, **point.outputs}
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
