"""Lines of a free energy of one's own: nothing is known of its symmetries, and its parameters have any name and sign."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dammech.equations import Compiled, Theory, compiled
from dammech.errors import InputError
from dammech.phases.points import Boundary
from dammech.solve.continuation import trace
from dammech.solve.newton import newton
from dammech.solve.strands import Strands, all_states, strands

GIVEN_LINES: dict[str, str] = {
    "spinodal": "a locally stable state ends (fold)",
    "transition": "two distinct stable states have equal free energy",
    "instability": "a state in which some order parameters are zero becomes unstable towards them",
    "at": "the replicon vanishes on a stable state",
}
_ALIASES = {"retrieval-spinodal": "spinodal", "thermodynamic": "transition", "spin-glass": "instability"}
_POSITIVE = np.geomspace(2e-3, 60.0, 26)
_ELSEWHERE = np.array([0.05, 0.2, 0.5, 1.0, 2.0])
_MOST_SCANNED = 12
_MOST_GUESSES = 400
_MOST_POINTS = 100_000
_COARSE = 12


@dataclass(eq=False)
class Point:
    """A certified point of a line: which part of it, unknowns, parameters, residual, and errors of unknowns and parameters."""

    part: Part
    u: np.ndarray
    p: np.ndarray
    residual: float
    error: np.ndarray
    outputs: dict[str, float]

    def same(self, other: Point) -> bool:
        """Whether both say the same: mirror images of a state have its free energy."""
        close = np.abs(self.p - other.p) <= 1e-7 * np.maximum(np.abs(self.p), 1e-2)
        gap = abs(self.outputs["free_energy"] - other.outputs["free_energy"])
        return bool(close.all()) and gap <= 1e-6 * max(1e-2, abs(self.outputs["free_energy"]))


@dataclass(eq=False)
class Part:
    """One system of equations of a line, and the state that is followed to find its solutions.

    ``zeros`` are the indices of order parameters that vanish on it, ``held`` their names.
    """

    state: Compiled
    system: Compiled
    zeros: tuple[int, ...] = ()
    held: tuple[str, ...] = ()


@dataclass
class Line:
    """A line of ``target`` in the space of its parameters."""

    target: Theory
    name: str

    @cached_property
    def state(self) -> Compiled:
        """The saddle point, with nothing known of it."""
        return compiled(self.target, "state")

    @property
    def size(self) -> int:
        """Number of order parameters."""
        return len(self.state.unknowns)

    @cached_property
    def parts(self) -> list[Part]:
        """Its systems of equations."""
        if self.name == "spinodal":
            return [Part(self.state, compiled(self.target, "fold"))]
        if self.name == "transition":
            return [Part(self.state, compiled(self.target, "crossing", self.target))]
        if self.name == "at":
            return [Part(self.state, compiled(self.target, "zero", "replicon"))]
        names, found = self.state.unknowns, []
        for count in range(1, self.size + 1):
            for zeros in itertools.combinations(range(self.size), count):
                held = self.target.with_(fixed=tuple((names[k], 0) for k in zeros))
                if self._vanish(zeros, self._anywhere(200)).any():
                    zero = tuple(names[k] for k in zeros)
                    system = compiled(self.target, "instability", *zero)
                    found.append(Part(compiled(held, "state"), system, zeros, zero))
        return found

    def _anywhere(self, count: int) -> np.ndarray:
        """Arbitrary parameters, some of them zero, some equal to one."""
        random = np.random.default_rng(3)
        p = random.uniform(0.3, 1.5, (len(self.state.parameters), count))
        return p * random.choice([0.0, 1.0], p.shape, p=[0.3, 0.7])

    def _vanish(self, zeros: tuple[int, ...], p: np.ndarray) -> np.ndarray:
        """At which parameters the equations of some order parameters hold when these are zero, whatever the others are."""
        random = np.random.default_rng(4)
        holds = np.ones(p.shape[1], dtype=bool)
        known = np.zeros(p.shape[1], dtype=bool)
        for _ in range(6):
            u = random.uniform(0.05, 0.9, (self.size, p.shape[1]))
            u[list(zeros)] = 0.0
            value = np.abs(self.state.residual(u, p)[list(zeros)]).max(axis=0)
            known |= np.isfinite(value)
            holds &= ~(value > 1e-13)
        return holds & known

    @cached_property
    def lowest(self) -> np.ndarray:
        """Below which a parameter says nothing new: zero where f is even in it, or not defined, and for a temperature."""
        random = np.random.default_rng(5)
        p = random.uniform(0.2, 1.2, (len(self.state.parameters), 40))
        u = random.uniform(0.1, 0.9, (self.size, 40))
        value = self.state.residual(u, p)
        found = np.full(len(p), -np.inf)
        temperature = self.target.given.temperature
        for k, symbol in enumerate(self.target.given.parameters):
            mirrored = p.copy()
            mirrored[k] *= -1
            other = self.state.residual(u, mirrored)
            even = not np.any(np.abs(other - value) > 1e-12)
            if even or symbol == temperature or symbol.is_nonnegative:
                found[k] = 0.0
        return found

    @cached_property
    def _instabilities(self) -> int:
        """Number of unstable directions of a state that has no rival: what is stable has as many, overlaps being maxima."""
        axes = [np.geomspace(0.05, 20.0, 8) if k == 0 else np.array([0.3, 1.1, 3.0]) for k in range(len(self.lowest))]
        p = np.array(list(itertools.islice(itertools.product(*axes), 200))).T.reshape(len(axes), -1)
        u, ok = all_states(self.state, p)
        alone = np.flatnonzero(ok.sum(axis=0) == 1)
        if alone.size == 0:
            return 0
        counts = self._unstable(u[:, ok[:, alone].argmax(axis=0), alone], p[:, alone])
        return int(np.bincount(counts).argmax())

    def _unstable(self, u: np.ndarray, p: np.ndarray, singular: bool = False) -> np.ndarray:
        """Number of unstable directions of states; the one that is just singular is not counted."""
        jacobian = np.moveaxis(self.state.jacobian(u, p)[:, : self.size], -1, 0)
        values = np.linalg.eigvals(np.nan_to_num(jacobian))
        if singular:
            softest = np.abs(values).argmin(axis=1)
            values[np.arange(len(values)), softest] = np.inf
        return (values.real < 0).sum(axis=1)

    def whole(self, part: Part, u: np.ndarray) -> np.ndarray:
        """All order parameters of the (first) state of a solution."""
        if not part.zeros:
            return u[: self.size]
        full = np.zeros((self.size, u.shape[1]))
        full[[k for k in range(self.size) if k not in part.zeros]] = u
        return full

    def keep(self, part: Part, u: np.ndarray, p: np.ndarray, free: tuple[int, ...]) -> np.ndarray:
        """Which solutions of the equations are what the line's name says."""
        x = self.whole(part, u)
        ok = part.system.inside(u, p) & (p >= self.lowest[:, None]).all(axis=0)
        ok &= self.state.inside(x, p) & (np.abs(self.state.residual(x, p)) <= 1e-8).all(axis=0)
        normal = self._instabilities
        jacobian = self.state.jacobian(x, p)
        if self.name in ("spinodal", "instability"):
            rest = self._unstable(x, p, singular=True)
            ok &= (rest == normal) | (rest == normal - 1)
        if self.name == "spinodal":
            # a parameter pushes the branch across its fold; where it does not, another branch is met
            matrix = np.nan_to_num(np.moveaxis(jacobian, -1, 0))
            left = np.linalg.svd(matrix[:, :, : self.size])[0][:, :, -1]
            push = np.abs(np.einsum("bi,bij->bj", left, matrix[:, :, [self.size + k for k in free]]))
            ok &= push.max(axis=1) > 1e-5 * np.abs(matrix).max(axis=(1, 2))
        if self.name in ("transition", "at"):
            ok &= self._unstable(x, p) == normal
        if self.name == "transition":
            y = u[self.size :]
            ok &= self._unstable(y, p) == normal
            largest = np.maximum(np.abs(x), np.abs(y)).max(axis=0)
            ok &= np.abs(x - y).max(axis=0) > 1e-3 * np.maximum(largest, 1e-3)
            # mirror images are equal wherever they are: no parameter tells them apart
            slope = np.abs(part.system.jacobian(u, p)[-1, [len(u) + k for k in free]]).max(axis=0)
            ok &= slope > 1e-7
        return ok

    # -- finding points -----------------------------------------------------------------------------------------------

    def scan(self, base: np.ndarray, which: int) -> list[Point]:
        """All points that are found along parameter ``which`` at columns of the other parameters."""
        values = _POSITIVE if self.lowest[which] == 0 else np.concatenate([-_POSITIVE[::-1], _POSITIVE])
        found: list[Point] = []
        for part in self.parts:
            columns = base
            if part.zeros:
                fresh = np.repeat(base, 4, axis=1)
                fresh[which] = np.resize([0.31, 0.77, 1.3, 2.1], fresh.shape[1])
                columns = base[:, self._vanish(part.zeros, fresh).reshape(-1, 4).all(axis=1)]
            if columns.shape[1]:
                u, p = self._guesses(part, columns, which, values)
                found += self.certified(part, u, p, which)
        return distinct(found)

    def _guesses(self, part: Part, base: np.ndarray, which: int, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        grid = np.repeat(base, len(values), axis=1)
        grid[which] = np.tile(values, base.shape[1])
        u, ok = all_states(part.state, grid)
        states, places = np.nonzero(ok)
        place = places % len(values)
        found: list[tuple[np.ndarray, np.ndarray]] = []
        starts = []
        for towards in (1, -1):
            neighbour = place + towards
            rows = np.flatnonzero((neighbour >= 0) & (neighbour < len(values)))
            ends = np.sort(values[np.array([place[rows], neighbour[rows]])], axis=0)
            starts.append((rows, ends, np.full(rows.size, float(towards))))
        rows, low, high, towards_ = (np.concatenate(x) for x in zip(*((r, *e, t) for r, e, t in starts)))
        if rows.size:
            at = places[rows]
            pieces = strands(part.state, u[:, states[rows], at], grid[:, at], which, low, high, towards_)
            if self.name == "spinodal":
                found = _folds(pieces)
            elif self.name == "transition":
                cell = at // len(values) * len(values) + np.minimum(place[rows], place[rows] + towards_.astype(int))
                found = self._equal(pieces, which, cell)
            else:
                found = _zeros(part, pieces, "replicon" if self.name == "at" else None)
        found = found[:: max(1, len(found) // _MOST_GUESSES)]
        if not found:
            return np.empty((len(part.system.unknowns), 0)), np.empty((len(base), 0))
        return np.array([a for a, _ in found]).T.reshape(len(part.system.unknowns), len(found)), np.array([b for _, b in found]).T

    def _equal(self, pieces: Strands, which: int, cell: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Where two stable sections of one cell have equal free energy."""
        shape = pieces.u.shape[1:]
        flat_u, flat_p = pieces.u.reshape(self.size, -1), pieces.p.reshape(len(pieces.p), -1)
        real = np.isfinite(flat_u).all(axis=0) & np.isfinite(flat_p).all(axis=0)
        free, stable = np.full(real.size, np.nan), np.zeros(real.size, dtype=bool)
        free[real] = self.state.outputs(flat_u[:, real], flat_p[:, real])["free_energy"]
        stable[real] = self._unstable(flat_u[:, real], flat_p[:, real]) == self._instabilities
        free, stable = free.reshape(shape), stable.reshape(shape)
        rising = pieces.along[-1] > 0
        sections: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
        for b in range(shape[1]):
            ends = np.flatnonzero(np.diff(np.concatenate([[0], np.where(stable[:, b], 1 + rising[:, b], 0), [0]])))
            for first, last in itertools.pairwise(ends.tolist()):
                if stable[first, b] and last - first > 1:
                    part = slice(first, last) if rising[first, b] else slice(last - 1, first - 1 if first else None, -1)
                    rows = np.vstack([free[part, b], pieces.u[:, part, b], pieces.p[:, part, b]])
                    sections.setdefault(int(cell[b]), []).append((pieces.p[which, part, b], rows))
        found = []
        for (s, a), (t, b) in (pair for members in sections.values() for pair in itertools.combinations(members, 2)):
            low, high = max(s[0], t[0]), min(s[-1], t[-1])
            if low >= high:
                continue
            nodes = np.unique(np.clip(np.concatenate([s, t]), low, high))
            first, second = (np.array([np.interp(nodes, x, row) for row in rows]) for x, rows in ((s, a), (t, b)))
            gap = first[0] - second[0]
            for k in np.flatnonzero(gap[:-1] * gap[1:] <= 0):
                x, y = first[1 : 1 + self.size, k], second[1 : 1 + self.size, k]
                if np.abs(x - y).max() > 1e-3 * max(np.abs(x).max(), np.abs(y).max()):
                    x, y = (x, y) if tuple(x) > tuple(y) else (y, x)
                    found.append((np.concatenate([x, y]), first[1 + self.size :, k]))
        return found

    def certified(self, part: Part, u: np.ndarray, p: np.ndarray, which: int) -> list[Point]:
        """The points of the line that guesses lead to, solved for parameter ``which``."""
        if p.shape[1] == 0:
            return []
        roots = newton(part.system, u, p, (which,), lowest=float(self.lowest[which]))
        good = roots.converged.copy()
        if not good.any():
            return []
        good[good] &= self.keep(part, roots.u[:, good], roots.p[:, good], (which,))
        outputs = part.system.outputs(roots.u, roots.p)
        return [
            Point(part, roots.u[:, k], roots.p[:, k], float(roots.residual[k]), roots.error[:, k],
                  {name: float(v[k]) for name, v in outputs.items()})
            for k in np.flatnonzero(good)
        ]  # fmt: skip

    # -- following it -------------------------------------------------------------------------------------------------

    def pieces(self, seeds: list[Point], free: tuple[int, int], box: np.ndarray) -> list[Piece]:
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
                    return bool(within and self.keep(seed.part, u[:, None], p[:, None], free)[0])

                halves.append(trace(
                    seed.part.system, seed.u, seed.p, free, scale=scale, towards=towards, keep=keep, largest=0.15, step=0.05,
                    tolerance=1e-6, order=_COARSE, lowest=self.lowest[list(free)],
                ))  # fmt: skip
            (down_u, down_p), (up_u, up_p) = halves
            u, p = (np.concatenate([a[:, :0:-1], b], axis=1) for a, b in ((down_u, up_u), (down_p, up_p)))
            found.append(Piece(self, seed.part, u, p, free))
        return found


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
        gap = self.p[which] - value
        found = []
        for k in np.flatnonzero((gap[:-1] * gap[1:] <= 0) & (gap[:-1] != gap[1:])):
            t = gap[k] / (gap[k] - gap[k + 1])
            u, p = ((1 - t) * x[:, k] + t * x[:, k + 1] for x in (self.u, self.p))
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
        u, p = (np.array([np.interp(places, length, row) for row in x]).reshape(len(x), -1) for x in (self.u, self.p))
        k = np.clip(np.searchsorted(length, places) - 1, 0, len(length) - 2)
        steep = np.abs(np.diff(path, axis=1))[:, k]
        solved = np.where(steep[0] <= steep[1], *self.free)
        found = [
            (int(row), point)
            for which in self.free
            for row in np.flatnonzero(solved == which)
            for point in self.line.certified(self.part, u[:, [row]], p[:, [row]], which)
        ]
        return [point for _, point in sorted(found, key=lambda pair: pair[0])]


def distinct(points: list[Point]) -> list[Point]:
    """Each point once, mirror images being one: that of larger order parameters."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda x: tuple(-x.u.round(6))):
        if not any(point.same(other) for other in kept):
            kept.append(point)
    return kept


def _folds(pieces: Strands) -> list[tuple[np.ndarray, np.ndarray]]:
    turn = pieces.along[-1]
    with np.errstate(invalid="ignore"):
        where = np.nonzero(turn[:-1] * turn[1:] < 0)
    found = []
    for k, b in zip(*where):
        k += int(abs(turn[k + 1, b]) < abs(turn[k, b]))
        null = pieces.along[:-1, k, b]
        found.append((np.concatenate([pieces.u[:, k, b], null / np.linalg.norm(null)]), pieces.p[:, k, b]))
    return found


def _zeros(part: Part, pieces: Strands, output: str | None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Where an output, or the last equation of the line, changes sign along a strand."""
    shape = pieces.p.shape[1:]
    u, p = (x.reshape(len(x), shape[0] * shape[1]) for x in (pieces.u, pieces.p))
    value = (part.system.residual(u, p)[-1] if output is None else part.state.outputs(u, p)[output]).reshape(shape)
    with np.errstate(invalid="ignore"):
        where = np.nonzero(value[:-1] * value[1:] <= 0)
    found = []
    for k, b in zip(*where):
        t = value[k, b] / (value[k, b] - value[k + 1, b]) if value[k, b] != value[k + 1, b] else 0.5
        found.append(tuple((1 - t) * x[:, k, b] + t * x[:, k + 1, b] for x in (pieces.u, pieces.p)))
    return found


def boundary_of_given(
    target: Theory, line: str, points: int | None, parameters: dict[str, Any], *, temperatures: Any, loads: Any
) -> Boundary:
    """Points of a line of a FreeEnergy: one parameter left out and solved for, at most one a sequence, the others numbers."""
    theory = target.given
    line = check_line(target, line)
    if points is not None:
        raise InputError(f"points={points!r:.60}: give values of all parameters but the one to be solved for instead")
    values: dict[str, np.ndarray] = {}
    for name, value in {**parameters, "temperature": temperatures, "load": loads}.items():
        if value is not None:
            values[theory.parameter(name).name] = _numbers(name, value)
    names = [s.name for s in theory.parameters]
    if not names:
        raise InputError("line: this free energy has no parameter, and so no lines")
    unknown = [name for name in names if name not in values]
    if len(unknown) != 1:
        raise InputError(f"parameters {unknown} are left out: leave exactly one of {names} out, to be solved for")
    varied = [name for name in values if values[name].size > 1]
    if len(varied) > 1:
        raise InputError(f"parameters {varied}: only one may be a sequence")
    solved = names.index(unknown[0])
    others = [name for name in names if name in values]
    given = names.index((varied or others)[0]) if others else None
    asked = values[names[given]] if given is not None else np.zeros(1)
    base = np.repeat(np.array([values[n][0] if n in values else 0.0 for n in names])[:, None], asked.size, axis=1)
    if given is not None:
        base[given] = asked
    rows, reach = _found(Line(target, line), base, solved, given)
    result = Boundary(theory, line, target.ansatz, "canonical", [])
    for k in range(asked.size):
        known = {name: float(base[j, k]) for j, name in enumerate(names) if j != solved}
        if rows[k]:
            result.points += [record(point, names, solved) for point in sorted(rows[k], key=lambda x: float(x.p[solved]))]
        else:
            why = f"the search found no point of the {line} line here"
            missing = {**known, unknown[0]: None, "residual": None, "converged": False, "valid": None}
            result.points.append({**missing, "why": why + (f"; it found some {reach}" if reach else "")})
    return result


def check_line(target: Theory, line: Any) -> str:
    """The name of a line of a free energy of one's own."""
    name = _ALIASES.get(line, line) if isinstance(line, str) else line
    if not isinstance(name, str) or name not in GIVEN_LINES:
        raise InputError(f"line={line!r:.80}: for a free energy of one's own it must be one of {', '.join(GIVEN_LINES)}")
    if name == "at" and target.given.replicon is None:
        raise InputError("line='at': this free energy was given no replicon")
    return name


def _numbers(name: str, value: Any) -> np.ndarray:
    allowed = f"must be a finite number or a sequence of at most {_MOST_POINTS} of them"
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}={value!r:.80}: {allowed}") from None
    if array.size == 0 or array.size > _MOST_POINTS or array.ndim > 1 or not np.all(np.isfinite(array)):
        raise InputError(f"{name}={value!r:.80}: {allowed}")
    return np.atleast_1d(array)


def _found(line: Line, base: np.ndarray, solved: int, given: int | None) -> tuple[list[list[Point]], str]:
    """Points at each column, and in words where else the line is."""
    count = base.shape[1]
    scanned = np.unique(np.linspace(0, count - 1, min(count, _MOST_SCANNED)).round().astype(int))
    seeds = line.scan(base[:, scanned], solved)
    rows: list[list[Point]] = [[] for _ in range(count)]
    for point in seeds:
        place = scanned[np.abs(base[:, scanned] - point.p[:, None])[np.arange(len(base)) != solved].sum(axis=0).argmin()
                        ] if given is not None else 0  # fmt: skip
        rows[place].append(point)
    if given is None or all(rows[k] for k in range(count)):
        return rows, ""
    if not all(rows[k] for k in scanned):
        elsewhere = np.repeat(base[:, :1], _ELSEWHERE.size, axis=1)
        elsewhere[given] = _ELSEWHERE
        seeds = seeds + line.scan(elsewhere, solved)
    box = np.array([np.full(len(base), -np.inf), np.full(len(base), np.inf)])
    margin = 0.3 + 0.2 * np.abs(base[given])
    box[:, given] = min((base[given] - margin).min(), 0.0), max((base[given] + margin).max(), 2.5)
    box[:, solved] = -200, 200
    pieces = line.pieces(distinct(seeds), (solved, given), box)
    for k, value in enumerate(base[given].tolist()):
        rows[k] = distinct([*rows[k], *(point for piece in pieces for point in piece.at(value, given))])
    ends = [x for piece in pieces for x in piece.p[given]]
    name = line.state.parameters[given]
    return rows, f"for {name} between {min(ends):.4g} and {max(ends):.4g}" if ends else ""


def record(point: Point, names: list[str], solved: int) -> dict[str, Any]:
    """A point as it is reported."""
    system = point.part.system
    values = {n: float(x) for n, x in zip(system.unknowns, point.u) if not n.startswith("v_")}
    held = {name: 0.0 for name in point.part.held}
    replicon = point.outputs.get("replicon")
    unstable = replicon is not None and replicon < -1e-8
    return {
        **dict(zip(names, map(float, point.p))),
        f"{names[solved]}_error": float(point.error[-1]),
        **held,
        **values,
        **point.outputs,
        "residual": point.residual,
        "converged": True,
        "valid": not unstable,
        "why": f"the ansatz is unstable here (replicon {replicon:.3g} < 0)" if unstable else None,
    }
