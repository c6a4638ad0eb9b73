"""Where integrands turn, by hand; two levels of a hierarchy by plain nested Gauss–Hermite sums; digits of steep functions."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import dammech as dm
from dammech.derive import GaussianAverage, log2cosh
from dammech.derive.averages import Bound, sech2
from dammech.derive.tilted import LogMeanExp, TiltedAverage
from dammech.equations.generate import numpy_source
from dammech.equations.levels import LevelSystem
from dammech.equations.systems import System
from dammech.equations.turns import growth, steep, turns_of

a, m, s, t, y, z = sp.symbols("a m s t y z", real=True)
LOGISTIC = [1 / (1 + sp.exp(-z)), 1 / (1 + sp.exp(-z + 1000)), 1 / (1 + sp.exp(-z - 1000))]


def lines(average):
    return {tuple(sp.simplify(e) for e in line) for line in steep(average)}


@pytest.mark.parametrize(("parts", "places"), [
    ((0, 1), {0, 1000}), ((0, 2), {0, -1000}), ((1, 2), {1000, -1000}), ((0, 1, 2), {0, 1000, -1000}),
])  # fmt: skip
def test_functions_that_turn_far_apart_each_have_nodes(parts, places):
    for order in (1, -1):
        average = GaussianAverage(sp.tanh(sp.Add(*[LOGISTIC[k] for k in parts][::order])), z)
        found = {float(-turn[0] / turn[1]) for turn in turns_of(average) if turn[1] != 0 and turn[2] == 0}
        assert places <= found


@pytest.mark.parametrize(("shift", "count"), [(4, 1), (-4, 1), (6, 2), (-6, 2)])
def test_functions_that_turn_together_share_them(shift, count):
    average = GaussianAverage(sp.sin(z / 100) / ((1 + sp.exp(z)) * (1 + sp.exp(z + shift))), z)
    assert sum(turn[1] in (1, -1) for turn in turns_of(average)) == count


def test_what_stands_under_an_average_is_smoothed_and_a_tilt_sharpens_it():
    field = m + a * z + s * y
    plain = GaussianAverage(GaussianAverage(sp.tanh(field), y) ** 2, z)
    ((start, slope),) = lines(plain)
    assert sp.simplify(start - m / sp.sqrt(1 + s**2)) == 0 and sp.simplify(slope - a / sp.sqrt(1 + s**2)) == 0
    for tilted in (TiltedAverage(sp.sin(field), y, t * log2cosh(field)), LogMeanExp(t * log2cosh(field), y)):
        ((start, slope),) = lines(GaussianAverage(tilted**2, z))
        width = sp.sqrt(1 / (1 + s**2) + t**2)
        assert sp.simplify(start / m - width) == 0 and sp.simplify(slope / a - width) == 0
    sharp = GaussianAverage(GaussianAverage(sp.sign(field), y) ** 2, z)
    ((start, slope),) = lines(sharp)
    assert sp.simplify(slope**2 - a**2 / s**2) == 0  # only the inner Gaussian smooths a step
    beside = GaussianAverage(GaussianAverage(sp.tanh(field), y) * sp.tanh(2 * z + 1), z)
    assert (1, 2) in lines(beside) and len(lines(beside)) == 2


def test_growth_is_the_largest_slope():
    v = Bound(0)
    assert growth(3 * v - 2, v) == 3 and growth(-t * log2cosh(2 * v + m), v) == 2 * sp.Abs(t)
    assert growth(5 * sp.Abs(v / 2) + t * v, v) == sp.Rational(5, 2) + sp.Abs(t) and growth(m + t, v) == 0


@pytest.mark.parametrize("width", [1e-3, 1e-6, 1e-8])
def test_a_steep_function_of_one_argument_keeps_its_digits(width):
    """E g((z − a)/w) is w φ(a) ∫g up to w²."""
    expressions = {"peak": GaussianAverage(sech2((z - a) / s), z), "cusp": GaussianAverage(sech2((z - a) / s) ** 2, z)}
    module: dict = {}
    exec(numpy_source(System((), (), (a, s), expressions), "averages"), module)
    peak, cusp = module["outputs"](np.zeros((0, 1)), np.array([[0.7], [width]]), 16)
    density = np.exp(-0.245) / np.sqrt(2 * np.pi)
    tolerance = 2 * width**2 + 1e-13
    assert peak[0] == pytest.approx(2 * width * density, rel=tolerance, abs=0)
    assert cusp[0] == pytest.approx(4 / 3 * width * density, rel=tolerance, abs=0)


def nested(p, T, q, sizes):
    """−βf and overlaps of two steps of a p-spin glass."""
    x, w = np.polynomial.hermite_e.hermegauss(44)
    w = w / w.sum()
    widths = np.sqrt(p / 2 * np.diff([0.0, *np.power(q, p - 1)])) / T
    h = sum(width * x.reshape(-1, *[1] * (2 - k)) for k, width in enumerate(widths))
    phi, spin = np.log(2 * np.cosh(h)), np.tanh(h)
    overlaps = [spin**2]
    for level in (2, 1):
        tilt = w * np.exp(sizes[level - 1] * phi)
        total = tilt.sum(axis=-1)
        overlaps = [(tilt * f).sum(axis=-1) / total for f in overlaps]
        spin = (tilt * spin).sum(axis=-1) / total
        phi = np.log(total) / sizes[level - 1]
        overlaps.append(spin**2)
    q = np.asarray(q)
    steps = np.diff([0.0, *sizes, 1.0])
    interaction = (1 + (p - 1) * (steps * q**p).sum() - p * q[-1] ** (p - 1)) / (4 * T**2)
    return interaction + w @ phi, np.array([w @ f for f in overlaps])[::-1]


@pytest.mark.parametrize(("p", "q", "sizes"), [(2, [0.1, 0.4, 0.6], [0.3, 0.7]), (3, [0.2, 0.45, 0.7], [0.25, 0.6])])
def test_two_levels_are_nested_sums(p, q, sizes):
    T, step = 0.7, 1e-4
    system = LevelSystem(dm.PSpin(order=p), 2)
    u, at = np.array([*q, *sizes])[:, None], np.array([[T]])
    free, overlaps = nested(p, T, q, sizes)
    residual, outputs = system.residual(u, at)[:, 0], system.outputs(u, at)
    assert residual[:3] == pytest.approx(np.array(q) - overlaps, abs=1e-9)
    for k in range(2):
        ends = [nested(p, T, q, np.array(sizes) + sign * step * np.eye(2)[k])[0] for sign in (1, -1)]
        assert residual[3 + k] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)
    assert outputs["free_energy"][0] == pytest.approx(-T * free, abs=1e-9)
    assert outputs["complexity"][0] == pytest.approx(-sizes[1] ** 2 * residual[-1], abs=1e-14)
    steps = np.diff([0.0, *sizes, 1.0])
    energy = -(1 - (steps * np.power(q, p)).sum()) / (2 * T)
    assert outputs["energy"][0] == pytest.approx(energy, abs=1e-12)
    assert outputs["entropy"][0] == pytest.approx((energy + T * free) / T, abs=1e-9)
