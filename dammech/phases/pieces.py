"""Curves of a line of a free energy of one's own, traced through certified points."""

from __future__ import annotations

import numpy as np

from dammech.declared.states import Crossing
from dammech.phases.curve import COARSE, Piece
from dammech.phases.points import Part, Point
from dammech.phases.saddles import Line
from dammech.solve.continuation import both_ways


def traced(line: Line, seeds: list[Point], free: tuple[int, int], box: np.ndarray) -> list[Piece]:
    """The curves through points, inside a box (low and high × parameters)."""
    found: list[Piece] = []
    for seed in seeds:
        if any(piece.holds(seed) for piece in found):
            continue
        part = next(part for part in line.parts if part.system is seed.system)
        unit = np.maximum(0.3, 0.5 * np.abs(seed.p[list(free)]))

        def keep(u: np.ndarray, p: np.ndarray, seed: Point = seed, part: Part = part) -> bool:
            within = np.all((p >= box[0]) & (p <= box[1]))
            # beyond a critical point the curve is its own mirror image
            if part.zeros == ():
                within &= all(u[k] * seed.u[k] >= 0 for k in line.mirrored)
            if isinstance(line.kind, Crossing):
                apart = [line.whole(part, x) - line.second(part, x) for x in (u, seed.u)]
                within &= apart[0] @ apart[1] > 0
            return bool(within and part.keep(u[:, None], p[:, None], free)[0])

        u, p = both_ways(
            part.system, seed.u, seed.p, free, scale=np.concatenate([np.maximum(np.abs(seed.u), 0.3), unit]),
            towards=np.array([*np.zeros(seed.u.size), 1.0, 0.7]), keep=keep, largest=0.15, step=0.05, tolerance=1e-11,
            order=COARSE, lowest=line.lowest[list(free)],
        )  # fmt: skip
        found.append(Piece(part, u, p, free, unit))
    return found
