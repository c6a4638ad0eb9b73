"""States of a declared model at loads and temperatures, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.results.result import axes_of
from dammech.solve.declared import branch_theory, find
from dammech.solve.edge import settled
from dammech.solve.equilibrium import Judgement
from dammech.solve.recorder import VALIDITY, Asked, recorded
from dammech.solve.solution import Solution, SolutionArray, Status, check_temperatures, grid_of, number, unfound


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
    points: dict[int, Solution] = {}
    for variant, rows in (("zero", np.flatnonzero(grid[:, 1] == 0)), ("cold", np.flatnonzero(grid[:, 1] > 0))):
        if rows.size:
            p = grid[rows].T * np.array([[units.load], [units.temperature]])
            p[0] = np.where(p[0] == 0, 1e-60, p[0])  # the load enters as √α in denominators; its zero is a limit
            p = (p[:1] if variant == "zero" else p)[0 if hebbian else 1 :]
            points.update(zip(rows.tolist(), answers(Asked(target, branch, convention), grid[rows], variant, p)))
    solved = [points[row] for row in range(len(grid))]
    if wanted.ansatz != "rs":
        from dammech.solve.breaking import broken_solutions

        if declared.choice == "largest q" and branch == asked:
            loads_of = [row[0] if hebbian else None for row in grid]
            solved = [
                x if x.converged else solve_model(target, a, T, "paramagnetic", convention, target)[0]
                for x, a, T in zip(solved, loads_of, grid[:, 1])
            ]
        solved = broken_solutions(wanted, asked, convention, grid, solved)
    return SolutionArray(solved, grid=axes_of(load=load, temperature=temperature))


def answers(asked: Asked, grid: np.ndarray, variant: str, p: np.ndarray) -> list[Solution]:
    """The states of a branch at (load, temperature) as they are asked for, which ``p`` holds in canonical units."""
    target, branch, memory = asked.target, asked.branch or "", "load" in asked.target.model.axes
    rows = [{"load": float(load) if memory else None, "temperature": float(T)} for load, T in grid]
    if variant == "zero" and branch == "paramagnetic":
        return [asked.missing(row, "there is no paramagnetic state at T = 0", "no-state") for row in rows]
    found, ends = find(target, branch, variant, p), np.full(len(rows), np.nan)
    if target.model.branches[branch].choice == "largest m" and "Lambda" not in found.system.parameters:
        found, ends = settled(branch_theory(target, branch, variant), found)
    outputs = found.outputs()
    overlap = found.u[0] if "m" in found.system.unknowns else np.zeros(len(rows))
    values = {**({"m": overlap} if memory else {}), "q": found.q}
    if variant == "zero":
        values["C"] = found.u[-1]
        noisy = grid[:, 0] != 0  # nan where there are no patterns
        outputs = {"energy": outputs["free_energy"], **outputs, "replicon": np.where(noisy, -np.inf, np.nan)}

    def nowhere(k: int) -> tuple[str, Status]:
        if p[0, k] > ends[k] * (1 + 1e-9):
            end = f"load={grid[k, 0]:.6g} is above {ends[k] / asked.units.load:.6g}, where the branch ends at this temperature"
            return f"no {branch} state: {end}", "no-state"
        return unfound(branch, found.short[k]), "not-converged"

    judgement = Judgement(target, branch, variant, p, outputs["free_energy"], np.zeros(len(rows), dtype=bool))
    validity = VALIDITY["rs at T = 0" if variant == "zero" else "rs"]
    return recorded(asked, rows, found, values, outputs, validity, judgement, nowhere)
