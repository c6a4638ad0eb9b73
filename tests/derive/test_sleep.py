"""What sleep does to couplings: the theorems hold, their checks notice every error, and the glass line is the derived one."""

from __future__ import annotations

import json

import numpy as np
import pytest
import sympy as sp

import dammech as dm
from dammech import DreamingDAM, HebbianDAM, boundary, solve
from dammech.cli import main
from dammech.derive import run_checks

LAWS = ("dreaming.sleep", "dreaming.glass-line")


@pytest.mark.parametrize("name", LAWS)
def test_the_theorems_hold_and_their_checks_can_fail(name, capsys):
    assert all(record["passed"] for record in run_checks(dm.derive(name)))
    assert main(["check", name, "--mutate", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["survived"] == [] and found["mutants"] > 10


def in_closed_form(load, sleep):
    (law,) = dm.derive("dreaming.glass-line").result("Spin-glass transition")
    return float(law.subs({s: {"alpha": load, "t": sleep}[s.name] for s in law.free_symbols}))


@pytest.mark.parametrize("model", [DreamingDAM(0.5), DreamingDAM(10.0), DreamingDAM(2.0, 0.3)], ids=repr)
def test_the_derived_line_is_the_closed_form(model):
    for load in (0.05, 0.3, 0.8):
        (point,) = boundary(model, "spin-glass", loads=[load]).points
        assert point["temperature"] == pytest.approx(in_closed_form(load, model.sleep), abs=1e-10)


@pytest.mark.parametrize("load", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("sleep", [0.0, 0.5, 20.0])
def test_the_line_is_that_of_the_resolvent_at_the_edge(load, sleep):
    """1/T_g = ∫ ρ(j)/(j₊ − j) dj by a sum over angles."""
    angles = (np.arange(4000) + 0.5) * np.pi / 4000
    lam, edge = 1 + load + 2 * np.sqrt(load) * np.cos(angles), (1 + np.sqrt(load)) ** 2
    slept, top = ((1 + sleep) * x / (1 + sleep * x) for x in (lam, edge))
    spread = load * np.mean(2 * np.sin(angles) ** 2 / lam / (top - slept))
    expected = 1 / ((1 - load) / top + spread)
    assert in_closed_form(load, sleep) == pytest.approx(expected, rel=1e-6)
    s = np.sqrt(load)
    assert expected == pytest.approx((1 + sleep) * (1 + s) / ((1 + sleep * s * (1 + s)) * (1 + sleep * (1 + s) ** 2)), rel=1e-6)


def test_no_sleep_is_hopfield():
    awake, hebb = DreamingDAM(0.0), HebbianDAM(2)
    for temperature in (0.2, 0.5):
        ours, theirs = (solve(m, load=0.04, temperature=temperature) for m in (awake, hebb))
        for name in ("m", "q", "free_energy", "energy", "entropy", "replicon"):
            assert ours[name] == pytest.approx(theirs[name], abs=1e-10)
        ends = [boundary(m, "retrieval-spinodal", temperatures=[temperature]).points[0] for m in (awake, hebb)]
        assert ends[0]["load"] == pytest.approx(ends[1]["load"], abs=1e-10)
    ends = [boundary(m, "retrieval-spinodal", temperatures=[0.0]).points[0] for m in (awake, hebb)]
    assert ends[0]["load"] == pytest.approx(ends[1]["load"], abs=1e-10) and ends[0]["m"] == pytest.approx(ends[1]["m"], abs=1e-9)
    assert in_closed_form(0.3, 0) == pytest.approx(1 + np.sqrt(0.3), abs=1e-14)


#: load and overlap at which retrieval ends at T = 0
ENDS = {0.1: (0.16514, 0.96847), 0.5: (0.27310, 0.97364), 1.0: (0.38660, 0.97914), 10.0: (0.86965, 0.99514),
        100.0: (1.04624, 0.99877)}  # fmt: skip


@pytest.mark.parametrize("sleep", ENDS)
def test_ends_of_retrieval(sleep):
    (end,) = boundary(DreamingDAM(sleep), "retrieval-spinodal", temperatures=[0.0]).points
    assert (round(end["load"], 5), round(end["m"], 5)) == ENDS[sleep]


WITH_EXAMPLES = {(10.0, 0.05): 0.5696, (10.0, 0.1): 0.3584, (100.0, 0.1): 0.3560, (0.0, 0.05): 0.0991, (0.0, 0.2): 0.0388}


@pytest.mark.parametrize("sleep,ratio", WITH_EXAMPLES)
def test_ends_of_retrieval_with_examples(sleep, ratio):
    (end,) = boundary(DreamingDAM(sleep, ratio), "retrieval-spinodal", temperatures=[0.0]).points
    assert round(end["load"], 4) == WITH_EXAMPLES[sleep, ratio]


def test_many_examples_are_gaussian():
    """At R = 0.1 the overlap with 3 and 10 examples tends to that of Gaussian data."""
    asked = {"load": 0.2, "temperature": 0.05}
    limit = solve(DreamingDAM(3.0, 0.1), **asked)["m"]
    gaps = [abs(solve(DreamingDAM(3.0, examples=M, quality=(1 / (1 + 0.1 * M)) ** 0.5), **asked)["m"] - limit) for M in (3, 10)]
    assert 2 < gaps[0] / gaps[1] < 5, gaps


@pytest.mark.parametrize(
    "sleep,load,temperature", [(10.0, 0.7685, 0.05), (10.0, 0.6722, 0.1), (10.5, 0.794, 0.005), (1000.0, 0.6, 0.05)],
    ids=str,
)  # fmt: skip
def test_the_state_of_large_overlap_is_found_and_not_the_one_that_it_ends_on(sleep, load, temperature):
    state = solve(DreamingDAM(sleep), load=load, temperature=temperature)
    assert state.converged and state.stable and state["m"] > 0.997


def test_cold_states_tend_to_those_without_temperature():
    cold = solve(DreamingDAM(10.0), load=0.8, temperature=0)
    warm = [solve(DreamingDAM(10.0), load=0.8, temperature=T) for T in (4e-3, 2e-3, 1e-3)]
    near, nearer, nearest = (abs(state["free_energy"] - cold["free_energy"]) for state in warm)
    assert nearest < nearer < near and nearest < 1e-6
    for name, distance in {"m": 1e-6, "K": 1e-3, "rho": 1e-3}.items():
        assert abs(warm[-1][name] - cold[name]) < distance


def test_equilibrium_without_a_line_is_not_decided():
    state = solve(DreamingDAM(1.0), load=0.2, temperature=0.2)
    assert state.equilibrium is None and state.equilibrium_why


@pytest.mark.parametrize("words", ["--sleep -1", "--sleep nan", "--sleep 1 --dataset-entropy -0.1", "--sleep 1 --examples 3",
                                   "--sleep 1 --examples 3 --quality 0.5 --dataset-entropy 0.1"])  # fmt: skip
def test_bad_inputs_are_one_sentence(words, capsys):
    assert main(["solve", "dreaming", *words.split(), "--load", "0.1", "--temperature", "0.1"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "Traceback" not in told


def test_numbers_are_those_of_the_twin():
    from dammech.equations import Theory, compiled, source

    for model in (DreamingDAM(10.0), DreamingDAM(3.0, 0.1), DreamingDAM(1.0, examples=3, quality=0.5)):
        twin: dict = {}
        exec(compile(source(model, language="mpmath"), "twin", "exec"), twin)
        system = compiled(Theory.of(model, "rs"), "state")
        state = solve(model, load=0.02, temperature=0.15)
        u, p = [state[name] for name in system.unknowns], [0.02, 0.15]
        exact = twin["residual"](u, p)
        found = system.residual(np.array(u)[:, None], np.array(p)[:, None])
        assert max(abs(float(e)) for e in exact) < 1e-9
        np.testing.assert_allclose(found.ravel(), [float(e) for e in exact], atol=1e-10)


def test_symbols_are_positive():
    (law,) = dm.derive("dreaming.glass-line").result("Spin-glass transition")
    assert all(s.is_positive for s in law.free_symbols) and isinstance(law, sp.Expr)
