"""The exact one-step law against brute force, against itself by another method, and against simulated steps."""

import itertools
import math
import sys

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.exact import bit_error
from dammech.simulate import one_step_bit_error
from dammech.systems.hebbian.model import HebbianDAM

CASES = [
    (HebbianDAM(2), 100, 20),
    (HebbianDAM(2, "power"), 101, 25),
    (HebbianDAM(3), 60, 500),
    (HebbianDAM(3, "power"), 60, 400),
    (HebbianDAM(3, "rectified"), 61, 800),
    (HebbianDAM(4), 40, 3000),
    (HebbianDAM(interaction="y**4 + 2*y**3 - y"), 40, 1500),
]


@pytest.mark.parametrize("model", [HebbianDAM(2), HebbianDAM(3), HebbianDAM(4, "power"), HebbianDAM(3, "rectified")])
@pytest.mark.parametrize("temperature", [0.0, 0.5])
@pytest.mark.parametrize("flipped", [0, 1, 3, 5])
def test_against_all_pattern_sets(model, temperature, flipped):
    """N = 5, three patterns: the first is all +1 by symmetry, the other two run over all 2^10 choices."""
    size = 5
    table = model.pattern_energy(size)
    rows = np.array(list(itertools.product([-1, 1], repeat=size)))
    spins = np.where(np.arange(size) < flipped, -1, 1)

    def costs(patterns):  # of each spin, (patterns, N)
        total = patterns @ spins
        return table[(total[:, None] - 2 * patterns * spins + size) // 2] - table[(total[:, None] + size) // 2]

    one = costs(rows)
    cost = costs(np.ones((1, size), int)) + one[:, None] + one[None, :]
    flips = 0.5 * (1 - np.tanh(cost / (2 * temperature))) if temperature else (cost < -1e-12).astype(float)
    law = bit_error(model, size, 3, temperature, start=1 - 2 * flipped / size)
    assert law.probability == pytest.approx(np.where(spins < 0, 1 - flips, flips).mean(), abs=1e-12)
    assert law.tie == pytest.approx((np.abs(cost) < 1e-12).mean(), abs=1e-12)


@pytest.mark.parametrize("start", [1.01, -1.01, math.nan, "1", None])
def test_no_overlap(start):
    with pytest.raises(InputError, match="start="):
        bit_error(HebbianDAM(2), 9, 3, start=start)


@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_two_methods_agree(temperature, monkeypatch):
    model = HebbianDAM(4)
    law = bit_error(model, 60, 9000, temperature)
    monkeypatch.setattr(sys.modules["dammech.exact.bit_error"], "_LONGEST_LATTICE", 64)
    inverted = bit_error(model, 60, 9000, temperature)
    assert (law.method, inverted.method) == ("lattice", "characteristic function")
    assert abs(law.probability - inverted.probability) <= law.error + inverted.error
    assert inverted.error < (1e-4 if temperature == 0 else 1e-10)
    if temperature == 0:  # inversion gives half of a tie
        assert inverted.probability == pytest.approx(law.probability + law.tie / 2, abs=1e-9)


@pytest.mark.parametrize("model,size,patterns", CASES, ids=lambda v: getattr(v, "interaction", v))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_against_simulation_with_a_wrong_number_of_patterns_rejected(model, size, patterns, seed):
    point = one_step_bit_error(model, load=patterns / size ** (model.p - 1), size=size, trials=150, seed=seed).points[0]
    assert point.patterns == patterns
    right = bit_error(model, size, patterns).probability
    assert abs(point.bit_error - right) < 4 * point.bit_error_error
    wrong = bit_error(model, size, 2 * patterns).probability
    assert abs(point.bit_error - wrong) > 4 * point.bit_error_error


def test_many_patterns_approach_the_gaussian():
    load = 0.03
    gaussian = 0.5 * math.erfc(1 / math.sqrt(2 * load * 2))  # field 1 against noise of variance 2 α at p = 3
    laws = [bit_error(HebbianDAM(3), size, round(load * size**2)) for size in (200, 400)]
    off = [law.probability / gaussian - 1 for law in laws]
    assert 0 < off[1] < 0.1 and off[1] < 0.55 * off[0]
    assert max(law.error for law in laws) < 1e-11


def test_a_single_pattern_is_stable():
    for model in (HebbianDAM(3), HebbianDAM(interaction="y**3 + y")):
        assert bit_error(model, 30, 1).probability == 0
        warm = bit_error(model, 30, 1, temperature=0.5)
        table = model.pattern_energy(30)
        assert warm.probability == pytest.approx(1 / (1 + math.exp((table[-2] - table[-1]) / 0.5)), rel=1e-10)


def test_bad_input():
    for arguments in ((2, 5), (30, 0), (30, 5, -1.0), (30, 5, math.inf)):
        with pytest.raises(InputError):
            bit_error(HebbianDAM(3), *arguments)
