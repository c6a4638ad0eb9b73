"""Curves of a line of a free energy of one's own: traced through certified points, and solved again wherever it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.phases.curve import passing
from dammech.phases.saddles import Line, Part, Point
from dammech.solve.continuation import trace

_COARSE = 12


@dataclass
class Piece:
    """A traced curve of a line."""

    line: Line
    part: Part
    u: np.ndarray
    p: np.ndarray
    free: tuple[int, int]

    @cached_property
    def _table(self) -> np.ndarray:
        free = self.part.system.outputs(self.u, self.p, _COARSE)["free_energy"]
        return np.concatenate([self.p[list(self.free)], free[None]])

    def holds(self, point: Point) -> bool:
        """Whether a point lies on the curve."""
        if point.part is not self.part:
            return False
        place = np.array([*point.p[list(self.free)], point.outputs["free_energy"]])[:, None]
        first, second = self._table[:, :-1], self._table[:, 1:]
        unit = np.maximum(np.abs(place), 0.05)
        first, second, place = first / unit, second / unit, place / unit
        chord = second - first
        t = np.clip(((place - first) * chord).sum(axis=0) / np.maximum((chord**2).sum(axis=0), 1e-300), 0, 1)
        away = np.linalg.norm(first + t * chord - place, axis=0)
        return bool((away < 0.02 + 0.02 * np.linalg.norm(chord, axis=0)).any())

    def at(self, value: float, which: int) -> list[Point]:
        """Points where a parameter has a value, the other one solved for."""
        other = self.free[0] if which == self.free[1] else self.free[1]
        found = []
        for u, p in passing(self.u, self.p, which, value):
            p[which] = value
            found += self.line.certified(self.part, u[:, None], p[:, None], other)
        return found

    def spread(self, count: int, unit: np.ndarray) -> list[Point]:
        """So many points, evenly spaced in units of the two parameters, each solved for the one that varies less."""
        path = self.p[list(self.free)] / unit[:, None]
        length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=1), axis=0))])
        if length[-1] == 0:
            return self.line.certified(self.part, self.u[:, :1], self.p[:, :1], self.free[0])
        places = np.linspace(0, length[-1], count)
        u, p = (np.array([np.interp(places, length, row) for row in x]).reshape(len(x), count) for x in (self.u, self.p))
        k = np.clip(np.searchsorted(length, places) - 1, 0, len(length) - 2)
        steep = np.abs(np.diff(path, axis=1))[:, k]
        found: dict[int, Point] = {}
        for which, rows in zip(self.free, (steep[0] <= steep[1], steep[0] > steep[1])):
            solved = self.line.certified_rows(self.part, u[:, rows], p[:, rows], which)
            found.update({int(np.flatnonzero(rows)[row]): point for row, point in solved.items()})
        return [found[row] for row in sorted(found)]


def traced(line: Line, seeds: list[Point], free: tuple[int, int], box: np.ndarray) -> list[Piece]:
    """The curves through points, inside a box (low and high × parameters)."""
    found: list[Piece] = []
    for seed in seeds:
        if any(piece.holds(seed) for piece in found):
            continue
        unit = np.maximum(np.abs(seed.u), 0.3)
        scale = np.concatenate([unit, np.maximum(0.3, 0.5 * np.abs(seed.p[list(free)]))])
        halves = []
        for direction in (-1.0, 1.0):
            towards = np.zeros(scale.size)
            towards[-2:] = direction, 0.7 * direction

            def keep(u: np.ndarray, p: np.ndarray, seed: Point = seed) -> bool:
                within = np.all((p >= box[0]) & (p <= box[1]))
                # beyond a critical point the curve is its own mirror image
                if seed.part.zeros == ():
                    within &= all(u[k] * seed.u[k] >= 0 for k in line.mirrored)
                if line.kind == "transition":
                    apart = [line.whole(seed.part, x) - line.second(seed.part, x) for x in (u, seed.u)]
                    within &= apart[0] @ apart[1] > 0
                return bool(within and line.keep(seed.part, u[:, None], p[:, None], free)[0])

            halves.append(trace(
                seed.part.system, seed.u, seed.p, free, scale=scale, towards=towards, keep=keep, largest=0.15, step=0.05,
                tolerance=1e-11, order=_COARSE, lowest=line.lowest[list(free)],
            ))  # fmt: skip
        (down_u, down_p), (up_u, up_p) = halves
        u, p = (np.concatenate([a[:, :0:-1], b], axis=1) for a, b in ((down_u, up_u), (down_p, up_p)))
        found.append(Piece(line, seed.part, u, p, free))
    return found
