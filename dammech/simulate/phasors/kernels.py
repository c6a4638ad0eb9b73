"""Compiled moves of phases among complex patterns. Importing this module imports numba.

As a function of one spin the energy is −Re Σ_k A_k σ^k + constant, k up to the order of the interaction: one pass over the
patterns gives the amplitudes A, and whatever a move needs to know is read from them.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math

import numpy as np

from dammech.simulate.kernels import FAST, GLAUBER, ZERO_TEMPERATURE, compiled, draw_sweep, random_word

_NEWTON_STEPS = 8
_LARGEST_KAPPA = 1e300


@compiled()
def uniform_number(stream):
    """The next number in [0, 1)."""
    return np.float64(random_word(stream) >> np.uint64(11)) * 1.1102230246251565e-16


@compiled(fastmath=FAST)
def find_amplitudes(pattern, spin, overlaps, powers, weights, amplitudes):
    """A_k of the spin whose patterns are ``pattern`` (P,), from M_μ = Σ_i conj(ξ_i^μ) σ_i.

    Term t is weight · conj(ξ)^k C^a conj(C)^b with (k, a, b) = ``powers[t]``, C the overlap without this spin.
    """
    amplitudes[:] = 0
    if weights.size == 1 and powers[0, 0] == 1 and powers[0, 1] == 0 and powers[0, 2] == 1:  # two bodies
        total = 0j
        for mu in range(pattern.size):
            total += np.conj(pattern[mu] * (overlaps[mu] - np.conj(pattern[mu]) * spin))
        amplitudes[0] = weights[0] * total
        return
    for mu in range(pattern.size):
        turned = np.conj(pattern[mu])
        others = overlaps[mu] - turned * spin
        for t in range(weights.size):
            term = weights[t] + 0j
            for _ in range(powers[t, 0]):
                term *= turned
            for _ in range(powers[t, 1]):
                term *= others
            for _ in range(powers[t, 2]):
                term *= np.conj(others)
            amplitudes[powers[t, 0] - 1] += term


@compiled()
def gain(amplitudes, spin, first):
    """Re Σ_{k ≥ first} A_k σ^k: minus the energy of a spin."""
    total = 0j
    for k in range(amplitudes.size, first - 1, -1):
        total = (total + amplitudes[k - 1]) * spin
    return (total * spin ** (first - 1)).real


@compiled()
def von_mises(kappa, stream):
    """A phase of density ∝ exp(κ Re σ), by rejection from the half-angle's Cauchy law of the best width, for any κ ≥ 0."""
    width = 1.0 / (2.0 * kappa + math.hypot(1.0, 2.0 * kappa))
    while True:
        x = math.sqrt(width) * math.tan(math.pi * (uniform_number(stream) - 0.5))
        y = x * x / (1.0 + x * x)  # sin²(θ/2)
        density = (width + (1.0 - width) * y) * (1.0 + width) / (2.0 * width)
        if uniform_number(stream) <= density * math.exp(-2.0 * kappa * (y - width / (1.0 + width))):
            return complex((1.0 - x * x) / (1.0 + x * x), 2.0 * x / (1.0 + x * x))


@compiled()
def lowest(amplitudes, clock):
    """The phase of least energy: of the clock's states the first, otherwise the best of a grid made stationary."""
    if amplitudes.size == 1 and clock.size == 0:
        size = abs(amplitudes[0])
        return np.conj(amplitudes[0]) / size if size > 0 else 1 + 0j
    count = clock.size if clock.size else 8 * amplitudes.size
    best, height = 1 + 0j, -np.inf
    for k in range(count):
        angle = 2 * math.pi * k / count
        spin = clock[k] if clock.size else complex(math.cos(angle), math.sin(angle))
        value = gain(amplitudes, spin, 1)
        if value > height:
            best, height = spin, value
    for _ in range(0 if clock.size else _NEWTON_STEPS):
        slope, bend, power = 0.0, 0.0, 1 + 0j
        for k in range(1, amplitudes.size + 1):
            power *= best
            slope -= k * (amplitudes[k - 1] * power).imag
            bend -= k * k * (amplitudes[k - 1] * power).real
        step = -slope / bend if bend < 0 else 0.0
        best *= complex(math.cos(step), math.sin(step))
    return best / abs(best)


@compiled()
def moved(amplitudes, spin, clock, temperature, rule, uniform, stream, tie):
    """Where a visit leaves the spin."""
    if rule == ZERO_TEMPERATURE:
        new = lowest(amplitudes, clock)
        return new if gain(amplitudes, new, 1) - gain(amplitudes, spin, 1) > tie * np.abs(amplitudes).sum() else spin
    first = 1
    if rule == GLAUBER and clock.size:
        highest, total = -np.inf, 0.0
        for state in clock:
            highest = max(highest, gain(amplitudes, state, 1))
        for state in clock:
            total += math.exp((gain(amplitudes, state, 1) - highest) / temperature)
        for state in clock:
            uniform -= math.exp((gain(amplitudes, state, 1) - highest) / temperature) / total
            if uniform < 0:
                return state
        return clock[clock.size - 1]
    if rule == GLAUBER:  # the first amplitude by heat bath, the others by acceptance
        size = abs(amplitudes[0])
        new = von_mises(min(size / temperature, _LARGEST_KAPPA), stream)
        new = new * np.conj(amplitudes[0]) / size if size > 0 else new
        first = 2
    elif clock.size:
        new = clock[int(uniform_number(stream) * clock.size)]
    else:
        angle = 2 * math.pi * uniform_number(stream)
        new = complex(math.cos(angle), math.sin(angle))
    x = (gain(amplitudes, new, first) - gain(amplitudes, spin, first)) / temperature
    return new if x >= 0 or uniform < math.exp(x) else spin


@compiled()
def total_energy(overlaps, bodies, factors):
    """−Σ_μ Σ_t factor · Re(M_μ^a conj(M_μ)^b), (a, b) = ``bodies[t]``."""
    total = 0.0
    for t in range(factors.size):
        for mu in range(overlaps.size):
            total -= factors[t] * (overlaps[mu] ** bodies[t, 0] * np.conj(overlaps[mu]) ** bodies[t, 1]).real
    return total


@compiled()
def run_phases(
    patterns, spins, overlaps, bodies, factors, powers, weights, clock, stream, temperature, rule, tie, sizes, energies
):  # fmt: skip
    """Sweep ``len(sizes)`` times; after each, write |M| of the first pattern and the energy.

    Returns (sweeps done, moves); at zero temperature it stops after a sweep in which no spin moved.
    """
    order, uniforms = np.empty(spins.size, np.int64), np.empty(spins.size)
    amplitudes = np.zeros(powers[:, 0].max(), np.complex128)
    moves = 0
    for t in range(sizes.size):
        draw_sweep(stream, order, uniforms)
        before = moves
        for k in range(order.size):
            i = order[k]
            find_amplitudes(patterns[i], spins[i], overlaps, powers, weights, amplitudes)
            new = moved(amplitudes, spins[i], clock, temperature, rule, uniforms[k], stream, tie)
            change = new - spins[i]
            if change == 0:
                continue
            moves += 1
            spins[i] = new
            for mu in range(overlaps.size):
                overlaps[mu] += np.conj(patterns[i, mu]) * change
        sizes[t] = abs(overlaps[0])
        energies[t] = total_energy(overlaps, bodies, factors)
        if rule == ZERO_TEMPERATURE and moves == before:
            return t + 1, moves
    return sizes.size, moves
