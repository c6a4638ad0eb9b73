"""A free energy of one's own goes through the same lines, and a polynomial interaction through the same chain."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.optimize import brentq

import dammech as dm
from dammech.errors import InputError
from dammech.phases import boundary, phase_diagram

m, T, s, z = sp.symbols("m T s z")


@pytest.fixture(scope="module")
def random_field():
    return dm.FreeEnergy(m**2 / 2 - T * dm.GaussianAverage(dm.log2cosh((m + s * z) / T), z), [m], [T, s])


@pytest.fixture(scope="module")
def three_body():
    return dm.FreeEnergy(2 * m**3 / 3 - T * dm.GaussianAverage(dm.log2cosh((m**2 + s * z) / T), z), [m], [T, s])


def _gauss(function):
    return quad(lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi) * function(x), -9, 9, epsabs=1e-12, limit=400)[
        0
    ]


def test_instability_against_a_direct_root(random_field):
    found = boundary(random_field, "instability", T=[0.5, 0.8])
    for point in found.points:
        direct = brentq(
            lambda w, t=point["T"]: _gauss(lambda x: 1 / math.cosh(w * x / t) ** 2) / t - 1, 0.1, 2, xtol=1e-12
        )
        assert math.isclose(point["s"], direct, rel_tol=1e-8)
    assert not boundary(random_field, "spinodal", T=[0.5]).converged  # the transition is continuous


def test_spinodal_and_transition_of_a_three_body_magnet(three_body):
    spinodal, transition = (boundary(three_body, k, T=[0.2, 0.4]) for k in ("spinodal", "transition"))
    assert spinodal.converged and transition.converged
    assert np.all(transition["s"] < spinodal["s"])
    beyond = dm.solve(three_body, T=0.2, s=float(spinodal["s"][0]) * 1.001, start={"m": 0.85}, throw=False)
    assert not beyond.converged or abs(beyond["m"]) < 0.1
    inside = dm.solve(three_body, T=0.2, s=float(spinodal["s"][0]) * 0.999, start={"m": 0.9})
    assert inside["m"] > 0.8


def test_phase_diagram_of_a_free_energy(three_body):
    diagram = phase_diagram(three_body)
    assert {b.line for b in diagram.lines} == {"spinodal", "transition"}
    assert all(p["residual"] <= 1e-10 for b in diagram.lines for p in b.points)


def test_what_is_missing_is_named(random_field):
    with pytest.raises(InputError, match="leave exactly one"):
        boundary(random_field, "instability", T=[0.5], s=0.1)
    with pytest.raises(InputError, match="no replicon"):
        boundary(random_field, "at", T=[0.5])
    with pytest.raises(InputError, match="'x' is unknown"):
        boundary(random_field, "instability", x=[0.5])


def test_polynomial_interaction_has_the_capacity_of_its_noise_strength():
    """At T = 0 only ξ'(1) enters for p ≥ 3, so the load scales with it: an exact relation between interactions."""
    polynomial, power = dm.HebbianDAM(interaction="y**4 + 2*y**3 - y"), dm.HebbianDAM(4, "power")
    loads = [boundary(k, "retrieval-spinodal", temperatures=0)["load"][0] for k in (polynomial, power)]
    assert math.isclose(
        loads[0] * float(polynomial.noise_strength), loads[1] * float(power.noise_strength), rel_tol=1e-9
    )
