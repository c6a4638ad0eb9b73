"""Streams against brute force: energies from coupling tensors, Gibbs averages by enumeration, exact laws by z-score."""

from __future__ import annotations

from itertools import combinations, product
from math import comb, factorial

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.exact import (
    all_states,
    bit_error,
    clipped_bit_error,
    clipped_moments,
    delta_moments,
    exponential_overlap,
    rehearsal_second_moment,
    stable_overlap,
    stream_bit_error,
)
from dammech.simulate import Chain, autocorrelation_time
from dammech.simulate import kernels as compiled
from dammech.simulate.reference import reference_sweeps
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.sampler import (
    clipped_signal,
    delta_rule,
    dream,
    dreaming_step,
    exponential_step,
    forgetting_curve,
    rehearsal_counts,
)
from dammech.systems.palimpsest.sampler.compiled import delta_steps
from dammech.systems.palimpsest.sampler.delta import delta_features

STREAM = np.arange(1, 5, dtype=np.uint64)
MODELS = [HebbianDAM(p, kind) for p in (2, 3, 4, 6) for kind in ("distinct", "power")] + [HebbianDAM(3, "rectified")]


def signs(seed, *shape):
    return np.random.default_rng(seed).choice([-1, 1], size=shape)


def fading(count, rate=0.03):
    return np.exp(-rate * np.arange(count))


def z(point, name, expected):
    return (getattr(point, name) - expected) / getattr(point, f"{name}_error")


@pytest.mark.parametrize("order", [2, 3, 4])
def test_flip_energies_from_the_coupling_tensor(order):
    size, count = 9, 30
    patterns, weights, spins = signs(order, count, size), fading(count), signs(5, size)
    tuples = list(combinations(range(size), order))
    couplings = {t: weights @ patterns[:, t].prod(axis=1) for t in tuples}
    scale = factorial(order - 1) / size ** (order - 1)

    def energy(state):
        return -scale * sum(couplings[t] * state[list(t)].prod() for t in tuples)

    chain = Chain(HebbianDAM(order), patterns.astype(np.int8), spins, 1.0, "glauber", STREAM.copy(), weights=weights)
    assert chain.energy() == pytest.approx(energy(spins), abs=1e-12)
    for i, cost in enumerate(chain.flip_energies()):
        flipped = np.where(np.arange(size) == i, -spins, spins)
        assert cost == pytest.approx(energy(flipped) - energy(spins), abs=1e-12)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.interaction}-{m.p}")
@pytest.mark.parametrize(
    ("dynamics", "temperature"), [("zero-temperature", 0.0), ("glauber", 0.8), ("metropolis", 0.8)]
)
def test_weighted_trajectory_of_the_twin(model, dynamics, temperature):
    size, count = 31, 70 if model.p == 2 else 1500
    patterns, weights = signs(model.p, count, size).astype(np.int8), fading(count, 4 / count)
    spins = patterns[0] * np.where(np.arange(size) < 7, -1, 1)
    scale = temperature * (1 + count / size ** (model.p - 1)) if temperature else 0.0
    chain = Chain(model, patterns, spins, scale, dynamics, STREAM.copy(), weights=weights)
    series = chain.run(3)
    orders, uniforms = np.empty((series.overlap.size, size), np.int64), np.empty((series.overlap.size, size))
    stream = STREAM.copy()
    for order, uniform in zip(orders, uniforms):
        compiled.draw_sweep(stream, order, uniform)
    expected, flips = reference_sweeps(model, patterns, spins, scale, dynamics, orders, uniforms, weights=weights)
    assert flips > 0 and series.flips == flips
    np.testing.assert_array_equal(chain.spins, expected)
    energy = weights @ model.pattern_energy(size)[(patterns.astype(int) @ expected + size) // 2]
    assert series.energy[-1] == pytest.approx(energy, abs=1e-9 * (1 + abs(energy)))
    assert chain.energy() == pytest.approx(energy, abs=1e-9 * (1 + abs(energy)))


@pytest.mark.parametrize("model", [HebbianDAM(2), HebbianDAM(3, "power"), HebbianDAM(4)], ids=["2", "3-power", "4"])
def test_weighted_chain_samples_gibbs(model):
    size, count, temperature = 10, 8, 0.5
    patterns, weights = signs(17, count, size), fading(count, 0.3)
    states = all_states(size)
    totals = (states.astype(int) @ patterns.T + size) // 2

    def averages(factors):
        levels = model.pattern_energy(size)[totals] @ factors
        law = np.exp(-(levels - levels.min()) / temperature)
        law /= law.sum()
        return np.array([law @ levels, law @ ((states @ patterns[0]) / size) ** 2])

    chain = Chain(model, patterns.astype(np.int8), patterns[0], temperature, "glauber", STREAM.copy(), weights=weights)
    chain.run(200)
    series = chain.run(50_000)

    def scores(expected):
        values = np.array([series.energy, series.overlap**2])
        errors = [v.std() * np.sqrt(autocorrelation_time(v) / v.size) for v in values]
        return np.abs((values.mean(axis=1) - expected) / errors)

    assert scores(averages(weights)).max() < 4
    assert scores(averages(np.ones(count))).max() > 4  # a memory that does not forget is rejected
    assert scores(averages(weights[::-1])).max() > 4  # and one that forgets the new


@pytest.mark.parametrize("model", [HebbianDAM(2), HebbianDAM(3), HebbianDAM(4, "power")], ids=["2", "3", "4-power"])
@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_one_step_without_forgetting(model, temperature):
    size = 24
    count = round(0.2 * size ** (model.p - 1) / model.noise_strength * 2)
    curve = forgetting_curve(
        model, np.ones(count), ages=[0, count // 2, count - 1], size=size, temperature=temperature, trials=1000,
        dynamics="one-step",
    )  # fmt: skip
    exact = bit_error(model, size, count, temperature)
    for point in curve.points:
        assert abs(z(point, "m", 1 - 2 * exact.probability)) < 4
        assert abs(z(point, "m", 1 - 2.6 * exact.probability)) > 4


def test_one_step_by_hand_of_two_patterns():
    # N = 4, p = 2: h_i ξ_i = 3Λ − Λ'(±3, or ±1): enumerated over all second patterns
    weights, size = np.array([0.5, 1.0]), 4
    expected = []
    for other in product([-1, 1], repeat=size):
        other = np.array(other)
        field = weights[0] * (size - 1) + weights[1] * other * (other.sum() - other)
        expected.append(np.where(field < 0, -1, 1).mean())
    curve = forgetting_curve(HebbianDAM(2), weights, ages=[0], size=size, trials=4000, dynamics="one-step")
    assert abs(z(curve.points[0], "m", np.mean(expected))) < 4


def test_each_age_is_the_pattern_of_that_age():
    weights = np.full(400, 0.02)
    weights[37] = 1.0
    curve = forgetting_curve(HebbianDAM(3), weights, ages=[0, 37, 399], size=40, temperature=0.05, trials=10)
    assert [p.retrieved for p in curve.points] == [0, 1, 0]
    assert curve.points[1].weight == 1 and curve.points[1].effective_load == pytest.approx((weights**2).sum() / 1600)


def test_a_state_at_rest_is_a_minimum_and_threads_do_not_matter():
    weights = fading(60, 0.05)
    settings = {"ages": [0, 10], "size": 30, "trials": 6}
    one = forgetting_curve(HebbianDAM(2), weights, **settings, workers=1)
    two = forgetting_curve(HebbianDAM(2), weights, **settings, workers=2)
    assert one == two and one.points[0].tau is None and one.to_json()["points"][1]["age"] == 10
    other = forgetting_curve(HebbianDAM(2), weights, **settings, seed=1)
    assert other.points[0].overlaps != one.points[0].overlaps


def test_random_weights_are_drawn_for_each_pattern_set():
    curve = forgetting_curve(
        HebbianDAM(3), lambda rng: rehearsal_counts(40, 1.0, rng), ages=[0, 39], size=12, trials=50, dynamics="one-step"
    )
    assert curve.points[0].weight == 1 and curve.points[1].weight > 2
    assert len(set(curve.points[1].weights)) > 2


@pytest.mark.parametrize("rehearsals", [0.0, 0.5, 1.0, 3.0])
def test_rehearsed_weights_are_geometric(rehearsals):
    rng = np.random.default_rng(4)
    sets = np.array([rehearsal_counts(2000, rehearsals, rng) for _ in range(60)])
    for values, expected in (
        (sets.mean(axis=1), 1 + rehearsals),
        ((sets**2).mean(axis=1), (1 + rehearsals) * (1 + 2 * rehearsals)),
        ((sets == 2).mean(axis=1), rehearsals / (1 + rehearsals) ** 2),
    ):
        error = max(values.std() / np.sqrt(60), 3e-3)  # the law is that of a long stream
        assert abs(values.mean() - expected) < 4 * error
    if rehearsals:
        assert sets[:, :100].mean() < 1.2 < sets[:, -100:].mean()  # the oldest have been rehearsed most


def test_second_moment_of_rehearsed_weights_is_exact():
    rng = np.random.default_rng(7)
    for rehearsals in (0.5, 1.0, 2.3):
        sums = [(rehearsal_counts(12, rehearsals, rng) ** 2).sum() for _ in range(20_000)]
        assert abs(np.mean(sums) - rehearsal_second_moment(12, rehearsals)) < 4 * np.std(sums) / np.sqrt(20_000)
    assert rehearsal_second_moment(10**6, 1.5) == pytest.approx(10**6 * 2.5 * 4, rel=1e-4)


@pytest.mark.parametrize("model", [HebbianDAM(2), HebbianDAM(3, "power"), HebbianDAM(4)], ids=["2", "3-power", "4"])
@pytest.mark.parametrize("temperature", [0.0, 0.4])
def test_one_step_of_weighted_patterns(model, temperature):
    size = 20
    count = round(0.3 * size ** (model.p - 1) / model.noise_strength * 2)
    weights = fading(count, 2.0 / count)
    places = [0, count // 2, count - 1]
    curve = forgetting_curve(
        model, weights, ages=places, size=size, temperature=temperature, trials=800, dynamics="one-step"
    )  # fmt: skip
    for point, place in zip(curve.points, places):
        exact = 1 - 2 * stream_bit_error(model, size, weights, place, temperature).probability
        assert abs(z(point, "m", exact)) < 4
        if place:
            younger = 1 - 2 * stream_bit_error(model, size, weights, 0, temperature).probability
            assert abs(z(point, "m", younger)) > 4


@pytest.mark.parametrize(("order", "size"), [(2, 30), (3, 12), (4, 9)])
def test_delta_rule_against_its_law(order, size):
    features = comb(size - 1, order - 1)
    ages = [0, round(0.5 * features)]
    for point in delta_rule(order, rate=0.7, ages=ages, size=size, trials=12, probes=8):
        law = delta_moments(features, 0.7, point.age)
        assert point.features == features
        assert abs(z(point, "signal", law.signal)) < 4 and abs(z(point, "variance", law.variance)) < 4.5
        assert point.age == 0 or abs(z(point, "bit_error", law.error)) < 4.5
    (fresh,) = delta_rule(order, rate=1.0, ages=[0], size=size, trials=2, probes=2)
    assert fresh.signal == pytest.approx(1, abs=1e-12) and fresh.variance == pytest.approx(0, abs=1e-12)


def test_features_of_the_delta_rule():
    spins = signs(3, 6)
    np.testing.assert_array_equal(delta_features(3, spins), [spins[i] * spins[j] for i, j in combinations(range(6), 2)])


def test_steps_of_the_delta_rule_leave_out_features_with_the_neurons_own_spin():
    """Order 3: neuron i learns from pairs of the others, by the rule written for these alone."""
    size, scale, signed = 5, 0.3, 1.0 * signs(4, 6, 5)
    sets = np.array(list(combinations(range(size), 2)))
    own = np.array([np.flatnonzero((sets == i).any(axis=1)) for i in range(size)])
    weights = np.zeros((size, len(sets)))
    delta_steps(weights, own, sets, signed, scale)
    for i in range(size):
        others = [k for k, pair in enumerate(sets.tolist()) if i not in pair]
        w = np.zeros(len(others))
        for xi in signed:
            phi = xi[sets[others]].prod(axis=1)
            w += scale * (xi[i] - w @ phi) * phi
        assert weights[i, others] == pytest.approx(w, abs=1e-14) and not weights[i, own[i]].any()


def test_second_moment_of_the_delta_rule_by_enumeration():
    # D = 3, one step from any w: E h² over all features, pattern signs and targets against the recursion in delta_law
    rate, d = 0.6, 3
    features = np.array(list(product([-1, 1], repeat=d)))
    rng = np.random.default_rng(0)
    w, probe = rng.standard_normal(d), features[3]
    direct = np.mean([
        ((w + rate * (target - w @ f) * f / d) @ probe) ** 2 for f in features for target in (-1, 1)
    ])  # fmt: skip
    h2, q = (w @ probe) ** 2, w @ w
    closed = h2 * (1 - 2 * rate / d + 2 * (rate / d) ** 2) + rate**2 / d + (rate / d) ** 2 * (d - 2) * q
    assert direct == pytest.approx(closed, abs=1e-12)


@pytest.mark.parametrize(("order", "size"), [(2, 60), (3, 20)])
def test_clipped_signal_is_that_of_the_transfer_matrix(order, size):
    bound, ages = 3, [0, 5, 15]
    for point in clipped_signal(order, bound=bound, ages=ages, size=size, trials=60):
        law = clipped_moments(bound, point.age)
        assert abs(z(point, "signal", law.signal)) < 4
        assert abs(z(point, "square", bound * (bound + 1) / 3)) < 4
        if order == 2 and point.age > 5:
            wrong = clipped_bit_error(size, bound, point.age)
            assert abs(z(point, "m", 1 - 2 * wrong.probability + (wrong.tie or 0.0))) < 4  # here ties keep the spin
        assert abs(z(point, "signal", 1.15 * law.signal)) > 4


def test_transfer_matrix_by_enumeration_of_walks():
    bound, age = 2, 5
    total = 0.0
    for start in range(-bound, bound + 1):
        for steps in product([-1, 1], repeat=age):
            j = min(start + 1, bound)
            for step in steps:
                j = max(-bound, min(bound, j + step))
            total += j
    assert clipped_moments(bound, age).signal == pytest.approx(total / (5 * 2**age), abs=1e-14)


def test_naps_compose_and_spare_the_patterns():
    patterns = signs(6, 12, 40).astype(float)
    couplings = patterns.T @ patterns / 40
    first, second = 0.7, 2.0
    twice = dream(dream(couplings, first), second)
    np.testing.assert_allclose(twice, dream(couplings, (1 + first) * (1 + second) - 1), atol=1e-12)
    np.testing.assert_allclose(dream(couplings, 0.0), couplings, atol=1e-14)
    projector = patterns.T @ np.linalg.solve(patterns @ patterns.T, patterns)
    np.testing.assert_allclose(dream(couplings, 1e9), projector, atol=1e-6)


def test_dreaming_against_marchenko_and_pastur():
    load, time = 0.4, 1.0
    angle = (np.arange(4000) + 0.5) * np.pi / 4000
    x = 1 + load + 2 * np.sqrt(load) * np.cos(angle)
    weight, g = 2 * np.sin(angle) ** 2 / (4000 * x), (1 + time) * x / (1 + time * x)
    signal = weight @ (g * x) - load * (weight @ g)
    variance = weight @ (g**2 * x) - (weight @ (g * x)) ** 2
    point = dreaming_step(load, time=time, size=400, trials=12)
    for name, expected, asleep in (("signal", signal, 1.0), ("variance", variance, load)):
        assert abs(getattr(point, name) - expected) < 4 * getattr(point, f"{name}_error") + 1 / point.size
        assert abs(getattr(point, name) - asleep) > 20 * getattr(point, f"{name}_error")


def test_exponential_memory_against_its_characteristic_function():
    size, patterns, index = 12, 3000, 150
    (point,) = exponential_step(exponent=1.0, size=size, patterns=patterns, indices=[index], trials=600)
    exact = exponential_overlap(size, patterns, index, 1.0)
    assert abs(z(point, "m", exact)) < 4
    assert abs(z(point, "m", exponential_overlap(size, patterns, 2 * index, 1.0))) > 4


def test_noise_of_the_exponential_memory_becomes_stable():
    # the limit of the endless stream is reached from above, and the window moves by (e^{λ/s}/cosh(λ/s)) with every spin
    gaps = []
    for size in (10, 16):
        index = round(0.5 * (np.e / np.cosh(1)) ** (size - 1))
        gaps.append(exponential_overlap(size, 200 * index, index, 1.0) - stable_overlap(size, index, 1.0))
    assert 0 < gaps[1] < 0.7 * gaps[0]
    for exponent in (0.75, 1.0, 1.5):
        ratio = np.exp(1 / exponent) / np.cosh(1 / exponent)
        assert stable_overlap(20, 300.0, exponent) == pytest.approx(
            stable_overlap(21, 300.0 * ratio, exponent), rel=1e-9
        )
    with pytest.raises(InputError, match="exponent"):
        stable_overlap(20, 3, 0.5)


def test_exponential_memory_by_hand():
    patterns, weights = signs(9, 7, 6), np.arange(1, 8) ** -1.0
    from dammech.systems.palimpsest.sampler.exponential import _overlap

    def energy(state):
        return -(weights * np.exp(0.8 * (patterns @ state))).sum()

    state = patterns[4]
    kept = [energy(np.where(np.arange(6) == i, -state, state)) >= energy(state) for i in range(6)]
    assert _overlap(patterns.astype(float), weights, 0.8, 4) == pytest.approx(2 * np.mean(kept) - 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: forgetting_curve(HebbianDAM(3), [], ages=[0], size=9), "weights"),
        (lambda: forgetting_curve(HebbianDAM(3), [1.0, np.nan], ages=[0], size=9), "weights"),
        (lambda: forgetting_curve(HebbianDAM(3), [1.0, 0.5], ages=[2], size=9), "ages=2"),
        (lambda: forgetting_curve(HebbianDAM(3), [1.0, 0.5], ages=[], size=9), "ages"),
        (lambda: forgetting_curve(HebbianDAM(3), [1.0], ages=[0], size=9, dynamics="fast"), "dynamics"),
        (lambda: forgetting_curve("x", [1.0], ages=[0], size=9), "model"),
        (lambda: Chain(HebbianDAM(2), signs(0, 3, 5), signs(1, 5), 1.0, "glauber", STREAM.copy(), weights=[1.0]), "weights"),
        (lambda: rehearsal_counts(5, -1.0, np.random.default_rng(0)), "rehearsals"),
        (lambda: delta_rule(2, rate=2.5, ages=[0], size=9), "rate"),
        (lambda: delta_rule(5, rate=0.5, ages=[0], size=200), "size"),
        (lambda: clipped_signal(4, bound=2, ages=[0], size=400), "size"),
        (lambda: dreaming_step(0.0, time=1.0, size=50), "load"),
        (lambda: dream(np.eye(2), -1.0), "time"),
        (lambda: exponential_step(exponent=1.0, size=9, patterns=5, indices=[6]), "indices"),
        (lambda: exponential_step(exponent=-1.0, size=9, patterns=5, indices=[1]), "exponent"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()
