"""``simulate``: disorder-averaged retrieval by Monte Carlo, with errors over independent pattern sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from dammech.errors import Interrupted, ShortChain
from dammech.models import Convention, HebbianDAM
from dammech.simulate.chain import Series, tie_rule
from dammech.simulate.estimators import SHORTEST_CHAIN, autocorrelation_time, fraction_and_error, mean_and_error
from dammech.simulate.flips import flip_energy
from dammech.simulate.inputs import (
    check_effort,
    checked_count,
    checked_dynamics,
    checked_model,
    checked_numbers,
    checked_overlap,
    checked_patterns,
    checked_points,
    checked_sizes,
)
from dammech.simulate.trials import Setting, Trial, over_trials

SCHEMA = "dammech/1"
RETRIEVED_ABOVE = 0.5
LONGEST = 20_000
_FIRST = 150
_EQUILIBRATION = 10.0
_DRIFT = 4.0
_PLATEAU = 100  # sweeps without a gain, before a run is said to have found its plateau

Numbers = float | Sequence[float] | np.ndarray


@dataclass(frozen=True)
class SimulatedPoint:
    """One (size, load, temperature), averaged over trials; an error is None where there is only one trial.

    Attributes
    ----------
    size, patterns : int
        N and P.
    load, temperature : float
        The realised load P/N^{p−1} and the temperature, in the convention's units.
    m, m_error : float
        Mean overlap with the pattern the run started on, over all trials and the measured sweeps.
    energy, energy_error : float
        Energy per spin in the convention's units. For p ≥ 3 less the mean energy of P − 1 uncondensed patterns.
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

    size: int
    load: float
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
    patterns: int
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


@dataclass(frozen=True)
class Simulation:
    """The points of a simulation. ``to_json()`` is the document that the command line prints."""

    model: HebbianDAM
    convention: str
    points: tuple[SimulatedPoint, ...]

    def to_json(self) -> dict[str, Any]:
        """Schema, model, convention and points as plain values."""
        return {
            "schema": SCHEMA,
            "model": model_document(self.model),
            "convention": self.convention,
            "points": [asdict(point) | {"status": point.status} for point in self.points],
        }


def simulate(
    model: HebbianDAM,
    *,
    load: Numbers | None = None,
    temperature: Numbers,
    size: int | Sequence[int],
    trials: int = 100,
    seed: int = 0,
    dynamics: str = "glauber",
    overlap: float = 1.0,
    sweeps: int | None = None,
    equilibration: int | None = None,
    convention: str = "canonical",
    workers: int | None = None,
) -> Simulation:
    """Retrieve a pattern by Monte Carlo, in ``trials`` independent pattern sets per point.

    Each trial draws P = round(α N^{p−1}) fair random patterns and runs one chain from the first of them (or from a
    given overlap with it). Sequential dynamics visit all spins once per sweep, in a new random order each time.

    Parameters
    ----------
    model : HebbianDAM
        Up to order 10.
    load, temperature : float or sequence
        In units of ``convention``. At temperature 0 a trial runs until it is at rest or in a cycle.
    size : int or sequence
        N, up to 32,000. A point is made for every combination of size, load and temperature.
    trials : int
        Independent pattern sets, one chain each.
    seed : int
        Results depend on it and on the arguments, not on the number of threads.
    dynamics : str
        "glauber" (heat bath), "metropolis", "zero-temperature" or "parallel" (all spins at once by heat bath). At
        temperature 0 the first two are their limits T → 0, in which a flip that costs nothing happens half of the time or
        always; with the others it never happens.
    overlap : float
        Overlap of the start with the first pattern: a random fraction (1 − overlap)/2 of its spins is flipped.
    sweeps : int, optional
        Sweeps measured; as many as the autocorrelation time asks for where not given, up to 20,000 in all. At
        temperature 0 the most sweeps made (1,000); trials that are not at rest by then make the point not converged.
    equilibration : int, optional
        Sweeps discarded first; half of ``sweeps``, or a third of the automatic length, where not given.
    convention : str
        Units of loads, temperatures and energies, asked and answered.
    workers : int, optional
        Threads; the number of cores where not given.

    Returns
    -------
    Simulation
        With ``.points`` and ``.to_json()``.

    Raises
    ------
    InputError
        For an argument out of range, no pattern at all, or more patterns than memory holds.
    ShortChain
        Where ``sweeps`` is given and is less than 50 autocorrelation times. An automatic length beyond its bound
        instead gives a point with ``converged`` false and a ``why``.
    """
    plan = planned(
        model, load=load, temperature=temperature, size=size, trials=trials, seed=seed, dynamics=dynamics, overlap=overlap,
        sweeps=sweeps, equilibration=equilibration, convention=convention,
    )  # fmt: skip
    workers = None if workers is None else checked_count("workers", workers)
    units, points = plan.units, []
    for n, _, t, count in plan.grid:
        table = flip_energy(plan.model, n, count)
        setting = Setting(plan.model, n, count, t * units.temperature, plan.dynamics, plan.overlap, plan.seed, table)
        waiting = [Trial(setting, index) for index in range(plan.trials)]
        try:
            measured = _measure(setting, waiting, plan.sweeps, plan.equilibration, workers)
        except KeyboardInterrupt:
            done = _so_far(setting, waiting, plan.equilibration)
            points += [_point(setting, t, units.load, units.energy, done)] if done is not None else []
            raise Interrupted(
                f"interrupted with {len(points)} of {len(plan.grid)} points begun; the same seed gives the same trials again",
                Simulation(plan.model, units.name, tuple(points)),
            ) from None
        points.append(_point(setting, t, units.load, units.energy, measured))
    return Simulation(plan.model, units.name, tuple(points))


@dataclass(frozen=True)
class Plan:
    """What `simulate` was asked for, checked: points of the grid are size, load, temperature and number of patterns."""

    model: HebbianDAM
    units: Convention
    grid: list[tuple[int, float, float, int]]
    trials: int
    seed: int
    dynamics: str
    overlap: float
    sweeps: int | None
    equilibration: int | None


def planned(
    model: HebbianDAM,
    *,
    load: Numbers | None,
    temperature: Numbers,
    size: int | Sequence[int],
    trials: int,
    seed: int,
    dynamics: str,
    overlap: float,
    sweeps: int | None,
    equilibration: int | None = None,
    convention: str,
) -> Plan:
    """The arguments of `simulate`, refused in one sentence where they cannot be run."""
    model = checked_model(model)
    loads, temperatures = checked_numbers("load", load), checked_numbers("temperature", temperature)
    units = model.convention(convention)
    sizes = checked_sizes(size, model)
    trials, seed = checked_count("trials", trials), checked_count("seed", seed, least=0)
    dynamics, overlap = checked_dynamics(dynamics, temperatures), checked_overlap(overlap)
    sweeps = None if sweeps is None else checked_count("sweeps", sweeps)
    equilibration = None if equilibration is None else checked_count("equilibration", equilibration, least=0)
    checked_points(sizes, loads, temperatures)
    grid = [(n, a, t, checked_patterns(model, a * units.load, n)) for n, a, t in product(sizes, loads, temperatures)]
    for n, _, t, count in grid:
        check_effort(n, count, trials, sweeps or (3 * _FIRST // 2 if t else 1))
    return Plan(model, units, grid, trials, seed, dynamics, overlap, sweeps, equilibration)


def model_document(model: HebbianDAM) -> dict[str, Any]:
    """A model as plain values."""
    return {"name": "hebbian", "order": model.p, "interaction": model.interaction}


def ending(series: Series) -> tuple[str, int]:
    """How a run at zero temperature ended, and over how many of its last values it is averaged."""
    if series.period:
        return ("rest" if series.period == 1 else "cycles"), series.period
    later = series.energy[series.energy.size // 2 :]
    if not series.downhill and later.size >= _PLATEAU and np.ptp(later) <= 1e-12 * np.abs(later).max():
        return "plateaus", later.size
    return "moving", 1


@dataclass(frozen=True)
class _Measured:
    trials: list[Trial]
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


def _measure(
    setting: Setting, trials: list[Trial], sweeps: int | None, equilibration: int | None, workers: int | None
) -> _Measured:
    if setting.temperature == 0:
        return _measure_rest(setting, trials, sweeps, workers)
    flips = steps = 0

    def advance(by: int) -> None:
        nonlocal flips, steps
        made = over_trials(lambda trial: trial.advance(by), trials, setting, workers)
        flips += sum(series.flips for series in made)
        steps += by

    automatic = sweeps is None
    kept = sweeps if sweeps is not None else 2 * _FIRST // 3
    discarded = equilibration if equilibration is not None else kept // 2
    advance(discarded + kept)
    why: str | None = None
    while True:
        overlaps = np.array([np.concatenate(trial.overlap)[discarded:] for trial in trials])
        energies = np.array([np.concatenate(trial.energy)[discarded:] for trial in trials])
        problem, tau = _short(overlaps, energies, discarded, fixed_start=equilibration is not None)
        if problem is None:
            break
        if not automatic:
            raise ShortChain(problem)
        if 2 * steps > LONGEST or SHORTEST_CHAIN * tau > LONGEST:  # a short chain's τ is a lower bound
            why = f"the automatic length would go beyond its bound of {LONGEST} sweeps: {problem}"
            break
        advance(steps)
        discarded = equilibration if equilibration is not None else steps // 3
    kept = steps - discarded
    return _Measured(
        trials, overlaps.mean(axis=1), energies.mean(axis=1), tau, kept, discarded, kept * len(trials), flips,
        steps * len(trials), why, why is None,
    )  # fmt: skip


def _so_far(setting: Setting, trials: list[Trial], equilibration: int | None) -> _Measured | None:
    """What the trials have that were finished when the run was interrupted; None where none was."""
    made = {trial: list(trial.made) for trial in trials}
    rounds = min(map(len, made.values())) or 1  # some trials may be a round ahead
    made = {trial: series[:rounds] for trial, series in made.items() if len(series) >= rounds}
    note = f"interrupted after {len(made)} of {len(trials)} trials"
    if not made:
        return None
    if setting.temperature == 0:
        rest = _rest([series[-1] for series in made.values()], list(made), max(s[-1].overlap.size for s in made.values()))
        return replace(rest, why=f"{note}; {rest.why}", converged=False)
    overlaps = np.array([np.concatenate([s.overlap for s in series]) for series in made.values()])
    energies = np.array([np.concatenate([s.energy for s in series]) for series in made.values()])
    steps = overlaps.shape[1]
    discarded = min(steps // 3 if equilibration is None else equilibration, steps - 1)
    overlaps, energies, kept = overlaps[:, discarded:], energies[:, discarded:], steps - discarded
    tau = max(autocorrelation_time(series, check=False) for series in (overlaps, energies))
    flips = sum(s.flips for series in made.values() for s in series)
    return _Measured(
        list(made), overlaps.mean(axis=1), energies.mean(axis=1), tau, kept, discarded, kept * len(made), flips,
        steps * len(made), note, False,
    )  # fmt: skip


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


def _measure_rest(setting: Setting, trials: list[Trial], sweeps: int | None, workers: int | None) -> _Measured:
    """Zero temperature: the state at rest, the mean over a cycle, or the mean over a plateau."""
    most = 1000 if sweeps is None else sweeps
    return _rest(over_trials(lambda trial: trial.advance(most), trials, setting, workers), trials, most)


def _rest(made: list[Series], trials: list[Trial], most: int) -> _Measured:
    ends = [ending(series) for series in made]
    counts, of = Counter(kind for kind, _ in ends), f"of {len(trials)} trials"
    notes = {
        "moving": f"{counts['moving']} {of} were not at rest after {most} sweeps",
        "cycles": f"{counts['cycles']} {of} ended in a cycle, over which they are averaged",
        "plateaus": f"{counts['plateaus']} {of} go on among states of equal energy, over which they are averaged",
        "rest": "zero temperature: the state at rest has no autocorrelation time",
    }
    lengths = [series.overlap.size for series in made]
    return _Measured(
        trials,
        np.array([series.overlap[-last:].mean() for series, (_, last) in zip(made, ends)]),
        np.array([series.energy[-last:].mean() for series, (_, last) in zip(made, ends)]),
        None,
        max(lengths),
        0,
        len(trials),
        sum(series.flips for series in made),
        sum(lengths),
        "; ".join(note for kind, note in notes.items() if counts[kind]),
        not counts["moving"],
        {kind: counts[kind] for kind in ("rest", "cycles", "plateaus")},
    )


def _point(
    setting: Setting, temperature: float, load_unit: float, energy_unit: float, measured: _Measured
) -> SimulatedPoint:
    n, p, count = setting.size, setting.model.p, setting.patterns
    constant = (count - 1) * setting.model.mean_pattern_energy(n) if p >= 3 else 0.0
    m, m_error = mean_and_error(measured.overlap)
    energy, energy_error = mean_and_error((measured.energy - constant) / n / energy_unit)
    trials = len(measured.trials)
    above = int((measured.overlap > RETRIEVED_ABOVE).sum())
    retrieved, retrieved_error = fraction_and_error(above, trials)
    why = measured.why
    if m_error is None:
        why = "; ".join(filter(None, [why, "one trial has no error over pattern sets"]))
    return SimulatedPoint(
        size=n,
        load=count / float(n) ** (p - 1) / load_unit,
        temperature=float(temperature),
        m=m,
        m_error=m_error,
        energy=energy,
        energy_error=energy_error,
        retrieved=retrieved,
        retrieved_error=retrieved_error,
        retrieved_above=RETRIEVED_ABOVE,
        tau=measured.tau,
        samples=measured.samples,
        seed=setting.seed,
        patterns=count,
        trials=trials,
        sweeps=measured.sweeps,
        equilibration=measured.equilibration,
        acceptance=measured.flips / (measured.steps * n),
        dynamics=setting.dynamics,
        overlap=setting.overlap,
        ties=tie_rule(setting.dynamics, setting.temperature),
        **(measured.ended or dict.fromkeys(("rest", "cycles", "plateaus"))),
        converged=measured.converged,
        why=why,
    )
