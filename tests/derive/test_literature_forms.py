"""The derived theory equals the published one, as symbolic identities. The literature's forms stand here, and only here."""

from __future__ import annotations

import pytest
import sympy as sp

from dammech.derive import GaussianAverage, derive, log2cosh, normal, sech2
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

m, q, C, T, alpha = sp.symbols("m q C T alpha", positive=True)
z = sp.Symbol("z", real=True)


def same(left, right):
    """Whether two expressions with averages agree identically."""
    difference = sp.expand(sp.powdenest(normal(left - right), force=True))
    if difference == 0:
        return True
    names = {a: sp.Dummy() for a in difference.atoms(GaussianAverage)}
    return sp.simplify(sp.together(difference.xreplace(names))) == 0


def averaged(function):
    return GaussianAverage(function, z)


# -- Amit, Gutfreund, Sompolinsky -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ags():
    return derive(HebbianDAM(order=2, interaction="power"))


def ags_field():
    response = (1 - q) / T
    r = q / (1 - response) ** 2
    spread = sp.sqrt(alpha * q) * T / (T - 1 + q)  # √(αr) on the physical domain C < 1
    assert sp.simplify(spread**2 - alpha * r) == 0
    return response, r, m + spread * z


def test_ags_free_energy(ags):
    response, r, h = ags_field()
    # the domain T > 1 − q is that of log(1 − C)
    f = (
        m**2 / 2 + alpha * T / 2 * (sp.log(T - 1 + q) - sp.log(T) - q / T / (1 - response))
        + alpha / (2 * T) * r * (1 - q) - T * averaged(log2cosh(h / T))
    )
    derived = ags.free_energy.expression
    derived = derived.replace(lambda e: isinstance(e, sp.log), lambda e: sp.expand_log(sp.log(sp.factor(e.args[0])), force=True))
    assert same(derived, f)


def test_ags_diagonal(ags):
    """Without equal site indices f and e lie α/2 higher."""
    distinct = derive(HebbianDAM(order=2))
    assert sp.expand(distinct.free_energy.expression - ags.free_energy.expression) == alpha / 2
    assert sp.expand(distinct.free_energy.energy - ags.free_energy.energy) == alpha / 2
    assert distinct.saddle_equations == ags.saddle_equations


def test_ags_saddle_equations(ags):
    _, _, h = ags_field()
    literature = (m - averaged(sp.tanh(h / T)), q - averaged(sp.tanh(h / T) ** 2))
    assert all(same(e, l) for e, l in zip(ags.saddle_equations, literature, strict=True))


def test_ags_noise_overlap(ags):
    assert sp.simplify(ags.free_energy.observables["r"] - q / (1 - (1 - q) / T) ** 2) == 0


def test_ags_replicon(ags):
    _, _, h = ags_field()
    assert same(ags.free_energy.replicon, 1 - alpha / (T - 1 + q) ** 2 * averaged(sech2(h / T) ** 2))


def test_ags_energy_at_the_saddle_point(ags):
    """e = −m²/2 − (α/2)[(1−q)/(1−C) + q/(1−C)²]; the derived one is e at any point, equal on the saddle equations."""
    response, _, h = ags_field()
    literature = -m**2 / 2 - alpha / 2 * ((1 - q) / (1 - response) + q / (1 - response) ** 2)
    on_saddle = ags.free_energy.energy.xreplace({
        normal(averaged(sp.tanh(h / T))): m, normal(averaged(sech2(h / T))): 1 - q,
    })
    assert sp.simplify(on_saddle - literature) == 0


def test_ags_zero_temperature(ags):
    cold = ags.zero_temperature
    width = sp.sqrt(2 * alpha) / (1 - C)
    first, second = cold.equations if hasattr(cold, "equations") else cold.saddle_equations
    assert sp.simplify(first - (m - sp.erf(m / width))) == 0
    assert sp.simplify(second - (C - 2 / sp.sqrt(sp.pi) / width * sp.exp(-(m**2) / width**2))) == 0
    on_saddle = cold.entropy.subs(sp.exp(-((C - 1) ** 2) * m**2 / (2 * alpha)), C * width * sp.sqrt(sp.pi) / 2)
    assert sp.simplify(on_saddle + alpha / 2 * (sp.log(1 - C) + C / (1 - C))) == 0


# -- Thériault, Tantari, in their units ------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [3, 4, pytest.param(7, marks=pytest.mark.slow)])
def test_theriault_tantari(p):
    theory = derive(HebbianDAM(order=p)).free_energy
    a, t = sp.symbols("alpha_T T_T", positive=True)
    units = {alpha: a / sp.factorial(p), T: t / p}
    h = p * m ** (p - 1) + sp.sqrt(a * p * q ** (p - 1)) * z
    beta = 1 / t
    f = (p - 1) * m**p - t * (
        beta**2 / 2 * a * (1 + (p - 1) * q**p - p * q ** (p - 1)) + averaged(log2cosh(beta * h))
    )
    assert same(p * theory.expression.xreplace(units), f)
    literature = (m - averaged(sp.tanh(beta * h)), q - averaged(sp.tanh(beta * h) ** 2))
    assert all(same(e.xreplace(units), l) for e, l in zip(theory.saddle_equations, literature, strict=True))
    replicon = 1 - beta**2 * a * p * (p - 1) * q ** (p - 2) * averaged(sech2(beta * h) ** 2)
    assert same(theory.replicon.xreplace(units), replicon)
    on_saddle = theory.energy.xreplace(units).xreplace({
        normal(averaged(sp.tanh(beta * h))): m, normal(averaged(sech2(beta * h))): 1 - q,
    })
    assert sp.simplify(p * on_saddle - (-(m**p) - beta * a * (1 - q**p))) == 0


@pytest.mark.parametrize(
    "model", [HebbianDAM(order=4, interaction="power"), HebbianDAM(interaction="y**4 + 2*y**3 - y")], ids=str
)
def test_general_covariance(model):
    """The same with any ξ: the noise of the field is ξ'(q), the reaction of the free energy ξ(1) − ξ(q) − (1 − q) ξ'(q)."""
    theory, p = derive(model).free_energy, model.order
    xi = alpha * model.covariance(q)
    h = m ** (p - 1) + sp.sqrt(sp.diff(xi, q)) * z
    onsager = xi.subs(q, 1) - xi - (1 - q) * sp.diff(xi, q)
    f = sp.Rational(p - 1, p) * m**p - onsager / (2 * T) - T * averaged(log2cosh(h / T))
    point = {m: "0.83", q: "0.71", T: "0.9", alpha: "0.02"}
    from dammech.derive import evaluate

    assert abs(evaluate(theory.expression - f, point, 30)) < 1e-25
    for derived, literature in zip(theory.saddle_equations, (m - averaged(sp.tanh(h / T)), q - averaged(sp.tanh(h / T) ** 2))):
        assert abs(evaluate(derived - literature, point, 30)) < 1e-25


def test_sherrington_kirkpatrick():
    theory = derive(PSpin(order=2)).free_energy
    f = -((1 - q) ** 2) / (4 * T) - T * averaged(log2cosh(sp.sqrt(q) * z / T))
    assert same(theory.expression, f)
    assert same(theory.replicon, 1 - averaged(sech2(sp.sqrt(q) * z / T) ** 2) / T**2)
    cold = derive(PSpin(order=2)).zero_temperature
    assert sp.simplify(cold.expression + sp.sqrt(2 / sp.pi)) == 0  # −0.798, and the negative entropy −1/(2π)
    assert sp.simplify(cold.entropy.subs(C, sp.sqrt(2 / sp.pi)) + 1 / (2 * sp.pi)) == 0
