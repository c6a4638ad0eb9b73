"""Whether a run has forgotten its start: independent tests that must all pass.

Each is of a mean over samples that vanishes in equilibrium, at all temperatures at once; it fails where the smallest
Student p-value, times their number, is below 0.003.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dammech.declared.interaction import elementary_symmetric
from dammech.results.record import Record
from dammech.simulate.tempering.ladder import Plan, Sample

DOUBT = 0.003
FEWEST_SAMPLES = 8


@dataclass(frozen=True, repr=False)
class EquilibrationTest(Record):
    """One test.

    Attributes
    ----------
    name : str
    passed : bool
    value : float
        A probability, or a number of round trips; ``allowed`` is the least that passes.
    allowed : float
    worst : float or None
        The temperature (canonical) where it is worst.
    statement : str
        What was compared, with its numbers.
    """

    name: str
    passed: bool
    value: float
    allowed: float
    worst: float | None
    statement: str


def equilibration_tests(plan: Plan, samples: Sequence[Sample]) -> tuple[EquilibrationTest, ...]:
    """All tests that this model and start allow."""
    size = plan.size
    link = link_overlaps(plan.model.p, size)
    energies = np.array([s.energies for s in samples]).mean(axis=2) / size  # (samples, bins, T)
    overlaps = np.array([s.overlaps for s in samples], dtype=float)
    overlaps /= overlaps.sum(axis=3, keepdims=True)
    q = np.arange(-size, size + 1, 2) / size
    tests = [
        _vanishing(plan, "time bins, energy", energies[:, -1] - energies[:, -2], "from the quarter of the run before"),
        _vanishing(
            plan, "time bins, overlap", (overlaps[:, -1] - overlaps[:, -2]) @ q**2, "of <q²> from the quarter before"
        ),
    ]
    if plan.patterns is None:
        gap = energies[:, -1] + identity_energy(plan, overlaps[:, -1] @ link)
        excess = np.array([s.excess for s in samples])
        tests.append(_vanishing(plan, "energy and overlap", _less(gap, excess), "of the energy from that of <q^p>"))
    else:
        marks = np.array([s.marks for s in samples], dtype=float)
        marks /= marks.sum(axis=4, keepdims=True)
        size_of_m = marks @ np.abs(q)  # (samples, bins, 2, T)
        now, before = size_of_m[:, -1].mean(axis=1), size_of_m[:, -2].mean(axis=1)
        tests.append(_vanishing(plan, "time bins, retrieval", now - before, "of <|m|> from the quarter before"))
        if plan.start == "both":
            sets = np.array([s.energies[-1] for s in samples]) / size
            tests.append(
                _vanishing(plan, "two starts, energy", sets[:, 1] - sets[:, 0], "from random start to pattern start")
            )
            both = size_of_m[:, -1]
            tests.append(
                _vanishing(plan, "two starts, retrieval", both[:, 1] - both[:, 0], "of <|m|> from random to pattern")
            )
    trips = np.array([s.trips for s in samples])
    least, few = int(trips.min()), float((trips.reshape(-1) < 1).mean())
    statement = f"{trips.mean():.3g} round trips on average, {least} at least; {few:.1%} of the replicas made none"
    tests.append(EquilibrationTest("round trips", least >= 1, float(least), 1.0, None, statement))
    return tuple(tests)


def identity_energy(plan: Plan, link: np.ndarray) -> np.ndarray:
    """(β/N) ⟨J²⟩ C(N, p) (1 − ⟨link⟩) at each temperature: minus the energy per spin of Gaussian couplings.

    E[J_S⟨σ_S⟩] = ⟨J²⟩ β (1 − E⟨σ_S⟩²) for every set S of p sites by parts, at every N, and two independent copies have
    Σ_S σ_S σ'_S = e_p(σσ'), whose mean over sets is ``link``.
    """
    p, size = plan.model.p, plan.size
    strength = math.factorial(p) / (2 * float(size) ** (p - 1)) * math.comb(size, p) / size
    return strength / np.array(plan.temperatures) * (1 - link)


def link_overlaps(order: int, size: int) -> np.ndarray:
    """Mean over sets of p distinct sites of Π σσ' at overlap −1, −1 + 2/N, …, 1; q^p up to 1/N."""
    polynomial = elementary_symmetric(order, size)
    totals = range(-size, size + 1, 2)
    return np.array([float(sum(c * t**k for k, c in enumerate(polynomial))) for t in totals]) / math.comb(size, order)


def _less(gap: np.ndarray, excess: np.ndarray) -> np.ndarray:
    """The gap less its part linear in Σ J², whose mean is known: the same mean, a smaller spread."""
    centred = excess - excess.mean()
    if not (centred @ centred) > 0:
        return gap
    return gap - np.outer(excess, centred @ gap / (centred @ centred))


def _vanishing(plan: Plan, name: str, values: np.ndarray, what: str) -> EquilibrationTest:
    from scipy.special import stdtr

    count = len(values)
    mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / math.sqrt(count)
    rounding = 1e-12 * max(1.0, float(np.abs(values).max()))
    score = np.where(np.abs(mean) <= rounding, 0.0, np.abs(mean) / np.maximum(error, rounding))
    worst = int(np.argmax(score))
    value = min(1.0, 2 * float(stdtr(count - 1, -score[worst])) * score.size)
    statement = f"difference {mean[worst]:.2g} ± {error[worst]:.1g} {what}"
    passed = value >= DOUBT and count >= FEWEST_SAMPLES
    if count < FEWEST_SAMPLES:
        statement = f"{count} samples are too few to judge, at least {FEWEST_SAMPLES} are needed; {statement}"
    return EquilibrationTest(name, passed, value, DOUBT, plan.temperatures[worst], statement)
