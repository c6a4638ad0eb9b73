"""The replica-symmetric theory in C = β(1−q) instead of q: the same at every temperature, and regular at low ones.

Where q rounds to 1, nothing is left of 1 − q in it, and slopes in q may be infinite. On q = 1 − CT everything is written
in C, and differences that vanish with T are taken before a number is put in.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from dammech.derive.ages import is_age_average, merged, ring_sum
from dammech.derive.averages import log2cosh, normal, sech2
from dammech.derive.covariance import Covariance, covariance_derivative, explicit, load_of, positive


class _Derivatives(sp.Function):
    """f(x, k): the k-th derivative of an even function of a field, kept whole.

    Under a Gaussian average it has two exact forms, E[f⁽ᵏ⁾(a + bz)] and E[He_k(z) f(a + bz)]/bᵏ; sums of powers of tanh, into
    which it could be written out, cancel at low temperature.
    """

    @classmethod
    def eval(cls, x: sp.Expr, k: sp.Expr) -> sp.Expr | None:
        return (-1) ** k * cls(-x, k) if x.could_extract_minus_sign() else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex != 1:
            raise sp.ArgumentIndexError(self, argindex)
        return self.func(self.args[0], self.args[1] + 1)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def written_out(self) -> sp.Expr:
        """In terms of log 2cosh, tanh and sech²."""
        x = sp.Dummy("x", real=True)
        return sp.diff(self._whole(x), x, self.args[1]).xreplace({x: self.args[0]})


class spin(_Derivatives):
    """Derivatives of log 2cosh x."""

    @staticmethod
    def _whole(x: sp.Expr) -> sp.Expr:
        return log2cosh(x)

    def _latex(self, printer: Any) -> str:
        return rf"\partial^{{{self.args[1]}}}\log 2\cosh\left({printer._print(self.args[0])}\right)"


class spin_entropy(_Derivatives):
    """Derivatives of log 2cosh x − x tanh x, the entropy of one Ising spin in the field x."""

    @staticmethod
    def _whole(x: sp.Expr) -> sp.Expr:
        return log2cosh(x) - x * sp.tanh(x)

    def _latex(self, printer: Any) -> str:
        primes = "'" * int(self.args[1])
        return rf"\mathcal{{S}}{primes}\left({printer._print(self.args[0])}\right)"


def written_out(e: sp.Expr) -> sp.Expr:
    """The expression in terms of log 2cosh, tanh and sech²."""
    return e.replace(lambda x: isinstance(x, _Derivatives), lambda x: x.written_out())


def whole(e: sp.Expr) -> sp.Expr:
    """log 2cosh, tanh, sech² and sech⁴ as derivatives of log 2cosh."""
    e = e.replace(lambda x: x.is_Pow and isinstance(x.base, sech2) and x.exp == 2,
                  lambda x: (4 * spin(x.base.args[0], 2) - spin(x.base.args[0], 4)) / 6)
    for k, known in enumerate((log2cosh, sp.tanh, sech2)):
        e = e.replace(known, lambda x, k=k: spin(x, k))
    return normal(e)


class arc_integral(sp.Function):
    """``arc_integral(x, k)``: arccos(1 − x), integrated k times from 0.

    It is √2 x^{k+1/2} Γ(3/2)/Γ(k+3/2) ₂F₁(½, ½; k+3/2; x/2), a sum of positive terms.
    """

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex != 1:
            raise sp.ArgumentIndexError(self, argindex)
        x, k = self.args
        return arc_integral(x, k - 1) if k > 0 else 1 / sp.sqrt(x * (2 - x))

    def _eval_is_real(self) -> bool:
        return True

    def _latex(self, printer: Any) -> str:
        return rf"\mathcal{{A}}_{{{self.args[1]}}}\left({printer._print(self.args[0])}\right)"


class Bend(sp.Function):
    """``Bend(x)``: ξ(1) − ξ(1−x) − x ξ'(1−x), what the covariance has at 1 beyond its tangent at q = 1 − x."""

    def _latex(self, printer: Any) -> str:
        return rf"\Delta_\xi\!\left({printer._print(self.args[0])}\right)"


class Map:
    """q = 1 − CT, applied to expressions of a theory.

    The symbol q stays where it is harmless, in arguments of ξ and under roots, as an abbreviation of 1 − CT.
    """

    def __init__(self, q: sp.Symbol, C: sp.Symbol, T: sp.Symbol) -> None:
        self.q, self.C, self.T = q, C, T
        self.gap = C * T

    @property
    def definition(self) -> dict[sp.Symbol, sp.Expr]:
        """What q abbreviates."""
        return {self.q: 1 - self.gap}

    def field(self, e: sp.Expr) -> sp.Expr:
        """T − 1 + q → T (1 − C), in averages over ages too; elsewhere q stays."""
        e = e.replace(is_age_average, lambda a: a.xreplace(self.definition)._normal())
        return whole(e.replace(positive, lambda x: self.T * positive(sp.expand(x.xreplace(self.definition) / self.T))))

    def bulk(self, e: sp.Expr) -> sp.Expr:
        """A sum free of Gaussian averages, in C: what cancels as T → 0 has cancelled."""
        tangent = Bend(self.gap) + Covariance(0, self.q) + self.gap * Covariance(1, self.q)
        e = self.field(e).xreplace({Covariance(0, 1): tangent})
        held = {a: sp.Dummy(positive=True) for a in e.atoms(Covariance)}
        e = sp.expand(sp.expand_log(e.xreplace(held).xreplace(self.definition), force=False))
        e = e.xreplace({d: a for a, d in held.items()}).replace(positive, lambda x: x)
        e = merged(sp.expand(e.xreplace({sp.log(1 - self.C): ring_sum(self.C) - self.C})))
        plain = [t for t in sp.Add.make_args(e) if t.is_rational_function()]
        return sp.Add(sp.factor(sp.Add(*plain)), *[t for t in sp.Add.make_args(e) if t not in plain])

    def equation(self, e: sp.Expr) -> sp.Expr:
        """A sum with Gaussian averages: q in its coefficients becomes 1 − CT."""
        e = self.field(e)
        return sp.Add(*[t.xreplace(self.definition) if t.is_polynomial() else t for t in sp.Add.make_args(e)])

    def explicit(self, e: sp.Expr, model: Any) -> sp.Expr:
        """The expression with the covariance of ``model``, its parts that are singular at q = 1 in CT."""
        x = sp.Dummy("x", positive=True)
        e = e.replace(Covariance, lambda k, q: _near_one(model, int(k), q, x).xreplace({x: self.gap}))
        e = e.replace(Bend, lambda gap: _bend(model, self.q, x).xreplace({x: gap}))
        return explicit(e, model)


def _near_one(model: Any, k: int, q: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The k-th derivative of ξ at q = 1 − x, k ≥ 1."""
    if not model.is_rectified:
        return covariance_derivative(model, k, q)
    order = model.p - k
    if order < 0:
        return (-1) ** -order * sp.diff(_near_one(model, model.p, q, x), x, -order)
    factor = load_of(model) * (sp.factorial(model.p) / sp.factorial(order)) ** 2 / sp.Integer(model.p) ** 2
    return factor * (_regular(order, q) + _singular(order, x))


def _regular(order: int, q: sp.Expr) -> sp.Expr:
    """The polynomial in E[max(y,0)^k max(y',0)^k] at correlation q: half the mean of (y y')^k."""
    x = sp.Symbol("x")
    found = sp.Rational(1, 2)
    for k in range(1, order + 1):
        found = sp.integrate(k**2 * found, x)
        found += sp.factorial2(2 * k - 1) / 2 - found.subs(x, 1)
    return sp.expand(found).subs(x, q)


def _singular(order: int, x: sp.Expr) -> sp.Expr:
    """The rest of it at q = 1 − x: each derivative in q lowers both powers by one (price1958)."""
    return -((-1) ** order) * sp.factorial(order) ** 2 * arc_integral(x, order) / (2 * sp.pi)


def _bend(model: Any, q: sp.Symbol, x: sp.Symbol) -> sp.Expr:
    """ξ(1) − ξ(q) − (1−q) ξ'(q) with (1−q)² = x² divided out of its polynomial part, which leaves positive terms."""
    load = load_of(model)
    if model.is_rectified:
        smooth = load * _regular(model.p, q) / sp.Integer(model.p) ** 2
        rest = load * _singular(model.p, x) / sp.Integer(model.p) ** 2
        rest = x * sp.diff(rest, x) - rest
    else:
        smooth, rest = load * model.covariance(q), sp.Integer(0)
    beyond = smooth.subs(q, 1) - smooth - (1 - q) * sp.diff(smooth, q)
    return x**2 * sp.expand(sp.cancel(beyond / (1 - q) ** 2)) + rest
