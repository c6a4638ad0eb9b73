"""T → 0 as rules of the engine: what averages of thermal functions become when C = (1−q)/T stays finite.

SymPy's own ``limit`` stalls on these expressions; each rule is proven once, in the tests, against direct evaluation.
"""

from __future__ import annotations

import sympy as sp

from dammech.derive.averages import Average, GaussianAverage, log2cosh, normal, sech2
from dammech.derive.covariance import Covariance, positive

_ORDER = 3


def leading_averages(expression: sp.Expr, T: sp.Symbol) -> sp.Expr:
    """Averages of thermal functions by their leading low-temperature form.

    E tanh(h/T) → E sign h, E log2cosh(h/T) → E|h|/T and E sech^{2k}(h/T) → c_k T E δ(h) with c_k = ∫ sech^{2k}. The
    corrections are smaller by T².
    """

    def rule(average: sp.Expr) -> sp.Expr:
        integrand, z = average.integrand, average.variable
        base, power = (integrand.base, integrand.exp) if integrand.is_Pow else (integrand, sp.Integer(1))
        if isinstance(base, sech2):
            field = sp.expand_mul(base.args[0] * T)
            weight = sp.sqrt(sp.pi) * sp.gamma(power) / sp.gamma(power + sp.Rational(1, 2))
            return weight * T * GaussianAverage(sp.DiracDelta(field), z)
        if isinstance(base, sp.tanh) and power == 1:
            return GaussianAverage(sp.sign(sp.expand_mul(base.args[0] * T)), z)
        if isinstance(base, log2cosh) and power == 1:
            return GaussianAverage(sp.Abs(sp.expand_mul(base.args[0] * T)), z) / T
        raise ValueError(f"no low-temperature rule for the average of {integrand}")

    return normal(expression.replace(lambda e: isinstance(e, Average), rule))


def zero_temperature(
    expression: sp.Expr, q: sp.Symbol, C: sp.Symbol, T: sp.Symbol, *, leading: bool = False
) -> sp.Expr:
    """Limit T → 0 at fixed C = (1−q)/T of an expression in normal form.

    With ``leading``, powers of T are divided out first (for an equation set to zero).

    Raises
    ------
    ValueError
        When the expression diverges as T → 0.
    """
    moved = leading_averages(expression, T).xreplace({q: 1 - T * C})
    moved = moved.replace(
        Covariance,
        lambda k, x: sp.Add(*[(x - 1) ** j / sp.factorial(j) * Covariance(k + j, 1) for j in range(_ORDER + 1)]),
    )
    moved = moved.replace(
        lambda e: e.is_Pow and e.base.is_Add and e.base.has(T), lambda e: sp.factor_terms(sp.expand(e.base)) ** e.exp
    )
    moved = sp.expand_mul(sp.expand_log(normal(moved))).replace(positive, lambda x: x)
    poles = 2
    regular = sp.Add(*[term * T**poles for term in sp.Add.make_args(sp.expand_mul(moved, deep=False))])
    for k in range(poles + 2 if leading else poles + 1):
        term = (sp.diff(regular, T, k) / sp.factorial(k)).subs(T, 0)
        term = sp.expand_mul(sp.powsimp(sp.expand_mul(term)), deep=False)
        term = sp.Integer(0) if sp.simplify(term) == 0 else term.replace(
            lambda e: e.is_Pow and e.exp.is_negative and e.base.is_Add, lambda e: sp.factor_terms(e.base) ** e.exp
        )
        if k < poles and term != 0:
            raise ValueError(f"the expression diverges as T → 0, like T^{k - poles} × {term}")
        if k == poles and (term != 0 or not leading):
            return term
        if k > poles:
            return term
    raise AssertionError
