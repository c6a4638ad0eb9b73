"""Error bars of verdicts bound the errors and are no larger than they need be; steps of a batch are those of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import DOP853

from dammech.flows import classify
from dammech.flows.batch import trajectories
from dammech.flows.classify import _decided_by_blocks, _eigenvalue_errors, _index_by_lyapunov
from dammech.systems.lagrangian.model import Lagrangian, Network

EPS = np.finfo(float).eps
SIZES = [1e-6, 1.0, 1e6]


def lateral(layer, W, x, symmetric=True, tau=None):
    """A net of one block that rests at x, to rounding."""
    W, x = np.array(W, dtype=float), np.array(x, dtype=float)
    bias = x - W @ layer.activation(x)
    return Network([layer], [{"from": 0, "to": 0, "matrix": W}], [bias], None if tau is None else [tau], symmetric)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("n", [1, 2, 6])
def test_eigenvalues_of_a_normal_matrix_are_known_to_rounding(size, n):
    a = np.random.default_rng(n).normal(size=(n, n))
    errors = _eigenvalue_errors(size * np.stack([a + a.T, a - a.T]) + 0.0)
    norms = size * np.linalg.norm([a + a.T, a - a.T], axis=(1, 2))
    assert (errors >= EPS * norms[:, None]).all() and (errors <= 30 * n**1.5 * EPS * norms[:, None]).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("k", [1e2, 1e4, 1e6])
def test_eigenvalues_move_with_the_slant_of_their_vectors(size, k):
    """Of (0 k; 0 1) by k times what is done to the matrix in its corner."""
    errors = _eigenvalue_errors(size * np.array([[[0.0, k], [0.0, 1.0]]]))[0]
    assert (errors >= size * EPS * k**2 / 2).all() and (errors <= 40 * size * EPS * k**2).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("n", [2, 3, 5])
def test_eigenvalues_of_a_chain_move_by_a_root(size, n):
    """δ in the corner of a chain of n moves all eigenvalues to the n-th roots of δ."""
    errors = _eigenvalue_errors(size * np.diag(np.ones(n - 1), 1)[None])[0]
    assert (errors >= size * EPS ** (1 / n)).all() and (errors <= 4 * n * size * (30 * EPS) ** (1 / n)).all()
    assert _eigenvalue_errors(np.zeros((3, 0, 0))).shape == (3, 0)


@pytest.mark.parametrize("size", SIZES)
def test_lyapunovs_equation_counts_what_grows(size):
    rng = np.random.default_rng(1)
    for _ in range(20):
        rates, V = rng.choice([-1, 1], 5) * rng.uniform(0.3, 2, 5), rng.normal(size=(5, 5))
        if np.linalg.cond(V) < 100:
            assert _index_by_lyapunov(size * V @ np.diag(rates) @ np.linalg.inv(V)) == (rates > 0).sum()
    chain = np.diag(np.full(5, 0.5), 1)
    assert _index_by_lyapunov(size * (chain - np.eye(6))) == 0 and _index_by_lyapunov(size * (chain + np.eye(6))) == 6


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sign", [1, -1])
def test_lyapunovs_equation_does_not_count_what_rounding_hides(size, sign):
    """A rotation that grows or decays slowly: certain above, and not below, a few units of rounding."""

    def turning(rate):
        return _index_by_lyapunov(size * np.array([[sign * rate, 1.0], [-1.0, sign * rate]]))

    for rate in (1e-3, 1e-9, 200 * EPS):
        assert turning(rate) == (2 if sign > 0 else 0)
    for rate in (4 * EPS, EPS, EPS / 8, 0.0):
        assert turning(rate) is None
    assert _index_by_lyapunov(size * np.diag([sign, 1e-18])) is None
    assert _index_by_lyapunov(size * np.diag([1.0, -1.0])) is None  # two rates that cancel


@pytest.mark.parametrize("seed", range(4))
def test_chains_are_decided_block_by_block(seed):
    """A chain of defective blocks in any order of the neurons: the index is the sum of theirs."""
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], 4)
    J = np.kron(np.diag(signs), np.eye(3)) + np.diag(np.full(11, 20.0), 1)
    order = rng.permutation(12)
    index, error = _decided_by_blocks(J[np.ix_(order, order)], 0.0)
    assert index == 3 * (signs > 0).sum() and 0 <= error < 1e-12
    assert _decided_by_blocks(J[np.ix_(order, order)], 0.9)[0] == index
    assert _decided_by_blocks(J[np.ix_(order, order)], 1.1) is None
    J[0, 0] = 0.0
    assert _decided_by_blocks(J, 0.0) is None


def test_a_loop_of_slanted_neurons_is_decided_by_lyapunov():
    """Chains closed by a weak link: eigenvalues are −1 and the roots of the loop, which rounding spreads as well."""
    n, gain = 12, 4.0
    J = np.diag(np.full(n - 1, gain), -1) - np.eye(n)
    J[0, -1] = 1e-3**n / gain ** (n - 1)
    index, error = _decided_by_blocks(J, 0.0)
    assert index == 0 and 0 <= error <= 0.6
    assert _decided_by_blocks(-J, 0.0)[0] == n
    assert _decided_by_blocks(J, 1e-2) is None  # the state is not known well enough for that
    assert _decided_by_blocks(J, 1e-8)[0] == 0


CASES = {
    "slopes": ("tanh", [[0.3, 0.5], [0.5, -0.2]], True),
    "rates": ("tanh", [[0.3, 1.5], [-0.7, -0.2]], False),
    "softmax": ("softmax", [[0.3, 0.5, 0.2], [0.5, -0.2, 1.0], [0.2, 1.0, 0.4]], True),
    "silu": ("silu", [[0.3, 0.5], [0.5, -0.2]], True),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("distance", [1e-12, 1e-10, 3e-9])
@pytest.mark.parametrize("tau", [None, [0.5, 20.0]])
def test_the_error_of_a_margin_holds_that_of_the_state(case, distance, tau):
    """States beside the fixed point, as a search that stops early leaves them."""
    name, W, symmetric = CASES[case]
    layer, x = Lagrangian(name, len(W)), np.array([0.7, -0.4, 0.3])[: len(W)]
    if not layer.separable and tau:
        tau = 20.0
    net = lateral(layer, W, x, symmetric, tau)
    known = classify(net, x)
    assert 0 < known.error < 1e-13
    for direction in ([1, 0, 0.1], [0, -1, 0], [1, 1, 0.7], [-1, 0.5, 0]):
        beside = classify(net, x + distance * np.array(direction)[: len(W)])
        moved = abs(float(beside.margin - known.margin))
        assert moved <= beside.error <= 1e-13 + 9 * distance


@pytest.mark.parametrize("case", CASES)
def test_a_margin_within_the_error_of_its_state_is_not_decided(case):
    """The residual is 1e-9 and the state known to 1e-9/margin: of either sign 1e-3 is decided and 1e-11 is not."""
    name, W, symmetric = CASES[case]
    layer, x = Lagrangian(name, len(W)), np.array([0.7, -0.4, 0.3])[: len(W)]
    rate = np.linalg.eigvals(np.array(W) @ layer.hessian(x)).real.max()
    for margin, stable in ((1e-3, True), (-1e-3, False), (1e-11, None), (-1e-11, None)):
        net = lateral(layer, np.array(W) * (1 - margin) / rate, x, symmetric)
        verdict = classify(net, x + np.array([1e-9, -1e-9, 0.0])[: len(W)])
        assert verdict.stable[()] is stable and (verdict.index == -1) == (stable is None)
        assert abs(verdict.margin - margin) <= verdict.error


@pytest.mark.parametrize("seed", [0, 2])
def test_steps_of_a_batch_are_those_of_scipy(seed):
    """Length, end and order of every step, as long as none is refused, and the tolerance is not tightened."""
    rng = np.random.default_rng(seed)
    net = lateral(Lagrangian("tanh", 3), 0.8 * rng.normal(size=(3, 3)), rng.normal(size=3), False, [0.5, 1.0, 2.0])
    start = 3 * rng.normal(size=3)
    accuracy = 1e-9
    steps = trajectories(net, [start], until=1.5, accuracy=accuracy, residual=1e-14, record=True).steps
    speed = np.abs(net.velocity(start)).max()
    first = min(0.01 * (1 + np.abs(start).max()) / speed, 0.2)
    assert steps.time[0] == pytest.approx(first)
    known = DOP853(lambda t, x: net.velocity(x), 0.0, start, 1.5, rtol=accuracy, atol=1e-16, first_step=first)
    for time, after in zip(steps.time, steps.after):
        known.step()
        assert time == pytest.approx(known.t, rel=1e-5)
        np.testing.assert_allclose(after, known.y, atol=1e-9)
    assert known.t == 1.5 and len(steps.time) > 6


@pytest.mark.parametrize("h", [0.25, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("symmetric", [True, False])
def test_margins_of_linear_neurons_of_any_slope(h, symmetric):
    """g = h x: the margin is 1 − h λ, of a net that is not symmetric over its time constants."""
    W = np.array([[0.1, 0.2], [0.2, -0.3]])
    net = lateral(Lagrangian(f"{h}*x**2/2", 2), W, [0.3, -0.2], symmetric, [2.0, 2.0])
    margin = (1 - h * np.linalg.eigvalsh(W).max()) / (1 if net.symmetric else 2)
    assert classify(net, [0.3, -0.2]).margin == pytest.approx(margin, rel=1e-12)
