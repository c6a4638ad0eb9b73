"""Sequences of tasks: permuted, rotated and split images, and prototypes with noise, of which the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dammech.errors import InputError
from dammech.learn.images import Images
from dammech.learn.inputs import checked_count, checked_labels, checked_number, checked_pixels
from dammech.learn.seeds import generator
from dammech.memory import check_memory

#: a pixel is on above this grey
THRESHOLD = 0.45
MOST_TASKS = 10_000


@dataclass(frozen=True)
class Task:
    """Training and test items of one task: pixels in [−1, 1] and labels below ``classes``, which all tasks share.

    Attributes
    ----------
    inputs, test_inputs : numpy.ndarray
        (items, pixels).
    labels, test_labels : numpy.ndarray
    classes : int
        Size of the shared head, not the number of classes in this task.
    truth : dict
        What is known of how the items were made (``prototypes``, ``noise``), or nothing.

    Raises
    ------
    InputError
        For pixels that are NaN or outside [−1, 1], labels out of range, or a task with a single class.
    """

    name: str
    inputs: np.ndarray
    labels: np.ndarray
    test_inputs: np.ndarray
    test_labels: np.ndarray
    classes: int
    truth: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        classes = checked_count("classes", self.classes, 2)
        pixels = checked_pixels(f"task {self.name}", self.inputs)
        test = checked_pixels(f"task {self.name}, test", self.test_inputs, pixels.shape[1])
        labels = checked_labels(f"task {self.name}", self.labels, len(pixels), classes)
        test_labels = checked_labels(f"task {self.name}, test", self.test_labels, len(test), classes)
        if len(np.unique(labels)) < 2:
            raise InputError(f"task {self.name}: all items are of class {labels[0]}; a task needs at least two classes")
        for name, value in (("inputs", pixels), ("labels", labels), ("test_inputs", test), ("test_labels", test_labels)):
            object.__setattr__(self, name, value)

    @property
    def pixels(self) -> int:
        """Pixels of an item."""
        return int(self.inputs.shape[1])


def permuted(images: Images, count: int, seed: int) -> list[Task]:
    """Each task shows all classes, its pixels in an order of its own; no task keeps the images' own order."""
    train, test = _signs(images.train), _signs(images.test)
    tasks = []
    for k in range(checked_count("count", count, 1, MOST_TASKS)):
        order = generator("permutation", seed, k).permutation(train.shape[1])
        tasks.append(Task(f"permutation {k + 1}", train[:, order], images.train_labels, test[:, order],
                          images.test_labels, images.classes))  # fmt: skip
    return tasks


def rotated(images: Images, count: int, seed: int, angle: float = 180.0) -> list[Task]:
    """Each task shows all classes, turned: by k · angle / count degrees, in an order drawn with the seed."""
    from scipy.ndimage import rotate

    checked_number("angle", angle, 0, 360, strict=True)
    turns = generator("rotation", seed).permutation(checked_count("count", count, 1, MOST_TASKS)) * (angle / count)
    tasks = []
    for turn in turns:
        train, test = (
            _signs(np.clip(rotate(x, turn, axes=(2, 1), reshape=False, order=1), 0, 1)) for x in (images.train, images.test)
        )
        tasks.append(Task(f"rotation by {turn:g}°", train, images.train_labels, test, images.test_labels, images.classes))
    return tasks


def split(images: Images, count: int, seed: int) -> list[Task]:
    """Class-incremental: each task shows only its own classes, dealt with the seed; the head is shared."""
    if not 1 <= checked_count("count", count) <= images.classes // 2:
        raise InputError(f"count={count}: {images.classes} classes split into at most {images.classes // 2} tasks of two or more")
    dealt = np.array_split(generator("split", seed).permutation(images.classes), count)
    train, test = _signs(images.train), _signs(images.test)
    tasks = []
    for own in dealt:
        seen, tested = np.isin(images.train_labels, own), np.isin(images.test_labels, own)
        tasks.append(Task(f"classes {', '.join(map(str, sorted(own.tolist())))}", train[seen], images.train_labels[seen],
                          test[tested], images.test_labels[tested], images.classes))  # fmt: skip
    return tasks


def prototypes(
    count: int, seed: int, pixels: int = 256, classes: int = 10, items: int = 1000, noise: float = 0.25, draw: int = 0
) -> list[Task]:
    """Each task has random ±1 prototypes of its own, one a class; an item is one of them with each pixel flipped with
    probability ``noise``.

    The truth is known: the best classifier takes the nearest prototype. Test items are a quarter as many. ``draw`` gives
    other items of the same prototypes.
    """
    check_prototypes(count, pixels, classes, items, noise)
    tasks = []
    for k in range(count):
        truth = _fair(generator("prototypes", seed, k), classes, pixels)
        rng = generator("prototype items", seed, k, draw)
        labels = np.arange(items + items // 4) % classes
        shown = np.where(rng.random((len(labels), pixels)) < noise, -truth[labels], truth[labels])
        tasks.append(Task(f"prototypes {k + 1}", shown[:items], labels[:items], shown[items:], labels[items:], classes,
                          {"prototypes": truth, "noise": noise}))  # fmt: skip
    return tasks


def check_prototypes(count: Any, pixels: Any = 256, classes: Any = 10, items: Any = 1000, noise: Any = 0.25) -> None:
    """Refuse numbers that no `prototypes` can be made of, or none that memory would hold."""
    checked_count("count", count, 1, MOST_TASKS)
    checked_count("pixels", pixels, 2)
    checked_count("classes", classes, 2)
    checked_count("items", items, 4 * classes)
    checked_number("noise", noise, 0, 0.5)
    check_memory(f"count={count} tasks of {items} items of {pixels} pixels", count * (8 * items + 20.0 * items / count) * pixels)


def nearest_prototype_accuracy(task: Task) -> float:
    """Test accuracy of the best classifier there is, where the truth is known."""
    if "prototypes" not in task.truth:
        raise InputError(f"task {task.name}: its prototypes are not known")
    return float(np.mean((task.test_inputs @ task.truth["prototypes"].T).argmax(axis=1) == task.test_labels))


def checked_sequence(tasks: Sequence[Task]) -> list[Task]:
    """The tasks, if one network can learn them all."""
    tasks = list(tasks)
    if not tasks:
        raise InputError("tasks: the sequence is empty; at least one task is needed")
    shapes = {(task.pixels, task.classes) for task in tasks}
    if len(shapes) > 1:
        raise InputError(f"tasks: they differ in (pixels, classes), {sorted(shapes)}; one network needs them alike")
    return tasks


def _signs(grey: np.ndarray) -> np.ndarray:
    return np.where(grey.reshape(len(grey), -1) > THRESHOLD, 1, -1).astype(np.float32)


def _fair(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return np.where(rng.random(shape) < 0.5, 1, -1).astype(np.float32)
