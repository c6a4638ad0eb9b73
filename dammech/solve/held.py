"""A compiled system with some of its unknowns held: they become parameters, and their equations become quantities to watch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.equations import Equations
from dammech.equations.quadrature import ORDER


@dataclass(frozen=True)
class Held:
    """The state's other equations at given values of the held unknowns, which follow the parameters.

    Attributes
    ----------
    state : Equations
    held : tuple of str
        Names of unknowns.
    all_equations : bool
        Keep the equations of the held unknowns: as many parameters must then be solved for.
    """

    state: Equations
    held: tuple[str, ...]
    all_equations: bool = False

    @cached_property
    def unknowns(self) -> list[str]:
        """Names of the unknowns that are left."""
        return [name for name in self.state.unknowns if name not in self.held]

    @cached_property
    def parameters(self) -> list[str]:
        """Names of the parameters, the held unknowns last."""
        return [*self.state.parameters, *self.held]

    @cached_property
    def _columns(self) -> list[int]:
        return [k for k, name in enumerate(self.state.unknowns) if name not in self.held]

    @cached_property
    def _rows(self) -> list[int] | slice:
        return slice(None) if self.all_equations else self._columns

    @cached_property
    def _held_rows(self) -> list[int]:
        return [self.state.unknowns.index(name) for name in self.held]

    def whole(self, u: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """All unknowns and the state's own parameters."""
        count = len(self.state.parameters)
        x = np.empty((len(self.state.unknowns), u.shape[1]))
        x[self._columns], x[self._held_rows] = u, p[count:]
        return x, p[:count]

    def residual(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides, equations × points."""
        return self.state.residual(*self.whole(u, p), order)[self._rows]

    def watched(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides of the equations of the held unknowns."""
        return self.state.residual(*self.whole(u, p), order)[self._held_rows]

    def jacobian(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Derivatives, equations × (unknowns + parameters) × points."""
        whole = self.state.jacobian(*self.whole(u, p), order)
        own = len(self.state.unknowns)
        columns = [*self._columns, *range(own, own + len(self.state.parameters)), *self._held_rows]
        return whole[self._rows][:, columns]

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """The state's quantities, by name."""
        return self.state.outputs(*self.whole(u, p), order)

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        return self.state.inside(*self.whole(u, p))
