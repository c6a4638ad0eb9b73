"""Extrapolation, z and the rules of a verdict at the very edge of each threshold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dammech.simulate import extrapolate
from dammech.validate import Estimate, Policy, Prediction, compare
from dammech.validate.judge import VERDICTS, worst
from dammech.validate.sizes import WORST_P_VALUE, extrapolated


def estimate(value=1.0, error=0.001, trusted=True, why=None):
    return Estimate(value, error, ({"size": 64, "value": value, "error": error},), trusted, why)


def verdict(theory, found, control=0.5, policy=None, **prediction):
    return compare({}, Prediction(theory, **prediction), found, control, policy or Policy())


@pytest.mark.parametrize(("z", "expected"), [(3.999, "pass"), (-3.999, "pass"), (4.001, "fail"), (-4.001, "fail")])
def test_four_standard_errors_still_agree(z, expected):
    found = verdict(1.0 - z * 0.001, estimate())
    assert found.verdict == expected and found.z == pytest.approx(z, abs=1e-9)
    assert VERDICTS == ("pass", "ansatz-invalid", "inconclusive", "fail")


@pytest.mark.parametrize(("z", "rejected"), [(3.999, False), (-3.999, False), (4.001, True), (-4.001, True)])
def test_a_control_is_rejected_beyond_four(z, rejected):
    found = verdict(1.0, estimate(), control=1.0 - z * 0.001)
    assert found.rejected == rejected and found.verdict == ("pass" if rejected else "fail")
    assert found.control_z == pytest.approx(z, abs=1e-9)
    if not rejected:
        assert f"|z| = {abs(z):.1f}" in found.why


@pytest.mark.parametrize(
    ("error", "value", "theory", "control", "resolves"),
    [
        (0.00999, 1.0, 1.0, 0.99, True), (0.01001, 1.0, 1.0, 0.99, False),  # 1 % of the value
        (0.0199, -2.0, -2.0, -1.99, True), (0.0201, -2.0, -2.0, -1.99, False),  # of its size
        (0.01249, 1.0, 1.0, 0.9, True), (0.01251, 1.0, 1.0, 0.9, False),  # 1/8 of the distance of the control
        (0.01249, 1.0, 0.9, 1.0, True), (0.01251, 1.0, 0.9, 1.0, False),
        (0.0499, 1.0, 1.0, 0.1, True), (0.0501, 1.0, 1.0, 0.1, False),  # never above 5 %
        (0.0499, 1.0, None, 0.1, False), (0.0099, 1.0, None, 0.1, True),  # without a theory there is no distance
        (0.0, 1.0, 1.0, 0.1, False), (math.inf, 1.0, 1.0, 0.1, False), (0.001, math.nan, 1.0, 0.1, False),
        (-0.001, 1.0, 1.0, 0.1, False),
    ],
)
def test_data_resolve_a_claim_up_to_each_limit(error, value, theory, control, resolves):
    assert Policy().resolves(estimate(value, error), theory, control) is resolves


@pytest.mark.parametrize(
    ("valid", "truncation", "accepted"),
    [(True, None, True), (False, None, False), (True, 1.0, True), (False, 0.000249, True), (False, 0.000251, False),
     (False, 0.00025, True)],
)
def test_an_unstable_step_is_accepted_within_a_quarter_of_the_error(valid, truncation, accepted):
    prediction = Prediction(1.0, valid, None if valid else "unstable", truncation)
    assert Policy().accepts(prediction, estimate()) is accepted
    assert not Policy().accepts(Prediction(1.0, False, "unstable", 0.1), estimate(error=math.inf))
    found = compare({}, prediction, estimate(), 0.5, Policy())
    assert found.verdict == ("pass" if accepted else "ansatz-invalid")
    if not valid and accepted:
        assert "unstable" in found.why and f"{truncation:.2g}" in found.why


def test_the_order_of_the_rules():
    bad = estimate(0.3, 0.001, trusted=False, why="short")
    assert verdict(1.0, bad, valid=False, why="unstable").verdict == "ansatz-invalid"
    assert verdict(1.0, bad).verdict == "inconclusive" and verdict(1.0, bad).why == "short"
    assert verdict(1.0, estimate(0.3, 0.1)).verdict == "inconclusive" and "0.1" in verdict(1.0, estimate(0.3, 0.1)).why
    assert verdict(None, estimate()).verdict == "fail" and verdict(None, estimate()).z is None
    assert verdict(1.0, estimate(0.9, 0.001)).why == "theory and simulation differ by 100.0 standard errors"
    untrusted = verdict(1.0, Estimate(0.3, 0.001, (), False, None))
    assert untrusted.verdict == "inconclusive" and untrusted.why


def test_what_an_invalid_ansatz_is_off_by_is_said_in_numbers():
    found = verdict(1.0, estimate(0.97, 0.01), valid=False, why="replicon negative")
    assert found.why == "replicon negative; simulation − theory = -0.03 ± 0.01 (-3.0 standard errors)"
    assert verdict(None, estimate(), valid=False, why="no state").why == "no state"


def test_the_worst_point_has_the_worst_verdict_then_the_largest_distance():
    passes = [verdict(1.0 - z * 0.001, estimate()) for z in (1.0, -3.0, 2.0)]
    assert worst(passes) is passes[1]
    invalid = verdict(1.0, estimate(), valid=False, why="x")
    undecided = verdict(1.0, estimate(1.0, 0.3))
    failed = verdict(None, estimate())
    assert worst([*passes, invalid]) is invalid and worst([invalid, undecided, *passes]) is undecided
    assert worst([undecided, failed, invalid]) is failed
    assert worst([verdict(0.9, estimate()), failed]) is failed  # a point without z comes first among the failed ones


def test_a_point_as_a_document():
    document = verdict(0.999, estimate(), control=0.5).to_json()
    assert document["theory"] == 0.999 and document["simulation"] == 1.0 and document["error"] == 0.001
    assert document["z"] == pytest.approx(1.0) and document["sizes"] == [64] and document["verdict"] == "pass"
    assert document["negative_control"] == {"theory": 0.5, "z": pytest.approx(500.0), "rejected": True}


# -- extrapolation ----------------------------------------------------------------------------------------------------

SIZES = np.array([64, 128, 256, 512])


def rows(values, errors):
    return [{"size": int(n), "value": float(v), "error": float(e)} for n, v, e in zip(SIZES, values, errors)]


@pytest.mark.parametrize("degree", [1, 2])
def test_a_polynomial_in_one_over_n_is_continued_exactly(degree):
    coefficients = np.array([0.8, -3.0, 40.0])[: degree + 1]
    values = sum(c * SIZES ** (-float(k)) for k, c in enumerate(coefficients))
    found = extrapolated(rows(values, [0.01, 0.02, 0.03, 0.04]), degree)
    assert found.value == pytest.approx(0.8, abs=1e-10) and found.trusted and found.why is None
    assert found.fit["coefficients"] == pytest.approx(coefficients, rel=1e-8)
    assert found.fit["chi2"] == pytest.approx(0, abs=1e-12) and found.fit["degrees"] == 3 - degree
    assert found.fit["p_value"] == pytest.approx(1.0) and found.sizes == SIZES.tolist()


def test_the_error_of_the_limit_is_that_of_weighted_least_squares():
    errors = np.array([0.01, 0.02, 0.005, 0.03])
    x = np.stack([np.ones(4), 1 / SIZES], axis=1)
    covariance = np.linalg.inv(x.T @ np.diag(errors**-2.0) @ x)
    values = np.array([0.70, 0.74, 0.78, 0.77])
    found = extrapolate(SIZES, values, errors, degree=1)
    assert found.error == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-9)
    assert found.value == pytest.approx((covariance @ x.T @ (values / errors**2))[0], rel=1e-9)
    chi2 = float((((values - x @ found.coefficients) / errors) ** 2).sum())
    assert found.chi2 == pytest.approx(chi2, rel=1e-9) and found.p_value == pytest.approx(math.exp(-chi2 / 2), rel=1e-6)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_another_power_of_one_over_n_gives_another_limit(power):
    values = 0.4 + 2.0 * SIZES**-power
    found = extrapolate(SIZES, values, np.full(4, 0.01), degree=1, power=power)
    assert found.value == pytest.approx(0.4, abs=1e-10)
    assert abs(extrapolate(SIZES, values, np.full(4, 0.01), degree=1, power=1.3 * power).value - 0.4) > 1e-5


def test_sizes_that_do_not_follow_the_fit_are_not_trusted():
    spread = math.sqrt(-2 * math.log(WORST_P_VALUE))  # χ² of two degrees of freedom at the limit
    shape = np.array([1.0, -1.0, -1.0, 1.0])
    x = np.stack([np.ones(4), 1 / SIZES], axis=1)
    shape = shape - x @ np.linalg.lstsq(x, shape, rcond=None)[0]
    shape /= np.linalg.norm(shape)
    for factor, trusted in ((0.99, True), (1.01, False)):
        found = extrapolated(rows(0.8 + 0.01 * factor * spread * shape, np.full(4, 0.01)), 1)
        assert found.trusted is trusted and (found.why is None) is trusted
    assert "χ²" in found.why and "2 degrees" in found.why


def test_problems_and_sizes_without_an_error_are_not_trusted():
    flat = rows(np.full(4, 0.8), np.full(4, 0.01))
    found = extrapolated(flat, 1, ["N = 64: too short", "N = 128: too short"])
    assert not found.trusted and found.why == "N = 64: too short; N = 128: too short"
    for bad in (0.0, math.inf, math.nan):
        flat[2]["error"] = bad
        lost = extrapolated(flat, 1)
        assert not lost.trusted and lost.error == math.inf and lost.value == 0.8 and lost.why
