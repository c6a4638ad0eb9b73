"""Chains that stay in a state, planted states, and the logarithm in the energy of a glass."""

from __future__ import annotations

import math
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from dammech.simulate.measure import measure
from dammech.simulate.trials import Trial
from dammech.solve import solve
from dammech.systems.dreaming.model import DreamingDAM
from dammech.systems.dreaming.sampler import experiment
from dammech.systems.pspin.claims import glass
from dammech.systems.pspin.claims.planted import persistence, planted
from dammech.systems.pspin.model import PSpin
from dammech.validate import chains
from dammech.validate.sizes import Plan

PLAN = Plan((40, 60, 80), (6, 5, 4))


def test_chains_are_averaged_that_stay(monkeypatch):
    made = partial(experiment, DreamingDAM(1.0), {"load": 0.05, "temperature": 0.3}, dynamics="glauber", overlap=1.0)
    found = chains.overlap_of_kept(made, PLAN, (1, 2), 0.5, (30, 200))
    for size, trials, row in zip(PLAN.sizes, PLAN.trials, found.rows):
        runs = [measure(s := made(size=size, seed=seed), [Trial(s, k) for k in range(trials)], 200, 30, 1) for seed in (1, 2)]
        assert row["value"] == pytest.approx(np.mean([r.overlap for r in runs])) and row["lost"] == 0
        assert (row["size"], row["trials"]) == (size, 2 * trials)
    assert found.trusted
    short = chains.overlap_of_kept(made, PLAN, (1,), 0.5, (5, 8))
    assert not short.trusted and "autocorrelation" in short.why


@pytest.mark.parametrize(("lost", "trusted"), [(0, True), (1, True), (2, False)])
def test_few_chains_may_leave_at_the_largest_size(monkeypatch, lost, trusted):
    def runs(setting, trials, lost_below, sweeps):
        overlaps = 0.9 + 2 / setting.size + 1e-3 * np.resize([-1.0, 1.0], len(trials))
        overlaps[: 5 * (setting.size < 80) + lost] = 0.3
        return overlaps, None

    monkeypatch.setattr(chains, "_averages", runs)
    monkeypatch.setattr(chains, "Trial", lambda setting, k: k)
    made, plan = lambda size, seed: SimpleNamespace(size=size, temperature=0.1), Plan((40, 60, 80), (21, 15, 10))
    found = chains.overlap_of_kept(made, plan, (1,), 0.5)
    assert found.trusted is trusted and found.value == pytest.approx(0.9, abs=2e-3)
    assert [row["lost"] for row in found.rows] == [5 + lost, 5 + lost, lost]


def test_couplings_of_a_planted_state():
    size, temperature = 30, 0.6
    drawn, energies = [], []
    above = [(i, j, k) for i in range(size) for j in range(i) for k in range(j)]
    for seed in range(12):
        couplings, unit = planted(np.random.default_rng(seed), size, temperature)
        assert np.array_equal(couplings, couplings.transpose(2, 0, 1)) and np.array_equal(couplings, couplings.transpose(0, 2, 1))
        assert couplings[4, 4].any() == couplings[:, 7, 7].any() == 0 and np.array_equal(couplings, np.rint(couplings))
        values = np.array([couplings[at] for at in above]) * unit
        drawn.append(values)
        energies.append(-values.sum() / size)
    every = np.concatenate(drawn)
    assert every.mean() == pytest.approx(3 / size**2 / temperature, abs=4 * math.sqrt(3 / every.size) / size)
    assert every.var() == pytest.approx(3 / size**2, rel=0.03)
    expected = -(1 - 1 / size) * (1 - 2 / size) / (2 * temperature)  # −βξ(1), over distinct sites
    assert np.mean(energies) == pytest.approx(expected, abs=4 * float(np.std(energies)) / math.sqrt(12))


def test_a_planted_state_persists_in_the_cold_only():
    cold, hot = (persistence(40, t, (10, 40), 6, 1) for t in (0.35, 2.0))
    assert cold.shape == (6, 2) and cold.min() > 0.9 and abs(hot[:, 1].mean()) < 0.3
    assert np.array_equal(cold, persistence(40, 0.35, (10, 40), 6, 1))


def test_the_logarithm_is_that_of_independent_levels():
    """b = ½ ∂(1/θ)/∂β; of independent levels θ = T √(4 log 2), and e − e(N = ∞) = ln N/(4N √log 2)."""
    h = 1e-4
    sizes = {t: solve(PSpin(3), temperature=t, ansatz="1rsb")["theta"] for t in (1 / (1 / 0.4 + h), 1 / (1 / 0.4 - h))}
    hotter, colder = max(sizes), min(sizes)
    slope = (1 / sizes[colder] - 1 / sizes[hotter]) / (1 / colder - 1 / hotter)
    assert glass.logarithm(0.4) == pytest.approx(slope / 2, rel=1e-4)
    far = solve(PSpin(30), temperature=0.3, ansatz="1rsb")["theta"]
    assert 0.3 / far / 2 == pytest.approx(1 / (4 * math.sqrt(math.log(2))), rel=1e-3)
