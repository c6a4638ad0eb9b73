"""Whole documents of Lagrangians: every entry of what ``dammech hessian`` says, for all routes by which it is found."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from dammech.systems.lagrangian.model import Lagrangian, primitives
from dammech.systems.lagrangian.model.analysis import flat_region

SEEN = "numerically, at random states"
UNASKED = "SymPy was not asked to take L apart; a state's own null space is numerical"


def own(convex, decided, rank, rank_is, null_space, dimension):
    """What is said of a Lagrangian written out in x1, …, xD."""
    return {
        "convex": convex, "decided": decided, "rank": rank, "rank_is": rank_is, "null_space": null_space,
        "dead": {"condition": None, "neuron": [], "collective": [str(v) for v in null_space], "why": UNASKED},
        "flat": {"geometry": None, "dimension": dimension, "compact": None, "convex": None, "why": "not decided symbolically"},
        "conserved": [], "lost": [], "kinks": [], "singular": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "size", "said"),
    [
        ("x1**2/2 + x1*x2 + x2**2/2", 2, own(True, "symbolically", 1, "1", [[-1.0, 1.0]], 1)),
        ("(x1+x2+x3)**4/4", 3, own(True, "symbolically", 1, "1", [[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]], 2)),
        ("x1**4/4 + x2**2/2", 2, own(True, "symbolically", 2, "2", [], 0)),
        ("log(exp(x1)+exp(x2))", 2, own(True, "symbolically", 1, "1", [[1.0, 1.0]], 1)),
        ("x1**2/2 - x2**2/2", 2, own(False, "symbolically", 2, "2", [], 0)),
        ("1e-8*x1**2/2 + x2**2/2", 2, own(True, "symbolically", 2, "2", [], 0)),
        ("Max(x1,0)**2/2 + x2**2/2", 2, own(True, SEEN, 2, "between 1 and 2 at 400 random states", [], 0)),
        ("Max(x1+x2,0)**2/2", 2, own(True, SEEN, 1, "between 0 and 1 at 400 random states", [], 1)),
        ("Max(x1,0)**2/2 + 1e-8*x2**2", 2, own(True, SEEN, 2, "between 1 and 2 at 400 random states", [], 0)),
        ("Max(x1,0)**2/2 - Max(x2,0)**2/2 + x3", 3, own(False, SEEN, 2, "between 0 and 2 at 400 random states", [], 1)),
        ("Piecewise((x1**2/2, x1<0), (x1**2, True)) + x2**2/2", 2, own(True, SEEN, 2, "2", [], 0)),
    ],
)  # fmt: skip
def test_a_lagrangian_of_ones_own(text, size, said):
    document = Lagrangian(text, size).analysis()
    assert {name: document[name] for name in said} == said
    assert document["dim"] == document["written_for"] == size and document["separable"] is False


def test_a_null_vector_that_depends_on_the_state_is_written_out():
    """L = |x|: the direction x has no curvature."""
    document = Lagrangian("sqrt(x1**2 + x2**2)", 2).analysis()
    assert (
        document["rank"] == 1 and document["decided"] == "symbolically" and document["null_space"] == [["x1/x2", 1.0]]
    )


FLATS = {
    "softmax": ("the line x + s (1, ..., 1), s real", 1, "1", False, True, False, "symbolically"),
    "layernorm": ("the half-plane a (x - mean) + s (1, ..., 1), a > 0, s real", 2, "2", False, True, True, "symbolically"),
    "spherical": ("the ray a x, a > 0", 1, "1", False, True, True, "symbolically"),
    "relu": ("product of the interval x_i <= 0 of every neuron in it", 0, "number of dead neurons", False, True, False, None),
    "soft-threshold": (
        "product of the interval -1 <= x_i <= 1 of every neuron in it", 0, "number of dead neurons", True, True, False, None,
    ),
    "hard-tanh": (
        "product of the interval x_i <= -1 of every neuron in it or the interval x_i >= 1 "
        "of every neuron in it", 0, "number of dead neurons",
        False, True, False, None,
    ),
    "sparsemax": (
        "the line x + s (1, ..., 1), s real, and the product of the interval x_i - t <= 0 of every neuron in it", 1,
        "1 + number of dead neurons", False, True, False, "numerically",
    ),
    "sqrt(S((x + 1)**2))": ("the surface through x along u_i = x + 1", 1, "1", False, True, False, None),
    "silu": ("isolated points: g is not one-to-one", 0, "0", True, None, False, None),
    "tanh": ("the point x alone", 0, "0", True, True, False, None),
    "2*x": ("the whole space", 3, "D", False, True, False, None),
}  # fmt: skip


RANKS = [
    ("softmax", 2, "2", [[1.0, 1.0, 1.0]]),
    ("layernorm", 1, "1", [[1.0, 1.0, 1.0], ["x1", "x2", "x3"]]),
    ("spherical", 2, "2", [["x1", "x2", "x3"]]),
    ("relu", 3, "number of alive neurons", []),
    ("sparsemax", 2, "number of alive neurons - 1", [[1.0, 1.0, 1.0]]),
    ("tanh", 3, "3", []),
    ("2*x", 0, "0", np.eye(3).tolist()),
    ("S(x)**2/2", 1, "1", [[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]]),
]
CONVEX = [
    ("softmax", True, "symbolically"),
    ("layernorm", True, "symbolically"),
    ("spherical", True, "symbolically"),
    ("relu", True, "symbolically"),
    ("tanh", True, "symbolically"),
    ("hard-tanh", True, "symbolically"),
    ("silu", False, "by a state with a negative eigenvalue"),
    ("sparsemax", True, "numerically, at 400 random states"),
    ("-x**2/2", False, "by a state with a negative eigenvalue"),
    ("x**3/3", False, "by a state with a negative eigenvalue"),
    ("S(x**2)/2 - 1e-6*S(x)**2", True, "numerically, at 400 random states"),
    ("S(x**2)/2 - S(x)**2/2", False, "by a state with a negative eigenvalue"),
]
KINKS = [
    ("relu", [(0.0, 0.0, 1.0)], []),
    ("hard-tanh", [(-1.0, 0.0, 1.0), (1.0, 1.0, 0.0)], []),
    ("soft-threshold", [(-1.0, 1.0, 0.0), (1.0, 0.0, 1.0)], []),
    ("tanh", [], []),
    ("layernorm", [], [("all fields equal", 2)]),
    ("spherical", [], [("x = 0", 3)]),
    ("sqrt(S(x**2) + 1)", [], []),
    ("S(x**2)**2", [], []),
]
NAMES = dict.fromkeys([*FLATS, *(row[0] for row in (*RANKS, *CONVEX, *KINKS))])


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_of_a_document(name):
    document = Lagrangian(name, 3).analysis()
    if name in FLATS:
        entries = ("geometry", "dimension", "dimension_is", "compact", "convex", "cone", "verified")
        assert document["flat"] == dict(zip(entries, FLATS[name])) == flat_region(Lagrangian(name, 3))
    for _, rank, rank_is, null_space in (row for row in RANKS if row[0] == name):
        assert (document["rank"], document["rank_is"], document["null_space"]) == (rank, rank_is, null_space)
    for _, convex, decided in (row for row in CONVEX if row[0] == name):
        assert (document["convex"], document["decided"]) == (convex, decided)
    for _, kinks, singular in (row for row in KINKS if row[0] == name):
        assert [(k["field"], k["below"], k["above"]) for k in document["kinks"]] == kinks
        assert [(s["where"], s["codimension"]) for s in document["singular"]] == singular


def test_codimensions_of_a_large_block():
    for size in (2, 5, 6, 9):
        assert Lagrangian("spherical", size).symbolic.singular_sets(size) == [("x = 0", size)]
    for size in (3, 5, 6, 9):
        assert Lagrangian("layernorm", size).symbolic.singular_sets(size) == [("all fields equal", size - 1)]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("tanh", "no neuron is ever dead: the slope vanishes only asymptotically, x_i -> -oo and x_i -> oo"),
        ("silu", "no neuron is ever dead: the slope vanishes only asymptotically, x_i -> -oo"),
        ("identity", "no neuron is ever dead"),
        (
            "Piecewise((x**2/2, x < 0), (log(cosh(x)), True))",
            "no neuron is ever dead: the slope vanishes only asymptotically, x_i -> oo",
        ),
        (
            "Piecewise((log(cosh(x)), x < 0), (x**2/2, True))",
            "no neuron is ever dead: the slope vanishes only asymptotically, x_i -> -oo",
        ),
        ("Piecewise((x**2/4, x < 0), (x**2, True))", "no neuron is ever dead"),
        ("relu", None),
        ("softmax", None),
    ],
)
def test_why_no_neuron_dies(name, why):
    assert Lagrangian(name, 3).analysis()["dead"]["why"] == why


def test_what_a_dead_neuron_sends():
    dead = Lagrangian("hard-tanh", 3).analysis()["dead"]
    assert dead["neuron"] == [
        {"interval": [None, -1.0], "activation": "-1"},
        {"interval": [1.0, None], "activation": "1"},
    ]
    assert dead["vector"] == "e_i" and dead["collective"] == []
    nothing = Lagrangian("2*x", 3).analysis()
    assert nothing["dead"]["condition"] == "always" and nothing["lost"] == ["x_i"]
    assert (
        Lagrangian("tanh", 9).analysis()["written_for"] == 6
        and len(Lagrangian("tanh", 9).analysis()["activation"]) == 6
    )


@pytest.mark.parametrize(
    ("text", "below", "above"),
    [
        ("Piecewise((x**2/2, x < 0), (2*log(cosh(x)), True))", 1.0, 2.0),
        ("Piecewise((log(1 + exp(x)), x < 0), (x/2 + log(2) + x**2, True))", 0.25, 2.0),
        (
            "Piecewise((log(cosh(x)), x < 1), ((x - 1)**2 + tanh(1)*(x - 1) + log(cosh(1)), True))",
            1 / np.cosh(1.0) ** 2,
            2.0,
        ),
    ],
)
def test_slopes_at_a_kink_between_functions_that_are_guarded(text, below, above):
    (kink,) = Lagrangian(text, 2).analysis()["kinks"]
    assert (kink["below"], kink["above"]) == pytest.approx((below, above), rel=1e-12)


@pytest.mark.parametrize("shift", [0.0, -7.5, 3.0])
def test_kinks_of_a_projection_are_where_a_neuron_meets_the_threshold(shift):
    """Three fields of which two share the simplex: t is that of the first two, and the third stands at it."""
    block, x = Lagrangian("sparsemax", 3), np.array([1.0, 0.5, 0.25]) + shift
    assert block.kinks(x, 1e-9).tolist() == [False, False, True]
    assert not block.kinks(x - [0, 0, 0.1], 1e-9).any() and block.kinks(x - [0, 0, 0.1], 0.11).tolist() == [
        False,
        False,
        True,
    ]
    np.testing.assert_allclose(block.numbers.distances(x), [0.75, 0.25, 0.0], atol=1e-14)


@pytest.mark.parametrize("u", [-700.0, -30.0, -1.0, -1e-9, 0.0, 1e-9, 0.5, 1.0, 30.0, 700.0])
def test_guarded_functions_in_many_digits(u):
    """Each against its definition, of numbers and in sympy."""
    with mp.workdps(60):
        known = {
            "softplus": mp.log(1 + mp.exp(u)), "logistic": 1 / (1 + mp.exp(-u)), "logcosh": mp.log(mp.cosh(u)),
            "saturated": mp.tanh(u), "dilogexp": mp.polylog(2, -mp.exp(u)).real,
        }  # fmt: skip
    for name, value in known.items():
        assert float(primitives.NUMERIC[0][name](u)) == pytest.approx(float(value), rel=1e-13, abs=1e-16)
        if abs(u) < 100:
            exact = getattr(primitives, name)(sp.Rational(u)).evalf(30)
            assert float(sp.re(exact)) == pytest.approx(float(value), rel=1e-13, abs=1e-16)
            slope = getattr(primitives, name)(sp.Symbol("u")).diff().subs(sp.Symbol("u"), sp.Rational(u)).evalf(30)
            with mp.workdps(60):
                step = mp.mpf(10) ** -20
                forms = {"softplus": lambda v: mp.log(1 + mp.exp(v)), "logistic": lambda v: 1 / (1 + mp.exp(-v)),
                         "logcosh": lambda v: mp.log(mp.cosh(v)), "saturated": mp.tanh,
                         "dilogexp": lambda v: mp.polylog(2, -mp.exp(v)).real}  # fmt: skip
                wanted = (forms[name](u + step) - forms[name](u - step)) / (2 * step)
            assert float(slope) == pytest.approx(float(wanted), rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("size", ["1", "1000000", "10**9"])
def test_rounding_does_not_bend_a_flat_direction(size):
    """Two of three directions without curvature, whose eigenvalues are rounding of either sign; and one that is bent."""
    flat = f"{size}*(x1 + x2*3/10 - x3*7/10)**2/2"
    assert Lagrangian(flat, 3).analysis()["convex"] is True
    assert Lagrangian(f"{flat} - {size}*x2**2/100000", 3).analysis()["convex"] is False


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3)])
@pytest.mark.parametrize(("text", "count"), [("x1**2/2 + x2*x3", 0), ("Max(x1 - x2, 0)**2/2 + Max(x3, 0)**2/2", 2), ("x1**2", 0)])
def test_states_of_any_shape_have_their_numbers(text, count, shape):
    block, x = Lagrangian(text, 3), np.random.default_rng(0).normal(size=shape)
    found = block.numbers.distances(x)
    assert found.shape == (*shape[:-1], count)
    if count:
        wanted = np.sort(np.abs(np.stack([x[..., 0] - x[..., 1], x[..., 2]], -1)), axis=-1)
        np.testing.assert_allclose(np.sort(np.abs(found), axis=-1), wanted)
    assert block.activation(x).shape == block.kinks(x, 1e-9).shape == shape
    assert block.hessian(x).shape == (*shape, 3) and block.value(x).shape == shape[:-1]
