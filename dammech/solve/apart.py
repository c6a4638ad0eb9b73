"""Coordinates in which the two overlaps of one step of symmetry breaking may merge.

Close to replica symmetry q_1 and q_0 solve nearly the same equation, and that of θ vanishes with the square of their distance.
With the relative gap g = (q_1 − q_0)/(1 − q_0) as unknown, and its powers divided out of those equations, a branch or a fold
can be followed until the levels meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dammech.equations import Equations
from dammech.equations.quadrature import ORDER


@dataclass(frozen=True)
class Apart:
    """A finite-temperature 1RSB state with unknown ``gap`` in the place of q_1; answers like an `Equations` system."""

    state: Equations

    @cached_property
    def unknowns(self) -> list[str]:
        """Names of the unknowns."""
        return ["gap" if name == "q1" else name for name in self.state.unknowns]

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters."""
        return self.state.parameters

    @cached_property
    def _rows(self) -> tuple[int, int, int]:
        outer, inner, size = (self.state.unknowns.index(name) for name in ("q0", "q1", "theta"))
        return outer, inner, size

    def whole(self, u: np.ndarray) -> np.ndarray:
        """Unknowns of the state."""
        outer, inner, _ = self._rows
        x = u.copy()
        x[inner] = u[outer] + u[inner] * (1 - u[outer])
        return x

    def parted(self, x: np.ndarray) -> np.ndarray:
        """Unknowns in these coordinates, from those of the state."""
        outer, inner, _ = self._rows
        u = x.copy()
        u[inner] = (x[inner] - x[outer]) / (1 - x[outer])
        return u

    def residual(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides, equations × points."""
        return self._divided(self.state.residual(self.whole(u), p, order), u)

    def _divided(self, rows: np.ndarray, u: np.ndarray) -> np.ndarray:
        outer, inner, size = self._rows
        rows = rows.copy()
        rows[inner] = (rows[inner] - rows[outer]) / u[inner]
        rows[size] /= u[inner] ** 2
        return rows

    def jacobian(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Derivatives, equations × (unknowns + parameters) × points."""
        outer, inner, size = self._rows
        x, gap = self.whole(u), u[inner]
        columns = self.state.jacobian(x, p, order).copy()
        columns[:, outer] += columns[:, inner] * (1 - gap)
        columns[:, inner] *= 1 - u[outer]
        found = self._divided(columns, u)
        here = self._divided(self.state.residual(x, p, order), u)
        found[inner, inner] -= here[inner] / gap
        found[size, inner] -= 2 * here[size] / gap
        return found

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """The state's quantities, by name."""
        return self.state.outputs(self.whole(u), p, order)

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        return self.state.inside(self.whole(u), p)
