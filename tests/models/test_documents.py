"""Whole documents of Lagrangians: every entry of what ``dammech hessian`` says, for all routes by which it is found."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from dammech.models import Lagrangian


@functools.cache
def document_of(text, size):
    return Lagrangian(text, size).analysis()


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
    document = document_of(text, size)
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
    "silu": ("isolated points: g is not one-to-one", 0, "0", True, None, False, None),
    "tanh": ("the point x alone", 0, "0", True, True, False, None),
    "2*x": ("the whole space", 3, "D", False, True, False, None),
}  # fmt: skip


@pytest.mark.parametrize("name", FLATS)
def test_the_flat_region_in_full(name):
    names = ("geometry", "dimension", "dimension_is", "compact", "convex", "cone", "verified")
    document = document_of(name, 3)
    assert document["flat"] == dict(zip(names, FLATS[name]))


@pytest.mark.parametrize(
    ("name", "rank", "rank_is", "null_space"),
    [
        ("softmax", 2, "2", [[1.0, 1.0, 1.0]]),
        ("layernorm", 1, "1", [[1.0, 1.0, 1.0], ["x1", "x2", "x3"]]),
        ("spherical", 2, "2", [["x1", "x2", "x3"]]),
        ("relu", 3, "number of alive neurons", []),
        ("sparsemax", 2, "number of alive neurons - 1", [[1.0, 1.0, 1.0]]),
        ("tanh", 3, "3", []),
        ("2*x", 0, "0", np.eye(3).tolist()),
        ("S(x)**2/2", 1, "1", [[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]]),
    ],
)
def test_ranks_and_null_spaces_in_full(name, rank, rank_is, null_space):
    document = document_of(name, 3)
    assert (document["rank"], document["rank_is"], document["null_space"]) == (rank, rank_is, null_space)


@pytest.mark.parametrize(
    ("name", "convex", "decided"),
    [
        ("softmax", True, "symbolically"), ("layernorm", True, "symbolically"), ("spherical", True, "symbolically"),
        ("relu", True, "symbolically"), ("tanh", True, "symbolically"), ("hard-tanh", True, "symbolically"),
        ("silu", False, "by a state with a negative eigenvalue"), ("sparsemax", True, "numerically, at 400 random states"),
        ("-x**2/2", False, "by a state with a negative eigenvalue"),
        ("x**3/3", False, "by a state with a negative eigenvalue"),
        ("S(x**2)/2 - 1e-6*S(x)**2", True, "numerically, at 400 random states"),
        ("S(x**2)/2 - S(x)**2/2", False, "by a state with a negative eigenvalue"),
    ],
)  # fmt: skip
def test_convexity_and_how_it_is_known(name, convex, decided):
    document = document_of(name, 3)
    assert (document["convex"], document["decided"]) == (convex, decided)


@pytest.mark.parametrize(
    ("name", "kinks", "singular"),
    [
        ("relu", [(0.0, 0.0, 1.0)], []),
        ("hard-tanh", [(-1.0, 0.0, 1.0), (1.0, 1.0, 0.0)], []),
        ("soft-threshold", [(-1.0, 1.0, 0.0), (1.0, 0.0, 1.0)], []),
        ("tanh", [], []),
        ("layernorm", [], [("all fields equal", 2)]),
        ("spherical", [], [("x = 0", 3)]),
        ("sqrt(S(x**2) + 1)", [], []),
        ("S(x**2)**2", [], []),
    ],
)
def test_kinks_and_singular_sets_in_full(name, kinks, singular):
    document = document_of(name, 3)
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
    assert document_of(name, 3)["dead"]["why"] == why


def test_what_a_dead_neuron_sends():
    dead = Lagrangian("hard-tanh", 3).analysis()["dead"]
    assert dead["neuron"] == [
        {"interval": [None, -1.0], "activation": "-1"},
        {"interval": [1.0, None], "activation": "1"},
    ]
    assert dead["vector"] == "e_i" and dead["collective"] == []
    assert Lagrangian("2*x", 3).analysis()["dead"]["condition"] == "always"
    assert (
        Lagrangian("tanh", 9).analysis()["written_for"] == 6
        and len(Lagrangian("tanh", 9).analysis()["activation"]) == 6
    )


@pytest.mark.parametrize(
    ("text", "below", "above"),
    [
        ("Piecewise((x**2/2, x < 0), (2*log(cosh(x)), True))", 1.0, 2.0),
        ("Piecewise((log(1 + exp(x)), x < 0), (x/2 + log(2) + x**2, True))", 0.25, 2.0),
        ("Piecewise((log(cosh(x)), x < 1), ((x - 1)**2 + tanh(1)*(x - 1) + log(cosh(1)), True))", 1 / np.cosh(1.0) ** 2, 2.0),
    ],
)
def test_slopes_at_a_kink_between_functions_that_are_guarded(text, below, above):
    (kink,) = Lagrangian(text, 2).analysis()["kinks"]
    assert (kink["below"], kink["above"]) == pytest.approx((below, above), rel=1e-12)
