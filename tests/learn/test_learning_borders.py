"""Borders of what can be trained, what refusals say, what work is foreseen, and single steps against plain NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from test_did_not_learn import only_low, results_of

from dammech.errors import InputError
from dammech.learn import TrainedDAM, Training, associated, labelled, method, train
from dammech.learn.config import config_of, read_config
from dammech.learn.inputs import LARGEST, checked_count, checked_labels, checked_number, checked_pixels
from dammech.learn.interactions import Interaction
from dammech.learn.methods.gem import projected
from dammech.learn.metrics import metrics
from dammech.learn.results import settings
from dammech.learn.tasks import prototypes
from dammech.learn.training import moved

LAST = {
    "epochs": [1, 10**6],
    "batch": [1, 10**9],
    "exponent": [1, 100],
    "rate": [1e-12, LARGEST],
    "decay": [1e-12, 1.0],
    "momentum": [0.0, 0.999999],
    "ramp": [1, 2**31],
    "temperatures": [(1e-12, 1.0), [LARGEST, 0.5]],
}
FIRST = {
    "epochs": [
        (0, "must be an integer of at least 1"),
        (10**6 + 1, "at least 1 and at most 1000000"),
        (True, "integer"),
    ],
    "batch": [(0, "at least 1"), (10**9 + 1, "at most 1000000000"), (1.0, "integer")],
    "exponent": [(0, "at least 1"), (101, "at most 100")],
    "rate": [
        (0, "must be a finite number, above 0"),
        (2 * LARGEST, "above 0 and at most 1e+12"),
        (math.nan, "finite"),
        ("1", "finite"),
    ],
    "decay": [(0, "above 0 and at most 1"), (1.000001, "above 0 and at most 1")],
    "momentum": [
        (-1e-9, "must be a finite number, at least 0"),
        (1, "must be below 1"),
        (2 * LARGEST, "at least 0 and at most 1e+12"),
    ],
    "ramp": [(0, "at least 1"), (2**31 + 1, "at most 2147483648")],
    "temperatures": [((0, 1), "above 0"), ((1, 2, 3), "two numbers"), (1, "two numbers"), ((1, math.inf), "finite")],
}


@pytest.mark.parametrize("name", LAST)
def test_the_last_options_of_a_training_and_the_first_refused(name):
    for value in LAST[name]:
        kept = getattr(Training(**{name: value}), name)
        assert kept == (tuple(value) if isinstance(value, list) else value)
    for value, words in FIRST[name]:
        with pytest.raises(InputError) as caught:
            Training(**{name: value})
        assert words in str(caught.value) and str(caught.value).startswith(f"{name}=")


def test_what_a_number_may_be_is_said():
    assert checked_number("a", 3) == 3.0 and checked_number("a", -LARGEST) == -LARGEST
    assert checked_number("a", np.float32(0.5), 0.5, 0.5) == 0.5 and checked_count("a", np.int64(4), 4, 4) == 4
    for arguments, words in (
        ((-1, 0), "a=-1: must be a finite number, at least 0"),
        ((0, 0, 1, True), "a=0: must be a finite number, above 0 and at most 1"),
        ((2, 0, 1), "a=2: must be a finite number, at least 0 and at most 1"),
        ((2, -math.inf, 1), "a=2: must be a finite number, at most 1"),
        ((math.inf,), "a=inf: must be a finite number, at most 1e+12"),
        ((math.nan,), "a=nan: must be a finite number"),
        ((1.01e12,), "a=1010000000000.0: must be a finite number, at most 1e+12"),
        ((True,), "a=True: must be a finite number"),
    ):
        with pytest.raises(InputError) as caught:
            checked_number("a", *arguments)
        assert str(caught.value) == words
    for value, words in ((0, "at least 1"), (6, "at least 1 and at most 5"), (2.0, "at least 1"), (True, "at least 1")):
        with pytest.raises(InputError) as caught:
            checked_count("a", value, 1, 5)
        assert str(caught.value) == f"a={value}: must be an integer of {words}"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: checked_pixels("p", np.zeros(3)), r"\(items, pixels\)"),
        (lambda: checked_pixels("p", np.zeros((0, 3))), "with an item"),
        (lambda: checked_pixels("p", np.zeros((1, 3)), 4), r"\(items, 4\)"),
        (lambda: checked_pixels("p", np.array([["a"]])), "must be numbers"),
        (lambda: checked_pixels("p", np.array([[0.0], [np.inf]])), "item 1 has a pixel"),
        (lambda: checked_pixels("p", np.array([[-1.5]])), "a pixel of 1.5"),
        (lambda: checked_labels("l", [0, 1], 3, 2), "for 3 items"),
        (lambda: checked_labels("l", [0, 2], 2, 2), "from 0 to 1"),
        (lambda: checked_labels("l", [-1, 1], 2, 2), "from 0 to 1"),
        (lambda: checked_labels("l", [0.0, 1.0], 2, 2), "integers"),
        (lambda: TrainedDAM(0, 2, 2, 2), "pixels=0"),
        (lambda: TrainedDAM(3, 1, 2, 2), "classes=1"),
        (lambda: TrainedDAM(3, 2, 0, 2), "memories=0"),
        (lambda: TrainedDAM(3, 2, 2, 1), "vertex=1: must be an integer of at least 2"),
        (lambda: TrainedDAM(3, 2, 2, 2.5), "vertex=2.5"),
        (lambda: TrainedDAM(3, 2, 2, 1001), "at most 1000"),
        (lambda: TrainedDAM(3, 2, 2, 0, "softmax"), "vertex=0: must be a positive"),
        (lambda: TrainedDAM(3, 2, 2, 2, temperature=0), "temperature=0"),
        (lambda: TrainedDAM(3, 2, 2, 2, leak=1.01), "leak=1.01"),
        (lambda: Interaction("leaky", 2, -0.01), "leak=-0.01"),
        (lambda: TrainedDAM(3, 0, 2, 2).recall(np.ones((1, 4))), "states"),
        (lambda: TrainedDAM(3, 0, 2, 2).recall(np.zeros((1, 3))), "states"),
        (lambda: TrainedDAM(3, 0, 2, 2).recall(np.ones((1, 3)), sweeps=0), "sweeps=0"),
        (lambda: associated(TrainedDAM(3, 2, 2, 2), np.ones((1, 5))), "classes=2"),
        (lambda: associated(TrainedDAM(3, 0, 2, 2), np.ones((1, 3)), 1.01), "noise=1.01"),
        (lambda: labelled(TrainedDAM(3, 2, 2, 2), np.ones((2, 3)), [1, 1]), "all items are of class 1"),
        (lambda: prototypes(1, 0, pixels=1), "pixels=1"),
        (lambda: prototypes(1, 0, pixels=9, classes=1), "classes=1"),
        (lambda: prototypes(1, 0, pixels=9, classes=2, items=7), "items=7"),
        (lambda: prototypes(1, 0, pixels=9, noise=0.51), "noise=0.51"),
        (lambda: prototypes(0, 0, pixels=9), "count=0"),
        (lambda: method("rehearsal", fraction=0), "fraction=0"),
        (lambda: method("rehearsal", fraction=1.01), "fraction=1.01"),
        (lambda: method("pseudorehearsal", count=0), "count=0"),
        (lambda: method("ewc", strength=-1), "strength=-1"),
        (lambda: method("si", damping=0), "damping=0"),
        (lambda: method("gem", margin=-0.1), "margin=-0.1"),
        (lambda: method("palimpsest", decay=-0.1), "decay=-0.1"),
        (lambda: method("dreaming", time=-0.1), "time=-0.1"),
    ],
)
def test_the_first_that_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_the_last_that_is_accepted():
    assert checked_pixels("p", [[1, -1]]).dtype == np.float32 and checked_labels("l", [0, 1], 2, 2).tolist() == [0, 1]
    assert TrainedDAM(1, 2, 1, 2).size == 3 and TrainedDAM(1, 0, 1, 1e-9, "softmax").size == 1
    assert (
        Interaction("power", 1000).vertex == 1000
        and Interaction("leaky", 2, 0).leak == 0
        and Interaction("leaky", 2, 1).leak == 1
    )
    (task,) = prototypes(1, 0, pixels=2, classes=2, items=8, noise=0.5)
    assert task.inputs.shape == (8, 2) and task.test_inputs.shape == (2, 2)
    assert method("rehearsal", fraction=1).fraction == 1 and method("ewc", strength=0).strength == 0
    net = TrainedDAM(3, 0, 2, 2)
    patterns = np.array([[1, -1, 1], [1, 1, 1]])
    assert (associated(net, patterns, 1.0).states == -patterns).all() and (
        associated(net, patterns, 0.0).states == patterns
    ).all()


@pytest.mark.parametrize(
    ("ramp", "known"),
    [
        (None, [2.0, 1.75, 1.5, 1.25, 1.0]),
        (3, [2, 1.5, 1, 1, 1]),
        (1, [2, 1, 1, 1, 1]),
        (9, [2, 1.875, 1.75, 1.625, 1.5]),
    ],
)
def test_the_schedule_of_the_temperature(ramp, known):
    """First and last at both ends of the ramp, and the last from then on."""
    training = Training(epochs=5, temperatures=(2.0, 1.0), ramp=ramp)
    assert [training.temperature_of(epoch) for epoch in range(5)] == pytest.approx(known)
    assert Training(epochs=1, temperatures=(2.0, 1.0)).temperature_of(0) == 2.0 and Training().temperature_of(3) is None
    assert Training(rate=0.5, decay=0.9).rate_of(0) == 0.5 and Training(rate=0.5, decay=0.9).rate_of(
        2
    ) == pytest.approx(0.405)


@pytest.mark.parametrize("normalisation", ["memory", "global", "none"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_step_written_out(normalisation, sign):
    """The largest component may be negative; components are clipped at both ends; a row without velocity stays."""
    net = TrainedDAM(4, 2, 3, 2, seed=1, dtype="float64")
    rng = np.random.default_rng(5)
    net.velocity[:] = rng.uniform(-0.2, 0.2, net.velocity.shape)
    gradient = rng.uniform(-1, 1, net.memory.shape)
    gradient[0, 1] = 3.0 * sign
    gradient[1, 4] = -2.0 * sign
    gradient[2], net.velocity[2] = 0.0, 0.0
    net.memory[0, 1], net.memory[1, 4] = -0.9 * sign, 0.9 * sign
    before, velocity = net.memory.copy(), 0.7 * net.velocity + gradient
    moved(net, gradient, 0.3, Training(momentum=0.7, normalisation=normalisation))
    row = np.maximum(np.abs(velocity).max(axis=1, keepdims=True), 1e-30)
    norm = {"memory": row, "global": row.max(), "none": 1.0}[normalisation]
    np.testing.assert_allclose(net.velocity, velocity, atol=1e-14)
    np.testing.assert_allclose(net.memory, np.clip(before - 0.3 * velocity / norm, -1, 1), atol=1e-14)
    assert net.memory[0, 1] == -sign and net.memory[1, 4] == sign and (net.memory[2] == before[2]).all()


def test_a_last_batch_that_is_smaller_counts_by_its_items():
    """5 items in batches of 4: the step of the last batch is that of its one item."""
    net, other = (TrainedDAM(6, 2, 3, 2, seed=1, dtype="float64") for _ in range(2))
    rng = np.random.default_rng(0)
    items = labelled(net, rng.choice([-1, 1], size=(5, 6)), [0, 1, 0, 1, 1])
    training = Training(epochs=1, batch=4, normalisation="none", rate=0.01)
    losses = train(net, items, training, (3, 0))
    from dammech.learn.seeds import generator

    order, total = generator("minibatches", 3, 0, 0).permutation(5), 0.0
    for chosen in (order[:4], order[4:]):
        loss, gradient = other.loss_and_gradient(items.states[chosen], items.targets[chosen])
        moved(other, gradient / len(chosen), 0.01, training)
        total += loss
    np.testing.assert_allclose(net.memory, other.memory, atol=1e-15)
    assert losses == [pytest.approx(total / 5)]


@pytest.mark.parametrize(
    ("more", "runs", "pixels", "items"),
    [
        ({"data": {"kind": "prototypes"}, "tasks": {"kind": "prototypes", "count": 2}}, 6, 256, 1000),
        (
            {"data": {"kind": "prototypes", "pixels": 30, "items": 200}, "tasks": {"kind": "prototypes", "count": 2}},
            6,
            30,
            200,
        ),
        ({"tasks": {"kind": "permuted", "count": 2}}, 6, 64, 1437),
        ({"data": {"kind": "digits", "side": 16}, "tasks": {"kind": "permuted", "count": 2}}, 6, 256, 1437),
        (
            {
                "methods": {"vanilla": {"rate": [0.1, 0.2]}},
                "search": {"seeds": [7, 8], "base": {"temperature": [0.5, 1.0, 2.0]}},
                "tasks": {"kind": "permuted", "count": 2},
            },
            2 * (3 + 2 * (3 + 2)),
            64,
            1437,
        ),
        (
            {
                "methods": {"vanilla": {"rate": [0.1, 0.2]}, "l2": {"strength": [1.0, 2.0]}},
                "tasks": {"kind": "permuted", "count": 2},
            },
            2 * (2 * 3 + 1 * (1 + 2 * 2)),
            64,
            1437,
        ),
    ],
)
def test_the_work_of_an_experiment_is_foreseen(monkeypatch, more, runs, pixels, items):
    """Six updates a memory and neuron, for every item of every task, epoch and run (one search run where nothing is listed)."""
    from dammech.learn import config

    asked = []
    monkeypatch.setattr(config, "check_work", lambda what, updates: asked.append(updates))
    document = {
        "vertices": [2, 3],
        "methods": {"vanilla": {}},
        "network": {"memories": 7},
        "training": {"epochs": 5},
        **more,
    }
    config_of(document)
    searched = 2 * 2 * 1 if "search" not in more and len(document["methods"]["vanilla"]) == 0 else 0
    assert asked == [6.0 * (runs + searched) * 2 * items * 5 * 7 * (pixels + 10)]
    asked.clear()
    config_of({**document, "training": {}})
    assert asked == [6.0 * (runs + searched) * 2 * items * 40 * 7 * (pixels + 10)]


def test_ten_classes_make_five_tasks_of_two():
    document = {"vertices": [2], "methods": {"vanilla": {}}, "data": {"kind": "digits"}}
    assert config_of({**document, "tasks": {"kind": "split", "count": 5}}).tasks["count"] == 5
    with pytest.raises(InputError, match=r"^tasks\.count=6: 10 classes split into at most 5 tasks of two or more$"):
        config_of({**document, "tasks": {"kind": "split", "count": 6}})
    assert config_of({**document, "tasks": {"kind": "permuted", "count": 6}}).tasks["count"] == 6


@pytest.mark.parametrize(
    "matrix",
    [[[0.1, 0.2], [0.3, 0.4]], [0.1, 0.2], [[math.nan], [0.9]], [[0.1], [math.inf]], [[0.1, 0.2], [0.3, 0.4], [0.5, -math.inf]]],
)
def test_what_is_no_matrix_of_accuracies(matrix):
    with pytest.raises(InputError, match="of finite numbers, row 0 untrained"):
        metrics(matrix)


def test_too_many_runs_are_refused():
    least = {"tasks": {"kind": "permuted"}, "vertices": [2], "methods": {"vanilla": {}}}
    with pytest.raises(InputError, match="means 100004 runs; at most 100000"):
        config_of({**least, "seeds": list(range(1000, 101002))})
    with pytest.raises(InputError, match="has 10100 settings"):
        config_of({**least, "search": {"base": {"temperature": [1.0 + k for k in range(101)], "rate": [0.1] * 100}}})


def test_settings_say_what_was_at_the_end_of_its_list():
    results = results_of(only_low)
    for row, ends in zip(results.chosen, (["rate"], [], ["rate", "strength"])):
        row["at_end"] = ends
    assert [row["at_end"] for row in settings(results)][:3] == ["rate", None, "rate, strength"]


def test_a_projected_gradient_is_the_nearest_that_opposes_no_other():
    """One row: what opposes it is taken out; with a margin it leans beyond by margin times the row."""
    g, row = np.array([1.0, 2.0, 0.0]), np.array([[-2.0, 0.0, 0.0]])
    np.testing.assert_allclose(projected(g, row), [0, 2, 0], atol=1e-12)
    np.testing.assert_allclose(projected(g, -row), g)
    np.testing.assert_allclose(projected(g, np.array([[0.0, -3.0, 0.0], [-2.0, 0, 0]])), [0, 0, 0], atol=1e-12)
    assert (projected(g, row, margin=0.5) @ row[0]) >= 0


def test_probes_are_fair():
    """A million signs: their mean is known to a thousandth."""
    made = method("pseudorehearsal", count=20_000)
    made.begin(TrainedDAM(50, 0, 2, 2), 3)
    states = made.pseudo_items(TrainedDAM(50, 0, 2, 2)).states
    assert set(np.unique(states)) == {-1.0, 1.0} and abs(states.mean(dtype=float)) < 4e-3


def test_the_largest_file_of_a_configuration(tmp_path):
    file = tmp_path / "long.toml"
    for size, fits in ((10**6, True), (10**6 + 1, False)):
        file.write_bytes(b"seeds = [7]\n#".ljust(size, b"-"))
        if fits:
            assert read_config(file).seeds == [7]
        else:
            with pytest.raises(InputError, match="has 1000001 bytes; a configuration has at most 1000000"):
                read_config(file)
