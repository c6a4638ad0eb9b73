"""Witnesses over their whole range: invariances, grid refinement, closed forms, and the last values that are accepted."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dammech.errors import InputError
from dammech.exact import (
    bit_error,
    clipped_moments,
    dead_law,
    delta_moments,
    exponential_overlap,
    freezing_point,
    gaussian_levels,
    gibbs,
    mean_hessian_trace,
    mean_participation,
    mean_wrong_ratio,
    overlap_law,
    paramagnet,
    pspin_couplings,
    pspin_energies,
    pspin_gibbs,
    rehearsal_second_moment,
    sign_levels,
    stable_overlap,
    stream_bit_error,
)
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin


@pytest.mark.parametrize("beta", [0.01, 0.3, 1.0, 3.0, 5.0, 10.0])
@pytest.mark.parametrize("size", [4, 28, 100])
def test_gaussian_levels_are_gaussian_at_every_beta(size, beta):
    """Moments, and the average of e^{βh} while its peak at βN is within reach of the levels."""
    h, logs = gaussian_levels(size, 10**6, beta)
    weights = np.exp(logs)
    assert weights.sum() == pytest.approx(1, abs=1e-12) and weights @ h == pytest.approx(0, abs=1e-9)
    assert weights @ h**2 == pytest.approx(size, rel=1e-10) and weights @ h**4 == pytest.approx(3 * size**2, rel=1e-9)
    reach = math.sqrt(2 * math.log(10**6)) + 10
    assert h.max() >= reach * math.sqrt(size) and h.min() == -h.max()
    assert beta * (h[1] - h[0]) <= 0.25 * (1 + 1e-12)  # fine enough for e^{βh}
    if beta * math.sqrt(size) < reach - 8:
        assert np.log(np.exp(logs + beta * h).sum()) == pytest.approx(beta**2 * size / 2, rel=1e-9)


@pytest.mark.parametrize("beta", [0.5, 3.0, 6.0])
def test_participation_does_not_depend_on_the_grid_of_levels(beta):
    h, logs = gaussian_levels(12, 500, beta)
    fine = np.arange(2 * h[0], 2 * h[-1] + 0.1 * (h[1] - h[0]), (h[1] - h[0])) / 2
    finer = np.interp(fine, h, logs) * 0 - fine**2 / 24 + math.log((h[1] - h[0]) / 2 / math.sqrt(24 * math.pi))
    assert mean_participation(500, h, logs, beta) == pytest.approx(mean_participation(500, fine, finer, beta), rel=1e-8)


def test_participation_of_levels_drawn_at_random():
    """Frozen, β = 4: against the mean over drawn sets."""
    size, patterns, beta = 16, 60, 4.0
    drawn = np.random.default_rng(2).normal(0, math.sqrt(size), size=(20_000, patterns))
    p = np.exp(beta * (drawn - drawn.max(axis=1, keepdims=True)))
    values = (p**2).sum(axis=1) / p.sum(axis=1) ** 2
    levels = gaussian_levels(size, patterns, beta)
    error = values.std() / math.sqrt(len(values))
    assert abs(mean_participation(patterns, *levels, beta) - values.mean()) < 4 * error
    assert mean_hessian_trace(patterns, levels, beta) == pytest.approx(beta * (1 - mean_participation(patterns, *levels, beta)))


def test_sign_levels_are_a_binomial_law():
    h, logs = sign_levels(7)
    assert h.tolist() == [7.0, 5, 3, 1, -1, -3, -5, -7]
    np.testing.assert_allclose(np.exp(logs), [math.comb(7, k) / 128 for k in range(8)], rtol=1e-12)


@pytest.mark.parametrize(("load", "beta"), [(0.5, 1.0), (2.0, 2.0), (1e-8, math.sqrt(2e-8))])
def test_freezing(load, beta):
    assert freezing_point(load) == pytest.approx(beta)


def test_a_law_of_dead_neurons_knows_its_others():
    law = dead_law(9, 12, 0.4)
    assert law.others == 11 and law.mean == 11 * law.probability
    assert law.variance == pytest.approx(11 * law.probability * (1 - law.probability))
    assert dead_law(9, 1, 0.4).others == 0 and dead_law(9, 1, 0.4).weights().tolist() == [1.0]
    assert dead_law(9, 12, 3.0).probability == 1.0 and dead_law(9, 12, -3.1).probability == 0.0
    assert dead_law(9, 3, 3.0).weights().tolist() == [0, 0, 1.0]


@pytest.mark.parametrize("beta", [0.0, 0.7, 40.0])
def test_wrong_ratio_by_enumeration(beta):
    rows = np.array(list(itertools.product((0, 1), repeat=6)))
    assert mean_wrong_ratio(6, 4, beta) == pytest.approx(3 * np.exp(-2 * beta * rows.sum(axis=1)).mean())


MODELS = [HebbianDAM(2), HebbianDAM(3), HebbianDAM(4, "power"), HebbianDAM(3, "rectified")]


@pytest.mark.parametrize("model", MODELS, ids=str)
@pytest.mark.parametrize("count", [3, 12])
@pytest.mark.parametrize("temperature", [0.0, 0.4])
def test_one_step_knows_no_sign_of_the_noise_and_no_common_scale(model, count, temperature):
    """Noise is symmetric: Λ_μ and −Λ_μ of another pattern are alike (both routes); (cΛ, cT) is (Λ, T)."""
    rng = np.random.default_rng(count)
    weights = rng.uniform(0.3, 1.0, count)
    signs = np.where(np.arange(count) == 1, 1, rng.choice([-1, 1], count))
    law = stream_bit_error(model, 9, weights, 1, temperature)
    other = stream_bit_error(model, 9, weights * signs, 1, temperature)
    negative = stream_bit_error(model, 9, np.where(np.arange(count) == 1, weights, -weights), 1, temperature)
    assert law.method == ("enumeration" if count == 3 else "characteristic function")
    assert other.probability == pytest.approx(law.probability, abs=1e-9)
    assert negative.probability == pytest.approx(law.probability, abs=1e-9)
    scaled = stream_bit_error(model, 9, 7.5 * weights, 1, 7.5 * temperature)
    assert scaled.probability == pytest.approx(law.probability, abs=1e-9)
    assert stream_bit_error(model, 9, np.append(weights, 0.0), 1, temperature).probability == pytest.approx(law.probability)
    order = rng.permutation(count)
    shuffled = stream_bit_error(model, 9, weights[order], int(np.flatnonzero(order == 1)[0]), temperature)
    assert shuffled.probability == pytest.approx(law.probability, abs=1e-9)
    assert 0 <= law.error < (1e-2 if temperature == 0 else 1e-5)


@pytest.mark.parametrize("temperature", [0.0, 0.6])
def test_a_pattern_of_negative_weight_is_repelled(temperature):
    """Its own field has the other sign: errors become the rest, up to ties."""
    model, weights = HebbianDAM(3), np.array([1.0, 0.7, 0.4, 0.9])
    for count in (3, 4):
        law = stream_bit_error(model, 9, weights[:count], 0, temperature)
        repelled = stream_bit_error(model, 9, weights[:count] * np.array([-1, 1, 1, 1])[:count], 0, temperature)
        tie = (law.tie or 0.0) if temperature == 0 else 0.0
        assert repelled.probability == pytest.approx(1 - law.probability - tie, abs=1e-8)


@pytest.mark.parametrize("count", [6, 9])
def test_both_routes_of_a_stream_agree_with_drawn_patterns(count):
    model, size, rng = HebbianDAM(2), 11, np.random.default_rng(1)
    weights = rng.uniform(-1, 1, count)
    weights[0] = 0.8
    law = stream_bit_error(model, size, weights, 0, 0.3)
    drawn = rng.choice([-1, 1], size=(40_000, count - 1, size))
    field = 0.8 * (size - 1) + (drawn[:, :, 0] * drawn[:, :, 1:].sum(axis=2)) @ weights[1:]
    wrong = 0.5 * (1 - np.tanh(field / size / 0.3))
    assert abs(law.probability - wrong.mean()) < 4 * wrong.std() / 200


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_single_pattern_and_many(model):
    lone = bit_error(model, 20, 1)
    assert lone.probability == 0 and lone.tie == 0
    warm = bit_error(model, 20, 1, temperature=0.7)
    cost = model.pattern_energy(20)[-2] - model.pattern_energy(20)[-1]
    assert warm.probability == pytest.approx(0.5 * (1 - math.tanh(cost / 1.4)), abs=1e-12)
    errors = [bit_error(model, 20, count).probability for count in (2, 20, 200, 2000)]
    assert errors == sorted(errors) and errors[-1] < 0.51
    colder = bit_error(model, 20, 200, temperature=1e-4)
    zero = bit_error(model, 20, 200)
    assert colder.probability == pytest.approx(zero.probability + (zero.tie or 0) / 2, abs=1e-5)


@pytest.mark.parametrize("rate", [1e-6, 0.3, 1.0, 1.7, 1.999999])
def test_delta_moments_at_the_ends(rate):
    """A fresh pattern has the field η whatever the past, and old ones none; the variance is that of the stationary state."""
    fresh, old = delta_moments(9, rate, 0), delta_moments(9, rate, 400)
    power = rate / (2 - rate)
    assert fresh.signal == rate and fresh.variance == pytest.approx((1 - rate) ** 2 * power, rel=1e-9)
    assert old.signal == pytest.approx(rate * (1 - rate / 9) ** 400)
    if rate > 0.1:
        assert old.variance == pytest.approx(power, rel=1e-3)
    assert fresh.error == pytest.approx(0.5 * math.erfc(fresh.signal / math.sqrt(2 * fresh.variance))) if fresh.variance else True
    with pytest.raises(InputError, match="rate=2"):
        delta_moments(9, 2, 0)


def test_a_field_without_variance_makes_no_error():
    """At rate 1 a fresh pattern's field is the pattern, whatever was stored before."""
    sure = delta_moments(9, 1.0, 0)
    assert (sure.signal, sure.variance, sure.error) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("bound", [1, 2, 5, 30])
def test_clipped_couplings_are_stationary_and_forget(bound):
    now, far = clipped_moments(bound, 0), clipped_moments(bound, 40 * bound**2 + 40)
    assert now.signal == pytest.approx(2 * bound / (2 * bound + 1))
    assert far.signal == pytest.approx(0.0, abs=1e-9)
    assert far.variance == pytest.approx(bound * (bound + 1) / 3) and far.error == pytest.approx(0.5, abs=1e-8)


@pytest.mark.parametrize("exponent", [0.6, 1.0, 1.7])
def test_the_exponential_memory_refined(exponent):
    """The finite stream tends to the stable law; the ends of its range."""
    size = 14
    window = (math.e ** (1 / exponent) / math.cosh(1 / exponent)) ** (size - 1)
    for index in (max(2, round(3 * window)),):
        found = exponential_overlap(size, 40 * index, index, exponent, 1.0)
        assert found == pytest.approx(stable_overlap(size, index, exponent), abs=0.12)
        assert found == pytest.approx(exponential_overlap(size, 44 * index, index, exponent), abs=0.02)
    old = exponential_overlap(size, 200, 200, exponent), exponential_overlap(size, 200, 100, exponent)
    assert 0 < old[0] < old[1] < 1


@pytest.mark.parametrize("exponent", [0.7, 1.0, 1.25, 1.6])
def test_the_stable_law_is_that_of_its_characteristic_function(exponent):
    """P(X < x) = 1/2 + (1/π) ∫ sin(kx) e^{−k^α}/k dk, at the x where N spins have an index."""
    stable = 1 / exponent
    scale = math.pi / 2 if stable == 1 else math.gamma(1 - stable) * math.cos(math.pi * stable / 2)
    window = (math.exp(stable) / math.cosh(stable)) ** 8 / scale
    k = np.linspace(0, 30**exponent, 400_001)[1:]  # beyond, e^{−30}
    for x in (0.2, 1.0, 2.5):
        wave = np.concatenate([[x], np.sin(k * x) / k * np.exp(-(k**stable))])
        expected = 2 / math.pi * np.trapezoid(wave, np.concatenate([[0.0], k]))
        assert stable_overlap(9, window / x ** (1 / exponent), exponent) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(("exponent", "sharpness", "index"), [(0.0, 0.3, 25), (0.8, 0.6, 25), (1.3, 1.4, 25), (0.2, 0.3, 1)])
def test_exponential_overlap_of_drawn_patterns(exponent, sharpness, index):
    size, patterns = (6, 60) if index == 1 else (10, 40)
    rng = np.random.default_rng(3)
    drawn = rng.choice(np.array([-1, 1], np.int8), size=(40_000, patterns, size))
    weights = np.arange(1.0, patterns + 1) ** -exponent
    along = drawn[:, :, 0] * np.exp(sharpness * drawn[:, :, 1:].sum(axis=2))
    along[:, index - 1] = math.exp(sharpness * (size - 1))
    values = np.sign(along @ weights)
    found = exponential_overlap(size, patterns, index, exponent, sharpness)
    assert abs(found - values.mean()) < 4 * values.std() / 200 + 1e-3


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: exponential_overlap(9, 5, 6, 1.0), "index=6"),
        (lambda: exponential_overlap(9, 5, 0, 1.0), "index=0"),
        (lambda: exponential_overlap(1, 5, 2, 1.0), "size=1"),
        (lambda: exponential_overlap(9, 5, 2, -0.1), "exponent=-0.1"),
        (lambda: exponential_overlap(9, 5, 2, math.nan), "exponent=nan"),
        (lambda: exponential_overlap(9, 5, 2, 1.0, 0.0), "sharpness=0.0"),
        (lambda: exponential_overlap(9, 5, 2, 1.0, math.inf), "sharpness=inf"),
        (lambda: stable_overlap(9, 3, 0.5), "exponent=0.5"),
        (lambda: stable_overlap(9, 3, math.inf), "exponent=inf"),
        (lambda: stable_overlap(9, 3, 1.0, 0.0), "sharpness=0.0"),
        (lambda: stable_overlap(9, 3, 1.0, math.inf), "sharpness=inf"),
        (lambda: rehearsal_second_moment(0, 1.0), "count=0"),
        (lambda: rehearsal_second_moment(3, -0.1), "rehearsals=-0.1"),
        (lambda: overlap_law(np.zeros(1), 1.0), "levels has shape"),
        (lambda: overlap_law(np.zeros(6), 1.0), "levels has shape"),
        (lambda: overlap_law(np.zeros((2, 2)), 1.0), "levels has shape"),
        (lambda: overlap_law(np.zeros(4), 0.0), "temperature=0.0"),
        (lambda: pspin_couplings(PSpin(2), 0), "size=0"),
    ],
)
def test_just_outside_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_just_inside_is_answered():
    assert 0 < exponential_overlap(9, 60, 60, 0.0) < 1 and 0 < exponential_overlap(2, 60, 60, 1.0) < 1
    assert -1 < stable_overlap(9, 3, 0.5000001) < 1 and 0 < stable_overlap(9, 1e9, 1.0, 1e-3) < 1
    assert rehearsal_second_moment(1, 0.0) == 1 and rehearsal_second_moment(2, 1.0) == pytest.approx(1 + 4)
    assert overlap_law(np.zeros(2), 1.0).tolist() == [0.5, 0.5]
    assert len(pspin_couplings(PSpin(2), 1)) == 0


@pytest.mark.parametrize("order", [2, 3])
def test_couplings_of_a_glass_have_their_moments(order):
    values = pspin_couplings(PSpin(order), 60, seed=3) / math.sqrt(math.factorial(order) / (2 * 60 ** (order - 1)))
    n = values.size
    assert abs(values.mean()) < 3 / math.sqrt(n) and abs((values**2).mean() - 1) < 3 * math.sqrt(2 / n)
    assert not np.array_equal(values, pspin_couplings(PSpin(order), 60, seed=4))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**31), temperature=st.floats(0.05, 5.0), scale=st.floats(0.01, 100.0))
def test_averages_know_no_unit_and_obey_thermodynamics(seed, temperature, scale):
    """(cJ, cT) is (J, T); f = e − T s; c is the slope of e; a gauge changes no level."""
    couplings = pspin_couplings(PSpin(2), 7, seed)
    one = pspin_gibbs(PSpin(2), 7, couplings, temperature)
    other = pspin_gibbs(PSpin(2), 7, scale * couplings, scale * temperature)
    assert other.free_energy == pytest.approx(scale * one.free_energy, rel=1e-9, abs=1e-12 * scale)
    assert (other.entropy, other.specific_heat) == pytest.approx((one.entropy, one.specific_heat), rel=1e-7, abs=1e-9)
    assert one.free_energy == pytest.approx(one.energy - temperature * one.entropy, abs=1e-10)
    step = 1e-4 * temperature
    above, below = (pspin_gibbs(PSpin(2), 7, couplings, temperature + d).energy for d in (step, -step))
    assert one.specific_heat == pytest.approx((above - below) / (2 * step), rel=1e-4, abs=1e-6)
    gauge = np.random.default_rng(seed).choice([-1, 1], 7)
    pairs = np.array([gauge[i] * gauge[j] for i, j in itertools.combinations(range(7), 2)])
    turned = pspin_energies(PSpin(2), 7, couplings * pairs)
    np.testing.assert_allclose(np.sort(turned), np.sort(pspin_energies(PSpin(2), 7, couplings)), atol=1e-12)


def test_ground_states_average_over_themselves():
    """One pattern, order 2: two ground states; T → 0 of the averages is their T = 0."""
    patterns = np.array([[1, -1, 1, 1, -1]])
    zero, cold = gibbs(HebbianDAM(2), patterns, 0.0), gibbs(HebbianDAM(2), patterns, 1e-3)
    assert zero.entropy == pytest.approx(math.log(2) / 5) and zero.specific_heat == 0
    assert zero.overlap[0] == pytest.approx(0) and zero.squared_overlap[0] == 1
    for name in ("free_energy", "energy", "entropy", "specific_heat"):
        assert getattr(cold, name) == pytest.approx(getattr(zero, name), abs=1e-3)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_a_fair_state_has_the_mean_energy_of_all_states(model):
    size, count = 5, 2
    rows = np.array(list(itertools.product((-1, 1), repeat=size)))
    table = model.pattern_energy(size)
    one = table[(rows.sum(axis=1) + size) // 2]
    both = np.add.outer(one, one).ravel()  # two patterns against one state
    mean, variance = paramagnet(model, size, count)
    kept = both.mean() - ((count - 1) * one.mean() if model.p >= 3 else 0.0)
    assert mean == pytest.approx(kept / size) and variance == pytest.approx(both.var() / size**2)


def test_ties_do_not_depend_on_signs():
    """Three patterns of equal weight, order 2 at N = 9: ties are common, and the errors of a sum do not make them."""
    for signs in itertools.product((-1.0, 1.0), repeat=2):
        law = stream_bit_error(HebbianDAM(2), 9, np.array([1.0, *signs]), 0)
        known = stream_bit_error(HebbianDAM(2), 9, np.ones(3), 0)
        assert law.tie == pytest.approx(known.tie, abs=1e-14) and known.tie > 1e-4
        assert law.probability == pytest.approx(known.probability, abs=1e-14)
    uniform = bit_error(HebbianDAM(2), 9, 3)
    assert (known.probability, known.tie) == pytest.approx((uniform.probability, uniform.tie), abs=1e-12)


def test_a_lone_pattern_by_inversion():
    from dammech.exact.bit_error import _by_inversion

    values, weight = np.array([1.0, -1.0]), np.array([0.5, 0.5])
    assert _by_inversion(values, weight, 0, 1.5, 0.0, 0.0).tie == 0.0
    assert _by_inversion(values, weight, 0, 0.0, 0.0, 0.0).tie == 1.0
    assert _by_inversion(values, weight, 0, -1.5, 0.0, 0.0).probability == 1.0
    assert _by_inversion(values, weight, 0, 0.0, 0.7, 0.0).probability == 0.5


@pytest.mark.parametrize(
    ("model", "size", "count"), [(HebbianDAM(2), 30, 20), (HebbianDAM(3), 20, 200), (HebbianDAM(4, "power"), 16, 500)]
)
@pytest.mark.parametrize("temperature", [0.3, 1.0])
def test_inversion_and_lattice_are_the_same_law(model, size, count, temperature):
    """Heat bath, so that the characteristic function is integrated to rounding."""
    from dammech.exact.bit_error import _by_inversion, exact_table
    from dammech.exact.enumeration import binomial

    table = exact_table(model, size)
    values = np.array([float(table[k] - table[k + 1]) for k in range(size)])
    law = bit_error(model, size, count, temperature)
    other = _by_inversion(values, binomial(size - 1), count - 1, float(table[-2] - table[-1]), temperature, 0.0)
    assert law.method == "lattice" and other.method == "characteristic function" and other.tie is None
    assert other.probability == pytest.approx(law.probability, abs=max(1e-11, other.error)) and other.error < 1e-7


@pytest.mark.parametrize("text", ["y**3 - 1/2*y**2 + y", "y**4 + 2*y**3 - y", "y**3"])
def test_ground_states_of_any_polynomial_keep_their_constant(text):
    from dammech.exact import energies, ground_state

    model, patterns = HebbianDAM(interaction=text), np.random.default_rng(2).choice([-1, 1], size=(4, 9))
    levels = energies(model, patterns)
    found = ground_state(model, patterns)
    assert found.energy == pytest.approx(levels.min() / 9, abs=1e-12)
    assert found.degeneracy == (levels <= levels.min() + 1e-9).sum()


@pytest.mark.parametrize("beyond", [20.0, 45.0, 80.0])
def test_the_tail_of_a_sum_of_signs_has_chernoffs_bound(beyond):
    """2 e^{−n I(x)} with I of the fair coin, and the tail itself below it."""
    from dammech.exact.bit_error import _tail_bound

    n, x = 100, beyond / 100
    known = 2 * math.exp(-n * ((1 + x) / 2 * math.log(1 + x) + (1 - x) / 2 * math.log(1 - x)))
    assert _tail_bound(np.ones(1), np.ones(1), n, beyond) == pytest.approx(min(2.0, known), rel=0.05)
    tail = 2 * sum(math.comb(n, k) for k in range(n + 1) if 2 * k - n > beyond) / 2**n
    assert tail <= known
    assert _tail_bound(np.ones(1), np.ones(1), 0, beyond) == _tail_bound(np.ones(1), np.ones(1), 10, beyond) == 0.0
