"""A trained memory: its gradient to machine precision, its read-out from the definition, steps, schedules, checkpoints."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.learn import Interaction, TrainedDAM, Training, associated, labelled, train
from dammech.learn.training import Items, moved

KINDS = ("power", "rectified", "leaky", "exponential", "softmax")


def network_near(rng, kind, vertex, classes, dtype="float64", pixels=14, memories=6, temperature=0.9):
    """A network whose memory vectors lie near the states, so that high powers see overlaps, and those states."""
    if kind == "exponential":
        temperature = max(1.0, vertex / 3)
    network = TrainedDAM(pixels, classes, memories, vertex, kind, temperature, dtype=dtype, leak=0.05)
    states = np.where(rng.random((memories - 1, network.size)) < 0.5, 1.0, -1.0)
    states[:, pixels:] = -1
    network.memory[:-1] = np.clip(0.8 * states + rng.normal(0, 0.2, states.shape), -1, 1)
    network.memory[-1] = rng.uniform(-1, 1, network.size)
    targets = np.where(rng.random((len(states), network.size - network.trained.start)) < 0.5, 1.0, -1.0)
    return network, states.astype(dtype), targets.astype(dtype)


def loss_by_definition(network, memory, states, targets, exponent):
    """L with every trained neuron put at +1 and at −1 in turn; memory may be complex."""
    total = 0
    for state, wanted in zip(states, targets):
        for d, y in zip(range(network.trained.start, network.size), wanted):
            up, down = state.copy(), state.copy()
            up[d], down[d] = 1, -1
            scaled = np.stack([up, down]) @ memory.T / (network.size * network.temperature)
            high, low = network.interaction.total(scaled)
            total = total + (np.tanh(high - low) - y) ** (2 * exponent)
    return total


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("vertex", [2, 3, 8, 30])
@pytest.mark.parametrize(("classes", "exponent"), [(4, 1), (3, 4), (0, 1)])
def test_gradient_is_that_of_the_loss(kind, vertex, classes, exponent):
    network, states, targets = network_near(np.random.default_rng(vertex), kind, vertex, classes)
    loss, gradient = network.loss_and_gradient(states, targets, exponent)
    assert np.abs(gradient).max() > 1e-6
    assert loss == pytest.approx(loss_by_definition(network, network.memory, states, targets, exponent), rel=1e-12)
    for k, i in ((0, 0), (1, network.size - 1), (2, network.pixels - 1), (5, network.trained.start)):
        moved_by = network.memory.astype(complex)
        moved_by[k, i] += 1e-30j  # derivative by a complex step: no difference is taken, no digit lost
        exact = loss_by_definition(network, moved_by, states, targets, exponent).imag / 1e-30
        assert gradient[k, i] == pytest.approx(exact, rel=1e-9, abs=1e-13 * np.abs(gradient).max())


def test_gradient_agrees_with_finite_differences():
    network, states, targets = network_near(np.random.default_rng(1), "leaky", 5, 4)
    _, gradient = network.loss_and_gradient(states, targets)
    for k in range(network.memories):
        for i in (0, 5, network.size - 1):
            moved_up, moved_down = network.memory.copy(), network.memory.copy()
            moved_up[k, i] += 1e-5
            moved_down[k, i] -= 1e-5
            up, down = (loss_by_definition(network, M, states, targets, 1) for M in (moved_up, moved_down))
            assert gradient[k, i] == pytest.approx((up - down) / 2e-5, abs=1e-8 * np.abs(gradient).max())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("vertex", [2, 12, 30])
def test_single_precision_agrees_with_double(kind, vertex):
    rng = np.random.default_rng(2)
    double, states, targets = network_near(rng, kind, vertex, 10, pixels=60)
    single, *_ = network_near(rng, kind, vertex, 10, "float32", pixels=60)
    single.memory = double.memory.astype(np.float32)
    loss, gradient = double.loss_and_gradient(states, targets)
    rough, rough_gradient = single.loss_and_gradient(states.astype(np.float32), targets.astype(np.float32))
    assert rough == pytest.approx(loss, rel=1e-4)
    assert np.abs(rough_gradient - gradient).max() < 1e-4 * np.abs(gradient).max()


@pytest.mark.parametrize("vertex", [2, 30, 60])
def test_high_vertices_stay_finite(vertex):
    network = TrainedDAM(100, 10, 20, vertex, "power", temperature=0.5)
    network.memory[:] = 1
    states = np.ones((3, 110), np.float32)
    states[:, 100:] = -1
    loss, gradient = network.loss_and_gradient(states, np.ones((3, 10), np.float32), 30)
    assert np.isfinite(loss) and np.isfinite(gradient).all()


def test_class_is_the_largest_field_with_all_class_neurons_at_minus_one():
    network, states, _ = network_near(np.random.default_rng(3), "rectified", 3, 4)
    fields = np.empty((len(states), 4))
    for d in range(4):
        up = states.copy()
        up[:, 14 + d] = 1
        fields[:, d] = network.energy(states) - network.energy(up)
    assert network.fields(states) == pytest.approx(fields, rel=1e-10)
    assert (network.classify(states[:, :14]) == fields.argmax(axis=1)).all()


@pytest.mark.parametrize(("normalisation", "norm"), [("memory", 1), ("global", None), ("none", 0)])
def test_a_step_is_momentum_norm_and_clip(normalisation, norm):
    rng = np.random.default_rng(4)
    network = TrainedDAM(8, 3, 5, 3, dtype="float64")
    velocity, gradient, memory = rng.normal(size=(5, 11)), rng.normal(size=(5, 11)), network.memory.copy()
    network.velocity[:] = velocity
    moved(network, gradient, 0.3, Training(momentum=0.6, normalisation=normalisation))
    velocity = 0.6 * velocity + gradient
    tops = {1: np.abs(velocity).max(axis=1, keepdims=True), None: np.abs(velocity).max(), 0: 1.0}
    assert network.velocity == pytest.approx(velocity)
    assert network.memory == pytest.approx(np.clip(memory - 0.3 * velocity / tops[norm], -1, 1))


def test_a_memory_without_gradient_stays():
    network = TrainedDAM(8, 3, 5, 3)
    before = network.memory.copy()
    moved(network, np.zeros_like(before), 0.3, Training())
    assert (network.memory == before).all()


def test_schedules():
    training = Training(epochs=11, rate=0.2, decay=0.5, temperatures=(1.0, 0.5))
    assert [training.rate_of(e) for e in (0, 1, 3)] == [0.2, 0.1, 0.025]
    assert [training.temperature_of(e) for e in (0, 5, 10)] == pytest.approx([1.0, 0.75, 0.5])
    ramp = Training(epochs=11, temperatures=(1.0, 0.5), ramp=3)
    assert [ramp.temperature_of(e) for e in (0, 1, 2, 10)] == pytest.approx([1.0, 0.75, 0.5, 0.5])
    assert Training().temperature_of(3) is None


def prototypes(rng, classes=4, items=120, pixels=40):
    truth = np.where(rng.random((classes, pixels)) < 0.5, 1.0, -1.0)
    labels = np.arange(items) % classes
    return np.where(rng.random((items, pixels)) < 0.15, -truth[labels], truth[labels]), labels


@pytest.mark.parametrize(("kind", "vertex", "temperature"), [
    ("leaky", 3, 0.4), ("rectified", 5, 0.5), ("power", 4, 0.4), ("exponential", 3.0, 1.0), ("softmax", 10.0, 0.5),
])  # fmt: skip
def test_training_learns(kind, vertex, temperature):
    inputs, labels = prototypes(np.random.default_rng(5))
    network = TrainedDAM(40, 4, 16, vertex, kind, temperature, seed=1)
    losses = train(network, labelled(network, inputs[:80], labels[:80]), Training(epochs=25, batch=16, rate=0.05))
    assert losses[-1] < losses[0] and network.accuracy(inputs[80:], labels[80:]) > 0.9


def test_auto_association_recalls_from_a_damaged_state():
    rng = np.random.default_rng(6)
    patterns = np.where(rng.random((5, 40)) < 0.5, 1.0, -1.0)
    network = TrainedDAM(40, 0, 10, 4, "rectified", 0.5, initialisation="zero-mean", seed=2)
    train(network, associated(network, patterns, noise=0.1), Training(epochs=150, batch=5, rate=0.03))
    start = patterns.copy()
    start[:, :4] *= -1
    relaxed, stable = network.recall(start)
    assert stable.all() and (relaxed == patterns).mean() > 0.97
    held, _ = network.recall(start, clamped=[0, 1])
    assert (held[:, :2] == start[:, :2]).all()


def test_relaxed_states_are_fixed_points():
    network, *_ = network_near(np.random.default_rng(7), "leaky", 3, 0)
    start = np.where(np.random.default_rng(8).random((20, 14)) < 0.5, 1.0, -1.0)
    relaxed, stable = network.recall(start, sweeps=50)
    assert stable.all() and (network.fields(relaxed) * relaxed >= 0).all()


def test_a_broken_training_goes_on_to_the_same_end(tmp_path):
    inputs, labels = prototypes(np.random.default_rng(9))
    training = Training(epochs=6, batch=16, temperatures=(0.6, 0.4))

    def fresh():
        network = TrainedDAM(40, 4, 8, 3, temperature=0.5, seed=3)
        return network, labelled(network, inputs, labels)

    whole, items = fresh()
    losses = train(whole, items, training, (7,))

    class Stopped(Exception):
        pass

    def stop(words):
        if words.startswith("epoch 4"):
            raise Stopped

    broken, items = fresh()
    with pytest.raises(Stopped):
        train(broken, items, training, (7,), checkpoint=tmp_path / "run.npz", progress=stop)
    again, items = fresh()
    assert train(again, items, training, (7,), checkpoint=tmp_path / "run.npz") == losses
    assert (again.memory == whole.memory).all() and again.temperature == whole.temperature
    other, items = fresh()
    with pytest.raises(InputError, match="another network or training"):
        train(other, items, Training(epochs=5), (7,), checkpoint=tmp_path / "run.npz")
    loaded, state = TrainedDAM.load(tmp_path / "run.npz")
    assert (loaded.classify(inputs) == whole.classify(inputs)).all() and state["epoch"] == 6


def test_no_stream_depends_on_the_order_of_work():
    first = TrainedDAM(10, 2, 4, 3, seed=5)
    TrainedDAM(10, 2, 4, 3, seed=6)
    assert (TrainedDAM(10, 2, 4, 3, seed=5).memory == first.memory).all()


def test_initialisations():
    krotov = TrainedDAM(100, 10, 100, 3, initialisation="krotov").memory
    centred = TrainedDAM(100, 10, 100, 3, initialisation="zero-mean").memory
    assert krotov.mean() == pytest.approx(-0.3, abs=0.01) and centred.mean() == pytest.approx(0, abs=0.005)
    assert krotov.std() == pytest.approx(0.3, abs=0.01) and centred.std() == pytest.approx(0.1, abs=0.005)


BAD = [
    ({"memories": 0}, "memories=0: must be an integer of at least 1"),
    ({"vertex": 0}, "vertex=0: must be an integer of at least 2"),
    ({"vertex": 2.5}, "vertex=2.5: must be an integer"),
    ({"vertex": -1.0, "interaction": "softmax"}, "vertex=-1.0: must be a positive number"),
    ({"interaction": "cubic"}, "must be one of power, rectified, leaky"),
    ({"classes": 1}, "classes=1"),
    ({"temperature": 0}, "temperature=0"),
    ({"temperature": float("nan")}, "temperature=nan"),
    ({"temperature": 0.01, "vertex": 30}, "too low for vertex 30 in single precision"),
    ({"initialisation": "large"}, "initialisation='large'"),
    ({"dtype": "int8"}, "dtype='int8'"),
    ({"pixels": 3.5}, "pixels=3.5"),
]


@pytest.mark.parametrize(("given", "words"), BAD)
def test_networks_that_cannot_be(given, words):
    with pytest.raises(InputError) as error:
        TrainedDAM(**{"pixels": 10, "classes": 3, "memories": 4, "vertex": 3, **given})
    assert words in str(error.value) and "\n" not in str(error.value)


BAD_TRAINING = [
    ({"rate": 0}, "rate=0"), ({"momentum": 1.0}, "momentum=1.0"), ({"epochs": 0}, "epochs=0"), ({"decay": 2}, "decay=2"),
    ({"normalisation": "none at all"}, "normalisation"), ({"temperatures": (1.0,)}, "temperatures"), ({"exponent": 0}, "nt=0"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "words"), BAD_TRAINING)
def test_trainings_that_cannot_be(given, words):
    with pytest.raises(InputError, match=words):
        Training(**given)


def test_items_that_cannot_be():
    network = TrainedDAM(6, 3, 4, 3)
    good = np.ones((4, 6))
    bad = good.copy()
    bad[2, 1] = np.nan
    for inputs, labels, words in (
        (bad, [0, 1, 2, 0], "item 2 has a pixel that is NaN"),
        (good, [1, 1, 1, 1], "all items are of class 1; a task needs at least two"),
        (3 * good, [0, 1, 2, 0], "pixels must lie in"),
        (good[:, :5], [0, 1, 2, 0], "must be \\(items, 6\\)"),
        (good, [0, 1, 2, 3], "integers from 0 to 2"),
        (good, [0, 1], "one label an item"),
    ):
        with pytest.raises(InputError, match=words):
            labelled(network, inputs, np.array(labels))
    with pytest.raises(InputError, match="classes=0"):
        associated(network, np.ones((2, 9)))
    with pytest.raises(InputError, match="states"):
        network.recall(np.zeros((2, 9)))


def test_checkpoints_that_are_none(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"nothing")
    with pytest.raises(InputError, match="not a checkpoint"):
        TrainedDAM.load(tmp_path / "x.npz")


def test_oracle_functions():
    s = np.array([-0.5, 0.0, 2.0])
    assert Interaction("power", 3).value(s).tolist() == [-0.125, 0, 8]
    assert Interaction("rectified", 3).value(s).tolist() == [0, 0, 8]
    assert Interaction("leaky", 3).value(s).tolist() == [-0.005, 0, 8]
    assert Interaction("softmax", 2).value(s) == pytest.approx(np.log(np.exp(2 * s).sum()))


def test_items_join():
    items = Items(np.ones((2, 3)), np.ones((2, 1)))
    assert len(items.joined(items, items)) == 6 and len(items.taken(np.array([0]))) == 1
