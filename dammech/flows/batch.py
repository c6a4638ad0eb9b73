"""Many trajectories of one flow at once: an explicit method of order 8, each with its own steps, each led onto its kinks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.integrate import DOP853

from dammech.errors import InputError
from dammech.flows.dynamics import Flow, as_flow, kink_rates
from dammech.flows.integrate import VERDICTS, tightened
from dammech.results.record import Record
from dammech.systems.lagrangian.model import Network

_LANDED = 1e-13  # distance from a kink, relative to the state, that counts as on it
_FAR = 1e8
_RUNNING = -1
_FAILED = VERDICTS.index("failed")
_STAGES = 12
_SMALLEST = 1e-14
_MOST_STEPS = 20_000


@dataclass(frozen=True)
class Steps:
    """Accepted steps of all trajectories, in the order in which they were taken.

    Attributes
    ----------
    trajectory : ndarray of int
        (steps,).
    time : ndarray
        At the end of the step.
    before, after : ndarray
        (steps, variables).
    error : ndarray
        Estimated error of the step, (steps, variables).
    """

    trajectory: np.ndarray
    time: np.ndarray
    before: np.ndarray
    after: np.ndarray
    error: np.ndarray


@dataclass(frozen=True, repr=False)
class Trajectories(Record):
    """Where many trajectories end.

    Attributes
    ----------
    states : ndarray
        (trajectories, variables).
    times : ndarray
        When each ended.
    verdicts : ndarray of str
        As of `Trajectory`.
    residuals : ndarray
    crossings : ndarray of int
        Kinks met by each.
    steps : Steps or None
        Where they were to be recorded.
    """

    states: np.ndarray
    times: np.ndarray
    verdicts: np.ndarray
    residuals: np.ndarray
    crossings: np.ndarray
    steps: Steps | None = field(repr=False)

    @property
    def converged(self) -> np.ndarray:
        """Which of them reached a steady state."""
        return np.asarray(self.verdicts == "converged")


def trajectories(
    net: Network | Flow,
    starts: Any,
    until: float | None = None,
    residual: float = 1e-10,
    accuracy: float = 1e-10,
    record: bool = False,
) -> Trajectories:
    """Follow many trajectories until the residual of each is small.

    Parameters
    ----------
    net : Network or Flow
    starts : array_like
        (trajectories, variables).
    until : float, optional
        Time limit; 1,000 of the longest time constant.
    residual : float
        Where to stop, in units of the largest term of the residual (at least 1).
    accuracy : float
        Tolerance of a step, relative and (a hundredth of it) absolute; less where the residual is small.
    record : bool
        Whether to keep every step.

    Returns
    -------
    Trajectories

    Raises
    ------
    InputError
        For starts of the wrong shape or with numbers that are not finite.
    """
    flow = as_flow(net)
    x = np.array(starts, dtype=float)
    if x.ndim != 2 or x.shape[1] != flow.size or not np.all(np.isfinite(x)):
        raise InputError(f"starts: must be rows of {flow.size} finite numbers, the variables of the flow {flow.name}")
    run = _Batch(flow, x, 1000 * flow.slowest if until is None else until, residual, accuracy, record)
    while np.any(run.verdict == _RUNNING):
        run.advance()
    names = np.array(VERDICTS)[run.verdict]
    return Trajectories(run.x, run.t, names, run.residual, run.crossings, run.recorded())


class _Batch:
    """The state of all trajectories between two steps."""

    def __init__(self, flow: Flow, x: np.ndarray, limit: float, bound: float, accuracy: float, record: bool) -> None:
        count = len(x)
        self.flow, self.x, self.limit, self.bound = flow, x, limit, bound
        self.relative, self.absolute = accuracy, 0.01 * min(accuracy, bound)
        self.far = _FAR * (1 + np.abs(x).max(-1))
        self.t, self.crossings, self.taken = np.zeros(count), np.zeros(count, dtype=int), np.zeros(count, dtype=int)
        self.velocity = flow.velocity(x)
        self.sides = self._first_sides()
        self.verdict = np.full(count, _RUNNING)
        self.residual = np.empty(count)
        self._judge(np.arange(count))
        speed = np.abs(self.velocity).max(-1)
        self.h = np.minimum(0.01 * (1 + np.abs(x).max(-1)) / np.maximum(speed, 1e-300), 0.1 * flow.slowest)
        self.usual = np.zeros(count)  # the step before a kink made it shorter
        self._steps: list[tuple[np.ndarray, ...]] | None = [] if record else None

    def advance(self) -> None:
        """One trial step of every trajectory that still runs."""
        at = np.flatnonzero(self.verdict == _RUNNING)
        h = np.minimum(self.h[at], self.limit - self.t[at])
        before = self.x[at]
        relative = tightened(self.relative, self.residual[at], np.abs(before).max(-1))
        after, velocity, error, norm = self._step(before, self.velocity[at], h, relative)
        with np.errstate(all="ignore"):  # of a norm that is zero or no number
            factor = np.clip(np.nan_to_num(0.9 * norm ** (-1 / 8), nan=0.2, posinf=10.0), 0.2, 10.0)
        good = norm <= 1
        crossed, shorter = self._kinks(at, before, after, h)
        over = good & (shorter < h)
        taken = good & ~over
        passed = taken & crossed.any(-1)
        self.usual[at] = np.where(over, np.maximum(h, self.usual[at]), self.usual[at])
        self.h[at] = np.where(over, shorter, h * np.where(good, factor, np.minimum(factor, 0.9)))
        self.h[at[passed]] = np.maximum(self.h[at[passed]], self.usual[at[passed]])
        self.usual[at[passed]] = 0.0
        self.verdict[at[~taken & (self.h[at] < _SMALLEST * np.maximum(self.flow.slowest, self.t[at]))]] = _FAILED
        self._take(at[taken], h[taken], after[taken], velocity[taken], error[taken])
        self.sides[at[taken]] *= np.where(crossed[taken], -1, 1)
        self.crossings[at[taken]] += crossed[taken].sum(-1)
        self._judge(at[taken])

    def recorded(self) -> Steps | None:
        """All steps so far."""
        if self._steps is None:
            return None
        if not self._steps:
            empty = np.empty((0, self.flow.size))
            return Steps(np.empty(0, dtype=int), np.empty(0), empty, empty, empty)
        return Steps(*(np.concatenate(part) for part in zip(*self._steps)))

    def _step(self, x: np.ndarray, velocity: np.ndarray, h: np.ndarray, relative: np.ndarray) -> tuple[np.ndarray, ...]:
        """States after a step, their velocities, the errors, and their norms in units of the tolerance."""
        K = np.empty((_STAGES + 1, *x.shape))
        K[0] = velocity
        with np.errstate(all="ignore"):  # of a trial that went too far
            for stage in range(1, _STAGES):
                K[stage] = self.flow.velocity(x + h[:, None] * np.tensordot(DOP853.A[stage, :stage], K[:stage], 1))
            after = x + h[:, None] * np.tensordot(DOP853.B, K[:_STAGES], 1)
            K[_STAGES] = self.flow.velocity(after)
            scale = self.absolute + relative[:, None] * np.maximum(np.abs(x), np.abs(after))
            fifth, third = np.tensordot(DOP853.E5, K, 1), np.tensordot(DOP853.E3, K, 1)
            square, other = ((fifth / scale) ** 2).sum(-1), ((third / scale) ** 2).sum(-1)
            share = np.where(square > 0, np.sqrt(square / (square + 0.01 * other)), 0.0)
            error = h[:, None] * fifth * share[:, None]
            norm = np.sqrt(np.mean((error / scale) ** 2, -1))
        norm[~np.all(np.isfinite(after) & np.isfinite(K[_STAGES]), axis=-1)] = np.nan
        return after, K[_STAGES], error, norm

    def _kinks(self, at: np.ndarray, before: np.ndarray, after: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Kinks that a step ends on the far side of, and the length that would end on the first of them."""
        sides = self.sides[at]
        if not sides.shape[-1]:
            return np.zeros(sides.shape, dtype=bool), h
        old, new = self.flow.distances(before), self.flow.distances(after)
        crossed = sides * new < 0
        on = _LANDED * (1 + np.abs(after).max(-1, keepdims=True))
        over = crossed & (np.abs(old) > on) & (np.abs(new) > on)
        shorter = h.copy()
        rows = np.flatnonzero(over.any(-1))
        if len(rows):
            rate = kink_rates(self.flow, before[rows], self.velocity[at[rows]])
            roots = _first_root(old[rows], rate, new[rows], h[rows, None])
            shorter[rows] = np.where(over[rows], roots, np.inf).min(-1)
        return crossed, shorter

    def _take(self, at: np.ndarray, h: np.ndarray, after: np.ndarray, velocity: np.ndarray, error: np.ndarray) -> None:
        if self._steps is not None:
            self._steps.append((at, self.t[at] + h, self.x[at], after, error))
        self.t[at] += h
        self.x[at], self.velocity[at] = after, velocity
        self.taken[at] += 1
        if self.sides.size and not self.sides[at].all():
            self.sides[at] = np.where(self.sides[at] == 0, np.sign(self.flow.distances(after)), self.sides[at])

    def _judge(self, at: np.ndarray) -> None:
        if not len(at):
            return
        residual = self.flow.residual(self.x[at])
        self.residual[at] = residual
        verdict = self.verdict[at]
        verdict[(self.t[at] >= self.limit) | (self.taken[at] >= _MOST_STEPS)] = VERDICTS.index("timed out")
        verdict[np.abs(self.x[at]).max(-1) > self.far[at]] = VERDICTS.index("diverged")
        verdict[residual <= self.bound * np.maximum(1.0, self.flow.scale(self.x[at]))] = VERDICTS.index("converged")
        verdict[~np.isfinite(residual)] = _FAILED
        self.verdict[at] = verdict

    def _first_sides(self) -> np.ndarray:
        distances = self.flow.distances(self.x)
        if np.all(distances):
            return np.asarray(np.sign(distances))
        return np.where(distances != 0, np.sign(distances), np.sign(kink_rates(self.flow, self.x, self.velocity)))


def _first_root(old: np.ndarray, rate: np.ndarray, new: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Where the parabola with these values and this first slope vanishes within (0, h)."""
    with np.errstate(all="ignore"):  # of distances that do not change sign
        bend = (new - old - rate * h) / h**2
        root = np.sqrt(np.maximum(rate**2 - 4 * bend * old, 0))
        q = -(rate + np.where(rate >= 0, root, -root)) / 2
        candidates = np.stack([q / bend, old / q])
    inside = (candidates > 0) & (candidates < h)
    first = np.where(inside, candidates, np.inf).min(0)
    return np.where(np.isfinite(first), first, h / 2)
