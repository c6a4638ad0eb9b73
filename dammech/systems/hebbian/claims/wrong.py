"""Wrong theories with a physical reason, made of the package's public parts: the rivals of retrieval."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from dammech.solve import Solution, solve
from dammech.systems.hebbian.claims.theory import model_of, retrieval_state
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


def end_without_reaction(temperature: float) -> float:
    """The load at which retrieval ends, continuously, in that theory."""

    def ordered(load: float) -> bool:
        state = state_without_reaction(load, temperature)
        return state.converged and abs(value(state, "m")) > 1e-4

    return halved(ordered, 0.01, 2.0, 21)[0]


def of_a_term_less(parameters: Parameters, quantity: str) -> float:
    """``m`` or ``energy`` without what acts back: at order 2 the reaction, beyond it the noise's dependence on q."""
    if parameters["order"] == 2:
        return value(state_without_reaction(parameters["load"], parameters["temperature"]), quantity)
    order, m = parameters["order"], 1.0
    for _ in range(2000):
        m = _after_noise(parameters, m ** (order - 1))
    return m if quantity == "m" else -(m**order) / order


def one_step(parameters: Parameters) -> float:
    """The overlap after one parallel step of the heat bath from the pattern, at N → ∞: no state is needed for that."""
    return _after_noise(parameters, 1.0)


def _after_noise(parameters: Parameters, signal: float) -> float:
    """⟨tanh⟩ in the noise of spins that do not move."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    noise = math.sqrt(parameters["load"] * float(model_of(parameters).noise_strength)) * nodes
    return float(weights @ np.tanh((signal + noise) / parameters["temperature"]) / weights.sum())


def of_other_interaction(parameters: Parameters, quantity: str) -> float:
    """``m`` or ``energy`` of retrieval with the other interaction; 0 where it has no such state."""
    return value_or_none(retrieval_state(parameters, other_interaction(parameters)), quantity)


def energy_of_the_signal(parameters: Parameters) -> float:
    """−m^p/p: the energy of the retrieved pattern alone, as if the noise of the others averaged out."""
    order = int(parameters["order"])
    return -(value(retrieval_state(parameters), "m") ** order) / order


def other_interaction(parameters: Parameters) -> HebbianDAM:
    """The same order with repeated site indices kept where they are dropped, and the other way round."""
    other = "distinct" if parameters["interaction"] == "power" else "power"
    return HebbianDAM(order=parameters["order"], interaction=other)
