"""Two-layer memories and small ReLU nets in motion: fixed points, falling energy, flats, reproducible seeds."""

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.exact import dead_law, gaussian_levels, mean_hessian_trace, mean_wrong_ratio
from dammech.flows.ensembles import (
    alive_edges,
    count_flats,
    dead_at_pattern,
    frozen_traces,
    random_flats,
    retrieved,
    wrong_ratios,
)
from dammech.flows.ensembles.memories import random_signs
from dammech.systems.lagrangian.model import Lagrangian, Network


def test_ends_at_fixed_points_of_the_network():
    size, patterns, theta, beta = 60, 5, 0.3, 2.5
    runs = retrieved(size, patterns, theta, beta, sets=3, seed=4)
    assert runs.converged.all() and (runs.overlap > 0.9).all() and (runs.activity < 1).all()
    # the first set again, with the matrix written out
    key = [size, patterns, round(1e6 * (theta + 100)), round(1e6 * beta), 4]
    signs = random_signs(np.random.default_rng(np.random.SeedSequence(key).spawn(1)[0]), patterns, size) / np.sqrt(size)
    hidden_bias = np.array([0.0, *[-theta] * (patterns - 1)])
    net = Network.from_json({
        "layers": [{"lagrangian": "tanh", "size": size, "beta": beta}, {"lagrangian": "relu", "size": patterns}],
        "weights": [{"from": 0, "to": 1, "matrix": signs.tolist()}],
        "biases": [[0.0] * size, hidden_bias.tolist()],
        "time_constants": [1.0, 1.0],
    })
    y = np.sqrt(size) * signs[0]
    energies = []
    for _ in range(200):
        h = signs @ y + hidden_bias
        v = signs.T @ np.maximum(h, 0)
        energies.append(net.energy(np.concatenate([v, signs @ np.tanh(beta * v) + hidden_bias])))
        y = np.tanh(beta * v)
    state = np.concatenate([v, h])
    assert np.abs(net.drive(state)).max() < 1e-9
    assert (np.diff(energies) < 1e-12).all()
    assert runs.overlap[0] == pytest.approx(signs[0] @ y / np.sqrt(size), abs=1e-4)
    assert runs.dead[0] == np.mean(h[1:] <= 0)


def test_lost_memories_are_not_followed():
    runs = retrieved(200, 120, 0.0, 2.0, sets=4, seed=1, lost_below=0.6)
    assert (runs.overlap < 0.6).all() and not runs.converged.any()


def test_more_thresholds_more_dead():
    below, above = (retrieved(300, 30, theta, 2.0, sets=10, seed=1).dead.mean() for theta in (-0.5, 0.5))
    assert below < 0.4 and above > 0.6


def test_same_seed_same_sets():
    for make in (
        lambda s: retrieved(50, 3, 0.0, 2.0, sets=4, seed=s).overlap,
        lambda s: dead_at_pattern(20, 30, 0.0, sets=4, seed=s),
        lambda s: wrong_ratios(20, 30, 0.5, sets=4, seed=s),
        lambda s: frozen_traces(8, 30, 2.0, sets=4, seed=s),
        lambda s: alive_edges(20, 10, 0.0, sets=4, seed=s),
        lambda s: random_flats(4, 1.0, 0.0, nets=50, seed=s).flats,
    ):
        first, again, other = make(1), make(1), make(2)
        assert len(first) in (4, 50) and np.array_equal(first, again) and not np.array_equal(first, other)


def test_ties_are_dead():
    counts = dead_at_pattern(16, 400, 0.5, sets=40, seed=2)  # 2 of 16 on the lattice
    law = dead_law(16, 400, 0.5)
    assert abs(counts.mean() - law.mean) < 4 * np.sqrt(law.variance / 40)


@pytest.mark.parametrize(
    ("make", "law"),
    [
        (lambda k: dead_at_pattern(9, k, 0.5, sets=4000, seed=3), lambda k: dead_law(9, k, 0.5).mean),
        (lambda k: wrong_ratios(9, k, 0.4, sets=4000, seed=3), lambda k: mean_wrong_ratio(9, k, 0.4)),
        (lambda k: frozen_traces(9, k, 0.4, sets=4000, seed=3), lambda k: mean_hessian_trace(k, gaussian_levels(9, k, 0.4), 0.4)),
    ],
)
@pytest.mark.parametrize("patterns", [1, 2, 3, 7])
def test_means_of_few_memories(make, law, patterns):
    values = make(patterns)
    assert abs(values.mean() - law(patterns)) <= 4.5 * values.std() / np.sqrt(4000)
    assert len(values) == 4000 and (values.std() > 0) == (patterns > 1)


def test_the_edge_of_few_pairs():
    """One pair that is alive has σ² = 2, and none has no edge."""
    edges = alive_edges(9, 1, 0.0, sets=40, seed=1)
    assert set(edges.round(12)) == {0.0, 2.0}


def test_flats_of_one_neuron_pair():
    """Two neurons that inhibit each other: with b = (1, 1) and w = −2 each alone, both and none."""
    weights = np.array([[[0.0, -2.0], [-2.0, 0.0]]] * 2)
    found = count_flats(weights, np.array([[1.0, 1.0], [-1.0, -1.0]]))
    # (1,1): none dead is x = (1/3, 1/3); one dead leaves x = 1 and drives the other to 1 − 2 < 0; both dead are driven up
    assert found.flats.tolist() == [4, 1] and found.steady.tolist() == [3, 1]


def test_steady_states_solve_the_network():
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(1, 3, 3)) * 0.1
    weights = weights + weights.swapaxes(1, 2)
    found = count_flats(weights, rng.normal(size=(1, 3)))
    assert found.steady.tolist() == [1] and found.flats[0] >= 1  # contracting: one steady state


def test_edge_is_that_of_the_network():
    """The largest singular value of the explicit matrix with Hessians of both layers."""
    size, pairs, beta = 24, 12, 0.7
    edge = alive_edges(size, pairs, 0.3, sets=1, seed=5)[0]
    rng = np.random.default_rng(np.random.SeedSequence([round(1e6 * (k + 100)) for k in (4, size, pairs, 5, 0.3)]))
    bias = 0.3 + rng.standard_normal(pairs)
    signs = random_signs(rng, int((bias > 0).sum()), size)
    full = np.concatenate([signs, -signs]) / np.sqrt(size)
    hidden = Lagrangian("relu", len(full)).hessian(np.ones(len(full)))
    visible = Lagrangian("tanh", size, beta=beta).hessian(np.zeros(size))
    matrix = np.sqrt(hidden) @ full @ np.sqrt(visible)
    assert np.linalg.norm(matrix, 2) ** 2 / beta == pytest.approx(edge, rel=1e-10)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: retrieved(0, 3, 0.0, 2.0, sets=1, seed=0), "size=0.*at least 1"),
        (lambda: count_flats(np.zeros((2, 3, 2)), np.zeros((2, 3))), r"must be \(nets, n, n\)"),
        (lambda: count_flats(np.zeros((1, 17, 17)), np.zeros((1, 17))), "17 neurons"),
    ],
)
def test_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()
