"""The end of a 1RSB spinodal, where its two levels merge and the replica-symmetric spinodal becomes stable.

The fold is followed in the gap between the levels, at a given gap and unknown load and temperature: that is well conditioned
down to a small gap, and what is left ends in the replica-symmetric fold whose replicon vanishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.equations import Theory, compiled
from dammech.phases.points import Point
from dammech.solve import augmented
from dammech.solve.newton import ERROR_TOLERANCE, TOLERANCE, Roots, newton
from dammech.solve.transformed import Transformed, holding

_SHRINK, _GENTLE, _GENTLEST = 0.75, 0.95, 0.99
_SMALLEST = 0.025
_NODES = 9


@dataclass
class Merging:
    """Folds (unknowns × nodes, load and temperature × nodes) from a gap to none; the last node is replica symmetric.

    Attributes
    ----------
    state : Transformed
        With the gap as an unknown.
    system : Augmented
        Its fold.
    u, p : arrays
        Nodes of falling gap; the unknowns of the last one are not all known.
    """

    state: Transformed
    system: augmented.Augmented
    u: np.ndarray
    p: np.ndarray

    @cached_property
    def gaps(self) -> np.ndarray:
        """Gap at each node."""
        return self.u[self.system.unknowns.index("gap")]

    def at(self, value: float, which: int) -> Point | None:
        """The fold at a load (``which`` = 0) or temperature (1) between the nodes.

        Its gap and block size are interpolated, the other equations solved: the value of a fold is insensitive to where on it
        it is taken. The error is what one node fewer would change.
        """
        last = slice(max(0, self.gaps.size - _NODES), None)
        gaps, given = self.gaps[last], self.p[which, last]
        step = next((k for k in range(gaps.size - 1, 0, -1) if (given[k] - value) * (given[k - 1] - value) <= 0), None)
        if step is None:
            return None
        fewer = slice(last.start + 1, None)
        estimates = []
        for chosen in (last, fewer):
            x, y = self.gaps[chosen], self.p[which, chosen] - value
            gap = _zero(x, y, gaps[step], gaps[step - 1])
            estimates.append(self._state(gap, chosen))
        (u, p), (rough_u, rough_p) = estimates
        p[which] = value
        size = len(self.state.unknowns)
        names = self.state.unknowns
        gap, theta = names.index("gap"), names.index("theta")
        # at the interpolated gap and block size, whose own equation vanishes with the third power of the gap
        held = holding(holding(self.state, ("theta",)), ("gap",), all_equations=True)
        rest = [k for k in range(size) if k not in (gap, theta)]
        roots = newton(held, u[rest][:, None], np.array([*p, u[theta], u[gap]])[:, None], (1 - which,))
        if np.all(np.abs(roots.u[:, 0] - u[rest]) < 1e-6):
            u[rest], p = roots.u[:, 0], roots.p[:2, 0]
        # with the powers of the gap: below the smallest node without them is division by nothing
        residual = np.abs(self.state.state.residual(*self.state.whole(u[:size, None], p[:, None]))).max(axis=0)
        error = np.append(np.abs(u - rough_u), abs(p[1 - which] - rough_p[1 - which]))[:, None]
        scale = np.append(np.maximum(np.abs(u[:size]), 1.0), abs(p[1 - which]))  # null vectors are no part of the answer
        small = np.all(np.append(error[:size, 0], error[-1, 0]) <= ERROR_TOLERANCE * scale)
        found = Roots(u[:, None], p[:, None], residual, error, (residual <= TOLERANCE) & small)
        return Point.of(self.system, found) if found.converged[0] else None

    def _state(self, gap: float, chosen: slice) -> tuple[np.ndarray, np.ndarray]:
        """Unknowns and parameters at a gap; what is not known at no gap is extrapolated."""
        solved = slice(chosen.start, self.gaps.size - 1)
        table = np.concatenate([self.u, self.p])
        values = np.empty(len(table))
        for row, nodes in enumerate(chosen if np.isfinite(x[-1]) else solved for x in table):
            values[row] = _polynomial(self.gaps[nodes], table[row, nodes], gap)
        return values[: len(self.u)], values[len(self.u) :]


def merging(target: Theory, state: Transformed, system: augmented.Augmented, u: np.ndarray, p: np.ndarray) -> Merging | None:
    """Folds of falling gap from a fold (u, p) on, and the replica-symmetric one in which they end.

    Parameters
    ----------
    target : Theory
        With ansatz ``1rsb``.
    state : Transformed
        With the gap as an unknown.
    system : Augmented
        Its fold.
    u, p : arrays
        A fold close to the merging.
    """
    held = holding(system, ("gap",), all_equations=True)
    row = system.unknowns.index("gap")
    gap, rest, at = float(u[row]), np.delete(u, row), np.asarray(p, dtype=float)
    nodes: list[tuple[float, np.ndarray]] = []
    shrink = _GENTLE
    while gap > _SMALLEST and shrink < _GENTLEST:
        guess = np.concatenate([rest, at])
        if nodes:
            known = nodes[-3:]
            gap = known[-1][0] * shrink
            guess = _polynomial(np.array([g for g, _ in known]), np.array([x for _, x in known]).T, gap)
        roots = newton(held, guess[: rest.size, None], np.append(guess[rest.size :], gap)[:, None], (0, 1))
        if roots.converged[0] and _near(held, roots, guess):
            nodes.append((gap, np.concatenate([roots.u[:, 0], roots.p[:2, 0]])))
            shrink = max(_SHRINK, shrink**2)
        else:
            shrink = np.sqrt(shrink)
    if len(nodes) < 4:
        return None
    gaps = np.array([g for g, _ in nodes])
    table = np.array([x for _, x in nodes]).T
    limit = _polynomial(gaps[-4:], table[:, -4:], 0.0)
    end = _symmetric_end(target, held.unknowns, limit)
    if end is None:
        return None
    last = np.full(len(u), np.nan)
    last[[system.unknowns.index(name) for name in ("m", "q0")]], last[row] = end[:2], 0.0
    whole = np.insert(table[: rest.size], row, gaps, axis=0)
    return Merging(state, system, np.column_stack([whole, last]), np.column_stack([table[rest.size :], end[2:]]))


def _polynomial(x: np.ndarray, y: np.ndarray, at: float) -> np.ndarray:
    """The polynomial through (x, y) at one place; nodes along the last axis of y."""
    steps = x[:, None] - x
    np.fill_diagonal(steps, 1.0)
    others = np.where(np.eye(x.size, dtype=bool), 1.0, at - x)
    return y @ (others / steps).prod(axis=1)


def _zero(x: np.ndarray, y: np.ndarray, low: float, high: float) -> float:
    """Where the polynomial through (x, y) vanishes between two places where its signs differ, or at one of them."""
    rising = _polynomial(x, y, high) > _polynomial(x, y, low)  # either may be zero itself
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if (_polynomial(x, y, middle) > 0) == rising else (middle, high)
    return (low + high) / 2


def _near(held: Transformed, roots: Roots, guess: np.ndarray) -> bool:
    """Whether Newton's method stayed at the branch that is followed."""
    found = np.concatenate([roots.u[:, 0], roots.p[:2, 0]])
    real = np.array([not name.startswith("v_") for name in held.unknowns] + [True, True])
    return bool(np.all(np.abs(found - guess)[real] < 0.1 * np.abs(guess)[real]))


def _symmetric_end(target: Theory, names: list[str], limit: np.ndarray) -> np.ndarray | None:
    """m, q, load and temperature of the replica-symmetric fold with replicon zero, close to an extrapolated one."""
    symmetric = target.with_(ansatz="rs")
    state = compiled(symmetric, "state")
    values = dict(zip(names, limit))
    u, p = np.array([[values["m"]], [values["q0"]]]), limit[-2:, None]
    start = np.concatenate([u, augmented.null_vector(state, u, p)])
    roots = newton(augmented.zero(augmented.fold(state), "replicon"), start, p, (0, 1))
    if not roots.converged[0] or np.abs(roots.p - p).max() > 0.01 * np.abs(p).max():
        return None
    return np.concatenate([roots.u[:2, 0], roots.p[:, 0]])
