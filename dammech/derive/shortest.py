"""The shortest of the forms that an expression has as a rational function of its averages, functions and roots.

Sums are written as sums of monomials in them with coefficients in lowest terms, in factors, or with averages over one law made
one average: each form is equal to the others by algebra alone, and the one with the fewest symbols is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import sympy as sp
from sympy.core.random import seed

from dammech.derive.averages import Average
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.shown import over_ages
from dammech.derive.tilted import LogMeanExp

#: terms, and symbols, beyond which a sum is not factored
_MOST_TERMS, _MOST_SYMBOLS = 60, 12


_C, _u = sp.Symbol("C", positive=True), sp.Dummy("u", positive=True)


def shortest(e: sp.Expr) -> sp.Expr:
    """The shortest form; arguments of functions stay as they are, and 1 − C is a symbol."""
    return _shortest(e.xreplace({_C: 1 - _u})).xreplace({_u: 1 - _C})


@lru_cache(maxsize=4096)
def _shortest(e: sp.Expr) -> sp.Expr:
    if isinstance(e, Average) and not isinstance(e, LogMeanExp):
        parts, fresh = e._opened()
        return e._closed([_shortest(parts[0]), *parts[1:]], fresh)
    if isinstance(e, over_ages):
        return over_ages(_shortest(e.args[0]))
    if not (e.is_Add or e.is_Mul or (e.is_Pow and e.exp.is_Integer)):
        return e
    e = e.func(*map(_shortest, e.args))
    return min(_forms(e), key=length) if e.is_Add else e


def on_the_saddle(theory: FreeEnergy, expressions: Sequence[sp.Expr]) -> list[sp.Expr]:
    """Expressions in which functions and averages are eliminated by the saddle equations, where that makes them shorter."""
    known: dict[sp.Expr, sp.Expr] = {}
    for equation in map(_canonical, theory.saddle_equations):
        for x in sorted(equation.atoms(sp.Function, sp.exp, Average), key=sp.count_ops, reverse=True):
            mark = sp.Dummy()
            slope = sp.diff(equation.xreplace({x: mark}), mark)
            if slope != 0 and not slope.has(mark) and x not in known:
                known[x] = sp.factor(-equation.xreplace({x: mark}).subs(mark, 0) / slope)
                break
    return [min((e, _canonical(e).xreplace(known)), key=lambda x: length(shortest(x))) for e in expressions]


def _canonical(e: sp.Expr) -> sp.Expr:
    return e.replace(lambda x: isinstance(x, sp.exp | sp.erf), lambda x: x.func(sp.factor(x.args[0])))


def length(e: sp.Expr) -> int:
    """How many symbols it has as it will be set."""
    return sum(1 for _ in sp.preorder_traversal(e.xreplace({_u: 1 - _C})))


def _forms(e: sp.Expr) -> Iterator[sp.Expr]:
    yield e
    for one in (e, *_as_one_average(e)):
        names: dict[sp.Expr, sp.Dummy] = {}
        rational = _named(one, names)
        back = {dummy: x for x, dummy in names.items()}
        for monomials in (set(back), rational.free_symbols - {_u}):
            grouped = _grouped(rational, monomials)
            for form in (grouped, sp.factor_terms(grouped), _factored(rational)):
                yield form.xreplace(back)


def _named(e: sp.Expr, names: dict[sp.Expr, sp.Dummy]) -> sp.Expr:
    """The expression with a name for everything in it that is no rational function of symbols."""
    if e.is_Add or e.is_Mul or (e.is_Pow and e.exp.is_Integer):
        return e.func(*[_named(x, names) for x in e.args])
    if e.is_Rational or e.is_Symbol:
        return e
    return names.setdefault(e, sp.Dummy(f"x{len(names)}", positive=e.is_positive))


def _grouped(e: sp.Expr, functions: set[sp.Dummy]) -> sp.Expr:
    """A sum over the monomials in functions, their coefficients in lowest terms."""
    coefficients: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(sp.expand_mul(e)):
        coefficient, monomial = term.as_independent(*functions, as_Add=False) if functions else (term, sp.S.One)
        coefficients[monomial] = coefficients.get(monomial, 0) + coefficient
    return sp.Add(*[min((c, _factored(c)), key=length) * x for x, c in coefficients.items()])


def _factored(e: sp.Expr) -> sp.Expr:
    if len(sp.Add.make_args(e)) > _MOST_TERMS or len(e.free_symbols) > _MOST_SYMBOLS:
        return e
    seed(0)  # SymPy factors with random numbers, of which some make it take minutes
    return sp.factor(e)


def _as_one_average(e: sp.Expr) -> Iterator[sp.Expr]:
    """The averages over one law as one average, and with all other terms under it, too."""
    laws: dict[tuple[object, ...], list[tuple[sp.Expr, Average]]] = {}
    rest: list[sp.Expr] = []
    for term in sp.Add.make_args(e):
        nodes = [x for x in sp.Mul.make_args(term) if isinstance(x, Average) and not isinstance(x, LogMeanExp)]
        if len(nodes) == 1:
            law = (type(nodes[0]), nodes[0].variable, *nodes[0].args[2:])
            laws.setdefault(law, []).append((sp.cancel(term / nodes[0]), nodes[0]))
        else:
            rest.append(term)
    if len(laws) != 1:
        return
    (members,) = laws.values()
    if len(members) < 2:
        return
    node, fresh = members[0][1], sp.Dummy("z", real=True)
    total = sp.Add(*[c * x.integrand.xreplace({x.variable: fresh}) for c, x in members])
    others = [part.xreplace({node.variable: fresh}) for part in node.parts[1:]]
    for left, inside in ((sp.Add(*rest), total), (sp.S.Zero, total + sp.Add(*rest))):
        content = sp.Mul.make_args(sp.factor_terms(_shortest(inside)))
        outside = [x for x in content if not x.has(fresh)]
        primitive = [x for x in content if x.has(fresh)]
        if not any(x.is_Add and len(x.args) >= len(members) for x in primitive):
            yield left + sp.Mul(*outside) * node._closed([sp.Mul(*primitive), *others], fresh)
