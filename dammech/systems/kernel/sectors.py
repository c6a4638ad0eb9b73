"""A kernel on n signs in products of the inputs: K = Σ_k c_k Σ_{|S|=k} χ_S(x)χ_S(y), exactly where its values are fractions.

A kernel that depends on the overlap has one weight c_k for all products of k inputs, of which there are n over k. It is positive
definite if none is negative, and its features span the sectors where c_k > 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from dammech.declared.arithmetic import expression_of
from dammech.errors import InputError, shown
from dammech.systems.kernel.model import LARGEST_DEGREE, LARGEST_DENSE, KernelMemory


@dataclass(frozen=True)
class Sectors:
    """Weights c_k of the products of k inputs, those that are not zero, for K(x, x) = 1; fractions where ``exact``."""

    inputs: int
    weights: dict[int, Any]
    exact: bool

    @property
    def multiplicities(self) -> dict[int, int]:
        """How many products of k inputs there are."""
        return {k: math.comb(self.inputs, k) for k in self.weights}

    @property
    def dimension(self) -> int:
        """D, the dimension of the features."""
        return sum(self.multiplicities.values())

    @property
    def states(self) -> int:
        """Patterns of which no two have equal features up to a sign: half of all where every sector is even, or odd."""
        return 2 ** (self.inputs - (len({k % 2 for k in self.weights}) == 1))

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Multiplicities and weights as numbers."""
        return np.array([float(d) for d in self.multiplicities.values()]), np.array(
            [float(c) for c in self.weights.values()]
        )


@cache
def sectors(asked: KernelMemory) -> Sectors:
    """The weights of a kernel.

    Raises
    ------
    InputError
        For a kernel that is not positive definite, or has no finite values.
    """
    n = asked.inputs
    if asked.kernel == "parity":
        return Sectors(n, {asked.order: Fraction(1, math.comb(n, asked.order))}, True)
    if asked.kernel == "hard-address":
        return _scaled(asked, [Fraction(w) ** 2 for w in _ball(n, asked.flips)], Fraction(0), True)
    expression, z = _expression(asked)
    coefficients = _coefficients(expression, z)
    if coefficients is not None:
        return _scaled(asked, _of_polynomial(coefficients, n), Fraction(0), True)
    if asked.size is not None and asked.size > LARGEST_DENSE:
        raise InputError(f"size={asked.size}: of a kernel that is no polynomial it must be at most {LARGEST_DENSE}")
    found = _values(asked, expression, z)
    if all(isinstance(v, Fraction) for v in found):
        return _scaled(asked, _transformed(found, 1), Fraction(0), True)
    import mpmath as mp

    with mp.workdps(_digits(n)):
        numbers = [mp.mpf(v.numerator) / v.denominator if isinstance(v, Fraction) else v for v in found]
        return _scaled(asked, _transformed(numbers, mp.mpf(1)), mp.mpf(10) ** (20 - _digits(n)), False)


@cache
def values(asked: KernelMemory) -> np.ndarray:
    """K between states that differ in j = 0 … n inputs, scaled to K(0) = 1."""
    n = asked.inputs
    if asked.kernel == "hard-address":
        exact = [active_for_both(n, asked.flips, j) for j in range(n + 1)]
        return np.array([x / exact[0] for x in exact])
    if asked.kernel == "parity":
        return np.array([float(Fraction(flipped(n, asked.order, j), math.comb(n, asked.order))) for j in range(n + 1)])
    found = [float(v) for v in _values(asked, *_expression(asked))]
    return np.array(found) / found[0]


def active_for_both(n: int, radius: int, flips: int) -> int:
    """How many of the 2^n hard addresses are within the radius of both of two states that differ in so many flips."""
    common, total = [math.comb(n - flips, j) for j in range(n - flips + 1)], 0
    sums = np.cumsum(np.array([0, *common], dtype=object))
    for i in range(flips + 1):
        most = radius - max(i, flips - i)
        if most >= 0:
            total += math.comb(flips, i) * int(sums[min(most, n - flips) + 1])
    return total


def flipped(n: int, degree: int, flips: int) -> int:
    """The sum over products of ``degree`` of n inputs, all of them +1 before so many of them are flipped (Krawtchouk)."""
    return sum(
        (-1) ** i * math.comb(flips, i) * math.comb(n - flips, degree - i) for i in range(min(degree, flips) + 1)
    )


def _expression(asked: KernelMemory) -> tuple[Any, Any]:
    import sympy as sp

    z = sp.Symbol("z", real=True)
    return expression_of("kernel", asked.text, {"z": z}), z


def _coefficients(expression: Any, z: Any) -> list[Fraction] | None:
    """Of a polynomial with fractions as coefficients, from the highest."""
    if not expression.is_polynomial(z):
        return None
    found = expression.as_poly(z).all_coeffs() if expression.has(z) else [expression]
    if len(found) > LARGEST_DEGREE + 1:
        raise InputError(f"kernel={shown(str(expression))}: its degree is at most {LARGEST_DEGREE}")
    return [Fraction(int(c.p), int(c.q)) for c in found] if all(c.is_Rational for c in found) else None


def _of_polynomial(coefficients: Sequence[Fraction], n: int) -> list[Fraction]:
    """By Horner's rule: z times the sum E_k over products of k inputs is [(k + 1)E_{k+1} + (n − k + 1)E_{k−1}]/n."""
    found = [Fraction(0)] * min(len(coefficients), n + 1)
    for c in coefficients:
        last = len(found) - 1
        found = [
            ((found[k - 1] * k if k else 0) + (found[k + 1] * (n - k) if k < last else Fraction(0))) / n
            for k in range(last + 1)
        ]
        found[0] += c
    return found


def _transformed(values: Sequence[Any], one: Any) -> list[Any]:
    """2^{−n} Σ over all states u of K(u)χ_S(u), |S| = k: k differences in the number of flips, and a sum over the rest."""
    n, row, found = len(values) - 1, list(values), []
    for k in range(n + 1):
        found.append(sum((math.comb(n - k, j) * v for j, v in enumerate(row)), 0 * one) / 2**n)
        row = [a - b for a, b in pairwise(row)]
    return found


def _ball(n: int, radius: int) -> list[int]:
    """Σ over states within the radius of χ_S, |S| = k; of k ≥ 1 a Krawtchouk number, by its recurrence in k."""
    found = [sum(math.comb(n, j) for j in range(radius + 1))]
    before, now = 0, math.comb(n - 1, radius)
    for x in range(n):
        found.append(now)
        if x < n - 1:
            before, now = now, ((n - 1 - 2 * radius) * now - x * before) // (n - 1 - x)
    return found


def _values(asked: KernelMemory, expression: Any, z: Any) -> list[Any]:
    """K at every overlap, as fractions where they are."""
    import mpmath as mp
    import sympy as sp

    n, found = asked.inputs, []
    for j in range(n + 1):
        exact = expression.xreplace({z: sp.Rational(n - 2 * j, n)})
        number = exact.evalf(_digits(n))
        if not (exact.is_Rational or number.is_Float):
            raise InputError(f"kernel={shown(asked.kernel)}: has no finite value at z = {1 - 2 * j / n:.6g}")
        found.append(Fraction(int(exact.p), int(exact.q)) if exact.is_Rational else mp.mp.make_mpf(number._mpf_))
    return found


def _scaled(asked: KernelMemory, weights: Sequence[Any], least: Any, exact: bool) -> Sectors:
    """Scaled to K(x, x) = 1; what is below ``least`` of the largest is zero."""
    n = asked.inputs
    whole = sum(math.comb(n, k) * c for k, c in enumerate(weights))
    if not whole > 0:
        raise InputError(f"kernel={shown(asked.kernel)}: must be positive at z = 1")
    small = least * max(abs(c) for c in weights)
    scaled = {k: c / whole for k, c in enumerate(weights) if abs(c) > small}
    if negative := [k for k, c in scaled.items() if c < 0]:
        raise InputError(
            f"kernel={shown(asked.kernel)}: is not positive definite on {n} signs, its weight on products of {negative[0]} of "
            f"them is {float(scaled[negative[0]]):.3g}"
        )
    return Sectors(n, scaled, exact)


def _digits(n: int) -> int:
    """Enough for weights as small as n^{−n}, squared."""
    return 60 + math.ceil(2 * n * math.log10(2 * n + 1))
