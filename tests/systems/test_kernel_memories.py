"""Kernel memories: the weights of sectors by brute force, capacities and margins that are known, and the identities."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dammech as dm
from dammech.cli import main
from dammech.equations.law import Law
from dammech.errors import InputError
from dammech.systems.gardner.capacity import margin_at
from dammech.systems.kernel.capacity import basin_edge, certified, margin_of, wrong_bits
from dammech.systems.kernel.sectors import active_for_both, flipped, sectors, values
from dammech.systems.kernel.theory import derivations


def asked(kernel, size=None, **more):
    return dm.KernelMemory(kernel, size, **more)


def test_steps():
    assert [s.title for make in derivations().values() for s in make().steps if not s.passes()] == []


@pytest.mark.parametrize(
    "question",
    [asked("z**2", 7), asked("((1+z)/2)**3", 6), asked("z**3/3 + z/2 + 1", 7), asked("parity", 7, degree=3), asked("exp(z)", 7),
     asked("exponential", 7, radius=0.3), asked("hard-address", 7, radius=2), asked("1/(2-z)", 6), asked("cosh(z)", 7),
     asked("linear", 2)],
    ids=lambda q: f"{q.kernel}",
)  # fmt: skip
def test_weights_are_the_eigenvalues_of_the_kernel(question):
    n, found = question.inputs, sectors(question)
    states = np.array(list(itertools.product((1, -1), repeat=n)))
    gram = values(question)[(n - states @ states.T) // 2]
    known = sorted(
        [float(c) for k, c in found.weights.items() for _ in range(math.comb(n, k))] + [0.0] * (2**n - found.dimension)
    )
    assert np.linalg.eigvalsh(gram) / 2**n == pytest.approx(known, abs=1e-14)
    assert np.linalg.matrix_rank(gram, tol=1e-9) == found.dimension or question.kernel == "exp(z)"
    assert float(sum(found.multiplicities[k] * c for k, c in found.weights.items())) == pytest.approx(1, abs=1e-15)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.fractions(0, 2, max_denominator=9), min_size=2, max_size=6), st.integers(2, 30))
def test_polynomials_with_positive_coefficients_are_kernels(coefficients, size):
    if not any(coefficients):
        return
    text = " + ".join(f"({c})*z**{k}" for k, c in enumerate(coefficients))
    found = sectors(asked(text, size))
    # z^k reaches the products of k, k − 2, … inputs
    reached = {j for k, c in enumerate(coefficients) if c for j in range(k % 2, min(k, size - 1) + 1, 2)}
    assert set(found.weights) == reached and found.exact and all(c > 0 for c in found.weights.values())


@pytest.mark.parametrize(
    ("kernel", "size", "dimension", "value"),
    [("z**2", 15, 92, 184), ("((1+z)/2)**2", 15, 106, 212), ("z**3", 14, 299, 598), ("linear", 101, 100, 200),
     ("sinh(z)", 15, 2**13, 2**13),
     ("exp(z)", 15, 2**14, 2**14), ("exp(-(1-z)/0.1)", 15, 2**14, 2**14), ("(1+z)**2", 12, 67, 134),
     ("(1+z)**2", 100_000, 4_999_950_001, 9_999_900_002)],
)  # fmt: skip
def test_separability(kernel, size, dimension, value):
    found = dm.capacity(asked(kernel, size)).points[0]
    assert (found.kind, found.criterion, found.value) == ("count", "separability", value)
    assert found.others["dimension"] == dimension and found.valid


def test_more_patterns_than_states_are_said():
    found = dm.capacity(asked("z**5", 7)).points[0]
    assert found.others["dimension"] == 32 == found.value
    crowded = dm.capacity(asked("z**3", 7)).points[0]
    assert not crowded.valid and "more than the 32 states" in crowded.why and crowded.value == 52


@pytest.mark.parametrize(
    ("kernel", "size", "known"),
    [("z**2", 15, (0.177695, 0.105453, 0.047851, 0.018900)),
     ("((1+z)/2)**2", 15, (0.116851, 0.061670, 0.026373, 0.010205)),
     ("z**3", 14, (0.095239, 0.055871, 0.025229, 0.009972))],
)  # fmt: skip
def test_margins(kernel, size, known):
    for ratio, kappa in zip((0.25, 0.5, 1, 1.5), known):
        found = dm.capacity(asked(kernel, size, ratio=ratio)).points[0]
        assert found.value == pytest.approx(kappa, abs=1e-6) and found.kind == "margin" and found.error < 1e-12
    beyond = dm.capacity(asked(kernel, size, ratio=2)).points[0]
    assert beyond.value is None and beyond.status == "no-state" and "not below 2D" in beyond.why


def test_margin_by_another_route():
    """The maximum over directions in two sectors on a grid, each by bisection of the condition as it stands."""
    found, count = sectors(asked("z**2", 15)), 46
    many, weights = found.arrays()
    best = -math.inf
    for share in np.linspace(0, 1, 2001)[1:-1]:
        part = np.array([share, 1 - share])
        pull, variance = float(np.sum(np.sqrt(many * weights * part))), float(np.sum(weights * part))
        low, high = 0.0, 2.0
        for _ in range(60):
            middle = (low + high) / 2
            u = middle / math.sqrt(variance)
            needed = (
                count
                * variance
                * ((1 + u * u) * math.erfc(-u / math.sqrt(2)) / 2 + u * math.exp(-u * u / 2) / math.sqrt(2 * math.pi))
            )
            low, high = (middle, high) if pull**2 > needed else (low, middle)
        best = max(best, low)
    assert best <= margin_of(found, count)[0] < best + 1e-6


@settings(max_examples=20, deadline=None)
@given(st.integers(30, 200), st.floats(0.05, 1.9))
def test_degree_one_is_gardner(size, ratio):
    question = asked("linear", size, ratio=ratio)
    found = dm.capacity(question).points[0]
    load = found.others["load"]
    if load < 2:
        assert found.value == pytest.approx(margin_at(load) / math.sqrt(size - 1), rel=1e-12, abs=1e-12)


def test_sectors_that_are_orthonormal_leave_the_margin_of_orthonormal_patterns():
    found = dm.capacity(asked("exponential", 101, radius=0.001, count=50)).points[0]
    assert found.value == pytest.approx(1 / math.sqrt(50), rel=1e-6)


def test_hard_addresses():
    both = active_for_both(1000, 451, 0)
    assert float(Fraction(both, 2**1000)) == pytest.approx(1.07185e-3, abs=5e-9)
    for flips, known in ((1, 0.894189), (50, 0.444907), (200, 0.0965254)):
        assert active_for_both(1000, 451, flips) / both == pytest.approx(known, abs=1e-6)
    found = dm.capacity(asked("hard-address", 1001, radius=451, count=1000)).points[0]
    assert found.others["dimension"] == 2**1000 and found.value < 1 / math.sqrt(1000)


def test_flipped_products_are_the_law_of_the_theorem():
    law = Law("kernel.one-step", "Overlap of features")
    for n, k in ((20, 3), (9, 9), (7, 0)):
        exact = [flipped(n, p, k) / math.comb(n, p) for p in (1, 2, 3)]
        assert [float(x) for x in law(n=n, k=k)] == pytest.approx(exact, abs=1e-14)


@pytest.mark.parametrize(
    ("ratio", "known"), [(0.5, (0.0330, 0.0878, 0.1791, 0.3278)), (1, (0.0772, 0.1672, 0.2712, 0.3900))]
)
def test_wrong_bits(ratio, known):
    found = [wrong_bits(20, 2, round(ratio * math.comb(20, 2)), f) for f in (0.02, 0.05, 0.1, 0.2)]
    assert found == pytest.approx(known, abs=6e-5)
    assert wrong_bits(20, 2, 100, 0.0) == 0.0 and wrong_bits(20, 2, 100, 0.5) == pytest.approx(0.5, abs=0.01)


def test_certified_flips_are_right_for_certain():
    question = asked("exponential", 15, radius=0.2)
    assert certified(question, 1.0) == int(np.sum(values(question) > 0.5)) - 1
    assert certified(asked("1 + 0*z", 5), 0.1) == 4 and certified(asked("linear", 20_000), 0.1) is None


@pytest.mark.parametrize(("exponent", "edge"), [(3, 0.399459), (10, 0.479077)])
def test_edges(exponent, edge):
    found = dm.capacity(asked("stretched", radius=0.5, exponent=exponent)).points[0]
    assert found.others["edge"] == pytest.approx(edge, abs=1e-6)
    assert 1 - math.exp(-((found.others["edge"] / 0.5) ** exponent)) == pytest.approx(found.others["edge"], rel=1e-12)
    assert (found.kind, found.value) == ("exponent", pytest.approx(0.0482868, abs=1e-7))


def test_edges_that_there_are_not():
    assert basin_edge(0.8, 5) is None and basin_edge(0.5, 0.5) is None and basin_edge(0.99, 400) is not None
    assert dm.capacity(asked("stretched", radius=0.2, exponent=9)).value == pytest.approx(0.401432, abs=1e-6)
    far = dm.capacity(asked("stretched", radius=0.8, exponent=5)).points[0]
    assert (
        far.value is None
        and "overlap" in far.why
        and not math.isfinite(dm.capacity(asked("stretched", radius=0.8, exponent=5)).value)
    )


def test_a_step_of_the_projection_is_that_of_one_stability():
    law = Law("gardner.projection", "Diagonal zeroed")
    for load, m in ((0.2, 0.3), (0.7, 0.8)):
        stability = math.sqrt((1 - load) / load)
        assert float(law(a=load, m=m)[0]) == pytest.approx(
            math.erf(m * stability / math.sqrt(2 * (1 - m * m))), abs=1e-14
        )


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--kernel", "z**2"], "size is missing"),
        (["--size", "15"], "--kernel is missing"),
        (["--kernel", "z**2", "--size", "1"], "size=1: must be an integer of at least 2"),
        (["--kernel", "z**2", "--size", "15", "--ratio", "0"], "ratio=0: must be a finite number > 0"),
        (["--kernel", "z**2", "--size", "15", "--ratio", "1", "--count", "3"], "one of them decides the other"),
        (["--kernel", "z**2", "--size", "15", "--count", "1.5"], "count=1.5: must be an integer"),
        (["--kernel", "z**2", "--size", "15", "--ratio", "0.001"], "less than one pattern"),
        (["--kernel", "z**2", "--size", "15", "--degree", "2"], "has no degree; leave it out"),
        (["--kernel", "polynomial", "--size", "15"], "degree is missing"),
        (
            ["--kernel", "parity", "--size", "15", "--degree", "15"],
            "degree=15: must be an integer of at least 1 and at most 14",
        ),
        (["--kernel", "hard-address", "--size", "15", "--radius", "2.5"], "radius="),
        (["--kernel", "stretched", "--radius", "1", "--exponent", "2", "--size", "5"], "leave them out"),
        (["--kernel", "z*y", "--size", "15"], "y has no value"),
        (["--kernel", "open('x')", "--size", "15"], "is no known function"),
        (["--kernel", "-z", "--size", "15"], "must be positive at z = 1"),
        (["--kernel", "z**2-z/2", "--size", "15"], "is not positive definite on 14 signs"),
        (["--kernel", "log(z)", "--size", "15"], "has no finite value at z = "),
        (["--kernel", "exp(z)", "--size", "300"], "of a kernel that is no polynomial it must be at most 128"),
        (["--kernel", "z**40*z**40", "--size", "15"], "its degree is at most 64"),
    ],
)
def test_bad_input_is_one_sentence(flags, sentence, capsys):
    status = main(["capacity", "kernel", *flags])
    told = capsys.readouterr().err
    assert status == 2 and told.count("\n") == 1 and sentence in told


@pytest.mark.parametrize(
    "wrong", [{"kernel": 3}, {"kernel": "z", "size": True}, {"kernel": "linear", "size": 5, "ratio": "x"}]
)
def test_bad_questions(wrong):
    with pytest.raises(InputError):
        dm.KernelMemory(**wrong)
