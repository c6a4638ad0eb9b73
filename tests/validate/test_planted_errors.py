"""Errors that are planted in the theory and in the simulators: a claim, as it is run but with one seed, must fail at each."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.simulate.couplings import chain, kernels
from dammech.solve import solve
from dammech.systems.dreaming import DreamingDAM
from dammech.validate import Prediction, claims, compare, final_seeds, plans

pytestmark = pytest.mark.slow

#: it sees all of them, for the CPU time of a third of a run
NAME = "dreaming.t10.near-the-end"


def simulated():
    return claims()[NAME].experiment(claims()[NAME].parameters[0], "quick", final_seeds(plans()[NAME])[:1])


@pytest.fixture(scope="module")
def sound():
    """What the simulation gives without an error."""
    return simulated()


def verdict(estimate, prediction=None):
    claim = claims()[NAME]
    right = claim.prediction(claim.parameters[0])
    return compare({}, right if prediction is None else Prediction(prediction), estimate, (), claim.policy).verdict


def test_nothing_fails_where_nothing_is_planted(sound):
    assert verdict(sound) == "pass"


def test_a_reaction_that_is_dropped_at_order_2(sound):
    claim = claims()[NAME]
    (wrong,) = (r.predict(claim.parameters[0]) for r in claim.rivals if r.kind == "term")
    assert verdict(sound, wrong) == "fail"


def test_a_wrong_spread_of_what_is_stored_at_a_site(sound):
    """A variance of 0.005 about the pattern in place of none."""
    at = claims()[NAME].parameters[0]
    wrong = solve(DreamingDAM(at["sleep"], 0.005), load=at["load"], temperature=at["temperature"], branch="retrieval")
    assert verdict(sound, wrong["m"]) == "fail"


def test_flips_that_keep_a_part_of_their_own_term(monkeypatch):
    """A tenth of J_ii, of which every pattern has 1/N, and which a flip does not change. With all of it chains do not move."""
    monkeypatch.setattr(chain, "with_diagonal", lambda couplings, _=None: couplings - 0.9 * np.diag(np.diag(couplings)))
    assert verdict(simulated()) == "fail"


def test_an_acceptance_at_another_temperature(monkeypatch):
    run = kernels.run_couplings
    monkeypatch.setattr(kernels, "run_couplings", lambda *a: run(*a[:5], 1.05 * a[5], *a[6:]))
    assert verdict(simulated()) == "fail"
