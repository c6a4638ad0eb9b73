"""Claims about p-spin glasses: the 1RSB glass of order 3 in equilibrium, the ground state of order 2.

At order 3 and T = 0.5, between the Gardner and the static transition, one step of symmetry breaking is stable. At order 2
no number of steps is, but the ground state of four is so near that of three that these data cannot tell them apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from dammech.exact import pspin_ground_state
from dammech.phases import boundary
from dammech.simulate import jackknife, sample_disorder
from dammech.solve import solve
from dammech.systems.pspin.claims.tempered import Glass, averaged, excess_of, glass, reduced
from dammech.systems.pspin.model import PSpin
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Rival, Unclaimed
from dammech.validate.pooled import row_of_sets
from dammech.validate.sizes import limit
from dammech.validate.theory import climbed, stable, state, value

#: at order 2 no step is stable; the distance between these must be below what the data can see
STEPS = ("3rsb", "4rsb")
#: size, samples per seed, sweeps
_TRIPLES = {
    "quick": ((16, 80, 2048), (24, 60, 2048), (32, 40, 4096), (40, 24, 8192)),
    "full": ((16, 300, 4096), (24, 240, 4096), (32, 200, 8192), (40, 120, 16384), (48, 60, 32768)),
}
_PAIRS = {
    "quick": ((24, 60, 1024), (32, 60, 1024), (48, 40, 2048), (64, 30, 2048)),
    "full": ((32, 150, 4096), (48, 120, 4096), (64, 80, 4096), (96, 60, 8192), (128, 40, 8192)),
}
#: size, samples per seed, by enumeration
_ENUMERATED = {"quick": ((16, 100), (20, 20)), "full": ((16, 400), (20, 100), (24, 8))}
_LADDERS = {3: (0.5, 0.6, 0.7, 0.82, 0.96, 1.12, 1.3), 2: tuple(float(t) for t in np.geomspace(0.2, 1.2, 10))}
#: correction to the energy of order 3, and others. With one step it is (a + b ln N)/N, as in the random energy model, whose slope
#: on the sizes that can be reached is between these: 1/2 at the smallest, 1 at the end
_EXPONENT, _OTHERS = 2 / 3, {"N^(−1/2)": (1 / 2,), "1/N": (1.0,)}
_GROUND_EXPONENT, _GROUND_OTHERS = 2 / 3, {"N^(−2/3) and 1/N": (2 / 3, 1.0), "N^(−2/3) and N^(−4/3)": (2 / 3, 4 / 3)}
_SAME = 1e-6


_WARMER = Dose("the next temperature of the ladder, 0.6", lambda p: {**p, "temperature": 0.6})
_STABLE = {"null": "equilibrium by exchange of temperatures, which tests of its own confirm: no start is remembered"}


def glass_claims() -> list[Claim | Unclaimed]:
    """Energy and overlap of order 3, the ground state of order 2."""
    return [
        Claim(
            name="pspin.p3.glass-energy",
            source="[gardner1985] [derrida1981]",
            statement="The energy of the glass of order 3 below its static transition is that of 1RSB.",
            parameters=({"order": 3, "temperature": 0.5},),
            prediction=lambda p: stable(PSpin(3), "energy", p["temperature"]),
            experiment=_energy,
            rivals=(
                Rival("ansatz", "replica symmetry, whose only state is the paramagnet", _symmetric),
                Rival("ansatz", "replica symmetry frozen where its entropy vanishes, −√log 2", lambda _: -math.sqrt(math.log(2))),
                Rival("line", "frozen at the static transition: states without inner freedom", lambda _: _static("energy")),
                Rival("interaction", "order 4", lambda p: stable(PSpin(4), "energy", p["temperature"]).value or 0.0),
            ),
            without=_STABLE | {"term": "the covariance of a Gaussian energy has one term"},
            dose=_WARMER, covers=("PSpin(order=3)/glass", "pspin.p3.1rsb"),
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
                Rival("line", "frozen at the static transition", lambda _: _static("q1")),
                Rival("interaction", "order 4", lambda p: stable(PSpin(4), "q1", p["temperature"]).value or 0.0),
            ),
            without=_STABLE | {"term": "the covariance of a Gaussian energy has one term"},
            dose=_WARMER, covers=("PSpin(order=3)/glass", "pspin.p3.1rsb"),
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
            without=_STABLE | {
                "term": "the covariance of a Gaussian energy has one term",
                "line": "there is none at T = 0",
            },
            dose=Dose("order 3", lambda p: {**p, "order": 3}), covers=("PSpin(order=2)/glass",),
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
def _static(quantity: str) -> float:
    return float(boundary(PSpin(3), "static", ansatz="1rsb").points[0][quantity])


def _tempered(order: int, level: str, seeds: tuple[int, ...]) -> list[Glass]:
    plan = (_TRIPLES if order == 3 else _PAIRS)[level]
    return [glass(order, n, samples, sweeps, _LADDERS[order], seeds, len(plan)) for n, samples, sweeps in plan]


def _doubts(found: Sequence[Glass]) -> list[str]:
    return [each.why for each in found if each.why]


def _energy(parameters: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    """Energy per spin over (1 − 1/N)(1 − 2/N), which all its index sets share at every N."""
    t, found = parameters["temperature"], _tempered(3, level, seeds)
    rows = [averaged(f, f.energies[:, f.temperatures.index(t)] / f.distinct, temperature=t) for f in found]
    return limit(rows, (_EXPONENT,), _OTHERS, _doubts(found))


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
    """Exact at small N; the lowest state of a long tempering at larger N, which must find the exact ones where both are made."""
    order = parameters["order"]
    exact = [_enumerated(order, n, samples, seeds) for n, samples in _ENUMERATED[level]]
    missed, found = _missed(seeds), _tempered(order, level, seeds)
    rows = [*exact, *(averaged(f, f.lowest, method="tempering") for f in found)]
    return limit(rows, (_GROUND_EXPONENT,), _GROUND_OTHERS, [*missed, *_doubts(found)])


def _enumerated(order: int, size: int, samples: int, seeds: tuple[int, ...]) -> dict[str, Any]:
    model, lowest, excess = PSpin(order), [], []
    for s in seeds:
        for k in range(samples):
            couplings = sample_disorder(model, size=size, sample=k, seed=s)
            lowest.append(pspin_ground_state(model, size, couplings).energy)
            excess.append(excess_of(model, size, couplings))
    energies, known, seed = np.array(lowest), np.array(excess), np.repeat(seeds, samples)
    return row_of_sets(size, seed, lambda mine: reduced(energies[mine], known[mine]), method="enumeration")


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
