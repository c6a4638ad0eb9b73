"""One Markov chain of phases among complex patterns, for any energy that is a polynomial of the overlaps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dammech.errors import InputError, shown
from dammech.exact.phases import overlap_terms, unit_phases
from dammech.simulate.chain import Series, check_motion
from dammech.simulate.inputs import checked_count

DYNAMICS = ("glauber", "metropolis", "zero-temperature")
_TIE = 1e-14  # of Σ_k |A_k|: energies that a move at T = 0 must gain
_UNIT = 1e-9

Interaction = Mapping[tuple[int, int], float]


@dataclass
class PhaseChain:
    """Phases σ_i = e^{iθ_i} that move at one temperature, H = −N Σ_μ Σ_ab c_ab Re(m_μ^a m̄_μ^b), m_μ = Σ_i ξ̄_i^μ σ_i/N.

    Parameters
    ----------
    interaction : mapping
        c_ab of each (a, b): {(1, 1): 1/2} is the quadratic memory, {(2, 2): 1/4} that of four bodies, {(3, 0): 1/3} has
        Re m³/3. The real coupling cos(φ_i − φ_j) is that of the patterns together with their complex conjugates.
    patterns : ndarray, (P, N), complex of modulus 1
    spins : ndarray, (N,), complex of modulus 1
        The start; copied.
    temperature : float
    dynamics : str
        "glauber": heat bath, of the von Mises law where the energy of a spin has one harmonic (a, b ≤ 1); where it has more,
        they decide whether its proposal is accepted. "metropolis": proposals are uniform. "zero-temperature", and the others
        at T = 0: the phase of least energy; a state as good stays.
    stream : ndarray of uint64, (4,)
        State of the random generator, not all zero; changed in place.
    states : int, optional
        Q ≥ 2 of a clock, σ^Q = 1; any phase where not given.
    constant : float
        Added to the energies, which says from where they are counted.

    Raises
    ------
    InputError
        For an argument that is out of range, or spins that are no states of the clock.
    """

    interaction: Interaction
    patterns: np.ndarray
    spins: np.ndarray
    temperature: float
    dynamics: str
    stream: np.ndarray
    states: int | None = None
    constant: float = 0.0

    def __post_init__(self) -> None:
        check_motion(self.temperature, self.dynamics, self.stream, DYNAMICS)
        self.patterns, self.spins = unit_phases("patterns", self.patterns, 2), unit_phases("spins", self.spins, 1)
        if self.patterns.shape[1] != self.spins.size:
            raise InputError(f"patterns: have {self.patterns.shape[1]} spins each, and the state has {self.spins.size}")
        self._clock = clock_states(self.states)
        if self._clock.size:
            nearest = self._clock[np.abs(self.spins[:, None] - self._clock).argmin(axis=1)]
            if (np.abs(self.spins - nearest) > _UNIT).any():
                raise InputError(f"spins={shown(self.spins)}: must be among the {self.states} states of the clock")
            self.spins = nearest
        size, terms = self.spins.size, overlap_terms(self.interaction)
        self._bodies = np.array(list(terms), np.int64)
        self._factors = np.array([c * float(size) ** (1 - a - b) for (a, b), c in terms.items()])
        self._powers, self._weights = spin_harmonics(terms, size)
        self._rows = np.ascontiguousarray(self.patterns.T)
        self._overlaps = self.patterns.conj() @ self.spins

    def run(self, sweeps: int) -> Series:
        """Sweep ``sweeps`` times, sites in random order; T = 0 stops at rest. The overlap of the series is |m_1|."""
        from dammech.simulate import kernels
        from dammech.simulate.phasors import kernels as compiled

        self._overlaps = self.patterns.conj() @ self.spins  # free of the rounding of the moves before
        cold = self.temperature == 0 or self.dynamics == "zero-temperature"
        rule = kernels.ZERO_TEMPERATURE if cold else (kernels.GLAUBER, kernels.METROPOLIS)[self.dynamics == "metropolis"]
        sizes, energies = np.empty(sweeps), np.empty(sweeps)
        done, moves = compiled.run_phases(
            self._rows, self.spins, self._overlaps, self._bodies, self._factors, self._powers, self._weights, self._clock,
            self.stream, self.temperature or 1.0, rule, _TIE, sizes, energies,
        )  # fmt: skip
        energies = energies[:done] + self.constant
        return Series(sizes[:done] / self.spins.size, energies, int(moves), 1 if cold and done < sweeps else None)

    def overlap(self) -> float:
        """|m| with the first pattern."""
        return float(abs(self._overlaps[0]) / self.spins.size)

    def energy(self) -> float:
        """Energy of the state, not per spin."""
        from dammech.simulate.phasors import kernels

        return float(kernels.total_energy(self._overlaps, self._bodies, self._factors)) + self.constant


def clock_states(states: int | None) -> np.ndarray:
    """The phases of a clock of Q ≥ 2 states, from 1 on; empty for None, which is all phases."""
    count = 0 if states is None else checked_count("states", states, 2, 10_000)
    return np.asarray(np.exp(2j * np.pi * np.arange(count) / max(count, 1)))


def spin_harmonics(terms: Mapping[tuple[int, int], float], size: int) -> tuple[np.ndarray, np.ndarray]:
    """The energy as a function of one spin: powers (T, 3) and weights (T,) of the terms of its amplitudes.

    With M = C + ξ̄σ, M^a M̄^b = Σ_jl binom(a, j) binom(b, l) C^{a−j} C̄^{b−l} (ξ̄σ)^{j−l}; of its real part a negative power is
    the conjugate of a positive one.
    """
    found: dict[tuple[int, int, int], float] = {}
    for (a, b), c in terms.items():
        for j in range(a + 1):
            for left in range(b + 1):
                powers = (j - left, a - j, b - left) if j > left else (left - j, b - left, a - j)
                weight = c * float(size) ** (1 - a - b) * math.comb(a, j) * math.comb(b, left)
                found[powers] = found.get(powers, 0.0) + weight
    kept = {powers: weight for powers, weight in found.items() if powers[0]}
    return np.array(list(kept), np.int64), np.array(list(kept.values()), dtype=float)
