"""The theory of memories of phases: numbers of the cavity at T = 0, limits, its numeric twins, and what is refused."""

from __future__ import annotations

import json
import math

import mpmath as mp
import numpy as np
import pytest
from scipy.special import i0e, i1e

from dammech import PhasorDAM, boundary, solve
from dammech.cli import main
from dammech.derive import derive, run_checks
from dammech.equations.generate import mpmath_source, numpy_source
from dammech.equations.systems import KINDS
from dammech.errors import InputError
from dammech.systems.phasor.theory import covariance, derivations, free_energy_of

REAL = PhasorDAM(2, "real")


def by_rice(k):
    """m, C and α at T = 0 from Rice's integrals, with k = m²/s²."""
    h = k / 2
    m = math.sqrt(math.pi * k) / 2 * (i0e(h) + i1e(h))
    s = m / math.sqrt(k)
    c = math.sqrt(math.pi) / (2 * s) * i0e(h)
    return m, c, (s * (1 - c)) ** 2


@pytest.mark.parametrize("k", [5.0, 9.0, 23.0])
def test_states_at_zero_temperature_are_those_of_the_cavity(k):
    m, c, load = by_rice(k)
    found = solve(PhasorDAM(), load=load, temperature=0)
    assert found["m"] == pytest.approx(m, abs=1e-11) and found["C"] == pytest.approx(c, abs=1e-11)
    assert found["replicon"] == pytest.approx(-math.exp(-k), rel=1e-9)
    real = solve(REAL, load=load / 2, temperature=0)
    assert real["m"] == pytest.approx(m, abs=1e-11) and real["free_energy"] == pytest.approx(
        found["free_energy"], abs=1e-12
    )


def test_published_and_measured_numbers():
    """α_c = 0.03770 with m_c = 0.9036, half of it with real couplings; overlaps at two loads."""
    for model, factor in ((PhasorDAM(), 1), (REAL, 2)):
        (end,) = boundary(model, "retrieval-spinodal", temperatures=0).points
        assert abs(factor * end["load"] - 0.03770) < 1e-5 and abs(end["m"] - 0.9036) < 1e-4
        for load, m in ((0.01, 0.98912), (0.02, 0.97567)):
            assert abs(solve(model, load=load / factor, temperature=0)["m"] - m) < 1e-5
    k = np.linspace(2.5, 4, 4001)
    assert end["load"] == pytest.approx(max(by_rice(x)[2] for x in k) / 2, abs=1e-9)


@pytest.mark.parametrize("model,factor", [(PhasorDAM(), 1), (REAL, 2)], ids=repr)
def test_the_spin_glass_line(model, factor):
    for T in (0.55, 0.6, 0.8):
        (point,) = boundary(model, "spin-glass", temperatures=T).points
        assert (1 + math.sqrt(factor * point["load"])) / 2 == pytest.approx(T, abs=1e-10)


def test_finite_temperatures_reach_zero():
    cold = solve(PhasorDAM(), load=0.02, temperature=[1e-3, 5e-4, 0])
    gaps = cold["m"][2] - cold["m"][:2]
    assert 0 < gaps[1] < gaps[0] < 2e-3 and gaps[0] / gaps[1] == pytest.approx(2, rel=0.02)
    assert (1 - cold["q"][1]) / (2 * 5e-4) == pytest.approx(cold["C"][2], rel=5e-3)


@pytest.mark.parametrize("order,load", [(3, 0.01), (4, 0.0078125)])
def test_higher_orders(order, load):
    """Our own step: no published numbers. The noise on a spin is Σ_μ |m_μ|^{n−2} m_μ, of variance ⟨|y|^{2n−2}⟩ = (n − 1)! α."""
    ground, warm = (
        solve(PhasorDAM(order), load=load, temperature=0),
        solve(PhasorDAM(order), load=load, temperature=0.1),
    )
    k = ground["m"] ** (2 * order - 2) / (math.factorial(order - 1) * load)
    assert ground.converged and ground["m"] == pytest.approx(by_rice(k)[0], abs=1e-11)
    assert warm.converged and warm.valid and 0.9 < warm["m"] < ground["m"]


def test_covariances_of_even_orders_are_sums_and_odd_ones_series():
    for order in (2, 3, 4, 6):
        assert float(covariance(order, 1)) == pytest.approx(
            math.gamma(1 + order) - math.gamma(1 + order / 2) ** 2, rel=1e-12
        )


@pytest.mark.parametrize("temperature", [0.2, 0])
@pytest.mark.parametrize("model", [PhasorDAM(), PhasorDAM(4)], ids=repr)
def test_generated_code_against_its_twin(model, temperature):
    theory = free_energy_of(model)
    system = KINDS["state"](theory if temperature else theory.zero_temperature)
    numeric, twin = {}, {}
    exec(compile(numpy_source(system, "numpy"), "numpy twin", "exec"), numeric)
    exec(compile(mpmath_source(system, "mpmath"), "mpmath twin", "exec"), twin)
    u, p = [0.93, 0.83 if temperature else 0.4], [0.011, temperature] if temperature else [0.011]
    for name in ("residual", "jacobian", "outputs"):
        with mp.workdps(15):
            expected = [float(x) for x in twin[name](list(map(mp.mpf, u)), list(map(mp.mpf, p)))]
        found = numeric[name](np.array(u)[:, None], np.array(p)[:, None]).reshape(-1)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def test_beyond_the_fold_there_is_no_state(capsys):
    line = "solve phasor --load 0.01:0.04:4 --temperature 0 --json"
    assert main(line.split()) == 0
    points = json.loads(capsys.readouterr().out)["points"]
    assert [p["status"] for p in points] == ["converged"] * 3 + ["no-state"]
    assert "above 0.0377001" in points[3]["why"] and [p["equilibrium"] for p in points[1:3]] == [False, False]
    (line,) = boundary(PhasorDAM(), "thermodynamic", temperatures=0).points
    assert line["load"] == pytest.approx(0.01720776, abs=1e-8)


@pytest.mark.parametrize(
    "line,status,words",
    [
        ("solve phasor --order 1 --load 0.01 --temperature 0", 2, "order=1"),
        ("solve phasor --order 3 --coupling real --load 0.01 --temperature 0", 2, "order 2 only"),
        ("solve phasor --coupling passive --load 0.01 --temperature 0", 2, "passive"),
        ("solve phasor --load nan --temperature 0", 2, "load"),
        ("solve phasor --load 0.01 --temperature -1", 2, "temperature"),
        ("solve phasor --load 0.01 --temperature 0 --branch mixture3", 2, "mixture3"),
        ("solve phasor --load 0.01 --temperature 0 --ansatz 1rsb", 2, "1rsb"),
        ("boundary phasor gardner --temperature 0", 2, "gardner"),
        ("solve phasor --load 0.01 --temperature 0 --branch paramagnetic", 0, "no state fulfils"),
    ],
)
def test_bad_input_is_one_sentence(capsys, line, status, words):
    assert main(line.split()) == status
    out, err = capsys.readouterr()
    said = err if status else out
    assert words in said and "Traceback" not in err and (status == 0 or len(err.strip().splitlines()) == 1)


def test_what_is_not_derived():
    with pytest.raises(InputError, match="'rs' and 1 only"):
        derive(PhasorDAM(), "rs", mixture=3)


@pytest.mark.slow
@pytest.mark.parametrize("name", derivations())
def test_checks_pass(name):
    assert [r["title"] for r in run_checks(derivations()[name]()) if not r["passed"]] == []


@pytest.mark.slow
def test_no_mutant_survives(capsys):
    assert main("check phasor.p2.complex.rs --mutate --json".split()) == 0
    assert json.loads(capsys.readouterr().out)["survived"] == []


def test_averages_over_the_plane_are_written_as_formulas():
    text, tex = derive(PhasorDAM()).render("text"), derive(PhasorDAM()).render("latex")
    assert "log I₀(β·|h|)" in text and "⟨cos φ · A(β·|h|)⟩[h = " in text and "load" not in text
    assert (
        r"\left\langle \cos\varphi \,\mathcal{A}\left(\beta |h|\right) \right\rangle_{h = " in tex
        and "PlaneAverage" not in tex
    )
