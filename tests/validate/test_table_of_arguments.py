"""What every claim asks of theories and simulations, and what it makes of their answers, against a table.

Each solver and each simulation is replaced by one that notes what it was asked and answers at once, so that every argument of
every claim is held. ``python tests/validate/test_table_of_arguments.py`` writes the table anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr
from tables import Questions, check, patched, plain, written

import dammech.phases
from dammech.flows.ensembles import FlatCount, Retrieved
from dammech.systems.dreaming import claims as asleep
from dammech.systems.hebbian.claims import chains, mixtures, onestep, spinodal, wrong
from dammech.systems.hebbian.claims import glass as paramagnet
from dammech.systems.hebbian.claims import theory as memory
from dammech.systems.hebbian.claims.chains import Chains
from dammech.systems.lagrangian.claims import flats, hidden
from dammech.systems.palimpsest.claims import onestep as step
from dammech.systems.palimpsest.claims import rehearsal, rules, streams
from dammech.systems.palimpsest.claims import theory as ages
from dammech.systems.phasor import claims as phases
from dammech.systems.pspin.claims import glass
from dammech.systems.pspin.claims.tempered import Glass
from dammech.systems.thresholds.claims import capacity
from dammech.systems.thresholds.claims import retrieval as fixed
from dammech.systems.thresholds.claims import theory as dead
from dammech.validate import theory
from dammech.validate.claim import LEVELS
from dammech.validate.registry import claims

RECORD = Path(__file__).with_name("table_of_arguments.json")
SEEDS = (1, 2)
CACHED = (
    (asleep, "_state"), (theory, "state"), (glass, "state"), (fixed, "_run"), (step, "_points"), (rules, "_clipped_points"),
    (rules, "_delta_points"), (rules, "_exponential_points"),
)  # fmt: skip


class State(dict):
    """What a claim reads of a solution; without a state where ``converged`` is false."""

    def __init__(self, converged: bool = True) -> None:
        super().__init__({"m": 0.8, "q": 0.7, "q1": 0.6, "energy": -0.5, "dead": 0.3, "replicon": 0.2} if converged else {})
        self.converged, self.valid, self.why = converged, True, None if converged else "nowhere"

    def __missing__(self, name: str) -> None:
        raise AssertionError(f"{name} of no state")

    def to_json(self) -> dict[str, float]:
        return dict(self)


def shown(value: Any) -> str:
    """An argument as a text."""
    if callable(value) and not isinstance(value, type):
        return "function"
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"{list(value.shape)} of sum {value.sum():.8g}"
    return str(plain(value))


class Noted:
    """Stands for a function: notes what it is asked and answers with what ``answer`` makes of the same arguments."""

    def __init__(self, asked: list[str], name: str, answer: Callable[..., Any]) -> None:
        self.asked, self.name, self.answer = asked, name, answer

    def __call__(self, *a: Any, **k: Any) -> Any:
        self.asked.append(f"{self.name}({', '.join([*map(shown, a), *(f'{n}={shown(v)}' for n, v in sorted(k.items()))])})")
        return self.answer(*a, **k)


def some(count: int, *key: float) -> np.ndarray:
    """Numbers near 0.8, as of independent sets, by a key."""
    rng = np.random.default_rng(np.array([1.0, *key]).view(np.uint32))
    return 0.8 + 0.01 * rng.normal(size=count)


def ran(order: int, interaction: str, load: float, t: float, size: int, trials: int, seeds: tuple, start: float = 1.0) -> Chains:
    count = 6 * len(seeds)
    made = [some(count, size, k) for k in range(5)]
    known = np.stack(made[3:], axis=1) - 0.8
    return Chains(size, 5, load, *made[:2], None if start == 1 else made[2], known, np.full(count, True), np.repeat(seeds, 6),
                  {"overlap": (0.01, 0.006), "energy": (0.001, 0.002)})  # fmt: skip


def mixed(run: Any, order: int, interaction: str, load: float, t: float, size: int, trials: int, seeds: tuple) -> tuple:
    """Twenty blocks of three overlaps for each set, and the overlap of its start."""
    made = some(60 * trials * len(seeds), size).reshape(-1, 20, 3)
    return None, 5, [(blocks - 0.3, 0.5 + 0.1 * (blocks[0, 0] - 0.8)) for blocks in made]


def tempering(order: int, size: int, samples: int, sweeps: int, ladder: tuple, seeds: tuple, runs: int = 1) -> Glass:
    count = 9 * len(seeds)
    laws = np.array([[some(size + 1, size, k, j) for k in range(len(ladder))] for j in range(count)])
    laws /= laws.sum(axis=-1, keepdims=True)
    energies = -np.array([some(count, size, t) for t in ladder]).T
    return Glass(order, size, sweeps, tuple(sorted(ladder)), energies, laws, -some(count, size), some(count, 2) - 0.8, np.repeat(seeds, 9), None)


def kept(model: Any, *, load: list, temperature: float, size: int, sweeps: list, trials: int, seed: int, retrieved_above: float) -> Any:
    share = [(a, t, ndtr((0.1 + 0.2 / t - a) * math.sqrt(size) / 0.3)) for a in load for t in sweeps]
    return SimpleNamespace(points=[SimpleNamespace(load=a, sweeps=t, retrieved=round(p * trials) / trials) for a, t, p in share])


def settled(size: int, patterns: int, theta: float, beta: float, sets: int, seed: int, **more: float) -> Retrieved:
    overlap = np.where(np.arange(sets) < sets * ndtr((0.3 - patterns / size) * math.sqrt(size)), 0.9, 0.2) + 0.01 * some(sets, size, seed)
    return Retrieved(overlap, overlap**2, some(sets, seed), np.zeros(sets), np.ones(sets))


def points(where: Any, trials: int, seed: int, size: float = math.inf) -> list:
    """One point for each age, with every number that a claim reads; the share that is kept falls with the place."""
    share = [float(ndtr(1.5 - 3 * (k + 9 / size) / max(1, len(where) - 1))) for k in range(len(where))]
    return [
        SimpleNamespace(
            m=some(1, k, seed)[0], m_error=0.01 + 0.001 * k, retrieved=round(share[k] * trials) / trials, tau=1.0 + 0.1 * k, age=x, patterns=7,
            weight=0.5 + 0.1 * k, effective_load=0.2, weights=1 + np.arange(trials) % 5, overlaps=0.62 + 3 * (some(trials, k, seed) - 0.8),
            signal=some(1, k)[0], signal_error=0.02, bit_error=0.1 + 0.01 * k, bit_error_error=0.001, variance=0.3, features=9 + k, seed=seed, load=0.1,
            converged=True, why=None,
        )
        for k, x in enumerate(where)
    ]  # fmt: skip


def curve(memory: Any, weights: Any, *, ages: Any, size: int, trials: int, seed: int, **more: Any) -> Any:
    return SimpleNamespace(points=points(ages, trials, seed, size))


def line(*a: Any, **k: Any) -> Any:
    at = {"load": 0.13, "window": 0.04, "alpha": 0.25, "converged": True, "valid": True, "why": "because"}
    return SimpleNamespace(points=[at, None])


@contextmanager
def staged(asked: list[str], **states: Callable[..., Any]) -> Iterator[None]:
    """Everything that takes long replaced; ``solve`` may be given."""
    solve = states.get("solve", lambda *a, **k: State())
    boundary = states.get("boundary", line)

    def noted(name: str, answer: Callable[..., Any]) -> Noted:
        return Noted(asked, name, answer)

    def sets(name: str) -> Noted:
        return noted(name, lambda *a, sets, seed: some(12, seed, *a))

    one_step = noted("one_step_bit_error", lambda model, **k: SimpleNamespace(points=points([k["load"]], 4, k["seed"])))
    with ExitStack() as stack:
        for module, name in CACHED:
            stack.enter_context(patched(module, **{name: getattr(module, name).__wrapped__}))
        for module in (theory, memory, mixtures, wrong, ages, dead, asleep, phases):
            stack.enter_context(patched(module, solve=noted("solve", solve)))
        for module in (dammech.phases, dead):
            stack.enter_context(patched(module, boundary=noted("boundary", boundary)))
        run = noted("simulate", lambda model, **k: SimpleNamespace(points=points([0], k["trials"], k["seed"], k["size"])))
        stack.enter_context(patched(asleep, simulate=run))
        made = noted("measure", lambda setting, trials, *more: SimpleNamespace(overlap=some(len(trials), setting.size), converged=True, why=None))
        stack.enter_context(patched(phases, measure=made, Trial=lambda setting, k: k, free_energy_of=noted("free_energy_of", lambda *a: "another noise")))
        stack.enter_context(patched(wrong, without_reaction=lambda: "no reaction"))
        stack.enter_context(patched(fixed, without_reaction=lambda: "no reaction", retrieved=noted("retrieved", settled)))
        stack.enter_context(patched(capacity, without_death=lambda: "no death", retrieved=noted("retrieved", settled)))
        stack.enter_context(patched(dead, derived=lambda: "derived"))
        stack.enter_context(patched(chains, chains=noted("chains", ran)))
        stack.enter_context(patched(paramagnet, squares=noted("squares", lambda a, t, n, trials, seeds: 2 * some(2 * trials * len(seeds), t, n).reshape(2, -1))))
        stack.enter_context(patched(mixtures, of_every_seed=noted("of_every_seed", mixed)))
        bits = noted("bit_error", lambda *a: SimpleNamespace(probability=0.1))
        stack.enter_context(patched(onestep, bit_error=bits, one_step_bit_error=one_step))
        ground = noted("ground", lambda *a: SimpleNamespace(energy=-0.7 - 0.01 * a[2].sum()))
        disorder = noted("couplings", lambda model, size, sample, seed: some(3, size, sample, seed))
        stack.enter_context(patched(glass, glass=noted("tempered", tempering), pspin_ground_state=ground, sample_disorder=disorder))
        stack.enter_context(patched(spinodal, retrieval_probability=noted("retrieval_probability", kept)))
        for name in ("dead_at_pattern", "alive_edges", "frozen_traces", "wrong_ratios"):
            stack.enter_context(patched(hidden, **{name: sets(name)}))
        laws = {name: noted(name, lambda *a, **k: 0.4) for name in ("mean_wrong_ratio", "mean_hessian_trace", "gaussian_levels")}
        stack.enter_context(patched(hidden, **laws, dead_law=noted("dead_law", lambda *a: SimpleNamespace(probability=0.3)), of_law=noted("of_law", lambda *a: (0.4, 0.6))))
        flat = noted("random_flats", lambda n, w, c, nets, seed: FlatCount(np.arange(12) % 5 + 2, np.arange(12) % 3 + seed))
        stack.enter_context(patched(flats, random_flats=flat))
        for module in (streams, step, rehearsal):
            stack.enter_context(patched(module, forgetting_curve=noted("forgetting_curve", curve)))
        stack.enter_context(patched(step, stream_bit_error=noted("stream_bit_error", lambda *a: SimpleNamespace(probability=0.1))))
        counts = noted("rehearsal_counts", lambda count, again, rng: 1 + np.arange(12) % rng.integers(2, 7))
        stack.enter_context(patched(rehearsal, rehearsal_counts=counts))
        stack.enter_context(patched(rehearsal, rehearsal_second_moment=noted("rehearsal_second_moment", lambda *a: 900.0)))
        stack.enter_context(patched(
            rules, clipped_signal=noted("clipped_signal", lambda order, **k: points(k["ages"], k["trials"], k["seed"])),
            delta_rule=noted("delta_rule", lambda order, **k: points(k["ages"], k["trials"], k["seed"])),
            dreaming_step=noted("dreaming_step", lambda load, **k: points([load] * 2, k["trials"], k["seed"])[1]),
            exponential_step=noted("exponential_step", lambda **k: points(k["indices"], k["trials"], k["seed"])),
            clipped_moments=noted("clipped_moments", lambda *a: SimpleNamespace(signal=0.7)),
            delta_moments=noted("delta_moments", lambda *a: SimpleNamespace(signal=0.7, variance=0.2)),
            exponential_overlap=noted("exponential_overlap", lambda *a: 0.6),
            of_law=noted("of_law", lambda name, part, at: (0.4,) if part == "Signal" else (0.4, 0.6)),
        ))  # fmt: skip
        yield


def gathered(asked: list[str]) -> list[Any]:
    """What was asked: the first few and the last, and how often in all."""
    lines = list(dict.fromkeys(asked))
    return [len(asked), *(lines if len(lines) <= 8 else [*lines[:4], *lines[-2:]])]


def answers(make: Callable[[], Any], **states: Callable[..., Any]) -> list[Any]:
    asked: list[str] = []
    with staged(asked, **states):
        try:
            found = plain(make())
        except (AssertionError, TypeError) as error:  # of a state, or an end, that is not there
            found = str(error)
    return [gathered(asked), found]


def nowhere(*a: Any, **k: Any) -> State:
    return State(False)


def endless(*a: Any, **k: Any) -> Any:
    at = {"load": None, "window": math.nan, "alpha": None, "converged": False, "valid": False, "why": "no end"}
    return SimpleNamespace(points=[at])


def of_claim(name: str) -> list[Any]:
    """Both arms and the rivals at a few of its points; the arms of theory also where there is no state."""
    claim = claims()[name]
    some_points = claim.parameters[:: max(1, len(claim.parameters) // 3)][:4]
    found = []
    for number, p in enumerate(some_points):
        arms = claim.prediction, *(rival.predict for rival in claim.rivals)
        found += [answers(partial(arm, p)) for arm in arms]
        if not number:
            found += [answers(partial(arm, p), solve=nowhere, boundary=endless) for arm in arms]
        for level in [v for v in LEVELS if v in claim.levels]:
            asked, made = answers(partial(claim.experiment, p, level, SEEDS))
            if number or level != claim.levels[0]:
                made = [made["value"], made["error"], made["trusted"], made["why"]]
            found.append([asked, made])
    alone = answers(partial(claim.experiment, claim.parameters[0], claim.levels[0], SEEDS[:1]))[1]  # one seed is enough
    return [*found, [alone["value"], alone["error"], alone["trusted"], alone["why"]]]


QUESTIONS: Questions = {name: partial(of_claim, name) for name in claims()}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_claim_asks_what_the_table_says(name):
    check(RECORD, name, QUESTIONS[name])


if __name__ == "__main__":
    written(RECORD, QUESTIONS)
