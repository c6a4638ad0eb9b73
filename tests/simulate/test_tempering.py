"""Parallel tempering: the states of its plain twin, exact averages by z-score, and runs that must be refused."""

import json
import math
from dataclasses import replace
from itertools import combinations, pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from dammech.errors import InputError, ShortChain
from dammech.exact import (
    energies,
    gibbs_distribution,
    ground_state,
    overlap_law,
    pspin_energies,
    pspin_gibbs,
    pspin_ground_state,
)
from dammech.simulate import sample_disorder, temper
from dammech.simulate.flips import flip_energy
from dammech.simulate.reference import reference_tempering
from dammech.simulate.tempering.equilibration import equilibration_tests, identity_energy, link_overlaps
from dammech.simulate.tempering.ladder import (
    Plan,
    _dense,
    _starts,
    glass_couplings,
    memory_patterns,
    run_memory,
    run_sample,
    unpacked,
)
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

LADDER = (0.4, 0.55, 0.75, 1.0)
MODELS = [PSpin(2), PSpin(3), HebbianDAM(2), HebbianDAM(3), HebbianDAM(4), HebbianDAM(3, "power")]
MODELS += [HebbianDAM(3, "rectified")]

TWINS = [(model, "random") for model in MODELS] + [(model, "both") for model in MODELS if isinstance(model, HebbianDAM)]


def plan_for(model, size, sweeps, start="random", temperatures=LADDER, load=0.3, seed=5):
    count = model.patterns_for(load, size) if isinstance(model, HebbianDAM) else None
    table = flip_energy(model, size, count) if count else None
    return Plan(model, size, count, temperatures, sweeps, seed, start, table)


def levels_of(model, size, disorder):
    """Energies of all states; a memory's with the constant that printed energies drop."""
    if isinstance(model, PSpin):
        return pspin_energies(model, size, disorder)
    constant = (len(disorder) - 1) * model.mean_pattern_energy(size) if model.p >= 3 else 0.0
    return energies(model, disorder) + constant


def disorder_of(plan, sample):
    if isinstance(plan.model, PSpin):
        couplings, unit = glass_couplings(plan.model, plan.size, plan.seed, sample)
        return couplings * unit
    return unpacked(memory_patterns(plan.model, plan.size, plan.patterns, plan.seed, sample), plan.patterns)


def draws(streams, size, sweeps):
    """Orders, uniform numbers and swap numbers that the kernels draw from these streams."""
    from dammech.simulate import kernels

    sets, count = streams.shape[0], streams.shape[1] - 1
    streams = streams.copy()
    orders, uniforms = np.empty((sweeps, sets, count, size), np.int64), np.empty((sweeps, sets, count, size))
    swaps = np.ones((sweeps, sets, count - 1))
    for step in range(sweeps):
        for s in range(sets):
            for r in range(count):
                kernels.draw_sweep(streams[s, r], orders[step, s, r], uniforms[step, s, r])
            for t in range(step % 2, count - 1, 2):
                swaps[step, s, t] = float(kernels.random_word(streams[s, -1]) >> 11) * 2.0**-53
    return orders, uniforms, swaps


@pytest.mark.parametrize("model,start", TWINS, ids=str)
def test_states_of_the_twin(model, start):
    """Every overlap, energy, swap and round trip of a whole run, at an odd size."""
    size, sweeps = 11, 64
    plan = plan_for(model, size, sweeps, start)
    disorder = disorder_of(plan, 2)
    levels, places = levels_of(model, size, disorder), 1 << np.arange(size)
    pattern = disorder[0] if isinstance(model, HebbianDAM) else None
    spins, streams = _starts(plan, 2, pattern)
    states, energy, at, accepted = reference_tempering(
        lambda state: levels[places @ (state < 0)], spins, LADDER, *draws(streams, size, sweeps)
    )
    sample = run_sample(plan, 2)
    totals = np.einsum("gti,gti->gt", states[:, 0], states[:, 1])
    edges = np.cumsum([0, *plan.bins()])
    for k, (begin, end) in enumerate(pairwise(edges)):
        for t in range(len(LADDER)):
            counts = np.bincount((totals[begin:end, t] + size) // 2, minlength=size + 1)
            np.testing.assert_array_equal(sample.overlaps[k, t], counts)
        np.testing.assert_allclose(sample.energies[k], energy[begin:end].mean(axis=0), rtol=1e-12, atol=1e-12)
    assert sample.lowest == pytest.approx(energy.min(), abs=1e-12)
    assert levels[places @ (sample.spins < 0)] == pytest.approx(sample.lowest, abs=1e-12)
    tried = np.array([sum(step % 2 == t % 2 for step in range(edges[-2], edges[-1])) for t in range(len(LADDER) - 1)])
    np.testing.assert_allclose(sample.swaps, accepted[edges[-2] :].sum(axis=(0, 1)) / (2 * tried))
    np.testing.assert_array_equal(sample.trips, round_trips(at))
    if pattern is not None:
        marks = np.einsum("gsti,i->gst", states[edges[-2] :], pattern)
        for s, t in np.ndindex(2, len(LADDER)):
            counts = np.bincount((marks[:, s, t] + size) // 2, minlength=size + 1)
            np.testing.assert_array_equal(sample.marks[-1, s, t], counts)


def test_single_and_double_precision_agree():
    plan = plan_for(HebbianDAM(3), 30, 64)
    patterns = memory_patterns(plan.model, plan.size, plan.patterns, plan.seed, 0)
    spins, streams = _starts(plan, 0, None)
    one, two = (run_memory(plan, patterns, spins, streams, double) for double in (False, True))
    np.testing.assert_array_equal(one.overlaps, two.overlaps)
    np.testing.assert_array_equal(one.energies, two.energies)
    wide = replace(plan, model=HebbianDAM(10), table=flip_energy(HebbianDAM(10), 30, plan.patterns))
    spins[:] = patterns[:, 0, 0]  # where the integers are largest
    assert run_memory(wide, patterns, spins, streams, double=False) is None
    assert run_memory(wide, patterns, spins, streams, double=True) is not None


def round_trips(at):
    """Returns of each replica to an end of the ladder that it left for the other one, in pairs."""
    sweeps, sets, count = at.shape
    result = np.zeros((sets, count), int)
    for s, r in np.ndindex(sets, count):
        places = [int(np.flatnonzero(at[step, s] == r)[0]) for step in range(sweeps)]
        ends = [place for place in places if place in (0, count - 1)]
        result[s, r] = sum(a != b for a, b in pairwise(ends)) // 2
    return result


def scores(run, factor=1.0):
    """z of energy, <q²> and link at each temperature against exact averages of the same samples."""
    size, q = run.size, np.arange(-run.size, run.size + 1, 2) / run.size
    constant = 0.0
    if run.patterns and run.model.p >= 3:
        constant = (run.patterns - 1) * run.model.mean_pattern_energy(size)
    result = []
    link = link_overlaps(run.model.p, size)
    for k, point in enumerate(run.points):
        gaps = []
        for s in range(run.samples):
            disorder = sample_disorder(run.model, load=run.load, size=size, sample=s, seed=run.seed)
            levels, temperature = levels_of(run.model, size, disorder), factor * point.temperature
            law, energy = overlap_law(levels, temperature), gibbs_distribution(levels, temperature) @ levels
            gap = run.laws[s, k] - law
            gaps.append([run.energies[s, k] - (energy - constant) / size, gap @ q**2, gap @ link])
        gaps = np.array(gaps)
        result.append(gaps.mean(axis=0) / (gaps.std(axis=0, ddof=1) / math.sqrt(run.samples)))
    return np.array(result)


@pytest.mark.parametrize(
    "model,load", [(PSpin(2), None), (PSpin(3), None), (HebbianDAM(2), 0.3), (HebbianDAM(3), 0.1)], ids=str
)
def test_against_enumeration_with_a_wrong_temperature_rejected(model, load):
    for seed in (1, 2, 3):
        run = temper(model, load=load, temperatures=LADDER, size=12, samples=16, sweeps=4096, seed=seed)
        assert run.converged, run.why
        assert np.abs(scores(run)).max() < 4.5  # twelve of them, and Student's tails
    assert np.abs(scores(run, 1.05)).max() > 6
    assert np.abs(scores(run, 0.95)).max() > 6


def test_lowest_energies_are_ground_states():
    for model, load in ((PSpin(3), None), (PSpin(2), None), (HebbianDAM(3), 0.2)):
        run = temper(model, load=load, temperatures=(0.2, 0.3, 0.45, 0.7, 1.0), size=18, samples=6, sweeps=1500, seed=4)
        for s in range(6):
            disorder = sample_disorder(model, load=load, size=18, sample=s, seed=4)
            exact = ground_state(model, disorder) if load else pspin_ground_state(model, 18, disorder)
            assert run.lowest[s] == pytest.approx(exact.energy, abs=1e-12)
        assert run.lowest_energy == pytest.approx(run.lowest.mean())


def test_couplings_are_exact_in_single_precision():
    for model, size in ((PSpin(2), 60), (PSpin(3), 40)):
        couplings, unit = glass_couplings(model, size, 1, 0)
        assert (couplings == np.rint(couplings)).all()
        variance = math.factorial(model.p) / (2 * size ** (model.p - 1))
        assert unit < 1e-4 * math.sqrt(variance)
        assert (couplings * unit).var() == pytest.approx(variance, rel=5 * math.sqrt(2 / couplings.size))
        assert abs((couplings * unit).mean()) < 5 * math.sqrt(variance / couplings.size)
        assert np.abs(couplings).max() < 2**24 and math.frexp(unit)[0] == 0.5
    other, _ = glass_couplings(PSpin(3), 40, 1, 1)
    assert not np.array_equal(other, couplings)


@pytest.mark.parametrize("sign", [1, -1])
def test_rounding_of_couplings_keeps_sums_exact(monkeypatch, sign):
    """Three couplings of a pair whose sizes sum to 2²⁴ and are rounded up: in units of 1 single precision would lose the last."""
    values = sign * np.array([5592405.75, -5592405.625, 5592404.625, *[0.0] * 7])
    monkeypatch.setattr(np.random, "Generator", lambda bits: SimpleNamespace(normal=lambda *a, size: values))
    couplings, unit = glass_couplings(PSpin(3), 5, 0, 0)
    assert np.abs(couplings * unit - values).max() <= unit / 2
    sums = [np.abs(_dense(couplings, 5, 3).astype(kind)).sum(axis=1, dtype=kind) for kind in (np.float32, np.float64)]
    assert (sums[0] == sums[1]).all()
    values = values * np.where(np.arange(10) == 1, 8, 1)
    couplings, unit = glass_couplings(PSpin(2), 5, 0, 0)
    assert (couplings == np.float32(couplings)).all() and np.abs(couplings * unit - values).max() <= unit / 2


def test_the_link_is_the_mean_over_sets():
    signs = np.random.default_rng(1).choice([-1, 1], size=9)
    for order in (2, 3, 4):
        expected = np.mean([np.prod(signs[list(sites)]) for sites in combinations(range(9), order)])
        assert link_overlaps(order, 9)[(signs.sum() + 9) // 2] == pytest.approx(expected, abs=1e-14)


@pytest.fixture(scope="module")
def glass():
    """A plan and its samples, in equilibrium."""
    plan = plan_for(PSpin(3), 24, 2048, temperatures=(0.6, 0.75, 0.95, 1.2))
    return plan, [run_sample(plan, k) for k in range(48)]


def test_a_good_run_passes(glass):
    plan, samples = glass
    tests = equilibration_tests(plan, samples)
    assert {test.name for test in tests} == {
        "time bins, energy", "time bins, overlap", "energy and overlap", "round trips"
    }  # fmt: skip
    assert all(test.passed for test in tests), [test.statement for test in tests if not test.passed]


def test_each_test_can_fail(glass):
    plan, samples = glass
    warm = replace(plan, temperatures=tuple(1.05 * t for t in plan.temperatures))
    assert failed(warm, samples) == {"energy and overlap"}
    assert failed(replace(plan, model=PSpin(2)), samples) == {"energy and overlap"}
    late = [replace(s, energies=s.energies * (1 + 0.003 * np.arange(4) ** 2)[:, None, None]) for s in samples]
    assert "time bins, energy" in failed(plan, late)
    stuck = [*samples[:-1], replace(samples[-1], trips=samples[-1].trips * 0)]
    assert failed(plan, stuck) == {"round trips"}
    assert "time bins, energy" in failed(plan, samples[:4])


def failed(plan, samples):
    return {test.name for test in equilibration_tests(plan, samples) if not test.passed}


def test_energies_come_from_above_and_overlaps_from_below():
    """Far from equilibrium the two sides of the identity are apart, in the known order."""
    plan = plan_for(PSpin(3), 32, 64, temperatures=(0.3, 0.5, 0.8))
    samples = [run_sample(plan, k) for k in range(40)]
    laws = np.mean([s.overlaps[-1] / s.overlaps[-1].sum(axis=1, keepdims=True) for s in samples], axis=0)
    energy = np.mean([s.energies[-1].mean(axis=0) for s in samples], axis=0) / 32
    assert energy[0] > -identity_energy(plan, laws @ link_overlaps(3, 32))[0] + 0.1
    assert "energy and overlap" in failed(plan, samples)


def test_short_chains_are_refused():
    settings = {"temperatures": (0.25, 0.4, 0.6), "size": 32, "samples": 24, "sweeps": 64}
    run = temper(PSpin(3), **settings)
    assert not run.converged and "energy and overlap" in run.why and "\n" not in run.why
    with pytest.raises(ShortChain, match="not shown to be equilibrated"):
        temper(PSpin(3), **settings, strict=True)
    few = temper(PSpin(2), temperatures=(0.8, 1.2), size=10, samples=2, sweeps=512)
    assert not few.converged and "2 samples are too few" in few.why


def test_two_starts():
    """Above every transition they agree; deep in retrieval a random start does not find the pattern in time."""
    settings = {"load": 0.02, "size": 100, "samples": 10, "start": "both"}
    warm = temper(HebbianDAM(3), temperatures=(1.2, 1.5), sweeps=512, **settings)
    assert warm.converged, warm.why
    cold = temper(HebbianDAM(3), temperatures=(0.15, 0.2), sweeps=128, **settings)
    assert not cold.converged and "two starts, retrieval" in cold.why
    pattern = temper(HebbianDAM(3), temperatures=(0.15, 0.2), sweeps=128, **settings | {"start": "pattern"})
    assert pattern.points[0].m > 0.95 > 0.7 > cold.points[0].m


def test_threads_and_company_do_not_matter():
    for model, load in ((PSpin(3), None), (HebbianDAM(3), 0.2)):
        settings = {"load": load, "temperatures": (0.9, 0.5), "size": 14, "sweeps": 128, "seed": 3}
        many = temper(model, samples=5, workers=2, **settings)
        few = temper(model, samples=3, workers=1, **settings)
        np.testing.assert_array_equal(many.laws[:3], few.laws)
        np.testing.assert_array_equal(many.energies[:3], few.energies)
        again = temper(model, samples=3, workers=2, **settings)
        assert again.to_json() == few.to_json()
        other = temper(model, samples=3, **settings | {"seed": 4})
        assert not np.array_equal(other.energies, few.energies)
    disorder = [sample_disorder(PSpin(3), size=14, sample=s, seed=3) for s in (0, 1)]
    assert not np.array_equal(*disorder)


def test_the_document():
    run = temper(HebbianDAM(3), load=0.2, temperatures=(1.0, 0.5, 0.7), size=16, samples=8, sweeps=256, seed=1)
    document = run.to_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["model"]["order"] == 3 and document["patterns"] == 51 and document["load"] == 51 / 256
    assert [point["temperature"] for point in document["points"]] == [0.5, 0.7, 1.0]
    assert document["points"][-1]["swap"] is None and 0 < document["points"][0]["swap"] <= 1
    q = np.arange(-16, 17, 2) / 16
    for point in document["points"]:
        law = np.array(point["law"])
        assert law.sum() == pytest.approx(1) and point["q4"] == pytest.approx(law @ q**4)
        assert point["q2"] == pytest.approx(law @ q**2) and point["q_abs"] == pytest.approx(law @ np.abs(q))
        assert abs(point["m"]) <= point["m_abs"] <= 1 and point["q2_error"] > 0
    glass = temper(PSpin(2), temperatures=(1.0, 0.5), size=16, samples=8, sweeps=256).to_json()
    assert glass["load"] is None and glass["points"][0]["m"] is None
    assert json.loads(json.dumps(glass, allow_nan=False)) == glass


def test_conventions_are_the_same_run_in_other_units():
    settings = {"size": 20, "samples": 4, "sweeps": 64, "seed": 2}
    canonical = temper(HebbianDAM(3), load=0.1, temperatures=(0.25, 0.5), **settings)
    paper = temper(HebbianDAM(3), load=0.6, temperatures=(0.75, 1.5), convention="theriault-tantari", **settings)
    np.testing.assert_array_equal(paper.laws, canonical.laws)
    assert paper.points[0].energy == pytest.approx(3 * canonical.points[0].energy)
    assert paper.load == pytest.approx(6 * canonical.load) and paper.points[0].temperature == pytest.approx(0.75)


GOOD = {"temperatures": (0.5, 1.0), "size": 12, "samples": 2, "sweeps": 64}
BAD = [
    (PSpin(4), {}, "order=4"),
    (PSpin(3), {"load": 0.1}, "load=0.1"),
    (PSpin(3), {"start": "pattern"}, "start='pattern'"),
    (PSpin(3), {"start": "warm"}, "start='warm'"),
    (PSpin(3), {"size": 2}, "size=2"),
    (PSpin(3), {"size": 300}, "size=300"),
    (PSpin(3), {"temperatures": (0.5,)}, "temperatures=[0.5]"),
    (PSpin(3), {"temperatures": (0.0, 0.5)}, "temperatures=[0.0, 0.5]"),
    (PSpin(3), {"temperatures": (0.5, 0.5)}, "two different"),
    (PSpin(3), {"temperatures": (0.5, math.nan)}, "temperatures=nan"),
    (PSpin(3), {"samples": 1}, "samples=1"),
    (PSpin(3), {"sweeps": 10}, "sweeps=10"),
    (PSpin(3), {"seed": -1}, "seed=-1"),
    (PSpin(3), {"workers": 0}, "workers=0"),
    (PSpin(3), {"convention": "gardner"}, "convention='gardner'"),
    (HebbianDAM(3), {}, "load is missing"),
    (HebbianDAM(3), {"load": [0.1, 0.2]}, "load=[0.1, 0.2]"),
    (HebbianDAM(3), {"load": 0.0}, "no pattern"),
    (HebbianDAM(3), {"load": 0.1, "size": [10, 12]}, "size=[10, 12]"),
    ("glass", {}, "model='glass'"),
]


@pytest.mark.parametrize("model,change,words", BAD, ids=[words for *_, words in BAD])
def test_bad_input_is_one_clear_sentence(model, change, words):
    with pytest.raises(InputError) as caught:
        temper(model, **{**GOOD, **change})
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.slow
def test_disorder_average_of_the_triple_glass():
    """temper() against enumeration of other samples: the disorder, and not only the motion."""
    run = temper(PSpin(3), temperatures=(0.5, 0.7, 0.9, 1.2), size=14, samples=300, sweeps=2048, seed=9)
    assert run.converged, run.why
    exact = np.array([
        [pspin_gibbs(PSpin(3), 14, sample_disorder(PSpin(3), size=14, sample=s, seed=77), t).energy for t in (0.5, 0.7)]
        for s in range(600)
    ])  # fmt: skip
    for k in range(2):
        error = math.hypot(run.points[k].energy_error, exact[:, k].std() / math.sqrt(600))
        assert abs(run.points[k].energy - exact[:, k].mean()) < 4 * error
