"""Parallel tempering of glasses and memories: equilibrium where a single chain would be stuck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from dammech.declared.states import Model
from dammech.declared.units import QUANTITIES
from dammech.errors import InputError, ShortChain
from dammech.memory import check_memory
from dammech.registry import chain_of
from dammech.results.documents import SCHEMA
from dammech.results.record import Record
from dammech.results.result import Result
from dammech.simulate.estimators import jackknife, mean_and_error
from dammech.simulate.flips import flip_energy
from dammech.simulate.inputs import (
    check_effort,
    checked_count,
    checked_model,
    checked_numbers,
    checked_patterns,
    checked_sizes,
    memory_of_trial,
)
from dammech.simulate.tempering.equilibration import EquilibrationTest, equilibration_tests, link_overlaps
from dammech.simulate.tempering.ladder import (
    SETS,
    Plan,
    Sample,
    glass_couplings,
    memory_patterns,
    run_sample,
    unpacked,
)
from dammech.simulate.trials import in_threads

STARTS = ("random", "pattern", "both")
LARGEST_GLASS_ORDER = 3
FEWEST_SWEEPS = 64


@dataclass(frozen=True, repr=False)
class TemperedPoint(Record):
    """Averages at one temperature: thermal ones over the second half of the run, then over samples of the disorder.

    Errors are over samples, by jackknife for the ratio. q is the overlap of two independent copies.

    Attributes
    ----------
    temperature : float
    energy, energy_error : float
        Per spin.
    q, q_abs, q2, q4 : float
        ⟨q⟩, ⟨|q|⟩, ⟨q²⟩, ⟨q⁴⟩, each with its ``_error``.
    link : float
        Mean over sets of p distinct sites of Π σσ'; ⟨q^p⟩ up to 1/N.
    binder : float
        ½ (3 − ⟨q⁴⟩/⟨q²⟩²) of averages over samples.
    m, m_abs : float or None
        ⟨m⟩ and ⟨|m|⟩ with pattern 1; None for glasses.
    swap : float or None
        Fraction of accepted swaps with the next hotter temperature; None at the hottest.
    law, law_error : tuple of float
        P(q): probability of q = −1, −1 + 2/N, …, 1.
    """

    temperature: float
    energy: float
    energy_error: float
    q: float
    q_error: float
    q_abs: float
    q_abs_error: float
    q2: float
    q2_error: float
    q4: float
    q4_error: float
    link: float
    link_error: float
    binder: float
    binder_error: float
    m: float | None
    m_error: float | None
    m_abs: float | None
    m_abs_error: float | None
    swap: float | None
    law: tuple[float, ...]
    law_error: tuple[float, ...]


@dataclass(repr=False)
class Tempering(Result[TemperedPoint]):
    """A run of parallel tempering. ``to_json()`` gives everything but the arrays of the samples.

    Attributes
    ----------
    points : tuple of TemperedPoint
        From the coldest temperature to the hottest.
    tests : tuple of EquilibrationTest
    round_trips : float
        Mean over replicas.
    lowest_energy, lowest_energy_error : float
        Mean over samples of the lowest energy per spin that was seen.
    energies : ndarray, (samples, T)
        Thermal mean of the energy per spin.
    laws : ndarray, (samples, T, N+1)
        P(q) of each sample.
    lowest : ndarray, (samples,)
        Lowest energy per spin.
    """

    quantities = QUANTITIES
    derived = ("schema", "converged", "why")
    schema: ClassVar[str] = SCHEMA
    model: Model
    convention: str
    size: int
    load: float | None
    patterns: int | None
    start: str
    samples: int
    sweeps: int
    seed: int
    points: tuple[TemperedPoint, ...]
    tests: tuple[EquilibrationTest, ...]
    round_trips: float
    lowest_energy: float
    lowest_energy_error: float
    energies: np.ndarray = field(repr=False, compare=False)
    laws: np.ndarray = field(repr=False, compare=False)
    lowest: np.ndarray = field(repr=False, compare=False)

    @property
    def converged(self) -> bool:
        """Whether all tests of equilibration passed."""
        return all(test.passed for test in self.tests)

    @property
    def why(self) -> str | None:
        """Which tests did not pass."""
        failed = "; ".join(f"{test.name}: {test.statement}" for test in self.tests if not test.passed)
        made = f"{self.sweeps} sweeps of {self.samples} samples"
        return f"{made} are not shown to be equilibrated ({failed})" if failed else None


def temper(
    model: Model,
    *,
    load: float | None = None,
    temperatures: Sequence[float],
    size: int,
    samples: int,
    sweeps: int,
    seed: int = 0,
    start: str = "random",
    convention: str = "canonical",
    strict: bool = False,
    workers: int | None = None,
) -> Tempering:
    """Equilibrium of a glass, or of a memory, by parallel tempering (hukushima1996) of two independent sets of copies.

    In each sample of the disorder two sets of replicas stand on the ladder of temperatures. A sweep is N Metropolis
    visits in random order of every replica, then a proposal to swap neighbours (every other pair in turn). The second
    half of the sweeps is measured.

    Parameters
    ----------
    model : PSpin or HebbianDAM
        Glasses of order 2 and 3; memories up to order 10.
    load : float, optional
        For memories only, in units of ``convention``: P = round(α N^{p−1}).
    temperatures : sequence
        The ladder, at least two different temperatures > 0, in units of ``convention``.
    size : int
        N; of a triple glass at most 256, of a pair glass at most 4096.
    samples : int
        Independent samples of the disorder, at least 2; the tests ask for 8.
    sweeps : int
        Of every replica, discarded ones included; at least 64.
    seed : int
        Results depend on it and on the arguments, not on the number of threads. Samples of the disorder do not depend
        on the ladder.
    start : str
        "random" spins; on "pattern" 1 at all temperatures; or "both": one set of replicas each, and then they must
        agree. Glasses have "random" only.
    convention : str
        Units of load, temperatures and energies, asked and answered.
    strict : bool
        Raise where a test of equilibration fails, instead of saying so in ``converged`` and ``why``.
    workers : int, optional
        Threads; the number of cores where not given.

    Returns
    -------
    Tempering
        With ``.points``, ``.tests`` and ``.to_json()``.

    Raises
    ------
    InputError
        For an argument out of range.
    ShortChain
        With ``strict``, where a test of equilibration fails.

    Notes
    -----
    Tests: the last two of time bins that double agree in energy and ⟨q²⟩ (memories: ⟨|m|⟩); for Gaussian couplings
    the energy is −(β/N) ⟨J²⟩ C(N, p) (1 − ⟨link⟩), which holds at every N in equilibrium and is approached by its
    two sides from opposite directions (katzgraber2001); every replica travelled from end to end and back; and with
    start="both" the two starts agree. A test sees no more than its ``statement`` says: the spread of ⟨q^p⟩ over samples
    limits the identity at low temperature, and the agreement of time bins is the sharper one there.
    """
    plan, units = _plan(model, load, temperatures, size, sweeps, seed, start, convention)
    samples = checked_count("samples", samples, least=2)
    each = plan.patterns or plan.size ** (plan.model.p - 1)
    check_effort(plan.size, each, samples, plan.sweeps * SETS * len(plan.temperatures))
    workers = None if workers is None else checked_count("workers", workers)
    made = in_threads(lambda k: run_sample(plan, k), range(samples), _memory(plan), workers)
    tests = equilibration_tests(plan, made)
    result = _result(plan, units, made, tests)
    if strict and result.why:
        raise ShortChain(result.why)
    return result


def sample_disorder(
    model: Model,
    *,
    load: float | None = None,
    size: int,
    sample: int,
    seed: int = 0,
    convention: str = "canonical",
) -> np.ndarray:
    """The couplings (C(N, p),) or patterns (P, N) that sample number ``sample`` of ``temper`` has, for ``exact``.

    Couplings are in the order of ``itertools.combinations``, rounded to a power of two below 1e-4 of their width.

    Raises
    ------
    InputError
        As ``temper``.
    """
    plan, _ = _plan(model, load, [1.0, 2.0], size, FEWEST_SWEEPS, seed, "random", convention)
    sample = checked_count("sample", sample, least=0)
    if plan.patterns is None:
        couplings, unit = glass_couplings(plan.model, plan.size, plan.seed, sample)
        return couplings * unit
    return unpacked(memory_patterns(plan.model, plan.size, plan.patterns, plan.seed, sample), plan.patterns)


def _plan(
    model: Any, load: Any, temperatures: Any, size: Any, sweeps: Any, seed: Any, start: Any, convention: str
) -> tuple[Plan, Any]:
    if start not in STARTS:
        raise InputError(f"start={start!r}: must be one of {', '.join(STARTS)}")
    glassy = chain_of(model, "patterns", "couplings") == "couplings"
    if glassy:
        if model.p > LARGEST_GLASS_ORDER:
            raise InputError(f"order={model.p}: glasses are simulated at order 2 and 3")
        if load is not None:
            raise InputError(f"load={load!r}: a p-spin glass has no load")
        if start != "random":
            raise InputError(f"start={start!r}: a p-spin glass has no pattern to start from; must be 'random'")
        size = checked_count("size", size, model.p, 256 if model.p == 3 else 4096)
    else:
        model = checked_model(model)
        (size,) = _single("size", checked_sizes(size, model))
    units = model.convention(convention)
    ladder = checked_numbers("temperatures", temperatures)
    if len(set(ladder)) != len(ladder) or len(ladder) < 2 or min(ladder) == 0:
        raise InputError(f"temperatures={ladder}: must be at least two different numbers > 0")
    count = table = None
    if not glassy:
        (load,) = _single("load", checked_numbers("load", load))
        count = checked_patterns(model, load * units.load, size)
        table = flip_energy(model, size, count)
    canonical = tuple(sorted(t * units.temperature for t in ladder))
    sweeps, seed = checked_count("sweeps", sweeps, least=FEWEST_SWEEPS), checked_count("seed", seed, least=0)
    plan = Plan(model, size, count, canonical, sweeps, seed, str(start), table)
    check_memory(f"size={size} with {len(ladder)} temperatures", _memory(plan))
    return plan, units


def _single(name: str, values: list[Any]) -> list[Any]:
    if len(values) != 1:
        raise InputError(f"{name}={values}: must be one number")
    return values


def _memory(plan: Plan) -> int:
    replicas = SETS * len(plan.temperatures)
    if plan.patterns is None:
        return 40 * plan.size**plan.model.p + 32 * replicas * plan.size
    return memory_of_trial(plan.size, plan.patterns) + replicas * (24 * plan.patterns + 32 * plan.size)


def _result(
    plan: Plan, units: Any, made: list[Sample], tests: tuple[EquilibrationTest, ...]
) -> Tempering:
    size, p = plan.size, plan.model.p
    constant = 0.0
    if plan.patterns and p >= 3:
        constant = (plan.patterns - 1) * plan.model.mean_pattern_energy(size)
    energies = (np.array([s.energies[-1].mean(axis=0) for s in made]) - constant) / size / units.energy
    lowest = (np.array([s.lowest for s in made]) - constant) / size / units.energy
    laws = np.array([s.overlaps[-1] for s in made], dtype=float)
    laws /= laws.sum(axis=2, keepdims=True)
    marks = None
    if plan.patterns is not None:
        marks = np.array([s.marks[-1].sum(axis=0) for s in made], dtype=float)
        marks /= marks.sum(axis=2, keepdims=True)
    swaps = [float(x) for x in np.mean([s.swaps for s in made], axis=0)] + [None]
    points = tuple(
        _point(
            t / units.temperature, energies[:, k], laws[:, k], None if marks is None else marks[:, k],
            link_overlaps(p, size), swaps[k],
        )
        for k, t in enumerate(plan.temperatures)
    )  # fmt: skip
    lowest_energy, lowest_error = mean_and_error(lowest)
    assert lowest_error is not None
    return Tempering(
        model=plan.model,
        convention=units.name,
        size=size,
        load=None if plan.patterns is None else plan.patterns / float(size) ** (p - 1) / units.load,
        patterns=plan.patterns,
        start=plan.start,
        samples=len(made),
        sweeps=plan.sweeps,
        seed=plan.seed,
        points=points,
        tests=tests,
        grid={"temperature": len(points)},
        round_trips=float(np.mean([s.trips for s in made])),
        lowest_energy=lowest_energy,
        lowest_energy_error=lowest_error,
        energies=energies,
        laws=laws,
        lowest=lowest,
    )


def _point(
    temperature: float,
    energies: np.ndarray,
    laws: np.ndarray,
    marks: np.ndarray | None,
    link: np.ndarray,
    swap: float | None,
) -> TemperedPoint:
    size = laws.shape[1] - 1
    q = np.arange(-size, size + 1, 2) / size
    numbers: dict[str, Any] = {"m": None, "m_error": None, "m_abs": None, "m_abs_error": None}

    def note(name: str, values: np.ndarray) -> None:
        numbers[name], numbers[f"{name}_error"] = mean_and_error(values)

    note("energy", energies)
    for name, function in (("q", q), ("q_abs", np.abs(q)), ("q2", q**2), ("q4", q**4), ("link", link)):
        note(name, laws @ function)
    if marks is not None:
        note("m", marks @ q)
        note("m_abs", marks @ np.abs(q))
    moments = laws @ np.stack([q**2, q**4], axis=1)
    numbers["binder"], numbers["binder_error"] = jackknife(moments, _binder)
    error = laws.std(axis=0, ddof=1) / math.sqrt(len(laws))
    return TemperedPoint(
        temperature=float(temperature),
        swap=swap,
        law=tuple(laws.mean(axis=0).tolist()),
        law_error=tuple(error.tolist()),
        **numbers,
    )


def _binder(rows: np.ndarray) -> float:
    second, fourth = rows.mean(axis=0)
    return 0.5 * (3 - fourth / second**2)
