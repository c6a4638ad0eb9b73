"""The exact finite-N law of one synchronous step from a pattern among patterns of different weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from dammech.errors import InputError
from dammech.exact.bit_error import BitError, _exact_table, _logistic
from dammech.exact.enumeration import binomial
from dammech.models import HebbianDAM

_FREQUENCIES = 4001
_FINE = 200_001


def weighted_bit_error(
    model: HebbianDAM, size: int, weights: Sequence[float] | np.ndarray, index: int, temperature: float = 0.0
) -> BitError:
    """Probability that one parallel step from pattern ``index`` flips a spin, patterns weighted by Λ_μ.

    Flipping the spin costs Λ D + Σ_{μ ≠ index} Λ_μ s_μ v(K_μ) with D, s, v and K as without weights (see ``bit_error``): the
    terms are independent, their characteristic functions are those of one law at rescaled frequencies, and the sum is
    inverted numerically. Weights that differ leave no lattice; with equal ones ``bit_error`` is exact and this is not.

    Parameters
    ----------
    model : HebbianDAM
    size : int
        N ≥ p.
    weights : sequence of float, (P,)
    index : int
        Place of the pattern in ``weights``.
    temperature : float
        Canonical units. At T > 0 the step is by heat bath.

    Raises
    ------
    InputError
        For an argument out of range, or no second pattern.
    """
    values = np.ascontiguousarray(weights, dtype=float)
    if size < max(model.p, 2) or values.ndim != 1 or values.size < 2 or not np.isfinite(values).all():
        raise InputError(f"size={size}, weights of shape {values.shape}: at least the order, and at least two finite numbers")
    if not 0 <= index < values.size or not (math.isfinite(temperature) and temperature >= 0):
        raise InputError(f"index={index}, temperature={temperature!r}: must be a place in weights, and a finite number ≥ 0")
    table = _exact_table(model, size)
    signal = float(values[index]) * float(table[-2] - table[-1])
    steps = np.array([float(table[k] - table[k + 1]) for k in range(size)])
    deviation, t, log_phi, sign, u, law = _all_patterns(steps.tobytes(), values.tobytes())
    own = np.interp(t * abs(values[index]), u, law)
    with np.errstate(divide="ignore"):
        phi = np.where(own < 0, -sign, sign) * np.exp(np.minimum(log_phi - np.log(np.abs(own)), 0.0))
    phi = phi * _logistic(temperature * t)
    integrand = phi * signal * np.sinc(t * signal / np.pi)
    results = []
    for stride in (2, 1):
        x, h = integrand[::stride], (t[1] - t[0]) * stride
        results.append(0.5 - (x[0] + x[-1] + 4 * x[1:-1:2].sum() + 2 * x[2:-1:2].sum()) * h / 3 / np.pi)
    error = abs(results[1] - results[0]) + abs(float(phi[-1])) + 1e-8
    return BitError(float(min(max(results[1], 0.0), 1.0)), None, error, "characteristic function")


@lru_cache(maxsize=16)
def _all_patterns(
    steps: bytes, weights: bytes
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Frequencies, log and sign of the characteristic function of all patterns, and the law of one of weight 1."""
    values, v = np.frombuffer(weights), np.frombuffer(steps)
    weight = binomial(v.size - 1)
    deviation = math.sqrt(float(values @ values) * float(weight @ v**2))
    t = np.linspace(0, 40 / deviation, _FREQUENCIES)
    u = np.linspace(0, t[-1] * float(np.abs(values).max()), _FINE)
    law = np.zeros(u.size)
    for w, x in zip(weight, v):
        law += w * np.cos(u * x)
    log_law, negative = np.log(np.maximum(np.abs(law), 1e-300)), law < 0
    log_phi, sign = np.zeros(t.size), np.ones(t.size)
    for lam in np.abs(values):
        log_phi += np.interp(t * lam, u, log_law)
        if negative.any():
            sign *= np.where(np.interp(t * lam, u, law) < 0, -1.0, 1.0)
    return deviation, t, log_phi, sign, u, law
