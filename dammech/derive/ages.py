"""Averages over the ages of stored patterns, and the primitive that such averages act on at p = 2.

At N → ∞ a sum over the patterns of a stream, each of weight g(εx) at age x, becomes an integral over ages: with u = εx it is
the effective load A = G/ε times ⟨φ(λ)⟩ = ∫₀^∞ φ(g(u)) du / G, where G = ∫ g². So ⟨λ²⟩ = 1 for couplings that are a weighted
sum over patterns, and less for clipped ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.declared.kernels import Kernel
from dammech.derive.averages import Average


class ring_sum(sp.Function):
    """log(1 − y) + y = −Σ_{k≥2} y^k/k: closed chains of two and more couplings of one pattern."""

    @classmethod
    def eval(cls, y: sp.Expr) -> sp.Expr | None:
        return sp.Integer(0) if y.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        y = self.args[0]
        return -y / (1 - y)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _latex(self, printer: Any) -> str:
        return rf"\mathcal{{R}}\left({printer._print(self.args[0])}\right)"


class AgeAverage(Average):
    """⟨φ(λ)⟩ over the weights λ of a stream's patterns; φ must vanish like λ² (subclasses name the kernel).

    Its normal form is one fraction, with what does not depend on λ outside: sums are not split, since their parts may
    diverge.
    """

    kernel: Kernel

    @classmethod
    def over(cls, integrand: sp.Expr, variable: sp.Symbol, kernel: Kernel) -> sp.Expr:
        """The average with the weights of ``kernel``."""
        return _law(kernel)(integrand, variable)._normal()

    @classmethod
    def nodes(cls, digits: int) -> tuple[np.ndarray, np.ndarray]:
        """Weights λ and quadrature weights for so many digits (floats up to 15)."""
        return _float_nodes(cls.kernel) if digits <= 15 else age_nodes(cls.kernel, digits)

    def doit(self, **hints: Any) -> sp.Expr:
        return self._closed([e.doit(**hints) for e in self.parts], self.variable)

    def _normal(self) -> sp.Expr:
        parts, fresh = self._opened()
        return _combined(type(self).kernel, parts[0], fresh)

    @classmethod
    def closed_form(cls, factor: sp.Expr, z: sp.Symbol) -> sp.Expr | None:
        base, power = factor.as_base_exp()
        if base == z and power.is_Integer and power > 0 and (moment := _moment(cls.kernel, int(power))) is not None:
            return moment
        return factor.xreplace({z: sp.Integer(1)}) if cls.kernel.flat else None

    def _sympystr(self, printer: Any) -> str:
        return f"⟨{printer._print(self.integrand)}; {printer._print(self.variable)}⟩"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{printer._print(exp)}}}"
        return rf"\left\langle {printer._print(self.integrand)} \right\rangle_{{{printer._print(self.variable)}}}{power}"


def _moment(kernel: Kernel, k: int) -> sp.Expr | None:
    """⟨λ^k⟩ in units of ⟨λ²⟩, where it is a short expression and finite; its tail is longer than that of λ² for k = 1."""
    if kernel.name == "exponential" or (kernel.name == "power-law" and k * kernel.power > 1):
        return integral_of_power(kernel, k) / integral_of_power(kernel)
    return sp.Integer(1) if k == 2 and kernel.linear else None


#: the exponents s and k of kernels that have one
EXPONENTS = {"power-law": sp.Symbol("s", positive=True), "compressed-exponential": sp.Symbol("k", positive=True)}


def integral_of_power(kernel: Kernel, n: int = 2) -> sp.Expr:
    """∫₀^∞ g(u)ⁿ du of a kernel with its exponent, G for n = 2."""
    exponent = EXPONENTS.get(kernel.name)
    found = integral_up_to(kernel.name, sp.oo, n)
    return found if exponent is None else found.xreplace({exponent: sp.Rational(kernel.power)})


@cache
def integral_up_to(kernel: str, end: sp.Expr, n: int = 2) -> sp.Expr:
    """∫ g(u)ⁿ du from 0 to ``end``; of clipped couplings, their variance in an endless stream over that of a bound of 1."""
    if kernel == "exponential":
        u = sp.Symbol("u", positive=True)
        return sp.integrate(Kernel().weight(u, sp) ** n, (u, 0, end))
    if kernel == "power-law":  # converges for s > 1/n
        v, excess = sp.symbols("v e", positive=True)  # v = 1/(1+u), and e = ns − 1 > 0
        whole = sp.integrate(v ** (excess - 1), (v, 0, 1))
        part = whole if end == sp.oo else whole * (1 - (1 + end) ** (-excess))
        return part.xreplace({excess: n * EXPONENTS[kernel] - 1})
    if kernel == "compressed-exponential":
        y, k = sp.Symbol("y", positive=True), EXPONENTS[kernel]  # y = nu^k
        return sp.simplify(n ** (-1 / k) / k * sp.integrate(y ** (1 / k - 1) * sp.exp(-y), (y, 0, n * end**k)))
    if kernel == "hard-buffer":
        return sp.Min(1, end)
    bound = sp.Symbol("A_c", positive=True)
    return sp.limit(clipped_variance(bound) / bound**2, bound, sp.oo)


def clipped_variance(bound: sp.Symbol) -> sp.Expr:
    """Of a coupling that is any integer from −A_c to A_c with equal chance."""
    j = sp.Symbol("i", integer=True)
    return sp.factor(2 * sp.summation(j**2, (j, 1, bound)) / (2 * bound + 1))


@cache
def _law(kernel: Kernel) -> type[AgeAverage]:
    """The class of the averages of one kernel; its name says which, so that it enters every hash."""
    name = f"AgeAverage_{kernel.name}_{kernel.exponent}".replace("-", "_").replace(".", "_")
    return type(name, (AgeAverage,), {"kernel": kernel, "__module__": __name__})


@lru_cache(maxsize=10_000)
def _combined(kernel: Kernel, integrand: sp.Expr, z: sp.Symbol) -> sp.Expr:
    law = _law(kernel)
    integrand = integrand.replace(ring_sum, lambda y: ring_sum(sp.factor_terms(sp.expand(y))))
    if integrand == 0:
        return sp.Integer(0)
    fraction = sp.factor(sp.together(integrand))
    constant, varying = fraction.as_independent(z, as_Add=False)
    if varying == 1:
        return sp.sympify(integrand)
    known = law.closed_form(varying, z)
    return constant * (law(varying, z) if known is None else known)


def merged(expression: sp.Expr) -> sp.Expr:
    """Terms that differ by a rational factor and an average over ages as one such average, in which they may cancel."""
    if not expression.has(AgeAverage):
        return expression
    rest: list[sp.Expr] = []
    groups: dict[tuple[Any, sp.Expr], list[sp.Expr]] = {}
    z = sp.Symbol("lambda", positive=True)
    for term in sp.Add.make_args(sp.expand_mul(expression, deep=False)):
        powers = term.as_powers_dict()
        ages = sorted((b for b, e in powers.items() if isinstance(b, AgeAverage) and e in (1, sp.S.Half)),
                      key=lambda a: (powers[a] != 1, sp.default_sort_key(a)))
        if not ages:
            rest.append(term)
            continue
        factor = term / ages[0]
        rational = sp.Mul(*[f for f in sp.Mul.make_args(factor) if f.is_rational_function() and not f.has(AgeAverage)])
        inside = rational * ages[0].integrand.xreplace({ages[0].variable: z})
        groups.setdefault((type(ages[0]), factor / rational), []).append(inside)
    return sp.Add(*rest, *[opaque * law(sp.Add(*parts), z)._normal() for (law, opaque), parts in groups.items()])


# -- numbers ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def age_nodes(kernel: Kernel, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights λ_k and quadrature weights in mpmath: u = exp(π/2 sinh t), which forgives what g does at both ends.

    What vanishes like λ² may be a difference of terms that do not, as log(1 − λx) + λx, and loses as many digits as the longest
    age has: weights have so many more.
    """
    if kernel.flat:
        return np.array([mp.mpf(1)], dtype=object), np.array([mp.mpf(1)], dtype=object)
    tail = 2 * mp.mpf(kernel.power) - 1 if kernel.name == "power-law" else 1
    with mp.workdps(digits + 10 + int((digits + 10) / tail)):
        step, tiny = mp.mpf(_step(digits)), mp.mpf(10) ** (-digits - 10)
        values, moment = [], _exact_moment(kernel)
        for k in range(-int(5.2 / step), int(7.5 / step) + 1):
            u = mp.exp(mp.pi / 2 * mp.sinh(k * step))
            weight = kernel.weight(u, mp)
            measure = step * mp.pi / 2 * mp.cosh(k * step) * u / moment
            if weight**2 * measure > tiny:
                values.append((weight, measure))
        return tuple(np.array(column, dtype=object) for column in zip(*values))  # type: ignore[return-value]


@cache
def _float_nodes(kernel: Kernel) -> tuple[np.ndarray, np.ndarray]:
    weights, measure = (x.astype(float) for x in age_nodes(kernel, 20))
    kept = measure < 1e8  # of longer ages rounding leaves nothing
    return weights[kept], measure[kept]


def _step(digits: int) -> float:
    return 1.25 / (digits + 12)


def _exact_moment(kernel: Kernel) -> mp.mpf:
    return mp.mpf(integral_of_power(kernel).evalf(mp.mp.dps + 5))


def integral_over_ages(kernel: Kernel, function: Any) -> mp.mpf:
    """∫₀^∞ φ(g(u)) du / G to the working precision, by another rule than `age_nodes`: Gauss–Legendre on pieces."""
    if kernel.flat:
        return mp.mpf(function(mp.mpf(1)))
    reach = {"exponential": mp.mpf(40), "clipped": mp.mpf(30)}.get(kernel.name)
    if kernel.name == "power-law":
        # u = v^{-r} − 1 makes the tail of λ du uniform, or where that has no end that of λ² du
        s = mp.mpf(kernel.power)
        r = 1 / (s - 1) if s > 1.2 else 1 / (2 * s - 1)
        marks: Sequence[Any] = [0, mp.mpf("0.01"), mp.mpf("0.1"), mp.mpf("0.4"), 1]
        digits = int((2 + r) * (mp.mp.dps + 10))  # terms that cancel are as much larger as the oldest pattern is old

        def aged(v: mp.mpf) -> mp.mpf:
            with mp.workdps(digits):
                return function(v ** (s * r)) * r * v ** (-r - 1)

        return mp.quad(aged, marks) / _exact_moment(kernel)
    if reach is None:
        reach = 45 ** (1 / mp.mpf(kernel.power))
    # v = √u takes the root out of the clipped kernel and of weak compression
    marks = [mp.sqrt(reach) * mp.mpf(x) for x in ("0", "0.05", "0.15", "0.3", "0.5", "0.75", "1")]
    return mp.quad(lambda v: 2 * v * function(_weight(kernel, v * v, mp.mp.prec)), marks) / _exact_moment(kernel)


@lru_cache(maxsize=20_000)
def _weight(kernel: Kernel, u: mp.mpf, precision: int) -> mp.mpf:
    return kernel.weight(u, mp)


def is_age_average(e: Any) -> bool:
    """Whether an expression is an average over ages (and not one over a field)."""
    return isinstance(e, AgeAverage)
