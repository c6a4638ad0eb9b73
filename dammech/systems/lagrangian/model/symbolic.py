"""A Lagrangian taken apart: activation, Hessian and null vectors as SymPy derives them from L.

Sums over neurons are the only way in which neurons of a block see each other, L(x) = Ψ(c₁, …, c_k) with
c_a = Σ_i φ_a(x_i) (or its logarithm, where the summand is an exponential). The Hessian is then a diagonal matrix and k
columns, H = diag(d) + U C Uᵀ, whatever the number of neurons, and where all d_i ≠ 0 a k × k matrix decides about its
null vectors: H u = 0 ⇔ u_i = −(U κ)_i/d_i with (1 + C G) κ = 0, G = Uᵀ diag(1/d) U.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.parsing.sympy_parser import parse_expr, rationalize, standard_transformations

from dammech.declared.arithmetic import check_numbers, check_text
from dammech.errors import InputError
from dammech.systems.lagrangian.model.cells import Cell, cells_of, folded

X = sp.Symbol("x", real=True)
D = sp.Symbol("D", positive=True, integer=True)
T = sp.Symbol("t", real=True)
SUM = sp.Function("S")
WEIGHT = sp.Symbol("w", positive=True)
PARAMETERS = {
    "n": sp.Symbol("n", positive=True),
    "beta": sp.Symbol("beta", positive=True),
    "gamma": sp.Symbol("gamma", positive=True),
    "delta": sp.Symbol("delta", real=True),
    "eps": sp.Symbol("epsilon", positive=True),
}

#: neurons of a block that show how any number of them behaves
_ALIKE = 5


@dataclass(frozen=True)
class Total:
    """A sum over the neurons of a block.

    Attributes
    ----------
    symbol : Symbol
        By which L knows it.
    summand : Expr
        φ(x); of a logarithmic total ψ(x), and the total is log Σ exp ψ(x_i).
    logarithmic : bool
    """

    symbol: sp.Symbol
    summand: sp.Expr
    logarithmic: bool = False

    def over(self, fields: Sequence[sp.Expr]) -> sp.Expr:
        """The total of given fields."""
        terms = [folded(self.summand).xreplace({X: field}) for field in fields]
        return sp.log(sp.Add(*map(sp.exp, terms))) if self.logarithmic else sp.Add(*terms)

    @property
    def slope(self) -> sp.Expr:
        """∂c/∂x_i, in terms of x_i (and of the neuron's weight w_i = exp(ψ(x_i) − c))."""
        slope = sp.diff(self.summand, X)
        return slope * WEIGHT if self.logarithmic else slope


@dataclass(frozen=True)
class Curvature:
    """The Hessian of a block, diag(d) + U C Uᵀ, in terms of a neuron's x (and w) and of the totals.

    Attributes
    ----------
    diagonal : Expr
        d_i.
    columns : tuple of Expr
        U_ia for each column a.
    core : Matrix
        C; a symbol ``L_tt`` in it is Σ_i of ``second`` (plus its constant part) for a minimum over t.
    """

    diagonal: sp.Expr
    columns: tuple[sp.Expr, ...]
    core: sp.Matrix


class SymbolicLagrangian:
    """What SymPy derives from a Lagrangian that is written with sums over neurons.

    Parameters
    ----------
    text : str or Expr
        In ``x``, ``S``, ``D``, ``t`` and parameters; without ``S`` it is the Lagrangian of one neuron, summed over all.
    values : mapping
        Parameters; ``n`` and zeros are inserted, the others stay symbols.

    Raises
    ------
    InputError
        For a text that cannot be read, or other symbols.
    """

    def __init__(self, text: str | sp.Expr, values: Mapping[str, Any]) -> None:
        self.values = {PARAMETERS[k]: rational(v) for k, v in values.items()}
        fixed = {s: v for s, v in self.values.items() if s.name == "n" or v == 0}
        self.parameters = {s: v for s, v in self.values.items() if s not in fixed}
        self.expression = parsed(text, values).xreplace(fixed).doit()
        self.outer, self.totals = _taken_apart(self.expression)

    def rewritten(self, rule: Callable[[sp.Expr], sp.Expr]) -> SymbolicLagrangian:
        """The same Lagrangian with its parts written another way."""
        other = SymbolicLagrangian.__new__(SymbolicLagrangian)
        other.values, other.parameters, other.expression = self.values, self.parameters, self.expression
        other.outer = rule(self.outer)
        other.totals = tuple(Total(c.symbol, rule(c.summand), c.logarithmic) for c in self.totals)
        return other

    @cached_property
    def minimised(self) -> bool:
        """Whether L is a minimum over t."""
        return T in self.expression.free_symbols

    @cached_property
    def neuron(self) -> sp.Expr | None:
        """The Lagrangian of one neuron, where L is a sum of such."""
        if self.minimised:
            return None
        slopes = [sp.diff(self.outer, c.symbol) for c in self.totals]
        if any(c.logarithmic for c in self.totals) or any(s.free_symbols & self._collective for s in slopes):
            return None
        return sp.Add(*[s * c.summand for s, c in zip(slopes, self.totals)])

    @cached_property
    def separable(self) -> bool:
        """Whether the neurons do not see each other."""
        return self.neuron is not None

    @cached_property
    def tractable(self) -> bool:
        """Whether null vectors follow from a k × k matrix: without cases beside a sum over all, and with d_i ≠ 0."""
        if self.separable or self.minimised:
            return True
        cases = (sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside, sp.Piecewise)
        if self.outer.has(*cases) or any(c.summand.has(*cases) for c in self.totals):
            return False
        return self.curvature.diagonal != 0

    def explicit(self, fields: Sequence[sp.Expr]) -> sp.Expr:
        """L of given fields (and of t)."""
        totals = {c.symbol: c.over(fields) for c in self.totals}
        return self.outer.xreplace({D: sp.Integer(len(fields))}).xreplace(totals)

    def activation(self, fields: Sequence[sp.Symbol]) -> list[sp.Expr]:
        """g = ∇L; of a minimum over t, at fixed t (the envelope theorem)."""
        if self._one_by_one is not None:
            slope = sp.simplify(sp.expand_func(folded(sp.diff(folded(self._one_by_one), X))))
            return [slope.xreplace({X: v}) for v in fields]
        L = self.explicit(fields)
        return [sp.simplify(sp.diff(L, v)) for v in fields]

    def hessian(self, fields: Sequence[sp.Symbol]) -> sp.Matrix:
        """H = ∂²L/∂x∂x; of a minimum over t with the response of t, −(∂_t g)(∂_t g)ᵀ/L_tt."""
        if self._one_by_one is None:
            return self._permuted_hessian(fields)
        slope = sp.simplify(self.curvature.diagonal)
        H = sp.diag(*[slope.xreplace({X: v}) for v in fields])
        if not self.minimised:
            return H
        mixed = sp.Matrix([self.curvature.columns[0].xreplace({X: v}) for v in fields])
        _, _, constant, summand = self.tilt
        return H - mixed * mixed.T / (constant + sp.Add(*[summand.xreplace({X: v}) for v in fields]))

    def _permuted_hessian(self, fields: Sequence[sp.Symbol]) -> sp.Matrix:
        """All neurons are alike: one entry on the diagonal and one off it give the others by exchanging neurons."""
        slope = sp.diff(self.explicit(fields), fields[0])
        own, other = (sp.simplify(sp.diff(slope, v)) for v in (fields[0], fields[-1]))

        def entry(i: int, k: int) -> sp.Expr:
            if i == k:
                return own.xreplace({fields[0]: fields[i], fields[i]: fields[0]})
            rest = [v for j, v in enumerate(fields) if j not in (i, k)]
            return other.xreplace(dict(zip((fields[0], fields[-1], *fields[1:-1]), (fields[i], fields[k], *rest))))

        return sp.Matrix(len(fields), len(fields), entry)

    @property
    def _one_by_one(self) -> sp.Expr | None:
        """The part of L that belongs to one neuron, at fixed t."""
        return self.totals[0].summand if self.minimised else self.neuron

    @cached_property
    def curvature(self) -> Curvature:
        """The Hessian as a diagonal and a few columns."""
        if self.neuron is not None:
            return Curvature(folded(sp.diff(folded(self.neuron), X, 2)), (), sp.zeros(0, 0))
        if self.minimised:
            summand = folded(self.totals[0].summand)
            return Curvature(
                folded(sp.diff(summand, X, 2)), (folded(sp.diff(summand, X, T)),), sp.Matrix([[-1 / self.L_tt]])
            )
        symbols = [c.symbol for c in self.totals]
        slopes = [sp.diff(self.outer, s) for s in symbols]
        diagonal, core = sp.Integer(0), sp.hessian(self.outer, symbols)
        for a, (total, slope) in enumerate(zip(self.totals, slopes)):
            first, second = sp.diff(total.summand, X), sp.diff(total.summand, X, 2)
            if total.logarithmic:
                diagonal += slope * (second + first**2) * WEIGHT
                core[a, a] -= slope
            else:
                diagonal += slope * second
        return Curvature(sp.simplify(diagonal), tuple(c.slope for c in self.totals), core.applyfunc(sp.simplify))

    #: Σ_i of the second derivative in t, where L is a minimum over t
    L_tt = sp.Symbol("L_tt", positive=True)

    @cached_property
    def tilt(self) -> tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]:
        """∂_t and ∂_t² of L as a constant and a summand each: (A', φ_t, A'', φ_tt) for L = A(t) + Σ φ(x_i, t)."""
        summand = folded(self.totals[0].summand)
        constant = self.outer.xreplace({self.totals[0].symbol: sp.Integer(0)})
        return (
            sp.diff(constant, T), folded(sp.diff(summand, T)), sp.diff(constant, T, 2), folded(sp.diff(summand, T, 2)),
        )  # fmt: skip

    @cached_property
    def cells(self) -> list[Cell]:
        """The intervals of a neuron's field (from t, for a minimum over t) on which its activation is one formula."""
        summand = self._one_by_one
        return [] if summand is None else cells_of(summand.xreplace({T: sp.Integer(0)}), X, self.values)

    @cached_property
    def null_vectors(self) -> list[sp.Expr]:
        """u_i of the vectors with H u = 0 at every state whose neurons all have d_i ≠ 0, in terms of x and totals."""
        if not self.curvature.columns:
            return []
        d, columns = self._alive_columns
        combinations = [sp.Add(*[k * c for k, c in zip(kappa, columns)]) for kappa in self.decided.nullspace()]
        return _spanned([sp.simplify(-c / d) for c in combinations])

    @cached_property
    def decided(self) -> sp.Matrix:
        """The k × k matrix 1 + C G that decides about null vectors, and with d > 0 about the signs of H."""
        d, columns = self._alive_columns
        gram = sp.Matrix(len(columns), len(columns), lambda a, b: self._summed(columns[a] * columns[b] / d))
        core = self.curvature.core
        if self.minimised:
            core = core.xreplace({self.L_tt: self.tilt[2] + self._summed(self._where_alive(self.tilt[3]))})
        return (sp.eye(len(columns)) + core * gram).applyfunc(lambda e: sp.simplify(sp.together(e)))

    @property
    def _alive_columns(self) -> tuple[sp.Expr, list[sp.Expr]]:
        curvature = self.curvature
        return self._where_alive(curvature.diagonal), [self._where_alive(c) for c in curvature.columns]

    def singular_sets(self, size: int) -> list[tuple[str, int]]:
        """Where the gradient of a block of this size does not exist, and the codimension of that set.

        They are zeros of the base of a fractional power; where it is no quadratic form, SymPy does not decide and the
        codimension is that of a point, D. Neurons are alike, so that blocks larger than a few add nothing but codimension.
        """
        more = max(0, size - _ALIKE)
        size -= more
        fields = sp.symbols(f"x1:{size + 1}", real=True)
        totals = {c.symbol: c.over(fields) for c in self.totals}
        found = []
        for power in sorted(self.outer.atoms(sp.Pow), key=sp.default_sort_key):
            if power.exp.is_integer or not power.base.free_symbols & set(totals):
                continue
            base = sp.expand(power.base.xreplace({D: sp.Integer(size)}).xreplace(totals))
            if not base.is_polynomial(*fields):
                found.append((f"where {power.base.xreplace(self._shown)} = 0", size + more))
                continue
            form = sp.hessian(base, fields)
            constant = base.xreplace(dict.fromkeys(fields, sp.Integer(0)))
            if constant.is_positive and form.is_positive_semidefinite:
                continue
            flat = form.nullspace()
            words = "x = 0" if not flat else "all fields equal" if flat == [sp.ones(size, 1)] else f"{base} = 0"
            found.append((words, size + more - len(flat)))
        return found

    def check_smooth(self, size: int, name: str) -> None:
        """Refuse an L whose gradient jumps across a surface; isolated singular points may remain.

        Raises
        ------
        InputError
        """
        for total in self.totals:
            cells = cells_of(total.summand.xreplace({T: sp.Integer(0)}), X, self.values)
            for cell in cells:
                poles = _poles(cell.activation.xreplace(self.values), sp.Interval.open(cell.low, cell.high))
                if poles is not None:
                    raise InputError(
                        f"lagrangian={name!r}: its gradient does not exist at x_i = {poles}; it must be continuously "
                        "differentiable"
                    )
            for one, other in itertools.pairwise(cells):
                if sp.simplify(sp.limit(one.value, X, one.high, "-") - sp.limit(other.value, X, one.high, "+")) != 0:
                    raise InputError(
                        f"lagrangian={name!r}: it jumps at x_i = {one.high}; it must be continuously differentiable"
                    )
                left, right = sp.limit(one.activation, X, one.high, "-"), sp.limit(other.activation, X, one.high, "+")
                if sp.simplify(left - right) != 0:
                    raise InputError(
                        f"lagrangian={name!r}: its gradient jumps from {left} to {right} at x_i = {one.high}; it must be "
                        "continuously differentiable"
                    )
        for words, codimension in self.singular_sets(size):
            if codimension < 2:
                raise InputError(
                    f"lagrangian={name!r}, size={size}: its gradient jumps across a surface ({words}); it must be "
                    "continuously differentiable"
                )

    @property
    def _shown(self) -> dict[sp.Symbol, sp.Expr]:
        """Totals as they are written."""
        return {c.symbol: sp.log(SUM(sp.exp(c.summand))) if c.logarithmic else SUM(c.summand) for c in self.totals}

    @property
    def _collective(self) -> set[sp.Symbol]:
        return {D, *(c.symbol for c in self.totals)}

    def _where_alive(self, e: sp.Expr) -> sp.Expr:
        """The formula of a neuron with d ≠ 0 (the first such cell)."""
        if not e.has(sp.Piecewise):
            return e
        pieces = [p for p, _ in folded(e).as_expr().args] if isinstance(folded(e), sp.Piecewise) else []
        return next((p for p in pieces if p != 0), sp.Integer(0))

    def _summed(self, summand: sp.Expr) -> sp.Expr:
        """Σ_i of a summand, in terms of the totals where they suffice, else a symbol of its own."""
        summand = sp.simplify(summand)
        terms = [(term, self._summed_term(term)) for term in sp.Add.make_args(sp.expand(summand))]
        if any(found is None for _, found in terms) and (whole := self._combined(summand)) is not None:
            return whole
        return sp.Add(*[sp.Symbol(f"S({term})") if found is None else found for term, found in terms])

    @property
    def _bases(self) -> list[tuple[sp.Expr, sp.Expr]]:
        """Functions of a neuron with their known sums."""
        own: list[tuple[sp.Expr, sp.Expr]] = [(sp.Integer(1), D), (WEIGHT, sp.Integer(1))]
        return own + [(c.summand, c.symbol) for c in self.totals if not c.logarithmic]

    def _summed_term(self, term: sp.Expr) -> sp.Expr | None:
        for base, total in self._bases:
            ratio = sp.simplify(term / base)
            if not ratio.free_symbols & {X, WEIGHT}:
                return ratio * total
        return None

    def _combined(self, summand: sp.Expr) -> sp.Expr | None:
        """The sum of what is a linear combination of summands."""
        k = sp.symbols(f"k:{len(self._bases)}")
        parts: dict[sp.Expr, sp.Expr] = {}
        for term in sp.Add.make_args(sp.expand(summand - sp.Add(*[a * base for a, (base, _) in zip(k, self._bases)]))):
            factor, part = term.as_independent(X, WEIGHT, as_Add=False)
            parts[part] = parts.get(part, 0) + factor
        for found in sp.linsolve(list(parts.values()), *k):
            return sp.Add(*[a.xreplace(dict.fromkeys(k, 0)) * total for a, (_, total) in zip(found, self._bases)])
        return None


def parsed(text: str | sp.Expr, values: Mapping[str, Any]) -> sp.Expr:
    """The expression that a text means.

    Raises
    ------
    InputError
        For a text that cannot be read, symbols without a value, or nested sums.
    """
    known = {"x": X, "D": D, "t": T, "S": SUM, **PARAMETERS}
    if isinstance(text, sp.Expr):
        expression = text.xreplace({s: known[s.name] for s in text.free_symbols if s.name in known})
        expression = expression.replace(lambda f: f.func.__name__ == "S", lambda f: SUM(*f.args))
    else:
        check_text("lagrangian", text, {"S": SUM})
        try:
            expression = sp.sympify(
                parse_expr(text, local_dict=dict(known), transformations=(*standard_transformations, rationalize))
            )
        except Exception as error:
            raise InputError(f"lagrangian={text!r}: is not an expression that can be read ({error})") from None
    if not isinstance(expression, sp.Expr) or expression.has(sp.nan, sp.oo, sp.zoo, sp.I):
        raise InputError(f"lagrangian={str(text)!r}: must be a finite expression in x, such as Max(x, 0)**2/2")
    check_numbers("lagrangian", expression)
    others = expression.free_symbols - {X, D, T} - {PARAMETERS[k] for k in values if k in PARAMETERS}
    if others:
        names = ", ".join(sorted(s.name for s in others))
        raise InputError(f"lagrangian={str(text)!r}: {names} has no value; known are x, D, S(...) and the parameters given")
    if X not in expression.free_symbols:
        raise InputError(f"lagrangian={str(text)!r}: must depend on x")
    for node in expression.atoms(SUM):
        if len(node.args) != 1 or node.args[0].has(SUM):
            raise InputError(f"lagrangian={str(text)!r}: S takes one argument, and no sum in a sum")
    return expression


def _taken_apart(expression: sp.Expr) -> tuple[sp.Expr, tuple[Total, ...]]:
    """Ψ and its totals; without a sum, L is that of one neuron."""
    if not expression.has(SUM):
        expression = SUM(expression)
    totals: list[Total] = []
    for node in sorted(expression.atoms(SUM), key=sp.default_sort_key):
        summand = node.args[0]
        symbol = sp.Symbol(f"c{len(totals) + 1}", real=True)
        if isinstance(summand, sp.exp):
            totals.append(Total(symbol, summand.args[0], logarithmic=True))
            expression = expression.xreplace({node: sp.exp(symbol)})
        else:
            totals.append(Total(symbol, summand))
            expression = expression.xreplace({node: symbol})
    outer = expression.replace(lambda e: isinstance(e, sp.log) and isinstance(e.args[0], sp.exp), lambda e: e.args[0].args[0])
    if X in outer.free_symbols:
        raise InputError(f"lagrangian={expression}: x outside of S(...) beside a sum; write every neuron's part within S(...)")
    return outer, tuple(totals)


def _poles(activation: sp.Expr, interval: sp.Set) -> sp.Expr | None:
    """A field within an interval where an activation does not exist, where SymPy finds one."""
    try:
        found = sp.singularities(activation, X, interval)
    except (NotImplementedError, ValueError, TypeError, AttributeError):
        return None
    return next(iter(found)) if isinstance(found, sp.FiniteSet) and found else None


def _spanned(vectors: list[sp.Expr]) -> list[sp.Expr]:
    """A simpler basis of the same space: coefficients of 1 and x where the vectors are made of these."""
    polynomials = [sp.Poly(v, X) for v in vectors if v.is_polynomial(X)]
    if len(polynomials) < len(vectors) or not vectors:
        return vectors
    degree = max(p.degree() for p in polynomials)
    rows = sp.Matrix([[p.coeff_monomial(X**k) for k in range(degree + 1)] for p in polynomials])
    reduced = rows.applyfunc(sp.simplify).rref(simplify=True)[0]
    return [sp.Add(*[reduced[r, k] * X**k for k in range(degree + 1)]) for r in range(reduced.rows) if any(reduced.row(r))]


def rational(value: Any) -> sp.Expr:
    """A number by its decimal digits, exactly."""
    return sp.nsimplify(sp.Float(repr(float(value))), rational=True) if not isinstance(value, sp.Expr) else value
