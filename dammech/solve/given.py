"""States of a free energy of one's own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.results.result import axes_of
from dammech.solve.declared import Phase, lowest
from dammech.solve.equilibrium import Judgement
from dammech.solve.recorder import VALIDITY, Asked, recorded
from dammech.solve.solution import MOST_POINTS, Solution, SolutionArray, Status, number, unfound


def numbers(name: str, value: Any) -> np.ndarray:
    """A parameter as a one-dimensional array of finite numbers of any sign; one sentence otherwise."""
    array = number(name, value, signed=True)
    if np.ndim(value) > 1:
        raise InputError(f"{name}={shown(value)}: must be a number or a plain sequence of them, not nested")
    return array


def taken_as_it_is(**options: tuple[Any, Any]) -> None:
    """Refuse what a free energy of one's own has no use for: options by name, each with its default."""
    for name, (value, default) in options.items():
        if value != default:
            raise InputError(f"{name}={shown(value)}: a free energy of one's own is taken as it is, and takes none")


def solve_given(
    target: Theory, parameters: dict[str, Any], start: Mapping[str, float] | None, branch: str | None = None
) -> SolutionArray:
    """States of a free energy of the user's own at given parameters, from a start; see `dammech.solve.solve`."""
    theory = target.given
    if not theory.branches:
        taken_as_it_is(branch=(branch, None))
    if branch is not None:
        one_of("branch", branch, list(theory.branches), "for this free energy")
    values: dict[str, np.ndarray] = {}
    asked: dict[str, Any] = {}
    for name, value in parameters.items():
        if value is not None:
            own = theory.parameter(name).name
            asked[own], values[own] = value, numbers(name, value)
    names = [s.name for s in theory.parameters]
    if missing := [name for name in names if name not in values]:
        raise InputError(f"parameters {missing} are missing; this free energy needs {names}")
    size = math.prod(values[name].size for name in names)
    if size > MOST_POINTS:
        raise InputError(f"{', '.join(names)}: the grid has {size} points; at most {MOST_POINTS} are solved at once")
    if theory.cold is not None and not values[theory.temperature.name].all():
        return SolutionArray(
            _down_to_zero(target, values, start, branch), grid=axes_of(**{name: asked[name] for name in names})
        )
    phase = Phase(target, branch)
    system = phase.system
    if start is not None and not (isinstance(start, Mapping) and set(start) <= set(system.unknowns)):
        raise InputError(f"start={shown(start)}: must give values by name; the order parameters are {system.unknowns}")
    grid = np.array(list(itertools.product(*[values[name] for name in names]))).T.reshape(len(names), size)
    if start is not None:
        states = lowest(system, grid, np.array([numbers(n, start.get(n, 0.5))[:1] for n in system.unknowns]), phase.wanted)
    else:
        states = phase.states(grid)
    outputs = states.outputs()
    judgement = Judgement(target, branch, "finite", grid, outputs["free_energy"], np.zeros(size, dtype=bool))

    def nowhere(k: int) -> tuple[str, Status]:
        if branch is not None:
            return unfound(branch, None), "not-converged"
        return f"the search found no solution from any of its starts: {states.short[k]}", "not-converged"

    rows = [dict(zip(names, map(float, column))) for column in grid.T]
    order_parameters = dict(zip((x.name for x in theory.order_parameters), phase.whole(states.u)))
    points = recorded(
        Asked(target, branch), rows, states, order_parameters, outputs, VALIDITY["given"],
        judgement if judgement.rivals else None, nowhere,
    )
    for point in points:
        if point.valid and not point.stable:
            first = theory.order_parameters[0]
            point.why, point.code = f"f has no minimum along {first} here (a saddle in a replica overlap has none)", "maximum"
    return SolutionArray(points, grid=axes_of(**{name: asked[name] for name in names}))


def _down_to_zero(
    target: Theory, values: dict[str, np.ndarray], start: Mapping[str, float] | None, branch: str | None
) -> list[Solution]:
    """All points of a grid that has T = 0 among its temperatures, where the theory is another."""
    theory = target.given
    ground, temperature, names = theory.zero_temperature, theory.temperature.name, [s.name for s in theory.parameters]
    axis, warm = names.index(temperature), values[temperature] > 0
    others = {name: value for name, value in values.items() if name != temperature}
    if branch is not None and branch not in ground.branches:
        why = f"at T = 0 no state fulfils {theory.branches[branch]}, the condition of the {branch} branch"
        nothing = Asked(target, branch).missing({}, why, "no-state")
        frozen = [nothing] * math.prod(value.size for value in others.values())
    else:
        near = {n: v for n, v in (start or {}).items() if n in {x.name for x in ground.order_parameters}}
        frozen = solve_given(target.with_(given=ground), dict(others), near or None, branch).points
    known = dict(zip(itertools.product(*[range(others[n].size) for n in names if n != temperature]), frozen))
    above, place = {}, np.cumsum(warm) - 1
    if warm.any():
        hot = {**values, temperature: values[temperature][warm]}
        above = dict(zip(itertools.product(*[range(hot[n].size) for n in names]), solve_given(target, hot, start, branch).points))
    points = []
    for at in itertools.product(*[range(values[n].size) for n in names]):
        if warm[at[axis]]:
            points.append(above[(*at[:axis], int(place[at[axis]]), *at[axis + 1 :])])
        else:
            here: dict[str, float | None] = {n: float(values[n][k]) for n, k in zip(names, at)}
            points.append(replace(known[at[:axis] + at[axis + 1 :]], model=target.subject, parameters=here))
    return points
