"""Whether a memory is found again: basins of attraction, and retrieval after a waiting time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dammech.declared.states import Memory
from dammech.errors import InputError
from dammech.results.record import Record
from dammech.results.result import axes_of
from dammech.simulate.chain import tie_rule
from dammech.simulate.estimators import fraction_and_error, mean_and_error
from dammech.simulate.flips import flip_energy
from dammech.simulate.inputs import (
    check_effort,
    checked_count,
    checked_dynamics,
    checked_model,
    checked_numbers,
    checked_overlap,
    checked_patterns,
    checked_sizes,
)
from dammech.simulate.measure import RETRIEVED_ABOVE, Simulation
from dammech.simulate.trials import Setting, Trial, over_trials


@dataclass(frozen=True, repr=False)
class RetrievalPoint(Record):
    """Fraction of trials that retrieve, from one start and after one waiting time.

    Attributes
    ----------
    overlap : float
        Of the start with the pattern.
    sweeps : int
        Waiting time; the overlap is averaged over its last tenth.
    retrieved, retrieved_error : float
        Fraction of trials whose overlap then exceeds ``retrieved_above``; error under a flat prior.
    m, m_error : float
        Mean overlap over all trials.
    ties : str or None
        What a flip that costs nothing does at temperature 0: "keep", "coin" or "flip"; None above.
    """

    size: int
    load: float
    temperature: float
    overlap: float
    sweeps: int
    retrieved: float
    retrieved_error: float
    m: float
    m_error: float | None
    retrieved_above: float
    trials: int
    patterns: int
    seed: int
    dynamics: str
    ties: str | None


def basin(
    model: Memory,
    *,
    load: float,
    temperature: float,
    size: int,
    overlaps: Sequence[float],
    sweeps: int = 100,
    trials: int = 100,
    seed: int = 0,
    dynamics: str = "glauber",
    convention: str = "canonical",
    retrieved_above: float = RETRIEVED_ABOVE,
    workers: int | None = None,
) -> Simulation[RetrievalPoint]:
    """Fraction of trials that reach the pattern within ``sweeps`` from each initial overlap.

    All starts of a trial share its pattern set, so neighbouring points are correlated; errors are over pattern sets.

    Raises
    ------
    InputError
        For an argument that is out of range.
    """
    starts = [checked_overlap(value) for value in np.atleast_1d(np.asarray(overlaps, dtype=float))]
    if not starts:
        raise InputError("overlaps is an empty sequence: at least one value is needed")
    points: list[RetrievalPoint] = []
    for start in starts:
        points += retrieval_probability(
            model, load=load, temperature=temperature, size=size, sweeps=[sweeps], overlap=start, trials=trials,
            seed=seed, dynamics=dynamics, convention=convention, retrieved_above=retrieved_above, workers=workers,
        ).points  # fmt: skip
    return Simulation(model, convention, tuple(points), grid={"overlap": len(starts)})


def retrieval_probability(
    model: Memory,
    *,
    load: float | Sequence[float],
    temperature: float | Sequence[float],
    size: int | Sequence[int],
    sweeps: Sequence[int],
    overlap: float = 1.0,
    trials: int = 100,
    seed: int = 0,
    dynamics: str = "glauber",
    convention: str = "canonical",
    retrieved_above: float = RETRIEVED_ABOVE,
    workers: int | None = None,
) -> Simulation[RetrievalPoint]:
    """Probability that the pattern is still (or again) retrieved after each of the waiting times ``sweeps``.

    A metastable state near its spinodal lives for a time that grows with N; how this probability depends on waiting
    time and on size tells a metastable state from a slow decay. Nothing is equilibrated here, on purpose. The
    waiting times of one trial are of one chain, so they are correlated; sizes, loads and temperatures are
    independent.

    Raises
    ------
    InputError
        For an argument that is out of range.
    """
    model = checked_model(model)
    loads, temperatures = checked_numbers("load", load), checked_numbers("temperature", temperature)
    sizes, units = checked_sizes(size, model), model.convention(convention)
    times = sorted({checked_count("sweeps", value) for value in np.atleast_1d(np.asarray(sweeps)).tolist()})
    if not times:
        raise InputError("sweeps is an empty sequence: at least one waiting time is needed")
    trials, seed = checked_count("trials", trials), checked_count("seed", seed, least=0)
    dynamics, overlap = checked_dynamics(dynamics, temperatures), checked_overlap(overlap)
    threshold = checked_overlap(retrieved_above, "retrieved_above")
    points = []
    for n in sizes:
        for a in loads:
            count = checked_patterns(model, a * units.load, n)
            check_effort(n, count, trials, times[-1])
            table = flip_energy(model, n, count)
            for t in temperatures:
                setting = Setting(model, n, count, t * units.temperature, dynamics, overlap, seed, table)
                runs = over_trials(
                    lambda trial: trial.advance(times[-1]).lasting(times[-1]),
                    [Trial(setting, k) for k in range(trials)],
                    setting,
                    workers,
                )
                realised = count / float(n) ** (model.p - 1) / units.load
                for time in times:
                    late = np.array([_late_mean(run, time) for run in runs])
                    fraction, error = fraction_and_error(int((late > threshold).sum()), trials)
                    mean, mean_error = mean_and_error(late)
                    points.append(
                        RetrievalPoint(
                            n,
                            realised,
                            float(t),
                            overlap,
                            time,
                            fraction,
                            error,
                            mean,
                            mean_error,
                            threshold,
                            trials,
                            count,
                            seed,
                            dynamics,
                            tie_rule(dynamics, t),
                        )
                    )
    axes = axes_of(size=size, load=load, temperature=temperature)
    return Simulation(model, units.name, tuple(points), grid={**axes, "sweeps": len(times)})


def _late_mean(run: np.ndarray, time: int) -> float:
    """Mean overlap over the last tenth of a waiting time."""
    return float(run[time - max(1, time // 10) : time].mean())
