"""One Markov chain of spins among stored rows of integers, any order of interaction from 2 to 4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dammech.errors import InputError, array, finite, integer
from dammech.simulate.chain import Series, SpinChain, signs


@dataclass
class RowChain(SpinChain):
    """Spins whose energy is −((p−1)!/N^{p−1}) Σ_rows Σ_{i₁<…<i_p} Π_k x_{i_k} σ_{i_k}.

    Parameters
    ----------
    order : int
        p from 2 to 4.
    rows : ndarray, (K, N)
        Integers; x is ``unit`` times these.
    unit : float
    spins : ndarray, (N,), of ±1
    temperature : float
    dynamics : str
    stream : ndarray of uint64, (4,)
    target : ndarray, (N,)
        What the overlap Σ_i target_i σ_i is taken with.

    Raises
    ------
    InputError
        For another order, rows that are no integers, or lengths that differ from that of the state.
    """

    order: int
    rows: np.ndarray
    unit: float
    spins: np.ndarray
    temperature: float
    dynamics: str
    stream: np.ndarray
    target: np.ndarray

    def __post_init__(self) -> None:
        self._check()
        self.spins = signs("spins", self.spins, 1)
        integer("order", self.order, 2, 4)
        finite("unit", self.unit, positive=True)
        rows, self.target = array("rows", self.rows, 2), array("target", self.target, 1)
        if (rows != np.rint(rows)).any():
            raise InputError("rows: must be integers, in units of unit")
        if {rows.shape[1], self.target.size} != {self.spins.size}:
            given = f"rows of {rows.shape[1]}, target of {self.target.size}"
            raise InputError(f"{given}: must be {self.spins.size} sites, as the state")
        self._scale = self.unit**self.order / float(self.spins.size) ** (self.order - 1)
        self._turned: Any = np.ascontiguousarray(rows.T, dtype=np.float32 if np.abs(rows).max(initial=0) < 2**24 else np.float64)
        self._squares = (self._turned.astype(float) ** 2).sum(axis=0)
        self._prepare()

    def _sequential(self, sweeps: int) -> Series:
        from dammech.simulate.rows import kernels

        start, overlaps, paid = self.energy(), np.empty(sweeps), np.empty(sweeps)
        done, flips = kernels.run_rows(
            self._turned, self.spins, self._sums, self._squares, self._cubes, self.order, self.target, self.stream,
            self.temperature / self._scale, self._rule(), self.tie / self._scale, overlaps, paid,
        )  # fmt: skip
        return Series(overlaps[:done], start + paid[:done] * self._scale, int(flips))

    def flip_energies(self) -> np.ndarray:
        from dammech.simulate.rows import kernels

        sums = self._sums, self._squares, self._cubes
        fields = [kernels.field(self._turned, i, float(s), *sums, self.order) for i, s in enumerate(self.spins)]
        return 2 * self._scale * self.spins * np.array(fields)

    def overlap(self) -> float:
        return float(self.target @ self.spins)

    def energy(self) -> float:
        """By Euler's theorem: the energy is homogeneous in the spins."""
        return float(-self.flip_energies().sum() / (2 * self.order))

    @property
    def tie(self) -> float:
        return 0.5 * self._scale

    def _prepare(self) -> None:
        spins: Any = self.spins.astype(float)
        self._sums = spins @ self._turned.astype(float)
        self._cubes = spins @ self._turned.astype(float) ** 3 if self.order == 4 else np.zeros(0)
