"""An experiment: search for hyper-parameters on tasks of their own, then evaluate every method at every vertex and seed.

Who computes the cells, and where they are kept, is the caller's business: everything here asks a function ``compute`` for the
results of a list of cells.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dammech.learn.config import OWN, Config, Settings, grid
from dammech.learn.images import Images, digits, fashion
from dammech.learn.methods import method
from dammech.learn.network import TrainedDAM
from dammech.learn.sequence import learn_sequence
from dammech.learn.tasks import Task, permuted, prototypes, rotated, split
from dammech.learn.training import Training, labelled, train

#: what computes a sequence, and a picture
SEQUENCE = "dammech.learn.experiment:sequence_cell"
PICTURE = "dammech.learn.experiment:picture_cell"
PICTURED = 12

Compute = Callable[[str, str, Sequence[Settings]], list[Any]]


@dataclass
class Results:
    """What an experiment found.

    Attributes
    ----------
    config : Config
    base : dict
        Temperature and rate chosen for each vertex.
    chosen : list of dict
        For each method and vertex the setting chosen, its accuracy in the search, and the names of the searched values that
        stand at an end of their list (``at_end``): there a wider list might do better.
    runs : list of dict
        One a method, vertex and seed: ``matrix``, ``metrics``, ``participation``, ``likeness``.
    pictures : list of dict
        Memory vectors of a network trained on the images themselves, one a vertex.
    """

    config: Config
    base: dict[float, Settings]
    chosen: list[Settings]
    runs: list[Settings]
    pictures: list[Settings] = field(default_factory=list)


def run_experiment(config: Config, compute: Compute) -> Results:
    """Search, evaluate, picture.

    Parameters
    ----------
    config : Config
    compute : callable
        ``compute(words, function, cells)`` returns the results of the cells in their order; ``words`` say what they are for.
    """
    base = _base(config, compute)
    chosen = _chosen(config, base, compute)
    plan = [(row, seed) for row in chosen for seed in config.seeds]
    cells = [_cell(config, row["vertex"], base, row["method"], row["setting"], seed, "evaluation") for row, seed in plan]
    found = compute("evaluation", SEQUENCE, cells)
    runs = [
        {"method": row["method"], "vertex": row["vertex"], "seed": seed, **result}
        for (row, seed), result in zip(plan, found)
    ]  # fmt: skip
    pictures = []
    if config.data["kind"] != "prototypes":
        cells = [_cell(config, n, base, "vanilla", {}, config.seeds[0], "evaluation") for n in config.vertices]
        pictures = [{"vertex": n, **r} for n, r in zip(config.vertices, compute("memory vectors", PICTURE, cells))]
    return Results(config, base, chosen, runs, pictures)


def sequence_cell(cell: Settings) -> Settings:
    """A network learns a sequence of tasks; see `dammech.learn.sequence.Learned`."""
    tasks = tasks_of(cell["data"], cell["tasks"], cell["seed"], cell["split"])
    network = _network(cell, tasks[0].pixels, tasks[0].classes)
    chosen = method(cell["method"], **cell["parameters"])
    return learn_sequence(network, tasks, chosen, Training(**cell["training"]), cell["seed"]).to_json()


def picture_cell(cell: Settings) -> Settings:
    """Memory vectors of a network trained on the images as they are, those that decide most test items first."""
    images = _images(**cell["data"])
    shape = (images.side, images.side)
    plain = Task("images", _flat(images.train), images.train_labels, _flat(images.test), images.test_labels, images.classes)
    network = _network(cell, plain.pixels, plain.classes)
    train(network, labelled(network, plain.inputs, plain.labels), Training(**cell["training"]), (cell["seed"], 0))
    similar = network.memory[:, : network.pixels] @ plain.test_inputs.T
    often = np.argsort(-np.bincount(similar.argmax(axis=0), minlength=network.memories), kind="stable")[:PICTURED]
    return {
        "shape": list(shape),
        "memory": np.round(network.memory[often, : network.pixels].astype(float), 3).tolist(),
        "classes": np.round(network.memory[often, network.pixels :].astype(float), 3).tolist(),
        "accuracy": network.accuracy(plain.test_inputs, plain.test_labels),
    }


def tasks_of(data: Settings, tasks: Settings, seed: int, part: str) -> list[Task]:
    """The tasks of a seed; ``part`` is ``evaluation``, or ``search``, which sees no test image."""
    data, options = dict(data), {key: value for key, value in tasks.items() if key not in ("kind", "count")}
    if tasks["kind"] == "prototypes":
        given = {key: value for key, value in data.items() if key != "kind"}
        return prototypes(tasks["count"], seed, **given)
    images = _images(**data)
    if part == "search":
        images = images.validation()
    makers: dict[str, Callable[..., list[Task]]] = {"permuted": permuted, "rotated": rotated, "split": split}
    return makers[tasks["kind"]](images, tasks["count"], seed, **options)


def _base(config: Config, compute: Compute) -> dict[float, Settings]:
    """Temperature and rate of each vertex: those with the best learning accuracy of plain training on the search's tasks."""
    candidates = grid(config.search["base"])
    if len(candidates) == 1:
        return {n: candidates[0] for n in config.vertices}
    plan = [(n, some, seed) for n in config.vertices for some in candidates for seed in config.search["seeds"]]
    cells = [_cell(config, n, {n: some}, "vanilla", {}, seed, "search") for n, some, seed in plan]
    found = compute("search for temperature and rate", SEQUENCE, cells)
    scores: dict[tuple[float, int], list[float]] = {}
    for (n, some, _), result in zip(plan, found):
        scores.setdefault((n, candidates.index(some)), []).append(result["metrics"]["learning"])
    means = {key: float(np.mean(values)) for key, values in scores.items()}
    return {n: candidates[max(range(len(candidates)), key=lambda k: means[n, k])] for n in config.vertices}


def _chosen(config: Config, base: dict[float, Settings], compute: Compute) -> list[Settings]:
    """The setting of each method at each vertex with the best average accuracy on the search's tasks."""
    grids = {name: grid(settings) for name, settings in config.methods.items()}
    pairs = [(name, n) for name in config.methods for n in config.vertices]
    if config.budget == 1:
        return [
            {"method": name, "vertex": n, "setting": grids[name][0], "searched": None, "tried": 1, "at_end": []}
            for name, n in pairs
        ]
    plan = [(name, n, k, seed) for name, n in pairs for k in range(config.budget) for seed in config.search["seeds"]]
    cells = [_cell(config, n, base, name, grids[name][k], seed, "search") for name, n, k, seed in plan]
    scores: dict[tuple[str, float, int], list[float]] = {}
    for (name, n, k, _), result in zip(plan, compute("search for the settings of the methods", SEQUENCE, cells)):
        scores.setdefault((name, n, k), []).append(result["metrics"]["accuracy"])
    rows = []
    for name, n in pairs:
        means = [float(np.mean(scores[name, n, k])) for k in range(config.budget)]
        best = int(np.argmax(means))
        setting = grids[name][best]
        rows.append({"method": name, "vertex": n, "setting": setting, "searched": means[best], "tried": config.budget,
                     "at_end": _at_end(config.methods[name], setting)})  # fmt: skip
    return rows


def _at_end(lists: Settings, setting: Settings) -> list[str]:
    """Searched numbers that were chosen at the end of a list of three or more."""
    return [
        name for name, values in lists.items()
        if isinstance(values, list) and len(values) > 2 and not isinstance(values[0], str)
        and setting[name] in (min(values), max(values))
    ]  # fmt: skip


def _cell(
    config: Config, vertex: float, base: dict[float, Settings], name: str, setting: Settings, seed: int, part: str
) -> Settings:
    """Everything that fixes the outcome of a run, and nothing else."""
    own = {key: value for key, value in setting.items() if key in OWN}
    chosen = base[vertex]
    network = {**config.network, **{key: value for key, value in chosen.items() if key == "temperature"}}
    training = {**config.training, **{key: value for key, value in chosen.items() if key == "rate"}, **own}
    count = config.tasks["count"] if part == "evaluation" else min(config.tasks["count"], config.search["tasks"])
    return {
        "data": config.data,
        "tasks": {**config.tasks, "count": count},
        "split": part,
        "network": {**network, "vertex": vertex},
        "training": training,
        "method": name,
        "parameters": {key: value for key, value in setting.items() if key not in OWN},
        "seed": seed,
    }


def _network(cell: Settings, pixels: int, classes: int) -> TrainedDAM:
    return TrainedDAM(pixels, classes, seed=cell["seed"], **cell["network"])


@functools.lru_cache(maxsize=2)
def _loaded(kind: str, items: tuple[tuple[str, Any], ...]) -> Images:
    return digits(**dict(items)) if kind == "digits" else fashion(**dict(items))


def _images(kind: str, **options: Any) -> Images:
    return _loaded(kind, tuple(sorted(options.items())))


def _flat(grey: np.ndarray) -> np.ndarray:
    return 2 * grey.reshape(len(grey), -1) - 1
