"""Overlap matrices of k-step broken replica symmetry with symbolic block sizes, and traces over spins that they couple.

Replicas sit in blocks of θ₁, these in blocks of θ₂ < θ₁, and so on down to θ_k (block sizes at integer n; θ₁ < … < θ_k
below one after n → 0). Two replicas that share the blocks 1…l but not the block l+1 overlap by q_l. No level (k = 0) is
replica symmetry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import sympy as sp

from dammech.derive.averages import log2cosh
from dammech.derive.replicas import OverlapMatrix, n
from dammech.derive.tilted import LogMeanExp


def levels(steps: int, name: str, first: int = 0, **assumptions: bool) -> tuple[sp.Symbol, ...]:
    """Symbols of one quantity at each level: ``name`` alone where there is only one, else numbered from ``first``."""
    if steps == 1:
        return (sp.Symbol(name, **assumptions),)
    return tuple(sp.Symbol(f"{name}{k}", **assumptions) for k in range(first, first + steps))


def hierarchical_matrix(q: Sequence[sp.Expr], sizes: Sequence[sp.Expr]) -> OverlapMatrix:
    """The overlap matrix with values q_0 … q_k and block sizes θ_1 … θ_k."""
    one = sp.Integer(1)
    widths = [n, *sizes, one]
    entries = [(one, n)] + [(x, n * (widths[j] - widths[j + 1])) for j, x in enumerate(q)]
    ladder = block_eigenvalues(q, sizes)
    eigenvalues = [(ladder[j], n / widths[j + 1] - n / widths[j]) for j in range(len(q))]
    return OverlapMatrix(entries, [*eigenvalues, (ladder[0] + n * q[0], one)], _explicit(q, sizes))


def block_eigenvalues(q: Sequence[sp.Expr], sizes: Sequence[sp.Expr]) -> list[sp.Expr]:
    """D_0 … D_k: D_l is the eigenvalue of Q on vectors that are constant on the blocks l+1 and sum to zero on the block l."""
    found = [1 - q[-1]]
    for j in range(len(q) - 1, 0, -1):
        found.insert(0, found[0] + sizes[j - 1] * (q[j] - q[j - 1]))
    return found


def _explicit(q: Sequence[sp.Expr], sizes: Sequence[sp.Expr]) -> Callable[[int], sp.Matrix]:
    def matrix(replicas: int) -> sp.Matrix:
        def entry(a: int, b: int) -> sp.Expr:
            if a == b:
                return sp.Integer(1)
            shared = 0
            while shared < len(sizes) and a // int(sizes[shared]) == b // int(sizes[shared]):
                shared += 1
            return q[shared]

        return sp.Matrix(replicas, replicas, entry)

    return matrix


def perturbed_matrix(q: Sequence[sp.Expr], sizes: Sequence[sp.Expr], level: int, step: sp.Expr) -> OverlapMatrix:
    """The matrix moved by ``step`` along a replicon direction of level l.

    Of four blocks l+1 in one block l, the overlaps of 1 with 2 and 3 with 4 rise, those of 1 with 3 and 2 with 4 fall.
    """
    plain = hierarchical_matrix(q, sizes)
    size = [*sizes, sp.Integer(1)][level]
    value = block_eigenvalues(q, sizes)[level]
    moved = 4 * size**2
    entries = [(x, count - 2 * moved) if k == level + 1 else (x, count) for k, (x, count) in enumerate(plain.entries)]
    eigenvalues = [(x, times - 2) if k == level else (x, times) for k, (x, times) in enumerate(plain.eigenvalues)]
    return OverlapMatrix(
        [*entries, (q[level] + step, moved), (q[level] - step, moved)],
        [*eigenvalues, (value + 2 * size * step, sp.Integer(1)), (value - 2 * size * step, sp.Integer(1))],
        plain.explicit,
    )


def replicon_noise_curvature(
    functional: Callable[[OverlapMatrix], sp.Expr], q: Sequence[sp.Expr], sizes: Sequence[sp.Expr], level: int
) -> sp.Expr:
    """Second derivative of a functional of Q in the replicon direction of a level, per unit norm Σ_{a<b} η_ab² = 4θ²."""
    step = sp.Symbol("epsilon", real=True)
    along = functional(perturbed_matrix(q, sizes, level, step))
    return sp.simplify(sp.diff(along, step, 2).subs(step, 0) / (4 * [*sizes, sp.Integer(1)][level] ** 2))


def block_free_energy(
    field: sp.Expr, z: Sequence[sp.Symbol], sizes: Sequence[sp.Expr], level: int, spin: Callable[[sp.Expr], sp.Expr] = log2cosh
) -> sp.Expr:
    """log of the partition function of one block l+1 of spins in a field that is fixed down to level l.

    Each square of a level is decoupled by a Gaussian z_l; ``field`` holds them all.
    """
    total = spin(field)
    for j in range(len(sizes), level, -1):
        inside = sizes[j] if j < len(sizes) else sp.Integer(1)
        total = LogMeanExp(sizes[j - 1] / inside * total, z[j])
    return total


def log_trace(field: sp.Expr, z: Sequence[sp.Symbol], sizes: Sequence[sp.Expr], variance: sp.Expr) -> sp.Expr:
    """log Tr exp(a Σ_a σ_a + ½ Σ_{a≠b} q̂_ab σ_a σ_b) over n spins; ``variance`` is the largest q̂."""
    outermost = sizes[0] if sizes else sp.Integer(1)
    return LogMeanExp(n / outermost * block_free_energy(field, z, sizes, 0), z[0]) - n * variance / 2


def replicon_spin_curvature(field: sp.Expr, z: Sequence[sp.Symbol], sizes: Sequence[sp.Expr], level: int) -> sp.Expr:
    """Second derivative of log Tr in the replicon direction of a level, per unit norm, at symbolic n.

    At a fixed field of level l the four blocks are independent, and the mean of (S₁S₂ + S₃S₄ − S₁S₃ − S₂S₄)² over their
    total spins S is 4 times the square of the variance of S, the second derivative of the block's free energy.
    """
    source = sp.Symbol("delta", real=True)
    inside = [*sizes, sp.Integer(1)][level]
    block = block_free_energy(field + source, z, sizes, level)
    weight = block_free_energy(field, z, sizes, level)
    variance = sp.diff(block, source, 2).subs(source, 0)
    curvature = (variance / inside) ** 2
    return reduce(lambda value, j: _outer(value, weight, z, sizes, level, j), range(level, -1, -1), curvature)


def _outer(
    value: sp.Expr, weight: sp.Expr, z: Sequence[sp.Symbol], sizes: Sequence[sp.Expr], level: int, j: int
) -> sp.Expr:
    """One more mean around ``value``, under the weight of the blocks inside level j."""
    from dammech.derive.tilted import TiltedAverage

    around = sizes[j - 1] if j else n
    inside = sizes[j] if j < len(sizes) else sp.Integer(1)
    inner = weight
    for i in range(level, j, -1):
        ratio = sizes[i - 1] / (sizes[i] if i < len(sizes) else sp.Integer(1))
        inner = LogMeanExp(ratio * inner, z[i])
    return TiltedAverage(value, z[j], around / inside * inner)
