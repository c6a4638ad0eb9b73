"""States of a branch at many points as answers: sought, recorded and judged; T = 0 has equations of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from dammech.equations import Theory
from dammech.solve.declared import Phase, branch_theory, find
from dammech.solve.edge import ended, settled
from dammech.solve.equilibrium import Judgement
from dammech.solve.recorder import VALIDITY, Asked, in_units
from dammech.solve.solution import Solution, unfound
from dammech.solve.states import States


def answers(
    asked: Asked, names: Sequence[str], grid: np.ndarray, start: Mapping[str, float] | None = None
) -> list[Solution]:
    """The states of a branch at points of a grid (points × parameters), in the units asked for.

    ``names`` are those of the parameters, in the order of the theory; ``start`` holds order parameters to start from.
    """

    def here(rows: np.ndarray, p: np.ndarray, zero: bool) -> list[Solution]:
        return _answered(asked, [dict(zip(names, map(float, row))) for row in grid[rows]], p, zero, start)

    return in_parts(asked, names, grid, here)


def in_parts(
    asked: Asked, names: Sequence[str], grid: np.ndarray, here: Callable[[np.ndarray, np.ndarray, bool], list[Solution]]
) -> list[Solution]:
    """What is answered at all points of a grid by who answers at rows that are all at T = 0, or none of them.

    ``here`` takes the rows, canonical parameters × rows, without a temperature of zero, and whether it is.
    """
    theory = asked.target.given
    told = in_units(dict.fromkeys(names, 1.0), asked.units)
    p = (grid / np.array([told[name] for name in names])).T.reshape(len(names), len(grid))
    heat = [k for k, name in enumerate(names) if name in ("T", "temperature") and (theory is None or theory.cold is not None)]
    if asked.target.model is not None and "load" in names:
        load = p[names.index("load")]
        load[load == 0] = 1e-60  # it enters as √α in denominators; its zero is a limit
    frozen = (grid[:, heat] == 0).any(axis=1)
    points: dict[int, Solution] = {}
    for zero in (True, False):
        if (rows := np.flatnonzero(frozen == zero)).size:
            points.update(zip(rows.tolist(), here(rows, np.delete(p[:, rows], heat, axis=0) if zero else p[:, rows], zero)))
    return [points[row] for row in range(len(grid))]


def _answered(
    asked: Asked, rows: Sequence[Mapping[str, float | None]], p: np.ndarray, zero: bool, start: Mapping[str, float] | None
) -> list[Solution]:
    """The same at points that are all at T = 0, or none; ``p`` is canonical, without a temperature of zero."""
    target, branch, variant = asked.target, asked.branch, "finite"
    if target.given is None:
        rows, variant = [{"load": None, **row} for row in rows], "zero" if zero else "cold"
        if zero and branch == "paramagnetic":
            return [asked.missing(row, "there is no paramagnetic state at T = 0", "no-state") for row in rows]
    elif zero:
        ground = target.given.zero_temperature
        if branch is not None and branch not in ground.branches:
            why = f"at T = 0 no state fulfils {target.given.branches[branch]}, the condition of the {branch} branch"
            return [asked.missing(row, why, "no-state") for row in rows]
        target = target.with_(given=ground)
    states = find(target, branch, variant, p, start=start)
    ends: dict[int, tuple[str, float]] = {}
    if target.given is not None:
        ends = ended(target, branch, states)
    elif variant != "finite" and target.model.branches[str(branch)].choice == "largest m" and "weight" not in rows[0]:
        states, loads = settled(branch_theory(target, str(branch), variant), states)
        ends = {k: ("load", loads[k]) for k in np.flatnonzero(p[0] > loads * (1 + 1e-9)).tolist()}
    values, outputs = _order_parameters(target, branch, states), states.outputs()
    if zero and "load" in rows[0]:
        noisy = np.array([row["load"] != 0 for row in rows])
        replicon = outputs.get("replicon", -np.inf)
        outputs = {"energy": outputs["free_energy"], **outputs, "replicon": np.where(noisy, replicon, np.nan)}
    validity = VALIDITY[("given" if target.given is not None else "rs") + (" at T = 0" if zero else "")]
    judgement = Judgement(target, branch, variant, p, outputs["free_energy"], np.zeros(len(rows), dtype=bool))
    points = []
    for k, row in enumerate(rows):
        if not states.found[k]:
            points.append(_nowhere(asked, row, ends.get(k), states.short[k], () if target.given is None else values))
            continue
        own, given = ({name: x[k] for name, x in some.items()} for some in (values, outputs))
        point = asked.state(row, own, given, states.residual[k], states.error[k], bool(states.stable[k]), validity)
        judgement.valid[k], point.judgement = point.valid, (judgement, k) if judgement.decides else None
        if target.given is not None and point.valid and not point.stable:
            first = target.given.order_parameters[0]
            point.why, point.code = f"f has no minimum along {first} here (a saddle in a replica overlap has none)", "maximum"
        points.append(point)
    return points


def _order_parameters(target: Theory, branch: str | None, states: States) -> dict[str, np.ndarray]:
    """By name, those that are held on the branch among them."""
    if target.given is not None:
        return dict(zip((x.name for x in target.given.order_parameters), Phase(target, branch).whole(states.u)))
    known = dict(zip(states.system.unknowns, states.u))
    overlap = {"m": known.get("m", np.zeros(states.found.size))} if "m" in target.model.order_parameters else {}
    return {**overlap, "q": states.q, **({} if "T" in states.system.parameters else {"C": known["C"]})}


def _nowhere(
    asked: Asked, row: Mapping[str, float | None], end: tuple[str, float] | None, short: str | None, names: Iterable[str]
) -> Solution:
    """The answer where there is no state: the branch ends along a parameter at a value, or the search found none."""
    branch = asked.branch
    if end is None:
        why = f"the search found no solution from any of its starts: {short}" if branch is None else unfound(branch, short)
        return asked.missing(row, why, names=names)
    name, told = end[0], in_units(dict([end]), asked.units)[end[0]]
    others = " and ".join(other for other, value in row.items() if value is not None and other != name)
    place, side = f"{name}={row[name]:.6g}", "above" if row[name] > told else "below"
    why = f"no {branch} state: {place} is {side} {told:.6g}, where the branch ends{f' at this {others}' if others else ''}"
    return asked.missing(row, why, "no-state", names)
