"""Claims about what a few examples teach of a single archetype: overlaps with it and with the mean example at N → ∞, and which
state is deeper, that of an example or that of the archetype.

At a load the state has slow modes near its end, and finite sizes count far below it; what was tried there stands with what is
not claimed.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from dammech.simulate.rows import RowChain
from dammech.simulate.trials import key_of
from dammech.solve import Solution, solve
from dammech.systems.examples.model import ExampleDAM
from dammech.systems.examples.sampler import draw, experiment
from dammech.validate.chains import overlap_of_kept
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival, Unclaimed
from dammech.validate.pooled import pooled_row
from dammech.validate.sizes import Plan, limit
from dammech.validate.theory import of_state, value_or_none

#: a load at which there is one archetype at all sizes
_POINT = {"order": 3, "protocol": "unsupervised", "load": 1e-6, "temperature": 0.1, "quality": 0.8, "examples": 3}
_PLANS = {"quick": Plan((800, 1000, 1200), (200, 200, 200)), "full": Plan((800, 1000, 1200), (400, 400, 400))}
#: so cold that spins obey their fields, at either side of where both states are equally deep
_DEPTHS = tuple({**_POINT, "load": 1e-9, "temperature": 0.02, "quality": 0.6, "examples": many} for many in (3, 5))
#: sweeps after which nothing has moved for long, at T = 0 and without load
_AT_REST = 60
_DEPTH_PLANS = {"quick": Plan((400, 600, 800), (400, 400, 400)), "full": Plan((400, 800, 1600), (1600, 1600, 1600))}
_LOST_BELOW = 0.5
_STATEMENTS = {
    "m": "Of a single archetype three examples teach what their binomial law says, at both protocols alike.",
    "n": "The overlap with the mean of the examples, over their quality, is that of the theory.",
}
#: discarded and kept
_SWEEPS = (100, 480)


def claims() -> list[Claim | Unclaimed]:
    """Of the archetype, of its examples, and of the depth of both."""
    return [
        Claim(
            "examples.crossover", "[albanese2024]",
            "Without supervision and load, at T = 0, one of 3 examples of quality 0.6 lies deeper than the state in which runs "
            "from the archetype end; one of 5 no longer, although it lies deeper than the archetype itself.",
            _DEPTHS, lambda p: Prediction(_depth(p)), _measured_depth,
            (
                Rival("term", "Gaussian data of the same ρ", lambda p: _depth(p, **_gaussian(p))),
                Rival("line", "the archetype itself in the place of its state: until M = 1 + r^−p",
                      lambda p: float(_memory(p).example_depth or 0.0)),
                Rival("null", "examples are no states: runs from both end in the same one", lambda p: 1.0),
            ),
            without={"ansatz": "replica symmetry is stable without load",
                     "interaction": "with supervision an example is no state, which is the null here"},
            dose=Dose("examples of a quality higher by 5 %", lambda p: {**p, "quality": 1.05 * p["quality"]}),
            covers=("examples.threshold",),
        ),
        *(Claim(
            f"examples.threshold.{ {'m': 'archetype', 'n': 'examples'}[measured] }", "[albanese2024]",
            _STATEMENTS[measured], (_POINT,),
            partial(_predicted, measured), partial(_measured, measured), _rivals(measured),
            without={
                "line": "the overlap inside the state is claimed, not where it ends",
                "ansatz": "replica symmetry is stable at this point",
                "interaction": "there is none but with one archetype",
                "null": "the archetype itself is no state",
            },
            dose=Dose("examples of better quality", lambda p: {**p, "quality": 0.5 + p["quality"] / 2}),
            covers=("examples.threshold",) if measured == "m" else (),
        ) for measured in ("m", "n")),
        Unclaimed(
            ("ExampleDAM(*)/retrieval-spinodal", "ExampleDAM(*)/thermodynamic"),
            "runs leave the state below the load at which it ends at any size that can be simulated",
        ),
        Unclaimed(
            ("ExampleDAM(*)/at", "ExampleDAM(*)/zero-entropy"),
            "as for perfect examples: the susceptibility that would show it has not been measured",
        ),
        Unclaimed(
            ("ExampleDAM(*)/spin-glass", "ExampleDAM(*)/paramagnetic"),
            "without overlap the theory is that of perfect examples with noise Γ times as strong, which is claimed there",
        ),
        Unclaimed(
            ("ExampleDAM(order=2,*)/retrieval", "examples.p2.unsupervised.M3.rs"),
            "four runs at 0.7 of the load at which retrieval ends (r = 0.4, M = 20, T = 0.1, N up to 2200) came out at z = −0.8, "
            "−0.1, −0.7 and 0.4, with the other protocol 6σ away, but even 700 sweeps are fewer than 20 autocorrelation times of "
            "chains that are about to leave the state; at 0.9 of it sizes move away from the theory",
        ),
        Unclaimed(
            ("ExampleDAM(order=[34],*)/retrieval", "examples.p3.unsupervised.M2.rs"),
            "at order 3 up to N = 288 two forms of the correction differ by .03, three times as much as the state from one step "
            "of the dynamics; the noise Γ of both protocols is exact at every N",
        ),
        Unclaimed(
            ("examples.p4.supervised.big-data.rs", "examples.p3.supervised.big-data.1rsb"),
            "limits M → ∞, and broken symmetry, which as for perfect examples no size decides here",
        ),
    ]  # fmt: skip


def _rivals(measured: str) -> tuple[Rival, ...]:
    def other(p: Parameters, **changed: Any) -> float:
        return value_or_none(_state(**{**p, **changed}), measured)

    return (
        Rival("term", "Gaussian data of the same ρ", lambda p: other(p, **_gaussian(p))),
        Rival("term", "no noise in the data", partial(other, quality=1.0)),
    )  # fmt: skip


def _memory(p: Parameters) -> ExampleDAM:
    return ExampleDAM(**{name: x for name, x in p.items() if name not in ExampleDAM.axes})


def _gaussian(p: Parameters) -> dict[str, Any]:
    return {"examples": None, "dataset_entropy": float(_memory(p).rho)}


def _depth(p: Parameters, **changed: Any) -> float:
    """Energy of an example, which no spin leaves, over that of the archetype's state."""
    return -float(_memory(p).example_depth or 0.0) / p["order"] / value_or_none(_state(**{**p, **changed}), "energy")


def _predicted(measured: str, p: Parameters) -> Any:
    return of_state(_state(**p), measured)


@cache
def _state(load: float, temperature: float, **memory: Any) -> Solution:
    model: Any = ExampleDAM(**memory)
    found = solve(model, load=load, temperature=temperature, throw=False)
    if not model.rho and found.converged:
        found.values = {"n": found.values["m"], **found.values}
    return found


def _measured(measured: str, p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """The overlap of chains that start on an archetype and do not leave it."""
    axes = {name: p[name] for name in ExampleDAM.axes}
    made = partial(experiment, _memory(p), axes, dynamics="glauber", overlap=1.0, measured=measured)
    return overlap_of_kept(made, _PLANS[level], seeds, _LOST_BELOW, _SWEEPS, {"N^(−2/3)": (2 / 3,)})


def _measured_depth(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """Energy in which a run from an example ends at T = 0, over that from its archetype; mean over sets of examples."""
    plan, depths = _DEPTH_PLANS[level], partial(_depths, _memory(p))
    rows = [pooled_row(n, {seed: depths(n, trials, seed) for seed in seeds}) for n, trials in zip(plan.sizes, plan.trials)]
    return limit(rows, others={"N^(−2/3)": (2 / 3,)})


def _depths(model: ExampleDAM, size: int, trials: int, seed: int) -> np.ndarray:
    rng, ends = np.random.default_rng(key_of("crossover", repr(model), size, seed)), np.empty((2, trials))
    for trial in range(trials):
        data = draw(model, 1, rng, size)
        starts: Any = data.example, data.archetype
        for end, start in zip(ends, starts):
            stream = rng.integers(1, 2**63, 4, dtype=np.uint64)
            chain = RowChain(model.p, data.rows, data.unit, start, 0.0, "zero-temperature", stream, data.mean)
            chain.run(_AT_REST)
            end[trial] = chain.energy()
    return ends[0] / ends[1]
