"""A compiled state in other unknowns, or with other rows: some unknowns held, levels told by their gap, a natural unit.

Close to replica symmetry q_1 and q_0 solve nearly the same equation, and that of θ vanishes with the square of their distance.
With the relative gap g = (q_1 − q_0)/(1 − q_0) as unknown, and its powers divided out of those equations, a branch or a fold
can be followed until the levels meet. ∂(−βf)/∂θ is the complexity over −θ²: at low temperature θ is small, or y = θ/T large,
and the rounding of that quotient would be larger than any sensible tolerance, or all of it smaller, whatever the state; the
complexity itself is of order one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from dammech.equations import Equations, Theory, compiled
from dammech.equations.quadrature import ORDER


@dataclass(frozen=True)
class Transformed:
    """A state through a map of its unknowns; answers like an `Equations` system.

    Attributes
    ----------
    state : Equations
    unknowns, parameters : list of str
        Their names.
    whole : callable
        The state's own unknowns and parameters at (u, p).
    columns : callable
        Of the state's Jacobian at them and u: derivatives in these unknowns and parameters.
    rows : callable
        A new array of the rows that are wanted, from those of the state.
    powers : mapping of int to int
        Which rows are multiplied by a power of the unknown ``unit``.
    unit : int
    """

    state: Equations
    unknowns: list[str]
    parameters: list[str]
    whole: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    columns: Callable[[np.ndarray, np.ndarray], np.ndarray]
    rows: Callable[[np.ndarray], np.ndarray] = np.copy
    powers: Mapping[int, int] = field(default_factory=dict)
    unit: int = 0

    def residual(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Left-hand sides, equations × points."""
        return self._multiplied(self.state.residual(*self.whole(u, p), order), u)

    def _multiplied(self, values: np.ndarray, u: np.ndarray) -> np.ndarray:
        values = self.rows(values)
        for row, power in self.powers.items():
            values[row] *= u[self.unit] ** power
        return values

    def jacobian(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Derivatives, equations × (unknowns + parameters) × points."""
        found = self._multiplied(self.columns(self.state.jacobian(*self.whole(u, p), order), u), u)
        if self.powers:
            here = self.residual(u, p, order)
            for row, power in self.powers.items():
                found[row, self.unit] += power * here[row] / u[self.unit]
        return found

    def outputs(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> dict[str, np.ndarray]:
        """The state's quantities, by name."""
        return self.state.outputs(*self.whole(u, p), order)

    def inside(self, u: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Whether each point lies in the domain of the theory."""
        return self.state.inside(*self.whole(u, p))


def holding(state: Equations, names: tuple[str, ...], *, all_equations: bool = False) -> Transformed:
    """A state with some of its unknowns held: they become its last parameters.

    Their equations are left out, unless ``all_equations`` are kept: then as many parameters must be solved for.
    """
    size, count = len(state.unknowns), len(state.parameters)
    held = [state.unknowns.index(name) for name in names]
    left = [k for k in range(size) if k not in held]
    order = [*left, *range(size, size + count), *held]

    def whole(u: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = np.empty((size, u.shape[1]))
        x[left], x[held] = u, p[count:]
        return x, p[:count]

    return Transformed(
        state, [state.unknowns[k] for k in left], [*state.parameters, *names], whole, lambda slopes, u: slopes[:, order],
        np.copy if all_equations else lambda values: values[left],
    )


def parting(state: Equations) -> Transformed:
    """A finite-temperature 1RSB state with unknown ``gap`` in the place of q_1."""
    outer, inner, size = (state.unknowns.index(name) for name in ("q0", "q1", "theta"))

    def whole(u: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = u.copy()
        x[inner] = u[outer] + u[inner] * (1 - u[outer])
        return x, p

    def columns(slopes: np.ndarray, u: np.ndarray) -> np.ndarray:
        slopes = slopes.copy()
        slopes[:, outer] += slopes[:, inner] * (1 - u[inner])
        slopes[:, inner] *= 1 - u[outer]
        return slopes

    def rows(values: np.ndarray) -> np.ndarray:
        values = values.copy()
        values[inner] -= values[outer]
        return values

    names = ["gap" if name == "q1" else name for name in state.unknowns]
    return Transformed(state, names, state.parameters, whole, columns, rows, {inner: -1, size: -2}, inner)


def parted(state: Equations, x: np.ndarray) -> np.ndarray:
    """Unknowns of `parting`, from those of the state."""
    outer, inner = (state.unknowns.index(name) for name in ("q0", "q1"))
    u = x.copy()
    u[inner] = (x[inner] - x[outer]) / (1 - x[outer])
    return u


def weighing(state: Equations, size: str) -> Transformed:
    """A 1RSB state whose equation of a block size is the complexity."""
    row = state.unknowns.index(size)
    return Transformed(
        state, state.unknowns, state.parameters, lambda u, p: (u, p), lambda slopes, u: slopes, powers={row: 2}, unit=row
    )


def state_of(theory: Theory) -> Equations:
    """The compiled state of a theory, the equation of its block size times θ² or y² where it has one."""
    system = compiled(theory, "state")
    sizes = [name for name in ("theta", "y") if name in system.unknowns]
    return weighing(system, sizes[0]) if sizes else system
