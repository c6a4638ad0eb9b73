"""The plain NumPy twin of the compiled moves of phases, and their oracle: given the same random numbers it goes through the
same states. It knows the energy of a state and nothing else; what a spin feels are the harmonics of that on its circle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_ANGLES = 64  # a polynomial of order 10 has harmonics up to 10
_FINE = np.exp(2j * np.pi * np.arange(20_000) / 20_000)


def reference_phases(
    energy: Callable[[np.ndarray], float],
    spins: np.ndarray,
    temperature: float,
    dynamics: str,
    draw: Callable[[], tuple[np.ndarray, np.ndarray]],
    uniform: Callable[[], float],
    sweeps: int,
    states: int | None = None,
) -> tuple[np.ndarray, int]:
    """Sweep ``sweeps`` times.

    Parameters
    ----------
    energy : callable
        Of a state (N,) of complex numbers of modulus 1.
    spins : ndarray, (N,)
    temperature, dynamics, states
        As of `PhaseChain`.
    draw : callable
        Sites in order of visit and a uniform number for each, of the next sweep.
    uniform : callable
        The next uniform number of the same stream.

    Returns
    -------
    spins : ndarray, (N,)
    moves : int
    """
    spins = np.array(spins, dtype=complex)
    circle = np.exp(2j * np.pi * np.arange(_ANGLES) / _ANGLES)
    moves = 0
    for _ in range(sweeps):
        for i, number in zip(*draw()):
            gains = []
            for phase in circle:
                state = spins.copy()
                state[i] = phase
                gains.append(-energy(state))
            amplitudes = np.fft.fft(gains)[: _ANGLES // 2] * 2 / _ANGLES  # the gain is Re Σ_k A_k σ^k
            new = _visit(amplitudes, spins[i], temperature, dynamics, number, uniform, states)
            moves += new != spins[i]
            spins[i] = new
    return spins, moves


def _visit(
    amplitudes: np.ndarray, spin: complex, temperature: float, dynamics: str, number: float, uniform: Callable[[], float],
    states: int | None,
) -> complex:  # fmt: skip
    def gain(phase: np.ndarray | complex, first: int = 1) -> np.ndarray:
        return sum(np.real(a * phase**k) for k, a in enumerate(amplitudes) if k >= first)  # type: ignore[return-value]

    clock = np.exp(2j * np.pi * np.arange(states) / states) if states else _FINE
    if temperature == 0 or dynamics == "zero-temperature":
        best = clock[np.argmax(np.round(gain(clock), 12))]
        return best if gain(best) - gain(spin) > 1e-12 else spin
    if dynamics == "glauber" and states:
        weights = np.exp(gain(clock) / temperature)
        return clock[np.searchsorted(np.cumsum(weights) / weights.sum(), number, side="right")]
    if dynamics == "glauber":
        field = np.conj(amplitudes[1])
        new = _von_mises(abs(field) / temperature, uniform) * field / abs(field)
        return new if number < np.exp((gain(new, 2) - gain(spin, 2)) / temperature) else spin
    new = clock[int(uniform() * states)] if states else np.exp(2j * np.pi * uniform())
    return new if number < np.exp((gain(new) - gain(spin)) / temperature) else spin


def _von_mises(kappa: float, uniform: Callable[[], float]) -> complex:
    """Rejection from the law of 2 arctan(s x), x of Cauchy; s² solves s⁴ + 4κ s² = 1, the best of all widths."""
    s = np.sqrt(np.sqrt(1 + 4 * kappa**2) - 2 * kappa)

    def ratio(angle: np.ndarray | float) -> np.ndarray:
        return np.exp(kappa * np.cos(angle) - kappa) * (s**2 * np.cos(angle / 2) ** 2 + np.sin(angle / 2) ** 2)

    largest = ratio(np.linspace(0, np.pi, 200_001)).max()
    while True:
        angle = 2 * np.arctan(s * np.tan(np.pi * (uniform() - 0.5)))
        if uniform() * largest <= ratio(angle):
            return np.exp(1j * angle)
