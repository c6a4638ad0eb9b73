"""Verdicts of flows obey scales and errors: large fields come to rest, and where nothing is near nothing is called found."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.flows import fixed_points, trajectory
from dammech.flows.batch import trajectories
from dammech.flows.dynamics import firing_rate, hidden_eliminated, krotov_hopfield, newton, rates_hidden_eliminated
from dammech.flows.newton import state_errors
from dammech.systems.lagrangian.model import Lagrangian, Network


def two(size_of_fields, visible="identity", hidden="relu"):
    layers = [Lagrangian(visible, 2), Lagrangian(hidden, 2)]
    weights = [{"from": 0, "to": 1, "matrix": [[0.5, -0.2], [0.1, 0.3]]}]
    return Network(layers, weights, [[size_of_fields, -0.7 * size_of_fields], [0.3 * size_of_fields, 0.1 * size_of_fields]])


FLOWS = [krotov_hopfield, firing_rate, hidden_eliminated, rates_hidden_eliminated]


@pytest.mark.parametrize("make", FLOWS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("size", [1.0, 1e5, 1e9])
def test_fields_of_any_size_come_to_rest(make, size):
    """A net of rectified linear neurons is homogeneous: all states scale with the biases."""
    flow, unit = make(two(size)), make(two(1.0))
    start = np.linspace(0.2, 0.9, flow.size)
    path, known = trajectory(flow, size * start), trajectory(unit, start)
    assert path.verdict == known.verdict == "converged" and path.why is None
    np.testing.assert_allclose(path.end / size, known.end, atol=3e-9)
    assert path.residual <= 1e-10 * max(1.0, float(flow.scale(path.end)))
    many = trajectories(flow, size * np.array([start, 2 * start]))
    assert (many.verdicts == "converged").all()
    np.testing.assert_allclose(many.states / size, [known.end] * 2, atol=3e-9)


def test_the_scale_is_the_largest_term():
    net = two(3.0)
    x = np.array([1.0, -2.0, 0.5, 0.25])
    terms = [*np.abs(x), *np.abs(net.bias), *(np.abs(net.matrix) @ np.abs(net.activation(x)))]
    assert net.scale(x) == max(terms) and krotov_hopfield(net).scale(x) == max(terms)
    assert net.scale(np.stack([x, 100 * x])).tolist() == [max(terms), net.scale(100 * x)]
    assert firing_rate(net).scale(x) == 2.0
    v = np.array([0.1, 0.2])
    inner = np.abs(net.matrix[:2, 2:]) @ net.layers[1].activation(net.matrix[2:, :2] @ v + net.bias[2:])
    assert hidden_eliminated(net).scale(v) == max(*inner, 3.0)


def test_cancelling_terms_do_not_hide_a_fixed_point():
    """x = 1e9 g(x) − 1e9 g₀ + x₀: the terms are 1e9, their sum is 1."""
    gain, x0 = 1e9, 0.5
    net = Network([Lagrangian("tanh", 1)], [{"from": 0, "to": 0, "matrix": [[gain]]}], [[x0 - gain * np.tanh(x0)]])
    near = [p for p in fixed_points(net, starts=200) if abs(p.state[0] - x0) < 1e-6]
    assert near and near[0].converged and near[0].state_error < 1e-8


def test_a_slow_tail_is_no_fixed_point():
    """Drive e^{−x}: it falls below any bound, and vanishes nowhere."""
    net = Network([Lagrangian("x**2/2 - exp(-x)", 1)], [{"from": 0, "to": 0, "matrix": [[1.0]]}])
    found = fixed_points(net, starts=20)
    assert not any(point.converged for point in found) and not any(point.certified for point in found)
    for point in found:
        document = point.to_json()
        assert document["status"] == "not-converged" and "the estimated error of its fields is" in point.why
    assert not len(found) or f"{len(found)} of {len(found)} are not converged" in found.why


def test_errors_of_states_are_those_of_the_newton_step():
    net = Network([Lagrangian("tanh", 2, beta=2)], [{"from": 0, "to": 0, "matrix": [[0.0, 1.2], [1.2, 0.0]]}], [[0.1, 0.2]])
    for point in fixed_points(net):
        assert point.converged and point.certified
        moved = point.state + np.array([1e-6, -2e-6])
        error = state_errors(net, moved[None])[0] * max(1.0, abs(moved[1]))
        assert 2e-6 * (1 - 1e-4) < error < 6e-6
        assert point.state_error < 1e-12
    critical = Network([Lagrangian("tanh", 1)], [{"from": 0, "to": 0, "matrix": [[1.0]]}])
    assert np.isinf(state_errors(critical, np.zeros((1, 1)))[0])


def test_residual_flows_have_the_scale_of_the_network():
    net = Network([Lagrangian("tanh", 2)], [{"from": 0, "to": 0, "matrix": [[0.0, 0.5], [0.5, 0.0]]}], [[3e4, -2e4]])
    path = trajectory(newton(net), [1.0, 1.0])
    assert path.verdict == "converged" and path.flow.scale(path.end) >= 2.9e4
