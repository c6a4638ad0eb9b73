"""Slopes of slopes keep their digits where spins are all but frozen."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

import dammech as dm
from dammech.equations import Theory, compiled
from dammech.solve import augmented

m, T, s, z = sp.symbols("m T s z")
FIELD = dm.FreeEnergy(m**2 / 2 - T * dm.GaussianAverage(dm.log2cosh((m + s * z) / T), z), [m], [T, s])


@pytest.mark.parametrize("temperature", [1e-2, 1e-4, 1e-6, 1e-8])
def test_third_derivatives_of_a_spin(temperature):
    """E tanh(x/T) is erf(m/s√2) but for terms of T² below, so that its second slope is −2mφ(m/s)/s³."""
    fold = augmented.fold(compiled(Theory.of(FIELD), "state"))
    u, p = np.array([[0.3], [1.0]]), np.array([[temperature], [0.7]])
    slopes = fold.jacobian(u, p)[:, fold.unknowns.index("m"), 0]
    density = math.exp(-((0.3 / 0.7) ** 2) / 2) / math.sqrt(2 * math.pi)
    first, second = 1 - 2 * density / 0.7, 2 * 0.3 * density / 0.7**3
    close = 1e-11 + 3 * temperature**2 + 1e-16 / temperature
    assert np.abs(slopes - first).min() < close and np.abs(slopes - second).min() < close


def test_a_fold_keeps_its_digits_down_to_the_coldest_temperature():
    """Its slopes are averages of third derivatives, by parts: written out they would lose the square of the temperature."""
    temperatures = [0.0, 1e-12, 1e-10, 1e-8]
    loads = dm.boundary(dm.HebbianDAM(2), "retrieval-spinodal", temperatures=temperatures)["load"]
    assert loads - loads[0] == pytest.approx(0.024784 * np.array(temperatures), abs=1e-15, rel=1e-3)
