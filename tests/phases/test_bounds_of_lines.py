"""How many points a line or a diagram may have: the last number that is accepted and the first that is refused."""

from __future__ import annotations

import pytest

import dammech as dm
from dammech.errors import InputError
from dammech.phases import diagram
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
