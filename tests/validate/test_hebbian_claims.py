"""The parts of the claims about Hebbian memories against what they must reproduce."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import ndtr

import dammech as dm
from dammech.exact import ground_state
from dammech.simulate import simulate
from dammech.simulate.flips import flip_energy
from dammech.simulate.trials import Setting, Trial
from dammech.systems.hebbian.claims import annealed, glass, mixtures, retrieval, wrong
from dammech.systems.hebbian.claims import spinodal as lost
from dammech.systems.hebbian.claims.chains import EQUILIBRATION, SWEEPS, averaged, chains, ratio, settled


@pytest.mark.parametrize("order", [2, 3])
def test_the_chains_are_those_of_simulate(order):
    load, temperature, size, trials = 0.04, 0.2, 48, 6
    mine = chains(order, "distinct", load, temperature, size, trials, (3,))
    point = simulate(dm.HebbianDAM(order=order), load=load, temperature=temperature, size=size, trials=trials, seed=3,
                     sweeps=SWEEPS, equilibration=EQUILIBRATION).points[0]  # fmt: skip
    assert mine.overlap.mean() == pytest.approx(point.m, abs=1e-12) and mine.kept.all()


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("interaction", ["distinct", "power", "rectified"])
def test_what_is_known_of_the_pattern_is_zero_on_average(order, interaction):
    known = chains(order, interaction, 0.1, 0.2, 24, 60, (1, 2)).known
    assert np.abs(known.mean(axis=0) / (known.std(axis=0, ddof=1) / math.sqrt(120))).max() < 4


def test_the_start_takes_most_of_the_disorder_out_of_the_energy():
    size, trials = 64, 60
    mine = chains(3, "distinct", 0.03, 0.2, size, trials, (1,))
    model = dm.HebbianDAM(order=3)
    point = simulate(model, load=0.03, temperature=0.2, size=size, trials=trials, seed=1).points[0]
    found = averaged(mine, mine.energy)
    assert found["error"] < 0.4 * point.energy_error
    alone = -3 * model.pattern_energy(size)[-1] / size  # the energy of the pattern, which is the unit, against its limit
    assert abs(found["value"] * alone - point.energy) < 4 * point.energy_error


def test_replicas_that_start_off_the_pattern():
    mine = chains(2, "distinct", 1 / 64, 0.5, 64, 40, (1,), 0.8)
    both = ratio(mine, mine.overlap**2, mine.replicas)
    assert abs(both["value"] - 1) < 0.02 and mine.replicas.std() > 0


def test_chains_that_leave_and_drift_are_said():
    rows = [{"size": n, "value": 0.7 - 3 / n, "error": 1e-3} for n in (100, 200, 400)]
    found = settled(rows, np.arange(10) > 1, (-0.5, 0.3))
    assert found.why == "20% of the chains left the state at the largest size" and found.value == pytest.approx(0.7)
    assert found.systematic["waiting time"] == pytest.approx(0.4) and settled(rows, np.ones(3), (0.2, 0.3)).trusted


def test_retrieval_without_reaction_ends_far_away():
    # at m → 0 and β(1 − q) = 1, q = 1 − T; a condition on α alone, solved here with a plain quadrature
    from scipy.optimize import brentq

    temperature = 0.6
    x, w = np.polynomial.hermite_e.hermegauss(200)
    w = w / w.sum()
    q = 1 - temperature
    expected = brentq(lambda a: float(w @ np.tanh(math.sqrt(a * q) * x / temperature) ** 2) - q, 0.1, 3.0)
    assert wrong.end_without_reaction(temperature) == pytest.approx(expected, abs=1e-5)


def test_a_mixture_of_one_pattern_without_reaction_is_a_state_without_reaction():
    at = {"order": 2, "mixed": 1, "load": 0.05, "temperature": 0.4}
    assert mixtures._in_noise(at, 2000) == pytest.approx(wrong.of_a_term_less(at, "m"), abs=1e-8)
    assert mixtures._in_noise(at, 1) == pytest.approx(wrong.one_step({**at, "interaction": "distinct"}), abs=1e-8)
    assert [mixtures._at_start(n) for n in (1, 3, 5)] == [1, 0.5, 0.375]


def test_replicas_without_patterns_are_free():
    assert glass.squares(1 / 40, 50.0, 40, 60, (1, 2)).mean() == pytest.approx(1, abs=0.03)


def test_what_is_known_of_overlaps_of_patterns_is_zero_on_average():
    """Over all sets of four patterns of three spins, of which the first is all +1."""
    rest = np.array(list(itertools.product((-1, 1), repeat=9)), np.float32).reshape(-1, 3, 3)
    sets = np.concatenate([np.ones((len(rest), 3, 1), np.float32), rest], axis=2)
    assert np.mean([annealed.known(patterns) for patterns in sets], axis=0) == pytest.approx(np.zeros(4), abs=1e-12)


def test_what_annealing_finds_is_the_ground_state():
    found = annealed._found(annealed._annealed, {"load": 1.0}, 16, 12, (5,))
    model, count = dm.HebbianDAM(2), 16
    setting = Setting(model, 16, count, 0.0, "glauber", 1.0, 5, flip_energy(model, 16, count))
    for k, (lowest, retrieved, *_) in enumerate(found):
        patterns = Trial(setting, k).chain().patterns.reshape(16, -1)[:, :count].T
        best = ground_state(model, patterns)
        near = np.abs(patterns @ best.spins.astype(int)).max() >= 0.6 * 16  # and so no glass
        assert retrieved >= best.energy - 1e-6 and (lowest > best.energy + 1e-6 if near else lowest == pytest.approx(best.energy))


def test_each_point_is_told_from_the_fold_by_its_plan():
    assert retrieval._DRAWN == "y**3+6*y"
    for level, more in (("quick", 1), ("full", 8)):
        assert retrieval._on_the_line({"order": 3}, level).trials == (80 * more, 60 * more, 40 * more)


def test_a_spinodal_from_exact_counts(monkeypatch):
    """Loads α(N, t) = 0.1 + 2/t + N^{−2/3}/2 where half is kept, widths 0.3/√N."""
    plan = lost.SpinodalPlan((400, 900, 1600), (10**7,) * 3, (100, 200), 7)

    def centre(size, time):
        return 0.1 + 2 / time + 0.5 * size ** (-2 / 3)

    asked = []

    def counted(model, *, load, temperature, size, sweeps, trials, seed, retrieved_above):
        asked.append((temperature, size, trials, seed, retrieved_above))
        share = [[(a, t, ndtr((centre(size, t) - a) / (0.3 / math.sqrt(size)))) for t in sweeps] for a in load]
        return SimpleNamespace(points=[SimpleNamespace(load=a, sweeps=t, retrieved=p) for row in share for a, t, p in row])

    monkeypatch.setattr(lost, "retrieval_probability", counted)
    found = lost.spinodal({"order": 2, "interaction": "distinct", "temperature": 0.3}, (5, 6), plan)
    assert found.value == pytest.approx(0.11, abs=1e-5) and found.trusted
    assert found.systematic["waiting time"] == pytest.approx(0.01, abs=1e-5) and found.systematic["N^(−1/2)"] > 1e-3
    for row, size in zip(found.rows, plan.sizes):
        assert row["size"] == size and row["value"] == pytest.approx(centre(size, 200), abs=1e-6)
        assert row["width"] == pytest.approx(0.3 / math.sqrt(size), rel=1e-4) and row["error"] < 1e-5
        assert row["sweeps"] == 200 and row["trials"] == 2 * 10**7 * len(row["loads"]) and len(row["loads"]) == 7
    scans, counts = [a for a in asked if a[2] == 8], [a for a in asked if a[2] != 8]
    assert [a[1:4] for a in scans] == [(n, 8, 5 + 1_000_003) for n in plan.sizes]
    assert [a[1:4] for a in counts] == [(n, 10**7, s) for n in plan.sizes for s in (5, 6)]
    assert {(a[0], a[4]) for a in asked} == {(0.3, 0.6)}


def test_loads_of_a_scan_are_whole_patterns_between_its_ends():
    found = lost._loads(50, 0.1, 0.3, 6)
    assert found == pytest.approx([0.1, 0.14, 0.18, 0.22, 0.26, 0.3])
    assert lost._loads(50, 0.0, 0.05, 9) == pytest.approx([0.04])
    assert lost._loads(1000, 0.1, 0.2, 11) == pytest.approx(np.linspace(0.1, 0.2, 11))


@pytest.mark.slow
def test_spinodal_of_small_sizes():
    plan = lost.SpinodalPlan(sizes=(500, 1000, 2000), trials=(16, 12, 8))
    found = lost.spinodal({"order": 2, "interaction": "distinct", "temperature": 0.6}, (1, 2), plan)
    assert found.trusted and found.sizes == [500, 1000, 2000]
    assert abs(found.value - 0.038808893598616) < 5 * found.error + found.band
