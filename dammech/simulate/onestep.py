"""The error of one synchronous step from a stored pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dammech.declared.states import Memory
from dammech.results.record import Record
from dammech.results.result import axes_of
from dammech.simulate.estimators import mean_and_error
from dammech.simulate.flips import flip_energy
from dammech.simulate.inputs import (
    check_effort,
    checked_count,
    checked_model,
    checked_numbers,
    checked_patterns,
    checked_sizes,
)
from dammech.simulate.measure import Simulation
from dammech.simulate.trials import Setting, Trial, over_trials


@dataclass(frozen=True, repr=False)
class BitErrorPoint(Record):
    """Fraction of spins that one zero-temperature parallel step from the pattern flips; error over pattern sets."""

    size: int
    load: float
    bit_error: float
    bit_error_error: float | None
    trials: int
    patterns: int
    seed: int


def one_step_bit_error(
    model: Memory,
    *,
    load: float | Sequence[float],
    size: int | Sequence[int],
    trials: int = 100,
    seed: int = 0,
    convention: str = "canonical",
    workers: int | None = None,
) -> Simulation[BitErrorPoint]:
    """Probability that a spin of a stored pattern is misaligned with its local field (a flip would lower the energy).

    Only the first pattern of each set is looked at: bits of a set share its disorder, so a set gives one number and the
    error is over sets. A tie keeps the spin.

    Raises
    ------
    InputError
        For an argument that is out of range.
    """
    model = checked_model(model)
    loads, sizes, units = checked_numbers("load", load), checked_sizes(size, model), model.convention(convention)
    trials, seed = checked_count("trials", trials), checked_count("seed", seed, least=0)
    points = []
    for n in sizes:
        for a in loads:
            count = checked_patterns(model, a * units.load, n)
            check_effort(n, count, trials, 1)
            table = flip_energy(model, n, count)
            setting = Setting(model, n, count, 0.0, "parallel", 1.0, seed, table)

            def fraction(trial: Trial, tie: float = table.energy_error) -> float:
                return float((trial.chain().flip_energies() < -tie).mean())

            values = over_trials(fraction, [Trial(setting, k) for k in range(trials)], setting, workers)
            error, error_error = mean_and_error(np.array(values))
            realised = count / float(n) ** (model.p - 1) / units.load
            points.append(BitErrorPoint(n, realised, error, error_error, trials, count, seed))
    return Simulation(model, units.name, tuple(points), grid=axes_of(size=size, load=load))
