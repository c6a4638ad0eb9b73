"""The interaction function G(y) of one pattern, y = ξ·σ/√N: its coefficients, exact finite-N form and noise.

Polynomials are lists of coefficients, lowest power first. The recurrences run on any ring, so that the same lines give
exact fractions for an integer N and symbolic expressions for a symbol N.
"""

from __future__ import annotations

import ast
from fractions import Fraction
from math import comb, factorial
from typing import Any

from dammech.errors import InputError, integer, shown

NAMED = ("distinct", "power", "rectified")

#: orders whose equations are derived in seconds
LARGEST_ORDER, LARGEST_DEGREE, LARGEST_RECTIFIED = 64, 20, 10
#: of a coefficient; y**p would be lost in rounding beside a larger one
LARGEST_COEFFICIENT = 10**12
#: of numerators and denominators, so that each is a double
_LARGEST_BITS = 1000


def checked_order(order: Any, largest: int, what: str = "") -> int:
    """An order as an integer from 2 to ``largest``.

    Raises
    ------
    InputError
    """
    try:
        return integer("order", order, 2, largest)
    except InputError as error:
        raise InputError(f"{error}{what}") from None


def parse_polynomial(text: str) -> list[Fraction]:
    """Coefficients of a polynomial in one variable written in Python or SymPy syntax, ``"y**4 + 2*y**3 - y"``.

    Raises
    ------
    InputError
        When the text is no polynomial with real coefficients in a single variable, or one of too high a degree.
    """
    names: set[str] = set()

    def read(node: ast.AST) -> list[Fraction]:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return _bounded([Fraction(str(node.value))])
        if isinstance(node, ast.Name):
            names.add(node.id)
            return [Fraction(0), Fraction(1)]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            sign = -1 if isinstance(node.op, ast.USub) else 1
            return [sign * c for c in read(node.operand)]
        if isinstance(node, ast.BinOp):
            left, right = read(node.left), read(node.right)
            if isinstance(node.op, ast.Add | ast.Sub):
                sign = -1 if isinstance(node.op, ast.Sub) else 1
                return _bounded(add(left, [sign * c for c in right]))
            if isinstance(node.op, ast.Mult):
                return _product(left, right)
            if isinstance(node.op, ast.Div) and len(trim(right)) == 1 and right[0] != 0:
                return _bounded([c / right[0] for c in left])
            if isinstance(node.op, ast.Pow) and len(trim(right)) == 1 and right[0].denominator == 1:
                return _power(left, int(right[0]))
        raise ValueError(ast.unparse(node))

    try:
        coefficients = trim(read(ast.parse(text.strip().replace("^", "**"), mode="eval").body))
    except (SyntaxError, ValueError, RecursionError, OverflowError, MemoryError):
        raise _refusal(text) from None
    if len(names) != 1 or not _sane(coefficients):
        raise _refusal(text)
    return coefficients


def polynomial_of(expression: Any) -> list[Fraction]:
    """Coefficients of a SymPy polynomial in one symbol; irrational coefficients are rounded to double precision."""
    import sympy as sp

    def read(e: sp.Expr) -> list[Fraction]:
        if e.is_Rational:
            return _bounded([Fraction(int(e.p), int(e.q))])
        if e.is_number:
            return _bounded([Fraction(repr(float(e)))])
        if e.is_Symbol:
            return [Fraction(0), Fraction(1)]
        if e.is_Pow and e.exp.is_Integer:
            return _power(read(e.base), int(e.exp))
        if not (e.is_Add or e.is_Mul):
            raise ValueError(e)
        total = read(e.args[0])
        for part in e.args[1:]:
            total = _bounded(add(total, read(part))) if e.is_Add else _product(total, read(part))
        return total

    try:
        coefficients = trim(read(expression))
        symbols = expression.free_symbols
    except (AttributeError, TypeError, ValueError, OverflowError, RecursionError):
        raise _refusal(expression) from None
    if len(symbols) != 1 or not _sane(coefficients):
        raise _refusal(expression)
    return coefficients


def _refusal(given: Any) -> InputError:
    return InputError(
        f"interaction={shown(given)}: allowed are {', '.join(repr(n) for n in NAMED)} or a polynomial in one variable with "
        f"real coefficients up to {LARGEST_COEFFICIENT:.0e}, of degree 3 to {LARGEST_DEGREE}, such as 'y**4 + 2*y**3 - y'"
    )


def _bounded(coefficients: list[Fraction]) -> list[Fraction]:
    if any(max(c.numerator.bit_length(), c.denominator.bit_length()) > _LARGEST_BITS for c in coefficients):
        raise OverflowError
    return coefficients


def _sane(coefficients: list[Fraction]) -> bool:
    return all(abs(c) <= LARGEST_COEFFICIENT for c in coefficients)


def _product(left: list[Fraction], right: list[Fraction]) -> list[Fraction]:
    left, right = trim(left), trim(right)
    if len(left) + len(right) - 2 > LARGEST_DEGREE:
        raise OverflowError
    return _bounded(multiply(left, right))


def _power(base: list[Fraction], exponent: int) -> list[Fraction]:
    if not 0 <= exponent <= LARGEST_ORDER:
        raise OverflowError
    product = [Fraction(1)]
    for _ in range(exponent):
        product = _product(product, base)
    return product


def polynomial_text(coefficients: list[Fraction]) -> str:
    """The canonical spelling of a polynomial in y, highest power first."""
    terms = []
    for k in range(len(coefficients) - 1, -1, -1):
        c = coefficients[k]
        if c:
            factor = "" if abs(c) == 1 and k else f"{abs(c)}" if not k else f"{abs(c)}*"
            terms.append(("-" if c < 0 else "+") + factor + ("" if k == 0 else "y" if k == 1 else f"y**{k}"))
    return "".join(terms).lstrip("+") or "0"


def trim(coefficients: list[Any]) -> list[Any]:
    """Drop the leading zeros of a polynomial (the constant term always stays)."""
    while len(coefficients) > 1 and coefficients[-1] == 0:
        coefficients = coefficients[:-1]
    return coefficients


def add(left: list[Any], right: list[Any]) -> list[Any]:
    """Sum of two polynomials."""
    size = max(len(left), len(right))
    return [(left[k] if k < len(left) else 0) + (right[k] if k < len(right) else 0) for k in range(size)]


def multiply(left: list[Any], right: list[Any]) -> list[Any]:
    """Product of two polynomials."""
    product: list[Any] = [0 * (left[0] * right[0])] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            product[i + j] = product[i + j] + a * b
    return product


def elementary_symmetric(order: int, size: Any) -> list[Any]:
    """Coefficients in M of e_p(s₁…s_N), the sum over distinct indices of p signs whose total is M.

    Signs square to one, so Newton's identities close: (k+1) e_{k+1} = M e_k − (N−k+1) e_{k−1}. These are the Krawtchouk
    polynomials of the number of minus signs. ``size`` is N, an integer (exact fractions) or a symbol.
    """
    one = Fraction(1) if isinstance(size, int) else size**0
    before, now = [0 * one], [one]
    for k in range(order):
        shifted = [0, *now]
        rest = [-(size - k + 1) * c for c in before]
        before, now = now, [c / (k + 1) for c in add(shifted, rest)]
    return now


def hermite(order: int) -> list[Fraction]:
    """Coefficients of the probabilists' Hermite polynomial He_p."""
    before, now = [Fraction(0)], [Fraction(1)]
    for k in range(order):
        before, now = now, add([Fraction(0), *now], [-k * c for c in before])
    return now


def hermite_decomposition(coefficients: list[Fraction]) -> list[Fraction]:
    """c_k of G(y) = Σ c_k He_k(y): the mean of the k-th derivative over a standard Gaussian, divided by k!."""
    moments = [
        Fraction(0) if n % 2 else Fraction(factorial(n), 2 ** (n // 2) * factorial(n // 2))
        for n in range(len(coefficients))
    ]
    return [
        sum((coefficients[n] * comb(n, k) * moments[n - k] for n in range(k, len(coefficients))), Fraction(0))
        for k in range(len(coefficients))
    ]
