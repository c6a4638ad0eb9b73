"""Chains against exact enumeration by z-score, with wrong temperatures and interactions that must be rejected."""

import numpy as np
import pytest

from dammech.exact import energies, evolve, gibbs
from dammech.simulate import Chain, autocorrelation_time, simulate
from dammech.systems.hebbian.model import HebbianDAM

SIZE, COUNT, SWEEPS = 10, 6, 60_000
CASES = [
    (HebbianDAM(2), 0.7, HebbianDAM(3)),
    (HebbianDAM(3), 0.5, HebbianDAM(3, "power")),
    (HebbianDAM(3, "power"), 0.6, HebbianDAM(3)),
    (HebbianDAM(4), 0.5, HebbianDAM(4, "power")),
    (HebbianDAM(3, "rectified"), 0.6, HebbianDAM(3, "power")),
    (HebbianDAM(interaction="y**3 - 0.5*y**2 + y"), 0.6, HebbianDAM(3, "power")),
]


def scores(model, dynamics, temperature, seed, right, patterns):
    """z of ⟨H⟩/N and of ⟨m²⟩ against exact averages."""
    stream = np.random.default_rng(seed).integers(1, 2**63, size=4, dtype=np.uint64)
    chain = Chain(model, patterns.astype(np.int8), patterns[0], temperature, dynamics, stream)
    chain.run(200)
    series = chain.run(SWEEPS)
    constant = (COUNT - 1) * model.mean_pattern_energy(SIZE) if model.p >= 3 else 0.0
    result = []
    for values, exact in (
        ((series.energy - constant) / SIZE, right.energy),
        (series.overlap**2, right.squared_overlap[0]),
    ):
        error = values.std() * np.sqrt(autocorrelation_time(values) / values.size)
        result.append((values.mean() - exact) / error)
    return np.array(result)


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
@pytest.mark.parametrize("model,temperature,wrong", CASES, ids=lambda v: getattr(v, "interaction", v))
def test_chain_samples_gibbs(model, temperature, wrong, dynamics):
    patterns = np.random.default_rng(17).choice([-1, 1], size=(COUNT, SIZE))
    right = gibbs(model, patterns, temperature)
    hotter, other = gibbs(model, patterns, 1.05 * temperature), gibbs(wrong, patterns, temperature)
    for seed in (1, 2, 3):
        assert np.abs(scores(model, dynamics, temperature, seed, right, patterns)).max() < 4
    assert np.abs(scores(model, dynamics, temperature, 1, hotter, patterns)).max() > 4
    assert np.abs(scores(model, dynamics, temperature, 1, other, patterns)).max() > 4


@pytest.mark.parametrize("model", [HebbianDAM(2), HebbianDAM(3)], ids=["2", "3"])
def test_parallel_chain_samples_its_own_stationary_law(model):
    size, temperature = 6, 0.9
    patterns = np.random.default_rng(3).choice([-1, 1], size=(3, size))
    levels = energies(model, patterns)
    law = np.full(levels.size, 1 / levels.size)
    for _ in range(300):
        law = evolve(levels, law, temperature, "parallel", np.arange(size))
    stream = np.arange(1, 5, dtype=np.uint64)
    chain = Chain(model, patterns.astype(np.int8), patterns[0], temperature, "parallel", stream)
    chain.run(50)
    energy = chain.run(4000).energy
    error = energy.std() * np.sqrt(max(1.0, autocorrelation_time(energy)) / energy.size)
    assert abs(energy.mean() - law @ levels) < 4 * error
    wrong = np.exp(-levels / temperature) @ levels / np.exp(-levels / temperature).sum()
    if model.p == 2:  # Gibbs is not the law of synchronous updates
        assert abs(energy.mean() - wrong) > 4 * error


@pytest.mark.parametrize("model", [HebbianDAM(2), HebbianDAM(4, "power")], ids=["2", "4-power"])
def test_disorder_average_of_simulate(model):
    """simulate() against the mean of exact energies over other pattern sets: the constant and the units included."""
    count, temperature = 3, 0.6
    point = simulate(
        model, load=count / SIZE ** (model.p - 1), temperature=temperature, size=SIZE, trials=150, seed=5, sweeps=8000
    ).points[0]
    assert point.patterns == count
    rng = np.random.default_rng(8)
    exact = [gibbs(model, rng.choice([-1, 1], size=(count, SIZE)), temperature).energy for _ in range(600)]
    error = np.hypot(point.energy_error, np.std(exact) / np.sqrt(600))
    assert abs(point.energy - np.mean(exact)) < 4 * error
    cold = [gibbs(model, rng.choice([-1, 1], size=(count, SIZE)), 0.8 * temperature).energy for _ in range(600)]
    assert abs(point.energy - np.mean(cold)) > 4 * error
