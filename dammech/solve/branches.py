"""``solve``: the state of a named branch, with its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

import numpy as np

from dammech.declared.ansatz import steps_of
from dammech.equations import Given, Theory
from dammech.errors import InputError, NotConverged, shown
from dammech.registry import answers_of
from dammech.solve.given import solve_given, taken_as_it_is
from dammech.solve.models import solve_model
from dammech.solve.rescaled import solve_rescaled
from dammech.solve.solution import Solution, SolutionArray

Numbers = float | Sequence[float] | np.ndarray


@overload
def solve(  # type: ignore[overload-overlap]
    theory: Given,
    *,
    load: float | None = None,
    temperature: float | None = None,
    branch: str | None = None,
    ansatz: str = "rs",
    convention: str = "canonical",
    start: Mapping[str, float] | None = None,
    throw: bool = True,
    **parameters: float,
) -> Solution: ...
@overload
def solve(
    theory: Given,
    *,
    load: Numbers | None = None,
    temperature: Numbers | None = None,
    branch: str | None = None,
    ansatz: str = "rs",
    convention: str = "canonical",
    start: Mapping[str, float] | None = None,
    throw: bool = True,
    **parameters: Numbers,
) -> SolutionArray: ...
def solve(
    theory: Given,
    *,
    load: Any = None,
    temperature: Any = None,
    branch: str | None = None,
    ansatz: str = "rs",
    convention: str = "canonical",
    start: Mapping[str, float] | None = None,
    throw: bool = True,
    **parameters: Any,
) -> Solution | SolutionArray:
    """Solve the saddle equations of a theory on one of its branches.

    Parameters
    ----------
    theory : model, Derivation or FreeEnergy
    load, temperature : float or sequence
        α and T ≥ 0 in the units of ``convention``; sequences give the grid of all combinations. T = 0 has its own
        derived equations.
    branch : str
        One of the model's ``branches``; the default is the first, retrieval (the glass for `PSpin`).
    ansatz : str
        ``rs``, or ``1rsb``, ``2rsb``, … ``30rsb``: replica symmetry broken in so many steps. Where it is not broken, the
        answer is the replica-symmetric one and says so.
    convention : str
        Units of loads, temperatures and energies, in and out: those of a model, also where another package derives its theory.
    start : mapping, optional
        Order parameters to start from (a FreeEnergy of one's own); without it the state of lowest free energy is
        looked for.
    throw : bool
        Raise where a point did not converge; otherwise its verdict says so.
    **parameters
        Parameters of a FreeEnergy of one's own, by name. For a stream (`PalimpsestDAM`): ``rate`` and ``age`` (0, the newest) of
        a pattern; its ``load`` is the total one, and no load an endless stream.

    Returns
    -------
    Solution or SolutionArray
        An array where any of them is a sequence; its columns have the shape of the grid.

    Raises
    ------
    InputError
        For values that are not allowed.
    NotConverged
        When a state does not exist there; ``.result`` holds the verdict.
    """
    target = Theory.of(theory, check_ansatz(ansatz))
    if target.given is not None:
        taken_as_it_is(target, ansatz=(ansatz, "rs"), convention=(convention, "canonical"))
        result = solve_given(target, {"load": load, "temperature": temperature, **parameters}, start, branch, convention)
    elif (own := answers_of(target.model)) is not None:
        if start is not None:
            raise InputError(f"start: a model takes {', '.join(target.model.axes)} and branch only")
        given = {"load": load, "temperature": temperature, **parameters}
        result = solve_rescaled(target, own.seen, given, branch, convention)
    else:
        if parameters or start is not None:
            raise InputError(f"{', '.join(parameters) or 'start'}: a model takes load, temperature and branch only")
        result = solve_model(target.with_(ansatz="rs"), load, temperature, branch, convention, target)
    bad = [p for p in result if not p.converged]
    if throw and bad:
        raise NotConverged(f"{len(bad)} of {len(result)} points did not converge: {bad[0].why}", result)
    scalar = all(np.ndim(v) == 0 for v in (load, temperature, *parameters.values()))
    return result[0] if scalar else result


def branches(theory: Given, *, convention: str = "canonical", **parameters: Any) -> SolutionArray:
    """Every declared branch that exists at one point of the phase diagram: ``load`` and ``temperature`` of a model."""
    target = Theory.of(theory)
    declared = target.model.branches if target.given is None else target.given.branches
    if not declared:
        raise InputError(f"theory={shown(theory)}: declares no branches")
    found: list[Solution] = [solve(target, branch=name, convention=convention, throw=False, **parameters) for name in declared]
    there = [point for point in found if point.converged]
    return SolutionArray(there, grid={"branch": len(there)})


def check_ansatz(ansatz: str) -> str:
    """The ansatz, if it is one that can be derived."""
    steps_of(ansatz)
    return ansatz
