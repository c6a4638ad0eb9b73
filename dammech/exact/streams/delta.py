"""The delta rule with one presentation a pattern: mean and variance of the field on an old pattern."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dammech.errors import InputError


@dataclass(frozen=True)
class DeltaLaw:
    """Field ξ_i w_i·φ_i on a pattern of one age in a stationary stream.

    Attributes
    ----------
    signal : float
        Its mean, η(1 − η/D)^age, exact at every D.
    variance : float
        Exact at order 2; at higher orders to first order in 1/D.
    bit_error : float
        Of a Gaussian field with these two.
    """

    signal: float
    variance: float
    bit_error: float


def delta_law(rate: float, age: float, features: int | None = None) -> DeltaLaw:
    """What w ← w + η(ξ − w·φ)φ/D keeps of the pattern stored ``age`` steps ago.

    With h = w·φ₀ and features of unit covariance, each step takes h to h − η(w·φ − ξ)(φ·φ₀)/D. So E h falls by 1 − η/D.
    The mean E|w|² = Q stays at its stationary η/(2 − η), and for independent signs φ (order 2)
    E[(w·φ)²(φ·φ₀)²] = D|w|² + 2h² − 2|w|² (D ≥ 2), which closes the recursion of E h². For D → ∞ at fixed
    γ = age/D it is an Ornstein–Uhlenbeck process: signal η e^{−ηγ}, variance Q(1 − (1 − (1 − η)²)e^{−2ηγ}).

    Parameters
    ----------
    rate : float
        η, between 0 and 2.
    age : float
        Steps; or γ where ``features`` is None.
    features : int, optional
        D; the limit D → ∞ where not given.

    Raises
    ------
    InputError
        For an argument out of range.
    """
    if not 0 < rate < 2 or not age >= 0 or (features is not None and features < 2):
        raise InputError(f"rate={rate!r}, age={age!r}, features={features!r}: must be in (0, 2), ≥ 0 and ≥ 2")
    power = rate / (2 - rate)
    start = (1 - rate) ** 2 * power + rate**2  # E h² just after the pattern was stored
    if features is None:
        signal, decay, limit = rate * math.exp(-rate * age), math.exp(-2 * rate * age), power
    else:
        d = float(features)
        signal = rate * (1 - rate / d) ** age
        shrink = 1 - 2 * rate / d + 2 * (rate / d) ** 2
        limit = (rate**2 / d) * (1 + power * (1 - 2 / d)) / (1 - shrink)
        decay = shrink**age
    variance = limit + (start - limit) * decay - signal**2
    return DeltaLaw(signal, variance, 0.5 * math.erfc(signal / math.sqrt(2 * variance)) if variance > 0 else 0.0)
