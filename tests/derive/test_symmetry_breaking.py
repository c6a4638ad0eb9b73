"""Broken replica symmetry: hierarchical matrices, limits that must hold, and derivations that pass their own checks."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from dammech.derive import derive, evaluate, log2cosh, normal, run_checks
from dammech.derive.averages import averages
from dammech.derive.broken_limits import equal_overlaps, one_level_less, splitting_growth, unit_size
from dammech.derive.broken_oracles import State, noise
from dammech.derive.covariance import alpha, explicit
from dammech.derive.functional import T, m
from dammech.derive.hierarchy import block_eigenvalues, block_free_energy, hierarchical_matrix, levels, perturbed_matrix
from dammech.derive.replicas import n, replica_symmetric_matrix
from dammech.derive.symmetry_breaking import BrokenTheory, ZeroTemperature, replica_symmetry_breaking
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

HOPFIELD, DENSE, GLASS = HebbianDAM(order=2), HebbianDAM(order=3), PSpin(order=3)
POWER = HebbianDAM(order=4, interaction="power")
OVERLAPS = [sp.Rational(v) for v in ("0.21", "0.43", "0.64", "0.83")]
SIZES = {0: (), 1: (3,), 2: (6, 2), 3: (12, 6, 2)}


def numbers(matrix):
    return np.array(matrix.tolist(), dtype=float)


def dressed(t, point):
    """The point with the widths and the strength of the local field."""
    fields = {s: evaluate(explicit(e, t.model), point, 30) for s, e in t.with_order_parameters.items()}
    return {**point, **fields}


def at(t, q, sizes, temperature="1.1", order="0.83", load="0.2"):
    values = {**dict(zip(t.q, q)), **dict(zip(t.sizes, sizes)), T: temperature}
    if t.hebbian:
        values |= {m: order, alpha: load}
    return {k: mp.mpf(v) for k, v in values.items()}


# -- matrices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_entries_and_eigenvalues(k):
    sizes = [sp.Integer(x) for x in SIZES[k]]
    matrix = hierarchical_matrix(OVERLAPS[: k + 1], sizes)
    explicit_matrix = numbers(matrix.explicit(12))
    counted = [float(x) for x, times in matrix.entries for _ in range(int(times.subs(n, 12)))]
    np.testing.assert_allclose(np.sort(counted), np.sort(explicit_matrix.ravel()))
    spectrum = [float(x.subs(n, 12)) for x, times in matrix.eigenvalues for _ in range(int(times.subs(n, 12)))]
    np.testing.assert_allclose(np.sort(spectrum), np.linalg.eigvalsh(explicit_matrix), atol=1e-12)


def test_no_level_is_replica_symmetry():
    mine, known = hierarchical_matrix([OVERLAPS[0]], []), replica_symmetric_matrix(OVERLAPS[0])
    assert mine.explicit(5) == known.explicit(5)
    for f in (lambda e: e**3, sp.log):
        assert sp.simplify(mine.sum_of(f) - known.sum_of(f)) == 0
        assert sp.simplify(mine.trace_of(f) - known.trace_of(f)) == 0


@pytest.mark.parametrize(("k", "level", "sizes", "replicas"), [
    (1, 0, (2,), 8), (1, 1, (4,), 8), (2, 0, (4, 2), 16), (2, 1, (8, 2), 16), (2, 2, (8, 4), 8),
])
def test_perturbed_matrix(k, level, sizes, replicas):
    """Entries and eigenvalues along a replicon direction, against the matrix itself."""
    step = sp.Rational(1, 20)
    moved = perturbed_matrix(OVERLAPS[: k + 1], [sp.Integer(x) for x in sizes], level, step)
    size = (*sizes, 1)[level]
    matrix = numbers(hierarchical_matrix(OVERLAPS[: k + 1], sizes).explicit(replicas))
    for (a, b), sign in {(0, 1): 1, (2, 3): 1, (0, 2): -1, (1, 3): -1}.items():
        for i, j in ((a, b), (b, a)):
            matrix[i * size:(i + 1) * size, j * size:(j + 1) * size] += sign * float(step)
    counted = [float(x) for x, times in moved.entries for _ in range(int(sp.sympify(times).subs(n, replicas)))]
    np.testing.assert_allclose(np.sort(counted), np.sort(matrix.ravel()))
    found = [(x, times) for x, times in moved.eigenvalues if sp.sympify(times).subs(n, replicas) != 0]
    trace = sum(float(x.subs(n, replicas)) ** 3 * int(sp.sympify(times).subs(n, replicas)) for x, times in found)
    assert trace == pytest.approx(np.trace(np.linalg.matrix_power(matrix, 3)))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_log_determinant(k):
    """p = 2: W of the matrix itself, of its eigenvalues, and by the recursion over blocks."""
    t = BrokenTheory(HOPFIELD, k)
    sizes, temperature, load = SIZES[k], 12.5, 0.34
    matrix = numbers(hierarchical_matrix(OVERLAPS[: k + 1], sizes).explicit(12))
    _, determinant = np.linalg.slogdet(np.eye(12) - matrix / temperature)
    direct = -load / 2 * determinant - load * 12 / (2 * temperature)
    values = {**dict(zip(t.q, OVERLAPS)), **dict(zip(t.sizes, sizes)), n: 12, T: temperature, alpha: load}
    assert evaluate(explicit(t.noise, HOPFIELD), values, 15) == pytest.approx(direct, abs=1e-13)
    s = State(mp.mpf(temperature), 0, tuple(mp.mpf(str(float(x))) for x in OVERLAPS[: k + 1]), sizes)
    assert float(noise(HOPFIELD, t.parts, s, mp.mpf(12))) == pytest.approx(direct, abs=1e-13)


def test_names_of_levels():
    assert [s.name for s in levels(1, "theta", 1)] == ["theta"]
    assert [s.name for s in levels(2, "theta", 1)] == ["theta1", "theta2"]
    assert [s.name for s in BrokenTheory(DENSE, 1).unknowns] == ["m", "q0", "q1", "theta"]
    assert [s.name for s in ZeroTemperature(BrokenTheory(GLASS, 2)).unknowns] == ["q0", "q1", "C", "y1", "y2"]


def test_block_of_one_spin_is_the_spin():
    h, z = sp.symbols("h z", real=True)
    assert block_free_energy(h, [z], [], 0) == log2cosh(h)
    assert block_eigenvalues(OVERLAPS[:1], []) == [1 - OVERLAPS[0]]


# -- limits, symbolically ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [HOPFIELD, DENSE, GLASS, POWER], ids=str)
def test_no_level_of_the_theory_is_the_replica_symmetric_theory(model):
    """The k-step code at k = 0."""
    t, rs = BrokenTheory(model, 0), derive(model).free_energy
    point = at(t, ["0.61"], [])
    q = next(x for x in rs.order_parameters if x.name == "q")
    mine, known = dressed(t, point), {**point, q: point[t.q[0]]}
    for a, b in ((t.inserted(t.free_energy), rs.expression), (t.replicons[0], rs.replicon)):
        assert abs(evaluate(explicit(a, model), mine) - evaluate(b, known)) < 1e-26
    for a, b in zip(t.equations, rs.saddle_equations):
        assert abs(evaluate(explicit(a, model), mine) - evaluate(b, known)) < 1e-26


@pytest.mark.parametrize("model", [HOPFIELD, DENSE, POWER], ids=str)
@pytest.mark.parametrize("limit", [equal_overlaps, unit_size])
def test_limits_are_identities(model, limit):
    """Not at points: the limit of f is the replica-symmetric f, expression for expression."""
    t, rs = BrokenTheory(model, 1), derive(model).free_energy
    q = next(x for x in rs.order_parameters if x.name == "q")
    fields = {s: explicit(e, model) for s, e in t.with_order_parameters.items()}
    fields[t.spreads[0]] = sp.sqrt(sp.factor(sp.simplify((fields[t.spreads[0]] ** 2).subs(t.q[1], t.q[0]))))
    f, *equations = (normal(e.xreplace(fields)).xreplace({t.q[0]: q}) for e in limit(t))
    for mine, known in zip((f, *equations), (rs.expression, *rs.saddle_equations)):
        for e in (mine, known):
            assert len(averages(e)) == 1
        nodes = {averages(mine)[0]: sp.Symbol("E"), averages(known)[0]: sp.Symbol("E")}
        assert sp.simplify(sp.expand_log(mine.xreplace(nodes) - known.xreplace(nodes), force=True)) == 0
        a, b = (e.xreplace({q: sp.Rational(1, 2), T: sp.Rational(3, 2), m: sp.Rational(2, 3), alpha: sp.Rational(1, 5)})
                for e in (averages(mine)[0], averages(known)[0]))
        assert abs(evaluate(a, {}) - evaluate(b, {})) < 1e-26


@pytest.mark.parametrize("model", [HOPFIELD, DENSE, GLASS], ids=str)
def test_growth_of_a_splitting_does_not_know_the_block_size(model):
    t = BrokenTheory(model, 1)
    assert not splitting_growth(t).has(*t.sizes, t.q[1], t.spreads[1])


def test_glass_at_unit_size_obeys_the_planted_state():
    """θ = 1, q_0 = 0: the equation for q_1 is that of a planted state, by the Nishimori condition of the planted one."""
    planted = derive(GLASS).planted
    step = next(s for s in derive(GLASS, "1rsb").steps if "θ = 1" in s.title and "states" in s.title)
    t = BrokenTheory(GLASS, 1)
    for q1, temperature in (("0.64", "0.6"), ("0.3", "0.9")):
        point = {T: mp.mpf(temperature), t.q[1]: mp.mpf(q1), t.q[0]: mp.mpf(0)}
        spread = mp.sqrt(mp.mpf(3) / 2 * mp.mpf(q1) ** 2) / mp.mpf(temperature)
        mine = evaluate(step.expressions[0], {**point, t.spreads[0]: 0.0, t.spreads[1]: spread}, 15)
        (equation,), (q,) = planted.saddle_equations, planted.order_parameters
        assert mine == pytest.approx(float(evaluate(equation, {q: mp.mpf(q1), T: mp.mpf(temperature)})), abs=1e-13)


# -- derivations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [
    HOPFIELD, DENSE, GLASS,
    *[pytest.param(x, marks=pytest.mark.slow) for x in (
        POWER, HebbianDAM(order=2, interaction="power"), HebbianDAM(order=3, interaction="power"), HebbianDAM(order=5),
        HebbianDAM(order=3, interaction="rectified"), HebbianDAM(interaction="y**4 + 2*y**3 - y"), PSpin(order=2),
    )],
], ids=str)
def test_one_step_checks_pass(model):
    records = run_checks(derive(model, "1rsb"))
    assert [r["title"] for r in records if not r["passed"]] == []


def test_the_theory_with_one_level_less_is_in_the_symbols_of_its_own_levels():
    less = one_level_less(BrokenTheory(GLASS, 2))[0]
    one = derive(GLASS, "1rsb").free_energy
    known = {"q0": 0.36, "q1": 0.58, "q2": 0.79, "theta": 0.37, "theta1": 0.37, "theta2": 0.68, "T": 1.3}
    found, wanted = (
        evaluate(e, {s: known[s.name] for s in e.free_symbols}) for e in (less, one.expression.xreplace(one.definitions))
    )
    assert {s.name for s in less.free_symbols} == {"q0", "q1", "theta1", "T"} and found == pytest.approx(wanted, rel=1e-20)


@pytest.mark.slow
@pytest.mark.parametrize("model", [HOPFIELD, DENSE, GLASS], ids=str)
def test_two_step_checks_pass(model):
    records = run_checks(derive(model, "2rsb"))
    assert [r["title"] for r in records if not r["passed"]] == []


def test_steps_are_made_when_looked_at():
    derivation = replica_symmetry_breaking(GLASS, 1)
    assert derivation.steps._made is None
    assert derivation.free_energy.definitions and derivation.steps._made is None
    assert len(derivation.steps) == len(list(derivation.steps)) and derivation.steps._made is not None


def test_entropy_is_the_slope_of_f_at_a_saddle_point():
    """At the static one-step state of the p = 3 glass at T = 0.5: residuals, f, and s against df/dT along the branch."""
    theory = derive(GLASS, "1rsb").free_energy
    t = BrokenTheory(GLASS, 1)
    unknowns = [x for x in theory.order_parameters if x != t.q[0]]

    def values(x, temperature):
        point = {t.q[0]: 0.0, T: temperature, **dict(zip(unknowns, x))}
        spread = math.sqrt(1.5 * x[0] ** 2) / temperature
        return {**point, t.spreads[0]: 0.0, t.spreads[1]: spread}

    def solved(temperature):
        x = np.array([0.893101427, 0.709947948])
        for _ in range(30):
            def residual(y):
                at_y = values(y, temperature)
                return np.array([evaluate(theory.saddle_equations[k], at_y, 15) for k in (1, 2)])

            r = residual(x)
            jacobian = np.array([(residual(x + d) - residual(x - d)) / 2e-6 for d in 1e-6 * np.eye(2)]).T
            x = x - np.linalg.solve(jacobian, r)
            if np.abs(r).max() < 1e-13:
                break
        return x

    x = solved(0.5)
    np.testing.assert_allclose(x, [0.893101427, 0.709947948], atol=1e-8)
    f = {d: evaluate(theory.expression, values(solved(0.5 + d), 0.5 + d), 15) for d in (-2e-3, -1e-3, 0, 1e-3, 2e-3)}
    assert f[0] == pytest.approx(-0.8231361420, abs=1e-9)
    slope = (8 * (f[1e-3] - f[-1e-3]) - (f[2e-3] - f[-2e-3])) / 12e-3
    assert evaluate(theory.entropy, values(x, 0.5), 15) == pytest.approx(-slope, abs=1e-9)
    assert abs(evaluate(theory.observables["complexity"], values(x, 0.5), 15)) < 1e-11
    assert evaluate(theory.observables["replicon_q1"], values(x, 0.5), 15) > 0


# -- written down -----------------------------------------------------------------------------------------------------


def test_written_down():
    derivation = derive(HOPFIELD, "1rsb")
    text, markdown, latex = (derivation.render(form) for form in ("text", "md", "latex"))
    for raw in ("TiltedAverage", "LogMeanExp", "GaussianAverage", "theta", "Covariance", "zeta", "Dummy"):
        assert raw not in text
    assert "one-step broken replica symmetry" in text.splitlines()[0]
    assert "0 = F_q_1 = q_1 - 1 + ⟨⟨sech²(h) | ε⟩₁⟩₀" in text and "with ε = θ·log2cosh(h)" in text
    assert "with Δ_0 = " in text and "h = a + s_0·z_0 + s_1·z_1" in text
    mean = r"\left\langle \tanh(h) \,\middle|\, \varepsilon \right\rangle_{z_{1}}^{2}"
    assert rf"\left\langle {mean} \right\rangle_{{z_{{0}}}}" in markdown
    assert not any(ord(c) > 127 for c in latex) and latex.count("{") == latex.count("}")
    assert latex.count(r"\left") - latex.count(r"\leftarrow") == latex.count(r"\right") - latex.count(r"\rightarrow")
