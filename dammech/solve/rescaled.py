"""States of a theory that is seen through parameters of its own: which state of which theory each of them is, a system says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.declared.rescaled import Rescaled
from dammech.equations import Theory
from dammech.errors import InputError, one_of
from dammech.registry import system_of
from dammech.results.result import axes_of
from dammech.solve.answers import answers
from dammech.solve.models import solve_model
from dammech.solve.recorder import Asked, in_units
from dammech.solve.solution import Solution, SolutionArray, check_temperatures, grid_of, number

_SAME = Rescaled()


@dataclass(frozen=True)
class Seen:
    """The state at a point of a system's own axes, in canonical units.

    Attributes
    ----------
    own : dict
        What is told of the place.
    theory : Theory
        Whose state it is: of another model, or of the same one with further parameters.
    at : dict
        The parameters of that theory.
    scale : Rescaled
        The unit of its energies.
    lost, code : str, optional
        Why there is none, whatever the theory, for people and for programs.
    """

    own: dict[str, float | None]
    theory: Theory
    at: dict[str, float]
    scale: Rescaled = _SAME
    lost: str | None = None
    code: str | None = None


def solve_rescaled(
    target: Theory, seen: Callable[..., Seen], given: Mapping[str, Any], branch: str | None, convention: str
) -> SolutionArray:
    """Solutions on the grid of the axes that are ``given``; ``seen`` takes the theory and their values, canonical."""
    model, system = target.model, system_of(target.model)
    for name in given:
        if name not in system.axes:
            raise InputError(f"{name}: a {system.name} takes {', '.join(system.axes)} and branch only")
    for name, axis in system.axes.items():
        if axis.required and given.get(name) is None:
            raise InputError(f"{name} is missing: give a finite number of at least 0")
    units = model.convention(convention)
    values = {name: number(name, given[name]) for name in system.axes if given.get(name) is not None}
    unit = in_units(dict.fromkeys(values, 1.0), units)
    if "temperature" in values:
        check_temperatures(values["temperature"], values["temperature"] / unit["temperature"], target.ansatz)
    points = []
    for row in grid_of(*values.values()).tolist():
        asked = dict(zip(values, row))
        view = seen(target, **{name: value / unit[name] for name, value in asked.items()})
        points.append(_state(target, view, in_units(view.own, units) | asked, branch, convention))
    return SolutionArray(points, grid=axes_of(**{name: given[name] for name in values}))


def _state(target: Theory, view: Seen, own: dict[str, Any], branch: str | None, convention: str) -> Solution:
    asked = Asked(target, branch or next(iter(target.model.branches)), convention)
    if view.lost is not None:
        return dataclasses.replace(asked.missing(own, view.lost, "no-state"), code=view.code)
    at, scaled = in_units(view.at, asked.units), view.scale.scaled
    if view.theory is target:
        one_of("branch", asked.branch, list(target.model.branches))
        (state,) = answers(asked, tuple(at), np.array([list(at.values())]))
        state = dataclasses.replace(state, judgement=None)  # of its rivals nothing is known
    else:
        (state,) = solve_model(view.theory.with_(ansatz="rs"), at["load"], at["temperature"], branch, convention, view.theory)
    return dataclasses.replace(
        state, model=target.model, parameters=own, values={name: scaled(name, x) for name, x in state.values.items()},
        free_energy=scaled("free_energy", state.free_energy), energy=scaled("energy", state.energy),
    )  # fmt: skip
