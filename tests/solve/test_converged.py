"""A verdict of ``converged`` is a statement about the root itself: equations that are flat around it, or anywhere, have none."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.solve import newton
from dammech.solve.newton import ERROR_TOLERANCE


class Toy:
    """One equation r(x) = 0 with an exact slope, and a parameter that is solved for where it is made free."""

    unknowns, parameters = ["x"], ["a"]

    def __init__(self, value: Callable, slope: Callable, quadrature: float = 0.0) -> None:
        self.value, self.slope, self.quadrature = value, slope, quadrature

    def residual(self, u, p, order=16):
        with np.errstate(all="ignore"):
            return self.value(u[:1], p[:1]) + (self.quadrature if order > 16 else 0.0)

    def jacobian(self, u, p, order=16):
        with np.errstate(all="ignore"):
            return np.stack([self.slope(u[:1], p[:1]), 0 * u[:1] - 1.0], axis=1)

    def outputs(self, u, p, order=16):
        return {}

    def inside(self, u, p):
        return np.ones(u.shape[1], dtype=bool)


@settings(max_examples=200, deadline=None)
@given(
    at=st.floats(-1e3, 1e3), power=st.integers(1, 7), size=st.floats(-14, 6), start=st.floats(-1e3, 1e3),
    noise=st.floats(0, 1e-13),
)
def test_converged_means_that_the_root_is_known(at, power, size, start, noise):
    """s (x − a)ⁿ + noise: wherever the verdict is converged, x is the root to the tolerance, whatever the scale."""
    scale = 10.0**size
    toy = Toy(
        lambda u, p: scale * (u - at) ** power + noise * scale * np.sin(1e9 * u),
        lambda u, p: scale * power * (u - at) ** (power - 1),
    )
    found = newton(toy, [[start]], [[1.0]])
    if found.converged[0]:
        assert abs(found.u[0, 0] - at) <= 10 * ERROR_TOLERANCE * max(1.0, abs(at))
    elif power == 1 and noise == 0:
        pytest.fail(f"a simple root was not found: {found}")


@settings(max_examples=50, deadline=None)
@given(start=st.floats(-5, 900), rate=st.floats(0.1, 30))
def test_a_plateau_is_no_root(start, rate):
    """exp(−k x) has no root: not where its residual is below every tolerance, nor where it underflows to zero."""
    toy = Toy(lambda u, p: np.exp(-rate * u), lambda u, p: -rate * np.exp(-rate * u))
    found = newton(toy, [[start]], [[1.0]])
    assert not found.converged[0] and found.shortfall(0)


def test_a_quadrature_error_is_an_error_of_the_root():
    linear = (lambda u, p: 1e-3 * (u - 0.5), lambda u, p: 0 * u + 1e-3)
    assert newton(Toy(*linear), [[0.0]], [[1.0]]).converged[0]
    blind = newton(Toy(*linear, quadrature=1e-9), [[0.0]], [[1.0]])
    assert not blind.converged[0] and blind.error[0, 0] == pytest.approx(1e-6) and "estimated error" in blind.shortfall(0)


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e9])
def test_the_verdict_does_not_depend_on_the_unit_of_energy(size):
    m, T = sp.symbols("m T")
    free = dm.FreeEnergy(sp.Float(size) * (m**2 / 2 - T * dm.log2cosh(m / T)), [m], [T])
    found = dm.solve(free, T=0.5, start={"m": 1.0})
    assert found["m"] == pytest.approx(0.9575040240772687, abs=1e-8) and found.status == "converged"


@pytest.mark.parametrize("start", [1.0, 30.0, 800.0])
def test_no_state_of_a_free_energy_that_only_falls(start):
    x, T = sp.symbols("x T")
    answer = dm.solve(dm.FreeEnergy(sp.log(1 + sp.exp(-x)), [x], [T]), T=1.0, start={"x": start}, throw=False)
    assert answer.status == "not-converged" and answer["x"] is None and "search" in answer.why and answer.code


def test_an_exact_root_is_one_even_at_the_critical_point():
    m, T = sp.symbols("m T")
    free = dm.FreeEnergy(m**2 / 2 - T * dm.log2cosh(m / T), [m], [T])
    assert dm.solve(free, T=1.0).to_json()["m"] == 0.0


def test_documents_say_what_is_known():
    model = dm.HebbianDAM(order=2)
    cold = dm.solve(model, load=0.1, temperature=0, branch="paramagnetic", throw=False).to_json()
    assert cold["status"] == "no-state" and cold["code"] == "no-state" and not cold["converged"]
    beyond = dm.boundary(model, "spin-glass", temperatures=[0.5, 1.5]).to_json()["points"]
    assert {p["status"] for p in beyond} <= {"converged", "no-state", "not-converged"}
    assert all((p["status"] == "converged") == p["converged"] for p in beyond)


@pytest.mark.parametrize("field", [2.0, -2.0, 40.0])
def test_states_need_not_be_overlaps(field):
    """Order parameters of a free energy of one's own have any sign and size."""
    m, q, h = sp.symbols("m q h")
    free = dm.FreeEnergy(0.8 * m**2 / 2 + q**2 / 2 + h * m - 0.3 * m * q + sp.cos(m) / 5, [m, q], [h])
    found = dm.solve(free, h=field)
    assert abs(0.8 * found["m"] + field - 0.3 * found["q"] - math.sin(found["m"]) / 5) < 1e-9 and abs(found["m"]) > 1
