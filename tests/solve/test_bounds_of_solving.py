"""How much is solved for at once, and how cold: the last that is accepted and the first that is refused."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import dammech as dm
from dammech.errors import InputError
from dammech.solve.solution import MOST_POINTS, check_temperatures, grid_of, number

m, T, h = sp.symbols("m T h")
OWN = dm.FreeEnergy(m**2 / 2 - h * m, [m], [h])


def test_a_sequence_has_at_most_so_many_values():
    assert number("load", np.zeros(100_000)).size == MOST_POINTS == 100_000
    with pytest.raises(InputError, match=r"^load: has 100001 values; at most 100000 are solved for$"):
        dm.solve(dm.HebbianDAM(2), load=np.zeros(100_001), temperature=0.5)


def test_a_grid_has_at_most_so_many_points():
    grid = grid_of(np.arange(400.0), np.arange(250.0))
    assert grid.shape == (100_000, 2) and grid[251].tolist() == [1, 1] and grid[-1].tolist() == [399, 249]
    with pytest.raises(InputError, match=r"^the sequences mean 100001 points; at most 100000 are solved for$"):
        dm.solve(dm.HebbianDAM(2), load=np.linspace(0.01, 0.1, 11), temperature=np.linspace(0.1, 1, 9091))
    with pytest.raises(InputError, match=r"^h: has 100001 values; at most 100000"):
        dm.solve(OWN, h=np.zeros(100_001))
    two = dm.FreeEnergy(m**2 / 2 - h * m - T, [m], [h, T])
    with pytest.raises(InputError, match=r"^the sequences mean 100001 points; at most 100000 are solved for$"):
        dm.solve(two, h=np.linspace(0.1, 1, 11), T=np.linspace(0.1, 1, 9091))


@pytest.mark.parametrize(("ansatz", "coldest"), [("rs", 1e-12), ("1rsb", 1e-6), ("2rsb", 1e-6)])
def test_the_coldest_temperature_of_each_ansatz_in_the_units_that_were_asked_for(ansatz, coldest):
    fine = np.array([0.0, coldest, 1.0])
    check_temperatures(fine, fine, ansatz)
    with pytest.raises(InputError, match=f"^temperature={1.98 * coldest:g}: must be 0, .* or at least {2 * coldest:g}$"):
        check_temperatures(np.array([1.0, 1.98 * coldest]), np.array([0.5, 0.99 * coldest]), ansatz)


@pytest.mark.parametrize(
    ("value", "options", "refused"),
    [(0, {}, False), (0, {"positive": True}, True), (-1e-300, {}, True), (-1.0, {"signed": True}, False),
     (1e-300, {"positive": True}, False), (np.inf, {}, True), (np.nan, {"signed": True}, True), ([], {}, True),
     ([0.1, -0.1], {}, True), (True, {}, True), ("1", {}, True), ([1, None], {}, True), (sp.Rational(1, 3), {}, False)],
)  # fmt: skip
def test_numbers_that_are_parameters(value, options, refused):
    if refused:
        with pytest.raises(InputError, match=r"^x="):
            number("x", value, **options)
    else:
        assert number("x", value, **options).tolist() == [pytest.approx(float(value))]
