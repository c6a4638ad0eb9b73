"""The greatest value of a concave function: exponents of large deviations, and the loads that they allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from dammech.equations.law import Law
from dammech.equations.quadrature import CHECK_ORDER, ORDER
from dammech.errors import NotConverged

if TYPE_CHECKING:
    import sympy as sp

#: up to where a function is followed that still grows, and down to where a maximum is looked for
_FARTHEST, _NEAREST = 2.0**20, 2.0**-40
_STEPS, _HALVINGS = 200, 60
_FLAT, _STEEP = 1e-13, 1e100


@dataclass(frozen=True)
class Greatest:
    """A supremum: its value (inf without bound), where it is (inf where it is only approached), and the numerical error.

    The error is inf where the function is −∞ beside zero.
    """

    value: float
    at: float
    error: float


@dataclass(frozen=True)
class Concave:
    """A concave function of some unknowns that vanishes where they do, as an expression.

    Parameters
    ----------
    expression : SymPy expression
    unknowns : sequence of Symbol
        The first is a sharpness s ≥ 0; what is asked is the maximum over the others.
    """

    expression: sp.Expr
    unknowns: Sequence[sp.Symbol]

    @cached_property
    def law(self) -> Law:
        """Its value, gradient and second derivatives, and what must be positive for them, compiled."""
        import sympy as sp

        f, unknowns = self.expression, self.unknowns
        slopes = [f.diff(u) for u in unknowns]
        curvatures = [slope.diff(u) for slope in slopes[1:] for u in unknowns[1:]]
        inside = {e.args[0] for e in f.atoms(sp.log) if e.args[0].has(*unknowns)}
        domain = sorted(inside, key=sp.default_sort_key)
        return Law("concave", str(f), (f, *slopes, *curvatures, *domain))

    def greatest(self, most: float = math.inf, **given: float) -> Greatest:
        """The maximum over s in [0, most], and over all of its other unknowns.

        Raises
        ------
        NotConverged
            Where the inner maximum is not found.
        """
        along = _Along(self, given)
        low, high = 0.0, min(1.0, most)
        while along.slope(high) > 0 and high < min(most, _FARTHEST):
            low, high = high, min(2 * high, most)
        if along.slope(high) > 0:
            value = along.value(high)
            if high < most and value - along.value(high / 2) > _FLAT * (1 + abs(value)):
                return Greatest(math.inf, math.inf, 0.0)
            return Greatest(value, high if high >= most else math.inf, along.error(high))
        while not along.slope(low := low or high / 2) > 0:
            low, high = 0.0, low
            if high < _NEAREST:
                return Greatest(0.0, 0.0, 0.0 if math.isfinite(along.slope(high)) else math.inf)
        at = brentq(lambda s: max(along.slope(s), -_STEEP), low, high, xtol=1e-14, rtol=1e-15, maxiter=500)
        return Greatest(along.value(at), at, along.error(at))


def greatest_share(rate: Callable[[float], Greatest], most: float = math.inf) -> Greatest:
    """The maximum over η in [0, most] of rate(η)/(1 + η), which rises and then falls."""

    def height(eta: float) -> float:
        return rate(eta).value / (1 + eta)

    reach = min(most, 1.0)
    while reach < min(most, _FARTHEST) and height(reach) > height(reach / 2):
        reach = min(2 * reach, most)
    found = minimize_scalar(lambda eta: -height(eta), bounds=(0.0, reach), method="bounded", options={"xatol": 1e-10})
    best = max((float(found.x), reach), key=height)
    return Greatest(height(best), best, rate(best).error / (1 + best) + _FLAT)


class _Along:
    """A concave function along its first unknown, each time at the maximum over the others."""

    def __init__(self, function: Concave, given: dict[str, float]) -> None:
        self.law, self.given = function.law, given
        self.names = [u.name for u in function.unknowns]
        self.inner = np.zeros(len(self.names) - 1)

    def value(self, s: float, order: int = ORDER) -> float:
        """The value at s."""
        return self._read(s, self._maximum(s), order)[0]

    def slope(self, s: float) -> float:
        """Its derivative; −inf where the means diverge."""
        try:
            value, slope, *_ = self._read(s, self._maximum(s))
        except NotConverged:
            return -math.inf
        return slope[0] if math.isfinite(value) and math.isfinite(slope[0]) else -math.inf

    def error(self, s: float) -> float:
        """By another quadrature, and rounding."""
        value = self.value(s)
        return abs(value - self.value(s, CHECK_ORDER)) + 4e-16 * (1 + abs(value))

    def _read(self, s: float, inner: np.ndarray, order: int = ORDER) -> tuple[float, np.ndarray, np.ndarray]:
        """Value (−inf outside of the domain), gradient, and second derivatives in the inner unknowns."""
        at = {**dict(zip(self.names, [s, *inner])), **self.given}
        found = [float(x) for x in self.law(order, **{name: at[name] for name in self.law.names})]
        count = len(self.names)
        slopes, rest = np.array(found[1 : 1 + count]), found[1 + count :]
        curvatures, domain = rest[: (count - 1) ** 2], rest[(count - 1) ** 2 :]
        inside = all(x > 0 for x in domain) and math.isfinite(found[0])
        return (found[0] if inside else -math.inf), slopes, np.reshape(curvatures, (count - 1, count - 1))

    def _maximum(self, s: float) -> np.ndarray:
        """The inner unknowns at the maximum: damped Newton steps from the last ones, or from zero."""
        if not self.inner.size:
            return self.inner
        for start in (self.inner, np.zeros(self.inner.size)):
            inner = start
            for _ in range(_STEPS):
                here, slopes, curvatures = self._read(s, inner)
                if not math.isfinite(here) or np.abs(slopes[1:]).max() < 1e-14 * (1 + s):
                    break
                step, damping = np.linalg.lstsq(curvatures, slopes[1:], rcond=None)[0], 1.0
                while damping > 2.0**-_HALVINGS and not self._read(s, inner - damping * step)[0] > here - 1e-15 * (
                    1 + abs(here)
                ):
                    damping /= 2
                inner = inner - damping * step
                if damping * np.abs(step).max() < 1e-16 * (1 + np.abs(inner).max()):
                    break
            here, slopes, _ = self._read(s, inner)
            if math.isfinite(here) and np.abs(slopes[1:]).max() < 1e-9 * (1 + s):
                self.inner = inner
                return inner
        raise NotConverged(f"the norm of the patterns is not found at s = {s:g}")
