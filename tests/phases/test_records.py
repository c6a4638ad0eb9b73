"""Records of points and names of regions, by themselves."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from toy_equations import Toy

import dammech as dm
from dammech.equations import Theory
from dammech.phases.breaking import _record
from dammech.phases.plane import _named
from dammech.solve.newton import Roots

m, T, h, D = sp.symbols("m T h D")


def recorded(unknowns, values, parameters="alpha T", at=(0.05, 0.4), ansatz="1rsb", **outputs):
    toy = Toy(["m"] * len(unknowns.split()), unknowns, parameters)
    roots = Roots(np.array(values)[:, None], np.array(at)[:, None], np.array([1e-13]), np.zeros((1, 1)), np.array([True]))
    return _record(toy, roots, 0, "load", ansatz, {k: np.array([v]) for k, v in outputs.items()}, 1e-12)


def test_one_step_without_an_outer_level_has_it_at_zero():
    glass = recorded("m q1 theta", [0.3, 0.8, 0.6], replicon_q0=1.0, replicon_q1=0.2)
    assert (glass["q0"], glass["q1"], glass["theta"], glass["m"]) == (0.0, 0.8, 0.6, 0.3)
    assert (glass["replicon"], glass["valid"], glass["why"], glass["ansatz"]) == (0.2, True, None, "1rsb")
    assert (glass["load"], glass["temperature"], glass["load_error"]) == (0.05, 0.4, 1e-12)
    assert "q0" not in recorded("m q1 theta", [0.3, 0.8, 0.6], ansatz="2rsb")
    assert "q0" not in recorded("m q", [0.3, 0.8])
    assert recorded("m q0 q1 theta", [0.3, 0.1, 0.8, 0.6])["q0"] == 0.1


def test_a_gap_is_told_as_the_inner_level_and_clusters_at_the_onset_have_theta_one():
    point = recorded("m q0 gap v_m", [0.3, 0.2, 0.5, 9.0], replicon_q1=-0.1)
    assert point["q1"] == pytest.approx(0.6) and point["q0"] == 0.2 and not {"gap", "v_m"} & set(point)
    assert point["theta"] == 1.0 and not point["valid"]
    assert point["why"] == "1rsb is unstable here (smallest replicon -0.1 < 0)"
    assert "theta" not in recorded("m q1", [0.3, 0.8], "alpha T theta", (0.05, 0.4, 0.7))
    cold = recorded("m q1", [0.3, 0.8], "alpha", (5e5,))
    assert cold["temperature"] == 0.0 and cold["load_error"] == pytest.approx(5e5 * 2.220446e-16, rel=1e-6)
    assert recorded("m q1", [0.3, 0.8], "T", (0.4,))["load"] is None


def test_every_state_beside_the_lowest_is_named_once():
    """A double well in a field has one metastable state, without the field two of equal energy, which are one and its image."""
    well = Theory.of(dm.FreeEnergy(m**4 / 4 - T * m**2 / 2 - h * m, [m], [T, h]))
    points = np.array([[1.0, 1.0, 1.0, 1.0, -1.0], [0.1, -0.1, 0.0, 0.9, 0.0]])
    names = ["m > 0 (metastable: m < 0)", "m < 0 (metastable: m > 0)", "m > 0", "m > 0", "m = 0"]
    assert _named(well, points) == [(name, None) for name in names]
    # three wells: m = 0 and m = ±√(1/2 + √(1/4 − D/2)) where D is small
    three = Theory.of(dm.FreeEnergy(m**6 / 3 - m**4 / 2 + D * m**2 / 2 - h * m, [m], [D, h]))
    points = np.array([[0.3, 0.45, 0.3, 0.45], [0.0, 0.0, 0.01, 0.01]])
    found = [name for name, _ in _named(three, points)]
    assert found == ["m > 0 (metastable: m = 0)", "m = 0 (metastable: m > 0; m < 0)", *["m > 0 (metastable: m < 0)"] * 2]
