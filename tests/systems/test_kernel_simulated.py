"""Memories of largest margin, found exactly: by hand, against exact laws at three seeds, and with wrong theories that fail."""

import math

import numpy as np
import pytest

from dammech.equations.law import Law
from dammech.errors import InputError
from dammech.systems.gardner import sampler as gardner
from dammech.systems.gardner.claims import claims as gardner_claims
from dammech.systems.gardner.separable import separable
from dammech.systems.kernel import sampler as kernel
from dammech.systems.kernel.capacity import basin_edge
from dammech.systems.kernel.claims import claims
from dammech.systems.kernel.model import KernelMemory
from dammech.systems.kernel.sectors import sectors
from dammech.validate.claim import Claim

SEEDS = (1, 2, 3)


def test_largest_margin_by_hand():
    """In two dimensions every direction can be looked at."""
    rng, angles = np.random.default_rng(3), np.linspace(0, 2 * math.pi, 200_001)
    circle = np.array([np.cos(angles), np.sin(angles)])
    for count in (1, 2, 3, 6):
        rows = rng.standard_normal((count, 2))
        best = float((rows @ circle).min(axis=0).max())
        found, plane = gardner.largest_margin(rows)
        assert max(best, 0.0) - 1e-9 <= found < max(best, 0.0) + 1e-4
        assert (plane is None) == (best < 0)
        if plane is not None:
            assert float((rows @ plane).min()) == pytest.approx(found, abs=1e-12) and np.linalg.norm(
                plane
            ) == pytest.approx(1)


def test_largest_margin_presses_on_its_support():
    rows = gardner.signs(np.random.default_rng(4), 60, 80) / math.sqrt(80)
    found, plane = gardner.largest_margin(rows)
    assert plane is not None
    fields = rows @ plane
    support = fields < found * (1 + 1e-9)
    weights, *_ = np.linalg.lstsq(rows[support].T, plane, rcond=None)
    assert np.allclose(rows[support].T @ weights, plane) and (weights > 0).all()


def test_separability_is_covers_law_and_not_that_of_neurons_with_an_intercept():
    hits = {s: gardner.separated(20, 40, 400, s) for s in SEEDS}
    for found in hits.values():
        assert abs(found.mean() - separable(40, 20)) < 4 * 0.5 / math.sqrt(400)
    pooled = np.concatenate(list(hits.values()))
    assert abs(pooled.mean() - separable(40, 21)) > 8 * 0.5 / math.sqrt(pooled.size)


@pytest.mark.parametrize(
    "question", [KernelMemory("z**2", 12), KernelMemory("parity", 12, degree=2)], ids=["z2", "parity"]
)
def test_separability_in_features(question):
    dimension = sectors(question).dimension
    found = [float(np.mean(kernel.margins(question, 2 * dimension, 60, s) > 0)) for s in SEEDS]
    assert all(abs(share - 0.5) < 4 * 0.5 / math.sqrt(60) for share in found)
    assert (kernel.margins(question, dimension, 5, 1) > 0).all() and not (
        kernel.margins(question, 3 * dimension, 5, 1) > 0
    ).any()


def test_patterns_have_no_twins_and_no_antipodes_where_these_count():
    rng = np.random.default_rng(5)
    for question, antipodes in ((KernelMemory("z**2", 7), False), (KernelMemory("(1+z)**2", 7), True)):
        found = kernel.patterns_of(question, sectors(question).states, rng)
        assert len({x.tobytes() for x in found}) == len(found) == sectors(question).states
        assert any((x == -y).all() for x in found for y in found) == antipodes
    with pytest.raises(InputError, match="there are only 32 such patterns"):
        kernel.patterns_of(KernelMemory("z**2", 7), 33, rng)


def test_features_have_the_products_of_the_kernel():
    question, rng = KernelMemory("((1+z)/2)**2", 9), np.random.default_rng(6)
    patterns = kernel.patterns_of(question, 60, rng)
    rows, coordinates = kernel.features(question, patterns)
    assert rows.shape[1] == sectors(question).dimension == 37
    assert np.allclose(rows @ rows.T, kernel.gram(question, patterns, patterns))
    assert np.allclose(kernel.gram(question, patterns[:7], patterns) @ coordinates, rows[:7])


def test_interpolation_with_the_linear_kernel_is_the_projection():
    size, count = 20, 8
    stored = gardner.signs(np.random.default_rng(7), count, size)
    interpolated = np.linalg.lstsq(stored, stored, rcond=None)[0]
    assert np.allclose(interpolated, stored.T @ np.linalg.solve(stored @ stored.T, stored))


@pytest.mark.parametrize("diagonal", [False, True])
def test_a_step_of_the_projection(diagonal):
    law = Law("gardner.projection", f"Diagonal {'kept' if diagonal else 'zeroed'}")
    other = Law("gardner.projection", f"Diagonal {'zeroed' if diagonal else 'kept'}")
    expected, wrong = float(law(a=0.4, m=0.5)[0]), float(other(a=0.4, m=0.5)[0])
    for seed in SEEDS:
        found = gardner.projected(300, 120, 0.5, diagonal, 12, seed)
        error = found.std(ddof=1) / math.sqrt(12)
        assert abs(found.mean() - expected) < 4 * error + 0.002  # 0.4 % at N = 100, and falls like 1/N
        assert abs(found.mean() - wrong) > 8 * error
    assert (gardner.projected(40, 30, 1.0, diagonal, 3, 1) == 1).all()


def test_flipped_bits():
    question = KernelMemory("parity", 13, degree=2)
    assert (kernel.wrong_bits(question, 30, 0.0, 3, 1) == 0).all()
    assert abs(kernel.wrong_bits(question, 30, 0.5, 40, 1).mean() - 0.5) < 0.03
    assert (kernel.wrong_bits(question, 200, 0.1, 2, 1) == 0.5).all()


@pytest.mark.parametrize(("exponent", "patterns"), [(3, 100), (10, 400)])
def test_edges_of_basins(exponent, patterns):
    edge = basin_edge(0.5, exponent)
    for seed in SEEDS:
        for distance, back in ((edge - 0.01, 1.0), (edge + 0.01, 0.0)):
            found = kernel.recovered(64, patterns, 0.5, exponent, distance, trials=40, seed=seed)
            assert found.mean() == back


def test_what_is_drawn_is_named_by_its_seed():
    assert (gardner.margins(20, 10, 3, 1) == gardner.margins(20, 10, 3, 1)).all()
    assert (gardner.margins(20, 10, 3, 1) != gardner.margins(20, 10, 3, 2)).all()
    assert (gardner.overlaps(20, 60, 0.5, 2, 1) == 0).all()


def test_every_rival_is_a_number_apart_from_the_theory():
    for claim in (*gardner_claims(), *claims()):
        if isinstance(claim, Claim):
            for p in claim.parameters:
                theory = claim.prediction(p).value
                assert all(math.isfinite(r.predict(p)) for r in claim.rivals), claim.name
                assert any(abs(r.predict(p) - theory) > 0.01 for r in claim.rivals)
