"""Experiments of any system that declares a sampler: its trials, their errors and the grid of its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import ModuleType
from typing import Any

from dammech.errors import InputError, Interrupted
from dammech.registry import is_model, system_of
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


def sampler_of(model: Any) -> ModuleType | None:
    """What makes experiments of a model, where its system declares that itself."""
    sampler = system_of(model).part("sampler") if is_model(model) else None
    return sampler if sampler is not None and "experiment" in vars(sampler) else None


def places(model: Any, axes: Mapping[str, Any], size: Any, convention: str) -> list[tuple[Any, dict[str, float]]]:
    """Every size with every combination of the axes' values.

    Raises
    ------
    InputError
        For an axis that is missing, or that the model does not have, or units that are not canonical.
    """
    for name in {*axes} ^ {*model.axes}:
        raise InputError(f"{name}: must be given for {model!r}" if name in model.axes else f"{name}: is no axis of {model!r}")
    if model.convention(convention).name != "canonical":
        raise InputError(f"convention={convention!r}: experiments of {model!r} are in canonical units")
    asked = {name: checked_numbers(name, axes[name], signed=True) for name in model.axes}
    sizes = list(size) if isinstance(size, Sequence) else [size]
    checked_points(sizes, *asked.values())
    return [(n, dict(zip(asked, values))) for n, *values in product(sizes, *asked.values())]


def sampled(
    model: Any, axes: Mapping[str, Any], size: int | Sequence[int], *, trials: int, seed: int, dynamics: str, overlap: float,
    sweeps: int | None, equilibration: int | None, convention: str, workers: int | None,
) -> Simulation[SampledPoint]:  # fmt: skip
    """Averages at each of the `places`; the arguments are those of `simulate`."""
    sampler, grid = sampler_of(model), places(model, axes, size, convention)
    assert sampler is not None
    points: list[SampledPoint] = []
    for n, at in grid:
        setting = sampler.experiment(model, at, size=n, dynamics=dynamics, overlap=overlap, seed=seed)
        try:
            point = averages(setting, trials, sweeps, equilibration, workers)
        except KeyboardInterrupt:
            raise Interrupted(
                f"interrupted with {len(points)} of {len(grid)} points finished; the same seed gives the same trials again",
                Simulation(model, "canonical", tuple(points)),
            ) from None
        measured = {name: getattr(point, name) for name in MeasuredPoint.__dataclass_fields__}
        points.append(SampledPoint(**measured, at={**at, **setting.realised}))
    return Simulation(model, "canonical", tuple(points), grid=axes_of(size=size, **{name: axes[name] for name in model.axes}))
