"""Memories of examples: what may be asked of them, their units, and the numbers of the theory that are known."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dammech as dm
from dammech.errors import InputError
from dammech.systems.examples.model import ExampleDAM

WRONG = [
    (dict(order=1, dataset_entropy=0.1), "order=1: must be an integer of at least 2"),
    (dict(order=3), "examples=None, dataset_entropy=None: give one of them and not both"),
    (dict(order=3, examples=5, dataset_entropy=0.1, quality=0.5), "give one of them and not both"),
    (dict(order=3, examples=5), "quality is missing"),
    (dict(order=3, protocol="unsupervised", dataset_entropy=0.1), "quality is missing"),
    (dict(order=3, protocol="taught", dataset_entropy=0.1), "protocol='taught'"),
    (dict(order=3, quality=0.0, examples=5), "quality=0.0"),
    (dict(order=3, quality=1.5, examples=5), "quality=1.5: must be a number above 0 and at most 1"),
    (dict(order=3, quality=math.nan, examples=5), "quality=nan"),
    (dict(order=3, quality=0.5, examples=0), "examples=0"),
    (dict(order=3, quality=0.5, examples=2.5), "examples=2.5"),
    (dict(order=3, dataset_entropy=-0.1), "dataset_entropy=-0.1"),
    (dict(order=3, quality=0.9, dataset_entropy=0.5), "that of one example of quality=0.9"),
]


@pytest.mark.parametrize("given_, words", WRONG, ids=[words[:30] for _, words in WRONG])
def test_bad_input_is_one_sentence(given_, words):
    with pytest.raises(InputError) as error:
        ExampleDAM(**given_)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_the_exact_law_of_very_many_examples_is_refused():
    with pytest.raises(InputError, match=r"examples=100000000: the law .* give dataset_entropy"):
        dm.solve(ExampleDAM(3, quality=0.5, examples=100_000_000), load=0.01, temperature=0.1)


@given(st.integers(2, 8), st.integers(1, 999).map(lambda k: k / 1000), st.integers(1, 200))
def test_noise_of_both_protocols(p, r, many):
    one, two = (ExampleDAM(p, protocol, quality=r, examples=many) for protocol in ("supervised", "unsupervised"))
    exact = Fraction(str(r))
    assert one.noise_gain == (1 + one.rho) ** p
    assert two.noise_gain == 1 + (1 - exact ** (2 * p)) / (many * exact ** (2 * p))
    if many == 1:
        assert one.noise_gain == two.noise_gain == exact ** (-2 * p)
        assert one.noise_modes == two.noise_modes
    shares, means, _ = zip(*one.site_disorder)
    assert sum(shares) == 1 and sum(s * x for s, x in zip(shares, means)) == 1
    assert sum(s * x**2 for s, x in zip(shares, means)) == 1 + one.rho
    # the diagonal that is dropped: 1/r² of single examples, 1 + ρ of their mean
    assert sum(x * times for x, times in two.noise_modes) == 1 / exact**2
    assert sum(x * times for x, times in one.noise_modes) == 1 + one.rho


def test_examples_are_deeper_than_archetypes_when_they_are_few():
    assert ExampleDAM(4, "unsupervised", quality=0.2, examples=626).example_depth == pytest.approx(1)
    few, many = (ExampleDAM(4, "unsupervised", quality=0.5, examples=k) for k in (16, 18))
    assert few.example_depth > 1 > many.example_depth
    assert ExampleDAM(4, quality=0.5, examples=16).example_depth is None


KNOWN = [  # order, protocol, data, load in the units of the table
    pytest.param(4, "supervised", dict(dataset_entropy=0.05), 0.629817348, marks=pytest.mark.slow),
    (4, "supervised", dict(dataset_entropy=0.1), 0.522313195),
    pytest.param(4, "unsupervised", dict(quality=0.5, dataset_entropy=0.05), 0.145818461, marks=pytest.mark.slow),
    pytest.param(3, "supervised", dict(dataset_entropy=0.1), 0.597392333, marks=pytest.mark.slow),
    pytest.param(2, "supervised", dict(dataset_entropy=0.1), 0.0715412967, marks=pytest.mark.slow),
    (2, "unsupervised", dict(quality=0.5, dataset_entropy=0.1), 0.06456658),
]


@pytest.mark.parametrize("order, protocol, data, load", KNOWN, ids=lambda x: str(x).replace(" ", ""))
def test_capacities_at_zero_temperature(order, protocol, data, load):
    units = "canonical" if order == 2 else "theriault-tantari"
    (end,) = dm.boundary(ExampleDAM(order, protocol, **data), "retrieval-spinodal", temperatures=[0.0], convention=units).points
    assert end["load"] == pytest.approx(load, abs=0.6e-9 if order > 2 else 1e-8)
    if order == 4 and data == dict(dataset_entropy=0.1):
        assert (end["m"], end["n"]) == pytest.approx((0.845123274, 0.886388931), abs=1e-9)


@pytest.mark.slow
def test_a_finite_number_of_examples_and_one_step_of_breaking():
    exact, big = ExampleDAM(4, "unsupervised", quality=0.5, examples=60), ExampleDAM(4, dataset_entropy=0.1)
    ask = dict(temperatures=[0.0], convention="theriault-tantari")
    assert dm.boundary(exact, "retrieval-spinodal", **ask).points[0]["load"] == pytest.approx(0.1461727, abs=1e-7)
    (end,) = dm.boundary(big, "retrieval-spinodal", ansatz="1rsb", **ask).points
    assert end["load"] == pytest.approx(0.744277587, abs=1e-9)
    assert (end["m"], end["n"]) == pytest.approx((0.642799, 0.690342), abs=1e-6)


@pytest.mark.parametrize("order", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_perfect_examples_are_patterns(order):
    hebb = dm.solve(dm.HebbianDAM(order), load=0.05, temperature=0.2)
    for model in (ExampleDAM(order, dataset_entropy=0.0), ExampleDAM(order, "unsupervised", quality=1.0, examples=7)):
        same = dm.solve(model, load=0.05, temperature=0.2)
        assert [same[k] for k in ("m", "q", "free_energy", "replicon")] == pytest.approx(
            [hebb[k] for k in ("m", "q", "free_energy", "replicon")], rel=1e-10)


def test_one_example_needs_no_supervisor():
    one, two = (dm.solve(ExampleDAM(3, protocol, quality=0.8, examples=1), load=0.002, temperature=0.1)
                for protocol in ("supervised", "unsupervised"))  # fmt: skip
    names = ("m", "n", "q", "free_energy", "energy", "replicon")
    assert [one[k] for k in names] == pytest.approx([two[k] for k in names], rel=1e-12)


@pytest.mark.parametrize("order", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_a_single_example_of_each_archetype_is_a_pattern(order):
    """Its memory ends where Hebb's does, at an overlap 1/r that is far above one, and its state is the example."""
    hebb, (one,) = (dm.boundary(model, "retrieval-spinodal", temperatures=[0.0]).points
                    for model in (dm.HebbianDAM(order), ExampleDAM(order, quality=0.4, examples=1)))  # fmt: skip
    (hebb,) = hebb
    assert one["load"] == pytest.approx(hebb["load"], rel=1e-9)
    assert (one["m"], one["n"]) == pytest.approx((0.4 * hebb["m"], hebb["m"] / 0.4), rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("many, load, n", [(2, 0.07313522, 1.21582), (5, 0.06640793, 0.89687)])
def test_few_examples_at_zero_temperature(many, load, n):
    """The maximum over t of t n^{2p−2}/(Γ (p−1)!) with n = ⟨η erf(η/√(2t))⟩, on a fine grid."""
    (end,) = dm.boundary(ExampleDAM(3, quality=0.4, examples=many), "retrieval-spinodal", temperatures=[0.0]).points
    assert end["load"] == pytest.approx(load, abs=1e-8) and end["n"] == pytest.approx(n, abs=1e-4)


def test_units_in_which_the_square_of_examples_is_one():
    model = ExampleDAM(3, dataset_entropy=0.1)
    ours, theirs = (dm.solve(model, load=0.03, temperature=t, convention=units)
                    for t, units in ((0.3, "canonical"), (0.3 / 1.1**1.5, "agliari")))  # fmt: skip
    assert theirs["m"] == pytest.approx(ours["m"], rel=1e-12)
    assert theirs["n"] == pytest.approx(ours["n"] / 1.1, rel=1e-12)
    assert theirs["free_energy"] == pytest.approx(ours["free_energy"] / 1.1**1.5, rel=1e-12)


def test_the_state_of_an_archetype_is_not_called_equilibrium_where_an_example_lies_deeper():
    few, many = (ExampleDAM(3, "unsupervised", quality=0.6, examples=k) for k in (5, 6))
    at = dict(load=0.001, temperature=0.1)
    found = dm.solve(few, **at)
    assert found.branch == "retrieval" and found.equilibrium is None and "until there are 1 + r^−3" in found.equilibrium_why
    assert dm.solve(many, **at).equilibrium is True and dm.solve(replace(few, protocol="supervised"), **at).equilibrium is True
    assert few.branches["retrieval"].undecided == found.equilibrium_why and many.branches["retrieval"].undecided is None
