"""Panels of averages by hand: where integrands turn, how edges are graded, what a panel is believed to be wrong by."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from dammech.derive import GaussianAverage, log2cosh
from dammech.derive.averages import Bound, sech2
from dammech.derive.tilted import LogMeanExp, TiltedAverage
from dammech.equations import quadrature, turns
from dammech.equations.quadrature import ORDER, REACH, _by_panel, _graded, _integrals, _legendre, _watchful

a, b, m, s, t, y, z = sp.symbols("a b m s t y z", real=True)


def turning(integrand):
    """Arguments that turn, of which the one with the positive slope stands for both signs."""
    found = []
    for c, slope, curvature, square, scale in turns.turns_of(GaussianAverage(integrand, z)):
        sign = -1 if (slope or curvature).could_extract_minus_sign() else 1
        found.append(tuple(sp.simplify(e) for e in (sign * c, sign * slope, sign * curvature, square, scale)))
    return set(found)


# -- turns --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("integrand", "expected"),
    [
        (sp.tanh(a + 2 * z), {(a, 2, 0, 4, 1)}),
        (sp.tanh(a - 2 * z), {(-a, 2, 0, 4, 1)}),
        (sp.sqrt(sp.Abs(3 * z - m)) * z, {(-m, 3, 0, 9, 0)}),
        (1 / (1 + (z - a) ** 2), {(-1 - a**2, 2 * a, -1, -4, 0)}),
        (sp.Max(z, m), {(-m, 1, 0, 1, 0)}),
        (sp.sin(z**2 + z), {(0, 1, 1, 1, 1)}),
        (sp.cos(z**3), set()),  # neither affine nor quadratic
        (z**2 + 3 * z, set()),
        (sp.exp(z * b), {(0, b, 0, b**2, 1)}),
    ],
)
def test_arguments_that_turn(integrand, expected):
    assert turning(integrand) == {tuple(map(sp.sympify, turn)) for turn in expected}


def test_what_a_sum_of_exponentials_rivals_in():
    """e^{2z} + 5·10⁶ e^{−z}: they are equal at 3z = log 5·10⁶."""
    found = turning(sp.log(sp.exp(2 * z) + 5 * 10**6 * sp.exp(-z)))
    places = [float(-turn[0] / turn[1]) for turn in found if turn[1:] == (3, 0, 9, 1)]
    assert places == pytest.approx([math.log(5e6) / 3])
    sizes = [float(e.subs(z, 0)) for e in turns._logarithms(sp.exp(2 * z) + 5 * sp.exp(-z), z)]
    assert sorted(sizes) == pytest.approx([0, math.log(5)])
    assert len(turns._logarithms(3 + sp.exp(z) + z, z)) == 2 and len(turns._logarithms(sp.cosh(z) + 0, z)) == 2


def test_other_variables_smooth_an_argument():
    inner = GaussianAverage(sp.tanh(a + m * z + s * y), y)
    ((value, slope, curvature, square, scale),) = turns.turns_of(GaussianAverage(sp.exp(-inner) * inner, z)) or [(0,) * 5]
    width = sp.sqrt(1 + s**2)
    assert scale == 1 and curvature == 0 and sp.simplify(slope - m / width) == 0 and sp.simplify(value - a / width) == 0
    assert sp.simplify(square - m**2 / width**2) == 0


def test_two_arguments_that_turn_beside_each_other_are_one():
    base = (sp.Integer(0), sp.Integer(1), sp.Integer(0), sp.Integer(1), sp.Integer(1))

    def other(value, slope, scale=1, curvature=0):
        return (sp.sympify(value), sp.sympify(slope), sp.sympify(curvature), sp.sympify(slope) ** 2, sp.sympify(scale))

    near = [other(5, 1), other(-5, 1), other(0, 5), other(0, -5), other(0, sp.Rational(1, 5)), other(3, -2)]
    far = [
        other(sp.Rational(51, 10), 1),
        other(-6, 1),
        other(0, sp.Rational(51, 10)),
        other(0, sp.Rational(19, 100)),
        other(0, 1, 0),
        other(0, 1, 1, 2),
        other(a, 1),
        other(0, a),
    ]
    assert [turns._beside(turn, base) for turn in near] == [True] * 6 and [turns._beside(turn, base) for turn in far] == [
        False
    ] * 8


def test_arguments_that_are_watched_and_those_that_are_completed():
    average = GaussianAverage(sp.tanh(sp.sin(z) * m) / (2 + sp.cos(z**3)), z)
    v = average.variable
    found = turns.watched(average)
    assert (
        (m * sp.sin(v), 1) in found
        and (v**3, 1) in found
        and (sp.cos(v**3) + 2, 0) in found
        and not any(e == v for e, _ in found)
    )
    assert turns.watched(GaussianAverage(sp.tanh(2 * z + a), z)) == []
    straight, square = 2 * z + a, z**2 - 2 * z + a
    found = turns.completed(sp.tanh(straight) + sp.sin(square), z)
    assert found[straight] == straight and found[square] == turns.parabola(z, a, -2, 1, 4 - 4 * a)


def test_what_has_known_nodes():
    assert turns.saturates(GaussianAverage(sp.tanh(a + z) ** 2 * log2cosh(z) + z * sech2(2 * z), z))
    assert turns.saturates(GaussianAverage(sp.tanh(z) + m, z))
    for integrand in (sp.exp(z), 1 / sp.tanh(z), sp.tanh(z**2), sp.sqrt(z**2 + 1), sp.sin(z)):
        assert not turns.saturates(GaussianAverage(integrand, z))
    shifted = GaussianAverage(sp.exp(z * sp.tanh(z + a)) * sp.tanh(z), z)
    v = shifted.variable
    assert (
        turns.saturates(shifted)
        and turns.tilts(shifted) == [v * sp.tanh(v + a)]
        and turns.growth(turns.tilts(shifted)[0], v) == 1
    )
    assert (
        turns.tilts(GaussianAverage(sp.exp(z**2 * sp.tanh(z)), z))
        == []
        == turns.tilts(GaussianAverage(sp.exp(3 * z) * sp.tanh(z), z))
    )


def test_growth_of_nested_weights():
    v = Bound(0)
    inner = LogMeanExp(t * log2cosh(v * 2 + y), y)
    assert (
        turns.growth(s * inner, v) == 2 * sp.Abs(s) * sp.Abs(t)
        or sp.simplify(turns.growth(s * inner, v) - 2 * sp.Abs(s * t)) == 0
    )
    assert turns.growth(-3 * v + 2 * sp.Abs(5 * v - 1), v) == 13 and turns.growth(v * sp.tanh(v) * a, v) == sp.Abs(a)


def test_an_argument_replaces_what_it_stands_for():
    x = sp.Symbol("x", real=True)
    average = GaussianAverage(sp.tanh(a + b * z) * z + sech2(-a - b * z) + sp.tanh(2 * z), z)
    v = average.variable
    found = turns.of_argument(average, a, b, x)
    assert sp.simplify(found - (sp.tanh(x) * v + sech2(x) + sp.tanh(2 * v))) == 0


def test_a_tilted_average_is_as_wide_as_its_weight():
    field = m + a * z + s * y
    ((start, slope),) = turns.steep(GaussianAverage(TiltedAverage(sp.tanh(3 * field), y, t * sp.Abs(field)) ** 2, z))
    width = sp.sqrt(1 / s**2 + t**2)
    assert sp.simplify(slope / a - width) == 0 and sp.simplify(start / m - width) == 0


# -- panels --------------------------------------------------------------------------------------------------------------


def test_edges_are_graded_about_each_root():
    fixed = np.linspace(-9, 9, 7)
    edges = _graded(fixed, [(np.array([-2.0, 1.0]), 4.0, 0.0, 16.0, 1.0)])
    assert edges.shape[0] == 2 and (np.diff(edges, axis=-1) >= 0).all() and edges.min() == -9 and edges.max() == 9
    for row, centre in zip(edges, (0.5, -0.25)):  # (i s − c)/b: a width of 1/4
        for k in (0, 0.25, 1, 4):
            assert np.isclose(row, centre + k).any() and (centre - k < -9 or np.isclose(row, centre - k).any())
    sharp = _graded(fixed, [(-2.0, 4.0, 0.0, 16.0, 0.0)])
    assert np.isclose(sharp, 0.5).any() and sharp.size == 7 + 3  # the place alone, where it has no width
    both = _graded(fixed, [(2.0, -3.0, 1.0, 1.0, 0.0)])  # (z − 1)(z − 2), each as narrow as can be
    for root in (1.0, 2.0):
        assert np.abs(both - root).min() < 1e-12 and (np.abs(both - root) < 1e-9).sum() >= 3
    with np.errstate(all="ignore"):
        none = _graded(fixed, [(1.0, 0.0, 0.0, 0.0, 0.0)])
    assert np.isfinite(none).all() and none.min() == -9


def test_legendre_coefficients_of_a_panel():
    for order in (16, 25):
        x, w, tails, ends, slopes = _watchful(order)
        assert (
            x.size == order + 2
            and w[0] == w[-1] == 0
            and w.sum() == pytest.approx(2)
            and x[[0, -1]] == pytest.approx([-1 + 1e-7, 1 - 1e-7], abs=1e-15)
        )
        for degree, column in ((order // 2 - 1, 0), (order // 2, 1), (order - 2, 2), (order - 1, 3)):
            f = np.polynomial.legendre.Legendre.basis(degree)(x)
            assert f @ tails == pytest.approx(np.eye(4)[column], abs=1e-10)
            assert f @ ends == pytest.approx([0, 0], abs=1e-6)  # nothing is missed at the ends
            slope = np.polynomial.legendre.Legendre.basis(degree).deriv()(x[[0, -1]])
            assert f @ slopes == pytest.approx(slope, rel=1e-6)


def panels(f, left, right, order=ORDER, watched=None, scales=()):
    def density(at):
        return np.array([f(at)]), np.array([w(at) for w in watched or []]).reshape(len(watched or []), *at.shape)

    return _by_panel(density, np.array(left, float), np.array(right, float), order, np.array(scales, float))


def test_integrals_of_panels_and_what_they_are_wrong_by():
    part, modulus, wrong = panels(lambda x: x**5 - 1, [0.0, -1.0, 2.0], [1.0, 1.0, 2.0])
    assert (
        part[0] == pytest.approx([1 / 6 - 1, -2, 0], abs=1e-14)
        and modulus[0] == pytest.approx([5 / 6, 2, 0], abs=1e-14)
        and wrong[0].max() < 1e-12
    )
    for width in (0.5, 0.2, 0.1):  # the estimate is no smaller than the error, and not by far larger
        part, _, wrong = panels(lambda x, w=width: 1 / (x**2 + w**2), [-1.0], [1.0])
        error = abs(part[0, 0] - 2 / width * math.atan(1 / width))
        assert error <= 3 * wrong[0, 0] + 1e-13 and wrong[0, 0] < 3e4 * error + 1e-12
    spike = panels(lambda x: 1 / np.sqrt(1 - x + 1e-16), [0.0], [1.0])  # what is steep at an end is missed, and said
    assert spike[2][0, 0] > 1e-5


def test_an_argument_that_passes_zero_between_points_opens_its_panel():
    cases = [(lambda x: x - 0.3, 0.0, False), (lambda x: x - 0.3, 1e-3, True), (lambda x: x - 0.3, 2.0, False)]
    cases += [(lambda x: x + 3, 1e-3, False), (lambda x: (x - 0.3) ** 2 + 1e-4, 1e-3, True)]
    cases += [(lambda x: (x - 0.3) ** 2 + 5, 1e-3, False)]
    for watched, scale, hidden in cases:
        _, _, wrong = panels(np.ones_like, [-1.0], [1.0], watched=[watched], scales=[scale])
        assert np.isinf(wrong).any() == hidden


def test_panels_are_halved_until_they_are_resolved():
    count = []

    def density(at):
        count.append(at.shape[-1])
        return np.array([1 / (at**2 + 1e-6)]), np.empty((0, *at.shape))

    total, error = _integrals(density, np.array([-1.0, 1.0]), ORDER, np.array([]))
    exact = 2e3 * math.atan(1e3)
    assert total[0] == pytest.approx(exact, rel=1e-12) and error[0] < 1e-9 * exact and 8 < len(count) < 40
    edges = np.array([[-1.0, 0.3, 1.0], [0.0, 0.5, 2.0]])
    two, _ = _integrals(lambda at: (np.array([np.abs(at), at**2]), np.empty((0, *at.shape))), edges, ORDER, np.array([]))
    assert two == pytest.approx(np.array([[1, 2], [2 / 3, 8 / 3]]), rel=1e-13)


def test_the_rules():
    x, w = _legendre(20)
    assert w @ x**10 == pytest.approx(2 / 11)
    points, weights = quadrature._plain(16, 30)
    assert (
        points.min() > -REACH
        and points.max() < REACH
        and points.size == 480
        and weights @ points**2 == pytest.approx(1, abs=1e-13)
    )
