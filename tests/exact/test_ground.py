"""Ground states and overlap laws against all states one by one."""

import json
import math
import time

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.exact import (
    all_states,
    energies,
    gibbs_distribution,
    ground_state,
    overlap_law,
    pspin_couplings,
    pspin_energies,
    pspin_gibbs,
    pspin_ground_state,
)
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

MODELS = [HebbianDAM(2), HebbianDAM(3), HebbianDAM(4), HebbianDAM(3, "power"), HebbianDAM(4, "power")]
MODELS += [HebbianDAM(2, "power"), HebbianDAM(interaction="y**4 + 2*y**3 - y")]


def agrees(ground, levels):
    size = levels.size.bit_length() - 1
    lowest = levels <= levels.min() + 1e-9
    assert ground.energy * size == pytest.approx(levels.min(), abs=1e-11)
    assert ground.degeneracy == lowest.sum()
    np.testing.assert_array_equal(ground.spins, all_states(size)[np.argmax(lowest)])


@pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.interaction}-{m.p}")
@pytest.mark.parametrize("size", [9, 18])
def test_memory(model, size):
    for seed in range(3 if size == 9 else 1):
        patterns = np.random.default_rng(seed).choice([-1, 1], size=(12, size))
        agrees(ground_state(model, patterns), energies(model, patterns))


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("size", [9, 18])
def test_glass(order, size):
    model = PSpin(order)
    couplings = pspin_couplings(model, size, seed=4)
    ground = pspin_ground_state(model, size, couplings)
    agrees(ground, pspin_energies(model, size, couplings))
    assert ground.degeneracy == (1 if order % 2 else 2)
    assert ground.energy == pytest.approx(pspin_gibbs(model, size, couplings, 0.0).energy, abs=1e-12)
    assert json.loads(json.dumps(ground.to_json()))["energy"] == ground.energy


def test_many_ties():
    """One pattern at even order: the pattern and its mirror; −σ is the answer where it comes first."""
    pattern = np.random.default_rng(0).choice([-1, 1], size=(1, 20))
    ground = ground_state(HebbianDAM(2), pattern)
    assert ground.degeneracy == 2 and abs(ground.spins @ pattern[0]) == 20
    assert ground.energy == pytest.approx(-19 / 40)
    flat = pspin_ground_state(PSpin(3), 18, np.zeros(math.comb(18, 3)))
    assert flat.energy == 0 and flat.degeneracy == 2**18


def test_the_largest_size_is_quick_and_a_local_minimum():
    couplings = pspin_couplings(PSpin(3), 24, seed=1)
    start = time.perf_counter()
    ground = pspin_ground_state(PSpin(3), 24, couplings)
    assert time.perf_counter() - start < 10
    from itertools import combinations

    field = np.zeros(24)
    for coupling, (i, j, k) in zip(couplings, combinations(range(24), 3)):
        value = coupling * ground.spins[i] * ground.spins[j] * ground.spins[k]
        field[[i, j, k]] += value
    assert field.sum() / 3 == pytest.approx(-24 * ground.energy)
    assert (field > 0).all()


@pytest.mark.parametrize("temperature", [0.3, 0.8, 5.0])
def test_overlap_law_is_the_sum_over_pairs(temperature):
    levels = pspin_energies(PSpin(3), 8, pspin_couplings(PSpin(3), 8, seed=2))
    weight, states = gibbs_distribution(levels, temperature), all_states(8).astype(int)
    overlaps, pairs = states @ states.T, np.outer(weight, weight)
    expected = [pairs[overlaps == total].sum() for total in range(-8, 9, 2)]
    np.testing.assert_allclose(overlap_law(levels, temperature), expected, atol=1e-14)


def test_energy_and_overlap_identity():
    """Gaussian couplings: E⟨H⟩ = −β (p!/2N^{p−1}) (C(N, p) − E⟨e_p⟩), e_p the sum over p distinct sites of σσ'."""
    from dammech.declared.interaction import elementary_symmetric

    model, size, temperature, samples = PSpin(3), 8, 0.7, 3000
    totals, sets = np.arange(-size, size + 1, 2), math.comb(size, 3)
    polynomial = elementary_symmetric(3, size)
    products = np.array([float(sum(c * int(t) ** k for k, c in enumerate(polynomial))) for t in totals])
    strength = 6 / (2 * size**2) / temperature
    gap = []
    for seed in range(samples):
        levels = pspin_energies(model, size, pspin_couplings(model, size, seed=seed))
        energy = gibbs_distribution(levels, temperature) @ levels
        gap.append(energy + strength * (sets - overlap_law(levels, temperature) @ products))
    error = np.std(gap) / math.sqrt(samples)
    assert abs(np.mean(gap)) < 4 * error and error < 0.05
    assert 0.1 * strength * sets > 4 * error  # ten per cent of it would be seen


@pytest.mark.parametrize(
    "call,words",
    [
        (lambda: ground_state(HebbianDAM(2), np.ones((2, 25), int)), "size=25"),
        (lambda: ground_state(HebbianDAM(3, "rectified"), np.ones((2, 5), int)), "not rectified"),
        (lambda: ground_state(HebbianDAM(5), np.ones((2, 8), int)), "order 2 to 4"),
        (lambda: ground_state(HebbianDAM(2), np.zeros((2, 5), int)), "±1"),
        (lambda: ground_state(PSpin(3), np.ones((2, 5), int)), "HebbianDAM"),
        (lambda: pspin_ground_state(PSpin(3), 2, np.ones(0)), "size=2"),
        (lambda: pspin_ground_state(PSpin(3), 8, np.ones(5)), "(56,)"),
        (lambda: pspin_ground_state(PSpin(5), 8, np.ones(56)), "order 2 to 4"),
        (lambda: overlap_law(np.zeros(7), 1.0), "(2^N,)"),
        (lambda: overlap_law(np.zeros(8), 0.0), "temperature=0.0"),
    ],
)
def test_bad_input_is_one_clear_sentence(call, words):
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value) and "\n" not in str(caught.value)
