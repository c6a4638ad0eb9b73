"""How many points a line or a diagram may have: the last number that is accepted and the first that is refused."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import numpy as np
import pytest

import dammech as dm
from dammech.equations import Theory
from dammech.errors import InputError
from dammech.phases import diagram, levels, saddles
from dammech.phases.points import check_points


def test_points_of_a_line():
    check_points(None)
    check_points(1)
    check_points(100_000)
    for points in (0, 100_001, 2.5, True):
        with pytest.raises(InputError, match="must be an integer of at least 1 and at most 100000"):
            dm.boundary(dm.HebbianDAM(2), "spin-glass", points=points)
    with pytest.raises(InputError, match="at least 2 and"):
        check_points(1, 2)


def test_points_of_a_diagram(monkeypatch):
    for points in (1, 10_001):
        with pytest.raises(InputError, match="must be an integer of at least 2 and at most 10000"):
            dm.phase_diagram(dm.HebbianDAM(2), points=points)
    asked = []
    monkeypatch.setattr(diagram, "_symmetric", lambda model, name, before, points, convention: asked.append(points) or [])
    monkeypatch.setattr(diagram, "regions_between", lambda lines, names: [])
    for points in (2, 10_000):
        dm.phase_diagram(dm.HebbianDAM(2), points=points)
    assert asked == [2, 10_000]


@pytest.mark.parametrize("points", [None, 3])
def test_a_line_has_fifty_points_where_no_number_is_given(monkeypatch, points):
    asked = []
    lines = importlib.import_module("dammech.phases.models")
    monkeypatch.setattr(lines, "_whole_range", lambda definition, n: asked.append(n) or np.array([0.5]))
    monkeypatch.setattr(lines, "broken_range", lambda target, line, n, whole: asked.append(n) or np.array([0.5]))
    monkeypatch.setattr(lines, "broken_points", lambda *arguments: [])
    dm.boundary(dm.HebbianDAM(2), "spin-glass", points=points)
    dm.boundary(dm.HebbianDAM(2), "retrieval-spinodal", ansatz="1rsb", points=points)
    assert asked == [points or 50] * 2


@pytest.mark.parametrize("output", [None, "replicon"])
def test_zeros_along_a_strand_are_guessed_by_straight_lines(output):
    """The value is 2 p - 3 u, with u = p² on the strand; where two values are zero the middle is taken."""
    p = np.array([[0.0, 0.0], [0.0, 0.5], [0.6, 0.9], [1.0, np.nan]])[None]
    u = p**2

    def value(u, p):
        return 2 * p[0] - 3 * u[0]

    part = SimpleNamespace(system=SimpleNamespace(residual=lambda u, p: np.array([9 + 0 * p[0], value(u, p)])),
                           state=SimpleNamespace(outputs=lambda u, p: {"replicon": value(u, p)}))  # fmt: skip
    found = saddles._zeros(part, SimpleNamespace(u=u, p=p), output)
    low, high = 2 * 0.6 - 3 * 0.36, 2 * 1.0 - 3.0
    t, s = low / (low - high), 0.25 / (0.25 + 0.63)
    expected = [(0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.6 + 0.4 * t, 0.36 + 0.64 * t), (0.5 + 0.4 * s, 0.25 + 0.56 * s)]
    assert np.array(sorted((b[0], a[0]) for a, b in found)) == pytest.approx(np.array(sorted(expected)))


def test_a_hierarchy_above_zero_is_followed_from_zero(monkeypatch):
    followed = []
    monkeypatch.setattr(levels, "_followed_spinodal", lambda model, steps, temperature: followed.append(temperature))
    for temperature in (1e-6, 0.5, 2.0):
        assert levels.level_spinodal.__wrapped__(dm.HebbianDAM(2), 2, temperature=temperature) is None
    assert followed == [1e-6, 0.5, 2.0]
    monkeypatch.setattr(levels, "spinodal", lambda target: SimpleNamespace(ground=lambda: None))
    assert levels.level_spinodal.__wrapped__(dm.HebbianDAM(2), 2, temperature=0.0) is None and len(followed) == 3


@pytest.mark.parametrize("line", ["retrieval-spinodal", "thermodynamic", "at", "zero-entropy", "spin-glass"])
@pytest.mark.parametrize("order", [2, 3])
def test_a_record_at_zero_temperature_is_one_of_zero_temperature(line, order):
    lines, target = importlib.import_module("dammech.phases.models"), Theory.of(dm.HebbianDAM(order))
    assert lines._at_zero(target, line, lines._definition(target, line, None))["temperature"] == 0.0


@pytest.mark.parametrize(("line", "order"), [("nishimori", 3), ("zero-entropy", 3), ("nishimori", 4), ("zero-entropy", 4)])
def test_lines_that_end_at_the_origin_are_recorded_there(line, order):
    lines, target = importlib.import_module("dammech.phases.models"), Theory.of(dm.HebbianDAM(order))
    found = lines._at_zero(target, line, lines._definition(target, line, None))
    known = {"temperature": 0.0, "load": 0.0, "load_error": 0.0, "m": 1.0, "q": 1.0, "residual": 0.0}
    assert {name: found[name] for name in known} == known and found["converged"] is found["valid"] is True
