"""Trajectories against closed forms: escapes from plateaus, kinks, stiffness, a limit cycle, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import dammech.flows.batch
from dammech.errors import InputError
from dammech.flows import Flow, integrate, trajectories, trajectory
from dammech.flows.dynamics import (
    firing_rate,
    hidden_eliminated,
    krotov_hopfield,
    newton,
    preconditioned,
    rates_hidden_eliminated,
    residual_gradient,
)
from dammech.systems.lagrangian.model import Lagrangian, Network


def minimal(weight, bias, tau=None):
    """One linear visible neuron, two rectified hidden ones."""
    layers = [Lagrangian("identity", 1), Lagrangian("relu", 2)]
    return Network(layers, [{"from": 0, "to": 1, "matrix": [[0.5], [weight]]}], [[1], [0, bias]], tau)


TRUE, SPURIOUS, STABLE_TOUCH, UNSTABLE_TOUCH = (-0.5, 1 / 3), (-0.5, 1.0), (-0.5, 2 / 3), (-1.0, 4 / 3)


@pytest.mark.parametrize("method", ["DOP853", "Radau", "LSODA", None])
def test_escape_from_a_plateau(method):
    """On the plateau h2 = 1/3 − 7/3 e^{−t} and E = −2/3, until t = ln 7."""
    net = minimal(*SPURIOUS)
    run = trajectory(net, [4 / 3, 2 / 3, -2], method=method)
    assert run.verdict == "converged" and run.why is None and run.residual <= 1e-10
    assert run.at(1.0)[2] == pytest.approx(-0.5250520294, abs=1e-9)
    (escape,) = run.crossings
    assert escape.time == pytest.approx(np.log(7), abs=1e-9) and escape.kink == 1 and escape.upward
    assert abs(escape.state[2]) < 1e-15
    assert net.energy(run.at([0, 0.5, 1.9])) == pytest.approx(-2 / 3, abs=1e-9)
    assert net.energy(run.at([2.5, 4, 10])) == pytest.approx([-0.70532555, -0.73530001, -0.74957639], abs=5e-9)
    assert run.end == pytest.approx([1, 0.5, 0.5], abs=1e-9) and run.error < 2e-8


def test_the_escape_takes_the_logarithm_of_the_depth():
    far = trajectory(minimal(*SPURIOUS), [4 / 3, 2 / 3, -50], until=6)
    assert far.crossings[0].time == pytest.approx(np.log(151), abs=1e-8)


def test_the_energy_that_stands_still_is_no_stop():
    """The residual is 7/3 where the energy rests."""
    net = minimal(*SPURIOUS)
    run = trajectory(net, [4 / 3, 2 / 3, -2], until=1.0)
    assert run.verdict == "timed out" and "0.858" in run.why and np.ptp(net.energy(run.states)) < 1e-14


def test_a_true_flat_is_left_towards_its_fixed_point():
    net = minimal(*TRUE)
    run = trajectory(net, [4 / 3, 2 / 3, -50])
    times = np.array([0.3, 1, 5])
    assert run.verdict == "converged" and not run.crossings
    assert run.at(times)[:, 2] == pytest.approx(-1 / 3 - (50 - 1 / 3) * np.exp(-times), abs=1e-8)
    assert np.ptp(net.energy(run.states)) < 1e-13


def test_touching_points_are_reached_from_the_flat_but_one_is_left_on_the_other_side():
    for case in (STABLE_TOUCH, UNSTABLE_TOUCH):
        run = trajectory(minimal(*case), [4 / 3, 2 / 3, -3])
        assert run.verdict == "converged" and run.end == pytest.approx([4 / 3, 2 / 3, 0], abs=1e-9)
    assert trajectory(minimal(*STABLE_TOUCH), [4 / 3, 2 / 3, 0.01]).end == pytest.approx([4 / 3, 2 / 3, 0], abs=1e-8)
    away = trajectory(minimal(*UNSTABLE_TOUCH), [4 / 3, 2 / 3, 0.01], until=300)
    assert away.verdict == "timed out" and away.end[2] > 10 and len(away.crossings) == 1


def test_divergence_is_a_verdict():
    net = Network([Lagrangian("identity", 1)], [{"from": 0, "to": 0, "matrix": [[2.0]]}], [[1.0]])
    run = trajectory(net, [0.0])
    assert run.verdict == "diverged" and "grown" in run.why and run.times[-1] < 30
    assert trajectories(net, [[0.0], [-1.0], [-3.0]]).verdicts.tolist() == ["diverged", "converged", "diverged"]


def test_steps_and_kinks_are_counted(monkeypatch):
    """The bounds on how much work a trajectory may be."""
    for module in (integrate, dammech.flows.batch):
        monkeypatch.setattr(module, "_MOST_STEPS", 7)
    run = trajectory(rotating(), [0.1, 0, 0, 0], until=80)
    assert (run.verdict, run.why, len(run.times)) == ("timed out", "7 steps were taken", 8)
    many = trajectories(rotating(), [[0.1, 0, 0, 0], [0, 0.3, 0, 0]], until=80, record=True)
    assert many.verdicts.tolist() == ["timed out"] * 2 and np.bincount(many.steps.trajectory).tolist() == [7, 7]
    monkeypatch.undo()
    net, starts = many_kinks()
    most = len(trajectory(net, starts[0], until=1).crossings)
    assert most == 1
    monkeypatch.setattr(integrate, "_MOST_CROSSINGS", most)
    run = trajectory(net, starts[0], until=1)
    assert (run.verdict, run.why, len(run.crossings)) == ("failed", f"more than {most} kinks were crossed", most)
    monkeypatch.setattr(integrate, "_MOST_CROSSINGS", most + 1)
    assert trajectory(net, starts[0], until=1).verdict == "timed out"


def test_a_singular_state_is_a_verdict():
    net = Network([Lagrangian("spherical", 2)], [{"from": 0, "to": 0, "matrix": np.eye(2)}])
    assert trajectory(net, [0, 0]).verdict == "failed"
    assert trajectories(net, [[0, 0]]).verdicts.tolist() == ["failed"]


@pytest.mark.parametrize("tau", [[1, [1e-4, 1e-4]], [1e4, [1, 1]]])
def test_stiff_networks_take_an_implicit_method(tau):
    run = trajectory(minimal(*SPURIOUS, tau), [4 / 3, 2 / 3, -2], accuracy=1e-7)
    assert run.method == "Radau" and run.end == pytest.approx([1, 0.5, 0.5], abs=1e-7) and run.error < 1e-7
    assert run.crossings[0].time == pytest.approx(np.log(7) * tau[1][0], rel=1e-7)


def test_the_limit_cycle_of_feedback_that_is_not_the_transpose():
    net = rotating()
    values = np.linalg.eigvals(krotov_hopfield(net).jacobian(np.zeros(4)))
    expected = [re + im * 1j for re in (0.41421356, -2.41421356) for im in (1.41421356, -1.41421356)]
    assert all(np.abs(values - v).min() < 1e-8 for v in expected)
    run = trajectory(net, [0.1, 0, 0, 0], until=80)
    assert run.verdict == "timed out" and run.error < 1e-8
    cycle = run.at(np.linspace(60, 80, 20001))
    assert cycle.max(0) == pytest.approx(1.3349, abs=5e-5) and cycle.min(0) == pytest.approx(-1.3349, abs=5e-5)


def rotating():
    layers = [Lagrangian("tanh", 2), Lagrangian("tanh", 2)]
    weights = [{"from": 0, "to": 1, "matrix": [[0, -2], [2, 0]]}, {"from": 1, "to": 0, "matrix": [[2, 0], [0, 2]]}]
    return Network(layers, weights)


def many_kinks():
    rng = np.random.default_rng(np.random.SeedSequence([11]))
    layers = [Lagrangian("relu", 3), Lagrangian("sparsemax", 4), Lagrangian("hard-tanh", 4)]
    W = rng.normal(size=(11, 11)) / 2
    weights = [
        {"from": 0, "to": 0, "matrix": 0.3 * (W + W.T)[:3, :3]}, {"from": 0, "to": 1, "matrix": W[3:7, :3]},
        {"from": 2, "to": 1, "matrix": W[3:7, 7:]},
    ]  # fmt: skip
    biases = [W[0, :3], W[1, 3:7], W[2, 7:]]
    return Network(layers, weights, biases, [[1, 2, 0.5], 3.0, 0.7]), 3 * rng.normal(size=(2, 11))


def test_batches_and_single_trajectories_agree_at_every_kink():
    net, starts = many_kinks()
    batch = trajectories(net, starts, until=3, accuracy=1e-12, record=True)
    single = [trajectory(net, x, until=3) for x in starts]
    assert np.abs(batch.states - [run.end for run in single]).max() < 1e-9
    assert batch.crossings.tolist() == [len(run.crossings) for run in single] and batch.crossings.sum() > 4
    for run in single:
        for crossing in run.crossings:  # the state lies on the kink, and no step straddles it
            assert abs(krotov_hopfield(net).distances(crossing.state)[crossing.kink]) < 1e-13
            assert crossing.time in run.times
    steps = batch.steps
    before, after = (krotov_hopfield(net).distances(x) for x in (steps.before, steps.after))
    straddled = (before * after < 0) & (np.minimum(abs(before), abs(after)) > 1e-11)
    assert not straddled.any()
    assert np.bincount(steps.trajectory).sum() == len(steps.time) and steps.error.shape == steps.after.shape


def test_kinks_of_neurons_that_see_each_other():
    """Of a Lagrangian of one's own the surfaces of its cases, of sparsemax the edges of the support."""
    own = Lagrangian("Max(x1 - x2, 0)**2/2 + x2**2/2", 2)
    assert own.distances([[3.0, 1.0], [0.0, 1.0]])[:, 0].tolist() == [2.0, -1.0]
    assert Lagrangian("sparsemax", 3).distances([0.5, 0.5, -3]) == pytest.approx([0.5, 0.5, -3])
    assert Lagrangian("tanh", 3).distances(np.zeros((4, 3))).shape == (4, 0)
    net = Network([own], [{"from": 0, "to": 0, "matrix": [[0.2, -0.5], [-0.5, 0.1]]}], [[-1, 1]])
    run = trajectory(net, [3.0, 0.5], until=2)
    (crossing,) = run.crossings
    assert crossing.state[0] == pytest.approx(crossing.state[1], abs=1e-13) and not crossing.upward
    batch = trajectories(net, [[3.0, 0.5]], until=2, accuracy=1e-12)
    assert batch.states[0] == pytest.approx(run.end, abs=1e-9) and batch.crossings.tolist() == [1]


def test_rest_is_seen_where_fields_are_large():
    """The error of explicit steps at the limit of stability does not keep the residual from its bound."""
    net = Network(
        [Lagrangian("tanh", 3)], [{"from": 0, "to": 0, "matrix": 0.3 * np.ones((3, 3))}], [[30, -50, 0.1]], [[1, 0.1, 0.3]]
    )
    assert trajectory(net, [1, 2, 3]).times[-1] < 60
    run = trajectories(net, [[1, 2, 3], [-4, 5, -6]])
    assert run.converged.all() and run.times.max() < 60


def test_the_error_estimate_bounds_the_error():
    net = minimal(*TRUE)
    run = trajectory(net, [0.2, 1.0, -4.0], accuracy=1e-6)
    values, vectors = np.linalg.eigh([[-1, 0.5], [0.5, -1]])
    start = vectors.T @ ([0.2, 1.0] - np.array([4, 2]) / 3)
    exact = np.array([[4 / 3, 2 / 3]]) + (np.exp(run.times[:, None] * values) * start) @ vectors.T
    assert np.abs(exact - run.states[:, :2]).max() <= run.error < 1e-5


@pytest.mark.parametrize(("asked", "rough", "fine"), [(1e-6, 1e-6, 1e-8), (1e-12, 3e-12, 3e-14), (1e-15, 3e-12, 3e-14)])
def test_the_error_is_that_of_a_run_a_hundred_times_as_rough(monkeypatch, asked, rough, fine):
    """Also where double precision serves no tighter one."""
    ran = []

    class Spy(integrate._Run):
        def __init__(self, flow, x, limit, residual, accuracy, method):
            ran.append(accuracy)
            super().__init__(flow, x, limit, residual, accuracy, method)

    monkeypatch.setattr(integrate, "_Run", Spy)
    assert trajectory(minimal(*TRUE), [0.2, 1.0, -4.0], accuracy=asked).verdict == "converged"
    assert ran == pytest.approx([rough, fine])


@pytest.mark.parametrize("name", ["firing rate", "preconditioned", "residual", "newton", "eliminated", "rates eliminated"])
def test_altered_flows_rest_where_the_network_does(name):
    rng = np.random.default_rng(np.random.SeedSequence([12]))
    layers = [Lagrangian("identity" if name == "eliminated" else "tanh", 3), Lagrangian("silu", 4)]
    matrix = 0.3 * rng.normal(size=(4, 3))
    net = Network(layers, [{"from": 0, "to": 1, "matrix": matrix}], [rng.normal(size=3), rng.normal(size=4)], [1.0, 2.0])
    R = np.ones(7)
    flow = {
        "firing rate": firing_rate, "residual": residual_gradient, "newton": newton, "eliminated": hidden_eliminated,
        "rates eliminated": rates_hidden_eliminated, "preconditioned": lambda n: preconditioned(n, R),
    }[name](net)  # fmt: skip
    rest = trajectory(net, rng.normal(size=7)).end
    state = flow.state(rest)
    assert flow.residual(state) < 1e-9 and np.abs(flow.velocity(state)).max() < 1e-9
    assert flow.fields(state) == pytest.approx(rest, abs=1e-9)
    if flow.jacobian is not None:
        numeric = np.stack(
            [(flow.velocity(state + h) - flow.velocity(state - h)) / 2e-6 for h in 1e-6 * np.eye(flow.size)], -1
        )
        assert flow.jacobian(state) == pytest.approx(numeric, abs=1e-8)
    if name == "firing rate":
        both = [np.sort_complex(np.linalg.eigvals(f.jacobian(s))) for f, s in ((flow, state), (krotov_hopfield(net), rest))]
        assert both[0] == pytest.approx(both[1], abs=1e-10)


def test_firing_rates_move_the_fields_as_the_network_does():
    net = rotating()
    flow = firing_rate(net)
    y = np.array([0.3, -0.2, 0.5, 0.1])
    rates, fields = trajectory(flow, y, until=5), trajectory(net, flow.fields(y), until=5)
    assert flow.fields(rates.at([1.0, 5.0])) == pytest.approx(fields.at([1.0, 5.0]), abs=1e-8)


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ({"start": [0, 0]}, ["start", "3"]),
        ({"start": [0, 0, np.nan]}, ["start", "finite"]),
        ({"start": ["a", 0, 0]}, ["start"]),
        ({"start": [0, 0, 0], "until": -1}, ["until=-1"]),
        ({"start": [0, 0, 0], "accuracy": 0}, ["accuracy=0"]),
        ({"start": [0, 0, 0], "method": "euler"}, ["euler", "Radau"]),
    ],
)
def test_bad_input_is_one_sentence(arguments, mentions):
    with pytest.raises(InputError) as error:
        trajectory(minimal(*TRUE), **arguments)
    assert all(word in str(error.value) for word in mentions) and "\n" not in str(error.value)


def test_flows_that_would_slide_or_do_not_exist_are_refused():
    net = minimal(*TRUE)
    for make in (residual_gradient, newton):
        with pytest.raises(InputError, match="slide"):
            make(net)
    with pytest.raises(InputError, match="not symmetric"):
        preconditioned(net, np.array([1.0, 2.0, 3.0]))
    with pytest.raises(InputError, match="identity"):
        hidden_eliminated(rotating())
    with pytest.raises(InputError, match="two"):
        rates_hidden_eliminated(Network([Lagrangian("tanh", 2)]))
    with pytest.raises(InputError, match="starts"):
        trajectories(net, [0.0, 0.0, 0.0])
    with pytest.raises(InputError, match="times"):
        trajectory(net, [0, 0, 0], until=1).at(2.0)


def test_a_flow_of_ones_own():
    flow = Flow(
        "decay", "ẋ = −x", 1, 1.0, lambda x: -x, lambda x: abs(x).max(-1), np.asarray, np.asarray,
        lambda x: np.zeros((*x.shape[:-1], 0)), None,
    )  # fmt: skip
    run = trajectory(flow, [1.0])
    assert run.at(1.0) == pytest.approx(np.exp(-1), abs=1e-9) and run.to_json()["converged"]
