"""Exact laws of hidden layers and of flats, against enumeration and printed numbers."""

import itertools
import math

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.exact import (
    dead_law,
    freezing_point,
    gaussian_levels,
    mean_flats,
    mean_hessian_trace,
    mean_inverse_flats,
    mean_participation,
    mean_steady_states,
    mean_wrong_ratio,
    sign_levels,
    spurious_fraction,
)


@pytest.mark.parametrize(
    ("size", "threshold", "probability"),
    [(25, 0, 0.5), (25, 0.5, 0.654981), (64, 0, 0.549673), (64, 1, 0.869782), (101, -0.5, 0.275354)],
)
def test_dead_at_a_pattern(size, threshold, probability):
    law = dead_law(size, 200, threshold)
    assert law.probability == pytest.approx(probability, abs=5e-7)
    weights = law.weights()
    assert weights.sum() == pytest.approx(1) and weights @ np.arange(200) == pytest.approx(law.mean)
    assert weights @ (np.arange(200) - law.mean) ** 2 == pytest.approx(law.variance)


@pytest.mark.parametrize(("t", "alive"), [(0.3, 6.7446e-3), (0.4, 5.3288e-4), (0.5, 2.1119e-5), (0.6, 3.7806e-7)])
def test_few_are_alive_beyond_a_separating_threshold(t, alive):
    assert 1 - dead_law(60, 2, t * math.sqrt(60)).probability == pytest.approx(alive, rel=4e-5)


def test_a_field_at_the_threshold_is_dead():
    every = [sum(s) / 3 for s in itertools.product((-1, 1), repeat=9)]  # N = 9: fields are odd thirds
    for threshold in (-1 / 3, 1 / 3, 1.0, 5 / 3):
        assert dead_law(9, 5, threshold).probability == np.mean(np.array(every) <= threshold + 1e-12)


@pytest.mark.parametrize(
    ("size", "patterns", "beta", "value"),
    [(20, 50, 0.5, 0.0245783), (30, 1000, 0.6, 0.00250570), (40, 200, 0.3, 0.00720439), (20, 50, 1.0, 5.9167e-4)],
)
def test_softmax_at_a_pattern(size, patterns, beta, value):
    assert mean_wrong_ratio(size, patterns, beta) == pytest.approx(value, rel=1e-5)


def test_participation_against_enumeration():
    levels, logs = sign_levels(3)
    total = 0.0
    for chosen in itertools.product(range(4), repeat=4):
        p = np.exp(0.7 * levels[list(chosen)])
        total += math.exp(logs[list(chosen)].sum()) * (p**2).sum() / p.sum() ** 2
    assert mean_participation(4, levels, logs, 0.7) == pytest.approx(total, rel=1e-12)
    assert mean_participation(1, levels, logs, 0.7) == pytest.approx(1)


def test_participation_far_from_freezing():
    for beta, value in ((0.1, 1.1002e-6), (0.2, 2.549e-6)):
        patterns = 1202604
        found = mean_participation(patterns, *gaussian_levels(28, patterns, beta), beta)
        assert found == pytest.approx(value, rel=3e-4)
        assert found == pytest.approx(math.exp(beta**2 * 28) / patterns, rel=1e-3)


def test_frozen_trace_tends_to_the_freezing_point():
    def gap(size, beta=2.0, load=0.5):
        patterns = round(math.exp(load * size))
        return 1 - mean_hessian_trace(patterns, gaussian_levels(size, patterns, beta), beta) / freezing_point(load)

    gaps = [gap(n) for n in (20, 40, 80, 160)]
    assert gaps[0] == pytest.approx(1 - 0.888695, abs=1e-6)
    assert all(0 < b < 0.65 * a for a, b in itertools.pairwise(gaps)) and gaps[-1] < 0.021


@pytest.mark.parametrize("n", [1, 2, 4])
def test_flats_without_weights_against_enumeration(n):
    p = 0.3
    number, inverse = 0.0, 0.0
    for positive in itertools.product((0, 1), repeat=n):
        weight = math.prod(p if x else 1 - p for x in positive)
        number += weight * 2 ** sum(positive)
        inverse += weight / 2 ** sum(positive)
    assert mean_flats(n, p) == pytest.approx(number) and mean_inverse_flats(n, p) == pytest.approx(inverse)


def test_printed_flats():
    assert mean_flats(6) == 11.390625 and mean_inverse_flats(6) == pytest.approx(0.177979, abs=5e-7)
    assert mean_flats(5) == 7.59375 and mean_steady_states(5) == 1 and spurious_fraction(5) == pytest.approx(1 - 32 / 243)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: dead_law(0, 5, 0.0), "size=0: must be an integer"),
        (lambda: dead_law(5, 5, math.nan), "threshold=nan: must be a finite"),
        (lambda: mean_flats(3, 1.2), "positive=1.2: must be a probability"),
        (lambda: mean_flats(0), "neurons=0"),
        (lambda: freezing_point(0.0), "load=0.0: must be positive"),
    ],
)
def test_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()
