"""The parts of the claims where symmetry is broken, on numbers made for the purpose and on systems of a few spins."""

from __future__ import annotations

import math

import numpy as np
import pytest

import dammech as dm
from dammech.systems.pspin.claims import glass
from dammech.systems.pspin.claims.tempered import glass as tempered
from dammech.systems.pspin.claims.tempered import reduced
from dammech.validate import Estimate, Policy, Prediction, compare
from dammech.validate.theory import climbed, stable

LADDER = (0.5, 0.7, 1.0, 1.4)


@pytest.mark.parametrize(
    ("truncation", "error", "expected"),
    [
        (0.001, 0.005, "pass"),  # a fifth of the standard error
        (0.002, 0.005, "ansatz-invalid"),
        (None, 0.005, "ansatz-invalid"),
        (0.001, math.inf, "ansatz-invalid"),
        (0.01, 0.05, "pass"),  # coarse data accept the step; whether they decide is weighed after
    ],
)
def test_an_unstable_step_counts_where_the_hierarchy_has_converged(truncation, error, expected):
    prediction = Prediction(0.9, False, "the replicon is negative", truncation)
    found = compare({}, prediction, Estimate(0.9, error), (), Policy())
    assert found.verdict == expected
    assert "replicon" in found.why


def test_a_converged_hierarchy_can_still_be_wrong():
    prediction = Prediction(0.9, False, "the replicon is negative", 0.001)
    assert compare({}, prediction, Estimate(0.88, 0.004), (), Policy()).verdict == "fail"


def test_known_deviations_sharpen_a_mean_and_leave_it():
    rng = np.random.default_rng(3)
    pulls, gain = [], []
    for _ in range(200):
        known = rng.standard_normal((60, 2))
        values = 0.7 + known @ [0.3, -0.1] + 0.05 * rng.standard_normal(60)
        mean, error = reduced(values, known)
        pulls.append((mean - 0.7) / error)
        gain.append(error * math.sqrt(60) / values.std())
    assert abs(np.mean(pulls)) < 4 / math.sqrt(200) and 0.85 < np.std(pulls) < 1.2
    assert np.mean(gain) < 0.25
    few = reduced(np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.3]))
    assert few == (2.0, pytest.approx(1 / math.sqrt(3)))


@pytest.mark.parametrize("order", [2, 3])
def test_what_is_known_of_a_glass_is_zero_on_average(order):
    found = tempered(order, 10, 40, 1024, LADDER, (1, 2))
    assert found.known.shape == (80, 3) and list(found.seed) == [1] * 40 + [2] * 40
    pulls = found.known.mean(axis=0) / (found.known.std(axis=0, ddof=1) / math.sqrt(80))
    assert np.abs(pulls).max() < 4
    assert found.distinct == pytest.approx(0.9 if order == 2 else 0.72)
    assert np.allclose(found.laws.sum(axis=2), 1)


def test_sets_of_sites_of_equal_and_of_unrelated_copies():
    found = tempered(3, 10, 40, 1024, LADDER, (1, 2))
    weights = np.array([math.comb(10, k) for k in range(11)]) / 2**10
    for law, expected in ((np.eye(11)[10], 1.0), (weights, 0.0)):
        made = type(found)(**{**vars(found), "laws": np.tile(law, (80, 4, 1))})
        assert np.allclose(made.links(0.5, (3, 4)), expected, atol=1e-12)


def test_tempering_finds_the_ground_states_that_enumeration_finds(monkeypatch):
    assert glass._missed((1, 2), size=10, samples=5, sweeps=512) == []
    monkeypatch.setattr(glass, "pspin_ground_state", lambda *_: dm.exact.GroundState(-1.0, 1, np.ones(10, np.int8)))
    assert glass._missed((1,), size=10, samples=5, sweeps=512) == ["tempering missed 5 of 5 ground states at N = 10"]


def test_steps_of_the_hierarchy():
    one = stable(dm.PSpin(3), "energy", 0.5)
    assert one.valid and one.value == pytest.approx(-0.793377176, abs=1e-8)
    coarse = climbed(dm.PSpin(2), "energy", None, 0.0, ("rs", "1rsb"))
    assert coarse.value == pytest.approx(-0.765259435, abs=1e-8) and not coarse.valid
    assert coarse.truncation == pytest.approx(math.sqrt(2 / math.pi) - 0.765259435, abs=1e-8)
    verdict = compare({}, coarse, Estimate(-0.7632, 0.002), [], Policy()).verdict
    assert verdict == "ansatz-invalid"
