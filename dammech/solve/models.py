"""States of a declared model at loads and temperatures, and what is said of them."""

from __future__ import annotations

from typing import Any

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
    units = model.convention(convention)
    branch = next(iter(model.branches)) if branch is None else branch
    one_of("branch", branch, list(model.branches))
    asked, declared = branch, model.branches[branch]
    if wanted.ansatz != "rs":
        if declared.patterns > 1:
            raise InputError(f"branch={branch!r}: mixtures have a replica-symmetric theory only; leave ansatz at 'rs'")
        branch = declared.unbroken or branch  # never the replica-symmetric q > 0 state, which is no state for p ≥ 3
    given = {"load": load, "temperature": temperature}
    for name, value in given.items():
        if name in model.axes and value is None:
            raise InputError(f"{name} is missing: give a finite number of at least 0")
        if name not in model.axes and value is not None:
            raise InputError(f"{name}={shown(value)}: the p-spin glass has no {name}; leave it out")
    grid = grid_of(*(number(name, given[name]) for name in model.axes))
    check_temperatures(grid[:, -1], grid[:, -1] * units.temperature, wanted.ansatz)
    solved = answers(Asked(target, branch, convention), model.axes, grid)
    if wanted.ansatz != "rs":
        from dammech.solve.breaking import broken_solutions

        if declared.choice == "largest q" and branch == asked:
            plain = Asked(target, "paramagnetic", convention)
            solved = [x if x.converged else answers(plain, model.axes, row[None])[0] for x, row in zip(solved, grid)]
        solved = broken_solutions(wanted, asked, convention, grid, solved)
    return SolutionArray(solved, grid=axes_of(load=load, temperature=temperature))
