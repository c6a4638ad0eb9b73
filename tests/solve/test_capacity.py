"""Thresholds of exponential loads: known numbers, mpmath twins, limits; and what a capacity says of itself."""

import math

import mpmath as mp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.derive.loads import SIMILARITIES, ExponentialLoad, norm, queries, sharpness
from dammech.errors import InputError
from dammech.solve.capacity import Threshold
from dammech.solve.extremum import Concave, Greatest, greatest_share


def load_of(patterns, query, similarity):
    components, parameter, fixed = queries(patterns)[query]
    return ExponentialLoad(patterns, components, SIMILARITIES[similarity], (parameter,), fixed), parameter.name


def typical(patterns, query, similarity, value, most=math.inf):
    load, name = load_of(patterns, query, similarity)
    return Concave(load.rate, [sharpness, *[m for m in (norm,) if load.rate.has(m)]]).greatest(most, **{name: value})


def of_all(patterns, query, similarity, value, most=math.inf):
    load, name = load_of(patterns, query, similarity)
    rate = Concave(load.pair_rate, [sharpness, *load.multipliers])
    pairs = greatest_share(lambda eta: rate.greatest(eta=eta, **{name: value}), 1.0)
    rare = greatest_share(lambda eta: rate.greatest(most, eta=eta, **{name: value}))
    return min(pairs.value, rare.value)


@pytest.mark.parametrize(
    ("patterns", "query", "similarity", "value", "known", "digit"),
    [
        ("gaussian", "noise", "euclidean", 0.5, 0.8047189562, 1e-10),
        ("gaussian", "noise", "dot", 2, 0.1, 1e-12),
        ("gaussian", "noise", "manhattan", 0.5, 0.75737332, 1e-8),
        ("gaussian", "noise", "manhattan", 1, 0.30696861, 1e-8),
        ("gaussian", "mask", "manhattan", 0.5, 0.47360068, 1e-8),
        ("gaussian", "mask", "euclidean", 0.9, 0.00949650, 1e-8),
        ("spherical", "overlap", "dot", 0.9, 0.8303656034, 1e-10),
        ("binary", "overlap", "dot", 0.5, 0.13081, 1e-5),
        ("binary", "flip", "dot", 0.2, 0.1927447570, 1e-10),
    ],
)
def test_thresholds_that_are_known(patterns, query, similarity, value, known, digit):
    found = typical(patterns, query, similarity, value)
    assert abs(found.value - known) < digit
    assert found.error < 1e-10


@pytest.mark.parametrize(
    ("sharp", "gaussian", "spherical", "binary"),
    [
        (0.25, 0.21875, 0.2196535627, 0.2190701964),
        (1, 0.5, 0.6225719238, 0.5662191695),
        (5, 0.5, 1.329698185, 0.6931017817),
    ],
)
def test_thresholds_at_a_temperature(sharp, gaussian, spherical, binary):
    for patterns, known in (("gaussian", gaussian), ("spherical", spherical), ("binary", binary)):
        value = 1 if patterns != "spherical" else 1 - 1e-13
        assert abs(typical(patterns, "overlap", "dot", value, sharp).value - known) < 2e-10


@pytest.mark.parametrize(("sharp", "known"), [(0.1, 0.05665007600), (0.5, 0.1527426466), (1, math.log(2) / 4)])
def test_all_gaussian_patterns(sharp, known):
    assert abs(of_all("gaussian", "overlap", "dot", 1, sharp) - known) < 1e-10


def test_all_patterns_where_nothing_fluctuates_is_half_the_pair_exponent_or_the_typical_threshold():
    for sharp in (0.5, 3):
        one, pair = typical("binary", "flip", "dot", 0.1, sharp).value, typical("binary", "flip", "dot", 0.1).value
        assert abs(of_all("binary", "flip", "dot", 0.1, sharp) - min(one, pair / 2)) < 1e-8


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(["gaussian", "spherical"]),
    st.sampled_from(["dot", "euclidean"]),
    st.floats(0.2, 2.0),
    st.floats(0.2, 3.0),
)
def test_value_and_slope_agree_with_mpmath(patterns, similarity, sigma, s):
    load, name = load_of(patterns, "noise", similarity)
    unknowns = [sharpness, *[m for m in (norm,) if load.rate.has(m)]]
    law = Concave(load.rate, unknowns).law
    at = {"s": s, "mu": 0.3, name: sigma}
    at = {k: v for k, v in at.items() if k in law.names}
    with mp.workdps(30):
        exact = law.exact(**at)
    for fast, slow in zip(law(**at), exact, strict=True):
        assert abs(fast - float(slow)) < 1e-12 * (1 + abs(float(slow)))


@pytest.mark.slow
def test_kinks_agree_with_mpmath():
    load, name = load_of("gaussian", "mask", "manhattan")
    law = Concave(load.rate, [sharpness]).law
    with mp.workdps(15):
        exact = law.exact(s=1.7, **{name: 0.4})
    for fast, slow in zip(law(s=1.7, **{name: 0.4}), exact, strict=True):
        assert abs(fast - float(slow)) < 1e-10


def test_the_rate_is_concave_and_continuous_where_it_condenses():
    at = typical("gaussian", "noise", "manhattan", 0.5).at
    values = [
        typical("gaussian", "noise", "manhattan", 0.5, at * x).value
        for x in (0.25, 0.5, 0.75, 1 - 1e-6, 1, 1 + 1e-6, 4)
    ]
    assert values == sorted(values)
    assert abs(values[3] - values[5]) < 1e-11
    first, second, third = values[:3]
    assert second > (first + third) / 2


def test_a_supremum_that_is_approached_and_one_that_is_not_bounded():
    assert abs(typical("binary", "overlap", "dot", 1.0).value - math.log(2)) < 1e-14
    assert typical("spherical", "overlap", "dot", 1.0) == Greatest(math.inf, math.inf, 0.0)


def test_what_a_threshold_says_of_itself():
    found = Threshold("exponent", 0.5, "nats", "α = ρ²/2", "a derivation", "typical", others={"condensed": True})
    assert found.converged and found.errors is None and found.valid
    document = found.to_json()
    assert document["condensed"] and document["value"] == 0.5 and document["status"] == "converged"
    assert Threshold("exponent", math.inf, "nats", "α", "a derivation").status == "no-state"


def test_only_questions_of_capacities_are_answered():
    with pytest.raises(InputError, match="asked=3: must be one of"):
        dm.capacity(3)
