"""ξ(q), the covariance of the noise energy, as a symbolic function that is made explicit only when a model is named."""

from __future__ import annotations

from typing import Any

import sympy as sp

alpha = sp.Symbol("alpha", positive=True)

#: effective load A = Σ Λ²/N^{p−1} of patterns with weights, and the weight of the condensed one
effective_load = sp.Symbol("A", positive=True)
weight = sp.Symbol("Lambda", positive=True)


def forgets(model: Any) -> bool:
    """Whether the patterns of a model have weights that fall with their age."""
    return "rate" in model.axes


def soft_memory(model: Any) -> bool:
    """Whether the noise is the log-determinant of pairwise memories."""
    return bool("load" in model.axes and model.soft)


def load_of(model: Any) -> sp.Expr:
    """The symbol of a model's load: α, or the effective load A; 1 for the p-spin glass."""
    if "load" not in model.axes:
        return sp.Integer(1)
    return effective_load if forgets(model) else alpha


class Covariance(sp.Function):
    """``Covariance(k, q)``: the k-th derivative of ξ at overlap q."""

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        if argindex != 2:
            raise sp.ArgumentIndexError(self, argindex)
        return Covariance(self.args[0] + 1, self.args[1])

    def _eval_is_real(self) -> bool:
        return True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        primes = "'" * int(self.args[0])
        power = "" if exp is None else f"^{{{printer._print(exp)}}}"
        return rf"\xi{primes}\!\left({printer._print(self.args[1])}\right){power}"

    def _sympystr(self, printer: Any) -> str:
        return "ξ" + "'" * int(self.args[0]) + f"({printer._print(self.args[1])})"


class positive(sp.Function):
    """The identity, of an argument known to be positive on the physical domain, so that roots of squares simplify."""

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        if x.is_positive:
            return x
        factors = sp.Mul.make_args(sp.factor_terms(x))
        known = sp.Mul(*[e for e in factors if e.is_positive])
        return None if known == 1 else known * cls(sp.Mul(*[e for e in factors if not e.is_positive]))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.Integer(1)

    def _eval_is_positive(self) -> bool:
        return True


def explicit(expression: sp.Expr, model: Any) -> sp.Expr:
    """The expression with the covariance of ``model`` in place of the unspecified ξ, and `positive` taken off."""
    named = expression.replace(Covariance, lambda k, q: covariance_derivative(model, int(k), q))
    return named.replace(positive, lambda x: x)


def covariance_derivative(model: Any, k: int, q: sp.Expr) -> sp.Expr:
    """The k-th derivative of ξ at q for a model, regular at q = 1."""
    x = sp.Symbol("x", positive=True)
    return sp.expand(load_of(model) * model.covariance(x, k)).xreplace({x: sp.sympify(q)})
