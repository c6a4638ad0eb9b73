"""The interpreter against quadrature of mpmath, in double precision and above, steep and flat."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from dammech.derive import GaussianAverage, evaluate, log2cosh, sech2
from dammech.derive.evaluate import Evaluator

a, b, z, w = sp.symbols("a b z w", real=True)


@pytest.mark.parametrize("slope", ["0.05", "0.7", "2.5", "40", "3000"])
@pytest.mark.parametrize("head", [sp.tanh, log2cosh, sech2])
def test_steep_integrands(head, slope):
    average = GaussianAverage(head(a + b * z), z)
    functions = {sp.tanh: mp.tanh, log2cosh: lambda x: abs(x) + mp.log1p(mp.exp(-2 * abs(x))), sech2: lambda x: mp.sech(x) ** 2}
    with mp.workdps(40):
        start = mp.mpf(slope) * mp.mpf("0.31")
        steep = mp.mpf(slope)
        marks = [mp.mpf("-0.31") + k / steep for k in (-30, -8, -2, 0, 2, 8, 30)]
        marks = sorted({mp.mpf(-14), mp.mpf(-6), mp.mpf(6), mp.mpf(14), *[x for x in marks if abs(x) < 14]})
        expected = mp.quad(lambda x: mp.npdf(x) * functions[head](start + steep * x), marks)
        got = evaluate(average, {a: start, b: steep}, 30)
        assert abs(got - expected) <= mp.mpf(10) ** -26 * (1 + abs(expected))
        assert evaluate(average, {a: start, b: steep}, 15) == pytest.approx(float(expected), rel=1e-9, abs=1e-12)


def test_nested_average():
    nested = GaussianAverage(sp.log(GaussianAverage(sp.cosh(a * z + b * w), z)), w)
    with mp.workdps(30):
        x, y = mp.mpf("0.6"), mp.mpf("0.8")
        inner = mp.exp(x**2 / 2)  # the mean of cosh(x z + c) is exp(x²/2) cosh(c)
        expected = mp.quad(lambda u: mp.npdf(u) * mp.log(inner * mp.cosh(y * u)), mp.linspace(-12, 12, 13))
        assert abs(evaluate(nested, {a: x, b: y}, 25) - expected) < mp.mpf(10) ** -20


def test_undefined_is_nan():
    assert mp.isnan(evaluate(sp.zoo, {}, 20)) and mp.isnan(evaluate(1 / a, {a: 0}, 20))
    assert mp.isnan(evaluate(sp.sqrt(a), {a: -1}, 20)) and mp.isnan(evaluate(sp.sqrt(a), {a: -1}, 15))
    assert mp.isnan(evaluate(sp.log(a), {a: -1}, 15))


@pytest.mark.parametrize("digits", [15, 25])
def test_memory_does_not_change_values(digits):
    first = GaussianAverage(sp.tanh(a + b * z), z) + a**2
    second = GaussianAverage(sp.tanh(a + b * z) ** 2, z) - a
    point = {a: "0.4", b: "1.1"}
    shared = Evaluator(point, digits)
    shared.value(first, remember=True)
    assert shared.value(second) == evaluate(second, point, digits)
    assert shared.value(first) == evaluate(first, point, digits)
