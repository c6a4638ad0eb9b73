"""States of a declared model at loads and temperatures, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.results.result import axes_of
from dammech.solve.edge import settled
from dammech.solve.equilibrium import Judgement
from dammech.solve.solution import Solution, SolutionArray, Status, check_temperatures, grid_of, number, unfound
from dammech.solve.states import States, branch_theory, find


def solve_model(
    target: Theory, load: Any, temperature: Any, branch: str | None, convention: str, wanted: Theory
) -> SolutionArray:
    """States of a branch over the grid of loads and temperatures; with broken symmetry where another ansatz is ``wanted``."""
    model = target.model
    hebbian = "load" in model.axes
    units = model.convention(convention)
    branch = next(iter(model.branches)) if branch is None else branch
    one_of("branch", branch, list(model.branches))
    asked, declared = branch, model.branches[branch]
    if wanted.ansatz != "rs":
        if declared.patterns > 1:
            raise InputError(f"branch={branch!r}: mixtures have a replica-symmetric theory only; leave ansatz at 'rs'")
        branch = declared.unbroken or branch  # never the replica-symmetric q > 0 state, which is no state for p ≥ 3
    if hebbian:
        if load is None:
            raise InputError("load is missing: give a finite number of at least 0")
        loads = number("load", load)
    elif load is not None:
        raise InputError(f"load={shown(load)}: the p-spin glass has no load; leave it out")
    else:
        loads = np.array([np.nan])
    if temperature is None:
        raise InputError("temperature is missing: give a finite number of at least 0")
    grid = grid_of(loads, number("temperature", temperature))
    check_temperatures(grid[:, 1], grid[:, 1] * units.temperature, wanted.ansatz)
    points: list[Solution | None] = [None] * len(grid)
    for variant, rows in (("zero", np.flatnonzero(grid[:, 1] == 0)), ("cold", np.flatnonzero(grid[:, 1] > 0))):
        if rows.size == 0:
            continue
        p = grid[rows].T * np.array([[units.load], [units.temperature]])
        p[0] = np.where(p[0] == 0, 1e-60, p[0])  # the load enters as √α in denominators; its zero is a limit
        p = p[:1] if variant == "zero" else p
        p = p if hebbian else p[1:]
        if variant == "zero" and branch == "paramagnetic":
            for row in rows:
                points[row] = missing_state(
                    target, branch, convention, grid[row], "there is no paramagnetic state at T = 0", "no-state"
                )
            continue
        found, ends = find(target, branch, variant, p), np.full(rows.size, np.nan)
        if declared.choice == "largest m":
            found, ends = settled(branch_theory(target, branch, variant), found)
        outputs = found.outputs()
        valid = np.zeros(rows.size, dtype=bool)
        judgement = Judgement(target, branch, variant, p, outputs["free_energy"], valid)
        for k, row in enumerate(rows):
            if not found.found[k] and wanted.ansatz != "rs" and declared.choice == "largest q" and branch == asked:
                only = grid[row, 0] if hebbian else None
                points[row] = solve_model(target, only, grid[row, 1], "paramagnetic", convention, target)[0]
            elif np.isfinite(ends[k]) and p[0, k] > ends[k] * (1 + 1e-9):
                why = f"no {branch} state: load={grid[row, 0]:.6g} is above {ends[k] / units.load:.6g}, where the branch ends at "
                points[row] = missing_state(target, branch, convention, grid[row], f"{why}this temperature", "no-state")
            elif not found.found[k]:
                points[row] = missing_state(target, branch, convention, grid[row], unfound(branch, found.short[k]))
            else:
                point = solution_of(target, branch, convention, units, grid[row], variant, found, outputs, k)
                points[row], point.judgement, valid[k] = point, (judgement, k), bool(point.valid)
    solved = [p for p in points if p is not None]
    if wanted.ansatz != "rs":
        from dammech.solve.breaking import broken_solutions

        solved = broken_solutions(wanted, asked, convention, grid, solved)
    return SolutionArray(solved, grid=axes_of(load=load, temperature=temperature))


def _parameters(target: Theory, row: np.ndarray) -> dict[str, float | None]:
    load = float(row[0]) if "load" in target.model.axes else None
    return {"load": load, "temperature": float(row[1])}


def missing_state(
    target: Theory, branch: str, convention: str, row: np.ndarray, why: str, status: Status = "not-converged"
) -> Solution:
    """The answer where there is no state, or none was found."""
    return Solution(
        target.model, target.ansatz, convention, branch, _parameters(target, row), dict.fromkeys(target.model.order_parameters),
        status=status, why=why, code="search-failed" if status == "not-converged" else "no-state",
    )


def solution_of(
    target: Theory,
    branch: str,
    convention: str,
    units: Any,
    row: np.ndarray,
    variant: str,
    found: States,
    outputs: dict[str, np.ndarray],
    k: int,
) -> Solution:
    """The answer at the k-th point of the states that were found, and what it is worth."""
    hebbian = "load" in target.model.axes
    values: dict[str, float | None] = {"q": float(found.q[k])}
    if hebbian:
        values = {"m": float(found.u[0, k]) if "m" in found.system.unknowns else 0.0, **values}
    if variant == "zero":
        values["C"] = float(found.u[-1, k]) * units.temperature
    given = {name: float(outputs[name][k]) for name in outputs}
    replicon = given.get("replicon")
    why, code = None, None
    if variant == "zero" and (row[0] != 0 if hebbian else True):
        why = "T = 0: the replicon tends to −∞, the replica-symmetric ansatz is unstable at every load > 0"
        code = "zero-temperature"
    elif replicon is not None and replicon < 0:
        why, code = f"the replica-symmetric ansatz is unstable here (replicon {replicon:.3g} < 0)", "replicon"
    elif given.get("entropy", 0.0) < 0:
        why = f"the entropy is negative here ({given['entropy']:.3g}): replica symmetry must be broken"
        code = "entropy"
    free = given["free_energy"] / units.energy
    return Solution(
        target.model, target.ansatz, convention, branch, _parameters(target, row), values,
        free_energy=free,
        energy=given["energy"] / units.energy if "energy" in given else free,
        entropy=given.get("entropy"),
        replicon=replicon,
        residual=float(found.residual[k]),
        error=float(found.error[k]),
        status="converged",
        valid=code is None,
        stable=bool(found.stable[k]) if code is None else None,
        why=why,
        code=code,
        extra={name: v for name, v in given.items() if name not in ("free_energy", "energy", "entropy", "replicon")},
    )
