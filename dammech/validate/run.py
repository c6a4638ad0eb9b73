"""``validate``: run claims and report their verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from os import PathLike
from typing import Any

from dammech.errors import InputError, Interrupted, integer, listed, one_of, shown, texts
from dammech.results.documents import plain
from dammech.results.record import Record
from dammech.results.result import Table
from dammech.sweep import Store
from dammech.validate.claim import LEVELS, Claim, Estimate, Parameters, restored
from dammech.validate.judge import Judgement, compare, judge
from dammech.validate.plan import Plan, final_seeds, plans
from dammech.validate.registry import claims
from dammech.validate.report import Report, Verdict, decided

#: what the cells of a store are made by
_ESTIMATE = "dammech.validate:experiment"


@dataclass(frozen=True, repr=False)
class Planned(Record):
    """A claim before its run.

    Attributes
    ----------
    name : str
    points : int
    power : float or None
        d of the nearest rival.
    cpu : float or None
        Seconds that the run takes, of all cores together.
    """

    name: str
    points: int
    power: float | None
    cpu: float | None


def planned(names: str | Sequence[str] = "all", level: str = "quick") -> Table[Planned]:
    """What `validate` would run with these arguments, the costliest first; the title says what all cost."""
    one_of("level", level, LEVELS)
    known = plans()
    rows = []
    for claim in _chosen(names, level):
        plan = known.get(claim.name, {})
        rows.append(Planned(claim.name, len(claim.parameters), plan.get("power"), plan.get("cpu", {}).get(level)))
    rows.sort(key=lambda row: -(row.cpu or 0.0))
    total = sum(row.cpu or 0.0 for row in rows) / 60
    time = f"{total:.1f} CPU-minutes" if total < 120 else f"{total / 60:.1f} CPU-hours"
    return Table(f"plan of {len(rows)} claims at level {level}: {time}", rows)


def validate(
    names: str | Sequence[str] = "all",
    level: str = "quick",
    seeds: Sequence[int] | None = None,
    progress: Callable[..., Any] | None = None,
    store: str | PathLike[str] | None = None,
) -> Report:
    """Compare theory with simulation, claim by claim.

    Parameters
    ----------
    names : str or sequence of str
        Claims, patterns such as "deadneurons.*" (those of the level that match), or "all": all those of the level.
    level : str
        "quick" (minutes) or "full" (up to an hour: more pattern sets, larger sizes, and claims that need them).
    seeds : sequence of int, optional
        Their runs are pooled; the report shows each. Without them those that the plan of each claim decides.
    progress : callable, optional
        Called with a text before each point.
    store : path, optional
        A file that keeps every point as soon as it is measured; a run that was stopped goes on from there.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        For an unknown claim or level, a claim that this level does not run, or seeds that are no integers ≥ 0.
    """
    one_of("level", level, LEVELS)
    chosen = _chosen(names, level)
    used, known = None if seeds is None else _checked_seeds(seeds), plans()
    verdicts: list[Verdict] = []
    try:
        with nullcontext() if store is None else Store(store) as kept:
            for claim in chosen:
                plan = known.get(claim.name)
                drawn = used or final_seeds(known.get(claim.shares or claim.name))
                verdicts.append(_verdict(_keeping(claim, kept), level, drawn, plan, progress))
    except KeyboardInterrupt:
        rest = [claim.name for claim in chosen[len(verdicts) :]]
        words = (
            f"interrupted with {len(verdicts)} of {len(chosen)} claims judged; go on with validate {' '.join(rest[:3])}"
        )
        raise Interrupted(words + " …" * (len(rest) > 3), Report(verdicts, level)) from None
    return Report(verdicts, level)


def _verdict(
    claim: Claim, level: str, seeds: tuple[int, ...], plan: Plan | None, progress: Callable[..., Any] | None
) -> Verdict:  # fmt: skip
    start = time.perf_counter()
    judgements = []
    for index, parameters in enumerate(claim.parameters):
        if progress is not None:
            progress(f"{claim.name} {index + 1}/{len(claim.parameters)}")
        judgements.append(judge(claim, parameters, level, seeds))
    wrong = _in_the_wrong_world(claim, level, seeds[:1]) if judgements[0].verdict != "ansatz-invalid" else None
    return decided(claim, judgements, level, seeds, plan, wrong, time.perf_counter() - start)


def _keeping(claim: Claim, store: Store | None) -> Claim:
    """The claim, whose experiment looks into the store first."""
    if store is None:
        return claim

    def experiment(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
        cell = {"claim": claim.name, "parameters": plain(dict(parameters)), "level": level, "seeds": list(seeds)}
        (found,) = store.results(_ESTIMATE, [cell])
        if found is None:
            start = time.perf_counter()
            found = plain(asdict(claim.experiment(parameters, level, seeds)))
            store.write(_ESTIMATE, cell, found, time.perf_counter() - start)
        return restored(found)

    return replace(claim, experiment=experiment)


def _in_the_wrong_world(claim: Claim, level: str, seeds: tuple[int, ...]) -> Judgement | None:
    """The first point, simulated where its dose says, against the theory of the right world; one seed is enough."""
    if claim.dose is None:
        return None
    parameters = claim.parameters[0]
    world = claim.dose.world(parameters)
    return compare(dict(world), claim.prediction(parameters), claim.experiment(world, level, seeds), (), claim.policy)


def _chosen(names: str | Sequence[str], level: str) -> list[Claim]:
    known = claims()
    wanted = texts("names", names)
    if wanted == ["all"]:
        return [claim for claim in known.values() if level in claim.levels]
    found: dict[str, None] = {}
    for name in wanted:
        matching = [k for k, claim in known.items() if "*" in name and fnmatchcase(k, name) and level in claim.levels]
        if matching:
            found.update(dict.fromkeys(matching))
            continue
        if name not in known:
            near = listed(known, name)
            raise InputError(
                f"claim {shown(name)} is unknown; one is hebbian.p3.retrieval-overlap, and near it are {near}"
            )
        if level not in known[name].levels:
            raise InputError(f"level={level!r}: claim {name!r} runs at level {', '.join(known[name].levels)} only")
        found[name] = None
    return [known[name] for name in found]


def _checked_seeds(seeds: Iterable[Any]) -> tuple[int, ...]:
    try:
        given = [] if isinstance(seeds, str | bytes) else [integer("seeds", seed, 0, 2**63 - 1) for seed in seeds]
    except Exception:
        given = []
    if not given or len(set(given)) < len(given):
        raise InputError(f"seeds={shown(seeds)}: must be a sequence of different integers ≥ 0")
    return tuple(given)
