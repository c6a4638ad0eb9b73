"""Simulated memories of phases: energies as written down, exact laws, symmetries, numbers of the cavity, and what is refused."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math

import numpy as np
import pytest
from scipy.special import ive

from dammech import HebbianDAM, PhasorDAM, simulate
from dammech.cli import main
from dammech.errors import InputError, Interrupted
from dammech.exact import phase_energies, phase_gibbs
from dammech.simulate import PhaseChain, autocorrelation_time, cells, sampled
from dammech.simulate.measure import averages
from dammech.systems.phasor.sampler import energy_constant, experiment, interaction, stored

MODELS = [PhasorDAM(), PhasorDAM(2, "real"), PhasorDAM(4), PhasorDAM(6)]
STREAM = np.arange(1, 5, dtype=np.uint64)


def random_phases(rng, *shape):
    return np.exp(2j * np.pi * rng.random(shape))


def energy_of(model, patterns, spins):
    """The Hamiltonian; of order 3 and more less what P − 1 random patterns have on the average, by a sum over clocks."""
    size, n = spins.size, model.order
    if n == 2:
        phases = np.angle(patterns)
        couplings = sum(np.exp(1j * (p[:, None] - p)) for p in phases) / size
        if model.coupling == "real":
            couplings = sum(2 * np.cos(p[:, None] - p) for p in phases) / size
        np.fill_diagonal(couplings, 0)
        return -0.5 * (spins.conj() @ couplings @ spins).real
    clock = np.exp(2j * np.pi * np.arange(n + 1) / (n + 1))  # as many as make moments exact
    mean = np.mean([abs(sum(state)) ** n for state in itertools.product(clock, repeat=size)])
    return -size / n * (np.abs(patterns.conj() @ spins / size) ** n).sum() + (len(patterns) - 1) * size ** (1 - n) / n * mean


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_energies_are_those_of_the_hamiltonian(model):
    setting = experiment(model, {"load": 3.3 / 5 ** (model.order - 1), "temperature": 0.5}, size=5, dynamics="glauber",
                         overlap=1.0, seed=1)  # fmt: skip
    assert setting.realised == {"load": 3 / 5 ** (model.order - 1)}
    chain = setting.chain(STREAM.copy(), STREAM.copy(), None, STREAM.copy())
    patterns = chain.patterns[:3]
    assert len(chain.patterns) == (6 if model.coupling == "real" else 3)
    assert chain.overlap() == pytest.approx(1) and setting.bytes_each() == 96 * chain.patterns.size
    series = chain.run(3)
    assert series.energy[-1] == pytest.approx(chain.energy(), abs=1e-12)
    assert chain.energy() == pytest.approx(energy_of(model, patterns, chain.spins), abs=1e-12)
    assert series.overlap[-1] == pytest.approx(abs(patterns[0].conj() @ chain.spins) / 5, abs=1e-13)


@pytest.mark.parametrize("order", [2, 4, 10])
def test_the_mean_energy_of_a_random_pattern(order):
    """⟨|M|^{2k}⟩ of three phases is a sum of squared multinomials; of many phases that of a complex Gaussian, k! N^k."""
    k = order // 2
    exact = sum(math.factorial(k) ** 2 / (math.factorial(a) * math.factorial(b) * math.factorial(k - a - b)) ** 2
                for a in range(k + 1) for b in range(k + 1 - a))  # fmt: skip
    patterns = 1 if order == 2 else 2
    assert energy_constant(PhasorDAM(order), 3, patterns) == pytest.approx(exact * 3.0 ** (1 - order) / order, rel=1e-14)
    many = energy_constant(PhasorDAM(order), 30_000, patterns) * order * 30_000.0 ** (order - 1 - k)
    assert many == pytest.approx(math.factorial(k), rel=1e-3)


@pytest.mark.parametrize("model", MODELS[:3], ids=repr)
def test_spins_sample_the_law_of_the_model(model):
    """Against sums over clocks that have converged to the circle, in one set of patterns."""
    size = 3
    at = {"load": 2 / size ** (model.order - 1), "temperature": 0.6}
    setting = experiment(model, at, size=size, dynamics="glauber", overlap=1.0, seed=1)
    chain = setting.chain(STREAM.copy(), STREAM.copy(), None, STREAM.copy())
    constant = energy_constant(model, size, 2) / size
    right, hotter = (phase_gibbs(interaction(model), chain.patterns, t) for t in (0.6, 0.72))
    chain.run(100)
    series = chain.run(30_000)

    def score(values, exact):
        return (values.mean() - exact) / (values.std() * np.sqrt(max(1.0, autocorrelation_time(values)) / values.size))

    energies = series.energy / size - constant
    assert abs(score(energies, right.energy)) < 4 < abs(score(energies, hotter.energy))
    assert abs(score(series.overlap**2, right.squared_overlap[0])) < 4


def test_two_spins_with_a_real_coupling():
    """H = −cos(φ_1 − φ_2) cos(θ_1 − θ_2): the mean energy is a ratio of Bessel functions, averaged over what was drawn."""
    drawn = {}

    def remembered(rng, size):
        patterns = setting.rule(rng, size)
        drawn[patterns.tobytes()] = np.cos(np.diff(np.angle(patterns[0])))[0]
        return patterns

    at = {"load": 0.5, "temperature": 0.3}
    setting = experiment(PhasorDAM(2, "real"), at, size=2, dynamics="metropolis", overlap=1.0, seed=2)
    point = averages(dataclasses.replace(setting, rule=remembered), 60, 2000, 200, None)
    couplings = np.abs(list(drawn.values()))
    expected = -(couplings * ive(1, couplings / 0.3) / ive(0, couplings / 0.3)).mean() / 2
    assert len(drawn) == 60
    assert point.energy == pytest.approx(expected, abs=4 * 0.3 * np.sqrt(0.5 * point.tau / point.samples) / 2)
    assert abs(point.energy - expected * 1.1) > 4 * 0.3 * np.sqrt(0.5 * point.tau / point.samples) / 2


@pytest.mark.parametrize("model", MODELS[:3], ids=repr)
def test_a_common_phase_changes_nothing(model):
    rng = np.random.default_rng(3)
    patterns, start, turn = stored(model, random_phases(rng, 3, 30)), random_phases(rng, 30), np.exp(0.7j)
    one, other = (
        PhaseChain(interaction(model), patterns, spins, 0.0, "zero-temperature", STREAM.copy()) for spins in (start, start * turn)
    )
    assert one.energy() == pytest.approx(other.energy(), abs=1e-12)
    ours, theirs = one.run(5), other.run(5)
    np.testing.assert_allclose(other.spins, one.spins * turn, atol=1e-9)
    np.testing.assert_allclose(ours.overlap, theirs.overlap, atol=1e-10)
    np.testing.assert_allclose(ours.energy, theirs.energy, atol=1e-10)


def test_a_real_coupling_stores_mirror_images():
    """The energy of a state is that of its mirror image, among patterns and their mirror images in the complex memory."""
    rng = np.random.default_rng(4)
    patterns, spins = random_phases(rng, 2, 6), random_phases(rng, 6)
    real, both = PhasorDAM(2, "real"), stored(PhasorDAM(2, "real"), patterns)
    assert interaction(real) == {(1, 1): 1 / 2} and interaction(PhasorDAM(10)) == {(5, 5): 1 / 10}
    np.testing.assert_array_equal(both, np.concatenate([patterns, patterns.conj()]))
    np.testing.assert_array_equal(stored(PhasorDAM(), patterns), patterns)
    assert energy_of(real, patterns, spins) == pytest.approx(energy_of(PhasorDAM(), both, spins), abs=1e-13)
    assert energy_of(real, patterns, spins) == pytest.approx(energy_of(real, patterns, spins.conj()), abs=1e-13)
    assert energy_constant(real, 6, 2) == energy_constant(PhasorDAM(), 6, 4) == 2
    levels = phase_energies(interaction(real), stored(real, patterns[:, :4]), 5)
    np.testing.assert_allclose(levels, levels[np.ix_(*[-np.arange(5) % 5] * 4)], atol=1e-12)


def test_numbers_of_the_cavity():
    """m(0.01) = 0.98912 and m(0.02) = 0.97567 at T = 0 with complex couplings, at half these loads with real ones."""
    asked = {"temperature": 0, "size": 4000, "trials": 16, "seed": 3}
    runs = simulate(PhasorDAM(), load=[0.01, 0.02], **asked).points
    real = simulate(PhasorDAM(2, "real"), load=0.005, **asked).points
    for point, m, other in zip((*runs, *real), (0.98912, 0.97567, 0.98912), (0.97567, 0.98912, 0.97567)):
        assert abs(point.m - m) < 4 * point.m_error < 0.006 and abs(point.m - other) > 4 * point.m_error
        assert (point.retrieved, point.rest, point.ties, point.dynamics) == (1, 16, "keep", "zero-temperature")
        assert -0.5 * m**2 - 0.05 < point.energy < -0.5 * m**2


def test_a_dense_memory_retrieves_more_than_the_pairwise_one():
    """P = 0.005 N³ patterns, more than N."""
    (point,) = simulate(PhasorDAM(4), load=0.005, temperature=0.02, size=24, trials=6, seed=1).points
    assert point.at == {"load": 69 / 24**3, "temperature": 0.02} and point.m > 0.95
    assert point.energy == pytest.approx(-(point.m**4) / 4, abs=0.05)


def test_what_was_finished_is_kept(monkeypatch):
    """Ctrl-C during the second of three points leaves the first."""
    asked = {"load": 0.05, "temperature": [0.1, 0.2, 0.3], "size": 60, "trials": 2}
    first = simulate(PhasorDAM(), **asked).points[0]

    def stopping(setting, *options):
        if setting.temperature == 0.2:
            raise KeyboardInterrupt
        return averages(setting, *options)

    monkeypatch.setattr(sampled, "averages", stopping)
    with pytest.raises(Interrupted, match="interrupted with 1 of 3 points finished") as caught:
        simulate(PhasorDAM(), **asked)
    assert caught.value.result.points == (first,)


@pytest.mark.parametrize("model", [PhasorDAM(2, "real"), HebbianDAM(2)], ids=repr)
def test_cells_of_a_sweep_are_the_points(model):
    """Whether the system has a sampler of its own or not; a part of them is no grid."""
    asked = {"load": [0.05, 0.1], "temperature": 0.2, "size": [40, 50], "trials": 2, "seed": 3, "dynamics": "metropolis",
             "overlap": 0.9, "sweeps": None, "convention": "canonical"}  # fmt: skip
    planned, whole = cells.cells(model, **asked), simulate(model, **asked)
    assert len(planned) == 4
    points = [cells.point(json.loads(json.dumps(cell))) for cell in planned]
    found = cells.simulation(model, points, **asked)
    assert found == whole and found.grid == whole.grid == {"size": 2, "load": 2}
    part = cells.simulation(model, [points[0], None, points[2], None], **asked)
    assert part.points == (whole.points[0], whole.points[2]) and part.grid is None
    with pytest.raises(InputError, match="load"):
        cells.cells(model, **{**asked, "load": None})


def test_on_the_command_line(capsys):
    line = "simulate phasor --load 0.021 --temperature 0 --size 100 --trials 8 --seed 1 --json"
    assert main(line.split()) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["model"] == {"name": "phasor", "order": 2, "coupling": "complex"}
    (point,) = document["points"]
    assert (point["load"], point["temperature"], point["trials"], point["status"]) == (0.02, 0, 8, "converged")
    assert main([*line.split(), "--coupling", "real"]) == 0
    assert json.loads(capsys.readouterr().out)["points"][0]["energy"] < point["energy"]


@pytest.mark.parametrize(
    "given,words",
    [
        ({"order": 3}, "order=3: phases are simulated at even orders from 2 to 10"),
        ({"order": 12}, "order=12: phases are simulated"),
        ({"load": 0.001}, "load=0.001 at size=100 means no pattern"),
        ({"load": -1.0}, "load=-1 at size=100 means no pattern"),
        ({"load": 1e9}, "load=1e.09 at size=100 means 100000000000 patterns"),
        ({"temperature": -1.0}, "temperature=-1.0: must be a finite number"),
        ({"dynamics": "parallel"}, "dynamics='parallel': must be one of glauber"),
        ({"size": 1}, "size=1: must be an integer from 2"),
        ({"convention": "ags"}, "convention='ags': memories of phases have canonical units only"),
        ({"age": 0.1}, "age: is no axis of PhasorDAM"),
    ],
)
def test_what_cannot_be_simulated(given, words):
    options = {"load": 0.02, "temperature": 0.1, "size": 100, "trials": 1, "order": 2} | given
    with pytest.raises(InputError, match=words):
        simulate(PhasorDAM(options.pop("order")), **options)
