"""Every number of every result of ``simulate`` by another route: closed forms, exact laws, and the spread of repeated runs."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.exact import bit_error, clipped_bit_error, clipped_moments, delta_moments, exponential_overlap, gibbs
from dammech.simulate import Chain, anneal, kernels, one_step_bit_error, retrieval_probability, simulate, temper
from dammech.simulate.anneal import _Cooling
from dammech.simulate.flips import flip_energy
from dammech.simulate.tempering.equilibration import DOUBT, EquilibrationTest, _vanishing, link_overlaps
from dammech.simulate.tempering.ladder import Plan, _starts, memory_patterns, run_sample, unpacked
from dammech.simulate.tempering.run import _point
from dammech.simulate.trials import key_of
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.sampler import (
    clipped_signal,
    delta_rule,
    dream,
    dreaming_step,
    exponential_step,
    forgetting_curve,
)
from dammech.systems.pspin.model import PSpin

FADING = 0.97 ** np.arange(20)


def posterior_deviation(count, trials):
    """Standard deviation of a Beta(count + 1, trials − count + 1) variable by quadrature."""
    p = np.linspace(0, 1, 20_001)
    weight = p**count * (1 - p) ** (trials - count)
    mean = (weight * p).sum() / weight.sum()
    return math.sqrt((weight * (p - mean) ** 2).sum() / weight.sum())


def test_overlaps_and_fields_of_patterns_in_blocks():
    """Three blocks of four of 9 patterns: what fills the last one up has neither overlap nor field."""
    rng = np.random.default_rng(5)
    patterns, spins, table = rng.choice([-1, 1], (6, 12)), rng.choice([-1, 1], 6), np.arange(10.0, 17.0)
    patterns[:, 9:] = 0
    overlaps, field = np.full((3, 4), 99, np.int16), np.full((3, 4), 99.0)
    blocks = patterns.reshape(6, 3, 4).astype(np.int8)
    getattr(kernels.prepare, "py_func", kernels.prepare)(blocks, spins.astype(np.int8), overlaps, field, table, 9)
    assert overlaps.ravel().tolist() == (spins @ patterns).tolist()
    assert field.ravel().tolist() == [*table[(spins @ patterns[:, :9] + 6) // 2], 0, 0, 0]


# --- what was asked for is what the document says


ECHOES = {
    "clipped": (
        lambda **asked: clipped_signal(asked.pop("order"), ages=[asked.pop("age")], **asked)[0],
        {"order": 3, "size": 9, "bound": 2, "age": 3, "trials": 2, "seed": 5},
    ),
    "delta": (
        lambda **asked: delta_rule(asked.pop("order"), ages=[asked.pop("age")], **asked)[0],
        {"order": 2, "size": 7, "rate": 0.6, "age": 2, "trials": 2, "seed": 4},
    ),
    "dreaming": (
        lambda **asked: dreaming_step(asked.pop("patterns") / asked["size"], **asked),
        {"size": 20, "patterns": 3, "time": 0.4, "trials": 2, "seed": 3},
    ),
    "exponential": (
        lambda **asked: exponential_step(indices=[asked.pop("index")], **asked)[0],
        {"size": 9, "patterns": 6, "exponent": 1.5, "sharpness": 0.7, "index": 2, "trials": 2, "seed": 8},
    ),
    "age": (
        lambda **asked: forgetting_curve(
            HebbianDAM(2), FADING[: asked.pop("patterns")], ages=[asked.pop("age")], **asked).points[0],
        {"size": 30, "patterns": 12, "age": 4, "temperature": 0.2, "dynamics": "metropolis", "sweeps": 7, "equilibration": 3,
         "retrieved_above": 0.7, "trials": 3, "seed": 9},
    ),
    "bit error": (
        lambda **asked: one_step_bit_error(HebbianDAM(2), load=asked.pop("patterns") / asked["size"], **asked).points[0],
        {"size": 30, "patterns": 6, "trials": 3, "seed": 2},
    ),
    "retrieval": (
        lambda **asked: retrieval_probability(
            HebbianDAM(2), load=asked.pop("patterns") / asked["size"], sweeps=[asked.pop("sweeps")], **asked).points[0],
        {"size": 30, "patterns": 6, "temperature": 0.3, "overlap": 0.8, "sweeps": 4, "retrieved_above": 0.6, "trials": 3,
         "seed": 2},
    ),
    "simulate": (
        lambda **asked: simulate(HebbianDAM(2), load=asked.pop("patterns") / asked["size"], **asked).points[0],
        {"size": 60, "patterns": 2, "temperature": 0.3, "overlap": 0.8, "sweeps": 900, "equilibration": 100, "trials": 3,
         "dynamics": "metropolis", "seed": 2},
    ),
    "anneal": (
        lambda **asked: anneal(HebbianDAM(2), load=asked.pop("patterns") / asked["size"], **asked).points[0],
        {"size": 30, "patterns": 6, "temperatures": (0.4, 0.2), "sweeps": 4, "retained_above": 0.6, "trials": 3, "seed": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ECHOES)
def test_what_was_asked_for_stands_in_the_result(name):
    make, asked = ECHOES[name]
    point = make(**asked)
    for field, value in asked.items():
        assert getattr(point, field) == value, field


# --- errors: the spread of the value over repeated experiments is the error that each of them states


SPREADS = {
    "clipped": (lambda s: clipped_signal(2, bound=2, ages=[2], size=14, trials=12, seed=s)[0], ("signal", "square", "m")),
    "delta": (
        lambda s: delta_rule(2, rate=0.9, ages=[2], size=9, trials=12, seed=s)[0], ("signal", "variance", "bit_error")
    ),
    "dreaming": (lambda s: dreaming_step(0.3, time=0.5, size=40, trials=12, seed=s), ("signal", "variance", "m")),
    "exponential": (
        lambda s: exponential_step(exponent=0.8, size=12, patterns=60, indices=[12], trials=25, seed=s)[0], ("m",)
    ),
    "age": (
        lambda s: forgetting_curve(HebbianDAM(2), np.ones(8), ages=[1], size=30, trials=16, seed=s, temperature=0.5,
                                   sweeps=6).points[0], ("m",),
    ),
    "bit error": (lambda s: one_step_bit_error(HebbianDAM(2), load=0.4, size=40, trials=16, seed=s).points[0], ("bit_error",)),
    "anneal": (
        lambda s: anneal(HebbianDAM(2), load=0.3, temperatures=[0.5], sweeps=6, size=30, trials=16, seed=s,
                         retained_above=0.75).points[0],
        ("m", "energy", "greedy_m", "greedy_energy"),
    ),
    "retrieval": (
        lambda s: retrieval_probability(HebbianDAM(2), load=0.4, temperature=0.3, sweeps=[5], size=30, trials=16,
                                        seed=s).points[0], ("m",),
    ),
    "temper": (
        lambda s: temper(PSpin(2), temperatures=[0.5, 0.9], size=8, samples=12, sweeps=64, seed=s).points[0],
        ("energy", "q", "q_abs", "q2", "q4", "link"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPREADS)
def test_errors_are_the_spread_of_repeated_experiments(name):
    make, fields = SPREADS[name]
    points = [make(seed) for seed in range(24)]
    for field in fields:
        values = np.array([getattr(p, field) for p in points])
        errors = np.array([getattr(p, f"{field}_error") for p in points])
        ratio = values.std(ddof=1) / math.sqrt((errors**2).mean())
        assert 0.62 < ratio < 1.45, (field, ratio)  # three deviations of a χ² of 23 degrees


SPREAD_FIELDS = {
    "signal_error", "square_error", "variance_error", "bit_error_error", "m_error", "energy_error", "greedy_m_error",
    "greedy_energy_error", "q_error", "q_abs_error", "q2_error", "q4_error", "link_error",
}  # fmt: skip


def test_the_spreads_cover_every_error_that_is_a_standard_error():
    assert {f"{field}_error" for _, fields in SPREADS.values() for field in fields} == SPREAD_FIELDS
    for make, fields in SPREADS.values():
        point = make(3)
        for field in ("signal_error", "square_error", "variance_error", "bit_error_error", "m_error", "greedy_m_error",
                      "greedy_energy_error", "q_error", "q_abs_error", "q2_error", "q4_error", "link_error"):  # fmt: skip
            if field.removesuffix("_error") in fields:
                assert getattr(point, field) > 0


# --- streams against exact laws


@pytest.mark.parametrize(("bound", "age"), [(1, 0), (2, 3), (3, 12)])
def test_clipped_couplings_have_their_exact_moments(bound, age):
    (point,) = clipped_signal(2, bound=bound, ages=[age], size=20, trials=80, seed=1)
    moments, law = clipped_moments(bound, age), clipped_bit_error(20, bound, age)
    assert abs(point.signal - moments.signal) < 4 * point.signal_error
    assert abs(point.square - bound * (bound + 1) / 3) < 4 * point.square_error + 1e-12
    assert moments.variance + moments.signal**2 == pytest.approx(bound * (bound + 1) / 3)
    assert abs(point.m - (1 - 2 * (law.probability - law.tie / 2))) < 4 * point.m_error + 1e-9


@pytest.mark.parametrize("rate", [0.05, 0.5, 1.0, 1.5, 1.9])
def test_the_delta_rule_forgets_its_start_at_every_rate(rate):
    """Mean and variance of the field, order 2; a stream that is looked at too early has the wrong variance."""
    for point in delta_rule(2, rate=rate, ages=[0, 7], size=15, trials=60, probes=4, seed=2):
        moments = delta_moments(14, rate, point.age)
        assert point.features == 14 and abs(point.signal - moments.signal) < 4.5 * point.signal_error + 1e-12
        assert abs(point.variance - moments.variance) < 4.5 * point.variance_error + 1e-12
        if point.age:
            assert abs(point.bit_error - moments.error) < 4.5 * point.bit_error_error + 0.02


@pytest.mark.parametrize("time", [0.0, 0.7, 5.0])
def test_dreaming_against_its_couplings_written_out(time):
    """J = Σ_{μν} ξ^μ [(1 + t)(1 + tC)⁻¹]_{μν} ξ^ν/N with C the overlaps of the patterns."""
    size, count, trials = 40, 6, 5
    point = dreaming_step(count / size, time=time, size=size, trials=trials, seed=4)
    fields = []
    for index in range(trials):
        rng = np.random.default_rng(np.random.SeedSequence(key_of(4, "dreaming", size, count, time, index)))
        patterns = 2.0 * rng.integers(0, 2, (count, size)) - 1
        inner = (1 + time) * np.linalg.inv(np.eye(count) + time * (patterns @ patterns.T) / size)
        couplings = patterns.T @ inner @ patterns / size
        np.testing.assert_allclose(couplings, dream(patterns.T @ patterns / size, time), atol=1e-12)
        np.fill_diagonal(couplings, 0.0)
        fields.append(patterns * (patterns @ couplings))
    fields = np.array(fields)
    means = np.where(fields < 0, -1, 1).mean(axis=(1, 2))
    assert point.m == pytest.approx(means.mean(), abs=1e-12)
    assert point.m_error == pytest.approx(means.std(ddof=1) / math.sqrt(trials))
    assert point.signal == pytest.approx(fields.mean()) and point.variance == pytest.approx(fields.var())
    if time == 0:
        assert abs(point.m - (1 - 2 * bit_error(HebbianDAM(2), size, count).probability)) < 5 * point.m_error


def test_dreaming_long_makes_patterns_eigenvectors():
    """t → ∞: the couplings are the projector on the patterns, whose fields are 1 less the diagonal."""
    point = dreaming_step(0.1, time=1e9, size=40, trials=3, seed=1)
    assert point.signal == pytest.approx(0.9, abs=1e-6) and point.m == 1


@pytest.mark.parametrize("index", [1, 4, 15])
def test_the_exponential_memory_has_its_exact_overlap(index):
    (point,) = exponential_step(exponent=1.0, size=12, patterns=60, indices=[index], trials=400, seed=3)
    assert abs(point.m - exponential_overlap(12, 60, index, 1.0)) < 4 * point.m_error + 2e-4
    assert point.m == pytest.approx(np.mean(point.overlaps), abs=1e-14) and len(point.overlaps) == 400
    assert point.m_error == pytest.approx(np.std(point.overlaps, ddof=1) / 20)


def test_defaults_are_those_of_the_documents():
    assert exponential_step(exponent=1.0, size=9, patterns=5, indices=[1], trials=2)[0].sharpness == 1.0


def test_ages_of_a_stream_say_what_they_measured():
    asked = {"ages": [0, 15], "size": 30, "trials": 12, "seed": 3, "retrieved_above": 0.9}
    for point in forgetting_curve(HebbianDAM(2), FADING, **asked).points:
        above = int((np.array(point.overlaps) > 0.9).sum())
        assert point.retrieved == above / 12 and point.retrieved_error == pytest.approx(posterior_deviation(above, 12), rel=1e-3)
        assert point.m == pytest.approx(np.mean(point.overlaps)) and point.weight == pytest.approx(0.97**point.age)
        assert point.weights == (FADING[point.age],) * 12 and point.tau is None and point.patterns == 20
        assert point.effective_load == pytest.approx((FADING**2).sum() / 30)
    warm = forgetting_curve(HebbianDAM(2), FADING, ages=[0], size=30, trials=8, temperature=0.6, sweeps=200).points[0]
    assert 0.5 < warm.tau < 20 and warm.equilibration == 20


# --- annealing


def test_numbers_of_an_annealing_are_those_of_its_trials():
    model, size, count, trials = HebbianDAM(3), 16, 40, 10
    load = count / size**2
    point = anneal(model, load=load, temperatures=(0.6, 0.3), size=size, sweeps=7, trials=trials, seed=5,
                   retained_above=0.8).points[0]  # fmt: skip
    cooling = _Cooling(model, size, count, (0.6, 0.3), 7, 5, flip_energy(model, size, count))
    made = [cooling.trial(k) for k in range(trials)]
    constant = (count - 1) * model.mean_pattern_energy(size)
    overlaps = np.array([one[0] for one in made])
    np.testing.assert_allclose(point.cooling_m, overlaps.mean(axis=0))
    np.testing.assert_allclose(point.cooling_m_error, overlaps.std(axis=0, ddof=1) / math.sqrt(trials))
    np.testing.assert_allclose(point.cooling_retained, (overlaps > 0.8).mean(axis=0))
    assert point.patterns == count and point.load == pytest.approx(load)
    for which, (m, energy, kept, kept_error) in (
        (1, (point.m, point.energy, point.retained, point.retained_error)),
        (2, (point.greedy_m, point.greedy_energy, point.greedy_retained, point.greedy_retained_error)),
    ):
        values = np.array([one[which] for one in made])
        above = int((values[:, 0] > 0.8).sum())
        assert m == pytest.approx(values[:, 0].mean()) and kept == above / trials
        assert energy == pytest.approx((values[:, 1] - constant).mean() / size)
        assert kept_error == pytest.approx(posterior_deviation(above, trials), rel=1e-3)


# --- parallel tempering


def gaussian_law(size, width):
    q = np.arange(-size, size + 1, 2) / size
    law = np.exp(-(q**2) / (2 * width**2))
    return law / law.sum()


@pytest.mark.parametrize(
    ("law", "binder"),
    [
        (np.eye(401)[[0, 400]].mean(axis=0), 1.0),  # two deltas at ±1
        (np.eye(401)[[100, 300]].mean(axis=0), 1.0),  # two deltas at ±1/2
        (gaussian_law(400, 0.1), 0.0),
        (np.full(401, 1 / 401), 0.5 * (3 - 9 / 5)),  # flat
    ],
    ids=["deltas", "halves", "gauss", "flat"],
)
def test_the_binder_parameter_of_known_laws(law, binder):
    rows = np.array([law] * 3)
    point = _point(1.0, np.zeros(3), rows, None, link_overlaps(2, 400), None)
    assert point.binder == pytest.approx(binder, abs=0.01) and point.binder_error == pytest.approx(0.0, abs=1e-12)
    q = np.arange(-400, 401, 2) / 400
    assert point.binder == pytest.approx(0.5 * (3 - (law @ q**4) / (law @ q**2) ** 2), abs=1e-12)


@cache
def tempered(start="both"):
    model, samples = HebbianDAM(3), 10
    result = temper(model, load=0.1, temperatures=(0.4, 0.6, 0.9), size=10, samples=samples, sweeps=512, seed=3, start=start)
    plan = Plan(model, 10, 10, (0.4, 0.6, 0.9), 512, 3, start, flip_energy(model, 10, 10))
    return result, [run_sample(plan, k) for k in range(samples)]


def test_moments_of_a_tempering_are_those_of_its_laws():
    result, made = tempered()
    q = np.arange(-10, 11, 2) / 10
    link = np.array([(t**3 - 28 * t) / 720 for t in range(-10, 11, 2)])  # e₃ = (M³ − (3N − 2) M)/6 over C(10, 3)
    for k, point in enumerate(result.points):
        laws = result.laws[:, k]
        np.testing.assert_allclose(point.law, laws.mean(axis=0), atol=1e-14)
        np.testing.assert_allclose(point.law_error, laws.std(axis=0, ddof=1) / math.sqrt(10), atol=1e-14)
        for name, function in (("q", q), ("q_abs", abs(q)), ("q2", q**2), ("q4", q**4), ("link", link)):
            means = laws @ function
            assert getattr(point, name) == pytest.approx(means.mean(), abs=1e-13)
            assert getattr(point, f"{name}_error") == pytest.approx(means.std(ddof=1) / math.sqrt(10), abs=1e-13)
        moments = laws @ np.array([q**2, q**4]).T
        left_out = [np.delete(moments, j, axis=0).mean(axis=0) for j in range(10)]
        ratios = np.array([0.5 * (3 - b / a**2) for a, b in left_out])
        whole = 0.5 * (3 - moments[:, 1].mean() / moments[:, 0].mean() ** 2)
        assert point.binder == pytest.approx(10 * whole - 9 * ratios.mean(), abs=1e-12)
        assert point.binder_error == pytest.approx(math.sqrt(9 * ratios.var()), abs=1e-12)
        marks = np.array([s.marks[-1][:, k].sum(axis=0) for s in made], dtype=float)
        marks /= marks.sum(axis=1, keepdims=True)
        assert (point.m, point.m_abs) == pytest.approx(((marks @ q).mean(), (marks @ abs(q)).mean()))
        assert point.m_error == pytest.approx((marks @ q).std(ddof=1) / math.sqrt(10))
        assert point.m_abs_error == pytest.approx((marks @ abs(q)).std(ddof=1) / math.sqrt(10))
        assert point.energy == pytest.approx(result.energies[:, k].mean())
        assert point.energy_error == pytest.approx(result.energies[:, k].std(ddof=1) / math.sqrt(10))
    assert result.round_trips == pytest.approx(np.mean([s.trips for s in made])) and result.round_trips > 1
    assert result.lowest_energy == pytest.approx(result.lowest.mean())
    assert result.lowest_energy_error == pytest.approx(result.lowest.std(ddof=1) / math.sqrt(10))
    assert (result.samples, result.sweeps, result.patterns, result.load) == (10, 512, 10, 0.1)


def test_where_a_tempering_starts():
    """Random starts know nothing of the pattern, pattern starts stand on it, and of both one set does each."""
    model, size = HebbianDAM(2), 400
    patterns = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), size=size)
    for start, standing in (("random", ()), ("pattern", (0, 1)), ("both", (1,))):
        plan = Plan(model, size, 5, (0.3, 0.5, 0.8), 64, 1, start, None)
        spins, _ = _starts(plan, 0, patterns)
        assert spins.shape == (2, 3, size) and set(np.unique(spins)) == {-1, 1}
        overlaps = spins.astype(float) @ patterns / size
        for s in (0, 1):
            if s in standing:
                assert (overlaps[s] == 1).all()
            else:
                assert np.abs(overlaps[s]).max() < 5 / math.sqrt(size)
                assert np.abs(spins[s].mean(axis=1)).max() < 5 / math.sqrt(size)


def test_a_cold_tempering_stays_near_its_start():
    asked = {"load": 1 / 60, "temperatures": [0.02, 0.021], "size": 60, "samples": 6, "sweeps": 64, "seed": 2}
    there = temper(HebbianDAM(3), **asked | {"load": 1 / 3600}, start="pattern").points[0]
    lost = temper(HebbianDAM(3), **asked | {"load": 0.3}, start="random").points[0]
    assert there.m == 1 and there.q == 1 and there.binder == pytest.approx(1)
    assert abs(lost.m) < 0.5 and lost.m_abs < 0.6


def test_a_test_of_equilibration_by_hand():
    """Student's t of the worst temperature, times their number."""
    from scipy.stats import ttest_1samp

    plan = Plan(HebbianDAM(2), 10, 3, (0.3, 0.5), 64, 1, "random", None)
    values = np.random.default_rng(1).normal([0.0, 0.3], 1.0, size=(20, 2))
    test = _vanishing(plan, "name", values, "of it")
    p_values = ttest_1samp(values, 0.0).pvalue
    assert isinstance(test, EquilibrationTest) and test.value == pytest.approx(min(1.0, 2 * p_values.min()))
    assert test.worst == (0.3, 0.5)[int(np.argmin(p_values))] and test.allowed == DOUBT == 0.003
    assert test.passed == (test.value >= 0.003)
    shifted = _vanishing(plan, "name", values + np.array([0.0, 2.0]), "of it")
    assert not shifted.passed and shifted.worst == 0.5 and shifted.value < 1e-6
    assert not _vanishing(plan, "name", values[:7], "of it").passed  # 8 samples are the fewest
    assert _vanishing(plan, "name", np.zeros((8, 2)), "of it").passed


def test_a_tempering_of_one_small_memory_is_exact():
    result, _ = tempered("random")
    errors = []
    for k, temperature in enumerate((0.4, 0.6, 0.9)):
        known = []
        for s in range(10):
            patterns = unpacked(memory_patterns(HebbianDAM(3), 10, 10, 3, s), 10)
            known.append(gibbs(HebbianDAM(3), patterns, temperature))
        gap = result.energies[:, k] - [g.energy for g in known]
        errors.append(abs(gap.mean()) / (gap.std(ddof=1) / math.sqrt(10)))
    assert max(errors) < 4.5


def test_what_are_no_spins_and_no_patterns_says_of_which_shape_they_are():
    fine = np.ones((2, 4), dtype=int)
    for patterns, spins, words in (
        (fine, np.zeros(4), r"^spins=.*an array \(N,\) of \+1 and -1$"), (fine, fine, r"^spins=.*an array \(N,\) of"),
        (np.zeros((2, 4)), fine[0], r"^patterns=.*an array \(P, N\) of \+1 and -1$"), (fine[0], fine[0], r"an array \(P, N\) of"),
        ([[1, 1], [1]], fine[0], r"an array \(P, N\) of"), (fine, np.full(4, 2), r"an array \(N,\) of"),
        (fine, np.ones(4, dtype=bool), r"an array \(N,\) of"), (fine, np.ones(0), r"an array \(N,\) of"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            Chain(HebbianDAM(2), patterns, spins, 1.0, "glauber", np.ones(4, dtype=np.uint64))


@pytest.mark.parametrize("load", [math.inf, -math.inf, math.nan, 0.0, 0.009, -0.1])
def test_a_load_that_means_no_pattern_does_not_dream(load):
    with pytest.raises(InputError, match="must be a number that means at least one pattern"):
        dreaming_step(load, time=1.0, size=50)


def test_the_first_seed_dreams():
    assert dreaming_step(0.02, time=0.0, size=50, trials=2, seed=0).patterns == 1
    with pytest.raises(InputError, match="seed=-1"):
        dreaming_step(0.02, time=0.0, size=50, trials=2, seed=-1)
