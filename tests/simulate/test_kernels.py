"""The compiled kernels go through the same states as the plain NumPy twin."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dammech.errors import InputError
from dammech.simulate.chain import Chain, drawn_patterns
from dammech.simulate.flips import flip_energy
from dammech.simulate.reference import reference_sweeps
from dammech.systems.hebbian.model import HebbianDAM

MODELS = [
    *[HebbianDAM(p, kind) for p in (2, 3, 4, 6) for kind in ("distinct", "power")],
    *[HebbianDAM(p, "rectified") for p in (3, 4, 6)],
    HebbianDAM(10, "distinct"),
    HebbianDAM(interaction="y**4 + 2*y**3 - y"),
    HebbianDAM(interaction="y**3 - 0.5*y**2 + y + 3"),
]


def draws(stream, size, sweeps):
    from dammech.simulate import kernels

    stream = stream.copy()
    orders, uniforms = np.empty((sweeps, size), np.int64), np.empty((sweeps, size))
    for t in range(sweeps):
        kernels.draw_sweep(stream, orders[t], uniforms[t])
    return orders, uniforms


@pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.interaction}-{m.p}")
@pytest.mark.parametrize("size", [30, 37])
@pytest.mark.parametrize("dynamics,temperature", [("zero-temperature", 0.0), ("glauber", 0.8), ("metropolis", 0.8)])
def test_trajectory_of_the_twin(model, size, dynamics, temperature):
    rng = np.random.default_rng(size + model.p)
    count = 70 if model.p == 2 else 1500
    patterns = rng.choice([-1, 1], size=(count, size)).astype(np.int8)
    spins = patterns[0] * np.where(np.arange(size) < size // 5, -1, 1)
    stream = rng.integers(1, 2**63, size=4, dtype=np.uint64)
    scale = temperature * (1 + count / size ** (model.p - 1)) if temperature else 0.0
    chain = Chain(model, patterns, spins, scale, dynamics, stream.copy())
    series = chain.run(3)
    orders, uniforms = draws(stream, size, len(series.overlap))
    expected, flips = reference_sweeps(model, patterns, spins, scale, dynamics, orders, uniforms)
    assert flips > 0
    np.testing.assert_array_equal(chain.spins, expected)
    assert series.flips == flips
    assert series.overlap[-1] == expected @ patterns[0] / size
    energy = model.pattern_energy(size)[(patterns.astype(int) @ expected + size) // 2].sum()
    assert series.energy[-1] == pytest.approx(energy, abs=1e-8 * (1 + abs(energy)))


@pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.interaction}-{m.p}")
@pytest.mark.parametrize("size", [20, 21])
def test_flip_energies_from_the_table(model, size):
    rng = np.random.default_rng(5)
    patterns = rng.choice([-1, 1], size=(2100, size)).astype(np.int8)  # several blocks and padding
    spins = rng.choice([-1, 1], size=size).astype(np.int8)
    spins[:15] = patterns[0, :15]
    stream = rng.integers(1, 2**63, size=4, dtype=np.uint64)
    chain = Chain(model, patterns, spins, 0.0, "zero-temperature", stream)
    table = model.pattern_energy(size)

    def energy(state):
        return table[(patterns.astype(int) @ state + size) // 2].sum()

    chain.run(1)
    base = energy(chain.spins)
    for i, cost in enumerate(chain.flip_energies()):
        flipped = chain.spins.astype(int)
        flipped[i] *= -1
        assert cost == pytest.approx(energy(flipped) - base, abs=1e-9 * max(1.0, abs(base)))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    degree=st.integers(3, 10),
    lower=st.lists(st.integers(-3, 3), min_size=3, max_size=10),
    size=st.integers(11, 24),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_polynomial_goes_through_the_states_of_the_twin(degree, lower, size, seed):
    text = " + ".join([f"y**{degree}", *(f"({c})*y**{k}" for k, c in enumerate(lower[:degree]))])
    model = HebbianDAM(interaction=text)
    rng = np.random.default_rng(seed)
    patterns = rng.choice([-1, 1], size=(60, size)).astype(np.int8)
    spins = rng.choice([-1, 1], size=size).astype(np.int8)
    stream = rng.integers(1, 2**63, size=4, dtype=np.uint64)
    chain = Chain(model, patterns, spins, 2.0, "glauber", stream.copy())
    chain.run(2)
    expected, _ = reference_sweeps(model, patterns, spins, 2.0, "glauber", *draws(stream, size, 2))
    np.testing.assert_array_equal(chain.spins, expected)


def test_single_and_double_precision_agree():
    model, size, count = HebbianDAM(3), 100, 3000
    stream = np.arange(1, 5, dtype=np.uint64)
    patterns = drawn_patterns(stream, size, count)
    spins = patterns[:, 0, 0] * np.where(np.arange(size) % 9 == 0, -1, 1)
    runs = []
    for double in (False, True):
        chain = Chain(model, patterns, spins, 0.2, "glauber", stream.copy(), count=count, double=double)
        assert chain._state["field"].dtype == (np.float64 if double else np.float32)
        runs.append((chain.run(20), chain.spins))
    np.testing.assert_array_equal(runs[0][1], runs[1][1])
    np.testing.assert_array_equal(runs[0][0].energy, runs[1][0].energy)


def test_leaving_the_exact_integers_restarts_in_double_precision():
    model, size, count = HebbianDAM(3), 60, 500
    stream = np.arange(1, 5, dtype=np.uint64)
    patterns = drawn_patterns(stream, size, count)
    spins = patterns[:, 0, 0] * np.where(np.arange(size) % 9 == 0, -1, 1)
    plain = Chain(model, patterns, spins, 0.3, "glauber", stream.copy(), count=count)
    tight = Chain(model, patterns, spins, 0.3, "glauber", stream.copy(), count=count)
    tight._state["limit"] = 1.0
    first, second = plain.run(10), tight.run(10)
    assert tight.double and not plain.double
    np.testing.assert_array_equal(plain.spins, tight.spins)
    np.testing.assert_array_equal(first.overlap, second.overlap)


def test_drawn_patterns_are_fair_signs_with_zero_padding():
    stream = np.arange(1, 5, dtype=np.uint64)
    count, size = 1100, 50
    patterns = drawn_patterns(stream, size, count).reshape(size, -1)
    assert set(np.unique(patterns[:, :count])) == {-1, 1}
    assert not patterns[:, count:].any()
    real = patterns[:, :count].astype(float)
    assert abs(real.mean()) < 4 / np.sqrt(real.size)
    correlation = np.corrcoef(real)[np.triu_indices(size, 1)]
    assert abs(correlation).max() < 5.5 / np.sqrt(count)


def test_orders_are_permutations_and_uniforms_are_uniform():
    orders, uniforms = draws(np.arange(1, 5, dtype=np.uint64), 40, 500)
    assert (np.sort(orders, axis=1) == np.arange(40)).all()
    assert abs(uniforms.mean() - 0.5) < 4 / np.sqrt(12 * uniforms.size)
    first = np.bincount(orders[:, 0], minlength=40)
    assert ((first - 12.5) ** 2 / 12.5).sum() < 39 + 5 * np.sqrt(78)


def test_named_interactions_are_exact_and_polynomials_have_a_bound():
    for p in range(2, 11):
        size = 14 if p > 6 else 60
        assert flip_energy(HebbianDAM(p), size, 10_000).exact
    table = flip_energy(HebbianDAM(interaction="y**4 + 2*y**3 - y"), 60, 10_000)
    assert not table.exact and 0 < table.energy_error < 1e-8


def test_orders_and_sizes_beyond_the_arithmetic_are_refused():
    with pytest.raises(InputError, match="order=11"):
        flip_energy(HebbianDAM(11), 20, 100)
    with pytest.raises(InputError, match="rounding"):
        flip_energy(HebbianDAM(interaction="y**10 + y"), 400, 10**12)


def test_rounded_interactions_keep_their_books_over_long_runs():
    """Without exact units the bookkeeping is still of integers: energies and A after many sweeps are those afresh."""
    model, size, count = HebbianDAM(interaction="y**4 + 2*y**3 - y"), 40, 900
    stream = np.arange(1, 5, dtype=np.uint64)
    patterns = drawn_patterns(stream, size, count)
    chain = Chain(model, patterns, patterns[:, 0, 0], 2.0, "glauber", stream, count=count)
    series = chain.run(2000)
    fresh = Chain(model, patterns, chain.spins, 2.0, "glauber", stream, count=count)
    assert series.flips > 10_000
    assert chain._state["ledger"][0] == fresh._state["ledger"][0]
    assert abs(series.energy[-1] - fresh.energy()) < chain.table.energy_error * size


@pytest.mark.slow
def test_a_million_patterns_in_bounded_memory():
    code = (
        "import dammech as dm\n"
        "run = dm.simulate(dm.HebbianDAM(4), load=0.125, temperature=0, size=200, trials=2, sweeps=3, workers=1)\n"
        "point = run.points[0]\n"
        "assert point.patterns == 10**6\n"
        # of this program alone: what getrusage says begins with the size of the program that started it
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "assert int(peak.split()[1]) < 700_000, 'kilobytes'\n"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
