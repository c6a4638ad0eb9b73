"""Folds, zeros and crossings of compiled states.

The equations are exact: they are made of the state's generated residual, Jacobian and outputs. Only in the matrix of Newton's
method are some entries of the added rows differenced, which costs steps but no accuracy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.equations import Equations
from dammech.equations.quadrature import ORDER

#: steps of differences in parameters, in unknowns, where 1 − C may be small, and along null vectors, in units of what is moved:
#: Newton only needs a few digits
_STEP, _FINE, _CURVED = 1e-4, 1e-10, 1e-5

#: by a part of what natural size at least that is moved which may be zero
_LEAST = 0.1

#: a change that rounding leaves with some digits: of free energies, and of outputs, which may be as small as they like
_MEASURABLE, _FAINT = 1e-13, 1e-30

#: how much shorter a step is that does not leave the domain
_SHORT = 1e-3

#: what is larger is told in units of its own in a null vector
_LARGE = 4.0

Values = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
Slopes = Callable[[np.ndarray, np.ndarray, int, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Augmented:
    """A state's equations with further unknowns and equations; answers like a `Equations` system.

    Attributes
    ----------
    state : Equations
        Whose unknowns come first.
    further : tuple of str
        Names of the further unknowns.
    added : callable
        The further equations of (u, p, order), as many as further unknowns and one more.
    slopes : callable
        Their derivatives at (u, p, order, the state's own Jacobian), equations × (unknowns + parameters) × points: exact or
        good enough for Newton's method, which is to say up to what vanishes at a solution.
    also : callable, optional
        Further quantities to report.
    """

    state: Equations
    further: tuple[str, ...]
    added: Values
    slopes: Slopes
    also: Callable[[np.ndarray, np.ndarray, int], dict[str, np.ndarray]] | None = None

    @cached_property
    def unknowns(self) -> list[str]:
        """Names of the unknowns."""
        return [*self.state.unknowns, *self.further]

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters."""
        return self.state.parameters

    @property
    def _size(self) -> int:
        return len(self.state.unknowns)

    def residual(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides, equations × points."""
        return np.concatenate([self.state.residual(u[: self._size], p, order), self.added(u, p, order)])

    def jacobian(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Derivatives, equations × (unknowns + parameters) × points."""
        size = self._size
        exact = self.state.jacobian(u[:size], p, order)
        upper = np.zeros((len(exact), len(u) + len(p), u.shape[1]))
        upper[:, :size], upper[:, len(u) :] = exact[:, :size], exact[:, size:]
        return np.concatenate([upper, self.slopes(u, p, order, exact)])

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """The state's quantities, by name."""
        found = self.state.outputs(u[: self._size], p, order)
        return found if self.also is None else {**found, **self.also(u, p, order)}

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        return self.state.inside(u[: self._size], p)


def fold(state: Equations) -> Augmented:
    """A saddle point where a branch turns: the Jacobian J has a null vector w (moore1980), of length one in `units`.

    The derivatives of J·w are those of J along w, which one difference gives.
    """
    size = len(state.unknowns)

    def added(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        x, w = u[:size], u[size:] * units(u[:size])
        along = np.einsum("ijb,jb->ib", state.jacobian(x, p, order)[:, :size], w)
        return np.concatenate([along, (u[size:] ** 2).sum(axis=0, keepdims=True) - 1])

    def slopes(u: np.ndarray, p: np.ndarray, order: int, jacobian: np.ndarray) -> np.ndarray:
        x, v, unit = u[:size], u[size:], units(u[:size])
        w = v * unit
        step = _CURVED / (np.abs(w) / np.maximum(np.abs(x), _LEAST)).max(axis=0, initial=1e-3)
        ends = state.jacobian(np.hstack([x + step * w, x - step * w]), np.hstack([p, p]), order)
        curved = (ends[:, :, : u.shape[1]] - ends[:, :, u.shape[1] :]) / (2 * step)
        rows = np.zeros((size + 1, 2 * size + len(p), u.shape[1]))
        rows[:size, :size] = curved[:, :size] + jacobian[:, :size] * (v * np.sign(x) / _LARGE * (unit > 1))
        rows[:size, size : 2 * size], rows[:size, 2 * size :] = jacobian[:, :size] * unit, curved[:, size:]
        rows[size, size : 2 * size] = 2 * v
        return rows

    return Augmented(state, tuple(f"v_{name}" for name in state.unknowns), added, slopes)


def units(u: np.ndarray) -> np.ndarray:
    """In which a null vector is told: 1, for overlaps may be zero, or a part of what is large."""
    return np.maximum(np.abs(u) / _LARGE, 1.0)


def null_vector(state: Equations, u: np.ndarray, p: np.ndarray) -> np.ndarray:
    """The direction in which a state is softest, unknowns × points, in `units`."""
    return np.linalg.svd(np.moveaxis(state.jacobian(u, p)[:, : len(u)] * units(u), -1, 0))[2][:, -1, :].T


def zero(state: Equations, quantity: str) -> Augmented:
    """A saddle point where an output vanishes."""

    def added(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        return state.outputs(u, p, order)[quantity][None]

    def slopes(u: np.ndarray, p: np.ndarray, order: int, jacobian: np.ndarray) -> np.ndarray:
        return _differences(added, u, p, order, _natural(jacobian, u), _FAINT)

    return Augmented(state, (), added, slopes)


def crossing(first: Equations, second: Equations) -> Augmented:
    """Two saddle points of equal free energy at the same parameters; the second one's unknowns are called ``m_2`` and so on."""
    size = len(first.unknowns)

    def gap(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        x, y = u[:size], u[size:]
        return (first.outputs(x, p, order)["free_energy"] - second.outputs(y, p, order)["free_energy"])[None]

    def added(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        inside = np.where(second.inside(u[size:], p), 0.0, np.nan)
        return np.concatenate([second.residual(u[size:], p, order) + inside, gap(u, p, order)])

    def slopes(u: np.ndarray, p: np.ndarray, order: int, jacobian: np.ndarray) -> np.ndarray:
        upper = np.zeros((len(second.unknowns), len(u) + len(p), u.shape[1]))
        upper[:, size:] = second.jacobian(u[size:], p, order)
        # each free energy is stationary in its unknowns at a solution
        return np.concatenate([upper, _differences(gap, u, p, order, _natural(jacobian, u[:size])[size:], _MEASURABLE)])

    def also(u: np.ndarray, p: np.ndarray, order: int) -> dict[str, np.ndarray]:
        return {f"{name}_2": v for name, v in second.outputs(u[size:], p, order).items()}

    return Augmented(first, tuple(f"{name}_2" for name in second.unknowns), added, slopes, also)


def _natural(jacobian: np.ndarray, u: np.ndarray) -> np.ndarray:
    """What changes of unknowns and parameters change the equations as much as the unknowns do, at most 1."""
    slopes = np.abs(jacobian)
    with np.errstate(all="ignore"):
        strongest = (slopes[:, : len(u)] * np.maximum(np.abs(u), 1.0)).max(axis=(0, 1), initial=0.0)
        return np.fmin(strongest / slopes.max(axis=0, initial=0.0), 1.0)


def _differences(
    values: Values, u: np.ndarray, p: np.ndarray, order: int, natural: np.ndarray, measurable: float
) -> np.ndarray:
    """Central differences in the last of the unknowns and parameters, those with natural sizes; the other derivatives are zero.

    A load may be as small as it likes, and is moved by a part of itself; what does not show that may be zero, and is moved
    further, by a part of its natural size; what leaves the domain, such as C next to 1, is moved by less.
    """
    whole = np.concatenate([u, p])
    found = np.zeros((1, *whole.shape))
    for k in range(len(whole) - len(natural), len(whole)):
        size, step = np.abs(whole[k]), np.zeros(whole.shape)
        moved = size * (_FINE if k < len(u) else _STEP)
        for _ in range(2):
            step[k] = moved
            above, below = (values(x[: len(u)], x[len(u) :], order)[0] for x in (whole + step, whole - step))
            with np.errstate(all="ignore"):
                found[0, k] = (above - below) / (2 * moved)
            lost, outside = np.abs(above - below) <= measurable, ~np.isfinite(above - below)
            if not (lost | outside).any():
                break
            wide = _STEP * np.maximum(size, _LEAST * natural[k - len(whole)])
            moved = np.where(lost, wide, np.where(outside, _SHORT * moved, moved))
    return found
