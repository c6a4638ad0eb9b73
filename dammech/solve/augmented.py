"""Folds, zeros and crossings of compiled states, for theories whose third derivatives would be longer than they are useful.

The equations are exact: they are made of the state's generated residual, Jacobian and outputs. Only in the matrix of Newton's
method are some entries of the added rows differenced, which costs steps but no accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.equations import Equations
from dammech.equations.quadrature import ORDER

#: relative step of central differences: Newton only needs a few digits, and the equation of a block size is small
_STEP = 2e-4

Values = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


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
        Their derivatives, equations × (unknowns + parameters) × points: exact or good enough for Newton's method, which is
        to say up to what vanishes at a solution.
    also : callable, optional
        Further quantities to report.
    """

    state: Equations
    further: tuple[str, ...]
    added: Values
    slopes: Values
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
        return np.concatenate([upper, self.slopes(u, p, order)])

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """The state's quantities, by name."""
        found = self.state.outputs(u[: self._size], p, order)
        return found if self.also is None else {**found, **self.also(u, p, order)}

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        return self.state.inside(u[: self._size], p)


def fold(state: Equations) -> Augmented:
    """A saddle point where a branch turns: the Jacobian J has a null vector (moore1980).

    Its columns are in units of the unknowns, its rows (parameters included) of length one: the equation of a block size is
    small. The derivatives of J·w are those of J along w, which one difference gives.
    """
    size = len(state.unknowns)

    def parts(u: np.ndarray, p: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """J, the lengths of its rows, and the null vector in the unknowns' own units."""
        jacobian = state.jacobian(u[:size], p, order)
        return jacobian, _lengths(jacobian, u[:size], p), u[:size] * u[size:]

    def added(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        jacobian, lengths, w = parts(u, p, order)
        along = np.einsum("ijb,jb->ib", jacobian[:, :size], w) / lengths
        return np.concatenate([along, (u[size:] ** 2).sum(axis=0, keepdims=True) - 1])

    def slopes(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        jacobian, lengths, w = parts(u, p, order)
        x, v = u[:size], u[size:]
        step = _STEP / np.maximum(np.abs(v).max(axis=0), 1e-3)
        above, below = (state.jacobian(x + sign * step * w, p, order) for sign in (1, -1))
        curved = (above - below) / (2 * step)
        rows = np.zeros((size + 1, 2 * size + len(p), u.shape[1]))
        rows[:size, :size] = curved[:, :size] + jacobian[:, :size] * v
        rows[:size, size : 2 * size] = jacobian[:, :size] * x
        rows[:size, 2 * size :] = curved[:, size:]
        rows[:size] /= lengths[:, None]
        rows[size, size : 2 * size] = 2 * v
        return rows

    return Augmented(state, tuple(f"v_{name}" for name in state.unknowns), added, slopes)


def null_vector(state: Equations, u: np.ndarray, p: np.ndarray) -> np.ndarray:
    """The direction in which a state is softest, unknowns × points, in units of the unknowns."""
    jacobian = state.jacobian(u, p)
    balanced = jacobian[:, : len(u)] * u / _lengths(jacobian, u, p)[:, None]
    return np.linalg.svd(np.moveaxis(balanced, -1, 0))[2][:, -1, :].T


def _lengths(jacobian: np.ndarray, u: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.sqrt(((jacobian * np.concatenate([u, p])) ** 2).sum(axis=1))


def zero(state: Equations, quantity: str) -> Augmented:
    """A saddle point where an output vanishes."""

    def added(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        return state.outputs(u, p, order)[quantity][None]

    def slopes(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        return _differences(added, u, p, order, range(len(u) + len(p)))

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

    def slopes(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        upper = np.zeros((len(second.unknowns), len(u) + len(p), u.shape[1]))
        upper[:, size:] = second.jacobian(u[size:], p, order)
        # each free energy is stationary in its unknowns at a solution
        return np.concatenate([upper, _differences(gap, u, p, order, range(len(u), len(u) + len(p)))])

    def also(u: np.ndarray, p: np.ndarray, order: int) -> dict[str, np.ndarray]:
        return {f"{name}_2": v for name, v in second.outputs(u[size:], p, order).items()}

    return Augmented(first, tuple(f"{name}_2" for name in second.unknowns), added, slopes, also)


def _differences(values: Values, u: np.ndarray, p: np.ndarray, order: int, columns: Iterable[int]) -> np.ndarray:
    """Central differences in some of the unknowns and parameters; the other derivatives are zero."""
    found = np.zeros((1, len(u) + len(p), u.shape[1]))
    for k in columns:
        ends = []
        for sign in (1, -1):
            x, y = u.copy(), np.array(p, dtype=float)
            moved = x[k] if k < len(u) else y[k - len(u)]
            step = _STEP * np.maximum(np.abs(moved), 1e-3)
            moved += sign * step  # a view of x or y
            ends.append(values(x, y, order))
        found[:, k] = (ends[0] - ends[1]) / (2 * step)
    return found
