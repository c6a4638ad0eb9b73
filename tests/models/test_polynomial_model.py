"""Signal against noise in one step: known loads, exact noise at N, simulation, and what is refused."""

import math

import numpy as np
import pytest
from scipy.special import ndtr

import dammech as dm
from dammech.errors import InputError
from dammech.simulate import one_step_bit_error


def value(**asked):
    return dm.capacity(dm.PolynomialMemory(**asked)).value


@pytest.mark.parametrize(
    ("errors", "known"),
    [(0.005, (0.1507182493, 0.05023941643, 0.01004788329)), (0.0036, (0.1384584, 0.0461528, 0.00923056))],
)
def test_loads_at_an_error(errors, known):
    for order, load in zip((2, 3, 4), known, strict=True):
        assert abs(value(order=order, errors=errors) - load) < (1e-7 if errors == 0.0036 else 1e-10)
        assert value(order=order, errors=errors, interaction="rectified") == pytest.approx(2 * load, abs=2e-7)
    ratios = [value(order=k, interaction="distinct") / value(order=k) for k in (2, 3, 4, 5)]
    assert ratios == pytest.approx([1, 1.5, 2.5, 4.375], abs=1e-12)


@pytest.mark.parametrize(
    ("order", "known", "counts"),
    [
        (2, (0.25, 0.16, 0.09), (10.857362, 72.382414)),
        (3, (0.0555556, 0.0227556, 0.0072), (361.91207, 24127.471)),
        (4, (0.00833333, 0.00218453, 0.0003888), (7238.2414, 4825494.2)),
    ],
)
def test_without_errors(order, known, counts):
    for flip, coefficient in zip((0, 0.1, 0.2), known, strict=True):
        assert abs(value(order=order, errors=0, criterion="all", flip=flip) - coefficient) < 1e-7
        assert value(order=order, errors=0, flip=flip) == pytest.approx(order * coefficient, rel=1e-5)
    for size, count in zip((100, 1000), counts, strict=True):
        assert value(order=order, errors=0, size=size) == pytest.approx(count, rel=1e-7)


def test_noise_at_a_size_is_that_of_all_patterns():
    for order, variance in ((2, 1584), (3, 1053760), (4, 916515072)):
        signal = 100**order - 98**order
        assert value(order=order, size=100) == pytest.approx(1 + signal**2 / variance / 2.5758293035489**2, rel=1e-10)
    assert value(interaction="x**3", size=100) == pytest.approx(value(order=3, size=100), rel=1e-12)
    rectified = value(order=3, interaction="rectified", size=100)
    assert value(interaction="Max(x, 0)**3", size=100) == pytest.approx(rectified, rel=1e-12)


def test_counts_at_a_size_tend_to_the_load():
    for interaction in ("power", "distinct", "rectified"):
        for flip in (0, 0.1):
            counts = [value(order=3, interaction=interaction, size=size, flip=flip) / size**2 for size in (1000, 100_000)]
            limit = value(order=3, interaction=interaction, flip=flip)
            assert abs(counts[1] - limit) < 1e-4 * limit and abs(counts[1] - limit) < abs(counts[0] - limit) / 50


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("interaction", ["power", "rectified"])
def test_bits_of_a_simulation_are_wrong_as_often_as_told(seed, interaction):
    """At the load of 3 %: within 4σ, while the noise of the other interaction is 8σ away."""
    size = 40
    patterns = round(value(order=3, errors=0.03, interaction=interaction, size=size))
    run = one_step_bit_error(
        dm.HebbianDAM(3, interaction=interaction), load=patterns / size**2, size=size, trials=400, seed=seed, workers=1
    ).points[0]
    found = dm.capacity(dm.PolynomialMemory(order=3, errors=0.03, interaction=interaction, size=size)).points[0]
    z = 1.880793608151251 * math.sqrt((found.value - 1) / (patterns - 1))
    other = float(ndtr(-z * (math.sqrt(2) if interaction == "power" else 1 / math.sqrt(2))))
    error = max(run.bit_error_error, 1e-5)
    assert abs(run.bit_error - float(ndtr(-z))) < 4 * error + 0.1 * found.others["kurtosis"] / found.value
    assert abs(run.bit_error - other) > 8 * error


def test_few_patterns_that_make_the_noise_are_told():
    found = dm.capacity(dm.PolynomialMemory(interaction="exp(x)", size=60)).points[0]
    assert not found.valid and "no Gaussian sum" in found.why
    assert dm.capacity(dm.PolynomialMemory(order=2, size=1000)).points[0].valid


def test_half_of_the_trials_succeed_where_it_says():
    """One pattern of a Hopfield net of 50 spins, all bits at once; another count of patterns is another fraction."""
    size, rng = 50, np.random.default_rng(3)
    count = dm.capacity(dm.PolynomialMemory(order=2, errors=0, size=size)).points[0].others["half_succeed"]
    successes = {}
    for patterns in (round(count), round(2 * count)):
        words = rng.choice([-1.0, 1.0], (4000, patterns - 1, size))
        sums = words.sum(axis=2, keepdims=True) - words
        fields = size - 1 + (words * sums).sum(axis=1)
        successes[patterns] = (fields > 0).all(axis=1).mean()
    near, far = successes.values()
    assert abs(near - 0.5) < 0.06 and far < 0.2


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "order=None: must be an integer of at least 2"),
        ({"order": 1}, "order=1: must be an integer of at least 2"),
        ({"order": 3, "errors": 0.5}, "errors=0.5: must be a number from 0 to below 1/2"),
        ({"order": 3, "errors": math.nan}, "errors=nan: must be"),
        ({"order": 3, "flip": -0.1}, "flip=-0.1: must be"),
        ({"order": 3, "criterion": "some"}, "criterion='some': must be one of"),
        ({"interaction": "x**3"}, "an expression takes a size and no order"),
        ({"interaction": "open('x')", "size": 30}, "is not an expression that can be read"),
        ({"interaction": "-x**3", "size": 30}, "F(x+1) − F(x−1) must be positive"),
        ({"order": 4, "size": 3}, "size=3: must be an integer of at least 4"),
    ],
)
def test_what_is_refused(asked, words):
    with pytest.raises(InputError) as caught:
        dm.capacity(dm.PolynomialMemory(**asked))
    assert words in str(caught.value)
