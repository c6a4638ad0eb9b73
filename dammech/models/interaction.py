"""The interaction function G(y) of one pattern, y = ξ·σ/√N: its coefficients, exact finite-N form and noise.

Polynomials are lists of coefficients, lowest power first. The recurrences run on any ring, so that the same lines give
exact fractions for an integer N and symbolic expressions for a symbol N.
"""

from __future__ import annotations

import ast
from fractions import Fraction
from math import comb, factorial
from typing import Any

from dammech.errors import InputError

NAMED = ("distinct", "power", "rectified")


def parse_polynomial(text: str) -> list[Fraction]:
    """Coefficients of a polynomial in one variable written in Python or SymPy syntax, ``"y**4 + 2*y**3 - y"``.

    Raises
    ------
    InputError
        When the text is no polynomial with real coefficients in a single variable.
    """
    names: set[str] = set()

    def fail() -> InputError:
        return InputError(
            f"interaction={text!r}: allowed are {', '.join(repr(n) for n in NAMED)} or a polynomial in one variable "
            "with real coefficients, such as 'y**4 + 2*y**3 - y'"
        )

    def read(node: ast.AST) -> list[Fraction]:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return [Fraction(str(node.value))]
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
                return add(left, [sign * c for c in right])
            if isinstance(node.op, ast.Mult):
                return multiply(left, right)
            if isinstance(node.op, ast.Div) and len(trim(right)) == 1 and right[0] != 0:
                return [c / right[0] for c in left]
            if isinstance(node.op, ast.Pow) and len(trim(right)) == 1:
                power = right[0]
                if power.denominator == 1 and 0 <= power <= 64:
                    product = [Fraction(1)]
                    for _ in range(int(power)):
                        product = multiply(product, left)
                    return product
        raise fail()

    try:
        coefficients = trim(read(ast.parse(text.strip().replace("^", "**"), mode="eval").body))
    except (SyntaxError, ValueError, RecursionError, OverflowError):
        raise fail() from None
    if len(names) != 1:
        raise fail()
    return coefficients


def polynomial_of(expression: Any) -> list[Fraction]:
    """Coefficients of a SymPy polynomial in one symbol; irrational coefficients are rounded to double precision."""
    import sympy as sp

    try:
        polynomial = sp.Poly(expression)
        coefficients = [c if c.is_Rational else sp.Rational(float(c)) for c in reversed(polynomial.all_coeffs())]
    except (sp.PolynomialError, sp.GeneratorsNeeded, AttributeError, TypeError, ValueError):
        raise InputError(
            f"interaction={expression}: must be a polynomial in one symbol with real coefficients"
        ) from None
    if not polynomial.is_univariate:
        raise InputError(f"interaction={expression}: must be a polynomial in one symbol with real coefficients")
    return trim([Fraction(int(c.p), int(c.q)) for c in coefficients])


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
