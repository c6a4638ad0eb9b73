"""Lagrangians: what SymPy derives from one line of text against finite differences and against what is known of each."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from scipy.optimize import brentq

from dammech.declared.arithmetic import check_text
from dammech.errors import InputError
from dammech.systems.lagrangian.model import LAGRANGIANS, Lagrangian, analysis_of_blocks, blocks_of
from dammech.systems.lagrangian.model.analysis import _fibre_verified
from dammech.systems.lagrangian.model.cells import inside
from dammech.systems.lagrangian.model.primitives import widened

SMOOTH = {"layernorm": {"eps": 0.3, "delta": 0.2, "gamma": 1.5}, "spherical": {"eps": 0.4, "gamma": 2.0}}
OWN = ["log(S(exp(2*x)))/2 + S(x**2)/3", "x1**2/2 + log(cosh(x2 - x3)) + x3**4/4 + x4**2", "log(1 + exp(x)) + x**2/4"]
ALL = [*((name, {}) for name in LAGRANGIANS), *SMOOTH.items(), *((text, {}) for text in OWN), ("repu", {"n": 1.5})]


def states(size=4, count=40):
    return np.random.default_rng(np.random.SeedSequence([size, count])).normal(size=(count, size)) * 1.5


def differences(function, x, step):
    return np.stack([(function(x + step * e) - function(x - step * e)) / (2 * step) for e in np.eye(x.shape[-1])], -1)


@pytest.mark.parametrize(("name", "parameters"), ALL)
def test_activation_and_hessian_are_derivatives(name, parameters):
    block, x = Lagrangian(name, 4, **parameters), states()
    away = ~block.kinks(x, 1e-4).any(-1) if name != "repu" else (np.abs(x) > 0.05).all(-1)
    x = x[away]
    assert len(x) > 10
    np.testing.assert_allclose(block.activation(x), differences(block.value, x, 1e-5), rtol=2e-7, atol=2e-8)
    np.testing.assert_allclose(block.hessian(x), differences(block.activation, x, 1e-5), rtol=2e-7, atol=2e-8)


@pytest.mark.parametrize(("name", "parameters"), ALL)
def test_numbers_and_symbols_agree(name, parameters):
    block = Lagrangian(name, 4, **parameters)
    form = block.symbolic
    fields = sp.symbols("x1:5", real=True)
    x = states()[3]
    values = dict(zip(fields, map(sp.Float, x))) | dict(form.parameters)
    if form.minimised:
        t = sp.Symbol("t", real=True)
        alive = x[block.activation(x) > 0]
        values[t] = sp.Float((alive.sum() - 1) / len(alive))
    g = [complex(sp.N(e.subs(values))).real for e in form.activation(fields)]
    H = [[complex(sp.N(e.subs(values))).real for e in row] for row in form.hessian(fields).tolist()]
    np.testing.assert_allclose(block.activation(x), g, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(block.hessian(x), H, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "parameters", "rank"),
    [
        ("identity", {}, 5), ("relu", {}, 5), ("softmax", {}, 4), ("ghostmax", {}, 5), ("sparsemax", {}, 4),
        ("layernorm", {}, 3), ("layernorm", {"eps": 0.1}, 4), ("spherical", {}, 4), ("spherical", {"eps": 0.1}, 5),
        ("tanh", {}, 5), ("silu", {}, 5), ("log(S(exp(beta*x)))/beta", {"beta": 3}, 4), ("(x1-x2)**2 + x3**4+x4**2+x5**2", {}, 4),
        ("sqrt(S((x + 1)**2))", {}, 4), ("sqrt(S(x**2 + x) + D/4)", {}, 4),
        ("sqrt(S(x**2 + x) + D/3)", {}, 5), ("S((x + 3)**2)**beta", {"beta": 2}, 5),
    ],
)  # fmt: skip
def test_rank(name, parameters, rank):
    block = Lagrangian(name, 5, **parameters)
    document = block.analysis()
    assert document["rank"] == rank
    assert len(document["null_space"]) == 5 - rank
    found = np.linalg.matrix_rank(block.hessian(np.abs(states(5))), tol=1e-9).max()
    assert found <= rank and (name in ("sparsemax",) or found == rank)


@pytest.mark.parametrize(("name", "parameters"), ALL)
def test_null_basis_is_in_the_kernel(name, parameters):
    block = Lagrangian(name, 4, **parameters)
    for x in states(count=12):
        null, H = block.null_basis(x), block.hessian(x)
        assert np.abs(H @ null).max(initial=0) < 1e-13 * max(1, np.abs(H).max())
        np.testing.assert_allclose(null.T @ null, np.eye(null.shape[1]), atol=1e-13)
        rest = np.linalg.eigvalsh(H)
        assert (np.abs(rest) < 1e-12).sum() <= null.shape[1]


@pytest.mark.parametrize(
    ("name", "condition", "compact", "conserved", "lost"),
    [
        ("relu", "x_i < 0", False, [], ["depth of x_i within x_i <= 0"]),
        ("repu", "x_i < 0", False, [], ["depth of x_i within x_i <= 0"]),
        ("rexp", "x_i < 0", False, [], ["depth of x_i within x_i <= 0"]),
        ("hard-tanh", "x_i < -1 or x_i > 1", False, [], ["depth of x_i within x_i <= -1", "depth of x_i within x_i >= 1"]),
        ("soft-threshold", "-1 < x_i < 1", True, [], ["depth of x_i within -1 <= x_i <= 1"]),
        ("softmax", None, False, ["sum of g = 1"], ["mean of x"]),
        ("sparsemax", "x_i - t < 0", False, ["sum of g = 1"], ["depth of x_i - t within x_i - t <= 0", "mean of x"]),
        ("layernorm", None, False, ["sum of g = 0", "sum of g^2 = D*gamma**2"], ["mean of x", "scale of x"]),
        ("spherical", None, False, ["sum of g^2 = gamma**2"], ["scale of x"]),
        ("identity", None, True, [], []), ("tanh", None, True, [], []), ("ghostmax", None, True, [], []),
    ],
)  # fmt: skip
def test_dead_condition_and_flat_region(name, condition, compact, conserved, lost):
    document = Lagrangian(name, 3).analysis()
    assert document["dead"]["condition"] == condition
    assert document["flat"]["compact"] is compact
    assert document["conserved"] == conserved and document["lost"] == lost
    if name in ("softmax", "layernorm", "spherical"):
        assert document["flat"]["verified"] == "symbolically" and document["convex"] is True


def test_conserved_quantities_hold():
    x = states(6)
    assert np.allclose(Lagrangian("layernorm", 6, gamma=1.3, delta=0.4).activation(x).sum(-1), 6 * 0.4)
    assert np.allclose((Lagrangian("layernorm", 6, gamma=1.3, delta=0.4).activation(x) ** 2).sum(-1), 6 * (1.3**2 + 0.4**2))
    assert np.allclose(Lagrangian("softmax", 6, beta=4).activation(x).sum(-1), 1)


def test_silu_is_not_convex_where_its_slope_is_negative():
    block = Lagrangian("silu", 1)
    assert block.convex is False and "negative" in block.analysis()["decided"]
    zero = sp.nsolve(sp.diff(sp.Symbol("x") / (1 + sp.exp(-sp.Symbol("x"))), sp.Symbol("x")), -1.3)
    assert float(zero) == pytest.approx(-1.27846454, abs=1e-8)
    assert block.hessian([float(zero) - 0.01])[0, 0] < 0 < block.hessian([float(zero) + 0.01])[0, 0]


@given(st.lists(st.floats(-30, 30), min_size=3, max_size=6), st.floats(-1e6, 1e6), st.floats(0.01, 50))
def test_softmax_forgets_a_common_shift(fields, shift, beta):
    block, x = Lagrangian("softmax", len(fields), beta=beta), np.array(fields)
    moved = x + shift
    np.testing.assert_allclose(block.activation(moved), block.activation(moved - shift), atol=1e-12 + 1e-14 * beta * abs(shift))
    assert block.activation(moved).sum() == pytest.approx(1)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=5))
def test_nothing_overflows(fields):
    for name in ("tanh", "sigmoid", "softmax", "ghostmax", "silu", "sparsemax", "hard-tanh"):
        block = Lagrangian(name, len(fields))
        for value in (block.value(fields), block.activation(fields), block.hessian(fields)):
            assert np.all(np.isfinite(value)), name


def test_sparsemax_is_the_projection_on_the_simplex():
    block = Lagrangian("sparsemax", 5)
    for x in states(5):
        p = block.activation(x)
        assert p.sum() == pytest.approx(1) and p.min() >= 0
        others = np.random.default_rng(5).dirichlet(np.ones(5), 200)
        assert np.all(((others - x) ** 2).sum(-1) >= ((p - x) ** 2).sum() - 1e-12)
        assert block.value(x) == pytest.approx(p @ x - 0.5 * p @ p)


def test_logarithms_fade_symmetrically():
    block = Lagrangian("sigmoid", 2)
    slopes = np.diag(block.hessian([37.0, -37.0]))
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-12) and slopes[0] > 0


def test_sum_over_blocks():
    document = analysis_of_blocks(blocks_of("relu:2 + spherical:2 + softmax:3"))
    assert document["dim"] == 7 and document["rank"] == 5
    assert document["null_space"] == [[0, 0, "x3", "x4", 0, 0, 0], [0, 0, 0, 0, 1, 1, 1]]
    assert blocks_of("Max(x, 0)**2/2") is None


def test_sides_of_a_kink():
    below, above = Lagrangian("hard-tanh", 3).sides([-1.0, 0.2, 1.0])
    assert below.tolist() == [0, 1, 1] and above.tolist() == [1, 1, 0]
    below, above = Lagrangian("repu", 1, n=1.5).sides([0.0])
    assert below.tolist() == [0] and np.isinf(above[0])
    assert Lagrangian("relu", 2).snapped([1e-12, 1e-3]).tolist() == [0, 1e-3]


@pytest.mark.parametrize(
    ("name", "size", "parameters", "words"),
    [
        ("nonsense", 2, {}, "unknown"), ("relu", 0, {}, "size=0"), ("relu", 2.5, {}, "size=2.5"),
        ("softmax", 3, {"beta": 0}, "beta=0"), ("softmax", 3, {"beta": float("nan")}, "beta=nan"),
        ("relu", 2, {"beta": 1}, "no such parameter"), ("layernorm", 3, {"eps": -1}, "eps=-1"), ("repu", 2, {"n": 1}, "n=1"),
        ("Abs(x)", 2, {}, "jumps from -1 to 1"), ("Max(x, 0)", 2, {}, "jumps from 0 to 1"),
        ("layernorm", 2, {}, "all fields equal"), ("Abs(x1 - x2)", 2, {}, "jumps across a surface"),
        ("spherical", 1, {}, "x = 0"), ("x + z", 2, {}, "z has no value"), ("x**", 2, {}, "can be read"),
        ("S(S(x))", 2, {}, "no sum in a sum"),
        ("S(x**2)*x", 2, {}, "outside of S"), ("3", 2, {}, "depend on x"), ("x3**2", 2, {}, "no field"),
    ],
)  # fmt: skip
def test_refusals(name, size, parameters, words):
    with pytest.raises(InputError, match=words) as refusal:
        Lagrangian(name, size, **parameters)
    assert "\n" not in str(refusal.value)


def test_an_expression_of_sympy_is_one_and_nothing_else_is():
    block = Lagrangian(sp.Symbol("x") ** 4 / 4, 2)
    assert block.name == "x**4/4" and block.activation([2.0, -1.0]).tolist() == [8.0, -1.0]
    for other in (3, None, ["relu"], np.array(["relu", "tanh"])):
        with pytest.raises(InputError, match="must be a name, an expression in x as a text, or a SymPy expression"):
            Lagrangian(other, 2)


def test_a_singular_point_is_named_and_refused_as_a_state():
    block = Lagrangian("spherical", 3)
    assert block.analysis()["singular"] == [{"where": "x = 0", "codimension": 3}]
    with pytest.raises(InputError, match="no finite gradient"):
        block.at([0, 0, 0])
    assert Lagrangian("spherical", 3, eps=0.1).at([0, 0, 0])["rank"] == 3


@pytest.mark.parametrize(
    "text",
    ["__import__('os').getcwd()*x", "x1 + len('abc')", "x1.is_real*x2", "(lambda: x)()", "[x][0]", "9**9**9*x", "x**99999",
     "S(x)**9999", "(S(x**2)**8)**8", "1e400*S(x)", "S(lambertw(x))", "(((x**4)**4)**4)**4", "2**2**3*x**2"],
)
def test_texts_are_data_and_never_run(text):
    with pytest.raises(InputError, match="can be read"):
        Lagrangian(text, 2)


@pytest.mark.parametrize(
    "text", ["99999**30*x**2", "x**2*1e99*9*9", "x**2/99999**64", "x1**2*1e60*1e60 + x2**2", "x1*x2/99999**64"]
)
def test_products_too_large_to_compute_with_are_refused(text):
    with pytest.raises(InputError, match=r"numbers are at most 1e\+100"):
        Lagrangian(text, 2)


@pytest.mark.parametrize(
    ("x", "wide"), [([0.0, 1.0, -3.0], False), ([1e100, -1e-100], False), ([0.0, -1.1e100], True), ([1.0, 9e-101], True)]
)
def test_far_and_tiny_states_are_widened(x, wide):
    assert widened(np.array(x)).dtype == (np.longdouble if wide else float)


@pytest.mark.parametrize(("bound", "known"), [("t", ["sum of g = 1"]), ("t**2/2", [])])
def test_a_smooth_minimum_over_t_by_bisection(bound, known):
    """B(t) + Σ log(1 + e^{x−t}): g = 1/(1 + e^{t−x}) at Σ g = B'(t); and how the Hessian and the conserved sums follow."""
    block = Lagrangian(f"{bound} + S(log(1 + exp(x - t)))", 3)
    rise = (lambda t: 1.0) if bound == "t" else (lambda t: t)
    x = np.array([[0.3, -1.0, 2.0], [-3.0, -2.5, -4.0], [5.0, 4.0, 4.0]])

    def slopes(state):
        t = brentq(lambda t: special.expit(state - t).sum() - rise(t), -20, 20, xtol=1e-14)
        return special.expit(state - t)

    g = np.array([slopes(s) for s in x])
    np.testing.assert_allclose(block.activation(x), g, atol=1e-12)
    for k, state in enumerate(x):
        moved = [(slopes(state + h) - slopes(state - h)) / 2e-5 for h in 1e-5 * np.eye(3)]
        np.testing.assert_allclose(block.hessian(state), moved, atol=1e-8)
        rest = [(block.value(state + h) - block.value(state - h)) / 2e-5 for h in 1e-5 * np.eye(3)]
        np.testing.assert_allclose(rest, g[k], atol=1e-8)
    document = block.analysis()
    assert document["conserved"] == known and document["flat"]["verified"] == ("numerically" if known else None)


def test_what_is_no_flat_direction_is_not_verified():
    block = Lagrangian("spherical", 3, eps=0)
    along, common = [sp.Symbol("x", real=True)], [sp.Integer(1)]
    assert [_fibre_verified(block, block.symbolic, v) for v in (along, common, [])] == ["symbolically", None, None]


def test_a_point_between_two_ends():
    ends = [(-sp.oo, sp.oo), (-sp.oo, 3), (1, sp.oo), (1, 2)]
    assert [inside(sp.sympify(a), sp.sympify(b)) for a, b in ends] == [0, 2, 2, sp.Rational(3, 2)]


def test_powers_of_numbers_are_numbers():
    assert Lagrangian("(2**3)**2*S(x**2)/128", 2).activation([3.0, -1.0]).tolist() == [3.0, -1.0]


@pytest.mark.parametrize(
    "text", ["log(x)", "sqrt(x)", "1/x", "I*x", "sqrt(x)**3", "sign(x)", "Heaviside(x)", "Abs(S(x))", "x1*log(x2)"]
)
def test_without_a_continuous_gradient_everywhere_it_is_refused(text):
    with pytest.raises(InputError):
        Lagrangian(text, 2)


def test_rank_where_the_neurons_meet_in_a_sum_alone():
    found = Lagrangian("S(x)**2/2", 3).analysis()
    assert found["rank"] == 1 and found["decided"] == "symbolically"
    assert np.abs(np.array(found["null_space"]).sum(-1)).max() == 0
    assert Lagrangian("S(x)**4/4", 4).at([1.0, 2.0, 3.0, 4.0])["rank"] == 1
    nothing = Lagrangian("2*x", 3).analysis()
    assert nothing["rank"] == 0 and len(nothing["null_space"]) == nothing["flat"]["dimension"] == 3


def test_rank_with_cases_beside_a_sum():
    block = Lagrangian("S(Max(x, 0)**2)/2 + log(S(exp(x)))", 3)
    assert [block.at(x)["rank"] for x in ([-1.0, -2.0, -3.0], [1.0, -2.0, -3.0], [1.0, 2.0, 3.0])] == [2, 3, 3]
    outside = Lagrangian("Max(S(x), 0)**2/2", 2)
    assert [outside.at(x)["rank"] for x in ([-1.0, 0.5], [1.0, 0.5])] == [0, 1]


@pytest.mark.parametrize("scale", [1e-200, 1e-120, 1e-60, 1e60, 1e120, 1e160, 1e200, 1e300])
@pytest.mark.parametrize("name", sorted(set(LAGRANGIANS) - {"sparsemax", "silu"}))
def test_gradient_at_any_scale_of_the_fields(name, scale):
    """Against the symbolic gradient in arbitrary precision: nothing overflows or vanishes on the way."""
    lagrangian = Lagrangian(name, 3)
    fields = sp.symbols("x1:4", real=True)
    x = [3 * scale, -4 * scale, 0.5 * scale]
    values = {s: sp.Rational(v) for s, v in zip(fields, x)} | lagrangian.symbolic.values
    found = lagrangian.numbers.activation(np.array(x))
    for got, expression in zip(found, lagrangian.symbolic.activation(fields)):
        if scale < 1 and name == "rexp":
            assert abs(got - scale) < 1e-15 + 3 * scale  # a difference from 1
            continue
        if scale > 1e3 and expression.has(sp.exp, sp.tanh, sp.cosh, sp.log):
            continue  # saturated: below
        known = expression.xreplace(values).evalf(30)
        expected = float(known) if abs(known) < 1e308 else math.copysign(math.inf, known)
        assert got == pytest.approx(expected, rel=1e-13, abs=0)
    saturated = {"tanh": [1, -1, 1], "sigmoid": [1, 0, 1], "softmax": [1, 0, 0], "ghostmax": [1, 0, 0]}
    if scale > 1e3 and name in saturated:
        np.testing.assert_allclose(found, saturated[name], atol=1e-15)


@pytest.mark.parametrize("scale", [1e-150, 1e-100, 1.0, 1e100, 1e150, 1e200, 1e300])
@pytest.mark.parametrize("name", ["spherical", "layernorm", "sqrt(x1**2 + x2**2 + x3**2)"])
def test_a_norm_of_any_size(name, scale):
    """Homogeneous of degree one: g(sx) = g(x), H(sx) = H(x)/s, L(sx) = s L(x)."""
    lagrangian, x = Lagrangian(name, 3), np.array([3.0, -4.0, 0.5])
    np.testing.assert_allclose(lagrangian.activation(scale * x), lagrangian.activation(x), rtol=1e-13)
    np.testing.assert_allclose(lagrangian.hessian(scale * x) * scale, lagrangian.hessian(x), rtol=1e-12, atol=1e-16)
    assert lagrangian.value(scale * x) == pytest.approx(scale * lagrangian.value(x), rel=1e-13)


def test_sparsemax_and_silu_of_large_fields():
    for scale in (1e-200, 1e60, 1e160, 1e300):
        winner = Lagrangian("sparsemax", 3).activation(scale * np.array([3.0, -4.0, 0.5]))
        np.testing.assert_allclose(winner, [1, 0, 0] if scale > 1 else [1 / 3] * 3, atol=1e-15)
        swish = Lagrangian("silu", 2).activation(scale * np.array([3.0, -4.0]))
        np.testing.assert_allclose(swish, [3 * scale, 0] if scale > 1 else [1.5 * scale, -2 * scale], rtol=1e-13)
        assert Lagrangian("silu", 1).value(np.array([scale])) == pytest.approx(
            scale**2 / 2 if scale < 1e154 else math.inf, rel=1e-13) if scale > 1 else True


@pytest.mark.parametrize(
    ("name", "x"), [("layernorm", [1.0, 1.0, 1.0]), ("spherical", [0.0, 0.0, 0.0]), ("sqrt(x1**2 + x2**2 + x3**2)", [0.0] * 3)]
)
def test_a_singular_point_is_told(name, x):
    lagrangian = Lagrangian(name, 3)
    with pytest.warns(RuntimeWarning, match=r"has no finite gradient at x = \["):
        assert not np.isfinite(lagrangian.activation([x, [1.0, 2.0, 4.0]])[0]).any()
    with pytest.warns(RuntimeWarning, match=r"has no finite Hessian at x = \["):
        lagrangian.hessian(x)
    assert np.isfinite(lagrangian.activation([1.0, 2.0, 4.0])).all()
    assert np.isfinite(Lagrangian("layernorm", 3, eps=0.1).activation([1.0, 1.0, 1.0])).all()


def test_a_slope_that_is_not_finite_at_a_kink():
    """g = max(x, 0)^{1/2}: above the kink the slope has no bound, and the document says null."""
    kinks = Lagrangian("repu", 2, n=1.5).analysis()["kinks"]
    assert kinks == [{"field": 0.0, "below": 0.0, "above": None}]
    assert Lagrangian("relu", 2).analysis()["kinks"] == [{"field": 0.0, "below": 0.0, "above": 1.0}]
    below, above = Lagrangian("repu", 2, n=1.5).sides(np.zeros(2))
    assert below.tolist() == [0.0, 0.0] and np.isinf(above).all()


def test_kinks_of_an_explicit_lagrangian_from_both_sides():
    block = Lagrangian("Max(x1 - 2*x2, 0)**2/2 + x1**2 + x2**2", 2)
    near = 1e-10 * np.sqrt(5)
    states = np.array([[2.0 + near, 1.0], [2.0 - near, 1.0], [2.0 + 30 * near, 1.0], [2.0 - 30 * near, 1.0], [-5.0, 1.0]])
    assert block.kinks(states, 1e-9).any(-1).tolist() == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-" * 3000 + "x", "nested too deeply"),
        ("x" + "+x" * 100_000, "nested too deeply"),
        ("x +", "invalid syntax"),
        ("(" * 50, "was never closed"),
        ("x**2; x", "invalid syntax"),
    ],
    ids=["signs", "sums", "unfinished", "open", "two"],
)
def test_why_a_text_cannot_be_read(text, reason):
    with pytest.raises(InputError) as caught:
        check_text("lagrangian", text, {"S": None})
    assert str(caught.value).endswith(f"{reason})") and "None" not in str(caught.value)
