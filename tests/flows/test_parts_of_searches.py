"""Parts of what finds and follows states, by themselves: starts, roots within a step, landings on kinks, faces, margins."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from dammech.flows import classify, fixed_points, newton, pieces, trajectory
from dammech.flows.batch import _first_root, trajectories
from dammech.flows.classify import _eigenvalue_errors, _index_by_lyapunov
from dammech.flows.dynamics import as_flow
from dammech.flows.faces import _deepest
from dammech.flows.integrate import _Run
from dammech.flows.kinks import _decreases, _kinks_of, _lyapunov_matrices, _pattern_curvatures, kink_verdict
from dammech.flows.newton import _distinct, _starts, _steps
from dammech.systems.lagrangian.model import Lagrangian, Network


def lateral(name, W, x, symmetric=True):
    layer, W, x = Lagrangian(name, len(x)), np.array(W, dtype=float), np.array(x, dtype=float)
    return Network([layer], [{"from": 0, "to": 0, "matrix": W}], [x - W @ layer.activation(x)], None, symmetric)


@pytest.mark.parametrize("h", [1e-3, 1.0, 50.0])
@pytest.mark.parametrize(
    ("a", "b", "c", "root"),
    [
        (-1.0, 2.0, 0.0, 0.5),  # a line
        (-0.5, 0.5, 1.0, 0.5),
        (0.5, -0.5, -1.0, 0.5),
        (-0.75, 2.5, -2.0, 0.5),  # turns back: the first of two roots
        (0.75, -2.5, 2.0, 0.5),
        (-0.25, 0.0, 1.0, 0.5),  # starts at rest
        (0.08, -0.5, 0.5, 0.2),
        (1.0, 0.0, 1.0, None),
        (1.0, 0.1, 0.0, None),
    ],
)
def test_where_a_parabola_vanishes_first(a, b, c, root, h):
    one = np.array([a]), np.array([b / h]), np.array([a + b + c]), np.array([h])
    assert _first_root(*one)[0] == pytest.approx(h * (0.5 if root is None else root), rel=1e-9)


@pytest.mark.parametrize("start", [[1.5, -0.7], [-1.5, 0.9], [2.0, 2.0], [-2.0, -2.0]])
def test_steps_end_on_the_kinks_they_meet(start):
    """Downwards and upwards: no accepted step has a kink inside."""
    W = np.array([[0.0, -2.0], [2.0, 0.0]])
    net = Network([Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": W}], [[0.3, -0.4]], symmetric=False)
    run = trajectories(net, [start], record=True)
    before, after = run.steps.before, run.steps.after
    inside = (np.sign(before) * np.sign(after) < 0) & (np.minimum(np.abs(before), np.abs(after)) > 1e-11)
    assert not inside.any() and run.crossings[0] >= 1 and run.converged.all()


def test_starts_lie_along_both_signs_of_the_weights():
    rng = np.random.default_rng(0)
    W = rng.normal(size=(3, 3))
    net = lateral("tanh", W + W.T, rng.normal(size=3))
    starts = _starts(net, 4, rng)
    for wanted in (np.zeros(3), net.bias, *(net.bias + sign * row for row in net.matrix for sign in (1, -1))):
        assert np.abs(starts - wanted).max(-1).min() < 1e-12
    for size in (-3.0, -1.0, 1.0, 3.0):
        assert np.abs(starts - net.bias - size).max(-1).min() < 1e-12
    assert np.isfinite(starts).all() and len(starts) >= 6 + 6 + 3 * 4


def test_a_step_solves_and_a_singular_matrix_is_shifted():
    F = np.stack([np.diag([2.0, 4.0]), np.diag([1.0, 0.0]), np.zeros((2, 2))])
    steps = _steps(F, np.array([[2.0, 2.0], [1.0, 0.0], [0.0, 0.0]]))
    np.testing.assert_allclose(steps, [[1.0, 0.5], [1.0, 0.0], [0.0, 0.0]], atol=3e-6)
    assert np.isfinite(_steps(F, np.ones((3, 2)))).all()


def test_states_are_distinct_in_units_of_their_size():
    found = _distinct(
        np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0 + 1e-12], [1e6, 0.0], [1e6 + 1e-6, 0.0], [0.0, 1.01]])
    )
    assert found.tolist() == [[0.0, 1.0], [1.0, 0.0], [1e6, 0.0], [0.0, 1.01]]


def test_the_deepest_point_of_a_region():
    between = np.array([[1.0], [-1.0]])
    assert _deepest(between, np.array([-0.2, 0.8])) == pytest.approx([0.5])
    assert _deepest(between, np.array([-0.5, 0.5])) == pytest.approx([0.5])  # a single point
    assert _deepest(between, np.array([-0.5, 0.49])) is None
    assert _deepest(between, np.array([-1e6, 1e6 - 1e-4])) == pytest.approx([1e6])  # empty by rounding only
    assert _deepest(between, np.array([-1e6, 1e6 - 1.0])) is None
    assert _deepest(np.zeros((0, 2)), np.zeros(0)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("W", "bias"), [([[0.5, 0.5], [0.5, 0.5]], [0.3, -0.3]), ([[0.0, 2.0], [0.5, 0.0]], [1.0, -0.5]),
     ([[1001.0, 1000.0], [1000.0, 1001.0]], [-1000.0, -1000.0])],
)  # fmt: skip
def test_a_continuum_is_found_at_a_point_of_its_own(W, bias):
    """1 − W is singular where both neurons are alive, and its other singular value is no 1."""
    W = np.array(W)
    net = Network(
        [Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": W}], [bias], symmetric=bool((W == W.T).all())
    )
    points = fixed_points(net)
    alive = [p for p in points if (p.state > 0).all()]
    assert len(alive) == 1 and np.abs(net.drive(alive[0].state)).max() < 1e-9


def test_blocks_of_sixteen_neurons_are_linear_in_pieces(monkeypatch):
    monkeypatch.setattr(pieces, "_projection", lambda neurons: neurons.tolist())
    nets = [Network([Lagrangian("relu", 1), Lagrangian("sparsemax", n)], [], [[0.0], np.zeros(n)]) for n in (16, 17)]
    assert pieces.units_of(nets[0])[1] == list(range(1, 17)) and pieces.units_of(nets[1]) is None


def test_what_a_quadratic_form_does_at_a_kink():
    """It must decrease on every side: a direction that rests is not enough, nor is a form that is not positive."""
    decay, rest = np.diag([-1.0, -2.0]), np.diag([-1.0, 0.0])
    assert _decreases(np.eye(2), np.array([decay])) and not _decreases(np.eye(2), np.array([decay, rest]))
    assert not _decreases(np.diag([1.0, -1.0]), np.array([decay]))
    assert not _decreases(np.diag([1.0, np.nan]), np.array([decay]))
    skew = np.array([[-1.0, 3.0], [0.0, -1.0]])  # decays, though not in this form
    assert not _decreases(np.eye(2), skew[None])
    assert any(_decreases(P, skew[None]) for P in _lyapunov_matrices(skew[None]))


def test_curvatures_on_the_sides_of_a_face_of_the_simplex():
    """Projections 1 − 11ᵀ/|S| on the supports S, of rank |S| − 1; of a block that has no kink here as it is."""
    layers = [Lagrangian("sparsemax", 3), Lagrangian("sparsemax", 2), Lagrangian("relu", 2)]
    x = np.array([0.6, 0.4, 0.0, 0.7, 0.3, 0.0, 2.0])  # t = 0: the third is at the kink, as is the first rectified neuron
    net = Network(layers, [], [x[:3], x[3:5], x[5:]])
    kinks, why = _kinks_of(net, x)
    assert why is None and kinks.neurons.tolist() == [2, 5]
    block, other, neurons = _pattern_curvatures(net, x, kinks, np.array([[0.0, 1.0], [1.0, 0.0]]))
    projections = [np.diag(s) - np.outer(s, s) / sum(s) for s in ([1, 1, 0], [1, 1, 1])]
    np.testing.assert_allclose(block.entries, projections, atol=1e-15)
    assert block.null.tolist() == [2, 1] and other.null.tolist() == [1, 1] and neurons.entries.tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize(("width", "bias"), [(1.0, 1.5), (1.0, -0.25), (6.0, 6.5)])
def test_the_middle_of_a_plateau_represents_it(width, bias):
    """No activation between 0 and ``width``: the state leaves at the end next to the bias, from the middle or from 1 away."""
    step = Lagrangian(f"Piecewise((x**2/2, x < 0), (0, x < {width}), ((x - {width})**2/2, True))", 1)
    (flat,) = fixed_points(Network([step], [], [[bias]])).spurious_flats
    depth, beyond = min(1.0, width / 2), max(bias - width, -bias)
    assert flat["representative"] == pytest.approx([width - depth if bias > 0 else depth])
    assert flat["escape"]["time"] == pytest.approx(np.log((depth + beyond) / beyond))
    assert flat["escape"]["drive"] == pytest.approx(beyond)


def test_why_the_sides_of_a_kink_do_not_decide():
    valley = "Piecewise((-x**2/2, x < 0), (x**2/2, True))"  # slopes −1 and 1
    assert "a net with negative slopes" in classify(lateral(valley, [[1.0]], [0.0]), [0.0]).why[()]
    one_way = lateral("relu", [[1.0, 0.5], [0.0, 0.3]], [0.0, 0.0], False)
    assert "weights that are not symmetric" in classify(one_way, [0.0, 0.0]).why[()]


def test_the_error_of_a_margin_at_a_kink_holds_the_residual():
    found = kink_verdict(lateral("relu", [[-3.0]], [0.0]), np.zeros(1), 1e-6)
    assert found.stable and found.margin == 1.0 and found.error == pytest.approx(1e-4 * (1 + 4), rel=1e-6)


def test_a_neuron_that_rests_on_its_kink_crosses_nothing():
    net = Network([Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": np.zeros((2, 2))}], [[0.0, 1.0]])
    run = trajectory(net, [0.0, 0.5])
    assert run.verdict == "converged" and run.crossings == [] and run.states[-1] == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize("seed", range(3))
def test_kinks_are_crossed_one_after_the_other_when_they_are_met(seed):
    """x = 1 + (x₀ − 1) e^{−t/τ} is zero at t = τ ln(1 − x₀), for fields that start nearly alike as well."""
    rng = np.random.default_rng(seed)
    start, tau = -rng.uniform(0.1, 3, 6), rng.uniform(0.5, 2, 6)
    start[1], tau[1] = start[0] * (1 + 1e-4), tau[0]
    run = trajectory(Network([Lagrangian("relu", 6)], [], [np.ones(6)], [tau]), start)
    times = tau * np.log(1 - start)
    assert [c.kink for c in run.crossings] == np.argsort(times).tolist() and all(c.upward for c in run.crossings)
    np.testing.assert_allclose([c.time for c in run.crossings], np.sort(times), atol=1e-8)


def test_only_symmetric_weights_have_an_energy():
    W = np.array([[0.0, 0.5], [0.2, 0.0]])
    for symmetric, weights in ((True, (W + W.T) / 2), (False, W)):
        net = Network([Lagrangian("relu", 2)], [{"from": 0, "to": 0, "matrix": weights}], [[1.0, 1.0]], symmetric=symmetric)
        (point,) = fixed_points(net)
        assert point.energy == (pytest.approx(float(net.energy(point.state))) if symmetric else None)


def test_far_is_in_units_of_the_start():
    """1e9 is no divergence of what starts there beside a zero."""
    net = Network([Lagrangian("identity", 2)], [], [[0.0, 1.0]])
    run = trajectory(net, [3e9, 0.0])
    assert run.verdict == "converged" and run.states[-1] == pytest.approx([0.0, 1.0], abs=1e-6)


@pytest.mark.parametrize(("accuracy", "residual"), [(1e-4, 1e-9), (1e-9, 1e-4)])
def test_absolute_tolerances_are_below_both_bounds(accuracy, residual):
    net = Network([Lagrangian("tanh", 1)], [], [[0.2]])
    assert _Run(as_flow(net), np.array([1.0]), 50.0, residual, accuracy, None).absolute == pytest.approx(1e-11)


def test_rounding_of_eigenvalues_and_signs_by_lyapunov():
    """Of a matrix without a basis of eigenvectors the root of the rounding; of a diagonal one the rounding itself."""
    eps = np.finfo(float).eps
    jordan, plain = np.array([[0.0, 1.0], [0.0, 0.0]]), np.diag([3.0, -4.0])
    assert _eigenvalue_errors(np.array([jordan]))[0] == pytest.approx(2 * np.sqrt(8 * eps))
    assert _eigenvalue_errors(np.array([plain]))[0] == pytest.approx(8 * eps * 5)
    assert _index_by_lyapunov(plain) == 1 and _index_by_lyapunov(-np.eye(3)) == 0 and _index_by_lyapunov(np.eye(3)) == 3
    assert _index_by_lyapunov(np.diag([1.0, -1.0])) is None and _index_by_lyapunov(np.diag([1.0, 0.0])) is None


def test_rounding_of_a_large_negative_rate_counts():
    """Eigenvalues 1 − 1e8 and 1e-12: the second is known to 1e-8 at best."""
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    W = turn @ np.diag([1e8, 1 - 1e-12]) @ turn.T
    found = classify(lateral("identity", (W + W.T) / 2, [0.0, 0.0]), [0.0, 0.0])
    assert found.stable == np.False_ and found.index == -1 and found.error > 1e-8


def test_terms_that_cancel_count_for_the_scale_of_a_residual():
    """Drives of 1e6 − 1e6: a residual of 1e-4 is rounding there, and none where the terms are of order 1."""
    big, x = 1e6, np.array([0.5, 0.5])
    net = Network([Lagrangian("tanh", 2)], [{"from": 0, "to": 0, "matrix": [[big, -big], [-big, big]]}], [x.tolist()])
    moved = np.array([1e-10, 0.0])
    assert np.abs(net.drive(x + moved)).max() > 5e-5
    assert "the margin" in classify(net, x + moved).why[()]  # a fixed point, though not known well enough to be decided
    small = lateral("tanh", [[0.3, -0.2], [-0.2, 0.4]], x)
    assert classify(small, x + np.array([1e-4, 0])).index == -1 and classify(small, x + np.array([1e-9, 0])).index == 0


def test_margins_at_a_kink_above_one():
    """Inhibition that the activation sees everywhere: 1 + h|w| on either side; what it does not see decays at 1."""
    bent = "Piecewise((x**2/4, x < 0), (x**2, True))"
    verdict = classify(lateral(bent, [[-0.5]], [0.0]), [0.0])
    assert verdict.kink and verdict.stable and verdict.margin == pytest.approx(1.25)
    assert classify(lateral("relu", [[-0.5]], [0.0]), [0.0]).margin == pytest.approx(1.0)
    both = classify(lateral(bent, [[-0.5, 0], [0, -0.3]], [0.0, 1.0]), [0.0, 1.0])
    assert both.margin == pytest.approx(1.25)


@pytest.mark.parametrize("velocity", [1, -1])
def test_the_last_of_the_way_to_a_kink_takes_its_time(velocity):
    """x' = (b − x)/τ, a little before the kink at 0: state and time move on together, and nothing else does."""
    net = Network([Lagrangian("relu", 1)], [{"from": 0, "to": 0, "matrix": [[0.0]]}], [[0.5 * velocity]], [2.0])
    run = SimpleNamespace(flow=as_flow(net), states=[np.array([9.0]), np.array([-1e-6 * velocity])], times=[0.0, 1.0, 2.0, 3.0])
    _Run._snap(run, 0)
    assert run.times[:3] == [0.0, 1.0, 2.0] and run.times[3] == pytest.approx(3.0 + 4e-6, abs=1e-10)
    assert run.states[0] == 9.0 and abs(run.states[1][0]) < 1e-11
    far = SimpleNamespace(flow=run.flow, states=[np.array([-1e-2 * velocity])], times=[0.0])
    _Run._snap(far, 0)
    assert far.times == [0.0] and far.states[0] == -1e-2 * velocity


def test_a_scale_sees_fields_of_either_sign():
    layer = Lagrangian("tanh", 2)
    net = Network([layer], [{"from": 0, "to": 0, "matrix": 0.1 * np.eye(2)}], [np.array([-0.3, 0.2])])
    assert net.scale(np.array([[-7.0, 0.5], [0.5, 6.0], [0.0, 0.0]])) == pytest.approx([7.0, 6.0, 0.3])


def test_beside_a_singular_point_on_either_side_no_residual_is_believed():
    net = SimpleNamespace(hessian=lambda x: np.full((len(x), 1, 1), 1e7), drive=lambda x: 0 * x, scale=lambda x: 1.0)
    for x, kept in ((1e6, 0), (-1e6, 0), (1e4, 1), (-1e4, 1)):
        assert len(newton._unblurred(net, np.array([[x]]), np.array([True]))[0]) == kept


@pytest.mark.parametrize(("curvature", "certain"), [(10.0, False), (0.1, True)])
def test_doubts_add_up_whatever_the_signs_of_the_inverse(monkeypatch, curvature, certain):
    """A ball that holds the step |A| of the doubt: A itself would make it two hundred times as small."""
    A = np.array([[1.0, -0.99], [-0.99, 1.0]])

    def hessian(x):
        return (1 + curvature * np.abs(x).max(-1))[..., None, None] * np.eye(2)

    net = SimpleNamespace(size=2, matrix=np.eye(2) - np.linalg.inv(A), hessian=hessian)
    monkeypatch.setattr(newton, "_doubt", lambda net, state: np.full(2, 1e-3))
    assert newton.certified(net, np.zeros((1, 2)))[0] == certain


@pytest.mark.parametrize("doubtful", [0, 1])
def test_one_neuron_at_rest_does_not_vouch_for_another(doubtful):
    """Uncoupled neurons: one rests at 0, the other passes a bottleneck where x = 3 tanh x + b has just lost its root."""
    turn = np.arccosh(np.sqrt(3.0))  # x − 3 tanh x is lowest here
    rows = np.arange(2) == doubtful
    W, x = np.diag(np.where(rows, 3.0, 0.5)), np.where(rows, turn + 0.01, 0.0)
    for above, certain in ((1e-3, False), (0.0, True)):
        bias = np.where(rows, x[doubtful] - 3 * np.tanh(x[doubtful]) - above, 0.0)
        net = Network([Lagrangian("tanh", 2)], [{"from": 0, "to": 0, "matrix": W}], [bias])
        assert newton.certified(net, x[None])[0] == certain
