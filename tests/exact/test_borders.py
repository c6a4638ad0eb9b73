"""Borders of what exact laws answer: the last argument that is accepted, with its answer, and the first that is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.exact import (
    all_states,
    bit_error,
    clipped_bit_error,
    clipped_moments,
    dead_law,
    delta_moments,
    energies,
    evolve,
    exponential_overlap,
    freezing_point,
    gibbs,
    ground_state,
    mean_flats,
    mean_inverse_flats,
    overlap_law,
    pspin_energies,
    pspin_gibbs,
    pspin_ground_state,
    spurious_fraction,
    stable_overlap,
    stream_bit_error,
)
from dammech.exact.bit_error import _lattice_length
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.pspin.model import PSpin


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (lambda: mean_flats(3, 1.0), 8.0),
        (lambda: mean_flats(3, 0.0), 1.0),
        (lambda: mean_flats(1, 0.5), 1.5),
        (lambda: mean_inverse_flats(2, 1.0), 0.25),
        (lambda: mean_inverse_flats(2, 0.0), 1.0),
        (lambda: spurious_fraction(1), 1 / 3),
        (lambda: dead_law(1, 1, 0.0).probability, 0.5),
        (lambda: dead_law(1, 1, 1.0).probability, 1.0),
        (lambda: dead_law(4, 1, -1.0).probability, 5 / 16),  # at the threshold a neuron is dead
        (lambda: dead_law(4, 1, -1.0000001).probability, 1 / 16),
        (lambda: freezing_point(1e-300), math.sqrt(2e-300)),
        (lambda: len(all_states(1)), 2),
        (lambda: gibbs(HebbianDAM(2), np.ones((1, 1), int), 1.0).energy, 0.0),
        (lambda: energies(HebbianDAM(2), np.ones((1, 2), int)).tolist(), [-0.5, 0.5, 0.5, -0.5]),
        (lambda: bit_error(HebbianDAM(3), 3, 1).probability, 0.0),
        (lambda: bit_error(HebbianDAM(2), 2, 2).tie, 0.5),
        (lambda: evolve(np.zeros(4096), np.eye(4096)[5], 0.0, "parallel", np.arange(12))[5], 1.0),
        (lambda: stream_bit_error(HebbianDAM(3), 3, np.ones(1)).probability, 0.0),
        (lambda: stream_bit_error(HebbianDAM(2), 2, np.ones(2), 1).tie, 0.5),
        (lambda: stream_bit_error(PalimpsestDAM(order=2), 2, np.ones(2), 1).tie, 0.5),
        (lambda: clipped_moments(1, 0).signal, 2 / 3),
        (lambda: clipped_moments(np.int64(1), np.int64(0)).signal, 2 / 3),
        (lambda: clipped_bit_error(2, 1, 0).probability, 1 / 6),
        (lambda: clipped_bit_error(2, 1, 0).tie, 1 / 3),
        (lambda: delta_moments(1, 1.0, 0).signal, 1.0),
        (lambda: ground_state(HebbianDAM(2), np.ones((1, 2), int)).energy, -0.25),
        (lambda: ground_state(HebbianDAM(4), np.ones((1, 4), int)).degeneracy, 8),
        (lambda: pspin_ground_state(PSpin(3), 3, np.array([2.0])).energy, -2 / 3),
        (lambda: pspin_ground_state(PSpin(4), 4, np.array([2.0])).degeneracy, 8),
        (lambda: overlap_law(np.zeros(2), 1e-9).tolist(), [0.5, 0.5]),
    ],
)  # fmt: skip
def test_the_last_that_is_accepted(value, known):
    assert value() == pytest.approx(known, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mean_flats(3, 1.0000001), "positive="),
        (lambda: mean_flats(3, -1e-9), "positive=-1e-09"),
        (lambda: mean_flats(True), "neurons=True"),
        (lambda: mean_flats(2.0), "neurons=2.0"),
        (lambda: mean_inverse_flats(0), "neurons=0"),
        (lambda: spurious_fraction(0), "neurons=0"),
        (lambda: dead_law(True, 1, 0.0), "size=True"),
        (lambda: dead_law(1, 0, 0.0), "patterns=0"),
        (lambda: dead_law(1, 1, math.inf), "threshold=inf"),
        (lambda: freezing_point(math.nan), "load=nan"),
        (lambda: all_states(0), "size=0"),
        (lambda: all_states(21), "size=21"),
        (lambda: energies(HebbianDAM(2), np.ones(3, int)), "must be .P, N."),
        (lambda: energies(HebbianDAM(2), np.ones((0, 3), int)), "must be .P, N."),
        (lambda: energies(HebbianDAM(2), np.full((1, 3), 2)), "entries"),
        (lambda: energies(HebbianDAM(2), np.zeros((1, 3), int)), "entries"),
        (lambda: energies(HebbianDAM(2), np.ones((1, 21), int)), "size=21"),
        (lambda: gibbs(HebbianDAM(2), np.ones((1, 3), int), math.inf), "temperature=inf"),
        (lambda: gibbs(HebbianDAM(2), np.ones((1, 3), int), -1e-9), "temperature=-1e-09"),
        (lambda: overlap_law(np.zeros(4), math.inf), "temperature=inf"),
        (lambda: pspin_energies(PSpin(2), 21, np.ones(210)), "size=21"),
        (lambda: pspin_energies(PSpin(2), 3, np.ones(4)), "couplings has shape"),
        (lambda: pspin_gibbs(PSpin(2), 3, np.ones((3, 1)), 1.0), "couplings has shape"),
        (lambda: evolve(np.zeros(4), np.ones(4) / 4, 1.0, "dice", np.arange(2)), "dynamics='dice'"),
        (lambda: evolve(np.zeros(2**13), np.ones(2**13), 1.0, "parallel", np.arange(0)), "size=13"),
        (lambda: bit_error(HebbianDAM(3), 2, 1), "size=2"),
        (lambda: bit_error(HebbianDAM(2), 1, 1), "size=1"),
        (lambda: bit_error(HebbianDAM(2), 2, 0), "patterns=0"),
        (lambda: bit_error(HebbianDAM(2), 2, 1, math.nan), "temperature=nan"),
        (lambda: bit_error(3, 2, 1), "model=3"),
        (lambda: stream_bit_error(HebbianDAM(2), 1, np.ones(2)), "size=1"),
        (lambda: stream_bit_error(HebbianDAM(2), 9, np.ones(2), -1), "index=-1"),
        (lambda: stream_bit_error(HebbianDAM(2), 9, np.ones(2), 2), "index=2"),
        (lambda: stream_bit_error(HebbianDAM(2), 9, np.ones((1, 2))), "weights"),
        (lambda: stream_bit_error(HebbianDAM(2), 9, np.ones(0)), "weights"),
        (lambda: stream_bit_error(HebbianDAM(2), 9, np.array([1.0, math.inf])), "weights"),
        (lambda: stream_bit_error(HebbianDAM(2), 9, np.ones(2), 0, math.inf), "temperature=inf"),
        (lambda: clipped_bit_error(2.0, 1, 1), "size=2.0"),
        (lambda: clipped_moments(True, 1), "bound=True"),
        (lambda: clipped_moments(1, 0.0), "age=0.0"),
        (lambda: delta_moments(1.0, 0.3, 0), "features=1.0"),
        (lambda: delta_moments(1, 0.3, -1), "steps=-1"),
        (lambda: delta_moments(1, 0.0, 0), "rate=0.0"),
        (lambda: exponential_overlap(9, 5, 2, math.inf), "exponent=inf"),
        (lambda: exponential_overlap(9, 5, 2, 1.0, -1.0), "sharpness=-1.0"),
        (lambda: exponential_overlap(60, 5, 1, 1.0, 1.0), "index=1: the signal"),
        (lambda: stable_overlap(9, 3, math.nan), "exponent=nan"),
        (lambda: ground_state(HebbianDAM(2), np.ones((1, 1), int)), "size=1"),
        (lambda: ground_state(HebbianDAM(2), np.ones(4, int)), "must be .P, N."),
        (lambda: ground_state(HebbianDAM(2), np.ones((0, 4), int)), "must be .P, N."),
        (lambda: pspin_ground_state(PSpin(2), True, np.ones(1)), "size=True"),
        (lambda: pspin_ground_state(PSpin(2), 25, np.ones(300)), "size=25"),
        (lambda: pspin_ground_state(HebbianDAM(2), 3, np.ones(3)), "must be a model such as PSpin"),
    ],
)  # fmt: skip
def test_the_first_that_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


@pytest.mark.parametrize("bits", [10, 14, 18])
def test_a_law_is_computed_on_the_shortest_lattice_that_holds_it(bits):
    """Fair steps ±v: no lattice below what the standard deviation needs, and the least power of two above 15 of them."""
    step = np.array([2.0 ** (bits - 8)])
    deviation = 8 * step[0]  # of 64 steps
    length = _lattice_length(step, np.ones(1), 64, 10.0)
    assert 14 * deviation < length <= 36 * deviation and length & (length - 1) == 0
    assert _lattice_length(step, np.ones(1), 64, 100 * deviation) > length  # which must hold the signal too
    assert _lattice_length(step * 2.0 ** (24 - bits), np.ones(1), 64, 10.0) is None
    assert _lattice_length(step, np.ones(1), 64, 2.0**21) is None


def test_without_other_patterns_only_a_negative_signal_errs():
    from dammech.exact.bit_error import _by_inversion

    found = [_by_inversion(np.ones(1), np.ones(1), 0, signal, 0.0, 0.0).probability for signal in (-0.5, 0.0, 0.5, 1.0)]
    assert found == [1.0, 0.0, 0.0, 0.0]
