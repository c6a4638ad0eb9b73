"""What generated code and its mpmath twin call, each against an integral or a moment that is typed anew."""

from __future__ import annotations

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from dammech.declared.kernels import Kernel
from dammech.derive.ages import integral_of_power
from dammech.equations import reference, special
from dammech.equations.propagation import Grid, Level, hierarchy
from dammech.equations.quadrature import ORDER, REACH, _on_panels, ages, arguments, nodes, parabola, refined
from dammech.equations.scaled import safe

PIECES = [-40, -12, -6, -3, -1, 0, 1, 3, 6, 12, 40]


def gauss(f, further=()):
    return mp.quad(
        lambda z: mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi) * f(z), sorted({*map(mp.mpf, PIECES), *map(mp.mpf, further)})
    )


# -- the twin ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tilt", [0.0, 0.7, -3.0, 6.0])
def test_tilted_averages_of_the_twin_are_those_of_a_shifted_gaussian(tilt):
    """E[g e^{tz}]/E[e^{tz}] = E g(z + t), and log E e^{tz + c} = t²/2 + c."""
    lines = [(mp.mpf(0), mp.mpf(tilt))]
    t = mp.mpf(tilt)
    for g, mean in (
        (lambda z: z, t),
        (lambda z: z**2, 1 + t**2),
        (mp.tanh, gauss(lambda z: mp.tanh(z + t))),
        (lambda z: mp.mpf(2), 2),
    ):
        assert mp.almosteq(reference.tilted_average(g, lambda z: t * z + 5, lines), mean, abs_eps=1e-13)
    assert mp.almosteq(reference.log_mean_exp(lambda z: t * z + 900, lines), t**2 / 2 + 900, 1e-14)
    quadratic = [(mp.mpf(0), mp.mpf(tilt), mp.mpf("0.1"), t**2, mp.mpf(1))]
    found = reference.tilted_average(lambda z: z, lambda z: t * z + z**2 / 10, quadratic)
    assert mp.almosteq(found, t / mp.mpf("0.8"), abs_eps=1e-12)


@pytest.mark.parametrize(("start", "slope"), [(0.0, 0.0), (0.3, 1.0), (-2.0, -5.0), (0.5, 1e4), (3e7, 1e7)])
def test_averages_of_the_twin_see_a_step_however_steep(start, slope):
    a, b = mp.mpf(start), mp.mpf(slope)
    place = -a / b if b else mp.mpf(0)
    width = 1 / max(abs(b), 1)
    further = [place + s * k * width for k in (0, 1, 3, 10, 30) for s in (1, -1)]
    for f in (lambda z: mp.tanh(a + b * z), lambda z: mp.tanh(a + b * z) ** 2):
        assert mp.almosteq(reference.gaussian_average(f, [(a, b)]), gauss(f, further), abs_eps=1e-13)
    sharp = [(a, b, mp.mpf(0), b**2, mp.mpf(1))]
    assert mp.almosteq(
        reference.gaussian_average(lambda z: mp.tanh(a + b * z), sharp),
        gauss(lambda z: mp.tanh(a + b * z), further),
        abs_eps=1e-13,
    )


@pytest.mark.parametrize("places", [(0.5, 2.0), (-1.5, -1.4999)])
def test_averages_of_the_twin_are_split_at_both_roots_of_a_parabola(places):
    """3 (z − x)(z − y) has its sign changed between x and y: E sign = 1 − 2 (Φ(y) − Φ(x))."""
    x, y = map(mp.mpf, places)
    c, b, k = 3 * x * y, -3 * (x + y), mp.mpf(3)
    turns = [(c, b, k, b * b - 4 * k * c, mp.mpf(0))]
    found = reference.gaussian_average(lambda z: mp.sign((z - x) * (z - y)), turns)
    assert mp.almosteq(found, 1 - 2 * (mp.ncdf(max(x, y)) - mp.ncdf(min(x, y))), abs_eps=1e-13)


@pytest.mark.parametrize("slope", [0.5, -0.5, 1.0, 40.0])
def test_averages_of_the_twin_are_split_at_a_kink(slope):
    """E |bz − a| = b √(2/π) e^{−(a/b)²/2} + a (2 Φ(a/b) − 1)."""
    a, b = mp.mpf("0.3"), mp.mpf(slope)
    exact = abs(b) * mp.sqrt(2 / mp.pi) * mp.exp(-((a / b) ** 2) / 2) + a * (2 * mp.ncdf(a / abs(b)) - 1)
    found = reference.gaussian_average(lambda z: abs(b * z - a), [(-a, b, mp.mpf(0), b * b, mp.mpf(0))])
    assert mp.almosteq(found, exact, abs_eps=1e-14)


def test_marks_lie_where_arguments_turn_and_within_reach():
    with mp.workdps(15):
        plain = reference._marks([], 0)
        reach = mp.sqrt(36 * mp.log(10)) + 2
        assert plain == pytest.approx([-reach, -reach / 3, 0, reach / 3, reach])
        assert reference._marks([], 6)[-1] == pytest.approx(reach + 6)
        one = reference._marks([(mp.mpf(-3), mp.mpf(2))], 0)
        assert {mp.mpf("1.5") + s * k / mp.mpf(2) for k in (0, 1, 2, 5, 12) for s in (1, -1)} <= set(one)
        grown = reference._marks([(mp.mpf(-3), mp.mpf(2), mp.mpf(0), mp.mpf(4), mp.mpf(1))], 0)
        assert grown[-1] == pytest.approx(reach + 9)
        assert {mp.mpf("1.5") + s * mp.mpf(4) ** k / 2 for k in (0, 1, 2) for s in (1, -1)} <= set(grown)


@pytest.mark.parametrize("place", ["0.3", "8.5", "1e6"])
@pytest.mark.parametrize("rest", [(), (mp.mpf(0), mp.mpf(4), mp.mpf(1)), (mp.mpf(2), mp.mpf(4), mp.mpf("0.1"))], ids=len)
def test_marks_of_a_mirror_image_are_mirrored_and_within_reach(place, rest):
    with mp.workdps(15):
        right, left = (
            reference._marks([(s * mp.mpf(place), mp.mpf(2), *(s * k for k in rest[:1]), *rest[1:])], 0) for s in (-1, 1)
        )
        assert [-m for m in left[::-1]] == pytest.approx(right)
        reach = mp.sqrt(36 * mp.log(10)) + 2 + (9 if rest else 0)
        assert right[-1] == pytest.approx(reach) and right[0] == pytest.approx(-reach)


def test_elementary_functions_of_the_twin():
    for x in (-800, -2.5, 0, 1e-9, 3, 900):
        assert mp.almosteq(reference.log2cosh(mp.mpf(x)), mp.log(2 * mp.cosh(mp.mpf(x))), 1e-15)
    for x in (0.0, 1e-6, 0.3, 1.9):
        with mp.workdps(30):
            once = mp.quad(lambda t: mp.acos(1 - t), [0, x]) if x else 0
            twice = mp.quad(lambda t, x=x: (x - t) * mp.acos(1 - t), [0, x]) if x else 0
            wanted = [mp.acos(1 - mp.mpf(x)), once, twice]
        for k, exact in enumerate(wanted):
            assert mp.almosteq(reference.arc_integral(mp.mpf(x), k), exact, 1e-13)
            assert special.arc_integral(x, k) == pytest.approx(float(exact), rel=1e-13, abs=1e-300)
    assert special.arc_integral(np.array([-1e-17, 0.0]), 1).tolist() == [0.0, 0.0]


# -- weights of a stream ----------------------------------------------------------------------------------------------

MOMENTS = {
    ("exponential", None): lambda n: 2 / n,
    ("power-law", 1.0): lambda n: 1 / (n - 1),
    ("power-law", 0.7): lambda n: 0.4 / (0.7 * n - 1),
    ("compressed-exponential", 2.0): lambda n: math.sqrt(2 / n),
    ("compressed-exponential", 0.5): lambda n: (2 / n) ** 2,
    ("hard-buffer", None): lambda n: 1.0,
}


def moment(kernel, exponent):
    return float(integral_of_power(Kernel(kernel, exponent)))


@pytest.mark.parametrize(("kernel", "exponent"), MOMENTS, ids=str)
def test_moments_of_the_weights_of_a_stream(kernel, exponent):
    """⟨λⁿ⟩ = ∫gⁿ du / ∫g² du."""
    for order in (ORDER, 25):
        weight, measure = ages(kernel, exponent, moment(kernel, exponent), order)
        assert [measure @ weight**n for n in (2, 3, 4, 8)] == pytest.approx(
            [MOMENTS[kernel, exponent](n) for n in (2, 3, 4, 8)], rel=1e-12
        )
        assert weight.max() <= 1 and (measure > 0).all()
    cube = reference.age_average(lambda weight: weight**3, kernel, exponent)
    assert float(cube) == pytest.approx(MOMENTS[kernel, exponent](3), rel=1e-10)


def test_moments_of_the_clipped_kernel():
    """∫g du = Σ 64/(πk)⁴ = 2/3 over odd k; ∫g² du is the double sum of 512/(π⁶ k² l² (k² + l²))."""
    k = np.arange(1, 4001, 2.0)
    square = (512 / np.pi**6 / (k[:, None] ** 2 * k**2 * (k[:, None] ** 2 + k**2))).sum()
    weight, measure = ages("clipped", None, moment("clipped", None))
    assert measure @ weight == pytest.approx(2 / 3 * 3, rel=1e-7) and measure @ weight**2 == pytest.approx(
        3 * square, rel=1e-9
    )
    assert float(reference.age_average(lambda g: g**2, "clipped", None)) == pytest.approx(3 * square, rel=1e-9)


def test_nodes_of_a_stream_are_as_many_as_matter():
    few, many = (ages("exponential", None, 0.5, order)[0] for order in (16, 32))
    assert 1.8 < many.size / few.size < 2.2
    weight, measure = ages("power-law", 2.0, 1 / 3)
    assert (weight**2 * measure).min() > 1e-19 and (weight**2 * measure).min() < 1e-16


# -- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [0.0, 1.3, np.array([[-2.0], [0.5]])])
def test_nodes_on_panels_are_measured_from_an_origin(origin):
    edges = np.broadcast_to(np.linspace(-9, 9, 13), (2, 13)) - origin
    z, w = _on_panels(edges, 20, origin)
    for f, exact in ((lambda x: 1 + 0 * x, 1), (lambda x: x, 0), (lambda x: x**4, 3), (np.cos, math.exp(-0.5))):
        assert (w * f(z + origin)).sum(axis=-1) == pytest.approx(exact, abs=1e-13)


@pytest.mark.parametrize(("a", "b"), [(0.4, 1.0), (-3.0, 1e6), (2.0, 0.0), (1e5, 10.0), (0.3, -1e9), (-1.0, 1e-14)])
def test_an_argument_keeps_its_digits_where_it_vanishes(a, b):
    x, weights, z, slope = arguments(a, b)
    assert slope.item() == b and weights.sum() == pytest.approx(1, abs=1e-14)
    assert x == pytest.approx(a + b * z, abs=1e-7 * (1 + abs(b))) and np.abs(z).max() <= REACH * (1 + 1e-12)
    place, further = (-a / b, 1 / abs(b)) if abs(b) > 1e-12 else (0.0, 1.0)
    exact = gauss(
        lambda t: mp.sech(a + b * t) ** 2, [place + k * further for k in (-20, -5, 0, 5, 20)] if abs(place) < 30 else []
    )
    assert weights @ (1 / np.cosh(np.clip(x, -300, 300)) ** 2) == pytest.approx(
        float(exact), rel=1e-10, abs=1e-300 if abs(b) > 1e3 else 1e-15
    )


@pytest.mark.parametrize("tilt", [3.0, -8.0, 25.0])
def test_a_tilt_takes_the_nodes_further(tilt):
    z, w = nodes([(0.2, 1.0)], 16, np.array([tilt]))
    assert (w * np.exp(tilt * z - tilt**2 / 2)).sum() == pytest.approx(1, abs=1e-10)
    assert (w * z * np.exp(tilt * z - tilt**2 / 2)).sum() == pytest.approx(tilt, rel=1e-10)


def test_a_parabola_keeps_its_digits_close_to_its_vertex():
    random = np.random.default_rng(0)
    for c, b, k in random.normal(size=(40, 3)) * np.array([1, 3, 1.0]):
        z = random.uniform(-9, 9, 5)
        assert parabola(z, c, b, k, b * b - 4 * k * c) == pytest.approx(c + b * z + k * z**2, rel=1e-9, abs=1e-9)
    assert parabola(2.0, 1.0, 3.0, 0.0, 9.0) == 7.0 and parabola(-2.0, 1.0, 3.0, 1e-9, 9.0 - 4e-9) == pytest.approx(
        -5 + 4e-9, abs=1e-15
    )
    # (z − 1)² at z = 1 + 10⁻⁹, of which the sum of terms leaves nothing
    assert parabola(1 + 1e-9, 1.0, -2.0, 1.0, 0.0) == pytest.approx(1e-18, rel=1e-6)


@pytest.mark.parametrize("tilted", [False, True])
def test_refined_means_of_polynomials_and_exponentials(tilted):
    """Plain: E z² and E e^{3z}; tilted by 3z: log E e^{3z}, E z, E z²."""
    if tilted:
        values = refined(lambda z: ([3 * z, z, z**2], []), [], tilted=True)
        assert values == pytest.approx([4.5, 3, 10], rel=1e-12)
    else:
        values = refined(lambda z: ([z**2, np.exp(3 * z)], []), [])
        assert values == pytest.approx([1, math.exp(4.5)], rel=1e-12)


# -- steep derivatives ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("b", [0.4, 3.0])
def test_derivatives_of_a_spin_under_an_average(k, b):
    """E f⁽ᵏ⁾(a + bz), where the slope is above 1 by parts: equal to it in the mean only."""
    x, weights, z, _ = arguments(0.3, b)

    def f(y):
        return mp.diff(lambda t: mp.log(2 * mp.cosh(t)), y, k)

    exact = gauss(lambda t: f(0.3 + b * t))
    assert weights @ special.thermal(k, np.tanh(x), z, np.array([b])) == pytest.approx(float(exact), abs=1e-9)
    if b < 1:
        some = np.array([-2.0, -0.3, 0.0, 1.1])
        assert special.thermal(k, np.tanh(some), some, np.array([b])) == pytest.approx([float(f(y)) for y in some], abs=1e-8)


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("b", [0.4, 3.0])
def test_derivatives_of_the_entropy_of_a_spin_under_an_average(k, b):
    def f(y):
        return mp.log(2 * mp.cosh(y)) - y * mp.tanh(y)

    x, weights, z, _ = arguments(0.3, b)
    exact = gauss(lambda t: mp.diff(f, 0.3 + b * t, k) if k else f(0.3 + b * t))
    assert weights @ special.spin_entropy(k, x, z, np.array([b])) == pytest.approx(float(exact), abs=1e-9)
    some = np.array([-2.0, -0.3, 0.0, 1.1])
    assert special.spin_entropy(k, some, some, np.array([0.5])) == pytest.approx(
        [float(mp.diff(f, y, k) if k else f(y)) for y in some], abs=1e-8
    )


def test_slopes_of_both_sizes_side_by_side():
    """By parts or as it stands, point by point: the mean of each is that of its own slope alone."""
    b = np.array([[0.5], [4.0]])
    x, weights, z, slope = arguments(np.array([0.2, 0.2]), b[:, 0])
    together = (weights * special.thermal(3, np.tanh(x), z, slope)).sum(axis=-1)
    for row in range(2):
        x1, w1, z1, s1 = arguments(0.2, b[row, 0])
        assert together[row] == pytest.approx(w1 @ special.thermal(3, np.tanh(x1), z1, s1), abs=1e-13)


# -- exponentials that would overflow ---------------------------------------------------------------------------------

a, b, x, y = sp.symbols("a b x y", real=True)
OVERFLOWING = [
    sp.log(a * sp.exp(x) + b * sp.exp(x)), sp.log(a * sp.exp(x) + b * sp.exp(y) + 1), sp.log(sp.cosh(x)),
    sp.log(2 * sp.cosh(x) + sp.cosh(y) * b), sp.sinh(x) / sp.cosh(x), (sp.exp(x) - sp.exp(y)) / (sp.exp(x) + a * sp.exp(y)),
    sp.exp(x) * sp.exp(-sp.exp(y / 300)), sp.log(sp.cosh(x) ** 3 * sp.exp(y)), 1 / (1 + sp.exp(x)) ** 2,
    sp.sqrt(sp.cosh(x)) / sp.exp(x / 2), sp.tanh(x) * sp.sinh(y) / sp.cosh(y), sp.log(sp.exp(x) * (sp.exp(-x) + a)) * b,
    sp.cosh(x + y) * sp.exp(-x) * sp.exp(-y) + a, sp.log(sp.exp(x) + sp.exp(2)), 1 / (sp.exp(2) + sp.cosh(y)),
    sp.exp(sp.exp(x / 300)) / (1 + sp.exp(sp.exp(x / 300))), sp.log(sp.exp(-x) + sp.exp(-y)) ** 2,
]  # fmt: skip


@pytest.mark.parametrize("expression", OVERFLOWING, ids=[f"{k}" for k in range(len(OVERFLOWING))])
def test_exponentials_are_equal_in_value_and_do_not_overflow(expression):
    module = [{"largest": lambda *v: np.maximum.reduce(np.broadcast_arrays(*v)), "absolute": np.abs}, "numpy"]
    fast = sp.lambdify((a, b, x, y), safe(expression), module)
    exact = sp.lambdify((a, b, x, y), expression, "mpmath")
    for values in (
        (0.5, 0.7, 0.3, -0.2),
        (0.5, 0.7, -2.0, 1.5),
        (1.5, 0.2, 900.0, 899.0),
        (0.3, 0.2, 800.0, -800.0),
        (0.3, 2.0, -900.0, 850.0),
    ):
        with mp.workdps(60), np.errstate(over="ignore", under="ignore"):
            wanted = exact(*map(mp.mpf, values))
            found = fast(*map(np.float64, values))
        if abs(wanted) < 1e300:
            assert found == pytest.approx(float(wanted), rel=1e-12, abs=1e-15), (values, safe(expression))


def test_integers_of_too_many_digits_are_doubles():
    small, large = sp.Rational(2**53 - 1, 3), sp.Rational(3**40, 2**70 + 1)
    assert safe(small * x) == small * x and safe(sp.Integer(2) ** 53 * x) == sp.Integer(2) ** 53 * x
    changed = safe(large * x)
    assert not changed.has(large) and float(changed.subs(x, 1)) == float(large)
    for number in (
        sp.Integer(2**53 + 2),
        -sp.Integer(2**60),
        sp.Rational(1, 2**53 + 2),
        sp.Rational(3, 2**60),
        -sp.Rational(2**60, 7),
    ):
        changed = safe(number * x)
        assert float(changed.subs(x, 1)) == float(number)
        assert all(max(abs(r.p), r.q) <= 2**53 for r in changed.atoms(sp.Rational))
    fraction = sp.Rational(10**20 + 1, 10**20)  # in double precision it is 1
    assert safe(sp.exp(fraction * x)) == sp.exp(x)


# -- a hierarchy's grid -----------------------------------------------------------------------------------------------


def test_functions_kept_on_a_grid_are_interpolated_by_polynomials():
    grid = Grid(0.1, 5.0, 8)
    assert (
        grid.edges[0] == -5
        and grid.edges[-1] == 5
        and (grid.edges == -grid.edges[::-1]).all()
        and np.diff(grid.edges).min() == pytest.approx(0.1)
    )
    inner = grid.edges[grid.edges > 0][:-1]
    assert inner == pytest.approx(0.1 * 2.0 ** np.arange(inner.size)) and 2 * inner[-1] >= 5
    at = np.array([[-4.9, -0.05, 0.0], [0.1, 3.3, 5.0]])
    matrix = grid.interpolation(at)
    for power in range(8):
        assert matrix @ grid.fields**power == pytest.approx(at.ravel() ** power, rel=1e-11, abs=1e-12)
    assert (grid.interpolation(grid.fields) @ np.sin(grid.fields) == np.sin(grid.fields)).all()
    assert grid.interpolation(np.array([7.0, -9.0])) @ grid.fields == pytest.approx([5, -5])


def test_levels_average_and_tilt():
    grid = Grid(0.2, 14.0, 24)
    z, w = nodes([(0.5, 1.0)], 16, np.array(2.0))
    level = Level(grid, np.array([0.5]), (0.5 + z)[None], w[None])
    assert level.mean(level.fields)[0] == pytest.approx(0.5, abs=1e-13) and level.of(np.cos(grid.fields))[0] == pytest.approx(
        np.cos(0.5 + z), abs=1e-10
    )
    log, tilted = level.tilt(2 * level.fields + 500)
    assert log[0] == pytest.approx(1 + 2 + 500, rel=1e-14)  # log E e^{2(1/2 + z)}
    assert tilted.mean(level.fields)[0] == pytest.approx(2.5, rel=1e-12) and tilted.mean(1.0)[0] == pytest.approx(
        1, abs=1e-14
    )


@pytest.mark.parametrize("thermal", [1.0, 0.0])
def test_a_hierarchy_adds_its_gaussians(thermal):
    """Two plain averages of cos and |h| are one with the sum of variances."""
    start, widths = 0.7, [0.8, 1.1]
    inner, outer = hierarchy(start, widths, [0.0, 0.0], thermal, 16)
    assert (outer.outside == [start]).all() and (inner.outside == inner.grid.fields).all()
    total = math.hypot(*widths)
    for f, exact in ((np.cos, math.cos(start) * math.exp(-(total**2) / 2)), (np.square, start**2 + total**2)):
        assert outer.mean(outer.of(inner.mean(f(inner.fields))))[0] == pytest.approx(exact, abs=1e-11)
    sharp = float(gauss(lambda t: abs(start + total * t), [-start / total]))
    assert outer.mean(outer.of(inner.mean(np.abs(inner.fields))))[0] == pytest.approx(sharp, abs=1e-11)
    log, _ = inner.tilt(np.zeros_like(inner.fields))
    assert log == pytest.approx(0, abs=1e-13)


def test_a_hierarchy_reaches_as_far_as_its_gaussians_and_their_tilts():
    levels = hierarchy(-12.0, [0.5] * 4, [0.0] * 4, 1.0, 24)
    values = np.cos(levels[0].fields)
    for level, outer in itertools.pairwise(levels):
        values = outer.of(level.mean(values))
    assert levels[-1].mean(values)[0] == pytest.approx(math.cos(12) * math.exp(-0.5), abs=1e-8)
    inner, outer = hierarchy(0.3, [1.0, 1.0], [8.0, 8.0], 1.0, 16)
    log, tilted = inner.tilt(8 * inner.fields)
    assert log == pytest.approx(8 * inner.outside + 32, abs=1e-6) and tilted.mean(inner.fields)[inner.outside > 0][0] > 8
    whole, above = outer.tilt(outer.of(log))
    assert whole[0] == pytest.approx(8 * 0.3 + 64, rel=1e-9) and above.mean(outer.fields)[0] == pytest.approx(8.3, rel=1e-9)


def test_a_grid_whose_reach_is_an_edge_has_it_once():
    grid = Grid(0.5, 4.0, 8)
    assert (
        grid.edges.tolist() == [-4, -2, -1, -0.5, 0, 0.5, 1, 2, 4]
        and np.isfinite(grid.interpolation(np.array([4.0])).toarray()).all()
    )


@pytest.mark.parametrize("x", [30.0, -30.0, 400.0, -400.0, 0.0])
def test_the_entropy_of_a_spin_keeps_its_digits(x):
    with mp.workdps(500):
        exact = float(mp.log(2 * mp.cosh(x)) - x * mp.tanh(x))
    assert special.spin_entropy(0, np.array([x]), None, np.array([1.0]))[0] == pytest.approx(exact, rel=1e-12, abs=1e-320)


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_a_falling_argument_is_the_mirror_image_of_a_rising_one(k):
    """x = a + b z is the same for (b, z) and (−b, −z), on either side of |b| = 1 where parts are integrated."""
    z = np.linspace(-4, 4, 41)
    for b in (0.5, 1.5, 4.0):
        x = 0.3 + b * z
        here, there = (special.thermal(k, np.tanh(x), s * z, np.full(z.shape, s * b)) for s in (1, -1))
        assert here == pytest.approx(there, abs=1e-14)
        if k < 5:
            here, there = (special.spin_entropy(k - 2, x, s * z, np.full(z.shape, s * b)) for s in (1, -1))
            assert here == pytest.approx(there, abs=1e-14)
