"""``simulate_phases``: averages over random complex patterns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dammech.exact.phases import unit_phases
from dammech.simulate.inputs import checked_numbers
from dammech.simulate.measure import MeasuredPoint, averages
from dammech.simulate.phasors.chain import DYNAMICS, Interaction, PhaseChain, clock_states
from dammech.simulate.trials import NamedExperiment, generator_of


def simulate_phases(
    interaction: Interaction,
    rule: Callable[[np.random.Generator, int], np.ndarray],
    *,
    name: str,
    size: int,
    temperature: float,
    states: int | None = None,
    trials: int = 100,
    seed: int = 0,
    dynamics: str = "glauber",
    overlap: float = 1.0,
    sweeps: int | None = None,
    equilibration: int | None = None,
    workers: int | None = None,
) -> MeasuredPoint:
    """Retrieve a complex pattern, in ``trials`` independent pattern sets, as `simulate` does among patterns of signs.

    Parameters
    ----------
    interaction : mapping
        c_ab of each (a, b), as of `PhaseChain`.
    rule : callable
        From a Generator and N to patterns (P, N), complex of modulus 1, of which the run starts on the first.
    name : str
        Says what is drawn, its parameters included: the random numbers are keyed by it, the seed and the trial.
    size : int
        N.
    temperature : float
    states : int, optional
        Q of a clock, in whose states the first pattern must then be; any phase where not given.
    overlap : float
        The start is the first pattern, of which a random fraction 1 − |overlap| is drawn anew.
    trials, seed, dynamics, sweeps, equilibration, workers
        As in `simulate`; "parallel" moves are not made.

    Returns
    -------
    MeasuredPoint
        m is the mean of |m_1|.

    Raises
    ------
    InputError
        For an argument out of range, or patterns that are no such array.
    ShortChain
        Where ``sweeps`` is given and is less than 50 autocorrelation times.
    """
    setting = PhaseExperiment(name, rule, size, temperature, dynamics, overlap, seed, interaction, states)
    return averages(setting, trials, sweeps, equilibration, workers)


@dataclass(frozen=True)
class PhaseExperiment(NamedExperiment):
    """One whose ``rule`` draws complex patterns; the other fields are those of `PhaseChain`."""

    interaction: Interaction
    states: int | None = None
    constant: float = 0.0

    def __post_init__(self) -> None:
        if not any(checked_numbers("temperature", [self.temperature])) and self.dynamics in DYNAMICS:
            object.__setattr__(self, "dynamics", DYNAMICS[-1])  # whose ties stay

    def bytes_each(self) -> int:
        return self.bytes_taken or 64 * self.size**2

    def chain(self, disorder: np.ndarray, start: np.ndarray, spins: np.ndarray | None, stream: np.ndarray) -> PhaseChain:
        patterns = unit_phases("patterns", self.rule(generator_of(disorder), self.size), 2)
        if spins is None:
            spins, generator = patterns[0].copy(), generator_of(start)
            places = generator.permutation(self.size)[: round(self.size * (1 - abs(self.overlap)))]
            clock, angles = clock_states(self.states), 2 * np.pi * generator.random(places.size)
            spins[places] = generator.choice(clock, places.size) if clock.size else np.exp(1j * angles)
        return PhaseChain(
            self.interaction, patterns, spins, self.temperature, self.dynamics, stream, self.states, self.constant
        )  # fmt: skip
