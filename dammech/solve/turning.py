"""The turning point of a branch as the extremum of a parameter along an order parameter.

Slower than an augmented system, but it stands where that one loses its footing: where two levels of replica symmetry breaking
merge close to the fold, or where second derivatives are not at hand. The extremal value is insensitive to first order to where
on the branch it is taken.
"""

from __future__ import annotations

import numpy as np

from dammech.equations import Equations
from dammech.solve.newton import ERROR_TOLERANCE, Roots, newton
from dammech.solve.transformed import holding

_ROUNDS = 40


def turning_point(
    state: Equations, u: np.ndarray, p: np.ndarray, which: int = 0, name: str = "m", step: float | None = None
) -> Roots | None:
    """The state where parameter ``which`` is extremal along the branch, from a state near it.

    Parameters
    ----------
    state : Equations
    u, p : arrays
        A state, or a guess of one.
    which : int
        Index of the parameter that turns.
    name : str
        The order parameter that runs along the branch.
    step : float, optional
        First step of it.

    Returns
    -------
    Roots or None
        One point, its unknowns in the order of ``state``; the error of the parameter comes last. None where the branch was
        lost; not converged where it is not known well enough where it turns.
    """
    step = 0.01 * (1 - float(u[state.unknowns.index(name)])) if step is None else step
    held = holding(state, (name,), all_equations=True)
    row = state.unknowns.index(name)
    rest = np.delete(np.asarray(u, dtype=float), row)
    at = np.append(np.asarray(p, dtype=float), u[row])

    def slope(overlap: float, rest: np.ndarray, load: float) -> tuple[float, Roots] | None:
        point = at.copy()
        point[-1], point[which] = overlap, load
        roots = newton(held, rest[:, None], point[:, None], (which,))
        if not roots.converged[0]:
            return None
        size = len(held.unknowns)
        matrix = held.jacobian(roots.u, roots.p)[:, [*range(size), size + which, -1], 0]
        if not np.isfinite(matrix).all():  # the levels have merged
            return None
        along = np.linalg.lstsq(matrix[:, :-1], -matrix[:, -1], rcond=None)[0]
        return float(along[-1]), roots

    first = slope(float(u[row]), rest, float(p[which]))
    if first is None:
        return None
    m, (s, roots) = float(u[row]), first
    change = step
    second = None
    for sign in (1, -1):
        second = slope(m + sign * change, roots.u[:, 0], float(roots.p[which, 0]))
        if second is not None:
            change *= sign
            break
    if second is None:
        return None
    before, m, s_before, (s, roots) = m, m + change, s, second
    for _ in range(_ROUNDS):
        if s == s_before or abs(s) < 1e-11 or abs(m - before) < 1e-10:
            break
        move = -s * (m - before) / (s - s_before)
        move = float(np.clip(move, -10 * step, 10 * step))
        following = None
        for _ in range(6):
            following = slope(m + move, roots.u[:, 0], float(roots.p[which, 0]))
            if following is not None:
                break
            move /= 2
        if following is None:
            return None
        before, s_before, m = m, s, m + move
        s, roots = following
    if abs(s) > 1e-6 * max(1.0, abs(float(roots.p[which, 0]))):
        return None
    whole, own = held.whole(roots.u, roots.p)
    left = abs(s * (m - before) / (s - s_before)) if s != s_before else abs(m - before)  # the step that is asked for still
    error = np.insert(roots.error, row, left, axis=0)
    scale = np.append(np.maximum(np.abs(whole[:, 0]), 1.0), abs(own[which, 0]))
    small = np.all(error[:, 0] <= ERROR_TOLERANCE * scale)
    return Roots(whole, own, roots.residual, error, roots.converged & small)


def followed_turning_point(
    state: Equations, u: np.ndarray, p: np.ndarray, before: tuple[np.ndarray, np.ndarray], varied: int, value: float
) -> Roots | None:
    """`turning_point` at another value of parameter ``varied``, reached in steps from two turning points nearby."""
    (old_u, old_p), (now_u, now_p) = before, (u, p)
    step = (value - now_p[varied]) / 4
    smallest = abs(step) / 64
    found = None
    while abs(now_p[varied] - value) > 1e-14:
        step = float(np.clip(step, -abs(value - now_p[varied]), abs(value - now_p[varied])))
        t = step / (now_p[varied] - old_p[varied])
        guess_u, guess_p = now_u + t * (now_u - old_u), now_p + t * (now_p - old_p)
        guess_p[varied] = now_p[varied] + step
        found = turning_point(state, guess_u, guess_p)
        if found is None or not found.converged[0]:
            step /= 2
            if abs(step) < smallest:
                return None
            continue
        old_u, old_p, now_u, now_p = now_u, now_p, found.u[:, 0], found.p[:, 0]
        step *= 1.5
    return found
