"""Memories in random features: known numbers, limits, laws against draws, bounds that no draw violates, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dammech as dm
from dammech.cli import main
from dammech.equations.law import Law
from dammech.errors import InputError, NotConverged
from dammech.systems.random_features.claims import bounds, energy_law, kernel_law
from dammech.systems.random_features.model import ENERGY, PATHS
from dammech.systems.random_features.sampler import descended, drawn, squared_errors, squared_kernels

SEEDS = (21, 22, 23)
AT = {"beta": 4.0, "dimension": 8, "step": 0.1, "length": 10}


@pytest.mark.parametrize(
    ("waves", "features", "errors", "known"),
    [
        ("pairs", 1000, 0.1, 21.0),
        ("pairs", 5000, 0.05, 26.0),
        ("phases", 1000, 0.1, 10.5),
        ("phases", 5000, 0.05, 13.0),
    ],
)
def test_known_numbers(waves, features, errors, known):
    found = dm.capacity(dm.RandomFeatures(features, 2.0, errors, waves))
    assert abs(found.value - known) < 1e-11 and found.points[0].valid
    document = found.to_json()["capacity"]
    assert document["energy_error"] == errors / 2 and document["memories"] == math.floor(known)


@given(st.integers(1, 10**9), st.floats(1e-3, 0.15), st.sampled_from(["pairs", "phases"]))
def test_the_error_at_the_capacity_is_the_one_allowed(features, errors, waves):
    found = dm.capacity(dm.RandomFeatures(features, 1.0, errors, waves))
    (square,) = Law(ENERGY, f"All memories, {waves}").exact(K=found.value, Y=features)
    assert abs(float(square) - errors**2) < 1e-8 * errors**2 + 1e-15
    assert found.points[0].valid == (found.value >= 1)


def test_linear_in_features_and_the_same_at_every_beta():
    few, many = (dm.capacity(dm.RandomFeatures(y, 1.0, 0.1)).value - 1 for y in (100, 1000))
    assert abs(many - 10 * few) < 1e-12 * many
    assert dm.capacity(dm.RandomFeatures(100, 50.0, 0.1)).value == few + 1


def test_where_it_does_not_hold_it_says_so():
    far = dm.capacity(dm.RandomFeatures(10, 1.0, 0.9)).points[0]
    assert not far.valid and "no energy exists with probability 0.13" in far.why
    alone = dm.capacity(dm.RandomFeatures(10, 1.0, 0.1, "phases")).points[0]
    assert not alone.valid and "one memory alone" in alone.why and alone.converged


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"features": 0}, "features=0: must be an integer of at least 1"), ({"features": 2.5}, "features=2.5"),
        ({"features": True}, "features=True"), ({"beta": 0}, "beta=0: must be a finite number > 0"),
        ({"beta": math.nan}, "beta=nan"), ({"beta": math.inf}, "beta=inf"), ({"errors": 0}, "errors=0: must be"),
        ({"errors": -0.1}, "errors=-0.1"), ({"errors": 1e200}, "errors=1e\\+200: must be at most 1"),
        ({"errors": "x"}, "errors='x'"), ({"waves": "cos"}, "waves='cos': must be"),
    ],
)  # fmt: skip
def test_bad_input(given, words):
    with pytest.raises(InputError, match=words):
        dm.RandomFeatures(**{"features": 10, "beta": 1.0, "errors": 0.1} | given)


@pytest.mark.parametrize("bad", ["--features 0", "--errors 0", "--beta nan", "--waves cos", "--features 1e999"])
def test_bad_input_at_the_command_line(capsys, bad):
    assert main(["capacity", "random-features", "--features", "9", "--beta", "1", "--errors", "0.1", *bad.split()]) == 2
    told = capsys.readouterr().err.strip()
    assert told.startswith("dammech: ") and len(told.splitlines()) == 1


@pytest.mark.parametrize("waves", ["pairs", "phases"])
@pytest.mark.parametrize("seed", SEEDS)
def test_kernels_err_as_the_law_of_their_waves_says(waves, seed):
    p = {"kernel": 0.5, "features": 32, "waves": waves}
    found = squared_kernels(0.5, 32, waves, 2000, seed)
    error = found.std() / math.sqrt(found.size)
    other = kernel_law({**p, "waves": "phases" if waves == "pairs" else "pairs"})
    assert abs(found.mean() - kernel_law(p)) < 4 * error < abs(found.mean() - other) / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_the_energy_errs_like_the_root_of_its_memories(seed):
    for count, waves in ((4, "pairs"), (4, "phases"), (16, "pairs")):
        features = 200 * count
        law, (_, next_order) = energy_law({"memories": count, "waves": waves}), Law(ENERGY, "Logarithm")(v=1.0)
        squares = features * squared_errors(count, features, waves, 400, seed)
        expected = law * (1 + float(next_order) * law / features)
        error = squares.std() / math.sqrt(squares.size)
        assert abs(squares.mean() - expected) < 4 * error
        assert (
            abs(squares.mean() - energy_law({"memories": 2, "waves": waves}) * (count - 1) ** 2) > 8 * error
        )  # linear in K


def test_pairs_know_a_point_from_itself():
    rng = np.random.default_rng(1)
    phi = drawn(rng, "pairs", 50, 3, 2.0)
    x = rng.standard_normal((4, 3))
    assert np.allclose((phi(x) ** 2).sum(axis=1), 1)
    total, h = phi(x).sum(axis=0), 1e-6
    numeric = [(phi(x[0] + h * e) @ total - phi(x[0] - h * e) @ total) / (2 * h) for e in np.eye(3)]
    assert np.allclose(phi.slope(x[0], total), numeric, atol=1e-7)


@pytest.mark.parametrize("waves", ["pairs", "phases"])
def test_no_draw_violates_a_bound(waves):
    runs = [descended(5, 1000, waves, **AT, seed=seed) for seed in range(40)]
    limits = [bounds(run, 5, AT["beta"], AT["step"], AT["length"]) for run in runs]
    assert all(0 < run.apart <= sharp <= published for run, (sharp, published) in zip(runs, limits))
    assert max(run.apart / sharp for run, (sharp, _) in zip(runs, limits)) > 0.02, "and not for nothing"


@given(st.integers(1, 30), st.floats(1e-4, 1.0))
def test_the_published_bound_is_the_larger_one(length, growth):
    at = {"L": length, "a": growth, "Lambda": 1.0, "eta": 1.0}
    if abs(length * growth - 1) > 1e-6:
        assert Law(PATHS, "Paths come apart")(**at)[0] <= Law(PATHS, "Published form")(**at)[0] * (1 + 1e-9)


def test_a_sum_of_kernels_that_is_not_positive_is_told():
    with pytest.raises(NotConverged, match=r"features=2: at step .* more features are needed"):
        for seed in range(20):
            descended(40, 2, "pairs", **{**AT, "beta": 60.0}, seed=seed)
    assert np.isnan(squared_errors(30, 3, "pairs", 20, 1)).any()
