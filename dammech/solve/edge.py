"""Where a search has found no ordered state: the fold of the branch says whether there is one, and leads to it."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from dammech.declared.states import Fold
from dammech.equations import Compiled, Theory, compiled
from dammech.solve import augmented
from dammech.solve.declared import Phase
from dammech.solve.newton import newton
from dammech.solve.states import States, finish, ordered

_SCAN = np.geomspace(1e-6, 1.0, 25)  # loads, in units of that at which the noise field has unit variance
_FURTHEST = 1e4  # in these units, where the field of a state is that much stronger than that of overlap 1
_ALONG = np.geomspace(1e-3, 1e3, 34)  # values of any parameter
_FIRST = 1e-4  # distance from the fold, relative in load, at which its expansion is good
_BLUR = 1e-13


def settled(theory: Theory, states: States) -> tuple[States, np.ndarray]:
    """The states with those that the search missed, and at each point the load at which the branch ends (nan if not known).

    Only points without a state are looked at. A load above the one returned has no state.
    """
    ends = np.full(states.found.shape, np.nan)
    missing = np.flatnonzero(~states.found)
    if missing.size == 0:
        return states, ends
    rest, which = np.unique(states.p[1:, missing], axis=1, return_inverse=True)
    u, loads = ends_in_load(theory, rest)
    which = which.reshape(-1)
    ends[missing] = loads[which]
    below = np.flatnonzero(states.p[0, missing] < loads[which] * (1 - _BLUR))
    if below.size == 0:
        return states, ends
    rows = missing[below]
    start = states.u.copy()
    start[:, rows] = _inwards(theory, u[:, which[below]], loads[which[below]], states.p[:, rows])
    again = finish(states.system, start[:, rows], states.p[:, rows], np.isfinite(start[:, rows]).all(axis=0))
    again.found &= again.stable
    states.put(rows, again)
    return states, ends


def ends_in_load(theory: Theory, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The fold of the ordered branch at each column of further parameters: the state there, and its load; nan where unknown."""
    system = compiled(theory, "state")
    unit = 1.0 / float(theory.model.noise_strength)
    scale = unit * (rest[-1] ** 2 if "Lambda" in system.parameters else np.ones(rest.shape[1]))
    p = np.concatenate([scale[None], rest])

    def look(p: np.ndarray) -> States:
        return ordered(theory, p, thorough=False)

    above = look(p).found
    low, high = (scale * np.where(above, *factors) for factors in ((_SCAN[-1], _SCAN[0]), (_FURTHEST, _SCAN[-1])))
    return _between(system, look, p, 0, low, high, lambda u, p: u[0] > 1e-3, 0.0, _SCAN.size)


def ended(target: Theory, branch: str | None, states: States) -> dict[int, tuple[str, float]]:
    """Along which parameter, and where, a branch with a declared fold ends before it comes to points without a state, by row.

    It is followed to them from the nearest places where there is one, and the fold in between is solved for.
    """
    known: dict[int, tuple[str, float]] = {}
    if not any(isinstance(line, Fold) and line.branch == branch for line in target.given.lines.values()):
        return known
    phase, parameters, temperature = Phase(target, branch), target.given.parameters, target.given.temperature
    for which in sorted(range(len(parameters)), key=lambda k: parameters[k] != temperature):
        rows = [k for k in np.flatnonzero(~states.found).tolist() if k not in known]
        rest, group = np.unique(np.delete(states.p[:, rows], which, axis=0), axis=1, return_inverse=True)
        lowest = 0.0 if parameters[which] == temperature else -np.inf
        values = np.unique([*_ALONG, *(-_ALONG if lowest < 0 else ()), *states.p[which, rows]])
        line = np.insert(np.repeat(rest, values.size, axis=1), which, np.tile(values, rest.shape[1]), axis=0)
        found = phase.near(line).found.reshape(-1, values.size)
        brackets: dict[tuple[int, int, int], list[int]] = {}
        for (k, g), side in itertools.product(zip(rows, group.reshape(-1).tolist()), (-1, 1)):
            there = np.flatnonzero(found[g] & (side * values > side * states.p[which, k]))
            if there.size:
                brackets.setdefault((g, int(there[0 if side == 1 else -1]), side), []).append(k)
        if brackets:
            g, inside, side = np.array(list(brackets)).T
            between = values[inside], values[inside - side], phase.wanted, lowest
            _, ends = _between(phase.system, phase.near, line[:, g * values.size + inside], which, *between)
            for end, s, members in zip(ends.tolist(), side, brackets.values()):
                beyond = [k for k in members if s * end > s * states.p[which, k] and k not in known]
                known |= dict.fromkeys(beyond, (parameters[which].name, end))
    return known


def _between(
    system: Compiled, look: Callable[[np.ndarray], States], p: np.ndarray, which: int, inside: np.ndarray, outside: np.ndarray,
    keep: Callable[[np.ndarray, np.ndarray], np.ndarray], lowest: float, first: int = 9,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Where a branch ends between two values of a parameter: the state at its fold and that value, nan where none is found.

    ``look`` finds its states, and ``keep`` says which folds are its own; loads are scanned by their logarithm.
    """
    fold, count = augmented.fold(system), p.shape[1]
    u, ends, low, high = np.full((len(system.unknowns), count), np.nan), np.full(count, np.nan), inside.copy(), outside.copy()
    for points in (first, 9, 9):
        share = np.linspace(0, 1, points)[:, None]
        scan = low ** (1 - share) * high**share if (np.minimum(low, high) > 0).all() else low + share * (high - low)
        line = np.tile(p, points)
        line[which] = scan.reshape(-1)
        states = look(line)
        found = states.found.reshape(points, count)
        last = points - 1 - np.argmax(found[::-1], axis=0)
        open_ = np.flatnonzero(found.any(axis=0) & (last < points - 1) & np.isnan(ends))
        if open_.size == 0:
            break
        at = last[open_] * count + open_
        null = augmented.null_vector(system, states.u[:, at], line[:, at])
        roots = newton(fold, np.concatenate([states.u[:, at], null]), line[:, at], (which,), lowest=lowest)
        beyond = (roots.p[which] - line[which, at]) * (high - low)[open_] >= 0
        good = roots.converged & keep(roots.u[: len(u)], roots.p) & beyond
        u[:, open_[good]], ends[open_[good]] = roots.u[: len(u), good], roots.p[which, good]
        low[open_], high[open_] = scan[last[open_], open_], scan[last[open_] + 1, open_]
    return u, ends


def _inwards(theory: Theory, fold: np.ndarray, ends: np.ndarray, p: np.ndarray) -> np.ndarray:
    """The state of larger overlap at loads below a fold, followed from there: it parts from the fold like a square root."""
    system = compiled(theory, "state")
    p = p.copy()
    wanted = 1 - p[0] / ends
    depth = np.minimum(wanted, _FIRST)
    edge = np.concatenate([ends[None], p[1:]])
    null = augmented.null_vector(system, fold, edge) * augmented.units(fold)
    null = null * np.sign(null[0]) / np.abs(null).max(axis=0)
    jacobian = system.jacobian(fold, edge)
    step = 1e-4
    above, below = (system.jacobian(fold + sign * step * null, edge)[:, : len(fold)] for sign in (1, -1))
    bent = np.einsum("ijb,jb->ib", above - below, null) / (2 * step)
    left = np.linalg.svd(np.moveaxis(jacobian[:, : len(fold)], -1, 0))[0][:, :, -1].T
    with np.errstate(all="ignore"):
        away = np.sqrt(2 * np.abs((left * jacobian[:, len(fold)]).sum(axis=0) * ends / (left * bent).sum(axis=0)))
    u = fold + away * np.sqrt(depth) * null
    while True:
        p[0] = ends * (1 - depth)
        u = newton(system, u, p).u
        if np.all(depth >= wanted):
            return u
        further = np.minimum(wanted, 2 * depth)
        u = fold + (u - fold) * np.sqrt(further / depth)
        depth = further
