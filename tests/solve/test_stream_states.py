"""States of a pattern of a given age: scaling theorem, the weighted theory, limits and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dammech.equations import Theory
from dammech.errors import InputError, NotConverged
from dammech.solve import solve
from dammech.solve.declared import find
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.palimpsest.model import PalimpsestDAM

FULL, PAIR = PalimpsestDAM(order=3, interaction="power"), PalimpsestDAM(order=2)


@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_scaling_theorem_against_the_weighted_theory(temperature):
    """Solved through the uniform memory, and with the weighted saddle equations themselves."""
    state = solve(FULL, rate=12.0, age=0.02, temperature=temperature)
    weight = math.exp(-12.0 * 0.02)
    assert state["weight"] == pytest.approx(weight) and state["effective_load"] == pytest.approx(1 / 24)
    p = np.array([[1 / 24], [temperature], [weight]])[[0, 2] if temperature == 0 else [0, 1, 2]]
    direct = find(Theory.of(FULL), "retrieval", "zero" if temperature == 0 else "finite", p)
    assert direct.found[0]
    names = ("m", "C") if temperature == 0 else ("m", "q")
    assert [state[n] for n in names] == pytest.approx(direct.u[:, 0].tolist(), rel=1e-10)
    outputs = direct.outputs()
    for name in ("free_energy", "entropy", "energy"):
        if name in outputs:
            assert state[name] == pytest.approx(outputs[name][0], rel=1e-10)


def test_newest_pattern_of_a_slow_stream_is_the_hebbian_memory():
    stream = solve(FULL, rate=1e-9, load=0.05, temperature=0.2)
    plain = solve(FULL.memory, load=0.05, temperature=0.2)
    assert stream["m"] == pytest.approx(plain["m"], rel=1e-8)
    still = solve(FULL, rate=0.0, load=0.05, temperature=0.2)
    assert still["m"] == plain["m"] and still.free_energy == plain.free_energy


def test_order_two():
    """Printed overlaps at T = 0, ε = 8.4365: .9912 at 0.9 w and .973 at w."""
    window = 0.0489585
    near, edge = (solve(PAIR, rate=8.4365, age=x * window, temperature=0) for x in (0.9, 0.9999))
    assert near["m"] == pytest.approx(0.9912, abs=2e-4) and edge["m"] == pytest.approx(0.973, abs=1.5e-3)
    for rate, printed in ((3.5, 0.984), (4.5, 0.9966)):
        assert solve(PAIR, rate=rate, temperature=0)["m"] == pytest.approx(printed, abs=6e-4)
    buffer = solve(PalimpsestDAM(order=2, kernel="hard-buffer"), rate=20.0, temperature=0.1)
    plain = solve(HebbianDAM(order=2), load=0.05, temperature=0.1)
    assert buffer["m"] == pytest.approx(plain["m"], rel=1e-10)
    assert buffer.free_energy == pytest.approx(plain.free_energy, rel=1e-10)


def test_beyond_the_window():
    old = solve(PAIR, rate=8.4, age=0.06, temperature=0, throw=False)
    assert not old.converged and old["m"] is None and old["weight"] < 0.66
    with pytest.raises(NotConverged):
        solve(FULL, rate=16.0, age=0.04, temperature=0.0)
    gone = solve(PalimpsestDAM(order=3, kernel="hard-buffer"), rate=20.0, age=0.1, temperature=0.1, throw=False)
    assert not gone.converged and "left the memory" in gone.why


def test_grids_branches_and_documents():
    grid = solve(FULL, rate=[10.0, 16.0], age=[0.0, 0.01], temperature=0.2)
    assert len(grid) == 4 and grid["m"].shape == (2, 2) and grid["m"][0, 0] > grid["m"][0, 1]
    document = grid[1].to_json()
    assert document["model"]["name"] == "palimpsest" and document["age"] == 0.01 and document["load"] is None
    glass = solve(PAIR, rate=8.4, temperature=0.1, branch="spin-glass")
    assert glass["m"] == 0 and glass["q"] > 0.5
    broken = solve(FULL, rate=12.0, age=0.0, temperature=0.2, ansatz="1rsb")
    assert broken.ansatz == "rs" and broken["m"] == pytest.approx(solve(FULL, rate=12.0, temperature=0.2)["m"])
    raw = solve(FULL, rate=12.0, age=0.01, temperature=0.6, convention="raw")
    assert raw["m"] == pytest.approx(solve(FULL, rate=12.0, age=0.01, temperature=0.2)["m"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: solve(FULL, temperature=0.1), "rate is missing"),
        (lambda: solve(FULL, rate=1.0), "temperature is missing"),
        (lambda: solve(FULL, rate=0.0, temperature=0.1), "without forgetting has no finite noise"),
        (lambda: solve(FULL, rate=1.0, load=0.1, age=0.2, temperature=0.1), "age=0.2: must not be above the load"),
        (lambda: solve(FULL, rate=1.0, temperature=0.1, speed=1.0), "speed: a palimpsest takes"),
        (lambda: solve(PAIR, rate=9.0, load=0.1, temperature=0.1), "endless streams only"),
        (lambda: solve(PAIR, rate=9.0, temperature=0.1, ansatz="1rsb"), "only rs is derived"),
        (lambda: solve(PAIR, rate=9.0, temperature=0.1, branch="glass"), "branch='glass'"),
        (lambda: solve(PalimpsestDAM(order=3, kernel="rehearsal"), load=0.1, rate=1.0, temperature=0.1), "rehearsal has neither"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_order_two_has_a_paramagnet_above_zero_and_none_at_zero():
    warm, glass = (solve(PAIR, rate=8.4, temperature=T, branch=b) for T, b in ((1.5, "paramagnetic"), (0.1, "spin-glass")))
    assert warm.status == glass.status == "converged" and warm["q"] == 0 < glass["q"] < 1
    assert warm["m"] == pytest.approx(0, abs=1e-12) == glass["m"]
    cold = solve(PAIR, rate=8.4, temperature=0, branch="paramagnetic", throw=False)
    assert (cold.status, cold.why) == ("no-state", "there is no paramagnetic state at T = 0")
    assert solve(PAIR, rate=8.4, temperature=0, branch="spin-glass").status == "converged"
