"""Claims as they are, run for real; and the parts of their experiments against what they must reproduce."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import dammech as dm
from dammech.validate import Prediction, claims, final_seeds, plans
from dammech.validate.crossings import crossing
from dammech.validate.judge import judge

QUICK = [name for name, claim in claims().items() if "quick" in claim.levels]


def test_a_claim_end_to_end():
    report = dm.validate("hebbian.p3.one-step-bit-error")
    (claim,) = report.claims
    assert report.ok and claim["verdict"] == "pass"
    assert abs(claim["z"]) <= 4 and claim["negative_control"]["rejected"]
    assert claim["seeds"] == list(final_seeds(plans()[claim["name"]]))
    assert set(claim["points"][0]["data"][0]["by_seed"]) == set(map(str, claim["seeds"]))


def test_a_wrong_theory_in_the_place_of_the_right_one_fails():
    claim = claims()["hebbian.p3.one-step-bit-error"]
    swapped = replace(claim, prediction=lambda p: Prediction(claim.rivals[0].predict(p)))
    assert judge(swapped, claim.parameters[0], "quick", (1, 2, 3)).verdict == "fail"


def test_crossing_of_a_known_law():
    from scipy.special import ndtr

    rng = np.random.default_rng(2)
    loads = np.linspace(0.08, 0.12, 7)
    trials = np.full(7, 200)
    found = [crossing(loads, rng.binomial(trials, ndtr((0.1 - loads) / 0.01)), trials) for _ in range(60)]
    pulls = [(f.load - 0.1) / f.error for f in found]
    assert abs(np.mean(pulls)) < 4 / math.sqrt(60)
    assert 0.7 < np.std(pulls) < 1.35


def test_crossing_of_counts_that_fall_at_once():
    loads, trials = np.linspace(0.1, 0.2, 11), np.full(11, 8)
    found = crossing(loads, np.where(loads < 0.155, 8, 0), trials)
    assert 0.15 < found.load < 0.16 and found.width > 0
    assert math.isfinite(found.load) and not math.isnan(found.error)
    none = crossing(loads, np.zeros(11, dtype=int), trials)
    assert not math.isnan(none.error)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_every_quick_claim(name):
    report = dm.validate(name)
    (claim,) = report.claims
    assert claim["verdict"] in ("pass", "weak"), claim["why"]
