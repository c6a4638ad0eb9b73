"""Gardner's capacity, the margin at a load, and what such couplings are."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from scipy.optimize import brentq

from dammech.equations.law import Law
from dammech.solve.capacity import Threshold
from dammech.systems.gardner.model import StableMemory

THEOREM = "gardner.margin"
#: of loads: there Φ(κ) is 1 in double precision
_SMALL = 0.01
_FORMULA = "α_c(κ) = 1/[(1 + κ²)Φ(κ) + κφ(κ)]"
_BROKEN = "replica symmetry is broken for negative margins"


def capacity(asked: StableMemory) -> Threshold:
    """The load that a margin allows, or the margin at a load."""
    if asked.load is not None:
        kappa = margin_at(asked.load)
        where = f"κ with α_c(κ) = α, {_FORMULA}"
        return Threshold(
            "margin",
            kappa,
            "1",
            where,
            THEOREM,
            error=4e-15 * (1 + kappa),
            others={"load": asked.load, **_beside(kappa, asked.load)},
        )
    assert asked.margin is not None
    kappa = asked.margin
    load = load_at(kappa)
    error = 4e-16 * load * (1 + (1 + kappa**2) * load)
    return Threshold(
        "load", load, "P/N", _FORMULA, THEOREM, "all", 0.0, error=error, valid=kappa >= 0, why=None if kappa >= 0 else _BROKEN,
        others={"margin": kappa, **_beside(kappa, load)},
    )  # fmt: skip


def load_at(kappa: float) -> float:
    """α_c(κ)."""
    return float(_law("Capacity")(kappa=kappa)[0])


@cache
def margin_at(load: float) -> float:
    """κ with α_c(κ) = α, for α from 0 to 2."""
    if load == 2:
        return 0.0
    if load < _SMALL:
        return math.sqrt(1 / load - 1)
    return float(brentq(lambda kappa: 1 / load_at(kappa) - 1 / load, 0.0, 1 / math.sqrt(load), xtol=1e-15, rtol=1e-14))


def one_step(kappa: float, overlap: float) -> float:
    """The overlap after one step of a net whose couplings have the largest margin."""
    return float(_law("One step")(kappa=kappa, m=overlap)[0])


def _beside(kappa: float, load: float) -> dict[str, Any]:
    found = {
        "support_vectors": float(_law("Support vectors")(kappa=kappa)[0]),
        "replicon": 1 - float(_law("Replicon at capacity")(kappa=kappa)[0]),
    }
    if load < 1:
        found["pseudo_inverse_margin"] = float(Law("gardner.projection", "Stability")(a=load)[0])
    return found


def _law(step: str) -> Law:
    return Law(THEOREM, step)
