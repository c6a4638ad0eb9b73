"""A stable steady state attracts the whole flat region that it touches, along a straight line; basins of few neurons."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.flows import basin, classify, flat_points, relaxed, trajectories
from dammech.systems.lagrangian.model import Lagrangian, Network

BLOCKS = [
    Lagrangian("relu", 4), Lagrangian("softmax", 3), Lagrangian("layernorm", 4), Lagrangian("spherical", 3),
    Lagrangian("identity", 3),
]  # fmt: skip


def mixed(rng):
    """A lateral network of five blocks, uneven time constants where they may be."""
    size = sum(layer.size for layer in BLOCKS)
    W = rng.normal(size=(size, size)) * 0.35 / np.sqrt(size)
    W = W + W.T
    ends = np.cumsum([0, *(layer.size for layer in BLOCKS)])
    parts = [slice(a, b) for a, b in itertools.pairwise(ends)]
    weights = [{"from": s, "to": t, "matrix": W[parts[t], parts[s]]} for t in range(5) for s in range(5)]
    tau = [rng.uniform(0.5, 2, 4), 0.7, 1.5, 1.2, rng.uniform(0.5, 2, 3)]
    return Network(BLOCKS, weights, [rng.normal(size=layer.size) for layer in BLOCKS], tau)


def attracted(nets, far):
    """For one stable fixed point of each net: how the energy varies on the flat, how far the flow is from a straight
    relaxation, and how many perturbed starts return."""
    spread, deviation, returned, points = 0.0, 0.0, 0, 0
    for k in range(10 * nets):
        rng = np.random.default_rng(np.random.SeedSequence([60, k]))
        net = mixed(rng)
        rest = trajectories(net, 2 * rng.normal(size=(1, net.size)), residual=1e-13, accuracy=1e-12)
        if not rest.converged.all() or not classify(net, rest.states).stable[0]:
            continue
        goal = rest.states[0]
        starts = flat_points(net, goal, far, 60.0, rng)
        g = net.activation(goal)
        assert np.abs(net.activation(starts) - g).max() < 1e-9 and np.abs(starts - goal).max(1).min() > 1
        spread = max(spread, np.abs(net.energy(starts) - net.energy(goal)).max())
        for until in (0.7, 3.0):
            run = trajectories(net, starts, until=until, accuracy=1e-12)
            expected = relaxed(net, goal, starts, [until])[:, 0]
            scale = np.abs(starts - goal).max(-1, keepdims=True)
            deviation = max(deviation, (np.abs(run.states - expected) / scale).max())
        near = basin(net, goal, starts + 1e-3 * rng.normal(size=starts.shape))
        returned += int((near.labels == 0).sum())
        points += 1
        if points == nets:
            break
    return spread, deviation, returned, points


def test_flat_regions_relax_along_straight_lines():
    spread, deviation, returned, points = attracted(1, 3)
    assert points == 1 and spread < 1e-10 and deviation < 1e-10 and returned == 3


@pytest.mark.slow
def test_sixty_stable_fixed_points_attract_their_flat_regions():
    spread, deviation, returned, points = attracted(60, 5)
    assert points == 60 and spread < 1e-10 and deviation < 1e-10 and returned == 300


def test_flat_points_go_as_far_as_the_region():
    rng = np.random.default_rng(np.random.SeedSequence([61]))
    net = Network([Lagrangian("soft-threshold", 1), Lagrangian("relu", 1), Lagrangian("softmax", 2), Lagrangian("tanh", 1)])
    points = flat_points(net, [0.2, -1, 0.3, 0.1, 0.5], 200, 100.0, rng)
    assert np.all(np.abs(points[:, 0]) <= 1)  # compact
    assert points[:, 1].max() <= 0 and points[:, 1].min() < -20
    assert np.ptp(points[:, 2] - points[:, 3]) < 1e-12 and np.ptp(points[:, 2]) > 20
    assert np.all(points[:, 4] == 0.5)
    alone = Network([Lagrangian("tanh", 2)])
    assert np.all(flat_points(alone, [1, 2], 3, 10.0, rng) == [1, 2])
    with pytest.raises(InputError, match="convex"):
        flat_points(Network([Lagrangian("silu", 2)]), [0, 0], 3, 1.0, rng)


def touching(weight, bias):
    layers = [Lagrangian("identity", 1), Lagrangian("relu", 2)]
    return Network(layers, [{"from": 0, "to": 1, "matrix": [[0.5], [weight]]}], [[1], [0, bias]])


def test_a_stable_and_an_unstable_point_at_the_end_of_a_flat_region():
    """Both attract the half-line; around it the stable one attracts everything, the unstable one a side."""
    goal = np.array([4 / 3, 2 / 3, 0])
    line = goal - np.outer([0, 0.5, 3, 50], [0, 0, 1])
    around = line[1:, None] + np.array([[0.1, 0, 0], [-0.1, 0, 0]])
    stable = basin(touching(-0.5, 2 / 3), goal, [*line, *around.reshape(-1, 3)])
    assert np.all(stable.labels == 0)
    unstable = basin(touching(-1, 4 / 3), goal, [*line, *around.reshape(-1, 3)], until=200)
    assert unstable.labels.tolist() == [0, 0, 0, 0] + [0, -1] * 3
    assert np.all(flat_points(touching(-0.5, 2 / 3), goal, 5, 10.0, np.random.default_rng(0))[:, 2] < 0)


def test_two_attractors_share_the_plane_along_the_diagonal():
    net = Network([Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": [[0, -2], [-2, 0]]}], [[1, 1]])
    starts = np.array([[-3, -1], [-1, -3], [2, 1], [0.1, 4], [-2, -2]])
    assert basin(net, [[1, -1], [-1, 1]], starts).labels.tolist() == [1, 0, 0, 1, -1]
    with pytest.raises(InputError, match="row 1 is no steady state"):
        basin(net, [[1, -1], [1, 1]], starts)
