"""The rules that turn numbers into verdicts, on numbers made for the purpose."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dammech.validate import Estimate, Policy, Prediction, compare
from dammech.validate.judge import worst
from dammech.validate.sizes import extrapolated

ROWS = ({"size": 100, "value": 0.9, "error": 0.01}, {"size": 50, "value": 0.9, "error": 0.01})


def verdict(theory, simulation, error, control, policy=None, valid=True, trusted=True, why=None):
    prediction = Prediction(theory, valid, None if valid else "the replicon is negative")
    estimate = Estimate(simulation, error, ROWS, trusted, why)
    return compare({}, prediction, estimate, control, policy or Policy())


@pytest.mark.parametrize(
    ("theory", "simulation", "error", "control", "expected"),
    [
        (0.90, 0.91, 0.005, 0.80, "pass"),
        (0.90, 0.919, 0.005, 0.80, "pass"),
        (0.90, 0.921, 0.005, 0.80, "fail"),  # 4.2 standard errors
        (0.90, 0.88, 0.02, 0.80, "inconclusive"),  # 2.3% of the value, 1/5 of the distance
        (0.90, 0.90, 0.02, 0.70, "pass"),  # 2.2% of the value, 1/10 of the distance
        (0.90, 0.90, 0.05, 0.10, "inconclusive"),  # above 5% of the value, however far the control
        (0.90, 0.90, 0.005, 0.885, "fail"),  # the control is only 3 standard errors away
        (0.90, 0.90, 0.0, 0.80, "inconclusive"),
        (0.90, 0.90, math.inf, 0.80, "inconclusive"),
        (0.90, math.nan, 0.005, 0.80, "inconclusive"),
        (None, 0.90, 0.005, 0.80, "fail"),  # the theory says there is no such state
        (-1 / 3, -0.3334, 0.001, -0.31, "pass"),
    ],
)
def test_verdict(theory, simulation, error, control, expected):
    found = verdict(theory, simulation, error, control)
    assert found.verdict == expected
    assert (found.why is None) == (expected == "pass")


def test_z_and_control_are_reported():
    found = verdict(0.90, 0.91, 0.005, 0.80)
    assert found.z == pytest.approx(2.0)
    assert found.control_z == pytest.approx(22.0)
    assert found.rejected
    assert found.estimate.sizes == [50, 100]


def test_a_control_that_the_data_accept_fails_the_claim():
    found = verdict(0.90, 0.90, 0.005, 0.905)
    assert found.verdict == "fail" and not found.rejected and "control" in found.why


@pytest.mark.parametrize(("simulation", "trusted"), [(0.90, True), (0.70, True), (0.90, False)])
def test_an_unstable_ansatz_never_passes_and_says_by_how_much_it_is_off(simulation, trusted):
    found = verdict(0.90, simulation, 0.005, 0.80, valid=False, trusted=trusted, why="chains too short")
    assert found.verdict == "ansatz-invalid"
    assert "replicon" in found.why and "simulation − theory" in found.why
    assert ("chains too short" in found.why) is not trusted


def test_data_that_cannot_be_trusted_decide_nothing():
    found = verdict(0.90, 0.90, 0.001, 0.80, trusted=False, why="the chain is too short")
    assert found.verdict == "inconclusive" and found.why == "the chain is too short"


def test_resolution_is_part_of_the_policy():
    coarse = Policy(relative_error=0.03, largest_relative_error=0.03)
    assert verdict(0.90, 0.90, 0.026, 0.10, coarse).verdict == "pass"
    assert verdict(0.90, 0.90, 0.028, 0.10, coarse).verdict == "inconclusive"


def test_what_the_theory_says_of_a_state_that_is_missing_is_said():
    missing = Prediction(None, True, "the load is beyond the spinodal")
    found = compare({}, missing, Estimate(0.9, 0.005, ROWS), 0.8, Policy())
    assert (found.verdict, found.why) == ("fail", "the load is beyond the spinodal")
    assert verdict(None, 0.9, 0.005, 0.8).why == "the theory has no such state"


def test_the_worst_point_decides():
    points = [verdict(0.9, 0.9, 0.005, 0.8), verdict(0.9, 0.915, 0.005, 0.8), verdict(0.9, 0.9, 0.02, 0.8)]
    assert worst(points[:2]) is points[1]
    assert worst(points) is points[2]


@pytest.mark.parametrize("degree", [1, 2])
def test_extrapolation_of_a_law_in_inverse_size(degree):
    rng = np.random.default_rng(5)
    sizes = [50, 80, 120, 200]
    curved = 20 if degree == 2 else 0
    noise = 1e-4 * rng.standard_normal(len(sizes))
    rows = [{"size": n, "value": 0.9 - 3 / n + curved / n**2 + d, "error": 1e-4} for n, d in zip(sizes, noise)]
    found = extrapolated(rows, degree)
    assert found.trusted and found.sizes == sizes
    assert abs(found.value - 0.9) < 4 * found.error
    assert set(found.fit) == {"form", "power", "coefficients", "chi2", "degrees", "p_value"}


def test_a_fit_that_misses_the_data_is_not_trusted():
    rows = [{"size": n, "value": v, "error": 1e-4} for n, v in ((50, 0.9), (80, 0.8), (120, 0.9))]
    found = extrapolated(rows, 1)
    assert not found.trusted and "fit" in found.why
    noted = extrapolated(rows[:2], 1, ["N = 50: short"])
    assert not noted.trusted and noted.why == "N = 50: short"


def test_a_size_without_an_error_gives_no_limit():
    found = extrapolated([{"size": 50, "value": 0.9, "error": math.inf}, {"size": 80, "value": 0.9, "error": 0.1}], 1)
    assert not found.trusted and found.error == math.inf
