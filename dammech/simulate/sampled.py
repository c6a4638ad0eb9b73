"""Experiments of any system that declares a sampler: its trials, their errors and the grid of its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import ModuleType
from typing import Any

from dammech.errors import InputError
from dammech.results.result import axes_of
from dammech.simulate.inputs import checked_numbers, checked_points
from dammech.simulate.measure import MeasuredPoint, Simulation, averages


@dataclass(frozen=True, repr=False)
class SampledPoint(MeasuredPoint):
    """One point of a system's own experiment.

    Attributes
    ----------
    at : mapping
        Where it is: its axes by name, with the values that they have at this size.
    """

    at: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """The record as a plain document, with a column for each axis."""
        document = super().to_json()
        return {**document.pop("at"), **document}


def sampled(
    sampler: ModuleType, model: Any, axes: Mapping[str, Any], size: int | Sequence[int], *, trials: int, seed: int, dynamics: str,
    overlap: float, sweeps: int | None, equilibration: int | None, workers: int | None,
) -> Simulation[SampledPoint]:  # fmt: skip
    """Averages at every size and every combination of the axes' values; the arguments are those of `simulate`.

    Raises
    ------
    InputError
        For an axis that is missing, or that the model does not have.
    """
    for name in {*axes} ^ {*model.axes}:
        raise InputError(f"{name}: must be given for {model!r}" if name in model.axes else f"{name}: is no axis of {model!r}")
    asked = {name: checked_numbers(name, axes[name], signed=True) for name in model.axes}
    sizes = list(size) if isinstance(size, Sequence) else [size]
    checked_points(sizes, *asked.values())
    points = []
    for n, *values in product(sizes, *asked.values()):
        at = dict(zip(asked, values))
        setting = sampler.experiment(model, at, size=n, dynamics=dynamics, overlap=overlap, seed=seed)
        point = averages(setting, trials, sweeps, equilibration, workers)
        measured = {name: getattr(point, name) for name in MeasuredPoint.__dataclass_fields__}
        points.append(SampledPoint(**measured, at={**at, **setting.realised}))
    return Simulation(model, "canonical", tuple(points), grid=axes_of(size=size, **axes))
