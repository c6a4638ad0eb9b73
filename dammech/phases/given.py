"""Lines of a free energy of one's own: the same systems and curves, with parameters that have any name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dammech.equations import Theory, compiled
from dammech.errors import InputError
from dammech.phases.curve import Curve, Seed
from dammech.phases.points import Boundary
from dammech.solve.newton import newton
from dammech.solve.states import curvature, search

GIVEN_LINES: dict[str, str] = {
    "spinodal": "the ordered state ends (fold)",
    "transition": "the ordered state and the one with all order parameters zero have equal free energy",
    "instability": "the state with all order parameters zero becomes unstable",
    "at": "the replicon vanishes on the ordered state",
}
_ALIASES = {"retrieval-spinodal": "spinodal", "thermodynamic": "transition", "spin-glass": "instability"}
_SCAN = np.geomspace(2e-3, 30.0, 90)


def boundary_of_given(
    target: Theory, line: str, points: int | None, parameters: dict[str, Any], *, temperatures: Any, loads: Any
) -> Boundary:
    """Points of a line of a FreeEnergy: one parameter a sequence, one left out and solved for, the others numbers."""
    line = _ALIASES.get(line, line)
    if line not in GIVEN_LINES:
        raise InputError(f"line={line!r}: for a free energy of one's own it must be one of {', '.join(GIVEN_LINES)}")
    theory = target.given
    if line == "at" and theory.replicon is None:
        raise InputError("line='at': this free energy was given no replicon")
    values: dict[str, np.ndarray] = {}
    for name, value in {**parameters, "temperature": temperatures, "load": loads}.items():
        if value is not None:
            array = np.atleast_1d(np.asarray(value, dtype=float)).ravel()
            if array.size == 0 or not np.all(np.isfinite(array)):
                raise InputError(f"{name}={value!r}: must be a finite number or a sequence of them")
            values[theory.parameter(name).name] = array
    names = [s.name for s in theory.parameters]
    unknown = [name for name in names if name not in values]
    if len(unknown) != 1:
        raise InputError(f"parameters {unknown} are left out: leave exactly one of {names} out, to be solved for")
    varied = [name for name in values if values[name].size > 1] or list(values)[:1]
    if len(varied) != 1:
        raise InputError(f"parameters {varied}: only one may be a sequence")
    solved, given = names.index(unknown[0]), names.index(varied[0])
    fixed = np.array([values[n][0] if n in values else 0.0 for n in names])
    curve = curve_of_given(target, line, solved, given, fixed, values[varied[0]])
    rows = curve.at(values[varied[0]], given)
    result = Boundary(theory, line, target.ansatz, "canonical", [])
    for k, value in enumerate(values[varied[0]]):
        if rows[k]:
            result.points += [_record(curve, row, names) for row in rows[k]]
        else:
            result.points.append(
                {
                    varied[0]: float(value),
                    unknown[0]: None,
                    "residual": None,
                    "converged": False,
                    "valid": None,
                    "why": f"the {line} line has no point here",
                }
            )
    return result


def curve_of_given(target: Theory, line: str, solved: int, given: int, fixed: np.ndarray, near: np.ndarray) -> Curve:
    """The curve of a line in the plane of two parameters, sought at values ``near`` of the given one."""
    theory = target.given
    state = compiled(target, "state")
    origin = {x.name: 0 for x in theory.order_parameters}
    size = len(theory.order_parameters)
    # a parameter that is asked for at zero or below, such as a threshold, does not end at zero
    bottom = 0.0 if near.min() > 0 else float(near.min()) - 0.1
    least = np.array([[1e-4], [bottom or 1e-4]])
    if line == "spinodal":
        system = compiled(target, "fold")
    elif line == "transition":
        system = compiled(target, "crossing", target.with_(fixed=tuple(origin.items())))
    elif line == "instability":
        system = compiled(target, "instability")
    else:
        system = compiled(target, "zero", "replicon")

    def keep(u: np.ndarray, p: np.ndarray) -> np.ndarray:
        ok = np.all(p[[solved, given]] > least, axis=0) & system.inside(u, p)
        if line in ("transition", "at"):
            ok &= curvature(state, u[:size], p) > 0
        return ok if line == "instability" else ok & (np.abs(u[0]) > 2e-3)

    def seeds() -> Iterator[Seed]:
        for value in np.unique(np.concatenate([near[[0, len(near) // 2, -1]], np.geomspace(0.02, 2.0, 9)])):
            p = np.repeat(fixed[:, None], _SCAN.size, axis=1)
            p[solved], p[given] = _SCAN, value
            if line == "instability":
                u = np.empty((0, _SCAN.size))
                for k in _changes(system.residual(u, p)[0]):
                    yield u[:, 0], p[:, k]
                continue
            u, found = _ordered(target, p)
            if line == "spinodal":
                # the branch may end towards either side of the scan
                for k in np.flatnonzero(found[:-1] != found[1:]).tolist():
                    yield _soft(state, u, p, k if found[k] else k + 1)
                continue
            values = state.outputs(u, p)
            if line == "transition":
                free = compiled(target.with_(fixed=tuple(origin.items())), "state").outputs(
                    np.empty((0, _SCAN.size)), p
                )
                gap = values["free_energy"] - free["free_energy"]
            else:
                gap = values["replicon"]
            for k in _changes(np.where(found, gap, np.nan)):
                yield u[:, k], p[:, k]

    scale = np.array([*([1.0] * len(system.unknowns)), 0.5, 0.5])
    return Curve(system, (solved, given), seeds, keep, scale, largest=0.1, bottom=bottom)


def _ordered(target: Theory, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The stable state with the largest first order parameter, away from zero."""
    system = compiled(target, "state")
    size = len(system.unknowns)
    levels = np.array([0.98, 0.8, 0.5, 0.2, 0.05])
    starts = np.stack(np.meshgrid(*([levels] * size))).reshape(size, -1)
    u, _, ok = search(system, p, starts)
    best, found = np.full((size, p.shape[1]), np.nan), np.zeros(p.shape[1], dtype=bool)
    stable = np.stack([curvature(system, u[:, s], p) > 0 for s in range(u.shape[1])])
    overlap = np.where(ok & stable & (u[0] > 2e-3), u[0], -np.inf)
    which = overlap.argmax(axis=0)
    found = np.isfinite(overlap.max(axis=0))
    best[:, found] = u[:, which[found], np.flatnonzero(found)]
    roots = newton(system, best, p, steps=8)
    return roots.u, found & roots.converged


def _soft(state: Any, u: np.ndarray, p: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    jacobian = state.jacobian(u[:, [k]], p[:, [k]])[:, : len(u), 0]
    return np.concatenate([u[:, k], np.linalg.svd(jacobian)[2][-1]]), p[:, k]


def _changes(values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.flatnonzero(values[:-1] * values[1:] < 0)


def _record(curve: Curve, row: int, names: list[str]) -> dict[str, Any]:
    roots, system = curve.points, curve.system
    assert roots is not None
    values = {n: float(x) for n, x in zip(system.unknowns, roots.u[:, row]) if not n.startswith("v_")}
    outputs = {k: float(v[row]) for k, v in system.outputs(roots.u, roots.p).items()}
    replicon = outputs.get("replicon")
    unstable = replicon is not None and replicon < -1e-8
    return {
        **dict(zip(names, map(float, roots.p[:, row]))),
        f"{names[curve.free[0]]}_error": float(roots.error[-1, row]),
        **values,
        **outputs,
        "residual": float(roots.residual[row]),
        "converged": True,
        "valid": not unstable,
        "why": f"the ansatz is unstable here (replicon {replicon:.3g} < 0)" if unstable else None,
    }
