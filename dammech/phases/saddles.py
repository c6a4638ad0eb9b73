"""Lines of a free energy of which nothing is known but itself: what a point of each is, and where along a parameter they are.

Parameters and order parameters have any sign and size, and no symmetry is assumed: every state is followed, and what is passed
on the way is solved and certified.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.declared.states import Crossing, Fold, LineKind, Marginal, Zero
from dammech.equations import Compiled, Equations, Theory, compiled
from dammech.phases.points import Part, Point
from dammech.solve import augmented
from dammech.solve.declared import belongs
from dammech.solve.strands import Strands, all_states, strands

_POSITIVE = np.geomspace(1e-3, 1e3, 34)
_MOST_GUESSES = 400


#: what the lines of a free energy are that declares none, on any branch
ANYWHERE: dict[str, LineKind] = {
    "spinodal": Fold(""), "transition": Crossing("", ""), "instability": Marginal(""), "at": Zero("", "replicon")
}  # fmt: skip


@dataclass
class Line:
    """A line of ``target`` in the space of its parameters."""

    target: Theory
    name: str

    @property
    def kind(self) -> LineKind:
        """What it is."""
        return self.target.given.lines.get(self.name) or ANYWHERE[self.name]

    def _within(self, branch: str, u: np.ndarray) -> np.ndarray:
        """Which states belong to a branch; the one without a name is any."""
        theory = self.target.given
        if not branch:
            return np.ones(u.shape[1], dtype=bool)
        return belongs(theory.branches[branch], theory.order_parameters, u)

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
        match self.kind:
            case Fold():
                return [self._part(self.state, augmented.fold(self.state))]
            case Zero(_, quantity):
                return [self._part(self.state, augmented.zero(self.state, quantity))]
            case Crossing():
                rivals = [*reversed(self._subspaces), ()]
                pairs = [augmented.crossing(self.state, compiled(self._held(zeros), "state")) for zeros in rivals]
                return [self._part(self.state, pair, rival=zeros) for pair, zeros in zip(pairs, rivals)]
        return [
            self._part(compiled(held, "state"), compiled(self.target, "instability", *(name for name, _ in held.fixed)), zeros)
            for zeros in self._subspaces for held in (self._held(zeros),)
        ]  # fmt: skip

    def _part(self, state: Compiled, system: Equations, zeros: tuple[int, ...] = (), rival: tuple[int, ...] = ()) -> Part:
        names = self.state.unknowns
        held = (*(names[k] for k in zeros), *(f"{names[k]}_2" for k in rival))
        part = Part(system, lambda u, p, free: self.keep(part, u, p, free), self.lowest, held, state, zeros, rival)
        return part

    def _held(self, zeros: tuple[int, ...]) -> Theory:
        return self.target.with_(fixed=tuple((self.state.unknowns[k], 0) for k in zeros))

    @cached_property
    def _subspaces(self) -> list[tuple[int, ...]]:
        """Order parameters that may be zero together, whatever the others are, at some parameters."""
        # a parameter may have to be zero for that, such as a field
        p = self._anywhere(400)[1] * np.random.default_rng(4).choice([0.0, 1.0], (len(self.lowest), 400), p=[0.3, 0.7])
        sets = (zeros for count in range(1, self.size + 1) for zeros in itertools.combinations(range(self.size), count))
        return [zeros for zeros in sets if self._vanish(zeros, p).any()]

    def _anywhere(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Arbitrary order parameters and parameters, positive and of all sizes: what is equal at all of them is equal."""
        random = np.random.default_rng(3)
        u = np.exp(random.uniform(np.log(1e-3), 0.0, (self.size, count)))
        return u, np.exp(random.uniform(np.log(1e-2), np.log(1e3), (len(self.state.parameters), count)))

    def _vanish(self, zeros: tuple[int, ...], p: np.ndarray) -> np.ndarray:
        """At which parameters the equations of some order parameters hold when these are zero, whatever the others are."""
        holds = np.ones(p.shape[1], dtype=bool)
        known = np.zeros(p.shape[1], dtype=bool)
        for others in np.moveaxis(self._anywhere(6 * p.shape[1])[0].reshape(self.size, 6, -1), 1, 0):
            u = others.copy()
            u[list(zeros)] = 0.0
            value = np.abs(self.state.residual(u, p)[list(zeros)]).max(axis=0)
            known |= np.isfinite(value)
            holds &= ~(value > 1e-13)
        return holds & known

    @cached_property
    def mirrored(self) -> list[int]:
        """Order parameters whose sign alone the equations do not know."""
        u, p = self._anywhere(400)
        value, found = np.abs(self.state.residual(u, p)), []
        for k in range(self.size):
            other = u.copy()
            other[k] *= -1
            gap = np.abs(np.abs(self.state.residual(other, p)) - value)
            if np.all(np.isnan(gap) | (gap <= 1e-11 * (1 + value))) and not np.isnan(gap).all():
                found.append(k)
        return found

    @cached_property
    def lowest(self) -> np.ndarray:
        """Below which a parameter says nothing new: zero where f is even in it, or not defined, and for a temperature."""
        u, p = self._anywhere(400)
        value = self.state.residual(u, p)
        found = np.full(len(p), -np.inf)
        temperature = self.target.given.temperature
        for k, symbol in enumerate(self.target.given.parameters):
            mirrored = p.copy()
            mirrored[k] *= -1
            with np.errstate(all="ignore"):
                gap = np.abs(self.state.residual(u, mirrored) - value)
                even = not np.any(gap > 1e-11 * (1 + np.abs(value)))
            if even or symbol == temperature or symbol.is_nonnegative:
                found[k] = 0.0
        return found

    @cached_property
    def _instabilities(self) -> int:
        """Fewest unstable directions of a state that has no rival: what is stable has as many, overlaps being maxima."""
        names, temperature = self.state.parameters, self.target.given.temperature
        wide = names.index(temperature.name) if temperature is not None else 0
        axes = [np.geomspace(0.02, 1e3, 12) if k == wide else np.array([0.3, 1.1, 3.0]) for k in range(len(names))]
        p = np.array(list(itertools.islice(itertools.product(*axes), 400))).T.reshape(len(axes), -1)
        u, ok = all_states(self.state, p)
        alone = np.flatnonzero(ok.sum(axis=0) == 1)
        if alone.size == 0:
            return 0
        return int(self._unstable(u[:, ok[:, alone].argmax(axis=0), alone], p[:, alone]).min())

    def _unstable(self, u: np.ndarray, p: np.ndarray, singular: bool = False) -> np.ndarray:
        """Number of unstable directions of states; the one that is just singular is not counted."""
        jacobian = np.moveaxis(self.state.jacobian(u, p)[:, : self.size], -1, 0)
        values = np.linalg.eigvals(np.nan_to_num(jacobian))
        if singular:
            softest = np.abs(values).argmin(axis=1)
            values[np.arange(len(values)), softest] = np.inf
        return (values.real < 0).sum(axis=1)

    def stable(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Which states have the unstable directions of a state without a rival, and no others."""
        return np.asarray(self._unstable(u, p) == self._instabilities)

    def whole(self, part: Part, u: np.ndarray) -> np.ndarray:
        """All order parameters of the (first) state of a solution."""
        return self._filled(part.zeros, u[: self.size - len(part.zeros)])

    def second(self, part: Part, u: np.ndarray) -> np.ndarray:
        """All order parameters of the second state of a transition."""
        return self._filled(part.rival, u[self.size :])

    def _filled(self, zeros: tuple[int, ...], u: np.ndarray) -> np.ndarray:
        full = np.zeros((self.size, *u.shape[1:]))
        full[self._rest(zeros)] = u
        return full

    def _rest(self, zeros: tuple[int, ...]) -> list[int]:
        return [k for k in range(self.size) if k not in zeros]

    def keep(self, part: Part, u: np.ndarray, p: np.ndarray, free: tuple[int, ...]) -> np.ndarray:
        """Which solutions of the equations are what the line's name says."""
        x = self.whole(part, u)
        ok = part.system.inside(u, p) & (p >= self.lowest[:, None]).all(axis=0)
        ok &= self.state.inside(x, p) & (np.abs(self.state.residual(x, p)) <= 1e-8).all(axis=0)
        normal = self._instabilities
        jacobian = self.state.jacobian(x, p)
        if isinstance(self.kind, Fold | Marginal):
            rest = self._unstable(x, p, singular=True)
            ok &= (rest == normal) | (rest == normal - 1)
        if isinstance(self.kind, Fold):
            # a parameter pushes the branch across its fold; where it does not, another branch is met
            matrix = np.nan_to_num(np.moveaxis(jacobian, -1, 0))
            left = np.linalg.svd(matrix[:, :, : self.size])[0][:, :, -1]
            push = np.abs(np.einsum("bi,bij->bj", left, matrix[:, :, [self.size + k for k in free]]))
            largest = np.nan_to_num(np.abs(part.system.jacobian(u, p))).max(axis=(0, 1))
            ok &= push.max(axis=1) > 1e-4 * largest
        if isinstance(self.kind, Crossing | Zero):
            ok &= self.stable(x, p)
        if isinstance(self.kind, Crossing):
            y = self.second(part, u)
            ok &= self.stable(y, p)
            ok &= np.abs(x - y).max(axis=0) > 1e-3 * np.maximum(np.abs(x).max(axis=0), 1e-3)
            # mirror images are equal wherever they are: no parameter tells them apart
            slope = np.abs(part.system.jacobian(u, p)[-1, [len(u) + k for k in free]]).max(axis=0)
            ok &= slope > 1e-7
            one, other = self.kind.branch, self.kind.rival
            return ok & ((self._within(one, x) & self._within(other, y)) | (self._within(one, y) & self._within(other, x)))
        return ok & self._within(self.kind.branch, x)

    # -- finding points -----------------------------------------------------------------------------------------------

    def scan(self, base: np.ndarray, which: int) -> list[Point]:
        """All points that are found along parameter ``which`` at columns of the other parameters."""
        values = _POSITIVE if self.lowest[which] == 0 else np.concatenate([-_POSITIVE[::-1], _POSITIVE])
        if isinstance(self.kind, Crossing):
            return distinct(self._crossings(*self._guesses(self.parts[-1], base, which, values), which))
        found: list[Point] = []
        for part in self.parts:
            columns = base
            if part.zeros:
                fresh = np.repeat(base, 4, axis=1)
                fresh[which] = np.resize([0.31, 0.77, 1.3, 2.1], fresh.shape[1])
                columns = base[:, self._vanish(part.zeros, fresh).reshape(-1, 4).all(axis=1)]
            if columns.shape[1]:
                u, p = self._guesses(part, columns, which, values)
                found += part.certified(u, p, which).values()
        return distinct(found)

    def _crossings(self, u: np.ndarray, p: np.ndarray, which: int) -> list[Point]:
        """Certified from guesses of two states: one with zeros, that may be a multiple root, is held there."""
        found: list[Point] = []
        for part in self.parts if p.shape[1] else []:
            x, y = u[: self.size], u[self.size :]
            zeros = list(part.rival)
            for first, second in ((x, y), (y, x)) if zeros else ((x, y),):
                rows = self._vanish(part.rival, p) & (np.abs(second[zeros]) < 1e-2).all(axis=0) if zeros else slice(None)
                pair = np.concatenate([first, second[self._rest(part.rival)]])
                found += part.certified(pair[:, rows], p[:, rows], which).values()
        return found

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
            if isinstance(self.kind, Fold):
                found = _folds(pieces)
            elif isinstance(self.kind, Crossing):
                cell = at // len(values) * len(values) + np.minimum(place[rows], place[rows] + towards_.astype(int))
                found = self._equal(pieces, which, cell)
            else:
                found = _zeros(part, pieces, self.kind.quantity if isinstance(self.kind, Zero) else None)
        coarse = {" ".join(f"{x:.2e}" for part in pair for x in part): pair for pair in found}  # each once, or nearly
        found = list(coarse.values())[:: max(1, len(coarse) // _MOST_GUESSES)]
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
        stable[real] = self.stable(flat_u[:, real], flat_p[:, real])
        free, stable = free.reshape(shape), stable.reshape(shape)
        rising = pieces.along[-1] > 0
        sections: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
        for b in range(shape[1]):
            # between its nodes a branch may be stable a little further than at them
            near = stable[:, b] | np.append(stable[1:, b], False) | np.append(False, stable[:-1, b])
            kind = np.where(near & np.isfinite(free[:, b]), 1 + rising[:, b], 0)
            ends = np.flatnonzero(np.diff(np.concatenate([[0], kind, [0]])))
            for first, last in itertools.pairwise(ends.tolist()):
                if kind[first] and last - first > 1:
                    nodes = np.arange(first, last)[:: 1 if rising[first, b] else -1]
                    rows = np.vstack([free[nodes, b], pieces.u[:, nodes, b], pieces.p[:, nodes, b]])
                    sections.setdefault(int(cell[b]), []).append((pieces.p[which, nodes, b], rows))
        found = []
        for (s, one), (t, two) in (pair for members in sections.values() for pair in itertools.combinations(members, 2)):
            low, high = max(s[0], t[0]), min(s[-1], t[-1])
            if low >= high:
                continue
            nodes = np.unique(np.clip(np.concatenate([s, t]), low, high))
            head, tail = (np.array([np.interp(nodes, x, row) for row in rows]) for x, rows in ((s, one), (t, two)))
            gap = head[0] - tail[0]
            if np.abs(gap).max() < 1e-10 * max(1.0, np.abs(head[0]).max()):
                continue  # mirror images
            for k in np.flatnonzero(gap[:-1] * gap[1:] <= 0):
                x, y = head[1 : 1 + self.size, k], tail[1 : 1 + self.size, k]
                if np.abs(x - y).max() > 1e-2 * np.abs(x).max():
                    x, y = (x, y) if tuple(x) > tuple(y) else (y, x)
                    found.append((np.concatenate([x, y]), head[1 + self.size :, k]))
        return [pair for pair, apart in zip(found, self._crossing(found, which)) if apart]

    def _crossing(self, pairs: list[tuple[np.ndarray, np.ndarray]], which: int) -> np.ndarray:
        """Whether two free energies cross along the parameter: mirror images, or one branch followed twice, do not."""
        if not pairs:
            return np.zeros(0, dtype=bool)
        u, p = np.array([u for u, _ in pairs]).T, np.array([p for _, p in pairs]).T
        step = np.zeros_like(p)
        step[which] = 1e-4 * np.maximum(np.abs(p[which]), 1e-3)
        rise = [self.state.outputs(x, p + step)["free_energy"] - self.state.outputs(x, p - step)["free_energy"]
                for x in (u[: self.size], u[self.size :])]  # fmt: skip
        return np.asarray(np.abs(rise[0] - rise[1]) > 1e-3 * (np.abs(rise[0]) + np.abs(rise[1])))


def distinct(points: list[Point]) -> list[Point]:
    """Each point once, mirror images being one: that of larger order parameters."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda x: (len(x.u), *(-x.u).round(6))):
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
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for k, b in zip(*where):
        t = value[k, b] / (value[k, b] - value[k + 1, b]) if value[k, b] != value[k + 1, b] else 0.5
        u, p = ((1 - t) * x[:, k, b] + t * x[:, k + 1, b] for x in (pieces.u, pieces.p))
        found.append((u, p))
    return found
