"""Expressions written so that exponentials in them do not overflow before they cancel.

A sum of exponentials under a logarithm or in a denominator is a mantissa times e^M, M the largest of its exponents; the
exponents of a product are added before one exponential is taken.
"""

from __future__ import annotations

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from dammech.derive.functions import absolute

#: numerators and denominators of exact numbers that NumPy takes as integers without loss
_EXACT = 2**53


class largest(sp.Function):
    """The largest of its arguments."""


def safe(expression: sp.Expr) -> sp.Expr:
    """The expression for double precision: equal in value, without integers of too many digits."""
    large = {r: _double(r) for r in expression.atoms(sp.Rational) if max(abs(r.p), r.q) > _EXACT}
    if expression.has(sp.exp, sp.cosh, sp.sinh) and any(map(_rival, sp.preorder_traversal(expression))):
        expression = _whole(*_scaled(expression))
    return expression.xreplace(large) if large else expression


def _double(number: sp.Rational) -> sp.Number:
    """The number in double precision; as a fraction if that is possible, for SymPy takes decimals out of exponentials."""
    fraction = sp.Rational(float(number))
    return fraction if max(abs(fraction.p), fraction.q) <= _EXACT else sp.Float(number, 17)


def _rival(e: sp.Basic) -> bool:
    """Whether exponentials may cancel here: in quotients and logarithms, and where they multiply."""
    if isinstance(e, sp.log):
        return _grows(e.args[0])
    if e.is_Pow and not (e.exp.is_Integer and e.exp > 0):
        return _grows(e.base)
    if e.is_Mul:
        growing = [f for f in e.args if isinstance(f, sp.exp | sp.cosh | sp.sinh)]
        return len(growing) > 1 and any(not f.args[0].is_number for f in growing)
    return False


def _grows(e: sp.Expr) -> bool:
    return any(not f.args[0].is_number for f in e.atoms(sp.exp, sp.cosh, sp.sinh))


def _whole(mantissa: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    return mantissa if exponent == 0 else mantissa * sp.exp(exponent)


def _scaled(e: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(m, E) with e = m exp(E)."""
    zero = sp.Integer(0)
    if not e.has(sp.exp, sp.cosh, sp.sinh):
        return e, zero
    if isinstance(e, sp.exp):
        return sp.Integer(1), _whole(*_scaled(e.args[0]))
    if isinstance(e, sp.cosh | sp.sinh):
        x = _whole(*_scaled(e.args[0]))
        size = absolute(x)
        half = (1 + sp.exp(-2 * size)) / 2
        return (half if isinstance(e, sp.cosh) else sp.tanh(x) * half), size
    if e.is_Mul:
        parts = [_scaled(a) for a in e.args]
        exponent = sp.Add(*[p[1] for p in parts])
        spread = sp.expand(exponent) if exponent.has(sp.Pow) and len(parts) > 1 else exponent
        return sp.Mul(*[p[0] for p in parts]), spread if spread == 0 else exponent
    if e.is_Add:
        parts = [_scaled(a) for a in e.args]
        exponents = list(dict.fromkeys(p[1] for p in parts))
        if len(exponents) == 1:
            return sp.Add(*[p[0] for p in parts]), exponents[0]
        top = largest(*exponents)
        return sp.Add(*[_whole(m, x - top) for m, x in parts]), top
    if e.is_Pow and e.exp.is_number:
        mantissa, exponent = _scaled(e.base)
        return mantissa**e.exp, e.exp * exponent
    if isinstance(e, sp.log):
        mantissa, exponent = _scaled(e.args[0])
        return sp.log(mantissa) + exponent, zero
    return e.func(*[_whole(*_scaled(a)) for a in e.args]), zero


def near_one(expression: sp.Expr) -> sp.Expr:
    """The expression with what is left of powers near 1, less 1, and of logarithms near 1, by functions that keep its digits."""

    def logarithm(x: sp.Expr) -> sp.Expr:
        return log1p(x - 1) if x.is_Add and sp.Integer(1) in x.args else sp.log(x)

    def difference(e: sp.Add) -> sp.Expr:
        number, rest = e.as_coeff_Add()
        base, power = (rest / -number).as_base_exp()
        return -number * expm1(power if base == sp.E else power * logarithm(base))

    def cancels(e: sp.Basic) -> bool:
        if not e.is_Add or e.as_coeff_Add()[0] == 0:
            return False
        number, rest = e.as_coeff_Add()
        power = (rest / -number).as_base_exp()[1]
        return bool(power.free_symbols)

    found = expression.replace(cancels, difference)
    return found.replace(sp.log, logarithm)
