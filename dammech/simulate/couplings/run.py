"""``simulate_couplings``: averages over the disorder of a rule that gives a matrix of couplings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError, shown
from dammech.simulate.couplings.chain import DIAGONALS, CouplingChain
from dammech.simulate.inputs import (
    LARGEST_SIZE,
    check_effort,
    checked_count,
    checked_dynamics,
    checked_numbers,
    checked_overlap,
)
from dammech.simulate.measure import FIRST, MeasuredPoint, estimates, measure
from dammech.simulate.trials import Experiment, Trial, generator_of, partly_flipped

Rule = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def simulate_couplings(
    rule: Rule,
    *,
    name: str,
    size: int,
    temperature: float,
    diagonal: Any = DIAGONALS[0],
    trials: int = 100,
    seed: int = 0,
    dynamics: str = "glauber",
    overlap: float = 1.0,
    sweeps: int | None = None,
    equilibration: int | None = None,
    workers: int | None = None,
) -> MeasuredPoint:
    """Retrieve a pattern under couplings J, in ``trials`` independent samples of them, as `simulate` does among patterns.

    Parameters
    ----------
    rule : callable
        From a Generator and N to J (N, N) and patterns (K, N) of ±1, of which the run starts on the first.
    name : str
        Says what the rule makes, its parameters included: the random numbers are keyed by it, the seed and the trial.
    size : int
        N.
    temperature : float
        In units of the couplings.
    diagonal : str, float or ndarray, (N,)
        "dropped", "kept" or given, as in `CouplingChain`.
    trials, seed, dynamics, overlap, sweeps, equilibration, workers
        As in `simulate`.

    Returns
    -------
    MeasuredPoint

    Raises
    ------
    InputError
        For an argument out of range, or couplings and patterns of other shapes.
    ShortChain
        Where ``sweeps`` is given and is less than 50 autocorrelation times.
    """
    if not isinstance(name, str):
        raise InputError(f"name={shown(name)}: must be a text that says what the rule makes")
    (t,) = checked_numbers("temperature", [temperature])
    size, trials = checked_count("size", size, 2, LARGEST_SIZE), checked_count("trials", trials)
    setting = _Coupled(
        rule, name, size, t, checked_dynamics(dynamics, [t]), checked_overlap(overlap),
        checked_count("seed", seed, least=0), diagonal,
    )  # fmt: skip
    sweeps = None if sweeps is None else checked_count("sweeps", sweeps)
    equilibration = None if equilibration is None else checked_count("equilibration", equilibration, least=0)
    workers = None if workers is None else checked_count("workers", workers)
    check_effort(size, size, trials, sweeps or FIRST)
    measured = measure(setting, [Trial(setting, index) for index in range(trials)], sweeps, equilibration, workers)
    return MeasuredPoint(**estimates(setting, measured, measured.energy / size))


@dataclass(frozen=True)
class _Coupled(Experiment):
    rule: Rule
    name: str
    size: int
    temperature: float
    dynamics: str
    overlap: float
    seed: int
    diagonal: Any

    def key(self) -> tuple[object, ...]:
        return "couplings", self.name, self.seed, self.size, self.temperature

    def bytes_each(self) -> int:
        return 48 * self.size**2

    def chain(self, disorder: np.ndarray, start: np.ndarray, spins: np.ndarray | None, stream: np.ndarray) -> CouplingChain:
        couplings, patterns = self.rule(generator_of(disorder), self.size)
        if np.ndim(patterns) != 2 or np.shape(patterns)[1] != self.size:
            raise InputError(f"patterns of shape {np.shape(patterns)}: the rule must give (K, {self.size})")
        spins = partly_flipped(np.asarray(patterns[0]), self.overlap, start) if spins is None else spins
        return CouplingChain(couplings, spins, self.temperature, self.dynamics, stream, self.diagonal, patterns[0])
