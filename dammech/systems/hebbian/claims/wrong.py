"""Wrong theories with a physical reason, made of the package's public parts: the negative controls."""

from __future__ import annotations

from functools import cache
from typing import Any

from dammech.solve import Solution, solve
from dammech.systems.hebbian.claims.theory import retrieval_state
from dammech.systems.hebbian.model import HebbianDAM
from dammech.validate.claim import Parameters
from dammech.validate.crossings import halved
from dammech.validate.theory import value, value_or_none


@cache
def without_reaction() -> Any:
    """The theory of order 2 whose cumulant expansion stops at the second order, as it does for p ≥ 3.

    Its noise is Gaussian with r = q: no log det, no reaction (1 − C)^{−2}. It is that of the strongly diluted network,
    and its retrieval ends continuously.
    """
    import sympy as sp

    from dammech.derive import FreeEnergy, GaussianAverage, log2cosh

    m, q, alpha, T, z = sp.symbols("m q alpha T z")
    f = m**2 / 2 - alpha * (1 - q) ** 2 / (4 * T) - T * GaussianAverage(log2cosh((m + sp.sqrt(alpha * q) * z) / T), z)
    return FreeEnergy(f, [m, q], [alpha, T])


def state_without_reaction(load: float, temperature: float) -> Solution:
    """The retrieval state in that theory."""
    start = {"m": 0.95, "q": 0.9}
    return solve(without_reaction(), alpha=load, T=temperature, start=start, throw=False)


def overlap_without_reaction(parameters: Parameters) -> float:
    """The overlap of the retrieval state in that theory."""
    return value(state_without_reaction(parameters["load"], parameters["temperature"]), "m")


def energy_without_reaction(parameters: Parameters) -> float:
    """The energy of the retrieval state in that theory, with the diagonal dropped."""
    return value(state_without_reaction(parameters["load"], parameters["temperature"]), "energy")


def end_without_reaction(temperature: float) -> float:
    """The load at which retrieval ends, continuously, in that theory."""

    def ordered(load: float) -> bool:
        state = state_without_reaction(load, temperature)
        return state.converged and abs(value(state, "m")) > 1e-4

    return halved(ordered, 0.01, 2.0, 21)[0]


def overlap_of_other_interaction(parameters: Parameters) -> float:
    """The overlap of retrieval with the other interaction; 0 where it has no such state."""
    return value_or_none(retrieval_state(parameters, other_interaction(parameters)))


def energy_of_other_interaction(parameters: Parameters) -> float:
    """The energy with the other interaction: at order 2, with the diagonal dropped where it is kept."""
    return value(retrieval_state(parameters, other_interaction(parameters)), "energy")


def energy_of_the_signal(parameters: Parameters) -> float:
    """−m^p/p: the energy of the retrieved pattern alone, as if the noise of the others averaged out."""
    order = int(parameters["order"])
    return -(value(retrieval_state(parameters), "m") ** order) / order


def overlap_ratio_without_noise(parameters: Parameters) -> float:
    """m/q = 1/m: replicas that are independent copies of the pattern, without a noise in common."""
    return 1 / value(retrieval_state(parameters), "m")


def other_interaction(parameters: Parameters) -> HebbianDAM:
    """The same order with repeated site indices kept where they are dropped, and the other way round."""
    other = "power" if parameters["interaction"] == "distinct" else "distinct"
    return HebbianDAM(order=parameters["order"], interaction=other)
