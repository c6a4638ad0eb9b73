"""Systems of equations made from a free energy: states, where they are singular across a subspace, conditions on parameters.

Each is symbolic: equations, unknowns, the parameters they depend on, and what to report. Their Jacobians are derived, not
differenced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import sympy as sp

from dammech.derive.averages import normal
from dammech.derive.free_energy import FreeEnergy, total_derivative
from dammech.errors import InputError


@dataclass
class System:
    """``equations`` = 0 for ``unknowns`` at given ``parameters``; ``outputs`` by name; ``domain`` must stay positive.

    ``definitions`` are abbreviations that all of them may hold, and ``start`` is a place where a search may begin.
    """

    equations: tuple[sp.Expr, ...]
    unknowns: tuple[sp.Symbol, ...]
    parameters: tuple[sp.Symbol, ...]
    outputs: dict[str, sp.Expr] = field(default_factory=dict)
    domain: tuple[sp.Expr, ...] = ()
    definitions: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)
    start: tuple[sp.Expr, ...] = ()

    def jacobian(self) -> list[list[sp.Expr]]:
        """∂ equation / ∂ (unknowns, then parameters), in normal form."""
        return [
            [total_derivative(e, x, self.definitions) for x in (*self.unknowns, *self.parameters)] for e in self.equations
        ]


def _outputs(theory: FreeEnergy) -> dict[str, sp.Expr]:
    found = {"free_energy": theory.expression}
    for name in ("energy", "entropy", "replicon"):
        value = getattr(theory, name)
        if value is not None:
            found[name] = value
    return {**found, **theory.observables}


def state(theory: FreeEnergy) -> System:
    """A saddle point."""
    return System(
        theory.saddle_equations, theory.order_parameters, theory.parameters, _outputs(theory), theory.domain,
        theory.definitions, tuple(theory.start[x] for x in theory.order_parameters) if theory.start else (),
    )


def instability(theory: FreeEnergy, *names: str) -> System:
    """Where a saddle point becomes singular across the subspace in which the named order parameters (or all) are zero.

    The subspace must be one of saddle points: ∂f across it vanishes on it. Then the Jacobian has two blocks, and the
    determinant of the one across is the equation.
    """
    across = [x for x in theory.order_parameters if not names or x.name in names]
    inside = theory.restrict({x: 0 for x in across})
    origin = {x: sp.Integer(0) for x in across}
    equations = [e for e, x in zip(theory.saddle_equations, theory.order_parameters) if x in across]
    matrix = sp.Matrix([[normal(theory.derivative(e, x).xreplace(origin)) for x in across] for e in equations])
    return System(
        (*inside.saddle_equations, normal(matrix.det())), inside.order_parameters, theory.parameters, _outputs(inside),
        inside.domain, inside.definitions,
    )


def condition(theory: FreeEnergy, name: str) -> System:
    """A named condition on the parameters alone, solved by itself."""
    if name not in theory.conditions:
        raise InputError(
            f"line={name!r} does not exist for this model: no relation of load and temperature alone defines it"
        )
    return System((theory.conditions[name],), (), theory.parameters)


def landscape(theory: FreeEnergy) -> System:
    """The saddle point in all order parameters but the first, which becomes a parameter."""
    held, *rest = theory.order_parameters
    return System(
        theory.saddle_equations[1:], tuple(rest), (held, *theory.parameters), _outputs(theory), theory.domain,
        theory.definitions,
    )


KINDS: dict[str, Callable[..., System]] = {
    "state": state,
    "instability": instability,
    "condition": condition,
    "landscape": landscape,
}
