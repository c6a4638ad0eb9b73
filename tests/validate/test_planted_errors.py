"""Errors that are planted in the theory and in the simulators: some claim, as it is run, must fail at each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dammech.simulate.couplings import chain, kernels
from dammech.validate import Prediction, claims
from dammech.validate.judge import judge
from dammech.validate.plan import final_seeds, plans

pytestmark = pytest.mark.slow


def verdict(name, count=1, prediction=None):
    """Of the first point, with as many of the planned seeds."""
    claim = claims()[name]
    claim = replace(claim, prediction=prediction or claim.prediction)
    return judge(claim, claim.parameters[0], "quick", final_seeds(plans()[name])[:count]).verdict


def without(name, statement):
    """The prediction of the package where a term is left out."""
    (rival,) = (r for r in claims()[name].rivals if r.statement == statement)
    return lambda p: Prediction(rival.predict(p))


def test_nothing_fails_where_nothing_is_planted():
    assert verdict("dreaming.t10.near-the-end") == "pass"


def test_a_reaction_that_is_dropped_at_order_2():
    name = "dreaming.t10.near-the-end"
    assert verdict(name, prediction=without(name, "noise that does not answer to the spins")) == "fail"


def test_a_wrong_law_of_the_weights_of_sites():
    """Those of examples are binomial; a Gaussian law has the same spread."""
    name = "dreaming.examples"
    assert verdict(name, 3, without(name, "Gaussian noise in the data, of the same R")) == "fail"


def test_flips_that_keep_their_own_term(monkeypatch):
    """The 1/N of every pattern in J_ii, which a flip does not change."""
    monkeypatch.setattr(chain, "with_diagonal", lambda couplings, diagonal=None: np.array(couplings))
    assert verdict("dreaming.t10.near-the-end") == "fail"


def test_an_acceptance_at_another_temperature(monkeypatch):
    run = kernels.run_couplings
    monkeypatch.setattr(kernels, "run_couplings", lambda *a: run(*a[:5], 1.05 * a[5], *a[6:]))
    assert verdict("dreaming.t10.near-the-end") == "fail"
