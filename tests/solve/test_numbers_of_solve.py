"""What stands beside the order parameters of a solution, by closed forms."""

from __future__ import annotations

import numpy as np
import pytest

import dammech as dm
from dammech.equations import Theory
from dammech.errors import InputError
from dammech.solve import landscape
from dammech.solve.breaking import _without
from dammech.solve.broken import _close
from dammech.solve.equilibrium import Judgement
from dammech.solve.given import numbers
from dammech.solve.newton import _spread
from dammech.solve.states import disordered


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


@pytest.mark.parametrize(("shape", "refused"), [((), False), ((3,), False), ((1, 3), True), ((2, 1, 1), True)])
def test_parameters_of_a_free_energy_are_numbers_or_plain_sequences(shape, refused):
    value = np.full(shape, -0.5)
    if refused:
        with pytest.raises(InputError, match="not nested"):
            numbers("h", value)
    else:
        assert numbers("h", value).tolist() == [-0.5] * max(1, value.size)


@pytest.mark.parametrize(("replaced", "verdict", "words"), [(True, False, "replaces it"), (None, None, "may replace it")])
def test_a_state_that_is_replaced_or_may_be_says_which(monkeypatch, replaced, verdict, words):
    monkeypatch.setattr(Judgement, "_replaced", lambda self: [replaced, False])
    points = np.array([[0.5, 0.9]])
    judged = Judgement(Theory(dm.PSpin(3), "rs"), "paramagnetic", "cold", points, np.zeros(2), np.ones(2, dtype=bool)).verdicts
    assert judged[0][0] is verdict and judged[0][1] == f"a state with broken replica symmetry {words}"
    assert judged[1] == (True, None)


@pytest.mark.parametrize("short", [None, "a distinct state was found, but its error is large"])
def test_where_no_broken_state_was_found_the_reason_is_a_sentence(short):
    state = dm.solve(dm.HebbianDAM(2), load=0.03, temperature=0.3)
    found = _without(state, Theory(dm.HebbianDAM(2), "1rsb"), "retrieval", np.array([0.03, 0.3]), short)
    assert (short or "the search found no distinct 1rsb state") in found.why and found.converged


def test_a_guess_is_close_within_a_quarter_of_its_size():
    before = np.array([0.8, -0.4, 0.0])
    assert _close(before, before) and _close(before * 1.2, before) and not _close(before * 1.4, before)
    assert not _close(-before, before) and _close(before + 0.01, before) and not _close(before + 0.02, before)


@pytest.mark.slow
def test_a_landscape_converts_its_units():
    paper = landscape(dm.HebbianDAM(3), load=0.18, temperature=0.9, m=[0.9], convention="theriault-tantari")
    ours = landscape(dm.HebbianDAM(3), load=0.03, temperature=0.3, m=[0.9])
    assert (paper.load, paper.temperature) == (0.18, 0.9)
    assert paper.free_energy == pytest.approx(3 * ours.free_energy, rel=1e-9) and paper.q == pytest.approx(ours.q)


def test_a_document_has_what_its_model_has():
    """No overlap with a pattern where there are none, no age where nothing forgets."""
    glass = dm.solve(dm.PSpin(3), temperature=0.6, ansatz="1rsb")
    assert list(glass.values) == ["q0", "q1", "theta"] and "m" not in glass.to_json()
    told = dm.solve(dm.PalimpsestDAM(3, kernel="rehearsal"), load=0.02, temperature=0.2)
    assert (told.parameters["age"], told.parameters["rate"], told.parameters["weight"]) == (None, None, 1.0)
    streamed = dm.solve(dm.PalimpsestDAM(3), load=0.1, rate=11.0, temperature=0.05)
    assert (streamed.parameters["age"], streamed.parameters["rate"]) == (0.0, 11.0)


def test_the_paramagnet_of_some_points_and_the_random_field_of_others():
    """ξ = y³ has a term that is linear: without load the paramagnet has q = 0, with one q > 0."""
    points = np.array([[0.0, 0.01, 0.0], [1.0, 1.0, 0.7]])
    theory = Theory(dm.HebbianDAM(3, "power"), fixed=(("m", 0),))
    both = disordered(theory, points)
    assert both.found.all() and both.q[[0, 2]].tolist() == [0, 0] and both.q[1] > 1e-4
    alone = disordered(theory, points[:, 1:2])
    assert both.q[1] == pytest.approx(alone.q[0], rel=1e-9)


def test_errors_of_unknowns_where_some_slopes_are_no_numbers():
    matrices = np.array([[[2.0, 0.0], [0.0, -4e-30]], [[1.0, np.nan], [0.0, 1.0]], [[np.inf, 0.0], [0.0, 1.0]],
                         [[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]], [[1.0, 2.0], [3.0, 4.0]]])  # fmt: skip
    found = _spread(matrices, np.ones((6, 2)))
    assert found[0] == pytest.approx([0.5, 0.25e30]) and found[5] == pytest.approx([3.0, 2.0])
    assert np.isinf(found[1:5]).all()
