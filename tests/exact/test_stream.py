"""One-step laws of streams against enumeration, against the uniform law, and against each other."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from dammech.declared.kernels import Kernel
from dammech.errors import InputError
from dammech.exact import bit_error, clipped_bit_error, clipped_moments, delta_moments, stream, stream_bit_error
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.answers.forgetting import effective_load
from dammech.systems.palimpsest.model import PalimpsestDAM

WEIGHTS = np.array([0.55, 1.0, 0.8])


@pytest.mark.parametrize("model", [HebbianDAM(2), HebbianDAM(3), HebbianDAM(4, "power"), HebbianDAM(3, "rectified")], ids=str)
@pytest.mark.parametrize("temperature", [0.0, 0.5])
def test_against_all_pattern_sets(model, temperature):
    """N = 5, three patterns of different weights: the first is all +1 by symmetry."""
    size = 5
    table = model.pattern_energy(size)
    rows = np.array(list(itertools.product([-1, 1], repeat=size)))
    one = table[(rows.sum(axis=1) - 2 * rows[:, 0] + size) // 2] - table[(rows.sum(axis=1) + size) // 2]
    own = WEIGHTS[0] * (table[size - 1] - table[size])
    cost = own + WEIGHTS[1] * one[:, None] + WEIGHTS[2] * one[None, :]
    expected = (0.5 * (1 - np.tanh(cost / (2 * temperature)))).mean() if temperature else (cost < -1e-12).mean()
    law = stream_bit_error(model, size, WEIGHTS, 0, temperature)
    assert law.method == "enumeration" and law.probability == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_equal_weights(temperature):
    model = HebbianDAM(4)
    law, stream = bit_error(model, 40, 3000, temperature), stream_bit_error(model, 40, np.full(3000, 1.0), 7, temperature)
    half_tie = law.tie / 2 if temperature == 0 else 0.0
    assert stream.probability == pytest.approx(law.probability + half_tie, abs=1e-6)


@pytest.mark.parametrize("temperature", [0.0, 0.3])
@pytest.mark.parametrize(("order", "interaction", "size", "patterns"), [
    (2, "distinct", 3, 25), (2, "power", 20, 30), (3, "distinct", 10, 60), (3, "power", 9, 30),
])  # fmt: skip
def test_few_equal_weights_make_a_lattice(order, interaction, size, patterns, temperature):
    model = HebbianDAM(order, interaction)
    law = bit_error(model, size, patterns, temperature)
    for one in (1.0, 0.3, -2.0):
        weights = np.full(patterns, abs(one)) * np.where(np.arange(patterns) % 3, 1, np.sign(one))
        stream = stream_bit_error(model, size, weights, 1, temperature * abs(one))
        half_tie = law.tie / 2 if temperature == 0 else 0.0
        assert stream.method == "lattice" and stream.tie == pytest.approx(law.tie, abs=1e-12)
        assert stream.probability == pytest.approx(law.probability + half_tie, abs=stream.error + law.error + 1e-13)


@pytest.mark.parametrize("own", [1.0, 0.25, 1 / math.pi])
def test_weights_with_a_common_unit_by_all_their_sums(own):
    """N = 2 at order 2: every other pattern adds ±Λ to the field; twelve of weights 1, 1/2 and 3/2."""
    others = np.array([1.0, 0.5, 1.5] * 4)
    sums = np.array(list(itertools.product([-1, 1], repeat=12))) @ others
    field = own + sums
    law = stream_bit_error(HebbianDAM(2), 2, np.append(others, own), 12)
    assert law.method == "lattice" and law.tie == pytest.approx((field == 0).mean(), abs=1e-12)
    assert law.probability == pytest.approx((field < 0).mean() + (field == 0).mean() / 2, abs=1e-12)
    warm = stream_bit_error(HebbianDAM(2), 2, np.append(others, own), 12, 0.4)
    step = float(np.diff(HebbianDAM(2).pattern_energy(2)[-2:])[0])  # energy that aligning with one pattern wins
    assert warm.probability == pytest.approx((0.5 * (1 - np.tanh(-step * field / 0.8))).mean(), abs=1e-12)


@pytest.mark.parametrize(("order", "size", "rate", "printed"), [(3, 240, 16.168, 0.9529), (4, 120, 103.04, 0.9746)])
def test_printed_one_step_overlaps(order, size, rate, printed):
    """The Gaussian law at an age of one window (order 3) and its finite-N correction."""
    model = PalimpsestDAM(order=order, interaction="power")
    patterns = int(2.5 / rate * size ** (order - 1))
    weights = model.weights(rate, size, patterns)
    age = {3: 0.0309, 4: 0.0}[order]
    law = stream_bit_error(model, size, weights, round(age * size ** (order - 1)))
    gamma = float(model.noise_strength)
    large = math.erf(math.sqrt(rate / gamma) * math.exp(-rate * age))
    assert 1 - 2 * law.probability == pytest.approx(large, abs=0.02)
    if order == 3:
        assert 1 - 2 * law.probability == pytest.approx(printed, abs=2e-3)


def test_clipped_law_against_all_walks():
    """Bound 2, two patterns after one was stored: all starts and all signs."""
    outcomes = []
    for start, one, two in itertools.product(range(-2, 3), (-1, 1), (-1, 1)):
        value = start + 1
        value = max(-2, min(2, value))
        for step in (one, two):
            value = max(-2, min(2, value + step))
        outcomes.append(value)
    moments = clipped_moments(2, 2)
    assert moments.signal == pytest.approx(np.mean(outcomes)) and moments.variance == pytest.approx(np.var(outcomes))
    pair = np.add.outer(outcomes, outcomes).ravel()  # N = 3: two couplings at a site
    law = clipped_bit_error(3, 2, 2)
    assert law.probability == pytest.approx((pair < 0).mean() + (pair == 0).mean() / 2, abs=1e-13)
    assert law.tie == pytest.approx((pair == 0).mean(), abs=1e-13)


@pytest.mark.parametrize("steps", [(-7.0, 2.0), (3.0, 1.0), (4.0, -4.0)])
@pytest.mark.parametrize("signal", [13.0, -2.0, 0.0, 1.5, 40.0])
def test_a_lattice_holds_all_sums_and_is_not_twice_as_long(steps, signal, monkeypatch):
    """Four terms ±Λ v of integers, all 4⁴ cases of them."""
    shares, chances, lengths, transform = np.array([1.0, 2.0, 1.0, 3.0]), np.array([0.25, 0.75]), [], np.fft.irfft
    cases = [[(s * share * v, c / 2) for s in (1, -1) for v, c in zip(steps, chances)] for share in shares]
    costs, chance = np.array([(signal + sum(v), math.prod(c)) for v, c in (zip(*case) for case in itertools.product(*cases))]).T
    monkeypatch.setattr(np.fft, "irfft", lambda values, n: lengths.append(n) or transform(values, n))
    law, warm = (stream._on_lattice(signal, np.array(steps), chances, shares, T) for T in (0.0, 3.0))
    assert law.tie == pytest.approx(chance[costs == 0].sum(), abs=1e-14)
    assert law.probability == pytest.approx(chance[costs < 0].sum() + law.tie / 2, abs=1e-14)
    assert warm.probability == pytest.approx(chance @ (1 / (1 + np.exp(costs / 3))), abs=1e-14)
    assert lengths[0] / 2 <= 2 * 7 * max(map(abs, steps)) < lengths[0]


@pytest.mark.parametrize("share", [0.2, 0.9, 1.1, -0.2, -0.9, -1.1])
@pytest.mark.parametrize("others", [40, 257, 1001])
def test_what_is_nearly_certain_stays_a_probability(others, share):
    """Whether the others, of weight 1, outvote a pattern: far in its tail rounding leaves 0 or 1 and nothing beyond."""
    own = share * others
    law = stream_bit_error(HebbianDAM(2), 2, np.append(np.ones(others), own), others)
    ways = [math.comb(others, k) * (2 * (own + 2 * k < others) + (own + 2 * k == others)) for k in range(others + 1)]
    assert law.method == "lattice" and 0 <= law.probability <= 1
    assert abs(law.probability - float(Fraction(sum(ways), 2 ** (others + 1)))) <= law.error


@pytest.mark.parametrize("others", [40, 1001, 3001])
def test_error_of_sums_on_a_lattice(others):
    """The spin of N = 2 is flipped by more than half of the other patterns: a sum of binomials in exact arithmetic. A transform
    of L numbers rounds each like log₂ L, and the sum of them like √L."""
    short = (math.comb(others, k) * (2 if 2 * k + 1 < others else 1) for k in range(others // 2 + 1) if 2 * k + 1 <= others)
    law = stream_bit_error(HebbianDAM(2), 2, np.ones(others + 1))
    off = abs(Fraction(law.probability) - Fraction(sum(short), 2 ** (others + 1)))
    length = 2 ** math.ceil(math.log2(2 * others + 1))
    assert law.method == "lattice" and off <= law.error <= 16 * 2.3e-16 * math.sqrt(length) * math.log2(length)


def test_error_of_sums_of_clipped_couplings():
    """All pairs of couplings are as likely as their ends: N = 3 and bound 1, a pattern ago, in exact arithmetic; and many."""
    law = clipped_bit_error(3, 1, 1)
    ends = [max(-1, min(1, max(-1, min(1, start + 1)) + step)) for start in (-1, 0, 1) for step in (1, -1)]
    pairs = [a + b for a in ends for b in ends]
    assert abs(law.probability - float(Fraction(2 * sum(x < 0 for x in pairs) + pairs.count(0), 72))) <= law.error < 1e-14
    one = clipped_bit_error(2, 1, 1).probability
    assert one == pytest.approx((sum(x < 0 for x in ends) + ends.count(0) / 2) / 6, abs=1e-15)
    law = clipped_bit_error(3000, 3, 10**4)  # forgotten: either sign
    assert abs(law.probability - 0.5) <= law.error < 1e-11


def test_clipped_law_tends_to_its_kernel():
    kernel = Kernel("clipped")
    for bound in (10, 40):
        wide = (bound + 0.5) ** 2
        assert clipped_moments(bound, round(0.6 * wide)).signal == pytest.approx(
            float(kernel.weight(round(0.6 * wide) / wide)), abs=3 / wide)
    stored = clipped_moments(9, 0)
    assert stored.variance + stored.signal**2 == pytest.approx(9 * 10 / 3)
    assert clipped_bit_error(800, 9, 40).probability == pytest.approx(
        0.5 * math.erfc(clipped_moments(9, 40).signal * math.sqrt(799 / 2 / clipped_moments(9, 40).variance)), rel=0.01)


def test_delta_rule_against_all_pattern_sequences():
    """Two features, weights from zero: the recursion of the second moment is exact."""
    rate, features = 0.6, 2
    found = []
    signs = list(itertools.product((-1, 1), repeat=features))
    power = rate / (2 - rate)
    # starts with the stationary moment: fair signs of size √(Q/D)
    for start in itertools.product((-1, 1), repeat=features):
        w = np.array(start) * math.sqrt(power / features)
        for phi, later in itertools.product(signs, repeat=2):
            phi, later = np.array(phi), np.array(later)
            one = w + rate * (1 - w @ phi) * phi / features
            for target in (-1, 1):
                two = one + rate * (target - one @ later) * later / features
                found.append(two @ phi)
    moments = delta_moments(features, rate, 1)
    assert moments.signal == pytest.approx(np.mean(found), abs=1e-12)
    assert moments.variance == pytest.approx(np.var(found), abs=1e-12)
    assert delta_moments(500, 0.3, 0).error < 0.3


def test_slow_delta_rule_is_the_palimpsest():
    rate = 0.01
    moments = delta_moments(4000, rate, 4000 * 50)
    weight, load = math.exp(-rate * 50), effective_load(PalimpsestDAM(order=2).shape, rate)
    assert moments.signal**2 / moments.variance == pytest.approx(weight**2 / load, rel=0.02)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stream_bit_error(HebbianDAM(3), 2, np.ones(3)), "size=2, index=0"),
        (lambda: stream_bit_error(HebbianDAM(3), 9, np.ones(3), 3), "index one of the 3 patterns"),
        (lambda: stream_bit_error(HebbianDAM(3), 9, np.array([1, math.nan])), "weights: must be"),
        (lambda: stream_bit_error(HebbianDAM(3), 9, np.ones(3), 0, -1.0), "temperature=-1.0"),
        (lambda: stream_bit_error(PalimpsestDAM(3, kernel="clipped"), 9, np.ones(3)), "use clipped_bit_error"),
        (lambda: clipped_moments(0, 3), "bound=0: must be an integer of at least 1"),
        (lambda: clipped_moments(3, -1), "age=-1"),
        (lambda: clipped_bit_error(1, 3, 1), "size=1"),
        (lambda: clipped_bit_error(2.0, 3, 1), "size=2.0: must be an integer"),
        (lambda: delta_moments(0, 0.3, 1), "features=0"),
        (lambda: delta_moments(9, 2.0, 1), "rate=2.0: must be between 0 and 2"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()
