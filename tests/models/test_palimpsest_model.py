"""Kernels of forgetting and the palimpsest as a model."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import quad

from dammech.declared.kernels import KERNELS, Kernel
from dammech.errors import InputError
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.answers import forgetting
from dammech.systems.palimpsest.model import PalimpsestDAM

SMOOTH = [
    Kernel(), Kernel("power-law"), Kernel("power-law", 0.8), Kernel("compressed-exponential"), Kernel("compressed", 0.6),
    Kernel("clipped"),
]


@pytest.mark.parametrize("kernel", SMOOTH, ids=str)
def test_shape(kernel):
    assert float(kernel.weight(0.0)) == 1
    for u in (0.01, 0.3, 0.5, 2.0):
        step = 1e-6
        slope = (float(kernel.weight(u + step)) - float(kernel.weight(u - step))) / (2 * step)
        assert forgetting.slope(kernel, u) == pytest.approx(slope, rel=1e-6)
        assert forgetting.age(kernel, float(kernel.weight(u))) == pytest.approx(u, rel=1e-10)
        assert float(kernel.weight(mp.mpf(u), mp)) == pytest.approx(float(kernel.weight(u)), rel=1e-13)


@pytest.mark.parametrize("kernel", SMOOTH[:-1], ids=str)
def test_second_moment(kernel):
    value = quad(lambda v: 4 * v**3 * float(kernel.weight(v**4)) ** 2, 0, np.inf, epsabs=1e-12, limit=500)[0]
    assert forgetting.effective_load(kernel, 1.0) == pytest.approx(value, rel=1e-7)
    for end in (0.3, 2.0):
        part = quad(lambda u: float(kernel.weight(u)) ** 2, 0, end, epsabs=1e-12)[0]
        assert forgetting.effective_load(kernel, 1.0, end) == pytest.approx(part, rel=1e-8)


def test_the_two_series_of_the_clipped_kernel_agree():
    kernel = Kernel("clipped")
    with mp.workdps(30):
        below, above = kernel.weight(mp.mpf("0.5") - mp.mpf(10) ** -25, mp), kernel.weight(mp.mpf("0.5"), mp)
    assert abs(below - above) < 1e-24
    assert forgetting.effective_load(kernel, 1.0) == pytest.approx(1 / 3)
    # products of several patterns hold the rest of the variance
    assert quad(lambda v: 2 * v * float(kernel.weight(v**2)) ** 2, 0, 8)[0] == pytest.approx(0.28115403, abs=1e-8)


def test_buffer_is_flat():
    kernel = Kernel("hard-buffer")
    assert kernel.flat and forgetting.effective_load(kernel, 1.0) == 1 and forgetting.effective_load(kernel, 1.0, 0.4) == 0.4
    assert list(kernel.weight(np.array([0.0, 0.99, 1.0]))) == [1, 1, 0]


def test_effective_load():
    model = PalimpsestDAM(order=3)
    assert forgetting.effective_load(model.shape, 5.0) == 0.1
    assert forgetting.effective_load(model.shape, 0.0, 0.07) == 0.07
    assert forgetting.effective_load(model.shape, 1e-9, 0.07) == pytest.approx(0.07, rel=1e-9)
    weights = model.weights(5.0, 60, 20_000)
    assert (weights**2).sum() / 60**2 == pytest.approx(0.1, abs=2e-4)
    rehearsed = PalimpsestDAM(order=3, kernel="rehearsal", exponent=2.0)
    assert forgetting.effective_load(rehearsed.shape, 0.0, 0.01) == pytest.approx(0.01 * 3 * 5)


def test_one_pattern_is_that_of_the_memory_that_does_not_forget():
    model = PalimpsestDAM(order=3, interaction="power")
    assert model.memory == HebbianDAM(order=3, interaction="power")
    assert model.noise_strength == 3
    assert np.array_equal(model.pattern_energy(12), model.memory.pattern_energy(12))
    assert "Lambda" in model._repr_latex_() and model.to_json()["kernel"] == "exponential"
    assert PalimpsestDAM(interaction="y**4 + 2*y**3 - y").p == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PalimpsestDAM(order=3, kernel="linear"), "kernel='linear': must be one of exponential"),
        (lambda: PalimpsestDAM(order=3, exponent=2.0), "exponent=2.0: the exponential kernel has none"),
        (lambda: PalimpsestDAM(order=3, kernel="power-law", exponent=0.5), r"s of the power-law kernel must be a number > 0.5"),
        (lambda: PalimpsestDAM(order=3, kernel="rehearsal", exponent=math.nan), "R of the rehearsal kernel"),
        (lambda: PalimpsestDAM(order=3, kernel="clipped", interaction="rectified"), "no rectified form"),
        (lambda: PalimpsestDAM(order=1), "order=1"),
        (lambda: forgetting.effective_load(PalimpsestDAM(order=3).shape, 0.0), "without forgetting has no finite noise"),
        (lambda: forgetting.effective_load(PalimpsestDAM(order=3).shape, -1.0), "rate=-1.0: must be a finite number"),
        (lambda: forgetting.effective_load(PalimpsestDAM(order=3).shape, 1.0, -2.0), "load=-2.0"),
        (lambda: forgetting.effective_load(PalimpsestDAM(order=3, kernel="rehearsal").shape, 0.0), "load is missing"),
        (lambda: forgetting.effective_load(Kernel("clipped"), 1.0, 1.0), "only the stationary state"),
        (lambda: forgetting.age(Kernel(), 0.0), "weight=0.0: must be a number between 0 and 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_every_kernel_has_words():
    assert all(KERNELS.values())
