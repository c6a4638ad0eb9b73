"""The equation of a block size in its natural unit.

∂(−βf)/∂θ is the complexity over −θ². At low temperature θ is small, and the rounding of that quotient would be larger than
any sensible tolerance, whatever the state; the complexity itself is of order one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dammech.equations import Equations, Theory, compiled
from dammech.equations.quadrature import ORDER


def state_of(theory: Theory) -> Equations:
    """The compiled state of a theory, the equation of its block size times θ² where it has one."""
    system = compiled(theory, "state")
    return Weighed(system) if "theta" in system.unknowns else system


@dataclass(frozen=True)
class Weighed:
    """A finite-temperature 1RSB state whose equation of θ is the complexity; answers like an `Equations` system."""

    state: Equations

    @property
    def unknowns(self) -> list[str]:
        """Names of the unknowns."""
        return self.state.unknowns

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters."""
        return self.state.parameters

    def residual(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides, equations × points."""
        row = self.unknowns.index("theta")
        values = self.state.residual(u, p, order)
        values[row] *= u[row] ** 2
        return values

    def jacobian(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Derivatives, equations × (unknowns + parameters) × points."""
        row = self.unknowns.index("theta")
        values = self.state.jacobian(u, p, order)
        values[row] *= u[row] ** 2
        values[row, row] += 2 * u[row] * self.state.residual(u, p, order)[row]
        return values

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """The state's quantities, by name."""
        return self.state.outputs(u, p, order)

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        return self.state.inside(u, p)
