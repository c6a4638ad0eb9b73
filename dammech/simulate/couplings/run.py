"""``simulate_couplings``: averages over the disorder of a rule that gives a matrix of couplings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError, shown
from dammech.simulate.chain import signs
from dammech.simulate.couplings.chain import DIAGONALS, CouplingChain
from dammech.simulate.measure import MeasuredPoint, averages
from dammech.simulate.trials import NamedExperiment, generator_of, partly_flipped

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
    setting = CouplingExperiment(name, rule, size, temperature, dynamics, overlap, seed, diagonal)
    return averages(setting, trials, sweeps, equilibration, workers)


@dataclass(frozen=True)
class CouplingExperiment(NamedExperiment):
    """One whose ``rule`` draws couplings and patterns; the diagonal is as in `CouplingChain`."""

    diagonal: Any = DIAGONALS[0]

    def bytes_each(self) -> int:
        return self.bytes_taken or 48 * self.size**2

    def chain(self, disorder: np.ndarray, start: np.ndarray, spins: np.ndarray | None, stream: np.ndarray) -> CouplingChain:
        drawn = self.rule(generator_of(disorder), self.size)
        if not isinstance(drawn, tuple) or len(drawn) != 2:
            raise InputError(f"rule: gave {shown(drawn)}, and must give couplings and patterns")
        couplings, patterns = drawn[0], signs("patterns", drawn[1], 2)
        if patterns.shape[1] != self.size:
            raise InputError(f"patterns of shape {patterns.shape}: the rule must give (K, {self.size})")
        spins = partly_flipped(patterns[0], self.overlap, start) if spins is None else spins
        return CouplingChain(couplings, spins, self.temperature, self.dynamics, stream, self.diagonal, patterns[0])
