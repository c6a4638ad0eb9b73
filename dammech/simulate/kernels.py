"""Compiled spin updates. Importing this module imports numba; only a running simulation does.

Patterns are signs in int8, spin-major (N, blocks, length), padded with zeros; a block is at most 1024 long.
``field`` caches B(M_μ) of each pattern, so that a proposal is one dot product; four proposals are evaluated in one
pass and those after an accepted flip are thrown away, which leaves the sequence what it would be one by one. A flip
is one pass that updates M and B and returns both the reverse flip's energy, hence A, and the next proposal's. All
sums are of integers, in blocks that are exact; where patterns have weights, ``field`` holds Λ_μ B(M_μ) in double precision.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

LONGEST_BLOCK = 1024
GLAUBER, METROPOLIS, ZERO_TEMPERATURE, COLD_GLAUBER, COLD_METROPOLIS = range(5)  # the last three are at T = 0

FAST = {"reassoc", "contract", "nsz", "arcp"}


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile without the interpreter's lock; cached on disk where there is a folder to write to."""

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            return njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:  # no writable folder for the cache
            return njit(nogil=True, **options)(function)

    return decorate


def blocks_for(count: int) -> tuple[int, int]:
    """(blocks, length) that hold ``count`` patterns, the length a multiple of 64 and at most 1024."""
    blocks = -(-count // LONGEST_BLOCK)
    return blocks, -(-count // (64 * blocks)) * 64


@compiled()
def random_word(state):
    """Next 64 random bits of xoshiro256** (four uint64 of state, changed in place)."""
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    x = s1 * np.uint64(5)
    word = ((x << np.uint64(7)) | (x >> np.uint64(57))) * np.uint64(9)
    t = s1 << np.uint64(17)
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    state[0], state[1], state[2], state[3] = s0, s1, s2, (s3 << np.uint64(45)) | (s3 >> np.uint64(19))
    return word


@compiled()
def random_patterns(state, patterns, eights, signs, count):
    """Fill (N, blocks, length) int8 with fair signs in the first ``count`` places of a spin and zeros in the rest.

    ``eights`` is the same memory as uint64, ``signs`` the 256 words of eight signs.
    """
    size, blocks, length = patterns.shape
    for i in range(size):
        for b in range(blocks):
            for start in range(0, length // 8, 8):
                word = random_word(state)
                for k in range(8):
                    eights[i, b, start + k] = signs[(word >> np.uint64(8 * k)) & np.uint64(255)]
            for k in range(max(count - b * length, 0), length):
                patterns[i, b, k] = 0


@compiled()
def draw_sweep(state, order, uniforms):
    """A random order of all sites and a uniform number for each visit."""
    size = order.size
    for k in range(size):
        order[k] = k
    for k in range(size - 1, 0, -1):
        word = random_word(state) >> np.uint64(32)
        j = np.int64((word * np.uint64(k + 1)) >> np.uint64(32))
        order[k], order[j] = order[j], order[k]
    for k in range(size):
        uniforms[k] = np.float64(random_word(state) >> np.uint64(11)) * 1.1102230246251565e-16


@compiled()
def prepare(patterns, spins, overlaps, field, field_table, count):
    """M_μ = Σ_i ξ_i^μ σ_i into ``overlaps`` (int16) and B(M_μ) into ``field``; zeros in the padding."""
    size, blocks, length = patterns.shape
    for b in range(blocks):
        for k in range(length):
            overlaps[b, k] = 0
    for i in range(size):
        s = np.int16(spins[i])
        for b in range(blocks):
            for k in range(length):
                overlaps[b, k] += np.int16(s * np.int16(patterns[i, b, k]))
    for b in range(blocks):
        for k in range(length):
            real = b * length + k < count
            field[b, k] = field_table[(overlaps[b, k] + size) >> 1] if real else 0.0


@compiled()
def table_sum(overlaps, table, size, count):
    """Σ_μ table(M_μ) in double precision."""
    total = 0.0
    length = overlaps.shape[1]
    for mu in range(count):
        total += table[(overlaps[mu // length, mu % length] + size) >> 1]
    return total


@compiled(fastmath=FAST)
def dot(patterns, field, i):
    """Σ_μ ξ_i^μ B(M_μ)."""
    real = field.dtype.type
    blocks, length = field.shape
    total = 0.0
    for b in range(blocks):
        s = real(0)
        for k in range(length):
            s += real(patterns[i, b, k]) * field[b, k]
        total += np.float64(s)
    return total


@compiled(fastmath=FAST)
def dot4(patterns, field, i0, i1, i2, i3):
    """The dot products of four spins in one pass over the field."""
    real = field.dtype.type
    blocks, length = field.shape
    t0, t1, t2, t3 = 0.0, 0.0, 0.0, 0.0
    for b in range(blocks):
        s0, s1, s2, s3 = real(0), real(0), real(0), real(0)
        for k in range(length):
            y = field[b, k]
            s0 += real(patterns[i0, b, k]) * y
            s1 += real(patterns[i1, b, k]) * y
            s2 += real(patterns[i2, b, k]) * y
            s3 += real(patterns[i3, b, k]) * y
        t0 += np.float64(s0)
        t1 += np.float64(s1)
        t2 += np.float64(s2)
        t3 += np.float64(s3)
    return t0, t1, t2, t3


@compiled(fastmath=FAST)
def flip(patterns, overlaps, field, i, spin, j, c, near, floor, table, weights):
    """Flip spin i (old value ``spin``): returns the new dots of i and of j, and the largest Σ|B| of a block.

    B is read from ``table`` unless that is empty, and then is the polynomial ``c`` (``near`` and ``floor`` where it is
    rectified), which is faster. ``weights`` multiply it, unless they are empty.
    """
    real = field.dtype.type
    poly = c.dtype.type
    blocks, length = field.shape
    step = np.int16(2 * spin)
    own, following, largest = 0.0, 0.0, 0.0
    c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 = c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9]
    n0, n1, n2 = near[0], near[1], near[2]
    size = patterns.shape[0]
    short = table.size == 0 and c4 == 0 and c5 == 0 and c6 == 0 and c7 == 0 and c8 == 0 and c9 == 0 and floor < -30000
    for b in range(blocks):
        s, f, a = real(0), real(0), real(0)
        if weights.size and short:
            for k in range(length):
                total = np.int16(overlaps[b, k] - step * np.int16(patterns[i, b, k]))
                overlaps[b, k] = total
                x = poly(total)
                y = real(weights[b, k] * (((c3 * x + c2) * x + c1) * x + c0))
                field[b, k] = y
                s += real(patterns[i, b, k]) * y
                f += real(patterns[j, b, k]) * y
        elif weights.size:
            for k in range(length):
                total = np.int16(overlaps[b, k] - step * np.int16(patterns[i, b, k]))
                overlaps[b, k] = total
                y = real(weights[b, k] * table[(np.int64(total) + size) >> 1])
                field[b, k] = y
                s += real(patterns[i, b, k]) * y
                f += real(patterns[j, b, k]) * y
        elif short and c.itemsize == 4:  # integer coefficients: exact as they stand
            for k in range(length):
                total = np.int16(overlaps[b, k] - step * np.int16(patterns[i, b, k]))
                overlaps[b, k] = total
                x = poly(total)
                y = real(((c3 * x + c2) * x + c1) * x + c0)
                field[b, k] = y
                s += real(patterns[i, b, k]) * y
                f += real(patterns[j, b, k]) * y
                a += abs(y)
        elif short:
            for k in range(length):
                total = np.int16(overlaps[b, k] - step * np.int16(patterns[i, b, k]))
                overlaps[b, k] = total
                x = poly(total)
                y = real(np.rint(((c3 * x + c2) * x + c1) * x + c0))
                field[b, k] = y
                s += real(patterns[i, b, k]) * y
                f += real(patterns[j, b, k]) * y
                a += abs(y)
        elif table.size:
            for k in range(length):
                total = np.int16(overlaps[b, k] - step * np.int16(patterns[i, b, k]))
                overlaps[b, k] = total
                y = real(table[(np.int64(total) + size) >> 1])
                field[b, k] = y
                s += real(patterns[i, b, k]) * y
                f += real(patterns[j, b, k]) * y
                a += abs(y)
        else:
            for k in range(length):
                total = np.int16(overlaps[b, k] - step * np.int16(patterns[i, b, k]))
                overlaps[b, k] = total
                x = poly(total)
                z = (((((c9 * x + c8) * x + c7) * x + c6) * x + c5) * x + c4) * x + c3
                z = np.rint(((z * x + c2) * x + c1) * x + c0)
                z = z if total >= floor else poly(0)
                z = n0 if total == -1 else z
                z = n1 if total == 0 else z
                z = n2 if total == 1 else z
                y = real(z)
                field[b, k] = y
                s += real(patterns[i, b, k]) * y
                f += real(patterns[j, b, k]) * y
                a += abs(y)
        own += np.float64(s)
        following += np.float64(f)
        largest = max(largest, np.float64(a))
    return own, following, largest


@compiled()
def accepts(delta, uniform, temperature, rule, tie):
    """Whether a flip of energy ``delta`` happens. At T = 0 a tie keeps the spin, or is as it is for T → 0: a coin is tossed
    (heat bath), or it flips (Metropolis)."""
    if rule >= ZERO_TEMPERATURE:
        tied = rule == COLD_METROPOLIS or (rule == COLD_GLAUBER and uniform < 0.5)
        return delta < -tie or (tied and delta <= tie)
    x = delta / temperature
    if rule == METROPOLIS:
        return x <= 0 or uniform < math.exp(-x)
    if x > 40.0 or x < -40.0:
        return (uniform < math.exp(-x)) if x > 0 else (uniform < 1.0 - math.exp(x))
    return uniform < 1.0 / (1.0 + math.exp(x))


@compiled()
def every_spin_stays(seen, flips):
    """Whether all spins were found to stay since the last flip; a loop, for an array of truth values slows what calls it."""
    for k in range(seen.size):
        if seen[k] != flips:
            return False
    return True


@njit(inline="always")  # compiled once, as part of run: half the time of a first simulation
def sweep(
    patterns, spins, overlaps, field, c, near, floor, table, weights, ledger, seen, order, uniforms, temperature, rule,
    tie, limit, wide
):  # fmt: skip
    """Visit the sites in ``order``. ``ledger`` holds (A, energy gained, flips) and is updated; returns the flips made.

    At zero temperature a spin that must stay is not evaluated again before something else has flipped: ``seen`` holds the
    number of flips at its last evaluation. Returns −1, with the state spoilt, where a block of the sums may have left
    the exact integers (``limit``).
    """
    size = order.size
    flips = 0
    k = 0
    known = False
    following = 0.0
    places = np.empty(4, np.int64)
    dots = np.empty(4)
    while k < size:
        ready = 0
        if known:
            places[0], dots[0] = k, following
            ready = 1
        else:
            q = k
            while q < size and ready < (4 if wide else 1):
                if rule < ZERO_TEMPERATURE or seen[order[q]] != ledger[2]:
                    places[ready] = q
                    ready += 1
                q += 1
            if ready == 4:
                dots[0], dots[1], dots[2], dots[3] = dot4(
                    patterns, field, order[places[0]], order[places[1]], order[places[2]], order[places[3]]
                )
            else:
                for lane in range(ready):
                    dots[lane] = dot(patterns, field, order[places[lane]])
            if ready == 0:
                break
        known = False
        for lane in range(ready):
            k = places[lane]
            i = order[k]
            spin = spins[i]
            delta = ledger[0] + spin * dots[lane]
            k += 1
            if accepts(delta, uniforms[k - 1], temperature, rule, tie):
                j = order[k] if k < size else i
                own, following, largest = flip(patterns, overlaps, field, i, spin, j, c, near, floor, table, weights)
                spins[i] = -spin
                ledger[0] = spin * own - delta
                ledger[1] += delta
                ledger[2] += 1
                flips += 1
                if largest > limit:
                    return -1
                known = True
                break
            if delta > tie or rule == ZERO_TEMPERATURE:
                seen[i] = ledger[2]
    return flips


@compiled()
def run(
    patterns,
    spins,
    overlaps,
    field,
    c,
    near,
    floor,
    table,
    weights,
    ledger,
    state,
    temperature,
    rule,
    tie,
    limit,
    overlap_sums,
    energies,
):
    """Sweep ``len(energies)`` times; after each, write M of the first pattern and the energy gained so far.

    Returns (sweeps done, flips); at zero temperature it stops after a sweep in which no spin could flip. Sweeps −1 is
    ``sweep``'s.
    """
    size = spins.size
    order = np.empty(size, np.int64)
    uniforms = np.empty(size)
    seen = np.full(size, -1.0)
    flips = 0
    wide = True
    for t in range(energies.size):
        draw_sweep(state, order, uniforms)
        n = sweep(
            patterns,
            spins,
            overlaps,
            field,
            c,
            near,
            floor,
            table,
            weights,
            ledger,
            seen,
            order,
            uniforms,
            temperature,
            rule,
            tie,
            limit,
            wide,
        )
        if n < 0:
            return -1, flips
        flips += n
        wide = 4 * n < size
        overlap_sums[t] = overlaps[0, 0]
        energies[t] = ledger[1]
        if rule >= ZERO_TEMPERATURE and n == 0 and every_spin_stays(seen, ledger[2]):
            return t + 1, flips
    return energies.size, flips


@compiled(fastmath=FAST)
def all_dots(patterns, field, dots):
    """Σ_μ ξ_i^μ B(M_μ) for every spin."""
    size = dots.size
    for i in range(0, size - 3, 4):
        dots[i], dots[i + 1], dots[i + 2], dots[i + 3] = dot4(patterns, field, i, i + 1, i + 2, i + 3)
    for i in range(size - size % 4, size):
        dots[i] = dot(patterns, field, i)
