"""Claims in matrices: printed by the letters of the matrices, checked and mutated by their entries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import add, mul
from typing import Any

import sympy as sp
from sympy.core.symbol import Str


class Letter(sp.MatrixSymbol):  # type: ignore[misc]
    """A matrix that is printed by its name.

    Parameters
    ----------
    name : str
        LaTeX.
    value : sequence, matrix or matrix expression
        The entries, of a sequence those of a column; an expression in other letters is printed below as a definition.
    """

    def __new__(cls, name: Any, *value: Any) -> Letter:
        known = value[-1]  # SymPy itself passes the shape, too
        known = sp.ImmutableMatrix(known) if isinstance(known, Sequence | sp.MatrixBase) else known
        return sp.Basic.__new__(cls, Str(str(name)), *map(sp.Integer, known.shape), known)

    @property
    def value(self) -> Any:
        return self.args[3]


class NegativeEigenvalues(sp.Expr):
    """How many eigenvalues of a symmetric 2×2 matrix are negative: the changes of sign of its leading minors."""

    def doit(self, **hints: Any) -> sp.Expr:
        S = self.args[0]
        minors = [sp.Integer(1), S[0, 0], S[0, 0] * S[1, 1] - S[0, 1] * S[1, 0]]
        return sp.Add(*[(1 - sp.sign(one * other)) / 2 for one, other in pairwise(minors)])


def entries(e: Any) -> Any:
    """The explicit matrix, or the number, that an expression in letters stands for."""
    if isinstance(e, Letter):
        return entries(e.value)
    if isinstance(e, sp.MatrixBase) or not e.args:
        return e
    if isinstance(e, sp.Identity | sp.ZeroMatrix):
        return e.as_explicit()
    if isinstance(e, sp.BlockMatrix):
        rows = [sp.ImmutableMatrix.hstack(*map(entries, row)) for row in e.blocks.tolist()]
        return sp.ImmutableMatrix.vstack(*rows)
    if isinstance(e, sp.Inverse):
        return entries(e.arg).inv(method="ADJ").applyfunc(sp.cancel)
    if isinstance(e, sp.Trace):
        return sp.expand(entries(e.arg).trace())
    parts = list(map(entries, e.args))
    if isinstance(e, sp.MatAdd | sp.MatMul):
        return reduce(add if isinstance(e, sp.MatAdd) else mul, parts)
    return e.func(*parts).doit()


def components(left: str, e: sp.Expr) -> list[tuple[str, sp.Expr]]:
    """The equations for the entries: of a symmetric matrix those on and above the diagonal."""
    M = entries(e)
    if not isinstance(M, sp.MatrixBase) or M.shape == (1, 1):
        return [(left, M[0] if isinstance(M, sp.MatrixBase) else M)]
    if M.cols == 1:
        return [(rf"({left})_{{{i + 1}}}", M[i]) for i in range(M.rows)]
    symmetric = M.is_square and (M - M.T).applyfunc(sp.expand).is_zero_matrix
    places = [(i, j) for i in range(M.rows) for j in range(i if symmetric else 0, M.cols)]
    return [(rf"({left})_{{{i + 1}{j + 1}}}", M[i, j]) for i, j in places]


def defined(expressions: Sequence[sp.Expr]) -> dict[str, sp.Expr]:
    """The letters, by name, that stand for expressions in other letters."""
    found: dict[str, sp.Expr] = {}
    for e in expressions:
        letters = sorted(e.atoms(Letter), key=lambda x: (-len(x.atoms(Letter)), x.name))
        found |= {x.name: x.value for x in letters if not isinstance(x.value, sp.MatrixBase)}
    return found


def has_letters(*expressions: sp.Basic) -> bool:
    """Whether a letter stands in any of them; what stands in them often is looked at once."""
    left, seen = list(expressions), set()
    while left:
        e = left.pop()
        if isinstance(e, Letter):
            return True
        if e not in seen:
            seen.add(e)
            left += e.args
    return False


class LettersInLatex:
    """Printing rules for LaTeX."""

    _top, _inverse, _det, _half, _minus = r"^{\top}", "^{-1}", (r"\det\left(", r"\right)"), r"\tfrac12", "- "
    _rows = (r"\begin{pmatrix}", " & ", r" \\[1ex] ", r"\end{pmatrix}")

    def _print_Letter(self, e: Any) -> str:
        return str(e.name)

    def _print_Identity(self, e: Any) -> str:
        return "1"

    def _print_ZeroMatrix(self, e: Any) -> str:
        return "0"

    def _print_Trace(self, e: Any) -> str:
        return str(self._print(e.arg))  # type: ignore[attr-defined]

    def _print_Determinant(self, e: Any) -> str:
        return str(self._print(e.arg)).join(self._det)  # type: ignore[attr-defined]

    def _print_NegativeEigenvalues(self, e: Any) -> str:
        return f"n_-({self._print(e.args[0])})"  # type: ignore[attr-defined]

    def _print_Transpose(self, e: Any) -> str:
        return self._factor(e.arg) + self._top

    def _print_Inverse(self, e: Any) -> str:
        return self._factor(e.arg) + self._inverse

    def _print_BlockMatrix(self, e: Any) -> str:
        begin, column, row, end = self._rows
        rows = [column.join(map(self._print, blocks)) for blocks in e.blocks.tolist()]  # type: ignore[attr-defined]
        return f"{begin}{row.join(rows)}{end}"

    def _print_MatAdd(self, e: Any) -> str:
        """Positive terms first, products with sums last among them, as in W y + b − x and x + P (y − x)."""

        def place(term: Any) -> tuple[bool, bool, int]:
            size, negative = len(sp.MatMul.make_args(term)), _negative(term)
            return negative, term.has(sp.MatAdd), size if negative else -size

        terms = sorted(reversed(e.args), key=place)
        first, *rest = [str(self._print(t)) for t in terms]  # type: ignore[attr-defined]
        return first + "".join(f" - {t[1:].lstrip()}" if t.startswith("-") else f" + {t}" for t in rest)

    def _print_MatMul(self, e: Any) -> str:
        number, matrices = e.as_coeff_matrices()
        sign, number = (self._minus, -number) if _negative(e) else ("", number)
        factors = [self._factor(m) for m in matrices if not isinstance(m, sp.Identity)]
        scale = self._half if number == sp.Rational(1, 2) else str(self._print(number))  # type: ignore[attr-defined]
        if number != 1 or not factors:
            factors = [f"({scale})" if factors and (number.is_Add or "/" in scale) else scale, *factors]
        return sign + " ".join(factors)

    def _factor(self, m: Any) -> str:
        """A factor of a product; a sum of transposed matrices as a sum, transposed."""
        if isinstance(m, sp.MatAdd) and m.has(sp.Transpose) and not m.T.has(sp.Transpose):
            return f"({self._print(m.T)}){self._top}"  # type: ignore[attr-defined]
        text = str(self._print(m))  # type: ignore[attr-defined]
        return f"({text})" if isinstance(m, sp.MatAdd | sp.MatMul) else text


class LettersInText(LettersInLatex):
    """Printing rules for text."""

    _top, _inverse, _det, _half, _minus = "ᵀ", "⁻¹", ("det(", ")"), "½", "-"
    _rows = ("[", ", ", "; ", "]")


def _negative(term: Any) -> bool:
    number = term.as_coeff_matrices()[0] if isinstance(term, sp.MatMul) else sp.Integer(1)
    return bool((number.as_coeff_Add() if number.is_Add else number.as_coeff_Mul())[0].is_negative)
