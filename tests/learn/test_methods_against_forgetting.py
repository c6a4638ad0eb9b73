"""Each method does what its definition says: projections, importances, anchors, buffers, decay, dreaming."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from dammech.errors import InputError
from dammech.learn import TrainedDAM, Training, labelled
from dammech.learn.methods import METHODS, method
from dammech.learn.methods.dreaming import dreamt
from dammech.learn.methods.gem import projected
from dammech.learn.methods.rehearsal import slopes
from dammech.learn.sequence import learn_sequence
from dammech.learn.tasks import prototypes


def task_items(network, tasks):
    return [labelled(network, task.inputs, task.labels) for task in tasks]


@pytest.fixture
def tasks():
    return prototypes(3, seed=1, pixels=30, classes=4, items=80, noise=0.2)


@pytest.fixture
def network():
    return TrainedDAM(30, 4, 10, 3, temperature=0.5, seed=1, dtype="float64")


@pytest.mark.parametrize("name", METHODS)
def test_every_method_runs_and_is_repeatable(name, tasks):
    def learned():
        network = TrainedDAM(30, 4, 10, 3, temperature=0.5, seed=1)
        return learn_sequence(network, tasks, method(name), Training(epochs=2, batch=16), 3), network.memory

    (first, memory), (again, same) = learned(), learned()
    assert (memory == same).all() and (first.matrix == again.matrix).all()
    assert first.matrix.shape == (4, 3) and np.isfinite(memory).all() and np.abs(memory).max() <= 1
    assert 1 <= min(first.participation) and max(first.participation) <= 10.001


def test_the_first_task_is_learned_alike_by_methods_that_add_nothing_to_it(tasks):
    first = set()
    for name in ("vanilla", "rehearsal", "gem", "agem", "ewc", "mas", "l2", "si", "palimpsest", "dreaming", "pseudorehearsal"):
        network = TrainedDAM(30, 4, 10, 3, temperature=0.5, seed=1)
        first.add(tuple(learn_sequence(network, tasks[:1], method(name), Training(epochs=2, batch=16), 3).matrix[1]))
    assert len(first) == 1


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("margin", [0.0, 0.3])
def test_gem_is_the_solution_of_its_dual(seed, margin):
    rng = np.random.default_rng(seed)
    others = rng.normal(size=(3, 12))
    others[2] = others[0] + 1e-3 * rng.normal(size=12)  # nearly the same task twice
    gradient = rng.normal(size=12) - 2 * others[1]
    found = projected(gradient, others, margin)
    gram, linear = others @ others.T, others @ gradient
    tight = {"ftol": 1e-15, "gtol": 1e-12, "maxiter": 5000}
    v = minimize(lambda v: 0.5 * v @ gram @ v + linear @ v, np.ones(3), jac=lambda v: gram @ v + linear,
                 bounds=[(margin, None)] * 3, method="L-BFGS-B", options=tight).x  # fmt: skip
    assert found == pytest.approx(gradient + others.T @ v, abs=1e-4)
    assert (others @ found).min() > (-1e-10 if margin == 0 else -np.inf)
    aligned = others[0] + others[1] + others[2]
    assert projected(aligned, np.eye(12)[:0], margin) is aligned


def test_a_gradient_that_opposes_nobody_is_left_alone():
    gradient = np.array([1.0, 2.0, 0.0])
    assert projected(gradient, np.array([[1.0, 0, 0], [0, 1, 5]])) is gradient


def test_projections_do_not_underflow():
    rng = np.random.default_rng(0)
    others = rng.normal(size=(2, 30)).astype(np.float32)
    gradient = (-others[0] - others[1]).astype(np.float32)
    expected = projected(gradient, others)
    tiny = (others * np.array([[1e-30], [1e-38]])).astype(np.float32)
    assert projected(gradient, tiny) == pytest.approx(expected, abs=1e-5)
    assert np.isfinite(projected(gradient, np.zeros_like(others))).all()


@pytest.mark.parametrize("size", [1e-30, 1e-38, 0.0])
def test_agem_does_not_underflow(size, network, tasks, monkeypatch):
    agem = method("agem")
    agem.begin(network, 0)
    agem.pool = "anything"
    direction = np.random.default_rng(0).normal(size=network.memory.size).astype(np.float32)
    monkeypatch.setattr("dammech.learn.methods.agem.slopes", lambda *_: direction * np.float32(size))
    shaped = agem.shaped(network, -direction.reshape(network.memory.shape))
    assert shaped == pytest.approx(np.zeros_like(shaped) if size else -direction.reshape(shaped.shape), abs=1e-5)


def test_gem_keeps_the_loss_of_kept_tasks_from_rising(network, tasks):
    items = task_items(network, tasks)
    gem = method("gem", fraction=0.5)
    gem.begin(network, 0)
    for one in items[:2]:
        gem.items(network, one)
        gem.finished(network, one)
    _, gradient = network.loss_and_gradient(items[2].states, items[2].targets)
    gradient = -sum(slopes(network, kept) for kept in gem.kept).reshape(gradient.shape)
    shaped = gem.shaped(network, gradient)
    for kept in gem.kept:
        assert slopes(network, kept) @ shaped.ravel() >= -1e-9 * np.linalg.norm(gradient)


def test_agem_takes_out_what_opposes_the_pool(network, tasks):
    items = task_items(network, tasks)
    agem = method("agem", fraction=0.25)
    agem.begin(network, 0)
    agem.items(network, items[0])
    gradient = np.random.default_rng(0).normal(size=network.memory.shape)
    assert agem.shaped(network, gradient) is gradient
    agem.finished(network, items[0])
    agem.items(network, items[1])
    assert len(agem.pool) == 20
    reference = slopes(network, agem.pool).reshape(gradient.shape)
    opposed = gradient - 3 * reference * abs(np.vdot(gradient, reference)) / np.vdot(reference, reference)
    assert np.vdot(agem.shaped(network, opposed), reference) == pytest.approx(0, abs=1e-12)
    assert agem.shaped(network, reference) is reference


@pytest.mark.parametrize("kind", ["leaky", "softmax"])
def test_importances_are_means_over_single_items(kind, tasks):
    network = TrainedDAM(30, 4, 10, 3, kind, temperature=0.5, seed=1, dtype="float64")
    items = task_items(network, tasks)[0].taken(np.arange(12))
    items.states[:, :30] *= np.random.default_rng(0).uniform(0.2, 1, (12, 30))  # grey pixels: not all squares are 1
    each = [network.loss_and_gradient(items.states[b : b + 1], items.targets[b : b + 1])[1] for b in range(12)]
    assert network.importance(items.states, items.targets) == pytest.approx(np.mean(np.square(each), axis=0), rel=1e-10)
    outputs = np.tanh(network.fields(items.states))
    # |Y|² is the loss about 0, of which the gradient with targets 0 is that of the sum of Y²
    each = [network.loss_and_gradient(items.states[b : b + 1], np.zeros((1, 4)))[1] for b in range(12)]
    assert network.loss_and_gradient(items.states, np.zeros((12, 4)))[0] == pytest.approx((outputs**2).sum())
    assert network.importance(items.states) == pytest.approx(np.mean(np.abs(each), axis=0), rel=1e-10)


def test_signs_give_all_pixels_of_a_memory_the_same_importance(network, tasks):
    items = task_items(network, tasks)[0]
    for weight in (network.importance(items.states, items.targets), network.importance(items.states)):
        assert weight[:, :30] == pytest.approx(np.repeat(weight[:, :1], 30, axis=1))
        assert np.ptp(weight[:, 30:], axis=1).max() > 0


def penalty_gradient(network, regulariser, displaced):
    network.memory[:] = displaced
    return regulariser.shaped(network, np.zeros_like(network.memory))


@pytest.mark.parametrize("name", ["l2", "ewc", "mas", "si"])
def test_regularisers_pull_back_to_their_anchors(name, network, tasks):
    items = task_items(network, tasks)
    chosen = method(name, strength=2.0)
    chosen.begin(network, 0)
    assert (chosen.shaped(network, np.ones_like(network.memory)) == 1).all()
    weights, anchors = [], []
    rng = np.random.default_rng(0)
    for one in items[:2]:
        chosen.shaped(network, -np.abs(rng.normal(size=network.memory.shape)))
        network.memory += 0.1 * rng.uniform(size=network.memory.shape)
        chosen.stepped(network, 1.0)
        before = chosen.weight.copy()
        chosen.finished(network, one)
        weights.append(chosen.weight - before)
        anchors.append(network.memory.copy())
    displaced = np.clip(network.memory + 0.2, -1, 1)
    found = penalty_gradient(network, chosen, displaced)
    if name == "ewc":
        expected = sum(4 * w * (displaced - a) for w, a in zip(weights, anchors))
    else:
        expected = 4 * (1 if name == "l2" else weights[0] + weights[1]) * (displaced - anchors[1])
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert chosen.weight.min() >= 0


def test_si_counts_what_the_path_won(network, tasks):
    items = task_items(network, tasks)[0]
    si = method("si", damping=0.5)
    si.begin(network, 0)
    start, won = network.memory.copy(), np.zeros_like(network.memory)
    for step in (0.1, -0.05):
        gradient = np.full_like(network.memory, -1.0)
        si.shaped(network, gradient)
        network.memory += step
        si.stepped(network, 0.5)
        won += step
    si.finished(network, items)
    assert si.weight == pytest.approx(won / ((network.memory - start) ** 2 + 0.5))


def test_rehearsal_mixes_in_a_fraction_of_each_finished_task(network, tasks):
    items = task_items(network, tasks)
    chosen = method("rehearsal", fraction=0.25)
    chosen.begin(network, 0)
    sizes = []
    for one in items:
        sizes.append(len(chosen.items(network, one)))
        chosen.finished(network, one)
    assert sizes == [80, 100, 120]
    own = {row.tobytes() for row in items[0].states}
    assert all(row.tobytes() in own for row in chosen.kept[0].states)
    joint = method("joint")
    joint.begin(network, 0)
    joint.finished(network, items[0])
    assert len(joint.items(network, items[1])) == 160


@pytest.mark.parametrize("probes", ["random", "relaxed"])
def test_pseudo_items_are_answered_by_the_network_itself(probes, network, tasks):
    items = task_items(network, tasks)
    network.memory[:] = np.random.default_rng(0).uniform(-1, 1, network.memory.shape)  # with more than one stable state
    chosen = method("pseudorehearsal", count=40, probes=probes)
    chosen.begin(network, 0)
    assert chosen.items(network, items[0]) is items[0]
    chosen.finished(network, items[0])
    pseudo = chosen.pseudo_items(network)
    assert set(np.unique(pseudo.states)) == {-1.0, 1.0} and (pseudo.states[:, 30:] == -1).all()
    assert pseudo.targets == pytest.approx(np.tanh(network.fields(pseudo.states)))
    assert len(chosen.items(network, items[1])) == 120


def test_pseudo_items_of_an_associative_memory_are_its_stable_states():
    network = TrainedDAM(12, 0, 5, 3, seed=2)
    chosen = method("pseudorehearsal", count=10, probes="relaxed")
    chosen.begin(network, 0)
    pseudo = chosen.pseudo_items(network)
    assert (network.fields(pseudo.states) * pseudo.states >= 0).all() and (pseudo.targets == pseudo.states).all()


def test_palimpsest_takes_the_chosen_weight_off_in_a_task(network, tasks):
    chosen = method("palimpsest", decay=0.7)
    chosen.begin(network, 0)
    before = network.memory.copy()
    chosen.stepped(network, 0.5)
    assert (network.memory == before).all()  # nothing is old during the first task
    chosen.finished(network, None)
    for _ in range(10):
        chosen.stepped(network, 0.1)
    assert (network.memory / before) ** 3 == pytest.approx(np.exp(-0.7))


def test_dreaming_is_that_of_the_couplings_and_naps_compose():
    rng = np.random.default_rng(0)
    memory = np.where(rng.random((6, 20)) < 0.5, 1.0, -1.0)
    J = memory.T @ memory / 20
    slept = dreamt(memory, 0.8)
    assert slept.T @ slept / 20 == pytest.approx(1.8 * J @ np.linalg.inv(np.eye(20) + 0.8 * J), abs=1e-12)
    assert dreamt(memory, 0.0) == pytest.approx(memory)
    nap = dreamt(dreamt(memory, 0.5), 0.2)
    assert nap == pytest.approx(dreamt(memory, 1.5 * 1.2 - 1), abs=1e-12)
    assert np.isfinite(dreamt(np.repeat(memory, 2, axis=0), 1.0)).all()


@pytest.mark.parametrize(("name", "given", "words"), [
    ("nothing", {}, "method='nothing': must be one of vanilla, joint"),
    ("ewc", {"fraction": 0.1}, "has no such parameter; it has strength"),
    ("vanilla", {"rate": 0.1}, "it has none"),
    ("rehearsal", {"fraction": 0}, "fraction=0"),
    ("gem", {"fraction": 2}, "fraction=2"),
    ("l2", {"strength": -1}, "strength=-1"),
    ("si", {"damping": 0}, "damping=0"),
    ("pseudorehearsal", {"probes": "dreams"}, "must be one of random, relaxed"),
    ("pseudorehearsal", {"count": 0}, "count=0"),
    ("palimpsest", {"decay": float("nan")}, "decay=nan"),
    ("dreaming", {"time": "long"}, "time='long'"),
])  # fmt: skip
def test_methods_that_cannot_be(name, given, words):
    with pytest.raises(InputError) as error:
        method(name, **given)
    assert words in str(error.value) and "\n" not in str(error.value)
