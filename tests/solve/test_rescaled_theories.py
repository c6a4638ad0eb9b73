"""A system whose axes are not those of its theory: any, by what its part ``answers`` says."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest

import dammech as dm
from dammech.declared.rescaled import Rescaled
from dammech.equations import Theory
from dammech.errors import InputError
from dammech.solve.models import solve_model
from dammech.solve.rescaled import Seen

STRENGTH = 0.5
MEMORY = dm.HebbianDAM(3)


def seen(target, *, load, temperature):
    """A memory of half the couplings."""
    scale = Rescaled(STRENGTH)
    at = {name: scale.plain(name, value) for name, value in (("load", load), ("temperature", temperature))}
    lost = "too many" if load > 1 else None
    own = {"load": load, "temperature": temperature, "strength": STRENGTH}
    return Seen(own, Theory.of(MEMORY, target.ansatz), at, scale, lost, "lost" if lost else None)


def line(target, name, given):
    return lambda temperature: {"temperature": temperature, "load": 2 * temperature, "converged": True, "m": 1.0}


@pytest.fixture
def halved(monkeypatch):
    own = SimpleNamespace(seen=seen, line=line, LINES={"double": "the load is twice the temperature"})
    for room in ("solve.branches", "phases.boundary"):
        monkeypatch.setattr(import_module(f"dammech.{room}"), "answers_of", lambda model: own)
    return dm.HebbianDAM(3)


@pytest.mark.parametrize("convention", ["canonical", "gardner"])
def test_states_are_those_of_the_other_theory(halved, convention):
    found = dm.solve(halved, load=[0.002, 0.01], temperature=0.1, convention=convention)
    alone = [_alone(a, convention) for a in (0.002, 0.01)]
    assert found.grid == {"load": 2} and found["m"] == pytest.approx([x["m"] for x in alone], rel=1e-12)
    assert found["energy"] == pytest.approx([STRENGTH * x["energy"] for x in alone], rel=1e-12)
    assert found["load"].tolist() == [0.002, 0.01] and found[0]["strength"] == STRENGTH


def _alone(load, convention):
    target = Theory.of(MEMORY)
    (state,) = solve_model(target, load / STRENGTH**2, 0.1 / STRENGTH, None, convention, target)
    return state


def test_what_is_lost_and_what_is_refused(halved):
    gone = dm.solve(halved, load=2.0, temperature=0.1, throw=False)
    assert (gone.status, gone.why, gone.code, gone.branch) == ("no-state", "too many", "lost", "retrieval")
    for given, words in (
        ({"temperature": 0.1, "speed": 1}, "^speed: a hebbian takes load, temperature and branch only"),
        ({"load": 0.1}, "^temperature is missing"),
        ({"temperature": -1, "load": 0.1}, "temperature=-1"),
    ):
        with pytest.raises(InputError, match=words):
            dm.solve(halved, **given)


def test_lines_are_those_that_it_names(halved):
    found = dm.boundary(halved, "double", temperatures=[0.1, 0.2], convention="gardner")
    unit = halved.convention("gardner")
    assert found.grid == {"temperature": 2} and found["temperature"].tolist() == [0.1, 0.2]
    assert found["load"] == pytest.approx([2 * T * unit.temperature / unit.load for T in (0.1, 0.2)])
    with pytest.raises(InputError, match="line='at': a hebbian has double"):
        dm.boundary(halved, "at", temperatures=0.1)
