"""``simulate``: disorder-averaged retrieval by Monte Carlo, with errors over independent pattern sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from dammech.declared.states import Memory
from dammech.declared.units import Convention
from dammech.errors import InputError, Interrupted, shown
from dammech.results.result import axes_of
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
from dammech.simulate.measure import FIRST, Measured, MeasuredPoint, Simulation, estimates, measure, so_far
from dammech.simulate.sampled import sampled, sampler_of
from dammech.simulate.trials import Setting, Trial

Numbers = float | Sequence[float] | np.ndarray


@dataclass(frozen=True, repr=False)
class SimulatedPoint(MeasuredPoint):
    """One (size, load, temperature), averaged over trials; temperature and energy are in the convention's units.

    Attributes
    ----------
    load : float
        The realised load P/N^{p−1}, in the convention's units.
    patterns : int
        P. The energy is, for p ≥ 3, less the mean energy of P − 1 uncondensed patterns.
    """

    load: float
    patterns: int


def simulate(
    model: Any,
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
    **axes: Numbers,
) -> Simulation[Any]:
    """Retrieve a pattern by Monte Carlo, in ``trials`` independent pattern sets per point.

    Each trial draws P = round(α N^{p−1}) fair random patterns and runs one chain from the first of them (or from a
    given overlap with it). Sequential dynamics visit all spins once per sweep, in a new random order each time.

    Parameters
    ----------
    model : HebbianDAM, or a registered model with a sampler
        A Hebbian memory up to order 10.
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
    **axes
        For a system with a sampler of its own: what else it can vary, by name.

    Returns
    -------
    Simulation
        Over the axes size, load and temperature, those of them that are sequences.

    Raises
    ------
    InputError
        For an argument out of range, no pattern at all, or more patterns than memory holds.
    ShortChain
        Where ``sweeps`` is given and is less than 50 autocorrelation times. An automatic length beyond its bound
        instead gives a point with ``converged`` false and a ``why``.
    """
    if sampler_of(model) is not None:
        given = {name: value for name, value in {"load": load, "temperature": temperature, **axes}.items() if value is not None}
        return sampled(
            model, given, size, trials=trials, seed=seed, dynamics=dynamics, overlap=overlap, sweeps=sweeps,
            equilibration=equilibration, convention=convention, workers=workers,
        )  # fmt: skip
    for name in axes:
        raise InputError(f"{name}={shown(axes[name])}: a Hebbian memory takes load, temperature and size only")
    plan = planned(
        model, load=load, temperature=temperature, size=size, trials=trials, seed=seed, dynamics=dynamics, overlap=overlap,
        sweeps=sweeps, equilibration=equilibration, convention=convention,
    )  # fmt: skip
    workers = None if workers is None else checked_count("workers", workers)
    units, points, shape = plan.units, [], axes_of(size=size, load=load, temperature=temperature)
    for n, _, t, count in plan.grid:
        table = flip_energy(plan.model, n, count)
        setting = Setting(plan.model, n, count, t * units.temperature, plan.dynamics, plan.overlap, plan.seed, table)
        waiting = [Trial(setting, index) for index in range(plan.trials)]
        try:
            measured = measure(setting, waiting, plan.sweeps, plan.equilibration, workers)
        except KeyboardInterrupt:
            done = so_far(setting, waiting, plan.equilibration)
            points += [_point(setting, t, units.load, units.energy, done)] if done is not None else []
            raise Interrupted(
                f"interrupted with {len(points)} of {len(plan.grid)} points begun; the same seed gives the same trials again",
                Simulation(plan.model, units.name, tuple(points), grid=shape),
            ) from None
        points.append(_point(setting, t, units.load, units.energy, measured))
    return Simulation(plan.model, units.name, tuple(points), grid=shape)


@dataclass(frozen=True)
class Plan:
    """What `simulate` was asked for, checked: points of the grid are size, load, temperature and number of patterns."""

    model: Memory
    units: Convention
    grid: list[tuple[int, float, float, int]]
    trials: int
    seed: int
    dynamics: str
    overlap: float
    sweeps: int | None
    equilibration: int | None


def planned(
    model: Memory,
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
        check_effort(n, count, trials, sweeps or (3 * FIRST // 2 if t else 1))
    return Plan(model, units, grid, trials, seed, dynamics, overlap, sweeps, equilibration)




def _point(
    setting: Setting, temperature: float, load_unit: float, energy_unit: float, measured: Measured
) -> SimulatedPoint:
    n, p, count = setting.size, setting.model.p, setting.patterns
    constant = (count - 1) * setting.model.mean_pattern_energy(n) if p >= 3 else 0.0
    values = estimates(setting, measured, (measured.energy - constant) / n / energy_unit)
    load = count / float(n) ** (p - 1) / load_unit
    return SimulatedPoint(**values | {"temperature": float(temperature)}, load=load, patterns=count)
