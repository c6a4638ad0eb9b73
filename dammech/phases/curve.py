"""A line of the phase diagram as a curve of solutions of an augmented system: found once, traced, refined anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.equations import Equations
from dammech.solve.continuation import trace
from dammech.solve.newton import Roots, newton

_COARSE = 12  # points per quadrature panel while tracing and guessing; every reported point is solved again

_HALVINGS = 6

Seed = tuple[np.ndarray, np.ndarray]
Seeds = Callable[[], Iterable[Seed]]


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
    seeds: Seeds
    keep: Callable[[np.ndarray, np.ndarray], np.ndarray]
    scale: np.ndarray
    largest: float = 0.8
    bottom: float = 0.0
    follow: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    beyond: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]] | None = None

    @cached_property
    def skeleton(self) -> tuple[np.ndarray, np.ndarray]:
        """Points along the curve, ordered from low to high values of the given parameter at its first piece."""
        return self.traced if self.beyond is None else self.beyond(*self.traced)

    @cached_property
    def traced(self) -> tuple[np.ndarray, np.ndarray]:
        """The part of the skeleton that continuation gives."""
        solved, given = self.free
        follow = self.keep if self.follow is None else self.follow
        for u, p in self.seeds():
            roots = newton(self.system, u[:, None], p[:, None], (solved,))
            if not (roots.converged[0] and self.keep(roots.u, roots.p)[0]):
                continue
            start_u, start_p = roots.u[:, 0], roots.p[:, 0]
            pieces = []
            for direction in (-1.0, 1.0):
                towards = np.zeros(len(self.scale))
                towards[-1] = direction
                pieces.append(
                    trace(
                        self.system,
                        start_u,
                        start_p,
                        (solved, given),
                        scale=self.scale,
                        towards=towards,
                        keep=lambda a, b: bool(b[given] > self.bottom and follow(a[:, None], b[:, None])[0]),
                        largest=self.largest,
                        step=0.08,
                        tolerance=1e-5,
                        order=_COARSE,
                        lowest=min(self.bottom, 0.0),
                    )
                )
            (down_u, down_p), (up_u, up_p) = pieces
            return (np.concatenate([down_u[:, :0:-1], up_u], axis=1), np.concatenate([down_p[:, :0:-1], up_p], axis=1))
        return np.empty((len(self.system.unknowns), 0)), np.empty((len(self.system.parameters), 0))

    def at(
        self, values: np.ndarray, which: int, anchors: tuple[np.ndarray, np.ndarray] | None = None
    ) -> list[list[int]]:
        """Points of the curve where a parameter has the given values; fills `points` and returns their rows by value.

        Parameters
        ----------
        values : array
        which : int
            Index of the parameter that is given; the other one is solved for.
        anchors : (u, p), optional
            A further point at the low end of the curve, for guesses there.
        """
        u, p = self.skeleton if which == self.free[1] else self._with_extrema
        if anchors is None and which == self.free[1] and p.shape[1] > 1 and self.bottom >= 0:
            u, p = self._down_to(float(np.min(values)), u, p)
        if anchors is not None and u.shape[1]:
            u, p = np.concatenate([anchors[0][:, None], u], axis=1), np.concatenate([anchors[1][:, None], p], axis=1)
        other = self.free[0] if which == self.free[1] else self.free[1]
        guesses: list[Seed] = []
        owner: list[int] = []
        reach = 0.05 * self.scale[-1 if which == self.free[1] else -2]
        for index, value in enumerate(values if u.shape[1] else ()):
            # just beyond an end of the traced piece its end is a guess
            ends = [(u[:, k], p[:, k]) for k in (0, -1) if abs(p[which, k] - value) < reach]
            guesses += (here := passing(u, p, which, value) or ends)
            owner += [index] * len(here)
        rows: list[list[int]] = [[] for _ in values]
        if not owner:
            self.points = None
            return rows
        start_u, start_p = (np.array(x).T.reshape(-1, len(owner)) for x in zip(*guesses))
        start_p[which] = np.asarray(values, dtype=float)[owner]
        rough = newton(self.system, start_u, start_p, (other,), steps=12, polish=False, order=_COARSE)
        self.points = newton(self.system, rough.u, rough.p, (other,))
        good = self.points.converged & self.keep(self.points.u, self.points.p)
        for row, index in enumerate(owner):
            same = [
                r
                for r in rows[index]
                if abs(self.points.p[other, r] - self.points.p[other, row]) <= 1e-8 * abs(self.points.p[other, row])
            ]
            if good[row] and not same:
                rows[index].append(row)
        return rows

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
            roots = newton(self.system, ahead, np.stack([power[1]] * 2, axis=1), (solved,))
            good = np.flatnonzero(roots.converged & self.keep(roots.u, roots.p))[:1]
            if good.size == 0:
                break
            u, p = np.concatenate([roots.u[:, good], u], axis=1), np.concatenate([roots.p[:, good], p], axis=1)
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
            roots = newton(self.system, middle_u, middle_p, (solved,), steps=12, polish=False, order=_COARSE)
            good = np.flatnonzero(roots.converged & self.keep(roots.u, roots.p))
            if good.size == 0:
                break
            where = np.array(pairs)[good] + 1
            u, p = np.insert(u, where, roots.u[:, good], axis=1), np.insert(p, where, roots.p[:, good], axis=1)
        return u, p

    def refine(self, u: np.ndarray, p: np.ndarray) -> None:
        """Solve again at the given points, at fixed values of the given parameter; fills `points`."""
        self.points = newton(self.system, u, p, (self.free[0],))

    points: Roots | None = None


def passing(u: np.ndarray, p: np.ndarray, which: int, value: float) -> list[Seed]:
    """Where a path of points (unknowns and parameters × points) passes a value of a parameter, by straight lines."""
    gap = p[which] - value
    found: list[Seed] = []
    for k in np.flatnonzero((gap[:-1] * gap[1:] <= 0) & (gap[:-1] != gap[1:])).tolist():
        t = gap[k] / (gap[k] - gap[k + 1])
        found.append(((1 - t) * u[:, k] + t * u[:, k + 1], (1 - t) * p[:, k] + t * p[:, k + 1]))
    return found
