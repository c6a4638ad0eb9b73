"""The points of a simulation as cells of a sweep, so that a store keeps each as soon as it is finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dammech.declared.states import Model
from dammech.registry import models, system_of
from dammech.results.result import axes_of
from dammech.simulate.measure import Simulation
from dammech.simulate.run import SimulatedPoint, planned, simulate
from dammech.simulate.sampled import SampledPoint, places, sampler_of

#: what a sweep calls for each of the cells
POINT = "dammech.simulate.cells:point"


def cells(model: Any, **options: Any) -> list[dict[str, Any]]:
    """One cell a point, in the order of the points; the options are those of `simulate`, all given."""
    if sampler_of(model) is not None:
        axes = {name: options.pop(name) for name in model.axes if name in options}
        grid = places(model, axes, options.pop("size"), options["convention"])
        same = {"system": system_of(model).name, "parameters": asdict(model), **options}
        return [{**same, "size": n, **at} for n, at in grid]
    plan = planned(model, **options)
    same = {
        "system": system_of(plan.model).name, "parameters": asdict(plan.model),  # type: ignore[call-overload]
        "convention": plan.units.name,
        "trials": plan.trials, "seed": plan.seed, "dynamics": plan.dynamics, "overlap": plan.overlap, "sweeps": plan.sweeps,
    }  # fmt: skip
    return [{**same, "size": n, "load": a, "temperature": t} for n, a, t, _ in plan.grid]


def point(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The point of a cell as plain values."""
    options = dict(cell)
    model = models()[options.pop("system")].made(options.pop("parameters"))
    (found,) = simulate(model, **options).points
    return asdict(found)


def simulation(model: Model, points: Sequence[Mapping[str, Any] | None], **options: Any) -> Simulation[Any]:
    """The points that there are, as `simulate` returns them; the options are those of `cells`."""
    kind = SimulatedPoint if sampler_of(model) is None else SampledPoint
    made = tuple(kind(**values) for values in points if values is not None)
    grid = axes_of(**{name: options[name] for name in ("size", *model.axes)}) if len(made) == len(points) else None
    return Simulation(model, model.convention(options["convention"]).name, made, grid=grid)
