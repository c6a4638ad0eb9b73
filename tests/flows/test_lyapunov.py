"""No Lyapunov function increases where its hypotheses hold, the standard energy does where they fail."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.flows import lyapunov_functions, trajectories
from dammech.flows.conjugate import conjugate_terms, subgradient
from dammech.flows.dynamics import krotov_hopfield
from dammech.flows.eliminated import loop_network
from dammech.flows.symmetrise import positive_factor, scaling
from dammech.systems.lagrangian.model import LAGRANGIANS, Lagrangian, Network

ROUNDING = 1e-12
BLOCKS = {
    "rectified": [Lagrangian("relu", 3), Lagrangian("softmax", 3), Lagrangian("tanh", 2)],
    "smooth": [Lagrangian("silu", 4), Lagrangian("layernorm", 4, eps=0.1)],
    "dying": [Lagrangian("relu", 4), Lagrangian("softmax", 4)],
    "linear silu": [Lagrangian("identity", 4), Lagrangian("silu", 3)],
    "linear relu": [Lagrangian("identity", 3), Lagrangian("relu", 5)],
    "graded": [Lagrangian("tanh", 4), Lagrangian("silu", 3)],
}


def lateral(layers, W, rng, time_constants=None):
    ends = np.cumsum([0, *(layer.size for layer in layers)])
    parts = [slice(a, b) for a, b in itertools.pairwise(ends)]
    weights = [
        {"from": s, "to": t, "matrix": W[parts[t], parts[s]]} for s in range(len(layers)) for t in range(len(layers))
    ]
    biases = [rng.normal(size=layer.size) for layer in layers]
    return Network(layers, weights, biases, time_constants, symmetric=False)


def pair(layers, A, B, rng, time_constants=None):
    weights = [{"from": 0, "to": 1, "matrix": B}, {"from": 1, "to": 0, "matrix": A}]
    return Network(layers, weights, [rng.normal(size=layer.size) for layer in layers], time_constants)


def indefinite(rng, size, scale=0.5):
    W = rng.normal(size=(size, size)) * scale / np.sqrt(size)
    return W + W.T


def positive(rng, size, scale=0.6):
    A = rng.normal(size=(size, size)) * scale / np.sqrt(size)
    return A @ A.T + 0.01 * np.eye(size)


def mixed_signs(rng):
    """R of the blocks of ``smooth``: any sign for each silu, one for the layer norm."""
    return np.concatenate([rng.choice([-1, 1], 4) * rng.uniform(0.5, 2, 4), np.full(4, rng.uniform(0.5, 2))])


def random_network(name, rng):
    """A network in the hypotheses of a function."""
    uneven = [rng.uniform(0.5, 2, 3), 1.5, rng.uniform(0.5, 2, 2)]
    if name in ("standard", "legendre"):
        return lateral(BLOCKS["rectified"], indefinite(rng, 8), rng, uneven)
    if name == "scaled standard":
        R = np.concatenate([rng.uniform(0.5, 2, 3), np.full(3, 0.7), rng.uniform(0.5, 2, 2)])
        return lateral(BLOCKS["rectified"], indefinite(rng, 8) / R[:, None], rng, uneven)
    if name == "dual":
        return lateral(BLOCKS["smooth"], positive(rng, 8), rng)
    if name == "mixture":
        return lateral(BLOCKS["dying"], positive(rng, 8), rng)
    if name in ("scaled dual", "dual of fields"):
        return lateral(BLOCKS["smooth"], positive(rng, 8) / mixed_signs(rng)[:, None], rng)
    if name == "gradient":
        return lateral(BLOCKS["smooth"], indefinite(rng, 8) / mixed_signs(rng)[:, None], rng)
    if name in ("residual", "newton residual"):
        return pair(BLOCKS["graded"], *(rng.normal(size=s) * 0.5 for s in ((4, 3), (3, 4))), rng)
    if name == "hidden eliminated":
        layers = BLOCKS[rng.choice(["linear silu", "linear relu"])]
        B = 0.4 * rng.normal(size=(layers[1].size, layers[0].size))
        return pair(layers, positive(rng, layers[0].size, 1.0) @ B.T, B, rng, [1.0, rng.uniform(0.1, 1)])
    if name == "rates eliminated":
        B = rng.normal(size=(3, 4))
        return pair(BLOCKS["graded"], B.T, B, rng, [rng.uniform(0.5, 2, 4), 1.0])
    B = rng.normal(size=(3, 4))
    loop = indefinite(rng, 3) if name == "loop standard" else positive(rng, 3) / rng.choice([-1, 1], 3)[:, None]
    layers = [Lagrangian("identity", 4), Lagrangian("relu" if name == "loop standard" else "silu", 3)]
    return pair(layers, np.linalg.pinv(B) @ loop, B, rng)


FAMILY = (
    "standard", "scaled standard", "legendre", "dual", "mixture", "scaled dual", "dual of fields", "gradient", "residual",
    "newton residual", "hidden eliminated", "rates eliminated", "loop standard", "loop dual of fields",
)  # fmt: skip


def random_starts(f, net, count, rng):
    """Fields of all depths; of functions of activations, points inside of their convex hull."""
    states = f.flow.state(2 * rng.normal(size=(3, count, net.size)))
    if f.name in ("legendre", "mixture", "rates eliminated"):
        weights = rng.dirichlet(np.ones(3), size=count).T
        return (weights[..., None] * states).sum(0)
    return states[0]


def worst_increase(f, starts, until):
    """Largest increase over a step in units of the bar, the integrator's error excluded and not; number of trajectories."""
    run = trajectories(f.flow, starts, until=until, accuracy=1e-11, record=True)
    before, after = f.terms(run.steps.before), f.terms(run.steps.after)
    increase = (after - before).sum(-1)
    bar = ROUNDING * np.maximum(np.abs(before).sum(-1), np.abs(after).sum(-1)) * f.condition + 1e-300
    with np.errstate(invalid="ignore"):  # a state moved by the error may leave the domain of a conjugate
        moved = np.abs(f.value(run.steps.after + run.steps.error) - after.sum(-1))
    moved = np.where(np.isfinite(moved), moved, 0.0)
    return ((increase - moved) / bar).max(), (increase / bar).max(), len(np.unique(run.steps.trajectory)), increase.max()


def ensemble(name, nets, starts, until):
    worst, raw, count = -np.inf, -np.inf, 0
    for k in range(nets):
        rng = np.random.default_rng(np.random.SeedSequence([FAMILY.index(name), k]))
        net = random_network(name, rng)
        f = next(f for f in lyapunov_functions(net) if f.name == name)
        assert f.applicable and f.why is None, f.why
        w, r, c, _ = worst_increase(f, random_starts(f, net, starts, rng), until)
        worst, raw, count = max(worst, w), max(raw, r), count + c
    return worst, raw, count


@pytest.mark.parametrize("name", FAMILY)
def test_never_increases(name):
    worst, _, count = ensemble(name, 2, 8, 4.0)
    assert worst <= 1 and count == 16


@pytest.mark.parametrize("name", ["legendre", "mixture", "rates eliminated"])
def test_never_increases_at_the_border_of_the_hull(name):
    """After a long time activations of dead neurons are zero to rounding, on either side of it."""
    worst, _, count = ensemble(name, 2, 6, 60.0)
    assert worst <= 1 and count == 12


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILY)
def test_never_increases_along_a_thousand_trajectories(name):
    worst, _, count = ensemble(name, 50, 20, 15.0)
    assert worst <= 1 and count == 1000


@pytest.mark.parametrize("name", FAMILY)
def test_the_rate_is_the_derivative_along_the_flow(name):
    rng = np.random.default_rng(np.random.SeedSequence([20, FAMILY.index(name)]))
    net = random_network(name, rng)
    f = next(f for f in lyapunov_functions(net) if f.name == name)
    states = random_starts(f, net, 10, rng)
    run = trajectories(f.flow, states, until=0.3, accuracy=1e-8).states  # away from the kinks of the start
    states = np.where(np.isfinite(run), run, states)
    step = 1e-5 * f.flow.velocity(states)
    numeric = (f.value(states + step) - f.value(states - step)) / 2e-5
    rate = f.rate(states)
    assert np.all(rate <= 1e-12) and rate == pytest.approx(numeric, rel=1e-5, abs=1e-5)


def failing(name, rng):
    """A network outside of the hypotheses of the standard energy, and its flow."""
    if name == "weights":
        net = lateral([Lagrangian("tanh", 6)], 1.5 * rng.normal(size=(6, 6)) / np.sqrt(6), rng)
        return net, krotov_hopfield(net)
    if name == "hessian":
        net = lateral([Lagrangian("silu", 6)], indefinite(rng, 6, 1.0), rng)
        return net, krotov_hopfield(net)
    net = lateral([Lagrangian("softmax", 4)], indefinite(rng, 4), rng)
    return net, krotov_hopfield(net, tau=[0.3, 3.0, 0.5, 5.0])


@pytest.mark.parametrize(("name", "why"), [("weights", "symmetric"), ("hessian", "convex"), ("constants", None)])
def test_the_standard_energy_increases_where_a_hypothesis_fails(name, why):
    visible = []
    for k in range(3):
        rng = np.random.default_rng(np.random.SeedSequence([30, k]))
        net, flow = failing(name, rng)
        f = lyapunov_functions(net)[0]
        assert f.name == "standard" and (f.why is None) == (why is None) and (why or "") in (f.why or "")
        run = trajectories(flow, 2 * rng.normal(size=(20, net.size)) - 2, until=8, record=True)
        rise = f.value(run.steps.after) - f.value(run.steps.before)
        visible += [rise[run.steps.trajectory == k].max() > 1e-6 for k in range(20)]
    assert np.mean(visible) > 0.2


def test_different_time_constants_in_a_softmax():
    """dE/dt = +1/5 at the start of two neurons that are not even coupled."""
    net = Network([Lagrangian("softmax", 2)], biases=[[1, 2]])
    flow = krotov_hopfield(net, tau=[1, 10])
    assert net.energy([0, 0]) == pytest.approx(-1.5 - np.log(2))
    h = 1e-5 * flow.velocity(np.zeros(2))
    assert (net.energy(h) - net.energy(-h)) / 2e-5 == pytest.approx(0.2, abs=1e-9)


def test_the_energy_of_activations_sees_dead_neurons():
    """Along the plateau of the standard energy E₂ of the firing rates falls, and the two agree at y = g(x)."""
    layers = [Lagrangian("identity", 1), Lagrangian("relu", 2)]
    net = Network(layers, [{"from": 0, "to": 1, "matrix": [[0.5], [-0.5]]}], [[1], [0, 1]])
    standard, _, legendre = lyapunov_functions(net)[:3]
    x = np.array([[4 / 3, 2 / 3, -2], [1, 0.5, 0.5], [0.3, 1, 0.2]])
    assert legendre.value(net.activation(x)) == pytest.approx(standard.value(x), abs=1e-14)
    assert standard.rate(x[0]) == pytest.approx(0, abs=1e-30)
    assert legendre.rate(net.activation(x[0])) == pytest.approx(-1 / 9)  # the drive of the dead neuron is 1/3
    assert np.isinf(legendre.value([1.0, -0.1, 0.0]))


CONVEX = [name for name in LAGRANGIANS if name != "silu"]


OTHER_PARAMETERS = ({}, {"eps": 0.3, "gamma": 1.3, "delta": 0.4}, {"beta": 0.7}, {"n": 1.5})
CASES = [(name, more) for name in CONVEX for more in OTHER_PARAMETERS if set(more) <= set(LAGRANGIANS[name].defaults)]


@pytest.mark.parametrize(("name", "more"), CASES)
def test_conjugates_are_exact_at_activations_and_bounds_elsewhere(name, more):
    layer = Lagrangian(name, 4, **more)
    rng = np.random.default_rng(np.random.SeedSequence([40, len(name)]))
    x, others = rng.normal(size=(2, 30, 4))
    y = layer.activation(x)
    value = conjugate_terms(layer, y).sum(-1)
    assert value == pytest.approx((x * y).sum(-1) - layer.value(x), abs=1e-12)
    inner = (y + layer.activation(others)) / 2  # in the convex hull
    value = conjugate_terms(layer, inner).sum(-1)
    for p in 3 * rng.normal(size=(20, 30, 4)):
        assert np.all(value >= (p * inner).sum(-1) - layer.value(p) - 1e-10)
    p = subgradient(layer, inner, x)
    if more or name not in ("layernorm", "spherical"):  # whose subgradient inside is the singular point
        assert layer.activation(p) == pytest.approx(inner, abs=1e-9)
        assert value == pytest.approx((p * inner).sum(-1) - layer.value(p), abs=1e-9)


def test_conjugates_are_infinite_outside_of_the_hull():
    outside = {"relu": [-0.1, 1], "softmax": [0.7, 0.4], "sigmoid": [1.2, 0.5], "spherical": [0.9, 0.9], "tanh": [0, -1.1]}
    for name, y in outside.items():
        assert np.isinf(conjugate_terms(Lagrangian(name, 2), y).sum())
    ends = {"tanh": [1.0, -1.0], "softmax": [1.0, 0.0], "sigmoid": [0.0, 1.0]}
    for name, y in ends.items():
        expected = 2 * np.log(2) if name == "tanh" else 0
        assert conjugate_terms(Lagrangian(name, 2), y).sum() == pytest.approx(expected, abs=1e-14)
    by_rounding = {"relu": [-1e-20, 1.0], "tanh": [0, 1 + 2e-16], "softmax": [-1e-20, 1.0], "hard-tanh": [0, 1 + 2e-16]}
    for name, y in by_rounding.items():
        layer = Lagrangian(name, 2)
        assert conjugate_terms(layer, y).sum() == pytest.approx(conjugate_terms(layer, np.round(y, 9)).sum(), abs=1e-14)
    with pytest.raises(InputError, match="silu"):
        conjugate_terms(Lagrangian("silu", 2), [0, 0])


def test_a_diagonal_is_found_along_a_spanning_tree():
    rng = np.random.default_rng(np.random.SeedSequence([50]))
    K = indefinite(rng, 6, 2.0)
    K[:2, 2:] = K[2:, :2] = 0  # two parts
    R = np.array([1, -2, 0.5, -1, 3, 2.0])
    net = lateral([Lagrangian("tanh", 6)], K / R[:, None], rng)
    found = scaling(net)
    ratio = found.R / R
    assert ratio[:2] == pytest.approx(ratio[0]) and ratio[2:] == pytest.approx(ratio[2]) and found.positive is None
    assert scaling(lateral([Lagrangian("tanh", 6)], K / np.abs(R)[:, None], rng)).positive is not None
    cyclic = K / R[:, None]
    cyclic[2, 3] *= 1.5
    assert "cycle" in scaling(lateral([Lagrangian("tanh", 6)], cyclic, rng)).why
    cyclic[2, 3] = 0
    assert "not the reverse" in scaling(lateral([Lagrangian("tanh", 6)], cyclic, rng)).why
    blocked = lateral([Lagrangian("tanh", 2), Lagrangian("softmax", 4)], K / R[:, None], rng)
    assert scaling(blocked).R is None


def test_feedback_is_factored_where_the_loop_product_allows():
    rng = np.random.default_rng(np.random.SeedSequence([51]))
    for hidden, visible in ((3, 5), (5, 3), (4, 4)):
        B, S = rng.normal(size=(hidden, visible)), positive(rng, visible, 1.0)
        found = positive_factor(S @ B.T, B)
        assert found @ B.T == pytest.approx(S @ B.T, abs=1e-9) and np.linalg.eigvalsh(found)[0] > 0
        assert positive_factor(-S @ B.T, B) is None
    B = rng.normal(size=(3, 5))
    inverse = np.linalg.pinv(B)  # the loop product is 1
    assert positive_factor(inverse, B) @ B.T == pytest.approx(inverse, abs=1e-9)
    assert positive_factor(inverse @ rng.normal(size=(3, 3)), B) is None


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6, -1e6])
@pytest.mark.parametrize("twist", [0.0, 0.995e-9, 1.005e-9, 1e-3, 1.0], ids=str)
def test_a_loop_is_symmetric_to_rounding_and_turns_otherwise(twist, size):
    """The loop product B A with A = B⁻¹ K; what rounding may do, against its largest entry (or 1), is taken out of it."""
    B = np.array([[2.0, 0.0], [0.0, 0.5]])
    unit = max(1.0, abs(size))
    K = size * np.array([[0.3, 1.0], [1.0, 0.2]]) * (twist < 1) + twist * unit * np.array([[0.0, 0.5], [-0.5, 0.0]])
    net = pair([Lagrangian("identity", 2), Lagrangian("tanh", 2)], np.linalg.inv(B) @ K, B, np.random.default_rng(3))
    loop = loop_network(net)
    np.testing.assert_allclose(loop.matrix, K, rtol=0, atol=1e-9 * unit)
    assert (loop.matrix == loop.matrix.T).all() == (twist < 1e-9)
    assert loop.bias == pytest.approx(B @ net.bias[:2] + net.bias[2:])


def test_what_does_not_apply_says_why():
    found = {f.name: f for f in lyapunov_functions(rotating())}
    assert tuple(found) == FAMILY
    assert [name for name, f in found.items() if f.applicable] == ["residual", "newton residual"]
    for f in found.values():
        document = f.to_json()
        assert document["applicable"] == f.applicable and (document["why"] is None) == f.applicable
    with pytest.raises(InputError, match="diagonal"):
        found["scaled dual"].value([0, 0, 0, 0])


def rotating():
    layers = [Lagrangian("tanh", 2), Lagrangian("tanh", 2)]
    weights = [{"from": 0, "to": 1, "matrix": [[0, -2], [2, 0]]}, {"from": 1, "to": 0, "matrix": [[2, 0], [0, 2]]}]
    return Network(layers, weights)


def test_stationary_points_of_the_residual_that_are_no_fixed_points():
    """A single tanh neuron of weight 3 rests at ±1.14621583 with a residual of ∓1.30327391; saddles attract."""
    net = Network([Lagrangian("tanh", 1)], [{"from": 0, "to": 0, "matrix": [[3.0]]}])
    f = next(f for f in lyapunov_functions(net) if f.name == "residual")
    x = np.array([1.14621583])
    assert abs(f.flow.velocity(x)[0]) < 1e-7 and -net.drive(x)[0] == pytest.approx(-1.30327391, abs=1e-8)
    assert np.abs(f.flow.velocity(np.array([0.0]))) == 0
    ends = trajectories(f.flow, [[0.3], [-0.4]]).states
    assert ends == pytest.approx(0, abs=1e-8)  # unstable in the network itself
