"""Where integrands turn: what the nodes and panels of an average are graded around, found in its expression."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from dammech.derive.averages import Average, Bound, averages, linear_in, log2cosh, sech2
from dammech.derive.cold import spin, spin_entropy
from dammech.derive.functions import terms_of_expansion
from dammech.derive.tilted import LogMeanExp, TiltedAverage

_BOUNDED = (sp.tanh, sech2, sp.erf, sp.sign)
_STEEP = (*_BOUNDED, log2cosh, spin, spin_entropy, sp.Abs)


def steep(average: Average) -> list[tuple[sp.Expr, sp.Expr]]:
    """(a, b) of every argument a + b z of a function in the average, each once up to its sign.

    Functions under averages inside are smoothed by the other variables of their argument, and sharpened again by a tilt
    of theirs: a and b are in units of the width that this leaves.
    """
    z = average.variable
    found: dict[tuple[sp.Expr, sp.Expr], None] = {}
    for part in average.parts:
        for f, tilt in _steep_functions(part, z):
            line = linear_in(f.args[0], z)
            if line is None:
                continue
            a, b = line
            if b.could_extract_minus_sign():
                a, b = -a, -b
            inner = sorted((s for s in a.free_symbols if isinstance(s, Bound)), key=lambda s: s.index)
            inner = [s for s in inner if s.index < z.index]
            if inner:
                smooth = sp.Add(*[sp.diff(a, s) ** 2 for s in inner], 0 if isinstance(f, sp.sign | sp.Abs) else 1)
                sharp = sp.sqrt(1 / smooth + tilt**2)
                a, b = a.xreplace({s: sp.Integer(0) for s in inner}) * sharp, b * sharp
            found[(a, b)] = None
    return list(found)


def of_argument(average: Average, a: sp.Expr, b: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The integrand with x in place of the argument a + b z of its steep functions."""
    z = average.variable

    def moved(f: sp.Expr) -> sp.Expr:
        line = linear_in(f.args[0], z)
        sign = 1 if line == (a, b) else -1 if line == (-a, -b) else 0
        return f.func(sign * x, *f.args[1:]) if sign else f

    return average.integrand.replace(lambda e: isinstance(e, _STEEP) and e.has(z), moved)


def _steep_functions(
    e: sp.Expr, z: sp.Symbol, tilt: sp.Expr = sp.S.Zero
) -> list[tuple[sp.Expr, sp.Expr]]:
    """Steep functions of z in an expression, each with the tilt of the average that it stands under, if any."""
    found: dict[tuple[sp.Expr, sp.Expr], None] = {}
    if isinstance(e, _STEEP) and e.has(z):
        found[(e, tilt)] = None
    elif isinstance(e, Average):
        exponent = e.exponent if isinstance(e, TiltedAverage) else e.integrand if isinstance(e, LogMeanExp) else None
        strength = sp.Add(*[exponent.coeff(f) for f in exponent.atoms(log2cosh, sp.Abs)]) if exponent is not None else 0
        # what is averaged has the width of its weight; the weight says all there is to say
        for part in e.parts if exponent is None else (exponent,):
            found.update(dict.fromkeys(_steep_functions(part, z, strength or tilt)))
    else:
        for a in e.args:
            found.update(dict.fromkeys(_steep_functions(a, z, tilt)))
    return sorted(found, key=lambda pair: sp.default_sort_key(sp.Tuple(*pair)))


def growth(exponent: sp.Expr, z: sp.Symbol) -> sp.Expr:
    """Largest slope of an exponent in z: by so much the weight shifts the Gaussian."""
    total = sp.S.Zero
    for term in sp.Add.make_args(exponent):
        straight = linear_in(_bounding(term), z)
        if straight is not None:
            total += sp.Abs(straight[1])
            continue
        for f in sp.Mul.make_args(term):
            line = linear_in(f.args[0], z) if isinstance(f, log2cosh | sp.Abs) and f.has(z) else None
            if line is not None:
                total += sp.Abs(term / f * line[1])
            elif isinstance(f, LogMeanExp) and f.has(z):
                total += sp.Abs(term / f) * growth(f.integrand, z)
    return total


def _bounding(term: sp.Expr) -> sp.Expr:
    """A product with its factors of modulus below 1 left out."""
    factors = [f for f in sp.Mul.make_args(term) if not isinstance(f.as_base_exp()[0], _BOUNDED)]
    return sp.Mul(*factors)


def tilts(average: Average) -> list[sp.Expr]:
    """Exponents, in an average, that are sums of z times bounded steep functions: they shift the Gaussian, and widen nothing."""
    z = average.variable
    found = sorted({e.args[0] for part in average.parts for e in part.atoms(sp.exp)}, key=sp.default_sort_key)
    return [e for e in found if e.has(*_BOUNDED) and all(linear_in(_bounding(t), z) is not None for t in sp.Add.make_args(e))]


def saturates(average: Average) -> bool:
    """Whether an average holds sums and products of steep functions of affine arguments only: then its nodes are known."""

    def plain(e: sp.Expr, z: sp.Symbol) -> bool:
        if e == z or not e.has(z):
            return True
        if isinstance(e, _STEEP):
            line = linear_in(e.args[0], z)
            return line is not None and not any(isinstance(x, Bound) and x.index < z.index for x in line[1].free_symbols)
        if isinstance(e, Average):
            shifts = not isinstance(e, LogMeanExp | TiltedAverage) or _shifts(e.parts[-1], e.variable)
            return shifts and all(plain(part, z) and plain(part, e.variable) for part in e.parts)
        if isinstance(e, sp.exp) and e.has(LogMeanExp):  # the density of a field, which turns where its average does
            return all(plain(part, z) for a in averages(e) for part in a.parts)
        if isinstance(e, sp.exp) and z == average.variable and e.args[0] in tilts(average):
            return plain(e.args[0], z)
        whole = e.is_Pow and e.exp.is_Integer and e.exp > 0
        return (e.is_Add or e.is_Mul or whole) and all(plain(a, z) for a in e.args)

    weighted = isinstance(average, LogMeanExp | TiltedAverage)
    return (not weighted or _shifts(average.parts[-1], average.variable)) and all(
        plain(part, average.variable) for part in average.parts
    )


def _shifts(exponent: sp.Expr, z: sp.Symbol) -> bool:
    """Whether an exponent grows at most linearly in z, at a rate that `growth` knows: its weight shifts the Gaussian."""

    def known(term: sp.Expr) -> bool:
        if linear_in(_bounding(term), z) is not None:
            return True
        growing = [f for f in sp.Mul.make_args(term) if isinstance(f, log2cosh | sp.Abs | LogMeanExp) and f.has(z)]
        return len(growing) == 1 and not (term / growing[0]).has(z)

    return all(known(term) for term in sp.Add.make_args(exponent))


def turns_of(average: Average) -> list[tuple[sp.Expr, ...]]:
    """(c, b, k, d, s) of every argument c + b z + k z² of a function in the average.

    d is the discriminant b² − 4kc, multiplied out; the function turns where its argument is 0 or ±i s. As in ``steep``,
    other variables of integration smooth what stands under their averages.
    """
    z = average.variable
    found: dict[tuple[sp.Expr, ...], None] = {}
    for argument, scale in _arguments(average, z):
        if _bent(argument, z):
            continue
        turn = list(_square(argument, z))
        value, _, curvature, _ = turn
        inner = {s for e in turn for s in e.free_symbols if isinstance(s, Bound) and s.index < z.index}
        if inner:
            if curvature == 0:
                smooth = sp.Add(scale, *[sp.diff(value, s) ** 2 for s in sorted(inner, key=lambda s: s.index)])
                turn, scale = [e / sp.sqrt(smooth) for e in turn[:3]] + [turn[3] / smooth], 1
            turn = [e.xreplace(dict.fromkeys(inner, sp.Integer(0))) for e in turn]
        if turn[1].could_extract_minus_sign():
            turn[:3] = [-e for e in turn[:3]]
        found[(*turn, scale)] = None
    return [turn for k, turn in enumerate(found) if not any(_beside(turn, other) for other in list(found)[:k])]


def watched(average: Average) -> list[tuple[sp.Expr, sp.Expr]]:
    """The other arguments, with s, but for sums of exponentials, which turn where these rival.

    Those that hold further variables of integration are smoothed by them.
    """
    z = average.variable
    found = [(e, s) for e, s in _arguments(average, z) if _bent(e, z) and not (e.is_Add and _logarithms(e, z)[1:])]
    return [(e, s) for e, s in found if not any(isinstance(x, Bound) for x in e.free_symbols - {z})]


def _bent(argument: sp.Expr, z: sp.Symbol) -> bool:
    """Whether an argument is neither affine nor quadratic."""
    return not (argument.is_polynomial(z) and sp.diff(argument, z, 3) == 0)


def _square(argument: sp.Expr, z: sp.Symbol) -> tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]:
    """(c, b, k, b² − 4kc) of an argument c + b z + k z²."""
    slope = sp.diff(argument, z)
    curvature = sp.diff(slope, z) / 2
    value, slope = argument.xreplace({z: sp.Integer(0)}), slope.xreplace({z: sp.Integer(0)})
    if curvature == 0:
        return value, slope, curvature, slope**2
    discriminant = slope**2 - 4 * curvature * value
    return value, slope, curvature, sp.expand(discriminant) if terms_of_expansion(discriminant) <= 100 else discriminant


def _beside(turn: tuple[sp.Expr, ...], other: tuple[sp.Expr, ...]) -> bool:
    """Whether two arguments without a square turn within a few of their widths from each other."""
    if turn[2] != 0 or other[2] != 0 or turn[4] != other[4]:
        return False
    ratio = turn[1] / other[1]
    if not ratio.is_number or not sp.Rational(1, 5) <= abs(ratio) <= 5:
        return False
    shift = sp.expand_mul(turn[0] - ratio * other[0])
    return bool(shift.is_number and abs(shift) <= 5)


def _arguments(e: sp.Basic, z: sp.Symbol) -> list[tuple[sp.Expr, sp.Expr]]:
    """Functions of z at whose zeros an expression turns, each with 1 if it does so over the width of 1 and 0 if sharply.

    They are arguments of functions, what stands under roots and in denominators, and differences of what rivals in a sum
    of exponentials or a maximum.
    """
    if isinstance(e, Average) and e.variable == z:
        return sorted({p for part in e.parts for p in _arguments(part, z)}, key=lambda p: sp.default_sort_key(sp.Tuple(*p)))
    if not e.has(z) or e == z:
        return []
    found: list[tuple[sp.Expr, Any]] = []
    if isinstance(e, sp.Max | sp.Min):
        found = [(a - b, 0) for a, b in combinations(e.args, 2)]
    elif isinstance(e, Relational):
        found = [(e.lhs - e.rhs, 0)]
    elif isinstance(e, sp.log | sp.Abs | sp.sign | sp.Heaviside):
        found = [(e.args[0], 0)]
    elif isinstance(e, sp.Function | sp.exp):
        found = [(a, 1) for a in e.args if isinstance(a, sp.Expr)]
    elif e.is_Pow:
        found = [(e.exp, 1), *([] if e.exp.is_Integer and e.exp > 0 else [(e.base, 0)])]
    elif e.is_Add:
        found = [(a - b, 1) for a, b in combinations(_logarithms(e, z), 2)]
    found = [(argument, sp.Integer(scale)) for argument, scale in found if argument.has(z)]
    return found + [pair for a in (e.parts if isinstance(e, Average) else e.args) for pair in _arguments(a, z)]


class parabola(sp.Function):
    """c + b z + k z² of z, c, b, k and b² − 4kc."""


def completed(e: sp.Expr, z: sp.Symbol) -> dict[sp.Expr, sp.Expr]:
    """Quadratic arguments that are typed as sums, and the same completed to a square, where its terms would cancel."""
    found = {}
    for argument, _ in _arguments(e, z):
        if argument.is_Add and not _bent(argument, z):
            parts = _square(argument, z)
            found[argument] = argument if parts[2] == 0 else parabola(z, *parts)
    return found


def _logarithms(total: sp.Add, z: sp.Symbol) -> list[sp.Expr]:
    """Logarithms of the sizes of a sum's terms, where these are constants times exponentials and one is not constant."""
    total = sp.expand_mul(total.rewrite((sp.cosh, sp.sinh), sp.exp))
    constant, varying = total.as_independent(z, as_Add=True)
    found = []
    for term in (constant, *sp.Add.make_args(varying)):
        factors = sp.Mul.make_args(term)
        exponents = [f.args[0] for f in factors if isinstance(f, sp.exp)]
        size = sp.log(sp.Abs(sp.Mul(*[f for f in factors if not (isinstance(f, sp.exp) or f.has(z))])))
        if term != 0 and (exponents or term is constant):
            found.append(sp.Add(size.evalf() if size.is_number else size, *exponents))
    return found
