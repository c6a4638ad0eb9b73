"""Experiments of claims with their simulations replaced by known laws: what is made of the counts is what it should be."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import ndtr

from dammech.exact import pspin_ground_state
from dammech.simulate import sample_disorder
from dammech.simulate.tempering.equilibration import link_overlaps
from dammech.systems.lagrangian.claims import hidden
from dammech.systems.palimpsest.claims import rules, streams
from dammech.systems.pspin.claims import glass
from dammech.systems.pspin.claims import tempered as samples_of
from dammech.systems.pspin.claims.tempered import Glass, reduced
from dammech.systems.pspin.model import PSpin
from dammech.systems.thresholds.claims import capacity
from dammech.validate.registry import claims
from dammech.validate.sizes import Plan


def test_a_capacity_from_exact_counts(monkeypatch):
    """α(N) = 0.12 − 0.6/N, widths 0.2/√N."""

    def kept(size, patterns, theta, beta, sets, seed):
        assert (theta, beta) == (0.5, 2.0)
        return round(sets * float(ndtr((0.12 - 0.6 / size - patterns / size) * math.sqrt(size) / 0.2)))

    monkeypatch.setattr(capacity, "_kept", kept)
    plan = ((1000, 10**7), (2000, 10**6), (4000, 10**6))
    found = capacity.loss({"theta": 0.5, "beta": 2.0}, plan, (3, 4))
    assert found.value == pytest.approx(0.12, abs=2e-6) and found.trusted
    before = None
    for row, (size, sets) in zip(found.rows, plan):
        assert row["value"] == pytest.approx(0.12 - 0.6 / size, abs=1e-6) and row["sets"] == 2 * 5 * sets
        assert row["width"] == pytest.approx(0.2 / math.sqrt(size), rel=1e-4)
        if before is not None:
            reach = 1 + 6 / math.sqrt(size) * np.linspace(-1, 1, 5)
            assert row["loads"] == pytest.approx(before * reach, abs=0.51 / size)
        before = row["value"]
        assert row["retrieved"] == pytest.approx(ndtr((row["value"] - np.array(row["loads"])) / row["width"]), abs=1e-5)


@pytest.mark.parametrize(("sweeps", "equilibration", "tau", "enough"), [
    (40, 20, 2.0, True), (39, 20, 2.0, False), (40, 19, 2.0, False), (40, 9, 1.0, False), (20, 10, None, True),
])  # fmt: skip
def test_streams_run_for_many_autocorrelation_times(monkeypatch, sweeps, equilibration, tau, enough):
    monkeypatch.setattr(streams, "SWEEPS", sweeps)
    monkeypatch.setattr(streams, "EQUILIBRATION", equilibration)

    def asked(parameters, size, trials, seed, ages, **more):
        assert (ages, more) == ([0.02], {"sweeps": sweeps, "equilibration": equilibration})
        overlaps = [0.89 + 1 / size, 0.91 + 1 / size]
        one = SimpleNamespace(overlaps=overlaps, retrieved=1.0, tau=tau, patterns=3, weight=0.5, effective_load=0.1)
        return [one]

    monkeypatch.setattr(streams, "recalled", asked)
    found = streams.overlap_with_age({"age": 0.02}, Plan((20, 40, 80), (2, 2, 2)), (1, 2))
    assert found.trusted is enough and found.value == pytest.approx(0.9)
    assert enough or found.why.count(f"{sweeps} sweeps after {equilibration} are too few for τ ≈ {tau:.3g}") == 3


def test_what_is_in_doubt_of_a_glass_is_said(monkeypatch):
    """A test of equilibrium fails by its value, shared by all sizes and seeds; the round trips by themselves."""
    tests = [("drift", 0.02, 0.05), ("drift", 0.003, 0.05), ("round trips", 9.0, 1.0)]

    def run(model, *, temperatures, size, samples, sweeps, seed):
        made = [SimpleNamespace(name=n, statement=f"{v}", value=v, allowed=a, passed=False) for n, v, a in tests[:seed]]
        zeros = np.zeros((samples, len(temperatures)))
        return SimpleNamespace(seed=seed, tests=made, energies=zeros, laws=zeros[..., None], lowest=zeros[:, 0])

    monkeypatch.setattr(samples_of, "temper", run)
    ask = samples_of.glass.__wrapped__
    assert ask(3, 6, 4, 10, (0.5, 0.7), (1,)).why == "N = 6: seed 1: drift: 0.02"
    assert ask(3, 6, 4, 10, (0.5, 0.7), (1,), 3).why is None and ask(3, 6, 4, 10, (0.5, 0.7), (1, 0), 2).why is None
    last = "seed 3: drift: 0.003; seed 3: round trips: 9.0"
    assert ask(3, 6, 4, 10, (0.5, 0.7), (2, 3), 4).why == f"N = 6: seed 2: drift: 0.003; {last}"
    rng, ready = np.random.default_rng(7), []
    for n in (8, 10, 12):
        energies, lowest, excess = rng.normal(size=(3, 9))
        laws = rng.dirichlet(np.ones(n + 1), (9, 1))
        ready.append(Glass(3, n, 9, (0.5,), energies[:, None], laws, lowest, excess, np.repeat(1, 9), f"N = {n}: short"))
    monkeypatch.setattr(glass, "_tempered", lambda *a: ready)
    monkeypatch.setattr(glass, "_missed", lambda seeds: [])
    for measured in (glass._energy, glass._overlap, glass._ground_state):
        found = measured({"order": 3, "temperature": 0.5}, "quick", (1,))
        assert not found.trusted and found.why.startswith("N = 8: short; N = 10: short; N = 12: short")


@pytest.mark.parametrize("bent", [0.0, 0.1])
def test_edges_of_silent_states_at_infinite_size(monkeypatch, bent):
    sizes = hidden._EDGE_SIZES["quick"]
    noise = np.array([-1.0, 1.0])

    def edges(size, pairs, bias, *, sets, seed):
        assert pairs == round(0.5 * size) and bias == 0.25
        return 3.0 - 2 * size ** (-2 / 3) + 4 / size + bent * (size == sizes[1][0]) + 1e-4 * np.resize(noise, 4)

    monkeypatch.setattr(hidden, "alive_edges", edges)
    found = hidden._edges({"load": 0.5, "mean_bias": 0.25}, "quick", (1, 2))
    assert found.trusted == (bent == 0 or found.fit["p_value"] is None)
    if not bent:
        assert found.value == pytest.approx(3.0, abs=1e-9) and found.fit["coefficients"] == pytest.approx([3.0, -2.0, 4.0])
    assert [row["pairs"] for row in found.rows] == [round(0.5 * size) for size, _ in sizes]


@pytest.mark.parametrize(("level", "more"), [("quick", 1), ("full", 8)])
def test_dead_neurons_are_counted_per_neuron(monkeypatch, level, more):
    size, patterns, threshold, sets = hidden._AT_PATTERN[0]
    sample = {s: np.random.default_rng(s).integers(90, 110, 50) for s in (1, 2)}
    asked = []
    monkeypatch.setattr(hidden, "dead_at_pattern", lambda *a, sets, seed: asked.append((*a, sets)) or sample[seed])
    point = {"size": size, "patterns": patterns, "threshold": threshold}
    mean = hidden._dead({**point, "moment": "mean"}, level, (1, 2))
    every = np.concatenate([sample[1], sample[2]])
    assert mean.value == pytest.approx(every.mean() / (patterns - 1))
    assert mean.error == pytest.approx(every.std(ddof=1) / 10 / (patterns - 1), rel=0.05)
    assert hidden._dead({**point, "moment": "variance"}, level, (1, 2)).value == pytest.approx(every.var(ddof=1) / (patterns - 1))
    assert set(asked) == {(size, patterns, threshold, more * sets)}
    size, patterns, relative, sets = hidden._SEPARATED[0]
    point = {"size": size, "patterns": patterns, "relative_threshold": relative}
    alive = claims()["deadneurons.threshold-rank"].experiment(point, level, (1, 2))
    assert alive.value == pytest.approx(patterns - 1 - every.mean()) and asked[-1] == (
        size, patterns, relative * math.sqrt(size), more * sets,
    )  # fmt: skip


@pytest.mark.parametrize(("kept", "tau", "why"), [
    (1.0, 3.99, None), (1.0, None, None), (1.0, 4.01, "N = 100: 80 sweeps after 60 are too few for τ ≈ 4.01"), (0.9, 9.0, None),
    (0.88, 1.0, "N = 100: 12.0% of the chains left the retrieval state"),
])  # fmt: skip
def test_overlaps_with_an_age_at_infinite_size(monkeypatch, kept, tau, why):
    def runs(parameters, size, trials, seed, ages, *, sweeps, equilibration):
        assert ages == [0.02] and (sweeps, equilibration) == (80, 60) and trials == {100: 7, 200: 5, 400: 3}[size]
        first = size == 100
        overlaps = [0.9 + 3 / size + 1e-5 * (-1) ** k for k in range(2)] + [0.3] * (first and kept < 1)
        return [SimpleNamespace(overlaps=overlaps, retrieved=kept if first else 1.0,
                                tau=tau if first else 1.0, patterns=5, weight=0.5, effective_load=0.1)]  # fmt: skip

    monkeypatch.setattr(streams, "recalled", runs)
    found = streams.overlap_with_age({"age": 0.02}, Plan((100, 200, 400), (7, 5, 3)), (1, 2))
    assert found.value == pytest.approx(0.9, abs=1e-9) and (found.trusted, found.why) == (why is None, why)
    assert [(row["retrieved"], row["trials"]) for row in found.rows] == [(kept, 14), (1, 10), (1, 6)]
    assert {(row["weight"], row["effective_load"], row["patterns"]) for row in found.rows} == {(0.5, 0.1, 5)}


@pytest.mark.parametrize(("rate", "gamma"), [(0.5, 0.3), (1.0, 0.2), (1.7, 1.1)])
def test_the_hebb_rule_that_decays(rate, gamma):
    """Field of one pattern η e^{−ηγ}, of the stationary rest η/2: the sum of η² e^{−2ηγ}."""
    rest = 2 * rate**2 * np.exp(-2 * rate * np.arange(1e-4, 40 / rate, 2e-4)).sum() * 2e-4 / 2
    assert rest == pytest.approx(rate / 2, rel=1e-6)
    at = {"rate": rate, "gamma": gamma}
    (delta, *_) = (claim for claim in rules.rule_claims() if claim.name.endswith("delta-rule"))
    assert delta.rivals[0].predict(at) == pytest.approx(ndtr(-rate * math.exp(-rate * gamma) / math.sqrt(rest)), rel=1e-5)


# -- tempered glasses ---------------------------------------------------------------------------------------------------


def tempered(order, size, energies, lowest=None, laws=None, why=None):
    """Sixty samples of two seeds on a ladder of two temperatures; nothing else is known of them."""
    rng = np.random.default_rng(size)
    whole = np.zeros((60, 2, size + 1)) if laws is None else laws
    excess = rng.choice([-1e-3, 1e-3], 60)
    return Glass(order, size, 64, (0.5, 1.0), np.stack([energies, 9 + energies], axis=1), whole,
                 energies if lowest is None else lowest, excess, np.repeat([1, 2], 30), why)  # fmt: skip


def noise(size):
    return 1e-5 * np.random.default_rng(size + 1).standard_normal(60)


@pytest.mark.parametrize("why", [None, "N = 16: short"])
def test_the_energy_of_a_glass_per_index_set(monkeypatch, why):
    """(0.3 + b ln N)/N above its limit, with the b of the theory."""
    made, b = [], glass.logarithm(0.5)

    def energy(n):
        return -0.8 + (0.3 + b * math.log(n)) / n

    for n in (8, 16, 32):
        share = (1 - 1 / n) * (1 - 2 / n)
        made.append(tempered(3, n, (energy(n) + noise(n)) * share, why=why if n == 16 else None))
    monkeypatch.setattr(glass, "_tempered", lambda order, level, *more: made if (order, level) == (3, "quick") else None)
    monkeypatch.setattr(Glass, "known", property(lambda self: self.excess[:, None]))
    found = glass._energy({"temperature": 0.5}, "quick", (1, 2))
    assert found.fit["powers"] == [1.0] and found.value == pytest.approx(-0.8, abs=1e-4)
    assert (found.trusted, found.why) == (why is None, why)
    for row, n in zip(found.rows, (8, 16, 32)):
        assert row["energy"] == pytest.approx(energy(n), abs=1e-5) and row["temperature"] == 0.5
        assert row["value"] == pytest.approx(-0.8 + 0.3 / n, abs=1e-5)
        assert row["error"] == pytest.approx(1e-5 / math.sqrt(60), rel=0.4) and (row["trials"], row["sweeps"]) == (60, 64)


def test_ratios_of_links_of_a_glass(monkeypatch):
    made, ratios = [], []
    for n in (8, 16, 32):
        laws, part = np.zeros((60, 2, n + 1)), 0.6 + 0.01 * np.random.default_rng(n).standard_normal(60)
        laws[:, 0, -1], laws[:, 0, n // 2 + 2] = part, 1 - part  # q = 1, and q = 4/N
        three, four = (part + (1 - part) * link_overlaps(k, n)[n // 2 + 2] for k in (3, 4))
        ratios.append(four.mean() / three.mean())
        made.append(tempered(3, n, noise(n), laws=laws))
    monkeypatch.setattr(glass, "_tempered", lambda order, level, seeds: made if (order, level) == (3, "full") else None)
    found = glass._overlap({"temperature": 0.5}, "full", (1, 2))
    assert [row["value"] for row in found.rows] == pytest.approx(ratios, abs=1e-5)
    assert all(set(row["by_seed"]) == {"1", "2"} and 0 < row["error"] < 1e-2 for row in found.rows)


def test_ground_states_of_glasses(monkeypatch):
    def energy(n):
        return -0.76 + 0.7 * n ** (-2 / 3)

    monkeypatch.setattr(glass, "_missed", lambda seeds: ["missed"] if seeds == (3,) else [])
    made = [tempered(2, n, 7 + noise(n), lowest=energy(n) + noise(n)) for n in (16, 32, 64)]
    monkeypatch.setattr(glass, "_tempered", lambda order, level, seeds: made if order == 2 else None)
    monkeypatch.setattr(Glass, "known", property(lambda self: self.excess[:, None]))
    found = glass._ground_state({"order": 2}, "quick", (1, 2))
    assert found.value == pytest.approx(-0.76, abs=1e-4) and [row["size"] for row in found.rows] == [16, 32, 64]
    assert found.trusted and glass._ground_state({"order": 2}, "quick", (3,)).why == "missed"
    assert found.systematic["N^(−3/5)"] > 0.005 and found.systematic["N^(−3/4)"] > 0.005


def test_what_is_known_of_samples_is_taken_off():
    rng = np.random.default_rng(1)
    known = rng.standard_normal((50, 2))
    rest = rng.standard_normal(50)
    basis = np.column_stack([np.ones(50), known])
    rest -= basis @ np.linalg.lstsq(basis, rest, rcond=None)[0]
    mean, error = reduced(3 + known @ [2.0, -1.0] + rest, known)
    assert mean == pytest.approx(3.0, abs=1e-12) and error == pytest.approx(math.sqrt((rest**2).sum() / 47 / 50))
    plain = reduced(np.arange(4.0), rng.standard_normal((4, 2)))  # too few
    assert plain == (1.5, pytest.approx(np.arange(4.0).std(ddof=1) / 2)) and reduced(np.ones(1), np.ones(1))[1] == math.inf
    five = reduced(3 + known[:5] @ [2.0, -1.0], known[:5])
    assert five == (pytest.approx(3.0), pytest.approx(0.0, abs=1e-12))


@pytest.mark.parametrize("missed", [0, 1, 3])
def test_ground_states_that_tempering_missed_are_counted(monkeypatch, missed):
    drawn = [sample_disorder(PSpin(2), size=6, sample=k, seed=s) for s in (4, 5) for k in range(3)]
    exact = np.array([pspin_ground_state(PSpin(2), 6, couplings).energy for couplings in drawn])
    above = np.where(np.arange(6) < missed, 1.1e-6, 0.9e-6)
    run = SimpleNamespace(lowest=exact + above, seed=np.repeat([4, 5], 3))
    monkeypatch.setattr(glass, "glass", lambda order, size, samples, sweeps, ladder, seeds: run)
    words = [f"tempering missed {missed} of 6 ground states at N = 6"] if missed else []
    assert glass._missed((4, 5), size=6, samples=3, sweeps=256) == words
