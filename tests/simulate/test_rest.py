"""Zero temperature: rest is verified, cycles and plateaus are told apart from it, and ties follow the rule that is named."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from dammech.exact import energies, evolve
from dammech.simulate import Chain, anneal, retrieval_probability, simulate
from dammech.simulate.chain import DYNAMICS, Series, drawn_patterns, tie_rule
from dammech.simulate.measure import ending
from dammech.simulate.reference import reference_sweeps
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.sampler import forgetting_curve

MODELS = [HebbianDAM(2), HebbianDAM(2, "power"), HebbianDAM(3), HebbianDAM(3, "rectified"), HebbianDAM(4, "power")]
SEQUENTIAL = ["glauber", "metropolis", "zero-temperature"]


def chain_of(model, count, size, dynamics, seed, temperature=0.0, start=None):
    rng = np.random.default_rng(seed)
    patterns = rng.choice([-1, 1], size=(count, size)).astype(np.int8)
    stream = rng.integers(1, 2**63, size=4, dtype=np.uint64)
    spins = patterns[0] if start is None else rng.choice([-1, 1], size=size)
    return patterns, Chain(model, patterns, spins, temperature, dynamics, stream)


@pytest.mark.parametrize("dynamics", SEQUENTIAL)
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_ties_of_the_kernel_are_those_of_the_twin(model, dynamics):
    """Few patterns: many flips cost nothing."""
    from dammech.simulate import kernels

    size, tied = 24, 0
    for seed in range(8):
        patterns, chain = chain_of(model, 4, size, dynamics, seed, start="random")
        spins, stream = chain.spins.copy(), chain.stream.copy()
        tied += int((np.abs(chain.flip_energies()) <= chain.tie).sum())
        series = chain.run(6)
        orders, uniforms = np.empty((series.overlap.size, size), np.int64), np.empty((series.overlap.size, size))
        for order, uniform in zip(orders, uniforms):
            kernels.draw_sweep(stream, order, uniform)
        expected, flips = reference_sweeps(model, patterns, spins, 0.0, dynamics, orders, uniforms)
        np.testing.assert_array_equal(chain.spins, expected)
        assert series.flips == flips
    assert tied > 0 or model.p > 2


@pytest.mark.parametrize("dynamics", SEQUENTIAL)
def test_the_twin_has_the_exact_law(dynamics):
    """All coins of one sweep over five spins, against the law of all states; the other two rules are rejected."""
    model, size = HebbianDAM(2), 5
    patterns = np.array([[1, 1, 1, 1, 1], [1, -1, 1, -1, 1], [1, 1, -1, -1, 1], [-1, 1, 1, 1, 1]])
    levels, number, order = energies(model, patterns), 1 << np.arange(size), np.array([3, 0, 4, 1, 2])
    for start in itertools.product((-1, 1), repeat=size):
        law, first = np.zeros(32), np.zeros(32)
        first[number @ (np.array(start) < 0)] = 1.0
        for coins in itertools.product((0.25, 0.75), repeat=size):
            arguments = np.array(start), 0.0, dynamics, order[None], np.array([coins])
            spins, _ = reference_sweeps(model, patterns, *arguments)
            law[number @ (spins < 0)] += 1 / 32
        np.testing.assert_allclose(law, evolve(levels, first, 0.0, dynamics, order), atol=1e-15)
    others = [evolve(levels, first, 0.0, rule, order) for rule in SEQUENTIAL if rule != dynamics]
    assert all(np.abs(law - other).max() > 0.2 for other in others)


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
def test_zero_is_the_limit_of_low_temperature(dynamics):
    """N = 100, P = 14: ties that keep the spin would differ by 0.011."""
    asked = {"load": 0.14, "size": 100, "trials": 400, "seed": 1}
    cold = simulate(HebbianDAM(2), temperature=1e-3, dynamics=dynamics, sweeps=100, equilibration=100, **asked).points[0]
    zero = simulate(HebbianDAM(2), temperature=0, dynamics=dynamics, **asked).points[0]
    kept = simulate(HebbianDAM(2), temperature=0, dynamics="zero-temperature", **asked).points[0]
    error = np.hypot(cold.energy_error, zero.energy_error)
    assert abs(cold.m - zero.m) < 4 * np.hypot(cold.m_error, zero.m_error) and abs(cold.energy - zero.energy) < 4 * error
    assert zero.m != kept.m and zero.plateaus > 5 and zero.rest + zero.plateaus == 400 and kept.rest == 400


@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("model", [HebbianDAM(2), HebbianDAM(3)], ids=str)
def test_what_is_called_rest_does_not_move(model, dynamics):
    """Every run of every length: at rest no spin would flip by its rule, and a cycle comes back to its states."""
    size, seen = 30, Counter()
    for seed in range(30):
        patterns, chain = chain_of(model, 16 if model.p == 2 else 200, size, dynamics, seed)
        levels = model.pattern_energy(size)[(patterns.astype(int) @ chain.spins + size) // 2].sum()
        for length in (1, 2, 3, 400):
            series = chain.run(length)
            cost = chain.flip_energies()
            moves = (cost <= 0) if dynamics in ("glauber", "metropolis") else (cost < 0)
            assert series.energy[-1] <= levels + 1e-9 or dynamics == "parallel"
            if series.period == 1:
                assert not moves.any()
            elif series.period is None:
                assert moves.any()
                assert dynamics == "parallel" or series.downhill == (cost < 0).any()
            else:
                before = chain.spins.copy()
                for step in range(series.period):
                    chain.spins[chain.flip_energies() < 0] *= -1
                    chain._prepare()
                    assert (chain.spins == before).all() == (step == series.period - 1)
        seen[ending(series)[0]] += 1
    assert seen["moving"] == 0 and seen["rest"] > 0
    assert (seen["cycles"] > 0) == (dynamics == "parallel")
    assert model.p > 2 or (seen["plateaus"] > 0) == (dynamics in ("glauber", "metropolis"))


def test_one_sweep_is_not_rest():
    asked = {"load": 0.5, "temperature": 0, "size": 64, "trials": 20, "seed": 1}
    one = simulate(HebbianDAM(2), sweeps=1, **asked).points[0]
    assert not one.converged and one.status == "not-converged"
    assert "20 of 20 trials were not at rest after 1 sweeps" in one.why
    long = simulate(HebbianDAM(2), **asked)
    assert long.points[0].converged and long.to_json()["points"][0]["status"] == "converged"
    assert long.points[0].m < one.m - 0.2


def test_cycles_are_counted_and_averaged_over():
    asked = {"load": 0.5, "size": 64, "trials": 40, "seed": 1, "dynamics": "parallel", "temperature": 0}
    point = simulate(HebbianDAM(2), **asked).points[0]
    assert (point.rest, point.cycles, point.plateaus) == (35, 5, 0) and point.converged
    assert "5 of 40 trials ended in a cycle" in point.why
    late = [
        simulate(HebbianDAM(2), sweeps=n, **asked).points[0].m for n in (point.sweeps, point.sweeps + 1, point.sweeps + 2)
    ]
    assert late == [point.m] * 3  # whichever state of the cycle came last
    waited = retrieval_probability(HebbianDAM(2), sweeps=[400, 401], **asked).points
    assert waited[0].m == pytest.approx(point.m, abs=1e-12) and waited[0].ties == "keep"


def test_a_run_that_ended_goes_on():
    cycle = Series(np.array([1.0, 0.5, 0.2, 0.4]), np.zeros(4), 0, 2)
    assert cycle.lasting(8).tolist() == [1.0, 0.5, 0.2, 0.4, 0.2, 0.4, 0.2, 0.4]
    rest = Series(np.array([1.0, 0.5]), np.zeros(2), 0, 1)
    assert rest.lasting(4).tolist() == [1.0, 0.5, 0.5, 0.5] and rest.lasting(1).tolist() == [1.0]


def test_a_plateau_needs_many_level_sweeps():
    level = np.full(240, -3.0)
    assert ending(Series(level, level, 0, None, downhill=False)) == ("plateaus", 120)
    assert ending(Series(level, level, 0, None)) == ("moving", 1)  # nobody looked, or a flip lowers it
    assert ending(Series(level[:200], level[:200], 0, None, downhill=False)) == ("plateaus", 100)
    assert ending(Series(level[:198], level[:198], 0, None, downhill=False)) == ("moving", 1)
    assert ending(Series(level[:150], level[:150], 0, None, downhill=False)) == ("moving", 1)
    later = level.copy()
    later[130:] -= 0.1
    assert ending(Series(later, later, 0, None, downhill=False)) == ("moving", 1)
    assert ending(Series(level, level, 0, 3)) == ("cycles", 3) and ending(Series(level, level, 0, 1)) == ("rest", 1)


def test_every_document_names_its_rule_of_ties():
    rules = {"glauber": "coin", "metropolis": "flip", "zero-temperature": "keep", "parallel": "keep"}
    for dynamics, rule in rules.items():
        asked = {"load": 0.06, "size": 32, "trials": 2, "dynamics": dynamics}
        assert simulate(HebbianDAM(2), temperature=0, **asked).to_json()["points"][0]["ties"] == rule
        waited = retrieval_probability(HebbianDAM(2), temperature=0, sweeps=[3], **asked).points[0]
        curve = forgetting_curve(HebbianDAM(2), np.ones(3), ages=[0], size=32, trials=2, dynamics=dynamics)
        assert waited.ties == curve.points[0].ties == rule and waited.dynamics == dynamics
        assert tie_rule(dynamics, 0.1) is None
    warm = simulate(HebbianDAM(2), load=0.06, size=32, trials=2, temperature=0.3).points[0]
    assert (warm.ties, warm.rest, warm.cycles, warm.plateaus) == (None, None, None, None)
    assert forgetting_curve(HebbianDAM(2), np.ones(3), ages=[0], size=32, trials=2, dynamics="one-step").points[0].ties == "keep"
    cooled = anneal(HebbianDAM(2), load=0.1, temperatures=[0.2], size=30, sweeps=5, trials=2).points[0]
    assert (cooled.ties, cooled.converged, cooled.why) == ("keep", True, None)


@pytest.mark.parametrize(
    ("room", "limit"),
    [("simulate.anneal", "_LONGEST_DESCENT"), ("systems.palimpsest.sampler.forgetting", "MOST_SWEEPS_TO_REST")],
)
def test_descents_that_did_not_end_are_said(monkeypatch, room, limit):
    import importlib

    monkeypatch.setattr(importlib.import_module(f"dammech.{room}"), limit, 1)
    if room == "simulate.anneal":
        point = anneal(HebbianDAM(2), load=0.5, temperatures=[0.2], size=60, sweeps=5, trials=3).points[0]
    else:
        point = forgetting_curve(HebbianDAM(2), np.ones(30), ages=[0], size=60, trials=3).points[0]
    assert not point.converged and point.why.startswith("3 of 3") and point.why.endswith("not at rest after 1 sweeps")


def test_a_cycle_of_a_stream_is_averaged():
    """Two spins coupled by −1: from the aligned state all spins at once turn over and back."""
    model, size = HebbianDAM(2), 40
    weights = np.array([-1.0])
    curve = forgetting_curve(model, weights, ages=[0], size=size, trials=2, dynamics="parallel").points[0]
    assert curve.m == 0 and curve.converged


def test_a_temperature_that_rounds_to_nothing_is_zero():
    stream = np.arange(1, 5, dtype=np.uint64)
    patterns = drawn_patterns(stream, 20, 3)
    chain = Chain(HebbianDAM(4), patterns, patterns[:, 0, 0], 5e-324, "metropolis", stream, count=3)
    assert chain.run(50).energy[-1] <= chain._state["start"]
