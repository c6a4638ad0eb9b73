"""Numbers of learning by another route, and documented defaults by their effect."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from dammech.learn import TrainedDAM, Training, labelled, learn_sequence, method, train
from dammech.learn.memories import likeness, participation
from dammech.learn.methods.dreaming import Dreaming, dreamt
from dammech.learn.results import matrices, transition
from dammech.learn.seeds import generator
from dammech.learn.tasks import prototypes

TASKS = prototypes(2, seed=3, pixels=20, classes=3, items=45, noise=0.2)


def network(**options):
    return TrainedDAM(20, 3, 6, 3, seed=2, **options)


def test_what_a_sequence_leaves_behind():
    net = network()
    found = learn_sequence(net, TASKS, method("vanilla"), Training(epochs=4, batch=9), 1)
    assert [len(run) for run in found.losses] == [4, 4] and all(loss >= 0 for run in found.losses for loss in run)
    assert found.losses[0][-1] < found.losses[0][0]
    assert found.likeness[1] == pytest.approx(np.median(likeness(net, TASKS[1].inputs)))
    assert found.participation[1] == pytest.approx(np.median(participation(net, TASKS[1].test_inputs)))
    for chance, items, task in zip(found.chance, found.items, TASKS):
        labels = task.test_labels.tolist()
        assert items == len(labels) and chance == max(labels.count(c) for c in set(labels)) / len(labels)
    assert found.matrix[2, 1] == np.mean(net.classify(TASKS[1].test_inputs) == TASKS[1].test_labels)


def test_the_first_loss_is_that_of_the_network_as_it_stands():
    """One epoch of one batch: the mean over items of Σ (Y − y)² before the step."""
    net = network()
    task = TASKS[0]
    items = labelled(net, task.inputs, task.labels)
    loss, _ = net.loss_and_gradient(items.states, items.targets)
    losses = train(net, items, Training(epochs=1, batch=len(task.labels)), (1, 0))
    assert losses[0] == pytest.approx(loss / len(task.labels), rel=1e-4) and losses[0] > 0


def test_likeness_is_a_cosine_with_the_nearest_item():
    net = network()
    net.memory[0, :20] = TASKS[0].inputs[4]
    net.memory[1, :20] = 0.5 * TASKS[0].inputs[7]
    found = likeness(net, TASKS[0].inputs)
    assert found[:2] == pytest.approx([1.0, 1.0], abs=1e-6) and (np.abs(found) <= 1 + 1e-6).all()
    pixels = net.memory[5, :20].astype(float)
    cosines = [pixels @ x / np.linalg.norm(pixels) / np.linalg.norm(x) for x in TASKS[0].inputs]
    assert found[5] == pytest.approx(max(cosines), abs=1e-6)


@pytest.mark.parametrize("kind", ["leaky", "exponential", "power"])
def test_participation_written_out(kind):
    """(Σ|Δ_k|)²/Σ Δ_k² of the changes of the energy of each memory vector as the winning class is turned on."""
    net = network(temperature=0.7, interaction=kind)
    x = TASKS[0].test_inputs[:5]
    found = participation(net, x)
    scale = 1 / (net.size * net.temperature)
    for row, item, winner in zip(range(5), x, net.classify(x)):
        off = np.concatenate([item, -np.ones(3)])
        on = off.copy()
        on[20 + winner] = 1.0
        changes = []
        for vector in net.memory.astype(float):
            below, above = (net.interaction.value(np.array([scale * vector @ state])) for state in (off, on))
            changes.append(float(np.abs(above - below).sum()))
        changes = np.array(changes)
        assert found[row] == pytest.approx(changes.sum() ** 2 / (changes**2).sum(), rel=1e-4)
    assert (found >= 1 - 1e-9).all() and (found <= 6 + 1e-9).all()


def trained(**options):
    net = network()
    train(net, labelled(net, TASKS[0].inputs, TASKS[0].labels), Training(**{"epochs": 3, **options}), (1, 0))
    return net.memory.copy()


@pytest.mark.parametrize(
    ("name", "documented", "other"), [("momentum", 0.6, 0.606), ("batch", 128, 8), ("decay", 0.999, 0.99), ("rate", 0.1, 0.101)]
)
def test_a_documented_default_by_its_effect(name, documented, other):
    np.testing.assert_array_equal(trained(), trained(**{name: documented}))
    assert np.abs(trained() - trained(**{name: other})).max() > 1e-6


def test_the_documented_batch():
    """More items than a batch of 128 holds, so that 127 and 129 are other batches."""
    task = prototypes(1, seed=3, pixels=12, classes=2, items=400, noise=0.2)[0]

    def made(**options):
        net = TrainedDAM(12, 2, 4, 3, seed=2)
        train(net, labelled(net, task.inputs, task.labels), Training(epochs=1, **options), (1, 0))
        return net.memory.copy()

    np.testing.assert_array_equal(made(), made(batch=128))
    for other in (127, 129):
        assert np.abs(made() - made(batch=other)).max() > 0


def test_the_documented_time_of_dreams():
    net, other = network(), network()
    before = net.memory.copy()
    dreams = Dreaming()
    dreams.begin(net, 0)
    items = labelled(net, TASKS[0].inputs, TASKS[0].labels)
    dreams.items(net, items)
    np.testing.assert_array_equal(net.memory, before)  # nothing before the first task
    dreams.finished(net, items)
    dreams.items(net, items)
    np.testing.assert_allclose(net.memory, np.clip(dreamt(other.memory, 0.1), -1, 1), atol=1e-6)
    assert np.abs(net.memory - np.clip(dreamt(other.memory, 0.101), -1, 1)).max() > 1e-6


def test_the_documented_vertices():
    from dammech.learn.config import config_of

    assert config_of({}).vertices == [2, 3, 5, 8, 12] and config_of({}).seeds == [1, 2, 3]


def test_larger_digits_keep_their_pixels():
    """16 × 16: the mean over each block of 2 × 2 is the pixel of 8 × 8, up to the overshoot of cubic splines."""
    pytest.importorskip("sklearn")
    from dammech.learn.images import digits

    small, large = digits(), digits(side=16)
    blocks = large.test.reshape(-1, 8, 2, 8, 2).mean(axis=(2, 4))
    gap = blocks - small.test
    assert np.abs(gap).mean() < 0.05 and np.abs(gap.mean()) < 0.01
    assert (large.test_labels == small.test_labels).all() and 0 <= large.test.min() and large.test.max() <= 1


@pytest.mark.parametrize("kind", ["power", "rectified", "leaky", "exponential", "softmax"])
@pytest.mark.parametrize("classes", [0, 3])
def test_recall_written_out(kind, classes):
    """Of all neurons, those of the classes as well, in the order of each sweep."""
    network = TrainedDAM(7, classes, 5, 3, kind, temperature=1.0, initialisation="zero-mean", seed=2, dtype="float64")
    start = np.random.default_rng(4).choice([-1.0, 1.0], (6, network.size))
    relaxed, stable = network.recall(start, sweeps=30, seed=9, clamped=[2])
    orders, x, moving = generator("recall", 9), start.copy(), np.ones(6, dtype=bool)

    def energy(state):
        return -network.interaction.total(state @ network.memory.T / network.size)

    for _ in range(30):
        order = orders.permutation(np.delete(np.arange(network.size), 2))
        for b in np.flatnonzero(moving):
            before = x[b].copy()
            for i in order:
                flipped = x[b].copy()
                flipped[i] *= -1
                x[b] = flipped if energy(flipped) < energy(x[b]) else x[b]
            moving[b] = not np.array_equal(before, x[b])
    assert np.array_equal(relaxed, x) and np.array_equal(stable, ~moving) and not np.array_equal(relaxed, start)


def test_tables_of_entries_and_of_prototypes():
    def run(method, vertex, seed, first):
        return {"method": method, "vertex": vertex, "seed": seed, "matrix": [[0.1, 0.2], [0.8, 0.3], [0.7, 0.9]],
                "participation": [first, 99.0], "likeness": [first / 10, 77.0]}  # fmt: skip

    runs = [run("ewc", 2, 1, 5.0), run("ewc", 2, 2, 7.0), run("ewc", 3, 1, 2.0), run("ewc", 3, 2, 2.0)]
    runs.append(run("vanilla", 2, 1, 50.0))
    results = SimpleNamespace(runs=runs, config=SimpleNamespace(methods={"ewc": {}, "vanilla": {}}, vertices=[2, 3]))
    entries = matrices(results)
    assert len(entries) == 30
    assert entries[0] == {"method": "ewc", "vertex": 2, "seed": 1, "trained": 0, "tested": 1, "accuracy": 0.1}
    assert entries[-1] == {"method": "vanilla", "vertex": 2, "seed": 1, "trained": 2, "tested": 2, "accuracy": 0.9}
    two, three = transition(results)
    half = 12.7062047 * 1.0  # Student's t of one degree of freedom, times the standard error of 5 and 7
    assert two == {"vertex": 2, "participation": 6.0, "participation_half_width": pytest.approx(half),
                   "likeness": pytest.approx(0.6), "likeness_half_width": pytest.approx(half / 10)}  # fmt: skip
    assert (three["participation"], three["participation_half_width"]) == (2.0, 0.0)


def test_the_sharpest_softmax_recalls_the_nearest_memory():
    """Similarities of ±1 at vertex 1000: exponentials are taken from the largest, whichever memory comes first."""
    patterns = np.array([[1.0, 1, 1, 1, 1, 1, 1, 1], [-1.0, -1, -1, -1, -1, -1, -1, -1]])
    for order in (patterns, patterns[::-1]):
        network = TrainedDAM(8, 0, 2, 1000, "softmax", temperature=1.0, dtype="float64")
        network.memory[:] = order
        start = patterns.copy()
        start[:, 3] *= -1
        relaxed, stable = network.recall(start, sweeps=20, seed=1)
        assert np.array_equal(relaxed, patterns) and stable.all()
