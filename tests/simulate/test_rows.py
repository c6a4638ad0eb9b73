"""Spins among examples against literal sums over all states, and the data that they are among."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.simulate.rows import RowChain
from dammech.systems.examples.model import ExampleDAM
from dammech.systems.examples.sampler import draw, examples_of, experiment

SIZE = 8


def energy(spins, rows, unit, p):
    sets = list(itertools.combinations(range(SIZE), p))
    total = sum(np.prod([row[i] * spins[i] for i in s]) for row in rows for s in sets)
    return -math.factorial(p - 1) / SIZE ** (p - 1) * unit**p * total


def chain(p, dynamics="glauber", temperature=0.8):
    rng = np.random.default_rng(p)
    rows, spins = rng.integers(-3, 4, (5, SIZE)), rng.choice([-1, 1], SIZE)
    return RowChain(p, rows, 0.4, spins, temperature, dynamics, np.array([1, 2, 3, 4], np.uint64), rows[0] / SIZE), rows


@pytest.mark.parametrize("p", [2, 3, 4])
def test_energies_are_literal_sums(p):
    moving, rows = chain(p)
    series = moving.run(50)
    assert series.energy[-1] == pytest.approx(energy(moving.spins, rows, 0.4, p), abs=1e-12)
    assert series.overlap[-1] == pytest.approx(rows[0] @ moving.spins / SIZE, abs=1e-12)
    here = energy(moving.spins, rows, 0.4, p)
    for i, cost in enumerate(moving.flip_energies()):
        turned = moving.spins * np.where(np.arange(SIZE) == i, -1, 1)
        assert cost == pytest.approx(energy(turned, rows, 0.4, p) - here, abs=1e-12)


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
@pytest.mark.parametrize("p", [2, 3, 4])
def test_chains_sample_the_gibbs_law(p, dynamics):
    moving, rows = chain(p, dynamics)
    states = np.array(list(itertools.product([-1, 1], repeat=SIZE)))
    energies = np.array([energy(s, rows, 0.4, p) for s in states])
    weights = np.exp(-(energies - energies.min()) / 0.8)
    weights /= weights.sum()
    series = moving.run(40_000)
    blocks = series.energy.reshape(40, -1).mean(axis=1)
    assert abs(blocks.mean() - weights @ energies) < 4.5 * blocks.std(ddof=1) / 40**0.5


@pytest.mark.parametrize("p", [2, 3, 4])
def test_a_run_at_zero_temperature_ends_in_a_minimum(p):
    moving, _ = chain(p, "zero-temperature", 0.0)
    series = moving.run(100)
    assert series.period == 1 and (moving.flip_energies() >= -moving.tie).all()


@pytest.mark.parametrize("protocol", ["supervised", "unsupervised"])
def test_data_have_the_statistics_that_were_asked_for(protocol):
    model = ExampleDAM(3, protocol, quality=0.6, examples=5)
    data = draw(model, 40, np.random.default_rng(1), 500)
    assert len(data.rows) == (40 if protocol == "supervised" else 200)
    along = data.mean * data.archetype
    assert abs(along.mean() - 1) < 5 * (float(model.rho) / 500) ** 0.5
    assert abs((data.example * data.archetype).mean() - 0.6) < 5 * (0.64 / 500) ** 0.5
    square = (data.rows * data.unit).astype(float) ** 2
    expected = 1 + float(model.rho) if protocol == "supervised" else 5 ** (-2 / 3) / 0.36
    assert square.mean() == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(
    "changed, words",
    [(dict(order=5), "order=5"), (dict(rows=np.full((2, SIZE), 0.5)), "rows: must be integers"), (dict(unit=0.0), "unit=0"),
     (dict(rows=np.ones((2, 5))), "rows of 5"), (dict(target=np.ones(3)), "target of 3")],
)  # fmt: skip
def test_chains_refuse_what_they_are_not_made_for(changed, words):
    stream = np.array([1, 2, 3, 4], np.uint64)
    given = dict(order=2, rows=np.ones((2, SIZE)), unit=1.0, spins=np.ones(SIZE), temperature=1.0, dynamics="glauber",
                 stream=stream, target=np.ones(SIZE))  # fmt: skip
    with pytest.raises(InputError, match=words):
        RowChain(**{**given, **changed})


def test_what_cannot_be_simulated_is_said_in_one_sentence():
    assert examples_of(ExampleDAM(3, "unsupervised", quality=0.5, dataset_entropy=0.05)) == 60
    for model, words in (
        (ExampleDAM(5, dataset_entropy=0.1), "orders from 2 to 4"),
        (ExampleDAM(3, "unsupervised", quality=0.5, dataset_entropy=0.07), "needs a whole number of them"),
    ):
        with pytest.raises(InputError, match=words):
            experiment(model, {"load": 0.01, "temperature": 0.1}, size=32, dynamics="glauber", overlap=1.0, seed=1)
