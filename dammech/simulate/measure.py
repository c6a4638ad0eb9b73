"""Trials advanced until their chains are long enough, and what they give: means with honest errors, or states at rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from operator import methodcaller
from typing import Any, ClassVar, TypeVar

import numpy as np

from dammech.declared.units import QUANTITIES
from dammech.errors import InputError, ShortChain, shown
from dammech.results.documents import SCHEMA
from dammech.results.record import Record
from dammech.results.result import Result
from dammech.simulate.chain import Series, tie_rule
from dammech.simulate.estimators import SHORTEST_CHAIN, autocorrelation_time, fraction_and_error, mean_and_error
from dammech.simulate.inputs import (
    LARGEST_SIZE,
    check_effort,
    checked_count,
    checked_dynamics,
    checked_numbers,
    checked_overlap,
)
from dammech.simulate.trials import Experiment, NamedExperiment, Trial, over_trials

P = TypeVar("P")
RETRIEVED_ABOVE = 0.5
LONGEST = 20_000
FIRST = 150
_EQUILIBRATION = 10.0
_DRIFT = 4.0
_PLATEAU = 100  # sweeps without a gain, before a run is said to have found its plateau


@dataclass(frozen=True, repr=False)
class MeasuredPoint(Record):
    """Averages over trials of one experiment; an error is None where there is only one trial.

    Attributes
    ----------
    size : int
        N.
    temperature : float
    m, m_error : float
        Mean overlap with the pattern the run started on, over all trials and the measured sweeps.
    energy, energy_error : float
        Energy per spin.
    retrieved, retrieved_error : float
        Fraction of trials whose time-averaged overlap exceeds ``retrieved_above``; error under a flat prior.
    tau : float or None
        Integrated autocorrelation time in sweeps, 1 + 2 Σ ρ, the longer of overlap's and energy's.
    samples : int
        Measured sweeps over all trials.
    trials, sweeps, equilibration : int
        Independent pattern sets; measured and discarded sweeps of each (the longest, at zero temperature).
    ties : str or None
        What a flip that costs nothing does at zero temperature: "keep", "coin" or "flip"; None above.
    rest, cycles, plateaus : int or None
        At zero temperature, the trials that ended in a state in which no spin flips; in a cycle (of synchronous steps), over
        which their means are taken; and among states of equal energy that none lowers, where they move for ever and their
        means are over the later half of the sweeps. None above.
    converged : bool
        Whether chains were long enough; at zero temperature, whether every trial is one of these three.
    """

    derived = ("status",)
    size: int
    temperature: float
    m: float
    m_error: float | None
    energy: float
    energy_error: float | None
    retrieved: float
    retrieved_error: float
    retrieved_above: float
    tau: float | None
    samples: int
    seed: int
    trials: int
    sweeps: int
    equilibration: int
    acceptance: float
    dynamics: str
    overlap: float
    ties: str | None
    rest: int | None
    cycles: int | None
    plateaus: int | None
    converged: bool
    why: str | None

    @property
    def status(self) -> str:
        """"converged" or "not-converged"."""
        return "converged" if self.converged else "not-converged"


@dataclass(repr=False)
class Simulation(Result[P]):
    """What was measured on spins: a point for everything that was asked for, and the model."""

    quantities = QUANTITIES
    derived = ("schema",)
    schema: ClassVar[str] = SCHEMA
    model: Any
    convention: str
    points: tuple[P, ...]


@dataclass(frozen=True)
class Measured:
    """Means of each trial, and how they were got.

    Attributes
    ----------
    overlap, energy : ndarray, (trials,)
    tau : float or None
        In sweeps; None at zero temperature.
    sweeps, equilibration, samples, flips, steps : int
        Measured and discarded sweeps of a trial; measured sweeps, flips and sweeps of all.
    why, converged : str or None, bool
    ended : dict or None
        At zero temperature the trials that ended at rest, in cycles and among plateaus.
    """

    overlap: np.ndarray
    energy: np.ndarray
    tau: float | None
    sweeps: int
    equilibration: int
    samples: int
    flips: int
    steps: int
    why: str | None
    converged: bool
    ended: dict[str, int] | None = None


def measure(
    setting: Experiment, trials: list[Trial], sweeps: int | None, equilibration: int | None, workers: int | None
) -> Measured:
    """Advance the trials until they are long enough (or for ``sweeps``), and average each.

    Raises
    ------
    ShortChain
        Where ``sweeps`` is given and is less than 50 autocorrelation times.
    """
    if setting.temperature == 0:
        most = 1000 if sweeps is None else sweeps
        return _rest(over_trials(methodcaller("advance", most), trials, setting, workers), most)
    kept = sweeps if sweeps is not None else 2 * FIRST // 3
    discarded = equilibration if equilibration is not None else kept // 2
    more = discarded + kept
    while True:
        over_trials(methodcaller("advance", more), trials, setting, workers)
        made = [trial.made for trial in trials]
        overlaps, energies = _series(made, discarded)
        steps = discarded + overlaps.shape[1]
        problem, tau = _short(overlaps, energies, discarded, fixed_start=equilibration is not None)
        if problem is None:
            return _averaged(made, discarded, tau, None)
        if sweeps is not None:
            raise ShortChain(problem)
        if 2 * steps > LONGEST or SHORTEST_CHAIN * tau > LONGEST:  # a short chain's τ is a lower bound
            why = f"the automatic length would go beyond its bound of {LONGEST} sweeps: {problem}"
            return _averaged(made, discarded, tau, why)
        more = steps
        discarded = equilibration if equilibration is not None else 2 * steps // 3


def averages(
    setting: NamedExperiment, trials: int, sweeps: int | None, equilibration: int | None, workers: int | None
) -> MeasuredPoint:
    """What ``trials`` of an experiment give, energies per spin as they are; everything that it was asked for is checked.

    Raises
    ------
    InputError
        For an argument out of range.
    ShortChain
        As `measure`.
    """
    if not isinstance(setting.name, str):
        raise InputError(f"name={shown(setting.name)}: must be a text that says what is drawn")
    if not callable(setting.rule):
        raise InputError(f"rule={shown(setting.rule)}: must be a function of a random generator and a size")
    (temperature,) = checked_numbers("temperature", [setting.temperature])
    checked_dynamics(setting.dynamics, [temperature])
    size, trials = checked_count("size", setting.size, 2, LARGEST_SIZE), checked_count("trials", trials)
    seed, overlap = checked_count("seed", setting.seed, least=0), checked_overlap(setting.overlap)
    setting = replace(setting, size=size, temperature=temperature, seed=seed, overlap=overlap)
    sweeps = None if sweeps is None else checked_count("sweeps", sweeps)
    equilibration = None if equilibration is None else checked_count("equilibration", equilibration, least=0)
    workers = None if workers is None else checked_count("workers", workers)
    check_effort(size, size, trials, sweeps or FIRST)
    measured = measure(setting, [Trial(setting, index) for index in range(trials)], sweeps, equilibration, workers)
    return MeasuredPoint(**estimates(setting, measured, measured.energy / size))


def so_far(setting: Experiment, trials: list[Trial], equilibration: int | None) -> Measured | None:
    """What the trials have that were finished when the run was interrupted; None where none was."""
    made = [list(trial.made) for trial in trials]
    rounds = min(map(len, made)) or 1  # some trials may be a round ahead
    made = [series[:rounds] for series in made if len(series) >= rounds]
    note = f"interrupted after {len(made)} of {len(trials)} trials"
    if not made:
        return None
    if setting.temperature == 0:
        rest = _rest([series[-1] for series in made], max(series[-1].overlap.size for series in made))
        return replace(rest, why=f"{note}; {rest.why}", converged=False)
    steps = sum(series.overlap.size for series in made[0])
    discarded = min(steps // 3 if equilibration is None else equilibration, steps - 1)
    tau = max(autocorrelation_time(series, check=False) for series in _series(made, discarded))
    return _averaged(made, discarded, tau, note)


def estimates(setting: Experiment, measured: Measured, energies: np.ndarray) -> dict[str, Any]:
    """The fields of a `MeasuredPoint`; ``energies`` are those of the trials per spin, in the units that are printed."""
    m, m_error = mean_and_error(measured.overlap)
    energy, energy_error = mean_and_error(energies)
    trials = measured.overlap.size
    retrieved, retrieved_error = fraction_and_error(int((measured.overlap > RETRIEVED_ABOVE).sum()), trials)
    why = measured.why
    if m_error is None:
        why = "; ".join(filter(None, [why, "one trial has no error over pattern sets"]))
    return {
        "size": setting.size,
        "temperature": float(setting.temperature),
        "m": m,
        "m_error": m_error,
        "energy": energy,
        "energy_error": energy_error,
        "retrieved": retrieved,
        "retrieved_error": retrieved_error,
        "retrieved_above": RETRIEVED_ABOVE,
        "tau": measured.tau,
        "samples": measured.samples,
        "seed": setting.seed,
        "trials": trials,
        "sweeps": measured.sweeps,
        "equilibration": measured.equilibration,
        "acceptance": measured.flips / (measured.steps * setting.size),
        "dynamics": setting.dynamics,
        "overlap": setting.overlap,
        "ties": tie_rule(setting.dynamics, setting.temperature),
        **(measured.ended or dict.fromkeys(("rest", "cycles", "plateaus"))),
        "converged": measured.converged,
        "why": why,
    }


def ending(series: Series) -> tuple[str, int]:
    """How a run at zero temperature ended, and over how many of its last values it is averaged."""
    if series.period:
        return ("rest" if series.period == 1 else "cycles"), series.period
    later = series.energy[series.energy.size // 2 :]
    if not series.downhill and later.size >= _PLATEAU and np.ptp(later) <= 1e-12 * np.abs(later).max():
        return "plateaus", later.size
    return "moving", 1


def _short(overlaps: np.ndarray, energies: np.ndarray, discarded: int, fixed_start: bool) -> tuple[str | None, float]:
    """What is wrong with the length of these chains, if anything, and their autocorrelation time."""
    problem = None
    tau = max(autocorrelation_time(series, check=False) for series in (overlaps, energies))
    for series in (overlaps, energies):
        try:
            autocorrelation_time(series)
        except ShortChain as short:
            problem = str(short)
    if problem is None and discarded < _EQUILIBRATION * tau and not fixed_start:
        problem = (
            f"{discarded} sweeps of equilibration are fewer than {_EQUILIBRATION:.0f} autocorrelation times "
            f"(τ ≈ {tau:.3g} sweeps); at least {int(np.ceil(_EQUILIBRATION * tau))} are needed"
        )
    if problem is None and len(overlaps) >= 8:
        half = overlaps.shape[1] // 2
        change, error = mean_and_error(overlaps[:, half:].mean(axis=1) - overlaps[:, :half].mean(axis=1))
        if error and abs(change) > _DRIFT * error:
            needed = int(SHORTEST_CHAIN * tau) + 2 * overlaps.shape[1]
            problem = (
                f"the overlap still drifts, by {change:.2g} ± {error:.1g} from the first to the second half of "
                f"{overlaps.shape[1]} sweeps; at least {needed} sweeps are needed"
            )
    return problem, tau


def _series(made: list[list[Series]], discarded: int) -> tuple[np.ndarray, np.ndarray]:
    """Overlaps and energies of the sweeps that are kept, (trials, sweeps)."""
    overlaps = np.array([np.concatenate([s.overlap for s in one]) for one in made])
    energies = np.array([np.concatenate([s.energy for s in one]) for one in made])
    return overlaps[:, discarded:], energies[:, discarded:]


def _averaged(made: list[list[Series]], discarded: int, tau: float, why: str | None) -> Measured:
    overlaps, energies = _series(made, discarded)
    count, kept = overlaps.shape
    flips = sum(series.flips for one in made for series in one)
    return Measured(
        overlaps.mean(axis=1), energies.mean(axis=1), tau, kept, discarded, kept * count, flips, (kept + discarded) * count,
        why, why is None,
    )  # fmt: skip


def _rest(made: list[Series], most: int) -> Measured:
    ends = [ending(series) for series in made]
    counts, of = Counter(kind for kind, _ in ends), f"of {len(made)} trials"
    notes = {
        "moving": f"{counts['moving']} {of} were not at rest after {most} sweeps",
        "cycles": f"{counts['cycles']} {of} ended in a cycle, over which they are averaged",
        "plateaus": f"{counts['plateaus']} {of} go on among states of equal energy, over which they are averaged",
        "rest": "zero temperature: the state at rest has no autocorrelation time",
    }
    lengths = [series.overlap.size for series in made]
    return Measured(
        np.array([series.overlap[-last:].mean() for series, (_, last) in zip(made, ends)]),
        np.array([series.energy[-last:].mean() for series, (_, last) in zip(made, ends)]),
        None,
        max(lengths),
        0,
        len(made),
        sum(series.flips for series in made),
        sum(lengths),
        "; ".join(note for kind, note in notes.items() if counts[kind]),
        not counts["moving"],
        {kind: counts[kind] for kind in ("rest", "cycles", "plateaus")},
    )
