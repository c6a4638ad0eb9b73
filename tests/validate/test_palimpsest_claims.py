"""Claims about streams: the quick ones run for real, and the parts of their experiments against known laws."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.integrate import quad

import dammech as dm
from dammech.systems.palimpsest.claims import claims as palimpsest_claims
from dammech.systems.palimpsest.claims import greedy, overlap, rules, tasks, window
from dammech.systems.palimpsest.claims.streams import age_of_loss, recalled
from dammech.systems.palimpsest.claims.theory import effective_load, one_step, overlap_of_age
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.validate import KINDS, Claim, Prediction, Rival, claims
from dammech.validate.judge import judge
from dammech.validate.plan import plans
from dammech.validate.pooled import pooled
from dammech.validate.theory import of_law

CLAIMS = {claim.name: claim for claim in palimpsest_claims() if isinstance(claim, Claim)}
SWIFT = (
    "palimpsest.p3.clipped-signal", "palimpsest.p2.clipped-signal", "palimpsest.p3.rehearsal.effective-load",
    "palimpsest.p2.dreaming",
)  # fmt: skip


@cache
def report(name):
    return dm.validate(name).claims[0]


def test_every_claim_is_registered_and_cites_known_keys():
    from dammech.literature.bibliography import entries

    assert set(CLAIMS) <= set(claims())
    for claim in CLAIMS.values():
        keys = [word.strip("[]") for word in claim.source.split() if word.startswith("[")]
        assert keys and set(keys) <= set(entries()), claim.name
        kinds = {rival.kind for rival in claim.rivals} | set(claim.without)
        assert kinds == set(KINDS) and claim.parameters, claim.name
        report_only = claim.name == "palimpsest.p3.greedy-window"
        assert (claim.dose is None) == report_only and (bool(claim.covers) or report_only), claim.name
        assert report_only or plans()[claim.name]["power"] >= 4, claim.name


@pytest.mark.parametrize("name", SWIFT)
def test_a_swift_claim(name):
    claim = report(name)
    assert claim["verdict"] == "pass", claim["why"]
    assert abs(claim["z"]) <= 4 and claim["negative_control"]["rejected"] and claim["dose"]["verdict"] == "fail"


@pytest.mark.parametrize("order", [2, 3, 4])
def test_one_step_at_the_smallest_size_and_every_age(order):
    claim = CLAIMS[f"palimpsest.p{order}.one-step"]
    sizes = sorted({p["size"] for p in claim.parameters})
    assert len(sizes) == 3 and len(claim.parameters) == 30
    for parameters in claim.parameters[:10]:
        assert judge(claim, parameters, "quick", (1, 2, 3)).verdict == "pass"


@pytest.mark.parametrize("name", ["palimpsest.p3.clipped-signal", "palimpsest.p2.dreaming"])
def test_a_wrong_theory_in_the_place_of_the_right_one_fails(name):
    claim = CLAIMS[name]
    right, wrong = claim.prediction, claim.rivals[0].predict
    back = (Rival("term", "the right one", lambda p: right(p).value),)
    swapped = replace(claim, prediction=lambda p: Prediction(wrong(p)), rivals=back)
    assert judge(swapped, claim.parameters[0], "quick", (1, 2, 3)).verdict == "fail"


def test_the_scaling_of_an_old_pattern_and_of_the_newest_in_a_stream_beyond_the_end_of_uniform_retrieval():
    newest, oldest = CLAIMS["palimpsest.p3.overlap-against-age"].parameters
    for point in (newest, oldest):
        weight = math.exp(-point["rate"] * point["age"])
        uniform = dm.solve(
            dm.HebbianDAM(3, "power"), load=effective_load(point) / weight**2, temperature=point["temperature"] / weight
        )
        assert overlap_of_age(point).value == pytest.approx(uniform["m"], abs=1e-10)
    assert not dm.solve(dm.HebbianDAM(3, "power"), load=newest["load"], temperature=0.2, throw=False).converged
    by = {rival.statement.split(",")[0]: rival.predict for rival in CLAIMS["palimpsest.p3.overlap-against-age"].rivals}
    value = {says: predict(oldest) - overlap_of_age(oldest).value for says, predict in by.items()}
    assert value["the noise scaled with the weight"] > 0.01 and value["the other interaction"] > 0.003
    mean = (1 - math.exp(-0.7)) / 0.7
    assert overlap._of_the_mean(oldest) == pytest.approx(0.007 * mean**2)


def test_one_step_at_zero_and_at_small_temperature():
    point = {"order": 3, "interaction": "power", "rate": 8.0, "load": 0.1, "age": 0.03, "temperature": 0.0}
    cold = one_step(point)
    assert cold == pytest.approx(math.erf(math.exp(-0.24) / math.sqrt(6 * effective_load(point))))
    width = math.sqrt(3 * effective_load(point))
    warm = quad(lambda z: math.tanh((math.exp(-0.24) + width * z) / 0.3) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi), -12, 12)
    assert one_step({**point, "temperature": 0.3}) == pytest.approx(warm[0], abs=1e-7) and warm[0] < cold


def test_laws_have_numbers():
    (tau,) = of_law("palimpsest.exponential-memory", "Oldest pattern", {"lambda": 1.0, "s": 2.0})
    assert tau == pytest.approx(0.5 - math.log(math.cosh(0.5)), abs=1e-12)
    signal, variance = of_law("palimpsest.dreaming", "Signal and variance", {"alpha": 0.3, "t": 1e-4})
    assert signal == pytest.approx(1, abs=1e-3) and variance == pytest.approx(0.3, abs=1e-3)


def test_seeds_are_pooled_with_equal_weight():
    row = pooled(10, (1, 2), [1.0, 2.0], [0.3, 0.4], patterns=5)
    assert (
        row["value"] == 1.5
        and row["error"] == pytest.approx(0.25)
        and row["by_seed"]["2"] == {"value": 2.0, "error": 0.4}
    )
    assert pooled(10, (1,), [1.0], [None])["error"] == math.inf


def test_crossing_of_a_power_law():
    indices = (10, 20, 40, 80, 160)
    rng = np.random.default_rng(0)
    exact = 2 / np.pi * np.arctan(45.0 / np.array(indices))
    sets = exact + 0.05 * rng.standard_normal((400, 5))
    assert rules._crossing(indices, sets) == pytest.approx(math.log(45), abs=0.02)


def test_the_window_without_reaction_is_wider():
    point = CLAIMS["palimpsest.p2.window"].parameters[0]
    narrow = window.end_of_window(point)
    assert narrow.valid and narrow.value == pytest.approx(0.0299, abs=1e-3)
    cold, *wrong = (rival.predict(point) for rival in CLAIMS["palimpsest.p2.window"].rivals)
    without, uniform, null = wrong
    assert uniform < 0.7 * narrow.value < narrow.value < 0.8 * cold < without < null < max(window._WINDOW_AGES)


def test_accuracy_of_tasks_from_pattern_sets():
    young = tasks.accuracies({**tasks.TASKS, "tasks": 1}, 250, 3, 1)
    assert young.shape == (3, 1)
    found = tasks.accuracies(tasks.TASKS, 250, 4, 1, every=3)
    assert found.shape == (4, 5) and found[:, -1].mean() > 0.9 > 0.5 > found[:, 0].mean()


def test_greedy_dynamics_is_reported_and_never_passes(monkeypatch):
    monkeypatch.setitem(greedy._PLAN, "quick", ((40, 6), (56, 6)))
    symmetric = greedy.window_at
    monkeypatch.setattr(greedy, "window_at", lambda p, ansatz: symmetric(p, ansatz) if ansatz == "rs" else 0.0556)
    claim = CLAIMS["palimpsest.p3.greedy-window"]
    judged = judge(claim, claim.parameters[0], "quick", (1, 2))
    assert judged.verdict == "ansatz-invalid" and "1" in judged.why and "one step of breaking" in judged.why
    assert judged.estimate.rows[0]["value"] > 1.3 * judged.theory
    assert judged.theory == pytest.approx(
        math.log(2 * 10.8 * 0.126095 / (1 - math.exp(-2 * 10.8 * 0.3))) / (2 * 10.8), abs=1e-5
    )


def test_loss_is_found_between_kept_and_lost_ages():
    point = {"order": 2, "interaction": "distinct", "rate": 8.0, "load": 0.4, "temperature": 0.2}
    row = age_of_loss(point, 100, 12, (1, 2), (0.01, 0.03, 0.05, 0.09), sweeps=20, equilibration=60)
    assert 0.01 < row["value"] < 0.09 and row["retrieved"][0] > row["retrieved"][-1]
    model = PalimpsestDAM(2)
    young = recalled(point, 100, 3, 1, [0.01])[0]
    assert young.weight == pytest.approx(float(model.shape.weight(8.0 * young.age / 100)))


@pytest.mark.slow
def test_one_step_of_breaking_is_not_enough_either():
    point = CLAIMS["palimpsest.p3.greedy-window"].parameters[0]
    assert greedy.window_at(point, "1rsb") == pytest.approx(0.0556, abs=2e-4)


@pytest.mark.slow
def test_the_window_of_order_two():
    claim = dm.validate("palimpsest.p2.window").claims[0]
    assert claim["verdict"] == "pass", claim["why"]
