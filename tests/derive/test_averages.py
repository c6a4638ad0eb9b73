"""Averages are symbolic objects that obey their rules; no substitution captures a bound variable."""

from __future__ import annotations

import pickle

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from dammech.derive import GaussianAverage, SignAverage, evaluate, log2cosh, normal, sech2
from dammech.derive.averages import Bound, averages

m, s, t, z, w = sp.symbols("m s t z w", real=True)
b = sp.Symbol("b", positive=True)
POINT = {m: "0.37", s: "0.9", t: "-0.45", b: "1.3"}


def by_quadrature(function, digits=40):
    """Gaussian mean by tanh-sinh quadrature, which the package does not use here."""
    with mp.workdps(digits):
        return mp.quad(lambda x: mp.npdf(x) * function(x), mp.linspace(-15, 15, 31))


def close(left, right, digits):
    return abs(left - right) <= mp.mpf(10) ** -digits * (1 + abs(right))


# -- structure --------------------------------------------------------------------------------------------------------


def test_constant_integrand_is_no_average():
    assert GaussianAverage(m**2, z) == m**2
    assert GaussianAverage(sp.tanh(m), z) == sp.tanh(m)


def test_bound_variables_are_canonical():
    one, two = GaussianAverage(sp.tanh(m + z), z), GaussianAverage(sp.tanh(m + w), w)
    assert one == two and one - two == 0 and hash(one) == hash(two)
    assert one.variable == Bound(1) and one.free_symbols == {m}
    assert sp.Symbol("z_1", real=True) != Bound(1), "a user's symbol of the same name is another one"


def test_nesting_numbers_variables_by_depth():
    inner = GaussianAverage(sp.tanh(m + s * z + t * w), z)
    nested = GaussianAverage(sp.exp(inner), w)
    assert nested.variable == Bound(2) and inner.variable != Bound(2)
    assert nested.free_symbols == {m, s, t}
    again = GaussianAverage(sp.exp(GaussianAverage(sp.tanh(m + s * w + t * z), w)), z)
    assert nested == again


def test_pickle_round_trip():
    nested = GaussianAverage(sp.exp(GaussianAverage(sp.tanh(m + s * z + t * w), z)), w)
    assert pickle.loads(pickle.dumps(nested)) == nested


@pytest.mark.parametrize("replace", [lambda e, k, v: e.subs(k, v), lambda e, k, v: e.xreplace({k: v})])
def test_substitution_does_not_capture(replace):
    average = GaussianAverage(sp.tanh(m + z), z)
    moved = replace(average, m, z)  # a free z, not the bound one
    assert moved.free_symbols == {z}
    assert moved == GaussianAverage(sp.tanh(z + w), w)
    captured = replace(average, m, average.variable)  # even the bound variable itself, from outside, stays free
    assert captured.free_symbols == {average.variable}
    assert replace(average, average.variable, s) == average


@pytest.mark.parametrize("replace", [lambda e, k, v: e.subs(k, v), lambda e, k, v: e.xreplace({k: v})])
def test_substitution_in_nested_averages(replace):
    nested = GaussianAverage(GaussianAverage(sp.tanh(m + s * z + t * w), z) ** 2, w)
    moved = replace(nested, m, z * w)
    assert moved.free_symbols == {s, t, z, w}
    value = evaluate(moved, {s: 0.9, t: -0.45, z: 0.4, w: 0.5}, 15)
    assert value == pytest.approx(evaluate(nested, {**POINT, m: 0.2}, 15), rel=1e-13)


def test_simultaneous_swap():
    average = GaussianAverage(sp.tanh(m + s * z), z)
    assert average.xreplace({m: s, s: m}) == GaussianAverage(sp.tanh(s + m * z), z)
    assert average.subs({m: s, s: m}, simultaneous=True) == GaussianAverage(sp.tanh(s + m * z), z)


def test_an_average_is_no_place_for_cse():
    """Common-subexpression elimination takes integrands out of averages: the pitfall that generation avoids."""
    average = GaussianAverage(sp.tanh(m + z) * sp.tanh(m + z + 1), z)
    shared, _ = sp.cse([average])
    assert any(isinstance(e.free_symbols & {Bound(1)}, set) and e.has(Bound(1)) for _, e in shared)


# -- rules ------------------------------------------------------------------------------------------------------------


def test_linearity():
    f, g = sp.tanh(m + s * z), log2cosh(m + s * z)
    assert normal(GaussianAverage(2 * m * f + s * g - 3, z)) == (
        2 * m * normal(GaussianAverage(f, z)) + s * normal(GaussianAverage(g, z)) - 3
    )


def test_products_of_functions_reduce():
    h = m + s * z
    total = GaussianAverage(sp.tanh(h) ** 2, z) + GaussianAverage(sech2(h), z)
    assert sp.expand(normal(total)) == 1


@pytest.mark.parametrize("symbol", [m, s])
@pytest.mark.parametrize("function", [sp.tanh, log2cosh, sech2, sp.erf, sp.exp])
def test_differentiation_under_the_average(function, symbol):
    average = GaussianAverage(function(m + s * z), z)
    with mp.workdps(40):
        at = {k: mp.mpf(v) for k, v in POINT.items()}
        h = mp.mpf(10) ** -10
        up, down = (evaluate(average, {**at, symbol: at[symbol] + d}, 38) for d in (h, -h))
        assert close(evaluate(normal(average.diff(symbol)), at, 30), (up - down) / (2 * h), 17)


def test_derivative_in_the_bound_variable_vanishes():
    average = GaussianAverage(sp.tanh(m + z), z)
    assert average.diff(average.variable) == 0


@pytest.mark.parametrize("power", [1, 2, 3, 4])
@pytest.mark.parametrize("function", [sp.tanh, sech2, log2cosh, lambda x: sp.tanh(x) ** 2 * sech2(x)])
def test_stein(function, power):
    raw = GaussianAverage(z**power * function(m + s * z), z)
    lowered = normal(raw)
    assert not any(a.integrand.has(a.variable) and a.variable in a.integrand.args for a in averages(lowered))
    with mp.workdps(30):
        assert close(evaluate(lowered, POINT, 28), evaluate(raw, POINT, 28), 24)


CLOSED = {
    "z^2": (z**2, lambda x: x**2),
    "z^3": (z**3, lambda x: x**3),
    "z^6": (z**6, lambda x: x**6),
    "exp": (sp.exp(m + b * z), lambda x: mp.exp(mp.mpf("0.37") + mp.mpf("1.3") * x)),
    "erf": (sp.erf(m + b * z), lambda x: mp.erf(mp.mpf("0.37") + mp.mpf("1.3") * x)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_closed_form_table(name):
    integrand, function = CLOSED[name]
    closed = normal(GaussianAverage(integrand, z))
    assert not averages(closed)
    with mp.workdps(35):
        assert close(evaluate(closed, POINT, 32), by_quadrature(function), 28)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", ["sign", "abs", "delta", "step"])
def test_closed_forms_of_functions_with_a_kink(name, sign):
    """Split at the kink a + b z = 0, for both signs of the slope."""
    heads = {"sign": sp.sign, "abs": sp.Abs, "delta": sp.DiracDelta, "step": sp.Heaviside}
    closed = normal(GaussianAverage(heads[name](m + sign * b * z), z))
    assert not averages(closed)
    with mp.workdps(35):
        a, slope = mp.mpf("0.37"), sign * mp.mpf("1.3")
        kink = -a / slope
        functions = {
            "sign": lambda x: mp.sign(a + slope * x), "abs": lambda x: abs(a + slope * x),
            "step": lambda x: 1 if a + slope * x > 0 else 0,
        }
        if name == "delta":
            expected = mp.npdf(kink) / abs(slope)
        else:
            integrand = functions[name]
            expected = mp.quad(lambda x: mp.npdf(x) * integrand(x), [-15, -4, kink, 4, 15])
        assert close(evaluate(closed, POINT, 30), expected, 26)


def test_sign_average_is_a_sum():
    assert SignAverage(sp.exp(m * z), z).doit().equals(sp.cosh(m))


# -- primitives -------------------------------------------------------------------------------------------------------


def test_primitives():
    x = sp.Symbol("x", real=True)
    assert log2cosh(sp.Integer(0)) == sp.log(2) and sech2(sp.Integer(0)) == 1
    assert log2cosh(-x) == log2cosh(x) and sech2(-x) == sech2(x)
    assert log2cosh(x).diff(x) == sp.tanh(x) and sech2(x).diff(x) == -2 * sp.tanh(x) * sech2(x)
    assert evaluate(log2cosh(x), {x: 1e6}, 15) == pytest.approx(1e6, rel=1e-15)  # no overflow
    assert r"\log 2\cosh" in sp.latex(log2cosh(x)) and r"\operatorname{sech}^{4}" in sp.latex(sech2(x) ** 2)
    assert r"\left\langle" in sp.latex(GaussianAverage(sp.tanh(m + z), z))


def test_unknown_function_is_refused():
    with pytest.raises(ValueError, match="no rule to evaluate"):
        evaluate(sp.besselj(0, m), POINT, 15)


# -- properties -------------------------------------------------------------------------------------------------------

numbers = st.fractions(min_value=-2, max_value=2, max_denominator=20)


@st.composite
def integrands(draw):
    """Sums of products of powers of z, constants and thermal functions of linear fields."""
    total = sp.Integer(0)
    for _ in range(draw(st.integers(1, 2))):
        term = sp.sympify(draw(numbers)) + draw(st.integers(0, 1)) * m
        term *= z ** draw(st.integers(0, 2))
        slope = sp.sympify(draw(st.sampled_from([s, -s, b / 2, 1 + s])))
        field = m * draw(st.integers(-1, 1)) + t * draw(st.integers(0, 1)) + slope * z
        for head in draw(st.lists(st.sampled_from([sp.tanh, sech2, log2cosh]), max_size=2)):
            term *= head(field) ** draw(st.integers(1, 2))
        total += term
    return total


@settings(max_examples=25)
@given(integrands())
def test_normal_form_keeps_the_value(integrand):
    raw = GaussianAverage(integrand, z)
    with mp.workdps(50):
        assert close(evaluate(normal(raw), POINT, 44), evaluate(raw, POINT, 44), 40)


@settings(max_examples=30)
@given(integrands())
def test_normal_form_is_stable_and_mirror_symmetric(integrand):
    once = normal(GaussianAverage(integrand, z))
    assert sp.expand(normal(once) - once) == 0
    mirrored = normal(GaussianAverage(integrand.xreplace({z: -z}), z))
    assert sp.expand(mirrored - once) == 0


@settings(max_examples=30)
@given(integrands(), numbers)
def test_substitution_commutes_with_evaluation(integrand, value):
    average = GaussianAverage(integrand, z)
    at = {**{k: v for k, v in POINT.items() if k != m}, z: "0.3"}
    moved = evaluate(average.subs(m, value + z), at, 15)
    direct = evaluate(average, {**POINT, m: float(value) + 0.3}, 15)
    assert moved == pytest.approx(direct, rel=1e-11, abs=1e-11)
