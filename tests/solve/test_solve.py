"""States against known values, branches, verdicts, bad input."""

import math

import numpy as np
import pytest
import sympy as sp

import dammech as dm
from dammech.errors import InputError, NotConverged
from dammech.solve import branches, landscape, solve
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

TT = "theriault-tantari"


@pytest.mark.parametrize(
    "load, T, m, q, f, replicon",
    [
        (0.05, 0.3, 0.9911649957, 0.9829609502, -0.526236169946, 0.99879463),
        (0.10, 0.1, 0.9967508438, 0.9969158371, -0.550264751508, 0.98175197),
        (0.02, 0.6, 0.8792900736, 0.7792780757, -0.538523398207, 0.99097994),
    ],
)
def test_retrieval_state_of_hopfield(load, T, m, q, f, replicon):
    point = solve(HebbianDAM(2, "power"), load=load, temperature=T)
    np.testing.assert_allclose([point["m"], point["q"]], [m, q], rtol=0, atol=1e-10)
    assert math.isclose(point.free_energy, f, abs_tol=1e-12) and math.isclose(point.replicon, replicon, abs_tol=1e-8)
    assert point.residual <= 1e-10 and point.error <= 1e-10 and point.converged and point.valid and point.stable
    # without the diagonal f and e are shifted by α/2, and nothing else changes
    other = solve(HebbianDAM(2), load=load, temperature=T)
    assert math.isclose(other.free_energy - point.free_energy, load / 2, rel_tol=1e-12)
    assert math.isclose(other.entropy, point.entropy, rel_tol=1e-12)


def test_dense_memory_state_points():
    point = solve(HebbianDAM(3), load=0.5, temperature=0.8, convention=TT)
    expected = [0.9552141502, 0.9392841310, -1.021413431537, -0.9786400502, 0.05346673, 0.86931497]
    got = [point["m"], point["q"], point.free_energy, point.energy, point.entropy, point.replicon]
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("order, T", [(3, 0.6), (4, 0.85)])
def test_nishimori_line_is_exact(order, T):
    point = solve(HebbianDAM(order), load=T, temperature=T, convention=TT)
    assert abs(point["m"] - point["q"]) < 1e-12 and abs(point.energy + 1) < 1e-12


def test_glass_states():
    point = solve(HebbianDAM(2, "power"), load=0.1, temperature=0.1, branch="spin-glass")
    assert math.isclose(point["q"], 0.9276949148, abs_tol=1e-10) and math.isclose(point.replicon, -5.2975, abs_tol=1e-4)
    assert point.converged and not point.valid and "unstable" in point.why
    cold = solve(HebbianDAM(2), load=0.1, temperature=0, branch="spin-glass")
    assert math.isclose(cold.energy, -1 / math.pi - math.sqrt(2 * 0.1 / math.pi), rel_tol=1e-12)


def test_zero_temperature_has_its_own_equations():
    model = HebbianDAM(2)
    cold = solve(model, load=0.1, temperature=0)
    near = solve(model, load=0.1, temperature=1e-4)
    assert cold["q"] == 1.0 and cold.replicon is None and not cold.valid
    assert abs(cold["m"] - near["m"]) < 1e-6 and abs(cold["C"] - (1 - near["q"]) / 1e-4) < 1e-5
    assert abs(cold.free_energy - near.free_energy) < 1e-7
    perfect = solve(model, load=0, temperature=0)
    assert perfect["m"] == 1.0 and perfect.energy == -0.5


def test_paramagnet_and_p_spin():
    point = solve(HebbianDAM(3), load=0.3, temperature=1.0, branch="paramagnetic", convention=TT)
    assert math.isclose(point.free_energy, -0.15 - math.log(2), rel_tol=1e-12) and point["q"] == 0
    spin = solve(PSpin(3), temperature=0.7, branch="paramagnetic")
    assert math.isclose(spin.energy, -0.5 / 0.7, rel_tol=1e-12) and math.isclose(spin.replicon, 1.0)
    assert spin.to_json()["load"] is None
    glass = solve(PSpin(2), temperature=0.5)
    assert 0 < glass["q"] < 1 and glass.replicon < 0


@pytest.mark.slow
@pytest.mark.parametrize("patterns, overlap", [(3, 1 / 2), (5, 3 / 8)])
def test_symmetric_mixtures(patterns, overlap):
    point = solve(HebbianDAM(2), load=1e-5, temperature=0.02, branch=f"mixture-{patterns}")
    assert math.isclose(point["m"], overlap, rel_tol=1e-2)


def test_no_root_is_never_a_solution():
    beyond = solve(HebbianDAM(2), load=0.1381, temperature=0.3, throw=False)
    assert not beyond.converged and beyond["m"] is None and "no retrieval state" in beyond.why
    with pytest.raises(NotConverged) as error:
        solve(HebbianDAM(3), load=0.9262, temperature=1.0, convention=TT)  # just beyond its fold at 0.926062
    assert not error.value.result.converged


def test_arrays_agree_with_single_points():
    model, loads, temperatures = HebbianDAM(2), [0.01, 0.05, 0.07], [0.05, 0.2, 0.4]
    grid = solve(model, load=loads, temperature=temperatures)
    assert len(grid) == 9
    for k, point in enumerate(grid):
        single = solve(model, load=loads[k // 3], temperature=temperatures[k % 3])
        assert math.isclose(point["m"], single["m"], rel_tol=1e-12)
    assert grid["m"].shape == (3, 3) and grid[1, 2] is grid[5] and grid.axes == ("load", "temperature")


@pytest.mark.parametrize("T", [0.01, 0.003, 1e-4])
def test_low_temperature_keeps_its_digits(T):
    point = solve(HebbianDAM(2), load=0.1, temperature=T)
    assert point.residual <= 1e-10 and point.error <= 1e-10


@pytest.mark.slow
def test_every_branch_at_a_point():
    found = {p.branch for p in branches(HebbianDAM(2), load=0.02, temperature=0.3)}
    assert {"retrieval", "spin-glass"} <= found and "paramagnetic" not in found


def test_branches_of_a_free_energy_of_ones_own():
    m, T = sp.symbols("m T")
    magnet = {"f": m**2 / 2 - T * sp.log(2 * sp.cosh(m / T)), "order_parameters": [m], "parameters": [T]}
    found = branches(dm.FreeEnergy(*magnet.values(), branches={"up": m > 0, "down": m < 0}), T=0.5)
    assert found["branch"].tolist() == ["up", "down"] and found["m"] == pytest.approx([0.957504024, -0.957504024])
    with pytest.raises(InputError, match="declares no branches"):
        branches(dm.FreeEnergy(*magnet.values()), T=0.5)


def test_landscape_has_its_minimum_at_the_retrieval_state():
    model = HebbianDAM(2)
    state = solve(model, load=0.03, temperature=0.3)
    grid = np.array([state["m"] - 1e-3, state["m"], state["m"] + 1e-3])
    curve = landscape(model, load=0.03, temperature=0.3, m=grid)
    assert math.isclose(curve.free_energy[1], state.free_energy, rel_tol=1e-12)
    assert curve.free_energy[1] < curve.free_energy[0] and curve.free_energy[1] < curve.free_energy[2]


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"load": -1, "temperature": 0.1}, "load=-1"),
        ({"load": 0.1, "temperature": float("nan")}, "temperature=nan"),
        ({"load": float("inf"), "temperature": 0.1}, "load=inf"),
        ({"load": "abc", "temperature": 0.1}, "load='abc'"),
        ({"load": 0.1, "temperature": 1e-13}, "temperature=1e-13: must be 0"),
        ({"temperature": 0.1}, "load is missing"),
        ({"load": 0.1}, "temperature is missing"),
        ({"load": 0.1, "temperature": 0.1, "branch": "ferromagnetic"}, "branch='ferromagnetic'"),
        ({"load": 0.1, "temperature": 0.1, "convention": "raw"}, "convention='raw'"),
        ({"load": 0.1, "temperature": 0.1, "pressure": 1.0}, "pressure"),
        ({"load": [], "temperature": 0.1}, "empty"),
    ],
)
def test_bad_input_is_one_sentence(arguments, words):
    with pytest.raises(InputError) as error:
        solve(HebbianDAM(2), **arguments)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_the_rectified_memory_of_order_two_is_refused():
    with pytest.raises(InputError, match="order 2"):
        solve(HebbianDAM(2, "rectified"), load=0.1, temperature=0.1)


def test_room_and_function_are_one():
    assert (
        dm.solve(HebbianDAM(2), load=0.05, temperature=0.3)["m"]
        == solve(HebbianDAM(2), load=0.05, temperature=0.3)["m"]
    )


def test_equations_without_slopes_at_a_point_are_not_converged_there():
    """At T = 0 a free energy of one's own divides by zero: that is an answer, and no exception."""
    m, T = sp.symbols("m T", real=True)
    magnet = dm.FreeEnergy(m**2 / 2 - T * dm.log2cosh(m / T), [m], [T])
    point = solve(magnet, T=0.0, start={"m": 1.0}, throw=False)
    assert point.status == "not-converged" and point.why


@pytest.mark.parametrize("option", [{"ansatz": "1rsb"}, {"branch": "glass"}, {"convention": "ags"}])
def test_a_free_energy_of_ones_own_ignores_no_option(option):
    m, T = sp.symbols("m T")
    magnet = dm.FreeEnergy(m**2 / 2 - T * dm.log2cosh(m / T), [m], [T])
    with pytest.raises(InputError, match="is taken as it is, and takes none"):
        solve(magnet, T=0.5, **option)


def test_a_derivation_has_its_own_ansatz():
    with pytest.raises(InputError, match="ansatz='1rsb': this derivation is the one of rs"):
        solve(dm.derive(HebbianDAM(order=2), "rs"), load=0.1, temperature=0.1, ansatz="1rsb")
