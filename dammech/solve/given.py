"""States of a free energy of one's own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from dammech.declared.states import Crossing
from dammech.equations import Compiled, Theory, compiled
from dammech.errors import InputError, one_of, shown
from dammech.results.result import axes_of
from dammech.solve import states as _states
from dammech.solve.newton import Roots, newton
from dammech.solve.solution import MOST_POINTS, Judge, Solution, SolutionArray, number, unfound
from dammech.solve.strands import starts

_FAR = 64  # further starts, where none of these leads to a state


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
    phase = _Phase(target, branch)
    system = phase.system
    if start is not None and not (isinstance(start, Mapping) and set(start) <= set(system.unknowns)):
        raise InputError(f"start={shown(start)}: must give values by name; the order parameters are {system.unknowns}")
    grid = np.array(list(itertools.product(*[values[name] for name in names]))).T.reshape(len(names), size)
    if start is not None:
        roots = _lowest(system, grid, np.array([numbers(n, start.get(n, 0.5))[:1] for n in system.unknowns]), phase.wanted)
    else:
        roots = phase.states(grid)
    outputs = system.outputs(roots.u, grid)
    states = dict(zip((x.name for x in theory.order_parameters), phase.whole(roots.u)))
    free_energy = np.where(roots.converged, outputs["free_energy"], np.nan)
    crossings = [{x.branch, x.rival} for x in theory.lines.values() if isinstance(x, Crossing)]
    rivals = sorted(set().union(*(pair for pair in crossings if branch in pair)) - {branch})
    judgement = _Rivals(target, rivals, grid, free_energy) if rivals else None
    points = []
    for k in range(grid.shape[1]):
        given: dict[str, float | None] = dict(zip(names, map(float, grid[:, k])))
        if not roots.converged[k]:
            points.append(
                Solution(
                    target.subject, target.ansatz, "canonical", branch, given, dict.fromkeys(states),
                    residual=float(roots.residual[k]),
                    why=unfound(branch, None) if branch is not None else
                    f"the search found no solution from any of its starts: {roots.shortfall(k)}",
                    code="search-failed",
                )
            )
            continue
        reported: dict[str, float | None] = {n: float(v[k]) for n, v in outputs.items()}
        free, energy, entropy, replicon = (
            reported.pop(n, None) for n in ("free_energy", "energy", "entropy", "replicon")
        )
        valid = replicon is None or replicon >= 0
        minimum = bool(_states.curvature(system, roots.u[:, [k]], grid[:, [k]])[0] > 0)
        why, code = None, None
        if not valid:
            why, code = f"the ansatz is unstable here (replicon {replicon:.3g} < 0)", "replicon"
        elif not minimum:
            first = theory.order_parameters[0]
            why, code = f"f has no minimum along {first} here (a saddle in a replica overlap has none)", "maximum"
        points.append(
            Solution(
                target.subject, target.ansatz, "canonical", branch, given,
                {name: float(value[k]) for name, value in states.items()}, free, energy, entropy, replicon,
                float(roots.residual[k]), float(roots.error[:, k].max(initial=0)), "converged", valid,
                minimum if valid else None, why, code, reported, (judgement, k) if judgement and valid else None,
            )
        )
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
        none = dict.fromkeys(x.name for x in theory.order_parameters)
        nothing = Solution(
            target.subject, target.ansatz, "canonical", branch, {}, none, status="no-state", why=why, code="no-state"
        )
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


class _Phase:
    """What a search for the states of a declared branch needs to know; of all states where ``branch`` is None."""

    def __init__(self, target: Theory, branch: str | None) -> None:
        self.target, self.theory, self.branch = target, target.given, branch
        self.fixed = held(self.theory.branches[branch]) if branch is not None else {}
        self.loose = [k for k, x in enumerate(self.theory.order_parameters) if x not in self.fixed]
        self.system = compiled(target.with_(fixed=tuple((x.name, float(v)) for x, v in self.fixed.items())), "state")

    def whole(self, u: np.ndarray) -> np.ndarray:
        """All order parameters, those that the branch fixes among them."""
        full = np.array([[float(self.fixed.get(x, 0))] for x in self.theory.order_parameters]) * np.ones(u.shape[1])
        full[self.loose] = u
        return full

    def wanted(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Which states are stationary in all order parameters and belong to the branch."""
        if self.branch is None:
            return np.ones(u.shape[1], dtype=bool)
        x = self.whole(u)
        stationary = (np.abs(compiled(self.target, "state").residual(x, p)) <= 1e-8).all(axis=0)
        return stationary & belongs(self.theory.branches[self.branch], self.theory.order_parameters, x)

    def states(self, grid: np.ndarray) -> Roots:
        """The state of lowest free energy at each point, from near starts and, where these fail, from far ones."""
        unknowns = len(self.system.unknowns)
        roots = _lowest(self.system, grid, starts(unknowns), self.wanted)
        rest = np.flatnonzero(~roots.converged)
        if rest.size:
            _take(roots, rest, _lowest(self.system, grid[:, rest], _far(unknowns), self.wanted))
        return roots


@dataclass
class _Rivals(Judge):
    """States of a branch, judged when somebody asks against those that a declared line compares it with. Only these: between
    states that differ in overlaps of replicas the lower free energy decides nothing."""

    target: Theory
    rivals: list[str]
    grid: np.ndarray
    free_energy: np.ndarray

    @cached_property
    def verdicts(self) -> list[tuple[bool | None, str | None]]:
        """At each point whether no rival has a lower free energy, None where one of them was not found, and why."""
        found: list[tuple[bool | None, str | None]] = [(True, None)] * self.free_energy.size
        for name in self.rivals:
            phase = _Phase(self.target, name)
            roots = phase.states(self.grid)
            gap = phase.system.outputs(roots.u, self.grid)["free_energy"] - self.free_energy
            for k in np.flatnonzero(~roots.converged):
                found[k] = (None, f"no {name} state was found here to compare with") if found[k][0] else found[k]
            for k in np.flatnonzero(roots.converged & (gap < -1e-10 * (1 + np.abs(self.free_energy)))):
                found[k] = False, f"the {name} phase has a lower free energy"
        return found


def held(condition: Any) -> dict[Any, Any]:
    """Order parameters that a condition sets to a number."""
    import sympy as sp

    parts = condition.args if isinstance(condition, sp.And) else (condition,)
    return {e.lhs: e.rhs for e in parts if isinstance(e, sp.Eq) and e.lhs.is_Symbol and e.rhs.is_number}


#: what an order parameter differs from zero by, and not more, where it counts as zero
ZERO = 1e-4


def belongs(condition: Any, order_parameters: Sequence[Any], u: np.ndarray) -> np.ndarray:
    """Which states (unknowns × B) fulfil a condition on order parameters; what is within 1e-4 is equal."""
    import sympy as sp
    from sympy.core.relational import Relational

    if isinstance(condition, sp.And | sp.Or | sp.Not):
        parts = [belongs(part, order_parameters, u) for part in condition.args]
        if isinstance(condition, sp.Not):
            return np.asarray(~parts[0])
        return np.asarray((np.all if isinstance(condition, sp.And) else np.any)(parts, axis=0))
    assert isinstance(condition, Relational)
    gap = sp.lambdify(list(order_parameters), condition.lhs - condition.rhs, "numpy")(*u) * np.ones(u.shape[1])
    sign = np.where(np.abs(gap) <= ZERO, 0, np.sign(gap))
    wanted = {"==": (0,), "!=": (-1, 1), ">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0)}[condition.rel_op]
    return np.isin(sign, wanted)


def _far(unknowns: int) -> np.ndarray:
    """Starts of either sign and any size, evenly spread: unknowns × starts."""
    from scipy.stats.qmc import Halton

    return np.tan(0.47 * np.pi * (2 * Halton(unknowns, scramble=False).random(_FAR) - 1)).T


def _lowest(
    system: Compiled, grid: np.ndarray, starts: np.ndarray, wanted: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> Roots:
    """The wanted state of lowest free energy, a minimum along the first unknown if there is one, of all that hold."""
    u, residual, ok = _states.search(system, grid, starts)
    energies = np.full(ok.shape, np.inf)
    for s in range(ok.shape[0]):
        f = system.outputs(u[:, s], grid)["free_energy"]
        # a minimum is preferred to a maximum of lower value
        stable = _states.curvature(system, u[:, s], grid) > 0
        negative = 1e-11 * np.maximum(1, np.abs(f)) * (u[:1, s] < 0).any(axis=0)  # of two mirror images the positive one
        energies[s] = np.where(ok[s] & wanted(u[:, s], grid), f + negative + np.where(stable, 0, 1e6), np.inf)
    order = np.lexsort((residual, np.where(np.isfinite(energies), energies, np.inf)), axis=0)
    columns = np.arange(grid.shape[1])
    roots = newton(system, u[:, order[0], columns], grid, steps=8)
    for rank in order[1:]:
        rows = np.flatnonzero(~roots.converged & np.isfinite(energies[rank, columns]))
        if rows.size == 0:
            break
        _take(roots, rows, newton(system, u[:, rank[rows], rows], grid[:, rows], steps=8))
    roots.converged &= wanted(roots.u, grid)
    return roots


def _take(roots: Roots, rows: np.ndarray, better: Roots) -> None:
    """Put those of the other roots that converged into these rows."""
    for name in ("u", "residual", "error", "converged"):
        getattr(roots, name)[..., rows[better.converged]] = getattr(better, name)[..., better.converged]
