"""Tilted averages: identities hold to 30 digits, substitution captures nothing, closed forms are what they say."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from dammech.derive import GaussianAverage, evaluate, log2cosh, normal, sech2
from dammech.derive.averages import Bound
from dammech.derive.tilted import LogMeanExp, TiltedAverage, shifted

z, w = sp.symbols("z w", real=True)
a, b, x, c = sp.symbols("a b x c", positive=True)
h = a + b * z
EXPONENT = x * log2cosh(h)
POINTS = [
    {a: mp.mpf("0.7"), b: mp.mpf("0.6"), x: mp.mpf("0.43"), c: mp.mpf("0.3")},
    {a: mp.mpf("0.2"), b: mp.mpf("1.1"), x: mp.mpf("1.7"), c: mp.mpf("0.9")},
]


def by_quadrature(function, exponent, point):
    """⟨g|ε⟩ by mpmath's own rule."""
    with mp.workdps(40):
        weight = lambda t: mp.exp(exponent(t, point) - t**2 / 2)  # noqa: E731
        grid = [-14, -7, -2, 0, 2, 7, 14]
        return mp.quad(lambda t: function(t, point) * weight(t), grid) / mp.quad(weight, grid)


def agrees(left, right, tolerance=1e-28):
    with mp.workdps(40):
        return abs(left - right) < tolerance * (1 + abs(right))


def same(left, right, digits=30):
    for point in POINTS:
        assert agrees(evaluate(left, point, digits), evaluate(right, point, digits), 10.0 ** (2 - digits))


def spin(t, p):
    return mp.tanh(p[a] + p[b] * t)


def cosh_power(t, p):
    return p[x] * mp.log(2 * mp.cosh(p[a] + p[b] * t))


# -- what they mean ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", POINTS, ids=["mild", "steep"])
def test_values(point):
    assert agrees(evaluate(TiltedAverage(sp.tanh(h), z, EXPONENT), point), by_quadrature(spin, cosh_power, point))
    with mp.workdps(40):
        norm = mp.sqrt(2 * mp.pi)
        direct = mp.log(mp.quad(lambda t: mp.exp(cosh_power(t, point) - t**2 / 2), [-14, -5, 0, 5, 14]) / norm)
    assert agrees(evaluate(LogMeanExp(EXPONENT, z), point), direct)


def test_double_precision_equals_thirty_digits():
    inner = TiltedAverage(sp.tanh(h + c * w), z, x * log2cosh(h + c * w))
    for e in (GaussianAverage(inner**2, w), GaussianAverage(LogMeanExp(x * log2cosh(h + c * w), z), w)):
        point = POINTS[0]
        exact = evaluate(e, point, 20)
        assert abs(evaluate(e, {k: float(v) for k, v in point.items()}, 15) - exact) < 1e-14


def test_weights_without_the_variable_drop_out():
    assert TiltedAverage(sp.tanh(h), z, x) == GaussianAverage(sp.tanh(h), z)
    assert TiltedAverage(sp.tanh(a), z, EXPONENT) == sp.tanh(a)
    assert normal(TiltedAverage(sp.tanh(h), z, EXPONENT + x)) == normal(TiltedAverage(sp.tanh(h), z, EXPONENT))
    assert normal(LogMeanExp(EXPONENT + a, z) - LogMeanExp(EXPONENT, z)) == a
    assert LogMeanExp(x, z) == x


# -- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("symbol", [a, b, x])
def test_derivatives(symbol):
    for e in (LogMeanExp(EXPONENT, z), TiltedAverage(sp.tanh(h), z, EXPONENT)):
        for point in POINTS:
            with mp.workdps(40):
                numeric = mp.diff(lambda v, e=e, p=point: evaluate(e, {**p, symbol: v}, 40), point[symbol], h=mp.mpf(10) ** -10)
            assert agrees(evaluate(sp.diff(e, symbol), point), numeric, 1e-18)
            assert agrees(evaluate(normal(sp.diff(e, symbol)), point), evaluate(sp.diff(e, symbol), point))


@pytest.mark.parametrize("g", [sp.tanh(h), z * sech2(h), sp.tanh(h) ** 3, z**2], ids=str)
def test_stein_under_a_tilt(g):
    left = TiltedAverage(z * g, z, EXPONENT)
    same(left, TiltedAverage(sp.diff(g, z) + g * sp.diff(EXPONENT, z), z, EXPONENT))
    same(left, normal(left))
    assert not any(f.has(Bound(1)) and f.is_Pow for f in normal(left).atoms(sp.Pow) if f.base == Bound(1))


def test_substitution_does_not_capture():
    inner = TiltedAverage(sp.tanh(a + b * z), z, x * log2cosh(a + b * z))
    outer = GaussianAverage(inner.xreplace({a: w}), w)
    assert outer.variable != outer.integrand.variable
    assert inner.xreplace({a: sp.Symbol("z", real=True)}).free_symbols == {z, b, x}
    assert inner.subs(a, inner.variable) == inner.xreplace({a: inner.variable})
    captured = inner.xreplace({a: inner.variable})
    assert captured.free_symbols == {inner.variable, b, x} and captured.variable != inner.variable
    assert inner.subs(inner.variable, a) == inner
    # a bound variable is no free symbol of the weight either
    assert LogMeanExp(x * log2cosh(a + b * z), z).free_symbols == {a, b, x}


# -- closed forms -----------------------------------------------------------------------------------------------------


def test_one_spin_at_unit_weight():
    same(LogMeanExp(log2cosh(h), z), normal(LogMeanExp(log2cosh(h), z)))
    assert normal(LogMeanExp(log2cosh(h), z)) == log2cosh(a) + b**2 / 2


def test_linear_exponent():
    assert normal(LogMeanExp(h, z)) == a + b**2 / 2
    same(LogMeanExp(h, z), a + b**2 / 2)


def test_weight_of_one_spin_shifts_the_gaussian():
    for g in (sp.tanh(h), sp.tanh(h) ** 2, log2cosh(h)):
        plain = shifted(TiltedAverage(g, z, log2cosh(h)))
        assert not plain.atoms(TiltedAverage) and plain.atoms(GaussianAverage)
        same(plain, TiltedAverage(g, z, log2cosh(h)))
    same(shifted(TiltedAverage(sp.tanh(h), z, log2cosh(h))), sp.tanh(a))


def test_delta_under_a_tilt():
    """⟨δ(h)|y|h|⟩, which replaces β sech² as T → 0."""
    value = normal(TiltedAverage(sp.DiracDelta(h), z, x * sp.Abs(h)))
    assert not value.atoms(sp.DiracDelta)
    for point in POINTS:
        with mp.workdps(40):
            at = -point[a] / point[b]

            def weight(t, p=point):
                return mp.exp(p[x] * abs(p[a] + p[b] * t) - t**2 / 2)

            direct = weight(at) / point[b] / mp.quad(weight, [-14, -5, at, 5, 14])
        numbers = {k: float(v) for k, v in point.items()}
        assert abs(evaluate(value, numbers, 15) - direct) < 1e-13


@pytest.mark.slow
def test_nested_identities_to_thirty_digits():
    """Derivative in the outer width equals that of the nested logarithm, both sides at 30 digits."""
    field = h + c * w
    total = GaussianAverage(LogMeanExp(x * log2cosh(field), z), w)
    point = POINTS[0]
    with mp.workdps(40):
        numeric = mp.diff(lambda v: evaluate(total, {**point, c: v}, 40), point[c], h=mp.mpf(10) ** -10)
    slope = normal(sp.diff(total, c))
    assert not any(e.has(Bound(2)) and e.is_Mul for e in slope.args if e == Bound(2))
    assert agrees(evaluate(slope, point), numeric, 1e-18)
