"""A line of the phase diagram as a curve of solutions of an augmented system: found once, traced, refined anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.equations import Equations
from dammech.phases.points import Part, Point, Seeds
from dammech.solve.continuation import both_ways
from dammech.solve.newton import newton

#: points per quadrature panel while tracing and guessing; every reported point is solved again
COARSE = 12

_HALVINGS = 6


@dataclass
class Piece:
    """A path of points of a line in the plane of two parameters: wherever it is asked the line is solved again.

    Attributes
    ----------
    part : Part
        Whose points these are, roughly.
    u, p : arrays
        Unknowns and parameters × points.
    free : (int, int)
        Indices of the two parameters: the one solved for (the load) and the one given (the temperature).
    unit : array
        Their natural sizes.
    """

    part: Part
    u: np.ndarray
    p: np.ndarray
    free: tuple[int, int]
    unit: np.ndarray

    def at(self, values: np.ndarray, which: int) -> list[list[Point]]:
        """Points where parameter ``which`` has each of some values, the other one solved for."""
        other = self.free[0] if which == self.free[1] else self.free[1]
        reach = 0.05 * self.unit[self.free.index(which)]
        guesses: list[tuple[np.ndarray, np.ndarray]] = []
        owner: list[int] = []
        for index, value in enumerate(values if self.u.shape[1] else ()):
            # just beyond an end of the traced piece its end is a guess
            ends = [(self.u[:, k], self.p[:, k]) for k in (0, -1) if abs(self.p[which, k] - value) < reach]
            guesses += (here := passing(self.u, self.p, which, value) or ends)
            owner += [index] * len(here)
        found: list[list[Point]] = [[] for _ in values]
        if not owner:
            return found
        start_u, start_p = (np.array(x).T.reshape(-1, len(owner)) for x in zip(*guesses))
        start_p[which] = np.asarray(values, dtype=float)[owner]
        lowest, system = float(self.part.lowest[other]), self.part.system
        rough = newton(system, start_u, start_p, (other,), steps=12, polish=False, order=COARSE, lowest=lowest)
        for row, point in self.part.certified(rough.u, rough.p, other).items():
            known = found[owner[row]]
            if not any(abs(x.p[other] - point.p[other]) <= 1e-8 * abs(point.p[other]) for x in known):
                known.append(point)
        return found

    def spread(self, count: int, unit: np.ndarray) -> list[Point]:
        """So many points, evenly spaced in units of the two parameters, each solved for the one that varies less."""
        path = self.p[list(self.free)] / unit[:, None]
        length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=1), axis=0))])
        if length[-1] == 0:
            return list(self.part.certified(self.u[:, :1], self.p[:, :1], self.free[0]).values())
        places = np.linspace(0, length[-1], count)
        u, p = (np.array([np.interp(places, length, row) for row in x]).reshape(len(x), count) for x in (self.u, self.p))
        k = np.clip(np.searchsorted(length, places) - 1, 0, len(length) - 2)
        steep = np.abs(np.diff(path, axis=1))[:, k]
        found: dict[int, Point] = {}
        for which, rows in zip(self.free, (steep[0] <= steep[1], steep[0] > steep[1])):
            solved = self.part.certified(u[:, rows], p[:, rows], which)
            found.update({int(np.flatnonzero(rows)[row]): point for row, point in solved.items()})
        return [found[row] for row in sorted(found)]

    def holds(self, point: Point) -> bool:
        """Whether a point lies on the path."""
        if point.system is not self.part.system:
            return False
        place = np.array([*point.p[list(self.free)], point.outputs["free_energy"]])[:, None]
        first, second = self._table[:, :-1], self._table[:, 1:]
        unit = np.maximum(np.abs(place), 0.05)
        first, second, place = first / unit, second / unit, place / unit
        chord = second - first
        t = np.clip(((place - first) * chord).sum(axis=0) / np.maximum((chord**2).sum(axis=0), 1e-300), 0, 1)
        away = np.linalg.norm(first + t * chord - place, axis=0)
        return bool((away < 0.02 + 0.02 * np.linalg.norm(chord, axis=0)).any())

    @cached_property
    def _table(self) -> np.ndarray:
        free = self.part.system.outputs(self.u, self.p, COARSE)["free_energy"]
        return np.concatenate([self.p[list(self.free)], free[None]])


@dataclass
class Curve:
    """Solutions of ``system`` in the plane of two parameters.

    Attributes
    ----------
    system : Equations
    free : (int, int)
        Indices of the two parameters: the one solved for (the load) and the one given (the temperature).
    seeds : callable
        Approximate points (u, p) on the curve, best first.
    keep : callable
        Whether solutions (u × B, p × B) belong to the line.
    scale : array
        Natural size of unknowns and of the two parameters.
    largest : float
        Largest arclength between traced points.
    bottom : float
        Smallest value of the given parameter to trace to; an anchor serves for guesses below.
    follow : callable, optional
        Which solutions are worth tracing to, where those are fewer.
    beyond : callable, optional
        What to make of the traced points (u, p): it may add some found in another way.
    """

    system: Equations
    free: tuple[int, int]
    seeds: Callable[[], Seeds]
    keep: Callable[[np.ndarray, np.ndarray], np.ndarray]
    scale: np.ndarray
    largest: float = 0.8
    bottom: float = 0.0
    follow: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    beyond: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]] | None = None

    @cached_property
    def part(self) -> Part:
        """What is solved, and which solutions are kept."""
        return Part(self.system, lambda u, p, free: self.keep(u, p))

    @cached_property
    def first(self) -> Point | None:
        """The first point that seeds lead to."""
        return self.part.first(self.seeds(), self.free[0])

    @cached_property
    def skeleton(self) -> tuple[np.ndarray, np.ndarray]:
        """Points along the curve, ordered from low to high values of the given parameter at its first piece."""
        return self.traced if self.beyond is None else self.beyond(*self.traced)

    @cached_property
    def traced(self) -> tuple[np.ndarray, np.ndarray]:
        """The part of the skeleton that continuation gives."""
        given = self.free[1]
        follow = self.keep if self.follow is None else self.follow
        if self.first is None:
            return np.empty((len(self.system.unknowns), 0)), np.empty((len(self.system.parameters), 0))
        return both_ways(
            self.system, self.first.u, self.first.p, self.free, scale=self.scale, towards=np.eye(len(self.scale))[-1],
            keep=lambda a, b: bool(b[given] > self.bottom and follow(a[:, None], b[:, None])[0]), largest=self.largest,
            step=0.08, tolerance=1e-5, order=COARSE, lowest=min(self.bottom, 0.0),
        )  # fmt: skip

    def at(
        self, values: np.ndarray, which: int, anchor: tuple[np.ndarray, np.ndarray] | None = None
    ) -> list[list[Point]]:
        """Points of the curve where parameter ``which`` has each of some values, the other one solved for.

        An ``anchor`` (u, p) is a further point at the low end of the curve, for guesses there.
        """
        u, p = self.skeleton if which == self.free[1] else self._with_extrema
        if anchor is None and which == self.free[1] and p.shape[1] > 1 and self.bottom >= 0:
            u, p = self._down_to(float(np.min(values, initial=np.inf)), u, p)
        if anchor is not None and u.shape[1]:
            u, p = (np.column_stack(pair) for pair in zip(anchor, (u, p)))
        return Piece(self.part, u, p, self.free, self.scale[-2:]).at(values, which)

    def _down_to(self, least: float, u: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The skeleton with further points at its low end, where a line that ends at zero obeys a power law."""
        solved, given = self.free
        if int(np.argmin(p[given])) != 0:
            return u, p
        while 0 < least < p[given, 0]:
            value = max(p[given, 0] / 3, 0.9 * least)
            with np.errstate(all="ignore"):
                rate = np.log(value / p[given, 0]) / np.log(p[given, 0] / p[given, 1])
                power = [np.nan_to_num(x[:, 0] * np.abs(x[:, 0] / x[:, 1]) ** rate) for x in (u, p)]
            power[1][given] = value
            share = (value - p[given, 0]) / (p[given, 1] - p[given, 0])
            ahead = np.stack([power[0], u[:, 0] + share * (u[:, 1] - u[:, 0])], axis=1)  # an unknown may have a limit
            found = self.part.certified(ahead, np.stack([power[1]] * 2, axis=1), solved)
            if not found:
                break
            point = found[min(found)]
            u, p = np.column_stack([point.u, u]), np.column_stack([point.p, p])
        return u, p

    @cached_property
    def _with_extrema(self) -> tuple[np.ndarray, np.ndarray]:
        """The skeleton with more points where the parameter that is solved for is extremal: a load there has two temperatures."""
        solved, given = self.free
        u, p = self.skeleton
        for _ in range(_HALVINGS if p.shape[1] > 2 else 0):
            rise = np.diff(p[solved])
            ends = np.flatnonzero(rise[:-1] * rise[1:] < 0) + 1
            pairs = sorted({k for j in ends.tolist() for k in (j - 1, j) if p[given, k] != p[given, k + 1]})
            if not pairs:
                break
            middle_u, middle_p = (0.5 * (x[:, pairs] + x[:, [k + 1 for k in pairs]]) for x in (u, p))
            roots = newton(self.system, middle_u, middle_p, (solved,), steps=12, polish=False, order=COARSE)
            good = np.flatnonzero(roots.converged & self.keep(roots.u, roots.p))
            if good.size == 0:
                break
            where = np.array(pairs)[good] + 1
            u, p = np.insert(u, where, roots.u[:, good], axis=1), np.insert(p, where, roots.p[:, good], axis=1)
        return u, p


def passing(u: np.ndarray, p: np.ndarray, which: int, value: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Where a path of points (unknowns and parameters × points) passes a value of a parameter, by straight lines."""
    gap = p[which] - value
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for k in np.flatnonzero((gap[:-1] * gap[1:] <= 0) & (gap[:-1] != gap[1:])).tolist():
        t = gap[k] / (gap[k] - gap[k + 1])
        found.append(((1 - t) * u[:, k] + t * u[:, k + 1], (1 - t) * p[:, k] + t * p[:, k + 1]))
    return found
