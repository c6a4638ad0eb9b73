"""Random solves against the independent equations, and those equations against numbers that others computed."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import random_solves
import witness
from scipy.integrate import quad

_SIX = math.factorial(3)


@pytest.mark.slow
@pytest.mark.timeout(7200, method="thread")  # the alarm is used for single free energies
def test_no_random_answer_is_wrong_and_no_state_denied() -> None:
    result = random_solves.run(100_000, 1)
    report = random_solves.table(result, 0.0)
    print(report)
    assert not any(t.violations for t in result.values()), report
    assert sum(t.solves for t in result.values()) >= 100_000 and result["1rsb"].solves >= 2000, report
    assert result["given"].solves >= 5000 and result["given"].systems >= 200, report


@pytest.mark.parametrize("a, s, T", [(0.7, 0.3, 0.2), (0.01, 0.4, 0.002), (1.0, 0.05, 0.3), (0.3, 1.5, 1e-6), (0.2, 0.5, 0.0)])
def test_means_of_a_field_by_adaptive_quadrature(a: float, s: float, T: float) -> None:
    mean, slope = witness.field_means(np.array([a]), np.array([s]), np.array([T]))
    if T == 0:
        assert mean[0] == pytest.approx(math.erf(a / s / math.sqrt(2)), abs=1e-15)
        assert slope[0] == pytest.approx(2 * math.exp(-((a / s) ** 2) / 2) / s / math.sqrt(2 * math.pi), rel=1e-14)
        return

    def gauss(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    z0, w = -a / s, 40 * T / s
    points = sorted({-10.0, 10.0, *(min(10, max(-10, z0 + x * w)) for x in (-1, -0.2, 0, 0.2, 1))})
    pieces = list(itertools.pairwise(points))
    exact = sum(quad(lambda z: gauss(z) * math.tanh((a + s * z) / T), *p, epsabs=1e-13)[0] for p in pieces)
    assert mean[0] == pytest.approx(exact, abs=2e-11)
    response = sum(quad(lambda z: gauss(z) * (1 - math.tanh((a + s * z) / T) ** 2) / T, *p, epsabs=1e-13)[0] for p in pieces)
    assert slope[0] == pytest.approx(response, abs=1e-9)


@pytest.mark.parametrize(  # m, q of states that a separate calculation found
    ("order", "load", "T", "m", "q"),
    [(2, 0.05, 0.3, 0.9911649957, 0.9829609502), (2, 0.1, 0.1, 0.9967508438, 0.9969158371),
     (3, 0.5 / _SIX, 0.8 / 3, 0.9552141502, 0.9392841310), (3, 0.6 / _SIX, 0.2, 0.9487321541, 0.9487321541)],
)
def test_symmetric_equations_hold_at_known_states(order: int, load: float, T: float, m: float, q: float) -> None:
    u = np.array([[m], [(1 - q) / T]])
    model = witness.noise(order, "distinct")
    left = u - witness.symmetric_map(model, u, np.array([load]), np.array([T]), soft=order == 2)
    assert np.abs(left * [[1], [T]]).max() < 1e-9
    away = u + np.array([[1e-6], [0]])
    assert np.abs(away - witness.symmetric_map(model, away, np.array([load]), np.array([T]), soft=order == 2)).max() > 1e-7


def test_noise_of_a_rectified_memory_is_half_of_the_whole_at_perfect_overlap() -> None:
    for p in (3, 4):
        rectified, whole = witness.noise(p, "rectified"), witness.noise(p, "power")
        assert rectified.slope(np.array(1.0)) == pytest.approx(float(whole.slope(np.array(1.0))) / 2, rel=1e-13)
    q = 0.3  # and at any overlap, by sampling the plane with a product rule
    z, w = witness.panels(np.linspace(-9, 9, 37), 12)
    w = w * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    other = q * z[:, None] + math.sqrt(1 - q * q) * z
    value = (w * np.maximum(z, 0) ** 2) @ np.maximum(other, 0) ** 2 @ w
    assert witness.noise(3, "rectified").slope(np.array(q)) == pytest.approx(float(value), rel=1e-6)


@pytest.mark.parametrize(
    ("model", "load", "T", "m", "q0", "C", "y", "soft"),
    [
        (witness.noise(2, "distinct"), 0.138, 0.0, 0.9707003165, 0.9971628755, 0.0474942255, 41.99348769, True),
        (witness.noise(2, "distinct"), 0.130, 0.0, 0.9872575224, 0.9993297898, 0.0235071032, 99.93361, True),
        (witness.noise(3, "distinct"), 0.7 / _SIX, 0.0, 0.9315432884, 0.9758218860, None, 3 * 3.39621641, False),
        (witness.glass_noise(3), 1.0, 0.5, 0.0, 0.0, 2 * (1 - 0.893101427), 2 * 0.709947948, False),
        (witness.glass_noise(3), 1.0, 0.3, 0.0, 0.0, (1 - 0.956134250) / 0.3, 0.411159551 / 0.3, False),
        (witness.glass_noise(2), 1.0, 0.0, 0.0, 0.476784372, None, 1.3608208, False),
    ],
)
def test_broken_equations_hold_at_known_states(
    model: witness.Noise, load: float, T: float, m: float, q0: float, C: float | None, y: float, soft: bool
) -> None:
    left = witness.broken_residual(model, m, q0, C or 0.0, y, load, T, soft=soft)
    known = [0, 1, 3] if C is None else [0, 1, 2, 3]
    assert np.abs(left[known]).max() < 1e-8
    wrong = witness.broken_residual(model, m, q0, C or 0.0, 1.01 * y, load, T, soft=soft)
    assert np.abs(wrong[known]).max() > 1e-6


def test_the_static_temperature_is_the_known_one() -> None:
    assert random_solves.static_temperature(3) == pytest.approx(0.651385226936, abs=1e-11)


def test_newton_of_the_witness_finds_a_root_and_its_distance() -> None:
    root, last = witness.refined(lambda u: u**3 - 2, np.array([[1.3, 1.2]]), steps=6)
    assert root[0] == pytest.approx([2 ** (1 / 3)] * 2, abs=1e-12) and last.max() < 1e-9


def test_a_wrong_answer_and_a_denied_state_are_violations() -> None:
    tally = random_solves.Tally()
    assert tally.status(SimpleNamespace(converged=True)) and not tally.status(SimpleNamespace(converged=False))
    tally.judge(1e-9, 1e-7, "right")
    assert not tally.violations
    tally.judge(2e-8, 0.0, "residual")
    tally.judge(0.0, float("nan"), "error")
    tally.deny("m = 1", "denied")
    assert [v.split(": ")[-1] for v in tally.violations] == ["residual", "error", "denied"] and tally.denied == 1
    report = random_solves.table({"hebbian": tally}, 1.0)
    assert "3 violations" in report and "2.0e-08" in report


def test_the_spinodal_of_the_witness_is_that_of_hopfield() -> None:
    hopfield = random_solves._Subject("HebbianDAM(2)", witness.noise(2, "distinct"), 2, True)
    assert hopfield.spinodal(0.1) == pytest.approx(0.1350491898, abs=1e-8)
