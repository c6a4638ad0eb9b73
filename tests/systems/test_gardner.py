"""The best couplings: known numbers, finite-size laws, and what the theory says of itself."""

import math

import mpmath as mp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.cli import main
from dammech.equations.law import Law
from dammech.errors import InputError
from dammech.systems.gardner.capacity import load_at, margin_at, one_step
from dammech.systems.gardner.separable import separable
from dammech.systems.gardner.theory import MARGIN, cells, dichotomies, margin, projection

SLOW = ("Load at an overlap", "Capacity", "Replicon", "Replicon at capacity", "Stabilities")


def test_steps():
    assert [s.title for s in margin().steps if s.title not in SLOW and not s.passes()] == []
    assert all(s.passes() for s in projection().steps)
    assert all(s.passes() and s.needs(s.hypotheses[0]) for s in dichotomies().steps)


@pytest.mark.slow
@pytest.mark.parametrize("title", SLOW)
def test_steps_that_take_the_overlap_to_one(title):
    assert next(s for s in margin().steps if s.title == title).passes()


@pytest.mark.parametrize(
    ("kappa", "load"), [(-1, 13.27319984), (0, 2), (0.5, 0.9612050528), (1, 0.5195722296), (2, 0.2002310156)]
)
def test_loads(kappa, load):
    found = dm.capacity(dm.StableMemory(margin=kappa)).points[0]
    assert found.value == pytest.approx(load, abs=1e-8 if kappa < 0 else 1e-10) and found.kind == "load"
    assert found.valid == (kappa >= 0) and (found.why is None) == found.valid
    assert abs(found.value - exact(kappa)) <= max(found.error, 1e-15)


def exact(kappa):
    """1 over the mean of (κ − z)₊², as an integral."""
    with mp.workdps(30):
        edges = [kappa - 30, kappa - 6, kappa - 1, kappa]
        return float(1 / mp.quad(lambda z: mp.npdf(z) * (kappa - z) ** 2, edges))


@pytest.mark.parametrize(
    ("load", "kappa", "support"),
    [
        (0.1, 3.000033901, 0.9986502522),
        (0.25, 1.735577703, 0.9586807343),
        (0.5, 1.034314061, 0.8495053173),
        (1, 0.4706553526, 0.6810565637),
        (1.5, 0.1861081507, 0.5738200249),
    ],
)
def test_margins(load, kappa, support):
    found = dm.capacity(dm.StableMemory(load=load))
    document = found.to_json()["capacity"]
    assert found.value == pytest.approx(kappa, abs=1e-9) and document["kind"] == "margin"
    assert document["support_vectors"] == pytest.approx(support, abs=1e-9)
    assert 0 < document["replicon"] < 1
    if load < 1:
        assert document["pseudo_inverse_margin"] == pytest.approx(math.sqrt(1 / load - 1), rel=1e-14)
        assert document["pseudo_inverse_margin"] < found.value
    else:
        assert "pseudo_inverse_margin" not in document


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-9, 2))
def test_margin_and_load_are_inverse(load):
    assert load_at(margin_at(load)) == pytest.approx(load, rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.floats(-4, 50), st.floats(0.01, 1))
def test_loads_fall_with_the_margin_and_replicons_change_sign_at_zero(kappa, step):
    assert load_at(kappa + step) < load_at(kappa)
    replicon = dm.capacity(dm.StableMemory(margin=kappa)).to_json()["capacity"]["replicon"]
    assert (replicon > 0) == (kappa > 0) or abs(kappa) < 1e-6


@settings(max_examples=6, deadline=None)
@given(st.floats(0.01, 3), st.floats(0.05, 0.95))
def test_a_step_of_large_margin_is_an_attraction_and_agrees_with_mpmath(kappa, m):
    found = one_step(kappa, m)
    assert one_step(kappa + 0.1, m) > found
    with mp.workdps(20):
        assert found == pytest.approx(float(Law(MARGIN, "One step").exact(kappa=kappa, m=m)[0]), abs=1e-9)


def test_separable_labellings():
    """The count of cells of D-dimensional couplings, the polynomials, and the binomial law are one."""
    law = Law("gardner.dichotomies", "Number of separable labellings")
    for points in (4, 6, 9):
        for dimension, polynomial in zip((2, 3, 4), law(P=points)):
            assert cells(points, dimension) == round(float(polynomial))
            assert separable(points, dimension) * 2**points == pytest.approx(cells(points, dimension), rel=1e-12)
    for dimension in (1, 7, 1000):
        assert separable(2 * dimension, dimension) == pytest.approx(0.5, abs=1e-12)
        assert separable(dimension, dimension) == 1.0


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--margin", "x"], "margin='x': must be a number from -5 to 1e+06"),
        (["--margin", "-6"], "margin=-6: must be a number from -5 to 1e+06"),
        (["--margin", "nan"], "margin=nan: must be a number from -5"),
        (["--load", "3"], "load=3: must be a number from 1e-9 to 2"),
        (["--load", "0"], "load=0: must be a finite number > 0"),
        (["--load", "1", "--margin", "0"], "margin=0, load=1: one of them decides the other"),
    ],
)
def test_bad_input_is_one_sentence(flags, sentence, capsys):
    status = main(["capacity", "gardner", *flags])
    told = capsys.readouterr().err
    assert status == 2 and told.count("\n") == 1 and sentence in told


@pytest.mark.parametrize("margin", [True, "1", 1j, [0], math.inf, math.nan, 10**400])
def test_bad_margins(margin):
    with pytest.raises(InputError, match="must be a number from -5 to"):
        dm.StableMemory(margin=margin)
