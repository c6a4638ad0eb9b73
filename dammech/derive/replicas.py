"""Replica overlap matrices with a symbolic number of replicas, and traces over replicated spins.

A matrix is known by its entries with their counts and its eigenvalues with their multiplicities; the explicit matrix at
an integer n is only for checks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp

#: number of replicas
n = sp.Symbol("n", real=True)


@dataclass(frozen=True)
class OverlapMatrix:
    """A symmetric matrix Q_ab of overlaps, n × n with symbolic n.

    Attributes
    ----------
    entries : sequence of (value, count)
        The distinct entries, diagonal included, and how many ordered pairs (a, b) hold each.
    eigenvalues : sequence of (value, multiplicity)
    explicit : callable
        The matrix itself at an integer number of replicas, for checks.
    """

    entries: Sequence[tuple[sp.Expr, sp.Expr]]
    eigenvalues: Sequence[tuple[sp.Expr, sp.Expr]]
    explicit: Callable[[int], sp.Matrix]

    def sum_of(self, function: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
        """Σ_ab function(Q_ab) over ordered pairs, diagonal included."""
        return sp.Add(*[count * function(value) for value, count in self.entries])

    def trace_of(self, function: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
        """Tr function(Q) through the eigenvalues."""
        return sp.Add(*[times * function(value) for value, times in self.eigenvalues])


def replica_symmetric_matrix(q: sp.Expr, norm: sp.Expr = sp.S.One) -> OverlapMatrix:
    """Q_ab = q for a ≠ b."""
    return OverlapMatrix(
        entries=[(norm, n), (q, n * (n - 1))],
        eigenvalues=[(norm - q, n - 1), (norm - q + n * q, sp.Integer(1))],
        explicit=lambda k: sp.Matrix(k, k, lambda a, b: norm if a == b else q),
    )


#: signs of a direction in replica space whose rows sum to zero, on four marked replicas: it lies in the replicon space
_REPLICON = {(0, 1): 1, (2, 3): 1, (0, 2): -1, (1, 3): -1}


def replicon_perturbed_matrix(q: sp.Expr, step: sp.Expr, norm: sp.Expr = sp.S.One) -> OverlapMatrix:
    """The replica-symmetric matrix moved by ``step`` along a replicon direction of four marked replicas."""
    one = sp.Integer(1)

    def explicit(k: int) -> sp.Matrix:
        matrix = sp.Matrix(k, k, lambda a, b: norm if a == b else q)
        for (a, b), sign in _REPLICON.items():
            matrix[a, b] += sign * step
            matrix[b, a] += sign * step
        return matrix

    return OverlapMatrix(
        entries=[(norm, n), (q + step, sp.Integer(4)), (q - step, sp.Integer(4)), (q, n * (n - 1) - 8)],
        eigenvalues=[
            (norm - q, n - 3), (norm - q + 2 * step, one), (norm - q - 2 * step, one), (norm - q + n * q, one),
        ],
        explicit=explicit,
    )


def replicon_curvature(
    functional: Callable[[OverlapMatrix], sp.Expr], q: sp.Expr, norm: sp.Expr = sp.S.One
) -> sp.Expr:
    """Second derivative of a functional of Q in the replicon direction, per unit norm Σ_{a<b} η_ab² = 4."""
    step = sp.Symbol("epsilon", real=True)
    along = functional(replicon_perturbed_matrix(q, step, norm))
    return sp.simplify(sp.diff(along, step, 2).subs(step, 0) / 4)


def at_zero_replicas(expression: sp.Expr) -> sp.Expr:
    """∂/∂n at n = 0 of a functional that vanishes there: the replica limit of (1/n) × functional."""
    return sp.diff(expression, n).subs(n, 0).doit()
