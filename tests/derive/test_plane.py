"""Averages over a Gaussian field in the plane, and functions of a phase, against integrals over both components."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from scipy.integrate import quad

from dammech.derive import FreeEnergy, evaluate
from dammech.derive.functions import hypergeometric
from dammech.derive.plane import PlaneAverage, log_i0, phase_mean
from dammech.derive.zero_temperature import cold_spins, leading_term, slope_in_temperature
from dammech.equations.generate import mpmath_source, numpy_source
from dammech.equations.quadrature import CHECK_ORDER, ORDER, moduli
from dammech.equations.systems import state
from dammech.errors import InputError

r, m, v, T = sp.symbols("r m v T", positive=True)
AT = {m: 0.83, v: 0.21, T: 0.7}
FUNCTIONS = {
    "logarithm": (log_i0(r / T), lambda x: np.log(special.i0e(x / 0.7)) + x / 0.7),
    "mean": (phase_mean(r / T), lambda x: special.i1e(x / 0.7) / special.i0e(x / 0.7)),
    "square": (phase_mean(r / T) ** 2, lambda x: (special.i1e(x / 0.7) / special.i0e(x / 0.7)) ** 2),
    "polynomial": (r**2 + 3, lambda x: x**2 + 3),
}


def both_components(function, k, mean, variance):
    """A trapezoid in x and y."""
    z = np.arange(-9, 9, 0.05)
    h = mean + np.sqrt(variance) * (z[:, None] + 1j * z)
    weight = np.exp(-(z[:, None] ** 2 + z**2) / 2) / (2 * np.pi) * 0.05**2
    return float((weight * function(abs(h)) * np.cos(k * np.angle(h))).sum())


@pytest.mark.parametrize("k", [0, 1, 2, 3])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_average_over_the_plane(name, k):
    expression, function = FUNCTIONS[name]
    average = PlaneAverage(expression, r, k, m, v)
    expected = both_components(function, k, 0.83, 0.21)
    # other F cos kφ are not smooth at the origin, which the trapezoid sees
    smooth = (k == 1 and name == "mean") or (k == 0 and name != "mean")
    assert evaluate(average, AT, 15) == pytest.approx(expected, abs=1e-11 if smooth else 2e-3)
    assert float(evaluate(average, AT, 30)) == pytest.approx(evaluate(average, AT, 15), abs=1e-14)


@pytest.mark.parametrize("symbol", [m, v, T])
@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_are_limits_of_differences(name, k, symbol):
    average = PlaneAverage(FUNCTIONS[name][0], r, k, m, v)
    slope, exact = evaluate(average.diff(symbol), AT, 30), {s: mp.mpf(x) for s, x in AT.items()}
    with mp.workdps(40):
        step = mp.mpf(10) ** -8
        ends = [evaluate(average, {**exact, symbol: exact[symbol] + s * step}, 35) for s in (1, -1)]
        assert abs((ends[0] - ends[1]) / (2 * step) - slope) < 1e-13


@pytest.mark.parametrize("k, power", [(0, -1), (1, 0), (0, 1), (2, 0)])
def test_derivatives_where_the_function_is_singular_at_the_origin(k, power):
    """The Laplacian of 1/r is not integrable; its mean has a slope in the variance all the same."""
    average = PlaneAverage(r**power, r, k, m, v) if power or k else sp.S.One
    for symbol in (m, v):
        ends = [evaluate(average, {**AT, symbol: mp.mpf(AT[symbol]) + s * mp.mpf(10) ** -7}, 30) for s in (1, -1)]
        slope = float((ends[0] - ends[1]) / mp.mpf("2e-7"))
        assert evaluate(average.diff(symbol), AT, 15) == pytest.approx(slope, rel=1e-8)


def test_constants_and_what_vanishes():
    assert PlaneAverage(sp.S(3), r, 0, m, v) == 3 and PlaneAverage(phase_mean(r), r, 1, sp.S.Zero, v) == 0
    shifted = PlaneAverage(2 * T * phase_mean(r) + 5, r, 0, m, v).doit()
    assert shifted == 5 + 2 * T * PlaneAverage(phase_mean(r), r, 0, m, v)
    with_harmonic = PlaneAverage(sp.S(4), r, 1, m, v).doit()
    assert with_harmonic == 4 * PlaneAverage(sp.S.One, r, 1, m, v)
    assert r not in PlaneAverage(phase_mean(r), r, 0, m, v).free_symbols
    assert PlaneAverage(phase_mean(r / T), r, 0, m, v).subs(T, r).free_symbols == {r, m, v}, "nothing is captured"


@given(st.floats(-3, 3), st.floats(-8, 1), st.integers(0, 3), st.floats(-3, 4))
def test_nodes_of_moduli(mean, log_variance, k, log_slope):
    """⟨cos kφ⟩ and ⟨|h|² cos kφ⟩ of both rules."""
    variance = 10.0**log_variance
    both = [moduli(k, mean, variance, [10.0**log_slope], order) for order in (ORDER, CHECK_ORDER)]
    for nodes, weights in both:
        assert (nodes > 0).all() and np.isfinite(weights).all()
        if k == 0:
            assert weights.sum() == pytest.approx(1, abs=1e-12)
            assert (weights * nodes**2).sum() == pytest.approx(mean**2 + 2 * variance, rel=1e-11)
        if k == 1:  # ⟨|h| cos φ⟩ is the mean of the first component
            assert (weights * nodes).sum() == pytest.approx(mean, rel=1e-11, abs=1e-13)
        if k == 2:  # ⟨x² − y²⟩
            assert (weights * nodes**2).sum() == pytest.approx(mean**2, rel=1e-10, abs=1e-12)
    assert both[0][1].sum() == pytest.approx(both[1][1].sum(), abs=1e-12)


@pytest.mark.parametrize("temperature", [0.8, 0.05, 1e-3])
@pytest.mark.parametrize("mean", [0.0, 0.3, 1.0])
def test_nodes_see_where_a_phase_settles(mean, temperature):
    """⟨(I₁/I₀)²⟩ against an adaptive rule for the law of the modulus."""
    variance = 0.04
    nodes, weights = moduli(0, mean, variance, [1 / temperature])
    got = (weights * (special.i1e(nodes / temperature) / special.i0e(nodes / temperature)) ** 2).sum()

    def density(x):
        law = x / variance * np.exp(-((x - mean) ** 2) / (2 * variance)) * special.i0e(x * mean / variance)
        return law * (special.i1e(x / temperature) / special.i0e(x / temperature)) ** 2

    places = [place * temperature for place in (1, 3, 10, 30) if place * temperature < mean + 2]
    expected = quad(density, 0, mean + 2.4, points=[*places, max(mean, 0.1)], epsabs=1e-13, epsrel=1e-13, limit=400)[0]
    assert got == pytest.approx(expected, abs=1e-11)


def rotor() -> FreeEnergy:
    """A ferromagnet of phases in a random field of both components."""
    f = m**2 / 2 - T * PlaneAverage(log_i0(r / T), r, 0, m, v)
    return FreeEnergy(f, [m], [v, T])


def test_generated_code_against_its_twin():
    system = state(rotor())
    fast, exact = {}, {}
    exec(compile(numpy_source(system, "numpy"), "numpy", "exec"), fast)
    exec(compile(mpmath_source(system, "mpmath"), "mpmath", "exec"), exact)
    u, p = np.array([[0.9, 0.4, 0.02]]), np.array([[0.02, 0.3, 0.1], [0.3, 0.02, 0.7]])
    for name in ("residual", "jacobian", "outputs"):
        got = fast[name](u, p).reshape(-1, 3)
        for k in range(3):
            expected = exact[name]([mp.mpf(x) for x in u[:, k]], [mp.mpf(x) for x in p[:, k]])
            assert got[:, k] == pytest.approx([float(x) for x in expected], rel=1e-10, abs=1e-11)


def test_phases_at_low_temperature():
    """T → 0 of means, of the free energy and of what diverges, against T = 10⁻⁶."""
    average = PlaneAverage(phase_mean(r / T), r, 1, m, v)
    limit = leading_term(cold_spins(average, T), T)
    assert evaluate(limit, AT, 15) == pytest.approx(evaluate(average, {**AT, T: 1e-6}, 15), abs=1e-5)
    response = (1 - PlaneAverage(phase_mean(r / T) ** 2, r, 0, m, v)) / T
    assert evaluate(leading_term(cold_spins(response, T), T), AT, 15) == pytest.approx(
        evaluate(response, {**AT, T: 1e-6}, 30), rel=1e-4
    )
    f = -T * PlaneAverage(log_i0(r / T), r, 0, m, v)
    assert evaluate(leading_term(cold_spins(f, T), T), AT, 15) == pytest.approx(
        evaluate(f, {**AT, T: 1e-6}, 30), abs=2e-5
    )
    assert slope_in_temperature(cold_spins(f, T), T).has(sp.oo), "the entropy of a phase falls like log T"
    curvature = PlaneAverage((phase_mean(r / T) / r) ** 2, r, 0, m, v)
    with pytest.raises(ValueError, match="diverges"):
        leading_term(cold_spins(curvature, T), T)
    density = evaluate(leading_term(cold_spins(curvature, T), T, leading=True), AT, 15)
    growth = [float(evaluate(curvature, {**AT, T: t}, 30)) for t in (1e-6, 1e-8)]
    assert (growth[1] - growth[0]) / np.log(100) == pytest.approx(density, rel=1e-4), "its coefficient of log 1/T"


def test_hypergeometric_functions():
    x = sp.Symbol("x", real=True)
    for a, b, c in ((-1.5, -1.5, 1), (0.5, 0.5, 3)):
        f = hypergeometric(sp.nsimplify(a), sp.nsimplify(b), c, x)
        assert evaluate(f, {x: 0.6}, 15) == pytest.approx(special.hyp2f1(a, b, c, 0.6), rel=1e-14)
        assert float(evaluate(f, {x: 0.6}, 30)) == pytest.approx(float(mp.hyp2f1(a, b, c, 0.6)), rel=1e-15)
        slope = (special.hyp2f1(a, b, c, 0.6001) - special.hyp2f1(a, b, c, 0.5999)) / 2e-4
        assert evaluate(f.diff(x), {x: 0.6}, 15) == pytest.approx(slope, rel=1e-7)
        assert float(f.subs(x, 1)) == pytest.approx(special.hyp2f1(a, b, c, 1.0), rel=1e-12), "Gauss"
    theory = FreeEnergy(m**2 / 2 - T * hypergeometric(sp.Rational(-1, 2), sp.Rational(-1, 2), 1, m**2 / 4), [m], [T])
    assert theory.saddle_equations[0].has(hypergeometric)


@pytest.mark.parametrize("start", [{m: 1.0, T: 2.0}, {m: sp.Symbol("x")}, {T: 1.0}])
def test_a_start_must_be_a_number_for_each_order_parameter(start):
    with pytest.raises(InputError, match="start"):
        FreeEnergy(m**2 / 2, [m], [T], start=start)


def test_searches_begin_where_a_theory_says():
    """A state far from the usual places is found from its own."""
    import dammech as dm

    x, a = sp.symbols("x a", real=True)
    f = -a * sp.exp(-((x - 40) ** 2))
    far = dm.solve(FreeEnergy(f, [x], [a], branches={"far": x > 39}, start={x: 39.8}), a=1.0, branch="far")
    assert far["x"] == pytest.approx(40, abs=1e-9)
    assert not dm.solve(FreeEnergy(f, [x], [a], branches={"far": x > 39}), a=1.0, branch="far", throw=False).converged
