"""An experiment's configuration: a TOML file, or one of those that ship with the package."""

from __future__ import annotations

import itertools
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dammech.errors import InputError
from dammech.learn.inputs import checked_count, checked_name
from dammech.learn.interactions import Interaction
from dammech.learn.methods import METHODS, method
from dammech.learn.training import Training

SHIPPED = Path(__file__).with_name("configs")
DATA = {"digits": ("side",), "fashion": ("path", "items"), "prototypes": ("pixels", "classes", "items", "noise")}
TASKS = {"permuted": (), "rotated": ("angle",), "split": (), "prototypes": ()}
NETWORK = ("memories", "interaction", "initialisation", "temperature", "leak", "dtype")
#: settings of the training that a method may have of its own
OWN = ("rate", "momentum")
SECTIONS = ("title", "seeds", "vertices", "data", "tasks", "network", "training", "search", "methods")

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
    path = SHIPPED / f"{source}.toml" if str(source) in shipped() else Path(source)
    if not path.is_file():
        raise InputError(f"config={str(source)!r}: is no file and none of the shipped ones, {', '.join(shipped())}")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"config={str(source)!r}: is not valid TOML: {error}") from None
    return config_of(table)


def config_of(table: Mapping[str, Any]) -> Config:
    """The configuration that a parsed TOML document describes."""
    _only("the configuration", table, SECTIONS)
    data, tasks = dict(table.get("data", {"kind": "digits"})), dict(table.get("tasks", {"kind": "permuted"}))
    kind = checked_name("data.kind", data.get("kind"), DATA)
    _only("[data]", data, ("kind", *DATA[kind]))
    form = checked_name("tasks.kind", tasks.get("kind"), TASKS)
    _only("[tasks]", tasks, ("kind", "count", *TASKS[form]))
    if (kind == "prototypes") != (form == "prototypes"):
        raise InputError(f"tasks.kind={form!r}: data.kind='prototypes' and tasks.kind='prototypes' need each other")
    checked_count("tasks.count", tasks.setdefault("count", 5))
    network, training = dict(table.get("network", {})), dict(table.get("training", {}))
    _only("[network]", network, NETWORK)
    checked_count("network.memories", network.setdefault("memories", 64))
    _only("[training]", training, [field.name for field in fields(Training)])
    Training(**training)
    search = dict(table.get("search", {}))
    _only("[search]", search, ("seeds", "tasks", "base"))
    _integers("search.seeds", search.setdefault("seeds", [101]))
    checked_count("search.tasks", search.setdefault("tasks", 3))
    search["base"] = {name: _listed(f"search.base.{name}", value) for name, value in dict(search.get("base", {})).items()}
    _only("[search.base]", search["base"], ("temperature", "rate"))
    seeds = _integers("seeds", table.get("seeds", [1, 2, 3]))
    if set(seeds) & set(search["seeds"]):
        raise InputError(f"search.seeds={search['seeds']}: must have no seed in common with seeds={seeds}")
    vertices = _listed("vertices", table.get("vertices", [2, 3, 5, 8, 12]))
    for vertex in vertices:
        Interaction(network.get("interaction", "leaky"), vertex)
    return Config(str(table.get("title", "sequential learning")), seeds, vertices, data, tasks, network, training, search,
                  _methods(table.get("methods", {name: {} for name in METHODS})))  # fmt: skip


def grid(settings: Settings) -> list[Settings]:
    """All combinations of the listed values of a method's settings, with the fixed ones."""
    lists = {name: value for name, value in settings.items() if isinstance(value, list)}
    fixed = {name: value for name, value in settings.items() if name not in lists}
    return [{**fixed, **dict(zip(lists, values))} for values in itertools.product(*lists.values())]


def _methods(table: Mapping[str, Any]) -> dict[str, Settings]:
    if not table:
        raise InputError("[methods]: at least one method is needed")
    methods = {name: dict(settings) for name, settings in table.items()}
    sizes = {}
    for name, settings in methods.items():
        for values in settings.values():
            if isinstance(values, list):
                _listed(f"methods.{name}", values)
        for some in grid(settings):
            method(name, **{key: value for key, value in some.items() if key not in OWN})
            Training(**{key: value for key, value in some.items() if key in OWN})
        sizes[name] = math.prod(len(v) for v in settings.values() if isinstance(v, list))
    if len(set(sizes.values())) > 1:
        words = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise InputError(f"[methods]: every method must have the same number of settings to be searched, not {words}")
    return methods


def _only(where: str, table: Mapping[str, Any], allowed: Any) -> None:
    for name in table:
        if name not in allowed:
            raise InputError(f"{where}: {name!r} is unknown; known are {', '.join(allowed)}")


def _listed(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise InputError(f"{name}={value!r}: must be a list with a value at least")
    return list(value)


def _integers(name: str, value: Any) -> list[int]:
    numbers = [checked_count(name, number, 0) for number in _listed(name, value)]
    if len(set(numbers)) < len(numbers):
        raise InputError(f"{name}={numbers}: no seed may stand there twice")
    return numbers
