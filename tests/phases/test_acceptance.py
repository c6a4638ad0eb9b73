"""Lines against known values: literature, independent calculations, exact relations."""

import math

import numpy as np
import pytest

from dammech.errors import InputError, NotConverged
from dammech.phases import boundary
from dammech.systems.hebbian.model import HebbianDAM

TT = "theriault-tantari"


@pytest.mark.parametrize(
    "order, interaction, load",
    [
        (2, "distinct", 0.137905566494931),
        (3, "distinct", 0.126095215385),
        (4, "distinct", 0.0329766865326),
        (3, "power", 0.0840634769236),
        (4, "power", 0.0131906746130),
    ],
)
def test_zero_temperature_capacity(order, interaction, load):
    point = boundary(HebbianDAM(order, interaction), "retrieval-spinodal", temperatures=0).points[0]
    assert point["converged"] and point["residual"] <= 1e-10 and point["load_error"] <= 1e-10
    assert math.isclose(point["load"], load, rel_tol=1e-9)


@pytest.mark.slow
def test_rectified_capacity_is_twice_that_of_the_power():
    rectified, power = (
        boundary(HebbianDAM(3, k), "retrieval-spinodal", temperatures=0) for k in ("rectified", "power")
    )
    assert math.isclose(rectified["load"][0], 2 * power["load"][0], rel_tol=1e-10)


def _closed_form_capacity(order: int) -> float:
    """α_TT = max (p/2) erf(x)^{2p−2}/x², by golden section: the explicit T = 0 branch, independent of the package."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda x: -order / 2 * math.erf(x) ** (2 * order - 2) / x**2,
        bounds=(0.5, 4),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return -found.fun


@pytest.mark.parametrize(
    "order",
    [
        3,
        7,
        pytest.param(5, marks=pytest.mark.slow),
        pytest.param(12, marks=pytest.mark.slow),
        20,
        64,
    ],
)
def test_every_order_agrees_with_the_explicit_branch(order):
    found = boundary(HebbianDAM(order), "retrieval-spinodal", temperatures=0, convention=TT)
    assert math.isclose(found["load"][0], _closed_form_capacity(order), rel_tol=1e-9)


def test_spinodal_at_finite_temperature():
    found = boundary(HebbianDAM(2), "retrieval-spinodal", temperatures=[0.1, 0.3, 0.005, 0.02])
    np.testing.assert_allclose(
        found["load"], [0.1350491898, 0.1033297826, 0.138015842, 0.138184057], rtol=0, atol=6e-10
    )
    assert [p["valid"] for p in found.points] == [True, True, False, False]
    found = boundary(HebbianDAM(3), "retrieval-spinodal", temperatures=[0.1, 0.5, 0.9], convention=TT)
    np.testing.assert_allclose(found["load"], [0.7855868654, 0.8796837510, 0.9287550947], rtol=0, atol=1e-10)


def test_reentrant_line_returns_every_temperature():
    found = boundary(HebbianDAM(2), "retrieval-spinodal", loads=0.138)
    low, high = found["temperature"]
    assert 0.004 < low < 0.0045 and 0.041 < high < 0.042
    again = boundary(HebbianDAM(2), "retrieval-spinodal", temperatures=[low, high])
    np.testing.assert_allclose(again["load"], 0.138, rtol=1e-10)


def test_at_line():
    found = boundary(HebbianDAM(2), "at", temperatures=[0.005, 0.02])
    np.testing.assert_allclose(found["load"], [0.1200398707, 0.1376272434], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found["replicon"], 0, atol=1e-9)
    found = boundary(HebbianDAM(3), "at", temperatures=[0.1, 0.5], convention=TT)
    np.testing.assert_allclose(found["load"], [0.5306421911, 0.8191431894], rtol=0, atol=1e-10)


def test_at_line_ends_on_the_spinodal():
    model = HebbianDAM(2)
    last = boundary(model, "at", points=50).points[-1]
    spinodal = boundary(model, "retrieval-spinodal", temperatures=last["temperature"])
    assert abs(last["temperature"] - 0.0250684) < 2e-4
    assert 0 < spinodal["load"][0] - last["load"] < 1e-6


def test_thermodynamic_line():
    found = boundary(HebbianDAM(2), "thermodynamic", temperatures=[0, 0.1, 0.3])
    np.testing.assert_allclose(found["load"], [0.051854330919, 0.0530915505, 0.0450307133], rtol=0, atol=1e-10)
    assert not any(p["valid"] for p in found.points) and all(
        "AT-unstable" in p["why"] or p["temperature"] == 0 for p in found.points
    )
    found = boundary(HebbianDAM(3), "thermodynamic", temperatures=[0.7, 1.0], convention=TT)
    assert found.points[0]["load"] is None and found.points[0]["why"] == "competitor is a 1RSB glass"
    assert math.isclose(found.points[1]["load"], 0.8015803768, abs_tol=1e-10) and found.points[1]["valid"]


def test_nishimori_line_meets_the_thermodynamic_line_at_the_static_transition():
    # there α = T = 2 T_K² in these units, T_K = 0.651385226936 of the p-spin glass with J = 1
    model, static = HebbianDAM(3), 2 * 0.651385226936**2
    above = boundary(model, "thermodynamic", temperatures=static * (1 + 1e-9), convention=TT)
    assert math.isclose(above["load"][0], static, rel_tol=1e-8)
    assert boundary(model, "thermodynamic", temperatures=static * (1 - 1e-6), convention=TT).points[0]["load"] is None


def test_nishimori_line():
    found = boundary(HebbianDAM(4), "nishimori", temperatures=[0.85], convention=TT)
    point = found.points[0]
    assert math.isclose(point["load"], 0.85, rel_tol=1e-12) and abs(point["m"] - point["q"]) < 1e-12
    with pytest.raises(InputError, match="nishimori"):
        boundary(HebbianDAM(4, "power"), "nishimori", temperatures=0.1)


def test_glass_transition_of_the_paramagnet():
    found = boundary(HebbianDAM(2), "spin-glass", loads=[0.04, 0.25, 1.0])
    np.testing.assert_allclose(found["temperature"], [1.2, 1.5, 2.0], rtol=1e-12)
    missing = boundary(HebbianDAM(3), "spin-glass", temperatures=0.3)
    assert missing.points[0]["load"] is None and "1RSB" in missing.points[0]["why"] and not missing.converged


def test_zero_entropy_line_of_the_paramagnet():
    found = boundary(HebbianDAM(3), "zero-entropy", temperatures=[0.5, 1.0], convention=TT)
    np.testing.assert_allclose(found["load"], 2 * math.log(2) * np.array([0.25, 1.0]), rtol=1e-12)


def test_a_point_beyond_the_end_is_said_not_to_exist():
    found = boundary(HebbianDAM(2), "retrieval-spinodal", temperatures=[0.5, 1.2])
    assert found.points[0]["converged"] and not found.points[1]["converged"] and found.points[1]["load"] is None
    with pytest.raises(NotConverged):
        boundary(HebbianDAM(2), "retrieval-spinodal", temperatures=1.2, throw=True)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"line": "retreival"}, "line='retreival'"),
        ({"line": "at", "temperatures": -0.1}, "temperature=-0.1"),
        ({"line": "at", "temperatures": float("nan")}, "temperature=nan"),
        ({"line": "at", "loads": float("inf")}, "load=inf"),
        ({"line": "at", "loads": "abc"}, "load='abc'"),
        ({"line": "at", "points": 0}, "points=0"),
        ({"line": "at", "loads": 0.1, "temperatures": 0.1}, "only one"),
        ({"line": "at", "convention": "nobody"}, "convention='nobody'"),
        ({"line": "at", "ansatz": "0rsb"}, "ansatz='0rsb'"),
        ({"line": "at", "branch": "retrieval"}, "branch='retrieval'"),
    ],
)
def test_bad_input_is_one_sentence(arguments, words):
    with pytest.raises(InputError) as error:
        boundary(HebbianDAM(2), **arguments)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_conventions_print_one_line_in_several_units():
    model = HebbianDAM(3)
    canonical = boundary(model, "retrieval-spinodal", temperatures=0.1)
    gardner = boundary(model, "retrieval-spinodal", temperatures=0.15, convention="gardner")
    assert math.isclose(gardner["load"][0], 3 * canonical["load"][0], rel_tol=1e-12)
    assert math.isclose(gardner["free_energy"][0], 1.5 * canonical["free_energy"][0], rel_tol=1e-12)
