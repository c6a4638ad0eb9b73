"""Forms are equal to what they came from, and no longer."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.derive import render
from dammech.derive.averages import GaussianAverage, log2cosh, sech2
from dammech.derive.evaluate import evaluate
from dammech.derive.shortest import on_the_saddle, shortest

a, b, C = sp.symbols("a b C", positive=True)
z = sp.Symbol("z", real=True)
mean, square = GaussianAverage(sp.tanh(a + z), z), GaussianAverage(sech2(a + z), z)
PIECES = [a, b, C, 1 - C, 1 / (1 - C), sp.sqrt(a), sp.log(b), mean, square, mean * square, sp.Integer(2)]
AT = {a: sp.Rational(7, 5), b: sp.Rational(3, 7), C: sp.Rational(2, 9)}


def length(e: sp.Expr) -> int:
    return sum(1 for _ in sp.preorder_traversal(e))


def close(one: sp.Expr, other: sp.Expr) -> bool:
    x, y = (evaluate(e, AT, 30) for e in (one, other))
    return abs(x - y) <= 1e-20 * (1 + abs(x))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.lists(st.sampled_from(PIECES), min_size=1, max_size=3)), min_size=1, max_size=6
    )
)
def test_every_form_is_equal_and_none_is_longer(terms):
    e = sp.Add(*[c * sp.Mul(*factors) for c, factors in terms])
    found = shortest(e)
    assert close(e, found) and length(found) <= length(e)


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (a * C**2 / (1 - C) ** 2 - a * C / (1 - C) ** 2, -a * C / (1 - C)),
        (C * b - b, -b * (1 - C)),
        (a * mean - b * a * mean, a * (1 - b) * mean),
        (
            GaussianAverage(mean.integrand.xreplace({mean.variable: z}) ** 2, z)
            - 2 * GaussianAverage(sp.tanh(a + z) * sech2(a + z), z) + GaussianAverage(sech2(a + z) ** 2, z),
            GaussianAverage((sp.tanh(a + z) - sech2(a + z)) ** 2, z),
        ),
    ],
)  # fmt: skip
def test_forms_that_one_writes_by_hand_are_found(long, short):
    assert length(shortest(long)) <= length(short) and close(shortest(long), short)


def test_arguments_of_functions_stay_as_they_are():
    field = a * b - a + z
    e = GaussianAverage(log2cosh(field), z) * b - b * a
    assert shortest(e).atoms(log2cosh) == e.atoms(log2cosh)


def test_the_entropy_of_hopfields_model_at_zero_temperature_has_two_terms():
    theory = dm.derive(dm.HebbianDAM(order=2)).zero_temperature
    ground, entropy = (shortest(e) for e in on_the_saddle(theory, [theory.expression, theory.entropy]))
    alpha, m = sp.symbols("alpha m", positive=True)
    assert sp.simplify(entropy + alpha / 2 * (sp.log(1 - C) + C / (1 - C))) == 0
    assert sp.simplify(ground - alpha / 2 * (1 - 1 / (1 - C) ** 2) + m**2 / 2) == 0
    assert len(entropy.args) == 2 or len(sp.factor_terms(entropy).args) <= 3


def test_the_outer_replicon_of_broken_symmetry_is_a_mean_square():
    text = render(dm.derive(dm.HebbianDAM(order=3), "1rsb"), "text")
    (line,) = [x for x in text.splitlines() if x.strip().startswith("λ_0 =")][:1]
    assert line.count("⟨") <= 4 and line.count("⟩") == line.count("⟨")
