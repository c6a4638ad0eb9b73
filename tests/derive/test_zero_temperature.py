"""Each low-temperature rule against direct evaluation at small T, and what they give against mpmath."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from dammech.derive import GaussianAverage, evaluate, log2cosh, sech2
from dammech.derive.covariance import Covariance
from dammech.derive.zero_temperature import cold_spins, leading_term

a, z = sp.symbols("a z", real=True)
b, q, C, T = sp.symbols("b q C T", positive=True)
H = (a + b * z) / T
RULES = {
    "tanh": sp.tanh(H), "odd": sp.tanh(H) ** 3 + sech2(H) * sp.tanh(H),
    "log2cosh": log2cosh(H), "sech2": sech2(H), "sech4": sech2(H) ** 2, "sech6": sech2(H) ** 3,
}


@pytest.mark.parametrize("name", RULES)
def test_rule(name):
    """The relative difference falls like T²: four times smaller at half the temperature, and small."""
    average = GaussianAverage(RULES[name], z)
    leading = cold_spins(average, T)
    assert not leading.atoms(GaussianAverage)
    errors = []
    for temperature in ("0.02", "0.01"):
        at = {a: "0.4", b: "0.9", T: temperature}
        with mp.workdps(30):
            errors.append(evaluate(average, at, 25) / evaluate(leading, at, 25) - 1)
    assert abs(errors[1]) < 1e-3
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.02)


def test_divergence_is_refused():
    with pytest.raises(ValueError, match="diverges"):
        leading_term(cold_spins(GaussianAverage(sp.tanh(H), z) / T, T), T)


def test_covariance_is_expanded_around_one():
    """(ξ(1) − ξ(q) − (1 − q) ξ'(q))/(2T) vanishes at T = 0: C drops out of the free energy."""
    expression = (Covariance(0, sp.Integer(1)) - Covariance(0, q) - (1 - q) * Covariance(1, q)) / (2 * T)
    assert leading_term(expression.xreplace({q: 1 - C * T}), T) == 0
    slope = leading_term(((Covariance(0, sp.Integer(1)) - Covariance(0, q)) / T).xreplace({q: 1 - C * T}), T)
    assert sp.expand(slope - C * Covariance(1, sp.Integer(1))) == 0
