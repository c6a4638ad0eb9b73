"""Claims about p-spin glasses: the 1RSB glass of order 3 in equilibrium and planted, the ground state of order 2.

At order 3, between the Gardner and the static transition, one step of symmetry breaking is stable. At order 2 no number of steps
is, but the ground state of four is so near that of three that these data cannot tell them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from dammech.derive.oracles import value as number_of
from dammech.derive.replica_symmetric import replica_symmetric
from dammech.exact import pspin_ground_state
from dammech.phases import boundary
from dammech.simulate import jackknife, sample_disorder
from dammech.solve import Solution, solve
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.claims.planted import persistence
from dammech.systems.pspin.claims.tempered import Glass, averaged, glass
from dammech.systems.pspin.model import PSpin
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Rival, Unclaimed
from dammech.validate.pooled import pooled_row, row_of_sets
from dammech.validate.sizes import limit
from dammech.validate.theory import climbed, of_state, stable, state, value, value_or_none

#: at order 2 no step is stable; the distance between these must be below what the data can see
STEPS = ("3rsb", "4rsb")
#: size, samples per seed, sweeps
_TRIPLES = {
    "quick": ((16, 160, 2048), (24, 120, 2048), (32, 80, 4096), (40, 40, 8192)),
    "full": ((16, 600, 4096), (24, 480, 4096), (32, 400, 8192), (40, 240, 16384), (48, 100, 32768)),
}
_COLD_TRIPLES = {"full": ((16, 400, 2048), (24, 300, 4096), (32, 180, 8192), (40, 60, 16384))}
_PAIRS = {
    "quick": ((40, 60, 2048), (64, 40, 4096), (96, 24, 4096), (128, 16, 8192)),
    "full": ((48, 240, 4096), (64, 160, 4096), (96, 100, 8192), (128, 80, 8192), (192, 40, 16384)),
}
_WARM = (0.5, 0.6, 0.7, 0.82, 0.96, 1.12, 1.3)
_COLD = (0.3, 0.36, 0.43, *_WARM)
_LADDERS = {3: _WARM, 2: tuple(float(t) for t in np.geomspace(0.2, 1.2, 10))}
#: of the correction to the ground state of order 2, and its neighbours
_GROUND_EXPONENT, _GROUND_OTHERS = 2 / 3, {"N^(−3/5)": (3 / 5,), "N^(−3/4)": (3 / 4,)}
_SAME = 1e-6
#: size, samples per seed of planted states; sweeps after which they are seen; those that left have almost no overlap
_PLANTED = {"quick": ((64, 300), (96, 200), (128, 120), (160, 60)), "full": ((96, 800), (128, 500), (192, 200), (256, 100))}
_TIMES, _LEFT_BELOW = (50, 200), 0.7


_EQUILIBRIUM = {
    "term": "the covariance of a Gaussian energy has one term",
    "null": "equilibrium by exchange of temperatures, which tests of its own confirm: no start is remembered",
}
_ORDER_4 = "order 4"


def glass_claims() -> list[Claim | Unclaimed]:
    """Energy and overlap of order 3, a planted state of it, the ground state of order 2."""
    return [
        Claim(
            name="pspin.p3.glass-energy",
            source="[gardner1985] [derrida1981]",
            statement="The energy of the glass of order 3 far below its static transition is that of 1RSB, with states so "
            "independent that it is above its limit by (a + b ln N)/N with the b of their number.",
            parameters=({"order": 3, "temperature": 0.3}, {"order": 3, "temperature": 0.36}),
            prediction=lambda p: stable(PSpin(3), "energy", p["temperature"]),
            experiment=_energy,
            rivals=(
                Rival("ansatz", "replica symmetry, whose only state is the paramagnet", _symmetric),
                Rival("ansatz", "replica symmetry frozen where its entropy vanishes, −√log 2", lambda _: -math.sqrt(math.log(2))),
                Rival("line", "frozen at the static transition", lambda _: _transition("static", "energy")),
                Rival("interaction", _ORDER_4, lambda p: stable(PSpin(4), "energy", p["temperature"]).value or 0.0),
            ),
            without=_EQUILIBRIUM,
            dose=Dose("the next but one temperature of the ladder, 0.43", lambda p: {**p, "temperature": 0.43}),
            covers=("PSpin(order=3)/glass", "pspin.p3.1rsb"),
            levels=("full",),
        ),
        Claim(
            name="pspin.p3.glass-overlap",
            source="[gardner1985] [derrida1981]",
            statement="Two copies in the same state of the glass of order 3 overlap as 1RSB says: ⟨q⁴⟩/⟨q³⟩ = q₁.",
            parameters=({"order": 3, "temperature": 0.5}, {"order": 3, "temperature": 0.6}),
            prediction=lambda p: stable(PSpin(3), "q1", p["temperature"]),
            experiment=_overlap,
            rivals=(
                Rival("ansatz", "states without inner freedom, as in the random energy model: q₁ = 1", lambda _: 1.0),
                Rival("line", "frozen at the static transition", lambda _: _transition("static", "q1")),
                Rival("interaction", _ORDER_4, lambda p: stable(PSpin(4), "q1", p["temperature"]).value or 0.0),
            ),
            without=_EQUILIBRIUM,
            dose=Dose("T = 0.7, above the transition", lambda p: {**p, "temperature": 0.7}),
            covers=("PSpin(order=3)/glass", "pspin.p3.1rsb"),
        ),
        Claim(
            name="pspin.p3.planted-overlap",
            source="[kirkpatrick1987] [monasson1995] [nishimori1981]",
            statement="A state planted in the glass of order 3 keeps the overlap of one step with θ = 1, which is m = q of a "
            "memory with as much noise as on the Nishimori line.",
            parameters=({"temperature": 0.61},),
            prediction=lambda p: of_state(_planted(HebbianDAM(3), p), "m"),
            experiment=_persistent,
            rivals=(
                Rival("ansatz", "one step with its own θ, the static glass",
                      lambda p: stable(PSpin(3), "q1", p["temperature"]).value or 0.0),
                Rival("ansatz", "replica symmetry: nothing persists", lambda _: 0.0),
                Rival("line", "states as at the dynamic transition", lambda _: _transition("dynamic", "q1")),
                Rival("interaction", _ORDER_4, lambda p: value_or_none(_planted(HebbianDAM(4), p))),
                Rival("null", "one step from the planted state", _one_step),
            ),
            without={"term": "the covariance of a Gaussian energy has one term"},
            dose=Dose("T = 0.66", lambda p: {**p, "temperature": 0.66}),
            covers=("PSpin(order=3)/glass", "pspin.p3.1rsb"),
        ),
        Claim(
            name="pspin.p2.ground-state-energy",
            source="[sherrington1975] [parisi1980]",
            statement="The energy of the ground state at order 2 is that of the hierarchy of broken symmetry.",
            parameters=({"order": 2, "temperature": 0.0},),
            prediction=lambda p: climbed(PSpin(2), "energy", None, p["temperature"], STEPS),
            experiment=_ground_state,
            rivals=(
                Rival("ansatz", "replica symmetry: −√(2/π)", lambda p: value(state(PSpin(2), "rs", None, 0.0), "energy")),
                Rival("interaction", "order 3", lambda _: value(state(PSpin(3), "1rsb", None, 0.0), "energy")),
            ),
            without=_EQUILIBRIUM | {"line": "there is none at T = 0"},
            dose=Dose("order 3", lambda p: {**p, "order": 3}), covers=("PSpin(order=2)/glass",),
        ),
        Unclaimed(
            ("PSpin(order=3)/glass",),
            "its transitions as numbers: the static one, 4 % below the dynamic one, leaves no mark in the energy; states that "
            "are planted in between leave within some hundred sweeps at N up to 256, and a relaxation time that diverges with an "
            "exponent of its own would have to end within half a per cent; and the Gardner line, below which a second "
            "step moves energies by less than any spread of finite-size forms",
        ),
        Unclaimed(
            ("PSpin(order=2)/glass",),
            "one step against more: ground states of −0.7653, −0.7636 and −0.7633 differ by less than the forms of the limit",
        ),
        Unclaimed(
            ("PSpin(order=2)/spin-glass", "pspin.p2.rs"),
            "replica symmetry is unstable in the glass of order 2; the energy of its ground state is the rival of a claim",
        ),
        Unclaimed(
            ("PSpin(order=3)/spin-glass",), "replica symmetry has no such state where the glass of one step is stable",
        ),
        Unclaimed(
            ("PSpin(*)/paramagnetic", "pspin.p3.rs"),
            "e = −1/(2T) at q = 0 holds up to 1/N by the high-temperature series, and has no rival",
        ),
    ]


def _symmetric(p: Parameters) -> float:
    return value(solve(PSpin(p["order"]), temperature=p["temperature"], branch="paramagnetic"), "energy")


@cache
def _transition(line: str, quantity: str) -> float:
    return float(boundary(PSpin(3), line, ansatz="1rsb").points[0][quantity])


def _planted(memory: HebbianDAM, p: Parameters) -> Solution:
    """The memory whose fields over T have a mean and a variance of p q^(p−1)/2T², as those that a planted state exerts."""
    noise = 2 * p["temperature"] ** 2 / memory.order
    load = noise / float(memory.noise_strength)
    return solve(memory, load=load, temperature=noise, branch="retrieval", throw=False)


def _one_step(p: Parameters) -> float:
    """What the fields of the planted state make of it: m = q = 1."""
    theory, noise = replica_symmetric(HebbianDAM(3)).free_energy, 2 * p["temperature"] ** 2 / 3
    given = {"alpha": noise / float(HebbianDAM(3).noise_strength), "T": noise}
    at = dict.fromkeys(theory.order_parameters, 1) | {s: given[s.name] for s in theory.parameters}
    return 1 - float(number_of(theory.saddle_equations[0], at))


def _persistent(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """Overlap after 50 sweeps with the state that was planted, of chains that are still near it; and after 200."""
    found = {n: {s: persistence(n, p["temperature"], _TIMES, k, s) for s in seeds} for n, k in _PLANTED[level]}

    kept = {n: {s: x[(x > _LEFT_BELOW).all(axis=1)] for s, x in runs.items()} for n, runs in found.items()}

    def rows(values: Callable[[np.ndarray], np.ndarray]) -> list[dict[str, Any]]:
        return [pooled_row(n, {s: values(x) for s, x in runs.items()}, trials=sum(map(len, found[n].values())))
                for n, runs in kept.items()]  # fmt: skip

    drift, others = limit(rows(lambda x: x[:, 1] - x[:, 0])), {"N^(−2/3)": (2 / 3,)}
    moved = math.sqrt(max(drift.value**2 - drift.error**2, 0.0))
    return limit(rows(lambda x: x[:, 0]), others=others, systematic={"waiting time × 4": moved})


def _tempered(
    order: int, level: str, seeds: tuple[int, ...], plans: Any = None, ladder: tuple[float, ...] = ()
) -> list[Glass]:  # fmt: skip
    plan = (plans or (_TRIPLES if order == 3 else _PAIRS))[level]
    return [glass(order, n, samples, sweeps, ladder or _LADDERS[order], seeds, len(plan)) for n, samples, sweeps in plan]


def _doubts(found: Sequence[Glass]) -> list[str]:
    return [each.why for each in found if each.why]


def _energy(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """Energy per spin over (1 − 1/N)(1 − 2/N), which all its index sets share at every N, less b ln N/N."""
    t, found = parameters["temperature"], _tempered(3, level, seeds, _COLD_TRIPLES, _COLD)
    rows = [averaged(f, f.energies[:, f.temperatures.index(t)] / f.distinct, temperature=t) for f in found]
    for row in rows:
        row.update(energy=row["value"], value=row["value"] - logarithm(t) * math.log(row["size"]) / row["size"])
    return limit(rows, problems=_doubts(found))


@cache
def logarithm(temperature: float) -> float:
    """b of e(N) = e + (a + b ln N)/N.

    At a free energy F above N f there are e^{θ(F − Nf)/T}/√N states, as in the random energy model: the lowest one is at
    (T/2θ) ln N, and b is the energy that belongs to this free energy, ½ ∂(1/θ)/∂β.
    """
    step = 1e-3
    below, here, above = (value(state(PSpin(3), "1rsb", None, temperature + k * step), "theta") for k in (-1, 0, 1))
    return (temperature / here) ** 2 * (above - below) / (4 * step)


def _overlap(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """⟨Π σσ'⟩ over sets of 4 distinct sites over that of 3: copies in different states add nothing to it at any N."""
    t, found = parameters["temperature"], _tempered(3, level, seeds)
    rows = [
        row_of_sets(f.size, f.seed, partial(_ratio, f.links(t, (3, 4))), sweeps=f.sweeps, temperature=t) for f in found
    ]
    return limit(rows, problems=_doubts(found))


def _ratio(sets: np.ndarray, mine: np.ndarray) -> tuple[float, float]:
    return jackknife(sets[mine], lambda rows: float(rows[:, 1].mean() / rows[:, 0].mean()))


def _ground_state(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """The lowest state of a long tempering, which must find the exact ones at a size where these are known."""
    found = _tempered(parameters["order"], level, seeds)
    rows = [averaged(f, f.lowest) for f in found]
    return limit(rows, (_GROUND_EXPONENT,), _GROUND_OTHERS, [*_missed(seeds), *_doubts(found)])


def _missed(seeds: tuple[int, ...], size: int = 16, samples: int = 20, sweeps: int = 1024) -> list[str]:
    """Whether tempering found the ground states that enumeration finds."""
    found = glass(2, size, samples, sweeps, _LADDERS[2], seeds)
    model, number = PSpin(2), [k for _ in seeds for k in range(samples)]
    exact = [
        pspin_ground_state(model, size, sample_disorder(model, size=size, sample=k, seed=int(s))).energy
        for k, s in zip(number, found.seed)
    ]
    missed = int((np.abs(found.lowest - exact) > _SAME).sum())
    return [f"tempering missed {missed} of {len(exact)} ground states at N = {size}"] if missed else []
