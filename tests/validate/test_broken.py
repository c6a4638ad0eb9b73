"""The parts of the claims where symmetry is broken, on numbers made for the purpose and on systems of a few spins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dammech.systems.hebbian.claims.cooling import Cooling, cooled

import dammech as dm
from dammech.systems.hebbian.claims import annealed
from dammech.systems.pspin.claims import glass
from dammech.systems.pspin.claims.tempered import glass as tempered
from dammech.systems.pspin.claims.tempered import reduced
from dammech.validate import Estimate, Policy, Prediction, compare
from dammech.validate.theory import climbed, stable

LADDER = (0.5, 0.7, 1.0, 1.4)
SCHEDULE = (0.15, 0.05)


@pytest.mark.parametrize(
    ("truncation", "error", "expected"),
    [
        (0.001, 0.005, "pass"),  # a fifth of the standard error
        (0.002, 0.005, "ansatz-invalid"),
        (None, 0.005, "ansatz-invalid"),
        (0.001, math.inf, "ansatz-invalid"),
        (0.01, 0.05, "inconclusive"),  # coarse data accept the step but decide nothing
    ],
)
def test_an_unstable_step_counts_where_the_hierarchy_has_converged(truncation, error, expected):
    prediction = Prediction(0.9, False, "the replicon is negative", truncation)
    found = compare({}, prediction, Estimate(0.9, error), 0.8, Policy())
    assert found.verdict == expected
    assert "replicon" in found.why or expected == "inconclusive"


def test_a_converged_hierarchy_can_still_be_wrong():
    prediction = Prediction(0.9, False, "the replicon is negative", 0.001)
    assert compare({}, prediction, Estimate(0.88, 0.004), 0.8, Policy()).verdict == "fail"
    assert compare({}, prediction, Estimate(0.9, 0.004), 0.895, Policy()).verdict == "fail"


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


def test_waiting_times_share_their_patterns():
    one = cooled(3, "distinct", 0.13, 32, 6, (4, 8), SCHEDULE, (1, 2))
    other = cooled(3, "distinct", 0.13, 32, 6, (8, 16), SCHEDULE, (1, 2))
    assert np.array_equal(one.greedy, other.greedy) and np.array_equal(one.excess, other.excess)
    assert np.array_equal(one.overlap[:, 1], other.overlap[:, 0])
    assert one.overlap.shape == (12, 2, 2) and np.abs(one.overlap).max() <= 1
    part = one.of_seed(2)
    assert np.array_equal(part.overlap, one.overlap[6:]) and set(part.seed) == {2}
    ratio, error = one.ratio((0, 1), (0, 1))
    assert ratio == 1 and error == 0


def test_the_energy_of_the_pattern_is_above_its_mean_by_nothing_on_average():
    found = cooled(3, "distinct", 0.13, 24, 60, (2,), SCHEDULE, (5,))
    assert abs(found.excess.mean()) < 4 * found.excess.std(ddof=1) / math.sqrt(60)
    # and it says how much of the pattern is kept
    assert np.corrcoef(found.excess, found.greedy)[0, 1] < -0.3


def test_a_light_load_is_kept():
    light = cooled(3, "distinct", 0.01, 48, 8, (4,), SCHEDULE, (1,))
    assert light.mean(0, -1)[0] > 0.97 and light.kept(0)[0] == 1 and light.kept(0)[1] > 0


def test_an_annealed_claim_reports_every_waiting_time(monkeypatch):
    monkeypatch.setitem(annealed.PLANS, "quick", Cooling((24, 32, 48), (6, 6, 6), (4, 8), SCHEDULE))
    claim = dm.validate.claims()["hebbian.p3.retrieval-beyond-rs"]
    found = claim.experiment(claim.parameters[0], "quick", (1, 2))
    assert found.sizes == [24, 32, 48] and set(found.rows[0]["by_waiting_time"]) == {"4", "8"}
    assert set(found.rows[0]["by_seed"]) == {"1", "2"} and 0 < found.rows[0]["greedy_m"] <= 1
    limits = found.fit["limit_by_waiting_time"]
    assert found.fit["error_of_waiting_time"] == pytest.approx(abs(limits["8"]["value"] - limits["4"]["value"]))


def test_persistence_is_that_of_the_largest_size(monkeypatch):
    monkeypatch.setitem(annealed.PLANS, "full", Cooling((24, 32, 48), (6, 6, 6), (4, 8), SCHEDULE))
    claim = dm.validate.claims()["hebbian.p3.retrieval-persistence"]
    found = claim.experiment(claim.parameters[0], "full", (1, 2))
    assert found.value == found.rows[-1]["value"] == found.rows[-1]["by_waiting_time"]["8"]["retained"]
    light, heavy = (claim.experiment({**claim.parameters[0], "load": a}, "full", (1, 2)) for a in (0.02, 0.6))
    assert light.value == 1 and light.error > 0 and heavy.value < 0.8


def test_steps_of_the_hierarchy():
    one = stable(dm.PSpin(3), "energy", 0.5)
    assert one.valid and one.value == pytest.approx(-0.793377176, abs=1e-8)
    coarse = climbed(dm.PSpin(2), "energy", None, 0.0, ("rs", "1rsb"))
    assert coarse.value == pytest.approx(-0.765259435, abs=1e-8) and not coarse.valid
    assert coarse.truncation == pytest.approx(math.sqrt(2 / math.pi) - 0.765259435, abs=1e-8)
    verdict = compare({}, coarse, Estimate(-0.7632, 0.002), -math.sqrt(2 / math.pi), Policy()).verdict
    assert verdict == "ansatz-invalid"


def test_replica_symmetry_has_nothing_where_the_claim_is():
    (beyond,) = (c.parameters[0] for c in annealed.annealed_claims() if c.name.endswith("beyond-rs"))
    assert annealed._symmetric_overlap(beyond) == 0.0
    assert annealed._symmetric_change({**beyond, "load": annealed.BEFORE}) == pytest.approx(0.94403, abs=1e-4)
