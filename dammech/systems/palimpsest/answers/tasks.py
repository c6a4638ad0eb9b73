"""What a forgetting memory still knows of a sequence of tasks, from its retrieval window; and of a rehearsed stream."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.declared.units import QUANTITIES
from dammech.equations import Theory
from dammech.errors import InputError, integer
from dammech.phases.boundary import boundary
from dammech.results.documents import plain
from dammech.results.record import Record
from dammech.results.result import Result
from dammech.systems.palimpsest.answers.forgetting import effective_load, law
from dammech.systems.palimpsest.answers.weighted import Capacity, capacities
from dammech.systems.palimpsest.model import PalimpsestDAM

_MOST_REHEARSED = 10_000


@dataclass(repr=False)
class TaskMatrix(Result[dict[str, Any]]):
    """Predicted accuracies R_tk: the fraction of the patterns of task k that is retrieved after task t was stored.

    Attributes
    ----------
    matrix : array, tasks × tasks
        Lower triangular: a task is unknown before it was stored.
    windows : array
        Retrieval window after each task, in units of N^{p−1} patterns; infinite where nothing is forgotten, zero in blackout.
    """

    quantities = {**QUANTITIES, "accuracy": ("1", "fraction of a task's patterns that is retrieved")}
    derived = ("accuracy", "backward_transfer", "forgetting", "learning_accuracy")
    model: Any
    rate: float
    task_load: float
    temperature: float
    matrix: np.ndarray
    windows: np.ndarray

    @property
    def accuracy(self) -> float:
        """Mean accuracy on all tasks at the end."""
        return float(self.matrix[-1].mean())

    @property
    def backward_transfer(self) -> float | None:
        """Mean change of a task's accuracy from when it was stored to the end, over all tasks but the last."""
        last = len(self.matrix) - 1
        return float((self.matrix[-1, :last] - np.diag(self.matrix)[:last]).mean()) if last else None

    @property
    def forgetting(self) -> float | None:
        """Mean fall of a task's accuracy from its best before the end, over all tasks but the last."""
        last = len(self.matrix) - 1
        return float((self.matrix[:last, :last].max(axis=0) - self.matrix[-1, :last]).mean()) if last else None

    @property
    def learning_accuracy(self) -> float:
        """Mean accuracy on each task just after it was stored."""
        return float(np.diag(self.matrix).mean())

    @property
    def points(self) -> list[dict[str, Any]]:
        """Accuracy on each task after each, with the window then."""
        return [{"after": t, "task": k, "accuracy": accuracy, "window": self.windows[t].item()}
                for t, row in enumerate(self.matrix.tolist()) for k, accuracy in enumerate(row)]  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """The matrix and what follows from it as a plain document."""
        return Record.to_json(self)


def task_matrix(
    model: Any, *, tasks: int, task_load: float, rate: float, temperature: float = 0.0, ansatz: str = "rs"
) -> TaskMatrix:
    """Predict the accuracy matrix of tasks stored one after another, canonical units.

    After task t the patterns of task k have the ages (t−k)a … (t−k+1)a, and those younger than the window are retrieved. At
    order 2 the tasks are taken to follow a long stream, for which alone its window is known.

    Parameters
    ----------
    model : PalimpsestDAM
    tasks : int
    task_load : float
        a: patterns of one task over N^{p−1}.
    rate : float
        Of forgetting; 0 for none (order 3 and above).
    temperature : float
    ansatz : str

    Raises
    ------
    InputError
    """
    if not isinstance(model, PalimpsestDAM) or not model.shape.ages:
        raise InputError(f"model={model!r}: must be a PalimpsestDAM whose patterns fade with age")
    tasks = integer("tasks", tasks, 1, 10_000)
    for name, value, least in (("task_load", task_load, 1e-300), ("rate", rate, 1e-300 if model.soft else 0.0)):
        if not isinstance(value, int | float) or not least <= value < math.inf:
            raise InputError(f"{name}={value!r}: must be a finite number {'> 0' if least else 'of at least 0'}")
    count, load = int(tasks), float(task_load)
    windows = np.array([_window(model, rate, k * load, temperature, ansatz) for k in range(1, count + 1)])
    after, task = np.indices((count, count))
    known = np.clip((windows[:, None] - (after - task) * load) / load, 0.0, 1.0)
    return TaskMatrix(model, float(rate), load, float(temperature), np.where(task <= after, known, 0.0), windows)


def _window(model: PalimpsestDAM, rate: float, stored: float, T: float, ansatz: str) -> float:
    if rate == 0:
        newest = capacities(Theory.of(model), T, ansatz)(1.0)
        return math.inf if isinstance(newest, Capacity) and stored <= newest.load else 0.0
    line = boundary(model, "window", temperatures=T, rates=rate, loads=None if model.soft else stored, ansatz=ansatz)
    return line.points[0]["window"] or 0.0


def staircase(model: Any, *, load: float, temperature: float = 0.0, ansatz: str = "rs") -> dict[str, Any]:
    """What rehearsal keeps: the smallest weight that is retrieved and the fraction of patterns that have it, canonical units.

    A pattern has been rehearsed k times with probability R^k/(1+R)^{k+1}, and its weight is 1 + k.

    Parameters
    ----------
    model : PalimpsestDAM
        With the kernel ``rehearsal``.
    load : float
        Total load α.
    temperature : float
    ansatz : str

    Returns
    -------
    dict
        ``effective_load``, ``capacity`` (of a pattern never rehearsed), ``weight`` and ``fraction`` (None and 0 where
        no pattern is retrieved).

    Raises
    ------
    InputError
        For another kernel, or order 2, where patterns rehearsed often condense by themselves.
    """
    if not isinstance(model, PalimpsestDAM) or model.kernel != "rehearsal":
        raise InputError(f"model={model!r}: must be a PalimpsestDAM with kernel='rehearsal'")
    if model.soft:
        raise InputError(
            "order=2: the weights of rehearsed patterns have no largest value, and at order 2 the strong ones condense by "
            "themselves; use order 3 or above"
        )
    if not isinstance(load, int | float) or not 0 <= load < math.inf:
        raise InputError(f"load={load!r}: must be a finite number of at least 0")
    effective = effective_load(model.shape, 0.0, load)
    capacity = capacities(Theory.of(model), temperature, ansatz)
    once = capacity(1.0)
    document = {
        "model": plain(model), "load": load, "temperature": temperature, "effective_load": effective,
        "capacity": once.load if isinstance(once, Capacity) else 0.0, "weight": None, "fraction": 0.0,
    }
    for weight in range(1, _MOST_REHEARSED):
        edge = capacity(float(weight))
        if isinstance(edge, Capacity) and edge.load >= effective:
            (fraction,) = law(model.shape, "Fraction retrieved", **{"k_*": weight - 1})
            return {**document, "weight": weight, "fraction": fraction}
    return document
