"""Gibbs averages of a few phases among complex patterns, by summing over all states of a clock.

For phases anywhere on the circle the clock is a quadrature: the trapezoidal rule of a periodic function, whose error falls
faster than any power of its step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from dammech.errors import InputError, array, finite, integer, shown
from dammech.exact.enumeration import GibbsAverages

MOST_STATES = 1 << 22
LARGEST_ORDER = 10
_UNIT, _LARGEST = 1e-9, 1e100
_FEWEST_ANGLES, _MOST_ANGLES = 16, 1024
_CLOSE, _CLOSE_MODULUS = 1e-10, 1e-4  # a modulus has a cusp where it vanishes


def phase_gibbs(
    interaction: Mapping[tuple[int, int], float], patterns: np.ndarray, temperature: float, states: int | None = None
) -> GibbsAverages:
    """Exact averages of H = −N Σ_μ Σ_ab c_ab Re(m_μ^a m̄_μ^b), m_μ = Σ_i conj(ξ_i^μ) σ_i/N, over all σ_i = e^{iθ_i}.

    Parameters
    ----------
    interaction : mapping
        c_ab of each (a, b).
    patterns : ndarray, (P, N), complex of modulus 1
        N small enough for Q^N ≤ 4,194,304.
    temperature : float
        > 0.
    states : int, optional
        Q ≥ 2 of a clock. Where not given all phases are averaged over, by clocks of which the finest two agree to 1e-10
        (in mean moduli to 1e-4); entropies are then relative to that of free phases, and so is the free energy.

    Returns
    -------
    GibbsAverages
        Of the overlaps their moduli and squared moduli.

    Raises
    ------
    InputError
        For an argument out of range, or more states than are summed.
    """
    patterns, interaction = unit_phases("patterns", patterns, 2), overlap_terms(interaction)
    temperature = finite("temperature", temperature, positive=True)
    if states is not None:
        return _clock(interaction, patterns, temperature, integer("states", states, 2), False)
    count = _FEWEST_ANGLES
    coarse = _clock(interaction, patterns, temperature, count, True)
    while count < _MOST_ANGLES:
        count = 3 * count // 2
        fine = _clock(interaction, patterns, temperature, count, True)
        bounds = {name: _CLOSE_MODULUS if name == "overlap" else _CLOSE for name in vars(fine)}
        if all(np.allclose(getattr(fine, k), getattr(coarse, k), rtol=0, atol=bound) for k, bound in bounds.items()):
            return fine
        coarse = fine
    raise InputError(f"temperature={temperature:g}: too low for the sums over {_MOST_ANGLES} angles a spin")


def phase_energies(interaction: Mapping[tuple[int, int], float], patterns: np.ndarray, states: int) -> np.ndarray:
    """Energy of every state of a clock, (Q, …, Q), one axis a spin."""
    patterns = unit_phases("patterns", patterns, 2)
    return _energies(overlap_terms(interaction), _overlaps(patterns, integer("states", states, 2)), patterns.shape[1])


def unit_phases(name: str, values: Any, dimensions: int) -> np.ndarray:
    """Complex numbers of modulus 1 as a fresh array, if they are that to 1e-9.

    Raises
    ------
    InputError
        For what is no such array.
    """
    phases = array(name, values, dimensions, complex)
    if (np.abs(np.abs(phases) - 1) > _UNIT).any():
        raise InputError(f"{name}={shown(values)}: must be complex numbers of modulus 1")
    return np.asarray(phases / np.abs(phases))


def overlap_terms(interaction: Any) -> dict[tuple[int, int], float]:
    """c_ab by (a, b), if 1 ≤ a + b ≤ 10; refused in one sentence otherwise."""
    try:
        terms = {(integer("a", a, 0), integer("b", b, 0)): float(c) for (a, b), c in interaction.items()}
    except Exception:  # no mapping, or of other things
        terms = {}
    if not terms or not all(1 <= a + b <= LARGEST_ORDER and abs(c) <= _LARGEST for (a, b), c in terms.items()):
        raise InputError(
            f"interaction={shown(interaction)}: must give a finite number for each (a, b), of integers ≥ 0 whose sum is "
            f"1 to {LARGEST_ORDER}"
        )
    return terms


def _overlaps(patterns: np.ndarray, states: int) -> np.ndarray:
    size = patterns.shape[1]
    if states**size > MOST_STATES:
        raise InputError(f"states={states} of {size} spins: are {states**size} in all, and at most {MOST_STATES} are summed")
    clock = np.exp(2j * np.pi * np.arange(states) / states)
    grids = np.ix_(*[clock] * size)
    return np.array([sum(np.conj(x) * grid for x, grid in zip(row, grids)) / size for row in patterns])


def _energies(interaction: Mapping[tuple[int, int], float], overlaps: np.ndarray, size: int) -> np.ndarray:
    gains = (c * np.real(overlaps**a * np.conj(overlaps) ** b) for (a, b), c in interaction.items())
    return np.asarray(-size * sum(gains).sum(axis=0))  # type: ignore[union-attr]


def _clock(
    interaction: Mapping[tuple[int, int], float], patterns: np.ndarray, temperature: float, states: int, mean: bool
) -> GibbsAverages:
    """Averages over a clock; with ``mean`` its states share a weight of 1."""
    size = patterns.shape[1]
    overlaps = _overlaps(patterns, states)
    levels = _energies(interaction, overlaps, size)
    weight = np.exp((levels.min() - levels) / temperature)
    log_sum = math.log(weight.mean() if mean else weight.sum())
    weight = weight / weight.sum()
    energy = float((weight * levels).sum())
    free_energy = float(levels.min()) - temperature * log_sum
    moduli = np.abs(overlaps).reshape(len(patterns), -1)
    return GibbsAverages(
        free_energy / size, energy / size, (energy - free_energy) / temperature / size,
        float((weight * (levels - energy) ** 2).sum()) / temperature**2 / size,
        moduli @ weight.ravel(), moduli**2 @ weight.ravel(),
    )  # fmt: skip
