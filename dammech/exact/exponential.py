"""The exponential memory E = −Σ_μ μ^{−s} exp(λ ξ^μ·σ): its noise, at every N and for long streams.

On pattern ν the field of spin i is aligned where ν^{−s}e^{λ(N−1)} exceeds a sum over the others of fair signs times
μ^{−s}e^{λK_μ}, K_μ the total of N − 1 fair signs. In a long stream the number of terms above x is a Poisson variable of
mean E[e^{λK/s}] x^{−1/s} = cosh(λ/s)^{N−1} x^{−1/s}, whatever N: the noise is a symmetric stable variable of index 1/s
(there is one for s > 1/2), and the window is where a pattern is as strong: a constant times (e^{λ/s}/cosh(λ/s))^{N−1}.
"""

from __future__ import annotations

import math

import numpy as np

from dammech.errors import InputError
from dammech.exact.enumeration import binomial

_ONE_BY_ONE = 200
_RATIO = 1.005
_CURVE, _FEWEST, _MOST = 3000, 20_001, 4_000_000


def stable_overlap(size: int, index: float, exponent: float, sharpness: float = 1.0) -> float:
    """Overlap after one step from pattern ``index`` of an endless stream, by the stable law of the noise.

    It takes indices for continuous and starts them at 0: right up to a part that vanishes exponentially with N.

    Raises
    ------
    InputError
        For s ≤ 1/2, where the oldest patterns dominate the noise, or λ ≤ 0.
    """
    _check(exponent, sharpness)
    stable = 1 / exponent
    scale = math.pi / 2 if stable == 1 else math.gamma(1 - stable) * math.cos(math.pi * stable / 2)
    window = (math.exp(sharpness * stable) / math.cosh(sharpness * stable)) ** (size - 1) / scale
    return 2 * _stable_law((window / index) ** exponent, stable) - 1


def exponential_overlap(size: int, patterns: int, index: int, exponent: float, sharpness: float = 1.0) -> float:
    """The same in a stream of ``patterns`` patterns, from the product of their characteristic functions.

    Patterns beyond the first 200 are taken in blocks of nearly equal weight.

    Raises
    ------
    InputError
        For an argument out of range, or a pattern so new that its errors are below what this integral resolves.
    """
    for name, value, fits, allowed in (("exponent", exponent, exponent >= 0, "≥"), ("sharpness", sharpness, sharpness > 0, ">")):
        if not (fits and math.isfinite(value)):
            raise InputError(f"{name}={value!r}: must be a finite number {allowed} 0")
    if not 1 <= index <= patterns or size < 2:
        raise InputError(
            f"index={index}, patterns={patterns}, size={size}: 1 ≤ index ≤ patterns and size ≥ 2 are needed"
        )
    totals = np.arange(-(size - 1), size, 2)
    values, law = np.exp(sharpness * (totals - size + 1)), binomial(size - 1)
    centres, counts = _blocks(patterns)
    signal = float(index) ** -exponent
    grid = np.exp(np.linspace(*_range(centres, counts, exponent, values, law), _CURVE))
    log_phi, sign = np.zeros(grid.size), np.ones(grid.size)
    wide = np.exp(np.arange(math.log(grid[0]) - exponent * math.log(patterns), math.log(grid[-1]) + 0.01, 0.001))
    tabulated = np.log(np.maximum(np.abs(np.cos(np.outer(wide, values)) @ law), 1e-300))
    for centre, count in zip(centres, counts):
        u = grid * centre**-exponent
        if count > 1:
            log_phi += count * np.interp(np.log(u), np.log(wide), tabulated)
        elif centre != index:
            one = np.cos(np.outer(u, values)) @ law
            log_phi += np.log(np.maximum(np.abs(one), 1e-300))
            sign *= np.where(one < 0, -1.0, 1.0)
    nodes = max(_FEWEST, int(8 * grid[-1] * signal))
    if nodes > _MOST:
        raise InputError(
            f"index={index}: the signal of so new a pattern is too far above the noise to resolve its errors"
        )
    k = np.linspace(0, grid[-1], nodes)
    phi = np.interp(k, np.concatenate([[0.0], grid]), np.concatenate([[1.0], sign * np.exp(log_phi)]))
    return float(2 / math.pi * np.trapezoid(phi * signal * np.sinc(k * signal / np.pi), k))


def _check(exponent: float, sharpness: float) -> None:
    if not 0.5 < exponent < math.inf:
        raise InputError(f"exponent={exponent!r}: must be > 1/2; below, the oldest patterns dominate the noise")
    if not 0 < sharpness < math.inf:
        raise InputError(f"sharpness={sharpness!r}: must be a finite number > 0")


def _blocks(patterns: int) -> tuple[np.ndarray, np.ndarray]:
    """Representative indices, and how many patterns each stands for."""
    edges = [min(_ONE_BY_ONE, patterns)]
    while edges[-1] < patterns:
        edges.append(min(max(edges[-1] + 1, int(edges[-1] * _RATIO)), patterns))
    single = np.arange(1, edges[0] + 1, dtype=float)
    starts, ends = np.array(edges[:-1], dtype=float), np.array(edges[1:], dtype=float)
    centres = np.concatenate([single, (starts + 1 + ends) / 2])
    return centres, np.concatenate([np.ones(single.size), ends - starts])


def _range(
    centres: np.ndarray, counts: np.ndarray, exponent: float, values: np.ndarray, law: np.ndarray
) -> tuple[float, float]:
    """ln k between which the characteristic function falls from 1 to 1e-10."""
    ends = []
    for fall in (1e-7, 23.0):
        low, high = -40.0, 60.0
        for _ in range(50):
            middle = (low + high) / 2
            one = np.cos(np.outer(math.exp(middle) * centres**-exponent, values)) @ law
            fallen = -(counts * np.log(np.maximum(np.abs(one), 1e-300))).sum() > fall
            low, high = (low, middle) if fallen else (middle, high)
        ends.append(high)
    return ends[0], ends[1]


def _stable_law(x: float, stable: float) -> float:
    """P(X < x), x > 0, of the symmetric stable variable with E e^{ikX} = exp(−|k|^α), by Zolotarev's integral."""
    if stable == 1:
        return 0.5 + math.atan(x) / math.pi
    nodes, weights = np.polynomial.legendre.leggauss(800)
    theta = (nodes + 1) * np.pi / 4
    power = stable / (stable - 1)
    log_v = power * np.log(np.cos(theta) / np.sin(stable * theta)) + np.log(
        np.cos((stable - 1) * theta) / np.cos(theta)
    )
    with np.errstate(over="ignore"):
        integral = float(weights @ np.exp(-np.exp(power * math.log(x) + log_v))) * np.pi / 4
    return 0.5 + integral / math.pi if stable < 1 else 1 - integral / math.pi
