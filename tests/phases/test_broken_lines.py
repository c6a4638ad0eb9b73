"""Lines of broken replica symmetry against values of an independent calculation, and against each other."""

from __future__ import annotations

import numpy as np
import pytest

import dammech as dm
from dammech.errors import InputError

TT = "theriault-tantari"

SPINODALS = [
    # order, interaction, temperature, load (units p! α, p T; canonical at order 2)
    (2, "distinct", 0, 0.1381864895649),
    (2, "distinct", 0.005, 0.138193643885),
    (2, "distinct", 0.015, 0.138197005194),
    (3, "distinct", 0, 0.9224235739875),
    (3, "distinct", 0.3, 0.927819069439),
    (3, "distinct", 0.7, 0.929115858453),
    (4, "distinct", 0, 0.9166869336002),
    (4, "distinct", 0.3, 0.919681736003),
    (3, "power", 0, 0.5332001219000),
    pytest.param(4, "power", 0, 0.3277326775868, marks=pytest.mark.slow),
    pytest.param(5, "distinct", 0, 0.9771908669413, marks=pytest.mark.slow),
    pytest.param(6, "distinct", 0, 1.0554166990893, marks=pytest.mark.slow),
    pytest.param(7, "distinct", 0, 1.1399551045910, marks=pytest.mark.slow),
    pytest.param(8, "distinct", 0, 1.2268941147333, marks=pytest.mark.slow),
]


@pytest.mark.parametrize("order, interaction, temperature, load", SPINODALS)
def test_retrieval_spinodal(order, interaction, temperature, load):
    units = {"convention": TT} if order > 2 else {}
    model = dm.HebbianDAM(order=order, interaction=interaction)
    (point,) = dm.boundary(model, "retrieval-spinodal", temperatures=temperature, ansatz="1rsb", **units).points
    assert point["converged"] and point["residual"] <= 1e-10 and point["ansatz"] == "1rsb"
    assert point["load"] == pytest.approx(load, abs=2e-10)


GLASSES = [
    (3, 0.681598040576, 0.651385226936, 0.24026003638),
    (4, 0.678411054852, 0.616883289515, 0.12784111696),
    (5, 0.700141707121, 0.606951730236, 0.07412685411),
    (6, 0.727475574151, 0.603295811224, 0.04403263483),
]


@pytest.mark.parametrize("order, dynamic, static, gardner", GLASSES)
def test_transitions_of_the_p_spin_glass(order, dynamic, static, gardner):
    for line, value in (("dynamic", dynamic), ("static", static), ("gardner", gardner)):
        (point,) = dm.boundary(dm.PSpin(order=order), line).points
        assert point["load"] is None and point["converged"] and point["valid"]
        assert point["temperature"] == pytest.approx(value, abs=2e-11), line


def test_the_glass_of_the_memory_is_that_of_the_spins():
    for line in ("dynamic", "static", "gardner"):
        (glass,) = dm.boundary(dm.PSpin(order=3), line).points
        (memory,) = dm.boundary(dm.HebbianDAM(order=3), line, loads=0.5, convention=TT).points
        assert memory["temperature"] == pytest.approx(glass["temperature"], abs=1e-11)


def test_a_continuous_glass_has_one_transition():
    (point,) = dm.boundary(dm.PSpin(order=2), "dynamic").points
    assert point["temperature"] == pytest.approx(1) and "continuously" in point["why"]
    (memory,) = dm.boundary(dm.HebbianDAM(order=2), "static", loads=0.25).points
    assert memory["temperature"] == pytest.approx(1.5) and memory["ansatz"] == "rs"


THERMODYNAMIC = [
    (3, 0, 0.844841351299),
    (3, 0.3, 0.845570520657),
    (3, 0.7, 0.8477219612),
    (3, 1.0, 0.8015803768),
    (2, 0, 0.056141611430),
    (2, 0.1, 0.055671818039),
]


@pytest.mark.parametrize("order, temperature, load", THERMODYNAMIC)
def test_thermodynamic_line_against_the_right_glass(order, temperature, load):
    units = {"convention": TT} if order > 2 else {}
    line = dm.boundary(dm.HebbianDAM(order=order), "thermodynamic", temperatures=temperature, ansatz="1rsb", **units)
    (point,) = line.points
    assert point["converged"] and point["load"] == pytest.approx(load, abs=1.01e-10)


def test_each_ansatz_allows_more_than_the_one_before():
    for order in (3, 4):
        model = dm.HebbianDAM(order=order)
        rs, one = (
            dm.boundary(model, "retrieval-spinodal", temperatures=0, ansatz=a, convention=TT)["load"][0]
            for a in ("rs", "1rsb")
        )
        top = 2 * dm.boundary(dm.PSpin(order=order), "dynamic")["temperature"][0] ** 2
        assert rs < one < top


def test_where_symmetry_holds_the_line_is_the_symmetric_one():
    model = dm.HebbianDAM(order=2)
    rs, one = (dm.boundary(model, "retrieval-spinodal", temperatures=[0.1, 0.3], ansatz=a) for a in ("rs", "1rsb"))
    assert np.array_equal(rs["load"], one["load"])
    assert all(p["ansatz"] == "rs" and p["valid"] for p in one.points)


def test_both_temperatures_of_the_reentrant_line():
    line = dm.boundary(dm.HebbianDAM(order=3), "retrieval-spinodal", loads=0.925, ansatz="1rsb", convention=TT)
    cold, warm = line.points
    assert cold["ansatz"] == "1rsb" and warm["ansatz"] == "rs" and cold["temperature"] < warm["temperature"]
    (back,) = dm.boundary(
        dm.HebbianDAM(order=3), "retrieval-spinodal", temperatures=cold["temperature"], ansatz="1rsb", convention=TT
    ).points
    assert back["load"] == pytest.approx(0.925, abs=1e-10)


@pytest.mark.parametrize("temperature", [0.905, 0.92, 0.928])
def test_the_spinodal_reaches_the_place_where_the_levels_merge(temperature):
    (point,) = dm.boundary(
        dm.HebbianDAM(order=3), "retrieval-spinodal", temperatures=temperature, ansatz="1rsb", convention=TT
    ).points
    assert point["converged"] and 0.92914971 < point["load"] < 0.92915178


@pytest.mark.parametrize(
    "line, arguments, message",
    [
        ("dynamic", {"ansatz": "rs", "loads": 0.1}, "ansatz='rs': the dynamic line"),
        ("statics", {"ansatz": "1rsb"}, "line='statics'"),
        ("retrieval-spinodal", {"ansatz": "one", "temperatures": 0}, "ansatz='one'"),
        ("thermodynamic", {"ansatz": "2rsb", "temperatures": 0}, "ansatz='2rsb': the thermodynamic line"),
        ("gardner", {"loads": -0.1}, "load=-0.1"),
    ],
)
def test_bad_input_is_one_sentence(line, arguments, message):
    with pytest.raises(InputError, match=message):
        dm.boundary(dm.HebbianDAM(order=3), line, **arguments)


@pytest.mark.parametrize("arguments", [{"loads": 0.5}, {"temperatures": 0.1}, {"points": 3}])
def test_the_p_spin_glass_has_single_temperatures(arguments):
    with pytest.raises(InputError, match="single static temperature"):
        dm.boundary(dm.PSpin(order=3), "static", **arguments)
