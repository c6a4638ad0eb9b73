"""Averages with a weight that is itself a function of the field: what broken replica symmetry is made of.

A block of x equivalent replicas in a common field z contributes log E e^{ε(z)}; its derivatives are means under the
tilted measure e^{ε}. Both are nodes of their own, so that nothing is ever a quotient of two large exponentials.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from dammech.derive.averages import (
    Average,
    GaussianAverage,
    linear_in,
    log2cosh,
    normal,
    normal_average,
    sech2,
    spread_out,
)


class LogMeanExp(Average):
    """log E e^{ε(z)} over a standard Gaussian z.

    Parameters
    ----------
    integrand : SymPy expression
        The exponent ε.
    variable : Symbol
        The Gaussian variable; it becomes bound.
    """

    def _eval_is_positive(self) -> bool | None:
        return None

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        if symbol == self.variable:
            return sp.Integer(0)
        return TiltedAverage(self.integrand.diff(symbol), self.variable, self.integrand)

    def _normal(self) -> sp.Expr:
        (exponent,), z = self._opened()
        constant, varying = _normal_exponent(exponent, z).as_independent(z, as_Add=True)
        return constant + _log_mean_exp(varying, z)

    def _latex(self, printer: Any) -> str:
        return rf"\log\left\langle e^{{{printer._print(self.integrand)}}} \right\rangle_{{{printer._print(self.variable)}}}"

    def _sympystr(self, printer: Any) -> str:
        return f"log E[exp({printer._print(self.integrand)}); {printer._print(self.variable)}]"


class TiltedAverage(Average):
    """E[g(z) e^{ε(z)}] / E[e^{ε(z)}] over a standard Gaussian z, written ⟨g|ε⟩.

    Parameters
    ----------
    integrand : SymPy expression
        g.
    variable : Symbol
        The Gaussian variable; it becomes bound.
    exponent : SymPy expression
        ε.
    """

    def __new__(cls, integrand: Any, variable: sp.Symbol, exponent: Any) -> sp.Expr:
        integrand, exponent = sp.sympify(integrand), sp.sympify(exponent)
        if not integrand.has(variable):
            return integrand
        if not exponent.has(variable):
            return GaussianAverage(integrand, variable)
        return cls._bind(variable, integrand, exponent)

    @property
    def exponent(self) -> sp.Expr:
        """ε, the logarithm of the weight."""
        return self.args[2]

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        if symbol == self.variable:
            return sp.Integer(0)
        g, z, weight = self.integrand, self.variable, self.exponent
        slope = weight.diff(symbol)
        covariance = TiltedAverage(g * slope, z, weight) - self * TiltedAverage(slope, z, weight)
        return TiltedAverage(g.diff(symbol), z, weight) + (covariance if slope != 0 else 0)

    def _normal(self) -> sp.Expr:
        (integrand, exponent), z = self._opened()
        weight = _normal_exponent(exponent, z).as_independent(z, as_Add=True)[1]
        if not weight.has(z):
            return normal(GaussianAverage(integrand, z))
        return normal_average(_Tilt(weight), normal(integrand), z)

    def _latex(self, printer: Any) -> str:
        inner = rf"{printer._print(self.integrand)} \,\middle|\, {printer._print(self.exponent)}"
        return rf"\left\langle {inner} \right\rangle_{{{printer._print(self.variable)}}}"

    def _sympystr(self, printer: Any) -> str:
        inner = f"{printer._print(self.integrand)} | {printer._print(self.exponent)}"
        return f"E[{inner}; {printer._print(self.variable)}]"


def shifted(expression: sp.Expr) -> sp.Expr:
    """The expression with every ⟨g|log 2cosh(a + bz)⟩ as plain means: ½ Σ_± (1 ± tanh a) E g(z ± b).

    The weight of one spin (blocks of one, θ = 1) only shifts the Gaussian: the spin acts on itself like a pattern.
    """

    def rule(e: sp.Expr) -> sp.Expr:
        (integrand, exponent), z = e._opened()
        line = linear_in(exponent.args[0], z)
        if line is None:
            return e
        a, b = line

        def moved(sign: int) -> sp.Expr:
            return integrand.xreplace({z: z + sign * b}).replace(
                lambda f: isinstance(f, sp.tanh | log2cosh | sech2), lambda f: f.func(sp.expand_mul(f.args[0]))
            )

        return sp.Add(*[(1 + sign * sp.tanh(a)) / 2 * GaussianAverage(moved(sign), z) for sign in (1, -1)])

    return normal(expression.replace(
        lambda e: isinstance(e, TiltedAverage) and isinstance(e.exponent, log2cosh), rule
    ))


class _Tilt:
    """The rules that means under the weight e^{ε} obey; in the place of a law where an integrand is taken apart."""

    def __init__(self, exponent: sp.Expr) -> None:
        self.exponent = exponent

    def closed_form(self, factor: sp.Expr, z: sp.Symbol) -> sp.Expr | None:
        if factor == 1:
            return sp.Integer(1)
        spikes = [f for f in sp.Mul.make_args(factor) if isinstance(f, sp.DiracDelta)]
        if len(spikes) != 1:
            return None
        line = linear_in(spikes[0].args[0], z)
        if line is None:
            return None
        a, b = line
        where = {z: -a / b}
        rest = (factor / spikes[0]).replace(
            lambda e: isinstance(e, sp.sign | sp.Abs) and sp.expand_mul(e.args[0].xreplace(where)) == 0,
            lambda e: sp.Integer(0),
        )
        height = self.exponent.replace(
            lambda e: isinstance(e, sp.Abs) and sp.expand_mul(e.args[0].xreplace(where)) == 0, lambda e: sp.Integer(0)
        )
        weight = height.xreplace(where) - _log_mean_exp(self.exponent, z) - a**2 / (2 * b**2)
        return rest.xreplace(where) * sp.exp(weight) / (sp.sqrt(2 * sp.pi) * sp.sqrt(b**2))

    def by_parts(self, power: int, factor: sp.Expr, z: sp.Symbol) -> sp.Expr:
        """Stein's lemma under a tilt: ⟨z g⟩ = ⟨g' + g ε'⟩."""
        rest = z ** (power - 1) * factor
        return sp.diff(rest, z) + rest * sp.diff(self.exponent, z)

    def canonical(self, factor: sp.Expr, z: sp.Symbol) -> sp.Expr:
        return TiltedAverage(factor, z, self.exponent)


def _normal_exponent(exponent: sp.Expr, z: sp.Symbol) -> sp.Expr:
    exponent = normal(exponent).replace(
        lambda e: isinstance(e, sp.tanh | log2cosh | sech2 | sp.Abs) and linear_in(e.args[0], z) is not None,
        lambda e: e.func(spread_out(e.args[0])),
    )
    return sp.expand_mul(exponent, deep=False)


def _log_mean_exp(exponent: sp.Expr, z: sp.Symbol) -> sp.Expr:
    """log E e^{ε}, in closed form for one spin at x = 1 and for a linear exponent."""
    if not exponent.has(z):
        return exponent
    line = linear_in(exponent, z)
    if line is not None:
        return line[0] + line[1] ** 2 / 2
    if isinstance(exponent, log2cosh):
        line = linear_in(exponent.args[0], z)
        if line is not None:
            return log2cosh(line[0]) + line[1] ** 2 / 2
    return LogMeanExp(exponent, z)
