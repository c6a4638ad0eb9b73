"""What experiments of claims measure with small plans, and what is made of it, against a table.

``python tests/validate/test_table_of_validate.py`` writes it anew. Seeds are fixed; where a theory would have to be solved for
long, its state is replaced by given numbers.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tables import Questions, check, patched, plain, written

from dammech.errors import InputError
from dammech.systems.hebbian.claims import annealed, chains, mixtures, onestep, retrieval, spinodal, wrong
from dammech.systems.hebbian.claims import glass as paramagnet
from dammech.systems.hebbian.claims import theory as memory
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.lagrangian.claims import flats, hidden
from dammech.systems.palimpsest.claims import greedy, overlap, rehearsal, rules, streams, tasks, window
from dammech.systems.palimpsest.claims import onestep as step
from dammech.systems.palimpsest.claims import theory as ages
from dammech.systems.pspin.claims import glass, tempered
from dammech.systems.thresholds.claims import capacity
from dammech.systems.thresholds.claims import retrieval as fixed
from dammech.systems.thresholds.claims import theory as dead
from dammech.validate import crossings, pooled, sizes, theory
from dammech.validate.claim import Prediction
from dammech.validate.pooled import at_this_size
from dammech.validate.pooled import pooled as pooled_seeds
from dammech.validate.registry import claims as registered

RECORD = Path(__file__).with_name("table_of_validate.json")
SEEDS = (1, 2)
every = registered()


class State(dict):
    """What a claim reads of a solution."""

    def __init__(self, converged: bool = True, valid: Any = True, why: str | None = None, **values: float) -> None:
        super().__init__(values)
        self.converged, self.valid, self.why = converged, valid, why


def table(n: int = 4, bend: float = 0.0, error: float = 1e-3) -> list[dict]:
    where = (100, 200, 400, 800)[:n]
    return [{"size": s, "value": 0.7 - 3 / s + bend * (s == 200), "error": error * (1 + 0.1 * k)} for k, s in enumerate(where)]


def of_chains() -> list:
    point = [(3, "distinct", 0.05, 0.25, 16, 6, SEEDS), (3, "power", 0.05, 0.3, 14, 5, SEEDS, 0.9), (2, "distinct", 0.1, 0.4, 30, 6, (5,)),
             (2, "power", 0.1, 0.4, 30, 5, (5, 6), 0.9), (4, "distinct", 0.02, 1.5, 12, 6, (5,)), (3, "y**3+6*y", 0.02, 0.3, 14, 5, (5,))]  # fmt: skip
    found = [chains.chains(*p) for p in point]
    rows = [chains.averaged(f, f.overlap) for f in found if f.kept.all()]
    return [found, rows, [chains.ratio(f, f.overlap, f.replicas) for f in found if f.replicas is not None]]


def of_sizes() -> list:
    plan, at = sizes.Plan((14, 18, 24), (6, 6, 6)), {"order": 3, "interaction": "distinct", "load": 0.05, "temperature": 0.25}
    made = [chains.overlap(at, plan, SEEDS), chains.overlap(at, sizes.Plan((14, 18, 20, 24), (6,) * 4), SEEDS, (1.0, 2.0)), chains.energy(at, plan, SEEDS),
            chains.energy(at, plan, SEEDS, 0.9), chains.overlap_ratio(at, plan, SEEDS, 0.9)]  # fmt: skip
    settled = [chains.settled(table(), np.array(kept), drift) for kept, drift in (([True] * 9 + [False], (0.0, 1.0)), ([True, False], (2.0, 1.0)))]
    return [made, settled, [[c.prediction(p) for p in c.parameters] for c in retrieval.nishimori_claims()]]


def of_mixtures() -> list:
    at = {"order": 2, "interaction": "distinct", "mixed": 3, "load": 0.02, "temperature": 0.3}
    with patched(mixtures, _PLANS={3: sizes.Plan((200, 300, 400), (5, 5, 5))}, _UNEQUAL=2.0):
        return [mixtures._measured(at, "quick", SEEDS), [[mixtures._in_noise({**at, "mixed": n}, k) for n in (1, 3, 5)] for k in (0, 1, 2000)]]


def of_paramagnets() -> list:
    with patched(paramagnet, _PLAN=sizes.Plan((20, 30, 40), (4, 4, 4)), _SETTLING=10):
        return [paramagnet._susceptibility({"load": 0.5, "temperature": 2.0}, "quick", SEEDS), [paramagnet._diverging(x) for x in (0.0, 0.5, 1.0)]]


def of_annealed() -> list:
    plans = {0.2: sizes.Plan((20, 30, 40), (6, 5, 4))}
    energy = {("rs", "spin-glass"): -0.7, ("3rsb", "spin-glass"): -0.66, ("4rsb", "spin-glass"): -0.65, ("rs", "retrieval"): -0.5}
    at = {"order": 2, "interaction": "distinct", "load": 0.2, "temperature": 0.0}
    with patched(annealed, _PLANS={**plans, 0.09: plans[0.2]}, _RETRIEVED=1.1, _LONGER=2,
                 _state=lambda load, branch, ansatz: State(energy=energy[ansatz, branch] + load, why="unstable")):  # fmt: skip
        (claim,) = annealed.annealed_claims()
        return [[annealed._measured(at, lv, SEEDS) for lv in ("quick", "full")], annealed._measured({**at, "load": 0.1}, "quick", SEEDS),
                claim.prediction(at), [r.predict(at) for r in claim.rivals]]  # fmt: skip


def of_predictions() -> list:
    """Steps of the hierarchy with given states."""
    known: dict[tuple, State] = {}

    def state(model: Any, ansatz: str, load: Any, temperature: float) -> State:
        return known[ansatz, False]

    good, other = State(m=0.9, energy=-0.5, q1=0.8), State(m=0.88, energy=-0.48)
    bad, shaky = State(converged=False, why="nothing there", m=0.0), State(valid=False, why="unstable", m=0.91, energy=-0.51, q1=0.7)
    found: list = []
    for one, two in ((good, other), (bad, other), (good, bad), (good, shaky), (other, good)):
        known |= {("1rsb", False): one, ("2rsb", False): two}
        with patched(theory, state=state):
            found.append([theory.climbed(None, "m", 0.1, 0.2, ("1rsb", "2rsb"))])
            if "q1" in one:
                found.append([theory.stable(None, "q1", 0.5)])
    known["1rsb", False] = shaky
    with patched(theory, state=state):
        found.append(theory.stable(None, "q1", 0.5))
        known["1rsb", False] = bad
        found.append(theory.stable(None, "q1", 0.5))
    for s in (good, bad, shaky):
        with patched(memory, retrieval_state=lambda p, m=None, s=s: s), patched(wrong, retrieval_state=lambda p, m=None, s=s: s), \
             patched(ages, state=lambda *a, s=s: s, solve=lambda *a, s=s, **k: s):  # fmt: skip
            p = {"order": 3, "interaction": "power", "rate": 2.0, "load": 0.1, "temperature": 0.2, "age": 0.1}
            found.append([memory.predicted(p, "m"), wrong.of_other_interaction(p, "m"), ages.overlap_of_age(p), ages.overlap_or_none(p, 0.1, 0.2)])
            found.append([wrong.energy_of_the_signal(p)] if s.converged else [])
    with patched(wrong, state_without_reaction=lambda load, t: State(converged=load < 1.9, m=math.sqrt(max(0, 0.37 - load)) - 2e-4)):
        found += [wrong.end_without_reaction(0.3), wrong.of_a_term_less({"order": 2, "load": 0.1, "temperature": 0.3}, "m")]
    cold = {"order": 3, "interaction": "distinct", "load": 0.05, "temperature": 0.2}
    found += [wrong.one_step(cold), wrong.of_a_term_less(cold, "m"), wrong.of_a_term_less(cold, "energy")]
    found += [wrong.other_interaction({"order": p, "interaction": k}).to_json() for p in (2, 3) for k in ("distinct", "power")]
    return [*found, ages.effective_load({"order": 3, "interaction": "power", "rate": 2.0, "load": 0.1}), memory.model_of({"order": 3, "interaction": "power"}).to_json()]


def of_dead_predictions() -> list:
    found, asked = [], []


    class Answer(State):
        def to_json(self) -> dict:
            return dict(self)

    for s in (Answer(m=0.9, q=0.8, dead=0.3), Answer(converged=False, why="nowhere")):
        with patched(dead, solve=lambda what, s=s, **at: (asked.append([what, at]), s)[1], derived=lambda: "derived"):
            found += [dead.predicted({"alpha": 0.1, "theta": 0.5, "beta": 2.0, "more": 1}, "dead"), dead.predicted({"alpha": 0.1, "theta": 0.5, "beta": 2.0}, "m", "other")]

    class Line:
        def __init__(self, load: Any) -> None:
            self.points = [{"alpha": load, "why": "because"}]

    for load in (0.3, None):
        with patched(dead, boundary=lambda *a, load=load, **k: (asked.append([str(a), k]), Line(load))[1], derived=lambda: "derived"):
            found += [dead.capacity(0.5, beta=2.0), dead.capacity(0.5, "other")]
        with patched(capacity, capacity=lambda *a, load=load, **k: Prediction(load), without_death=lambda: 0, signs=lambda: 0):
            found.append([r.predict({"theta": 0.5, "beta": 2.0}) for r in every["deadneurons.capacity"].rivals])
    return [found, asked]


def of_glass() -> list:
    ladder = (0.7, 0.5, 0.9, 1.3)
    found = [tempered.glass(3, 8, 7, 64, ladder, SEEDS), tempered.glass(2, 9, 6, 64, ladder, (3,), 2)]
    parts = [[f.distinct, f.overlap, f.links(0.7, (1, 2, 3)), f.gap(0.9), f.known, tempered.averaged(f, f.lowest, method="x")] for f in found]
    plans = {"quick": ((7, 8, 64), (8, 8, 64), (9, 8, 64))}
    with patched(glass, _TRIPLES=plans, _COLD_TRIPLES=plans, _PAIRS=plans, _LADDERS={3: ladder, 2: ladder}, _COLD=ladder):
        at = {"order": 3, "temperature": 0.5}
        made = [glass._energy(at, "quick", SEEDS), glass._overlap(at, "quick", SEEDS), glass._ground_state(at, "quick", SEEDS),
                glass._ground_state({"order": 2}, "quick", SEEDS), glass._missed(SEEDS, 8, 5, 64)]  # fmt: skip
    with patched(glass, _PLANTED={"quick": ((20, 9), (30, 9), (40, 9))}, _TIMES=(10, 30), _LEFT_BELOW=0.1):
        made.append([glass._persistent({"temperature": t}, "quick", SEEDS) for t in (0.4, 0.55)])
    made += [glass.logarithm(0.3), glass.logarithm(0.5)]
    right = tempered.glass(2, 8, 5, 64, glass._LADDERS[2], (1,))
    for off in (0.9e-6, 1.1e-6, -1.1e-6):
        with patched(glass, glass=lambda *a, off=off: replace(right, lowest=right.lowest + off * np.array([1, 0, 0, 1, 0]))):
            made.append(glass._missed((1,), 8, 5))
    rng = np.random.default_rng(4)
    x = rng.normal(size=(6, 2))
    reductions = [tempered.reduced(x[:, 0] + 0.3 * x[:, 1], x[:, 1]), tempered.reduced(x[:3, 0], x[:3, 1]), tempered.reduced(x[:4, 0], x[:4, 1]),
                  tempered.reduced(x[:1, 0], x[:1, 1]), tempered.reduced(x[:, 0], x), tempered.reduced(x[:5, 0], x[:5]), tempered.reduced(x[:4, 0], x[:4])]  # fmt: skip
    return [found, parts, made, reductions]


def of_spinodals() -> list:
    at = {"order": 2, "interaction": "distinct", "temperature": 0.3}
    plan = spinodal.SpinodalPlan((40, 60, 80), (6, 5, 4), (4, 8), 5)
    loads, n = np.array([0.1, 0.12, 0.14, 0.16]), np.full(4, 20)
    counts = [(20, 15, 6, 1), (20, 20, 0, 0), (20, 20, 20, 20), (0, 0, 0, 0), (18, 19, 10, 3), (20, 20, 20, 19)]
    grids = [spinodal._loads(50, a, b, c) for a, b, c in ((0.01, 0.3, 30), (0.0, 0.1, 4), (0.1, 0.1, 3), (-0.1, 0.5, 5))]
    with patched(capacity, _pilot=lambda size, theta, beta, seed: 0.3 + 1e-9 * seed):
        lost = capacity.loss({"theta": 0.5, "beta": 2.0}, ((60, 4), (90, 3)), SEEDS)
    return [spinodal.spinodal(at, SEEDS, plan), [crossings.crossing(loads, np.array(k), n) for k in counts], grids,
            lost, [capacity._kept(50, k, 0.5, 2.0, 4, 3) for k in (5, 30, 80)]]  # fmt: skip


def of_hidden() -> list:
    tables = {"_AT_PATTERN": ((9, 12, 0.5, 5),), "_SEPARATED": ((9, 12, 0.3, 5),), "_CONFUSED": ((8, 12, 0.5, 5),), "_FROZEN": ((6, 0.5, 1.5, 5),),
              "_EDGE_SIZES": {"quick": ((10, 6), (14, 5), (20, 5), (30, 4))}}  # fmt: skip
    with patched(hidden, **tables):
        found = [hidden._dead({"size": 9, "patterns": 12, "threshold": 0.5, "moment": m}, lv, SEEDS) for m in ("mean", "variance") for lv in ("quick", "full")]
        found += [every["deadneurons.threshold-rank"].experiment({"size": 9, "patterns": 12, "relative_threshold": 0.3}, "quick", SEEDS), every["deadneurons.softmax-rank"].experiment({"size": 8, "patterns": 12, "beta": 0.5}, "full", SEEDS),
                  hidden._edges({"load": 0.5, "mean_bias": 0.2}, "quick", SEEDS)]  # fmt: skip
        frozen = every["deadneurons.softmax-frozen"].experiment({"size": 6, "load": 0.5, "relative_beta": 1.5}, "quick", SEEDS)
    with patched(flats, _NETS={"quick": 30, "full": 40}):
        points = [{"neurons": n, "strength": w, "mean_bias": c} for n, w, c in ((3, 0.0, 0.5), (4, 0.7, 0.0), (3, 2.0, 0.3))]
        claims = flats.flat_claims()
        found += [[c.experiment(p, "quick", SEEDS), c.prediction(p), *(r.predict(p) for r in c.rivals)] for c in claims for p in points]
    plan, at = ((30, 4), (40, 4), (60, 3)), {"alpha": 0.2, "theta": 0.5, "beta": 2.0}
    settled = [fixed.measured(at, plan, SEEDS, q) for q in ("overlap", "dead")]
    with patched(fixed, _run=lambda *a: fixed.retrieved(*a[:4], sets=a[4], seed=a[5], steps=3)):
        settled.append(fixed.measured(at, plan, SEEDS, "overlap").why)
    rough = [[round(e.value, 4), round(e.error, 4)] for e in (frozen, *settled[:2])]  # single precision
    sets = {3: np.arange(4.0), 4: np.array([2.0])}
    return [*found, rough, settled[2], pooled.pooled_row(9, sets, extra=2), pooled.estimate(9, (3, 4), lambda s: sets[s]), pooled.estimate(9, (4,), lambda s: sets[s])]


STREAM = {"order": 3, "interaction": "power", "rate": 12.0, "load": 0.05, "age": 0.01, "temperature": 0.2}
SLOW = {"order": 2, "interaction": "distinct", "rate": 8.0, "load": 0.4, "age": 0.05, "temperature": 0.2}


def of_streams() -> list:
    plan = sizes.Plan((14, 18, 24), (4, 4, 3))
    found = [streams.overlap_with_age(STREAM, plan, SEEDS), streams.overlap_with_age(SLOW, sizes.Plan((30, 40), (3, 3)), SEEDS),
             streams.age_of_loss(SLOW, 60, 4, SEEDS, (0.02, 0.05, 0.1, 0.2), equilibration=10, sweeps=4),
             streams.recalled(STREAM, 14, 2, 3, [0.0, 0.02, 0.05, 5.0], equilibration=5, sweeps=6)]  # fmt: skip
    with patched(overlap, _PLANS={"quick": {0.01: plan}}):
        found.append(overlap.overlap_claims()[0].experiment(STREAM, "quick", SEEDS))
    with patched(window, _WINDOW_SIZES={"quick": ((50, 4), (70, 4), (90, 3))}, _WINDOW_AGES=(0.02, 0.05, 0.1, 0.2), _WAITING=20, _PLANS={"quick": plan}):
        found += [every["palimpsest.p2.window"].experiment(SLOW, "quick", SEEDS), window.window_claims()[0].experiment(STREAM, "quick", SEEDS)]
    with patched(greedy, _PLAN={"quick": ((12, 4), (16, 4), (20, 3))}, _AGES=(0.02, 0.08, 0.2)):
        found.append(every["palimpsest.p3.greedy-window"].experiment({**STREAM, "temperature": 0.0, "load": 0.3}, "quick", SEEDS))
    asked = []
    with patched(window, state_without_reaction=lambda a, t: (asked.append([a, t]), State(m=max(0.0, 1 - a)))[1]):
        found += [window._without_reaction(SLOW), window.window_without(window._without_reaction, SLOW)]
    with patched(window, overlap_of_age=lambda p: p["load"]):
        found.append(every["palimpsest.p2.overlap-against-age"].prediction(SLOW))
    with patched(ages, overlap_or_none=lambda p, a, t: [a, t]):
        found += [ages.rescaled(STREAM), ages.rescaled(STREAM, 0.1), ages.rescaled(STREAM, None, 0.3), ages.weight(STREAM)]
    found += [overlap._of_the_mean(STREAM), *(ages.one_step({**p, "temperature": t}) for p in (STREAM, SLOW) for t in (0.0, 0.2))]
    with patched(greedy, window_at=lambda p, a: {"rs": 0.05, "1rsb": 0.07}[a]):
        found.append(greedy._window(STREAM))
    return [*found, asked[:4]]


def of_rehearsal() -> list:
    at = {"order": 3, "interaction": "power", "kernel": "rehearsal", "rate": 0.0, "temperature": 0.2, "size": 24, "load": 0.06, "exponent": 1.0}
    with patched(rehearsal, _COUNTS={"quick": 12}):
        found = [rehearsal._second_moment(at, "quick", SEEDS), rehearsal._second_moment({**at, "exponent": 2.0}, "quick", (3,))]
    moment = every["palimpsest.p3.rehearsal.effective-load"]
    return [*found, moment.prediction(at), *(rival.predict({**at, "exponent": r}) for rival in moment.rivals for r in (1.0, 2.0))]


def of_rules() -> list:
    found = [rules._continuous_walk({"age": t, "bound": 4}, *more) for t in (1, 4, 30) for more in ((), (1, 0.5))]
    with patched(rules, _DELTA={2: ((9, 6), (13, 5), (17, 4))}, _DREAM_SIZES=((20, 5), (30, 4), (40, 4)), _PROBES=4, _INDICES={6: (5, 20)}, _SETS={6: 8},
                 _WINDOWS=((6, 200, 8), (8, 400, 6), (9, 800, 6))):  # fmt: skip
        found += [rules._clipped_signal({"order": o, "size": n, "bound": 4, "age": t, "trials": 3}, "quick", SEEDS) for o, n, t in ((2, 14, 4), (3, 8, 24))]
        found += [rules._delta_measured({"order": 2, "rate": 1.0, "gamma": g}, "quick", SEEDS) for g in (0.2, 1.0)]
        found += [rules._dreamt({"load": 0.6, "time": t}, "quick", SEEDS) for t in (0.3, 1.0)]
        at = {"exponent": 1.0, "sharpness": 1.0, "size": 6, "patterns": 60}
        found += [rules._exponential_measured({**at, "index": k}, lv, SEEDS) for k in (5, 20) for lv in ("quick", "full")]
        found.append(rules._slope({"exponent": 0.75, "sharpness": 1.0}, "quick", SEEDS))
    crossings = [rules._crossing((5, 10, 40), np.array(m)) for m in ([[0.9, 0.5, 0.1]], [[1.0, 0.7, 0.0], [0.8, 0.6, 0.1]])]
    lines = [rules._line([{"size": n, "value": 0.4 * n + b, "error": e} for n, b, e in zip((12, 14, 16, 18), (0, 0.1, -0.2, 0), (0.1, 0.2, 0.1, 0.3))])]
    (dreaming,) = (c for c in rules.rule_claims() if c.name.endswith("dreaming"))
    laws = [rival.predict({"load": a, "time": 0.4}) for a in (0.3, 1.0) for rival in dreaming.rivals] + [rules._slope_of_mean_square({"exponent": 0.7, "sharpness": s}) for s in (0.3, 1.0)]
    return [*found, crossings, lines, laws, rules._gaussian_noise({**at, "index": 5})]


def of_laws() -> list:
    asked: list = []
    law = {c.name: c for c in rules.rule_claims()}
    with patched(rules, of_law=lambda *a: (asked.append(a), [0.3])[1]):
        found = [law["palimpsest.p2.dreaming"].prediction({"load": 0.6, "time": 0.9}), rules._tail({"rate": 1.2, "gamma": 0.2}, 0.6)]
    found += [[[rival.predict({"rate": r, "gamma": g}) for rival in law["palimpsest.p2.delta-rule"].rivals], law["palimpsest.p2.delta-rule"].prediction({"rate": r, "gamma": g})] for r, g in ((1.0, 0.2), (1.5, 1.0))]
    return [asked, found, law["palimpsest.exponential.window-exponent"].prediction({"exponent": 0.75, "sharpness": 1.0}), [hidden._edge(a, p) for a, p in ((0.5, 0.5), (2.0, 1.0))]]


def of_steps() -> list:
    at = {"order": 2, "interaction": "distinct", "load": 0.5, "temperature": 0.0, "size": 10}
    with patched(onestep, _POINTS={(2, "distinct"): ((0.5, 10, 8),), (3, "power"): ((0.1, 8, 1),)}):
        found = [onestep._measured(at, lv, SEEDS) for lv in ("quick", "full")] + [onestep._measured({**at, "order": 3, "interaction": "power", "load": 0.1, "size": 8}, "quick", SEEDS)]
    basin = every["hebbian.p3.one-step-basin"]
    with patched(onestep, _SETS={8: 3}):
        found += [[onestep._stepped(p, lv, SEEDS), basin.prediction(p), *(r.predict(p) for r in basin.rivals)]
                  for p in ({**at, "order": 3, "load": 0.1, "size": 8, "start": m} for m in (0.2, 0.5)) for lv in ("quick", "full")]  # fmt: skip
    with patched(step, _CASES={2: ("distinct", 3.0, {12: 5, 20: 4})}):
        stream = {"order": 2, "interaction": "distinct", "rate": 3.0, "load": 1.0, "temperature": 0.0, "size": 12}
        found += [[step._measured({**stream, "age": a / 3.0}, lv, SEEDS), step._exact({**stream, "age": a / 3.0}), step._weights_not_squared({**stream, "age": a / 3.0})]
                  for a in (0.0, 0.6, 1.35) for lv in ("quick", "full")]  # fmt: skip
    found += [[every["hebbian.p2.one-step-bit-error"].prediction(p), *(r.predict(p) for r in every["hebbian.p3.one-step-bit-error"].rivals), onestep._gaussian(p)] for p in (at, {**at, "order": 3, "load": 0.1})]
    with patched(tasks, _EQUILIBRATION=6, _SWEEPS=3):
        where = {**tasks.TASKS, "task_load": 0.1, "tasks": 3}
        found += [tasks.accuracies(where, 40, 3, 1), tasks.accuracies(where, 40, 3, 1, 3)]
    return [*found, pooled_seeds(5, SEEDS, [1.0, 2.0], [0.1, 0.2], more=3), at_this_size(pooled_seeds(5, SEEDS, [1.0, 2.0], [0.1, None]))]


def solved() -> list:
    """Where the theory is solved, quickly."""
    at = {"order": 2, "interaction": "distinct", "load": 0.03, "temperature": 0.4}
    return [memory.predicted(at, "m"), memory.predicted({**at, "load": 0.3}, "m"), wrong.of_other_interaction(at, "energy"), theory.state(HebbianDAM(2), "rs", 0.03, 0.4)["m"],
            *(wrong.of_a_term_less(at, k) for k in ("energy", "m"))]  # fmt: skip


def wide() -> list:
    """Claims as they stand: laws and controls that need no solving."""
    found = []
    for make in (hidden.hidden_claims, onestep.bit_error_claims, onestep.basin_claims, step.one_step_claims):
        for c in make():
            for p in c.parameters[:1]:
                try:
                    found.append([c.name, *(r.predict(p) for r in c.rivals)])
                except InputError as error:
                    found.append([c.name, str(error)])
    return plain(found)


QUESTIONS: Questions = {
    "chains": of_chains, "sizes": of_sizes, "mixtures": of_mixtures, "paramagnets": of_paramagnets, "annealed": of_annealed, "predictions": of_predictions, "dead predictions": of_dead_predictions,
    "glass": of_glass, "spinodals": of_spinodals, "hidden": of_hidden, "streams": of_streams, "rehearsal": of_rehearsal, "rules": of_rules, "laws": of_laws, "steps": of_steps,
    "solved": solved, "wide": wide,
}  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
def test_validation_answers_as_the_table_says(name):
    check(RECORD, name, QUESTIONS[name])


if __name__ == "__main__":
    written(RECORD, QUESTIONS)
