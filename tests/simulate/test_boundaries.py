"""Options at their borders: the last value that is accepted and the first that is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.simulate import Chain, anneal, basin, simulate, temper
from dammech.simulate.flips import flip_energy
from dammech.simulate.inputs import checked_count, checked_numbers, checked_overlap, checked_patterns, checked_sizes
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.sampler import (
    clipped_signal,
    delta_rule,
    dream,
    dreaming_step,
    exponential_step,
    forgetting_curve,
)
from dammech.systems.palimpsest.sampler.rehearsal import rehearsal_counts
from dammech.systems.pspin.model import PSpin

MEMORY = {"load": 0.1, "temperature": 0, "size": 20, "trials": 1}
COLD = {"load": 0.1, "size": 20, "sweeps": 1, "trials": 1}
GLASS = {"temperatures": [0.5, 1.0], "size": 6, "samples": 2, "sweeps": 64}
NEXT = np.nextafter



def stream(weights):
    return forgetting_curve(HebbianDAM(2), weights, ages=[0], size=9, trials=1)


def weighted(weights):
    patterns, words = np.ones((2, 9), np.int8), np.arange(1, 5, dtype=np.uint64)
    return Chain(HebbianDAM(2), patterns, patterns[0], 0.5, "glauber", words, weights=weights)


PAIRS = {
    "size of order 4": (lambda v: checked_sizes(v, HebbianDAM(4)), 4, 3, "size=3"),
    "size of order 2": (lambda v: checked_sizes(v, HebbianDAM(2)), 2, 1, "size=1"),
    "largest size": (lambda v: checked_sizes(v, HebbianDAM(2)), 32_000, 32_001, "size=32001"),
    "order": (lambda v: simulate(HebbianDAM(v), **MEMORY | {"load": 1e-9 * 20.0 ** (10 - v) / 0.4}), 10, 11, "order=11"),
    "overlap": (lambda v: checked_overlap(v), 1.0, NEXT(1, 2), "overlap="),
    "negative overlap": (lambda v: checked_overlap(v), -1.0, NEXT(-1, -2), "overlap="),
    "temperature": (lambda v: checked_numbers("temperature", v), 0.0, -5e-324, "temperature="),
    "finite": (lambda v: checked_numbers("load", v), 1.7e308, math.inf, "load=inf"),
    "count": (lambda v: checked_count("trials", v), 1, 0, "trials=0"),
    "seed": (lambda v: checked_count("seed", v, least=0), 0, -1, "seed=-1"),
    "one pattern": (lambda v: checked_patterns(HebbianDAM(2), v, 20), 0.0251, 0.0249, "no pattern"),
    "sweeps of tempering": (lambda v: temper(PSpin(2), **GLASS | {"sweeps": v}), 64, 63, "sweeps=63"),
    "samples": (lambda v: temper(PSpin(2), **GLASS | {"samples": v}), 2, 1, "samples=1"),
    "ladder": (lambda v: temper(PSpin(2), **GLASS | {"temperatures": v}), [0.5, 0.6], [0.5], "temperatures=[0.5]"),
    "order of a glass": (lambda v: temper(PSpin(v), **GLASS), 3, 4, "order=4"),
    "size of a glass": (lambda v: temper(PSpin(3), **GLASS | {"size": v}), 3, 2, "size=2"),
    "schedule": (lambda v: anneal(HebbianDAM(2), load=0.1, size=20, sweeps=1, trials=1, temperatures=v), [0.2, 0.2], [0.2, 0.21],
                 "hot to cold"),
    "coldest": (lambda v: anneal(HebbianDAM(2), load=0.1, size=20, sweeps=1, trials=1, temperatures=v), [5e-324], [0.0], "> 0"),
    "overlaps": (lambda v: basin(HebbianDAM(2), load=0.1, temperature=0, size=20, overlaps=v, sweeps=1, trials=1), [0.5], [],
                 "overlaps is an empty"),
    "rate": (lambda v: delta_rule(2, rate=v, ages=[0], size=3, trials=1, probes=1), 1.9, 2.0, "rate=2.0"),
    "slow rate": (lambda v: delta_rule(2, rate=v, ages=[0], size=3, trials=1, probes=1), 0.01, 0.0, "rate=0.0"),
    "size of a rule": (lambda v: delta_rule(3, rate=1.0, ages=[0], size=v, trials=1, probes=1), 3, 2, "size=2"),
    "order of a rule": (lambda v: delta_rule(v, rate=1.0, ages=[0], size=3, trials=1, probes=1), 2, 1, "order=1"),
    "bound": (lambda v: clipped_signal(2, bound=v, ages=[0], size=3, trials=1), 1, 0, "bound=0"),
    "size of couplings": (lambda v: clipped_signal(3, bound=1, ages=[0], size=v, trials=1), 3, 2, "size=2"),
    "age": (lambda v: clipped_signal(2, bound=1, ages=[v], size=3, trials=1), 0, -1, "ages=-1"),
    "oldest": (lambda v: forgetting_curve(HebbianDAM(2), np.ones(4), ages=[v], size=9, trials=1), 3, 4, "ages=4"),
    "index": (lambda v: exponential_step(exponent=1, size=9, patterns=4, indices=[v], trials=1), 4, 5, "indices=5"),
    "first index": (lambda v: exponential_step(exponent=1, size=9, patterns=4, indices=[v], trials=1), 1, 0, "indices=0"),
    "exponent": (lambda v: exponential_step(exponent=v, size=9, patterns=4, indices=[1], trials=1), 0, -1e-300, "exponent="),
    "sharpness": (lambda v: exponential_step(exponent=1, size=10, patterns=4, indices=[1], trials=1, sharpness=v), 59.9, 60.0,
                  "sharpness=60.0"),
    "no sharpness": (lambda v: exponential_step(exponent=1, size=10, patterns=4, indices=[1], trials=1, sharpness=v), 1e-9, 0.0,
                     "sharpness=0.0"),
    "time": (lambda v: dreaming_step(0.1, time=v, size=20, trials=1), 0.0, -1e-300, "time="),
    "load of dreams": (lambda v: dreaming_step(v, time=0.1, size=20, trials=1), 0.0251, 0.0249, "load="),
    "rehearsals": (lambda v: rehearsal_counts(5, v, np.random.default_rng(0)), 0.0, -1e-300, "rehearsals="),
    "time of a dream": (lambda v: dream(np.eye(2), v), 0.0, -1e-300, "time="),
    "time of an endless dream": (lambda v: dream(np.eye(2), v), 1e300, math.inf, "time=inf"),
    "weights of a stream": (lambda v: stream(v), [1.0, 0.5], [1.0, math.nan], "finite numbers"),
    "weights that are drawn": (lambda v: stream(lambda rng: np.ones(v.pop())), [4, 4], [3, 4], "must be 4 finite numbers"),
    "weights of a chain": (lambda v: weighted(v), [1.0, 0.5], [1.0, math.nan], "finite numbers"),
    "workers of annealing": (lambda v: anneal(HebbianDAM(2), temperatures=[0.2], **COLD, workers=v), 1, 0, "workers=0"),
    "stream": (lambda v: rehearsal_counts(v, 1.0, np.random.default_rng(0)), 1, 0, "count=0"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_last_accepted_and_first_refused(name):
    call, last, first, words = PAIRS[name]
    assert call(last) is not None
    with pytest.raises(InputError) as caught:
        call(first)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_sizes_of_glasses_are_bounded(monkeypatch):
    from dammech.simulate.tempering.run import _plan

    monkeypatch.setattr("dammech.memory.free_memory", lambda: 10**15)
    for order, largest in ((2, 4096), (3, 256)):
        arguments = (None, [0.5, 1.0], largest, 64, 0, "random", "canonical")
        assert _plan(PSpin(order), *arguments)[0].size == largest
        with pytest.raises(InputError, match=f"size={largest + 1}"):
            _plan(PSpin(order), None, [0.5, 1.0], largest + 1, *arguments[3:])


def test_couplings_and_weights_that_can_be_held():
    """20,000,000 couplings and 50,000,000 weights are the most: refused before anything is made."""
    for size, fits in ((6325, True), (6326, False)):  # N (N − 1)/2
        assert (math.comb(size, 2) <= 20_000_000) == fits
    with pytest.raises(InputError, match="size=6326"):
        clipped_signal(2, bound=1, ages=[0], size=6326, trials=1)
    assert 7071 * 7071 <= 50_000_000 < 7072 * 7072
    with pytest.raises(InputError, match="size=7072"):
        delta_rule(2, rate=1.0, ages=[0], size=7072, trials=1)


def test_rounding_that_would_shift_an_energy_is_refused():
    """Order 10: the last size and load whose table is exact enough, and one beyond."""
    model = HebbianDAM(10)
    assert flip_energy(model, 100, 10**6).energy_error == 0
    with pytest.raises(InputError, match="beyond the allowed"):
        flip_energy(model, 100, 10**12)
