"""Folds, zeros and crossings of compiled states, for theories whose third derivatives would be longer than they are useful.

The equations are exact: they are made of the state's generated residual, Jacobian and outputs. Only the matrix of Newton's
method for the rows that are added is differenced, which costs steps but no accuracy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.equations import Equations
from dammech.equations.quadrature import ORDER

_STEP = 3e-6

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
    also : callable, optional
        Further quantities to report.
    """

    state: Equations
    further: tuple[str, ...]
    added: Values
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
        size, width = self._size, len(u) + len(p)
        upper = np.zeros((size, width, u.shape[1]))
        exact = self.state.jacobian(u[:size], p, order)
        upper[:, :size], upper[:, len(u) :] = exact[:, :size], exact[:, size:]
        here = self.added(u, p, order)
        lower = np.empty((len(here), width, u.shape[1]))
        for k in range(width):
            x, y = u.copy(), np.array(p, dtype=float)
            moved = x[k] if k < len(u) else y[k - len(u)]
            step = _STEP * np.maximum(np.abs(moved), 1e-3)
            moved += step  # a view of x or y
            lower[:, k] = (self.added(x, y, order) - here) / step
        return np.concatenate([upper, lower])

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """The state's quantities, by name."""
        found = self.state.outputs(u[: self._size], p, order)
        return found if self.also is None else {**found, **self.also(u, p, order)}

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        return self.state.inside(u[: self._size], p)


def fold(state: Equations) -> Augmented:
    """A saddle point where a branch turns: the Jacobian has a null vector (moore1980).

    Its columns are in units of the unknowns, its rows (parameters included) of length one: the equation of a block size is
    small.
    """
    size = len(state.unknowns)

    def added(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        v = u[size:]
        along = np.einsum("ijb,jb->ib", _balanced(state, u[:size], p, order), v)
        return np.concatenate([along, (v * v).sum(axis=0, keepdims=True) - 1])

    return Augmented(state, tuple(f"v_{name}" for name in state.unknowns), added)


def null_vector(state: Equations, u: np.ndarray, p: np.ndarray) -> np.ndarray:
    """The direction in which a state is softest, unknowns × points, in units of the unknowns."""
    return np.linalg.svd(np.moveaxis(_balanced(state, u, p, ORDER), -1, 0))[2][:, -1, :].T


def _balanced(state: Equations, u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
    jacobian = state.jacobian(u, p, order) * np.concatenate([u, p])
    return jacobian[:, : len(u)] / np.sqrt((jacobian**2).sum(axis=1, keepdims=True))


def zero(state: Equations, quantity: str) -> Augmented:
    """A saddle point where an output vanishes."""
    return Augmented(state, (), lambda u, p, order: state.outputs(u, p, order)[quantity][None])


def crossing(first: Equations, second: Equations) -> Augmented:
    """Two saddle points of equal free energy at the same parameters; the second one's unknowns are called ``m_2`` and so on."""
    size = len(first.unknowns)

    def added(u: np.ndarray, p: np.ndarray, order: int) -> np.ndarray:
        x, y = u[:size], u[size:]
        gap = first.outputs(x, p, order)["free_energy"] - second.outputs(y, p, order)["free_energy"]
        inside = np.where(second.inside(y, p), 0.0, np.nan)
        return np.concatenate([second.residual(y, p, order) + inside, gap[None]])

    def also(u: np.ndarray, p: np.ndarray, order: int) -> dict[str, np.ndarray]:
        return {f"{name}_2": v for name, v in second.outputs(u[size:], p, order).items()}

    return Augmented(first, tuple(f"{name}_2" for name in second.unknowns), added, also)
