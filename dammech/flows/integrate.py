"""One trajectory, followed to a steady state by an adaptive integrator that stops at every kink of the velocity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.integrate import DOP853, LSODA, Radau
from scipy.optimize import brentq

from dammech.errors import InputError, one_of, shown
from dammech.flows.dynamics import Flow, as_flow, kink_rates
from dammech.results.result import Result
from dammech.systems.lagrangian.model import Network

METHODS: dict[str, Any] = {"DOP853": DOP853, "Radau": Radau, "LSODA": LSODA}
VERDICTS = ("converged", "timed out", "diverged", "failed")

_STIFF = 300.0  # fastest rate × slowest time constant, above which an implicit method takes fewer steps
_FAR = 1e8  # times the size of start and bias
_TIGHTER = 1e-2  # of the second run that estimates the error
_LOWEST = 3e-14  # relative tolerance that double precision can serve
_SAMPLES = np.linspace(0, 1, 9)[1:]  # of a step, where crossings are looked for
_MOST_CROSSINGS = 2000
_MOST_STEPS = 200_000


@dataclass(frozen=True)
class Crossing:
    """The passage of a kink.

    Attributes
    ----------
    time : float
    kink : int
        Which of the flow's ``distances``; for layers of one jump each, the neuron.
    upward : bool
        Whether the distance becomes positive.
    state : ndarray
    """

    time: float
    kink: int
    upward: bool
    state: np.ndarray


@dataclass(repr=False)
class Trajectory(Result[dict[str, Any]]):
    """A trajectory with its verdict.

    Attributes
    ----------
    flow : Flow
    times : ndarray
        The integrator's own, kinks included.
    states : ndarray
        times × variables.
    verdict : str
        ``converged`` (the residual is below its bound times the largest of its terms, or times 1), ``timed out``,
        ``diverged`` or ``failed``.
    residual : float
        Largest component of W g + b − x (or what takes its place in another flow) at the end.
    error : float
        Largest difference from a run with a tolerance a hundred times larger, at any of that run's times.
    crossings : list of Crossing
    method : str
        Of the last piece.
    why : str or None
        In words, where it did not converge.
    """

    quantities = {"time": ("time constants", "time")}
    flow: Flow
    times: np.ndarray
    states: np.ndarray
    verdict: str
    residual: float
    error: float
    crossings: list[Crossing]
    method: str
    why: str | None = None
    pieces: list[tuple[float, float, Callable[[float], np.ndarray]]] = field(default_factory=list, repr=False)

    @property
    def end(self) -> np.ndarray:
        """The last state."""
        return np.asarray(self.states[-1])

    def at(self, times: Any) -> np.ndarray:
        """States at given times (...,), to the integrator's accuracy: (..., variables).

        Raises
        ------
        InputError
            For times before the start or after the end.
        """
        wanted = np.asarray(times, dtype=float)
        if wanted.size and not (wanted.min() >= 0 and wanted.max() <= self.times[-1]):
            raise InputError(f"times: must lie between 0 and {self.times[-1]:g}, where the trajectory ends")
        starts = np.array([a for a, _, _ in self.pieces])
        result = np.empty((wanted.size, self.flow.size))
        which = np.clip(np.searchsorted(starts, wanted.ravel(), side="right") - 1, 0, None)
        for k, (t, piece) in enumerate(zip(wanted.ravel(), which)):
            result[k] = self.pieces[piece][2](t) if self.pieces else self.states[0]
        return result.reshape(*wanted.shape, self.flow.size)

    @property
    def points(self) -> list[dict[str, Any]]:
        """The state at every time."""
        return [{"time": t, "state": state} for t, state in zip(self.times.tolist(), self.states.tolist())]

    @property
    def converged(self) -> bool:
        """Whether the residual came below its bound."""
        return self.verdict == "converged"

    def head(self) -> dict[str, Any]:
        """The flow and the verdict."""
        names = ("verdict", "converged", "residual", "error", "method", "why")
        return {"flow": self.flow.name, **{name: getattr(self, name) for name in names}}

    def to_json(self) -> dict[str, Any]:
        """The trajectory as a plain document."""
        crossings = [{"time": c.time, "kink": c.kink, "upward": c.upward} for c in self.crossings]
        return {**self.head(), "times": self.times.tolist(), "states": self.states.tolist(), "crossings": crossings}


def trajectory(
    net: Network | Flow,
    start: Any,
    until: float | None = None,
    residual: float = 1e-10,
    accuracy: float = 1e-9,
    method: str | None = None,
) -> Trajectory:
    """Follow one trajectory until the residual W g + b − x is small, never until the energy stands still.

    Every kink of the velocity that is met ends a piece: its time is located, the integrator is led exactly there and
    started afresh, so that no step straddles it. All is done twice, and the run with the tighter tolerance is returned.

    Parameters
    ----------
    net : Network or Flow
        A network stands for its own flow.
    start : array_like
        The flow's variables (for a network: its fields).
    until : float, optional
        Time limit; 1,000 of the longest time constant.
    residual : float
        Where to stop, in units of the largest term of the residual (at least 1).
    accuracy : float
        Relative tolerance of a step in the run that the error is estimated with.
    method : str, optional
        ``DOP853``, ``Radau`` or ``LSODA``; else chosen by stiffness at the start and after each kink.

    Returns
    -------
    Trajectory

    Raises
    ------
    InputError
        For a start of the wrong shape or with numbers that are not finite, an unknown method, or bounds that are not
        positive.
    """
    flow = as_flow(net)
    x = _start(flow, start)
    limit = 1000 * flow.slowest if until is None else until
    for name, value in (("until", limit), ("residual", residual), ("accuracy", accuracy)):
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
            raise InputError(f"{name}={shown(value)}: must be a positive number")
    if method is not None:
        one_of("method", method, METHODS)
    rough = _Run(flow, x, limit, residual, max(accuracy, _LOWEST / _TIGHTER), method)
    fine = _Run(flow, x, limit, residual, max(accuracy * _TIGHTER, _LOWEST), method)
    found = Trajectory(
        flow, np.array(fine.times), np.array(fine.states), fine.verdict, fine.residual, 0.0, fine.crossings, fine.method,
        fine.why, fine.pieces,
    )  # fmt: skip
    shared = [k for k, t in enumerate(rough.times) if t <= fine.times[-1]]
    error = np.abs(found.at([rough.times[k] for k in shared]) - np.array(rough.states)[shared]).max()
    return Trajectory(**{**found.__dict__, "error": float(error)})


class _Run:
    """One run, piece by piece between kinks."""

    def __init__(self, flow: Flow, x: np.ndarray, limit: float, residual: float, accuracy: float, method: str | None) -> None:
        self.flow, self.limit, self.bound = flow, limit, residual
        self.accuracy, self.absolute = accuracy, min(accuracy, residual) / 100
        self.far = _FAR * (1 + float(np.abs(x).max()))
        self.times, self.states = [0.0], [x]
        self.pieces: list[tuple[float, float, Callable[[float], np.ndarray]]] = []
        self.crossings: list[Crossing] = []
        self.verdict = ""
        self.why: str | None = None
        self.sides = self._first_sides(x)
        self.method = method or ""
        self.residual = self._checked()
        while not self.verdict:
            self.method = method or _chosen(flow, self.states[-1])
            self._piece()

    def _piece(self) -> None:
        """Up to the next kink, or to the end."""
        solver, tolerance = self._solver(self.limit), self._tolerance()
        while not self.verdict:
            if self._tolerance() < 0.3 * tolerance:
                return None  # and go on with a tighter one
            t = self.times[-1]
            message = solver.step()
            if solver.status == "failed":
                return self._ended("failed", f"the integrator could not go on at t = {t:g}: {message}")
            dense = solver.dense_output()
            met = self._first_crossing(t, solver.t, dense)
            if met is not None:
                return self._land(*met)
            self._accept(solver.t, solver.y, dense)
            if not self.verdict and solver.status == "finished":
                return self._ended("timed out", f"the residual is {self.residual:.3g} at t = {self.limit:g}")

    def _land(self, kink: int, time: float) -> None:
        """Go exactly to the kink and to its other side."""
        t = self.times[-1]
        if time - t > 1e-14 * (1 + t):
            solver = self._solver(time, first_step=time - t)
            while solver.status == "running":
                message = solver.step()
                if solver.status == "failed":
                    return self._ended("failed", f"the integrator could not go on at t = {self.times[-1]:g}: {message}")
                self._accept(solver.t, solver.y, solver.dense_output())
                if self.verdict:
                    return None
            self._snap(kink)
        upward = bool(self.sides[kink] < 0)
        self.crossings.append(Crossing(self.times[-1], kink, upward, self.states[-1].copy()))
        self.sides[kink] *= -1
        if len(self.crossings) >= _MOST_CROSSINGS:
            self._ended("failed", f"more than {_MOST_CROSSINGS} kinks were crossed")
        return None

    def _snap(self, kink: int) -> None:
        """The last of the distance, far below the tolerance, by Newton's method in time."""
        x, velocity = self.states[-1], self.flow.velocity(self.states[-1])
        rate = kink_rates(self.flow, x, velocity)[kink]
        if rate != 0:
            step = -self.flow.distances(x)[kink] / rate
            if abs(step) < 1e-3 * self.flow.slowest:
                self.states[-1] = x + step * velocity
                self.times[-1] += step

    def _accept(self, t: float, x: np.ndarray, dense: Callable[[float], np.ndarray]) -> None:
        self.pieces.append((self.times[-1], t, dense))
        self.times.append(float(t))
        self.states.append(np.array(x))
        self.residual = self._checked()
        if self.sides.size and not self.sides.all():
            self.sides = np.where(self.sides == 0, np.sign(self.flow.distances(x)), self.sides)
        if not self.verdict and len(self.times) > _MOST_STEPS:
            self._ended("timed out", f"{_MOST_STEPS} steps were taken")

    def _checked(self) -> float:
        x = self.states[-1]
        residual = float(self.flow.residual(x))
        if not np.isfinite(residual):
            self._ended("failed", "the velocity is not finite here: the Lagrangian has a singular point")
        elif residual <= self.bound * max(1.0, float(self.flow.scale(x))):
            self.verdict = "converged"
        elif np.abs(x).max() > self.far:
            self._ended("diverged", f"the state has grown to {np.abs(x).max():.3g}")
        return residual

    def _ended(self, verdict: str, why: str) -> None:
        self.verdict, self.why = verdict, why

    def _first_crossing(self, t: float, end: float, dense: Any) -> tuple[int, float] | None:
        """Which kink is met first in a step, and when."""
        if not self.sides.size:
            return None
        times = t + (end - t) * _SAMPLES
        beyond = self.sides * self.flow.distances(dense(times).T) < 0
        if not beyond.any():
            return None
        first = int(np.argmax(beyond.any(axis=1)))
        low, high = (times[first - 1] if first else t), times[first]
        return min(((int(k), self._met(int(k), low, high, dense)) for k in np.flatnonzero(beyond[first])), key=lambda m: m[1])

    def _met(self, kink: int, low: float, high: float, dense: Any) -> float:
        def distance(t: float) -> float:
            return float(self.sides[kink] * self.flow.distances(dense(t))[kink])

        if distance(low) <= 0:
            return low
        return float(brentq(distance, low, high, xtol=1e-15, rtol=1e-14))

    def _first_sides(self, x: np.ndarray) -> np.ndarray:
        """On which side of each kink the trajectory begins; on a kink, where it goes."""
        distances = self.flow.distances(x)
        return np.where(distances != 0, np.sign(distances), np.sign(kink_rates(self.flow, x, self.flow.velocity(x))))

    def _solver(self, until: float, **options: Any) -> Any:
        if self.method != "DOP853" and self.flow.jacobian is not None:
            jacobian = self.flow.jacobian
            options["jac"] = lambda t, x: jacobian(x)
        make, velocity = METHODS[self.method], self.flow.velocity
        options |= {"rtol": self._tolerance(), "atol": self.absolute}
        return make(lambda t, x: velocity(x), self.times[-1], self.states[-1], until, **options)

    def _tolerance(self) -> float:
        if self.method != "DOP853":
            return self.accuracy
        return float(tightened(self.accuracy, self.residual, np.abs(self.states[-1]).max()))


def tightened(accuracy: float, residual: Any, size: Any) -> np.ndarray:
    """The relative tolerance of an explicit step: near rest its length is at the limit of stability, and its error, which
    is then as large as allowed, must not hide that the residual vanishes."""
    return np.minimum(accuracy, np.maximum(1e-3 * residual / (1 + size), _LOWEST))


def _chosen(flow: Flow, x: np.ndarray) -> str:
    """An explicit method, unless the fastest rate is far from the slowest."""
    if flow.jacobian is None:
        return "DOP853"
    jacobian = flow.jacobian(x)
    if not np.isfinite(jacobian).all():  # a singular point that the velocity does not see
        return "DOP853"
    fastest = np.abs(np.linalg.eigvals(jacobian)).max()
    return "Radau" if fastest * flow.slowest > _STIFF else "DOP853"


def _start(flow: Flow, start: Any) -> np.ndarray:
    try:
        x = np.array(start, dtype=float)
    except Exception:  # ragged lists, and objects whose conversion fails
        raise InputError(f"start: must be {flow.size} numbers") from None
    if x.shape != (flow.size,) or not np.all(np.isfinite(x)):
        raise InputError(f"start: must be {flow.size} finite numbers, the variables of the flow {flow.name}")
    return x
