"""States of a declared branch: what a model's choice picks, or the lowest free energy among what fulfils a condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dammech.equations import Compiled, Theory, compiled
from dammech.equations.quadrature import ORDER
from dammech.solve import states as _states
from dammech.solve.newton import ERROR_TOLERANCE
from dammech.solve.states import States, disordered, glass, ordered
from dammech.solve.strands import starts

_COLD = 0.02  # below, states are so narrow that usual starts may lead to another
_FAR = 64  # further starts, where none of these leads to a state
#: what an order parameter differs from zero by, and not more, where it counts as zero
ZERO = 1e-4


def find(
    target: Theory, branch: str | None, variant: str, p: np.ndarray, *, thorough: bool = True,
    start: Mapping[str, float] | None = None,
) -> States:  # fmt: skip
    """States of a branch at an array of parameters; fewer starts unless ``thorough``, or from these order parameters."""
    if target.given is not None:
        return Phase(target, branch).states(p, start)
    assert branch is not None
    theory = branch_theory(target, branch, variant)
    choice = target.model.branches[branch].choice
    if choice == "largest m":
        return ordered(theory, p, thorough=thorough)
    return (glass if choice == "largest q" else disordered)(theory, p)


def branch_theory(target: Theory, branch: str, variant: str) -> Theory:
    """The theory in which a branch is a plain saddle point."""
    declared = target.model.branches[branch]
    return target.with_(variant=variant, fixed=declared.held, mixture=declared.patterns)


class Phase:
    """What a search for the states of a declared branch needs to know; of all states where ``branch`` is None."""

    def __init__(self, target: Theory, branch: str | None) -> None:
        self.target, self.theory, self.branch = target, target.given, branch
        self.fixed = held(self.theory.branches[branch]) if branch is not None else {}
        self.loose = [k for k, x in enumerate(self.theory.order_parameters) if x not in self.fixed]
        self.system = compiled(target.with_(fixed=tuple((x.name, float(v)) for x, v in self.fixed.items())), "state")

    def whole(self, u: np.ndarray) -> np.ndarray:
        """All order parameters, those that the branch fixes among them."""
        full = np.array([[float(self.fixed.get(x, 0))] for x in self.theory.order_parameters]) * np.ones(u.shape[1])
        full[self.loose] = u
        return full

    def wanted(self, u: np.ndarray, p: np.ndarray, order: int = ORDER) -> np.ndarray:
        """Which states, roots of that rule, are stationary in all order parameters and belong to the branch."""
        if self.branch is None:
            return np.ones(u.shape[1], dtype=bool)
        x = self.whole(u)
        stationary = (np.abs(compiled(self.target, "state").residual(x, p, order)) <= 1e-8).all(axis=0)
        return stationary & belongs(self.theory.branches[self.branch], self.theory.order_parameters, x)

    def near(self, p: np.ndarray) -> States:
        """The state of lowest free energy at each point, from near starts."""
        return lowest(self.system, p, starts(self.system, p), self.wanted)

    def states(self, p: np.ndarray, start: Mapping[str, float] | None = None) -> States:
        """The state of lowest free energy at each point, from near starts and, where these fail, from far ones."""
        unknowns = len(self.system.unknowns)
        if start is not None and set(start) & set(self.system.unknowns):
            return lowest(self.system, p, np.array([[start.get(n, 0.5)] for n in self.system.unknowns]), self.wanted)
        states = self.near(p)
        rest = np.flatnonzero(~states.found | (~states.stable & (self._temperatures(p) < _COLD)))
        if rest.size and (warmed := self._from_the_cold(p[:, rest])) is not None:
            better = lowest(self.system, p[:, rest], warmed[:, None], self.wanted)
            taken = better.found & (better.stable | ~states.found[rest])
            states.put(rest[taken], better.at(taken))
        rest = np.flatnonzero(~states.found)
        if rest.size:
            states.put(rest, lowest(self.system, p[:, rest], _far(unknowns), self.wanted))
        self._refuse_unresolved(states)
        return states

    def _refuse_unresolved(self, states: States) -> None:
        """A state whose order parameters, rounded, leave those of the T → 0 map without digits is none that is known."""
        import sympy as sp

        T, names = self.theory.temperature, self.theory.order_parameters
        x = dict(zip(names, self.whole(states.u)))
        for old, (_, new, inverse) in (self.theory.cold or {}).items():
            slope = sp.lambdify([*names, T], sp.diff(inverse, old), "numpy")(*x.values(), self._temperatures(states.p))
            rounding = np.where(states.found, np.spacing(np.abs(x[old])) * np.abs(slope), 0.0)
            states.error = np.maximum(states.error, rounding)
            for row in np.flatnonzero(rounding > ERROR_TOLERANCE / 10).tolist():
                states.found[row] = False
                states.short[row] = f"{old} is rounded so that {new} has no digits left; at T = 0 there are equations for {new}"

    def _temperatures(self, p: np.ndarray) -> np.ndarray:
        T = self.theory.temperature
        return p[self.system.parameters.index(T.name)] if T is not None else np.full(p.shape[1], np.inf)

    def _from_the_cold(self, p: np.ndarray) -> np.ndarray | None:
        """States at T = 0 by the declared map, where nothing else finds the narrow way to one at a low temperature."""
        ground = self.theory.zero_temperature
        if ground is None or self.branch not in ground.branches:
            return None
        import sympy as sp

        T = self.theory.temperature
        phase = Phase(self.target.with_(given=ground), self.branch)
        cold = phase.whole(phase.near(np.delete(p, self.system.parameters.index(T.name), axis=0)).u)
        moved = [self.theory.cold[x][0] if x in self.theory.cold else x for x in self.theory.order_parameters]
        warm = sp.lambdify([*ground.order_parameters, T], moved, "numpy")(*cold, self._temperatures(p))
        return np.array([warm[k] * np.ones(p.shape[1]) for k in self.loose])


def held(condition: Any) -> dict[Any, Any]:
    """Order parameters that a condition sets to a number."""
    import sympy as sp

    parts = condition.args if isinstance(condition, sp.And) else (condition,)
    return {e.lhs: e.rhs for e in parts if isinstance(e, sp.Eq) and e.lhs.is_Symbol and e.rhs.is_number}


def belongs(condition: Any, order_parameters: Sequence[Any], u: np.ndarray) -> np.ndarray:
    """Which states (unknowns × B) fulfil a condition on order parameters; what is within 1e-4 is equal."""
    import sympy as sp
    from sympy.core.relational import Relational

    if isinstance(condition, sp.And | sp.Or | sp.Not):
        parts = [belongs(part, order_parameters, u) for part in condition.args]
        if isinstance(condition, sp.Not):
            return np.asarray(~parts[0])
        return np.asarray((np.all if isinstance(condition, sp.And) else np.any)(parts, axis=0))
    assert isinstance(condition, Relational)
    gap = sp.lambdify(list(order_parameters), condition.lhs - condition.rhs, "numpy")(*u) * np.ones(u.shape[1])
    sign = np.where(np.abs(gap) <= ZERO, 0, np.sign(gap))
    wanted = {"==": (0,), "!=": (-1, 1), ">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0)}[condition.rel_op]
    return np.isin(sign, wanted)


def _far(unknowns: int) -> np.ndarray:
    """Starts of either sign and any size, evenly spread: unknowns × starts."""
    from scipy.stats.qmc import Halton

    return np.tan(0.47 * np.pi * (2 * Halton(unknowns, scramble=False).random(_FAR) - 1)).T


def lowest(
    system: Compiled, p: np.ndarray, starts: np.ndarray, wanted: Callable[..., np.ndarray]
) -> States:
    """The wanted state of lowest free energy, a minimum along the first unknown if there is one, of all that hold."""
    u, residual, ok = _states.search(system, p, starts)
    energies = np.full(ok.shape, np.inf)
    for s in range(ok.shape[0]):
        f = np.where(ok[s], system.outputs(u[:, s], p)["free_energy"], 0.0)
        # a minimum is preferred to a maximum of lower value
        stable = _states.curvature(system, u[:, s], p) > 0
        negative = 1e-11 * np.maximum(1, np.abs(f)) * (u[:1, s] < 0).any(axis=0)  # of two mirror images the positive one
        energies[s] = np.where(ok[s] & wanted(u[:, s], p, _states.COARSE), f + negative + np.where(stable, 0, 1e6), np.inf)
    order = np.lexsort((residual, np.where(np.isfinite(energies), energies, np.inf)), axis=0)
    columns = np.arange(p.shape[1])
    states = _states.finish(system, u[:, order[0], columns], p, np.ones(p.shape[1], dtype=bool))
    for rank in order[1:]:
        rows = np.flatnonzero(~states.found & np.isfinite(energies[rank, columns]))
        if rows.size == 0:
            break
        states.put(rows, _states.finish(system, u[:, rank[rows], rows], p[:, rows], np.ones(rows.size, dtype=bool)))
    states.found &= wanted(states.u, p)
    return states
