"""A free energy as it is typed, brought to functions that neither overflow nor hide a kink.

Sums of two exponentials become log 2cosh, tanh, softplus and logistic functions, cases become signs, decimals become exact.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sympy as sp

from dammech.derive.averages import Average, GaussianAverage, log2cosh, sech2
from dammech.derive.functions import (
    absolute,
    gate,
    hypergeometric,
    log_erfc,
    logistic,
    mills,
    signum,
    softplus,
    terms_of_expansion,
)
from dammech.errors import InputError, shown

#: what the printers and the averages know
_PLAIN = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.asin, sp.acos, sp.atan, sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.acosh,
    sp.atanh, sp.erf, sp.erfc, sp.gamma, sp.loggamma, sp.DiracDelta, log2cosh, sech2, softplus, logistic, log_erfc, mills,
    hypergeometric,
    signum, absolute, gate,
)
_INVERSES = {sp.sech: sp.cosh, sp.csch: sp.sinh, sp.coth: sp.tanh, sp.sec: sp.cos, sp.csc: sp.sin, sp.cot: sp.tan}
_READ = (*_PLAIN, *_INVERSES, sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside)
_LARGEST_EXPONENT = 400


def read(expression: Any, name: str = "expression") -> sp.Expr:
    """The expression in functions that can be differentiated, averaged and evaluated everywhere.

    Raises
    ------
    InputError
        For anything that is no real function of real symbols, or a function that is not known here, which is named.
    """
    if isinstance(expression, bool) or not isinstance(expression, sp.Expr | int | float):  # a text would be run as a program
        raise InputError(f"{name}={shown(expression)}: must be a SymPy expression")
    try:
        return _read(sp.sympify(expression), {})
    except RecursionError:
        raise InputError(f"{name}={shown(expression)}: is nested too deeply") from None
    except InputError as error:
        raise InputError(str(error).replace("expression", name, 1)) from None


def _read(e: sp.Expr, known: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    if e not in known:
        known[e] = _one(e, known)
    return known[e]


def _one(e: sp.Expr, known: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    if e.is_Number and not e.is_Rational:
        return _number(e)
    if e is sp.I or e in (sp.oo, -sp.oo, sp.zoo, sp.nan):
        raise InputError(f"expression contains {e}: must be real and finite")
    if not e.args:
        if e.is_Rational and not abs(e) < sp.Integer(2) ** 1023:
            raise InputError(f"expression contains {shown(e)}: must be numbers that fit in double precision")
        return e
    if isinstance(e, sp.Piecewise):
        return _cases([(_read(value, known), _condition(c, known)) for value, c in e.args])
    if isinstance(e, GaussianAverage):
        (integrand,), z = e._opened()
        return GaussianAverage(_read(integrand, known), z)
    if not (isinstance(e, _READ) or e.is_Add or e.is_Mul or e.is_Pow):
        if str(e.func.__module__).startswith("dammech."):
            return e
        raise InputError(f"expression contains {type(e).__name__}: this function is not known here")
    if e.is_Mul:  # a numerator and its denominator are read together
        number, rest = e.as_coeff_Mul()
        if number.is_Float and rest.has(sp.exp) and number != 0 and not 1e-290 < abs(number) < 1e290:
            # SymPy took it out of an exponent
            e = sp.Mul(sp.sign(number), sp.exp(sp.Rational(str(sp.log(abs(number)).n(40)))), rest, evaluate=False)
        factors = [f.func(*[_read(a, known) for a in f.args]) if _is_power(f) else _read(f, known) for f in e.args]
        return _product(sp.Mul(*factors))
    args = [_read(a, known) for a in e.args]
    if isinstance(e, sp.Max | sp.Min):
        total, sign = args[0], 1 if isinstance(e, sp.Max) else -1
        for other in args[1:]:
            total = sp.expand_mul((total + other + sign * _modulus(total - other)) / 2)
        return total
    if isinstance(e, sp.Abs):
        return _modulus(args[0])
    if isinstance(e, sp.sign):
        return signum(args[0])
    if isinstance(e, sp.Heaviside):
        return (1 + signum(args[0])) / 2
    if isinstance(e, sp.log):
        return _logarithm(args[0])
    if type(e) in _INVERSES:
        return _product(_INVERSES[type(e)](args[0]) ** -1)
    if _is_power(e):
        if args[1].is_number and abs(args[1]) > _LARGEST_EXPONENT:
            raise InputError(f"expression contains the power {shown(e)}: exponents are at most {_LARGEST_EXPONENT}")
        return _product(e.func(*args))
    return e.func(*args)


def _is_power(e: sp.Expr) -> bool:
    return bool(e.is_Pow) and not isinstance(e, sp.exp)


def _number(e: sp.Expr) -> sp.Expr:
    value = float(e) if e.is_real else float("nan")
    if not abs(value) < float("inf"):
        raise InputError(f"expression contains {shown(e)}: must be real and finite numbers")
    return sp.Rational(repr(value))


# -- cases ------------------------------------------------------------------------------------------------------------


def _condition(c: Any, known: dict[sp.Expr, sp.Expr]) -> list[sp.Expr] | bool:
    """Expressions that are all positive where a condition holds; what happens on its edge is no matter."""
    if c in (sp.true, sp.false, True, False):
        return bool(c)
    if isinstance(c, sp.And):
        parts = [_condition(a, known) for a in c.args]
        return [x for p in parts if not isinstance(p, bool) for x in p]
    if isinstance(c, sp.StrictGreaterThan | sp.GreaterThan):
        return [_read(c.lhs - c.rhs, known)]
    if isinstance(c, sp.StrictLessThan | sp.LessThan):
        return [_read(c.rhs - c.lhs, known)]
    raise InputError(f"expression contains the condition {shown(c)}: must be made of <, > and &")


def _cases(pieces: list[tuple[sp.Expr, list[sp.Expr] | bool]]) -> sp.Expr:
    if not pieces:
        return sp.Integer(0)
    (value, condition), *rest = pieces
    if isinstance(condition, bool):
        return value if condition else _cases(rest)
    other = _cases(rest)
    total = sp.Integer(0)
    for x in reversed(condition):  # where x ≤ 0 the other cases hold
        value, total = _where(x, value), _where(x, total) + _where(-x, other)
    return value + total


def _where(x: sp.Expr, value: sp.Expr) -> sp.Expr:
    """``value`` for positive x, else 0; a value that may not exist there is not evaluated into the product."""
    exists_anywhere = all(
        f.is_Add or f.is_Mul or f.is_Atom or isinstance(f, absolute | signum | sp.tanh | log2cosh | sp.erf)
        or (f.is_Pow and f.exp.is_Integer and (f.exp > 0 or (f.base.is_Symbol and f.base not in _terms_of(x))))
        for f in sp.preorder_traversal(value)
    )
    return (1 + signum(x)) / 2 * value if exists_anywhere else gate(x, value)


def _modulus(e: sp.Expr) -> sp.Expr:
    """|e|; of a piecewise linear function of one expression x with numbers for slopes, as a sum over kinks at numbers."""
    kinks = sorted(e.atoms(absolute), key=sp.default_sort_key)
    marks = {g: sp.Dummy() for g in kinks}
    marked = e.xreplace(marks)
    x = _varying(sp.expand_mul(kinks[0].args[0])) if kinks else sp.Integer(0)
    lines = [_line(g.args[0], x) for g in kinks] + [_line(marked.xreplace(dict.fromkeys(marks.values(), sp.Integer(0))), x)]
    weights = [sp.diff(marked, d) for d in marks.values()]
    if x == 0 or None in lines or not all(k.is_Rational for k in weights):
        return absolute(e)

    def height(t: sp.Expr) -> sp.Expr:
        *bent, (a, b) = [line for line in lines if line is not None]
        return a * t + b + sp.Add(*[k * abs(c * t + d) for k, (c, d) in zip(weights, bent)])

    places = sorted({-d / c for c, d in lines[:-1]})  # type: ignore[misc]
    for low, high in zip([places[0] - 1, *places], [*places, places[-1] + 1]):
        slope = (height(high) - height(low)) / (high - low)
        zero = low - height(low) / slope if slope != 0 else low
        first, last = low < places[0], high > places[-1]
        if (first or zero > low) and (last or zero < high) and not (first and zero > high) and not (last and zero < low):
            places.append(zero)
    places = sorted(set(places))
    ends = [places[0] - 1, *places, places[-1] + 1]
    slopes = [(abs(height(b)) - abs(height(a))) / (b - a) for a, b in pairwise(ends)]
    bends = [(t, (right - left) / 2) for t, left, right in zip(places, slopes, slopes[1:])]
    mean = (slopes[0] + slopes[-1]) / 2
    constant = abs(height(places[0])) - mean * places[0] - sp.Add(*[k * abs(places[0] - t) for t, k in bends])
    return constant + mean * x + sp.Add(*[k * absolute(x - t) for t, k in bends])


def _line(e: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(a, b) with e = a x + b and rational numbers, or None."""
    e = sp.expand_mul(e)
    slope = sp.cancel(_varying(e) / x) if x != 0 else sp.Integer(0)
    rest = sp.expand_mul(e - slope * x)
    return (slope, rest) if slope.is_Rational and rest.is_Rational else None


def _terms_of(e: sp.Expr) -> set[sp.Symbol]:
    """Symbols on which the sign of an argument may depend alone; a quotient's denominator is taken for positive."""
    return e.free_symbols if e.is_Add or e.is_Symbol else {s for f in e.args if not _is_power(f) for s in f.free_symbols}


# -- sums of exponentials ---------------------------------------------------------------------------------------------


def _exponentials(e: sp.Expr) -> dict[sp.Expr, sp.Expr] | None:
    """{exponent: coefficient} of a sum of exponentials, or None for anything else."""
    if not e.has(sp.exp, sp.cosh, sp.sinh):
        return None
    e = e.replace(lambda f: isinstance(f, sp.cosh | sp.sinh), lambda f: f.rewrite(sp.exp, deep=False))
    if terms_of_expansion(e) > 16:
        return None
    found: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(_multiplied_out(e)):
        exponent, coefficient = sp.Integer(0), sp.Integer(1)
        for f in sp.Mul.make_args(term):
            if isinstance(f, sp.exp):
                exponent += f.args[0]
            else:
                coefficient *= f
        exponent = sp.expand_mul(exponent)
        constant, exponent = exponent.as_independent(*exponent.free_symbols, as_Add=True)
        found[exponent] = found.get(exponent, sp.Integer(0)) + coefficient * sp.exp(constant)
    return {k: c for k, c in found.items() if c != 0}


def _multiplied_out(e: sp.Expr) -> sp.Expr:
    """Products of sums as sums; within functions nothing is: powers of distances keep their digits."""
    frozen = {f: sp.Dummy() for f in e.atoms(sp.Function, Average)}
    spread = sp.expand(e.xreplace(frozen), power_base=False, power_exp=False, log=False, basic=False)
    return spread.xreplace({d: f for f, d in frozen.items()})


def _varying(e: sp.Expr) -> sp.Expr:
    """What is left of a sum without its number."""
    return e.as_independent(*e.free_symbols, as_Add=True)[1] if e.free_symbols else sp.Integer(0)


def _written_out(e: sp.Expr) -> sp.Expr:
    """A sum with cosh or sinh as one of exponentials, so that it shows which of them is the largest."""
    terms = _exponentials(e) if e.is_Add and e.has(sp.cosh, sp.sinh) else None
    return e if terms is None else sp.Add(*[c * sp.exp(a) for a, c in terms.items()])


def _log_of_number(c: sp.Expr) -> sp.Expr:
    return sp.Add(*[f.args[0] if isinstance(f, sp.exp) else sp.log(f) for f in sp.Mul.make_args(c)])


class _Pair:
    """A sum of two exponentials with positive numbers before them, (1 + e^y) e^b."""

    def __init__(self, low: sp.Expr, high: sp.Expr) -> None:
        self.b, self.y = low, min(high - low, sp.expand(high - low), key=sp.count_ops)
        middle = (low + high) / 2
        #: half the difference, where the mean of the exponents is a number: a hyperbolic cosine
        self.half = self.y / 2 if middle.is_number else None
        self.middle = middle

    @classmethod
    def of(cls, e: sp.Expr) -> _Pair | None:
        terms = _exponentials(e)
        if terms is None or len(terms) != 2 or not all(c.is_number and c.is_positive for c in terms.values()):
            return None
        one, other = (sp.expand_mul(a) + _log_of_number(c) for a, c in terms.items())
        if other.is_number or (not one.is_number and one.could_extract_minus_sign()):
            one, other = other, one
        return cls(one, other)

    def logarithm(self) -> sp.Expr:
        """log of the sum."""
        return self.b + softplus(self.y) if self.half is None else self.middle + log2cosh(self.half)

    def weight(self, exponent: sp.Expr, power: int) -> sp.Expr:
        """e^exponent over the sum to the power."""
        rest = sp.expand_mul(exponent - power * self.b)
        j = sp.cancel(_varying(rest) / _varying(self.y))
        if not (j.is_Integer and 0 <= j <= power):
            return sp.exp(sp.expand_mul(exponent) - power * self.logarithm())
        return sp.exp(sp.expand_mul(rest - j * self.y)) * self._share(j, power)

    def _share(self, j: sp.Expr, power: int) -> sp.Expr:
        """e^{jy} over (1 + e^y) to the power."""
        if self.half is None:
            return logistic(self.y) ** j * logistic(-self.y) ** (power - j)
        both = min(j, power - j)
        side = sp.tanh(self.half) if j > power - j else -sp.tanh(self.half)
        return (sech2(self.half) / 4) ** both * ((1 + side) / 2) ** (power - 2 * both)


def _product(e: sp.Expr) -> sp.Expr:
    """A product or power with its denominators made safe."""
    if not e.has(sp.exp, sp.cosh, sp.sinh, sp.erfc, sp.erf):
        return e
    kept, pairs = [], []
    for f in sp.Mul.make_args(e):
        base, power = f.as_base_exp() if not isinstance(f, sp.exp) else (f, sp.Integer(1))
        pair = _Pair.of(base) if power.is_number and (power.is_negative or not power.is_Integer) else None
        complement = _complement(base) if power.is_Integer and power < 0 else None
        if pair is not None:
            pairs.append((pair, -power))
        elif complement is not None:
            constant, u = complement
            kept.append(constant**power * mills(u) ** (-power) * sp.exp(-power * u**2))
        else:
            kept.append(f if isinstance(f, sp.exp) or not power.is_negative else _written_out(base) ** power)
    if not pairs:
        return sp.Mul(*kept)
    result = sp.Mul(*kept)
    for pair, power in pairs:
        if not power.is_Integer:
            result *= sp.exp(-power * pair.logarithm())
            continue
        inside = [f for f in sp.Mul.make_args(result) if f.has(sp.exp, sp.cosh, sp.sinh)]
        outside = [f for f in sp.Mul.make_args(result) if f not in inside]
        terms = _exponentials(sp.Mul(*inside)) if inside else {sp.Integer(0): sp.Integer(1)}
        if terms is None:
            result *= pair.weight(sp.Integer(0), int(power))
            continue
        total = sp.Add(*[c * pair.weight(a, int(power)) for a, c in terms.items()])
        result = sp.Mul(*outside) * (_multiplied_out(total) if terms_of_expansion(total) <= 8 else total)
    return result


def _complement(e: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(c, u) with e = c erfc(u), also where it is written as 1 ± erf or 2 − erfc."""
    e = sp.factor_terms(e) if e.is_Add else e
    constant, e = e.as_coeff_Mul()
    if isinstance(e, sp.erfc):
        return constant, e.args[0]
    if e.is_Add and len(e.args) == 2 and e.args[0].is_number:
        scale, f = (e.args[1] / e.args[0]).as_coeff_Mul()
        if isinstance(f, sp.erf) and abs(scale) == 1:
            return constant * e.args[0], -scale * f.args[0]
        if isinstance(f, sp.erfc) and scale == -sp.Rational(1, 2):  # SymPy writes erfc(−u) as 2 − erfc(u)
            return constant * e.args[0] / 2, -f.args[0]
    return None


def _logarithm(e: sp.Expr) -> sp.Expr:
    """log e, with its factors apart where they are positive."""
    total, rest = sp.Integer(0), sp.Integer(1)
    for f in sp.Mul.make_args(e):
        base, power = f.as_base_exp() if not isinstance(f, sp.exp) else (f, sp.Integer(1))
        pair = _Pair.of(base) if not isinstance(f, sp.exp) and power.is_real else None
        complement = _complement(base)
        if isinstance(f, sp.exp):
            total += f.args[0]
        elif (saturating := _log_saturating(base)) is not None and power.is_real:
            total += power * saturating
        elif pair is not None:
            total += power * pair.logarithm()
        elif complement is not None and complement[0].is_positive and power.is_real:
            total += power * (sp.log(complement[0]) + log_erfc(complement[1]))
        else:
            rest *= f if isinstance(f, sp.exp) else _written_out(base) ** power
    positive, rest = rest.as_coeff_Mul() if rest.as_coeff_Mul()[0].is_positive else (sp.Integer(1), rest)
    return total + sp.log(positive) + sp.log(rest)


def _log_saturating(e: sp.Expr) -> sp.Expr | None:
    """The logarithm of 1 ± tanh x, 1 − tanh² x and the like, which keeps its digits where they are small."""
    if isinstance(e, logistic):
        return -softplus(-e.args[0])
    if isinstance(e, sech2):
        return 2 * sp.log(2) - 2 * log2cosh(e.args[0])
    if e.is_Add and len(e.args) == 2 and e.args[0] == 1:
        scale, f = e.args[1].as_coeff_Mul()
        if isinstance(f, sp.tanh) and abs(scale) == 1:
            return sp.log(2) - softplus(-2 * scale * f.args[0])
        if scale == -1 and f.is_Pow and f.exp == 2 and isinstance(f.base, sp.tanh):
            return _log_saturating(sech2(f.base.args[0]))
    return None
