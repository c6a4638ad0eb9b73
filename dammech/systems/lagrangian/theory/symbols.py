"""Networks of symbols: states, weights, and a Lagrangian of which nothing is known but the names of its derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy as sp

from dammech.derive.letters import Letter, components
from dammech.systems.lagrangian.theory.concrete import Net, array, slope


def symbol(name: str, *place: int, **assumptions: Any) -> sp.Symbol:
    """The real symbol name, name_i or name_ij of the entry at a place."""
    return sp.Symbol("_".join([name, "".join(str(i + 1) for i in place)]) if place else name, real=True, **assumptions)


def vector(name: str, n: int) -> tuple[sp.Symbol, ...]:
    """name_1 … name_n, real."""
    return tuple(symbol(name, i) for i in range(n))


def matrix(name: str, rows: int) -> sp.Matrix:
    """Square matrix of the real symbols name_ij."""
    return sp.Matrix(rows, rows, lambda i, j: symbol(name, i, j))


def symmetric(name: str, n: int) -> sp.Matrix:
    """The same with name_ij = name_ji."""
    return sp.Matrix(n, n, lambda i, j: symbol(name, min(i, j), max(i, j)))


def triangular(name: str, n: int, **assumptions: Any) -> sp.Matrix:
    """The same with zeros below the diagonal: CᵀC is any positive semidefinite matrix."""
    return sp.Matrix(n, n, lambda i, j: symbol(name, i, j, **assumptions) if j >= i else 0)


def upper(entries: Any) -> list[Any]:
    """The entries of a symmetric matrix, those on and above the diagonal, row by row."""
    return [entries[i, j] for i in range(entries.rows) for j in range(i, entries.rows)]


def column(entries: Sequence[Any]) -> sp.Matrix:
    """A column vector."""
    return sp.Matrix(list(entries))


def columns(names: str, n: int) -> list[Letter]:
    """The vectors of these names, each printed by its letter."""
    return [Letter(name, vector(name, n)) for name in names]


def number(name: str) -> Letter:
    """The symbol of that name among letters, a matrix with one entry."""
    return Letter(name, [symbol(name)])


def product(x: Any, y: Any) -> sp.Expr:
    """x·y."""
    return (column(x).T * column(y))[0]


def form(x: Any, M: sp.Matrix) -> sp.Expr:
    """x·M x."""
    return product(x, M * column(x))


def energy_of(g: sp.Matrix, L: sp.Expr, W: sp.Matrix, x: Any, b: Any) -> sp.Expr:
    """(x − b)·g − L − g·W g/2."""
    return product(column(x) - column(b), g) - L - form(g, W) / 2


def energy_of_activations(conjugate: sp.Expr, W: sp.Matrix, y: Any, b: Any) -> sp.Expr:
    """E₂ = L* − b·y − y·W y/2."""
    return conjugate - product(b, y) - form(y, W) / 2


def must_vanish(otherwise: str, *expressions: Any) -> None:
    """Raise, with what is then the case, where an expression or an entry of a matrix is not zero."""
    if any(sp.simplify(sp.expand(e)) != 0 for e in _one_by_one(expressions)):
        raise ArithmeticError(otherwise)


def proven(statement: sp.Expr, *derived: Any) -> tuple[sp.Expr]:
    """A statement in letters, once its entries are shown to be what was derived."""
    claimed, found = [e for _, e in components("", statement)], _one_by_one(derived)
    must_vanish("the statement is not what was derived", [a - b for a, b in zip(claimed, found, strict=True)])
    return (statement,)


def _one_by_one(expressions: Sequence[Any]) -> list[Any]:
    return sp.flatten([list(e) if isinstance(e, sp.MatrixBase) else e for e in expressions])


def minus_square(rate: sp.Expr, values: Mapping[sp.Symbol, sp.Expr], image: sp.Matrix) -> sp.Expr:
    """−|image|², once it is shown to be the rate at these values."""
    squares = -sp.Add(*[e**2 for e in image])
    must_vanish("not a sum of squares", rate.xreplace(values) - squares)
    return squares


class Undefined:
    """An undefined function L(x_1, …): its derivatives, and the names they get once nothing is left to differentiate.

    Parameters
    ----------
    x : sequence of Symbol
    value, slope, curvature : str
        Names of L, ∇L and ∇∇L.
    """

    def __init__(self, x: Sequence[sp.Symbol], value: str = "L", slope: str = "g", curvature: str = "H") -> None:
        self.x = tuple(x)
        n = len(self.x)
        self.L = sp.Function(f"{value}_", real=True)(*self.x)
        self.g = column([self.L.diff(z) for z in self.x])
        self.H = self.g.jacobian(self.x)
        self._value, self._slope, self._curvature = sp.Symbol(value, real=True), vector(slope, n), symmetric(curvature, n)

    def named(self, e: sp.Expr) -> sp.Expr:
        """The expression with symbols for L, g_i and H_ij."""
        return e.xreplace(dict(zip(self.H, self._curvature))).xreplace(dict(zip(self.g, self._slope))).xreplace(
            {self.L: self._value})


def along(e: sp.Expr, velocity: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """The rate at which an expression changes when its variables move."""
    return sp.Add(*[sp.diff(e, z) * v for z, v in velocity.items()])


def relaxation(start: Any, rest: Any, tau: Any) -> sp.Expr:
    """The solution x(t) of τ ẋ = rest − x."""
    t, time_constant = sp.symbols("t tau", positive=True)
    state = sp.Function("state")
    path = sp.dsolve(time_constant * state(t).diff(t) - rest + state(t), state(t), ics={state(0): start}).rhs
    return path.xreplace({time_constant: tau, t: symbol("t")})


class Point(dict[sp.Symbol, Any]):
    """Values of symbols, with the network of numbers they come from.

    Parameters
    ----------
    values : mapping
        From a name to a number, a vector or a matrix: the symbols are named as by `vector` and `matrix`.
    of_the_oracle : object
        Whatever the oracle needs, as attributes of ``of``: a `Net`, a state.
    """

    def __init__(self, values: Mapping[str, Any], /, **of_the_oracle: Any) -> None:
        super().__init__({
            symbol(name, *place): number for name, value in values.items() for place, number in np.ndenumerate(array(value))
        })
        self.of = SimpleNamespace(**of_the_oracle)


def at(net: Net, x: Any, of: Mapping[str, Any] | None = None, **more: Any) -> Point:
    """The point of a net in a state: x, b, τ, W, g, H, L, the residual r and the velocity v.

    Parameters
    ----------
    of : mapping, optional
        What the oracle needs beside net and state.
    more : numbers, vectors and matrices
        Further symbols, or other values.
    """
    x = array(x)
    values = {
        "x": x, "b": net.b, "tau": net.tau, "W": net.W, "g": net.activation(x), "H": net.hessian(x),
        "L": net.lagrangian(x), "r": net.drive(x), "v": net.velocity(x),
    }
    return Point(values | more, net=net, x=x, **(of or {}))


def rate_of_energy(p: Any) -> list[Any]:
    """dE/dt at such a point: the numerical slope of the energy along the velocity."""
    return [slope(p.of.net.energy, p.of.x, p.of.net.velocity(p.of.x))]
