"""The public simulation: what it returns, what it refuses, and that threads do not matter."""

import inspect
import json
import math
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest

import dammech as dm
from dammech.errors import InputError, ShortChain
from dammech.simulate import basin, one_step_bit_error, retrieval_probability, simulate
from dammech.simulate.trials import Setting, Trial
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

GOOD = {"load": 0.05, "temperature": 0.2, "size": 40, "trials": 4}


def test_function_and_package_are_one():
    assert callable(dm.simulate)
    assert dm.simulate.estimators.extrapolate is not None
    assert inspect.signature(dm.simulate) == inspect.signature(simulate)
    assert "Retrieve a pattern by Monte Carlo" in dm.simulate.__doc__
    assert dm.simulate(HebbianDAM(2), **GOOD).points[0].size == 40


def test_numba_waits_for_a_run():
    code = "import sys, dammech.simulate, dammech.exact; sys.exit('numba' in sys.modules or 'sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis", "parallel"])
def test_results_do_not_depend_on_threads_or_company(dynamics):
    model = HebbianDAM(3)
    many = simulate(
        model, load=[0.03, 0.05], temperature=[0.0, 0.2], size=[60, 71], trials=6, seed=3, workers=2, dynamics=dynamics
    )
    assert len(many.points) == 8
    again = simulate(model, load=0.05, temperature=0.2, size=71, trials=6, seed=3, workers=1, dynamics=dynamics)
    assert asdict(again.points[0]) in [asdict(point) for point in many.points]
    other = simulate(model, load=0.05, temperature=0.2, size=71, trials=6, seed=4, workers=1, dynamics=dynamics)
    assert other.points[0].m != again.points[0].m


def test_the_document():
    document = simulate(HebbianDAM(4, "power"), load=0.004, temperature=0.15, size=[24, 30], trials=8, seed=9).to_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["model"] == {"name": "hebbian", "order": 4, "interaction": "power"}
    assert document["convention"] == "canonical"
    for point, size in zip(document["points"], (24, 30)):
        assert point["patterns"] == round(0.004 * size**3)
        assert point["load"] == point["patterns"] / size**3
        assert point["size"] == size and point["temperature"] == 0.15 and point["seed"] == 9
        assert 0 < point["m_error"] < 0.5 and point["energy_error"] > 0 and 0 < point["retrieved_error"] < 0.5
        assert point["retrieved_above"] == 0.5 and point["tau"] > 0 and point["samples"] == 8 * point["sweeps"]
        assert point["sweeps"] >= 50 * point["tau"] and point["converged"] is True and point["why"] is None


def test_conventions_are_the_same_run_in_other_units():
    model = HebbianDAM(3)
    canonical = simulate(model, load=0.05, temperature=0.3, size=40, trials=4, seed=1).points[0]
    paper = simulate(
        model, load=0.3, temperature=0.9, size=40, trials=4, seed=1, convention="theriault-tantari"
    ).points[0]
    assert paper.patterns == canonical.patterns and paper.m == pytest.approx(canonical.m, abs=0.02)
    assert paper.load == pytest.approx(6 * canonical.load)
    assert paper.energy == pytest.approx(3 * canonical.energy, rel=0.05)


def test_zero_temperature_ends_at_fixed_points():
    model = HebbianDAM(2)
    point = simulate(model, load=0.08, temperature=0, size=150, trials=20, seed=2, overlap=0.8).points[0]
    assert point.converged and point.tau is None and "no autocorrelation" in point.why
    assert point.m > 0.95 and point.acceptance > 0
    from dammech.simulate.flips import flip_energy

    setting = Setting(model, 150, 12, 0.0, "glauber", 0.8, 2, flip_energy(model, 150, 12))
    trial = Trial(setting, 0)
    assert trial.advance(1000).period == 1
    assert (trial.chain().flip_energies() >= 0).all()


def test_energy_of_a_stored_pattern():
    """Retrieval energy per spin −m^p/p up to 1/N: one pattern, so that nothing else contributes."""
    for model in (HebbianDAM(2), HebbianDAM(3), HebbianDAM(4, "power"), HebbianDAM(3, "rectified")):
        point = simulate(model, load=200.0 ** (1 - model.p), temperature=0, size=200, trials=2).points[0]
        assert point.patterns == 1 and point.m == 1
        assert point.energy == pytest.approx(-1 / model.p, rel=0.04)


def test_initial_overlap():
    point = simulate(HebbianDAM(2), load=0.01, temperature=0, size=100, trials=3, overlap=-0.4).points[0]
    assert point.m == -1 and point.retrieved == 0
    start = retrieval_probability(
        HebbianDAM(2), load=0.02, temperature=50.0, size=1000, sweeps=[1], overlap=0.3, trials=4, dynamics="metropolis"
    ).points[0]
    assert start.m != 0.3  # one hot sweep has moved it
    stream_trial = Trial(_setting(0.3), 0)
    chain = stream_trial.chain()
    assert chain._state["overlaps"][0, 0] == 30


def _setting(overlap):
    from dammech.simulate.flips import flip_energy

    model = HebbianDAM(2)
    return Setting(model, 100, 5, 0.1, "glauber", overlap, 0, flip_energy(model, 100, 5))


def test_an_explicit_length_that_is_too_short_is_refused():
    with pytest.raises(ShortChain, match="at least"):
        simulate(HebbianDAM(2), load=0.05, temperature=0.95, size=200, trials=4, sweeps=60)
    long = simulate(HebbianDAM(2), load=0.05, temperature=0.3, size=100, trials=4, sweeps=400, equilibration=30).points[
        0
    ]
    assert (long.sweeps, long.equilibration) == (400, 30)


def test_the_automatic_length_grows_and_says_when_it_ends(monkeypatch):
    point = simulate(HebbianDAM(2), load=0.05, temperature=0.9, size=60, trials=8, seed=1).points[0]
    assert point.converged and point.sweeps > 200 and point.sweeps >= 50 * point.tau
    monkeypatch.setattr(sys.modules["dammech.simulate.measure"], "LONGEST", 200)
    short = simulate(HebbianDAM(2), load=0.05, temperature=0.9, size=60, trials=8, seed=1).points[0]
    assert not short.converged and "its bound of 200 sweeps" in short.why


def test_one_trial_has_no_error():
    point = simulate(HebbianDAM(2), load=0.05, temperature=0.2, size=100, trials=1).points[0]
    assert point.m_error is None and point.energy_error is None and "no error" in point.why


BAD = [
    ({"size": 0}, "size=0"),
    ({"size": -5}, "size=-5"),
    ({"size": 2.5}, "size=2.5"),
    ({"size": "many"}, "size='many'"),
    ({"size": 40_000}, "size=40000"),
    ({"size": []}, "size is an empty"),
    ({"trials": 0}, "trials=0"),
    ({"trials": -1}, "trials=-1"),
    ({"seed": -1}, "seed=-1"),
    ({"temperature": -0.1}, "temperature=-0.1"),
    ({"temperature": math.nan}, "temperature=nan"),
    ({"temperature": math.inf}, "temperature=inf"),
    ({"temperature": [0.1, None]}, "temperature=None"),
    ({"load": -1}, "load=-1"),
    ({"load": math.nan}, "load=nan"),
    ({"load": "abc"}, "load='abc'"),
    ({"load": None}, "load is missing"),
    ({"load": 0}, "no pattern"),
    ({"load": 1e9}, "memory"),
    ({"load": 1e300}, "memory"),
    ({"overlap": 1.1}, "overlap=1.1"),
    ({"overlap": math.nan}, "overlap=nan"),
    ({"dynamics": "kawasaki"}, "dynamics='kawasaki'"),
    ({"dynamics": "zero-temperature"}, "temperature=0.2"),
    ({"sweeps": 0}, "sweeps=0"),
    ({"equilibration": -1}, "equilibration=-1"),
    ({"workers": 0}, "workers=0"),
    ({"convention": "imperial"}, "convention='imperial'"),
]


@pytest.mark.parametrize("change,words", BAD, ids=[words for _, words in BAD])
def test_bad_input_is_one_clear_sentence(change, words):
    with pytest.raises(InputError) as caught:
        simulate(HebbianDAM(2), **{**GOOD, **change})
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_models_that_are_not_simulated():
    with pytest.raises(InputError, match="Hebbian"):
        simulate(PSpin(3), **GOOD)
    with pytest.raises(InputError, match="order=11"):
        simulate(HebbianDAM(11), **GOOD)


def test_basin_grows_with_the_initial_overlap():
    study = basin(HebbianDAM(3), load=0.02, temperature=0.0, size=100, overlaps=[0.0, 0.3, 0.9], trials=40, seed=1)
    fractions = [point.retrieved for point in study.points]
    assert fractions[0] < 0.1 and fractions[2] > 0.9 and fractions == sorted(fractions)
    assert json.dumps(study.to_json(), allow_nan=False)
    with pytest.raises(InputError):
        basin(HebbianDAM(3), load=0.02, temperature=0.0, size=100, overlaps=[])


def test_retrieval_decays_with_the_waiting_time_beyond_the_spinodal():
    far = retrieval_probability(
        HebbianDAM(2), load=[0.02, 0.3], temperature=0.4, size=300, sweeps=[1, 10, 200], trials=20, seed=1
    ).points
    assert [point.sweeps for point in far] == [1, 10, 200] * 2
    assert all(point.retrieved == 1 for point in far[:3])
    assert far[3].retrieved > far[5].retrieved == 0
    assert far[0].retrieved_error == pytest.approx(0.0434, abs=1e-3)


def test_bit_error_grows_with_load():
    points = one_step_bit_error(HebbianDAM(2), load=[0.1, 0.4], size=200, trials=60, seed=1).points
    for point, known in zip(points, (7.8e-4, 0.0569)):  # ½ erfc(1/√(2α)), up to 1/N
        assert abs(point.bit_error - known) < 4 * point.bit_error_error + 0.15 * known
    assert points[1].bit_error > 10 * points[0].bit_error


def test_no_global_random_state():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    simulate(HebbianDAM(2), **GOOD)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def autoregressive(phi, chains, n, seed=0):
    noise = np.random.default_rng(seed).normal(size=(chains, n))
    for t in range(1, n):
        noise[:, t] += phi * noise[:, t - 1]
    return noise


def test_equilibration_of_fewer_than_ten_times_is_too_short():
    from dammech.simulate.measure import _short

    series = autoregressive(0.8, 20, 4000)  # τ = 9
    tau = max(_short(series, series, 1000, fixed_start=False)[1], 1.0)
    assert 7 < tau < 11
    assert _short(series, series, math.ceil(10 * tau), fixed_start=False)[0] is None
    problem, _ = _short(series, series, math.floor(10 * tau) - 1, fixed_start=False)
    assert "are fewer than 10 autocorrelation times" in problem and str(math.ceil(10 * tau)) in problem
    assert _short(series, series, 0, fixed_start=True)[0] is None  # as it was asked for
    problem, found = _short(series[:, :60], series, 1000, fixed_start=False)
    assert problem.startswith("the chain of 60 sweeps is shorter") and found > 1  # the first fault is what is named


def test_a_drift_is_named():
    from dammech.simulate.measure import _short

    still = autoregressive(0.2, 12, 3000)
    moving = still + np.linspace(0, 0.3, 3000)
    assert _short(still, still, 1000, fixed_start=False)[0] is None
    assert "still drifts" in _short(moving, still, 1000, fixed_start=False)[0]
    assert _short(moving[:7], still[:7], 1000, fixed_start=False)[0] is None  # eight chains are the fewest that can tell


def test_memory_is_bounded_where_it_is_said(monkeypatch):
    """The last demand that the free memory holds, and the first that it does not."""
    from dammech.systems.palimpsest.sampler import exponential_step

    needed = 8 * 50 * (9 + 3 * 2)
    for memory in (needed, needed - 1):
        monkeypatch.setattr("dammech.memory.free_memory", lambda memory=memory: memory)
        if memory == needed:
            assert exponential_step(exponent=1.0, size=9, patterns=50, indices=[1, 2], trials=1)
        else:
            with pytest.raises(InputError, match="GB"):
                exponential_step(exponent=1.0, size=9, patterns=50, indices=[1, 2], trials=1)
