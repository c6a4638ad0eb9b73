"""Claims about the retrieval state of memories after sleep, of patterns and of examples: its overlap at N → ∞, near its end.

Temperatures are above 0 because replica symmetry is unstable at T = 0, where nothing could be claimed. With examples a run that
starts on a pattern lasts beyond the end of the branch: compared is the overlap below it, never the load at which runs fail.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from dammech.derive.free_energy import FreeEnergy
from dammech.derive.oracles import value as number_of
from dammech.solve import Solution, solve
from dammech.systems.dreaming.model import DreamingDAM
from dammech.systems.dreaming.sampler import experiment
from dammech.systems.dreaming.theory import derive
from dammech.validate.chains import overlap_of_kept
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Rival, Unclaimed
from dammech.validate.sizes import Plan
from dammech.validate.theory import of_state, value_or_none

#: ten examples with R = 0.1
_EXAMPLES = {"examples": 10, "quality": 0.5**0.5}
#: by claim: what is said, its point, plans
_CLAIMS: dict[str, tuple[str, dict[str, Any], dict[str, Plan]]] = {
    "t10.near-the-end": (
        "At 0.92 of the load at which retrieval ends, five times that without sleep, the overlap is that of the theory.",
        {"sleep": 10.0, "load": 0.68, "temperature": 0.1},
        {"quick": Plan((800, 1200, 1700), (90, 48, 24)), "full": Plan((800, 1200, 1700, 2400), (500, 300, 150, 60))},
    ),
    "examples": (
        "Stored are means of ten examples each (R = 0.1): at 0.81 of the load at which retrieval ends the overlap with the "
        "pattern that no example shows is that of the theory with binomial examples.",
        {"sleep": 3.0, "load": 0.25, "temperature": 0.1, **_EXAMPLES},
        {"quick": Plan((600, 900, 1400), (200, 120, 60)), "full": Plan((600, 900, 1400, 2000), (1200, 800, 400, 150))},
    ),
}
#: a little below what the branch has at its end: 0.917 with examples, 0.979 without
_LOST_BELOW = 0.9
#: discarded and kept
_SWEEPS = (60, 240)
_PROJECTOR = 1000.0


def _asleep(**changed: Any) -> Any:
    """The overlap of another memory; 0 where it has no such state."""
    return lambda p: value_or_none(_state(**{**p, **{k: v(p["sleep"]) if callable(v) else v for k, v in changed.items()}}))


_RIVALS = (
    Rival("interaction", "half as long a sleep", _asleep(sleep=lambda t: t / 2)),
    Rival("interaction", "twice as long a sleep", _asleep(sleep=lambda t: 2 * t)),
    Rival("interaction", "the projector", _asleep(sleep=_PROJECTOR)),
    Rival("term", "noise that does not answer to the spins", lambda p: value_or_none(_without_reaction(p))),
    Rival("null", "one step from the pattern", lambda p: _one_step(p)),
)
_NOISELESS = {"examples": None, "quality": None}
_OF_EXAMPLES = (
    Rival("term", "no noise in the data", _asleep(**_NOISELESS)),
    Rival("term", "Gaussian noise in the data, of the same R", _asleep(**_NOISELESS, dataset_entropy=0.1)),
)


_LIGHTER = Dose("a load 10 % lower", lambda p: {**p, "load": 0.9 * p["load"]})
_PATTERNS = Dose("the patterns are stored themselves", lambda p: {k: v for k, v in p.items() if k not in _EXAMPLES})


def claims() -> list[Claim | Unclaimed]:
    """Overlaps, one claim each."""
    return [
        *(Claim(
            f"dreaming.{name}", "[fachechi2019]" + (" [aquaro2022]" if "examples" in point else ""), statement, (point,),
            lambda p: of_state(_state(**p), "m"),
            partial(_measured, plans), _RIVALS + (_OF_EXAMPLES if "examples" in point else ()),
            without={
                "line": "the overlap inside the state is claimed, not where it ends",
                "ansatz": "replica symmetry is stable at these points",
            },
            dose=_PATTERNS if "examples" in point else _LIGHTER,
            covers=(
                ("DreamingDAM(*examples=1*)/retrieval", "dreaming.M2.rs")
                if "examples" in point
                else ("DreamingDAM(*examples=None*)/retrieval", "dreaming.rs", "dreaming.sleep")
            ),
        ) for name, (statement, point, plans) in _CLAIMS.items()),
        Unclaimed(
            ("DreamingDAM(*)/retrieval-spinodal",),
            "chains that start on a pattern last beyond it, for examples at any size that can be simulated; the overlap within a "
            "tenth of it is claimed instead",
        ),
        Unclaimed(
            ("DreamingDAM(*)/spin-glass", "dreaming.glass-line"),
            "as in Hopfield's memory, and the susceptibility that would show it has not been measured with these couplings; its "
            "temperature is checked on the spectrum of the couplings when it is derived",
        ),
        Unclaimed(("DreamingDAM(*)/paramagnetic",), "there m = q = 0, which the other branches have as a limit"),
        Unclaimed(("dreaming.examples.rs",), "the limit M → ∞ of examples, of which ten are claimed"),
    ]  # fmt: skip


@cache
def _state(load: float, temperature: float, **memory: Any) -> Solution:
    model: Any = DreamingDAM(**memory)
    return solve(model, load=load, temperature=temperature, throw=False)


def _memory(p: Parameters) -> DreamingDAM:
    return DreamingDAM(**{name: x for name, x in p.items() if name not in DreamingDAM.axes})


def _without_reaction(p: Parameters) -> Solution:
    """K stays what it is for a perfect pattern, whose spins do not respond."""
    full = derive(_memory(p)).free_energy
    *overlaps, _ = full.saddle_equations
    K = full.order_parameters[-1]
    stiff = FreeEnergy(
        full.expression, full.order_parameters, full.parameters, equations=[*overlaps, K - full.start[K]], domain=full.domain,
        observables=full.observables, branches=full.branches, start=full.start,
    )  # fmt: skip
    return solve(stiff, load=p["load"], temperature=p["temperature"], branch="retrieval", throw=False)


def _one_step(p: Parameters) -> float:
    """What the fields of a perfect pattern make of it: no feedback of the spins."""
    full = derive(_memory(p)).free_energy
    at = {s: p[s.name] for s in full.parameters}
    return float(number_of(full.observables["m"], at | {x: number_of(e, at) for x, e in full.start.items()}))


def _measured(plans: dict[str, Plan], p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """m of the chains that start on a pattern and do not leave it."""
    axes = {name: p[name] for name in DreamingDAM.axes}
    made = partial(experiment, _memory(p), axes, dynamics="glauber", overlap=1.0)
    return overlap_of_kept(made, plans[level], seeds, _LOST_BELOW, _SWEEPS)
