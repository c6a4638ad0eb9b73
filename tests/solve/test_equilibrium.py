"""Equilibrium between phases: against the lines where phases exchange it, which are computed elsewhere and otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest

import dammech as dm

STATIC = {3: 0.651385226936}  # T_K of the p-spin glass, J = 1
ENTROPY_ZERO = 1 / (2 * math.sqrt(math.log(2)))  # of the paramagnet of any p


def test_the_paramagnet_stays_valid_and_stops_being_the_equilibrium():
    T = STATIC[3] * np.array([1.5, 1.0001, 0.9999]) if STATIC[3] > ENTROPY_ZERO else np.array([])
    for temperature, expected in zip(T, (True, True, False), strict=True):
        point = dm.solve(dm.PSpin(order=3), temperature=temperature, branch="paramagnetic")
        assert (point.valid, point.equilibrium) == (True, expected)
    below = dm.solve(dm.PSpin(order=3), temperature=0.99 * ENTROPY_ZERO, branch="paramagnetic")
    assert (below.valid, below.equilibrium, below.code) == (False, False, "entropy")


def test_retrieval_against_the_paramagnet_on_both_sides_of_the_line():
    critical = 0.8015803768  # p = 3, T = 1, units of theriault2024
    for load, expected in ((critical - 1e-8, True), (critical + 1e-8, False)):
        for branch, holds in (("retrieval", expected), ("paramagnetic", not expected)):
            where = {"load": load, "temperature": 1.0, "convention": "theriault-tantari"}
            assert dm.solve(dm.HebbianDAM(order=3), branch=branch, **where).equilibrium is holds


def test_an_array_is_judged_like_its_points_and_one_phase_wins():
    model = dm.HebbianDAM(order=3)
    where = {"load": [0.03, 0.1, 0.125, 0.14], "temperature": [0.15, 0.25, 0.4]}
    found = {b: dm.solve(model, branch=b, throw=False, **where) for b in ("retrieval", "paramagnetic")}
    for pair in zip(*found.values(), strict=True):
        assert sum(point.equilibrium is True for point in pair) <= 1
        for point in pair:
            alone = dm.solve(model, branch=point.branch, throw=False, **point.parameters)
            assert alone.equilibrium is point.equilibrium
            assert point.equilibrium is not True or (point.valid and point.converged)
    assert any(p.equilibrium for p in found["retrieval"]) and any(p.equilibrium is False for p in found["retrieval"])


@pytest.mark.slow
def test_retrieval_against_the_broken_glass():
    model = dm.HebbianDAM(order=2)
    line = dm.boundary(model, "thermodynamic", temperatures=0.1, ansatz="1rsb")["load"][0]
    answers = [dm.solve(model, load=line * x, temperature=0.1).equilibrium for x in (0.5, 0.98, 1.1, 2)]
    assert answers == [True, True, False, False]


def test_what_has_no_known_rival_says_so():
    document = dm.solve(dm.PSpin(order=3), temperature=0.7, branch="paramagnetic").to_json()
    assert document["equilibrium"] is True and document["equilibrium_why"] is None
    cold = dm.solve(dm.HebbianDAM(order=3), load=0.05, temperature=0).to_json()
    assert cold["valid"] is False and cold["equilibrium"] is not True and cold["equilibrium_why"] and cold["stable"] is None
