"""Free energies of one's own at T = 0: the theory that a declared map gives, its states and lines."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

import dammech as dm
from dammech.errors import InputError

m, q, T, J0, C, s, z = sp.symbols("m q T J0 C s z")


def glass(**declared):
    """The Sherrington–Kirkpatrick model with ferromagnetic couplings."""
    field = (J0 * m + sp.sqrt(q) * z) / T
    f = J0 * m**2 / 2 - (1 - q) ** 2 / (4 * T) - T * dm.GaussianAverage(dm.log2cosh(field), z)
    replicon = 1 - dm.GaussianAverage((1 - sp.tanh(field) ** 2) ** 2, z) / T**2
    branches = {"ferromagnet": m > 0, "glass": sp.Eq(m, 0) & (q > 0), "paramagnet": sp.Eq(m, 0) & sp.Eq(q, 0)}
    lines = {"AT": dm.Zero("ferromagnet", "replicon"), "edge": dm.Marginal("glass")}
    return dm.FreeEnergy(f, [m, q], [T, J0], replicon=replicon, branches=branches, lines=lines, cold={q: 1 - C * T}, **declared)


@pytest.fixture(scope="module")
def sk():
    return glass()


def test_the_glass_at_zero_is_that_of_sherrington_and_kirkpatrick(sk):
    found = dm.solve(sk, T=0, J0=0.5, branch="glass")
    assert found["C"] == pytest.approx(math.sqrt(2 / math.pi), rel=1e-13) and found["q"] == 1 and found["T"] == 0
    assert found["free_energy"] == found["energy"] == pytest.approx(-math.sqrt(2 / math.pi), rel=1e-13)
    assert found["entropy"] == pytest.approx(-1 / (2 * math.pi), rel=1e-13)
    assert found.converged and not found.valid and found["replicon"] < 0


def test_the_magnet_at_zero_is_the_limit_of_low_temperatures(sk):
    found = dm.solve(sk, T=[0, 1e-3, 2e-3], J0=[1.5, 1.8], branch="ferromagnet")
    assert found.converged and found["m"].shape == (3, 2)
    for name in ("m", "C", "free_energy", "entropy"):
        cold, one, two = found[name]
        assert 2 * one - two == pytest.approx(cold, abs=2e-5), name  # what is left is of order T²
    assert float(sp.erf(1.5 * found["m"][0, 0] / math.sqrt(2))) == pytest.approx(found["m"][0, 0], rel=1e-12)


def test_a_branch_that_the_map_excludes_is_known_not_to_exist(sk):
    found = dm.solve(sk, T=[0.5, 0], J0=0.5, branch="paramagnet", throw=False)
    assert [p.status for p in found.points] == ["converged", "no-state"] and "at T = 0" in found.points[1].why


def test_lines_reach_zero(sk):
    line = dm.boundary(sk, "edge", T=[0.1, 0, 0.01])
    assert line["J0"][1] == pytest.approx(math.sqrt(math.pi / 2), rel=1e-10) and list(line["T"]) == [0.1, 0, 0.01]
    assert line["J0"][2] == pytest.approx(line["J0"][1], rel=1e-2) and line["J0"][2] < line["J0"][1]
    assert dm.boundary(sk, "edge", T=0)["J0"][0] == line["J0"][1]


def test_a_replicon_that_only_underflows_has_no_zero(sk):
    """−c exp(−J0²m²/2) is zero in floating point from J0 = 39 on: a root of the equations, but not an isolated one."""
    found = dm.boundary(sk, "AT", T=0, throw=False)
    assert not found.converged and found.points[0]["J0"] is None


def test_a_theory_whose_order_parameters_stay():
    """The random-field magnet: m = erf(m/(s√2)) at T = 0, with the spinodal of the magnet at s = √(2/π)."""
    f = m**2 / 2 - T * dm.GaussianAverage(dm.log2cosh((m + s * z) / T), z)
    branches, lines = {"magnet": m > 0, "none": sp.Eq(m, 0)}, {"end": dm.Marginal("none")}
    magnet = dm.FreeEnergy(f, [m], [T, s], cold={}, branches=branches, lines=lines)
    found = dm.solve(magnet, T=[0, 1e-3], s=0.5, branch="magnet")
    assert found["m"][0] == pytest.approx(float(sp.erf(found["m"][0] / (0.5 * math.sqrt(2)))), rel=1e-12)
    assert found["m"] == pytest.approx(found["m"][0], rel=1e-5)
    assert dm.boundary(magnet, "end", T=0)["s"][0] == pytest.approx(math.sqrt(2 / math.pi), rel=1e-10)


def test_the_map_survives_fixing_a_parameter(sk):
    fixed = sk.restrict({next(x for x in sk.parameters if x.name == "J0"): sp.Rational(3, 2)})
    assert dm.solve(fixed, T=0, branch="ferromagnet")["m"] == pytest.approx(0.7195714982, rel=1e-9)


@pytest.mark.parametrize(
    ("cold", "words"),
    [
        ({J0: 1 - C * T}, "must be an order parameter"),
        ({q: 1 - C}, "must be a number at T = 0"),
        ({q: 1 - C * T * s}, "one new symbol"),
        ({q: 1 - J0 * T}, "one new symbol"),
        ({q: 1}, "one new symbol"),
        ({"q": 1 - C * T}, "must give expressions by symbol"),
        (3, "must give expressions by symbol"),
    ],
)
def test_a_map_that_is_none_is_refused(cold, words):
    f = J0 * m**2 / 2 + q**2 - T * dm.log2cosh(J0 * m / T)
    with pytest.raises(InputError, match=words):
        dm.FreeEnergy(f, [m, q], [T, J0], cold=cold)


def test_without_a_temperature_there_is_no_map():
    with pytest.raises(InputError, match="temperature T"):
        dm.FreeEnergy(m**2 - J0 * m, [m], [J0], cold={})


def test_a_limit_that_is_not_known_is_said():
    f = m**2 / 2 - T * dm.GaussianAverage(sp.log(1 + sp.exp(2 * (m + z) / T)), z)
    magnet = dm.FreeEnergy(f, [m], [T], cold={})
    with pytest.raises(InputError, match="temperature=0"):
        dm.solve(magnet, T=0)


def test_the_response_is_reported_at_every_temperature(sk):
    found = dm.solve(sk, T=np.array([0.3, 0.6]), J0=0.5, branch="glass")
    assert found["C"] == pytest.approx((1 - found["q"]) / [0.3, 0.6], rel=1e-12)
