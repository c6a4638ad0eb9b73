"""A free energy of one's own: everything follows by differentiation."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from dammech.derive import FreeEnergy, GaussianAverage, evaluate, log2cosh
from dammech.derive.free_energy import has_averages, reduce_equation
from dammech.errors import InputError

z = sp.Symbol("z")


def random_field_magnet():
    m, T, s = sp.symbols("m T s")  # no assumptions
    f = m**2 / 2 - T * GaussianAverage(log2cosh((m + s * z) / T), z)
    return FreeEnergy(f, order_parameters=[m], parameters=[T, s])


def test_symbols_need_no_assumptions():
    theory = random_field_magnet()
    assert [x.name for x in theory.order_parameters] == ["m"] and [x.name for x in theory.parameters] == ["T", "s"]
    assert all(x.is_real for x in (*theory.order_parameters, *theory.parameters))
    assert theory.temperature.name == "T" and theory.parameter("temperature") is theory.temperature


def test_saddle_equation_is_the_known_one():
    theory = random_field_magnet()
    (m,), (T, s) = theory.order_parameters, theory.parameters
    x = sp.Symbol("x", real=True)
    assert sp.expand(theory.saddle_equations[0] - (m - GaussianAverage(sp.tanh((m + s * x) / T), x))) == 0
    assert theory.dropped_factors == (1,)


def test_thermodynamics():
    theory = random_field_magnet()
    (m,), (T, s) = theory.order_parameters, theory.parameters
    at = {m: mp.mpf("0.7"), T: mp.mpf("0.9"), s: mp.mpf("0.4")}
    with mp.workdps(40):
        h = mp.mpf(10) ** -10
        up, down = (evaluate(theory.expression, {**at, T: at[T] + d}, 38) for d in (h, -h))
        slope = (up - down) / (2 * h)
        assert abs(evaluate(theory.entropy, at, 30) + slope) < 1e-17
        energy = evaluate(theory.energy, at, 30)
        assert abs(energy - evaluate(theory.expression, at, 30) - at[T] * evaluate(theory.entropy, at, 30)) < 1e-25


def test_assumptions_made_by_the_user_are_kept():
    m, T = sp.symbols("m T", positive=True)
    theory = FreeEnergy(m**2 / 2 - T * log2cosh(m / T), [m], [T])
    assert theory.order_parameters == (m,) and theory.temperature == T


def test_no_temperature_no_entropy():
    m, h = sp.symbols("m h")
    theory = FreeEnergy(m**2 / 2 - h * m, [m], [h])
    assert theory.entropy is None and theory.energy is None and theory.temperature is None


def test_common_factor_is_divided_out():
    m, T = sp.symbols("m T", positive=True)
    x = sp.Symbol("x", real=True)
    f = 3 * m**4 / 4 - T * GaussianAverage(log2cosh((m**3 + x) / T), x)
    theory = FreeEnergy(f, [m], [T])
    assert theory.dropped_factors == (3 * m**2,)
    assert sp.expand(theory.saddle_equations[0] - m + GaussianAverage(sp.tanh((m**3 + x) / T), x)) == 0
    assert has_averages(theory.saddle_equations[0]) and not has_averages(m)


def test_equation_without_a_common_factor_stays():
    m, h = sp.symbols("m h", real=True)
    assert reduce_equation(m**3 - h, m, [m]) == (m**3 - h, 1)


def test_restriction_to_a_subspace():
    m, q, T = sp.symbols("m q T", positive=True)
    f = m**2 / 2 + q**2 / 4 - T * GaussianAverage(log2cosh((m + sp.sqrt(q) * z) / T), z)
    theory = FreeEnergy(f, [m, q], [T]).restrict({m: 0})
    assert theory.order_parameters == (q,) and not theory.expression.has(m)
    assert len(theory.saddle_equations) == 1


def test_key_tells_free_energies_apart():
    m, T = sp.symbols("m T", positive=True)
    one = FreeEnergy(m**2 / 2 - T * log2cosh(m / T), [m], [T])
    two = FreeEnergy(m**2 / 2 - T * log2cosh(m / T), [m], [T])
    other = FreeEnergy(m**2 / 3 - T * log2cosh(m / T), [m], [T])
    assert one.key == two.key != other.key


@pytest.mark.parametrize(
    ("orders", "given", "message"),
    [(["m"], ["T"], "free symbols"), (["m", "T"], ["T", "s"], "different names"), (["m", "s"], ["T", "x", "x"], "names")],
)
def test_bad_input(orders, given, message):
    m, T, s = sp.symbols("m T s")
    with pytest.raises(InputError, match=message):
        FreeEnergy(m**2 / 2 + s * m / T, [sp.Symbol(x) for x in orders], [sp.Symbol(x) for x in given])


def test_unknown_parameter():
    with pytest.raises(InputError, match="unknown"):
        random_field_magnet().parameter("load")


def test_shown_as_latex():
    assert "langle" in random_field_magnet()._repr_latex_()


@pytest.mark.parametrize("wave", [sp.cos, sp.sin, sp.cosh, sp.sinh])
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.timeout(20)
def test_waves_with_decimal_coefficients_end(wave, size):
    """E of a wave is a wave of the order parameters, times numbers with many digits: the equations stay as they are."""
    m, q, s, z = sp.symbols("m q s z", real=True)
    unknowns = [m, q][:size]
    field = sp.Float("0.528") * m + sp.Float("0.669") * q * (size - 1) + sp.Float("0.239") * s * z + sp.Float("0.564")
    f = m**2 / 2 + q**2 / 2 * (size - 1) + GaussianAverage(wave(field / sp.Float("0.7858")), z) / 3
    f += GaussianAverage(sp.tanh((m + s * z) / sp.Float("0.0421")), z) / 100
    theory = FreeEnergy(f, unknowns, [s])
    point = {m: 0.3, q: 0.2, s: 0.7}
    for x, equation, factor in zip(unknowns, theory.saddle_equations, theory.dropped_factors, strict=True):
        step = 1e-6
        slope = (evaluate(f, {**point, x: point[x] + step}, 25) - evaluate(f, {**point, x: point[x] - step}, 25)) / (2 * step)
        assert float(evaluate(equation * factor, point, 25)) == pytest.approx(float(slope), rel=1e-7)
