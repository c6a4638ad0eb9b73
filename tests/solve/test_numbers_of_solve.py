"""What stands beside the order parameters of a solution, by closed forms."""

from __future__ import annotations

import pytest

import dammech as dm
from dammech.solve import landscape


@pytest.mark.parametrize(("load", "temperature"), [(0.03, 0.3), (0.05, 0.2)])
def test_the_noise_overlap_of_amit_gutfreund_sompolinsky(load, temperature):
    """r = q/(1 − β(1 − q))², and nothing else stands beside it."""
    state = dm.solve(dm.HebbianDAM(2), load=load, temperature=temperature)
    q = state["q"]
    assert state.extra["r"] == pytest.approx(q / (1 - (1 - q) / temperature) ** 2, rel=1e-9)
    assert state["r"] == state.to_json()["r"] == state.extra["r"] and list(state.extra) == ["r"]


def test_the_glass_at_equilibrium_has_no_complexity():
    state = dm.solve(dm.PSpin(order=3), temperature=0.5, ansatz="1rsb")
    assert state.extra["complexity"] == pytest.approx(0.0, abs=1e-9)
    assert state.extra["replicon_q0"] == 1.0 and state.replicon == min(state.extra[f"replicon_q{k}"] for k in (0, 1))


def test_a_landscape_is_of_the_point_that_was_asked_for():
    curve = landscape(dm.HebbianDAM(2), load=0.03, temperature=0.3, m=[0.0, 0.9])
    assert (curve.load, curve.temperature, curve.m.tolist()) == (0.03, 0.3, [0.0, 0.9])


@pytest.mark.slow
def test_a_landscape_converts_its_units():
    paper = landscape(dm.HebbianDAM(3), load=0.18, temperature=0.9, m=[0.9], convention="theriault-tantari")
    ours = landscape(dm.HebbianDAM(3), load=0.03, temperature=0.3, m=[0.9])
    assert (paper.load, paper.temperature) == (0.18, 0.9)
    assert paper.free_energy == pytest.approx(3 * ours.free_energy, rel=1e-9) and paper.q == pytest.approx(ours.q)
