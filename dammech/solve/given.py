"""States of a free energy of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.results.result import axes_of
from dammech.solve.answers import answers
from dammech.solve.declared import Phase
from dammech.solve.recorder import Asked
from dammech.solve.solution import SolutionArray, grid_of, number


def numbers(name: str, value: Any) -> np.ndarray:
    """A parameter as a one-dimensional array of finite numbers of any sign; one sentence otherwise."""
    array = number(name, value, signed=True)
    if np.ndim(value) > 1:
        raise InputError(f"{name}={shown(value)}: must be a number or a plain sequence of them, not nested")
    return array


def taken_as_it_is(target: Theory, **options: tuple[Any, Any]) -> None:
    """Refuse what a free energy of one's own has no use for: options by name, each with its default; a model has units."""
    for name, (value, default) in options.items():
        if value != default and (target.model is None or name != "convention"):
            raise InputError(f"{name}={shown(value)}: a free energy of one's own is taken as it is, and takes none")


def solve_given(
    target: Theory, parameters: dict[str, Any], start: Mapping[str, float] | None, branch: str | None, convention: str
) -> SolutionArray:
    """States of a free energy of the user's own at given parameters, from a start; see `dammech.solve.solve`."""
    theory = target.given
    if not theory.branches:
        taken_as_it_is(target, branch=(branch, None))
    if branch is None and target.model is not None:
        branch = next(iter(target.model.branches))
    if branch is not None:
        one_of("branch", branch, list(theory.branches), "for this free energy")
    asked = {theory.parameter(name).name: value for name, value in parameters.items() if value is not None}
    values = {name: numbers(name, value) for name, value in asked.items()}
    names = [s.name for s in theory.parameters]
    if missing := [name for name in names if name not in values]:
        raise InputError(f"parameters {missing} are missing; this free energy needs {names}")
    grid = grid_of(*(values[name] for name in names))
    if start is not None:
        own = Phase(target, branch).system.unknowns
        known = {*own, *(x.name for x in theory.zero_temperature.order_parameters)} if theory.cold is not None else set(own)
        if not (isinstance(start, Mapping) and set(start) <= known):
            raise InputError(f"start={shown(start)}: must give values by name; the order parameters are {own}")
        start = {name: float(numbers(name, value)[0]) for name, value in start.items()}
    points = answers(Asked(target, branch, convention), names, grid, start)
    return SolutionArray(points, grid=axes_of(**{name: asked[name] for name in names}))
