"""Plans are fixed before the run: what stands beside the claims is what they say, and constants are those of a record.

``python tests/validate/test_plans.py`` writes the record anew; a change needs a reason in the commit.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

import pytest

import dammech
from dammech.validate import claims, final_seeds, planned, plans, unclaimed
from dammech.validate.coverage import coverage, matches
from dammech.validate.plan import _rounded

#: where plans stand: what is in front of it is no part of their names
WHERE = re.compile(r"dammech\.(?:validate\.|systems\.(?=\w+\.claims\b))")
RECORD = Path(__file__).with_name("constants.json")
#: claims whose laws need no equations to be solved; tests of the theories hold the other numbers
LAWS = ("one-step-b", "pattern-law", "rank", "softmax-frozen", "stability", "clipped", "exponential.one")
PLANNED = {name: plan for name, plan in plans().items() if name in claims()}
SHORT = [name for name in PLANNED if any(x in name for x in LAWS) and ".power." not in name]


def constants() -> dict[str, str]:
    """Every constant of the room, by module and name, and every plan as it is where nothing else is said."""
    found = {}
    places = [info.name for info in pkgutil.walk_packages(dammech.__path__, "dammech.") if WHERE.match(info.name)]
    for module in places:
        for name, value in vars(importlib.import_module(module)).items():
            if name.upper() == name and not name.startswith("__") and not isinstance(value, type):
                text = repr(plain(value))
                if " at 0x" not in text:  # rivals and doses, which plans repeat
                    found[f"{WHERE.sub('', module)}.{name}"] = text
            if is_dataclass(value) and value.__module__ == module and MISSING not in (f.default for f in fields(value)):
                found[f"{WHERE.sub('', module)}.{name}()"] = repr(value())
    return found


def plain(value):
    """Floats to 12 digits, whatever holds them."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return tuple(map(plain, value)) if isinstance(value, tuple | list) else value


def said(claim) -> dict:
    """What a plan repeats of its claim."""
    return {
        "statement": claim.statement, "rivals": [[r.kind, r.statement] for r in claim.rivals], "without": dict(claim.without),
        "dose": claim.dose and claim.dose.statement, "points": [plain(_rounded(dict(p))) for p in claim.parameters],
    }  # fmt: skip


def test_constants_are_those_of_the_record():
    assert constants() == json.loads(RECORD.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", claims())
def test_every_claim_has_a_plan_that_says_what_it_says(name):
    plan, claim = plans()[name], claims()[name]
    assert {
        **{key: plan[key] for key in said(claim)},
        "points": [plain(p["parameters"]) for p in plan["points"]],
    } == said(claim)
    assert set(final_seeds(plan)).isdisjoint(plan["pilot"]["seeds"]) and len(final_seeds(plan)) == 3
    assert claim.dose is None or plan["power"] >= claim.policy.least_power, "below it nothing is claimed"


def test_what_a_run_costs_does_not_change_its_seeds():
    plan = next(iter(PLANNED.values()))
    assert final_seeds({**plan, "cpu": {"quick": 1e6}}) == final_seeds(plan) != final_seeds({**plan, "power": 1e6})


def test_claims_that_share_runs_ask_for_the_same_ones():
    pairs = [(claim, claims()[claim.shares]) for claim in claims().values() if claim.shares]
    names = list(claims())
    assert {claim.name for claim, _ in pairs} == {
        "hebbian.p2.retrieval-energy", "hebbian.p3.retrieval-energy", "hebbian.p3.power.retrieval-energy",
        "hebbian.p3.nishimori-overlap",
    }  # fmt: skip
    for claim, other in pairs:
        assert names.index(other.name) < names.index(claim.name) and other.shares is None
        planned_points = [{json.dumps(p["parameters"]): p["measured"] for p in PLANNED[c.name]["points"]} for c in (claim, other)]
        assert planned_points[1].items() <= planned_points[0].items()


@pytest.mark.parametrize(("level", "most"), [("quick", 30 * 60), ("full", 12 * 3600)])
def test_all_claims_of_a_level_have_time(level, most):
    """What two cores can do in 15 minutes, though theories leave one of them alone; half a day of one core."""
    table = planned(level=level)
    costs = [row.cpu for row in table]
    assert all(costs) and costs == sorted(costs, reverse=True) and sum(costs) <= most
    minutes, unit = (1, "CPU-minutes") if level == "quick" else (60, "CPU-hours")
    assert table.title == f"plan of {len(costs)} claims at level {level}: {sum(costs) / 60 / minutes:.1f} {unit}"
    assert {row.name for row in table} == {name for name, claim in claims().items() if level in claim.levels}


def test_no_plan_is_left_of_a_claim_that_is_gone():
    assert set(plans()) == set(claims())


@pytest.mark.parametrize("name", SHORT)
def test_theory_and_rivals_say_what_they_said(name):
    claim = claims()[name]
    for point in PLANNED[name]["points"]:
        at = point["parameters"]
        assert claim.prediction(at).value == pytest.approx(point["theory"], rel=1e-5)
        wrong = [rival.predict(at) for rival in claim.rivals]
        assert [None if x != x else pytest.approx(x, rel=1e-5) for x in wrong] == [
            r["value"] for r in point["rivals"]
        ]


def test_every_prediction_has_a_claim_or_a_reason_why_none():
    rows = coverage().points
    assert [row.prediction for row in rows if not row.claims and not row.why] == []
    named = [pattern for each in (*claims().values(), *unclaimed()) for pattern in each.covers]
    assert [pattern for pattern in named if not any(matches([pattern], row.prediction) for row in rows)] == []


if __name__ == "__main__":
    found = constants()
    RECORD.write_text(json.dumps(found, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(found)} constants\n")
