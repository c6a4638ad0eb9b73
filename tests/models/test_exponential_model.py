"""Capacities of exponential memories: tables of the literature, exact laws at finite N, and what is refused."""

import json
import math

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner
from scipy.special import logsumexp

import dammech as dm
from dammech.cli.commands import commands
from dammech.errors import InputError
from dammech.systems.exponential.capacity import edge, error_exponent


def value(**asked):
    return dm.capacity(dm.ExponentialMemory(**asked)).value


@pytest.mark.parametrize(
    ("flip", "one", "all_of_them"),
    [(0, 0.6749972526, 0.3465735903), (0.05, 0.4946319372, 0.2473159686), (0.1, 0.3680642072, 0.1840321036),
     (0.2, 0.1927447570, 0.09637237851), (0.4, 0.02013551355, 0.01006775678)],
)  # fmt: skip
def test_signs(flip, one, all_of_them):
    found = dm.capacity(dm.ExponentialMemory(rule="sign", flip=flip))
    assert abs(found.value - one) < 1e-10
    assert found.points[0].criterion == "typical" and found.points[0].kind == "exponent"
    assert abs(value(rule="sign", flip=flip, criterion="all") - all_of_them) < 1e-10


@pytest.mark.parametrize(
    ("sigma", "shannon", "dot", "manhattan"),
    [(0.5, 0.8047189562, 0.4, 0.75737332), (1, 0.3465735903, 0.25, 0.30696861), (2, 0.1115717757, 0.1, 0.08944429)],
)
def test_similarities_under_noise(sigma, shannon, dot, manhattan):
    known = {"euclidean": shannon, "cosine": shannon, "dot": dot, "manhattan": manhattan, "-abs(xi - x)": manhattan}
    for similarity, expected in known.items():
        found = value(patterns="gaussian", similarity=similarity, noise=sigma, beta=math.inf)
        assert abs(found - expected) < (1e-8 if expected == manhattan else 1e-10)


@pytest.mark.parametrize(
    ("masked", "dot", "cosine", "euclid", "manhattan"),
    [(0.25, 0.375, 0.69314718, 0.60653872, 1.22328308), (0.5, 0.25, 0.34657359, 0.23358001, 0.47360068),
     (0.9, 0.05, 0.05268026, 0.00949650, 0.01765461)],
)  # fmt: skip
def test_similarities_under_a_mask(masked, dot, cosine, euclid, manhattan):
    for similarity, known in (("dot", dot), ("cosine", cosine), ("euclidean", euclid), ("manhattan", manhattan)):
        assert abs(value(patterns="gaussian", similarity=similarity, mask=masked, beta=math.inf) - known) < 1e-8


@pytest.mark.parametrize("beta", [0.5, 1, 3])
def test_a_kernel_density_and_a_continuous_threshold(beta):
    """Distances of N(0, 1) patterns that are queries of themselves: ½ log(1 + β) + β/(2(1 + β))."""
    found = value(patterns="gaussian", similarity="euclidean", beta=beta)
    assert abs(found - math.log(1 + beta) / 2 - beta / (2 * (1 + beta))) < 1e-12


@pytest.mark.parametrize(
    ("asked", "known", "digit"),
    [
        ({"rule": "sign", "flip": 0.1, "size": 20}, 0.3145, 1e-4),
        ({"rule": "sign", "flip": 0.1, "size": 20, "criterion": "all"}, 0.1572, 1e-4),
        ({"rule": "sign", "flip": 0.2, "size": 30}, 0.1861, 1e-4),
        ({"rule": "sign", "flip": 0.2, "size": 30, "criterion": "all"}, 0.0930, 1e-4),
        ({"patterns": "spherical", "beta": 0.5, "size": 20}, 0.38629, 1e-5),
        ({"patterns": "spherical", "beta": 0.5, "size": 36}, 0.38660, 1e-5),
        ({"patterns": "spherical", "beta": 1, "overlap": 0.9, "size": 24}, 0.5193, 1e-4),
        ({"patterns": "spherical", "beta": 3, "overlap": 0.5, "size": 60}, 0.17389, 1e-5),
        ({"patterns": "gaussian", "beta": math.inf, "size": 40, "criterion": "all"}, 0.19928, 1e-5),
        ({"patterns": "gaussian", "beta": math.inf, "size": 400, "criterion": "all"}, 0.17729, 1e-5),
    ],
)
def test_exact_laws_at_a_size(asked, known, digit):
    assert abs(value(**asked) - known) <= digit


@pytest.mark.parametrize("asked", [
    {"flip": 0.2, "beta": 2}, {"patterns": "spherical", "overlap": 0.7, "beta": 3},
    {"patterns": "spherical", "overlap": 0.7, "beta": 0.5}, {"patterns": "gaussian", "overlap": 0.6, "beta": 2},
    {"patterns": "gaussian", "similarity": "euclidean", "noise": 0.5, "beta": math.inf, "criterion": "all"},
])  # fmt: skip
def test_exact_laws_tend_to_the_threshold(asked):
    limit = value(**asked)
    gaps = [abs(value(**asked, size=size) - limit) for size in (50, 200, 500)]
    assert gaps[2] < 0.01 and (gaps[2] < gaps[1] < gaps[0] or gaps[0] < 1e-3)


def test_below_condensation_independent_components_have_no_law_of_their_own_at_a_size():
    """The mean weight factorises: βm − log cosh β at the nearest number of flips, whatever the similarity of signs is called."""
    known = 0.4 * 0.5 - math.log(math.cosh(0.4))
    for similarity in ("dot", "euclidean", "manhattan"):
        assert abs(value(similarity=similarity, beta=0.4, flip=0.26, size=8) - known) < 1e-14
    assert abs(value(patterns="gaussian", beta=0.4, overlap=0.5, size=30) - 0.12) < 1e-14
    one, other = (value(patterns="spherical", similarity=k, beta=0.4, overlap=0.8, size=30) for k in ("dot", "euclidean"))
    assert one == other


@pytest.mark.parametrize(("patterns", "load", "beta", "known"), [
    ("gaussian", 0.2, 1, 0.6324555), ("spherical", 0.2, 1, 0.5741776), ("binary", 0.2, 1, 0.6103457),
    ("gaussian", 0.3, 2, 0.7745967), ("spherical", 0.3, 2, 0.6717056), ("binary", 0.3, 2, 0.7328279),
])  # fmt: skip
def test_edges_of_basins(patterns, load, beta, known):
    assert abs(edge(dm.ExponentialMemory(patterns=patterns, beta=beta), load) - known) < 1e-7


def test_an_edge_that_is_not_there_is_told():
    with pytest.raises(InputError, match=r"load=0\.9: is above the threshold"):
        edge(dm.ExponentialMemory(), 0.9)


@pytest.mark.slow
def test_a_mean_that_is_infinite_is_told():
    found = dm.capacity(dm.ExponentialMemory("gaussian", "cosh(xi*x/5)", math.inf, noise=1.0))
    assert found.value == 0 and "is infinite" in found.why


@pytest.mark.parametrize(("beta", "load"), [(0.4, 0.1), (0.4, 0.02), (2.0, 0.1), (1.0, 0.3)])
def test_weights_of_wrong_patterns_fall_exponentially(beta, load):
    """Gaussian patterns: βρ − β²/2 − α where the noise has not condensed, βρ − β√(2α) where it has."""
    rho, condensed = 0.9, math.sqrt(2 * load) < beta
    known = beta * rho - (beta * math.sqrt(2 * load) if condensed else beta**2 / 2 + load)
    assert abs(error_exponent(dm.ExponentialMemory("gaussian", beta=beta, overlap=rho), load) - known) < 1e-8


def test_a_weight_that_does_not_fall_is_told():
    with pytest.raises(InputError, match=r"load=0\.6: is above the threshold"):
        error_exponent(dm.ExponentialMemory("gaussian"), 0.6)
    with pytest.raises(InputError, match="weights are those of softmax"):
        error_exponent(dm.ExponentialMemory(rule="sign"), 0.1)


def test_the_command_prints_one_document():
    ran = CliRunner().invoke(commands, ["capacity", "exponential", "--flip", "0.1", "--rule", "sign", "--json"])
    document = json.loads(ran.output)
    assert document["capacity"]["value"] == pytest.approx(0.3680642072, abs=1e-10)
    assert document["capacity"]["condensed"] and document["model"]["flip"] == 0.1
    assert set(document["capacity"]) >= {
        "kind", "value", "unit", "error", "criterion", "errors", "steps", "formula", "valid", "source", "status", "why"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("similarity", "known"), [("-abs(x - xi)**3", 0.331125199), ("tanh(xi*x)", 0.217326269), ("-(x - xi)**4", 0.303014906)]
)
def test_similarities_of_ones_own(similarity, known):
    """Each against a sum over fine grids of query and wrong pattern, and the whole curve G(s) against mpmath."""
    asked = dm.ExponentialMemory("gaussian", similarity, math.inf, noise=1.0)
    found = dm.capacity(asked).points[0]
    assert abs(found.value - known) < 1e-9 and found.error < 1e-12
    assert abs(found.value - _on_grids(similarity, found.others["condensation"])) < 2e-5


def _on_grids(similarity, s):
    function = sp.lambdify(sp.symbols("xi x"), sp.sympify(similarity))
    grid = np.linspace(-9, 9, 3001)
    weight = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi) * (grid[1] - grid[0])
    query = grid[::3] * math.sqrt(2)
    exponent = s * function(grid[None, :], query[:, None])
    noise = (logsumexp(exponent, axis=1, b=weight) * weight[::3] * 3).sum()
    signal = (function(grid[:, None], grid[:, None] + grid[None, :]) * weight[:, None] * weight[None, :]).sum()
    return s * signal - noise


@pytest.mark.parametrize(
    ("radius", "known", "threshold"),
    [(1, 0.07429194, 0.6225719), (2, 0.1883245, 1.2243567), (3, 0.2863206, 1.6124976), (10, 0.6742025, 2.8038351)],
)
def test_a_theorem_is_a_safe_bound(radius, known, threshold):
    found = dm.capacity(dm.ExponentialMemory("spherical", beta=radius**2)).points[0]
    assert abs(found.others["proven"] - known) < 1e-7 and abs(found.value - threshold) < 1e-7
    assert found.others["proven"] < found.value / 2


def test_flags_of_several_systems_say_whose_they_are():
    words = " ".join(CliRunner().invoke(commands, ["capacity", "--help"]).output.split())
    assert "exponential: N, for half of the trials" in words and "polynomial: N, for the number of patterns" in words


def test_no_bound_is_no_number():
    found = dm.capacity(dm.ExponentialMemory(patterns="spherical", beta=math.inf))
    assert math.isnan(found.value) and found.status == "no-state" and "without bound" in found.why


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"patterns": "ternary"}, "patterns='ternary': must be one of"),
        ({"similarity": "hamming(xi)"}, "similarity='hamming"),
        ({"similarity": "xi*y"}, "similarity='xi*y': y has no value; known are xi, x"),
        ({"similarity": "__import__('os')"}, "is not an expression that can be read"),
        ({"beta": 0}, "beta=0: must be a number from 1e-06 to 1e+06, or inf"),
        ({"beta": math.nan}, "beta=nan: must be"),
        ({"flip": 0.7}, "flip=0.7: must be a number from 0 to 0.5"),
        ({"mask": 1}, "mask=1: must be a number from 0 to below 1"),
        ({"overlap": 0.4, "noise": 1}, "overlap and noise: only one"),
        ({"rule": "sign", "patterns": "gaussian"}, "rule='sign': takes binary patterns"),
        ({"size": 0}, "size=0: must be an integer of at least 2"),
        ({"flip": 0.1, "beta": 3, "size": 5000}, "size=5000: e^(αN) is beyond 1e+300 patterns"),
        ({"patterns": "gaussian", "noise": 1, "size": 20}, "size=20: no exact law is known"),
        (
            {"patterns": "gaussian", "similarity": "cosine", "noise": 1, "criterion": "all"},
            "criterion='all': with the cosine",
        ),
    ],
)
def test_what_is_refused(asked, words):
    with pytest.raises(InputError) as caught:
        dm.capacity(dm.ExponentialMemory(**asked))
    assert words in str(caught.value)
