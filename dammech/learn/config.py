"""An experiment's configuration: a TOML file, or one of those that ship with the package."""

from __future__ import annotations

import itertools
import math
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dammech.errors import InputError, listed, shown
from dammech.errors import path as checked_path
from dammech.learn.images import LARGEST_SIDE, checked_folder
from dammech.learn.inputs import checked_count, checked_name, checked_number
from dammech.learn.methods import METHODS, method
from dammech.learn.network import checked_network
from dammech.learn.seeds import LARGEST_SEED
from dammech.learn.tasks import MOST_TASKS, check_prototypes
from dammech.learn.training import Training
from dammech.memory import check_work

SHIPPED = Path(__file__).with_name("configs")
DATA = {"digits": ("side",), "fashion": ("path", "items"), "prototypes": ("pixels", "classes", "items", "noise")}
TASKS = {"permuted": (), "rotated": ("angle",), "split": (), "prototypes": ()}
NETWORK = ("memories", "interaction", "initialisation", "temperature", "leak", "dtype")
#: settings of the training that a method may have of its own
OWN = ("rate", "momentum")
SECTIONS = ("title", "seeds", "vertices", "data", "tasks", "network", "training", "search", "methods")
#: runs of an experiment
MOST_RUNS = 100_000
#: classes of the digits and of Fashion-MNIST
CLASSES = 10
#: bytes of a file
LARGEST_FILE = 10**6

Settings = dict[str, Any]


@dataclass(frozen=True)
class Config:
    """What is trained on what, with which seeds, and over which values the hyper-parameters are searched.

    Attributes
    ----------
    title : str
    seeds, vertices : list
    data, tasks, network, training : dict
        ``kind`` and options of the data and of the tasks; arguments of `TrainedDAM` and of `Training`.
    search : dict
        ``seeds``, ``tasks`` (how many) and ``base``: lists of temperature and rate, chosen for each vertex by the learning
        accuracy of plain training.
    methods : dict of dict
        Parameters by method; a list is searched, anything else is fixed.
    """

    title: str
    seeds: list[int]
    vertices: list[float]
    data: Settings
    tasks: Settings
    network: Settings
    training: Settings
    search: Settings
    methods: dict[str, Settings]

    @property
    def budget(self) -> int:
        """How many settings of every method the search tries; 1 where nothing is searched."""
        return len(grid(next(iter(self.methods.values()))))


def shipped() -> list[str]:
    """Names of the configurations that come with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read_config(source: str | os.PathLike[str]) -> Config:
    """The configuration in a TOML file, or the shipped one of that name.

    Raises
    ------
    InputError
        One sentence for the first thing in it that cannot be.
    """
    ships = isinstance(source, str) and source in shipped()
    path = SHIPPED / f"{source}.toml" if ships else checked_path("config", source)
    name = shown(str(source))
    if not path.is_file():
        raise InputError(f"config={name}: is no file and none of the shipped ones, {', '.join(shipped())}")
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"config={name}: has {path.stat().st_size} bytes; a configuration has at most {LARGEST_FILE}")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise InputError(f"config={name}: is nested too deeply") from None
    except ValueError as error:
        raise InputError(f"config={name}: is not valid TOML: {error}") from None
    return config_of(table)


def config_of(table: Mapping[str, Any]) -> Config:
    """The configuration that a parsed TOML document describes.

    Everything in it is checked here, before a store exists: types, ranges, what fits into memory and what would take years.
    """
    table = _table("the configuration", table, SECTIONS)
    data = _table("[data]", table.get("data", {"kind": "digits"}))
    tasks = {"count": 5, **_table("[tasks]", table.get("tasks", {"kind": "permuted"}))}
    _check_tasks(data, tasks)
    network = {"memories": 64, **_table("[network]", table.get("network", {}), NETWORK)}
    training = _table("[training]", table.get("training", {}), [field.name for field in fields(Training)])
    search = {"seeds": [101], "tasks": 3, "base": {}, **_table("[search]", table.get("search", {}), ("seeds", "tasks", "base"))}
    _integers("search.seeds", search["seeds"])
    checked_count("search.tasks", search["tasks"], 1, MOST_TASKS)
    base = _table("[search.base]", search["base"], ("temperature", "rate"))
    search["base"] = {name: _listed(f"search.base.{name}", value) for name, value in base.items()}
    seeds = _integers("seeds", table.get("seeds", [1, 2, 3]))
    if set(seeds) & set(search["seeds"]):
        raise InputError(f"search.seeds={shown(search['seeds'])}: must have no seed in common with seeds={shown(seeds)}")
    vertices = _listed("vertices", table.get("vertices", [2, 3, 5, 8, 12]))
    methods = _methods(table.get("methods", {name: {} for name in METHODS}), training)
    for some in _grid("search.base", search["base"]):
        Training(**{**training, **{key: value for key, value in some.items() if key == "rate"}})
        for vertex in vertices:
            checked_network(vertex=vertex, **{**network, **{k: v for k, v in some.items() if k == "temperature"}})
    for temperature in training.get("temperatures") or ():
        for vertex in vertices:
            checked_network(vertex=vertex, **{**network, "temperature": temperature})
    title = table.get("title", "sequential learning")
    if not isinstance(title, str):
        raise InputError(f"title={shown(title)}: must be a text")
    config = Config(title, seeds, vertices, data, tasks, network, training, search, methods)
    _check_cost(config)
    return config


def grid(settings: Settings) -> list[Settings]:
    """All combinations of the listed values of a method's settings, with the fixed ones."""
    lists = {name: value for name, value in settings.items() if isinstance(value, list)}
    fixed = {name: value for name, value in settings.items() if name not in lists}
    return [{**fixed, **dict(zip(lists, values))} for values in itertools.product(*lists.values())]


def _check_tasks(data: Settings, tasks: Settings) -> None:
    """Refuse data or tasks of which no sequence can be made."""
    kind = checked_name("data.kind", data.get("kind"), DATA)
    _table("[data]", data, ("kind", *DATA[kind]))
    form = checked_name("tasks.kind", tasks.get("kind"), TASKS)
    _table("[tasks]", tasks, ("kind", "count", *TASKS[form]))
    if (kind == "prototypes") != (form == "prototypes"):
        raise InputError(f"tasks.kind={form!r}: data.kind='prototypes' and tasks.kind='prototypes' need each other")
    count = checked_count("tasks.count", tasks["count"], 1, MOST_TASKS)
    if "angle" in tasks:
        checked_number("tasks.angle", tasks["angle"], 0, 360, strict=True)
    if kind == "prototypes":
        check_prototypes(count, **{name: value for name, value in data.items() if name != "kind"})
    if kind == "digits":
        checked_count("data.side", data.get("side", 8), 8, LARGEST_SIDE)
    if kind == "fashion":
        checked_folder(data.get("path"))
        checked_count("data.items", data.get("items", 1))
    if form == "split" and kind != "prototypes" and count > CLASSES // 2:
        raise InputError(f"tasks.count={count}: {CLASSES} classes split into at most {CLASSES // 2} tasks of two or more")


def _check_cost(config: Config) -> None:
    """Refuse an experiment of more runs than anyone would wait for."""
    searched = len(config.search["seeds"]) * (len(_grid("base", config.search["base"])) + len(config.methods) * config.budget)
    runs = len(config.vertices) * (len(config.methods) * len(config.seeds) + searched)
    if runs > MOST_RUNS:
        raise InputError(f"the configuration: means {runs} runs; at most {MOST_RUNS} are begun")
    side = config.data.get("side", 28 if config.data["kind"] == "fashion" else 8)
    pixels = config.data.get("pixels", 256 if config.data["kind"] == "prototypes" else side**2)
    items = config.data.get("items", {"digits": 1437, "prototypes": 1000, "fashion": 60_000}[config.data["kind"]])
    steps = config.tasks["count"] * items * config.training.get("epochs", 40)
    check_work("the configuration", 6.0 * runs * steps * config.network["memories"] * (pixels + CLASSES))


def _methods(table: Any, training: Settings) -> dict[str, Settings]:
    methods = {name: _table(f"[methods.{name}]", settings) for name, settings in _table("[methods]", table).items()}
    if not methods:
        raise InputError("[methods]: at least one method is needed")
    sizes = {}
    for name, settings in methods.items():
        for key, values in settings.items():
            if isinstance(values, list):
                _listed(f"methods.{name}.{key}", values)
        for some in _grid(f"methods.{name}", settings):
            method(name, **{key: value for key, value in some.items() if key not in OWN})
            Training(**{**training, **{key: value for key, value in some.items() if key in OWN}})
        sizes[name] = math.prod(len(v) for v in settings.values() if isinstance(v, list))
    if len(set(sizes.values())) > 1:
        words = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise InputError(f"[methods]: every method must have the same number of settings to be searched, not {words}")
    return methods


def _grid(name: str, settings: Settings) -> list[Settings]:
    """The combinations, if they are not too many to be listed."""
    size = math.prod(len(value) for value in settings.values() if isinstance(value, list))
    if size > MOST_RUNS // 10:
        raise InputError(f"{name}: has {size} settings to be searched; at most {MOST_RUNS // 10} are")
    return grid(settings)


def _table(name: str, value: Any, allowed: Sequence[str] | None = None) -> Settings:
    """A section, if it is one and has no other entries than those allowed."""
    if not isinstance(value, Mapping):
        raise InputError(f"{name}: {shown(value)} was given; a table of names and values is needed")
    for key in value:
        if allowed is not None and key not in allowed:
            raise InputError(f"{name}: {shown(key)} is unknown; known are {listed(allowed, str(key))}")
    return dict(value)


def _listed(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise InputError(f"{name}={shown(value)}: must be a list with a value at least")
    return list(value)


def _integers(name: str, value: Any) -> list[int]:
    numbers = [checked_count(name, number, 0, LARGEST_SEED) for number in _listed(name, value)]
    if len(set(numbers)) < len(numbers):
        raise InputError(f"{name}={shown(numbers)}: no seed may stand there twice")
    return numbers
