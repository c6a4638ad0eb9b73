"""Diffused data: the table of times, the frame they come from, limits, the law of the nearest datum, mixtures, bad input."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import dammech as dm
from dammech.cli import main
from dammech.derive.loads import sharpness
from dammech.equations.law import Law
from dammech.errors import InputError
from dammech.solve.extremum import Concave
from dammech.systems.diffusion.capacity import information, threshold
from dammech.systems.diffusion.model import BINARY, BRIDGING, GAUSSIAN, SPECIATION, count_of
from dammech.systems.diffusion.nearest import at_typical_norms, nearest_probability, noise_at
from dammech.systems.diffusion.sampler import _binary, log_odds
from dammech.systems.diffusion.theory import load_of

SEEDS = (31, 32, 33)


def time_of(load, data="gaussian", variance=1.0):
    return dm.capacity(dm.Diffusion(load, data, variance)).value


@pytest.mark.parametrize(
    ("load", "data", "variance", "known"),
    [
        (0.2, "gaussian", 1, 0.5548164658), (0.5, "gaussian", 1, 0.2293375727), (0.2, "gaussian", 2, 0.8113240920),
        (0.5, "gaussian", 2, 0.3859684165), (0.2, "binary", 1, 0.5520774075), (0.5, "binary", 1, 0.2027845994),
    ],
)  # fmt: skip
def test_table_of_times(load, data, variance, known):
    assert abs(time_of(load, data, variance) - known) < 1e-10


@pytest.mark.parametrize(("snr", "known"), [(1, 0.3368308203), (2, 0.5000721361)])
def test_information_of_a_sign(snr, known):
    assert abs(information(math.log1p(1 / snr) / 2) - known) < 1e-10
    with mp.workdps(20):
        (exact,) = Law(BINARY, "Information").exact(r=snr)
        whole = mp.quad(lambda z: mp.npdf(z) * mp.log(mp.cosh(snr + mp.sqrt(snr) * z)), [-12, -4, 0, 4, 12])
        assert abs(exact - (snr - whole)) < 1e-8


@settings(max_examples=12, deadline=None)
@given(st.floats(0.1, 0.6), st.sampled_from([("gaussian", 1.0), ("gaussian", 2.5), ("binary", 1.0)]))
def test_the_frame_of_exponential_loads_has_the_same_threshold(load, law):
    assert abs(threshold(time_of(load, *law), *law) - load) < 1e-9


def test_limits():
    assert time_of(0) == math.inf
    assert abs(time_of(1e-9) - math.log(1 / 2e-9) / 2) < 1e-8
    assert abs(time_of(0.01, "binary") - time_of(0.01)) < 2e-4 < time_of(0.5) - time_of(0.5, "binary")
    assert 0 < time_of(300) < 1e-250
    assert time_of(math.log(2) - 1e-6, "binary") < 0.03
    for load in (math.log(2), 1.0):
        found = dm.capacity(dm.Diffusion(load, "binary")).points[0]
        assert found.status == "no-state" and "many are alike" in found.why
    assert "later than" in dm.capacity(dm.Diffusion(1e-300, variance=1e300)).points[0].why
    assert "rounding" in dm.capacity(dm.Diffusion(1e-20, "binary")).points[0].why


def test_speciation_is_told_where_it_is_asked_for():
    found = dm.capacity(dm.Diffusion(0.2, eigenvalue=20.0)).points[0]
    assert abs(found.to_json()["speciation"] - math.log(20) / 2) < 1e-15
    latest, maxima, drift = (float(Law(SPECIATION, step)(**at)[0]) for step, at in (
        ("Speciation", {"Lambda": 21.0}), ("Two maxima", {"M": 20.0}), ("Drift", {"M": 20.0})))  # fmt: skip
    assert maxima < latest < drift < maxima + 0.35


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"load": -0.1}, "load=-0.1: must be a finite number ≥ 0"), ({"load": math.nan}, "load=nan"),
        ({"load": True}, "load=True"), ({"load": 301}, "load=301: must be at most 300"),
        ({"data": "cauchy"}, "data='cauchy': must be one of gaussian, binary"), ({"variance": 0}, "variance=0: must be"),
        ({"data": "binary", "variance": 2.0}, "variance=2: signs"), ({"eigenvalue": 1.0}, "eigenvalue=1: must be above 1"),
        ({"eigenvalue": math.inf}, "eigenvalue=inf"),
    ],
)  # fmt: skip
def test_bad_input(given, words):
    with pytest.raises(InputError, match=words):
        dm.Diffusion(**{"load": 0.2} | given)


@pytest.mark.parametrize(
    "bad", ["--load -1", "--load nan", "--data cauchy", "--variance 0", "--load 1e9", "--eigenvalue 0.3"]
)
def test_bad_input_at_the_command_line(capsys, bad):
    assert main(["capacity", "diffusion", "--load", "0.2", *bad.split()]) == 2
    told = capsys.readouterr().err.strip()
    assert told.startswith("dammech: ") and len(told.splitlines()) == 1


def test_numbers_of_data_that_no_double_holds_or_nobody_draws():
    with pytest.raises(InputError, match=r"αd above 700 is no number"):
        count_of(1.0, 701)
    with pytest.raises(InputError, match="too many to be drawn"):
        log_odds("gaussian", 1.0, 1.0, 0.3, 30, 1, 1)
    assert count_of(0.0, 10) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_the_nearest_datum_follows_its_exact_law(seed):
    for variance, time, dimension in ((1.0, 0.5, 24), (2.0, 0.6, 16)):
        odds = log_odds("gaussian", variance, 0.25, time, dimension, 1500, seed)
        setting = dimension, count_of(0.25, dimension), noise_at(time, variance)
        law = nearest_probability(*setting)
        error = math.sqrt(law * (1 - law) / 1500)
        assert abs((odds[:, 1] > 0).mean() - law) < 4 * error < abs(at_typical_norms(*setting) - law)
        assert (odds[:, 0] <= odds[:, 1]).all(), "what has more than half of the weight is the nearest"


def test_the_law_of_the_nearest_tends_to_the_time_of_collapse():
    def crossing(dimension):
        count = count_of(0.25, dimension)
        return brentq(lambda t: nearest_probability(dimension, count, noise_at(t)) - 0.5, 0.4, 0.7, xtol=1e-5)

    sizes = (60, 200, 600)
    shifts = [crossing(d) - time_of(0.25) for d in sizes]
    assert shifts[0] > shifts[1] > shifts[2] > 0
    assert all(0.7 < s * d / math.log(d) < 0.85 for s, d in zip(shifts, sizes)), "condensed: like log d/d"


def test_the_table_of_signs_draws_signs():
    rng = np.random.default_rng(5)
    y = rng.standard_normal(11)
    overlaps = (y @ y + y.size) / 2 - _binary(rng, y, 40_000, 1.0)
    assert abs(overlaps.mean()) < 4 * np.linalg.norm(y) / 200 and abs(overlaps.var() / (y @ y) - 1) < 0.05


@pytest.mark.parametrize(
    ("sigma", "beta", "known"),
    [(1.0, 0.5, 0.2860658874), (1.0, 1.0, 0.3465735903), (1.0, 7.0, 0.3465735903)],
)
def test_kernel_density_of_gaussian_data(sigma, beta, known):
    assert abs(Concave(load_of("gaussian").rate, [sharpness]).greatest(beta, sigma=sigma).value - known) < 1e-10


@pytest.mark.parametrize(("beta", "known"), [(1.0, 0.5965735903), (2.0, 0.8826394777)])
def test_kernel_density_at_a_datum(beta, known):
    assert abs(float(Law(BRIDGING, "Kernel density")(beta=beta)[0]) - known) < 1e-10
    assert abs(Concave(load_of("gaussian").rate, [sharpness]).greatest(beta, sigma=1e-6).value - known) < 1e-9
    at_best = Law(GAUSSIAN, "Information")(sigma=0.8)[0]
    assert abs(Concave(load_of("gaussian").rate, [sharpness]).greatest(sigma=0.8).value - at_best) < 1e-12


@pytest.mark.parametrize("seed", SEEDS)
def test_a_restaurant_opens_as_many_tables(seed):
    rng, runs, strength = np.random.default_rng(seed), 4000, 1.7
    opened = (rng.random((runs, 5)) < strength / (strength + np.arange(5))).sum(axis=1)
    law = float(Law(BRIDGING, "Chinese restaurant")(c=strength)[0])
    error = opened.std() / math.sqrt(runs)
    assert abs(opened.mean() - law) < 4 * error < abs(strength * math.log1p(5 / strength) - law)


@given(st.integers(1, 8), st.floats(0.1, 20), st.integers(0, 10**6))
def test_a_step_of_normalised_attention_climbs(count, sharp, seed):
    rng = np.random.default_rng(seed)
    means, x = (
        v / np.linalg.norm(v, axis=-1, keepdims=True) for v in (rng.standard_normal((count, 3)), rng.standard_normal(3))
    )
    weights = np.exp(sharp * (means @ x - 1))
    pull = weights @ means
    after = pull / np.linalg.norm(pull)
    gain = np.exp(sharp * (means @ after - 1)).sum() - weights.sum()
    assert gain >= sharp * (np.linalg.norm(pull) - pull @ x) * (1 - 1e-9) - 1e-12


def test_two_antipodal_means_hold_at_every_sharpness():
    """One normalised step is the sign of the overlap: no paramagnet, which a step without its norm has below κ = 1."""
    mean, x = np.array([1.0, 0.0]), np.array([0.1, math.sqrt(0.99)])
    for sharp in (0.01, 1.0, 50.0):
        pull = math.tanh(sharp * (mean @ x)) * mean
        assert np.allclose(pull / np.linalg.norm(pull), mean)
