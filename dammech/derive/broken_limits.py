"""Where a broken theory falls back to one with a level less, and how it leaves it: limits as expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from dammech.derive.averages import averages, normal
from dammech.derive.covariance import alpha, explicit
from dammech.derive.functional import T, m, q
from dammech.derive.replica_symmetric import replica_symmetric
from dammech.derive.tilted import shifted

if TYPE_CHECKING:
    from dammech.derive.symmetry_breaking import BrokenTheory


def equal_overlaps(t: BrokenTheory) -> tuple[sp.Expr, ...]:
    """f, and the equations for m and q_0 … q_{k−1}, at q_k = q_{k−1}, where the innermost width vanishes."""
    same = {t.q[-1]: t.q[-2], t.spreads[-1]: sp.Integer(0)}
    first = len(t.unknowns) - len(t.q) - len(t.sizes)
    chosen = (t.free_energy, *t.equations[: first + t.steps])
    return tuple(_tidy(normal(t.inserted(e).xreplace(same)), t.model) for e in chosen)


def unit_size(t: BrokenTheory) -> tuple[sp.Expr, ...]:
    """f, and the equations for m and q_0 … q_{k−1}, at θ_k = 1, where one spin has a closed form."""
    one = {t.sizes[-1]: sp.Integer(1)}
    spins = normal(t.spins.xreplace(one))
    sizes = [x.xreplace(one) for x in t.widths]
    f = -T * (t.inserted(t.rest).xreplace(one) + spins)
    widths = {s: sp.sqrt(t.with_order_parameters[s].xreplace(one) ** 2) for s in t.spreads[-1:]}
    along = [normal(sp.diff(spins, s)) / (2 * s) for s in t.spreads]
    means = [sp.expand(2 * (along[j + 1] - along[j]) / (sizes[j + 1] - sizes[j])) for j in range(t.steps)]
    order = [m - t.along_stored(spins)] if t.hebbian else []
    return tuple(_tidy(e, t.model) for e in (f.xreplace(widths), *order, *[a - b for a, b in zip(t.q, means)]))


def splitting_growth(t: BrokenTheory) -> sp.Expr:
    """Factor by which the saddle equations, iterated, multiply a small q_k − q_{k−1} (Stein's lemma takes off the root)."""
    s = t.spreads[-1]
    gap = t.overlaps[-1] - t.overlaps[-2]
    slope = sp.expand(normal(sp.diff(gap, s)) / (2 * s)).xreplace({s: sp.Integer(0), t.q[-1]: t.q[-2]})
    width = sp.diff(explicit(t.with_order_parameters[s] ** 2, t.model), t.q[-1]).subs(t.q[-1], t.q[-2])
    return sp.simplify(width) * _tidy(normal(slope), t.model)


def dynamic(t: BrokenTheory) -> tuple[sp.Expr, ...]:
    """At θ = 1 the equation for the innermost overlap, and the complexity (up to what the equation for θ leaves of it)."""
    one = {t.sizes[-1]: sp.Integer(1)}
    place = len(t.unknowns) - t.steps - 1
    overlap = shifted(normal(t.equations[place].xreplace(one)))
    states = shifted(normal(sp.expand(-t.inserted(t.equations[-1]).xreplace(one))))
    return tuple(explicit(e, t.model) for e in (overlap, states))


def one_level_less(t: BrokenTheory) -> tuple[sp.Expr, ...]:
    """f, saddle equations and innermost replicon of the theory with one level less, by its own derivation."""
    if t.steps > 1:
        less = type(t)(t.model, t.steps - 1, t.first)
        fields = {s: explicit(e, t.model) for s, e in less.with_order_parameters.items()}
        expressions = (less.free_energy, *less.equations, less.replicons[-1])
        rename = dict([*zip(less.sizes, t.sizes), *zip(less.q, t.q)])
        return tuple(explicit(less.inserted(e), t.model).xreplace(fields).xreplace(rename) for e in expressions)
    rs = replica_symmetric(t.model, first=t.first).free_energy
    return tuple(e.xreplace({q: t.q[0]}) for e in (rs.expression, *rs.saddle_equations, rs.replicon))


def _tidy(e: sp.Expr, model: Any) -> sp.Expr:
    """Coefficients of averages, logarithms, α and m in lowest terms, ξ made explicit."""
    e = explicit(e, model)
    nodes = {a: sp.Dummy(positive=True) for a in averages(e)}
    flat = sp.expand_log(e.xreplace(nodes), force=True)
    logarithms = {x: sp.Dummy(real=True) for x in flat.atoms(sp.log)}
    known = (alpha, m, *nodes.values(), *logarithms.values())
    coefficients: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(sp.expand(flat.xreplace(logarithms))):
        rest, monomial = term.as_independent(*known, as_Add=False)
        coefficients[monomial] = coefficients.get(monomial, sp.Integer(0)) + rest
    lowest = sp.Add(*[_times(sp.factor(c), x) for x, c in coefficients.items()])
    return lowest.xreplace({d: x for known in (nodes, logarithms) for x, d in known.items()})


def _times(c: sp.Expr, x: sp.Expr) -> sp.Expr:
    """The product, multiplied out where there is no sum in a denominator."""
    return c * x if sp.denom(c).atoms(sp.Add) else sp.expand(c * x)
