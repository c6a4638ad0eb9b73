"""Phases among complex patterns: twin, exact sums over clocks and circles, von Mises moves, balance and the limit T → 0."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ive

from dammech.errors import InputError, ShortChain
from dammech.exact import energies, gibbs, phase_energies, phase_gibbs, phases
from dammech.simulate import Chain, PhaseChain, autocorrelation_time, kernels, simulate_phases
from dammech.simulate.phasors import PhaseExperiment
from dammech.simulate.phasors import kernels as compiled
from dammech.simulate.phasors.chain import spin_harmonics
from dammech.simulate.phasors.reference import reference_phases
from dammech.systems.hebbian.model import HebbianDAM

INTERACTIONS = {
    "two bodies": {(1, 1): 0.5},
    "four bodies": {(2, 2): 0.25},
    "cube": {(3, 0): 1 / 3},
    "mixed": {(2, 1): 0.5, (1, 1): 0.3, (0, 1): -0.2},
}
SWEEPS = 30_000
DYNAMICS = ["glauber", "metropolis"]
each_interaction = pytest.mark.parametrize("interaction", INTERACTIONS.values(), ids=list(INTERACTIONS))


def random_phases(rng, *shape):
    return np.exp(2j * np.pi * rng.random(shape))


def energy_of(interaction, patterns):
    """The energy as it is written down."""
    size = patterns.shape[1]

    def energy(spins):
        m = patterns.conj() @ spins / size
        return -size * sum(c * (m**a * m.conj() ** b).real.sum() for (a, b), c in interaction.items())

    return energy


def chain_of(interaction, patterns, temperature, dynamics, seed=1, states=None, start=None):
    rng = np.random.default_rng(seed)
    stream = rng.integers(1, 2**63, size=4, dtype=np.uint64)
    start = np.ones(patterns.shape[1]) if start is None else start
    return PhaseChain(interaction, patterns, start, temperature, dynamics, stream, states)


def score(values, exact):
    return (values.mean() - exact) / (values.std() * np.sqrt(max(1.0, autocorrelation_time(values)) / values.size))


@each_interaction
@pytest.mark.parametrize("states", [None, 2, 5])
@pytest.mark.parametrize("dynamics,temperature", [("zero-temperature", 0.0), ("glauber", 0.4), ("metropolis", 0.4)])
def test_trajectory_of_the_twin(interaction, states, dynamics, temperature):
    rng = np.random.default_rng(4)
    patterns = random_phases(rng, 3, 8)
    start = np.exp(2j * np.pi * rng.integers(0, states, 8) / states) if states else random_phases(rng, 8)
    chain = chain_of(interaction, patterns, temperature, dynamics, states=states, start=start)
    start, stream = chain.spins.copy(), chain.stream.copy()

    def draw():
        order, uniforms = np.empty(8, np.int64), np.empty(8)
        kernels.draw_sweep(stream, order, uniforms)
        return order, uniforms

    energy, sweeps = energy_of(interaction, patterns), 3 if temperature or states is None else 2
    series = chain.run(sweeps)
    expected, moves = reference_phases(
        energy, start, temperature, dynamics, draw, lambda: compiled.uniform_number(stream), series.overlap.size, states
    )
    np.testing.assert_allclose(chain.spins, expected, atol=1e-9 if temperature or states else 3e-3)
    assert series.flips == moves > 0
    assert series.energy[-1] == pytest.approx(energy(chain.spins), abs=1e-12) == pytest.approx(chain.energy(), abs=1e-12)
    assert series.overlap[-1] == pytest.approx(abs(patterns[0].conj() @ chain.spins) / 8, abs=1e-14)
    assert series.overlap[-1] == pytest.approx(chain.overlap(), abs=1e-14)


@each_interaction
def test_the_energy_of_a_spin_is_its_harmonics(interaction):
    rng = np.random.default_rng(2)
    patterns, spins = random_phases(rng, 4, 6), random_phases(rng, 6)
    energy, (powers, weights) = energy_of(interaction, patterns), spin_harmonics(interaction, 6)
    amplitudes = np.zeros(powers[:, 0].max(), complex)
    compiled.find_amplitudes(patterns[:, 2].copy(), spins[2], patterns.conj() @ spins, powers, weights, amplitudes)
    base = energy(spins)
    for phase in random_phases(rng, 9):
        moved = spins.copy()
        moved[2] = phase
        change = compiled.gain(amplitudes, phase, 1) - compiled.gain(amplitudes, spins[2], 1)
        assert base - energy(moved) == pytest.approx(change, abs=1e-12)
    best = compiled.lowest(amplitudes, np.empty(0, complex))
    grid = [compiled.gain(amplitudes, phase, 1) for phase in np.exp(2j * np.pi * np.arange(5000) / 5000)]
    assert max(grid) <= compiled.gain(amplitudes, best, 1) + 1e-12 <= max(grid) + 1e-5


@pytest.mark.parametrize("kappa", [0.0, 1e-9, 0.3, 2.0, 40.0, 1e7, 1e300])
def test_von_mises_moves(kappa):
    """Moments against Bessel functions: ⟨cos kθ⟩ = I_k(κ)/I_0(κ); those of a κ that is off by a tenth are rejected."""
    stream = np.random.default_rng(9).integers(1, 2**63, size=4, dtype=np.uint64)
    draws = np.array([compiled.von_mises(kappa, stream) for _ in range(20_000)])
    np.testing.assert_allclose(np.abs(draws), 1, atol=1e-14)
    if kappa > 100:  # a Gaussian of width κ^{−1/2}
        scaled = draws.imag * np.sqrt(kappa)
        assert abs(scaled.mean()) * np.sqrt(20_000) < 4 and abs((scaled**2).mean() - 1) / np.sqrt(2 / 20_000) < 4
        return

    def z(k, at):
        values = (draws**k).real
        return (values.mean() - ive(k, at) / ive(0, at)) / values.std() * np.sqrt(20_000)

    assert max(abs(z(1, kappa)), abs(z(2, kappa)), abs(draws.imag.mean() / draws.imag.std() * np.sqrt(20_000))) < 4
    assert kappa < 0.1 or abs(z(1, 1.15 * kappa)) > 4


@each_interaction
@pytest.mark.parametrize("states", [None, 2, 3])
@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_chain_samples_gibbs(interaction, states, dynamics):
    patterns = random_phases(np.random.default_rng(12), 2, 3)
    right, hotter = (phase_gibbs(interaction, patterns, t, states) for t in (0.6, 0.7))
    other = phase_gibbs({(1, 1): 0.4, (2, 0): 0.2}, patterns, 0.6, states)
    for seed in (1, 2):
        chain = chain_of(interaction, patterns, 0.6, dynamics, seed, states)
        chain.run(100)
        series = chain.run(SWEEPS)
        assert abs(score(series.energy / 3, right.energy)) < 4
        assert abs(score(series.overlap**2, right.squared_overlap[0])) < 4
        assert abs(series.overlap.mean() - right.overlap[0]) < 4e-4 + 4 * series.overlap.std() / np.sqrt(SWEEPS / 20)
        assert abs(score(series.energy / 3, hotter.energy)) > 4
        assert abs(score(series.energy / 3, other.energy)) > 4


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_detailed_balance(dynamics):
    """Sweeps in random order go from one region of the torus to another as often as back; turned a little, they do not."""
    patterns = random_phases(np.random.default_rng(5), 2, 2)
    chain = chain_of({(2, 1): 0.5, (1, 1): 0.5}, patterns, 0.5, dynamics)

    def largest_imbalance(turn):
        places = []
        for _ in range(12_000):
            chain.run(1)
            quarter = np.floor(np.angle(chain.spins * turn ** len(places)) * 2 / np.pi).astype(int) + 2
            places.append(quarter[0] + 4 * quarter[1])
        flow = np.zeros((17, 17))
        np.add.at(flow, (places[:-1], places[1:]), 1)
        return (np.abs(flow - flow.T) / np.sqrt(np.maximum(flow + flow.T, 1))).max()

    assert largest_imbalance(1.0) < 4.5
    assert largest_imbalance(np.exp(0.3j)) > 4.5


@each_interaction
@pytest.mark.parametrize("states", [None, 4])
def test_zero_temperature_descends_to_rest_and_cold_is_its_limit(interaction, states):
    rng = np.random.default_rng(3)
    patterns = random_phases(rng, 3, 20)
    start = np.exp(0.5j * np.pi * rng.integers(0, 4, 20))
    chain = chain_of(interaction, patterns, 0.0, "glauber", states=states, start=start)
    energy, begun = energy_of(interaction, patterns), chain.energy()
    series = chain.run(3000)
    assert series.period == 1 and series.overlap.size < 3000
    assert (np.diff([begun, *series.energy]) <= 1e-12).all() and series.energy[-1] < begun - 0.1
    others = np.exp(0.5j * np.pi * np.arange(4)) if states else np.exp([-2e-3j, -1e-4j, 1e-4j, 2e-3j, 1j, 3j])
    for i in range(20):  # no spin has anywhere better to be
        for other in others:
            moved = chain.spins.copy()
            moved[i] = other if states else moved[i] * other
            assert energy(moved) >= energy(chain.spins) - 1e-11
    cold = chain_of(interaction, patterns, 1e-9, "glauber", seed=2, states=states, start=chain.spins)
    after = cold.run(20)
    assert after.energy[-1] == pytest.approx(series.energy[-1], abs=1e-6)
    np.testing.assert_allclose(cold.spins, chain.spins, atol=3e-3)


def test_no_more_states_are_summed_than_fit(monkeypatch):
    """3^4 = 81 states, which are more than 4 · 3."""
    patterns = random_phases(np.random.default_rng(2), 2, 4)
    monkeypatch.setattr(phases, "MOST_STATES", 81)
    assert phase_energies({(1, 1): 0.5}, patterns, 3).shape == (3,) * 4
    monkeypatch.setattr(phases, "MOST_STATES", 80)
    with pytest.raises(InputError, match="are 81 in all, and at most 80"):
        phase_energies({(1, 1): 0.5}, patterns, 3)


def test_clocks_of_two_states_are_spins():
    """Real patterns: H of order 4 with repeated indices, in the sums over states and in a run at T = 0."""
    rng = np.random.default_rng(1)
    patterns, model = rng.choice([-1, 1], size=(5, 8)), HebbianDAM(4, "power")
    constant = 4 * model.mean_pattern_energy(8)
    levels = phase_energies({(2, 2): 0.25}, patterns, 2).ravel()
    np.testing.assert_allclose(np.sort(levels), np.sort(energies(model, patterns) + constant), atol=1e-12)
    ours, theirs = phase_gibbs({(2, 2): 0.25}, patterns, 0.4, 2), gibbs(model, patterns, 0.4)
    np.testing.assert_allclose(ours.squared_overlap, theirs.squared_overlap, atol=1e-13)
    assert ours.free_energy == pytest.approx(theirs.free_energy + constant / 8, abs=1e-13)
    assert (ours.entropy, ours.specific_heat) == pytest.approx((theirs.entropy, theirs.specific_heat), abs=1e-12)
    start, stream = rng.choice([-1, 1], 8), np.arange(1, 5, dtype=np.uint64)
    spins = Chain(model, patterns.astype(np.int8), start, 0.0, "zero-temperature", stream.copy())
    clock = PhaseChain({(2, 2): 0.25}, patterns, start, 0.0, "zero-temperature", stream.copy(), 2)
    assert spins.run(20).flips == clock.run(20).flips > 0
    np.testing.assert_allclose(clock.spins, spins.spins, atol=1e-15)


def test_sums_over_the_circle_against_bessel_functions():
    """One pattern and two spins, turned onto it: H = −½|σ_1 + σ_2|²/2 = −½ (1 + cos(θ_1 − θ_2)), Z = e^{1/2T} I_0(1/2T)."""
    patterns, kappa = random_phases(np.random.default_rng(0), 1, 2), 1 / (2 * 0.3)
    found = phase_gibbs({(1, 1): 0.5}, patterns, 0.3)
    assert found.free_energy == pytest.approx(-0.3 / 2 * (2 * kappa + np.log(ive(0, kappa))), abs=1e-12)
    assert found.energy == pytest.approx(-(1 + ive(1, kappa) / ive(0, kappa)) / 4, abs=1e-12)
    assert found.squared_overlap[0] == pytest.approx(-2 * found.energy, abs=1e-12)
    assert found.entropy == pytest.approx((found.energy - found.free_energy) / 0.3, abs=1e-12) and found.entropy < 0


def phases_of(load, mirrored=False):
    def draw(rng, size):
        patterns = random_phases(rng, round(load * size), size)
        return np.concatenate([patterns, patterns.conj()]) if mirrored else patterns

    return draw


def test_retrieval_of_phasors_at_zero_temperature():
    """At load α the cavity gives m(0.01) = 0.98912, m(0.02) = 0.97567; real couplings store mirror images, twice the load."""
    asked = {"size": 1000, "temperature": 0, "trials": 24}
    low = simulate_phases({(1, 1): 0.5}, phases_of(0.01), name="0.01", **asked)
    real = simulate_phases({(1, 1): 0.5}, phases_of(0.005, True), name="real 0.005", **asked)
    for point in (low, real):
        assert abs(point.m - 0.98912) < 4 * point.m_error < 0.006 and abs(point.m - 0.97567) > 4 * point.m_error
        assert (point.rest, point.ties, point.converged) == (24, "keep", True)
    lost = simulate_phases({(1, 1): 0.5}, phases_of(0.08), name="0.08", size=400, temperature=0, trials=4, sweeps=200)
    assert lost.m < 0.5


def test_average_over_the_disorder():
    drawn = {}

    def draw(rng, size):
        patterns = random_phases(rng, 2, size)
        drawn[patterns.tobytes()] = patterns
        return patterns

    asked = {"name": "two", "size": 3, "temperature": 0.5, "trials": 20, "seed": 2}
    point = simulate_phases({(1, 1): 0.5}, draw, **asked)
    assert len(drawn) == 20 and point.converged
    exact = [phase_gibbs({(1, 1): 0.5}, patterns, 0.5) for patterns in drawn.values()]
    thermal = np.sqrt(np.mean([e.specific_heat for e in exact]) * 0.5**2 / 3 * point.tau / point.samples)
    assert abs(point.energy - np.mean([e.energy for e in exact])) < 4 * thermal
    assert abs(point.energy - np.mean([phase_gibbs({(1, 1): 0.5}, p, 0.6).energy for p in drawn.values()])) > 4 * thermal
    assert simulate_phases({(1, 1): 0.5}, draw, workers=1, **asked) == point
    assert simulate_phases({(1, 1): 0.5}, draw, **asked | {"name": "other"}).m != point.m
    with pytest.raises(ShortChain, match="are needed"):
        simulate_phases({(1, 1): 0.5}, draw, **asked | {"temperature": 0.01, "dynamics": "metropolis", "sweeps": 40})


@pytest.mark.parametrize("states", [None, 3])
def test_a_start_has_its_overlap(states):
    """A fraction 1 − |overlap| is drawn anew, and has nothing left of the pattern on the average."""

    def draw(rng, size):
        return random_phases(rng, 1, size) if states is None else np.exp(2j * np.pi * rng.integers(0, 3, (1, size)) / 3)

    stream = np.arange(1, 5, dtype=np.uint64)
    for overlap, expected in ((1.0, 1.0), (0.6, 0.6), (-0.6, 0.6), (0.0, 0.0)):
        setting = PhaseExperiment("start", draw, 4000, 1.0, "glauber", overlap, 0, {(1, 1): 0.5}, states)
        assert setting.chain(stream, stream, None, stream).overlap() == pytest.approx(expected, abs=0.05)
        assert (setting.states, setting.constant) == (states, 0.0)


@pytest.mark.parametrize(
    "change,match",
    [
        ({"interaction": {}}, "interaction="),
        ({"interaction": {(1, -1): 1.0}}, "interaction="),
        ({"interaction": {(0, 0): 1.0}}, "interaction="),
        ({"interaction": {(6, 5): 1.0}}, "interaction="),
        ({"interaction": {(1.5, 1): 1.0}}, "interaction="),
        ({"interaction": {(1, 1): np.nan}}, "interaction="),
        ({"interaction": 2}, "interaction=2"),
        ({"patterns": np.ones((2, 3))}, "have 3 spins"),
        ({"patterns": 2 * np.ones((2, 4))}, "patterns=.*modulus 1"),
        ({"patterns": np.ones(4)}, "patterns=.*2 dimension"),
        ({"spins": np.ones((1, 4))}, "spins=.*1 dimension"),
        ({"spins": ["a", "b", "c", "d"]}, "spins="),
        ({"spins": 1j * np.ones(4), "states": 3}, "3 states of the clock"),
        ({"states": 1}, "states=1"),
        ({"temperature": np.inf}, "temperature=inf"),
        ({"dynamics": "parallel"}, "dynamics='parallel'"),
        ({"stream": np.zeros(4, np.uint64)}, "stream"),
    ],
)
def test_what_is_refused(change, match):
    good = {
        "interaction": {(1, 1): 0.5}, "patterns": np.ones((2, 4)), "spins": np.ones(4), "temperature": 1.0,
        "dynamics": "glauber", "stream": np.arange(1, 5, dtype=np.uint64),
    }  # fmt: skip
    PhaseChain(**good)
    with pytest.raises(InputError, match=match):
        PhaseChain(**good | change)


@pytest.mark.parametrize(
    "change,match",
    [
        ({"patterns": 2 * np.ones((1, 2))}, "modulus 1"),
        ({"patterns": np.ones(2)}, "2 dimension"),
        ({"patterns": [["a"]]}, "2 dimension"),
        ({"interaction": {}}, "interaction="),
        ({"temperature": "hot"}, "temperature='hot'"),
        ({"temperature": 0.0}, "temperature=0.0"),
        ({"temperature": 1e-5}, "too low"),
        ({"states": 1}, "states=1"),
        ({"patterns": np.ones((1, 23)), "states": 2}, "8388608 in all"),
    ],
)
def test_sums_that_are_refused(change, match):
    good = {"interaction": {(1, 1): 0.5}, "patterns": np.ones((1, 2)), "temperature": 1.0}
    phase_gibbs(**good)
    with pytest.raises(InputError, match=match):
        phase_gibbs(**good | change)


@pytest.mark.parametrize(
    ("last", "first_refused"),
    [
        ({(1, 1): 1e100}, {(1, 1): math.nextafter(1e100, math.inf)}),
        ({(1, 1): -1e100}, {(1, 1): -math.nextafter(1e100, math.inf)}),
        ({(5, 5): 1.0}, {(6, 5): 1.0}),
        ({(0, 10): 1.0}, {(0, 11): 1.0}),
        ({(0, 1): 1.0}, {(0, 0): 1.0}),
        ({(0, 1): 0.0}, {(0, -1): 1.0}),
        ({(2, 0): 1.0}, {(2, -1): 1.0}),
        ({(1, 1): 1.0}, {(1, 1): math.nan}),
    ],
    ids=str,
)
def test_the_last_interaction_and_the_first_refused(last, first_refused):
    assert phases.overlap_terms(last) == last
    for refused in (first_refused, last | first_refused):
        with pytest.raises(InputError, match="interaction="):
            phases.overlap_terms(refused)
