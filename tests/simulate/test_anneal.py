"""Cooling of retrieval states against exact averages, descent against the landscape, and what is refused."""

import json
import math

import numpy as np
import pytest

from dammech.errors import InputError
from dammech.exact import energies, gibbs
from dammech.exact.enumeration import single_flip_energies
from dammech.simulate import anneal
from dammech.simulate.anneal import _Cooling, _stream
from dammech.simulate.chain import drawn_patterns
from dammech.simulate.flips import flip_energy
from dammech.simulate.tempering.ladder import unpacked
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.pspin.model import PSpin

GOOD = {"load": 0.02, "temperatures": (0.4, 0.2, 0.1), "size": 40, "sweeps": 20, "trials": 4}


def patterns_of(model, size, count, seed, index):
    what = (seed, model.p, model.interaction, size, count, index)
    return unpacked(drawn_patterns(_stream("anneal patterns", *what), size, count), count)


@pytest.mark.parametrize("model", [HebbianDAM(2), HebbianDAM(3), HebbianDAM(4, "power")], ids=str)
def test_a_well_loaded_memory_is_kept_and_an_overloaded_one_is_lost(model):
    kept = anneal(model, load=0.004 if model.p == 4 else 0.02, temperatures=(0.3, 0.15), size=100, trials=8).points[0]
    assert kept.m > 0.97 and kept.retained == 1 and kept.cooling_retained == (1.0, 1.0) and kept.greedy_m > 0.97
    lost = anneal(model, load=[0.6], temperatures=(0.8, 0.4, 0.2), size=60, trials=8, retained_above=0.9).points[0]
    assert lost.retained == 0 and lost.m < 0.6
    assert lost.energy < lost.greedy_energy  # cooling finds deeper states than descent


def test_states_at_rest_are_local_minima_of_the_landscape():
    model, size, count = HebbianDAM(3), 12, 30
    table = flip_energy(model, size, count)
    cooling = _Cooling(model, size, count, (0.5, 0.2), 10, 3, table)
    for index in range(5):
        patterns = patterns_of(model, size, count, 3, index)
        levels = energies(model, patterns) + (count - 1) * model.mean_pattern_energy(size)
        costs = np.array([single_flip_energies(levels)(i) for i in range(size)])
        at_rest = levels[(costs >= -1e-12).all(axis=0)]
        _, cooled, greedy = cooling.trial(index)
        for _, energy, rests in (cooled, greedy):
            assert rests
            assert np.abs(at_rest - energy).min() < 1e-12
        start = levels[int((1 << np.arange(size)) @ (patterns[0] < 0))]
        assert greedy[1] <= start + 1e-12


def test_slow_cooling_of_a_small_system_ends_in_equilibrium():
    """⟨m⟩ at the last temperature against enumeration of the same pattern sets; another temperature is rejected."""
    model, size, trials = HebbianDAM(3), 10, 24
    count = model.patterns_for(0.02, size)
    cooling = _Cooling(model, size, count, (0.6, 0.4), 20_000, 2, flip_energy(model, size, count))
    cooled = np.array([cooling.trial(k)[0][-1] for k in range(trials)])
    sets = [patterns_of(model, size, count, 2, k) for k in range(trials)]

    def score(temperature):
        gap = cooled - [gibbs(model, patterns, temperature).overlap[0] for patterns in sets]
        return abs(gap.mean()) / (gap.std(ddof=1) / math.sqrt(trials))

    assert score(0.4) < 4 < 6 < score(0.44)


def test_pattern_sets_and_descent_do_not_depend_on_the_schedule():
    one = anneal(HebbianDAM(3), **{**GOOD, "load": 0.15}).points[0]
    other = anneal(HebbianDAM(3), **{**GOOD, "load": 0.15, "temperatures": (0.6, 0.3)}).points[0]
    assert one.greedy_overlaps == other.greedy_overlaps and one.overlaps != other.overlaps


def test_threads_and_company_do_not_matter():
    settings = {"temperatures": (0.4, 0.1), "sweeps": 10, "trials": 5, "seed": 7}
    many = anneal(HebbianDAM(3), load=[0.1, 0.2], size=[30, 41], workers=2, **settings)
    assert [(point.size, point.patterns) for point in many.points] == [(30, 90), (30, 180), (41, 168), (41, 336)]
    again = anneal(HebbianDAM(3), load=0.2, size=41, workers=1, **settings).points[0]
    assert again == many.points[3]
    other = anneal(HebbianDAM(3), load=0.2, size=41, **settings | {"seed": 8}).points[0]
    assert other.overlaps != again.overlaps


def test_the_document_and_its_units():
    canonical = anneal(HebbianDAM(3), **{**GOOD, "load": 0.1})
    document = canonical.to_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    point = document["points"][0]
    assert point["m"] == pytest.approx(np.mean(point["overlaps"])) and len(point["overlaps"]) == 4
    assert point["retained"] == np.mean(np.array(point["overlaps"]) > point["retained_above"])
    assert len(point["cooling_m"]) == len(point["cooling_retained"]) == 3
    paper = anneal(
        HebbianDAM(3), **{**GOOD, "load": 0.6, "temperatures": (1.2, 0.6, 0.3)}, convention="theriault-tantari"
    ).points[0]
    assert paper.load == pytest.approx(0.6) and paper.greedy_overlaps == canonical.points[0].greedy_overlaps
    assert paper.greedy_energy == pytest.approx(3 * canonical.points[0].greedy_energy)


def test_temperatures_and_energies_are_in_units_of_the_convention():
    """At order 4 a temperature of 1 is 4 of the convention in which the retrieval energy is −N m⁴, to the last digit."""
    settings = {"load": 0.1, "size": 12, "sweeps": 10, "trials": 4, "seed": 3}
    ours = anneal(HebbianDAM(4), temperatures=(0.5, 0.25), **settings).points[0]
    theirs = anneal(HebbianDAM(4), temperatures=(2.0, 1.0), convention="raw", **settings).points[0]
    assert theirs.temperatures == (2.0, 1.0) and theirs.load == ours.load
    assert theirs.cooling_m == ours.cooling_m and theirs.overlaps == ours.overlaps
    assert theirs.energy == pytest.approx(4 * ours.energy) and theirs.greedy_energy == pytest.approx(4 * ours.greedy_energy)


BAD = [
    ({"temperatures": (0.1, 0.2)}, "from hot to cold"),
    ({"temperatures": (0.1, 0.0)}, "temperatures=[0.1, 0.0]"),
    ({"temperatures": ()}, "temperatures is an empty"),
    ({"temperatures": (math.nan,)}, "temperatures=nan"),
    ({"load": 0.0}, "no pattern"),
    ({"load": None}, "load is missing"),
    ({"size": 1}, "size=1"),
    ({"sweeps": 0}, "sweeps=0"),
    ({"trials": 0}, "trials=0"),
    ({"seed": -1}, "seed=-1"),
    ({"retained_above": 2}, "retained_above=2"),
    ({"convention": "imperial"}, "convention='imperial'"),
]


@pytest.mark.parametrize("change,words", BAD, ids=[words for _, words in BAD])
def test_bad_input_is_one_clear_sentence(change, words):
    with pytest.raises(InputError) as caught:
        anneal(HebbianDAM(3), **{**GOOD, **change})
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_glass_has_nothing_to_retain():
    with pytest.raises(InputError, match="Hebbian"):
        anneal(PSpin(3), **GOOD)
