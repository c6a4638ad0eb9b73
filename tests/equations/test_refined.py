"""Averages of any function: features of every width, anywhere, are seen; what cannot be resolved says so."""

from __future__ import annotations

from functools import cache

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.derive import FreeEnergy, GaussianAverage, log2cosh
from dammech.derive.reading import read
from dammech.derive.tilted import LogMeanExp, TiltedAverage
from dammech.equations.generate import mpmath_source, numpy_source
from dammech.equations.quadrature import CHECK_ORDER, ORDER, refined
from dammech.equations.systems import System

a, w, y, z = sp.symbols("a w y z", real=True)
x = (z - a) / w
#: integrands with a feature of width w at a, and where else they have one, as functions of a and w
FORMS = {
    "1/(1 + exp(-x))": (1 / (1 + sp.exp(-x)), ()),
    "a turn far from x = 0": (1 / (3 + 1000000 * sp.exp(x)), (lambda a, w: a - w * np.log(1e6 / 3),)),
    "bump": (sp.exp(-(x**2)), ()),
    "bump of a fourth power": (sp.exp(-(x**4)), ()),
    "bump of a cubic": (sp.exp(-(((z**3 - a**3) / w) ** 2)), ()),
    "rational": (1 / (1 + x**2), ()),
    "rational, multiplied out": (w**2 / (w**2 + z**2 - 2 * a * z + a**2), ()),
    "bump, multiplied out": (sp.exp(-(z**2) / w**2 + 2 * a * z / w**2 - a**2 / w**2), ()),
    "hyperbola": (sp.sqrt((z - a) ** 2 + w**2), ()),
    "power": (z**2 * (1 + x**2) ** sp.Rational(-3, 2), ()),
    "log": (sp.log((z - a) ** 2 + w**2), ()),
    "root": (sp.sqrt(sp.Abs(z - a)), ()),
    "bump where an argument passes zero": (1 / sp.cosh(sp.tan((sp.atan(z) - sp.atan(a)) / 4) / w), ()),
    "three spins": (
        w * sp.log(1 + 2 * sp.exp(-2 / w) * sp.cosh(z / w)) + sp.tanh((sp.Abs(z) - a) / w),
        (lambda a, w: 0, lambda a, w: 2, lambda a, w: -2, lambda a, w: -a),
    ),
    "atan": (sp.atan(x), ()),
    "step": (z * sp.Heaviside(z - a) / (2 + sp.sin(z)), ()),
    "Max": (sp.Max(x, 0, 2 * x - 1) / (1 + x**2), (lambda a, w: a + w,)),
    "kink": (sp.cos(sp.Abs(z - a)) * sp.erf(x), ()),
    "Piecewise": (sp.Piecewise((sp.sin(z), z < a), (sp.cos(z), True)), ()),
    "three phases": (1 / (sp.exp(x) + sp.exp(-(z + a) / w) + 1), (lambda a, w: -a, lambda a, w: 0)),
    "two places": (1 / ((1 + sp.exp(-x)) * (1 + ((z + a) / w) ** 2)), (lambda a, w: -a,)),
    "nested": (sp.tanh(3 + 2 * sp.tanh(x)), ()),
    "double exponential": (sp.exp(-sp.exp(-x)), ()),
    "step at a cubic": (sp.tanh((z**3 - a**3) / w), ()),
    "tanh below": (sp.tanh(x) / (1 + sp.tanh(x) ** 2 / 2), ()),
    "growth": (sp.exp(2 * z) / (1 + sp.exp(-x)), ()),
}
#: what some are before their terms cancel to nothing
FACTORED = {"rational, multiplied out": "rational", "bump, multiplied out": "bump"}
_LARGEST = sp.Max(0, sp.Abs(z) - 2)
#: what some are without exponentials that overflow
SAFE = {
    "three spins": w * sp.log(sum(sp.exp((e - _LARGEST) / w) for e in (0, z - 2, -z - 2))) + _LARGEST
    + sp.tanh((sp.Abs(z) - a) / w),
}
QUICK = ["1/(1 + exp(-x))", "bump, multiplied out", "bump of a cubic", "rational", "hyperbola", "three phases", "Piecewise"]


@cache
def function(expression: sp.Expr, *names: sp.Symbol):
    """The generated code of an average, as a function of its parameters and the order."""
    system = System((), (), names, {"value": read(expression)})
    module: dict = {}
    exec(compile(numpy_source(system, "averages"), "averages", "exec"), module)

    def value(*parameters, order=ORDER):
        p = np.atleast_2d(np.array(np.broadcast_arrays(*parameters), dtype=float).T).T.reshape(len(names), -1)
        with np.errstate(all="ignore"):
            return module["outputs"](np.zeros((0, p.shape[1])), p, order)[0]

    return value


def graded(expression: sp.Expr, centre: float, width: float, others=()) -> float:
    """The mean by Gauss–Legendre panels that double away from every place where the integrand is known to turn."""
    points, weights = np.polynomial.legendre.leggauss(40)
    places = np.array([centre, *(place(centre, width) for place in others)])
    steps = width * 2.0 ** np.arange(-30, np.ceil(np.log2(60 / width)))
    edges = [places, np.linspace(-14, 14, 57), *(places + s for s in steps), *(places - s for s in steps)]
    edges = np.unique(np.clip(np.concatenate(edges), -14, 14))
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    at = middle[:, None] + half[:, None] * points
    with np.errstate(all="ignore"):
        values = sp.lambdify((z, a, w), expression, "scipy")(at, centre, width)
    return float((half[:, None] * weights * values * np.exp(-at * at / 2)).sum() / np.sqrt(2 * np.pi))


def agrees(name: str, centre: float, width: float) -> None:
    expression, others = FORMS[name]
    same = SAFE.get(name, FORMS[FACTORED.get(name, name)][0])
    mean = function(GaussianAverage(expression, z), a, w)
    got, check = mean(centre, width)[0], mean(centre, width, order=CHECK_ORDER)[0]
    expected = graded(same, centre, width, others)
    tolerance = 1e-10 * max(1.0, abs(expected))
    assert abs(got - expected) <= tolerance, (name, centre, width, got, expected)
    assert abs(check - got) <= tolerance, "a mean that is right is known to be"


centres, widths = st.floats(-3, 3), st.floats(-8, 1).map(lambda e: 10.0**e)


@settings(max_examples=30, deadline=None)
@given(name=st.sampled_from(QUICK), centre=centres, width=widths)
def test_a_feature_of_any_width_is_seen(name, centre, width):
    agrees(name, centre, width)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None)
@given(name=st.sampled_from(sorted(FORMS)), centre=centres, width=widths)
def test_a_feature_of_any_width_is_seen_in_every_function(name, centre, width):
    agrees(name, centre, width)


@settings(max_examples=30, deadline=None)
@given(centre=centres, width=widths)
def test_closed_forms(centre, width):
    """A bump, a step under a growing exponential, two bumps of widths a thousand times apart."""
    bump = function(GaussianAverage(sp.exp(-(x**2)) + sp.exp(-((1000 * (z + a) / w) ** 2)), z), a, w)

    def exact(width, centre):
        return width / np.sqrt(width**2 + 2) * np.exp(-(centre**2) / (width**2 + 2))

    expected = exact(width, centre) + exact(width / 1000, centre)
    assert bump(centre, width)[0] == pytest.approx(expected, rel=1e-13 + 1e-15 * 1000 / width, abs=0)
    step = function(GaussianAverage(sp.exp(2 * z) * sp.Heaviside(z - a), z), a, w)
    assert step(centre, width)[0] == pytest.approx(float(mp.exp(2) * mp.ncdf(2 - centre)), rel=1e-12)


def test_many_points_at_once_are_each_as_good_as_alone():
    mean = function(GaussianAverage(1 / (1 + sp.exp(-x)), z), a, w)
    place, width = np.array([0.7, -1.0, 0.0, 2.5]), np.array([1e-2, 1e-8, 3.0, 1e-5])
    alone = [mean(p, s)[0] for p, s in zip(place, width)]
    assert mean(place, width) == pytest.approx(alone, abs=1e-14)


@settings(max_examples=6, deadline=None)
@given(centre=centres, width=st.floats(-8, 0).map(lambda e: 10.0**e), spread=st.floats(-3, 1).map(lambda e: 10.0**e))
def test_nested(centre, width, spread):
    """Two Gaussians act through their sum: E E g(z + s y) is E g(√(1 + s²) z)."""
    s = sp.Symbol("s", real=True)

    def g(field):
        return 1 / (1 + sp.exp(-(field - a) / w))

    nested = function(GaussianAverage(GaussianAverage(g(z + s * y), y), z), a, w, s)
    plain = function(GaussianAverage(g(sp.sqrt(1 + s**2) * z), z), a, w, s)
    assert nested(centre, width, spread) == pytest.approx(plain(centre, width, spread), abs=1e-10)


@pytest.mark.parametrize("outer", [lambda e: sp.log(e + sp.Rational(1, 100)), lambda e: sp.tanh(50 * e - 3)])
def test_a_function_of_an_average(outer):
    """The inner mean of a bump is a bump: a function of it is known without nesting."""
    s = sp.Symbol("s", real=True)
    inner = GaussianAverage(sp.exp(-(((z + s * y - a) / w) ** 2)), y)
    wide = w**2 + 2 * s**2
    known = function(GaussianAverage(outer(w / sp.sqrt(wide) * sp.exp(-((z - a) ** 2) / wide)), z), a, w, s)
    nested = function(GaussianAverage(outer(inner), z), a, w, s)
    for point in ((0.7, 1e-4, 1e-2), (-1.3, 0.3, 2.0)):
        assert nested(*point)[0] == pytest.approx(known(*point)[0], abs=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_features_of_different_widths_in_one_integrand(seed):
    """Sums, products and functions of two or three integrands, each with a place and a width of its own."""
    rng = np.random.default_rng(seed)
    names = sorted(name for name, (_, others) in FORMS.items() if not others)
    parts, graded_at = [], []
    for name in rng.choice(names, size=rng.integers(2, 4)):
        place = sp.Rational(int(rng.integers(-3000, 3001)), 1000)
        width = sp.Rational(max(1, round(10 ** rng.uniform(1, 9))), 10**8)
        parts.append(FORMS[name][0].xreplace({a: place, w: width}))
        graded_at.append((float(place), float(width)))
    total, product = sp.Add(*parts), sp.Mul(*parts)
    for expression in (total, product, sp.tanh(total / 2), 1 / (3 + total**2)):
        mean = function(GaussianAverage(expression, z), a, w)
        points, weights = np.polynomial.legendre.leggauss(40)
        edges = [np.linspace(-14, 14, 57), [place for place, _ in graded_at]]
        for place, width in graded_at:
            steps = width * 2.0 ** np.arange(-20, np.ceil(np.log2(60 / width)))
            edges += [place + steps, place - steps]
        edges = np.unique(np.clip(np.concatenate(edges), -14, 14))
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        at = middle[:, None] + half[:, None] * points
        with np.errstate(all="ignore"):
            values = sp.lambdify(z, expression, "scipy")(at)
        expected = (half[:, None] * weights * values * np.exp(-at * at / 2)).sum() / np.sqrt(2 * np.pi)
        assert mean(0.0, 1.0)[0] == pytest.approx(expected, rel=1e-10, abs=1e-10), (seed, expression)


def test_tilted():
    """Weight and integrand are steep at different places; typed as log(1 + e^x) and as log 2cosh, the same."""
    for width in (1.0, 0.1, 0.02):
        place = 0.7
        h = (z + sp.Rational(1, 2)) / w

        def means(weight, shape, point=(place, width)):
            nodes = (LogMeanExp(weight, z), TiltedAverage(shape, z, weight))
            return [function(node, a, w)(*point)[0] for node in nodes]

        typed = means(sp.log(1 + sp.exp(h)) / 3, 1 / (1 + sp.exp(-x)))
        ours = means((log2cosh(h / 2) + h / 2) / 3, (1 + sp.tanh(x / 2)) / 2)
        assert typed == pytest.approx(ours, rel=1e-11)


def test_every_member_of_a_tilted_group_is_resolved():
    """Both integrands share their weight; the second is steep where the weight and the first are not."""
    weight = log2cosh(z / 2) / 2
    for order in (ORDER, CHECK_ORDER):
        both = function(TiltedAverage(sp.tanh(z / 2), z, weight) + 1000 * TiltedAverage(sp.tanh(x), z, weight), a, w)
        with mp.workdps(20):
            def density(t, g):
                return mp.npdf(t) * mp.sqrt(2 * mp.cosh(t / 2)) * g(t)

            marks = [-12, 0, 0.69, 0.7, 0.71, 12]
            norm, first, second = (
                mp.quad(lambda t, g=g: density(t, g), marks)
                for g in (lambda t: 1, lambda t: mp.tanh(t / 2), lambda t: mp.tanh((t - mp.mpf("0.7")) * 1000))
            )
            expected = float((first + 1000 * second) / norm)
        assert both(0.7, 1e-3, order=order)[0] == pytest.approx(expected, rel=1e-11)


def test_what_cannot_be_resolved_says_so():
    """Oscillations finer than any panel, and a pole: the two orders differ by more than a tolerance."""
    for expression in (sp.cos(100000000 * z) ** 2 * sp.exp(z / 3), 1 / (z - a)):
        mean = function(GaussianAverage(expression, z), a, w)
        assert not abs(mean(0.3, 1.0)[0] - mean(0.3, 1.0, order=CHECK_ORDER)[0]) <= 1e-7


def test_an_integrand_is_not_evaluated_on_arrays_of_any_size():
    largest = []

    def integrand(at):
        largest.append(at.size)
        return [1 / (1 + np.exp(-(at - 0.3) * 1e3))], []

    place = np.linspace(-1, 1, 3000)
    (mean,) = refined(integrand, [(-place * 1e3, 1e3, 0, 1e6, 1)])
    assert mean == pytest.approx(np.full(3000, mean[0]), abs=1e-13) and max(largest) < 300_000


@pytest.mark.parametrize("place", [8.1, 31.0])
def test_the_mirror_image_of_an_average_is_as_exact(place):
    """A jump under e^{kz} where the weight is largest: as many points, and the same error, on the left as on the right."""
    found = []
    for sign in (1, -1):
        counts = []

        def integrand(at, sign=sign, counts=counts):
            counts.append(at.size)
            return [sign * place * at, np.where(sign * at > place, 1.0, 0.0)], []

        means = [refined(integrand, [], order, tilted=True) for order in (ORDER, CHECK_ORDER)]
        found.append([*np.array(means).ravel(), sum(counts)])
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    assert found[0][1] == pytest.approx(0.5, abs=1e-9)


# -- a free energy of one's own ---------------------------------------------------------------------------------------


def own(g) -> FreeEnergy:
    m, T = sp.symbols("x T", real=True)
    return FreeEnergy(m**2 / 2 - m * GaussianAverage(g, z), [m], [T])


@pytest.mark.parametrize("width", [sp.Rational(1, 100), sp.Rational(1, 10**5), sp.Rational(1, 10**8)])
def test_typed_as_a_logistic_function_or_as_tanh(width):
    place = sp.Rational(7, 10)
    logistic = dm.solve(own(1 / (1 + sp.exp(-(z - place) / width))), T=1)
    tanh = dm.solve(own((1 + sp.tanh((z - place) / (2 * width))) / 2), T=1)
    assert logistic.converged and tanh.converged
    assert logistic.values["x"] == pytest.approx(tanh.values["x"], abs=1e-13)
    if width == sp.Rational(1, 100):
        assert logistic.values["x"] == pytest.approx(0.2419995964353852, abs=1e-13)


def test_an_average_that_is_not_known_is_not_converged():
    found = dm.solve(own(sp.cos(100000000 * z) ** 2 * sp.exp(z / 3)), T=1, start={"x": 0.5}, throw=False)
    assert not found.converged and "estimated error" in found.why


@pytest.mark.slow
@pytest.mark.parametrize("name", ["1/(1 + exp(-x))", "rational", "hyperbola", "three phases", "kink", "growth"])
def test_the_mpmath_twin_sees_the_same(name):
    system = System((), (), (a, w), {"value": read(GaussianAverage(FORMS[name][0], z))})
    module: dict = {}
    exec(compile(mpmath_source(system, "twin"), "twin", "exec"), module)
    mean = function(GaussianAverage(FORMS[name][0], z), a, w)
    for place, width in ((0.7, 1e-2), (-1.3, 1e-6), (2.0, 2.0)):
        with mp.workdps(20):
            expected = module["outputs"]([], [mp.mpf(place), mp.mpf(width)])[0]
        assert mean(place, width)[0] == pytest.approx(float(expected), abs=1e-11)
