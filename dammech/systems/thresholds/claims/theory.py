"""The theory arm: the derived memory with dead neurons, and wrong theories of it with a physical reason."""

from __future__ import annotations

from functools import cache
from typing import Any

from dammech.derive.oracles import value as number_of
from dammech.phases import boundary
from dammech.solve import solve
from dammech.validate.claim import Parameters, Prediction

#: of what is no thermal average
EXACT = {"ansatz": "a fixed point of a flow: no temperature, and no replicon has been derived"}
_START = {"m": 0.97, "q": 0.94, "chi": 0.05}


def predicted(parameters: Parameters, quantity: str, theory: Any = None) -> Prediction:
    """``m``, ``q`` or ``dead`` of the retrieval state."""
    at = {name: parameters[name] for name in ("alpha", "theta", "beta")}
    state = solve(theory or derived(), **at, start=_START, throw=False)
    if not state.converged:
        return Prediction(None, True, state.why)
    return Prediction(float(state.to_json()[quantity]))


def capacity(theta: float, theory: Any = None, **steepness: Any) -> Prediction:
    """The load at which the retrieval state ends."""
    point = boundary(theory or derived(), "spinodal", theta=[theta], **steepness).points[0]
    return Prediction(point["alpha"], True, point["why"])


@cache
def derived() -> Any:
    """The free energy at the end of the derivation."""
    from dammech.systems.thresholds.theory import threshold_memory

    return threshold_memory().free_energy


def one_step(p: Parameters) -> float:
    """The overlap where fields are those of the pattern itself: q = 1, and nothing responds."""
    theory = without_reaction()
    at = dict(zip(theory.order_parameters, (1, 1, 0))) | {s: p[s.name] for s in theory.parameters}
    return 1 - float(number_of(theory.saddle_equations[0].xreplace(theory.definitions), at))


@cache
def signs() -> Any:
    """The same at β → ∞, without self-coupling."""
    from dammech.systems.thresholds.theory import threshold_memory

    return threshold_memory().zero_temperature


@cache
def without_death() -> Any:
    """Hidden neurons with the same bias that are linear, so that none dies: the noise of a Hopfield network."""
    from dammech.systems.thresholds.theory import retrieval_theory
    from dammech.systems.thresholds.theory.retrieval import chi, q, theta

    return retrieval_theory((q + theta**2) / (2 * (1 - chi)))


@cache
def without_reaction() -> Any:
    """Crosstalk of the memories that does not answer to the state: r = q A(θ/√q), no self-coupling, as if diluted."""
    from dammech.derive import FreeEnergy
    from dammech.systems.thresholds.theory.retrieval import Gamma, chi, r

    full = derived()
    off = {Gamma: 0 * Gamma}
    return FreeEnergy(
        full.expression.xreplace(off), full.order_parameters, full.parameters,
        equations=[e.xreplace(off) for e in full.saddle_equations], domain=[1 - chi],
        definitions={r: full.definitions[r].xreplace({chi: 0 * chi})},
    )  # fmt: skip
