"""The scaling theorem for p ≥ 3: a pattern of weight Λ in a stream is a pattern of the memory that does not forget."""

from __future__ import annotations

from typing import Any

import sympy as sp

import dammech.derive.oracles as oracles
from dammech.declared.rescaled import Rescaled
from dammech.derive.covariance import effective_load, load_of, weight
from dammech.derive.functional import T, m, q
from dammech.derive.replica_symmetric import functional_of, replica_symmetric
from dammech.derive.steps import Step
from dammech.derive.theorem import Theorem


def scaling(model: Any) -> Theorem:
    """State at (A, T) of a pattern of weight Λ ⇔ state of the uniform memory at (A/Λ², T/Λ), for the weighted ``model``.

    The free energy, the saddle equations and the replicon of the memory without weights, moved to those parameters, are
    compared with numerical derivatives of the weighted functional.
    """
    weighted, plain = replica_symmetric(model), replica_symmetric(model.memory)
    scaled = Rescaled(weight)
    move = {load_of(model.memory): scaled.plain("load", effective_load), T: scaled.plain("temperature", T)}

    def moved(name: str, e: sp.Expr) -> sp.Expr:
        return scaled.scaled(name, e.xreplace(move))

    parts = functional_of(model)
    at = {m: ["0.83"], q: ["0.71"], T: ["0.9", "0.4"], weight: ["0.7"], effective_load: [oracles.check_load(model)]}
    points = oracles.symbol_points(at)
    return Theorem(
        f"palimpsest.scaling.p{model.p}.{model.interaction}", "Scaling theorem",
        "For p ≥ 3 a pattern of weight Λ in a stream of effective load A at temperature T is retrieved if and only if the "
        "memory that does not forget retrieves at load A/Λ² and temperature T/Λ; free energies differ by the factor Λ.",
        [
            Step("Free energy", ["f"], (moved("free_energy", plain.free_energy.expression),),
                 "H/Λ has a condensed pattern of weight 1, noise of covariance A/Λ² times that per unit load, at T/Λ",
                 "the weighted functional at numerically stationary conjugates", points,
                 lambda p: [parts.value_at(p)]),
            Step("Replicon", [r"\lambda"], (moved("replicon", plain.free_energy.replicon),), "the same, without a factor",
                 "the replicon of the weighted theory, which its own derivation checks",
                 points, lambda p: [oracles.value(weighted.free_energy.replicon, p)]),
            Step("Entropy and energy", ["s", "e"],
                 (moved("entropy", plain.free_energy.entropy), moved("energy", plain.free_energy.energy)),
                 "f scales like T, so that s is unchanged and e scales like f",
                 "numerical derivatives of the weighted free energy", points,
                 lambda p: oracles.thermodynamics(weighted.free_energy.expression, T, p)),
        ],
        ("gardner1987",),
    )
