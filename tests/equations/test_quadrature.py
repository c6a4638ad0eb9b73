"""One rule for every temperature, and an error estimate that is honest."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from dammech.equations.quadrature import CHECK_ORDER, nodes


@pytest.mark.parametrize("slope", [0.0, 1e-3, 0.3, 1.0, 10.0, 100.0, 1e4, 1e8])
@pytest.mark.parametrize("start", [0.0, 0.4, 3.0, 7.5])
def test_moments_of_tanh(slope, start):
    a = start * slope
    z, w = nodes([(np.array(a), np.array(slope))])
    with mp.workdps(25):
        width = 1 / mp.mpf(max(slope, 1e-3))
        marks = [mp.mpf(-start) + k * width for k in (-30, -8, -2, 0, 2, 8, 30)]
        marks = sorted({mp.mpf(-12), mp.mpf(-5), mp.mpf(5), mp.mpf(12), *[x for x in marks if abs(x) < 12]})
        expected = mp.quad(lambda x: mp.npdf(x) * mp.tanh(a + slope * x) ** 2, marks)
    got = float((w * np.tanh(a + slope * z) ** 2).sum())
    assert got == pytest.approx(float(expected), abs=1e-12)
    finer, weights = nodes([(np.array(a), np.array(slope))], CHECK_ORDER)
    assert float((weights * np.tanh(a + slope * finer) ** 2).sum()) == pytest.approx(got, abs=1e-12)


def test_weights_are_those_of_a_gaussian():
    for lines in ([], [(0.3, 5.0)], [(0.3, 5.0), (-0.2, 80.0)]):
        z, w = nodes(lines)
        assert [float((w * z**k).sum()) for k in (0, 1, 2, 4)] == pytest.approx([1, 0, 1, 3], abs=1e-12)


def test_arrays_of_points():
    a, b = np.array([0.1, 0.2, 0.3]), np.array([1.0, 30.0, 900.0])
    z, w = nodes([(a, b)])
    assert z.shape == w.shape and z.shape[0] == 3
    for k in range(3):
        one, weight = nodes([(a[k], b[k])])
        assert (w[k] * np.tanh(a[k] + b[k] * z[k])).sum() == pytest.approx(
            (weight * np.tanh(a[k] + b[k] * one)).sum(), abs=1e-13
        )


def test_plain_gauss_hermite_would_fail():
    """The reason for the panels: 99 nodes on tanh²(10 z) are off by percents."""
    x, w = np.polynomial.hermite_e.hermegauss(99)
    plain = (w * np.tanh(10 * x) ** 2).sum() / w.sum()
    z, weights = nodes([(np.array(0.0), np.array(10.0))])
    assert abs(plain - (weights * np.tanh(10 * z) ** 2).sum()) > 0.01
