"""States of a declared model at loads and temperatures, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dammech.equations import Theory
from dammech.errors import InputError, one_of, shown
from dammech.results.result import axes_of
from dammech.solve.answers import answers
from dammech.solve.recorder import Asked
from dammech.solve.solution import SolutionArray, check_temperatures, grid_of, number


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
    solved = answers(Asked(target, branch, convention), model.axes, grid[:, -len(model.axes) :])
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
