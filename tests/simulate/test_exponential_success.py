"""Retrieval among patterns that are drawn: exact laws at N, one way of drawing against another, and brute force."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom

import dammech as dm
from dammech.errors import InputError
from dammech.simulate.words.kernels import distances, distances_and_signs, nearest_to_all
from dammech.systems.exponential.sampler import success
from dammech.systems.exponential.sizes import pair_kept


def nearest(size, flips, criterion="typical"):
    return dm.ExponentialMemory(flip=flips / size, size=size, beta=math.inf, criterion=criterion)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_pattern_among_many(seed):
    """Within 4σ of the exact law, and 8σ from an annealed one and from the law of all patterns."""
    size, flips, count = 30, 6, 900
    run = success(nearest(size, flips), count, trials=2000, seed=seed, workers=1)
    tail = binom.cdf(flips, size, 0.5)
    law = (1 - tail) ** (count - 1)
    assert abs(run.success - law) < 4 * run.success_error
    assert abs(run.success - max(0, 1 - count * tail)) > 8 * run.success_error
    assert abs(run.success - (1 - tail) ** (count * (count - 1))) > 8 * run.success_error


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_patterns_at_once(seed):
    size, flips, count = 30, 6, 30
    run = success(nearest(size, flips, "all"), count, trials=1000, seed=seed, workers=1)
    law = pair_kept(size, flips) ** (count * (count - 1) / 2)
    assert abs(run.success - law) < 4 * run.success_error
    assert abs(run.success - (1 - binom.cdf(flips, size, 0.5)) ** (count - 1)) > 8 * run.success_error


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_signs_see_one_flip_more(seed):
    """A wrong pattern one flip further away ties with the target, for a spin does not see itself; others decide."""
    size, flips, count = 40, 8, 2230
    run = success(dm.ExponentialMemory(rule="sign", flip=flips / size, size=size), count, trials=1000, seed=seed, workers=1)
    nearer, with_ties = ((1 - binom.cdf(flips + k, size, 0.5)) ** (count - 1) for k in (0, 1))
    assert abs(run.success - with_ties) < 4 * run.success_error
    assert abs(run.success - nearer) > 8 * run.success_error


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_mean_square_of_the_noise_is_wrong_where_it_condenses(seed):
    """At α = 0.3 and f = 0.1 signal against noise would be below 1, and retrieval fail; it succeeds as the law says."""
    size, flips, count = 40, 4, round(math.exp(12))
    run = success(dm.ExponentialMemory(rule="sign", flip=0.1, size=size), count, trials=60, seed=seed)
    law = (1 - binom.cdf(flips + 1, size, 0.5)) ** (count - 1)
    ratio = math.exp((size - 1) * (0.8 - math.log(math.cosh(2)) / 2)) / math.sqrt(count)
    annealed = math.erf(ratio / math.sqrt(2)) ** size
    assert abs(run.success - law) < 4 * max(run.success_error, 0.02)
    assert annealed < 1e-3 and run.success > annealed + 8 * run.success_error


def test_distances_by_their_law_are_those_of_patterns():
    asked = dm.ExponentialMemory(flip=0.2, size=40, beta=1.5)
    drawn, law = (success(asked, 5000, trials=2000, seed=5, drawn=how, workers=1) for how in ("patterns", "distances"))
    assert abs(drawn.success - law.success) < 4 * math.hypot(drawn.success_error, law.success_error)
    far = success(dm.ExponentialMemory(flip=0.1, size=100, beta=1.5), 10**17, trials=50, seed=5, drawn="distances")
    assert far.load > 0.39 and far.success < 0.5


def test_kernels_count_what_words_say():
    size, count = 70, 500
    mask = np.array([2**64 - 1, 2**6 - 1], dtype=np.uint64)
    state = np.arange(1, 5, dtype=np.uint64)
    query = np.array([3, 5], dtype=np.uint64)
    counts, against = distances_and_signs(query, mask, count, size, state.copy())
    assert (distances(query, mask, count, size, state.copy()) == counts).all()
    assert counts.sum() == count
    assert (against.sum(axis=1) == counts * np.arange(size + 1)).all()
    words = np.array([[1, 0], [7, 1], [0, 63]], dtype=np.uint64)
    table = nearest_to_all(words, words, size)
    bits = [int(a) ^ int(b) | (int(c) ^ int(d)) << 64 for (a, c), (b, d) in itertools.product(words.tolist(), repeat=2)]
    for row, start in zip(table, range(0, 9, 3), strict=True):
        found = sorted(k.bit_count() for k in bits[start : start + 3])
        assert found == [d for d, n in enumerate(row) for _ in range(n)]


@pytest.mark.parametrize("rule", ["softmax", "sign"])
def test_few_patterns_against_their_literal_sums(rule):
    """Weights and fields of every pattern written out, with the same law: fractions agree within 4σ."""
    size, flips, count, beta, trials = 12, 2, 6, 0.7, 6000
    asked = dm.ExponentialMemory(rule=rule, flip=flips / size, size=size, beta=beta)
    run = success(asked, count, trials=trials, seed=2, workers=1)
    rng, kept = np.random.default_rng(8), 0
    for _ in range(trials):
        xi = rng.choice([-1.0, 1.0], (count, size))
        x = xi[0].copy()
        x[:flips] *= -1
        if rule == "softmax":
            weight = np.exp(beta * xi @ x)
            kept += weight[0] > weight[1:].sum()
        else:
            field = (xi * np.exp(beta * ((xi @ x)[:, None] - xi * x))).sum(axis=0)
            kept += (field * xi[0] > 0).all()
    assert abs(run.success - kept / trials) < 4 * math.hypot(run.success_error, run.success_error)


@pytest.mark.parametrize(
    ("similarity", "query"), [("euclidean", {"noise": 1.0}), ("cosine", {"mask": 0.5}), ("-abs(x - xi)", {"noise": 1.0})]
)
def test_real_patterns_are_retrieved_below_the_threshold_only(similarity, query):
    asked = dm.ExponentialMemory("gaussian", similarity, math.inf, size=24, **query)
    threshold = dm.capacity(dm.ExponentialMemory("gaussian", similarity, math.inf, **query)).value
    below, above = (success(asked, round(math.exp(f * threshold * 24)), trials=100, seed=4).success for f in (0.45, 0.98))
    assert below > above + 0.2 and below > 0.7


@pytest.mark.parametrize(
    ("asked", "patterns", "more", "words"),
    [
        ({}, 100, {}, "size=None: a simulation needs the size"),
        ({"size": 20}, 1, {}, "patterns=1: must be an integer of at least 2"),
        ({"size": 20, "patterns": "gaussian"}, 100, {"drawn": "distances"}, "drawn='distances': decide for one binary pattern"),
        ({"size": 20, "criterion": "all"}, 10**6, {}, "patterns=1000000: all of them are queried"),
        ({"size": 40}, 10**17, {}, "patterns=100000000000000000: means about"),
        ({"size": 40, "rule": "sign", "criterion": "all"}, 10, {}, "rule='sign': one typical pattern is simulated"),
    ],
)
def test_what_is_refused(asked, patterns, more, words):
    with pytest.raises(InputError) as caught:
        success(dm.ExponentialMemory(**asked), patterns, trials=10, **more)
    assert words in str(caught.value)
