"""Which steady state a start comes to, and the flat regions that a steady state touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError
from dammech.flows.batch import trajectories
from dammech.results.record import Record
from dammech.systems.lagrangian.model import Network

_SAME_ACTIVATION = 1e-10
_NOBODY = -1


@dataclass(frozen=True, repr=False)
class Basins(Record):
    """Starts with the attractor that each comes to.

    Attributes
    ----------
    labels : ndarray of int
        (starts,): row of the attractors, −1 where the trajectory ends elsewhere or does not end.
    verdicts : ndarray of str
        (starts,): as of a trajectory.
    ends : ndarray
        (starts, neurons).
    """

    labels: np.ndarray
    verdicts: np.ndarray
    ends: np.ndarray


def basin(
    net: Network, attractors: Any, starts: Any, until: float | None = None, within: float = 1e-6, residual: float = 1e-10
) -> Basins:
    """Follow every start and say which steady state it comes to.

    Parameters
    ----------
    net : Network
    attractors : array_like
        (k, neurons): steady states.
    starts : array_like
        (starts, neurons).
    until : float, optional
        Time limit; 1,000 of the longest time constant.
    within : float
        Largest difference of a field from the attractor's at the end.
    residual : float
        Where a trajectory stops.

    Returns
    -------
    Basins

    Raises
    ------
    InputError
        For attractors that are no steady states, or starts of the wrong shape.
    """
    points = net.states(np.atleast_2d(attractors))
    rest = np.abs(net.drive(points)).max(-1)
    if not np.all(rest <= within):
        raise InputError(f"attractors: row {int(np.argmax(rest))} is no steady state; W g + b − x is {rest.max():.3g} there")
    run = trajectories(net, starts, until=until, residual=residual)
    apart = np.abs(run.states[:, None] - points).max(-1)
    labels = np.where(run.converged & (apart.min(-1) <= within), apart.argmin(-1), _NOBODY)
    return Basins(labels, run.verdicts, run.states)


def flat_points(net: Network, x: Any, count: int, reach: float, rng: np.random.Generator) -> np.ndarray:
    """Random points of the flat region {g = g(x)} of a state: convex combinations of points far out in its directions.

    Parameters
    ----------
    net : Network
        Of convex Lagrangians: only then is the region convex.
    x : array_like
        (neurons,).
    count : int
    reach : float
        How far out, in each direction in which the region goes that far; where it ends before, as far as it goes in
        halves of that.
    rng : numpy Generator

    Returns
    -------
    ndarray
        (count, neurons); copies of x where nothing is flat.

    Raises
    ------
    InputError
        For Lagrangians that are not convex.
    """
    if not net.convex:
        raise InputError("layers: a Lagrangian is not convex; its flat regions need not be convex, nor connected")
    x = net.states(x)
    tried = [_outmost(net, x, sign * direction, reach) for direction in _directions(net, x) for sign in (1, -1)]
    ends = [end for end in tried if end is not None]
    if not ends:
        return np.repeat(x[None], count, axis=0)
    weights = rng.dirichlet(np.ones(len(ends)), size=count)
    return np.asarray(x + weights @ np.array(ends))


def relaxed(net: Network, fixed_point: Any, start: Any, times: Any) -> np.ndarray:
    """Where starts in the flat region of a fixed point are at given times: x* + e^{−t/τ} (x₀ − x*), exactly.

    Parameters
    ----------
    net : Network
    fixed_point : array_like
        (neurons,).
    start : array_like
        (..., neurons).
    times : array_like
        (times,).

    Returns
    -------
    ndarray
        (..., times, neurons).
    """
    goal, x = net.states(fixed_point), net.states(start)
    decay = np.exp(-np.asarray(times, dtype=float)[:, None] / net.tau)
    return np.asarray(goal + decay * (x - goal)[..., None, :])


def _directions(net: Network, x: np.ndarray) -> list[np.ndarray]:
    """Null vectors of the Hessian of each block, and the neurons at a kink, which may be dead on one side."""
    found = []
    for layer, part in zip(net.layers, net.slices):
        columns = [layer.null_basis(x[part]), np.eye(layer.size)[:, layer.kinks(x[part])]]
        for column in np.concatenate(columns, 1).T:
            direction = np.zeros(net.size)
            direction[part] = column
            found.append(direction)
    return found


def _outmost(net: Network, x: np.ndarray, direction: np.ndarray, reach: float) -> np.ndarray | None:
    """The longest multiple of a direction, of reach/2^k, that leaves all activations as they are."""
    g = net.activation(x)
    lengths = reach * 0.5 ** np.arange(20)
    with np.errstate(all="ignore"):  # of states where a Lagrangian is singular
        change = np.abs(net.activation(x + lengths[:, None] * direction) - g).max(-1)
    flat = np.flatnonzero(change <= _SAME_ACTIVATION * (1 + np.abs(g).max()))
    return lengths[flat[0]] * direction if len(flat) else None
