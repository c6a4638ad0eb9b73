"""The fewest examples with which archetypes are learned, against the capacity as a function of their number."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import dammech as dm
from dammech.errors import InputError, NotConverged
from dammech.systems.examples import images
from dammech.systems.examples.images import minimal_examples
from dammech.systems.examples.model import ExampleDAM

MODEL = ExampleDAM(3, "unsupervised", quality=0.8, examples=1)


def capacity(many):
    return dm.boundary(MODEL.of_many(many), "retrieval-spinodal", temperatures=[0.1]).points[0]["load"]


def test_the_number_found_is_where_the_capacity_passes_the_load():
    """Six hold the load, as do seven, and five do not; one alone does, as a pattern, and two do not."""
    load = (capacity(5) + capacity(6)) / 2
    many, state = minimal_examples(MODEL, load, 0.1, learned_above=1e-3)
    assert many == 6 and max(capacity(2), capacity(5)) < load < min(capacity(1), capacity(6), capacity(7))
    assert state["m"] == dm.solve(MODEL.of_many(6), load=load, temperature=0.1)["m"]


def test_where_no_number_suffices_perfect_examples_say_why():
    many, state = minimal_examples(MODEL, 0.2, 0.1)
    assert many is None and state.status == "no-state" and "load=0.2 is above" in state.why
    hebb = dm.solve(dm.HebbianDAM(3), load=0.05, temperature=0.1)["m"]
    many, state = minimal_examples(MODEL, 0.05, 0.1, learned_above=hebb + 1e-6)
    assert many is None and state["m"] == pytest.approx(hebb, rel=1e-12)


@pytest.mark.parametrize("needed", [1, 2, 3, 7, 8, 9, 1000, 12345])
@pytest.mark.parametrize("accident", [False, True])
def test_a_lucky_number_is_passed_over(monkeypatch, needed, accident):
    """A state of two less than what is needed is there by accident, without that of one less."""

    class State(dict):
        def __init__(self, model, **at):
            many = model.examples or round((1 / 0.64 - 1) / model.dataset_entropy)
            self.converged = model.quality == 1 or many >= needed or (accident and many == needed - 2)
            self.status = "converged" if self.converged else "no-state"
            self["m"] = 0.95

    monkeypatch.setattr(images, "solve", State)
    assert minimal_examples(MODEL, 0.02)[0] == needed


def test_a_state_of_which_nothing_is_known_is_no_answer(monkeypatch):
    lost = SimpleNamespace(status="not-converged", converged=False, why="a search found none")
    monkeypatch.setattr(images, "solve", lambda model, **at: lost)
    with pytest.raises(NotConverged, match=r"quality=1.0, examples=1.*a search found none"):
        minimal_examples(MODEL, 0.02)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": dm.HebbianDAM(3)}, "must be an ExampleDAM with a quality"),
        ({"model": ExampleDAM(3, dataset_entropy=0.1)}, "must be an ExampleDAM with a quality"),
        ({"load": 0.0}, "load=0.0: must be"), ({"load": float("nan")}, "load=nan: must be"), ({"load": "x"}, "load='x': must be"),
        ({"temperature": -1}, "temperature=-1: must be"), ({"ansatz": "rsb"}, "ansatz='rsb'"),
        ({"learned_above": 0}, "learned_above=0: must be"), ({"learned_above": 1.0}, "learned_above=1.0: must be"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(change, words):
    with pytest.raises(InputError) as error:
        minimal_examples(**{"model": MODEL, "load": 0.02, **change})
    assert words in str(error.value) and "\n" not in str(error.value)
