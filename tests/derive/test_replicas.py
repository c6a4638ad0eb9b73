"""Overlap matrices with symbolic n against explicit ones, traces against enumeration."""

from __future__ import annotations

import pytest
import sympy as sp

from dammech.derive.replicas import (
    at_zero_replicas,
    n,
    replica_symmetric_matrix,
    replicon_curvature,
    replicon_perturbed_matrix,
)

q, step = sp.symbols("q epsilon", real=True)
MATRICES = {"rs": replica_symmetric_matrix(q), "replicon": replicon_perturbed_matrix(q, step)}


@pytest.mark.parametrize("replicas", [4, 5, 6])
@pytest.mark.parametrize("name", MATRICES)
def test_entries_and_their_counts(name, replicas):
    matrix = MATRICES[name]
    counted = {value: int(count.subs(n, replicas)) for value, count in matrix.entries}
    found: dict = {}
    for entry in matrix.explicit(replicas):
        found[entry] = found.get(entry, 0) + 1
    assert counted == found and sum(counted.values()) == replicas**2
    assert sp.expand(matrix.sum_of(lambda x: x**3).subs(n, replicas) - sum(x**3 for x in matrix.explicit(replicas))) == 0


@pytest.mark.parametrize("replicas", [4, 5])
@pytest.mark.parametrize("name", MATRICES)
def test_eigenvalues_and_their_multiplicities(name, replicas):
    matrix, x = MATRICES[name], sp.Symbol("x")
    product = sp.prod([(x - value.subs(n, replicas)) ** times.subs(n, replicas) for value, times in matrix.eigenvalues])
    assert sp.expand(matrix.explicit(replicas).charpoly(x).as_expr() - product) == 0


def test_matrix_itself():
    assert replica_symmetric_matrix(q).explicit(2) == sp.Matrix([[1, q], [q, 1]])


def test_replica_limit_of_the_log_determinant():
    """log det over n as n → 0: log(1 − q) + q/(1 − q)."""
    inside = sp.Symbol("q", positive=True)
    limit = at_zero_replicas(replica_symmetric_matrix(inside).trace_of(sp.log))
    assert sp.simplify(limit - sp.log(1 - inside) - inside / (1 - inside)) == 0


def test_replicon_curvature_is_the_second_derivative_in_the_direction():
    power = replicon_curvature(lambda matrix: matrix.sum_of(lambda x: x**4), q)
    assert sp.simplify(power - 2 * 12 * q**2) == 0  # each of the pairs counts twice
    soft = replicon_curvature(lambda matrix: matrix.trace_of(sp.log), q)
    assert sp.simplify(soft + 2 / (1 - q) ** 2) == 0
