"""Functions whose obvious form overflows or cancels, with derivatives that stay in the family and safe numerics."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from scipy import special

_FAR = 1e100  # its square, a neuron's slope and a sum over neurons are still numbers


class _Safe(sp.Function):
    """A function with a number wherever its obvious form has one."""

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return type(self).plain(self.args[0])._eval_evalf(prec)


class softplus(_Safe):
    """log(1 + e^u)."""

    plain = staticmethod(lambda u: sp.log(1 + sp.exp(u)))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return logistic(self.args[0])


class logistic(_Safe):
    """1/(1 + e^−u)."""

    plain = staticmethod(lambda u: 1 / (1 + sp.exp(-u)))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return logistic(self.args[0]) * logistic(-self.args[0])


class logcosh(_Safe):
    """log cosh u."""

    plain = staticmethod(lambda u: sp.log(sp.cosh(u)))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return saturated(self.args[0])


class saturated(_Safe):
    """tanh u."""

    plain = staticmethod(sp.tanh)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 4 * logistic(2 * self.args[0]) * logistic(-2 * self.args[0])


class dilogexp(_Safe):
    """Li₂(−e^u)."""

    plain = staticmethod(lambda u: sp.polylog(2, -sp.exp(u)))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return -softplus(self.args[0])


def guarded(expression: sp.Expr) -> sp.Expr:
    """The same expression in terms of the safe functions."""
    u = sp.Wild("u")
    for found, safe in (
        (sp.log(sp.cosh(u)), logcosh(u)),
        (sp.log(1 + sp.exp(u)), softplus(u)),
        (sp.polylog(2, -sp.exp(u)), dilogexp(u)),
        (sp.tanh(u), saturated(u)),
    ):
        expression = expression.replace(found, safe)
    return expression


def _logcosh(u: Any) -> Any:
    size = np.abs(u)
    return size + np.log1p(np.exp(-2 * size)) - np.log(2.0)


def _dilogexp(u: Any) -> Any:
    small = special.spence(1 + np.exp(-np.abs(u)).astype(float))  # less than one, whatever the precision of u
    return np.where(np.asarray(u) > 0, -(np.pi**2) / 6 - np.asarray(u) ** 2 / 2 - small, small)


def widened(x: np.ndarray) -> np.ndarray:
    """States, in extended precision where a product of their numbers could overflow or vanish."""
    size = np.abs(x)
    return x.astype(np.longdouble) if ((size > _FAR) | ((size < 1 / _FAR) & (size > 0))).any() else x


NUMERIC = [
    {
        "softplus": lambda u: np.logaddexp(0.0, u),
        "logistic": special.expit,
        "logcosh": _logcosh,
        "saturated": np.tanh,
        "dilogexp": _dilogexp,
    },
    "numpy",
    "scipy",
]
