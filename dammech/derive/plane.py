"""Averages over an isotropic Gaussian field in the plane, and the functions of one spin that is a phase.

A phase σ = e^{iθ} in a field h has Tr e^{Re h*σ} = I₀(|h|), with the uniform measure dθ/2π. Only the modulus of the field
enters, whose law is one-dimensional (rice1945).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from dammech.derive.averages import Average, linear_in, normal


class log_i0(sp.Function):
    """log I₀(x), the log-partition function of a phase in the field x; its derivative is `phase_mean`."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return phase_mean(self.args[0])

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _latex(self, printer: Any) -> str:
        return rf"\log I_0\left({printer._print(self.args[0])}\right)"


class phase_mean(sp.Function):
    """I₁(x)/I₀(x), the mean of a phase in the field x."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x = self.args[0]
        return 1 - phase_mean(x) ** 2 - phase_mean(x) / x

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _latex(self, printer: Any, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{printer._print(exp)}}}"
        return rf"\mathcal{{A}}{power}\left({printer._print(self.args[0])}\right)"


class PlaneAverage(Average):
    """E[F(|h|) cos kφ] over a field h = |h| e^{iφ} = m + √v (x + iy) with standard Gaussians x, y.

    Parameters
    ----------
    integrand : SymPy expression
        F, of the modulus ``variable`` alone; it becomes bound.
    variable : Symbol
    k : int
        The harmonic, at least 0.
    m, v : SymPy expressions
        Mean of h, and the variance of each of its components.
    """

    outside = (2, 3, 4)

    def __new__(cls, integrand: Any, variable: sp.Symbol, k: Any, m: Any, v: Any) -> sp.Expr:
        integrand, k, m, v = (sp.sympify(e) for e in (integrand, abs(k), m, v))
        if integrand == 0 or (k != 0 and m == 0):
            return sp.Integer(0)
        if k == 0 and not integrand.has(variable):
            return integrand
        return cls._bind(variable, integrand, k, m, v)

    def _eval_is_positive(self) -> bool | None:
        return True if self.integrand.is_positive and self.args[2] == 0 else None

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        """∂/∂m is ∂/∂x under the average; ∂/∂v half the Laplacian, or by a change of scale where F is singular at 0."""
        F, r, (k, m, v) = self.integrand, self.variable, self.args[2:]
        total = PlaneAverage(sp.diff(F, symbol), r, k, m, v)
        slope = sp.diff(F, r)
        down, up = sp.expand(slope + k * F / r), sp.expand(slope - k * F / r)
        gradient = (PlaneAverage(down, r, abs(k - 1), m, v) + PlaneAverage(up, r, k + 1, m, v)) / 2
        if F.has(log_i0, phase_mean):
            spread = PlaneAverage(sp.expand(sp.diff(slope, r) + slope / r - k**2 * F / r**2), r, k, m, v) / 2
        else:
            spread = (PlaneAverage(r * slope, r, k, m, v) - m * gradient) / (2 * v)
        return total + sp.diff(m, symbol) * gradient + sp.diff(v, symbol) * spread

    def _normal(self) -> sp.Expr:
        (F, k, m, v), r = self._opened()
        constant, varying = normal(F).as_independent(r, as_Add=True)
        factor, varying = varying.as_independent(r, as_Add=False)
        return constant * PlaneAverage(1, r, k, m, v) + factor * PlaneAverage(varying, r, k, m, v)

    @property
    def slopes(self) -> list[sp.Expr]:
        """b of the arguments b|h| of functions in the integrand: these turn at |h| = 1/b."""
        lines = {linear_in(f.args[0], self.variable) for f in self.integrand.atoms(log_i0, phase_mean)}
        return sorted((b for _, b in filter(None, lines)), key=sp.default_sort_key)

    def _latex(self, printer: Any) -> str:
        harmonic = {0: "", 1: r"\cos\varphi\,"}.get(self.args[2], rf"\cos {self.args[2]}\varphi\,")
        return rf"\left\langle {harmonic}{printer._print(self.integrand)} \right\rangle_{{{printer._print(self.variable)}}}"

    def _sympystr(self, printer: Any) -> str:
        F, r, k, m, v = map(printer._print, self.args)
        return f"E[{F}*cos({k}*phi); {r} = |h|, h = {m} + sqrt({v})*(x + i*y)]"

