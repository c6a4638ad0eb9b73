"""Plans: what a claim measures, against which rivals and how sharply, written down after a pilot and before the run.

The seeds of the run are a hash of the plan. They cannot be chosen, and a plan that is changed gets others. What a run costs
stands beside it (``cpu``, seconds by level) and is no part of the hash.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from dammech.registry import parts
from dammech.results.documents import plain
from dammech.validate.claim import Claim, Estimate
from dammech.validate.judge import Judgement, judge, nearest

FILE = "plans.json"
#: of a run, and those of a claim without a plan
COUNT, UNPLANNED = 3, (1, 2, 3)

Plan = Mapping[str, Any]


def plans() -> dict[str, Plan]:
    """All plans by the name of their claim, each beside the claims of its system."""
    found: dict[str, Plan] = {}
    for system, _ in parts("claims"):
        file = files(system.home) / FILE
        if file.is_file():
            found.update(json.loads(file.read_text(encoding="utf-8")))
    return found


def final_seeds(plan: Plan | None) -> tuple[int, ...]:
    """The seeds of the run, which the plan decides and no pilot has used."""
    if plan is None:
        return UNPLANNED
    text = json.dumps({k: v for k, v in plan.items() if k != "cpu"}, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).digest()
    drawn = [int.from_bytes(digest[4 * k : 4 * k + 4], "big") for k in range(8)]
    return tuple([seed for seed in dict.fromkeys(drawn) if seed not in plan["pilot"]["seeds"]][:COUNT])


def pilot(claim: Claim, seeds: Sequence[int], level: str = "quick") -> dict[str, Any]:
    """The plan of a claim, after a run with seeds that no run will use.

    Returns
    -------
    dict
        Statement, rivals, wrong world and points; of each point what was measured how, the error that ``COUNT`` seeds will
        have, its systematic spreads, and how far each rival is. ``power`` is that of the nearest.
    """
    judged = [judge(claim, parameters, level, tuple(seeds)) for parameters in claim.parameters]
    scale = math.sqrt(len(seeds) / COUNT)
    points = []
    for j in judged:
        expected = _scaled(j.estimate, scale)
        points.append({
            "parameters": j.parameters, "theory": j.theory, "error": expected.error, "systematic": dict(expected.systematic),
            "measured": measured(j.estimate, len(seeds)), "form": (j.estimate.fit or {}).get("form", "at each N"),
            "rivals": [
                {"kind": r.kind, "statement": r.statement, "value": r.theory,
                 "power": 0.0 if r.theory is None or j.theory is None else expected.resolves(r.theory - j.theory)}
                for r in j.rivals
            ],
        })  # fmt: skip
    closest = nearest(judged)
    plan = {
        "statement": claim.statement, "rivals": [[r.kind, r.statement] for r in claim.rivals], "without": dict(claim.without),
        "dose": claim.dose.statement if claim.dose else None, "pilot": {"level": level, "seeds": list(seeds)},
        "power": None if closest is None else _power(points, closest[1].statement), "points": points,
    }  # fmt: skip
    return _rounded(plain(plan))


def measured(estimate: Estimate, seeds: int) -> list[list[float]]:
    """The sizes of an estimate, and at each the trials per seed where they are counted."""
    return [[row["size"], row.get("trials", row.get("sets", 0)) / seeds] for row in estimate.rows if "size" in row]


def unplanned(plan: Plan | None, points: Sequence[Judgement], level: str, seeds: int) -> str | None:
    """In what a run is not what its plan says, at the level of the pilot."""
    if plan is None or plan["pilot"]["level"] != level:
        return None
    for planned, point in zip(plan["points"], points, strict=True):
        if planned["measured"] != _rounded(measured(point.estimate, seeds)):
            return (
                f"sizes and trials per seed are {measured(point.estimate, seeds)}, planned were {planned['measured']}"
            )
    return None


def _power(points: Sequence[Mapping[str, Any]], rival: str) -> float:
    return max(float(r["power"]) for point in points for r in point["rivals"] if r["statement"] == rival)


def _scaled(estimate: Estimate, scale: float) -> Estimate:
    return Estimate(estimate.value, estimate.error * scale, systematic=estimate.systematic)


def _rounded(value: Any) -> Any:
    """Numbers to six digits: more would change the seeds with the machine."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return [_rounded(v) for v in value] if isinstance(value, list) else value
