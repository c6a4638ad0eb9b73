"""The rules that turn numbers into verdicts, on numbers made for the purpose."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dammech.simulate import extrapolate
from dammech.validate import Claim, Dose, Estimate, Policy, Prediction, Rival, compare
from dammech.validate.crossings import lost_at
from dammech.validate.judge import judge, moves_away, nearest, weighed, worst
from dammech.validate.plan import final_seeds, pilot
from dammech.validate.report import decided
from dammech.validate.sizes import WORST_P_VALUE, apart, limit, spread

ROWS = ({"size": 100, "value": 0.9, "error": 0.01}, {"size": 50, "value": 0.9, "error": 0.01})
SIZES = np.array([64, 128, 256, 512])
EQUAL = np.full(4, 0.01)


def verdict(theory, simulation, error, rival=0.5, valid=True, truncation=None, policy=None, **estimate):
    prediction = Prediction(theory, valid, None if valid else "the replicon is negative", truncation)
    found = Estimate(simulation, error, ROWS, **estimate)
    return compare({}, prediction, found, [("term", "a rival", rival)], policy or Policy())


def rows(values, errors=EQUAL, sizes=SIZES):
    return [{"size": int(n), "value": float(v), "error": float(e)} for n, v, e in zip(sizes, values, errors)]


# -- a point ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theory", "simulation", "error", "expected"),
    [
        (0.90, 0.91, 0.005, "pass"),
        (0.90, 0.9199, 0.005, "pass"),
        (0.90, 0.9201, 0.005, "fail"),
        (0.90, 0.8799, 0.005, "fail"),
        (-1 / 3, -0.3334, 0.001, "pass"),
        (0.90, 0.90, 0.0, "inconclusive"),
        (0.90, 0.90, math.inf, "inconclusive"),
        (0.90, math.nan, 0.005, "inconclusive"),
        (None, 0.90, 0.005, "fail"),
    ],
)
def test_a_point_is_worth_what_its_distance_in_statistical_errors_says(theory, simulation, error, expected):
    found = verdict(theory, simulation, error)
    assert found.verdict == expected and (found.why is None) == (expected == "pass")
    assert found.estimate.sizes == [50, 100]


def test_systematic_errors_are_no_part_of_z():
    assert verdict(0.9, 0.93, 0.005, systematic={"form": 0.1}).verdict == "fail"


def test_the_order_of_the_rules():
    off = {"trusted": False, "why": "short"}
    assert verdict(1.0, 0.3, 0.001, valid=False, **off).verdict == "ansatz-invalid"
    assert (verdict(1.0, 0.3, 0.001, **off).verdict, verdict(1.0, 0.3, 0.001, **off).why) == ("inconclusive", "short")
    assert verdict(None, 0.3, 0.001).why == "the theory has no such state"
    assert verdict(1.0, 0.9, 0.001).why == "theory and simulation differ by 100.0 standard errors"
    missing = compare({}, Prediction(None, True, "beyond the spinodal"), Estimate(0.9, 0.01), (), Policy())
    assert (missing.verdict, missing.why, missing.z) == ("fail", "beyond the spinodal", None)


@pytest.mark.parametrize(
    ("valid", "truncation", "accepted"),
    [(True, None, True), (False, None, False), (False, 0.00125, True), (False, 0.00126, False)],
)
def test_an_unstable_step_is_a_prediction_where_the_next_is_within_a_quarter_of_the_error(valid, truncation, accepted):
    found = verdict(1.0, 1.0, 0.005, valid=valid, truncation=truncation)
    assert found.verdict == ("pass" if accepted else "ansatz-invalid")
    if not valid:
        assert "replicon" in found.why and (f"{truncation:.2g}" in found.why if accepted else "simulation − theory" in found.why)


def test_a_rival_is_told_in_both_errors_and_rejected_in_the_statistical_one():
    (rival,) = verdict(0.9, 0.91, 0.003, 0.86, systematic={"form": 0.004, "size": 0.001}).rivals
    assert rival.power == pytest.approx(0.04 / 0.005) and rival.z == pytest.approx(0.05 / 0.003) and rival.rejected
    assert rival.evidence == pytest.approx((rival.z**2 - (0.01 / 0.003) ** 2) / 2)
    (same,) = verdict(0.9, 0.91, 0.003, math.nan).rivals
    assert (same.theory, same.power, same.rejected) == (None, 0.0, False)
    (outside,) = verdict(0.9, 0.91, 0.003, 0.2, reach=(0.5, 1.0)).rivals
    assert outside.within_reach is False and rival.within_reach is True


def test_sizes_that_move_away_fail_whatever_their_limit_says():
    found = limit(rows([0.80, 0.85, 0.90, 0.929]))
    assert moves_away(found, 0.901) is None and "N = 256 to 512" in moves_away(found, 0.90)  # 1.9 and 2.05 errors
    assert moves_away(found, 0.95) is None and moves_away(replace(found, fit=None), 0.5) is None
    shuffled = replace(found, rows=found.rows[::-1])
    assert moves_away(shuffled, 0.90) == moves_away(found, 0.90)
    judged = compare({}, Prediction(0.87), replace(found, value=0.87), (), Policy())
    assert judged.verdict == "fail" and judged.z == 0 and "move away" in judged.why


def test_the_worst_point_has_the_worst_verdict_then_the_largest_distance():
    passes = [verdict(1.0 - z * 0.001, 1.0, 0.001) for z in (1.0, -3.0, 2.0)]
    assert worst(passes) is passes[1]
    invalid, undecided, failed = verdict(1.0, 1.0, 0.1, valid=False), verdict(1.0, 1.0, 0.0), verdict(None, 1.0, 0.1)
    assert worst([*passes, invalid]) is invalid and worst([invalid, undecided, *passes]) is undecided
    assert worst([undecided, verdict(0.9, 1.0, 0.001), failed]) is failed


# -- a claim ----------------------------------------------------------------------------------------------------------


def claim(points=(0.0,), rivals=(0.5,), error=0.01, dose=0.2, noise=0.0, size=64):
    """Predicts 1 at every point; its rivals are off by what they are given, at the first point twice that."""
    made = tuple(
        Rival("term", f"off by {r}", lambda p, r=r: 1.0 + r * (2 if p["x"] == points[0] else 1)) for r in rivals
    )
    return Claim(
        "a.b", "", "", tuple({"x": x} for x in points), lambda p: Prediction(1.0),
        lambda p, level, seeds: Estimate(
            1.0 + p.get("shift", noise), error * math.sqrt(3 / len(seeds)), ({"size": size, "trials": 4 * len(seeds)},)
        ), made,
        dose=dose and Dose("shifted", lambda p: {**p, "shift": dose}),
    )  # fmt: skip


def run(made, planned=None, level="quick"):
    judged = [judge(made, p, level, (1, 2, 3)) for p in made.parameters]
    world = None
    if made.dose:
        at = made.dose.world(made.parameters[0])
        world = compare(dict(at), Prediction(1.0), made.experiment(at, level, (1,)), (), made.policy)
    plan = planned and {"pilot": {"level": "full"}, "power": planned} if not isinstance(planned, dict) else planned
    return decided(made, judged, level, (1, 2, 3), plan, world, 0.0)


def test_the_nearest_rival_counts_where_it_is_told_best():
    found = run(claim((0.0, 1.0), (0.3, -0.1, 0.2)))
    assert found.rival.statement == "off by -0.1" and found.rival.power == pytest.approx(20) and found.verdict == "pass"
    assert nearest(found.points)[0] == 0 and nearest([]) is None


@pytest.mark.parametrize(
    ("off", "planned", "expected"),
    [(0.0401, None, "pass"), (0.0399, None, "weak"), (0.0201, None, "weak"), (0.0199, None, "inconclusive"),
     (0.2, 7.9, "weak"), (0.2, 3.9, "inconclusive"), (0.039, 8.1, "pass"), (0.019, 8.1, "inconclusive")],
)  # fmt: skip
def test_a_claim_counts_from_eight_errors_and_says_nothing_below_four(off, planned, expected):
    found = run(claim(rivals=(off,)), planned)
    assert found.verdict == expected and (found.why is None) == (expected == "pass")
    assert expected != "weak" or "compatible, weak" in found.why


def test_the_likelihood_ratio_must_reach_what_the_level_asks():
    # 8.2 errors away by the plan, but the data lie between: z = 3.5 and −4.7
    between = claim(rivals=(0.041,), noise=0.035)
    assert run(between).verdict == "weak" and "likelihood" in run(between).why
    decent = claim(rivals=(0.041,), noise=0.026)  # ln ratio 12.3
    assert run(decent).verdict == "pass" and run(decent, level="full").verdict == "weak"


def test_a_claim_that_holds_in_the_wrong_world_says_nothing():
    assert run(claim(dose=0.06)).verdict == "inconclusive" and "wrong world" in run(claim(dose=0.06)).why
    assert run(claim(dose=None)).verdict == "inconclusive" and run(claim(dose=0.08)).verdict == "pass"
    assert run(claim(rivals=())).verdict == "inconclusive"


def test_a_rival_that_the_experiment_cannot_return_is_no_rival():
    found = verdict(0.9, 0.91, 0.003, 0.2, reach=(0.5, 1.0))
    assert weighed(found.rivals[0], None, "quick", Policy())[0] == "inconclusive"


def test_plans_decide_the_seeds_of_the_run():
    made = claim((0.0, 1.0), (0.3, -0.1))
    plan = pilot(made, (901,))
    assert plan["power"] == pytest.approx(20) and plan["points"][0]["error"] == pytest.approx(0.01)
    assert plan["pilot"] == {"level": "quick", "seeds": [901]} and plan["dose"] == "shifted"
    seeds = final_seeds(plan)
    assert len(set(seeds)) == 3 and 901 not in seeds and seeds == final_seeds(pilot(made, (901,)))
    assert plan["points"][0]["measured"] == [[64, 4]] and run(made, plan).verdict == "pass"
    other = run(claim((0.0, 1.0), (0.3, -0.1), size=65), plan)
    assert other.verdict == "inconclusive" and "planned were [[64, 4" in other.why
    changed = {**plan, "points": [{**plan["points"][0], "measured": [[7, 4]]}, plan["points"][1]]}
    assert set(final_seeds(changed)).isdisjoint(seeds)
    assert set(final_seeds({**plan, "pilot": {"level": "quick", "seeds": list(seeds)}})).isdisjoint(seeds)
    assert final_seeds(None) == (1, 2, 3)


# -- N → ∞ ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("powers", [(1.0,), (1.0, 2.0), (2 / 3,), (2 / 3, 1.0)])
def test_a_form_is_continued_exactly(powers):
    coefficients = np.array([0.8, -3.0, 40.0])[: len(powers) + 1]
    values = coefficients[0] + sum(c * SIZES**-x for c, x in zip(coefficients[1:], powers))
    found = limit(rows(values, [0.01, 0.02, 0.03, 0.04]), powers)
    assert found.value == pytest.approx(0.8, abs=1e-9) and found.trusted and found.why is None
    assert found.fit["coefficients"] == pytest.approx(coefficients, rel=1e-7) and found.fit["degrees"] == 3 - len(powers)
    assert found.sizes == SIZES.tolist() and all(x < 1e-9 for x in found.systematic.values())
    assert set(found.systematic) == {"next power", "largest size left out"}


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
    found = extrapolate(SIZES, values, EQUAL, degree=1, power=power)
    assert found.value == pytest.approx(0.4, abs=1e-10)
    other = limit(rows(values, EQUAL / 1000), (power,), {"other": (1.3 * power,)})
    shift = abs(extrapolate(SIZES, values, EQUAL, degree=1, power=1.3 * power).value - 0.4)
    assert other.systematic["other"] == pytest.approx(shift, rel=0.01) and shift > 1e-5


@given(st.integers(0, 2**32), st.sampled_from([((1.0,), (1.0, 2.0), 0), ((1.0,), (1.0,), 1), ((2 / 3,), (0.5,), 0)]))
def test_a_spread_is_what_noise_does_not_explain(seed, case):
    powers, others, without = case
    rng = np.random.default_rng(seed)
    values, errors = 0.7 + 0.01 * rng.standard_normal(4), 0.005 * (1 + rng.random(4))
    found = spread(rows(values, errors), powers, others, without=without)
    x = [np.stack([np.ones(4), *(SIZES**-p for p in q)], axis=1) / errors[:, None] for q in (powers, others)]
    kept = slice(0, 4 - without)
    full, part = np.linalg.pinv(x[0])[0] / errors, np.zeros(4)
    part[kept] = np.linalg.pinv(x[1][kept])[0] / errors[kept]
    shift, noise = (part - full) @ values, np.linalg.norm((part - full) * errors)
    assert found == pytest.approx(math.sqrt(max(shift**2 - noise**2, 0)), abs=1e-9)
    assert spread(rows(values, errors)[::-1], powers, others, without=without) == pytest.approx(found, abs=1e-12)


def test_two_limits_are_apart_by_more_than_their_noise():
    assert apart(Estimate(1.0, 0.3), Estimate(1.4, 0.4)) == 0
    assert apart(Estimate(1.0, 0.3), Estimate(2.3, 0.4)) == pytest.approx(1.2)
    assert apart(Estimate(1.0, 0.3), Estimate(math.nan, math.inf)) == math.inf


def test_sizes_that_do_not_follow_the_form_are_not_trusted():
    off = math.sqrt(-2 * math.log(WORST_P_VALUE))  # χ² of two degrees of freedom at the limit
    x = np.stack([np.ones(4), 1 / SIZES], axis=1)
    shape = np.array([1.0, -1.0, -1.0, 1.0])
    shape = shape - x @ np.linalg.lstsq(x, shape, rcond=None)[0]
    shape /= np.linalg.norm(shape)
    for factor, trusted in ((0.99, True), (1.01, False)):
        found = limit(rows(0.8 + 0.01 * factor * off * shape))
        assert found.trusted is trusted and (found.why is None) is trusted
    assert "χ²" in found.why and "2 degrees" in found.why


def test_problems_and_sizes_without_an_error_are_not_trusted():
    flat = rows(np.full(4, 0.8))
    found = limit(flat, problems=["N = 64: too short", "N = 128: too short"])
    assert not found.trusted and found.why == "N = 64: too short; N = 128: too short"
    for bad in (0.0, math.inf, math.nan):
        flat[2]["error"] = bad
        lost = limit(flat)
        assert not lost.trusted and lost.error == math.inf and lost.why
    two = limit(rows(np.full(4, 0.8))[:2], systematic={"waiting time": 0.1})
    assert two.systematic == {"waiting time": 0.1} and two.band == 0.1 and two.trusted


def test_a_crossing_lies_between_what_was_measured_near_it():
    grids = ([0.1, 0.14, 0.15, 0.2], [0.12, 0.14, 0.15, 0.25])
    found = [{"size": n, "value": 0.145 + 1 / n, "error": 0.001, "loads": grid} for n, grid in zip((100, 400), grids)]
    crossed = lost_at(found, (1.0,))
    assert crossed.trusted and crossed.reach == (0.12, 0.2) and crossed.value == pytest.approx(0.145)
    assert lost_at(found, (1.0,), reach=(0.0, 1.0)).reach == (0.0, 1.0)
    for gap in ([0.12, 0.13, 0.15], [0.14, 0.17]):
        found[1]["loads"] = gap
        assert not lost_at(found, (1.0,)).trusted
    assert not lost_at([{**found[0], "error": math.inf}], (1.0,)).trusted
