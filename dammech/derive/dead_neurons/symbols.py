"""Networks of symbols: states, weights, and a Lagrangian of which nothing is known but the names of its derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.dead_neurons.concrete import Net


def vector(name: str, n: int, **assumptions: Any) -> tuple[sp.Symbol, ...]:
    """name_1 … name_n, real."""
    return tuple(sp.Symbol(f"{name}_{i + 1}", real=True, **assumptions) for i in range(n))


def matrix(name: str, rows: int, columns: int | None = None) -> sp.Matrix:
    """Matrix of the real symbols name_ij."""
    return sp.Matrix(rows, columns or rows, lambda i, j: sp.Symbol(f"{name}_{i + 1}{j + 1}", real=True))


def symmetric(name: str, n: int) -> sp.Matrix:
    """The same with name_ij = name_ji."""
    return sp.Matrix(n, n, lambda i, j: sp.Symbol(f"{name}_{min(i, j) + 1}{max(i, j) + 1}", real=True))


def column(entries: Sequence[Any]) -> sp.Matrix:
    """A column vector."""
    return sp.Matrix(list(entries))


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


class Point(dict[sp.Symbol, Any]):
    """Values of symbols, with the network of numbers they come from.

    Parameters
    ----------
    values : mapping
        From a name to a number, a vector or a matrix: the symbols are named as by `vector` and `matrix`.
    net : object
        Whatever the oracle needs: a `Net`, a state.
    """

    def __init__(self, values: Mapping[str, Any], **of_the_oracle: Any) -> None:
        super().__init__()
        for name, value in values.items():
            if isinstance(value, mp.matrix):
                value = value.tolist() if value.cols > 1 else list(value)
            if not isinstance(value, list | tuple):
                self[sp.Symbol(name, real=True)] = value
            elif value and isinstance(value[0], list | tuple):
                for i, row in enumerate(value):
                    for j, entry in enumerate(row):
                        self[sp.Symbol(f"{name}_{i + 1}{j + 1}", real=True)] = entry
            else:
                for i, entry in enumerate(value):
                    self[sp.Symbol(f"{name}_{i + 1}", real=True)] = entry
        self.of = of_the_oracle


def at(net: Net, x: Sequence[Any], **more: Any) -> Point:
    """The point of a net in a state: x, b, τ, W, g, H, L, the residual r and the velocity v."""
    with mp.workdps(60):
        x = [mp.mpf(z) for z in x]
        values = {
            "x": x, "b": net.b, "tau": net.tau, "W": net.W, "g": net.activation(x), "H": net.hessian(x),
            "L": net.lagrangian(x), "r": net.drive(x), "v": net.velocity(x), **more,
        }
    return Point(values, net=net, x=x)
