"""Compiled element-wise part of a training step. Importing this module imports numba.

A step needs F and F' at the overlaps of a state and of the state with one trained neuron flipped. The overlaps of all
states come from one matrix product; flipping neuron d moves those of memory k by 2 x_d M_kd / (N T), so nothing else has
to be multiplied. One row (a state) is worked on at a time, and all that is needed of it stays in cache. Loops over memory
vectors are innermost and contiguous; powers are by repeated squaring of whole rows. Scalars arrive in the arrays' own
type, which keeps single precision single.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

POWER, RECTIFIED, LEAKY, EXPONENTIAL, SOFTMAX = range(5)
GRADIENT, SQUARED, ABSOLUTE = range(3)

_FAST = {"reassoc", "contract", "nsz", "arcp"}


def _compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile without the interpreter's lock; cached on disk where there is a folder to write to."""

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            return njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:  # no writable folder for the cache
            return njit(nogil=True, **options)(function)

    return decorate


@_compiled(fastmath=_FAST)
def _terms(overlaps, value, slope, work, kind, power, vertex, leak, zero):
    """F and F' of a row of scaled overlaps, for the powers; ``work`` is scratch."""
    count = overlaps.size
    if kind == POWER:
        for k in range(count):
            work[k] = overlaps[k]
    else:
        for k in range(count):
            work[k] = overlaps[k] if overlaps[k] > zero else zero
    left = power - 1
    first = True
    while left > 0:
        if left & 1:
            if first:
                for k in range(count):
                    slope[k] = work[k]
                first = False
            else:
                for k in range(count):
                    slope[k] *= work[k]
        left >>= 1
        if left > 0:
            for k in range(count):
                work[k] *= work[k]
    if kind == LEAKY:
        for k in range(count):
            s = overlaps[k]
            value[k] = s * slope[k] if s > zero else leak * s
            slope[k] = vertex * slope[k] if s > zero else leak
    else:
        for k in range(count):
            value[k] = overlaps[k] * slope[k]
            slope[k] *= vertex


@_compiled(fastmath=_FAST)
def _row(scaled, shift, grown, spins, kind, power, numbers, value, slope, moved, other, work, slopes, fields):
    """Fields of the trained neurons of one state, and F' at its overlaps (``slope``) and with each flipped (``slopes``).

    h_d = x_d [Φ(s) − Φ(s − x_d shift_d)] with Φ = Σ_k F, or log Σ_k exp. For the exponentials a flip multiplies each term by
    ``grown[0]`` (x_d = 1) or ``grown[1]`` (x_d = −1), which is all the exponentials there are.
    """
    vertex, leak, zero = numbers[0], numbers[1], numbers[2]
    count = scaled.size
    if kind <= LEAKY:
        _terms(scaled, value, slope, work, kind, power, vertex, leak, zero)
        for d in range(shift.shape[0]):
            x = spins[d]
            for k in range(count):
                moved[k] = scaled[k] - x * shift[d, k]
            _terms(moved, other, slopes[d], work, kind, power, vertex, leak, zero)
            total = zero
            for k in range(count):
                total += value[k] - other[k]
            fields[d] = x * total
        return
    top = zero
    if kind == SOFTMAX:
        top = scaled[0]
        for k in range(count):
            top = max(top, scaled[k])
    norm = zero
    for k in range(count):
        value[k] = np.exp(vertex * (scaled[k] - top))
        norm += value[k]
    scale = vertex / norm if kind == SOFTMAX else vertex
    for k in range(count):
        slope[k] = scale * value[k]
    for d in range(shift.shape[0]):
        x = spins[d]
        sign = 0 if x > zero else 1
        total = zero
        other_norm = zero
        for k in range(count):
            grows = value[k] * grown[sign, d, k]
            slopes[d, k] = grows
            other_norm += grows
            total += value[k] - grows
        fields[d] = x * np.log(norm / other_norm) if kind == SOFTMAX else x * total
        scale = vertex / other_norm if kind == SOFTMAX else vertex
        for k in range(count):
            slopes[d, k] *= scale


@_compiled(fastmath=_FAST)
def fields(scaled, shift, grown, spins, kind, power, numbers, out):
    """Fields h of the trained neurons of every state into ``out`` (states, trained)."""
    value, slope, moved = np.empty_like(shift[0]), np.empty_like(shift[0]), np.empty_like(shift[0])
    other, work, slopes = np.empty_like(shift[0]), np.empty_like(shift[0]), np.empty_like(shift)
    for b in range(scaled.shape[0]):
        _row(scaled[b], shift, grown, spins[b], kind, power, numbers, value, slope, moved, other, work, slopes, out[b])


@_compiled(fastmath=_FAST)
def backward(scaled, shift, grown, spins, targets, kind, power, exponent, mode, numbers, pull, push):
    """Sum over the states of the loss |tanh h − y|^(2 exponent), and what its gradient is made of.

    ``pull`` (states, memories) is dL/ds through the state itself, ``push`` (trained, memories) the rest of the derivative
    in the trained neurons' own components. In the modes SQUARED and ABSOLUTE the function differentiated is the loss or
    |tanh h|², and ``push`` becomes the sum over states of the whole derivative of one state, squared or in absolute value.
    """
    trained, count = shift.shape
    value, slope, moved = np.empty_like(shift[0]), np.empty_like(shift[0]), np.empty_like(shift[0])
    other, work, slopes = np.empty_like(shift[0]), np.empty_like(shift[0]), np.empty_like(shift)
    zero, one, two = numbers[2], numbers[3], numbers[3] + numbers[3]
    h = np.empty(trained, scaled.dtype)
    g = np.empty(trained, scaled.dtype)
    degree = numbers[4]
    loss = 0.0
    for b in range(scaled.shape[0]):
        _row(scaled[b], shift, grown, spins[b], kind, power, numbers, value, slope, moved, other, work, slopes, h)
        for d in range(trained):
            small = np.exp(-two * abs(h[d]))
            y = (one - small) / (one + small)
            if h[d] < zero:
                y = -y
            sech2 = two * two * small / ((one + small) * (one + small))
            if mode == ABSOLUTE:
                g[d] = two * y * sech2
            else:
                miss = y - targets[b, d]
                odd = miss
                for _ in range(exponent - 1):
                    odd *= miss * miss
                loss += odd * miss
                g[d] = degree * odd * sech2
        for k in range(count):
            pull[b, k] = zero
        for d in range(trained):
            if g[d] == zero:
                continue
            weight = g[d] * spins[b, d]
            for k in range(count):
                pull[b, k] += weight * (slope[k] - slopes[d, k])
            if mode == GRADIENT:
                for k in range(count):
                    push[d, k] += two * g[d] * slopes[d, k]
        if mode != GRADIENT:
            for d in range(trained):
                for k in range(count):
                    whole = spins[b, d] * pull[b, k] + two * g[d] * slopes[d, k]
                    push[d, k] += whole * whole if mode == SQUARED else abs(whole)
    return loss


@_compiled(fastmath=_FAST)
def step(memory, velocity, gradient, rate, momentum, floor, scope):
    """V ← p V + g and M ← clip(M − rate V / norm) in place; norm is max |V| of a memory (scope 0), of all (1), or 1 (2)."""
    count, size = memory.shape
    top = floor
    for k in range(count):
        for i in range(size):
            velocity[k, i] = momentum * velocity[k, i] + gradient[k, i]
        if scope == 1:
            for i in range(size):
                top = max(top, abs(velocity[k, i]))
    one = rate / rate
    for k in range(count):
        if scope == 0:
            top = floor
            for i in range(size):
                top = max(top, abs(velocity[k, i]))
        scale = rate if scope == 2 else rate / top
        for i in range(size):
            moved = memory[k, i] - scale * velocity[k, i]
            memory[k, i] = min(max(moved, -one), one)


@_compiled(fastmath=_FAST)
def relax(scaled, shift, grown, states, order, kind, power, numbers):
    """One asynchronous sweep of x_i ← sign h_i over the neurons of ``order``, in place; how many changed."""
    count = shift.shape[1]
    value, slope, moved = np.empty_like(shift[0]), np.empty_like(shift[0]), np.empty_like(shift[0])
    other, work, slopes = np.empty_like(shift[0]), np.empty_like(shift[0]), np.empty_like(shift[:1])
    h = np.empty(1, scaled.dtype)
    changed = 0
    for b in range(states.shape[0]):
        for i in order:
            x = states[b, i]
            _row(scaled[b], shift[i : i + 1], grown[:, i : i + 1], states[b, i : i + 1], kind, power, numbers, value, slope,
                 moved, other, work, slopes, h)  # fmt: skip
            if h[0] * x < 0:
                states[b, i] = -x
                for k in range(count):
                    scaled[b, k] -= x * shift[i, k]
                changed += 1
    return changed
