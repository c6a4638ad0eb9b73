"""One Markov chain of spins on a matrix of couplings, which need not be symmetric nor come from patterns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError, array, one_of, shown
from dammech.memory import check_memory
from dammech.simulate.chain import Series, SpinChain, signs

DIAGONALS = ("dropped", "kept")
_BITS = 50  # of the largest field: costs are exact integers, and the rounding of couplings is that of their own digits


@dataclass
class CouplingChain(SpinChain):
    """Spins that move in their fields h_i = Σ_j J_ij σ_j: a flip costs 2 σ_i h_i, the energy is −½ Σ_ij J_ij σ_i σ_j.

    Parameters
    ----------
    couplings : ndarray, (N, N)
    spins : ndarray, (N,), of ±1
        The start; copied.
    temperature : float
        In units of the couplings.
    dynamics : str
        "glauber", "metropolis", "zero-temperature" or "parallel", with the ties of `Chain`.
    stream : ndarray of uint64, (4,)
        State of the random generator, not all zero; changed in place.
    diagonal : str, float or ndarray, (N,)
        "dropped" (J_ii = 0), "kept" as it stands, or given: a number or one a spin.
    pattern : ndarray, (N,), of ±1, optional
        What the overlap is taken with; the start where not given.

    Raises
    ------
    InputError
        For couplings that are no finite square matrix, and what else is out of range.

    Notes
    -----
    Sequential heat bath and Metropolis moves sample the Gibbs law of the energy where J is symmetric and its diagonal
    dropped (in the energy a diagonal is a constant). Otherwise there is no such law: a spin that couples to itself holds
    on to its state, and a run at zero temperature may never end.
    """

    couplings: np.ndarray
    spins: np.ndarray
    temperature: float
    dynamics: str
    stream: np.ndarray
    diagonal: Any = DIAGONALS[0]
    pattern: np.ndarray | None = None

    def __post_init__(self) -> None:
        self._check()
        self.spins = signs("spins", self.spins, 1)
        size = self.spins.size
        self.couplings = with_diagonal(self.couplings, self.diagonal)
        if self.couplings.shape != (size, size):
            raise InputError(f"couplings of shape {self.couplings.shape}: must be ({size}, {size}), as there are {size} spins")
        self.pattern = self.spins.copy() if self.pattern is None else signs("pattern", self.pattern, 1)
        if self.pattern.size != size:
            raise InputError(f"pattern of {self.pattern.size} spins: must have {size}, as the state has")
        largest = float(np.abs(self.couplings).sum(axis=1).max())
        self._unit = 2.0 ** max(math.frexp(largest)[1] - _BITS, -1000) if largest else 1.0
        self._integers = np.ascontiguousarray(np.rint(self.couplings.T / self._unit))[:, None, :]
        self.cold = self.cold or self.temperature / self._unit == 0
        self._prepare()

    def _sequential(self, sweeps: int) -> Series:
        from dammech.simulate.couplings import kernels

        sums, energies = np.empty(sweeps, np.int64), np.empty(sweeps)
        done, flips = kernels.run_couplings(
            self._integers, self.spins, self._field, self.pattern, self.stream, self.temperature / self._unit,
            self._rule(), self.tie / self._unit, sums, energies,
        )  # fmt: skip
        return Series(sums[:done] / self.spins.size, energies[:done] * self._unit, int(flips))

    def flip_energies(self) -> np.ndarray:
        return np.asarray(2 * self.spins * self._field * self._unit)

    def overlap(self) -> float:
        assert self.pattern is not None
        return float(self.pattern.astype(float) @ self.spins / self.spins.size)

    def energy(self) -> float:
        return float(-0.5 * self.spins @ self._field * self._unit)

    @property
    def tie(self) -> float:
        return self.spins.size * self._unit  # half a unit of each coupling, twice

    def _prepare(self) -> None:
        self._field = self.spins @ self._integers[:, 0]


def with_diagonal(couplings: Any, diagonal: Any = DIAGONALS[0]) -> np.ndarray:
    """A copy of a square matrix with its diagonal "dropped", "kept", or given as a number or one a spin.

    Raises
    ------
    InputError
        For what is no finite square matrix, or another diagonal.
    """
    matrix = array("couplings", couplings, 2)
    check_memory(f"couplings of shape {matrix.shape}", 16.0 * matrix.size)
    if matrix.shape[0] != matrix.shape[1]:
        raise InputError(f"couplings of shape {matrix.shape}: must be a square matrix")
    if isinstance(diagonal, str):
        if one_of("diagonal", diagonal, DIAGONALS) == "kept":
            return matrix
        diagonal = 0.0
    values = array("diagonal", [diagonal] if isinstance(diagonal, int | float | np.number) else diagonal, 1)
    if values.size not in (1, len(matrix)):
        raise InputError(f"diagonal={shown(diagonal)}: must be a number, or {len(matrix)} of them")
    np.fill_diagonal(matrix, values)
    return matrix
