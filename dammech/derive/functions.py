"""Functions of a free energy that evaluate safely where what one would type overflows, vanishes or has a kink.

All are real functions of a real argument, whatever SymPy can prove about it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp


class softplus(sp.Function):
    """log(1 + e^x)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return logistic(self.args[0])

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _latex(self, printer: Any) -> str:
        return rf"\log\left(1 + e^{{{printer._print(self.args[0])}}}\right)"


class logistic(sp.Function):
    """1/(1 + e^{−x})."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x = self.args[0]
        return logistic(x) * logistic(-x)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real


class log_erfc(sp.Function):
    """log erfc x."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return -2 / sp.sqrt(sp.pi) * mills(self.args[0])

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _latex(self, printer: Any) -> str:
        return rf"\log\operatorname{{erfc}}\left({printer._print(self.args[0])}\right)"


class mills(sp.Function):
    """e^{−x²}/erfc x, the inverse of Mills' ratio up to constants."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x = self.args[0]
        return 2 * mills(x) * (mills(x) / sp.sqrt(sp.pi) - x)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real


class hypergeometric(sp.Function):
    """₂F₁(a, b; c; x) with numbers a, b, c."""

    nargs = 4

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr, c: sp.Expr, x: sp.Expr) -> sp.Expr | None:
        if x == 1 and c - a - b > 0:  # Gauss
            return sp.gamma(c) * sp.gamma(c - a - b) / sp.gamma(c - a) / sp.gamma(c - b)
        return None

    def fdiff(self, argindex: int = 4) -> sp.Expr:
        if argindex != 4:
            raise sp.ArgumentIndexError(self, argindex)
        a, b, c, x = self.args
        return a * b / c * hypergeometric(a + 1, b + 1, c + 1, x)

    def _eval_is_real(self) -> bool | None:
        return True

    def _latex(self, printer: Any) -> str:
        a, b, c, x = map(printer._print, self.args)
        return rf"{{}}_2F_1\left({a}, {b}; {c}; {x}\right)"


class absolute(sp.Abs):
    """|x|."""

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        if x.is_Number:
            return x if x >= 0 else -x
        return cls(-x) if x.could_extract_minus_sign() else None

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        return sp.diff(self.args[0], symbol) * signum(self.args[0])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return str(printer._print_Abs(self, exp))


class signum(sp.sign):
    """The sign of x, 0 at 0; its slope is a δ function."""

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        if x.is_Number:
            return sp.Integer(int(bool(x > 0)) - int(bool(x < 0)))
        return -cls(-x) if x.could_extract_minus_sign() else None

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        return 2 * sp.diff(self.args[0], symbol) * sp.DiracDelta(self.args[0])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return str(printer._print_Function(sp.sign(self.args[0], evaluate=False), exp))


class gate(sp.Function):
    """``gate(x, e)`` is e for positive x and 0 elsewhere, where e need not exist."""

    nargs = 2

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        x, e = self.args
        slope = sp.diff(e, symbol)
        jumps = {d: sp.Dummy() for d in sorted(slope.atoms(sp.DiracDelta), key=sp.default_sort_key)}
        marked = slope.xreplace(jumps)
        inside = [d * gate(x, sp.diff(marked, mark)) for d, mark in jumps.items()]  # where the averages look for them
        smooth = marked.xreplace(dict.fromkeys(jumps.values(), sp.Integer(0)))
        return sp.Add(gate(x, smooth), *inside, sp.diff(x, symbol) * e * sp.DiracDelta(x))

    def _eval_power(self, power: sp.Expr) -> sp.Expr | None:
        return gate(self.args[0], self.args[1] ** power) if power.is_Integer and power > 0 else None

    @classmethod
    def eval(cls, x: sp.Expr, e: sp.Expr) -> sp.Expr | None:
        if e == 0 or (x.is_Number and x <= 0):
            return sp.Integer(0)
        return e if x.is_Number else None


def terms_of_expansion(expression: sp.Expr) -> int:
    """Most terms that multiplying out can give, known before work begins; a power of a sum in a denominator counts too."""
    if expression.is_Add:
        return sum(terms_of_expansion(a) for a in expression.args)
    if expression.is_Mul:
        return min(10**9, sp.prod([terms_of_expansion(a) for a in expression.args]))
    if expression.is_Pow and expression.exp.is_Integer:
        inside, power = terms_of_expansion(expression.base), abs(int(expression.exp))
        if inside > 1:
            return min(10**9, int(sp.binomial(inside + power - 1, power))) if power < 1000 else 10**9
    return 1


def without_deltas(expression: sp.Expr) -> sp.Expr:
    """The expression off the points where an argument of a δ function vanishes."""
    return expression.replace(lambda e: isinstance(e, sp.DiracDelta), lambda e: sp.Integer(0))
