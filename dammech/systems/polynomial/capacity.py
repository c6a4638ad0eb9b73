"""How many patterns one step retrieves: to leading order, or with the exact noise of a size."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import gammaln, ndtr, ndtri

from dammech.declared.arithmetic import expression_of
from dammech.equations.law import Law
from dammech.errors import InputError, shown
from dammech.solve.capacity import Threshold
from dammech.systems.polynomial.model import INTERACTIONS, PolynomialMemory
from dammech.systems.polynomial.theory import THEOREM

#: overlaps that are summed at once: beyond, binomial weights are below 1e-300
_REACH = 40.0
#: of the tail in which the bit errors of a Gaussian sum are read off, its kurtosis is this small
_GAUSSIAN = 0.1


def capacity(asked: PolynomialMemory) -> Threshold:
    """The load K/N^{n−1}, the coefficient of N^{n−1}/ln N where no bit may be wrong, or the number K at a size."""
    if asked.size is not None and (asked.errors or asked.is_expression):
        return _at_size(asked)
    assert asked.order is not None
    (strengths, place) = Law(THEOREM, "Noise strength")(n=asked.order), INTERACTIONS.index(asked.interaction)
    order, kept = asked.order, 1 - 2 * asked.flip
    c = float((strengths[0], strengths[1], strengths[2])[place])
    if asked.errors:
        z = -float(ndtri(asked.errors))
        (value,) = Law(THEOREM, "Load")(n=order, m=kept, c=c, z=z)
        return _threshold(asked, "load", value, "patterns/N^(n−1)", "α = (1−2f)^{2(n−1)}/(c z²), Φ(−z) = ε", c=c)
    step = "No errors in one pattern" if asked.criterion == "typical" else "No errors in all patterns"
    (coefficient,) = Law(THEOREM, step)(n=order, m=kept, c=c)
    least = "2c" if asked.criterion == "typical" else "2nc"
    formula = f"K = (1−2f)^{{2(n−1)}}/({least}) N^(n−1)/ln N"
    if asked.size is None:
        return _threshold(asked, "coefficient", coefficient, "N^(n−1)/ln N", formula, c=c)
    count = float(coefficient) * float(asked.size) ** (order - 1) / math.log(asked.size)
    return _threshold(asked, "count", count, "patterns", formula, c=c, half_succeed=_half(asked)[0])


def _at_size(asked: PolynomialMemory) -> Threshold:
    """K from the exact signal and variance at N, and whether the sum of so many terms is Gaussian where it is read."""
    assert asked.size is not None
    formula = "K = 1 + s²/(v z²), Φ(−z) = ε" if asked.errors else "N K^j Φ(−z) = ln 2, z² = s²/((K−1) v)"
    if asked.errors:
        ratio, kurtosis = _noise(asked)
        count = 1 + 1 / (ratio * float(ndtri(asked.errors)) ** 2)
    else:
        count, kurtosis = _half(asked)
    gaussian = kurtosis / max(count - 1, 1e-300) < _GAUSSIAN
    why = None if gaussian else f"K = {count:.3g} terms of kurtosis {kurtosis:.3g} are no Gaussian sum: few make the noise"
    return _threshold(asked, "count", count, "patterns", formula, valid=gaussian, why=why, kurtosis=kurtosis)


def _half(asked: PolynomialMemory) -> tuple[float, float]:
    """K at which half of the trials have no wrong bit: ln 2 in the mean, over one pattern or over all; and the kurtosis."""
    assert asked.size is not None
    ratio, kurtosis = _noise(asked)
    every = asked.criterion == "all"
    low, high = 0.0, math.log(1 / ratio) + 1.0
    for _ in range(200):  # of log K
        middle = (low + high) / 2
        wrong = asked.size * float(ndtr(-1 / math.sqrt(ratio * math.expm1(middle)))) * (math.exp(middle) if every else 1.0)
        low, high = (middle, high) if wrong < math.log(2) else (low, middle)
    return math.exp(low), kurtosis


def _noise(asked: PolynomialMemory) -> tuple[float, float]:
    """Variance of one wrong pattern's term over the square of the signal at N, and its excess kurtosis.

    Raises
    ------
    InputError
        For a function that is not finite at the overlaps of that size, or a signal that is not positive.
    """
    assert asked.size is not None
    count = asked.size - 1
    seen = (1 - 2 * asked.flip) * count
    width = _REACH * math.sqrt(count)
    places = np.arange(max(0, math.ceil((count - width) / 2)), min(count, math.floor((count + width) / 2)) + 1)
    logs = gammaln(count + 1) - gammaln(places + 1) - gammaln(count - places + 1) - count * math.log(2)
    difference = _difference(asked)
    with np.errstate(all="ignore"):
        signal = float(difference(np.array([seen]))[0])
        terms = difference(count - 2.0 * places) / signal
        square, fourth = (float(np.exp(logs) @ terms**k) for k in (2, 4))
    if not (math.isfinite(signal) and signal > 0 and math.isfinite(fourth) and square > 0):
        raise InputError(
            f"interaction={shown(asked.interaction)}: F(x+1) − F(x−1) must be positive at x = {seen:g} and finite at all overlaps"
        )
    return square, fourth / square**2 - 3


def _difference(asked: PolynomialMemory) -> Callable[[np.ndarray], np.ndarray]:
    """F(x + 1) − F(x − 1), over a power of the size so that it stays finite."""
    if asked.is_expression:
        import sympy as sp

        x = sp.Symbol("x", real=True)
        found = expression_of("interaction", asked.interaction, {"x": x})
        law: Any = Law("polynomial.own", asked.interaction, (found.xreplace({x: x + 1}) - found.xreplace({x: x - 1}),))
        return lambda at: np.broadcast_to(law(**({"x": at} if law.names else {}))[0], at.shape)
    order, size = asked.order, asked.size
    assert order is not None and size is not None
    if asked.interaction == "distinct":
        return lambda at: _elementary(size - 1, order - 1, at)
    lower = 0.0 if asked.interaction == "rectified" else -math.inf

    def power(y: np.ndarray) -> np.ndarray:
        return (np.maximum(y, lower) / size) ** order

    return lambda at: power(at + 1) - power(at - 1)


def _elementary(count: int, degree: int, total: np.ndarray) -> np.ndarray:
    """The elementary symmetric polynomial of ``count`` signs with this total, over its value where all are +1."""
    before, here = np.zeros(total.shape), np.ones(total.shape)
    for k in range(degree):  # (k+1) e_{k+1} = total e_k − (count − k + 1) e_{k−1}, each over its value for signs +1
        e = total * here / (count - k) - (k * before / (count - k) if k else 0.0)
        before, here = here, e
    return here


def _threshold(asked: PolynomialMemory, kind: Any, value: Any, unit: str, formula: str, **more: Any) -> Threshold:
    valid, why = more.pop("valid", True), more.pop("why", None)
    return Threshold(
        kind, float(value), unit, formula, THEOREM, asked.criterion, asked.errors, 1, valid=valid, why=why, others=more
    )
