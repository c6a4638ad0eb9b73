"""Chains on a matrix of couplings: twin, exact laws with and without detailed balance, and averages over the disorder."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dammech.errors import InputError, ShortChain
from dammech.exact import all_states, coupling_energies, coupling_gibbs, evolve, gibbs_distribution
from dammech.simulate import Chain, CouplingChain, autocorrelation_time, kernels, simulate_couplings, with_diagonal
from dammech.simulate.estimators import fraction_and_error
from dammech.simulate.reference import reference_flips
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.sampler import dream

DIAGONALS = {"dropped": "dropped", "kept": "kept", "number": 0.3, "negative": -0.4, "each": np.linspace(-1, 1, 30)}


def glass(rng, size, symmetric=True):
    couplings = rng.normal(size=(size, size)) / np.sqrt(size)
    return (couplings + couplings.T) / np.sqrt(2) if symmetric else couplings


def chain_of(couplings, temperature, dynamics, seed=1, **options):
    rng = np.random.default_rng(seed)
    spins, stream = rng.choice([-1, 1], len(couplings)), rng.integers(1, 2**63, size=4, dtype=np.uint64)
    return CouplingChain(couplings, spins, temperature, dynamics, stream, **options)


def mean_and_score(values, exact):
    error = values.std() * np.sqrt(max(1.0, autocorrelation_time(values)) / values.size)
    return (values.mean() - exact) / error


@pytest.mark.parametrize("dynamics,temperature", [("zero-temperature", 0.0), ("glauber", 0.9), ("metropolis", 0.9)])
@pytest.mark.parametrize("diagonal", DIAGONALS)
@pytest.mark.parametrize("symmetric", [True, False])
def test_trajectory_of_the_twin(symmetric, diagonal, dynamics, temperature):
    couplings = glass(np.random.default_rng(3), 30, symmetric)
    chain = chain_of(couplings, temperature, dynamics, diagonal=DIAGONALS[diagonal])
    start, stream = chain.spins.copy(), chain.stream.copy()
    series = chain.run(6)
    orders, uniforms = np.empty((series.overlap.size, 30), np.int64), np.empty((series.overlap.size, 30))
    for order, uniform in zip(orders, uniforms):
        kernels.draw_sweep(stream, order, uniform)
    full = with_diagonal(couplings, DIAGONALS[diagonal])
    cost = lambda state, i: 2 * state[i] * (full[i] @ state)  # noqa: E731
    expected, flips = reference_flips(cost, start, temperature, dynamics, orders, uniforms)
    np.testing.assert_array_equal(chain.spins, expected)
    assert series.flips == flips > 0
    assert series.overlap[-1] == start @ expected / 30 == chain.overlap()
    assert series.energy[-1] == pytest.approx(-0.5 * expected @ full @ expected, abs=1e-12)
    np.testing.assert_allclose(chain.flip_energies(), [cost(expected, i) for i in range(30)], atol=1e-12)


@pytest.mark.parametrize("temperature", [0.0, 0.7])
@pytest.mark.parametrize("dynamics", ["glauber", "metropolis", "parallel"])
def test_hebbian_couplings_are_the_memory_of_order_two(dynamics, temperature):
    """Ties included: 37 is no power of two, so that couplings are rounded."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        patterns = rng.choice([-1, 1], size=(5, 37)).astype(np.int8)
        start, stream = rng.choice([-1, 1], 37), rng.integers(1, 2**63, size=4, dtype=np.uint64)
        memory = Chain(HebbianDAM(2), patterns, start, temperature, dynamics, stream.copy())
        matrix = patterns.T.astype(float) @ patterns / 37
        chain = CouplingChain(matrix, start, temperature, dynamics, stream.copy(), pattern=patterns[0])
        first, second = memory.run(12), chain.run(12)
        np.testing.assert_array_equal(memory.spins, chain.spins)
        np.testing.assert_array_equal(first.overlap, second.overlap)
        np.testing.assert_allclose(first.energy, second.energy, atol=1e-12)
        assert (first.flips, first.period, first.downhill) == (second.flips, second.period, second.downhill)


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
@pytest.mark.parametrize("rule", ["glass", "dream"])
def test_chain_samples_gibbs(rule, dynamics):
    rng = np.random.default_rng(11)
    patterns = rng.choice([-1, 1], size=(4, 9))
    couplings = glass(rng, 9) if rule == "glass" else dream(patterns.T @ patterns / 9, 2.0)
    for seed in (1, 2, 3):
        chain = chain_of(couplings, 0.8, dynamics, seed, pattern=patterns[1])
        chain.run(100)
        series = chain.run(40_000)
        right, hotter = (coupling_gibbs(couplings, t, patterns) for t in (0.8, 0.84))
        wrong = coupling_gibbs(1.05 * couplings, 0.8, patterns)
        assert abs(mean_and_score(series.energy / 9, right.energy)) < 4
        assert abs(mean_and_score(series.overlap**2, right.squared_overlap[1])) < 4
        assert abs(mean_and_score(series.energy / 9, hotter.energy)) > 4
        assert abs(mean_and_score(series.energy / 9, wrong.energy / 1.05)) > 4


def costs(couplings):
    """What flips cost in every state, (N, 2^N)."""
    states = all_states(len(couplings)).astype(float)
    return 2 * (states * (states @ couplings.T)).T


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
def test_detailed_balance_needs_symmetry_and_no_diagonal(dynamics):
    """One visit leaves the Gibbs law alone; it does not where a coupling has a direction or spins couple to themselves."""
    couplings = with_diagonal(glass(np.random.default_rng(2), 6))
    lopsided = couplings.copy()
    lopsided[0, 1] += 0.3
    law = gibbs_distribution(coupling_energies(couplings), 0.7)
    for site in range(6):
        np.testing.assert_allclose(evolve(costs(couplings), law, 0.7, dynamics, [site]), law, atol=1e-15)
        # from each state alone: π(s) w(s → s') = π(s') w(s' → s)
        flow = np.array([evolve(costs(couplings), row, 0.7, dynamics, [site]) for row in np.diag(law)])
        np.testing.assert_allclose(flow, flow.T, atol=1e-16)
    assert np.abs(evolve(costs(lopsided), law, 0.7, dynamics, [0]) - law).max() > 1e-3
    kept = costs(with_diagonal(couplings, 0.3))
    first = law if dynamics == "metropolis" else np.full(64, 1 / 64)
    assert np.abs(evolve(kept, first, 0.7, dynamics, [0]) - evolve(costs(couplings), first, 0.7, dynamics, [0])).max() > 1e-3


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis", "parallel"])
@pytest.mark.parametrize("diagonal", ["dropped", 0.6])
def test_couplings_with_a_direction_have_their_own_stationary_law(dynamics, diagonal):
    """The law of sweeps in random order is the mean over all orders; that of the symmetric part is rejected."""
    couplings = with_diagonal(2 * glass(np.random.default_rng(8), 4, symmetric=False), diagonal)
    orders = [()] if dynamics == "parallel" else list(itertools.permutations(range(4)))

    def stationary(matrix):
        cost = costs(matrix)
        step = np.array([np.mean([evolve(cost, row, 0.9, dynamics, order) for order in orders], axis=0) for row in np.eye(16)])
        return np.linalg.matrix_power(step, 500)[0]

    states = all_states(4).astype(float)
    levels = -0.5 * np.einsum("si,ij,sj->s", states, couplings, states)
    chain = chain_of(couplings, 0.9, dynamics, diagonal="kept")
    chain.run(50)
    energies = chain.run(4000 if dynamics == "parallel" else 40_000).energy
    assert abs(mean_and_score(energies, stationary(couplings) @ levels)) < 4
    assert abs(mean_and_score(energies, stationary((couplings + couplings.T) / 2) @ levels)) > 4
    assert abs(mean_and_score(energies, stationary(with_diagonal(couplings, 1.6)) @ levels)) > 4


def test_zero_temperature_ends_in_the_minima_and_cold_is_its_limit():
    couplings = with_diagonal(glass(np.random.default_rng(4), 8))
    levels, states = coupling_energies(couplings), all_states(8)
    minima = {s.tobytes() for s, cost in zip(states, costs(couplings).T) if (cost > 0).all()}
    ends = set()
    for k, start in enumerate(states):
        runs = []
        for dynamics, temperature in (("zero-temperature", 0.0), ("glauber", 0.0), ("glauber", 1e-4)):
            stream = np.random.default_rng(k).integers(1, 2**63, size=4, dtype=np.uint64)
            chain = CouplingChain(couplings, start, temperature, dynamics, stream)
            series = chain.run(50)
            runs.append(chain.spins.tobytes())
            assert temperature or (series.period == 1 and not series.downhill and series.overlap.size < 50)
            assert series.energy[-1] == pytest.approx(levels[(states == chain.spins).all(axis=1)][0])
        assert runs[0] == runs[1] == runs[2]
        ends.add(runs[0])
    assert ends == minima and len(minima) >= 2


def test_a_kept_diagonal_freezes_and_a_projector_recalls():
    """Long dreams make a projector: above a load of 1/2 a wrong spin, J_ii > 1/2, stays wrong if it couples to itself."""
    rng = np.random.default_rng(6)
    patterns = rng.choice([-1, 1], size=(48, 80))
    couplings = dream(patterns.T @ patterns / 80, 1e9)
    moved = patterns[0] * np.where(np.arange(80) < 1, -1, 1)
    recalled, frozen = (
        CouplingChain(couplings, moved, 0.0, "zero-temperature", np.arange(1, 5, dtype=np.uint64), diagonal, patterns[0])
        for diagonal in ("dropped", "kept")
    )
    assert frozen.flip_energies()[0] == pytest.approx(2 * (2 * couplings[0, 0] - 1), abs=1e-6)
    assert recalled.run(20).overlap[-1] == 1.0
    series = frozen.run(20)
    assert series.overlap[-1] == 1 - 2 / 80 and series.period == 1


class Recorded:
    """A glass with a planted state, that remembers the couplings that were drawn."""

    def __init__(self):
        self.drawn = {}

    def __call__(self, rng, size):
        couplings = glass(rng, size)
        self.drawn[couplings.tobytes()] = couplings
        return couplings, rng.choice([-1, 1], size=(2, size))


def test_average_over_the_disorder():
    rule = Recorded()
    asked = {"size": 7, "temperature": 0.8, "trials": 40, "seed": 3}
    point = simulate_couplings(rule, name="glass", **asked)
    assert len(rule.drawn) == 40 and point.converged and point.samples == 40 * point.sweeps
    exact = [coupling_gibbs(j, 0.8) for j in rule.drawn.values()]
    thermal = np.sqrt(np.mean([e.specific_heat for e in exact]) * 0.8**2 / 7 * point.tau / point.samples)
    assert abs(point.energy - np.mean([e.energy for e in exact])) < 4 * thermal
    hotter = np.mean([coupling_gibbs(j, 0.88).energy for j in rule.drawn.values()])
    assert abs(point.energy - hotter) > 4 * thermal
    assert point.energy_error == pytest.approx(np.std([e.energy for e in exact], ddof=1) / np.sqrt(40), rel=0.1)
    flipping = [
        gibbs_distribution(coupling_energies(j), 0.8) @ (1 / (1 + np.exp(costs(with_diagonal(j)) / 0.8))).mean(axis=0)
        for j in rule.drawn.values()
    ]
    assert point.acceptance == pytest.approx(np.mean(flipping), rel=0.02)
    above = round(40 * point.retrieved)
    assert point.retrieved_above == 0.5 and point.retrieved_error == fraction_and_error(above, 40)[1]
    fixed = simulate_couplings(Recorded(), name="glass", sweeps=900, equilibration=150, **asked)
    assert (fixed.sweeps, fixed.equilibration, fixed.samples) == (900, 150, 36_000)
    assert simulate_couplings(Recorded(), name="glass", workers=1, **asked) == point
    assert simulate_couplings(Recorded(), name="another", **asked).energy != point.energy


def test_short_chains_are_refused_and_rest_is_counted():
    with pytest.raises(ShortChain, match="are needed"):
        simulate_couplings(Recorded(), name="glass", size=20, temperature=0.2, trials=4, sweeps=30)
    point = simulate_couplings(Recorded(), name="glass", size=20, temperature=0, trials=4)
    assert (point.rest, point.cycles, point.plateaus, point.ties, point.tau) == (4, 0, 0, "coin", None)
    assert simulate_couplings(Recorded(), name="glass", size=20, temperature=0, trials=1, overlap=0.5).m_error is None


@pytest.mark.parametrize(
    "change,match",
    [
        ({"couplings": np.ones((3, 4))}, "couplings"),
        ({"couplings": np.full((6, 6), np.nan)}, "couplings"),
        ({"couplings": [[1], [2, 3]]}, "couplings"),
        ({"couplings": np.eye(5)}, r"\(6, 6\)"),
        ({"diagonal": "some"}, "diagonal='some'"),
        ({"diagonal": [1.0, 2.0]}, "diagonal="),
        ({"diagonal": np.inf}, r"diagonal=\[inf\]"),
        ({"spins": [1, 0, 1, 1, 1, 1]}, "spins"),
        ({"pattern": [1, 1]}, "pattern of 2"),
        ({"temperature": -1.0}, "temperature"),
        ({"dynamics": "slow"}, "dynamics"),
        ({"stream": np.zeros(4, np.uint64)}, "stream"),
        ({"stream": [1, 2, 3, 4]}, "stream"),
        ({"couplings": np.full((6, 6), 1e101)}, "couplings"),
    ],
)
def test_what_is_refused(change, match):
    good = {
        "couplings": np.eye(6), "spins": np.ones(6), "temperature": 1.0, "dynamics": "glauber",
        "stream": np.arange(1, 5, dtype=np.uint64),
    }  # fmt: skip
    CouplingChain(**good)
    with pytest.raises(InputError, match=match):
        CouplingChain(**good | change)


def test_rules_that_give_other_shapes_are_refused():
    for given, match in (
        ((np.eye(4), np.ones(4)), "patterns="),
        ((np.eye(4), np.ones((1, 5))), r"patterns of shape \(1, 5\)"),
        (np.eye(4), "must give couplings and patterns"),
        ((np.eye(3), np.ones((1, 4))), r"must be \(4, 4\)"),
    ):
        with pytest.raises(InputError, match=match):
            simulate_couplings(lambda rng, n, given=given: given, name="wrong", size=4, temperature=1.0, trials=1)
    with pytest.raises(InputError, match="name=3"):
        simulate_couplings(Recorded(), name=3, size=4, temperature=1.0)
    with pytest.raises(InputError, match="rule=3"):
        simulate_couplings(3, name="three", size=4, temperature=1.0)
    asked = {"name": "glass", "trials": 2, "sweeps": 3000}
    assert simulate_couplings(Recorded(), size=4.0, temperature=np.float32(1), **asked) == simulate_couplings(
        Recorded(), size=4, temperature=1.0, **asked
    )
    with pytest.raises(InputError, match="square matrix"):
        coupling_energies(np.ones((2, 3)))
