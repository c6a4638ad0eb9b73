"""The largest effective load at which a pattern of a given weight is retrieved: by the scaling theorem, or as a fold at p = 2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dammech.declared.rescaled import Rescaled
from dammech.equations import Theory, compiled
from dammech.phases.lines import fold_seeds
from dammech.phases.models import boundary_of_model
from dammech.phases.points import Part, Point, Seeds, symmetric_state
from dammech.solve import augmented
from dammech.systems.palimpsest.answers.states import check_weighted


@dataclass(frozen=True)
class Capacity:
    """The largest effective load A at which a pattern of weight Λ is retrieved.

    Attributes
    ----------
    load, slope : float
        A and dA/dΛ.
    error, slope_error : float
        Relative errors.
    point : dict
        The state there: order parameters, residual, validity.
    """

    load: float
    slope: float
    error: float
    slope_error: float
    point: dict[str, Any]

    def exponent(self, weight: float) -> float:
        """κ = d log A/d log Λ."""
        return weight * self.slope / self.load


Capacities = Callable[[float], "Capacity | str"]


def capacities(target: Theory, T: float, ansatz: str = "rs") -> Capacities:
    """Capacity against weight at one temperature, canonical units; a sentence where the pattern is lost at every load."""
    if target.model.soft:
        check_weighted(ansatz)
        return _fold_by_weight(target, T)
    return _by_scaling(target.model.memory, T, ansatz)


# -- capacity of a pattern by its weight ------------------------------------------------------------------------------


@cache
def _by_scaling(memory: Any, T: float, ansatz: str) -> Capacities:
    """A = Λ² α_c(T/Λ)."""

    @cache
    def capacity(weight: float) -> Capacity | str:
        scaled = Rescaled(weight)
        spinodal = _spinodal(memory, scaled.plain("temperature", T), ansatz)
        if isinstance(spinodal, str):
            return spinodal
        alpha, slope, error, slope_error, point = spinodal
        load, derivative = scaled.scaled("load", alpha), 2 * weight * alpha - T * slope
        return Capacity(load, derivative, error, slope_error * abs(T * slope) / abs(derivative) + error, point)

    return capacity


def _spinodal(memory: Any, T: float, ansatz: str) -> tuple[float, float, float, float, dict[str, Any]] | str:
    """α_c and dα_c/dT of the memory that does not forget, their relative errors, and the state there."""
    if ansatz != "rs" and T > 0:
        symmetric = _spinodal(memory, T, "rs")
        if isinstance(symmetric, str) or symmetric[-1]["valid"]:  # where symmetry is not broken it is the answer
            return symmetric if isinstance(symmetric, str) else (*symmetric[:-1], {**symmetric[-1], "ansatz": "rs"})
    step = 2e-3 * T
    around = [T] if T == 0 or ansatz == "rs" else [T, T - 2 * step, T - step, T + step, T + 2 * step]
    points = boundary_of_model(Theory.of(memory, ansatz), "retrieval-spinodal", around, None, None, "canonical", None).points
    points = [max((p for p in points if p["temperature"] == t and p["load"]), key=lambda p: p["load"], default={})
              for t in around]
    point = points[0]
    if not point or not point["converged"]:
        return f"T = {T:.6g} in units of the pattern's weight is above every temperature of retrieval"
    alpha, error = point["load"], max(point["load_error"] / point["load"], float(np.finfo(float).eps))
    if T == 0:
        return alpha, 0.0, error, 0.0, point
    if ansatz == "rs":
        state = compiled(Theory.of(memory).with_(variant="cold"), "state")
        u, p = np.array([[point["m"]], [(1 - point["q"]) / T]]), np.array([[alpha], [T]])
        return alpha, _slope(state.jacobian(u, p)[:, :, 0], 2, 0, 1), error, 1e-9, point
    if not all(points):
        return f"the {ansatz} line was not resolved around T = {T:.6g}"
    below2, below, above, above2 = (p["load"] for p in points[1:])
    slope = (8 * (above - below) - (above2 - below2)) / (12 * step)
    coarse = (above2 - below2) / (4 * step)
    relative = (abs(slope - coarse) / 4 + 2 * error * alpha / step) / (abs(slope) + 1e-300)
    return alpha, slope, error, relative, point


def _slope(jacobian: np.ndarray, unknowns: int, solved: int, given: int) -> float:
    """d(parameter ``solved``)/d(parameter ``given``) along a fold: the left null vector of the state sees only these."""
    left = np.linalg.svd(jacobian[:, :unknowns].T)[2][-1]
    return float(-(left @ jacobian[:, unknowns + given]) / (left @ jacobian[:, unknowns + solved]))


@cache
def _fold_by_weight(target: Theory, T: float) -> Capacities:
    """The fold of the weighted theory at p = 2, solved for the effective load."""
    theory = target.with_(ansatz="rs", variant="zero" if T == 0 else "cold")
    state = compiled(theory, "state")
    fold = Part(augmented.fold(state), _is_edge)
    known: list[tuple[float, np.ndarray, np.ndarray]] = []

    def guesses(weight: float) -> Seeds:
        rest = np.array([*([T] if T > 0 else []), weight])
        for w, u, p in sorted(known, key=lambda k: abs(k[0] - weight))[:1]:
            if abs(w - weight) < 0.2 * weight:
                yield u, np.append(p[0] * (weight / w) ** 2, rest)
        yield from fold_seeds(theory, rest[:, None])

    @cache
    def capacity(weight: float) -> Capacity | str:
        edge = fold.first(guesses(weight))
        if edge is None:
            return f"a pattern of weight {weight:.6g} is lost at every load at this temperature"
        known.append((weight, edge.u, edge.p))
        jacobian = state.jacobian(edge.u[:2, None], edge.p[:, None])[:, :, 0]
        load, slope = float(edge.p[0]), _slope(jacobian, 2, 0, edge.p.size - 1)
        relative = max(float(edge.error[-1]) / load, float(np.finfo(float).eps))
        return Capacity(load, slope, relative, 1e-9, _state_of(edge, T))

    return capacity


def _is_edge(u: np.ndarray, p: np.ndarray, _: tuple[int, ...]) -> np.ndarray:
    return (u[0] > 1e-3) & (u[0] <= 1 + 1e-9) & (p[0] > 0)


def _state_of(edge: Point, T: float) -> dict[str, Any]:
    return {**symmetric_state(edge, T), "residual": edge.residual}
