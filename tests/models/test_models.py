"""Models: what they store, their energies at finite N against literal sums, their noise, what they refuse."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from dammech.declared.interaction import (
    add,
    elementary_symmetric,
    hermite,
    hermite_decomposition,
    multiply,
    parse_polynomial,
    polynomial_of,
    polynomial_text,
    trim,
)
from dammech.errors import InputError
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

MODELS = [
    HebbianDAM(order=2), HebbianDAM(order=2, interaction="power"), HebbianDAM(order=3),
    HebbianDAM(order=3, interaction="power"), HebbianDAM(order=3, interaction="rectified"), HebbianDAM(order=4),
    HebbianDAM(order=4, interaction="power"), HebbianDAM(order=5), HebbianDAM(interaction="y**4 + 2*y**3 - y"),
]


# -- energies at finite N ---------------------------------------------------------------------------------------------


def literal_energy(model, spins):
    """Energy of one pattern by the sums over site indices that define the model."""
    size, p = len(spins), model.order
    if model.interaction == "distinct":
        return -math.factorial(p - 1) / size ** (p - 1) * sum(math.prod(c) for c in itertools.combinations(spins, p))
    y = sum(spins) / math.sqrt(size)
    if model.is_rectified:
        return -(size ** (1 - p / 2)) / p * max(y, 0) ** p
    tuples = [sum(math.prod(t) for t in itertools.product(spins, repeat=k)) / size ** (k / 2) for k in range(p + 1)]
    return -(size ** (1 - p / 2)) / p * sum(float(c) * t for c, t in zip(model.polynomial(), tuples))


@pytest.mark.parametrize("size", [6, 7])
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_energy_of_a_pattern(model, size):
    table = model.pattern_energy(size)
    for up in range(size + 1):
        spins = [1] * up + [-1] * (size - up)
        assert table[up] == pytest.approx(literal_energy(model, spins), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_mean_energy_is_that_of_fair_signs(model):
    size = 8
    mean = np.mean([model.pattern_energy(size)[sum(x > 0 for x in s)] for s in itertools.product((-1, 1), repeat=size)])
    assert model.mean_pattern_energy(size) == pytest.approx(mean, abs=1e-13)


@pytest.mark.parametrize("model", [m for m in MODELS if m.order > 2], ids=str)
def test_retrieved_pattern(model):
    """−N m^p/p at leading order in N."""
    size = 4000
    assert model.pattern_energy(size)[size] / size == pytest.approx(-1 / model.order, rel=0.05)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_symbolic_hamiltonian_holds_the_same_energy(model):
    equation = model.hamiltonian()
    size = 10
    total = sp.Symbol("total")
    summand = -equation.rhs.replace(sp.Sum, lambda f, *limits: f)
    (indexed,) = summand.atoms(sp.Indexed)
    for up in (10, 7, 4):
        value = summand.xreplace({indexed: total}).subs({sp.Symbol("N", positive=True): size, total: 2 * up - size})
        assert float(-value) == pytest.approx(model.pattern_energy(size)[up], rel=1e-12, abs=1e-13)
    assert "$" in model._repr_latex_()


def test_number_of_patterns():
    assert HebbianDAM(order=3).patterns_for(0.1, 30) == 90
    assert HebbianDAM(order=2).patterns_for(0.138, 100) == 14


# -- Hermite ----------------------------------------------------------------------------------------------------------

fractions = st.fractions(min_value=-5, max_value=5, max_denominator=9)
polynomials = st.lists(fractions, min_size=1, max_size=7)


@given(polynomials)
def test_hermite_decomposition_adds_up(coefficients):
    total = [Fraction(0)]
    for k, c in enumerate(hermite_decomposition(coefficients)):
        total = add(total, [c * x for x in hermite(k)])
    assert trim(total) == trim([*coefficients])


@given(polynomials)
def test_hermite_norm_is_the_variance(coefficients):
    """Parseval: E[G²] = Σ c_k² k!."""
    square = multiply(coefficients, coefficients)
    moments = [0 if k % 2 else math.factorial(k) // (2 ** (k // 2) * math.factorial(k // 2)) for k in range(len(square))]
    direct = sum(c * x for c, x in zip(square, moments))
    assert direct == sum(c**2 * math.factorial(k) for k, c in enumerate(hermite_decomposition(coefficients)))


def test_hermite_polynomials():
    x = sp.Symbol("x")
    for k in range(8):
        known = sp.Poly(2 ** sp.Rational(-k, 2) * sp.hermite(k, x / sp.sqrt(2)), x)
        expected = [sp.nsimplify(c) for c in reversed(known.all_coeffs())]
        assert [sp.Rational(c.numerator, c.denominator) for c in hermite(k)] == expected


@pytest.mark.parametrize("size", [5, 8])
def test_elementary_symmetric(size):
    for order in range(1, 6):
        coefficients = elementary_symmetric(order, size)
        for up in range(size + 1):
            spins = [1] * up + [-1] * (size - up)
            total = sum(c * Fraction(2 * up - size) ** k for k, c in enumerate(coefficients))
            assert total == sum(math.prod(c) for c in itertools.combinations(spins, order))


# -- noise ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "strength"),
    [
        (HebbianDAM(order=3), 2), (HebbianDAM(order=4), 6), (HebbianDAM(order=3, interaction="power"), 3),
        (HebbianDAM(order=4, interaction="power"), 15), (HebbianDAM(order=3, interaction="rectified"), Fraction(3, 2)),
        (HebbianDAM(order=6, interaction="power"), 945),
    ],
    ids=str,
)
def test_noise_strength(model, strength):
    """(p − 1)! for distinct indices, (2p − 3)!! for powers, half of it when rectified."""
    q = sp.Symbol("q", positive=True)
    assert model.noise_strength == strength
    assert sp.limit(sp.diff(model.covariance(q), q), q, 1, "-") == sp.Rational(strength)


def test_pure_and_mixed():
    q = sp.Symbol("q")
    assert HebbianDAM(order=4).is_pure and not HebbianDAM(order=4, interaction="power").is_pure
    assert HebbianDAM(interaction="y**3 - 3*y").is_pure
    assert sp.expand(HebbianDAM(order=3, interaction="power").covariance(q)) == sp.Rational(2, 3) * q**3 + q
    assert PSpin(order=3).covariance(q) == q**3 / 2


def test_covariance_of_the_rectified_power_by_sampling():
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((2, 400_000))
    overlap = 0.6
    y = overlap * x + math.sqrt(1 - overlap**2) * y
    products = np.maximum(x, 0) ** 3 * np.maximum(y, 0) ** 3
    q = sp.Symbol("q", positive=True)
    mean = 9 * float(HebbianDAM(order=3, interaction="rectified").covariance(q).subs(q, sp.Rational(3, 5)))
    mean += float(np.mean(np.maximum(x, 0) ** 3)) ** 2
    assert abs(products.mean() - mean) < 5 * products.std() / math.sqrt(x.size)


# -- parser -----------------------------------------------------------------------------------------------------------


@given(polynomials.filter(lambda c: any(c[1:])))
def test_text_round_trip(coefficients):
    assert parse_polynomial(polynomial_text(trim([*coefficients]))) == trim([*coefficients])


@given(st.lists(st.integers(-6, 6), min_size=2, max_size=6).filter(lambda c: any(c[1:])), st.sampled_from("yxt"))
def test_parser_agrees_with_sympy(coefficients, name):
    text = " + ".join(f"({c})*{name}**{k}" for k, c in enumerate(coefficients))
    assert parse_polynomial(text) == polynomial_of(sp.sympify(text)) == trim([Fraction(c) for c in coefficients])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y^3", [0, 0, 0, 1]), ("(y + 1)**2 * y", [0, 1, 2, 1]), ("-y**3 + +y", [0, 1, 0, -1]),
        ("y**3/2 + 0.25", [Fraction(1, 4), 0, 0, Fraction(1, 2)]), ("  y**3 ", [0, 0, 0, 1]),
    ],
)
def test_parser(text, expected):
    assert parse_polynomial(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "y**", "y**0.5", "y**(-1)", "x*y", "sin(y)", "y**65", "1/y", "3", "y/0", "__import__('os')", "y**y", "1j*y",
        "y if y else 1", "(y+1)**64", "((y**64)**64)**64", "y**3+1e308*y", "y**3+1e400*y", "y**3+((1/3)**64)**64*y",
        "9**9**9*y+y**3", "polylog(2,y)", "lambertw(y)", "y**3+nan*y", "y**21", "y**3 - 1000000000001*y", "(" * 5000,
        "+".join(["y"] * 20000),
    ],
)
def test_parser_refuses(text):
    with pytest.raises(InputError, match="interaction=") as refusal:
        parse_polynomial(text)
    assert len(str(refusal.value)) < 400


def test_polynomials_from_sympy():
    y = sp.Symbol("y")
    model = HebbianDAM(interaction=y**4 + 2 * y**3 - y)
    assert model == HebbianDAM(interaction="y**4 + 2*y**3 - y") == HebbianDAM(interaction="y^4+2*y^3-y")
    assert model.order == 4 and hash(model) == hash(HebbianDAM(interaction="2*y**3 + y**4 - y"))
    for bad in (y**3 + sp.Symbol("x"), sp.sin(y), sp.Integer(3), y**3 + sp.I * y, y**3 + sp.oo * y, sp.nan * y,
                ((y**64) ** 64) ** 64, (y + 1) ** 64, y**3 + sp.Float("1e400") * y, sp.polylog(2, y), 1 / y, [y], 3):
        with pytest.raises(InputError):
            HebbianDAM(interaction=bad)


# -- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"order": 1}, "order=1"), ({"order": 2.5}, "order=2.5"), ({"order": "3"}, "order='3'"),
        ({"order": True}, "order=True"), ({}, "order is missing"), ({"order": 0}, "at least 2"),
        ({"order": 3, "interaction": "cubic"}, "interaction="), ({"order": 4, "interaction": "y**3"}, "does not match"),
        ({"interaction": "y**2"}, "degree 3 or more"), ({"interaction": "2*y**3"}, "leading term"),
        ({"order": 3, "interaction": None}, "interaction="), ({"order": 65}, "at most 64"), ({"order": 10**400}, "at most"),
        ({"order": 11, "interaction": "rectified"}, "at most 10 with interaction='rectified'"),
    ],
)
def test_models_refuse(arguments, message):
    with pytest.raises(InputError, match=message) as refusal:
        HebbianDAM(**arguments)
    assert len(str(refusal.value)) < 400


def test_the_largest_models_are_allowed():
    assert HebbianDAM(order=64).p == HebbianDAM(order=64, interaction="power").p == PSpin(64).p == 64
    assert HebbianDAM(order=10, interaction="rectified").p == 10
    model = HebbianDAM(interaction="(y + 0.123456789012345)**20 - 1000000000000*y")
    assert model.p == 20 and HebbianDAM(interaction=model.interaction) == model
    for order in (65, 10**9, 10**400):
        with pytest.raises(InputError, match=r"order=.*at most 64"):
            PSpin(order)


@pytest.mark.parametrize("order", [1, 2.5, "2", None, False])
def test_glass_refuses(order):
    with pytest.raises(InputError, match="order="):
        PSpin(order=order)


def test_orders_from_numpy_are_integers():
    assert HebbianDAM(order=np.int64(3)) == HebbianDAM(order=3)
    assert type(HebbianDAM(order=np.int64(3)).order) is int


@pytest.mark.parametrize("model", [HebbianDAM(2, "power"), HebbianDAM(3), HebbianDAM(4)], ids=str)
def test_the_printed_hamiltonian_is_the_sum_over_all_patterns(model):
    import sympy as sp

    size, totals = 6, [2, -4, 6]
    alpha = sp.Rational(len(totals), size ** (model.p - 1))
    values = {"N": size, "alpha": alpha}
    H = model.hamiltonian().rhs
    H = H.subs({s: values[s.name] for s in H.free_symbols if s.name in values}).doit()
    M = sp.IndexedBase("M")
    number = float(H.subs({M[k + 1]: total for k, total in enumerate(totals)}))
    table = model.pattern_energy(size)
    assert number == pytest.approx(sum(table[(total + size) // 2] for total in totals), rel=1e-12)
