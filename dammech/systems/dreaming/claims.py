"""Claims about the retrieval state of memories after sleep, of patterns and of examples: its overlap at N → ∞.

Temperatures are above 0 because replica symmetry is unstable at T = 0, where nothing could be claimed. With examples a run that
starts on a pattern lasts beyond the end of the branch: compared is the overlap below it, never the load at which runs fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from dammech.simulate import simulate
from dammech.solve import Solution, solve
from dammech.systems.dreaming.model import DreamingDAM
from dammech.validate.claim import Claim, Control, Estimate, Parameters
from dammech.validate.pooled import pooled
from dammech.validate.sizes import Plan, extrapolated
from dammech.validate.theory import of_state, value_or_none

#: ten examples with R = 0.1
_EXAMPLES = {"examples": 10, "quality": 0.5**0.5}
#: by claim: what is said, its point, plans
_CLAIMS: dict[str, tuple[str, dict[str, Any], dict[str, Plan]]] = {
    "t1.loaded": (
        "At 0.77 of the load at which retrieval ends, more than twice that without sleep, the overlap is that of the theory.",
        {"sleep": 1.0, "load": 0.29, "temperature": 0.1},
        {"quick": Plan((700, 1000, 1400), (120, 80, 50)), "full": Plan((700, 1000, 1400, 2000), (600, 400, 250, 120))},
    ),
    "t10.near-the-end": (
        "At 0.92 of the load at which retrieval ends, five times that without sleep, the overlap is that of the theory.",
        {"sleep": 10.0, "load": 0.68, "temperature": 0.1},
        {"quick": Plan((800, 1200, 1600), (90, 48, 27)), "full": Plan((800, 1200, 1600, 2400), (300, 200, 120, 50))},
    ),
    "t1.warm": (
        "At T = 0.2 and a load at which there is no retrieval without sleep the overlap is that of the theory.",
        {"sleep": 1.0, "load": 0.2, "temperature": 0.2},
        {"quick": Plan((400, 700, 1200), (240, 150, 80)), "full": Plan((400, 700, 1200, 2000), (1500, 1000, 500, 150))},
    ),
    "examples": (
        "Stored are means of ten examples each (R = 0.1): the overlap with the pattern that no example shows is that of the "
        "theory with binomial examples.",
        {"sleep": 3.0, "load": 0.2, "temperature": 0.1, **_EXAMPLES},
        {"quick": Plan((500, 800, 1200), (200, 120, 70)), "full": Plan((500, 800, 1200, 1800), (1000, 700, 400, 150))},
    ),
}
_PROJECTOR = 1000.0


def claims() -> list[Claim]:
    """Overlaps, one claim each."""
    return [
        Claim(
            name=f"dreaming.{name}",
            source="[fachechi2019]" + (" [aquaro2022]" if "examples" in point else ""),
            statement=statement,
            parameters=(point,),
            prediction=lambda p: of_state(_state(**p), "m"),
            experiment=lambda p, level, seeds, plans=plans: _measured(p, plans[level], seeds),  # type: ignore[misc]
            control=Control("the nearest of: no sleep, half as much, twice as much, the projector, no noise in the data",
                            _nearest_rival),
        )
        for name, (statement, point, plans) in _CLAIMS.items()
    ]  # fmt: skip


def rivals(parameters: Parameters) -> dict[str, float]:
    """By what is wrong about it, the overlap that each wrong theory has; 0 where it has no such state."""
    return {words: value_or_none(_state(**changed)) for words, changed in _wrong(parameters)}


def _wrong(p: Parameters) -> Iterator[tuple[str, dict[str, Any]]]:
    for words, sleep in (
        ("no sleep", 0.0),
        ("half", p["sleep"] / 2),
        ("twice", 2 * p["sleep"]),
        ("projector", _PROJECTOR),
    ):
        yield words, {**p, "sleep": sleep}
    if "examples" in p:
        yield "no noise in the data", {name: x for name, x in p.items() if name not in _EXAMPLES}


def _nearest_rival(parameters: Parameters) -> float:
    right = value_or_none(_state(**parameters))
    return min(rivals(parameters).values(), key=lambda m: abs(m - right))


@cache
def _state(load: float, temperature: float, **memory: Any) -> Solution:
    model: Any = DreamingDAM(**memory)
    return solve(model, load=load, temperature=temperature, throw=False)


def _measured(p: Parameters, plan: Plan, seeds: tuple[int, ...]) -> Estimate:
    """Chains that start on a pattern, extrapolated in 1/N."""
    axes = {"load": p["load"], "temperature": p["temperature"]}
    model = DreamingDAM(**{name: x for name, x in p.items() if name not in axes})
    rows, problems = [], []
    for size, trials in zip(plan.sizes, plan.trials):
        runs = [simulate(model, **axes, size=size, trials=trials, seed=seed).points[0] for seed in seeds]
        problems += [f"N = {size}, seed {run.seed}: {run.why}" for run in runs if not run.converged]
        lost = sum(1 - run.retrieved for run in runs)
        if lost:
            problems.append(f"N = {size}: {lost * trials:.0f} of {trials * len(runs)} chains left the retrieval state")
        rows.append(pooled(size, seeds, [run.m for run in runs], [run.m_error for run in runs], trials=trials * len(runs),
                           tau=max(run.tau or 0.0 for run in runs)))  # fmt: skip
    return extrapolated(rows, plan.degree, problems)
