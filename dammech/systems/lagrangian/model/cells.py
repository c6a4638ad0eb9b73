"""The intervals on which a neuron's Lagrangian is one formula: where it is dead, and where its slope has a kink."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Cell:
    """An interval of the field of one neuron.

    Attributes
    ----------
    low, high : Expr
        Its ends.
    value, activation, slope : Expr
        L, g and dg/dx there.
    """

    low: sp.Expr
    high: sp.Expr
    value: sp.Expr
    activation: sp.Expr
    slope: sp.Expr

    @property
    def dead(self) -> bool:
        """Whether the activation is constant on it."""
        return bool(self.slope == 0 or sp.simplify(self.slope) == 0)


def folded(e: sp.Expr) -> sp.Expr:
    """Max, Min and absolute values as cases, one case distinction on the outside."""
    if not e.has(sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside, sp.Piecewise):
        return e
    distinguishing = sp.Max | sp.Min | sp.Abs | sp.sign | sp.Heaviside
    cases = e.replace(lambda f: isinstance(f, distinguishing), lambda f: f.rewrite(sp.Piecewise))
    return sp.piecewise_fold(cases)


def relations(e: sp.Expr) -> list[sp.Rel]:
    """The comparisons that an expression's cases depend on."""
    kind = sp.core.relational.Relational
    return [r for p in e.atoms(sp.Piecewise) for _, c in p.args for r in c.atoms(kind)]


def breakpoints(e: sp.Expr, x: sp.Symbol) -> list[sp.Expr]:
    """Where the cases of an expression in one variable change, in order; empty where SymPy cannot solve for them."""
    found: set[sp.Expr] = set()
    for condition in relations(e):
        solution = sp.solveset(condition.lhs - condition.rhs, x, sp.Reals)
        if isinstance(solution, sp.FiniteSet):
            found |= set(solution)
    return sorted(found, key=float)


def cells_of(e: sp.Expr, x: sp.Symbol, values: Mapping[sp.Symbol, sp.Expr]) -> list[Cell]:
    """The cells of a neuron's Lagrangian, from −∞ to ∞."""
    cases = folded(e)
    ends = [-sp.oo, *breakpoints(cases, x), sp.oo]
    cells: list[Cell] = []
    for low, high in itertools.pairwise(ends):
        value = formula_at(cases, x, inside(low, high), values)
        activation = sp.simplify(sp.expand_func(sp.diff(value, x)))
        if cells and sp.simplify(cells[-1].value - value) == 0:  # the case distinction was none
            cells[-1] = Cell(cells[-1].low, high, value, activation, cells[-1].slope)
        else:
            cells.append(Cell(low, high, value, activation, sp.simplify(sp.diff(activation, x))))
    return cells


def formula_at(cases: sp.Expr, x: sp.Symbol, at: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """The formula that holds at a point."""

    def chosen(piecewise: sp.Expr) -> sp.Expr:
        for formula, condition in piecewise.args:
            if condition.xreplace({x: at}).xreplace(dict(values)) == sp.true:
                return formula
        return sp.nan

    return cases.replace(lambda f: isinstance(f, sp.Piecewise), chosen)


def inside(low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """A point between two ends."""
    if low == -sp.oo:
        return sp.Integer(0) if high == sp.oo else high - 1
    return low + 1 if high == sp.oo else (low + high) / 2
