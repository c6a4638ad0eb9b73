"""Numbers of the results of flows by another route: differences, reconstructions, and known ends."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.flows import fixed_points, reduced, trajectory
from dammech.flows.basins import basin
from dammech.flows.batch import trajectories
from dammech.flows.ensembles.memories import retrieved
from dammech.systems.lagrangian.model import Lagrangian, Network

NET = Network([Lagrangian("relu", 3)], [{"from": 0, "to": 0, "matrix": [[0, 0.4, -0.5], [0.4, 0, 0.3], [-0.5, 0.3, 0]]}],
              [[1.0, 0.5, -2.0]], [[1.0, 2.0, 0.5]])  # fmt: skip


def test_the_reduced_jacobian_written_out():
    """Neuron 3 is dead: the Jacobian of the first two, how the third follows, and its own rate."""
    (point,) = fixed_points(NET)
    assert point.dead == [2]
    part = reduced(NET, point.state)
    Q, tau = np.hstack([part.alive, part.dead]), NET.tau
    J = (NET.matrix @ NET.hessian(point.state) - np.eye(3)) / tau[:, None]
    np.testing.assert_allclose(part.jacobian, part.alive.T @ J @ part.alive, atol=1e-14)
    np.testing.assert_allclose(part.coupling, part.dead.T @ J @ part.alive, atol=1e-14)
    np.testing.assert_allclose(part.rates, [-1 / tau[2]])
    np.testing.assert_allclose(part.weights, part.alive.T @ NET.matrix @ part.alive, atol=1e-14)
    np.testing.assert_allclose(part.hessian, np.eye(2), atol=1e-14)
    np.testing.assert_allclose(np.sort(np.linalg.eigvals(Q.T @ J @ Q).real), np.sort(point.spectrum), atol=1e-12)


def test_the_error_of_a_margin_bounds_its_error():
    """The margin is −the largest eigenvalue of the Jacobian of the alive; here it is known to rounding."""
    (point,) = fixed_points(NET)
    J = (NET.matrix @ NET.hessian(point.state) - np.eye(3)) / NET.tau[:, None]
    assert 0 <= point.error < 1e-10 and point.residual < 1e-12
    if point.stable:
        assert np.linalg.eigvals(J).real.max() < 0 < point.margin
    unstable = Network([Lagrangian("tanh", 1, beta=3)], [{"from": 0, "to": 0, "matrix": [[1.0]]}])
    middle = min(fixed_points(unstable), key=lambda p: abs(p.state[0]))
    assert not middle.stable and middle.index == 1 and 0 <= middle.error < 1e-8


def test_pieces_of_a_trajectory_join():
    path = trajectory(NET, [-2.0, -1.0, 3.0])
    assert path.verdict == "converged" and len(path.crossings) >= 2
    for (_, end, dense), (begin, _, following) in zip(path.pieces, path.pieces[1:]):
        assert end == pytest.approx(begin, abs=1e-9)
        np.testing.assert_allclose(dense(end), following(begin), atol=1e-8)
    assert path.pieces[0][0] == 0.0 and path.pieces[-1][1] == pytest.approx(path.times[-1])
    exact = NET.states([-2.0, -1.0, 3.0])
    step = 1e-4  # an independent integrator: Runge–Kutta of fixed step
    for _ in range(5000):
        k1 = NET.velocity(exact)
        k2 = NET.velocity(exact + step / 2 * k1)
        k3 = NET.velocity(exact + step / 2 * k2)
        exact = exact + step / 6 * (k1 + 2 * k2 + 2 * k3 + NET.velocity(exact + step * k3))
    np.testing.assert_allclose(path.at(0.5), exact, atol=1e-6)


def test_ends_of_many_trajectories():
    starts = np.array([[-2.0, -1.0, 3.0], [5.0, 5.0, 5.0]])
    many = trajectories(NET, starts)
    np.testing.assert_allclose(many.residuals, np.abs(NET.drive(many.states)).max(axis=1), atol=1e-16)
    assert (many.residuals <= 1e-10 * np.maximum(1, NET.scale(many.states))).all() and many.converged.all()
    (point,) = fixed_points(NET)
    found = basin(NET, [point.state], starts)
    assert found.verdicts.tolist() == ["converged"] * 2 and found.labels.tolist() == [0, 0]
    np.testing.assert_allclose(found.ends, [point.state] * 2, atol=1e-8)
    short = basin(NET, [point.state], starts, until=0.1)
    assert short.verdicts.tolist() == ["timed out"] * 2 and short.labels.tolist() == [-1, -1]


def test_retrieval_of_the_ensemble_says_its_residual_and_steps():
    runs = retrieved(60, 5, 0.3, 2.5, sets=3, seed=4)
    assert (runs.residual <= 2e-5).all() and (runs.residual >= 0).all() and runs.converged.all()
    assert (runs.steps >= 3).all() and (runs.steps < 1000).all()
    hotter = retrieved(60, 5, 0.3, 1.6, sets=3, seed=4)
    assert hotter.steps.mean() > runs.steps.mean()  # a weaker pull takes longer


def test_a_state_that_is_no_fixed_point_has_no_index():
    from dammech.flows import classify

    verdict = classify(NET, np.array([[3.0, 3.0, 3.0], fixed_points(NET)[0].state]))
    assert verdict.index.tolist()[0] == -1 and verdict.index.tolist()[1] >= 0 and verdict.stable[0] is None
    assert np.isnan(verdict.margin[0]) and np.isnan(verdict.error[0]) and "is too large for a fixed point" in verdict.why[0]


def test_both_sides_of_a_kink_of_the_simplex():
    """The third field is at the threshold t: two or three neurons share the simplex, H = 1 − 1/2 or 1 − 1/3 on them."""
    layer, gain = Lagrangian("sparsemax", 3), 0.2
    x = np.array([1.0, 0.5, 0.25])
    bias = x - gain * layer.activation(x)
    net = Network([layer], [{"from": 0, "to": 0, "matrix": (gain * np.eye(3)).tolist()}], [bias.tolist()])
    near = min(fixed_points(net), key=lambda p: np.abs(p.state - x).max())
    assert near.kink and near.kinks == [2]
    found = sorted(tuple(np.round(np.sort(np.real(side["spectrum"])), 9)) for side in near.sides)
    two, three = np.diag([1.0, 1.0, 0.0]), np.eye(3)
    two[:2, :2] -= 0.5
    three -= 1 / 3
    assert found == sorted(tuple(np.round(np.linalg.eigvalsh(gain * H - np.eye(3)), 9)) for H in (two, three))


def test_random_networks_have_the_stated_widths(monkeypatch):
    from dammech.flows.ensembles import counts

    drawn = {}
    monkeypatch.setattr(counts, "count_flats", lambda W, b: drawn.update(W=W, b=b))
    counts.random_flats(4, 1.5, 0.3, nets=20_000, seed=1)
    W, b = drawn["W"], drawn["b"]
    assert np.array_equal(W, W.swapaxes(1, 2))
    assert W[:, 0, 1].std() == pytest.approx(0.75, rel=0.02) and W[:, 2, 2].std() == pytest.approx(0.75 * np.sqrt(2), rel=0.02)
    assert b.mean() == pytest.approx(0.3, abs=0.02) and b.std() == pytest.approx(1.0, rel=0.02)
