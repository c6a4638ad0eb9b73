"""Kernels of forgetting at the ends of their ranges, and every property by its definition."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

from dammech.declared.kernels import Kernel
from dammech.errors import InputError
from dammech.systems.palimpsest.answers import forgetting
from dammech.systems.palimpsest.model import PalimpsestDAM

ALL = [
    Kernel(), Kernel("power", 0.50001), Kernel("power", 3), Kernel("compressed", 0.011), Kernel("compressed", 1),
    Kernel("compressed", 5.0), Kernel("buffer"), Kernel("clipping"),
]  # fmt: skip


@pytest.mark.parametrize("kernel", ALL, ids=str)
def test_a_weight_falls_from_one(kernel):
    u = np.concatenate([[0.0], np.geomspace(1e-12, 30, 200)])
    g = np.asarray(kernel.weight(u))
    assert g[0] == 1 and (np.diff(g) <= 1e-15).all() and (g >= 0).all() and g.shape == u.shape
    assert forgetting.effective_load(kernel, 1.0, math.inf) == forgetting.effective_load(kernel, 1.0)
    exact = [float(kernel.weight(mp.mpf(x), mp)) for x in u[::20]]
    np.testing.assert_allclose(g[::20], exact, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kernel", [k for k in ALL if k.name not in ("hard-buffer", "compressed-exponential")], ids=str)
def test_ages_of_small_weights_and_of_one(kernel):
    assert forgetting.age(kernel, 1.0) == 0.0
    for weight in (1 - 1e-9, 0.5, 1e-3, 1e-9):
        assert float(kernel.weight(forgetting.age(kernel, weight))) == pytest.approx(weight, rel=1e-9)


def test_slopes_at_zero():
    slope = forgetting.slope
    assert slope(Kernel(), 0.0) == -1 and slope(Kernel("power", 3), 0.0) == -3 and slope(Kernel("compressed", 2), 0.0) == 0
    assert slope(Kernel("compressed", 1), 0.0) == -1 and slope(Kernel("buffer"), 0.5) == 0
    assert slope(Kernel("clipped"), 0) == -math.inf
    assert slope(Kernel("clipped"), 1e-6) == pytest.approx(-0.5 * math.sqrt(2e6 / math.pi))


@pytest.mark.parametrize("k", [0.02, 1.0, 2.0, 30.0, 1e3, 1e6, 1e300])
@pytest.mark.parametrize("u", [0.0, 1e-300, 0.5, 0.999, 2.0, 1e3, 1e300])
def test_any_exponent_at_any_age(k, u):
    """Against many digits, where powers leave the range of floating point."""
    kernel = Kernel("compressed", k)
    with mp.workdps(40):
        power = mp.mpf(k) * mp.log(u) if u else -mp.inf
        raised = mp.exp(power) if power < 20 else mp.mpf(10) ** 9
        weight = mp.exp(-raised)
        slope = -k * raised / u * weight if u else mp.mpf({1.0: -1}.get(k, 0 if k > 1 else "-inf"))
        moment = (
            mp.power(2, -1 / mp.mpf(k)) / k * mp.gammainc(1 / mp.mpf(k), 0, 2 * raised)
            if 1e-3 < k < 1e3 and u < 1e9
            else None
        )
    assert float(kernel.weight(u)) == pytest.approx(float(weight), rel=1e-9, abs=1e-300)
    assert forgetting.slope(kernel, u) == pytest.approx(float(slope), rel=1e-9, abs=1e-290)
    if moment is not None:
        assert forgetting.effective_load(kernel, 1.0, u) == pytest.approx(float(moment), rel=1e-9, abs=1e-290)
    elif k >= 1e3:
        assert forgetting.effective_load(kernel, 1.0, u) == pytest.approx(min(u, 1.0), rel=2e-3)


@pytest.mark.parametrize("u", [0.3, 0.499, 0.5, 0.501, 2.0, 9.0])
def test_the_clipped_kernel_is_a_walk_between_two_walls(u):
    """Both series and their slopes against ∑ over odd modes, 8/(πk)² exp(−(πk)² u/8), to many digits."""
    with mp.workdps(30):
        modes = [(8 / (mp.pi * k) ** 2, (mp.pi * k) ** 2 / 8) for k in range(1, 120, 2)]
        weight = mp.fsum(a * mp.exp(-b * u) for a, b in modes)
        slope = -mp.fsum(a * b * mp.exp(-b * u) for a, b in modes)
    assert float(Kernel("clipped").weight(u)) == pytest.approx(float(weight), rel=1e-12)
    assert forgetting.slope(Kernel("clipped"), u) == pytest.approx(float(slope), rel=1e-12)


def test_moments_of_finite_streams_at_their_ends():
    for kernel in (Kernel(), Kernel("power", 0.8), Kernel("compressed", 2), Kernel("buffer")):
        assert forgetting.effective_load(kernel, 1.0, 0.0) == 0
        assert forgetting.effective_load(kernel, 1.0, 1e-9) == pytest.approx(1e-9, rel=1e-6)
        assert forgetting.effective_load(kernel, 1.0, 1e300) == pytest.approx(forgetting.effective_load(kernel, 1.0), rel=1e-9)
    assert forgetting.effective_load(Kernel("buffer"), 1.0, 3.0) == 1.0
    model = PalimpsestDAM(order=2)
    assert forgetting.effective_load(model.shape, 0, 0.0) == 0.0 and forgetting.effective_load(model.shape, 2.0, 0.0) == 0.0
    assert forgetting.effective_load(model.shape, 2, 0.5) == pytest.approx((1 - math.exp(-2)) / 4)
    assert forgetting.effective_load(PalimpsestDAM(order=2, kernel="rehearsal").shape, 0.0, 0.1) == pytest.approx(0.1 * 2 * 3)


def test_weights_at_finite_size():
    model = PalimpsestDAM(order=3, kernel="buffer")
    assert model.weights(0.5, 2, 10).tolist() == [1.0] * 8 + [0.0] * 2  # ages μ/N², the last that counts is 7/4
    np.testing.assert_allclose(PalimpsestDAM(order=2).weights(3.0, 6, 4), np.exp(-0.5 * np.arange(4)))
    assert PalimpsestDAM(order=2).weights(0.0, 6, 3).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("name", "linear", "ages", "flat", "default"),
    [
        ("exponential", True, True, False, None),
        ("power-law", True, True, False, 1.0),
        ("compressed-exponential", True, True, False, 2.0),
        ("hard-buffer", True, True, True, None),
        ("clipped", False, True, False, None),
        ("rehearsal", True, False, False, 1.0),
    ],
)
def test_what_a_kernel_is(name, linear, ages, flat, default):
    kernel = Kernel(name)
    assert (kernel.linear, kernel.ages, kernel.flat, kernel.exponent) == (linear, ages, flat, default)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Kernel("power", 0.5), "s of the power-law kernel must be a number > 0.5"),
        (lambda: Kernel("compressed", 0.01), "k of the compressed-exponential kernel must be a number > 0.01"),
        (lambda: Kernel("rehearsal", 0), "R of the rehearsal kernel must be a number > 0"),
        (lambda: Kernel("power", True), "exponent=True"),
        (lambda: Kernel("power", "2"), "exponent='2'"),
        (lambda: Kernel("power", math.inf), "exponent=inf"),
        (lambda: Kernel("buffer", 1.0), "the hard-buffer kernel has none"),
        (lambda: Kernel(3), "kernel=3"),
        (lambda: forgetting.age(Kernel(), 1.0000001), "weight=1.0000001"),
        (lambda: forgetting.age(Kernel(), -0.1), "weight=-0.1"),
        (lambda: Kernel("rehearsal").weight(0.5), "not a function of its age"),
        (lambda: forgetting.effective_load(Kernel("rehearsal"), 1.0), "load is missing"),
        (lambda: forgetting.effective_load(PalimpsestDAM(order=2).shape, math.inf, 0.1), "rate=inf"),
        (lambda: forgetting.effective_load(PalimpsestDAM(order=2).shape, -1e-9, 0.1), "rate=-1e-09"),
        (lambda: forgetting.effective_load(PalimpsestDAM(order=2).shape, 1.0, -1e-9), "load=-1e-09"),
        (lambda: forgetting.effective_load(PalimpsestDAM(order=2).shape, 1.0, math.nan), "load=nan"),
    ],
)
def test_the_first_that_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()
