"""All fixed points by faces, the flats that hold none, and what Newton's method certifies."""

from __future__ import annotations

import importlib
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_nets import block, planted
from scipy.optimize import root

from dammech.errors import InputError
from dammech.flows import classify, fixed_points
from dammech.systems.lagrangian.model import Network


def lateral(name, W, b, **options):
    return Network([block(name, len(b))], [{"from": 0, "to": 0, "matrix": W}], [b], **options)


def gaussian(rng, n, strength=0.7):
    """Symmetric, off-diagonal standard deviation strength/√n, √2 times that on the diagonal."""
    a = rng.normal(size=(n, n))
    return strength * (a + a.T) / np.sqrt(2 * n)


def by_hand(W, b):
    """Alive sets with a fixed point, and alive sets with x_A > 0: the rectified net on each of its 2^n faces."""
    n, true, critical = len(b), [], []
    for alive in itertools.product([False, True], repeat=n):
        A = np.array(alive)
        x = b.copy()
        if A.any():
            g = np.linalg.solve(np.eye(A.sum()) - W[np.ix_(A, A)], b[A])
            x = b + W[:, A] @ g
        if (x[A] > 0).all():
            critical.append(alive)
            if (x[~A] <= 0).all():
                true.append(x)
    return true, critical


def test_rectified_nets_against_enumeration_by_hand():
    rng = np.random.default_rng(3)
    for n, strength in ((3, 0.7), (4, 2.0), (5, 1.0), (6, 3.0)):
        for _ in range(6):
            W, b = gaussian(rng, n, strength), rng.normal(size=n)
            found, (true, critical) = fixed_points(lateral("relu", W, b)), by_hand(W, b)
            assert found.complete and len(found) == len(true)
            assert found.critical_flats == len(critical)
            assert len(found.spurious_flats) == len(critical) - len(true)
            for x in true:
                assert min(np.abs(point.state - x).max() for point in found) < 1e-12
            for point in found:
                J = W * (point.state > 0) - np.eye(n)
                assert point.index == (np.linalg.eigvals(J).real > 0).sum()
                assert point.stable is bool(point.index == 0) and point.certified and point.residual < 1e-13


def spurious_fraction(seed, nets=300):
    rng = np.random.default_rng(seed)
    found = [fixed_points(lateral("relu", gaussian(rng, 5), rng.normal(size=5))) for _ in range(nets)]
    return sum(f.critical_flats for f in found), sum(len(f) for f in found)


@pytest.mark.slow
def test_about_nine_in_ten_flats_of_critical_energy_hold_no_fixed_point():
    """300 nets of 5 neurons; the counts of one sample of nets, and the statistics of others."""
    counts = np.array([spurious_fraction(seed) for seed in range(6)])
    assert counts[2].tolist() == [2331, 281]
    fraction = 1 - counts[:, 1] / counts[:, 0]
    print(counts.tolist(), fraction.round(4).tolist())
    assert abs(fraction.mean() - 0.875) < 0.01 and fraction.std() < 0.02


def test_most_flats_of_critical_energy_hold_no_fixed_point():
    critical, true = spurious_fraction(2, nets=40)
    assert 0.8 < 1 - true / critical < 0.95


@pytest.mark.parametrize("name", ["relu", "hard-tanh", "soft-threshold"])
def test_spurious_flats_are_critical_hold_nothing_and_are_left_as_said(name):
    rng = np.random.default_rng(5)
    net = lateral(name, gaussian(rng, 4, 1.5), np.abs(rng.normal(size=4)))
    net = Network(net.layers, [{"from": 0, "to": 0, "matrix": net.matrix}], [net.bias], [rng.uniform(0.5, 2, 4)])
    found = fixed_points(net)
    assert found.spurious_flats
    for flat in found.spurious_flats:
        x = flat["representative"]
        drive = net.drive(x)
        assert np.abs(net.hessian(x) @ drive).max() < 1e-12 and np.abs(drive).max() > 1e-6
        assert flat["energy"] == pytest.approx(float(net.energy(x)))
        assert flat["dead"] == np.flatnonzero(net.layers[0].dead(x)).tolist()
        escape, t = flat["escape"], flat["escape"]["time"]
        moved = [x + drive * -np.expm1(-s / net.tau) for s in (t * (1 - 1e-6), t * (1 + 1e-6))]
        before, after = (net.layers[0].dead(s) for s in moved)
        assert before[flat["dead"]].all()
        assert np.flatnonzero(before & ~after).tolist() == [escape["neuron"]]
        assert net.energy(moved[0]) == pytest.approx(flat["energy"], abs=1e-12)


@pytest.mark.parametrize(
    ("names", "sizes"),
    [(["hard-tanh"], [5]), (["soft-threshold"], [4]), (["identity", "relu"], [3, 5]), (["sparsemax", "relu"], [3, 3]),
     (["repu"], [5]), (["Max(x, 0)**2 - x**2/8"], [4])],
)  # fmt: skip
def test_the_enumeration_finds_what_a_root_finder_finds(names, sizes):
    rng = np.random.default_rng(len(names) + sizes[0])
    layers = [block("repu", sizes[0], n=2)] if names == ["repu"] else [block(n, s) for n, s in zip(names, sizes)]
    W = gaussian(rng, sum(sizes), 2.5 if names[0] in ("hard-tanh", "sparsemax") else 0.6)
    cuts = np.cumsum([0, *sizes])
    weights = [{"from": j, "to": i, "matrix": W[cuts[i] : cuts[i + 1], cuts[j] : cuts[j + 1]]}
               for i in range(len(sizes)) for j in range(i + 1)]  # fmt: skip
    net = Network(layers, weights, np.split(rng.normal(size=sum(sizes)), cuts[1:-1]))
    found = fixed_points(net)
    assert found.complete
    states = np.array([point.state for point in found]).reshape(-1, net.size)
    assert np.abs(net.drive(states)).max(initial=0) < 1e-12
    hits = 0
    for start in 3 * rng.normal(size=(60, net.size)):
        end = root(net.drive, start, tol=1e-12)
        if end.success and np.abs(net.drive(end.x)).max() < 1e-10:
            hits += 1
            assert np.abs(states - end.x).max(-1).min() < 1e-8
    assert hits


def test_linear_layers_do_not_count_as_faces():
    net = Network([block("identity", 40), block("relu", 3)],
                  [{"from": 0, "to": 1, "matrix": np.random.default_rng(0).normal(size=(3, 40)) / 20}])  # fmt: skip
    assert fixed_points(net).faces == 8


def test_a_kink_seen_from_many_faces_is_one_fixed_point():
    found = fixed_points(lateral("relu", gaussian(np.random.default_rng(1), 6, 0.3), np.zeros(6)))
    assert len(found) == 1 and found[0].kinks == list(range(6)) and found[0].stable
    assert len(found[0].sides) == 64 and found[0].spectrum is None
    off = fixed_points(lateral("relu", [[0.5]], [-1e-10]))
    assert len(off) == 1 and off[0].kink and off[0].dead == []
    assert fixed_points(lateral("relu", [[0.5]], [-1e-8]))[0].dead == [0]


def test_a_continuum_of_fixed_points_is_reported():
    """w = 1, b = 0: every x >= 0 is a fixed point."""
    found = fixed_points(lateral("relu", [[1.0]], [0.0]))
    assert not found.complete and "continuum" in found.why
    inside = [point for point in found if point.continuum is not None]
    assert len(inside) == 1 and inside[0].stable is None and "continuum" in inside[0].why
    assert inside[0].state[0] > 0 and np.abs(inside[0].continuum).tolist() == [[1.0]]
    along = fixed_points(lateral("identity", [[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0]))
    assert [len(p.continuum) for p in along] == [1] and along[0].to_json()["continuum"]["dimension"] == 1
    nothing = fixed_points(lateral("identity", [[1.0]], [1.0]))
    assert nothing.complete and len(nothing) == 0
    bounded = fixed_points(lateral("hard-tanh", [[1.0]], [0.0]))
    assert not bounded.complete and any(p.continuum is not None for p in bounded)


def test_a_field_that_is_small_beside_others_is_no_kink():
    found = fixed_points(lateral("relu", 0.5 * np.eye(3), [1e8, -1e8, 1e-3]))
    assert len(found) == 1 and not found[0].kink and np.allclose(found[0].state, [2e8, -1e8, 2e-3])


def test_next_to_a_singular_point_nothing_is_found():
    """Layer norm without ε at equal fields: the activation is any direction there."""
    net = Network(
        [block("identity", 1), block("layernorm", 3)], [{"from": 0, "to": 1, "matrix": [[1.0], [0.0], [-1.0]]}]
    )
    found = fixed_points(net, starts=30)
    assert [abs(point.state[0]) for point in found] == [pytest.approx(np.sqrt(6))] * 2


def test_above_the_limit_of_faces_newton_takes_over():
    rng = np.random.default_rng(4)
    found = fixed_points(lateral("relu", gaussian(rng, 20, 0.5), rng.normal(size=20)), starts=10)
    assert not found.complete and "faces" in found.why and found.faces is None
    assert len(found) == 1 and found[0].certified and found[0].stable


def test_as_many_faces_as_are_allowed_are_enumerated(monkeypatch):
    monkeypatch.setattr(importlib.import_module("dammech.flows.fixed_points"), "FACES", 8)
    for size, complete in ((3, True), (4, False)):
        found = fixed_points(lateral("relu", 0.1 * np.ones((size, size)), np.ones(size)), starts=5)
        assert found.complete is complete and found.faces == (8 if complete else None) and len(found) == 1
        assert found.why == (None if complete else "16 faces are more than 8: fixed points were searched from many starts, "
                                                   "not exhaustively")  # fmt: skip


def test_neither_symmetric_weights_nor_an_energy_are_needed():
    net = lateral("relu", [[0.0, -2.0], [2.0, 0.0]], [1.0, 1.0], symmetric=False)
    found = fixed_points(net)
    document = found.to_json()["fixed_points"]
    assert found.complete and len(document) == 1 and found.spurious_flats == [] and document[0]["energy"] is None
    assert document[0]["dead"] == [0] and document[0]["state"] == [-1.0, 1.0]
    turning = lateral("relu", [[0.0, -2.0], [2.0, 0.0]], [3.0, 1.0], symmetric=False)
    spectrum = fixed_points(turning).to_json()["fixed_points"][0]["spectrum"]
    assert spectrum == [[pytest.approx(-1), pytest.approx(-2)], [pytest.approx(-1), pytest.approx(2)]]


@pytest.mark.parametrize("name", ["tanh", "softmax", "layernorm", "spherical", "silu", "sigmoid", "ghostmax"])
def test_newton_certifies_what_it_finds(name):
    rng = np.random.default_rng(len(name))
    net = lateral(name, gaussian(rng, 4, 3.0), 0.3 * rng.normal(size=4))
    found = fixed_points(net, starts=30)
    assert not found.complete and len(found) >= 1
    for point in found:
        assert point.certified and point.residual <= 1e-12 * (1 + np.abs(point.state).max())
        J = net.matrix @ net.hessian(point.state) - np.eye(4)
        assert point.index == (np.linalg.eigvals(J).real > 1e-9).sum()
    if name in ("tanh", "sigmoid", "ghostmax"):  # a bounded activation: the degree of x − W g(x) − b is 1
        assert sum(np.sign(np.linalg.det(np.eye(4) - net.matrix @ net.hessian(p.state))) for p in found) == 1


def test_stable_planted_fixed_points_are_found():
    stable = [seed for seed in range(24) if classify(*planted(seed)).stable[()]][:5]
    for seed in stable:
        net, x = planted(seed)
        found = fixed_points(net, starts=10)
        assert any(np.abs(point.state - x).max() < 1e-9 and point.stable for point in found)


def test_a_fold_is_not_certified():
    """v = tanh(v): the Jacobian of the fixed-point equation is singular at 0."""
    found = fixed_points(lateral("tanh", [[1.0]], [0.0]))
    assert len(found) == 1 and abs(found[0].state[0]) < 1e-3
    assert not found[0].certified and found[0].stable is None


def test_starts_must_be_a_count():
    with pytest.raises(InputError, match="starts=0"):
        fixed_points(lateral("relu", [[0.5]], [1.0]), starts=0)
    with pytest.raises(InputError, match=r"starts=100001: .*at most 100000"):
        fixed_points(lateral("relu", [[0.5]], [1.0]), starts=100_001)
    assert len(fixed_points(lateral("relu", [[0.5]], [1.0]), starts=100_000)) == 1


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_the_order_of_the_neurons_permutes_the_fixed_points(seed):
    rng = np.random.default_rng(seed)
    W, b, order = gaussian(rng, 4, 2.0), rng.choice([-1.0, 0.0, 1.0, 0.3], 4), rng.permutation(4)
    one = fixed_points(lateral("relu", W, b))
    other = fixed_points(lateral("relu", W[np.ix_(order, order)], b[order]))
    assert len(one) == len(other) and one.critical_flats == other.critical_flats
    for point in one:
        image = min(other, key=lambda p: np.abs(p.state - point.state[order]).max())
        assert np.allclose(image.state, point.state[order], atol=1e-9)
        assert (image.stable, image.index, image.kink) == (point.stable, point.index, point.kink)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.1, 10))
def test_scaling_the_biases_scales_the_fixed_points(seed, scale):
    """A rectified net is homogeneous: b → a b gives x → a x, with the same classes."""
    rng = np.random.default_rng(seed)
    W, b = gaussian(rng, 4, 2.0), rng.normal(size=4)
    one, other = fixed_points(lateral("relu", W, b)), fixed_points(lateral("relu", W, scale * b))
    assert len(one) == len(other)
    for point in one:
        image = min(other, key=lambda p: np.abs(p.state - scale * point.state).max())
        assert np.allclose(image.state, scale * point.state, rtol=1e-9, atol=1e-9 * scale)
        assert image.index == point.index


def test_singular_steps_of_newton_are_survived():
    matrix = [[1, 0.2, 0], [0.2, 2, 0.1], [0, 0.1, -1]]
    net = Network([{"lagrangian": "layernorm", "size": 3}], [{"from": 0, "to": 0, "matrix": matrix}])
    found = fixed_points(net).to_json()["fixed_points"]
    assert len(found) == 2 and all(p["stable"] for p in found)
    assert np.abs(net.drive([p["state"] for p in found])).max() < 1e-14
