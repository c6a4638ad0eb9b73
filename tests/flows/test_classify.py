"""Classes of fixed points: margins with errors, what is not decided, many nets at once, kinks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_nets import block, planted

from dammech.errors import InputError
from dammech.flows import classify, spectrum
from dammech.systems.lagrangian.model import Network


def lateral(name, W, x, tau=None, symmetric=True):
    """A lateral net of one block with a fixed point at x."""
    layer, W, x = block(name, len(x)), np.array(W, dtype=float), np.array(x, dtype=float)
    return Network([layer], [{"from": 0, "to": 0, "matrix": W}], [x - W @ layer.activation(x)],
                   None if tau is None else [tau], symmetric)  # fmt: skip


def test_many_nets_at_once_are_those_one_by_one():
    rng = np.random.default_rng(2)
    nets, states = [], rng.normal(size=(700, 6))
    for x in states:
        a = rng.normal(size=(6, 6)) * rng.choice([0.2, 0.4])
        nets.append(lateral("relu", a + a.T, x))
    together = classify(nets, states)
    for k in range(0, 700, 23):
        alone = classify(nets[k], states[k])
        assert together.index[k] == alone.index and together.margin[k] == pytest.approx(float(alone.margin), rel=1e-12)
        J = nets[k].matrix * (states[k] > 0) - np.eye(6)
        assert together.index[k] == (np.linalg.eigvals(J).real > 0).sum()
    assert set(together.stable) == {True, False}


def test_many_states_of_one_net_keep_their_shape():
    net, x = planted(4)
    verdicts = classify(net, np.broadcast_to(x, (2, 3, net.size)))
    assert verdicts.stable.shape == verdicts.margin.shape == (2, 3)
    assert (verdicts.index == classify(net, x).index).all()
    assert classify(net, np.zeros((0, net.size))).stable.shape == (0,)


def test_what_is_no_fixed_point_is_not_classified():
    net, x = planted(5)
    verdict = classify(net, x + 0.1)
    assert verdict.stable[()] is None and verdict.index == -1 and "too large for a fixed point" in verdict.why[()]


def test_an_infinite_slope_is_said_where_it_is():
    """|x|^{4/3}: at 0 the activation is vertical and has no kink."""
    weights = np.array([[0.0, 0.2], [0.2, 0.0]])
    nets = [lateral("3*Abs(x)**(4/3)/4", weights, x) for x in ([0.0, 8.0], [1.0, 8.0])]
    found = classify(nets, [[0.0, 8.0], [1.0, 8.0]])
    assert found.why.tolist() == ["the slope of the activation is not finite here", None]
    assert found.stable.tolist() == [None, True] and found.index.tolist() == [-1, 0]
    assert np.isnan(found.margin[0]) and 0 < found.margin[1] < 1


def test_wrong_arguments():
    net, x = planted(5)
    with pytest.raises(InputError, match="same layers"):
        classify([net, planted(6)[0]], np.stack([x, x]))
    with pytest.raises(InputError, match="one for each"):
        classify([net, net], x[None])
    with pytest.raises(InputError, match="finite"):
        classify(net, x * np.nan)


def test_a_marginal_state_is_not_decided():
    """tanh at the pitchfork: the margin is zero; beside it, it is decided."""
    for w, stable in ((1.0, None), (1 - 1e-9, True), (1 + 1e-9, False), (1 + 1e-16, None)):
        verdict = classify(lateral("tanh", [[w]], [0.0]), [0.0])
        assert verdict.stable[()] is stable
        assert (verdict.why[()] is None) == (stable is not None)
        assert verdict.margin == pytest.approx(1 - w, abs=1e-15)
        assert verdict.error < 1e-11 or stable is None


def test_complex_spectrum_of_weights_that_are_not_symmetric():
    """Two ReLU neurons that turn: −1 + s ± i w, an oscillation that grows from s = 1 on."""
    for s, stable, index in ((0.5, True, 0), (1.5, False, 2), (1.0, None, -1)):
        W = [[s, -2.0], [2.0, s]]
        net = lateral("relu", W, [1.0, 2.0], symmetric=False)
        verdict = classify(net, [1.0, 2.0])
        assert verdict.stable[()] is stable and verdict.index == index
        assert np.allclose(spectrum(net, [1.0, 2.0]), [s - 1 - 2j, s - 1 + 2j])


def test_feed_forward_chains_are_stable_though_their_jacobian_is_defective():
    n = 24
    W = np.diag(np.full(n - 1, 3.0), -1)
    verdict = classify(lateral("identity", W, np.ones(n), symmetric=False), np.ones(n))
    assert verdict.stable[()] is True and verdict.index == 0
    shifted = W + 1.5 * np.eye(n) * (np.arange(n) == 4)
    verdict = classify(lateral("identity", shifted, np.ones(n), symmetric=False), np.ones(n))
    assert verdict.stable[()] is False


def test_a_hessian_that_is_not_positive():
    """SiLU: with slopes of both signs the inertia of 1 − H^½ W H^½ means nothing, the eigenvalues decide."""
    rng = np.random.default_rng(8)
    seen = set()
    for _ in range(60):
        a, x = rng.normal(size=(4, 4)) * 2, 3 * rng.normal(size=4)
        net = lateral("silu", a + a.T, x)
        full = np.linalg.eigvals(net.matrix @ net.hessian(x) - np.eye(4))
        verdict = classify(net, x)
        assert verdict.index == (full.real > 0).sum()
        assert verdict.margin == pytest.approx(-full.real.max(), abs=1e-10)
        seen.add((bool(np.iscomplex(full).any()), int(verdict.index)))
    assert len(seen) > 3


# -- kinks -------------------------------------------------------------------------------------------------------------


def test_two_neurons_at_the_kink():
    """Neither H(0) = 0 nor H(0) = 1 decides: inhibition is stable, excitation is not; Q = (g₁² + g₂²)/2 + w g₁ g₂."""
    for w, stable, margin in ((2.0, True, 1.0), (-2.0, False, -1.0), (-1.0, None, 0.0), (-0.5, True, 0.5)):
        net = lateral("relu", [[0, -w], [-w, 0]], [0.0, 0.0])
        verdict = classify(net, [0.0, 0.0])
        assert verdict.kink and verdict.stable[()] is stable
        assert verdict.margin == pytest.approx(margin, abs=1e-14)
        corner = np.array([1.0, 1.0]) / np.sqrt(2)
        assert net.energy(corner) == pytest.approx((1 + w) / 2)


@pytest.mark.parametrize("name", ["relu", "hard-tanh", "soft-threshold", "Piecewise((x**2/4, x < 0), (x**2, True))"])
def test_cones_against_the_energy_on_a_grid(name):
    """The margin is the smallest value of 2Q/Σ y²/h over displacements of the activation, found by brute force."""
    rng = np.random.default_rng(len(name))
    at = {"relu": 0.0, "hard-tanh": 1.0, "soft-threshold": -1.0}.get(name, 0.0)
    verdicts = []
    for _ in range(12):
        a, x = rng.normal(size=(3, 3)) * 0.8, np.array([at, at, at + 0.4])
        net = lateral(name, (a + a.T) / 2, x, tau=rng.uniform(0.3, 3, 3))
        d = rng.normal(size=(200_000, 3))
        below, above = net.layers[0].sides(x)
        h = np.where(d > 0, above, below)
        alive = h.sum(-1) > 0
        y = (h * d)[alive]
        norm = (h[alive] * d[alive] ** 2).sum(-1)
        flat = 1.0 if (np.minimum(below, above) == 0).any() else np.inf  # what the activation does not see decays
        lowest = (1 - ((y @ net.matrix) * y).sum(-1) / norm).min(initial=flat)
        verdict = classify(net, x)
        assert lowest - 0.05 <= verdict.margin <= lowest + 1e-12
        assert verdict.stable[()] is bool(verdict.margin > 0)
        verdicts.append(verdict.stable[()])
    assert name == "soft-threshold" or len(set(verdicts)) == 2


def flowed(net, x, start, steps=2000, dt=0.05):
    """The state after a long time, by the fourth-order Runge–Kutta rule."""
    y = start
    for _ in range(steps):
        k1 = net.velocity(y)
        k2 = net.velocity(y + dt / 2 * k1)
        k3 = net.velocity(y + dt / 2 * k2)
        k4 = net.velocity(y + dt * k3)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        if not 1e-6 < np.abs(y - x).max() < 1e-1:
            break
    return np.abs(y - x).max()


@pytest.mark.parametrize("symmetric", [True, False])
def test_kinks_against_the_flow(symmetric):
    """Time constants of their own for the neurons; starts around the fixed point."""
    rng = np.random.default_rng(11 + symmetric)
    seen = []
    for k in range(10):
        a, x = rng.normal(size=(3, 3)) * 0.9, np.array([0.0, 0.0, 0.7])
        W = (a + a.T) / 2 if symmetric else a
        net = lateral("relu", W, x, tau=rng.uniform(0.5, 2, 3), symmetric=symmetric)
        verdict = classify(net, x)
        if verdict.stable[()] is None or abs(verdict.margin) < 0.1:
            continue
        far = flowed(net, x, x + 1e-4 * rng.normal(size=(30, 3)))
        assert (far < 1e-5) == verdict.stable[()], (k, far)
        seen.append(verdict.stable[()])
    assert set(seen) == {True, False}


def test_sides_that_are_stable_do_not_make_a_kink_stable_without_a_common_function():
    """Without symmetric weights and without a common quadratic function it is said that nothing is known."""
    rng = np.random.default_rng(0)
    reasons = set()
    for _ in range(60):
        x = np.array([0.0, 0.0, 1.0])
        net = lateral("relu", 1.5 * rng.normal(size=(3, 3)), x, symmetric=False)
        verdict = classify(net, x)
        reasons.add((verdict.stable[()], verdict.why[()]))
        if verdict.stable[()] is True:
            for signs in itertools.product([0, 1], repeat=2):
                J = net.matrix * np.array([*signs, 1.0]) - np.eye(3)
                assert np.linalg.eigvals(J).real.max() < 0
    assert {stable for stable, _ in reasons} == {True, False, None}


def test_too_many_neurons_at_a_kink():
    net = lateral("relu", np.zeros((14, 14)), np.zeros(14))
    verdict = classify(net, np.zeros(14))
    assert verdict.stable[()] is None and "too many" in verdict.why[()]


def test_support_of_a_projection_at_its_edge():
    """sparsemax with the second neuron at the edge of the support: its cone is one-sided, with Σ y = 0."""
    layer = block("sparsemax", 3)
    x = np.array([1.0, 0.0, -2.0])  # t = 0: x₂ = t
    for w, stable in ((0.9, True), (1.1, False)):
        W = w * np.eye(3)
        net = Network([layer], [{"from": 0, "to": 0, "matrix": W}], [x - W @ layer.activation(x)])
        verdict = classify(net, x)
        assert verdict.kink and verdict.stable[()] is stable
        assert verdict.margin == pytest.approx(1 - w)
    W = np.array([[0.0, 0.9, 0], [0.9, 0, 0], [0, 0, 0]])
    net = Network([layer], [{"from": 0, "to": 0, "matrix": W}], [x - W @ layer.activation(x)])
    assert classify(net, x).margin == pytest.approx(1.0)  # y = (−1, 1, 0) is the only direction: (2 + 2·0.9)/2 > 1


@given(st.integers(0, 10_000))
def test_the_order_of_the_neurons_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    a, x = rng.normal(size=(5, 5)), rng.choice([-1.0, 0.0, 0.5, 2.0], 5)
    W, order = (a + a.T) / 3, rng.permutation(5)
    one = classify(lateral("relu", W, x), x)
    other = classify(lateral("relu", W[np.ix_(order, order)], x[order]), x[order])
    assert one.stable[()] is other.stable[()] and one.index == other.index
    assert one.margin == pytest.approx(float(other.margin), abs=1e-12)


@given(st.integers(0, 10_000), st.floats(-100, 100))
def test_a_shift_of_the_bias_along_a_null_vector_moves_the_state_only(seed, shift):
    """softmax does not see the mean of its fields: b + s 1 has the fixed point x + s 1, of the same class."""
    rng = np.random.default_rng(seed)
    a, x = rng.normal(size=(4, 4)) * 2, rng.normal(size=4)
    net = lateral("softmax", a + a.T, x)
    moved = Network([net.layers[0]], [{"from": 0, "to": 0, "matrix": net.matrix}], [net.bias + shift])
    assert np.abs(moved.drive(x + shift)).max() < 1e-12 * (1 + abs(shift))
    one, other = classify(net, x), classify(moved, x + shift)
    assert one.index == other.index and one.margin == pytest.approx(float(other.margin), abs=1e-10)
