"""T → 0 as rules of the engine: what averages of thermal functions become when C = (1−q)/T stays finite.

SymPy's own ``limit`` stalls on these expressions; each rule is proven once, in the tests, against direct evaluation.
"""

from __future__ import annotations

import sympy as sp

from dammech.derive.ages import merged
from dammech.derive.averages import Average, log2cosh, normal, sech2
from dammech.derive.covariance import Covariance, positive
from dammech.derive.plane import PlaneAverage, log_i0, phase_mean

_ORDER = 3


def leading_term(expression: sp.Expr, T: sp.Symbol, *, leading: bool = False) -> sp.Expr:
    """Limit T → 0 of an expression in T whose averages, if any, have no singular factor.

    With ``leading``, the coefficient of the lowest power of T instead.
    """
    regular = _without_poles(expression, T)
    last = _POLES + 3 if leading else _POLES
    for k in range(last + 1):
        term = _coefficient(regular, T, k)
        if k < _POLES and term != 0:
            raise ValueError(f"the expression diverges as T → 0, like T^{k - _POLES} × {term}")
        if term.has(_LOG):
            raise ValueError(f"the expression diverges as T → 0, like log T × {term}")
        if k == last or (k >= _POLES and term != 0):
            if term.has(_INFINITE) and not leading:
                raise ValueError(f"the expression diverges as T → 0: {term}")
            return sp.diff(term, _INFINITE) if term.has(_INFINITE) else term
    raise AssertionError


def slope_in_temperature(expression: sp.Expr, T: sp.Symbol) -> sp.Expr:
    """∂/∂T at T = 0 of an expression with a finite limit."""
    return _coefficient(_without_poles(expression, T), T, _POLES + 1).subs(_LOG, -sp.oo)


def cold_spins(expression: sp.Expr, T: sp.Symbol) -> sp.Expr:
    """tanh x → sign, log 2cosh x → |x|, sech^{2k} x → c_k δ(x) for fields x = h/T, weights of tilted averages included.

    The corrections are smaller by T². Functions of phases are replaced by their expansions in 1/x.
    """

    def delta(e: sp.Expr) -> sp.Expr:
        base, power = (e.base, e.exp) if e.is_Pow else (e, sp.Integer(1))
        weight = sp.sqrt(sp.pi) * sp.gamma(power) / sp.gamma(power + sp.Rational(1, 2))
        return weight * T * sp.DiracDelta(_field(base.args[0], T))

    for known, cold in (
        (log_i0, lambda x: x - sp.log(2 * sp.pi * _field(x, T)) / 2 + sp.log(T) / 2),
        (phase_mean, lambda x: 1 - 1 / (2 * x) - 1 / (8 * x**2)),
        (lambda e: e.is_Pow and isinstance(e.base, sech2), delta),
        (lambda e: isinstance(e, sech2), delta),
        (lambda e: isinstance(e, sp.tanh), lambda e: sp.sign(_field(e.args[0], T))),
        (lambda e: isinstance(e, log2cosh), lambda e: sp.Abs(_field(e.args[0], T)) / T),
    ):
        expression = expression.replace(known, cold)
    return normal(expression.replace(lambda e: isinstance(e, PlaneAverage) and e.integrand.has(T), lambda e: _two_orders(e, T)))


def _two_orders(e: PlaneAverage, T: sp.Symbol) -> sp.Expr:
    """The two lowest powers of T in what is averaged, of the second what is finite."""
    terms = [t.as_coeff_exponent(T) for t in sp.Add.make_args(sp.expand(e.integrand))]
    lowest = min(power for _, power in terms)
    first, second = (sp.Add(*[c for c, power in terms if power == order]) for order in (lowest, lowest + 1))
    r, (k, m, v) = e.variable, e.args[2:]
    poles = [c.is_rational_function(r) and sp.limit(c * r ** (k + 2), r, 0) != 0 for c in (first, second)]
    at_zero = first * r ** (k + 2) * sp.exp(-(m**2) / (2 * v)) / v * _INFINITE
    one = at_zero.subs(r, 0) if poles[0] else normal(PlaneAverage(first, r, k, m, v))
    return T**lowest * (one + (0 if poles[1] else T * normal(PlaneAverage(second, r, k, m, v))))


def _field(x: sp.Expr, T: sp.Symbol) -> sp.Expr:
    """h of an argument h/T."""
    return sp.expand_mul(_factored(x, T) * T)


def _factored(e: sp.Expr, T: sp.Symbol) -> sp.Expr:
    """The expression with powers of T taken out of its denominators."""
    return e.replace(
        lambda e: e.is_Pow and e.base.is_Add and e.base.has(T), lambda e: sp.factor_terms(sp.expand(e.base)) ** e.exp
    )


_POLES = 2
_LOG = sp.Dummy("L", negative=True)  # log T, which no power of T leaves anything of
_INFINITE = sp.Dummy("oo", positive=True)  # a mean that diverges at the zero of a field


def _without_poles(expression: sp.Expr, T: sp.Symbol) -> sp.Expr:
    moved = expression.replace(
        lambda e: isinstance(e, Covariance) and e.args[1].has(T),
        lambda e: sp.Add(
            *[(e.args[1] - 1) ** j / sp.factorial(j) * Covariance(e.args[0] + j, 1) for j in range(_ORDER + 1)]
        ),
    )
    moved = _factored(moved, T).replace(
        lambda e: isinstance(e, sp.log) and e.args[0].has(T), lambda e: sp.log(sp.factor_terms(sp.expand(e.args[0])))
    )
    moved = sp.expand_mul(sp.expand_log(normal(moved))).replace(positive, lambda x: x).subs(sp.log(T), _LOG)
    terms = sp.Add.make_args(sp.expand_mul(moved, deep=False))
    return sp.Add(*[_factored(term, T) * T**_POLES for term in terms])


def _coefficient(regular: sp.Expr, T: sp.Symbol, k: int) -> sp.Expr:
    term = (sp.diff(regular, T, k) / sp.factorial(k)).subs(T, 0)
    term = merged(sp.expand_mul(sp.powsimp(sp.expand_mul(term)), deep=False))
    if _vanishes(term):
        return sp.Integer(0)
    return term.replace(
        lambda e: e.is_Pow and e.exp.is_negative and e.base.is_Add, lambda e: sp.factor_terms(e.base) ** e.exp
    )


def _vanishes(e: sp.Expr) -> bool:
    """Whether an expression is zero; a value at a point that is not spares the effort of proving it."""
    if not e.has(Covariance, Average):
        point = {s: sp.Rational(7 + 4 * k, 29) for k, s in enumerate(sorted(e.free_symbols, key=lambda s: s.name))}
        value = sp.N(e.xreplace(point), 20)
        if value.is_number and abs(value) > 1e-12:
            return False
    return bool(sp.simplify(e) == 0)
