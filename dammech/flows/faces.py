"""Every fixed point of a network that is linear in pieces, and every flat on which its energy is critical.

On a face (a piece for every neuron) g(x) = S x + t and the equations are linear, (1 − W S) x = W t + b. The columns of
dead neurons vanish, so the rows of the alive ones stand on their own, and the fields of the dead ones follow. Where the
alive fields lie in their pieces the energy is critical on the whole flat region, whatever the dead ones are; the flat
holds a fixed point where the dead fields that follow lie in theirs as well (fanaskov2024).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linprog
from scipy.spatial import cKDTree

from dammech.flows.pieces import Unit, count

#: a field this close to the end of a piece, in units of the largest field, is at the kink
TOLERANCE = 1e-9
_CHUNK = 4096
_SAME = 1e-8
_SINGULAR = 1e11
_RANK = 1e-11
_PROGRAMS = 2000


@dataclass
class Faces:
    """What the enumeration found.

    Attributes
    ----------
    states : ndarray
        Fixed points, (count, n).
    directions : list of ndarray
        For each of them, (n, k): along these the fixed points form a continuum; k = 0 where isolated.
    flats : ndarray
        W g + b on every flat on which the energy is critical and which holds no fixed point, (count, n).
    choices : ndarray
        The pieces of the flats, (count, units).
    critical : int
        Number of flats on which the energy is critical, with or without a fixed point.
    doubts : list of str
        Why the list may be incomplete.
    """

    states: np.ndarray
    directions: list[np.ndarray]
    flats: np.ndarray
    choices: np.ndarray
    critical: int
    doubts: list[str] = field(default_factory=list)


@dataclass
class _Found:
    """Solutions on faces: pieces, fields, activations, whether the dead fields lie in their pieces, and free directions."""

    choice: np.ndarray
    x: np.ndarray
    g: np.ndarray
    true: np.ndarray
    free: list[np.ndarray]


def enumerate_faces(W: np.ndarray, b: np.ndarray, units: Sequence[Unit]) -> Faces:
    """Solve the equations on every face.

    Parameters
    ----------
    W, b : ndarray
        Weights (n, n) and biases (n,).
    units : sequence of Unit

    Returns
    -------
    Faces
    """
    system = _System(W, b, units)
    doubts: list[str] = []
    parts = [system.solved(choice, doubts) for choice in _choices(system.units)]
    found = _Found(
        np.concatenate([p.choice for p in parts]),
        np.concatenate([p.x for p in parts]),
        np.concatenate([p.g for p in parts]),
        np.concatenate([p.true for p in parts]),
        [f for p in parts for f in p.free],
    )
    x, choice = system.restored(found.x), found.choice
    free = [system.lifted(f) for f in found.free]
    states = [
        int(min(group, key=lambda k: free[k].shape[1])) for group in _groups(x[found.true], np.flatnonzero(found.true))
    ]
    flats = _groups(found.g, np.arange(len(x)))
    spurious = [group[0] for group in flats if not found.true[group].any()]
    pieces = np.zeros((len(spurious), len(units)), dtype=int)
    pieces[:, system.chosen] = choice[spurious]
    return Faces(x[states], [free[k] for k in states], x[spurious], pieces, len(flats), list(dict.fromkeys(doubts)))


class _System:
    """The equations after the layers with a single piece, x_I = (1 − W_II s)⁻¹(…), have been eliminated."""

    def __init__(self, W: np.ndarray, b: np.ndarray, units: Sequence[Unit]) -> None:
        single = [u for u in units if u.pieces == 1 and len(u.neurons) == 1]
        self.out = np.array([u.neurons[0] for u in single], dtype=int)
        self.kept = np.setdiff1d(np.arange(len(b)), self.out)
        s, t = np.array([u.slope[0, 0, 0] for u in single]), np.array([u.offset[0, 0] for u in single])
        inner = np.eye(len(self.out)) - W[np.ix_(self.out, self.out)] * s
        if len(self.out) and np.linalg.cond(inner) > 1e8:  # not solvable for them alone
            self.out, self.kept, s, t = self.out[:0], np.arange(len(b)), s[:0], t[:0]
            inner, single = np.eye(0), []
        self.feed = np.linalg.solve(inner, W[np.ix_(self.out, self.kept)])
        self.rest = np.linalg.solve(inner, W[np.ix_(self.out, self.out)] @ t + b[self.out])
        through = W[np.ix_(self.kept, self.out)]
        self.W = W[np.ix_(self.kept, self.kept)] + (through * s) @ self.feed
        self.b = b[self.kept] + through @ (s * self.rest + t)
        place = np.full(len(b), -1)
        place[self.kept] = np.arange(len(self.kept))
        chosen = {id(u) for u in single}
        self.chosen = [k for k, u in enumerate(units) if id(u) not in chosen]
        self.units = [replace(units[k], neurons=place[units[k].neurons]) for k in self.chosen]
        self.size = len(b)

    def activation(self, x: np.ndarray, choice: np.ndarray) -> np.ndarray:
        g = np.empty_like(x)
        for u, k in zip(self.units, choice.T):
            g[:, u.neurons] = (u.slope[k] @ x[:, u.neurons, None])[..., 0] + u.offset[k]
        return g

    def restored(self, states: np.ndarray) -> np.ndarray:
        """Fields of all neurons, from (fields, activations) side by side."""
        n = len(self.kept)
        full = np.empty((len(states), self.size))
        full[:, self.kept] = states[:, :n]
        full[:, self.out] = states[:, n:] @ self.feed.T + self.rest
        return full

    def lifted(self, free: np.ndarray) -> np.ndarray:
        """Free directions (fields and activations) in the space of all neurons, orthonormal."""
        n = len(self.kept)
        full = np.zeros((self.size, free.shape[1]))
        full[self.kept] = free[:n]
        full[self.out] = self.feed @ free[n:]
        return np.linalg.qr(full)[0] if free.shape[1] else full

    def solved(self, choice: np.ndarray, doubts: list[str]) -> _Found:
        """The faces of a chunk on which the energy is critical."""
        n = len(self.kept)
        A = np.broadcast_to(np.eye(n), (len(choice), n, n)).copy()
        y = np.broadcast_to(self.b, (len(choice), n)).copy()
        for u, k in zip(self.units, choice.T):
            A[:, :, u.neurons] -= self.W[:, u.neurons] @ u.slope[k]
            y += u.offset[k] @ self.W[:, u.neurons].T
        x = np.full((len(choice), n), np.nan)
        regular = np.linalg.slogdet(A)[0] != 0
        inverse = np.linalg.inv(A[regular])
        x[regular] = (inverse @ y[regular][..., None])[..., 0]
        x[regular] += (inverse @ (y[regular] - (A[regular] @ x[regular][..., None])[..., 0])[..., None])[..., 0]
        condition = np.abs(A[regular]).sum(-2).max(-1, initial=1) * np.abs(inverse).sum(-2).max(-1, initial=1)
        regular[regular] = condition < _SINGULAR
        alive, deep = self.slacks(x, choice)
        close = TOLERANCE * np.maximum(1, np.abs(x).max(-1, initial=0))
        with np.errstate(invalid="ignore"):
            critical = regular & (alive >= -close)
            true = deep >= -close
        g = self.activation(x[critical], choice[critical])
        free = [np.zeros((2 * n, 0))] * int(critical.sum())
        found = _Found(choice[critical], np.hstack([x[critical], g]), g, true[critical], free)
        for k in np.flatnonzero(~regular):
            self._singular(A[k], y[k], choice[k], found, doubts)
        return found

    def slacks(self, x: np.ndarray, choice: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The smallest slack of the conditions on alive and on dead fields."""
        alive, deep = np.full(len(x), np.inf), np.full(len(x), np.inf)
        for u, k in zip(self.units, choice.T):
            slack = (u.rows[k] @ x[:, u.neurons, None])[..., 0] + u.bounds[k]
            alive = np.minimum(alive, np.where(u.alive[k], slack, np.inf).min(-1))
            deep = np.minimum(deep, np.where(u.alive[k], np.inf, slack).min(-1))
        return alive, deep

    def _singular(self, A: np.ndarray, y: np.ndarray, choice: np.ndarray, found: _Found, doubts: list[str]) -> None:
        """A face whose equations have no solution or a continuum of them: in the second case, those within the face."""
        left, sigma, right = np.linalg.svd(A)
        rank = int((sigma > _RANK * sigma[0]).sum())
        x = right[:rank].T @ ((left[:, :rank].T @ y) / sigma[:rank])
        scale = 1 + np.abs(y).max() + np.abs(x).max()
        if np.abs(A @ x - y).max() > 1e-9 * scale:
            return
        directions = right[rank:].T
        if sum(f.shape[1] > 0 for f in found.free) >= _PROGRAMS:
            doubts.append("too many faces hold a continuum of fixed points")
            return
        rows, bounds, alive = self._conditions(choice)
        for only_alive in (False, True):
            chosen = alive if only_alive else np.ones_like(alive)
            inside = _deepest(rows[chosen] @ directions, rows[chosen] @ x + bounds[chosen])
            if inside is None:
                continue
            state = x + directions @ inside
            g = self.activation(state[None], choice[None])[0]
            slope = np.zeros_like(A)
            for u, k in zip(self.units, choice):
                slope[np.ix_(u.neurons, u.neurons)] = u.slope[k]
            found.choice = np.vstack([found.choice, choice])
            found.x, found.g = np.vstack([found.x, np.concatenate([state, g])]), np.vstack([found.g, g])
            found.true = np.append(found.true, not only_alive)
            found.free.append(np.vstack([directions, slope @ directions]))
            what = "fixed points" if not only_alive else "states of critical energy"
            doubts.append(f"1 - W H is singular on a face and {what} form a continuum there: one of them is listed")
            return

    def _conditions(self, choice: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows, bounds, alive = [np.zeros((0, len(self.kept)))], [np.zeros(0)], [np.zeros(0, dtype=bool)]
        for u, k in zip(self.units, choice):
            part = np.zeros((u.rows.shape[1], len(self.kept)))
            part[:, u.neurons] = u.rows[k]
            rows.append(part[u.full[k]])
            bounds.append(u.bounds[k][u.full[k]])
            alive.append(u.alive[k][u.full[k]])
        return np.vstack(rows), np.concatenate(bounds), np.concatenate(alive)


def _choices(units: Sequence[Unit]) -> Iterator[np.ndarray]:
    """All combinations of pieces, in chunks."""
    shape = [u.pieces for u in units]
    for start in range(0, count(units), _CHUNK):
        numbers = np.arange(start, min(start + _CHUNK, count(units)))
        yield np.stack(np.unravel_index(numbers, shape), -1) if shape else np.zeros((1, 0), dtype=int)


def _deepest(rows: np.ndarray, bounds: np.ndarray) -> np.ndarray | None:
    """The point with the largest slack (at most 1) of rows y + bounds >= 0; None where there is none."""
    k = rows.shape[1]
    if not len(rows):
        return np.zeros(k)
    scale = 1e-9 * max(1.0, float(np.abs(bounds).max()))
    solution = linprog(
        np.append(np.zeros(k), -1.0),
        A_ub=np.hstack([-rows, np.ones((len(rows), 1))]),
        b_ub=bounds,
        bounds=[(None, None)] * k + [(None, 1.0)],
    )
    if solution.status != 0 or solution.x[-1] < -scale:
        return None
    return np.asarray(solution.x[:-1])


def _groups(points: np.ndarray, index: np.ndarray) -> list[np.ndarray]:
    """Points, by their index, that are one and the same seen from neighbouring faces."""
    if len(index) == 0:
        return []
    size = np.maximum(1.0, np.abs(points).max(-1, initial=0))
    label = np.arange(len(index))

    def root(k: int) -> int:
        while label[k] != k:
            label[k] = label[label[k]]
            k = label[k]
        return k

    if points.shape[1]:
        for one, other in cKDTree(points).query_pairs(_SAME * size.max()):
            if np.linalg.norm(points[one] - points[other]) <= _SAME * size[one]:
                label[root(one)] = root(other)
    else:
        label[:] = 0
    roots = np.array([root(k) for k in range(len(index))])
    order = np.argsort(roots, kind="stable")
    return [index[part] for part in np.split(order, np.flatnonzero(np.diff(roots[order])) + 1)]
