"""Averages as symbolic objects, the primitives they act on, and the rules they obey.

An average is an ordinary SymPy expression with a bound variable. Bound variables are of a class of their own and are
numbered by nesting depth, so equal averages are equal expressions and no substitution can capture one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from dammech.derive.functions import gate, log_erfc, mills, terms_of_expansion
from dammech.errors import InputError, shown

#: terms beyond which an integrand is not multiplied out but averaged as it stands
MOST_TERMS = 300


class Bound(sp.Symbol):
    """Integration variable of an average; never equal to a user's symbol, whatever its name."""

    def __new__(cls, index: int) -> Bound:
        return sp.Symbol.__xnew__(cls, f"z_{index}", real=True)

    def __reduce_ex__(self, protocol: Any) -> tuple[type[Bound], tuple[int]]:
        return Bound, (self.index,)

    @property
    def index(self) -> int:
        """1 for an innermost average, one more for each average around it."""
        return int(self.name[2:])

    def _latex(self, printer: Any) -> str:
        return "z" if self.index == 1 else f"z_{{{self.index}}}"


class log2cosh(sp.Function):
    """log(2 cosh x), the log-partition function of one Ising spin in the field x; numerically safe for large x."""

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        if x.is_zero:
            return sp.log(2)
        return cls(-x) if x.could_extract_minus_sign() else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.tanh(self.args[0])

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _latex(self, printer: Any) -> str:
        return rf"\log 2\cosh\left({printer._print(self.args[0])}\right)"


class sech2(sp.Function):
    """1/cosh² x, the susceptibility of one Ising spin."""

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        if x.is_zero:
            return sp.Integer(1)
        return cls(-x) if x.could_extract_minus_sign() else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x = self.args[0]
        return -2 * sp.tanh(x) * sech2(x)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _latex(self, printer: Any, exp: Any = None) -> str:
        power = r"\operatorname{sech}^{%s}" % (2 if exp is None else printer._print(2 * sp.sympify(exp)))
        return rf"{power}\left({printer._print(self.args[0])}\right)"


class Average(sp.Expr):
    """Mean of ``integrand`` over the law of one bound variable; subclasses name the law.

    Differentiation passes under the average; substitution renames the bound variable where it would be captured. A
    subclass gives ``closed_form`` (a table) and may give ``by_parts`` (what an explicit power of the variable becomes).
    """

    is_commutative = True
    #: places of the arguments that say what the law is, in which the variable is not bound
    outside: tuple[int, ...] = ()

    def __new__(cls, integrand: Any, variable: sp.Symbol) -> sp.Expr:
        if not isinstance(variable, sp.Symbol):
            raise InputError(f"variable={shown(variable)}: must be a SymPy symbol")
        if not isinstance(integrand, sp.Expr | int | float):  # a text would be run as a program
            raise InputError(f"integrand={shown(integrand)}: must be a SymPy expression")
        integrand = sp.sympify(integrand)
        return cls._bind(variable, integrand) if integrand.has(variable) else integrand

    @classmethod
    def _bind(cls, variable: sp.Symbol, integrand: sp.Expr, *others: sp.Expr) -> sp.Expr:
        """The node, its variable renamed by the depth of the averages inside."""
        parts = (integrand, *others)
        free = {s for e in parts for s in e.free_symbols if isinstance(s, Bound) and s != variable}
        depth = 1 + max((a.variable.index for e in parts for a in e.atoms(Average)), default=0)
        while Bound(depth) in free:
            depth += 1
        bound = Bound(depth)
        if variable != bound:
            parts = tuple(e.xreplace({variable: bound}) for e in parts)
        return sp.Expr.__new__(cls, parts[0], bound, *parts[1:])

    @property
    def integrand(self) -> sp.Expr:
        """What is averaged."""
        return self.args[0]

    @property
    def variable(self) -> Bound:
        """The bound variable."""
        return self.args[1]

    @property
    def parts(self) -> tuple[sp.Expr, ...]:
        """Everything in which the variable is bound: the integrand, and what else a law needs."""
        return (self.args[0], *self.args[2:])

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        return {s for e in self.parts for s in e.free_symbols} - {self.variable}

    @property
    def bound_symbols(self) -> list[sp.Symbol]:
        return [self.variable]

    def _eval_is_real(self) -> bool | None:
        return self.integrand.is_real

    def _eval_is_positive(self) -> bool | None:
        return True if self.integrand.is_positive else None

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        if symbol == self.variable:
            return sp.Integer(0)
        return self.func(self.integrand.diff(symbol), self.variable)

    def _opened(self) -> tuple[tuple[sp.Expr, ...], sp.Dummy]:
        fresh = sp.Dummy("z", real=True)
        return tuple(e.xreplace({self.variable: fresh}) for e in self.parts), fresh

    def _closed(self, parts: Sequence[sp.Expr], variable: sp.Symbol) -> sp.Expr:
        """A node of the same kind with other parts."""
        return self.func(parts[0], variable, *parts[1:])

    def _eval_subs(self, old: sp.Expr, new: sp.Expr) -> sp.Expr:
        if old == self.variable:
            return self
        parts, fresh = self._opened()
        return self._closed([e.subs(old, new) for e in parts], fresh)

    def _xreplace(self, rule: dict[Any, Any]) -> tuple[sp.Expr, bool]:
        if self in rule:
            return rule[self], True
        # SymPy's own simplifiers pass rules that are no mappings but answer to ``in`` and ``[]``
        inner = {k: v for k, v in rule.items() if k != self.variable} if isinstance(rule, dict) else rule
        captured = not isinstance(rule, dict) or any(v.has(self.variable) for v in map(sp.sympify, inner.values()))
        parts, variable = self._opened() if captured else (self.parts, self.variable)
        changed = tuple(e.xreplace(inner) for e in parts)
        if changed == parts:
            return self, False
        return self._closed(changed, variable), True

    def doit(self, **hints: Any) -> sp.Expr:
        return normal(self._closed([e.doit(**hints) for e in self.parts], self.variable))

    def _normal(self) -> sp.Expr:
        """Normal form of this node."""
        parts, fresh = self._opened()
        return normal_average(type(self), normal(parts[0]), fresh)

    @classmethod
    def closed_form(cls, factor: sp.Expr, z: sp.Symbol) -> sp.Expr | None:
        """The mean of ``factor``, where a table knows it."""
        raise NotImplementedError(f"{cls.__name__} has no table")

    @classmethod
    def by_parts(cls, power: int, factor: sp.Expr, z: sp.Symbol) -> sp.Expr | None:
        """An integrand of equal mean with fewer explicit powers of z, or None where the law has no such rule."""
        return None

    @classmethod
    def canonical(cls, factor: sp.Expr, z: sp.Symbol) -> sp.Expr:
        """The average of ``factor``; these laws are even, and of a factor and its mirror image z → −z one is chosen."""
        mirrored = factor.xreplace({z: -z})
        if mirrored == -factor:
            return sp.Integer(0)
        for head in outermost(factor, z):
            line = linear_in(head.args[0], z) if len(head.args) == 1 else None
            if line is not None and line[0] != 0:
                if line[0].could_extract_minus_sign() != line[1].could_extract_minus_sign():
                    constant, varying = mirrored.as_independent(z, as_Add=False)
                    return constant * cls(varying, z)
                break
        return cls(factor, z)


class GaussianAverage(Average):
    """Mean over a standard Gaussian z.

    Parameters
    ----------
    integrand : SymPy expression
        Function of ``variable``; may itself hold averages.
    variable : Symbol
        The Gaussian variable; it becomes bound.

    Examples
    --------
    >>> m, s, z = sp.symbols("m s z", real=True)
    >>> GaussianAverage(sp.tanh(m + s*z), z).diff(m).has(GaussianAverage)
    True
    """

    @classmethod
    def closed_form(cls, factor: sp.Expr, z: sp.Symbol) -> sp.Expr | None:
        if factor == 1:
            return sp.Integer(1)
        if factor.is_Pow and factor.base == z and factor.exp.is_Integer and factor.exp > 0:
            return sp.factorial2(factor.exp - 1) if factor.exp % 2 == 0 else sp.Integer(0)
        if factor == z:
            return sp.Integer(0)
        single = len(factor.args) == 1 or isinstance(factor, sp.Heaviside)
        if not (isinstance(factor, sp.Function | sp.exp) and single):
            return None
        line = linear_in(factor.args[0], z)
        if line is None:
            return None
        a, b = line
        size = sp.sqrt(b**2)
        if isinstance(factor, sp.exp):
            return sp.exp(a + b**2 / 2)
        if isinstance(factor, sp.sin | sp.cos):
            return factor.func(a) * sp.exp(-(b**2) / 2)
        if isinstance(factor, sp.erf | sp.erfc):
            return factor.func(a / sp.sqrt(1 + 2 * b**2))
        if isinstance(factor, sp.sign):
            return sp.erf(a / (sp.sqrt(2) * size))
        if isinstance(factor, sp.Abs):
            return a * sp.erf(a / (sp.sqrt(2) * size)) + sp.sqrt(2 / sp.pi) * size * sp.exp(-(a**2) / (2 * b**2))
        if isinstance(factor, sp.DiracDelta):
            return sp.exp(-(a**2) / (2 * b**2)) / (sp.sqrt(2 * sp.pi) * size)
        if isinstance(factor, sp.Heaviside):
            return (1 + sp.erf(a / (sp.sqrt(2) * size))) / 2
        return None

    @classmethod
    def by_parts(cls, power: int, factor: sp.Expr, z: sp.Symbol) -> sp.Expr | None:
        """Stein's lemma, E[z g(z)] = E[g'(z)] (stein1981)."""
        return sp.diff(z ** (power - 1) * factor, z)

    def _latex(self, printer: Any) -> str:
        return rf"\left\langle {printer._print(self.integrand)} \right\rangle_{{{printer._print(self.variable)}}}"

    def _sympystr(self, printer: Any) -> str:
        return f"E[{printer._print(self.integrand)}; {printer._print(self.variable)}]"


class SignAverage(Average):
    """Mean over a fair sign (a Rademacher variable); always summed out."""

    @classmethod
    def closed_form(cls, factor: sp.Expr, z: sp.Symbol) -> sp.Expr | None:
        return (factor.xreplace({z: sp.Integer(1)}) + factor.xreplace({z: sp.Integer(-1)})) / 2

    def _latex(self, printer: Any) -> str:
        return rf"\left\langle {printer._print(self.integrand)} \right\rangle_{{{printer._print(self.variable)}=\pm1}}"


def linear_in(expression: sp.Expr, z: sp.Symbol) -> tuple[sp.Expr, sp.Expr] | None:
    """(a, b) of a + b z, or None when the expression is not linear in z."""
    b = sp.diff(expression, z)
    if b.has(z):
        return None
    return sp.expand_mul(expression.xreplace({z: sp.Integer(0)})), b


def spread_out(argument: sp.Expr) -> sp.Expr:
    """The argument as a plain sum of terms, so that equal fields are equal expressions."""
    return sp.expand(argument, deep=False, power_base=False, power_exp=False, log=False, multinomial=False, basic=False)


def normal(expression: sp.Expr) -> sp.Expr:
    """Normal form of an expression with averages.

    Constants leave the average, sums split, tanh² becomes 1 − sech², explicit powers of the variable go by Stein's
    lemma and the closed-form table is applied. Averages that are equal by these rules become equal expressions, and
    what is left of the derivatives of log 2cosh is a sum of averages of tanh·sech^{2k} and sech^{2k}, free of the
    cancellation that tanh^{2k} suffers at low temperature.
    """
    expression = sp.sympify(expression)
    if not expression.has(Average):
        return expression
    if isinstance(expression, Average):
        return _normal_of(expression)
    return expression.func(*[normal(a) for a in expression.args])


@lru_cache(maxsize=100_000)
def _normal_of(average: Average) -> sp.Expr:
    return average._normal()


def normal_average(law: Any, integrand: sp.Expr, z: sp.Symbol) -> sp.Expr:
    """Normal form of an average over z by a law: deltas integrated, powers of z by Stein's lemma, closed forms from the table."""
    if not integrand.has(z):
        return integrand
    deltas = [f for f in outermost(integrand, z) if isinstance(f, sp.DiracDelta)] if law is GaussianAverage else []
    if deltas:
        jump, integrand = _at_jump(integrand, deltas[0], z)
        return jump + normal_average(law, integrand, z)
    if all(_has_weight(term, z) for term in sp.Add.make_args(integrand)):
        return law(integrand, z)  # no rule reaches below such a weight, and multiplied out it only grows
    integrand = integrand.replace(
        lambda e: isinstance(e, sp.tanh | log2cosh | sech2) and linear_in(e.args[0], z) is not None,
        lambda e: e.func(spread_out(e.args[0])),
    )
    heads = {f: sp.Dummy() for f in _heads(integrand, z)}
    back = {d: f for f, d in heads.items()}
    flat = integrand.xreplace(heads)
    for f, d in heads.items():
        if isinstance(f, sp.tanh):
            susceptible = heads.get(sech2(f.args[0]))
            if susceptible is None:
                susceptible = sp.Dummy()
                back[susceptible] = sech2(f.args[0])
            flat = flat.replace(
                lambda e, d=d: e.is_Pow and e.base == d and e.exp.is_Integer and e.exp >= 2,
                lambda e, d=d, s=susceptible: (1 - s) ** (e.exp // 2) * d ** (e.exp % 2),
            )
        elif isinstance(f, sp.sign):  # |x| = x sign x, and sign² = 1 almost everywhere
            size = next((b for g, b in heads.items() if isinstance(g, sp.Abs) and g.args == f.args), None)
            if size is not None:
                flat = flat.xreplace({size: d * f.args[0]})
    total: list[sp.Expr] = []
    variables = (z, *back)
    if terms_of_expansion(flat) > MOST_TERMS:
        constant, varying = flat.xreplace(back).as_independent(z, as_Add=False)
        return constant * law(varying, z)
    flat = _expand_in(flat, variables)
    signs = [d for f, d in heads.items() if isinstance(f, sp.sign)]
    if signs:
        flat = _expand_in(flat.replace(
            lambda e: e.is_Pow and e.base in signs and e.exp.is_Integer, lambda e: e.base ** (e.exp % 2)
        ), variables)
    for f, d in heads.items():  # products of equal-argument factors may have made new tanh²
        if isinstance(f, sp.tanh) and any(p.base == d and p.exp.is_Integer and p.exp >= 2 for p in flat.atoms(sp.Pow)):
            return normal_average(law, flat.xreplace(back), z)
    for term in sp.Add.make_args(flat):
        constant, varying = term.as_independent(*variables, as_Add=False)
        varying = varying.xreplace(back)
        if constant.has(sp.exp) and any(_quotient(f) for f in sp.Mul.make_args(varying)):
            constant, varying = sp.Integer(1), constant * varying  # they cancel inside only
        known = law.closed_form(varying, z)
        if known is not None:
            total.append(constant * known)
            continue
        power, factor = 0, sp.Integer(1)
        for part in sp.Mul.make_args(varying):
            if part == z:
                power += 1
            elif part.is_Pow and part.base == z and part.exp.is_Integer and part.exp > 0:
                power += int(part.exp)
            else:
                factor *= part
        if power and _keeps_power(factor, z) and not (_bends_elsewhere(factor, z) and not _has_root_below(constant)):
            lowered = law.by_parts(power, factor, z)
            if lowered is not None:
                total += [constant * t for t in sp.Add.make_args(normal_average(law, normal(lowered), z))]
                continue
        total.append(constant * law.canonical(varying, z))
    return sp.Add(*total)


def _at_jump(integrand: sp.Expr, delta: sp.Expr, z: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """The Gaussian mean of the part of the integrand with a δ function, and what is left of it.

    E[g δ(a + bz)] = g(−a/b) φ(a/b)/|b|, where the sign of the same argument is zero.
    """
    line, mark = linear_in(delta.args[0], z), sp.Dummy()
    marked = integrand.xreplace({delta: mark})
    before = sp.diff(marked, mark)
    if line is None or before.has(mark) or len(delta.args) > 1:
        raise InputError(
            "expression has a kink or a jump in an average whose place is not linear in the Gaussian variable: the arguments "
            "of Abs, sign, Max, Min, Heaviside and Piecewise must be linear in it"
        )
    a, b = line

    def sided(e: sp.Expr) -> sp.Expr:
        other = linear_in(e.args[0], z)
        zero = other is not None and sp.expand(sp.numer(sp.together(other[0] * b - other[1] * a))) == 0
        return e if not zero else e.args[1] / 2 if isinstance(e, gate) else sp.Integer(0)

    before = before.replace(lambda e: isinstance(e, sp.sign | sp.Abs | gate) and e.args[0].has(z), sided)
    density = GaussianAverage.closed_form(sp.DiracDelta(a + b * z), z)
    return normal(before.xreplace({z: -a / b})) * density, marked.xreplace({mark: sp.Integer(0)})


def _quotient(factor: sp.Expr) -> bool:
    """Whether a factor is a sum of exponentials in a denominator."""
    return bool(factor.is_Pow) and factor.exp.is_negative is True and factor.base.has(sp.exp, sp.cosh, sp.sinh)


def _keeps_power(factor: sp.Expr, z: sp.Symbol) -> bool:
    """Whether derivatives of the factor bring no power of z back that by_parts takes away."""
    if not factor.has(z):
        return True
    if isinstance(factor, Average):
        return all(_keeps_power(e, z) for e in factor.parts)
    if factor.is_Add or factor.is_Mul or (factor.is_Pow and factor.exp.is_Integer and factor.exp > 0):
        return factor != z and all(_keeps_power(a, z) for a in factor.args)
    own = type(factor).__module__.startswith("dammech.") and not isinstance(factor, log_erfc | mills | gate)
    return (own or isinstance(factor, _CLOSED)) and linear_in(factor.args[0], z) is not None


def _bends_elsewhere(factor: sp.Expr, z: sp.Symbol) -> bool:
    """Whether a kink and a function of another argument stand side by side: by parts, their slopes come in terms that cancel."""
    heads = _heads(factor, z)
    bent = any(isinstance(f, sp.sign | sp.Abs) for f in heads)
    return bent and len({f.args[0] for f in heads}) > 1


def _has_root_below(constant: sp.Expr) -> bool:
    """Whether there is a root in the denominator, from the derivative of a variance, that by parts takes away."""
    return any(f.is_Pow and f.exp.is_negative and not f.exp.is_Integer for f in sp.Mul.make_args(constant))


#: functions whose derivatives are made of such functions again, with no factor that is a power of the argument
_CLOSED = (sp.tanh, sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.erf, sp.sign, sp.Abs, sp.Heaviside, sp.DiracDelta)


def _has_weight(term: sp.Expr, z: sp.Symbol) -> bool:
    """Whether a factor is the exponential of a product of z with a function of z."""
    exponents = [f.args[0] for f in sp.Mul.make_args(term) if isinstance(f, sp.exp) and f.has(z)]
    return any(
        z in product.args and any(isinstance(f, sp.Function) and f.has(z) for f in product.args)
        for e in exponents
        for product in sp.Add.make_args(e)
    )


def _expand_in(expression: sp.Expr, variables: tuple[sp.Symbol, ...]) -> sp.Expr:
    """Multiply out in the given symbols only: coefficients, and denominators above all, stay as they are."""
    frozen: dict[sp.Expr, sp.Dummy] = {}

    def freeze(e: sp.Expr) -> sp.Expr:
        if not e.args or e in frozen:
            return frozen.get(e, e)
        if not e.has(*variables) and (e.is_Pow or isinstance(e, sp.Function | sp.exp | Average)):
            return frozen.setdefault(e, sp.Dummy())
        return e.func(*[freeze(a) for a in e.args])

    kept = sp.expand(freeze(expression))
    return kept.xreplace({d: e for e, d in frozen.items()})


def outermost(expression: sp.Expr, z: sp.Symbol) -> list[sp.Expr]:
    """The outermost functions and averages that depend on z."""
    if isinstance(expression, sp.Function | Average | sp.exp) and expression.has(z):
        return [expression]
    found: list[sp.Expr] = []
    for a in expression.args:
        found += [f for f in outermost(a, z) if f not in found]
    return found


def _heads(expression: sp.Expr, z: sp.Symbol) -> list[sp.Expr]:
    """What an integrand is a polynomial of, beside z: outermost functions, averages and other powers that depend on z."""
    if not expression.has(z) or expression == z:
        return []
    if (expression.is_Add or expression.is_Mul) or (expression.is_Pow and expression.exp.is_Integer and expression.exp > 0):
        return list(dict.fromkeys(f for a in expression.args for f in _heads(a, z)))
    return [expression]


def averages(expression: sp.Expr) -> list[Average]:
    """The outermost averages of an expression, in a fixed order."""
    found: dict[Average, None] = {}

    def walk(e: sp.Expr) -> None:
        if isinstance(e, Average):
            found[e] = None
        else:
            for a in e.args:
                walk(a)

    walk(sp.sympify(expression))
    return sorted(found, key=sp.default_sort_key)
