"""The phase diagram of a free energy of one's own: its lines over what there is to see, and which state rules between them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.phases.curve import Piece, passing
from dammech.phases.given import lines_of, told
from dammech.phases.pieces import traced
from dammech.phases.points import Boundary
from dammech.phases.regions import Region
from dammech.phases.saddles import Line, distinct
from dammech.solve.declared import ZERO, belongs
from dammech.solve.strands import all_states

_FAR = 5.0
_COLDEST = 5e-3
_SEEDS = np.array([0.02, 0.15, 0.4, 0.7, 1.05, 1.6, 2.6])
_COLUMNS = 48
_EQUAL = 1e-9


@dataclass
class Plane:
    """What a free energy of two parameters has to show; ``axes`` are the indices of the horizontal and the vertical one."""

    target: Theory
    axes: tuple[int, int]
    lines: list[Boundary] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)


def plane_of(target: Theory, points: int, up: str | None = None) -> Plane:
    """Lines with so many points each, and regions, of a free energy of two parameters.

    Parameters
    ----------
    target : Theory
    points : int
    up : str, optional
        The parameter that is drawn upwards; the temperature, or the first, where not given.
    """
    theory = target.given
    names = [s.name for s in theory.parameters]
    up = up if up is not None else theory.temperature.name if theory.temperature is not None else names[0]
    vertical = names.index(up)
    plane = Plane(target, (1 - vertical, vertical))
    named = {name: _traced(Line(target, name), plane.axes) for name in lines_of(theory)}
    pieces = [piece for some in named.values() for piece in some]
    window = _window(pieces, plane.axes)
    window[0] = np.maximum(window[0], Line(target, "spinodal").lowest[list(plane.axes)])
    unit = window[1] - window[0]
    for name, some in named.items():
        parts = [part for piece in some for part in _visible(piece, window)]
        lengths = np.array([np.linalg.norm(np.diff(part.p[list(plane.axes)] / unit[:, None], axis=1), axis=0).sum()
                            for part in parts])  # fmt: skip
        shares = _shares(lengths, points)
        records = [told(point, names, plane.axes[0]) | {"piece": k} for k, (part, count) in enumerate(zip(parts, shares))
                   for point in part.spread(int(count), unit)]  # fmt: skip
        if records:
            plane.lines.append(Boundary(target.subject, name, target.ansatz, "canonical", records))
    plane.regions = _regions(plane, pieces, window)
    return plane


def _traced(line: Line, axes: tuple[int, int]) -> list[Piece]:
    """The pieces of a line, sought along both parameters."""
    seeds = []
    for which in axes:
        other = 1 - which
        values = _SEEDS if line.lowest[other] == 0 else np.concatenate([-_SEEDS[::-1], [0.0], _SEEDS])
        base = np.zeros((2, values.size))
        base[other] = values
        seeds += line.scan(base, which)
    box = np.array([np.maximum(line.lowest, -_FAR), np.full(2, _FAR)])
    temperature = line.target.given.temperature
    if temperature is not None:
        box[0, line.state.parameters.index(temperature.name)] = _COLDEST
    within = [s for s in distinct(seeds) if np.all(s.p >= box[0]) and np.all(s.p <= box[1])]
    return traced(line, within, axes, box)


def _window(pieces: list[Piece], axes: tuple[int, int]) -> np.ndarray:
    """What is shown, low and high × axes: every end and turn of a line."""
    marks = [np.zeros(2)]
    for piece in pieces:
        path = piece.p[list(axes)]
        marks += [path[:, k] for k in _ends_and_turns(path) if np.abs(path[:, k]).max() < 0.9 * _FAR]
    low, high = np.min(marks, axis=0), np.max(marks, axis=0)
    margin = np.where(high - low < 0.1, 1.0, 0.5 * (high - low))
    return np.array([low - margin, high + margin])


def _ends_and_turns(path: np.ndarray) -> set[int]:
    turns = [k + 1 for row in path for k in np.flatnonzero(np.diff(row)[:-1] * np.diff(row)[1:] < 0)]
    return {0, path.shape[1] - 1, *turns}


def _visible(piece: Piece, window: np.ndarray) -> list[Piece]:
    """The parts of a piece that lie in the window."""
    path = piece.p[list(piece.free)]
    margin = 1e-9 * (window[1] - window[0])
    inside = np.all((path >= (window[0] - margin)[:, None]) & (path <= (window[1] + margin)[:, None]), axis=0)
    ends = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]])))
    return [replace(piece, u=piece.u[:, a:b], p=piece.p[:, a:b]) for a, b in ends.reshape(-1, 2)]


def _shares(lengths: np.ndarray, points: int) -> np.ndarray:
    """How many of the points of a line each of its parts has."""
    if lengths.size == 0:
        return np.zeros(0, dtype=int)
    share = lengths / lengths.sum() if lengths.sum() > 0 else np.full(lengths.size, 1 / lengths.size)
    count = np.maximum(1, np.floor(points * share).astype(int))
    count[share.argmax()] += max(0, points - count.sum())
    return count


# -- regions ----------------------------------------------------------------------------------------------------------


def _regions(plane: Plane, pieces: list[Piece], window: np.ndarray) -> list[Region]:
    """Columns of the plane, cut where lines cross them; what has one name in neighbouring columns is one region."""
    edge = 1e-4 * (window[1] - window[0])
    (left, bottom), (right, top) = window[0] + edge, window[1]
    paths = [piece.p[list(piece.free)] for piece in pieces]
    marks = np.array([path[0, k] for path in paths for k in _ends_and_turns(path)])
    marks = np.concatenate([marks - 2 * edge[0], marks + 2 * edge[0]])  # there bands begin and end
    columns = np.unique(np.concatenate([np.linspace(left, right, _COLUMNS), marks[(marks > left) & (marks < right)]]))
    columns = columns[np.diff(columns, append=np.inf) > 1e-3 * edge[0]]
    bands: list[list[tuple[float, float]]] = []
    for x in columns:
        cuts = sorted({bottom, top, *(y for path in paths for _, (_, y) in passing(path[:0], path, 0, x) if bottom < y < top)})
        bands.append([pair for pair in itertools.pairwise(cuts) if pair[1] - pair[0] > edge[1]])
    flat = [(x, *band) for x, column in zip(columns, bands) for band in column]
    p = np.zeros((2, len(flat)))
    p[plane.axes[0]], p[plane.axes[1]] = np.array([[x, (low + high) / 2] for x, low, high in flat]).T
    labels = iter(_named(plane.target, p))
    chains: list[tuple[tuple[str, str | None], list[tuple[float, float, float]]]] = []
    before: list[int] = []
    for x, column in zip(columns, bands):
        merged: list[tuple[tuple[str, str | None], float, float]] = []
        for low, high in column:
            label = next(labels)
            if merged and merged[-1][0] == label:
                low = merged.pop()[1]
            merged.append((label, low, high))
        now = []
        for label, low, high in merged:
            # as many as in the column before: one continues the other, however steep they are
            earlier, here = ([k for k in before if chains[k][0] == label], [band for band in merged if band[0] == label])
            same = earlier[here.index((label, low, high))] if len(earlier) == len(here) else None
            touching = [k for k in earlier if chains[k][1][-1][1] < high and chains[k][1][-1][2] > low and k not in now]
            chain = same if same is not None else next(iter(touching), len(chains))
            if chain == len(chains):
                chains.append((label, []))
            now.append(chain)
            chains[chain][1].append((x, low, high))
        before = now
    return [_region(name, why, chain, (right - left) / (_COLUMNS - 1)) for (name, why), chain in chains]


def _region(name: str, why: str | None, chain: list[tuple[float, float, float]], width: float) -> Region:
    x, low, high = np.array(chain).T
    if x.size == 1:  # as wide as a column
        x, low, high = np.array([x[0] - width / 2, x[0] + width / 2]), np.repeat(low, 2), np.repeat(high, 2)
    outline = np.concatenate([np.stack([x, low], axis=1), np.stack([x, high], axis=1)[::-1]])
    return Region(name, outline, why is None, why, ("given",) if why is None else ())


def _named(target: Theory, p: np.ndarray) -> list[tuple[str, str | None]]:
    """For each point the name of the stable state of lowest free energy, and of those beside it; and why it is not valid."""
    line = Line(target, "spinodal")
    u, ok = all_states(line.state, p)
    names: list[tuple[str, str | None]] = []
    for k in range(p.shape[1]):
        states = u[:, ok[:, k], k]
        at = np.repeat(p[:, [k]], states.shape[1], axis=1)
        states = states[:, line.stable(states, at)] if states.size else states
        if states.shape[1] == 0:
            names.append(("no stable state found", None))
            continue
        outputs = line.state.outputs(states, p[:, [k]].repeat(states.shape[1], axis=1))
        free = outputs["free_energy"]
        order = sorted(range(free.size), key=lambda j: (round(float(free[j]) / _EQUAL), *(-states[:, j]).round(4)))
        best = order[0]
        phases = _phases(target.given, states)
        name = phases[best]
        others = [phases[j] for j in order[1:]
                  if free[j] - free[best] > 1e-7 * max(1.0, abs(free[best]))]  # fmt: skip
        beside = [other for other in dict.fromkeys(others) if other != name]
        replicon = outputs["replicon"][best] if "replicon" in outputs else 0.0
        why = "the ansatz is unstable here: the replicon is negative" if replicon < -1e-8 else None
        names.append((name + (f" (metastable: {'; '.join(beside)})" if beside else ""), why))
    return names


def _phases(theory: Any, u: np.ndarray) -> list[str]:
    """What each of these states is called: by the branches that were declared, or by its order parameters."""
    unknowns = [s.name for s in theory.order_parameters]
    found = [_pattern(unknowns, x) for x in u.T]
    for name, condition in reversed(theory.branches.items()):
        inside = belongs(condition, theory.order_parameters, u)
        found = [name if here else other for here, other in zip(inside, found)]
    return found


def _pattern(unknowns: list[str], u: np.ndarray) -> str:
    """Which order parameters are zero and what sign the others have, in words."""
    zero = [name for name, x in zip(unknowns, u) if abs(x) < ZERO]
    signs = [f"{name} {'>' if x > 0 else '<'} 0" for name, x in zip(unknowns, u) if abs(x) >= ZERO]
    return ", ".join([*signs, *([" = ".join([*zero, "0"])] if zero else [])])
