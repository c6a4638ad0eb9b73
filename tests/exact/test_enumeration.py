"""Enumeration against independent routes: explicit sums, high temperature, known ground states."""

import itertools
import math

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.exact import (
    all_states,
    energies,
    evolve,
    gibbs,
    gibbs_distribution,
    paramagnet,
    pspin_couplings,
    pspin_energies,
    pspin_gibbs,
)
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

MODELS = [
    HebbianDAM(2),
    HebbianDAM(3),
    HebbianDAM(4),
    HebbianDAM(3, "power"),
    HebbianDAM(3, "rectified"),
    HebbianDAM(interaction="y**4 + 2*y**3 - y"),
]


def signs(seed, count, size):
    return np.random.default_rng(seed).choice([-1, 1], size=(count, size))


@pytest.mark.parametrize("order", [2, 3, 4])
def test_distinct_energies_from_index_sums(order):
    patterns, size = signs(0, 3, 7), 7
    levels = energies(HebbianDAM(order), patterns)
    factor = math.factorial(order - 1) / size ** (order - 1)
    for state, level in zip(all_states(size).astype(int), levels):
        sum_over_sets = sum(
            np.prod(pattern[list(sites)] * state[list(sites)])
            for pattern in patterns
            for sites in itertools.combinations(range(size), order)
        )
        assert level == pytest.approx(-factor * sum_over_sets, abs=1e-12)


@pytest.mark.parametrize("order", [3, 4])
def test_power_energies_drop_the_mean_of_uncondensed_patterns(order):
    patterns, size = signs(1, 4, 9), 9
    levels = energies(HebbianDAM(order, "power"), patterns)
    states = all_states(size)
    bare = -size / order * ((states @ patterns.T / size) ** order).sum(axis=1)
    mean = -size / order * ((states.sum(axis=1) / size) ** order).mean()
    np.testing.assert_allclose(levels, bare - 3 * mean, atol=1e-12)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.interaction}-{m.p}")
def test_thermodynamic_identities(model):
    patterns, T, h = signs(2, 5, 8), 0.7, 1e-4
    here, above, below = (gibbs(model, patterns, t) for t in (T, T + h, T - h))
    assert here.entropy == pytest.approx(-(above.free_energy - below.free_energy) / (2 * h), rel=1e-6)
    assert here.specific_heat == pytest.approx((above.energy - below.energy) / (2 * h), rel=1e-5)
    hot = gibbs(model, patterns, 1e6)
    assert hot.entropy == pytest.approx(math.log(2), abs=1e-8)
    cold, ground = gibbs(model, patterns, 3e-4), gibbs(model, patterns, 0.0)
    assert cold.energy == pytest.approx(ground.energy, abs=1e-9)
    assert ground.free_energy == ground.energy == pytest.approx(energies(model, patterns).min() / 8)


def test_one_pattern_is_a_curie_weiss_magnet():
    size, T = 12, 0.6
    averages = gibbs(HebbianDAM(2), np.ones((1, size), int), T)
    totals = np.arange(-size, size + 1, 2)
    weight = np.array([math.comb(size, k) for k in range(size + 1)]) * np.exp((totals**2 - size) / (2 * size * T))
    assert averages.squared_overlap[0] == pytest.approx((weight * totals**2).sum() / weight.sum() / size**2)
    assert averages.overlap[0] == pytest.approx(0, abs=1e-14)
    assert averages.free_energy == pytest.approx(-T * math.log(weight.sum()) / size)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.interaction}-{m.p}")
def test_paramagnet_is_the_average_over_states_and_patterns(model):
    size, count = 10, 4
    states = all_states(size)
    mean, variance = paramagnet(model, size, count)
    table = energies(model, states[:1])  # by symmetry the mean over states does for the mean over patterns
    kept = count if model.p == 2 else 1
    assert mean * size == pytest.approx(kept * table.mean(), abs=1e-12)
    assert variance * size**2 == pytest.approx(count * table.var())


@pytest.mark.parametrize("order", [2, 3, 4])
def test_pspin_energies_from_index_sums(order):
    model, size = PSpin(order), 8
    couplings = pspin_couplings(model, size, seed=3)
    levels = pspin_energies(model, size, couplings)
    sets = list(itertools.combinations(range(size), order))
    expected = [
        -sum(j * np.prod(state[list(s)]) for j, s in zip(couplings, sets)) for state in all_states(size).astype(int)
    ]
    np.testing.assert_allclose(levels, expected, atol=1e-12)
    assert (levels**2).mean() == pytest.approx((couplings**2).sum())
    averages = pspin_gibbs(model, size, couplings, 2.0)
    assert averages.overlap.size == 0
    assert averages.energy == pytest.approx(gibbs_distribution(levels, 2.0) @ levels / size)


def test_pspin_couplings_have_their_variance():
    couplings = pspin_couplings(PSpin(3), 20, seed=1)
    expected = math.factorial(3) / (2 * 20**2)
    assert (couplings**2).mean() == pytest.approx(expected, abs=5 * expected * math.sqrt(2 / couplings.size))


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
@pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.interaction}-{m.p}")
def test_gibbs_is_stationary_and_a_wrong_temperature_is_not(model, dynamics):
    levels, T = energies(model, signs(4, 4, 8)), 0.5
    order = np.random.default_rng(0).permutation(8)
    law = gibbs_distribution(levels, T)
    np.testing.assert_allclose(evolve(levels, law, T, dynamics, order), law, atol=1e-15)
    assert np.abs(evolve(levels, law, 1.05 * T, dynamics, order) - law).max() > 1e-5


@pytest.mark.parametrize(
    ("rule", "temperature", "tied", "warm"),
    [("glauber", 0.0, 0.5, None), ("metropolis", 0.0, 1.0, None), ("zero-temperature", 0.0, 0.0, None),
     ("parallel", 0.0, 0.0, None), ("zero-temperature", 0.7, 0.0, None),
     ("glauber", 0.7, 0.5, lambda x: 1 / (1 + math.exp(x))), ("parallel", 0.7, 0.5, lambda x: 1 / (1 + math.exp(x))),
     ("metropolis", 0.7, 1.0, lambda x: min(1, math.exp(-x)))],
)  # fmt: skip
def test_one_spin_flips_as_its_rule_says(rule, temperature, tied, warm):
    for cost in (-2.0, -1e-9, 0.0, 1e-9, 2.0):
        law = evolve(np.array([0.0, cost]), np.array([1.0, 0.0]), temperature, rule, np.array([0]))
        expected = tied if cost == 0 else warm(cost / temperature) if warm else float(cost < 0)
        assert law == pytest.approx(np.array([1 - expected, expected]), abs=1e-15)
    if temperature == 0:  # what rounding leaves of a tie is one, at every scale
        for scale in (1.0, 1e6):
            levels = np.array([0.0, 1e-11 * scale, 0.0, scale])
            law = evolve(levels, np.array([1.0, 0.0, 0.0, 0.0]), 0.0, rule, np.array([0]))
            assert law[1] == (0.0 if rule == "parallel" else tied)


def test_parallel_steps_have_little_and_peretto():
    """At p = 2 the synchronous heat bath is stationary under exp(β Σ_i |…|), i.e. Π_i 2cosh(β h_i), not under Gibbs."""
    size, T = 6, 0.8
    patterns = signs(5, 3, size)
    levels = energies(HebbianDAM(2), patterns)
    states = all_states(size).astype(float)
    couplings = patterns.T @ patterns / size
    np.fill_diagonal(couplings, 0)
    law = np.prod(2 * np.cosh(states @ couplings / T), axis=1)
    law /= law.sum()
    np.testing.assert_allclose(evolve(levels, law, T, "parallel", np.arange(size)), law, atol=1e-14)
    gibbs_law = gibbs_distribution(levels, T)
    assert np.abs(evolve(levels, gibbs_law, T, "parallel", np.arange(size)) - gibbs_law).max() > 1e-4


@pytest.mark.parametrize(
    "patterns,temperature,words",
    [
        (np.ones((2, 21), int), 1.0, "size=21"),
        (np.zeros((2, 5), int), 1.0, "±1"),
        (np.ones(5, int), 1.0, "(P, N)"),
        (np.ones((2, 5), int), -1.0, "temperature=-1.0"),
        (np.ones((2, 5), int), math.nan, "temperature=nan"),
    ],
)
def test_bad_input(patterns, temperature, words):
    with pytest.raises(InputError) as caught:
        gibbs(HebbianDAM(2), patterns, temperature)
    assert words in str(caught.value)
