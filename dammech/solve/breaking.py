"""``solve`` with broken replica symmetry: the broken state where there is one, and what replica symmetry says where not."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dammech.declared.ansatz import steps_of
from dammech.equations import Theory
from dammech.solve.answers import in_parts
from dammech.solve.broken import find_broken, pairwise
from dammech.solve.equilibrium import Judgement
from dammech.solve.onset import broken_glass, onset
from dammech.solve.recorder import VALIDITY, Asked
from dammech.solve.solution import Solution
from dammech.solve.states import curvature

#: a state whose levels can be no further apart than this is as good as replica symmetric where it is not resolved
CLOSE = 1e-3


def broken_solutions(
    target: Theory, branch: str, convention: str, grid: np.ndarray, symmetric: list[Solution]
) -> list[Solution]:
    """One verdict for each (load, temperature) of ``grid``, which is in the units of ``convention``.

    Parameters
    ----------
    target : Theory
        With a broken ansatz.
    branch : str
    convention : str
    grid : array, points × axes of the model
    symmetric : list of Solution
        Replica-symmetric verdicts at the same points: the answer where symmetry is not broken.
    """
    if branch == "paramagnetic":
        return [_unbroken(s, "the paramagnet is replica symmetric") for s in symmetric]
    if steps_of(target.ansatz) > 1:
        return [_of_many_steps(target, branch, convention, row, s) for row, s in zip(grid, symmetric)]
    asked, names = Asked(target, branch, convention), target.model.axes

    def here(rows: np.ndarray, p: np.ndarray, zero: bool) -> list[Solution]:
        variant = "zero" if zero else "finite"
        found = find_broken(target, branch, variant, p)
        outputs, stable = found.outputs(), curvature(found.system, found.u, p) > 0
        judgement = Judgement(target, branch, variant, p, outputs["free_energy"], np.zeros(rows.size, dtype=bool))
        points = []
        for k, row in enumerate(rows.tolist()):
            if not found.found[k]:
                points.append(_without(symmetric[row], target, branch, p[:, k], found.short[k]))
                continue
            point = broken_solution(
                asked, symmetric[row].parameters, dict(zip(found.system.unknowns, found.u[:, k])),
                {name: v[k] for name, v in outputs.items()}, found.residual[k], found.error[:, k].max(),
                bool(stable[k]) if branch == "retrieval" else None,
            )
            judgement.valid[k], point.judgement = bool(point.valid), (judgement, k)
            points.append(point)
        return points

    return in_parts(asked, names, grid, here)


def _of_many_steps(target: Theory, branch: str, convention: str, row: np.ndarray, symmetric: Solution) -> Solution:
    from dammech.solve.levels import level_state

    units = target.model.convention(convention)
    load = row[0] * units.load if "load" in target.model.axes else None
    temperature = float(row[-1] * units.temperature)
    variant = "zero" if temperature == 0 else "finite"
    state = level_state(target.model, steps_of(target.ansatz), branch, load=load, temperature=temperature)
    if state is None:
        (fewer,) = broken_solutions(target.with_(ansatz="1rsb"), branch, convention, row[None], [symmetric])
        return _not_further(fewer, target.ansatz)
    outputs = state.outputs()
    point = broken_solution(
        Asked(target, branch, convention), symmetric.parameters, state.values, outputs, state.roots.residual[0],
        state.roots.error.max(), None,
    )
    judgement = Judgement(
        target, branch, variant, state.roots.p, np.array([outputs["free_energy"]]), np.array([bool(point.valid)])
    )
    point.judgement = (judgement, 0)
    return point


def _not_further(fewer: Solution, ansatz: str) -> Solution:
    """The state with one step where no distinct one with more was found, and what it is worth."""
    if fewer.ansatz == "1rsb" and fewer.valid:
        return _unbroken(fewer, f"1rsb is stable here; the search found no distinct {ansatz} state")
    if fewer.ansatz == "1rsb":
        fewer.status, fewer.code = "not-converged", "search-failed"
        return _unbroken(fewer, f"the search found no distinct {ansatz} state, though 1rsb is unstable here")
    return fewer


def broken_solution(
    asked: Asked, parameters: Mapping[str, float | None], values: Mapping[str, float], outputs: Mapping[str, float],
    residual: float, error: float, stable: bool | None,
) -> Solution:  # fmt: skip
    """The verdict on a converged state with broken symmetry; ``values`` and ``outputs`` are in canonical units."""
    cold = parameters["temperature"] == 0
    named = {**({"m": 0.0} if "m" in asked.target.model.order_parameters else {}), "q0": 0.0, **values}
    if cold:
        sizes = [k for k in named if k.startswith("y")]
        inner = f"q{sum(k.startswith('q') for k in named)}"
        overlaps = {k: v for k, v in named.items() if k not in ("C", *sizes)}
        named = {
            **overlaps, inner: 1.0, **{k.replace("y", "theta"): 0.0 for k in sizes}, **{k: named[k] for k in (*sizes, "C")},
        }
    lowest = min((k for k in outputs if k.startswith("replicon_")), key=lambda k: outputs[k])
    worth = {**outputs, "replicon": -math.inf if cold else outputs[lowest]}
    validity = VALIDITY["broken at T = 0" if cold else "broken"]
    words = {"ansatz": asked.target.ansatz, "level": lowest.removeprefix("replicon_")}
    return asked.state(parameters, named, worth, residual, error, stable, validity, words)


def _unbroken(symmetric: Solution, why: str) -> Solution:
    symmetric.why = why if symmetric.why is None else f"{why}; {symmetric.why}"
    return symmetric


def _without(symmetric: Solution, target: Theory, branch: str, p: np.ndarray, short: str | None) -> Solution:
    """The replica-symmetric answer where no distinct broken state was found, and what it is worth."""
    nothing = f"the search found no distinct {target.ansatz} state" if short is None else short
    furthest = 2 * (1 - (symmetric.values.get("m") or 0.0))  # 1 − q_0 = E[1 − ⟨σ⟩²] ≤ 2 E[1 − |⟨σ⟩|] ≤ 2 (1 − m)
    if branch != "retrieval":
        known = _symmetric_glass(target, p)
        if known is not None and symmetric.converged:
            return _unbroken(symmetric, known)
        nothing += ", though symmetry is broken here"
    elif symmetric.converged and symmetric.valid:
        symmetric.code = "unbroken"
        return _unbroken(symmetric, f"replica symmetry is stable here; {nothing}")
    elif symmetric.converged and furthest < CLOSE:
        return _unbroken(symmetric, f"{nothing}; its overlaps can differ by 2(1 − m) = {furthest:.1g} at most")
    symmetric.status, symmetric.code = "not-converged", "search-failed"
    return _unbroken(symmetric, nothing)


def _symmetric_glass(target: Theory, p: np.ndarray) -> str | None:
    """Why the m = 0 state at a point is known to be replica symmetric, or None where it is not."""
    memory = "load" in target.model.axes
    if p.size < 1 + memory:  # T = 0
        return None
    load, T = (float(p[0]), float(p[-1])) if memory else (1.0, float(p[-1]))
    if broken_glass(target.model, None if not memory else [load], [T])[0] is not False:
        return None
    if pairwise(target.model):
        return "replica symmetry holds: this is above the spin-glass transition"
    found, root = onset(target.model), np.sqrt(load)
    if T < found.dynamic * root:
        return (
            f"replica symmetry holds between the static transition ({found.broken * root:.6g} in canonical units) and the "
            f"dynamic one ({found.dynamic * root:.6g}): exp(NΣ) states at θ = 1 make up the paramagnet"
        )
    return f"replica symmetry holds: this is above the transitions of the glass (at {found.broken * root:.6g} in canonical units)"
