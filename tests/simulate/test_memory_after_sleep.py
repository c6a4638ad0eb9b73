"""Simulated memories after sleep: identities of the couplings, exact laws of all states, numbers, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from dammech import DreamingDAM, HebbianDAM, simulate
from dammech.cli import main
from dammech.errors import InputError
from dammech.exact import all_states, coupling_energies, coupling_gibbs, energies, gibbs_distribution
from dammech.simulate import autocorrelation_time
from dammech.simulate.couplings import CouplingChain
from dammech.simulate.measure import averages
from dammech.systems.dreaming.sampler import couplings, experiment, stored

STREAM = np.arange(1, 5, dtype=np.uint64)
SHAPES = [(6, 20), (20, 20), (30, 20)]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=["few", "as many", "more"])


def patterns_of(count, size, seed=1):
    return np.random.default_rng(seed).choice([-1, 1], (count, size))


@each_shape
@pytest.mark.parametrize("sleep", [0.3, 5.0, 1e4])
def test_couplings_are_those_of_the_definition(shape, sleep):
    x = np.random.default_rng(2).normal(size=shape)
    C, identity = x @ x.T / 20, np.eye(len(x))
    found = couplings(x, sleep)
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(found, (1 + sleep) / 20 * x.T @ np.linalg.inv(identity + sleep * C) @ x, atol=1e-9)
    ridge = (1 + sleep) / sleep / 20 * x.T @ np.linalg.inv(C + identity / sleep) @ x
    np.testing.assert_allclose(found, ridge, atol=1e-9)
    eigenvalues = np.linalg.eigvalsh(x.T @ x / 20)
    np.testing.assert_allclose(np.linalg.eigvalsh(found), (1 + sleep) * eigenvalues / (1 + sleep * eigenvalues), atol=1e-9)


@each_shape
def test_sleep_leads_from_hebb_to_the_projector(shape):
    x = patterns_of(*shape)
    np.testing.assert_allclose(couplings(x, 0.0), x.T @ x / 20, atol=1e-14)
    projector = x.T @ np.linalg.pinv(x.T)
    assert np.abs(couplings(x, 10.0) - projector).max() > 1e-3
    np.testing.assert_allclose(couplings(x, 1e12), projector, atol=1e-8)
    for sleep in (1e15, 1e308):
        assert np.isfinite(couplings(x, sleep)).all()
    np.testing.assert_allclose(couplings(patterns_of(6, 20), 1e308), couplings(patterns_of(6, 20), 1e15), atol=1e-12)


@each_shape
@pytest.mark.parametrize("sleep", [0.1, 1.0, 7.0])
def test_couplings_flow(shape, sleep):
    """dJ/dt = (J − J²)/(1 + t), the left side from differences of the sixth order."""
    x, step = patterns_of(*shape), 2e-3 * (1 + sleep)
    rise = sum(w * (couplings(x, sleep + k * step) - couplings(x, sleep - k * step)) for k, w in ((1, 45), (2, -9), (3, 1)))
    J = couplings(x, sleep)
    np.testing.assert_allclose(rise / (60 * step), (J - J @ J) / (1 + sleep), atol=1e-10)


def test_energies_without_sleep_are_those_of_hopfield():
    patterns = patterns_of(3, 8)
    np.testing.assert_allclose(coupling_energies(couplings(patterns, 0.0)), energies(HebbianDAM(2), patterns), atol=1e-13)


@pytest.mark.parametrize("model", [DreamingDAM(1.0), DreamingDAM(2.0, 0.4), DreamingDAM(2.0, examples=3, quality=0.6)], ids=repr)
def test_detailed_balance(model):
    """In each of the 2⁷ states a flip costs the difference of energies, and heat bath balances Gibbs' law."""
    setting = experiment(model, {"load": 0.6, "temperature": 0.7}, size=7, dynamics="glauber", overlap=1.0, seed=1)
    J = setting.chain(STREAM.copy(), STREAM.copy(), None, STREAM.copy()).couplings
    levels = coupling_energies(J)
    law = gibbs_distribution(levels, 0.7)
    for number, state in enumerate(all_states(7)):
        chain = CouplingChain(J, state, 0.7, "glauber", STREAM.copy())
        flipped = number ^ (1 << np.arange(7))
        cost = chain.flip_energies()
        np.testing.assert_allclose(cost, levels[flipped] - levels[number], atol=1e-13)
        rate, back = (1 / (1 + np.exp(sign * cost / 0.7)) for sign in (1, -1))
        np.testing.assert_allclose(law[number] * rate, law[flipped] * back, rtol=1e-12)
        assert chain.energy() == pytest.approx(levels[number], abs=1e-13)


@pytest.mark.parametrize("model", [DreamingDAM(3.0), DreamingDAM(1.0, examples=4, quality=0.5)], ids=repr)
def test_spins_sample_the_law_of_all_states(model):
    at = {"load": 0.4, "temperature": 0.5}
    setting = experiment(model, at, size=10, dynamics="glauber", overlap=1.0, seed=1)
    chain = setting.chain(STREAM.copy(), STREAM.copy(), None, STREAM.copy())
    right, hotter = (coupling_gibbs(chain.couplings, t, chain.pattern[None]) for t in (0.5, 0.56))
    chain.run(200)
    series = chain.run(40_000)

    def score(values, exact):
        return (values.mean() - exact) / (values.std() * np.sqrt(max(1.0, autocorrelation_time(values)) / values.size))

    assert abs(score(series.energy / 10, right.energy)) < 4 < abs(score(series.energy / 10, hotter.energy))
    assert abs(score(series.overlap**2, right.squared_overlap[0])) < 4 < abs(score(series.overlap**2, hotter.squared_overlap[0]))


def test_averages_over_patterns_against_all_states():
    drawn = {}

    def remembered(rng, size):
        J, patterns = setting.rule(rng, size)
        drawn[J.tobytes()] = J
        assert J.shape == (8, 8) and patterns.shape == (3, 8)
        return J, patterns

    at = {"load": 0.4, "temperature": 0.8}
    setting = experiment(DreamingDAM(1.0, 0.3), at, size=8, dynamics="metropolis", overlap=1.0, seed=2)
    assert setting.realised == {"load": 3 / 8} and setting.bytes_each() == 48 * 64 + 40 * 24 + 24 * 9
    point = averages(dataclasses.replace(setting, rule=remembered), 40, None, None, None)
    exact = [coupling_gibbs(J, 0.8) for J in drawn.values()]
    thermal = np.sqrt(np.mean([e.specific_heat for e in exact]) * 0.8**2 / 8 * point.tau / point.samples)
    assert len(drawn) == 40 and point.converged
    assert abs(point.energy - np.mean([e.energy for e in exact])) < 4 * thermal
    assert abs(point.energy - np.mean([coupling_gibbs(J, 0.88).energy for J in drawn.values()])) > 4 * thermal


def test_what_is_stored():
    rng, patterns = np.random.default_rng(5), patterns_of(200, 500)
    np.testing.assert_array_equal(stored(DreamingDAM(1.0), patterns, rng), patterns)
    np.testing.assert_array_equal(stored(DreamingDAM(1.0, examples=5, quality=1.0), patterns, rng), patterns)
    noise = np.random.default_rng(7).standard_normal((200, 500))
    found = stored(DreamingDAM(1.0, 0.5), patterns, np.random.default_rng(7))
    np.testing.assert_allclose(found, (patterns + math.sqrt(0.5) * noise) / math.sqrt(1.5), atol=1e-14)
    for model in (DreamingDAM(1.0, 0.5), DreamingDAM(1.0, examples=6, quality=0.5)):  # R = 1/2 for both
        product = stored(model, patterns, rng) * patterns * math.sqrt(1.5)
        assert model.noise_ratio == 0.5
        assert product.mean() == pytest.approx(1, abs=4 * math.sqrt(0.5 / product.size))
        assert product.var() == pytest.approx(0.5, abs=0.01)
        values = np.unique(np.round(product * 0.5, 9))
        assert values.size > 1000 if model.examples is None else np.allclose(values, np.arange(-6, 7, 2) / 6)


def test_numbers_of_replica_symmetry():
    """m(t = 1, α = 0.25) = 0.99973 at T = 0, and 0.9966 at α = 0.2 and T = 0.2; without sleep there is no retrieval at 0.25."""
    (cold,) = simulate(DreamingDAM(1.0), load=0.25, temperature=0, size=1000, trials=10, seed=3).points
    assert cold.m == pytest.approx(0.99973, abs=4 * cold.m_error) and cold.m_error < 1e-3 and cold.rest == 10
    (warm,) = simulate(DreamingDAM(1.0), load=0.2, temperature=0.2, size=600, trials=10, seed=3).points
    assert warm.m == pytest.approx(0.9966, abs=4 * warm.m_error) and warm.m_error < 1e-3 and warm.retrieved == 1
    (awake,) = simulate(DreamingDAM(0.0), load=0.25, temperature=0, size=600, trials=4, seed=3).points
    assert awake.m < 0.6


def test_sleep_saves_examples():
    """R = 0.1 of binary examples (10 of them with r ≈ 0.7): at α = 0.2 only the memory that has slept retrieves well."""
    asked = {"load": 0.2, "temperature": 0, "size": 600, "trials": 4, "seed": 1}
    examples = {"examples": 10, "quality": math.sqrt(0.5)}
    assert DreamingDAM(10.0, **examples).noise_ratio == pytest.approx(0.1)
    (slept,), (awake,) = (simulate(DreamingDAM(t, **examples), **asked).points for t in (10.0, 0.0))
    assert slept.m > 0.98 and awake.m < 0.6


def test_on_the_command_line(capsys):
    line = "simulate dreaming --sleep 1 --load 0.204 --temperature 0.2 --size 100 --trials 4 --seed 1 --json"
    assert main(line.split()) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["model"] == {"name": "dreaming", "sleep": 1.0, "dataset_entropy": 0.0}
    (point,) = document["points"]
    assert (point["load"], point["temperature"], point["size"], point["status"]) == (0.2, 0.2, 100, "converged")
    assert main([*line.split(), "--examples", "20", "--quality", "0.8", "--dynamics", "metropolis"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == {"name": "dreaming", "sleep": 1.0, "examples": 20, "quality": 0.8}
    assert main([*line.split(), "--examples", "20"]) == 2
    assert "must be given together" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given,words",
    [
        ({"load": 0.001}, "load=0.001 at size=100 means no pattern"), ({"load": -1.0}, "means no pattern"),
        ({"load": 1e12}, "load=1e.12 at size=100 means 100000000000000 patterns"), ({"temperature": -1.0}, "temperature=-1.0"),
        ({"dynamics": "slow"}, "dynamics='slow'"), ({"size": 1}, "size=1: must be an integer from 2"),
    ],
)  # fmt: skip
def test_what_cannot_be_simulated(given, words):
    with pytest.raises(InputError, match=words):
        simulate(DreamingDAM(1.0), **{"load": 0.2, "temperature": 0.1, "size": 100, "trials": 1} | given)
