"""Overlap matrices with symbolic n against explicit ones, traces against enumeration."""

from __future__ import annotations

import itertools

import pytest
import sympy as sp

from dammech.derive import evaluate
from dammech.derive.replicas import (
    at_zero_replicas,
    explicit_configurations,
    independent_spin_mean,
    n,
    replica_symmetric_matrix,
    replicated_trace,
    replicon_curvature,
    replicon_perturbed_matrix,
    replicon_spin_curvature,
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


@pytest.mark.parametrize("replicas", [1, 2, 3])
def test_trace_against_enumeration(replicas):
    a, coupling, z = sp.symbols("a c z", positive=True)
    trace = replicated_trace(a + sp.sqrt(coupling) * z, z, coupling)
    got = evaluate(trace, {a: 0.4, coupling: 0.7, n: replicas}, 15)
    states = explicit_configurations(replicas)
    assert len(states) == 2**replicas
    expected = sum(
        sp.exp(0.4 * sum(s) + 0.7 * sum(x * y for x, y in itertools.combinations(s, 2))) for s in states
    )
    assert got == pytest.approx(float(expected), rel=1e-12)


def test_independent_spins():
    x, y, t = sp.symbols("x y t")
    assert independent_spin_mean((x + y) ** 2, [x, y], t) == 2 + 2 * t**2
    assert sp.expand(independent_spin_mean(x**3 * y, [x, y], t) - t**2) == 0


def test_replicon_of_the_spins_at_zero_replicas():
    """At n = 0 the mean of (1 − tanh²)² is left."""
    a, z = sp.symbols("a z", real=True)
    curvature = replicon_spin_curvature(a + z, z).subs(n, 0).doit()
    from dammech.derive import GaussianAverage, sech2

    assert sp.expand(curvature - GaussianAverage(sech2(a + z) ** 2, z)) == 0
