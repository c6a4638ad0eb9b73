"""Tasks and their data, accuracy matrices and what is read off them."""

from __future__ import annotations

import gzip
import sys
import tracemalloc

import numpy as np
import pytest
from scipy.stats import t as student

from dammech.errors import InputError
from dammech.learn.images import Images, digits, fashion
from dammech.learn.methods import method
from dammech.learn.metrics import METRICS, interval, metrics
from dammech.learn.network import TrainedDAM
from dammech.learn.sequence import learn_sequence
from dammech.learn.tasks import Task, nearest_prototype_accuracy, permuted, prototypes, rotated, split
from dammech.learn.training import Training


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 6
    return Images(rng.random((60, 5, 5)), labels, rng.random((24, 5, 5)), np.arange(24) % 6)


def test_permuted_tasks_hold_the_same_images(images):
    tasks = permuted(images, 3, seed=1)
    plain = np.where(images.train.reshape(60, -1) > 0.45, 1, -1)
    for task in tasks:
        assert (np.sort(task.inputs, axis=1) == np.sort(plain, axis=1)).all() and task.classes == 6
    assert not (tasks[0].inputs == tasks[1].inputs).all()
    assert (permuted(images, 3, seed=1)[2].inputs == tasks[2].inputs).all()  # of the seed and the place alone
    assert not (permuted(images, 3, seed=2)[2].inputs == tasks[2].inputs).all()


def test_rotated_tasks_turn(images):
    tasks = rotated(images, 4, seed=1, angle=360)
    assert sorted(task.name for task in tasks) == sorted(f"rotation by {a}°" for a in (0, 90, 180, 270))
    flat = {task.name.split()[2]: task.inputs.reshape(60, 5, 5) for task in tasks}
    assert (flat["180°"] == flat["0°"][:, ::-1, ::-1]).all()


def test_split_tasks_share_no_class(images):
    tasks = split(images, 3, seed=1)
    owned = [set(task.labels) for task in tasks]
    assert [len(own) for own in owned] == [2, 2, 2] and set.union(*owned) == set(range(6))
    assert all(set(task.test_labels) == own and task.classes == 6 for task, own in zip(tasks, owned))
    with pytest.raises(InputError, match="at most 3 tasks"):
        split(images, 4, seed=1)


def test_prototypes_are_the_truth():
    task, other = prototypes(2, seed=3, pixels=200, classes=5, items=400, noise=0.2)
    for c in range(5):
        mean = task.inputs[task.labels == c].mean(axis=0)
        assert mean * task.truth["prototypes"][c] == pytest.approx(0.6, abs=0.4)
    assert nearest_prototype_accuracy(task) > 0.99
    assert np.mean(other.inputs @ task.truth["prototypes"].T) == pytest.approx(0, abs=3)
    with pytest.raises(InputError, match="not known"):
        nearest_prototype_accuracy(Task("x", task.inputs, task.labels, task.inputs, task.labels, 5))


def test_validation_images_are_training_images(images):
    held = images.validation(0.25)
    rows = {x.tobytes() for x in images.train}
    assert len(held.train) == 45 and len(held.test) == 15
    assert {x.tobytes() for x in held.train} | {x.tobytes() for x in held.test} == rows


def test_digits():
    pytest.importorskip("sklearn")
    plain = digits()
    assert plain.train.shape == (1437, 8, 8) and plain.test.shape == (360, 8, 8) and plain.classes == 10
    large = digits(16)
    assert large.train.shape == (1437, 16, 16) and 0 <= large.train.min() and large.train.max() <= 1
    assert large.train.reshape(-1, 8, 2, 8, 2).mean(axis=(2, 4)) == pytest.approx(plain.train, abs=0.35)
    with pytest.raises(InputError, match="side=7"):
        digits(7)


def test_without_scikit_learn_digits_are_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(InputError, match="scikit-learn is not installed; it comes with dammech"):
        digits()


def idx(array):
    return b"\0\0\x08" + bytes([array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def test_idx_files_are_read_from_a_folder(tmp_path):
    rng = np.random.default_rng(0)
    pictures, labels = rng.integers(0, 256, (12, 4, 4)), np.arange(12) % 3
    for name in ("train", "t10k"):
        with gzip.open(tmp_path / f"{name}-images-idx3-ubyte.gz", "wb") as file:
            file.write(idx(pictures))
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(idx(labels))
    read = fashion(tmp_path)
    assert read.train == pytest.approx(pictures / 255) and (read.test_labels == labels).all() and read.classes == 3
    for items, tested in ((6, 1), (7, 2), (12, 2)):
        assert len(fashion(tmp_path, items=items).train) == items and len(fashion(tmp_path, items=items).test) == tested
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(labels)[:-1])
    with pytest.raises(InputError, match="header promises"):
        fashion(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(b"what")
    with pytest.raises(InputError, match="not an idx file"):
        fashion(tmp_path)
    with pytest.raises(InputError, match="never downloaded"):
        fashion(tmp_path / "elsewhere")


def test_metrics_of_a_known_matrix():
    R = [[0.1, 0.2, 0.1], [0.9, 0.3, 0.1], [0.5, 0.8, 0.2], [0.6, 0.4, 0.7]]
    found = metrics(R)
    assert set(found) == set(METRICS)
    assert found["accuracy"] == pytest.approx((0.6 + 0.4 + 0.7) / 3)
    assert found["backward"] == pytest.approx(((0.6 - 0.9) + (0.4 - 0.8)) / 2)
    assert found["forward"] == pytest.approx(((0.3 - 0.2) + (0.2 - 0.1)) / 2)
    assert found["forgetting"] == pytest.approx(((0.9 - 0.6) + (0.8 - 0.4)) / 2)
    assert found["learning"] == pytest.approx((0.9 + 0.8 + 0.7) / 3)
    assert metrics([[0.1], [0.9]]) == {"accuracy": 0.9, "backward": None, "forward": None, "forgetting": None, "learning": 0.9}
    with pytest.raises(InputError, match="row 0 untrained"):
        metrics([[0.9, 0.1], [0.5, 0.8]])


def test_interval_is_students():
    values = [0.5, 0.6, 0.9]
    found = interval(values)
    error = np.std(values, ddof=1) / np.sqrt(3)
    assert found["mean"] == pytest.approx(2 / 3) and found["error"] == pytest.approx(error)
    assert found["half_width"] == pytest.approx(error * student.ppf(0.975, 2)) and found["count"] == 3
    assert interval([0.5])["half_width"] is None
    with pytest.raises(InputError):
        interval([])


@pytest.mark.parametrize(("change", "words"), [
    ({"inputs": np.full((4, 3), np.nan)}, "NaN or infinite"),
    ({"labels": np.array([1, 1, 1, 1])}, "task odd: all items are of class 1; a task needs at least two classes"),
    ({"labels": np.array([0, 1, 2, 5])}, "integers from 0 to 2"),
    ({"test_inputs": np.ones((4, 2))}, "must be (items, 3)"),
    ({"classes": 1}, "classes=1"),
    ({"inputs": np.array([["a"] * 3] * 4)}, "must be numbers"),
])  # fmt: skip
def test_tasks_that_cannot_be(change, words):
    good = {"inputs": np.ones((4, 3)), "labels": np.array([0, 1, 2, 0]), "test_inputs": np.ones((4, 3)),
            "test_labels": np.array([0, 1, 2, 0]), "classes": 3}  # fmt: skip
    Task("odd", **good)
    with pytest.raises(InputError) as error:
        Task("odd", **{**good, **change})
    assert words in str(error.value) and "\n" not in str(error.value)


def test_a_sequence_of_tasks_that_differ_is_refused():
    tasks = [*prototypes(1, 1, pixels=8, classes=2, items=20), *prototypes(1, 1, pixels=9, classes=2, items=20)]
    for wrong in (tasks, []):
        with pytest.raises(InputError, match="tasks"):
            learn_sequence(TrainedDAM(8, 2, 4, 3), wrong, method("vanilla"), Training())


def test_plain_training_forgets_and_joint_training_does_not():
    tasks = prototypes(3, seed=5, pixels=60, classes=6, items=240, noise=0.25)
    found = {}
    for name in ("vanilla", "joint", "rehearsal"):
        network = TrainedDAM(60, 6, 30, 3, temperature=0.4, seed=1)
        found[name] = learn_sequence(network, tasks, method(name), Training(epochs=12, batch=32, rate=0.05), 1).metrics
    assert found["vanilla"]["learning"] > 0.85
    assert found["vanilla"]["accuracy"] < found["rehearsal"]["accuracy"] < found["joint"]["accuracy"] + 0.05
    assert found["vanilla"]["forgetting"] > 0.4 > found["joint"]["forgetting"]


@pytest.mark.parametrize("count", [1, 5])
def test_the_memory_foreseen_for_prototypes_is_what_they_need(monkeypatch, count):
    """Against the most that was held while they were made."""
    foreseen = []
    monkeypatch.setattr(sys.modules["dammech.learn.tasks"], "check_memory", lambda what, needed: foreseen.append(needed))
    tracemalloc.start()
    try:
        prototypes(count, 1, 64, 10, 1200)
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert held < foreseen[0] < 2 * held
